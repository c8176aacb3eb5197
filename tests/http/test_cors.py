"""Other origins: everybody's pages read what is public, a site's own pages do the rest, the console is nobody's."""

import pytest

from tests.conftest import FakeClock
from tests.gazette import API, ORIGIN, Gazette, Reader, good, refused

EVIL = [
    "null", "https://evil.example", "https://www.gazette.example.evil.example", "http://www.gazette.example",
    "https://www.gazette.example:8443", "https://www.gazette.example.", "https://gazette.example", "*", "x",
    "https://xwww.gazette.example", "https://www.gazette.example@evil.example", "https://www.gazette.example/",
    "https://www.gazette.example%00.evil.example", "HTTPS://WWW.GAZETTE.EXAMPLE", "https://www.gazette.example:443",
]  # fmt: skip
ALLOW = "Access-Control-Allow-Origin"


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


def test_public_reads_are_everybodys(paper: Gazette, kiesel: Reader) -> None:
    comment = kiesel.post("hello")["id"]
    article = paper.article()
    reads = [
        f"{article}/comments", f"{article}/comments?sort=oldest&limit=3", f"{article}/changes?after=0",
        f"/comments/{comment}/replies", f"/comments/{comment}/context", "/sites/gazette/counts?article=1",
        "/openapi.json", "/sites/gazette/most-discussed", "/sites/gazette/picks",
        f"{article}/picks", f"{article}/answers",
    ]  # fmt: skip
    for path in reads:
        for origin in (ORIGIN, *EVIL):
            answer = paper.call("GET", path, Origin=origin)
            assert (answer.status_code, answer.headers[ALLOW]) == (200, "*"), path
            assert "Origin" not in answer.headers.get("Vary", ""), "shared caches keep one answer for all"
            assert "Access-Control-Allow-Credentials" not in answer.headers
    for path in (f"{paper.article()}/comments?limit=x", "/sites/nowhere/articles/1/comments", "/comments/99/context"):
        assert paper.call("GET", path, Origin="https://evil.example").headers[ALLOW] == "*", "also what went wrong"


def calls(paper: Gazette, comment: str) -> list[tuple[str, str, object]]:
    """Whatever needs a token, or gives one."""
    return [
        ("POST", "/session", {"site": "gazette", "token": paper.token()}), ("PATCH", "/me", {"name": "Kiesel"}),
        ("GET", f"{paper.article()}/mine", None), ("POST", f"{paper.article()}/comments", {"body": "hello there"}),
        ("PUT", f"/comments/{comment}/reactions/recommend", None),
        ("DELETE", f"/comments/{comment}/reactions/recommend", None),
        ("POST", f"/comments/{comment}/reports", {"reason": "abuse"}), ("PUT", "/members/2/mute", None),
        ("DELETE", "/members/2/mute", None), ("PATCH", f"/comments/{comment}", {"body": "hello again"}),
        ("DELETE", f"/comments/{comment}", None),
    ]  # fmt: skip


def test_foreign_pages_do_nothing(paper: Gazette, kiesel: Reader) -> None:
    """Also with a good token: a page of another origin must not use one that it got hold of."""
    other = paper.reader("bach")
    comment = kiesel.post("hello")["id"]
    before = (paper.page(), kiesel.mine(), other.mine())
    for method, path, body in calls(paper, comment):
        for origin in EVIL[:3] if path == "/me" else EVIL:  # a name may be chosen five times a minute
            answer = kiesel.call(method, path, body, Origin=origin, Idempotency_Key="k")
            refused(answer, 403, "origin")
            assert ALLOW not in answer.headers
    assert (paper.page(), kiesel.mine(), other.mine()) == before


def test_a_site_s_own_pages(paper: Gazette, kiesel: Reader) -> None:
    """The site's origins and our own (a framed widget); also a refusal may be read by the page that caused it."""
    paper.reader("bach")
    comment = kiesel.post("hello")["id"]
    for method, path, body in calls(paper, comment):
        for origin in (ORIGIN, "http://localhost:8000"):
            answer = kiesel.call(method, path, body, Origin=origin, Idempotency_Key="k")
            assert answer.status_code != 403 or answer.get_json()["code"] == "own_comment", (method, path)
        answer = kiesel.call(method, path, body, Origin=ORIGIN, Idempotency_Key="k")
        assert answer.headers[ALLOW] == ORIGIN
        assert "Origin" in answer.headers["Vary"]
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_another_site_s_pages(paper: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    """They may ask (preflights know no site), and are refused here: a token of one site is used on its pages alone."""
    theirs = "https://www.herald.example"
    Gazette.make(paper.app, clock, "herald", origins=(theirs,))
    comment = kiesel.post("hello")["id"]
    for method, path, body in calls(paper, comment):
        answer = kiesel.call(method, path, body, Origin=theirs, Idempotency_Key="k")
        refused(answer, 403, "origin")
        assert ALLOW not in answer.headers, "they may not even read that"
        assert "Origin" in answer.headers["Vary"]


def test_what_is_about_no_site_is_read_by_every_site(paper: Gazette, kiesel: Reader) -> None:
    """So that a page can tell what it did wrong; it says nothing of anybody."""
    for answer in (
        kiesel.call("PATCH", "/me", {"x": 1}, Origin=ORIGIN), paper.call("GET", "/me/notifications", Origin=ORIGIN),
        paper.call("POST", "/session", {}, Origin=ORIGIN),
    ):  # fmt: skip
        assert answer.status_code >= 400 and answer.headers[ALLOW] == ORIGIN


def test_programs_send_no_origin(kiesel: Reader) -> None:
    kiesel.post("from a script")


def test_preflights(paper: Gazette, kiesel: Reader) -> None:
    comment = kiesel.post("hello")["id"]
    for method, path, _ in calls(paper, comment):
        answer = paper.call("OPTIONS", path, Origin=ORIGIN, Access_Control_Request_Method=method)
        assert (answer.status_code, answer.get_data()) == (204, b"")
        assert answer.headers[ALLOW] == ORIGIN
        assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
        assert not {"HEAD", "OPTIONS"} & set(answer.headers["Access-Control-Allow-Methods"].split(", "))
        allowed = {name.lower() for name in answer.headers["Access-Control-Allow-Headers"].split(", ")}
        assert {"authorization", "content-type", "idempotency-key"} <= allowed
        assert 600 <= int(answer.headers["Access-Control-Max-Age"]) <= 7200
        for origin in EVIL:
            assert ALLOW not in paper.call("OPTIONS", path, Origin=origin, Access_Control_Request_Method=method).headers


def test_preflights_name_what_there_is(paper: Gazette) -> None:
    asking = {"Origin": ORIGIN, "Access_Control_Request_Method": "PUT"}
    for path, methods in (("/me", "PATCH"), ("/session", "POST"), (f"{paper.article()}/comments", "GET, POST")):
        assert paper.call("OPTIONS", path, **asking).headers["Access-Control-Allow-Methods"] == methods
    assert paper.call("OPTIONS", "/nowhere", **asking).status_code == 404
    plain = paper.call("OPTIONS", "/me")
    assert (plain.status_code, plain.headers["Allow"]) == (204, "OPTIONS, PATCH")
    assert "Access-Control-Allow-Methods" not in plain.headers


def test_the_console_is_nobodys(paper: Gazette) -> None:
    desk = paper.desk()
    for origin in (ORIGIN, "http://localhost:8000", *EVIL):
        for path in ("/session", "/sites/gazette/queues", "/sites/nowhere/queues"):
            for method in ("GET", "OPTIONS"):
                answer = desk.call(method, path, Origin=origin)
                assert not [name for name, _ in answer.headers if name.startswith("Access-Control")], (method, path)
    assert good(desk.call("GET", "/sites/gazette/queues", Origin=ORIGIN))


def test_what_frames_and_sniffs(paper: Gazette) -> None:
    """Answers of the API are read by other origins' scripts and by nothing else."""
    answer = paper.app.test_client().get(f"{API}{paper.article()}/comments")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.mimetype == "application/json"
