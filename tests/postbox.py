"""A real mail server on loopback for the tests (aiosmtpd), with STARTTLS by a certificate of its own authority."""

import datetime
import email
import email.policy
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.servers import free_port

USER, PASSWORD = "comments", "open sesame / 100%"  # pragma: allowlist secret


@dataclass
class Postbox:
    """What came, and what it answers. `refuse`: an address → the answer to RCPT; `answer`: to the last word."""

    port: int = 0
    refuse: dict[str, str] = field(default_factory=dict)
    answer: Callable[[EmailMessage], str] = lambda _mail: "250 OK"
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    to: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _o: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        answer = self.answer(mail)
        if answer.startswith("250"):
            self.mails.append(mail)
            self.raw.append(content)
            self.to += envelope.rcpt_tos
        return answer

    def url(self, security: str = "smtp+plain") -> str:
        return f"{security}://localhost:{self.port}"


@contextmanager
def postbox(box: Postbox | None = None, **more: Any) -> Iterator[Postbox]:
    """A server as long as the block lasts; `more` are Controller's."""
    box = Postbox() if box is None else box
    box.port = box.port or free_port()
    controller = Controller(box, hostname="localhost", port=box.port, ready_timeout=30, **more)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context for localhost, and the file of the authority that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "mail.pem", folder / "mail.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, pem


def knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, auth: Any) -> AuthResult:
    fits = auth.login == USER.encode() and auth.password == PASSWORD.encode()
    return AuthResult(success=fits, handled=False)
