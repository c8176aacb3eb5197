// A member's text reaches the screen only through the allowlist, and marks stand where the server's code points say.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fragment, type ComponentChildren, type VNode } from "preact";
import { Body } from "./body";
import { plainText } from "./plain_text";
import { safeHref, TreeBody } from "./tree";
import type { Span, Tree } from "./types";

/** What is drawn, as text like HTML: enough to compare. */
function written(node: ComponentChildren): string {
  if (Array.isArray(node)) return node.map(written).join("");
  if (node === null || node === undefined || typeof node === "boolean") return "";
  if (typeof node !== "object") return String(node);
  const { type, props } = node as VNode<Record<string, unknown>>;
  const { children, ...attributes } = props;
  if (type === Fragment) return written(children as ComponentChildren);
  if (typeof type === "function") return written((type as (props: unknown) => ComponentChildren)(props));
  const shown = Object.entries(attributes).map(([name, value]) => ` ${name}="${String(value)}"`).join("");
  return `<${String(type)}${shown}>${written(children as ComponentChildren)}</${String(type)}>`;
}

const marked = (tree: Tree, marks: Span[]): string => written(<Body tree={tree} marks={marks} />);
const drawn = (tree: unknown): string => {
  const plain = written(<TreeBody tree={tree as Tree} />);
  assert.equal(marked(tree as Tree, []), plain, "with and without marks the same is drawn");
  return plain;
};

test("the elements of the allowlist, as they are", () => {
  assert.equal(drawn([["p", "a", ["br"], ["strong", "b"], ["em", "c"], ["del", "d"], ["code", "e"]]]), "<p>a<br></br><strong>b</strong><em>c</em><del>d</del><code>e</code></p>");
  assert.equal(drawn([["ol", { start: "3" }, ["li", "x"]], ["ul", ["li", ["p", "y"]]], ["blockquote", ["pre", ["code", "z"]]]]),
    '<ol start="3"><li>x</li></ol><ul><li><p>y</p></li></ul><blockquote><pre><code>z</code></pre></blockquote>');
});

test("anything else loses its element and keeps its text", () => {
  assert.equal(drawn([["script", "alert(1)"], ["p", ["img", { src: "x", onerror: "y" }, "z"]]]), "alert(1)<p>z</p>");
  assert.equal(drawn([["P", "a"], ["__proto__", "b"], ["constructor", "c"], [["p"], "d"], [null, "e"], ["svg", ["style", "f"]]]), "abcdef");
});

test("no attribute but a checked href and a list's start", () => {
  assert.equal(drawn([["p", { onclick: "x", style: "y", dangerouslySetInnerHTML: { __html: "z" }, ref: "r" }, "a"]]), "<p>a</p>");
  assert.equal(drawn([["a", { href: "https://example.com/", target: "_self", rel: "opener" }, "a"]]),
    '<a href="https://example.com/" rel="ugc nofollow noopener" target="_blank">a</a>');
  assert.equal(drawn([["a", { href: "javascript:alert(1)" }, "a"], ["a", "b"], ["ol", { start: "x" }, ["li", "c"]]]), "<span>a</span><span>b</span><ol><li>c</li></ol>");
});

test("what is no tree at all draws nothing", () => {
  assert.equal(drawn([null, 7, {}, [], undefined].filter((node) => Array.isArray(node))), "");
  assert.equal(drawn([["p", null, 7, true, "a", { x: 1 }]]), "<p>a</p>");
});

test("addresses: absolute http, https, mailto without user info", () => {
  for (const good of ["https://example.com/a?b#c", "http://example.com", "mailto:a@example.com"]) assert.equal(safeHref(good), good);
  for (const bad of ["javascript:1", "JAVASCRIPT:1", " javascript:1", "java\nscript:1", "data:text/html,x", "vbscript:x", "//example.com", "/a", "", "blob:https://x/y",
    "https://user:pass@example.com/", "https://user@example.com/", null, undefined, 7, {}]) assert.equal(safeHref(bad), undefined, String(bad));
});

test("a tree of any depth is drawn without exhausting the stack", () => {
  let tree: unknown = "deep";
  for (let depth = 0; depth < 50_000; depth += 1) tree = ["blockquote", tree];
  assert.equal(drawn([tree]).includes("deep"), false);
  assert.equal(plainText([tree as Tree[0]]), "");
});

test("plain text as the server counts it", () => {
  assert.equal(plainText([["p", "a", ["br"], "b"], ["ul", ["li", "c"], ["li", ["p", "d"]]], ["pre", "e\n"], ["blockquote", ["p", "f"]]]), "a\nb\nc\nd\ne\n\nf");
});

test("marks count code points over the whole plain text", () => {
  assert.equal(marked([["p", "one two"]], [[4, 7]]), "<p>one <mark>two</mark></p>");
  assert.equal(marked([["p", "🦊🦊 ab"]], [[3, 4]]), "<p>🦊🦊 <mark>a</mark>b</p>");
  const tree: Tree = [["p", "ab", ["strong", "cd"], ["br"], "ef"], ["ul", ["li", "gh"], ["li", ["p", "ij"]]], ["p", "kl"]];
  assert.equal(plainText(tree), "abcd\nef\ngh\nij\nkl");
  assert.equal(marked(tree, [[1, 3], [5, 6], [9, 10], [12, 13], [14, 16]]),
    "<p>a<mark>b</mark><strong><mark>c</mark>d</strong><br></br><mark>e</mark>f</p><ul><li>g<mark>h</mark></li><li><p>i<mark>j</mark></p></li></ul><p><mark>kl</mark></p>");
});

test("each character of the text is marked where its code point says", () => {
  const tree: Tree = [["p", "x", ["a", { href: "https://e.com" }, "yz"]], ["blockquote", ["p", "ü", ["br"], "v"]], ["ol", ["li", "1", ["ul", ["li", "2"]]], ["li", "3"]]];
  const text = Array.from(plainText(tree));
  text.forEach((character, at) => {
    const found = /<mark>(.)<\/mark>/u.exec(marked(tree, [[at, at + 1]]));
    assert.equal(found?.[1], character === "\n" ? undefined : character, `at ${at}`);
  });
});
