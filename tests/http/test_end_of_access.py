"""When a subscription ends: every call that needs a member is refused, ten minutes later at the latest, and at once
where the publisher says so. Generated from the OpenAPI document: a new call with a bearer token is among them.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.conftest import FakeClock
from tests.gazette import API, Gazette, Reader, good, refused
from tests.http.test_errors import endpoints


def of_members(app: Flask, paper: Gazette, comment: str, member: str) -> Iterator[tuple[str, str, Any]]:
    document, adapter = paper.get("/openapi.json"), app.url_map.bind("localhost")
    for method, path, body in endpoints(paper, comment, member):
        rule, _ = adapter.match(f"{API}{path.partition('?')[0]}", method, return_rule=True)
        named = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
        if document["paths"][named][method.lower()]["security"] == [{"bearer": []}]:
            yield method, path, body


@pytest.mark.parametrize("how", ["by itself", "by the publisher"])
def test_every_call_of_a_member_ends(app: Flask, paper: Gazette, clock: FakeClock, how: str) -> None:
    bach: Reader = paper.reader("bach")
    kiesel = paper.reader("kiesel")
    comment = bach.post("hello there")["id"]
    kiesel.post("while it lasted")
    clock.forward(600 if how == "by itself" else 1)
    if how == "by the publisher":
        notice = {"site": paper.key, "token": paper.token("kiesel", state="lapsed")}
        good(paper.call("POST", "/members/kiesel/entitlement", notice), 204)
    calls = list(of_members(app, paper, comment, bach.id))
    assert len(calls) >= 18
    for method, path, body in calls:
        answer = kiesel.call(method, path, body, Idempotency_Key=f"k-{path[-20:]}")
        assert refused(answer, 401)["code"] in ("token_expired", "token_revoked"), (method, path)
    lapsed = paper.reader("kiesel", state="lapsed")
    for answer in (lapsed.send("and after"), lapsed.react(comment), lapsed.report(comment)):
        assert answer.status_code in (200, 201, 403)
    refused(lapsed.send("and after"), 403, "not_entitled_lapsed")
