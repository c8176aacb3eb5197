"""What the worst inputs cost in core/markup.py, in milliseconds of CPU (the least of some runs).

Each input fills the 10,000 characters that a source may have or the marks that are parsed; the aim is 50 ms for every
one of them. The HTML that importers read is not bound to the aim. Run: python -m benchmarks.markup_cost
"""

import time
from collections.abc import Callable

from comments.core.markup import MAX_CHARACTERS, MAX_HTML, render, render_html

RUNS = 5
AIM_MS = 50


def fill(piece: str, limit: int = MAX_CHARACTERS) -> str:
    return (piece * (limit // len(piece) + 1))[:limit]


MARKDOWN = {
    "prose": fill("Ein ganz gewöhnlicher Satz, wie er überall steht. "),
    "prose with line ends": fill("Ein ganz gewöhnlicher Satz,\nwie er überall steht.\n\n"),
    "quotes, one line": fill(">"),
    "quotes, spaced": fill("> "),
    "quotes growing": "\n".join(">" * depth + " x" for depth in range(1, 138)),
    "quotes, many lines": fill(">>>>>>>>>>>> x\n"),
    "1,150 marks of quotes": fill("> x\n" * 380),
    "stars": fill("*"),
    "stars around": "*" * 4999 + "a" + "*" * 4999,
    "stars and letters": fill("*a "),
    "*a_": fill("*a_ "),
    "1,150 marks of *a_": "*a_ " * 575,
    "1,150 marks of bold": "**a** " * 287,
    "1,150 marks of italics": "*a* " * 575,
    "underscores": fill("_a"),
    "brackets": fill("["),
    "brackets and an end": "[" * 1000 + "](a)" + "x" * 8000,
    "1,150 brackets far apart": ("[aaaaaaa" * 1148)[:9990] + "](a)",
    "[](": fill("[]("),
    "links": fill("[a](http://b.de) "),
    "links, marked": fill("**[a](http://b.de)** "),
    "links within brackets": "[" * 570 + "a](http://b.de)" * 570,
    "backticks": fill("`"),
    "backticks growing": "".join("`" * n + "a" for n in range(1, 139)),
    "code spans": "`a`" * 550,
    "lower than": fill("<"),
    "ampersands": fill("&"),
    "entities": fill("&lt;"),
    "tags": fill("<b>x</b>"),
    "backslashes": fill("\\*"),
    "deep list": "\n".join("  " * depth + "- a" for depth in range(97)),
    "list on one line": fill("- "),
    "lists, many lines": fill("- - - - - x\n"),
    "1,150 marks of lists": "- - - - - x\n" * 190,
    "list": fill("1. a\n"),
    "560 items": "- a\n" * 560,
    "lines": fill("a\n"),
    "1,150 lines": "a\n" * 1150,
    "390 lines": "abcdefghijklmnopqrstuvwxy\n" * 384,  # pragma: allowlist secret
    "paragraphs": fill("a\n\n"),
    "570 paragraphs": "a\n\n" * 570,
    "fences": fill("```\na\n```\n"),
    "addresses": fill("http://a.de/ "),
    "addresses without spaces": fill("http://a.de"),
    "address with brackets": "http://a.de/" + "(" * 4000 + ")" * 4000,
    "address with commas": "http://a.de/" + "," * 9000,
    "www.": fill("www."),
    "autolinks": fill("<http://a.de>"),
    "towers of marks": fill("a" + "\u0301" * 40),
    "joiners": fill("\u200d"),
    "joined emoji": fill("\U0001f468\u200d\U0001f469\u200d\U0001f467"),
    "right to left": fill("\u05e9\u05dc\u05d5\u05dd\u200f "),
}
HTML = {
    "prose": fill("<p>Ein ganz gewöhnlicher Satz.</p>", MAX_HTML // 10),
    "quotes": fill("<blockquote>", MAX_HTML),
    "lists": fill("<ul><li>", MAX_HTML),
    "bold": fill("<b>", MAX_HTML),
    "links": fill("<a>", MAX_HTML),
    "misnested": fill("<b><i><p>", MAX_HTML),
    "attributes": "<a " + " ".join(f"a{n}=1" for n in range(4_400)) + ">",
    "lower than": fill("<", MAX_CHARACTERS),
    "br": fill("<br>", MAX_HTML),
}


def cost(run: Callable[[], object]) -> float:
    least = float("inf")
    for _ in range(RUNS):
        begin = time.process_time()
        try:
            run()
        except Exception as error:
            print(f"! {error!r}")
        least = min(least, time.process_time() - begin)
    return least * 1000


def main() -> None:
    render("warm")
    print(f"{'input':32} {'ms':>8}")
    over = 0
    for name, source in MARKDOWN.items():
        spent = cost(lambda source=source: render(source))
        over += spent > AIM_MS
        print(f"{name:32} {spent:8.1f}{'  over' if spent > AIM_MS else ''}")
    for name, source in HTML.items():
        print(f"{'HTML: ' + name:32} {cost(lambda source=source: render_html(source)):8.1f}")
    print(f"{over} of {len(MARKDOWN)} over {AIM_MS} ms")


if __name__ == "__main__":
    main()
