"""The second factor of console accounts: time-based codes (RFC 6238, 30 seconds, 6 digits, SHA-1, as every app has)
and recovery codes. Pure: time and secrets come as values.
"""

import base64
import hashlib
import hmac
import re
import secrets

import pyotp
import segno

STEP = 30  # seconds
DRIFT = 1  # steps before and after that count, for clocks that differ
SECRET_BYTES = 20  # as long as SHA-1, RFC 4226
RECOVERY_CODES = 10
RECOVERY_BYTES = 15  # 120 bits: a plain digest keeps them as well as a slow hash would (ASVS 5, 6.5.2)


def new_secret() -> str:
    """A secret in base32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def step_of(secret: str, code: str, seconds: int, after: int) -> int | None:
    """The time step whose code this is, at `seconds` (UTC) or a step beside; None if it is none, or not after the step
    `after`, the last one that counted.
    """
    given = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", given):
        return None
    totp = pyotp.TOTP(secret, interval=STEP)
    found = None
    for step in range(seconds // STEP - DRIFT, seconds // STEP + DRIFT + 1):
        fits = hmac.compare_digest(totp.generate_otp(step), given)
        found = step if fits and step > after else found
    return found


def address_of(secret: str, account: str, issuer: str) -> str:
    """The otpauth:// address that apps read from the QR code."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=account, issuer_name=issuer)


def qr_rows(text: str) -> list[str]:
    """A QR code as rows of 0 (light) and 1 (dark), without the quiet zone."""
    return ["".join(str(int(bit)) for bit in row) for row in segno.make(text, error="m", micro=False).matrix]


def new_recovery_codes() -> list[str]:
    """Ten codes, each good once: four groups of six letters and digits."""
    return [_grouped(base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES)]


def _grouped(code: str) -> str:
    return "-".join(code[first : first + 6] for first in range(0, len(code), 6)).lower()


def recovery_digest(code: str) -> str:
    """What is stored of a recovery code: SHA-256 of its letters and digits, however they were typed."""
    return hashlib.sha256(re.sub(r"[\W_]", "", code).lower().encode()).hexdigest()
