// A comment's body, from its tree to nodes, by an allowlist: the only way a member's text reaches the screen, in widget
// and console alike. No HTML is parsed and no attribute is copied but a checked href. body.tsx draws it with marks.
import type { ComponentChildren, VNode } from "preact";
import type { Tree, TreeNode } from "./types";

const ALLOWED = new Set(["p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "mention"]);

/** Deeper than any sanitised body: what stands below is left out, so that no tree exhausts the stack. */
export const DEEPEST = 40;

/** The address when it is an absolute http, https or mailto one without user info, else undefined. */
export function safeHref(href: unknown): string | undefined {
  try {
    const { protocol, username, password } = new URL(href as string);
    return protocol === "mailto:" || (/^https?:$/.test(protocol) && !username && !password) ? String(href) : undefined;
  } catch {
    return undefined;
  }
}

/** A node's parts: its tag if it is one of ours, its attributes, its children. */
export function parts(node: TreeNode): { tag: string | null; attributes: Record<string, unknown>; children: TreeNode[] } {
  const [tag, ...rest] = node as unknown[];
  const isNode = (child: unknown): child is TreeNode => typeof child === "string" || Array.isArray(child);
  return {
    tag: ALLOWED.has(tag as string) ? tag as string : null,
    attributes: rest[0] && !isNode(rest[0]) ? rest[0] as Record<string, unknown> : {},
    children: rest.filter(isNode),
  };
}

/** `text` draws a text node, `entered` is told of each element on the way: both for marks. */
export interface Drawing {
  text: (value: string) => ComponentChildren;
  left: (tag: string | null, children: TreeNode[]) => void;
}

export function draw(node: TreeNode, drawing: Drawing | null, key: number, depth = 0): ComponentChildren {
  if (typeof node === "string") return drawing ? drawing.text(node) : node;
  if (depth > DEEPEST) return null;
  const { tag, attributes, children } = parts(node);
  const inside = tag === "br" ? null : children.map((child, at) => draw(child, drawing, at, depth + 1));
  drawing?.left(tag, children);
  return tag ? element(tag, attributes, inside, key) : inside;
}

function element(tag: string, attributes: Record<string, unknown>, children: ComponentChildren, key: number): VNode {
  const Tag = tag as "p";
  if (tag === "a") {
    const href = safeHref(attributes["href"]);
    return href ? <a key={key} href={href} rel="ugc nofollow noopener" target="_blank">{children}</a> : <span key={key}>{children}</span>;
  }
  if (tag === "mention") return <b key={key} class="mention" data-member={attributes["member"]}>{children}</b>;
  const start = tag === "ol" ? parseInt(attributes["start"] as string, 10) : NaN;
  return start >= 0 ? <ol key={key} start={start}>{children}</ol> : <Tag key={key}>{children}</Tag>;
}

/** The body's nodes. */
export const TreeBody = ({ tree }: { tree: Tree }): VNode => <>{tree.map((node, at) => draw(node, null, at))}</>;
