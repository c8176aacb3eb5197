"""A canary in everything that is not public: no socket of anybody else carries a byte of it."""

import json
from collections.abc import Callable

import pytest

from tests.live.conftest import Desk
from tests.live.paper import HELD

CANARY = "canary5e1d"


@pytest.mark.parametrize("service", ["sqlite"], indirect=True)
def test_what_is_not_public_goes_over_no_socket(new_desk: Callable[..., Desk]) -> None:
    here, there = new_desk(), new_desk()
    kiesel, bach, moderator = here.paper.member("kiesel"), here.paper.member("bach"), here.paper.moderator()
    others = {
        "a reader": here.follow("news"),
        "another member": here.follow("news", bach),
        "another site's reader": there.follow("news", there.paper.member("kiesel")),
        "another site's console": there.watch(there.paper.moderator()),
    }
    console, own = here.watch(moderator), here.follow("news", kiesel)

    held = kiesel.post("news", f"{HELD} {CANARY}")["id"]
    console.wait("queue.counts")
    own.wait("mine.changed")
    moderator.call("POST", f"/comments/{held}/notes", {"text": CANARY}).expect(200)
    rejection = {"decision": "reject", "version": 1, "reason": "spam", "note": CANARY}
    moderator.call("POST", f"/comments/{held}/decision", rejection).expect(200)
    shown = kiesel.post("news", "in the open")["id"]
    bach.post("news", "a reply", shown)
    bach.call("POST", f"/api/v1/comments/{shown}/reports", {"reason": "spam", "detail": CANARY}).expect(201)
    assert kiesel.edit(shown, f"{HELD} {CANARY}")["status"] == "waiting"
    moderator.reject(shown)
    ban = {"reason": CANARY, "until": None, "reject_waiting": True}
    moderator.call("POST", f"/members/{kiesel.id}/ban", ban).expect(200)
    last = bach.post("news", "the last word")["id"]

    for line in (others["a reader"], others["another member"]):
        line.batch_with(last, "added")
    for who, line in others.items():
        line.names()
        assert CANARY not in json.dumps([event.data for event in line.events]), who
    assert "thread.batch" in others["a reader"].names(), "it did hear of what is public"
