"""The one way out for mail: the conversation with the operator's mail server, cut where it must be.

A server has a mail once it has read the line with a single dot, and not before: whoever is cut off earlier has sent
nothing, for certain. `offer` does everything up to that line, `finish` the rest; what is to survive a crash is
committed between the two. TLS is verified; without it nothing is said, unless the operator's URL says so.
"""

import contextlib
import re
import smtplib
import ssl
from enum import Enum

from comments.core.smtp import MailServer

SECONDS = 30.0  # for each answer of the server
_DOT = re.compile(rb"(?m)^\.")
_NO_SUCH_ADDRESS = re.compile(r"\A5\.1\.\d|\A5\.2\.1")  # RFC 3463; not policy, not a full box
_BARE = frozenset({550, 551, 553})


class Fault(Enum):
    """Whose it is that a mail was not taken; for certain, it was not."""

    LATER = "later"  # nobody's for long: once more
    ADDRESS = "address"  # there is no such mailbox: never again
    MAIL = "mail"  # this one for good
    SERVER = "server"  # it does not answer, or not us: nothing else will be taken either


class NotSent(Exception):
    """The mail was not taken; `fault` says what follows."""

    def __init__(self, fault: Fault, why: str) -> None:
        super().__init__(why)
        self.fault = fault


class Uncertain(Exception):
    """The line was cut after the last word and before the answer."""


class Line:
    """An open line to the server; several mails may go along it, one after the other."""

    def __init__(self, server: MailServer, mail_from: str, helo: str) -> None:
        """Connect, encrypt and sign in. Raises NotSent (SERVER)."""
        self._mail_from, self._used = mail_from, False
        try:
            self._smtp = _connect(server, helo)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(Fault.SERVER, _said(error)) from error

    def offer(self, to: str, mail: bytes) -> None:
        """Everything but the last word. Raises NotSent."""
        smtp = self._smtp
        try:
            if self._used:
                smtp.rset()
            self._used = True
            self._expect(smtp.mail(self._mail_from), Fault.SERVER)
            self._expect(smtp.rcpt(to), Fault.ADDRESS)
            self._expect(smtp.docmd("DATA"), Fault.MAIL, 354)
            body = _DOT.sub(b"..", mail)
            smtp.send(body if body.endswith(b"\r\n") else body + b"\r\n")
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            raise NotSent(Fault.SERVER, _said(error)) from error

    def finish(self) -> str:
        """The last word; what the server answered. Raises NotSent or Uncertain."""
        try:
            self._smtp.send(b".\r\n")
            answer = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            raise Uncertain(_said(error)) from error
        self._expect(answer, Fault.MAIL)
        return answer[1].decode("ascii", "replace")[:200]

    def _expect(self, answer: tuple[int, bytes], fault: Fault, wanted: int = 250) -> None:
        code, text = answer[0], answer[1].decode("ascii", "replace")
        if code == wanted or (wanted == 250 and code == 251):
            return
        if code == 421 or not 400 <= code < 600:
            self.drop()
            raise NotSent(Fault.SERVER, f"the server said {code}")
        if code < 500:
            raise NotSent(Fault.LATER, f"the server said {code}")
        if fault is Fault.ADDRESS and not (_NO_SUCH_ADDRESS.match(text) or (code in _BARE and text[:2] != "5.")):
            fault = Fault.MAIL  # refused for another reason: that it is we who write, or a full mailbox
        raise NotSent(fault, f"the server said {code}")

    def drop(self) -> None:
        """Cut it: what was offered and not finished is nobody's."""
        self._smtp.close()

    def close(self) -> None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self._smtp.quit()


def _connect(server: MailServer, helo: str) -> smtplib.SMTP:
    context = ssl.create_default_context()
    smtp: smtplib.SMTP
    if server.security == "tls":
        smtp = smtplib.SMTP_SSL(server.host, server.port, helo, timeout=SECONDS, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, helo, SECONDS)
    try:
        if server.security == "starttls":
            smtp.ehlo()
            if not smtp.has_extn("starttls"):
                raise smtplib.SMTPNotSupportedError("the server offers no STARTTLS")
            smtp.starttls(context=context)
        smtp.ehlo()
        if server.user is not None and server.password is not None:
            smtp.login(server.user, str(server.password))
    except BaseException:
        smtp.close()
        raise
    return smtp


def _said(error: Exception) -> str:
    """What went wrong, without what the server repeats of us."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the server said {error.smtp_code}"
    if isinstance(error, TimeoutError):
        return f"the server did not answer within {SECONDS:g} s"
    return f"{type(error).__name__}: {error}"[:200]
