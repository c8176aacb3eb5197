"""Markup: what a member may write, what becomes of attacks, and the properties that hold for every text."""

import html as escapes
from typing import Any

import nh3
import pytest
from bleach.sanitizer import Cleaner
from hypothesis import given, settings
from hypothesis import strategies as st

from comments.core import tree as trees
from comments.core.characters import VEILS, clean
from comments.core.errors import CommentsError, Malformed, TooLarge
from comments.core.markup import MAX_CHARACTERS, MAX_HTML, render, render_html, sanitise
from tests.core.reading import ATTRIBUTES, ELEMENTS, elements_by_html5lib, elements_by_python, outside_the_list, vectors

REL = 'rel="ugc nofollow noopener"'


def link(href: str, words: str) -> str:
    return f'<a href="{href}" {REL}>{words}</a>'


SUBSET = {
    "bold": ("**b** and __b__", "<p><strong>b</strong> and <strong>b</strong></p>"),
    "italic": ("*i* and _i_", "<p><em>i</em> and <em>i</em></p>"),
    "line break": ("a\nb", "<p>a<br>b</p>"),
    "hard break": ("a  \nb\\\nc", "<p>a<br>b<br>c</p>"),
    "paragraphs": ("a\n\n\n\nb\r\n\r\nc", "<p>a</p><p>b</p><p>c</p>"),
    "quote": ("> a\n> b\n>\n> > c", "<blockquote><p>a<br>b</p><blockquote><p>c</p></blockquote></blockquote>"),
    "list": ("- a\n- *b*", "<ul><li>a</li><li><em>b</em></li></ul>"),
    "list in list": ("- a\n  - b\n- c", "<ul><li><p>a</p><ul><li>b</li></ul></li><li>c</li></ul>"),
    "numbered": ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
    "a number is no list": ("102.", "<p>102.</p>"),
    "an item without words": ("- a\n-\n- b", "<ul><li>a</li><li>b</li></ul>"),
    "numbered from": ("3) a\n4) b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    "code": ("`a <b>  c`", "<p><code>a &lt;b&gt;  c</code></p>"),
    "fence": ("```python x\nif a:\n  b\n\nc\n```", "<pre><code>if a:\n  b\n\nc</code></pre>"),
    "link": ("[a *b*](https://x.example/?a=1&b=2)", f"<p>{link('https://x.example/?a=1&amp;b=2', 'a <em>b</em>')}</p>"),
    "link with title": ('[a](https://x.example "t")', f"<p>{link('https://x.example', 'a')}</p>"),
    "autolink": ("<https://x.example/>", f"<p>{link('https://x.example/', 'https://x.example/')}</p>"),
    "mail": ("<a@x.example>", f"<p>{link('mailto:a@x.example', 'a@x.example')}</p>"),
    "bare mail": ("a@x.example", "<p>a@x.example</p>"),
    "bare address": (
        "(see https://x.example/a_(b)_c?d=1&e=*2*.)",
        f"<p>(see {link('https://x.example/a_(b)_c?d=1&amp;e=', 'https://x.example/a_(b)_c?d=1&amp;e=')}<em>2</em>.)</p>",
    ),
    "bare www": ("www.x.example, ok", f"<p>{link('http://www.x.example', 'www.x.example')}, ok</p>"),
    "no address": ("x.example and e.g.this", "<p>x.example and e.g.this</p>"),
    "address in code": ("`http://x.example`", "<p><code>http://x.example</code></p>"),
    "umlauts": ("http://müller.example/ä", f"<p>{link('http://müller.example/ä', 'http://müller.example/ä')}</p>"),
    "html": ("<b>x</b> &amp; &copy;", "<p>&lt;b&gt;x&lt;/b&gt; &amp;amp; &amp;copy;</p>"),
    "heading": ("# a\n\nb\n===", "<p># a</p><p>b<br>===</p>"),
    "table": ("a|b\n-|-\nc|d", "<p>a|b<br>-|-<br>c|d</p>"),
    "rule": ("a\n\n***\n\n---", "<p>a</p><p>***</p><p>---</p>"),
    "indented": ("    a\n\n\tb", "<p>a</p><p>b</p>"),
    "image": ("![a](https://x.example/i.png)", f"<p>!{link('https://x.example/i.png', 'a')}</p>"),
    "escapes": (r"\*a\* \[b](c) \\", r"<p>*a* [b](c) \</p>"),
    "struck": ("~~a~~", "<p>~~a~~</p>"),
    "refused link stays text": ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
    "reference": (
        "[a]\n\n[a]: http://x.example",
        f"<p>[a]</p><p>[a]: {link('http://x.example', 'http://x.example')}</p>",
    ),
    "nothing to see": (" \n\u200b\u3164\n>\n\n> - \n\u2800", ""),
}


@pytest.mark.parametrize(("source", "html"), SUBSET.values(), ids=SUBSET.keys())
def test_subset(source: str, html: str) -> None:
    assert render(source).html == html


def test_draft() -> None:
    draft = render("Hi *you*,\nsee [this](http://x.example/)\n\n> - a\n> - b\n\nGrüße 👩‍🚀\r\n")
    assert draft.source == "Hi *you*,\nsee [this](http://x.example/)\n\n> - a\n> - b\n\nGrüße 👩‍🚀"
    assert draft.tree == [
        ["p", "Hi ", ["em", "you"], ",", ["br"], "see ", ["a", {"href": "http://x.example/"}, "this"]],
        ["blockquote", ["ul", ["li", "a"], ["li", "b"]]],
        ["p", "Grüße 👩‍🚀"],
    ]
    assert draft.text == "Hi you,\nsee this\na\nb\nGrüße 👩‍🚀"
    assert draft.links == ("http://x.example/",)
    assert draft.length == len(draft.text) - 2  # the astronaut is one character for people, three for Python


def test_text_says_where_links_are() -> None:
    draft = render("> a [b\nc](http://x.example/1)\n\n- https://x.example/2")
    spans = trees.link_spans(draft.tree)
    assert [(href, draft.text[start:end]) for href, start, end in spans] == [
        ("http://x.example/1", "b\nc"),
        ("https://x.example/2", "https://x.example/2"),
    ]


FROM_HTML = {
    "bold of old": ("<b>a</b> <I>b</I> <strike>c</strike>", "<p><strong>a</strong> <em>b</em> <del>c</del></p>"),
    "words outside": ("a<br>b<p>c</p>d", "<p>a<br>b</p><p>c</p><p>d</p>"),
    "div": ("<div>a</div><div>b</div>", "<p>a</p><p>b</p>"),
    "heading": ("<h1>a</h1>b", "<p>a</p><p>b</p>"),
    "spaces": ("<p>  a \n b&nbsp;  c </p>\n<p>\n</p>", "<p>a b&nbsp; c</p>"),
    "many breaks": ("a<br><br> <br><br>b<br>", "<p>a<br><br>b</p>"),
    "list in list": ("<ul><ul><li>a</ul>b</ul>", "<ul><li><ul><li>a</li></ul></li><li>b</li></ul>"),
    "stray item": ("<li>a<p>b", "<p>a</p><p>b</p>"),
    "link around blocks": ("<a href=http://x.example><p>a</p></a>", "<p>a</p>"),
    "link without address": ('<a href="/x">a <em>b</em></a> c', "<p>a <em>b</em> c</p>"),
    "spaces in the address": ('<a href=" http://x.example/ ">a</a>', f"<p>{link('http://x.example/', 'a')}</p>"),
    "preformatted": ("<pre>\n\n  a<br>\tb\n</pre>", "<pre>  a\n\tb</pre>"),
    "code": ("<pre><code class=x>\na</code></pre>", "<pre><code>a</code></pre>"),
    "empty": ("<p></p><strong> <em></em></strong><ul><li></li></ul><blockquote><br></blockquote>", ""),
    "script": ("a<script>alert(1)</script><style>p{}</style>b", "<p>ab</p>"),
    "hidden": ("a&#x202e;b&#x200b;c&#xe0041;", "<p>abc</p>"),
    "veils": ("".join(f"&#{ord(veil)};{veil}a" for veil in VEILS), "<p>aaa</p>"),
    "accent on a tag": ("<p>a</p>\u0338<p>\u0338b</p>", "<p>a</p><p>b</p>"),
    "closed lists": ('<ol start="1"><li>a</ol><ol start="07"><li>b</ol>', "<ol><li>a</li></ol><ol><li>b</li></ol>"),
    "address": ("http://x.example/&quot;b", f'<p>{link("http://x.example/", "http://x.example/")}"b</p>'),
}


@pytest.mark.parametrize(("source", "html"), FROM_HTML.values(), ids=FROM_HTML.keys())
def test_html_of_other_systems(source: str, html: str) -> None:
    draft = render_html(source)
    assert draft.html == html
    assert draft.source == source


# ---- attacks


@pytest.mark.parametrize("vector", vectors())
@pytest.mark.parametrize("make", [render, render_html])
def test_attacks_leave_nothing_outside_the_list(make: Any, vector: str) -> None:
    draft = make(vector)
    assert outside_the_list(draft.html) == []
    check_tree(draft.tree)
    assert sanitise(draft.html) == draft.html


def test_the_oracle_sees_attacks() -> None:
    """What proves that the cases above are clean must find the raw ones dirty."""
    assert outside_the_list("<p>a</p><pre><code>b</code></pre>") == []
    assert outside_the_list('<a href="javascript:alert(1)">x</a>')
    assert outside_the_list(f'<a href="http://good.example@evil.example/" {REL}>x</a>')
    html_vectors = [vector for vector in vectors() if "<" in vector]
    assert sum(bool(outside_the_list(vector)) for vector in html_vectors) > 0.8 * len(html_vectors) > 150


@pytest.mark.parametrize("vector", [vector for vector in vectors() if "<" in vector])
def test_markdown_shows_html_as_typed(vector: str) -> None:
    """No raw HTML is read in Markdown: not one element of an attack, only what Markdown or a bare address makes."""
    made_by_html = {"del", "b", "i"}
    tags = {tag for tag, _ in elements_by_html5lib(render(vector).html)}
    assert tags <= ELEMENTS - made_by_html


def test_raw_html_is_off_inside_every_container() -> None:
    for around in ("{}", "> {}", "- {}", "**{}**", "[{}](http://x.example)", "1. > - {}"):
        draft = render(around.format("<img src=x onerror=alert(1)>"))
        assert "<img src=x onerror=alert(1)>" in draft.text
        assert outside_the_list(draft.html) == []


# ---- bounds


@pytest.mark.parametrize("source", ["a\0b", "a\ud800b", "\udfff", "\ud83d"])
def test_broken_text_is_malformed(source: str) -> None:
    for make in (render, render_html):
        with pytest.raises(Malformed):
            make(source)


def test_too_long() -> None:
    assert render("a" * MAX_CHARACTERS).length == MAX_CHARACTERS
    for make, source in (
        (render, "a" * (MAX_CHARACTERS + 1)),
        (render_html, "a" * (MAX_CHARACTERS + 1)),
        (render_html, "<b>" * (MAX_HTML // 3 + 1)),
    ):
        with pytest.raises(TooLarge):
            make(source)


@pytest.mark.parametrize(
    "source",
    [
        "> " * 200 + "word",
        "- " * 200 + "word",
        "1. > " * 100 + "word",
        "\n".join("  " * depth + "- word" for depth in range(90)),
        "\n".join(">" * depth + " word" for depth in range(1, 40)),
        "*" * 300 + "word" + "*" * 300,
        "**_" * 90 + "word" + "_**" * 90,
        "> " * 11 + "*_" * 20 + "[word](http://x.example)" + "_*" * 20,
        "[" * 1000 + "word](http://x.example)",
    ],
)
def test_depth_is_bounded_and_no_word_lost(source: str) -> None:
    draft = render(source)
    assert depth(draft.tree) <= 20
    assert draft.text.count("word") == source.count("word")


@pytest.mark.parametrize(
    "tag", ["blockquote", "ul><li", "b", "p", "a href=http://x.example", "div", "ol><li><blockquote"]
)
def test_depth_of_html_is_bounded(tag: str) -> None:
    draft = render_html(f"<{tag}>" * 1500 + "word")
    assert depth(draft.tree) <= 20
    assert draft.text == "word"


@pytest.mark.parametrize(
    "source",
    [
        "**a** " * 1600,
        "a\n" * 5000,
        "a\n\n" * 3000,
        "<" * 10_000,
        "`a` " * 2500,
        "- a\n" * 2500,
        "[a](http://x.example) " * 450,
    ],
)
def test_work_is_bounded(source: str) -> None:
    """What costs is the number of elements: it never passes the cap, and beyond the cap the text stands as it was
    typed."""
    draft = render(source)
    assert len(elements_by_python(draft.html)) <= 800
    assert draft.text.split() == source.split()


def test_many_but_not_too_many_marks_are_parsed() -> None:
    draft = render("**a** " * 200)
    assert draft.html.count("<strong>") == 200


# ---- properties

MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "*",
                    "**",
                    "_",
                    "`",
                    "```",
                    "\n",
                    "\n\n",
                    "> ",
                    "- ",
                    "1. ",
                    "  ",
                    "    ",
                    "[",
                    "](",
                    ")",
                    "<",
                    ">",
                    "\\",
                    "!",
                ),
                *(
                    "http://x.example/",
                    "www.x.example",
                    "https://a@b.example",
                    "javascript:alert(1)",
                    "a@b.example",
                    "&lt;",
                ),
                *(
                    "&#x202e;",
                    "&nbsp;",
                    '"',
                    "'",
                    "(",
                    ".",
                    ",",
                    "\t",
                    "\u00a0",
                    "\u0301",
                    "\u0338",
                    "\u200d",
                    "\u200f",
                    "א",
                ),
                *("👩", "\ufe0f", "क", "\u094d", *VEILS, "ß", "a", "b c", "# ", "---", "~~"),
            ]
        ),
        st.text(max_size=4),
    ),
    max_size=40,
).map("".join)
OPEN = [
    "b",
    "i",
    "p",
    "a href='http://x.example'",
    "a href=javascript:1",
    "ul",
    "ol start=3",
    "li",
    "pre",
    "code",
    "blockquote",
]
HTML = st.lists(
    st.one_of(
        st.sampled_from(
            [f"<{tag}>" for tag in [*OPEN, "br", "div", "svg", "math", "style", "table", "td", "template", "h1"]]
        ),
        st.sampled_from([f"</{tag.split()[0]}>" for tag in [*OPEN, "div", "svg", "math", "style", "table"]]),
        st.sampled_from(["<!--", "-->", "<![CDATA[", "]]>", "<img src=x onerror=alert(1)>", "&lt;", "&#8203;", " \n"]),
        MARKUP.filter(lambda text: len(text) < 30),
    ),
    max_size=30,
).map("".join)
MANY = settings(max_examples=300, deadline=None)


def check_tree(tree: trees.Tree) -> None:
    for node in tree:
        assert not isinstance(node, str), "words stand in blocks"
        assert node[0] in {"p", "pre", "blockquote", "ul", "ol"}
    check_nodes(tree)


def check_nodes(nodes: trees.Tree) -> None:
    for node in nodes:
        if isinstance(node, str):
            assert node
            assert clean(node) == node
            continue
        tag, attributes, children = trees.open_node(node)
        assert tag in ELEMENTS
        assert attributes.keys() <= {name for owner, name in ATTRIBUTES if owner == tag} - {"rel"}
        assert tag != "a" or trees.safe_href(attributes["href"])
        assert (tag == "br") == (not children)
        check_nodes(children)


def depth(nodes: trees.Tree) -> int:
    return max((1 + depth(trees.open_node(node)[2]) for node in nodes if not isinstance(node, str)), default=0)


def text_by_the_contract(node: trees.Node) -> str:
    """The rule as it is written down for clients, told in the plainest way."""
    if isinstance(node, str):
        return node
    if node[0] == "br":
        return "\n"
    text = "".join(text_by_the_contract(child) for child in trees.open_node(node)[2])
    return text + "\n" if node[0] in ("p", "pre") or (node[0] == "li" and not text.endswith("\n")) else text


def rendered(make: Any, source: str) -> Any:
    """The draft, or None where the text is refused: nothing else may be raised."""
    try:
        return make(source)
    except CommentsError as error:
        assert "\0" in source or any("\ud800" <= letter <= "\udfff" for letter in source), error
        return None


@MANY
@given(st.one_of(MARKUP.map(lambda text: (render, text)), HTML.map(lambda text: (render_html, text))))
def test_every_draft(case: tuple[Any, str]) -> None:
    draft = rendered(*case)
    if draft is None:
        return
    assert outside_the_list(draft.html) == []
    check_tree(draft.tree)
    assert depth(draft.tree) <= 20
    assert draft.text == "".join(text_by_the_contract(node) for node in draft.tree).rstrip("\n")
    assert trees.write(draft.tree) == draft.html
    assert draft.links == tuple(href for href, _, _ in trees.link_spans(draft.tree))
    assert not set(VEILS) & set(draft.html)


@MANY
@given(HTML)
def test_sanitising_twice_is_sanitising_once(source: str) -> None:
    draft = rendered(render_html, source)
    if draft:
        assert sanitise(draft.html) == draft.html
        assert render_html(draft.html).tree == draft.tree


@MANY
@given(st.one_of(MARKUP, st.text(max_size=60)))
def test_rendering_is_stable(source: str) -> None:
    draft = rendered(render, source)
    if draft:
        assert sanitise(draft.html) == draft.html
        again = render(draft.source)
        assert (again.source, again.html) == (draft.source, draft.html)


@MANY
@given(HTML)
def test_parsers_and_sanitisers_agree_on_our_output(source: str) -> None:
    draft = rendered(render_html, source)
    if not draft:
        return
    seen = elements_by_html5lib(draft.html)
    assert seen == elements_by_python(draft.html)
    lists = {"a": ["href", "rel"], "ol": ["start"]}
    by_bleach = Cleaner(tags=ELEMENTS, attributes=lists, protocols=["http", "https", "mailto"], strip=True).clean(
        draft.html
    )
    by_nh3 = nh3.clean(
        draft.html,
        tags=ELEMENTS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="ugc nofollow noopener",
    )
    assert elements_by_html5lib(by_bleach) == seen
    assert elements_by_html5lib(by_nh3) == seen


@MANY
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_words_stay(source: str) -> None:
    """A text without marks comes through as it is: nothing of it is read as markup, nothing is lost."""
    plain = "".join(letter for letter in clean(source) if letter not in "*_`[]<>\\-+.)#~" and letter.isprintable())
    plain = clean(" ".join(f"x {plain} x".split(" ")))
    folded = " ".join(part for part in plain.split(" ") if part)
    assert render(plain).html == f"<p>{escapes.escape(folded, quote=False).replace(chr(0xA0), '&nbsp;')}</p>"
