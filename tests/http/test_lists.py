"""No list is endless: each takes a limit and has a next page, or stands here with what bounds it."""

from typing import Any

import pytest
from flask import Flask

from tests.conftest import FakeClock
from tests.gazette import OWN_PAGE, Desk, Gazette, Reader, Visitor, good, refused

BOUNDED = {  # operation → what bounds its lists
    "threads_context": "a comment, its first replies, and as many as stand above it",
    "threads_changes": "200 changes; whoever missed more is told to begin anew",
    "threads_mine": "one's own that wait, 100 at most",
    "composing_people": "8 names",
    "accounts_account": "sessions of one account, which end",
    "sessions_who": "the sites of an account",
    "moderation_comment_in_queue": "what concerns one comment",
    "people_member_page": "the newest of what concerns one member",
    "rules_article_rules": "the newest versions",
    "rules_rules": "sections that have rules",
    "classifiers_classifiers": "those that an administrator added, and their kinds",
    "figures_figures": "a year of days, or a month of hours; kinds of rules, reasons, moderators",
    "queues_filters": "sections, languages and rules of the newest comments",
    "moderation_settings": "kinds of reasons",
    "texts_texts": "languages that there are",
    "gates_conversions": "gates; sections and articles with most, 100 at most",
    "law_notice": "the addresses that one notice names, and its complaint",
    "law_trusted": "50 organisations",
    "me_api_names": "as many former names as are kept of a member",
    "me_api_visit": "statements about what is laid upon an account now: a suspension, pre-moderation",
    "me_data_data": "ways of being erased",
    "me_mail_mail": "the kinds of mail",
    "sites_signing_keys": "100 keys: those that count, and the last that were revoked",
    "sites_site": "what an administrator set: origins, products, words",
    "webhooks_delivery": "the last 100 attempts of one delivery",
    "webhooks_webhooks": "20 webhooks of a site, and the types there are",
}
MOST = 100


def lists(app: Flask) -> dict[str, tuple[str, bool]]:
    """operation → its path, and whether it takes a limit; of all that answer with a list."""
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    schemas = document["components"]["schemas"]
    found = {}
    for path, operations in document["paths"].items():
        one: Any = operations.get("get", {})
        content = one.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        if any(each.get("type") == "array" for each in schemas.get(name, {}).get("properties", {}).values()):
            found[one["operationId"]] = path, any(each["name"] == "limit" for each in one["parameters"])
    return found


def test_every_list_is_paged_or_bounded(app: Flask) -> None:
    found = lists(app)
    assert len(found) > 20
    assert {name for name, (_, is_paged) in found.items() if not is_paged} == set(BOUNDED)


@pytest.mark.parametrize("limit", ["0", "-1", str(MOST + 1), "1e2", "x", "", "9" * 30, "٣", "1.0"])
def test_no_page_is_larger_than_said(app: Flask, clock: FakeClock, limit: str) -> None:
    paper = Gazette.make(app, clock)
    reader, desk = paper.reader(), paper.desk("administrator")
    comment = reader.post("hello there")["id"]
    hook = good(desk.call("POST", f"/sites/{paper.key}/webhooks", {"url": "https://hooks.example/"}), 201)
    upload = {"name": "old.json", "format": "isso", "size": 10}
    named = good(desk.call("POST", f"/sites/{paper.key}/imports", upload), 201)["id"]
    names = {"site": paper.key, "article": "1", "comment": comment, "member": reader.id, "queue": "waiting",
             "webhook": hook["webhook"]["id"], "upload": named}  # fmt: skip
    for path, is_paged in lists(app).values():
        if is_paged:
            where = path.format(**names).removeprefix("/api/v1")
            who: Reader | Desk | Visitor = reader.visitor if where.startswith(OWN_PAGE) else reader
            if where.startswith("/console"):
                who, where = desk, where.removeprefix("/console")
            assert good(who.call("GET", f"{where}?limit=1")), path
            assert refused(who.call("GET", f"{where}?limit={limit}"), 400)["field"] == "limit", path
