"""Tokens that nobody may get in with, made by hand: the libraries refuse to make most of them.

`hmac_tokens` is for a site with a secret, `key_tokens` for one with the public keys of `Keys`. Each is the token and
the claim that the refusal must name (None: the token as a whole is wrong).
"""

import base64
import hashlib
import hmac
import json
import warnings
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwk, jws

Bad = dict[str, tuple[str, str | None]]
HEADER: dict[str, Any] = {"alg": "HS256", "typ": "JWT"}


def b64(data: bytes | str) -> str:
    return base64.urlsafe_b64encode(data.encode() if isinstance(data, str) else data).decode().rstrip("=")


def by_hand(header: Any, claims: Any, secret: bytes | str) -> str:
    """HS256 over whatever is given; texts and bytes stand for themselves, other values are written as JSON."""
    parts = [b64(part if isinstance(part, str | bytes) else json.dumps(part)) for part in (header, claims)]
    key = secret.encode() if isinstance(secret, str) else secret
    return ".".join([*parts, b64(hmac.digest(key, ".".join(parts).encode(), hashlib.sha256))])


@dataclass
class Keys:
    """A publisher's private keys, one of each kind."""

    rsa: Any = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "rsa"}))
    ec: Any = field(default_factory=lambda: jwk.ECKey.generate_key("P-256", {"kid": "ec"}))
    okp: Any = field(default_factory=lambda: jwk.OKPKey.generate_key("Ed25519", {"kid": "okp"}))

    def public(self, *only: str) -> dict[str, Any]:
        """The JWKS document."""
        return {"keys": [self.key(kid).as_dict(private=False) for kid in only or ("rsa", "ec", "okp")]}

    def key(self, kid: str) -> Any:
        return getattr(self, kid)

    def sign(self, claims: dict[str, Any], by: str, **header: Any) -> str:
        """`by`: the kid of the key; a header that is None is left out."""
        algorithm = {"rsa": "RS256", "ec": "ES256", "okp": "EdDSA"}[by]
        return signed({"alg": algorithm, "kid": by} | header, claims, self.key(by))


def signed(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    header = {name: value for name, value in header.items() if value is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library thinks EdDSA an old name
        return str(jws.serialize_compact(header, json.dumps(claims), key, algorithms=[header["alg"]]))


def hmac_tokens(good: dict[str, Any], secret: str) -> Bad:
    """For a site that signs with this secret; `good` are claims that would let somebody in."""
    token = by_hand(HEADER, good, secret)
    head, body, signature = token.split(".")
    now = good["iat"]
    bad: Bad = {
        "nothing": ("", None),
        "a word": ("token", None),
        "two parts": (f"{head}.{body}", None),
        "four parts": (f"{token}.{signature}", None),
        "five parts, as if encrypted": (f"{token}.a.b", None),
        "dots alone": ("..", None),
        "no header": (f".{body}.{signature}", None),
        "no claims": (by_hand(HEADER, "", secret), None),
        "no signature": (f"{head}.{body}.", "signature"),
        "a foreign signature": (by_hand(HEADER, good, "another-secret-that-is-long-enough-too"), "signature"),
        "an empty secret": (by_hand(HEADER, good, b""), "signature"),
        "a signature cut short": (token[:-4], "signature"),
        "a signature with another end": (token[:-1] + ("A" if token[-1] != "A" else "Q"), "signature"),
        "changed claims": (f"{head}.{b64(json.dumps(good | {'sub': 'admin'}))}.{signature}", "signature"),
        "a header that is no base64": (f"%%%.{body}.{signature}", None),
        "a header with white space": (f"{head[:8]} {head[8:]}.{body}.{signature}", None),
        "a header that is no JSON": (by_hand("alg: HS256", good, secret), None),
        "a header that is a list": (by_hand(["HS256"], good, secret), None),
        "a header that is a text": (by_hand('"HS256"', good, secret), None),
        "a header that is null": (by_hand("null", good, secret), None),
        "a header without alg": (by_hand({"typ": "JWT"}, good, secret), None),
        "a header that is not UTF-8": (by_hand(b'{"alg":"HS256","kid":"\xff"}', good, secret), None),
        "a header 4,000 lists deep": (f"{b64('[' * 4000)}.{body}.{signature}", None),
        "characters that are no ASCII": (f"{head}.{body}é.{signature}", None),
        "a NUL": (token + "\0", "signature"),
        "a token of a megabyte's tenth": (by_hand(HEADER, good | {"x": "x" * 9000}, secret), None),
        "claims that are a list": (by_hand(HEADER, [good], secret), None),
        "claims that are a text": (by_hand(HEADER, '"admin"', secret), None),
        "claims that are null": (by_hand(HEADER, "null", secret), None),
        "claims that are no JSON": (by_hand(HEADER, "sub=admin", secret), None),
        "claims that are not UTF-8": (by_hand(HEADER, b'{"sub":"\xff"}', secret), None),
        "claims 2,500 lists deep": (by_hand(HEADER, '{"a":' + "[" * 2500 + "]" * 2500 + "}", secret), None),
        "a number of 5,000 digits": (by_hand(HEADER, '{"exp":' + "9" * 5000 + "}", secret), None),
    }
    for name in ("none", "None", "NONE", "nOnE", ""):
        bad[f"alg {name!r} without a signature"] = (f"{b64(json.dumps({'alg': name}))}.{body}.", "alg")
        bad[f"alg {name!r} with a signature"] = (by_hand({"alg": name}, good, secret), "alg")
    for name in ("HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256", "HS256 "):
        bad[f"alg {name!r} under the secret"] = (by_hand({"alg": name}, good, secret), "alg")
    for value in (None, 1, ["HS256"], {"HS256": 1}, True):
        bad[f"alg {value!r}"] = (by_hand({"alg": value}, good, secret), None)
    for name, value in {
        "jku": "https://evil.example/keys", "x5u": "https://evil.example/cert", "x5c": ["MIIB"], "x5t": "aa",
        "jwk": {"kty": "oct", "k": b64("evil")}, "crit": ["exp"], "b64": False, "zip": "DEF", "enc": "A128GCM",
        "unknown": 1,
    }.items():  # fmt: skip
        bad[f"a header with {name}"] = (by_hand(HEADER | {name: value}, good, secret), None)
    for value in (1, None, ["a"], {}):
        bad[f"kid {value!r}"] = (by_hand(HEADER | {"kid": value}, good, secret), None)
    for value in ("JWE", "", 1, None, "dpop+jwt"):
        bad[f"typ {value!r}"] = (by_hand(HEADER | {"typ": value}, good, secret), None)
    wrong: dict[str, list[Any]] = {
        "iss": [None, "https://evil.example", [good["iss"]]],
        "aud": [None, "herald", ["gazette", "herald"], {"gazette": True}],
        "sub": [None, "", 7, "a\nb", "x" * 256],
        "exp": [None, "soon", True, now, now - 1, now + 601, 10**18, float("nan")],
        "iat": [None, "now", now + 120, -1, float("inf")],
        "nbf": ["now", now + 120],
        "jti": [None, "", 7, "x" * 256],
        "name": [7], "avatar": ["http://x.example/"], "badges": ["staff"],
        "ent": ["active", {"digital": "active"}, [{"product": "digital"}], [{"product": "digital", "state": "active",
                "exp": float("nan")}], [{"product": 1, "state": "active", "exp": now + 9}]],
    }  # fmt: skip
    for claim, values in wrong.items():
        for value in values:
            claims = {name: one for name, one in (good | {claim: value}).items() if one is not None}
            bad[f"{claim} {str(value)[:30]!r}"] = (by_hand(HEADER, claims, secret), claim)
    return bad


def key_tokens(good: dict[str, Any], keys: Keys) -> Bad:
    """For a site that knows the public parts of `keys`."""
    other = Keys()
    bad: Bad = {
        "an unknown kid": (signed({"alg": "RS256", "kid": "no-such"}, good, keys.rsa), "alg"),
        "a path as kid": (signed({"alg": "ES256", "kid": "../../dev/null"}, good, keys.ec), "alg"),
        "the kid of another kind": (signed({"alg": "ES256", "kid": "rsa"}, good, keys.ec), "alg"),
    }
    for kid in ("rsa", "ec", "okp"):
        bad[f"{kid}: another key under its kid"] = (other.sign(good, kid), "signature")
        bad[f"{kid}: another key without kid"] = (other.sign(good, kid, kid=None), "signature")
        bad[f"{kid}: its own key beside it"] = (
            other.sign(good, kid, jwk=other.key(kid).as_dict(private=False)), None)  # fmt: skip
        token = keys.sign(good, kid)
        bad[f"{kid}: no signature"] = (token.rpartition(".")[0] + ".", "signature")
        bad[f"{kid}: half a signature"] = (token[: len(token) - 40], "signature")
        public = keys.key(kid)
        for form, secret in {
            "PEM": public.as_pem(private=False), "DER": public.as_der(private=False),
            "JWK": json.dumps(public.as_dict(private=False)).encode(),
        }.items():  # fmt: skip
            confused = by_hand({"alg": "HS256", "kid": kid}, good, secret)
            bad[f"{kid}: HS256 with the public key as {form}"] = (confused, "alg")
    for algorithm in ("RS384", "RS512", "PS256"):
        bad[f"{algorithm} by the RSA key"] = (signed({"alg": algorithm, "kid": "rsa"}, good, keys.rsa), "alg")
    return bad
