"""Nothing of one site reaches another: every route of the URL map is called with every id of a second site, as its
member, as a moderator and as an administrator of the first. What is answered holds not a byte of the second site's
texts, and its rows are afterwards what they were.

The calls are made from the URL map: a route with a parameter that has no recipe in `values` fails.
"""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.conftest import FakeClock
from tests.gazette import API, OWN_PAGE, Desk, Gazette, Reader, address, good, sign
from tests.http.test_errors import everything
from tests.two_sites import OF_NO_SITE, Full, dump, fill

# Without a parameter that names anything: a call of them is about whoever calls.
ABOUT_ONESELF = {"console.console", "oembed.oembed", "docs.group"}
NUMBERS = {
    "threads.counts",
    "teasers.most_discussed",
}  # how many comments an article has, as it stands on the publisher's own pages
AS_NOBODY = {
    "teasers.picks",
    "threads.page",
    "threads.changes",
    "threads.replies",
    "threads.context",
    "tabs.picks",
    "tabs.answers",
}
PAGES = {
    "pages.thread", "pages.fragment", "feeds.article_feed", "feeds.site_feed", "teasers.most_discussed_fragment",
    "teasers.picks_fragment",
}  # fmt: skip
DOORS = {"me.enter", "me.page", "me.without_slash"}  # how one comes to one's own page, or why not
FORMS = {"notices.form", "notices.send", "notices.state", "notices.complain"}  # for everybody, whoever asks
ANYBODY = {"notices.give"}  # outside of every paywall: whoever asks, a notice is taken
BY_ALL = {
    "feeds.article_feed",
    "feeds.site_feed",
    "teasers.picks",
    "teasers.picks_fragment",
}  # where reading is for all
BY_LINK = {"notices.state", "notices.complain"}  # whoever has the secret of it
PUBLISHERS = {"members.open_session", "members.set_entitlement"}  # 401: it is not signed by this site
Method = str


@dataclass
class Both:
    own: Full
    theirs: Full
    callers: dict[str, Reader | Desk]


@pytest.fixture
def both(app: Flask, clock: FakeClock) -> Both:
    own, theirs = fill(app, clock, "gazette"), fill(app, clock, "herald")
    paper = own.paper
    assert own.reader.visitor.csrf  # they are at their own page already
    callers: dict[str, Reader | Desk] = {
        "member": own.reader,
        "moderator": paper.desk("moderator", (own.key,)),
        "administrator": paper.desk("administrator", (own.key,)),
    }
    return Both(own, theirs, callers)


def values(name: str, full: Full) -> list[str]:
    """What a parameter of a path can be at this site."""
    known = {
        "site": [full.key],
        "article": ["1"],
        "sub": ["kiesel"],
        "name": [f"{full.key}-moody"],
        "kind": ["recommend"],
        "queue": ["waiting", "reported", "new", "appeals"],
        "number": ["0", "1"],
        "secret": ["0" * 32],
    }
    return known[name] if name in known else full.ids[name]


def routes(app: Flask) -> Iterator[tuple[Method, Rule]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule


def paths(rule: Rule, full: Full, site: str) -> Iterator[str]:
    """The route's path with every id of `full`, under this site's key."""
    names = re.findall(r"<(?:[^:>]+:)?([^>]+)>", rule.rule)
    choices = [[site] if name == "site" else values(name, full) for name in names]
    for chosen in itertools.product(*choices):
        path = rule.rule
        for value in chosen:
            path = re.sub(r"<[^>]+>", value, path, count=1)
        yield path


def bodies(app: Flask, full: Full) -> dict[tuple[Method, str], Any]:
    """A good body for each route that takes one, by method and endpoint, about this site's objects."""
    adapter = app.url_map.bind("localhost")
    comment, member = full.ids["comment"][0], full.ids["member"][0]
    return {
        (method, adapter.match(address(path.partition("?")[0]), method)[0]): body
        for method, path, body in everything(full.paper, comment, member)
    }


def ask(paper: Gazette, caller: Reader | Desk, method: str, path: str, body: Any) -> TestResponse:
    headers = {"Idempotency-Key": "two-sites"}
    if isinstance(caller, Desk):
        return caller.client.open(path, method=method, json=body, headers=headers | {"X-CSRF-Token": caller.csrf})
    if path.startswith(OWN_PAGE):
        return caller.visitor.call(method, path, body)
    client = paper.app.test_client(use_cookies=False)
    return client.open(path, method=method, json=body, headers=headers | {"Authorization": f"Bearer {caller.token}"})


def told(answer: TestResponse) -> str:
    return str(answer.headers) + answer.get_data(as_text=True)


def is_refused(rule: Rule, answer: TestResponse, caller: Reader | Desk) -> bool:
    """404, as if it were not there; or what that door says to everybody who is no member of its site."""
    endpoint, status = rule.endpoint, answer.status_code
    if endpoint in NUMBERS:
        return status == 200 and set(answer.get_json()) in ({"counts"}, {"window", "by", "articles"})
    if endpoint in FORMS:
        return status in (200, 400, 404, 429)
    if endpoint in PAGES:
        return status in (200, 401, 403, 404)
    if endpoint in AS_NOBODY:  # a token of another site, or a cookie, reads as nobody: here nobody may
        return status in (401, 404)
    if endpoint in PUBLISHERS:
        return status == 401
    if endpoint in DOORS:
        return status in (200, 308, 403)
    if rule.rule.startswith(OWN_PAGE):  # of another site there is no visit
        return status in (401, 404) if isinstance(caller, Reader) else status == 401
    at_home = rule.rule.startswith(f"{API}/console") == isinstance(caller, Desk)
    return status == (404 if at_home else 401)


def is_about_ids(rule: Rule) -> bool:
    return bool(rule.arguments) and rule.endpoint not in ABOUT_ONESELF


def test_every_kind_of_object_is_there(both: Both) -> None:
    """A new table that has a site's things fails here until `fill` makes some."""
    for full in (both.own, both.theirs):
        rows = dump(full.paper, full.paper.id)
        assert {name for name, found in rows.items() if not found} <= OF_NO_SITE | {"figures"}, full.key
        assert any(full.canary in row for found in rows.values() for row in found)
    everything = set(dump(both.own.paper)) | {"users", "console_sessions"}
    assert everything - set(rows) <= OF_NO_SITE, "a table of which nobody says whose its rows are"


def test_every_route_with_every_id_of_the_other_site(app: Flask, both: Both) -> None:
    paper, theirs = both.own.paper, both.theirs
    good_bodies = bodies(app, theirs)
    before, wrong, asked = dump(paper), [], 0
    for (method, rule), (who, caller) in itertools.product(routes(app), both.callers.items()):
        if not is_about_ids(rule) or rule.endpoint in ANYBODY:
            continue
        body = good_bodies.get((method, rule.endpoint))
        if rule.endpoint in PUBLISHERS:
            body = {"site": theirs.key, "token": paper.token()}
        for path in paths(rule, theirs, theirs.key):
            answer = ask(paper, caller, method, path, body)
            asked += 1
            if not is_refused(rule, answer, caller):
                wrong.append(f"{who}: {method} {path}: {answer.status_code} {answer.get_data(as_text=True)[:100]}")
            if theirs.canary in told(answer):
                wrong.append(f"{who}: {method} {path} tells of the other site")
    assert not wrong, "\n".join(wrong)
    assert asked > 500
    after = dump(paper)
    assert [name for name in before if before[name] != after[name]] == []


def test_the_same_calls_get_through_at_home(app: Flask, both: Both) -> None:
    """That the walk knocks at real doors: with ids of one's own site, most of the same calls find what they name."""
    paper, own = both.own.paper, both.own
    good_bodies = bodies(app, own)
    missed, asked = [], 0
    for method, rule in routes(app):
        if not is_about_ids(rule) or rule.endpoint in PUBLISHERS | BY_LINK | BY_ALL or method == "DELETE":
            continue
        caller = both.callers["administrator" if rule.rule.startswith(f"{API}/console") else "member"]
        for path in paths(rule, own, own.key):
            asked += 1
            answer = ask(paper, caller, method, path, good_bodies.get((method, rule.endpoint)))
            answer.close()  # of a file
            if answer.status_code != 404:
                break
        else:
            missed.append(f"{method} {rule.rule}")
    assert not missed, "\n".join(missed)
    assert asked > 40


def test_what_is_there_where_reading_is_for_everybody(app: Flask, both: Both) -> None:
    """The other half of `BY_ALL`: one site opens, and what was not there is; the other's stays away."""
    own, theirs = both.own, both.theirs
    good(own.chief.call("PATCH", f"/sites/{own.key}", {"settings": {"read": "everyone"}}))
    found = [rule for rule in app.url_map.iter_rules() if rule.endpoint in BY_ALL]
    assert {rule.endpoint for rule in found} == BY_ALL
    for rule in found:
        assert app.test_client().get(next(paths(rule, own, own.key))).status_code == 200, rule.rule
        assert app.test_client().get(next(paths(rule, theirs, theirs.key))).status_code == 404, rule.rule


def test_notices_are_for_anybody_and_tell_nothing(app: Flask, both: Both) -> None:
    paper, theirs, own = both.own.paper, both.theirs, dump(both.own.paper, both.own.paper.id)
    good_bodies = bodies(app, theirs)
    for (method, rule), caller in itertools.product(routes(app), both.callers.values()):
        if rule.endpoint in ANYBODY:
            answer = ask(
                paper, caller, method, next(paths(rule, theirs, theirs.key)), good_bodies[method, rule.endpoint]
            )
            assert answer.status_code == 201 and theirs.canary not in told(answer)
    assert dump(paper, paper.id) == own


def foreign_paths(rule: Rule, both: Both) -> Iterator[str]:
    """The route under one's own site's key with the other's ids in the rest of the path."""
    if "site" in rule.arguments and rule.arguments - {"site", "queue", "kind", "number", "article"}:
        yield from paths(rule, both.theirs, both.own.key)


def test_ones_own_site_with_ids_of_the_other(app: Flask, both: Both) -> None:
    paper, theirs, wrong = both.own.paper, both.theirs, []
    good_bodies, before = bodies(app, both.own), dump(paper)
    for (method, rule), (who, caller) in itertools.product(routes(app), both.callers.items()):
        for path in foreign_paths(rule, both):
            answer = ask(paper, caller, method, path, good_bodies.get((method, rule.endpoint)))
            by_rank = who == "moderator" and answer.status_code == 403  # before anything is looked up
            if not (by_rank or is_refused(rule, answer, caller)) or theirs.canary in told(answer):
                wrong.append(f"{who}: {method} {path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert dump(paper) == before


ID = r"^[0-9]{1,18}$"


def id_places(document: Any, schema: Any, seen: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where ids stand in a body of this schema, as ways of names; "[]" is a place in a list."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from id_places(document, document["components"]["schemas"][name], (*seen, name))
    for one in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from id_places(document, one, seen)
    if schema.get("pattern") == ID:
        yield ()
    for name, one in schema.get("properties", {}).items():
        yield from ((name, *way) for way in id_places(document, one, seen))
    if isinstance(schema.get("items"), dict):
        yield from (("[]", *way) for way in id_places(document, schema["items"], seen))


def put(body: Any, way: tuple[Any, ...], value: str) -> Any:
    """The body with this value there; what is on the way is taken from the good body or made."""
    if not way:
        return value
    if way[0] == "[]":
        first = body[0] if isinstance(body, list) and body else {"version": 1}
        return [put(first, way[1:], value)]
    return dict(body or {}) | {way[0]: put((body or {}).get(way[0]), way[1:], value)}


def test_ids_of_the_other_site_in_bodies(app: Flask, both: Both) -> None:
    """Every field that the document calls an id, in every body, with ids of each kind: only one's own site changes,
    and what is refused says nothing.
    """
    paper, own, theirs = both.own.paper, both.own, both.theirs
    document = paper.get("/openapi.json")
    good_bodies, before, wrong, asked = bodies(app, own), dump(paper, theirs.paper.id), [], 0
    for method, rule in routes(app):
        path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
        described = document["paths"].get(path, {}).get(method.lower(), {}).get("requestBody")
        if described is None or "application/json" not in described["content"]:  # bytes of a file name nothing
            continue
        for way in id_places(document, described["content"]["application/json"]["schema"]):
            for kind, ids in theirs.ids.items():
                for value in ids if kind == "comment" else ids[:1]:
                    body = put(good_bodies[method, rule.endpoint], way, value)
                    caller = both.callers["administrator" if path.startswith(f"{API}/console") else "member"]
                    answer = ask(paper, caller, method, next(paths(rule, own, own.key)), body)
                    asked += 1
                    if answer.status_code >= 500 or answer.status_code == 429 or theirs.canary in told(answer):
                        wrong.append(f"{method} {path} {json.dumps(body)}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert asked > 50
    assert dump(paper, theirs.paper.id) == before


def test_ids_and_texts_of_the_other_site_in_queries(app: Flask, both: Both) -> None:
    paper, own, theirs = both.own.paper, both.own, both.theirs
    document = paper.get("/openapi.json")
    tried = ["1", theirs.key, f"{theirs.key}-moody", theirs.canary, *(ids[0] for ids in theirs.ids.values())]
    good_bodies, before, wrong, asked = bodies(app, own), dump(paper, theirs.paper.id), [], 0
    for (method, rule), (who, caller) in itertools.product(routes(app), both.callers.items()):
        path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
        described = document["paths"].get(path, {}).get(method.lower(), {})
        body = good_bodies.get((method, rule.endpoint))
        names = [one["name"] for one in described.get("parameters", ()) if one["in"] == "query"]
        for name, value in itertools.product(names, tried):
            answer = ask(paper, caller, method, f"{next(paths(rule, own, own.key))}?{name}={value}", body)
            asked += 1
            echoed = value == theirs.canary and (
                answer.status_code == 400 or rule.endpoint in NUMBERS
            )  # as it was sent
            if answer.status_code >= 500 or (theirs.canary in told(answer) and not echoed):
                wrong.append(f"{who}: {method} {path}?{name}={value}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert asked > 300
    assert dump(paper, theirs.paper.id) == before


def test_cursors_of_the_other_site(app: Flask, both: Both) -> None:
    """A cursor holds a place in a list, not the list: with another site's it is the own list that goes on."""
    own, theirs = both.own, both.theirs
    tails = ["queues/new", "queues/waiting", "audit", "articles", "rules/versions", "search?q=canary"]
    given = 0
    for tail in tails:
        joint = "&" if "?" in tail else "?"
        shown = theirs.chief.get(f"/sites/{theirs.key}/{tail}{joint}limit=1")
        if cursor := shown.get("next_cursor"):
            given += 1
            caller = both.callers["administrator"]
            assert isinstance(caller, Desk)
            answer = caller.call("GET", f"/sites/{own.key}/{tail}{joint}limit=50&cursor={cursor}")
            assert answer.status_code in (200, 400)
            assert theirs.canary not in told(answer), tail
    assert given >= 3


def test_a_token_of_the_other_sites_publisher(both: Both) -> None:
    """Signed with their secret, or with ours in their name: no door opens, whatever issuer and audience it says."""
    own, theirs = both.own.paper, both.theirs.paper
    for secret, issuer, audience in itertools.product(
        (own.secret, theirs.secret), (own.issuer, theirs.issuer), (own.key, theirs.key)
    ):
        for site in (own, theirs):
            token = sign(theirs.claims(iss=issuer, aud=audience, jti=f"{secret}{issuer}{audience}{site.key}"), secret)
            status = own.call("POST", "/session", {"site": site.key, "token": token}).status_code
            fits = (secret, issuer, audience) == (site.secret, site.issuer, site.key)
            assert status == (200 if fits else 401), (secret, issuer, audience, site.key)
