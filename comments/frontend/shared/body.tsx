// The body drawn with marks, for moderators: ranges of code points of its plain text, as findings give them.
import type { ComponentChildren, VNode } from "preact";
import { endsBlock, textOf } from "./plain_text";
import { draw, type Drawing } from "./tree";
import type { Span, Tree, TreeNode } from "./types";

/** Walks along the text in code points and splits each text node where a mark begins or ends. */
class Marker implements Drawing {
  #at = 0;
  constructor(private readonly spans: Span[]) {}

  text = (value: string): ComponentChildren => {
    const points = Array.from(value);
    const start = this.#at;
    this.#at += points.length;
    const inside = (offset: number): boolean => this.spans.some(([from, to]) => from <= start + offset && start + offset < to);
    const pieces: ComponentChildren[] = [];
    for (let from = 0, to = 0; from < points.length; from = to) {
      const marked = inside(from);
      for (to = from + 1; to < points.length && inside(to) === marked; ) to += 1;
      const piece = points.slice(from, to).join("");
      pieces.push(marked ? <mark key={from}>{piece}</mark> : piece);
    }
    return pieces;
  };

  /** What an element adds to the text behind its children. */
  left = (tag: string | null, children: TreeNode[]): void => {
    const ends = tag === "br" || endsBlock(tag, tag === "li" ? children.map((child) => textOf(child)).join("") : "");
    this.#at += Number(ends);
  };
}

/** The body's nodes; `marks`, ranges of its plain text, are drawn as <mark>. */
export function Body({ tree, marks = [] }: { tree: Tree; marks?: Span[] }): VNode {
  const marker = new Marker(marks);
  return <>{tree.map((node, at) => draw(node, marker, at))}</>;
}
