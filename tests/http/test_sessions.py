"""Tokens: the publisher's is exchanged for ours, ours opens one site for one member, and both end when they should."""

from typing import Any

import pytest
from flask import Flask

from comments.actions.members import Access
from comments.core.entitlement import SECOND
from comments.core.times import time_text
from comments.core.tokens import sign_access
from tests.bad_tokens import HEADER, b64, by_hand, hmac_tokens
from tests.conftest import FakeClock
from tests.gazette import ORIGIN, PRODUCT, SECRET, Gazette, Reader, good, parts_of, refused

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
MINE = "/sites/gazette/articles/1/mine"


def members(paper: Gazette) -> int:
    import sqlalchemy as sa

    from comments.storage.tables import members as table

    with paper.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_a_session(paper: Gazette) -> None:
    token = paper.token(avatar="https://pictures.example/k.png", badges=["staff"])
    ends = time_text((paper.seconds + 30 * 86_400) * SECOND)
    opened = good(paper.session(token, Origin=ORIGIN))
    assert set(opened) == {"access_token", "expires_in", "viewer"}
    assert opened["expires_in"] == 600
    assert opened["viewer"] == {
        "id": "1", "name": "kiesel", "badges": ["staff"], "avatar": "https://pictures.example/k.png", "state": "active",
        "can": {"read": True, "write": True, "react": True, "report": True}, "gate": None, "suspended_until": None,
        "state_until": ends, "restriction_reason": None, "warnings": [],
        "limits": {"premoderated": None, "site_premoderated": False, "newcomer_left": 0, "newcomer_until": None,
                   "pace_seconds": 0, "report_percent": 100},
    }  # fmt: skip
    assert good(paper.session(paper.token()))["viewer"]["id"] == "1", "the same sub is the same member"
    assert good(paper.session(paper.token("bach")))["viewer"]["id"] == "2"


@pytest.mark.environ(COMMENTS_TRUSTED_PROXIES="127.0.0.1")
def test_more_than_sixty_bad_tokens(paper: Gazette) -> None:
    bad = hmac_tokens(paper.claims(), SECRET)
    assert len(bad) > 60
    for number, (name, (token, claim)) in enumerate(bad.items()):
        answer = paper.session(token, X_Forwarded_For=f"203.0.113.{number}")
        if len(token) > 10_000:
            refused(answer, 400)
            continue
        problem = refused(answer, 401)
        assert problem["code"] in ("token_invalid", "token_expired"), name
        assert problem.get("claim") == claim, name
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert members(paper) == 0, "a bad token makes nobody"


@pytest.mark.environ(COMMENTS_TRUSTED_PROXIES="127.0.0.1")
def test_the_same_tokens_as_the_publishers_word(paper: Gazette) -> None:
    """The other endpoint that takes what publishers sign: nothing changes, nobody is signed out."""
    kiesel = paper.reader()
    for number, (name, (token, claim)) in enumerate(hmac_tokens(paper.claims(state="lapsed"), SECRET).items()):
        notice = {"site": paper.key, "token": token}
        answer = paper.call("POST", "/members/kiesel/entitlement", notice, X_Forwarded_For=f"203.0.113.{number}")
        problem = refused(answer, 400 if len(token) > 10_000 else 401)
        assert problem.get("claim") == claim or answer.status_code == 400, name
    kiesel.post("still here")


def test_clocks_differ_by_a_minute_and_no_more(paper: Gazette, clock: FakeClock) -> None:
    """iat, nbf and exp, to the second; an access token that would be over at once is none."""
    now = paper.seconds
    kiesel = paper.reader()
    for claim in ("iat", "nbf"):
        ahead = {"iat": now + 60, "exp": now + 300} if claim == "iat" else {"nbf": now + 60}
        good(paper.session(paper.token(**ahead)))
        wrong = {claim: now + 61} | ({"exp": now + 300} if claim == "iat" else {})
        assert refused(paper.session(paper.token(**wrong)), 401, "token_invalid")["claim"] == claim
    for late, status in ((59, 204), (60, 401), (61, 401)):
        notice = {"site": paper.key, "token": paper.token(iat=now - 300, exp=now - late, state="lapsed")}
        answer = paper.call("POST", "/members/kiesel/entitlement", notice)
        assert answer.status_code == status, (late, answer.get_data(True))
    refused(kiesel.call("GET", MINE), 401, "token_revoked")


def test_the_same_tokens_as_bearers(paper: Gazette) -> None:
    """The publisher's good token included: only ours opens anything, and it must be exchanged first."""
    for token, _ in [*hmac_tokens(paper.claims(), SECRET).values(), (paper.token(), None)]:
        if not token.isascii() or not token.isprintable():
            continue  # no header can hold it
        answer = paper.call("GET", MINE, Authorization=f"Bearer {token}")
        assert refused(answer, 401)["code"] == "token_invalid"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Basic dTpw", "token", "bearer x y", ", Bearer x", "Bearer " + "x" * 9000]
)
def test_headers_that_are_no_bearer(paper: Gazette, header: str) -> None:
    assert refused(paper.call("GET", MINE, Authorization=header), 401)["code"] == "token_invalid"
    refused(paper.call("GET", f"{paper.article()}/comments", Authorization=header), 401, "token_invalid")


def test_no_token(paper: Gazette) -> None:
    for method, path in (
        ("GET", MINE), ("POST", f"{paper.article()}/comments"), ("PATCH", "/comments/1"), ("DELETE", "/comments/1"),
        ("PUT", "/comments/1/reactions/recommend"), ("DELETE", "/comments/1/reactions/recommend"),
        ("POST", "/comments/1/reports"), ("PUT", "/members/1/mute"), ("DELETE", "/members/1/mute"), ("PATCH", "/me"),
    ):  # fmt: skip
        answer = paper.call(method, path, {"body": "x"})
        refused(answer, 401, "token_missing")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_expired_token_leaves_no_trace(paper: Gazette, clock: FakeClock) -> None:
    """Clocks may differ by a minute; but an access token that is over at once is none, and changes nobody."""
    token = paper.token(state="trial")
    clock.forward(630)
    assert refused(paper.session(token), 401, "token_expired")["claim"] == "exp"
    assert members(paper) == 0


def test_access_ends_with_what_ends_first(paper: Gazette, clock: FakeClock) -> None:
    now = paper.seconds

    def ent(*ends: int) -> list[dict[str, Any]]:
        return [{"product": PRODUCT, "state": "active", "exp": now + end} for end in ends]

    assert good(paper.session(paper.token()))["expires_in"] == 600
    assert good(paper.session(paper.token(life=90)))["expires_in"] == 90
    assert good(paper.session(paper.token(ent=ent(45))))["expires_in"] == 45
    assert good(paper.session(paper.token(ent=ent(45, 200))))["expires_in"] == 200
    assert good(paper.session(paper.token(iat=now - 300, exp=now + 200)))["expires_in"] == 200
    kiesel = Reader(paper, good(paper.session(paper.token(ent=ent(45))))["access_token"], {"id": "1"})
    clock.forward(44)
    kiesel.post("just in time")
    clock.forward(1)
    assert refused(kiesel.send("too late"), 401, "token_expired")["claim"] == "exp"


def test_states_and_gates(paper: Gazette) -> None:
    """Anonymous, registered, trial, active, grace, lapsed: each sees its own gate, and the server holds it."""
    gates = {"registered": "registered", "lapsed": "lapsed", "trial": None, "active": None, "grace": None}
    for state, closed in gates.items():
        reader = paper.reader(f"reader-{state}", state=state)
        assert (reader.viewer["state"], reader.viewer["gate"]) == (state, closed)
        assert (reader.viewer["state_until"] is None) is (closed is not None), "only what is paid for ends"
        assert reader.viewer["can"]["write"] is (closed is None)
        if closed is None:
            reader.post(f"written by {state}")
        else:
            assert refused(reader.send("hello"), 403, f"not_entitled_{closed}")["state"] == state
    for ent in (None, [], [{"product": "cinema", "state": "active", "exp": paper.seconds + 99}]):
        assert paper.reader("nobody-special", ent=ent).viewer["state"] == "registered"


def test_a_subscription_that_ends_meanwhile(paper: Gazette, clock: FakeClock) -> None:
    """A token of another entitlement keeps the member; the row says what holds now."""
    kiesel = paper.reader()
    comment = kiesel.post("while it lasted")["id"]
    clock.forward(2)
    paper.reader("kiesel", state="lapsed")
    refused(kiesel.send("and after"), 403, "not_entitled_lapsed")
    refused(kiesel.edit(comment, "nor this"), 403, "not_entitled_lapsed")
    good(kiesel.withdraw(comment))


def test_a_name_is_needed_once(paper: Gazette) -> None:
    kiesel = paper.reader(name=None)
    assert (kiesel.viewer["name"], kiesel.viewer["gate"]) == (None, "name_needed")
    refused(kiesel.send("hello"), 403, "name_needed")
    named = good(kiesel.call("PATCH", "/me", {"name": "  Kiesel   am Bach "}))
    assert (named["name"], named["gate"]) == ("Kiesel am Bach", None)
    assert kiesel.post("hello")["author"]["name"] == "Kiesel am Bach"
    assert paper.reader(name="Somebody else").viewer["name"] == "Kiesel am Bach", "one's own name stays"


def test_a_new_name_stands_on_old_comments(paper: Gazette) -> None:
    kiesel = paper.reader()
    kiesel.post("hello")
    seq = paper.page()["seq"]
    paper.reader(name="Kiesel II", badges=["staff"])
    paper.work()
    page = paper.page()
    assert (page["comments"][0]["author"]["name"], page["comments"][0]["author"]["badges"]) == ("Kiesel II", ["staff"])
    assert page["seq"] == seq + 1
    assert paper.changes(seq)["reset"]


def test_names(paper: Gazette) -> None:
    kiesel, bach = paper.reader(name=None), paper.reader("bach", name="Bach")
    for number, name in enumerate(("x", "", " ", "\u200b\u200b", "y" * 41, "y" * 200)):
        somebody = paper.reader(f"a {number}", name=None)
        assert refused(somebody.call("PATCH", "/me", {"name": name}), 400, "malformed")["field"] == "name"
    colleague = paper.desk().email.partition("@")[0]  # what the console calls them
    for name in (
        "admin",
        "ADMIN",
        "The Admin",
        "ｅｄｉｔｏｒ",
        "аdmin",
        "M0derat0r",
        colleague,
        colleague.replace("o", "о"),
    ):
        refused(paper.reader(f"u {name}", name=None).call("PATCH", "/me", {"name": name}), 422, "reserved_name")
    for number, name in enumerate(("Bach", "bach", "BACH", " Bａch ")):
        refused(paper.reader(f"b {number}", name=None).call("PATCH", "/me", {"name": name}), 409, "name_taken")
    assert good(bach.call("PATCH", "/me", {"name": "BACH"}))["name"] == "BACH"
    assert refused(kiesel.call("PATCH", "/me", {"name": 5}), 400)["field"] == "name"


# Access tokens of ours


def test_ours_ends_with_the_epoch(paper: Gazette, clock: FakeClock) -> None:
    kiesel = paper.reader()
    kiesel.mine()
    clock.forward(1)
    notice = {"site": "gazette", "token": paper.token()}
    good(paper.call("POST", "/members/kiesel/entitlement", notice), 204)
    for answer in (kiesel.call("GET", MINE), kiesel.send("x y"), kiesel.call("GET", f"{paper.article()}/comments")):
        refused(answer, 401, "token_revoked")


def test_ours_is_for_one_site(paper: Gazette, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald", secret="the-herald-has-a-secret-of-its-own-as-well")
    kiesel, theirs = paper.reader(), herald.reader("kiesel")
    comment = theirs.post("in the herald")["id"]
    away = Reader(herald, kiesel.token, kiesel.viewer)
    refused(away.send("from the gazette"), 404, "not_found")
    refused(away.call("GET", "/sites/herald/articles/1/mine"), 404, "not_found")
    for answer in (
        kiesel.edit(comment, "changed"), kiesel.withdraw(comment), kiesel.react(comment), kiesel.report(comment),
        kiesel.call("PUT", f"/members/{theirs.id}/mute"),
    ):  # fmt: skip
        refused(answer, 404, "not_found")
    assert good(away.call("GET", f"{herald.article()}/comments"))["total"] == 1, "reading as nobody"


def test_ours_is_no_token_of_the_publisher(paper: Gazette) -> None:
    refused(paper.session(paper.reader().token), 401, "token_invalid")


def test_claims_of_ours_cannot_be_changed(paper: Gazette) -> None:
    kiesel = paper.reader()
    head, _, signature = kiesel.token.split(".")
    key = parts_of(paper.app).settings.secret_key
    claims = {"iss": "comments", "site": paper.id, "member": 1, "epoch": 0, "exp": paper.seconds + 60}
    for token in (
        f"{head}.{b64('{}')}.{signature}",
        by_hand(HEADER, claims, key),
        by_hand({"alg": "none", "typ": "at+jwt"}, claims, key),
        sign_access(b"x" * 40, claims),
        sign_access(key, claims | {"exp": paper.seconds}),
        sign_access(key, claims | {"epoch": 1}),
        sign_access(key, claims | {"member": 99}),
        sign_access(key, claims | {"site": paper.id + 1}),
    ):
        refused(paper.call("GET", MINE, Authorization=f"Bearer {token}"), 401)
    good(paper.call("GET", MINE, Authorization=f"Bearer {sign_access(key, claims)}"))


def test_what_ours_says(paper: Gazette) -> None:
    """Narrow: a site, a member, an end. Nothing of rights, nothing of the console, nothing of the person."""
    from joserfc import jwk, jwt

    key = jwk.OctKey.import_key(parts_of(paper.app).settings.secret_key)
    decoded = jwt.decode(paper.reader().token, key, algorithms=["HS256"])
    assert decoded.header == {"alg": "HS256", "typ": "at+jwt"}
    assert set(decoded.claims) == {"iss", "site", "member", "epoch", "exp"}
    assert Access.__slots__ == ("site_id", "member_id", "epoch", "expires")


# The publisher's own word


def notify(paper: Gazette, sub: str = "kiesel", path: str | None = None, **claims: Any) -> Any:
    token = paper.token(sub, **claims)
    return paper.call("POST", f"/members/{path or sub}/entitlement", {"site": paper.key, "token": token})


def test_a_subscription_ends_at_once(paper: Gazette, clock: FakeClock) -> None:
    kiesel = paper.reader()
    kiesel.post("before")
    older = paper.token()
    clock.forward(5)
    good(notify(paper, state="lapsed"), 204)
    refused(kiesel.send("after"), 401, "token_revoked")
    opened = good(paper.session(older))
    assert opened["viewer"]["gate"] == "lapsed", "an older token that still holds does not undo it"
    refused(Reader(paper, opened["access_token"], opened["viewer"]).send("after"), 403, "not_entitled_lapsed")
    clock.forward(5)
    paper.reader().post("a newer token does")


def test_of_one_second_the_lesser_word_counts(paper: Gazette) -> None:
    """`iat` has seconds: a reader's token of the very second of the revocation must not take it back, by no road."""
    paper.reader()
    at_hand = paper.token()
    good(notify(paper, state="lapsed"), 204)
    assert good(paper.session(at_hand))["viewer"]["state"] == "lapsed"
    answer = paper.call("POST", "/members/kiesel/entitlement", {"site": paper.key, "token": at_hand})
    refused(answer, 409, "older_token")
    assert good(paper.session(at_hand))["viewer"]["state"] == "lapsed"
    good(notify(paper, state="lapsed"), 204)


def test_an_older_notice_comes_late(paper: Gazette, clock: FakeClock) -> None:
    paper.reader()
    older = {"site": "gazette", "token": paper.token(state="active")}
    clock.forward(2)
    good(notify(paper, state="registered"), 204)
    refused(paper.call("POST", "/members/kiesel/entitlement", older), 409, "older_token")
    assert paper.reader(iat=paper.seconds - 1, exp=paper.seconds + 500).viewer["state"] == "registered"


def test_who_may_speak_for_the_publisher(paper: Gazette, clock: FakeClock) -> None:
    kiesel = paper.reader()
    Gazette.make(paper.app, clock, "herald", secret="the-herald-has-a-secret-of-its-own-as-well")
    refused(notify(paper, path="bach"), 404, "not_found")
    refused(notify(paper, "stranger"), 404, "not_found")
    path = "/members/kiesel/entitlement"
    for token in (kiesel.token, "", "x", by_hand(HEADER, paper.claims(), "another-secret-that-is-long-enough-too")):
        refused(paper.call("POST", path, {"site": "gazette", "token": token}), 401)
    refused(paper.call("POST", path, {"site": "herald", "token": paper.token()}), 401)
    refused(paper.call("POST", path, {"site": "nowhere", "token": paper.token()}), 404)
    kiesel.mine()


@pytest.mark.environ(COMMENTS_TRUSTED_PROXIES="127.0.0.1")
def test_sessions_are_limited_by_address(app: Flask, paper: Gazette) -> None:
    def ask(address: str) -> Any:
        return paper.session("x", X_Forwarded_For=address)

    for _ in range(120):
        refused(ask("203.0.113.7"), 401)
    answer = ask("203.0.113.7")
    assert refused(answer, 429, "too_many_requests")["retry_after"] == int(answer.headers["Retry-After"]) > 0
    refused(ask("1.2.3.4, 203.0.113.7"), 429)
    refused(ask("203.0.113.8"), 401)


def test_forwarded_addresses_of_strangers_count_for_nothing(paper: Gazette) -> None:
    for number in range(120):
        refused(paper.session("x", X_Forwarded_For=f"203.0.113.{number}"), 401)
    refused(paper.session("x", X_Forwarded_For="198.51.100.1"), 429)
