// The plain text of a body: what a finding's spans count in, by the same rule as the server's.
import { DEEPEST, parts } from "./tree";
import type { Tree, TreeNode } from "./types";

export const endsBlock = (tag: string | null, inside: string): boolean =>
  tag === "p" || tag === "pre" || (tag === "li" && !inside.endsWith("\n"));

export function textOf(node: TreeNode, depth = 0): string {
  if (typeof node === "string") return node;
  if (depth > DEEPEST) return "";
  const { tag, children } = parts(node);
  if (tag === "br") return "\n";
  const inside = children.map((child) => textOf(child, depth + 1)).join("");
  return endsBlock(tag, inside) ? `${inside}\n` : inside;
}

/** The body as plain text: the text that a finding's spans count in. */
export function plainText(tree: Tree): string {
  return tree.map((node) => textOf(node)).join("").replace(/\n+$/, "");
}
