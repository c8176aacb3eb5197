"""Words that stand for somebody whom nobody can read back from them: keyed digests of old e-mail addresses.

The key is the operator's, made anew for each site: whoever has the database alone cannot try addresses against it, and
the same address is another word at another site.
"""

import hmac
import unicodedata

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def pseudonym_key(secret_key: bytes, site: str) -> bytes:
    """The key for what `pseudonym` and `address_digest` make at this site (its key)."""
    return HKDF(SHA256(), length=32, salt=None, info=f"comments pseudonyms {site}".encode()).derive(secret_key)


def pseudonym(key: bytes, text: str) -> str:
    """64 hexadecimal digits, the same for the same text."""
    return hmac.digest(key, text.encode(errors="replace"), "sha256").hex()


def address_digest(key: bytes, email: str) -> str:
    """The digest of an e-mail address, however it is written: case and compatibility forms do not count."""
    return pseudonym(key, unicodedata.normalize("NFKC", email).strip().casefold())
