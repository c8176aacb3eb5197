"""Full-text search on both engines: the same hits, whatever is typed; one site's only; nothing that is gone."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments.core.errors import Malformed
from comments.core.identity import Role, Viewer
from comments.core.policy import visibility
from comments.core.search import read_query, words_of
from comments.http.limits import COSTLY
from comments.storage import search
from comments.storage.comments import update_article
from comments.storage.search import search_comments, search_members
from comments.storage.tables import comments, members
from comments.storage.threads import find_article
from tests.conftest import FakeClock
from tests.gazette import Gazette, good
from tests.http.test_console import held

MODERATOR = Viewer(role=Role.MODERATOR, id=1, sites=None)
TEXTS = {
    "bridge": "The bridge is closed until Monday, says the mayor.",
    "bridges": "Two bridges and a tunnel: well-known trouble.",
    "accents": "Él cruzó la bahía; Ångström, Müller & Søn — coûte que coûte.",
    "capitals": "DER BÜRGERMEISTER SCHWEIGT",
    "russian": "Мост закрыт. Йод.",
    "greek": "Η γέφυρα έκλεισε",
    "japanese": "橋 は 月曜日 まで 閉鎖",
    "numbers": "In 2026 it cost 3,5 million, that is 1e5 times 0x1f.",
    "sign": "It's <b>not</b> a \\ 'quoted' \"word\" * or ( a ) query: NEAR AND OR NOT",
}


@pytest.fixture
def paper(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock)


@pytest.fixture
def written(paper: Gazette) -> dict[str, int]:
    kiesel = paper.reader("kiesel")
    return {name: int(kiesel.post(text, article=name)["id"]) for name, text in TEXTS.items()}


def found(
    paper: Gazette, text: str, sections: frozenset[str] | None = None, *, before: int | None = None, limit: int = 50
) -> list[int]:
    with paper.read() as conn:
        seen = visibility(MODERATOR, paper.id)
        hits = search_comments(conn, paper.id, sections, seen, read_query(text), before, limit)
    return [row.id for row in hits.rows]


FINDS = {
    "bridge": ["bridge", "bridges"],  # the last word may go on
    "bridge ": ["bridge", "bridges"],
    '"bridge"': ["bridge"],
    "BRIDGE closed": ["bridge"],
    '"closed until monday"': ["bridge"],
    '"until closed"': [],
    "bridge -tunnel": ["bridge"],
    "it -mayor": ["numbers", "sign"],
    "known": ["bridges"],
    "well-known": ["bridges"],
    "bahia": ["accents"],
    "BAHÍA": ["accents"],
    "muller angstrom": ["accents"],
    "coûte": ["accents"],
    "bürgermeister": ["capitals"],
    "burgermeister": ["capitals"],
    "мост": ["russian"],
    "ЗАКРЫТ": ["russian"],
    "йод": ["russian"],
    "ΓΈΦΥΡΑ": ["greek"],
    "月曜": ["japanese"],
    "2026": ["numbers"],
    "1e5": ["numbers"],
    "not a query": ["sign"],
    "near(and": ["sign"],
    "article:bridges": ["bridges"],
    "article:bridges mayor": [],
    "article:nowhere": [],
    "author:kiesel tunnel": ["bridges"],
    "author:kies tunnel": ["bridges"],
    "author:nobody": [],
    "status:published mayor": ["bridge"],
    "status:waiting mayor": [],
    "s1": [],  # whose it is stands in the index too, and is no word
    "s:1": [],
}


def test_what_is_found(paper: Gazette, written: dict[str, int]) -> None:
    names = {key: name for name, key in written.items()}
    for text, wanted in FINDS.items():
        assert sorted(names[key] for key in found(paper, text)) == wanted, text


def test_only_without_a_word(paper: Gazette, written: dict[str, int]) -> None:
    assert set(found(paper, "-bridge")) == set(written.values()) - {written["bridge"]}


def test_newest_first_page_by_page(paper: Gazette) -> None:
    kiesel = paper.reader("kiesel")
    ids = [int(kiesel.post(f"page number {number}")["id"]) for number in range(9)]
    seen: list[int] = []
    before: int | None = None
    while True:
        with paper.read() as conn:
            hits = search_comments(conn, paper.id, None, visibility(MODERATOR, paper.id), read_query("page"), before, 2)
        seen += [row.id for row in hits.rows]
        if (before := hits.before) is None:
            break
    assert seen == ids[::-1]


def test_sifting_ends_and_goes_on(paper: Gazette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SOUGHT", 4)
    monkeypatch.setattr(search, "STEP", 2)
    monkeypatch.setattr(search, "NEWEST", 3)
    kiesel = paper.reader("kiesel")
    first = held(paper, kiesel, "the one")
    for number in range(8):
        kiesel.post(f"the others {number}")
    seen = visibility(MODERATOR, paper.id)
    with paper.read() as conn:
        hits = search_comments(conn, paper.id, None, seen, read_query("the status:waiting"), None, 2)
        assert (hits.rows, hits.looked_through) == ([], 5)
        hits = search_comments(conn, paper.id, None, seen, read_query("the status:waiting"), hits.before, 2)
    assert ([row.id for row in hits.rows], hits.before) == ([int(first)], None)


def test_one_site_never_finds_anothers(paper: Gazette, app: Flask, clock: FakeClock) -> None:
    origin = "https://www.herald.example"
    herald = Gazette.make(app, clock, "herald", issuer=origin, origins=(origin,))
    ours = int(paper.reader("kiesel").post("the same words")["id"])
    theirs = int(herald.reader("kiesel").post("the same words")["id"])
    assert (found(paper, "same"), found(herald, "same")) == ([ours], [theirs])
    assert (found(paper, "-other"), found(herald, "author:kiesel")) == ([ours], [theirs])
    assert (found(paper, "article:1"), found(herald, "article:1 same")) == ([ours], [theirs])
    with paper.read() as conn:
        mine, others = (search_members(conn, site.id, ("kies",), None, 9)[0] for site in (paper, herald))
    assert len(mine) == len(others) == 1 and mine != others


def test_sections(paper: Gazette, written: dict[str, int]) -> None:
    def put(conn: sa.Connection) -> None:
        update_article(conn, find_article(conn, paper.id, "bridge").id, section="Local")

    paper.change(put)
    assert found(paper, "bridge", frozenset({"Local"})) == [written["bridge"]]
    assert found(paper, "bridge", frozenset({"Sport"})) == found(paper, "bridge", frozenset()) == []


def test_what_moderators_see(paper: Gazette) -> None:
    """Waiting, rejected and withdrawn ones as the policy says; what was erased or edited away is not there."""
    kiesel, desk = paper.reader("kiesel"), paper.desk()
    waiting, rejected, withdrawn, edited, erased = (
        held(paper, kiesel, "sesame waiting"), *(kiesel.post(f"sesame {n}")["id"] for n in range(4)),
    )  # fmt: skip
    good(desk.decide(rejected, "reject"))
    good(kiesel.withdraw(withdrawn))
    good(kiesel.edit(edited, "barley instead"))
    gone = {"status": "erased", "text": "", "source": "", "member_id": None}
    paper.change(lambda conn: conn.execute(sa.update(comments).where(comments.c.id == int(erased)).values(**gone)))
    assert set(found(paper, "sesame")) == {int(waiting), int(rejected), int(withdrawn)}
    assert found(paper, "barley") == [int(edited)]
    assert int(erased) not in found(paper, "-barley") + found(paper, "author:kiesel")
    assert indexed(paper, "sesame") == 3, "the index itself holds no more"


def indexed(paper: Gazette, word: str) -> int:
    with paper.read() as conn:
        if conn.dialect.name == "sqlite":
            return len(conn.exec_driver_sql("SELECT rowid FROM comment_words WHERE text MATCH ?", (word,)).all())
        found = "SELECT id FROM comment_words WHERE words @@ to_tsquery('simple', %s)"
        return len(conn.exec_driver_sql(found, (word,)).all())


def test_members(paper: Gazette) -> None:
    for sub, name in (("u|17", "Anna Müller"), ("u|18", "anna-lena"), ("x-99", "Ånna"), ("u|19", "Zoë")):
        paper.reader(sub, name=name)

    def named(text: str, before: int | None = None, limit: int = 9) -> list[str]:
        with paper.read() as conn:
            ids, _ = search_members(conn, paper.id, words_of(text), before, limit)
            names = {row.id: row.name for row in conn.execute(sa.select(members))}
        return [names[key] for key in ids]

    assert named("anna") == ["Ånna", "anna-lena", "Anna Müller"]
    assert named("ann") == named("ANNA")
    assert named("mull") == ["Anna Müller"]
    assert named("anna lena") == ["anna-lena"]
    assert named("x-99") == ["Ånna"]
    assert named("u 1") == ["Zoë", "anna-lena", "Anna Müller"]
    assert named("zoe") == ["Zoë"]
    assert named("müll ann") == [], "only the last word may be unfinished"
    paper.change(lambda conn: conn.execute(sa.update(members).where(members.c.sub == "u|19").values(name="Other")))
    assert (named("zoe"), named("other")) == ([], ["Other"])


PIECES = st.sampled_from(
    ['"', "-", "*", "(", ")", ":", "^", "+", "{", "}", "author:", "article:", "status:", "status:waiting", "NEAR",
     "AND", "OR", "NOT", "\\", "'", "|", "&", "!", "<->", "s1", "place:", "text :", " ", "a", "bridge", "Él", "\u0301",
     "\ufeff", "日本", "ß", "İ", "²", "½", "ª", "\u200d", "\u0600", "ः", "%", "_", ";", "--", "$$"]
)  # fmt: skip
TYPED = st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join)


def test_whatever_is_typed_gives_hits_or_a_message(
    paper: Gazette, written: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(COSTLY, "search.search")  # more than a moderator may look for in a minute
    desk = paper.desk()

    @given(TYPED)
    @settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def look(text: str) -> None:
        for kind in ("comments", "members"):
            answer = desk.client.get("/api/v1/console/sites/gazette/search", query_string={"q": text, "kind": kind})
            assert answer.status_code in (200, 400), (text, answer.get_data(True))
            if answer.status_code == 400:
                assert answer.get_json()["field"] == "q"

    look()


@given(TYPED)
@settings(max_examples=300, deadline=None)
def test_reading_a_query_never_fails_otherwise(text: str) -> None:
    try:
        query = read_query(text)
    except Malformed:
        return
    assert all(term.words and all(term.words) for term in query.terms)


def test_over_http(paper: Gazette, written: dict[str, int]) -> None:
    desk = paper.desk()
    site = "/sites/gazette/search"

    def shown(query: str) -> Any:
        return desk.get(f"{site}?{query}")

    page = shown("q=bridge&limit=1")
    (hit,) = page["comments"]
    assert (hit["comment"]["id"], hit["article"]["id"]) == (str(written["bridges"]), "bridges")
    assert [hit["comment"]["text"][a:b] for a, b in hit["marks"]] == ["bridges"]
    rest = shown(f"q=bridge&limit=1&cursor={page['next_cursor']}")
    assert [one["comment"]["id"] for one in rest["comments"]] == [str(written["bridge"])]
    assert shown("q=")["comments"] == shown("")["comments"] == shown("q=!!!")["comments"] == []
    assert shown("q=mayor&status=waiting")["comments"] == []
    assert len(shown("q=mayor&status=waiting&status=published")["comments"]) == 1
    member = shown("q=kies&kind=members")["members"][0]
    assert (member["author"]["name"], member["sub"]) == ("kiesel", "kiesel")
    for query, field in (("kind=all", "kind"), ("q=x&status=erased", "status"), ("q=status:erased", "q"),
                         ("q=a&cursor=x", "cursor"), ("q=a&limit=0", "limit"), ("q=" + "x" * 301, "q")):  # fmt: skip
        problem = desk.call("GET", f"{site}?{query}")
        assert (problem.status_code, problem.get_json()["field"]) == (400, field), query
