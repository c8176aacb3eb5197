"""A grammar of attacks, as hypothesis strategies: HTML that lies about where it ends, schemes in disguise,
Markdown that might become either. For the tests of the markup, of the readers in Chromium, and for `make fuzz`.
"""

from hypothesis import strategies as st

RUN = "alert(1)"
ELEMENTS = (
    "a", "audio", "b", "base", "blockquote", "body", "br", "button", "code", "custom-tag", "details", "div", "embed",
    "form", "frameset", "i", "iframe", "img", "input", "isindex", "li", "link", "marquee", "math", "meta", "noembed",
    "noframes", "noscript", "object", "ol", "p", "plaintext", "portal", "pre", "script", "select", "slot", "strong",
    "style", "svg", "table", "td", "template", "textarea", "title", "ul", "video", "xmp",
)  # fmt: skip
FOREIGN = (
    "svg", "math", "foreignObject", "desc", "title", "mtext", "mi", "annotation-xml", "mglyph", "malignmark", "use",
    "animate", "set", "style", "script", "a", "maction", "semantics",
)  # fmt: skip
RAW = ("style", "script", "noscript", "template", "textarea", "title", "xmp", "noembed", "noframes", "iframe", "select")
EVENTS = (
    "onerror", "onload", "onclick", "onmouseover", "onfocus", "ontoggle", "onanimationstart", "onbegin", "onpageshow",
    "OnErRoR", "onpointerrawupdate", "onbeforetoggle", "oncontentvisibilityautostatechange",
)  # fmt: skip
SPACES = (
    "",
    " ",
    "\t",
    "\n",
    "\r",
    "\f",
    "/",
    "\u00a0",
    "\u2028",
    "\ufeff",
    "\u200b",
    "\x0b",
    "\x01",
    "&Tab;",
    "&NewLine;",
)
ENTITIES = (
    "&colon;", "&#58;", "&#x3a;", "&#x0003a", "&lpar;", "&lt;", "&LT;", "&#60", "&#x3c;", "&amp;lt;", "&quot;",
    "&apos;", "&#0;", "&nbsp;", "&ZeroWidthSpace;", "&bsol;", "&sol;",
)  # fmt: skip

gaps = st.sampled_from(SPACES)
words = st.one_of(
    st.sampled_from(["x", "1", "ß", "א", "日", RUN, "--", "-->", "]]>", "<!--", "</"]), st.text(max_size=3)
)


@st.composite
def schemes(draw: st.DrawFn) -> str:
    """javascript: and its like, with whatever browsers forgive between the letters."""
    name = draw(
        st.sampled_from(["javascript", "JaVaScRiPt", "vbscript", "data", "blob", "file", "view-source", "http"])
    )
    letters = [*name]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(letters) - 1))
        letters[at] = draw(
            st.sampled_from([draw(gaps) + letters[at], f"&#{ord(letters[at][-1])};", f"&#x{ord(letters[at][-1]):x};"])
        )
    colon = draw(st.sampled_from([":", "&colon;", "&#58;", ":\t", "\n:", "://", ":%0a"]))
    rest = draw(
        st.sampled_from([RUN, "text/html,<script>alert(1)</script>", "text/html;base64,PHNjcmlwdD4=", "//evil.example"])
    )
    return draw(gaps) + "".join(letters) + colon + rest


hosts = st.sampled_from(
    [
        "//evil.example", "\\\\evil.example", "/\\evil.example", "http:evil.example", "https:///evil.example",
        "http://good.example@evil.example", "http://good.example\\@evil.example", "http://evil。example",
        "http://xn--e1awd7f.example", "http://еvil.example", "http://[::1]:99999/", "http://a.example/\u202egpj.exe",
        "https://ok.example/?a=1&b=2#c", "http://1.1.1.1&@2.2.2.2#@3.3.3.3/", "mailto:a@b.example?bcc=c@d.example",
    ]
)  # fmt: skip
addresses = st.one_of(schemes(), hosts)


@st.composite
def attributes(draw: st.DrawFn) -> str:
    """One attribute, well or badly quoted."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        name, value = draw(st.sampled_from(EVENTS)), RUN
    elif kind == 1:
        name, value = (
            draw(st.sampled_from(["href", "src", "xlink:href", "action", "formaction", "data", "srcdoc", "poster"])),
            draw(addresses),
        )
    elif kind == 2:
        name, value = "style", f"background:url({draw(addresses)})"
    else:
        name = draw(
            st.sampled_from(["id", "class", "name", "title", "rel", "start", "is", "slot", "part", "dir", "data-x"])
        )
        value = draw(words)
    quote = draw(st.sampled_from(['"', "'", "", "`", '"', '"']))
    return f"{name}{draw(gaps)}={quote}{value}{quote}"


@st.composite
def tags(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from([*ELEMENTS, *FOREIGN]))
    if draw(st.booleans()) and draw(st.booleans()):
        return f"</{name}{draw(gaps)}>"
    inside = "".join(
        draw(st.sampled_from([" ", "/", "\n", "\t"])) + one for one in draw(st.lists(attributes(), max_size=3))
    )
    return f"<{name}{inside}{draw(st.sampled_from(['>', '/>', '', '>>', ' >']))}"


@st.composite
def lies(draw: st.DrawFn) -> str:
    """An element whose contents are text to one parser and markup to another."""
    outer, inner = (
        draw(st.sampled_from(["svg", "math", "math><mtext", "svg><desc", "table", "form", "select", "p", "noscript"])),
        draw(st.sampled_from(RAW)),
    )
    payload = f"<img src=x onerror={RUN}>"
    return draw(
        st.sampled_from(
            [
                f'<{outer}><{inner}><a id="</{inner}>{payload}">',
                f"<{outer}><{inner}><!--</{inner}>{payload}-->",
                f'<{inner}><p title="</{inner}>{payload}">',
                f"<{outer}></p><{inner}><![CDATA[</{inner}>{payload}]]>",
                f"<!--{draw(words)}--!>{payload}-->",
                f"<!--><{inner}>{payload}",
                f"<form><{outer}></form><form><{inner}></{outer}>{payload}",
                f'<{outer}><mglyph><{inner}><!--</{inner}><img title="--&gt;{payload}">',
            ]
        )
    )


MARKDOWN = (
    "*", "**", "_", "`", "```", "\n```\n", "\n", "\n\n", "> ", "- ", "1. ", "    ", "\t", "[", "](", ")", "[x]", "!",
    "<", ">", "\\", "\n[x]: ", "|", "\n---\n", "# ", "~~", "\u0301", "\u0338", "\u200d", "\u202e", "&",
)  # fmt: skip


@st.composite
def links(draw: st.DrawFn) -> str:
    """A link, an image, an autolink, a reference or a bare address of Markdown."""
    words_of, to = draw(words), draw(addresses)
    return draw(
        st.sampled_from(
            [
                f"[{words_of}]({to})", f"![{words_of}]({to})", f"<{to}>", f"[{words_of}](<{to}>)", f"[x]\n\n[x]: {to}",
                f'[{words_of}]({to} "{words_of}" onclick={RUN})', to, f"[[{words_of}]({to})]({to})", f"<{to}\n>",
                f"`{to}`", f"www.{to}", f"[{words_of}]({to}\"onmouseover={RUN})",
            ]
        )
    )  # fmt: skip


pieces = st.one_of(tags(), tags(), lies(), links(), words, st.sampled_from(MARKDOWN), st.sampled_from(ENTITIES))
attacks = st.lists(pieces, min_size=1, max_size=12).map("".join)
