"""What a line to the mail server must be: encrypted, verified, and nothing sent before its last word."""

from pathlib import Path

import pytest

from comments.core.smtp import read_smtp_url
from comments.mailing import Fault, Line, NotSent
from tests.postbox import PASSWORD, USER, certified, knows, postbox

MAIL = b"Subject: hello\r\n\r\n.a line with a dot\r\n..two\r\nend\r\n"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd does not know that all of it is in TLS
@pytest.mark.parametrize("server", ["starttls", "tls"])
def test_the_line_is_encrypted_and_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    context, authority = certified(tmp_path)
    tls = {"tls_context": context, "require_starttls": True} if server == "starttls" else {"ssl_context": context}
    with postbox(authenticator=knows, auth_required=True, auth_require_tls=server == "starttls", **tls) as box:
        url = f"{'smtp' if server == 'starttls' else 'smtps'}://{USER}:{{}}@localhost:{box.port}"
        good = read_smtp_url(url.format("open%20sesame%20%2f%20100%25"))
        assert good.password == PASSWORD and PASSWORD not in repr(good)
        with pytest.raises(NotSent, match="certificate") as refused:
            Line(good, "a@home.example", "localhost")
        assert refused.value.fault is Fault.SERVER
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        with pytest.raises(NotSent, match="535"):
            Line(read_smtp_url(url.format("wrong")), "a@home.example", "localhost")
        line = Line(good, "a@home.example", "localhost")
        for _ in range(2):
            line.offer("b@home.example", MAIL)
            line.finish()
        line.close()
        assert box.raw == [MAIL.replace(b"\r\n\r\n..", b"\r\n\r\n..")] * 2 and box.to == ["b@home.example"] * 2


def test_a_server_without_starttls_gets_nothing() -> None:
    with postbox() as box, pytest.raises(NotSent, match="STARTTLS"):
        Line(read_smtp_url(box.url("smtp")), "a@home.example", "localhost")


def test_what_was_offered_and_not_finished_is_not_sent() -> None:
    with postbox() as box:
        line = Line(read_smtp_url(box.url()), "a@home.example", "localhost")
        line.offer("b@home.example", MAIL)
        line.drop()
        line = Line(read_smtp_url(box.url()), "a@home.example", "localhost")
        line.offer("c@home.example", MAIL)
        line.finish()
        line.close()
        assert box.to == ["c@home.example"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://mail.example", "begin with"), ("smtp://", "host"), ("smtp://u@mail.example", "neither"),
        ("smtp://mail.example:99999", "port"), ("smtp://mail.example/x?y", "behind the port"),
        ("smtp+plain://u:geheim@localhost", "without password"),  # pragma: allowlist secret
        ("smtp+plain://mail.example", "own network"),
    ],
)  # fmt: skip
def test_what_is_no_server_is_refused(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        read_smtp_url(url)
    assert "geheim" not in str(refused.value)
