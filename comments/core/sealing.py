"""Secrets at rest: what the database holds of them opens only with the operator's COMMENTS_SECRET_KEY. Pure: the key
comes as a value. Used for second factors and for what classifiers are asked with.
"""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX = "sealed1:"  # AES-256-GCM, its key by HKDF-SHA-256; base64url of the nonce (12 bytes) and what was sealed
NONCE = 12  # bytes; random: one key seals some thousands of secrets, not 2^32


class Unopened(ValueError):
    """A sealed text that this key does not open; says so in a sentence for the operator."""


def is_sealed(text: str) -> bool:
    return text.startswith(PREFIX)


def seal(secret_key: bytes, purpose: str, text: str) -> str:
    """`text` so that only `unseal` with the same key and purpose shows it. `purpose` names what it is and whose, for
    example "totp:17": sealed for one, it does not open in the place of another.
    """
    nonce = secrets.token_bytes(NONCE)
    sealed = AESGCM(_key(secret_key, purpose)).encrypt(nonce, text.encode(), PREFIX.encode())
    return PREFIX + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(secret_key: bytes, purpose: str, sealed: str) -> str:
    """What was sealed. Raises Unopened if it is no sealed text, was changed, or is another key's or purpose's."""
    if not is_sealed(sealed):
        raise Unopened(f"This is no sealed secret: it does not begin with {PREFIX}")
    try:
        raw = base64.b64decode(sealed.removeprefix(PREFIX), altchars=b"-_", validate=True)
        opened = AESGCM(_key(secret_key, purpose)).decrypt(raw[:NONCE], raw[NONCE:], PREFIX.encode())
    except (binascii.Error, ValueError, InvalidTag) as error:
        raise Unopened(
            "A secret in the database does not open with this COMMENTS_SECRET_KEY: it was sealed with another key, "
            "or was changed. Give the service the key that it had, or set the secret anew."
        ) from error
    return opened.decode()


def _key(secret_key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"comments sealing {purpose}".encode()).derive(secret_key)
