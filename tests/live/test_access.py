"""Who may connect, and when access ends: origins, tokens, bans, subscriptions, the console; on a real service."""

import time
from collections.abc import Callable

import pytest
import websocket

from comments.actions.sites import change_role, disable_user, set_password
from comments.core.errors import CommentsError
from comments.core.identity import NOBODY
from comments.core.policy import Action, Subject, require
from comments.storage.members import member_by_id, viewer_of_member
from comments.storage.sites import find_site
from tests.live.conftest import Desk
from tests.live.paper import HELD
from tests.live.sockets import Refused
from tests.servers import wait_until


def status_of_handshake(desk: Desk, origin: str | None) -> int:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        desk.handshake(origin)
    return int(refused.value.status_code)


@pytest.mark.parametrize("origin", [None, "null", "https://elsewhere.example", "", "https://www.%s", "%s:8443", "%s/"])
def test_a_foreign_or_missing_origin_is_refused_at_the_handshake(desk: Desk, origin: str | None) -> None:
    host = desk.paper.origin.removeprefix("https://")
    foreign = origin and origin.replace("%s", host if origin.startswith("https") else desk.paper.origin)
    if foreign == "":
        foreign = "https://"
    assert status_of_handshake(desk, foreign) == 403


def test_an_origin_of_another_site_may_not_follow_this_one(new_desk: Callable[..., Desk]) -> None:
    desk, other = new_desk(), new_desk()
    line = desk.handshake(other.paper.origin)
    with pytest.raises(Refused, match="not_found"):
        line.greet({"site": desk.paper.key, "article": "news"})


def test_our_own_pages_may_follow_every_site(desk: Desk) -> None:
    posted = desk.paper.member("anna").post("news", "Seen in a frame of ours.")
    line = desk.handshake(desk.url).greet({"site": desk.paper.key, "article": "news", "after": 0})
    line.batch_with(posted["id"], "added")


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        ({"site": "unknown", "article": "news"}, "not_found"),
        ({"article": "news"}, "malformed"),
        ({"site": "KEY"}, "malformed"),
        ({}, "malformed"),
        ({"site": "KEY", "article": "news", "after": "1"}, "malformed"),
        ({"site": "KEY", "article": ""}, "malformed"),
        ({"site": "KEY", "article": "news", "token": "nonsense"}, "token_invalid"),
        ({"console": True}, "signed_out"),
    ],
)
def test_a_wrong_connect_is_refused_with_its_code(desk: Desk, auth: object, code: str) -> None:
    if isinstance(auth, dict) and auth.get("site") == "KEY":
        auth = auth | {"site": desk.paper.key}
    with pytest.raises(Refused, match=f"^{code}$"):
        desk.handshake().greet(auth)


def test_a_token_of_another_kind_or_site_is_refused(new_desk: Callable[..., Desk]) -> None:
    desk, other = new_desk(), new_desk()
    auth = {"site": desk.paper.key, "article": "news"}
    with pytest.raises(Refused, match="token_invalid"):
        desk.handshake().greet(auth | {"token": desk.paper.sign("anna")})  # the publisher's, not exchanged
    with pytest.raises(Refused, match="token_invalid"):
        desk.handshake().greet(auth | {"token": other.paper.member("anna").token})


def test_polling_and_broken_handshakes_are_refused(desk: Desk) -> None:
    origin = desk.paper.origin
    path = "/socket.io/?EIO=4&transport="
    assert desk.paper.call("GET", path + "polling", Origin=origin).status == 400
    assert desk.paper.call("POST", path + "polling", {}, Origin=origin).status == 400
    assert desk.paper.call("GET", path + "websocket", Origin=origin).status == 400
    half = {"Origin": origin, "Upgrade": "websocket", "Connection": "Upgrade"}
    assert desk.paper.call("GET", path + "websocket", **half).status == 400


def test_frames_are_not_compressed(desk: Desk) -> None:
    line = desk.follow("news")
    offered = {name.lower(): value for name, value in line.socket.getheaders().items()}
    assert "sec-websocket-extensions" not in offered


def test_a_token_can_be_taken_on_and_given_up(desk: Desk) -> None:
    anna = desk.paper.member("anna")
    line = desk.follow("news")
    anna.post("news", f"{HELD} first")
    anna.post("news", "A fence.")
    line.wait("thread.batch")
    assert line.ask("token", {"token": anna.token}) == {"ok": True}
    held = anna.post("news", f"{HELD} second")
    line.wait("mine.changed", lambda data: data["comment_id"] == held["id"])
    assert line.ask("token", {"token": "nonsense"})["error"]["code"] == "token_invalid"
    held = anna.post("news", f"{HELD} third")
    line.wait("mine.changed", lambda data: data["comment_id"] == held["id"])
    assert line.ask("token", {"token": None}) == {"ok": True}
    held, fence = anna.post("news", f"{HELD} fourth"), anna.post("news", "Another fence.")
    line.batch_with(fence["id"])
    assert held["id"] not in [event.data["comment_id"] for event in line.events if event.name == "mine.changed"]


def test_a_new_token_of_somebody_else_leaves_the_first_behind(desk: Desk) -> None:
    anna, bert = desk.paper.member("anna"), desk.paper.member("bert")
    line = desk.follow("news", anna)
    assert line.ask("token", {"token": bert.token}) == {"ok": True}
    anna.post("news", f"{HELD} of mine")
    held = bert.post("news", f"{HELD} of mine")
    assert line.wait("mine.changed").data["comment_id"] == held["id"]


def test_a_ban_ends_access_and_the_reader_reads_on(desk: Desk) -> None:
    anna, bert, moderator = desk.paper.member("anna"), desk.paper.member("bert"), desk.paper.moderator()
    line, others = desk.follow("news", anna), desk.follow("news", bert)
    moderator.ban(anna)
    line.wait("token.expired")
    posted = bert.post("news", "Life goes on.")
    line.batch_with(posted["id"], "added")
    assert "token.expired" not in others.names()
    assert line.ask("token", {"token": anna.token}) == {"ok": True}, "the token holds: rights are asked at each write"
    assert anna.try_to_post("news", "But I…").expect(403)["code"] == "banned"


def test_a_ban_may_take_what_waits_along(desk: Desk) -> None:
    anna, moderator = desk.paper.member("anna"), desk.paper.moderator()
    for number in range(3):
        anna.post("news", f"{HELD} number {number}")
    console = desk.watch(moderator)
    moderator.ban(anna, reject_waiting=True)
    console.wait("queue.counts", lambda data: data["waiting"] == 0)
    moderated = moderator.call("GET", f"/sites/{desk.paper.key}/queues").expect(200)
    assert moderated == {"waiting": 0, "reported": 0, "new": 0, "appeals": 0, "notices": 0}


def test_the_end_of_a_subscription_ends_reading_where_only_subscribers_read(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(read="subscribers", write="subscribers")
    anna, bert = desk.paper.member("anna"), desk.paper.member("bert")
    with pytest.raises(Refused, match="token_missing"):
        desk.follow("news")
    with pytest.raises(Refused, match="subscribers_only"):
        desk.follow("news", desk.paper.member("guest", state="registered"))
    line, unwritten = desk.follow("news", anna), desk.follow("unwritten", anna)
    others = desk.follow("news", bert)
    first = bert.post("news", "For subscribers.")
    line.batch_with(first["id"], "added")
    desk.paper.entitle(anna, "lapsed")
    line.wait("token.expired")
    unwritten.wait("token.expired")
    second, third = bert.post("news", "For those who still are."), bert.post("unwritten", "The first one here.")
    others.batch_with(second["id"], "added")
    assert line.ask("follow", {"site": desk.paper.key, "article": "news"})["error"]["code"] == "token_missing"
    assert line.ask("token", {"token": anna.token})["error"]["code"] == "token_revoked"
    assert (line.names().count("thread.batch"), unwritten.names().count("thread.batch")) == (1, 0)
    desk.paper.entitle(anna, "active", issued=time.time() + 1)
    anna = desk.paper.member("anna", issued=time.time() + 2)
    for one in (line, unwritten):
        assert one.ask("token", {"token": anna.token}) == {"ok": True}
    bert.post("news", "Welcome back.")
    line.wait("thread.batch")
    bert.post("unwritten", "Here too.")
    unwritten.wait("thread.batch", lambda data: data["after"] >= 1)
    heard = [one["comment"]["id"] for event in line.events for one in (event.data or {}).get("changes", ())]
    assert third["id"] not in heard


@pytest.mark.parametrize("somebody_renews", [False, True])
def test_reading_ends_when_a_site_is_closed_to_the_public(desk: Desk, somebody_renews: bool) -> None:
    anna = desk.paper.member("anna")
    nobody, own = desk.follow("news"), desk.follow("news", anna)
    desk.paper.configure(read="registered")
    if somebody_renews:
        assert own.ask("token", {"token": anna.token}) == {"ok": True}

    def is_closed_to_nobody() -> bool:
        posted = anna.post("news", "Who hears this?")
        own.batch_with(posted["id"], "added")
        nobody.names()
        return posted["id"] not in str([event.data["changes"] for event in nobody.events])

    wait_until(is_closed_to_nobody, "the site to be closed to the public", 15)


def test_access_ends_when_the_token_does(desk: Desk) -> None:
    anna = desk.paper.member("anna", issued=time.time() - 597, life=600)  # three seconds are left
    line = desk.follow("news", anna)
    line.wait("token.expired", within=10)
    with pytest.raises(Refused, match="token_expired"):
        desk.follow("news", anna)
    posted = desk.paper.member("bert").post("news", "Still read by all.")
    line.batch_with(posted["id"], "added")


def test_the_console_needs_its_cookie_and_its_own_origin(desk: Desk, new_desk: Callable[..., Desk]) -> None:
    moderator, anna = desk.paper.moderator(), desk.paper.member("anna")
    with pytest.raises(Refused, match="signed_out"):
        desk.handshake(desk.url).greet({"console": True})
    with pytest.raises(Refused, match="signed_out"):
        desk.handshake(desk.paper.origin, cookie=moderator.cookie).greet({"console": True})
    with pytest.raises(Refused, match="signed_out"):
        desk.handshake(desk.url, cookie=moderator.cookie[:-3] + "abc").greet({"console": True})
    console = desk.watch(moderator)
    foreign = new_desk()
    foreign.paper.member("bert").post("news", f"{HELD}: another paper's business")
    anna.post("news", f"{HELD}: this paper's")
    counts = {"waiting": 1, "reported": 0, "new": 0, "appeals": 0, "notices": 0}
    assert console.wait("queue.counts").data == {"site": desk.paper.key} | counts
    assert foreign.paper.key not in str(console.events)


def test_a_message_that_is_too_large_ends_the_connection(desk: Desk) -> None:
    line, other = desk.follow("news"), desk.follow("news")
    line.socket.send("42" + "x" * 100_000)
    line.wait_until_cut()
    assert other.names() == []


NONSENSE = ("", "9", "4", "42", "42[", "42{}", '42["follow"', "451-[]", "40{", "40[]", "44", "4\x00", '42[["follow"]]')


def test_what_is_no_message_of_ours_ends_the_connection_and_does_no_harm(desk: Desk) -> None:
    line = desk.follow("news")
    for text in (*NONSENSE, "40null", '42["connect",{"console":true}]', '42["disconnect"]'):
        hostile = desk.handshake()
        hostile.socket.send(text)
        hostile.wait_until_cut()
    line.socket.send('42["follow",{},{},{}]')  # one of ours, and too much of it
    assert line.names() == []


@pytest.mark.parametrize("what", ["disabled", "another role", "another password"])
def test_a_console_is_cut_when_its_account_is_no_longer_what_it_was(desk: Desk, what: str) -> None:
    moderator, colleague = desk.paper.moderator(), desk.paper.moderator()
    email = moderator.call("GET", "/session").expect(200)["user"]["email"]
    console, stays = desk.watch(moderator), desk.watch(colleague)
    with desk.paper.database.transaction() as tx:
        if what == "disabled":
            disable_user(tx, email)
        elif what == "another role":
            change_role(tx, email, "staff", (desk.paper.key,), None)
        else:
            set_password(tx, email, "x")
    console.wait_until_cut(within=5)
    with pytest.raises(Refused, match="signed_out"):
        desk.watch(moderator)
    desk.paper.member("anna").post("news", f"{HELD} of those who stay")
    stays.wait("queue.counts", lambda data: data["waiting"] == 1)


MEMBERS = {  # role → how a member of it signs in
    "nobody": None, "registered": {"state": "registered"}, "subscriber": {}, "trial": {"state": "trial"},
    "lapsed": {"state": "lapsed"}, "nameless": {"name": None},
}  # fmt: skip


@pytest.mark.parametrize("read", ["everyone", "registered", "subscribers"])
def test_every_event_of_a_reader_for_every_role(new_desk: Callable[..., Desk], read: str) -> None:
    """`connect` and `follow` are what the policy says of READ; `token` and `unfollow` are about one's own socket."""
    desk = new_desk(read=read)
    desk.paper.member("anna").post("news", "Said to those who may read it.")
    with desk.paper.database.read() as conn:
        site = find_site(conn, desk.paper.key)
    assert site is not None
    for number, (role, signed) in enumerate(MEMBERS.items()):
        member = None if signed is None else desk.paper.member(f"m-{number}", **signed)
        with desk.paper.database.read() as conn:
            now = desk.paper.database.clock()
            viewer = NOBODY if member is None else viewer_of_member(member_by_id(conn, int(member.id)), now)
        auth = {"site": desk.paper.key, "article": "news"} | ({} if member is None else {"token": member.token})
        try:
            require(viewer, Action.READ, Subject(site.id, site.settings), now)
        except CommentsError as error:
            with pytest.raises(Refused, match=f"^{error.code}$"):
                desk.handshake().greet(auth)
            continue
        line = desk.handshake().greet(auth)
        assert line.ask("follow", {"site": desk.paper.key, "article": "sport"})["ok"], role
        assert line.ask("unfollow", {"site": desk.paper.key, "article": "sport"})["ok"], role
        assert line.ask("token", {"token": None if member is None else member.token})["ok"], role
