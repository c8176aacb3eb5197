"""What is written in a comment or a name moves nothing of the others: towers of marks, directions, the invisible."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.e2e.browsers import Reader
from tests.live.paper import Paper

PLAIN = "A line of words."
STRANGE = {
    "towers": "Z" + "\u0301\u0489\u20dd" * 40 + " a" + "\u035c\u0360" * 40,
    "override": "\u202e\u202d\u2067\u2066 A line of words \u202e",
    "isolates left open": "\u2067\u2067\u2067A line of words.",
    "invisible": "A\u200b\u2060\ufeff\u00ad line\U000e0041\U000e0042 of words.\u3164\uffa0",
    "marks of direction": "A line\u200f\u200f\u200e of words.\u061c",
}
NAMES = {
    "override": "\u202enimda",
    "isolate": "\u2067Kiesel",
    "hebrew": "דוד כהן 5",
    "arabic": "محمد 7",
    "tower": "K" + "\u0301" * 30,
}


def box(place: Locator) -> tuple[float, float, float, float]:
    found = place.bounding_box()
    assert found is not None
    return found["x"], found["y"], found["width"], found["height"]


def test_neighbours_stand_where_they_would(new_paper: Callable[..., Paper], visit: Callable[..., Reader]) -> None:
    """Each strange comment takes as much room as the plain one, to the pixel, and lies in its own."""
    paper = new_paper(repeat_hours=0)  # cleaned, some are the same text
    kiesel = paper.member("kiesel")
    made = {"plain": kiesel.post("news", PLAIN)["id"]}
    for name, text in STRANGE.items():
        made[name] = kiesel.post("news", text)["id"]
    someone = visit(paper, "news")
    articles = {name: someone.thread.box.locator(f"#comment-{comment}") for name, comment in made.items()}
    x, _, width, height = box(articles["plain"])
    for name, article in articles.items():
        found = box(article)
        assert (found[0], found[2]) == (x, width), name
        assert abs(found[3] - height) <= 1, (name, found[3], height)
        body = box(article.locator("[part=body]"))
        assert found[0] <= body[0] and body[0] + body[2] <= found[0] + found[2] + 1, name
        assert "\u202e" not in (article.text_content() or "")


def test_a_name_moves_nothing_beside_it(paper: Paper, visit: Callable[..., Reader]) -> None:
    """The time stands behind the name, as far to the right as it is wide, whatever letters that has."""
    for number, name in enumerate(NAMES.values()):
        paper.member(f"somebody-{number}", name=name).post("news", PLAIN)
    someone = visit(paper, "news")
    expect(someone.thread.comments).to_have_count(len(NAMES))
    tops = set()
    for article in someone.thread.comments.all():
        name, when = article.locator("[part=name]").first, article.locator("time").first
        left, _, width, _ = box(name)
        assert box(when)[0] >= left + width - 1, article.text_content()
        tops.add(round(box(when)[1] - box(article)[1]))
        assert name.evaluate("one => getComputedStyle(one).unicodeBidi").startswith("isolate")
    assert len(tops) == 1, "all times stand at the same height"
