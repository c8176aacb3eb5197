// A comment's body, from its tree to nodes, by an allowlist: the only way a member's text reaches the screen, in widget
// and console alike. No HTML is parsed and no attribute is copied but a checked href. Marks are for moderators.
import type { ComponentChildren, VNode } from "preact";
import type { Span, Tree, TreeNode } from "./types";

const INLINE = ["br", "strong", "em", "del", "code", "a"] as const;
const BLOCK = ["p", "pre", "blockquote", "ul", "ol", "li"] as const;
const ALLOWED: ReadonlySet<string> = new Set([...INLINE, ...BLOCK]);
type Tag = (typeof INLINE)[number] | (typeof BLOCK)[number];

/** Deeper than any sanitised body: what stands below is left out, so that no tree exhausts the stack. */
const DEEPEST = 40;

/** The address when it is an absolute http, https or mailto one without user info, else undefined. */
export function safeHref(href: unknown): string | undefined {
  if (typeof href !== "string") return undefined;
  try {
    const { protocol, username, password } = new URL(href);
    if (protocol === "mailto:") return href;
    return /^https?:$/.test(protocol) && !username && !password ? href : undefined;
  } catch {
    return undefined;
  }
}

type Attributes = Record<string, unknown>;

/** A node's parts; nothing for what is no node of ours. */
function parts(node: TreeNode): { tag: Tag | null; attributes: Attributes; children: TreeNode[] } {
  const [tag, first, ...rest] = node as unknown[];
  const given = typeof first === "object" && first !== null && !Array.isArray(first);
  const children = first === undefined ? [] : given ? rest : [first, ...rest];
  return {
    tag: typeof tag === "string" && ALLOWED.has(tag) ? (tag as Tag) : null,
    attributes: given ? (first as Attributes) : {},
    children: children.filter((child): child is TreeNode => typeof child === "string" || Array.isArray(child)),
  };
}

const endsBlock = (tag: Tag | null, inside: string): boolean =>
  tag === "p" || tag === "pre" || (tag === "li" && !inside.endsWith("\n"));

function textOf(node: TreeNode, depth: number): string {
  if (typeof node === "string") return node;
  const { tag, children } = parts(node);
  if (tag === "br") return "\n";
  if (depth > DEEPEST) return "";
  const inside = children.map((child) => textOf(child, depth + 1)).join("");
  return endsBlock(tag, inside) ? `${inside}\n` : inside;
}

/** The body as plain text: the text that a finding's spans count in. */
export function plainText(tree: Tree): string {
  return tree.map((node) => textOf(node, 0)).join("").replace(/\n+$/, "");
}

/** Walks along the text in code points and splits each text node where a mark begins or ends. */
class Marker {
  private at = 0;
  constructor(private readonly spans: Span[]) {}

  text(value: string): ComponentChildren {
    if (!this.spans.length) return value;
    const points = Array.from(value);
    const start = this.at;
    this.at += points.length;
    const inside = (offset: number): boolean => this.spans.some(([from, to]) => from <= start + offset && start + offset < to);
    const pieces: ComponentChildren[] = [];
    for (let from = 0, to = 0; from < points.length; from = to) {
      const marked = inside(from);
      for (to = from + 1; to < points.length && inside(to) === marked; ) to += 1;
      const piece = points.slice(from, to).join("");
      pieces.push(marked ? <mark key={from}>{piece}</mark> : piece);
    }
    return pieces;
  }

  skip(count: number): void {
    this.at += count;
  }
}

function draw(node: TreeNode, marker: Marker, depth: number, key: number): ComponentChildren {
  if (typeof node === "string") return marker.text(node);
  const { tag, attributes, children } = parts(node);
  if (tag === "br") {
    marker.skip(1);
    return <br key={key} />;
  }
  if (depth > DEEPEST) return null;
  const inside = children.map((child, at) => draw(child, marker, depth + 1, at));
  if (endsBlock(tag, tag === "li" ? textOf(["a", ...children], depth) : "")) marker.skip(1);
  return tag ? element(tag, attributes, inside, key) : inside;
}

function element(tag: Tag, attributes: Attributes, children: ComponentChildren[], key: number): VNode {
  const Tag = tag;
  if (tag === "a") {
    const href = safeHref(attributes["href"]);
    return href === undefined ? <span key={key}>{children}</span> : (
      <a key={key} href={href} rel="ugc nofollow noopener" target="_blank">{children}</a>
    );
  }
  const start = Number.parseInt(String(attributes["start"]), 10);
  if (tag === "ol" && Number.isSafeInteger(start)) return <ol key={key} start={start}>{children}</ol>;
  return <Tag key={key}>{children}</Tag>;
}

/** The body's nodes; `marks` are code-point ranges of its plain text, drawn as <mark>. */
export function Body({ tree, marks = [] }: { tree: Tree; marks?: Span[] }): VNode {
  const marker = new Marker(marks);
  return <>{tree.map((node, at) => draw(node, marker, 0, at))}</>;
}
