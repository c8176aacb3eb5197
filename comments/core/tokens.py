"""Tokens: the publisher's (verified, never made here but by the demo) and our own narrow access tokens. Pure: keys
come as values.

The algorithm is ours to choose, not the token's: a secret allows HS256 alone, a public key the one that its type has.
"""

import base64
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from joserfc import jwk, jwt
from joserfc.errors import BadSignatureError, JoseError, SecurityWarning

from comments.core.entitlement import SECOND
from comments.core.errors import Unauthenticated

# What it warns of is decided here: weak keys are refused, and EdDSA (RFC 9864 renames it to Ed25519) is what
# publishers' libraries still say; on Ed25519 keys the two are the same.
warnings.simplefilter("ignore", SecurityWarning)

LONGEST = 8 * 1024  # bytes of a token that are looked at
LONGEST_KID = 255  # characters
MIN_SECRET = 32  # bytes of an HS256 secret
ALGORITHMS = {"oct": ["HS256"], "RSA": ["RS256"], "EC": ["ES256"], "OKP": ["EdDSA", "Ed25519"]}
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192  # a longer one takes long to verify with
MOST_KEYS = 50  # of a JWKS

Key = jwk.OctKey | jwk.RSAKey | jwk.ECKey | jwk.OKPKey


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key that may have signed. `kid` None: it says of itself nothing, and is tried for tokens without a `kid` of
    another key.
    """

    kid: str | None
    key: Key


def key_from_secret(secret: str, kid: str | None) -> Candidate:
    """A site's HS256 secret; its length is checked where it is stored."""
    return Candidate(kid, jwk.OctKey.import_key(secret))


def key_from_pem(pem: str, kid: str | None) -> Candidate:
    """A public key in PEM. Raises ValueError if it is none, is private, or is too weak."""
    kinds: tuple[Any, ...] = (jwk.RSAKey, jwk.ECKey, jwk.OKPKey)
    for kind in kinds:
        try:
            key = kind.import_key(pem)
        except (ValueError, TypeError, JoseError):
            continue
        return Candidate(kid, _public(key))
    raise ValueError("not a public key in PEM")


def keys_from_jwks(document: Any) -> list[Candidate]:
    """The usable signing keys of a JWKS; others are passed over. Raises ValueError if it is no JWKS at all."""
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a JWKS: {“keys”: […]} is expected")
    found = []
    for entry in document["keys"][:MOST_KEYS]:
        if not isinstance(entry, dict) or not _signs_tokens(entry):
            continue
        kind: Any = {"RSA": jwk.RSAKey, "EC": jwk.ECKey, "OKP": jwk.OKPKey}[entry["kty"]]
        try:
            found.append(Candidate(entry.get("kid"), _public(kind.import_key(entry))))
        except (ValueError, TypeError, KeyError, JoseError):
            continue
    return found


def _signs_tokens(entry: dict[str, Any]) -> bool:
    """Whether a JWK is of a kind that we take, and says nothing of itself that speaks against it. Never a secret:
    what a JWKS shows, everybody knows.
    """
    kty, kid, algorithm = entry.get("kty"), entry.get("kid"), entry.get("alg")
    return (
        kty in ("RSA", "EC", "OKP")
        and entry.get("use", "sig") == "sig"
        and entry.get("key_ops", ["verify"]) == ["verify"]
        and (kid is None or is_kid(kid))
        and (algorithm is None or algorithm in ALGORITHMS[kty])
    )


def _public(key: Any) -> Key:
    if key.is_private:
        raise ValueError("this is a private key: only the public part belongs here")
    if isinstance(key, jwk.RSAKey) and not MIN_RSA_BITS <= key.public_key.key_size <= MAX_RSA_BITS:
        raise ValueError(f"an RSA key has {MIN_RSA_BITS} to {MAX_RSA_BITS} bits")
    if isinstance(key, jwk.ECKey) and key.curve_name != "P-256":
        raise ValueError("ES256 needs a key on the curve P-256")
    if isinstance(key, jwk.OKPKey) and key.curve_name != "Ed25519":
        raise ValueError("EdDSA needs an Ed25519 key")
    return key  # type: ignore[no-any-return]


def token_header(token: str) -> dict[str, Any]:
    """The unverified header, for choosing a key; raises Unauthenticated if the token is none that we read."""
    if len(token) > LONGEST:
        raise _bad(f"A token has at most {LONGEST} bytes.")
    parts = token.split(".")
    if len(parts) != 3:
        raise _bad("The token is no signed JWT: three parts are expected.")
    try:
        header = json.loads(
            base64.b64decode(parts[0] + "=" * (-len(parts[0]) % 4), b"-_", validate=True), cls=StrictDecoder
        )
    except (ValueError, RecursionError) as error:
        raise _bad("The token's header cannot be read.") from error
    if not isinstance(header, dict) or not isinstance(header.get("alg"), str):
        raise _bad("The token's header names no algorithm.")
    if set(header) - {"alg", "kid", "typ", "cty"}:  # crit, jku, jwk, x5u, x5c, b64, zip … : nothing we would follow
        raise _bad("The token's header may have alg, kid and typ, nothing else.")
    kid = header.get("kid", "-")
    if header.get("typ", "JWT") not in ("JWT", "jwt", "at+jwt") or not is_kid(kid):
        raise _bad("The token's header has a wrong typ or kid.")
    return header


class StrictDecoder(json.JSONDecoder):
    """JSON as RFC 8259 has it. An object with the same name twice says one thing to whoever signed it and perhaps
    another to whoever reads it: it is refused, as are NaN and Infinity.
    """

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=_once, parse_constant=_no_number)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same name twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def is_kid(value: Any) -> bool:
    """Whether this may name a key: a short text without control characters."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_KID and value.isprintable()


def verify(token: str, candidates: Sequence[Candidate]) -> dict[str, Any]:
    """The claims of a token that one of these keys signed. Raises Unauthenticated; the claims are not checked here."""
    header = token_header(token)
    kid = header.get("kid")
    fitting = [one for one in candidates if one.kid == kid or kid is None]
    fitting = fitting or [one for one in candidates if one.kid is None]
    for candidate in fitting[:10]:
        allowed = ALGORITHMS[candidate.key.key_type]
        if header["alg"] not in allowed:
            continue
        try:
            claims = jwt.decode(token, candidate.key, algorithms=allowed, decoder_cls=StrictDecoder).claims
        except BadSignatureError:
            continue
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise _bad("The token cannot be read.") from error
        return _object(claims)
    if not any(header["alg"] in ALGORITHMS[one.key.key_type] for one in fitting):
        raise Unauthenticated(
            "token_invalid", f"No key of this site verifies {header['alg']} with this kid.", claim="alg"
        )
    raise Unauthenticated("token_invalid", "The signature fits no key of this site.", claim="signature")


def _object(claims: Any) -> dict[str, Any]:
    if not isinstance(claims, dict):
        raise _bad("The token's claims are no object.")
    return claims


def _bad(detail: str) -> Unauthenticated:
    return Unauthenticated("token_invalid", detail)


def sign_access(secret_key: bytes, claims: dict[str, Any]) -> str:
    """Our own access token: HS256, typ at+jwt."""
    return jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims, jwk.OctKey.import_key(secret_key), default_type=None)


def read_access(secret_key: bytes, token: str, now: int) -> Mapping[str, Any]:
    """The claims of one of our own access tokens that has not ended. Raises Unauthenticated."""
    claims = _access_claims(secret_key, token)
    if not isinstance(claims.get("exp"), int) or claims["exp"] * SECOND <= now:
        raise Unauthenticated("token_expired", "The access token is over: exchange a new one.", claim="exp")
    return claims


@lru_cache(maxsize=10_000)  # a writer sends the same token with every request: a signature is verified once
def _access_claims(secret_key: bytes, token: str) -> Mapping[str, Any]:
    claims = verify(token, [Candidate(None, jwk.OctKey.import_key(secret_key))])
    if claims.get("iss") != "comments" or token_header(token).get("typ") != "at+jwt":
        raise _bad("This is no access token of ours: exchange the publisher's token at /api/v1/session first.")
    return MappingProxyType(claims)
