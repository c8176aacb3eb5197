"""The served document: valid, complete, and true of what the service really answers."""

import re
import threading
from typing import Any

import jsonschema
import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from comments.core.archive import encode_header
from tests.conftest import FakeClock
from tests.gazette import API, OWN_PAGE, PASSWORD, Desk, Gazette, Reader, code_at, good
from tests.http.conftest import LONG_WORK

# What the document leaves out: browsers' files and pages, and the operator's questions.
UNDESCRIBED = {
    "console.console",
    "pages.thread",
    "pages.fragment",
    "notices.form",
    "notices.send",
    "notices.state",
    "notices.complain",
    "docs.index",
    "docs.group",
    "mail.confirm",
    "mail.do_confirm",
    "mail.unsubscribe",
    "mail.do_unsubscribe",
    "mail.stop",
    "mail.do_stop",
    "feeds.article_feed",
    "feeds.site_feed",
    "teasers.most_discussed_fragment",
    "teasers.picks_fragment",
    "oembed.oembed",
    "health.healthz",
    "health.readyz",
    "metrics.metrics",
}
UNDESCRIBED |= {"me.enter", "me.page", "me.without_slash", "me_data.file"}  # the last: a link of that page
# What is left out stays as it is, or is made.
WITHOUT_NEEDED = {"ArticleChange", "ArticleSetup", "SiteChange", "NewSigningKey", "WebhookChange", "SecretChange"}
WITHOUT_NEEDED |= {"MailChange"}
TEXT = {"reason": "waiting", "language": "en", "text": "Soon."}
Asked = list[tuple[str, str, TestResponse]]  # (method, path of the document, answer)


@pytest.fixture
def document(app: Flask, paper: Gazette) -> dict[str, Any]:
    found: dict[str, Any] = paper.get("/openapi.json")
    return found


def test_it_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.0"
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_is_described(app: Flask, document: dict[str, Any]) -> None:
    missing = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if rule.endpoint not in UNDESCRIBED and method.lower() not in document["paths"].get(path, {}):
                missing.append(f"{method} {rule.rule} ({rule.endpoint})")
    assert missing == []
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert not UNDESCRIBED - endpoints, "an exception that is none any more"


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names)) >= 30
    assert all(one["summary"] and "default" in one["responses"] for one in operations)


def test_every_operation_is_explained(document: dict[str, Any]) -> None:
    """A tag that says what the group is about, and examples that are what the schemas say."""
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            assert len(one["tags"]) == 1 and tags[one["tags"][0]], f"{method} {path}: TAGS in http/openapi.py"
            assert all("example" in each for each in one["parameters"] if each["in"] == "path")
            assert all(each.get("description") for each in one["parameters"] if each["in"] != "path")
            said = [one["requestBody"]] if "requestBody" in one else []
            said += [answer for status, answer in one["responses"].items() if status != "default"]
            for content in (each.get("content", {}).get("application/json") for each in said):
                if content is not None:
                    jsonschema.validate(content["example"], closed(document, content["schema"]), Draft202012Validator)
            problem = one["responses"]["default"]["content"]["application/problem+json"]
            assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}, "each may be refused, in one shape"


def test_every_list_goes_on_in_the_same_way(document: dict[str, Any]) -> None:
    """Who answers `next_cursor` takes `cursor` and `limit`, and the other way round."""
    schemas, wrong, lists = document["components"]["schemas"], [], 0
    for path, operations in document["paths"].items():
        one = operations.get("get", {"parameters": (), "responses": {}})
        asked = {each["name"] for each in one["parameters"] if each["in"] == "query"}
        schema = one["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        goes_on = "next_cursor" in schemas.get(name, {}).get("properties", {})
        lists += goes_on
        if goes_on != ({"cursor", "limit"} <= asked):
            wrong.append(f"{path}: {name} {sorted(asked)}")
    assert wrong == [] and lists >= 10


def test_who_may_call(document: dict[str, Any]) -> None:
    """Everything under /console wants the cookie (but signing in), or a key where it is about a site; one's own page
    that of a visit; nothing else does.
    """
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            wants = {name for way in one["security"] for name in way}
            if path.startswith("/api/v1/console"):
                about_a_site = re.match(r"/api/v1/console/(sites|comments|members|decisions|appeals)/", path)
                peoples = not about_a_site or path.startswith("/api/v1/console/sites/{site}/api-keys")
                some = {"console"} if peoples else {"console", "key"}
                assert wants == (set() if (path, method) == ("/api/v1/console/session", "post") else some), path
            else:
                assert not {"console", "key"} & wants, path
            assert ("me" in wants) == path.startswith(OWN_PAGE), path


class Listening:
    """Follows a story and keeps each answer with the path of the document that it belongs to."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.asked: Asked = []
        self._patterns = [
            (re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))), path) for path in document["paths"]
        ]

    def __call__(self, answer: TestResponse) -> Any:
        path = next(name for pattern, name in self._patterns if pattern.fullmatch(answer.request.path))
        self.asked.append((answer.request.method.lower(), path, answer))
        return answer.get_json(silent=True)


def story(paper: Gazette, clock: FakeClock, heard: Listening) -> None:
    """One visit of everything that the API has, with all that an answer may hold."""
    herald = Gazette.make(paper.app, clock, "herald", banned_words=["weasel"], ask_author=True, mail=True,
                         reactions=["recommend", "funny"])  # fmt: skip
    site, article = "/sites/herald", herald.article()
    heard(herald.session(herald.token(avatar="https://pictures.example/k.png", badges=["staff"])))
    kiesel, bach, desk = herald.reader("kiesel"), herald.reader("bach"), herald.desk()
    root = heard(kiesel.send("root", key="k", article_url="https://www.gazette.example/1", article_title="One"))["id"]
    heard(kiesel.send("root", key="k"))
    reply = heard(bach.send("reply **bold** https://www.example.com", root))["id"]
    held = heard(bach.send("a weasel", reply))["id"]
    heard(kiesel.edit(root, "root, corrected"))
    for kind in ("recommend", "funny"):
        heard(bach.react(root, kind=kind))
    heard(bach.react(root, "DELETE"))
    heard(bach.report(root, detail="look"))
    heard(bach.report(root))
    _console(heard, desk, herald, root, held, bach)
    _classifiers(heard, herald)
    _keys(heard, herald)
    _webhooks(heard, herald)
    _site(heard, herald)
    _exports(heard, herald)
    _imports(heard, herald)
    heard(bach.call("PUT", f"/members/{kiesel.id}/mute"))
    heard(bach.call("GET", f"{article}/mine"))
    heard(bach.call("DELETE", f"/members/{kiesel.id}/mute"))
    heard(kiesel.call("PATCH", "/me", {"name": "Kiesel am Bach"}))
    question = heard(bach.send("why so?", question=True))["id"]
    heard(herald.reader("birke", badges=["author"]).send("in the archive", question))
    heard(desk.call("POST", f"/comments/{question}/pick"))
    extra = heard(kiesel.send("soon gone"))["id"]
    _told(heard, herald, bach, reply)
    _own_page(heard, herald, bach, reply)
    heard(kiesel.withdraw(root))
    heard(kiesel.withdraw(extra))
    reads = ["comments", "comments?limit=1", "picks", "answers"]
    reads += ["changes?after=0", "changes?after=1", "changes?after=99"]
    for path in (*(f"{article}/{what}" for what in reads), f"/comments/{root}/replies", f"/comments/{reply}/context",
                 f"{site}/counts?article=1&article=2",
                 f"{site}/most-discussed?window=week&by=readers", f"{site}/picks", "/openapi.json"):  # fmt: skip
        heard(herald.call("GET", path))
    heard(herald.call("POST", "/members/kiesel/entitlement", {"site": "herald", "token": herald.token(state="lapsed")}))
    _refusals(heard, herald, kiesel, desk, reply)
    _law(heard, herald, clock)
    _account(heard, herald, clock)


def _own_page(heard: Listening, herald: Gazette, bach: Reader, reply: str) -> None:
    """What stands on one's own page when one has muted, followed and been refused."""
    desk, other = herald.desk(), herald.reader("mole")
    mine, gone = bach.post("of one's own")["id"], bach.post("of one's own, too")["id"]
    good(desk.decide(mine, "reject", reason="abuse"))
    good(bach.call("PUT", f"/members/{other.id}/mute"), 204)
    good(bach.call("PUT", f"/comments/{reply}/follow"))
    visitor = bach.visitor
    for path in ("/visit", "/comments", "/comments?status=rejected", "/notifications", "/mutes", "/follows"):
        heard(visitor.call("GET", path))
    for _ in range(2):
        heard(visitor.call("POST", f"/comments/{mine}/appeal", {"text": "why?"}))
    heard(visitor.call("DELETE", f"/comments/{gone}"))
    good(desk.call("PUT", f"/members/{bach.id}/premoderation", {"reason": "x"}))
    laid_upon = heard(visitor.call("GET", "/visit"))["statements"][0]["id"]
    for _ in range(2):
        heard(visitor.call("POST", f"/statements/{laid_upon}/complaint", {"text": "Why me?"}))
    good(desk.call("DELETE", f"/members/{bach.id}/premoderation"))
    until = visitor.get("/notifications")["notifications"][0]["id"]
    heard(visitor.call("POST", "/notifications/seen", {"until": until}))
    heard(visitor.call("PUT", "/name", {"name": "Bach im Wald"}))
    heard(visitor.call("PUT", "/name", {"name": "x"}))
    heard(visitor.call("GET", "/names"))
    heard(visitor.call("DELETE", f"/mutes/{other.id}"))
    heard(visitor.call("DELETE", f"/follows/{visitor.get('/follows')['follows'][0]['id']}"))
    heard(visitor.call("GET", "/mail"))
    heard(visitor.call("PUT", "/mail", {"choices": {"replies": "daily"}}))
    heard(visitor.call("GET", "/data"))
    heard(visitor.call("POST", "/export"))
    heard(visitor.call("GET", "/data"))
    heard(visitor.call("DELETE", "/visit"))
    mole = other.visitor
    heard(mole.call("POST", "/erasure", {"mode": "identity", "name": "mole"}))


def _account(heard: Listening, herald: Gazette, clock: FakeClock) -> None:
    """A moderator's own account, with a second factor for a while."""
    desk, other = herald.desk(), herald.desk()
    offered = heard(desk.call("POST", "/account/second-factor"))
    given = {"ticket": offered["ticket"], "code": code_at(offered["secret"], clock)}
    codes = heard(desk.call("PUT", "/account/second-factor", given))["codes"]
    heard(desk.call("POST", "/session", {"email": desk.email, "password": PASSWORD}))
    heard(desk.call("POST", "/account/proof", {"password": PASSWORD, "code": codes[0]}))
    clock.forward(60)
    heard(desk.call("POST", "/account/recovery-codes"))
    given = {"password": PASSWORD, "code": code_at(offered["secret"], clock)}
    heard(desk.call("POST", "/account/second-factor/removal", given))
    heard(desk.call("PUT", "/account/password", {"password": PASSWORD}))
    herald.browser_of(other.email)
    sessions = heard(other.call("GET", "/account"))["sessions"]
    theirs = next(one["id"] for one in sessions if not one["is_this"])
    heard(other.call("DELETE", f"/account/sessions/{theirs}"))
    heard(other.call("DELETE", "/account/other-sessions"))
    heard(other.call("DELETE", "/account/sessions"))


def _law(heard: Listening, herald: Gazette, clock: FakeClock) -> None:
    """A notice, a trusted flagger's, what comes of them, and complaints of both sides."""
    chief, desk, wren = herald.desk("administrator"), herald.desk(), herald.reader("wren")
    site, member = "/sites/herald", f"/members/{wren.id}"
    comment = wren.post("a thief")["id"]
    key = heard(chief.call("POST", f"{site}/flaggers", {"name": "Wacht", "email": "w@wacht.example"}))["key"]
    notice = {"about": "hate", "text": "It incites to hatred, as everybody sees.", "good_faith": True,
              "name": "Birke", "email": "birke@reader.example",
              "urls": [f"https://www.gazette.example/1#comment-{comment}"]}  # fmt: skip
    heard(herald.call("POST", site + "/notices", notice))
    heard(herald.call("POST", site + "/notices", notice | {"flagger_key": key}))
    first = heard(desk.call("GET", f"{site}/notices"))["items"][0]
    seen = heard(desk.call("GET", f"{site}/notices/{first['id']}"))
    step = {"step": "escalate", "version": seen["version"], "note": "look"}
    seen = heard(desk.call("POST", f"{site}/notices/{first['id']}/steps", step))
    chosen = [{"id": comment, "version": seen["items"][0]["comment"]["version"]}]
    decision = {"outcome": "restricted", "version": seen["version"], "answer": "So it is.", "comments": chosen}
    decision |= {"reason": "hate", "legal_ground": "§ 130 StGB", "explanation": "It calls for violence."}
    heard(chief.call("POST", f"{site}/notices/{first['id']}/decision", decision))
    heard(desk.call("GET", f"{site}/notices?state=decided&limit=1"))
    flagger = heard(desk.call("GET", f"{site}/flaggers"))["flaggers"][0]["id"]
    heard(chief.call("DELETE", f"{site}/flaggers/{flagger}"))
    heard(desk.call("PUT", f"{member}/premoderation", {"reason": "x"}))
    told = heard(wren.call("GET", "/me/statements"))["statements"][0]["id"]
    for _ in range(2):
        heard(wren.call("POST", f"/me/statements/{told}/complaint", {"text": "Why me?"}))
    complaint = heard(chief.call("GET", f"{site}/complaints"))["items"][0]["id"]
    body = {"outcome": "overturned", "note": "Sorry."}
    heard(chief.call("POST", f"{site}/complaints/{complaint}/decision", body))
    heard(desk.call("GET", f"{site}/complaints?state=decided"))
    for what in ("", "/figures.csv", "/statements.csv", "/statements.ndjson"):
        heard(desk.call("GET", f"{site}/transparency{what}?since=2026-01-01&until=2026-12-31"))


def _told(heard: Listening, herald: Gazette, bach: Reader, reply: str) -> None:
    """What a reader follows and is told of, and what they ask while they write."""
    article, wren = herald.article(), herald.reader("wren")
    for of in (article, f"/comments/{reply}"):
        heard(bach.call("PUT", f"{of}/follow"))
    heard(wren.post("@bach, is it?", reply) and bach.call("GET", f"{article}/people?q=wr"))
    heard(bach.call("POST", "/sites/herald/preview", {"body": "@wren, *it is*", "article": "1"}))
    heard(bach.call("GET", f"{article}/mine"))
    until = heard(bach.call("GET", "/me/notifications"))["notifications"][0]["id"]
    heard(bach.call("GET", "/me/notifications?limit=1"))
    heard(bach.call("POST", "/me/notifications/seen", {"until": until}))
    for of in (article, f"/comments/{reply}"):
        heard(bach.call("DELETE", f"{of}/follow"))


def _console(heard: Listening, desk: Desk, herald: Gazette, root: str, held: str, bach: Reader) -> None:
    heard(desk.call("POST", "/session", {"email": desk.email, "password": PASSWORD}))
    desk.sign_in()
    for path in ("/session", "/sites/herald/queues", "/sites/herald/queues/waiting", "/sites/herald/queues/reported",
                 "/sites/herald/queues/new", "/sites/herald/queues/appeals", "/sites/herald/filters",
                 "/sites/herald/queues/waiting?order=risk&rule=banned_words",
                 "/sites/herald/search?q=root", "/sites/herald/search?q=kies&kind=members",
                 f"/comments/{root}", f"/comments/{held}"):  # fmt: skip
        heard(desk.call("GET", path))
    heard(desk.call("POST", "/sites/herald/claims", {"comment_ids": [held, root]}))
    heard(herald.desk().decide(held, "approve"))
    heard(desk.call("GET", "/sites/herald/queues/waiting?free=1"))
    heard(desk.call("DELETE", f"/sites/herald/claims?comment={held}"))
    heard(desk.call("POST", "/sites/herald/queues/waiting/claims", {"limit": 5}))
    heard(desk.decide(held, "reject", reason="abuse", note="no"))
    heard(bach.call("POST", f"/comments/{held}/appeal", {"text": "why?"}))
    heard(bach.call("POST", f"/comments/{held}/appeal", {"text": "why?"}))
    appeal = heard(desk.call("GET", f"/comments/{held}"))
    body = {"outcome": "overturned", "version": appeal["comment"]["version"], "note": "yes"}
    heard(herald.desk().call("POST", f"/appeals/{appeal['appeal']['id']}/decision", body))
    heard(bach.call("GET", f"{herald.article()}/mine"))
    heard(herald.desk("administrator").call("PUT", "/sites/herald/texts", TEXT))
    heard(desk.call("GET", "/sites/herald/texts"))
    heard(desk.decide(held, "reject", reason="abuse", note="no"))
    heard(desk.decide(root, "approve"))
    _decisions(heard, desk, root, held)
    heard(desk.call("POST", f"/members/{bach.id}/ban", {"reason": "x", "until": "2030-01-01T00:00:00Z"}))
    heard(desk.call("DELETE", f"/members/{bach.id}/ban"))
    _people(heard, desk, herald, held, bach)
    for mode in ("closed", "open"):
        heard(desk.call("PATCH", "/sites/herald/articles/1", {"mode": mode}))
    _rules(heard, herald)
    heard(desk.call("PATCH", "/sites/herald/articles/1", {"section": "Sport"}))
    heard(desk.call("PUT", "/sites/herald/articles/2/hours", {"opens_at": None, "closes_at": "2030-01-01T00:00:00Z"}))
    for path in (
        "/sites/herald/articles",
        "/sites/herald/audit",
        "/sites/herald/settings",
        f"/comments/{root}",
        "/sites/herald/figures",
        "/sites/herald/figures?by=hour",
        "/sites/herald/figures.csv",
        "/sites/herald/gates",
    ):
        heard(desk.call("GET", path))


def _rules(heard: Listening, herald: Gazette) -> None:
    chief, rules, own = herald.desk("administrator"), "/sites/herald/rules", "/sites/herald/articles/1/rules"
    change = {"rules": {"banned_words": ["root"], "sections": {"sport": {"max_links": 0}}}, "reason": "roots"}
    for method in ("PATCH", "PUT"):
        heard(chief.call(method, rules, change))
    heard(chief.call("PATCH", rules, change | {"based_on": 0}))
    for number in (0, 1):  # the rules that the story goes on by
        heard(chief.call("POST", f"{rules}/versions/{number}/restore", {"based_on": 3 + number}))
    heard(chief.call("PUT", own, {"rules": {"premoderate": True}}))
    heard(chief.call("POST", f"{own}/versions/0/restore", {"based_on": 1}))
    for path in (rules, f"{rules}/versions?limit=1", own):
        heard(chief.call("GET", path))
    trial = heard(chief.call("POST", "/sites/herald/trials", {"rules": change["rules"], "most": 100}))["id"]
    heard(chief.call("GET", f"/sites/herald/trials/{trial}"))
    herald.work()
    heard(chief.call("GET", f"/sites/herald/trials/{trial}"))


def _people(heard: Listening, desk: Desk, herald: Gazette, held: str, bach: Reader) -> None:
    """Warned, read, pre-moderated, banned everywhere, and all of it taken back."""
    member = f"/members/{bach.id}"
    heard(desk.call("POST", f"{member}/warnings", {"reason": "abuse", "comment_id": held}))
    warned = heard(desk.call("POST", f"{member}/warnings", {"reason": "spam", "text": "No links."}))
    heard(desk.call("DELETE", warned["undo"]["path"].removeprefix("/api/v1/console")))
    first = heard(bach.call("GET", f"{herald.article()}/mine"))["viewer"]["warnings"][0]["id"]
    heard(bach.send("not before it is read"))
    heard(bach.call("POST", f"/me/warnings/{first}/seen"))
    heard(desk.call("PUT", f"{member}/premoderation", {"reason": "x"}))
    heard(bach.call("GET", f"{herald.article()}/mine"))
    heard(desk.call("POST", f"{member}/notes", {"note": "x"}))
    heard(desk.call("POST", f"{member}/ban-everywhere", {"reason": "x"}))
    chief = herald.desk("administrator")
    heard(chief.call("POST", f"{member}/ban-everywhere", {"reason": "x"}))
    for path in (member, f"{member}/comments", f"{member}/comments?status=rejected&limit=1"):
        heard(desk.call("GET", path))
    heard(chief.call("DELETE", f"{member}/ban-everywhere"))
    heard(desk.call("DELETE", f"{member}/premoderation"))


def _classifiers(heard: Listening, herald: Gazette) -> None:
    chief, path = herald.desk("administrator"), "/sites/herald/classifiers"
    heard(chief.call("POST", path, {"name": "moody", "kind": "openai", "config": {}, "secret": "k"}))
    heard(chief.call("PATCH", f"{path}/moody", {"config": {"model": "m"}, "secret": None, "enabled": False}))
    heard(chief.call("PUT", f"{path}/moody/rule", {"rule": {"thresholds": {"hate": 0.5}, "first": "wait"}}))
    heard(chief.call("POST", f"{path}/moody/test", {"text": "hello"}))
    judged = herald.reader("wren").post("hello there")["id"]
    herald.ask()
    for one in (chief, herald.desk()):
        heard(one.call("GET", path))
    heard(chief.call("GET", f"/comments/{judged}"))
    heard(chief.call("DELETE", f"{path}/moody"))


def _site(heard: Listening, herald: Gazette) -> None:
    program, site = herald.program("manage"), "/console/sites/herald"
    heard(program.call("PATCH", site, {"name": "The Herald", "settings": {"max_depth": 5}}))
    heard(program.call("GET", site))
    made = heard(program.call("POST", f"{site}/signing-keys", {"kid": "second"}))["signing_key"]["id"]
    heard(program.call("DELETE", f"{site}/signing-keys/{made}"))
    heard(program.call("GET", f"{site}/signing-keys"))
    setup = {"title": "Seven", "section": "Sport", "mode": "premoderated", "closes_at": "2030-01-01T00:00:00Z"}
    for _ in range(2):
        heard(program.call("PUT", f"{site}/articles/7", setup))
    heard(program.call("PUT", f"{site}/articles/7", {"mode": "open"}, If_Match='"old"'))
    heard(program.call("GET", f"{site}/articles/7"))
    heard(program.call("GET", f"{site}/members?limit=1"))
    known = heard(program.call("GET", f"{site}/members?sub=wren"))["members"][0]["id"]
    heard(program.call("PUT", f"{site}/members/{known}/access", {"state": "active", "until": "2030-01-01T00:00:00Z"}))


def _keys(heard: Listening, herald: Gazette) -> None:
    chief, path = herald.desk("administrator"), "/sites/herald/api-keys"
    new = {"name": "our CMS", "scopes": ["read", "manage"], "expires_at": "2030-01-01T00:00:00Z"}
    made = heard(chief.call("POST", path, new))["api_key"]["id"]
    heard(chief.call("POST", path, new))
    heard(chief.call("DELETE", f"{path}/{made}"))
    heard(chief.call("GET", path))


def _imports(heard: Listening, herald: Gazette) -> None:
    chief, path = herald.desk("administrator"), "/sites/herald/imports"
    data = encode_header() + b'{"key": "old:1", "article": {}}\n'
    new = {"name": "old.ndjson", "size": len(data), "format": "archive", "articles": "source,article\na,b\n"}
    one = f"{path}/{heard(chief.call('POST', path, new))['id']}"
    heard(chief.call("POST", f"{one}/start", {"dry_run": False}))
    heard(chief.send_chunk("herald", one.rpartition("/")[2], 0, data))
    heard(chief.call("POST", f"{one}/start", {"dry_run": True}))
    heard(chief.call("POST", f"{one}/stop"))
    heard(chief.call("POST", f"{one}/start", {"dry_run": True}))
    heard(chief.call("DELETE", one))
    herald.work()
    for call in (path, one, f"{one}/lines"):
        heard(chief.call("GET", call))
    heard(chief.call("DELETE", one))


def _exports(heard: Listening, herald: Gazette) -> None:
    chief, path = herald.desk("administrator"), "/sites/herald/exports"
    made = heard(chief.call("POST", path, {"kind": "csv"}))["id"]
    heard(chief.call("POST", path, {"kind": "csv"}))
    heard(chief.call("GET", f"{path}/{made}/file"))
    worker = threading.Thread(target=herald.work, name=LONG_WORK)
    worker.start()
    worker.join()
    for call in (f"{path}/{made}", path, f"{path}/{made}/file"):
        heard(chief.call("GET", call))


def _webhooks(heard: Listening, herald: Gazette) -> None:
    chief, path = herald.desk("administrator"), "/sites/herald/webhooks"
    new = {"url": "https://localhost/", "description": "ours"}  # refused when it is sent to: the log says so
    one = f"{path}/{heard(chief.call('POST', path, new))['webhook']['id']}"
    heard(chief.call("POST", f"{one}/test"))
    herald.tell()
    heard(chief.call("PATCH", one, {"events": ["comment.published"], "description": None, "enabled": True}))
    heard(chief.call("POST", f"{one}/secret", {"overlap_hours": 24}))
    heard(chief.call("GET", path))
    (tried,) = heard(chief.call("GET", f"{one}/deliveries?state=failed&type=webhook.test"))["deliveries"]
    heard(chief.call("GET", f"{one}/deliveries/{tried['id']}"))
    heard(chief.call("POST", f"{one}/deliveries/{tried['id']}/replay"))
    heard(chief.call("POST", f"{one}/replay", {"since": "2026-03-01T00:00:00Z"}))
    heard(chief.call("DELETE", one))


def _decisions(heard: Listening, desk: Desk, root: str, other: str) -> None:
    made = heard(desk.decide(root, "approve"))["decision_id"]
    heard(desk.call("POST", f"/decisions/{made}/undo"))
    for what in ("pick", "lock"):
        for method in ("POST", "DELETE"):
            heard(desk.call(method, f"/comments/{root}/{what}"))
    heard(desk.call("POST", f"/comments/{root}/notes", {"text": "mild"}))
    heard(desk.call("POST", f"/comments/{root}/defer", {"minutes": 5}))
    heard(desk.call("POST", f"/comments/{other}/second-opinion", {"note": "is it?"}))
    items = [{"id": one, "version": desk.item(one)["comment"]["version"]} for one in (root, other)]
    body = {"decision": "reject", "reason": "spam", "items": [*items, {"id": "99", "version": 1}]}
    heard(desk.call("POST", "/sites/herald/bulk/preview", body))
    done = heard(desk.call("POST", "/sites/herald/bulk", body))
    ids = [one["decision_id"] for one in done["decided"]]
    heard(desk.call("POST", "/sites/herald/bulk/undo", {"decisions": ids}))
    heard(desk.call("PUT", "/preferences", {"keys": {"approve": "y", "lock": None}}))
    heard(desk.call("GET", "/preferences"))


def _refusals(heard: Listening, herald: Gazette, kiesel: Reader, desk: Desk, reply: str) -> None:
    heard(herald.session("x"))
    heard(kiesel.send("after the revocation"))
    heard(herald.reader("lapsed", state="lapsed").send("x y"))
    heard(herald.reader("cara").send("x"))
    heard(herald.call("GET", "/comments/99/context"))
    heard(herald.call("GET", f"{herald.article()}/comments?limit=0"))
    heard(desk.decide(reply, "approve", version=77))
    heard(desk.call("PATCH", "/sites/herald/articles/1", {"mode": "closed"}, X_CSRF_Token="x"))
    heard(desk.call("DELETE", "/session"))
    heard(desk.call("GET", "/session"))


@pytest.mark.environ(COMMENTS_SMTP_URL="smtp+plain://localhost:2525", COMMENTS_MAIL_FROM="comments@gazette.example")
def test_real_answers_are_as_described(document: dict[str, Any], paper: Gazette, clock: FakeClock) -> None:
    heard = Listening(document)
    story(paper, clock, heard)
    for method, path, answer in heard.asked:
        described = document["paths"][path][method]["responses"]
        status = str(answer.status_code)
        assert status in described or answer.status_code >= 400, f"{method} {path} answers {status}"
        wanted = described.get(status, described["default"]).get("content")
        if wanted is None:
            assert answer.status_code == 204 or path.endswith("openapi.json")
            continue
        kind = answer.mimetype
        assert kind in wanted, f"{method} {path} {status}"
        strict = closed(document, wanted[kind]["schema"])
        told = answer.get_data(as_text=True) if kind in ("text/csv", "application/x-ndjson") else answer.get_json()
        jsonschema.validate(told, strict, cls=Draft202012Validator)
    visited = {(method, path) for method, path, answer in heard.asked if answer.status_code < 300}
    all_of_them = {(method, path) for path, operations in document["paths"].items() for method in operations}
    assert all_of_them - visited == set(), "the story leaves these out"


def closed(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with all it refers to, refusing what is not described; problems have further members by design."""
    schemas = {
        name: one | ({"additionalProperties": False} if one.get("type") == "object" and name != "Problem" else {})
        for name, one in document["components"]["schemas"].items()
    }
    return schema | {"components": {"schemas": schemas}}


def test_described_bodies_are_refused_as_described(document: dict[str, Any], paper: Gazette) -> None:
    """What the document says of a request's body holds: unknown members are refused, needed ones are needed."""
    bodies = {
        content["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for operations in document["paths"].values()
        for content in operations.values()
        if "application/json" in content.get("requestBody", {}).get("content", {})
    }
    assert len(bodies) >= 9
    for name in bodies:
        schema = document["components"]["schemas"][name]
        assert schema["additionalProperties"] is False, name
        assert schema["required"] or name in WITHOUT_NEEDED, name
    sent = paper.reader().send("hello", parent="1.5")
    assert sent.status_code == 400
    assert good(paper.call("GET", API.removeprefix("/api/v1") + "/openapi.json"))
