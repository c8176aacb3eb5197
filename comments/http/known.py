"""Browsers that an account has signed in with before. They carry a signed cookie, and their tries to sign in are
counted apart: strangers who guess from everywhere make each other wait, not the one whose account it is (decision 16).
"""

import hashlib
import secrets

from flask import Response, request
from itsdangerous import BadSignature, URLSafeSerializer

from comments.http.request import parts

LIFE = 365 * 86_400  # seconds


def tries_of(email: str) -> str:
    """The name under which this browser's tries with this address are counted."""
    nonce = _nonce(email)
    return f"{email} by anybody" if nonce is None else f"{email} by {nonce}"


def remember(response: Response, email: str) -> None:
    """Let this browser be known to the account from now on."""
    if _nonce(email) is None:
        value = _serializer().dumps([_digest(email), secrets.token_urlsafe(16)])
        https = parts().settings.is_https
        response.set_cookie(_name(), value, LIFE, secure=https, httponly=True, samesite="Strict")


def _nonce(email: str) -> str | None:
    try:
        digest, nonce = _serializer().loads(request.cookies.get(_name(), ""))
    except (BadSignature, TypeError, ValueError):
        return None
    return str(nonce) if digest == _digest(email) else None


def _name() -> str:
    return "__Host-comments_known" if parts().settings.is_https else "comments_known"


def _digest(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(parts().settings.secret_key, salt="a browser that is known")
