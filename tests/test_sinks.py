"""No way around core/markup.py: nothing in templates and Python marks text as HTML, and nothing in the browser makes
nodes, scripts or styles out of text. Each rule is shown a planted breach.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "comments"
FRONTEND = PACKAGE / "frontend"
MADE = {"node_modules", ".build"}

# What turns a text into HTML, script or a document, by any of its names. A bundler's own plugin may name one to take it
# out, and a test to show that it is ignored.
SINKS = (
    r"\b(?:inner|outer)HTML\b", r"\binsertAdjacentHTML\b", r"\bDOMParser\b", r"\bdocument\s*\.\s*write(?:ln)?\b",
    r"\bsrcdoc\b", r"\bdangerouslySetInnerHTML\b", r"\b(?:set|get)HTML(?:Unsafe)?\b", r"\bparseHTML(?:Unsafe)?\b",
    r"\bcreateContextualFragment\b", r"\beval\b", r"\bFunction\s*\(", r"\bnew\s+Function\b", r"\.constructor\s*\(",
    r"\b__html\b", r"\bcreatePolicy\b", r"\bXSLTProcessor\b", r"\bimportScripts\b", r"\binsertHTML\b",
    r"set(?:Timeout|Interval)\(\s*[\"'`]", r"[\"'`]javascript:",
    r"\bsetAttribute(?:NS)?\(\s*[\"'`](?:on|src|href|style)",
    r"createElement(?:NS)?\([^)]*[\"'`](?:iframe|object|embed|base)[\"'`]",
    r"\[\s*[\"'`](?:inner|outer|insertAdjacent)[\"'`]?\s*\+",
)  # fmt: skip
SINK = re.compile("|".join(SINKS))
TEMPLATE = re.compile(
    r"\|\s*(?:safe|tojson|forceescape|xmlattr|urlize|striptags)\b|autoescape|Markup|<script|\bon\w+\s*=\s*[\"']"
)
OUR_SCRIPT = '<script type="module" src="{{ script }}" nonce="{{ nonce }}"></script>'
HTML_BY_HAND = re.compile(r"""f?["'][^"'\n]*<(?:p|a|b|i|div|span|img|script|html|body|li|h[1-6])[ >][^"'\n]*["']""")
MARKS_AS_SAFE = re.compile(
    r"\bMarkup\b|\bMarkupSafe\b|__html__|autoescape\s*=\s*(?!True)|render_template_string|\bmark_safe\b"
)


def sources(folder: Path, *kinds: str) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in kinds and not MADE & set(path.parts))


def without_comments(source: str) -> str:
    return re.sub(r"(?m)^\s*//.*$|/\*[\s\S]*?\*/|\s//\s.*$", "", source)


def breaches(pattern: re.Pattern[str], source: str) -> list[str]:
    return [match[0] for match in pattern.finditer(source)]


BROWSER = [path for path in sources(FRONTEND, ".ts", ".tsx") if ".test." not in path.name]


def test_the_browser_makes_nothing_of_text() -> None:
    assert len(BROWSER) > 100
    found = {str(path.relative_to(ROOT)): breaches(SINK, without_comments(path.read_text())) for path in BROWSER}
    assert {path: what for path, what in found.items() if what} == {}


def test_the_bundles_make_nothing_of_text() -> None:
    """What browsers are given, Preact in it: for readers it has lost the property that takes HTML."""
    bundles = [path for path in (PACKAGE / "static").glob("*.js") if not path.name.startswith("locale-")]
    assert bundles, "make setup builds them"
    for path in bundles:
        ours = path.name.startswith(("console-", "me-"))  # pages of our own, whose sources are looked at above
        allowed = {".constructor("} if ours or path.name.startswith("widget-") else set()  # of a component
        allowed |= {"innerHTML", "dangerouslySetInnerHTML", "__html"} if ours else set()
        assert set(breaches(SINK, path.read_text())) <= allowed, path.name


def test_the_pages_of_the_demo_and_the_examples_neither() -> None:
    paths = [*sources(ROOT / "docs/examples", ".html", ".js"), *sources(PACKAGE / "demo", ".html", ".js")]
    assert paths
    assert {path.name: what for path in paths if (what := breaches(SINK, path.read_text()))} == {}


def test_templates_mark_nothing_as_safe() -> None:
    paths = [*sources(PACKAGE / "http/templates", ".html"), *sources(PACKAGE / "demo", ".html")]
    assert len(paths) > 5
    for path in paths:
        assert breaches(re.compile(r"\|\s*safe\b|autoescape\s+false|Markup"), path.read_text()) == [], path.name
    for path in sources(PACKAGE / "http/templates", ".html"):
        assert breaches(TEMPLATE, path.read_text().replace(OUR_SCRIPT, "")) == [], path.name


def test_python_marks_nothing_as_safe_elsewhere() -> None:
    found = {}
    for path in sources(PACKAGE, ".py"):
        if path == PACKAGE / "core/markup.py":
            continue
        if what := breaches(MARKS_AS_SAFE, re.sub(r'"""[\s\S]*?"""|#.*', "", path.read_text())):
            found[str(path.relative_to(ROOT))] = what
    assert found == {}


def test_html_is_put_together_by_hand_only_in_the_markup() -> None:
    """`f"<p>{text}</p>"` is HTML, too. What writes some, and why it may, stands here."""
    known = {
        "core/markup.py",
        "core/tree.py",
        "commands/site.py",  # the tag for the publisher's page, on the operator's terminal
        "actions/rendering.py",
        "importers/wordpress.py",  # a plain text as HTML for `render_html`, which sanitises it
    }
    found = set()
    for path in sources(PACKAGE, ".py"):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith("demo/") and breaches(HTML_BY_HAND, re.sub(r'"""[\s\S]*?"""|#.*', "", path.read_text())):
            found.add(name)
    assert found <= known, found - known


PLANTED = [
    "box.innerHTML = text", 'box["innerHTML"] = text', "box.outerHTML=x", "box.insertAdjacentHTML('beforeend', x)",
    "new DOMParser().parseFromString(x, 'text/html')", "document.write(x)", "document . writeln(x)", "frame.srcdoc = x",
    "<iframe srcdoc={x} />", "<p dangerouslySetInnerHTML={{ __html: x }} />", "box.setHTMLUnsafe(x)", "box.setHTML(x)",
    "Document.parseHTMLUnsafe(x)", "range.createContextualFragment(x)", "eval(x)", "(0, eval)(x)", "new Function(x)",
    "Function('return 1')()", "f.constructor('x')()", "setTimeout('x()', 1)", "trustedTypes.createPolicy('x', {})",
    'href="javascript:void 0"', "node.setAttribute('onclick', x)", 'node.setAttribute("href", x)',
    "document.createElement('iframe')", 'box["inner" + "HTML"]', "new XSLTProcessor()",
]  # fmt: skip


@pytest.mark.parametrize("line", PLANTED)
def test_a_planted_sink_is_seen(line: str) -> None:
    assert breaches(SINK, without_comments(line))


def test_planted_marks_are_seen() -> None:
    for line in ("{{ body|safe }}", "{{ body | safe }}", "{% autoescape false %}", "<p onclick='x'>", "<script>"):
        assert breaches(TEMPLATE, line), line
    for line in (
        "Markup(x)",
        "class X:\n def __html__(self)",
        "Environment(autoescape=False)",
        "render_template_string(x)",
    ):
        assert breaches(MARKS_AS_SAFE, line), line
    for line in ('f"<p>{text}</p>"', '"<a href=%s>" % url', "'<b>' + x"):
        assert breaches(HTML_BY_HAND, line), line
