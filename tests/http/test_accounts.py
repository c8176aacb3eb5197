"""Accounts of the console: sessions that end, second factors, proofs, waits after failures, passwords, CSRF."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.jobs.upkeep import sweep
from comments.storage.tables import audit, console_sessions, users
from tests.conftest import FakeClock
from tests.gazette import API, CHEAP, PASSWORD, Desk, Gazette, Reader, code_at, good, refused
from tests.http.test_errors import endpoints
from tests.test_cli import run

QUEUES = "/sites/gazette/queues"
SAFE = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def desk(paper: Gazette) -> Desk:
    return paper.desk("administrator")


def enrolled(desk: Desk, clock: FakeClock) -> tuple[str, list[str]]:
    """Give the account a second factor: (secret, recovery codes)."""
    offered = good(desk.call("POST", "/account/second-factor"))
    given = {"ticket": offered["ticket"], "code": code_at(offered["secret"], clock)}
    codes = good(desk.call("PUT", "/account/second-factor", given))["codes"]
    clock.forward(60)
    return offered["secret"], codes


def log_of(paper: Gazette) -> list[str]:
    with paper.read() as conn:
        query = sa.select(audit.c.action).where(audit.c.subject_type == "user", audit.c.action != "create_user")
        return list(conn.execute(query.order_by(audit.c.id)).scalars())


def row_of(paper: Gazette, desk: Desk) -> Any:
    with paper.read() as conn:
        return conn.execute(sa.select(users).where(users.c.email == desk.email)).one()


def cookie_of(desk: Desk) -> str:
    cookie = desk.client.get_cookie("comments_console")
    assert cookie is not None
    return str(cookie.value)


# Sessions


def test_a_cookie_of_before_is_worth_nothing(paper: Gazette, desk: Desk) -> None:
    """A new id at every sign-in and after every proof; the database holds none that signs in."""
    for change in (desk.sign_in, lambda: good(desk.call("POST", "/account/proof", {"password": PASSWORD})),
                   lambda: good(desk.call("PUT", "/account/password", {"password": PASSWORD}))):  # fmt: skip
        before = cookie_of(desk)
        change()
        assert cookie_of(desk) != before
        thief = Desk(paper.app.test_client(), desk.email)
        thief.client.set_cookie("comments_console", before)
        refused(thief.call("GET", "/session"), 401, "signed_out")
        good(desk.call("GET", QUEUES))
    with paper.read() as conn:
        stored = conn.execute(sa.select(console_sessions)).all()
    assert len(stored) == 1 and len(stored[0].digest) == 64 and stored[0].digest not in cookie_of(desk)


def test_an_idle_session_ends(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    for _ in range(3):
        clock.forward(3590)
        good(desk.call("GET", QUEUES))
    clock.forward(3601)
    refused(desk.call("GET", QUEUES), 401, "signed_out")


def test_what_the_console_asks_by_itself_keeps_nobody_signed_in(desk: Desk, clock: FakeClock) -> None:
    for _ in range(5):
        clock.forward(700)
        good(desk.call("GET", QUEUES, X_Unattended="1"))
    clock.forward(101)
    refused(desk.call("GET", QUEUES, X_Unattended="1"), 401, "signed_out")


def test_a_session_ends_after_twelve_hours(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    for _ in range(12):
        good(desk.call("GET", QUEUES))
        clock.forward(3590)
    good(desk.call("GET", QUEUES))
    clock.forward(121)
    refused(desk.call("GET", QUEUES), 401, "signed_out")
    sweep(paper.database)
    with paper.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(console_sessions)).scalar_one() == 0


def test_that_somebody_is_there_is_written_once_a_minute(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    written: list[str] = []

    def hear(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE console_sessions"):
            written.append(statement)

    sa.event.listen(paper.database.engine, "before_cursor_execute", hear)
    for _ in range(20):
        good(desk.call("GET", QUEUES))
        clock.forward(6)
    assert len(written) == 1, "in two minutes, the first of which began with the sign-in"


def test_ones_sessions(paper: Gazette, desk: Desk) -> None:
    other = paper.browser_of(desk.email)
    shown = desk.get("/account")["sessions"]
    assert [one["is_this"] for one in shown].count(True) == 1 and len(shown) == 2
    theirs = next(one["id"] for one in shown if not one["is_this"])
    stranger = paper.desk("administrator")
    refused(stranger.call("DELETE", f"/account/sessions/{theirs}"), 404)
    good(other.call("GET", QUEUES))
    good(desk.call("DELETE", f"/account/sessions/{theirs}"), 204)
    refused(other.call("GET", QUEUES), 401, "signed_out")
    third = paper.browser_of(desk.email)
    good(desk.call("DELETE", "/account/other-sessions"), 204)
    refused(third.call("GET", QUEUES), 401, "signed_out")
    good(desk.call("GET", QUEUES))
    fourth = paper.browser_of(desk.email)
    good(fourth.call("DELETE", "/account/sessions"), 204)
    for one in (desk, fourth):
        refused(one.call("GET", QUEUES), 401, "signed_out")
    good(stranger.call("GET", QUEUES))
    assert log_of(paper)[-3:] == ["end_session", "end_other_sessions", "sign_out_everywhere"]


def test_signing_out_here_leaves_the_others(paper: Gazette, desk: Desk) -> None:
    other, cookie = paper.browser_of(desk.email), cookie_of(desk)
    good(desk.call("DELETE", "/session"), 204)
    desk.client.set_cookie("comments_console", cookie)  # kept by somebody
    refused(desk.call("GET", QUEUES), 401, "signed_out")
    good(other.call("GET", QUEUES))


# The second factor


def test_signing_in_with_a_code(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    secret, codes = enrolled(desk, clock)
    assert len(codes) == len(set(codes)) == 10
    row = row_of(paper, desk)
    assert row.totp_secret.startswith("sealed1:") and secret not in row.totp_secret
    assert not any(code in row.recovery_codes for code in codes)

    def sign_in(code: str, password: str = PASSWORD) -> Any:
        browser = paper.app.test_client()
        for name in ("comments_known",):
            kept = desk.client.get_cookie(name)
            assert kept is not None
            browser.set_cookie(name, kept.value)
        base = {"REMOTE_ADDR": "10.1.1.1"}
        body = {"email": desk.email, "password": password, "code": code}
        return browser.post(f"{API}/console/session", json=body, environ_base=base)

    refused(sign_in(""), 401, "code_needed")
    refused(sign_in("", "wrong"), 401, "bad_credentials")
    now = code_at(secret, clock)
    refused(sign_in(now, "wrong"), 401, "bad_credentials")
    assert good(sign_in(f"{now[:3]} {now[3:]}"))["second_factor"] == "on"
    refused(sign_in(now), 401, "code_wrong")
    clock.forward(90)
    refused(sign_in(now), 401, "code_wrong")
    good(sign_in(codes[3].upper().replace("-", " ")))
    refused(sign_in(codes[3]), 401, "code_wrong")
    assert desk.get("/account")["recovery_codes"] == 9
    assert "use_recovery_code" in log_of(paper)


def test_codes_count_a_step_before_and_after(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    secret, _ = enrolled(desk, clock)
    early, late = code_at(secret, lambda: clock() - 30_000_000), code_at(secret, lambda: clock() + 30_000_000)
    for code in (early, late):
        good(desk.call("POST", "/account/proof", {"password": PASSWORD, "code": code}))
    refused(desk.call("POST", "/account/proof", {"password": PASSWORD, "code": code_at(secret, clock)}), 401)
    clock.forward(120)
    old = code_at(secret, lambda: clock() - 60_000_000)
    refused(desk.call("POST", "/account/proof", {"password": PASSWORD, "code": old}), 401, "code_wrong")


def test_setting_up_and_removing_a_second_factor(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    other, stranger = paper.browser_of(desk.email), paper.desk()
    offered = good(desk.call("POST", "/account/second-factor"))
    assert offered["secret"] in offered["address"] and offered["address"].startswith("otpauth://totp/")
    assert {len(row) for row in offered["qr"]} == {len(offered["qr"])} and set("".join(offered["qr"])) == {"0", "1"}
    code = code_at(offered["secret"], clock)
    given = {"ticket": offered["ticket"], "code": code}
    assert refused(stranger.call("PUT", "/account/second-factor", given), 400)["field"] == "ticket"
    wrong = {"ticket": offered["ticket"], "code": "000000" if code != "000000" else "111111"}
    refused(desk.call("PUT", "/account/second-factor", wrong), 400, "code_wrong")
    good(desk.call("PUT", "/account/second-factor", given))
    refused(other.call("GET", QUEUES), 401, "signed_out")
    refused(desk.call("POST", "/account/second-factor"), 409, "second_factor_exists")
    clock.forward(60)
    refused(desk.call("POST", "/account/second-factor/removal", {"password": PASSWORD}), 401, "code_needed")
    body = {"password": "wrong", "code": code_at(offered["secret"], clock)}
    refused(desk.call("POST", "/account/second-factor/removal", body), 401, "bad_credentials")
    good(desk.call("POST", "/account/second-factor/removal", body | {"password": PASSWORD}))
    assert row_of(paper, desk).totp_secret is None and row_of(paper, desk).recovery_codes == "[]"
    good(paper.browser_of(desk.email).call("GET", QUEUES))
    assert log_of(paper)[-2:] == ["enrol_second_factor", "remove_second_factor"]


def test_an_offer_ends(desk: Desk, clock: FakeClock) -> None:
    offered = good(desk.call("POST", "/account/second-factor"))
    clock.forward(599)
    good(desk.call("POST", "/account/proof", {"password": PASSWORD}))
    clock.forward(2)
    given = {"ticket": offered["ticket"], "code": code_at(offered["secret"], clock)}
    assert refused(desk.call("PUT", "/account/second-factor", given), 400)["field"] == "ticket"


def test_another_secret_key_opens_no_second_factor(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    """It is said, and the recovery codes still count."""
    secret, codes = enrolled(desk, clock)
    foreign = sa.update(users).where(users.c.email == desk.email).values(totp_secret="sealed1:" + "A" * 80)
    paper.change(lambda conn: conn.execute(foreign))
    body = {"password": PASSWORD, "code": code_at(secret, clock)}
    assert "COMMENTS_SECRET_KEY" in refused(desk.call("POST", "/account/proof", body), 503)["detail"]
    good(desk.call("POST", "/account/proof", body | {"code": codes[0]}))


@pytest.mark.environ(COMMENTS_REQUIRE_TOTP="yes")
def test_a_second_factor_that_is_required(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    assert desk.get("/session")["second_factor"] == "needed"
    for method, path, body in endpoints(paper, "1", "1"):
        if path.startswith("/console/") and not path.startswith(("/console/session", "/console/account")):
            refused(desk.call(method, path.removeprefix("/console"), body), 403, "second_factor_needed")
    enrolled(desk, clock)
    assert desk.get("/session")["second_factor"] == "on"
    good(desk.call("GET", QUEUES))


def test_a_second_factor_that_was_lost(paper: Gazette, desk: Desk, clock: FakeClock, environ: dict[str, str]) -> None:
    """The operator takes it away by the command: the password alone signs in, after all sessions have ended."""
    enrolled(desk, clock)
    reset = run(environ, "user", "totp-reset", desk.email)
    assert reset.stdout == f"{desk.email} signs in with the password alone now.\n"
    refused(desk.call("GET", QUEUES), 401, "signed_out")
    desk.sign_in()
    assert log_of(paper)[-1] == "reset_second_factor"
    assert run(environ, "user", "totp-reset", desk.email).stdout == f"{desk.email} had no second factor.\n"


# Proofs


def test_what_asks_for_the_password_again(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    member = paper.reader("kiesel").id
    moody = {"name": "moody", "kind": "openai", "config": {}, "secret": "k"}
    asking: list[tuple[str, str, Any]] = [
        ("PUT", "/account/password", {"password": "a new one, long"}), ("POST", "/account/second-factor", None),
        ("PUT", "/account/second-factor", {"ticket": "x", "code": "123456"}), ("POST", "/account/recovery-codes", None),
        ("DELETE", "/account/sessions", None), ("POST", "/sites/gazette/classifiers", moody),
        ("PATCH", "/sites/gazette/classifiers/moody", {"config": {}, "secret": "k", "enabled": True}),
        ("DELETE", "/sites/gazette/classifiers/moody", None),
        ("POST", f"/members/{member}/ban-everywhere", {"reason": "x", "reject_waiting": False}),
        ("DELETE", f"/members/{member}/ban-everywhere", None),
    ]  # fmt: skip
    clock.forward(601)
    for method, path, body in asking:
        assert refused(desk.call(method, path, body), 403, "proof_needed")["second_factor"] is False, path
    refused(desk.call("POST", "/account/proof", {"password": "wrong"}), 401, "bad_credentials")
    refused(desk.call("POST", "/sites/gazette/classifiers", moody), 403, "proof_needed")
    good(desk.call("POST", "/account/proof", {"password": PASSWORD}))
    good(desk.call("POST", "/sites/gazette/classifiers", moody), 201)
    clock.forward(601)
    refused(desk.call("DELETE", "/sites/gazette/classifiers/moody"), 403, "proof_needed")


def test_a_new_password(paper: Gazette, desk: Desk) -> None:
    other, new = paper.browser_of(desk.email), "Straßenlärm 東京 🚲 and so on " + "x" * 100
    for bad, code in (("too short", "password_short"), ("x" * 1001, "malformed"), ("Password1234!", "password_common"),
                      (desk.email, "password_known"), ("aaaaaaaaaaaaaaa", "password_common")):  # fmt: skip
        refused(desk.call("PUT", "/account/password", {"password": bad}), 400, code)
    good(desk.call("PUT", "/account/password", {"password": new}))
    good(desk.call("GET", QUEUES))
    refused(other.call("GET", QUEUES), 401, "signed_out")
    refused(other.call("POST", "/session", {"email": desk.email, "password": PASSWORD}), 401, "bad_credentials")
    good(other.call("POST", "/session", {"email": desk.email, "password": new}))
    assert log_of(paper)[-1] == "change_password"


# Guessing


def test_strangers_do_not_lock_an_account_out(paper: Gazette, desk: Desk) -> None:
    """A botnet, a new address for each try: after six the account waits, for a browser it knows it does not."""
    answers = []
    for number in range(12):
        body = {"email": desk.email, "password": f"guess {number}"}
        base = {"REMOTE_ADDR": f"192.0.2.{number}"}
        answers.append(paper.app.test_client().post(f"{API}/console/session", json=body, environ_base=base))
    assert [one.status_code for one in answers] == [401] * 6 + [429] * 6
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3
    right = {"email": desk.email, "password": PASSWORD}
    base = {"REMOTE_ADDR": "192.0.2.99"}
    refused(paper.app.test_client().post(f"{API}/console/session", json=right, environ_base=base), 429)
    good(desk.call("DELETE", "/session"), 204)
    desk.sign_in()


def test_a_known_browser_is_known_to_its_account_alone(paper: Gazette, desk: Desk) -> None:
    other = paper.desk()
    answers = [desk.call("POST", "/session", {"email": other.email, "password": f"guess {n}"}) for n in range(8)]
    assert [one.status_code for one in answers] == [401] * 6 + [429] * 2
    other.sign_in()


def test_unknown_addresses_are_answered_like_others(
    paper: Gazette, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The same words and the same waits, and the log names nobody."""
    told = []
    for email in (desk.email, "nobody@gazette.example"):
        of = []
        for number in range(7):
            base = {"REMOTE_ADDR": f"198.51.100.{number}"}
            body = {"email": email, "password": "a wrong one", "code": "123456"}
            answer = paper.app.test_client().post(f"{API}/console/session", json=body, environ_base=base)
            shown = answer.get_json()
            of.append((answer.status_code, shown["code"], shown["title"], "Set-Cookie" in answer.headers))
        told.append(of)
    assert told[0] == told[1]
    assert "gazette.example" not in "".join(record.getMessage() for record in caplog.records)
    assert any(record.levelno == logging.WARNING for record in caplog.records), "a refusal stands in the log"


def test_an_unknown_address_costs_as_much_work() -> None:
    from comments.http.sessions import _nobodys_hash, hasher

    assert not hasher.check_needs_rehash(_nobodys_hash())
    assert hasher.check_needs_rehash(CHEAP.hash("x")), "and another cost would be seen"


# CSRF, and what is whose


def unsafe_of_the_console(app: Flask, paper: Gazette) -> Iterator[tuple[str, str, Any]]:
    """Every unsafe route of the console but signing in."""
    for method, path, body in endpoints(paper, "1", "1"):
        if path.startswith("/console") and method not in SAFE and (method, path) != ("POST", "/console/session"):
            yield method, path.removeprefix("/console"), body


def test_every_unsafe_call_wants_the_csrf_token(app: Flask, paper: Gazette, desk: Desk) -> None:
    """test_the_list_has_every_route holds `endpoints` to the URL map."""
    csrf, calls = desk.csrf, list(unsafe_of_the_console(app, paper))
    assert len(calls) >= 40
    for method, path, body in calls:
        for token in (None, "", "x", paper.desk.__name__, csrf[:-1]):
            headers = {} if token is None else {"X-CSRF-Token": token}
            answer = desk.client.open(f"{API}/console{path}", method=method, json=body, headers=headers)
            refused(answer, 403, "csrf")
    good(desk.call("GET", QUEUES))


def test_a_readers_token_does_nothing_in_the_console(app: Flask, paper: Gazette) -> None:
    kiesel: Reader = paper.reader("kiesel")
    for method, path, body in endpoints(paper, "1", kiesel.id):
        if path.startswith("/console") and (method, path) != ("POST", "/console/session"):
            refused(kiesel.call(method, path, body, X_CSRF_Token="x"), 401, "key_invalid")


def test_the_consoles_cookie_does_nothing_elsewhere(app: Flask, paper: Gazette, desk: Desk) -> None:
    nobody = app.test_client()
    headers = {"Idempotency-Key": "k", "X-CSRF-Token": desk.csrf}
    for method, path, body in endpoints(paper, "1", "1"):
        if not path.startswith("/console"):
            told = [
                client.open(API + path, method=method, json=body, headers=headers) for client in (nobody, desk.client)
            ]
            assert told[0].status_code == told[1].status_code, (method, path)
            assert "Set-Cookie" not in told[1].headers
            if told[0].status_code != 201:  # what both made has a number of its own
                assert told[0].get_data() == told[1].get_data() or told[0].status_code >= 500, (method, path)
