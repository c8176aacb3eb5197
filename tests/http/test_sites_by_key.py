"""What a publisher's programs set up at their site: articles before anybody wrote, the site itself, what its tokens are
signed with, what its members may.
"""

import pytest
import sqlalchemy as sa

from comments.storage.tables import site_keys
from tests.conftest import FakeClock
from tests.gazette import Gazette, Program, good, refused

SITE = "/console/sites/gazette"
ARTICLE = f"{SITE}/articles/2026/03/spring"  # slashes belong to the publisher's id


@pytest.fixture
def cms(paper: Gazette) -> Program:
    return paper.program("manage", name="our CMS")


def test_an_article_before_anybody_wrote(paper: Gazette, cms: Program) -> None:
    setup = {
        "url": "https://www.gazette.example/2026/03/spring", "title": "  Spring\u202e is here ", "section": "sport",
        "mode": "premoderated", "closes_at": "2030-01-01T00:00:00Z",
    }  # fmt: skip
    made = cms.call("PUT", ARTICLE, setup)
    shown = good(made, 201)
    assert (shown["id"], shown["title"]) == ("2026/03/spring", "Spring is here")
    assert shown["mode"] == "premoderated" and shown["closes_at"] == "2030-01-01T00:00:00Z"
    again = cms.call("PUT", ARTICLE, setup)
    assert good(again) == shown and again.headers["ETag"] == made.headers["ETag"]
    assert cms.call("GET", ARTICLE).headers["ETag"] == made.headers["ETag"]
    page = paper.get("/sites/gazette/articles/2026/03/spring/comments")
    assert (page["article"]["title"], page["article"]["mode"]) == ("Spring is here", "premoderated")
    reader = paper.reader()
    assert good(reader.send("hello", article="2026/03/spring"), 201)["status"] == "waiting"
    good(cms.call("PUT", ARTICLE, {"mode": "open"}))
    assert paper.get("/sites/gazette/articles/2026/03/spring/comments")["article"]["mode"] == "open"
    assert good(cms.call("GET", ARTICLE))["title"] == "Spring is here", "what is left out stays"
    said = [one for one in cms.get(f"{SITE}/audit")["entries"] if one["subject"]["type"] == "article"]
    assert {one["by"] for one in said} == {"our CMS (API key)"} and "describe_article" in {
        one["action"] for one in said
    }


def test_two_who_set_up_one_article(cms: Program) -> None:
    first = cms.call("PUT", ARTICLE, {"title": "One"}).headers["ETag"]
    good(cms.call("PUT", ARTICLE, {"title": "Two"}, If_Match=first))
    problem = refused(cms.call("PUT", ARTICLE, {"title": "Three"}, If_Match=first), 412, "outdated")
    assert good(cms.call("GET", ARTICLE))["title"] == "Two"
    good(cms.call("PUT", ARTICLE, {"title": "Three"}, If_Match=problem["etag"]))


@pytest.mark.parametrize(
    ("setup", "field"),
    [
        ({"url": "https://elsewhere.example/1"}, "url"), ({"url": "javascript:alert(1)"}, "url"),
        ({"mode": "ajar"}, None), ({"opens_at": "soon"}, "opens_at"),
        ({"closes_at": "2001-01-01T00:00:00Z"}, "closes_at"), ({"title": 1}, "title"), ({"total": 1}, None),
    ],
)  # fmt: skip
def test_what_sets_up_no_article(cms: Program, setup: dict[str, object], field: str | None) -> None:
    problem = refused(cms.call("PUT", ARTICLE, {"title": "One"} | setup), 400)
    assert field is None or problem["field"] == field
    assert good(cms.call("GET", ARTICLE))["title"] is None, "nothing of it was kept"


def test_the_site_itself(paper: Gazette, cms: Program) -> None:
    before = cms.call("GET", SITE)
    change = {"origins": ["https://www.gazette.example", "https://m.gazette.example"], "settings": {"max_depth": 7}}
    after = cms.call("PATCH", SITE, change, If_Match=before.headers["ETag"])
    assert good(after)["settings"]["max_depth"] == 7 and good(after)["version"] > good(before)["version"]
    assert good(after)["name"] == good(before)["name"] and good(after)["issuer"] == paper.issuer
    good(paper.session(paper.token(), Origin="https://m.gazette.example"))
    refused(cms.call("PATCH", SITE, {"name": "x"}, If_Match=before.headers["ETag"]), 412, "outdated")
    for wrong, field in (
        ({"origins": ["https://www.gazette.example/path"]}, "origins"), ({"origins": []}, "origins"),
        ({"products": [""]}, "products"), ({"name": " "}, "name"), ({"settings": {"max_depth": 99}}, None),
        ({"settings": {"no_such": 1}}, None), ({"issuer": "https://x.example"}, None),
    ):  # fmt: skip
        problem = refused(cms.call("PATCH", SITE, {"name": "Other"} | wrong), 400)
        assert field is None or problem["field"] == field
    assert good(cms.call("GET", SITE)) == good(after)


def test_signing_keys_change_hands(paper: Gazette, cms: Program) -> None:
    made = good(cms.call("POST", f"{SITE}/signing-keys", {"kid": "next"}), 201)
    assert made["secret"] and made["signing_key"]["kid"] == "next"
    (first, second) = cms.get(f"{SITE}/signing-keys")["signing_keys"]
    assert second == made["signing_key"] and made["secret"] not in str((first, second))
    good(paper.session(paper.token()))
    reader = paper.reader("bach")
    good(cms.call("DELETE", f"{SITE}/signing-keys/{first['id']}?now=1"), 204)
    refused(paper.session(paper.token()), 401, "token_invalid")
    refused(reader.send("hello"), 401, "token_revoked")
    paper.secret = made["secret"]
    good(paper.session(paper.token()))
    refused(cms.call("DELETE", f"{SITE}/signing-keys/{first['id']}"), 404)
    assert {one["by"] for one in cms.get(f"{SITE}/audit")["entries"][:3]} == {"our CMS (API key)"}


def test_years_of_signing_keys(paper: Gazette, cms: Program) -> None:
    """What counts is always there, and of what was revoked the last; however many there were."""
    row = {"site_id": paper.id, "kind": "secret", "value": "gone", "created_at": 1, "revoked_at": 2}
    paper.change(lambda conn: conn.execute(sa.insert(site_keys).values([row] * 120)))
    shown = cms.get(f"{SITE}/signing-keys")["signing_keys"]
    numbers = [int(one["id"]) for one in shown]
    assert len(shown) == 100 and numbers == sorted(numbers) and numbers[1] - numbers[0] > 20
    assert [one["revoked_at"] is None for one in shown] == [True] + [False] * 99


def test_members_by_the_publishers_ids(paper: Gazette, cms: Program, clock: FakeClock) -> None:
    for sub in ("wren", "kiesel", "bach"):
        paper.reader(sub)
    page = cms.get(f"{SITE}/members?limit=2")
    rest = cms.get(f"{SITE}/members?limit=2&cursor={page['next_cursor']}")
    assert [one["sub"] for one in (*page["members"], *rest["members"])] == ["bach", "kiesel", "wren"]
    assert rest["next_cursor"] is None and cms.get(f"{SITE}/members?sub=nobody")["members"] == []
    (known,) = cms.get(f"{SITE}/members?sub=kiesel")["members"]
    assert known["access"]["state"] == "active"
    reader = paper.reader()
    clock.forward(1)
    after = good(cms.call("PUT", f"{SITE}/members/{known['id']}/access", {"state": "lapsed"}))
    assert after["access"]["state"] == "lapsed"
    refused(reader.send("hello"), 401, "token_revoked")
    clock.forward(1)
    assert paper.reader().send("hello").status_code == 201, "what the publisher signs after that counts again"
    refused(cms.call("PUT", f"{SITE}/members/{known['id']}/access", {"state": "rich"}), 400)
    refused(paper.program("moderate").call("PUT", f"{SITE}/members/{known['id']}/access", {"state": "active"}), 403)
