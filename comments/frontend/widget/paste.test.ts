// What a paste makes of clipboard HTML, as tables; and that no HTML, however hostile, takes long or says what was not there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { markdownOf } from "./paste";

const table: [string, string][] = [
  ["just words", ""],
  ["<p>just <span>words</span></p><p>in two paragraphs</p>", ""],
  ["a <b>bold</b> word", "a **bold** word"],
  ["a<b> bold </b>word", "a **bold** word"],
  ["<em>so</em>, <i>so</i>", "_so_, _so_"],
  ["<b><i>both</i> one</b>", "**_both_ one**"],
  ["<b>one</b><b>two</b>", "**onetwo**"],
  ["<b>over<p>lines</p></b>", "**over**\n\n**lines**"],
  ['see <a href="https://example.com/a">this</a>.', "see [this](https://example.com/a)."],
  ['<a href="https://example.com/a_(b)">this</a>', "[this](https://example.com/a_%28b%29)"],
  ['<a href="https://example.com/a?b=1&amp;c=2">x</a>', "[x](https://example.com/a?b=1&c=2)"],
  ['<a href="https://example.com/a">https://example.com/a</a>', "https://example.com/a"],
  ['<a href="javascript:alert(1)">this</a> <b>b</b>', "this **b**"],
  ['<a href="/relative">this</a> <b>b</b>', "this **b**"],
  ['<b><a href="https://e.org/">x</a></b> y', "**[x](https://e.org/)** y"],
  ["<ul><li>one</li><li>two <b>2</b></li></ul>after", "- one\n- two **2**\n\nafter"],
  ["<ol><li>one<ul><li>in</li></ul></li><li>two</li></ol>", "1. one\n   - in\n2. two"],
  ["<blockquote><p>one</p><p>two</p></blockquote><p>three</p>", "> one\n>\n> two\n\nthree"],
  ["a<br>b <b>c</b>", "a\nb **c**"],
  ["<h2>Title</h2><p>Text</p>", "**Title**\n\nText"],
  ["say <code>a * b</code>", "say `a * b`"],
  ["<pre>if a:\n  b &lt; c\n</pre>", "```\nif a:\n  b < c\n```"],
  ["2 * 3 * 4 = <b>24</b> [1] snake_case _x_", "2 \\* 3 \\* 4 = **24** \\[1\\] snake_case \\_x\\_"],
  ["<style>p{}</style><script>x</script><b>x</b>", "**x**"],
  ["<html><head><title>t</title></head><body><!--StartFragment--><b>x</b><!--EndFragment--></body>", "**x**"],
  ['<b style="font-weight:normal" id="docs-1"><i>so</i> not</b>', "_so_ not"],
  ["<table><tr><td>a</td><td><b>b</b></td></tr><tr><td>c</td></tr></table>", "a\n\n**b**\n\nc"],
  ["&#65;&#x42;&unknown;&amp;lt; <b>x</b>", "AB&unknown;&lt; **x**"],
  ['<p title="a>b">x <b>y</b></p>', "x **y**"],
];

for (const [html, expected] of table) test(JSON.stringify(html), () => assert.equal(markdownOf(html), expected));

const hostile: [string, string][] = [
  ["tags that never end", "<a ".repeat(70_000)],
  ["quotes that never end", '<a "'.repeat(50_000)],
  ["one tag of quotes", `<a ${'"'.repeat(199_000)}`],
  ["a deep nest", "<blockquote><ul><li>x".repeat(9_000)],
  ["bold in bold", "<b>x<i>".repeat(28_000)],
  ["spaces", `<b>${" ".repeat(190_000)}</b>`],
  ["entities", "&#".repeat(99_000)],
  ["lines", "<p>x".repeat(50_000)],
  ["links in links", '<a href="https://e.org/">'.repeat(8_000)],
  ["ends without a start", "</b></p>".repeat(25_000)],
];

for (const [name, html] of hostile) {
  test(`in time: ${name}`, () => {
    const began = performance.now();
    assert.ok(markdownOf(html).length < 70_000);
    assert.ok(performance.now() - began < 5_000, `${performance.now() - began} ms`);
  });
}

/** A small generator of the same numbers each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below;
}

const PIECES = [
  "<b>", "</b>", "<i>", "</i>", "<p>", "</p>", "<ul>", "</ul>", "<ol>", "<li>", "</li>", "<blockquote>", "</blockquote>", "<pre>", "</pre>", "<br>",
  '<a href="https://e.org/x">', "</a>", "<code>", "</code>", "<style>", "</style>", "word", " ", "\n", "*", "_", "[", "](", "&amp;", "&#9;", "<", ">", '"', "<td>",
];

test("whatever it is made of, its words stay, in order, and nothing is added but marks", () => {
  const next = numbers(7);
  for (let round = 0; round < 4_000; round += 1) {
    const words: string[] = [];
    const html = Array.from({ length: next(40) }, (_, at) => {
      const piece = PIECES[next(PIECES.length)] as string;
      if (piece !== "word") return piece;
      words.push(`w${at}x`);
      return `w${at}x`;
    }).join("");
    const made = markdownOf(html);
    const kept = made.match(/w\d+x/g) ?? [];
    let from = 0;
    for (const word of kept) {
      from = words.indexOf(word, from) + 1;
      assert.ok(from > 0, `${JSON.stringify(html)} → ${JSON.stringify(made)}`);
    }
    if (made && !/<(style|w)/.test(html)) assert.equal(kept.length, words.length, `${JSON.stringify(html)} → ${JSON.stringify(made)}`);
    assert.doesNotMatch(made, /<\/?(b|i|p|ul|ol|li|blockquote|pre|code|style)>/);
  }
});
