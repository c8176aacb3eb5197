"""What publishers sign with, changed while readers come and go: the new key beside the old, the old one revoked, by
the operator's command and as other processes notice it.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions import keys as actions
from comments.actions.keys import Key, read_key
from comments.app import create_app
from comments.core.errors import Conflict, Malformed, NotFound
from comments.settings import read_settings
from comments.storage import tables
from comments.storage.sites import find_site
from comments.storage.transaction import system_clock
from tests.bad_tokens import Keys
from tests.conftest import Environ
from tests.gazette import SECRET, Gazette, good, refused, sign
from tests.live.paper import over_http
from tests.served import Served
from tests.servers import wait_until
from tests.test_cli import run, says_no, several

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
NEW = "the-gazette-has-another-secret-since-this-morning"
KEYS = Keys()
PEM = KEYS.ec.as_pem(private=False).decode()


def site_of(paper: Gazette, conn: sa.Connection) -> object:
    return find_site(conn, paper.key)


def add(paper: Gazette, key: Key) -> int:
    with paper.database.transaction() as tx:
        return actions.add_key(tx, site_of(paper, tx.conn), key)  # type: ignore[arg-type]


def revoke(paper: Gazette, number: int) -> int:
    with paper.database.transaction() as tx:
        return actions.revoke_key(tx, site_of(paper, tx.conn), number)  # type: ignore[arg-type]


def numbers(paper: Gazette) -> list[int]:
    with paper.read() as conn:
        k = tables.site_keys.c
        return list(conn.execute(sa.select(k.id).where(k.site_id == paper.id).order_by(k.id)).scalars())


def signed(paper: Gazette, secret: str, kid: str | None = None) -> str:
    return sign(paper.claims(), secret, {} if kid is None else {"kid": kid})


def test_the_new_beside_the_old(paper: Gazette) -> None:
    """Both count until the old one is revoked; who is in stays so."""
    old = numbers(paper)[0]
    add(paper, Key("secret", NEW, "2026"))
    kiesel = paper.reader()
    for token in (signed(paper, SECRET), signed(paper, NEW), signed(paper, NEW, "2026")):
        good(paper.session(token))
    refused(paper.session(signed(paper, SECRET, "2026")), 401, "token_invalid")
    assert revoke(paper, old) == 1
    refused(paper.session(signed(paper, SECRET)), 401, "token_invalid")
    good(paper.session(signed(paper, NEW)))
    kiesel.post("still here")


def test_public_keys_beside_a_secret(paper: Gazette) -> None:
    number = add(paper, read_key(pem=PEM, kid="ec"))
    good(paper.session(KEYS.sign(paper.claims(), "ec")))
    good(paper.session(signed(paper, SECRET)))
    revoke(paper, number)
    refused(paper.session(KEYS.sign(paper.claims(), "ec")), 401, "token_invalid")


def test_access_ends_at_once_where_that_is_asked_for(paper: Gazette, app: Flask) -> None:
    readers = [paper.reader(f"reader-{number}") for number in range(5)]
    with paper.read() as conn:
        site = find_site(conn, paper.key)
    assert site is not None
    assert actions.end_access(paper.database, site) == 5
    for reader in readers:
        refused(reader.call("GET", f"{paper.article()}/mine"), 401, "token_revoked")
    with paper.read() as conn:
        after = find_site(conn, paper.key)
    assert after is not None and after.version > site.version, "sockets are looked at again"
    paper.reader("reader-1").mine()


def test_other_sites_stay_as_they_are(paper: Gazette, app: Flask) -> None:
    herald = Gazette.make(app, paper.clock, "herald", secret="the-herald-has-a-secret-of-its-own-as-well")
    kiesel = herald.reader()
    with paper.read() as conn:
        site = find_site(conn, paper.key)
    assert site is not None
    actions.end_access(paper.database, site)
    with pytest.raises(NotFound):
        revoke(paper, numbers(herald)[0])
    kiesel.mine()
    good(herald.session(herald.token()))


WEAK = ["", "short", "x" * 31, "x" * 64, "abcabcabcabcabcabcabcabcabcabcabcabc", "0123456" * 9, "a\0" * 40]


@pytest.mark.parametrize("secret", WEAK)
def test_weak_secrets(secret: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_key(secret=secret)
    assert refusal.value.extras["field"] == "secret"


def test_keys_that_are_none() -> None:
    for pem in ("", "x", KEYS.ec.as_pem(private=True).decode(), KEYS.rsa.as_pem(private=True).decode(), PEM[:60]):
        with pytest.raises(Malformed, match="PEM"):
            read_key(pem=pem)
    for url in ("", "keys", "ftp://x.example/", "https://user:password@x.example/", "//x.example"):
        with pytest.raises(Malformed, match="JWKS URL"):
            read_key(jwks_url=url)
    for kid in ("", "a" * 256, "a\nb", "a\0"):
        with pytest.raises(Malformed, match="kid"):
            read_key(secret=NEW, kid=kid)
    with pytest.raises(Malformed, match="one of them"):
        read_key(secret=NEW, pem=PEM)
    with pytest.raises(Malformed, match="document"):
        read_key(jwks_url="https://x.example/keys", kid="a")


def test_the_same_twice_and_too_many(paper: Gazette) -> None:
    with pytest.raises(Conflict, match="already"):
        add(paper, Key("secret", SECRET))
    add(paper, Key("secret", NEW, "a"))
    with pytest.raises(Conflict, match="revoke it first"):
        add(paper, read_key(kid="a"))
    for number in range(8):
        add(paper, read_key(kid=f"k{number}"))
    with pytest.raises(Conflict, match="at most 10"):
        add(paper, read_key())


def test_the_command(environ: Environ, paper: Gazette, tmp_path: Path) -> None:
    """Add, sign, revoke; secrets are in no list and in no log."""
    added, pem, listed = several(
        environ,
        ["site", "key", "add", "gazette", "--kid", "2026"],
        ["site", "key", "add", "gazette", "--pem", "-", "--kid", "ec"],
        ["site", "key", "list", "gazette"],
        stdin=PEM,
    )
    assert (added.returncode, pem.returncode, listed.returncode) == (0, 0, 0), (added, pem, listed)
    made = added.stdout.split("secret")[1].split()[0]
    good(paper.session(sign(paper.claims(), made, {"kid": "2026"})))
    good(paper.session(KEYS.sign(paper.claims(), "ec")))
    lines = [line.split("\t") for line in listed.stdout.splitlines()]
    assert [line[1:4] for line in lines] == [
        ["secret", "-", "counts"], ["secret", "2026", "counts"], ["pem", "ec", "counts"],
    ]  # fmt: skip
    assert made not in listed.stdout + pem.stdout
    kiesel = paper.reader()
    ended = run(environ, "site", "key", "revoke", "gazette", lines[0][0], "--now")
    assert ended.returncode == 0 and "1 members" in ended.stdout, ended
    refused(kiesel.call("GET", f"{paper.article()}/mine"), 401, "token_revoked")
    refused(paper.session(signed(paper, SECRET)), 401, "token_invalid")
    with paper.read() as conn:
        log = [tuple(row) for row in conn.execute(sa.select(tables.audit.c.action, tables.audit.c.after))]
    assert [action for action, _ in log][1:] == ["add_key", "add_key", "revoke_key", "end_access"]
    assert made not in str(log) and SECRET not in str(log)
    says_no(run(environ, "site", "key", "revoke", "gazette", lines[0][0]), "no such key")
    says_no(run(environ, "site", "key", "add", "gazette", "--secret-file", "-", stdin="short\n"), "at least 32 bytes")


def test_every_process_refuses_a_revoked_key(served: Callable[..., Served], environ: Environ) -> None:
    """Two services, one database, no Redis: what the command revokes counts nowhere any more, well within a minute."""
    app = create_app(read_settings(environ))
    try:
        paper = Gazette.make(app, system_clock)
        both = [served() for _ in range(2)]

        def status(one: Served, secret: str) -> int:
            body = json.dumps({"site": "gazette", "token": signed(paper, secret)}).encode()
            kind = {"Content-Type": "application/json"}
            return over_http(one.url)("POST", "/api/v1/session", kind, body).status

        assert [status(one, SECRET) for one in both] == [200, 200]
        add(paper, Key("secret", NEW))
        assert [status(one, secret) for one in both for secret in (SECRET, NEW)] == [200] * 4
        revoke(paper, numbers(paper)[0])
        began = time.monotonic()
        wait_until(lambda: all(status(one, SECRET) == 401 for one in both), "the refusal", 60)
        assert time.monotonic() - began < 30
        assert [status(one, NEW) for one in both] == [200, 200]
    finally:
        app.extensions["comments"].database.engine.dispose()
