"""Keys of the publishers' API as texts: `cak_`, 32 random bytes in base62, and a checksum, so that programs which look
for secrets find one wherever it was left, and a mistyped one is known without a look into the database. Pure.
"""

import hashlib
import re
import zlib
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MARK = "cak_"
BYTES = 32
DIGITS = 43  # that 32 bytes take in base62
CHECKED = 6  # digits of the CRC-32 of all before them
SHOWN = len(MARK) + 6  # characters by which people recognise a key
FORM = re.compile(rf"{MARK}[0-9A-Za-z]{{{DIGITS + CHECKED}}}")


class Scope(StrEnum):
    """What a key is good for at its site; core/policy.py says which actions that are."""

    READ = "read"
    MODERATE = "moderate"
    MANAGE = "manage"


def _base62(number: int, digits: int) -> str:
    found = ""
    for _ in range(digits):
        number, digit = divmod(number, len(ALPHABET))
        found = ALPHABET[digit] + found
    return found


def key_of(randomness: bytes) -> str:
    """The key that these 32 bytes make."""
    if len(randomness) != BYTES:
        raise ValueError(f"a key is made of {BYTES} bytes")
    secret = MARK + _base62(int.from_bytes(randomness), DIGITS)
    return secret + _base62(zlib.crc32(secret.encode()), CHECKED)


def is_key(text: str) -> bool:
    """Whether this has the form of a key and its checksum fits; not whether there is one."""
    if FORM.fullmatch(text) is None:
        return False
    return _base62(zlib.crc32(text[:-CHECKED].encode()), CHECKED) == text[-CHECKED:]


def digest_of_key(key: str) -> str:
    """What the database holds of a key: with 256 random bits in it, nobody finds the key to a digest."""
    return hashlib.sha256(key.encode()).hexdigest()
