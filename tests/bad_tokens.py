"""Tokens that nobody may get in with, made by hand: the libraries refuse to make most of them.

`hmac_tokens` is for a site with a secret, `key_tokens` for one with the public keys of `Keys`. Each is the token and
the claim that the refusal must name (None: the token as a whole is wrong).
"""

import base64
import hashlib
import hmac
import json
import re
import warnings
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc import jwe, jwk, jws

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
    for value in (1, None, ["a"], {}, True, "", "a\0b", "a\nb", "k" * 256, "../" * 1500):
        bad[f"kid {str(value)[:9]!r}"] = (by_hand(HEADER | {"kid": value}, good, secret), None)
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
            is_json = not {"NaN", "Infinity"} & set(re.findall(r"\w+", json.dumps(value)))
            bad[f"{claim} {str(value)[:30]!r}"] = (by_hand(HEADER, claims, secret), claim if is_json else None)
    return bad | twice(good, secret) | written_otherwise(token) | tokens_in_tokens(good, secret)


def twice(good: dict[str, Any], secret: str) -> Bad:
    """Objects with one name twice: the first says what is right, or the last does."""
    bad: Bad = {}
    for name, value in {"sub": "admin", "aud": "herald", "exp": good["exp"] + 10**6, "ent": [], "jti": "x"}.items():
        for first, last in ((good[name], value), (value, good[name])):
            rest = json.dumps({other: one for other, one in good.items() if other != name})[1:]
            claims = f'{{"{name}":{json.dumps(first)},"{name}":{json.dumps(last)},{rest}'
            bad[f"{name} twice, {str(last)[:20]!r} last"] = (by_hand(HEADER, claims, secret), None)
    entry = f'[{{"product":"other","product":"digital","state":"active","exp":{good["exp"]}}}]'
    claims = json.dumps(good | {"ent": "ENT"}).replace('"ENT"', entry)
    bad["product twice"] = (by_hand(HEADER, claims, secret), None)
    for header in (
        '{"alg":"none","alg":"HS256"}',
        '{"alg":"HS256","alg":"none"}',
        '{"alg":"HS256","kid":"a","kid":"b"}',
        '{"alg":"HS256","\\u0061lg":"HS256"}',
    ):
        bad[f"the header {header}"] = (by_hand(header, good, secret), None)
    return bad


def written_otherwise(token: str) -> Bad:
    """The bytes of a good token in another spelling: a token has one."""
    bad: Bad = {}
    parts = token.split(".")
    for place, what in enumerate(("header", "claims", "signature")):
        part = parts[place]
        padding = "=" * (-len(part) % 4)
        spellings = {
            "padding": part + (padding or "===="),
            "a line's end": part + "\n",
            "a space": f"{part[:4]} {part[4:]}",
            "a tab before it": "\t" + part,
            "plus and slash": part[:4] + "+/" + part[6:],
            "a comma": part[:4] + "," + part[5:],
            "one letter more": part + "A" if len(part) % 4 == 0 else part + "A" * (5 - len(part) % 4),
        }
        if len(part) % 4:  # the last letter has bits that mean nothing
            letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"  # pragma: allowlist secret
            spellings["bits that mean nothing"] = part[:-1] + letters[letters.index(part[-1]) ^ 1]
        for name, spelling in spellings.items():
            bent = ".".join([*parts[:place], spelling, *parts[place + 1 :]])
            bad[f"the {what} with {name}"] = (bent, "signature" if what == "signature" else None)
    return bad


def tokens_in_tokens(good: dict[str, Any], secret: str) -> Bad:
    key = jwk.OctKey.import_key(secret.encode()[:32])
    inner = by_hand(HEADER, good, secret)
    sealed = jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, inner.encode(), key)
    return {
        "an encrypted token": (sealed, None),
        "an encrypted token, its parts joined": (".".join(sealed.split(".")[:3]), None),
        "a token within a token": (by_hand(HEADER | {"cty": "JWT"}, inner, secret), None),
        "a token as a claim alone": (by_hand(HEADER, {"token": inner}, secret), "iss"),
        "a token as JSON": (json.dumps(dict(zip(("protected", "payload", "signature"), inner.split("."), strict=True))),
                            None),
    }  # fmt: skip


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
    for kid in ("' OR 1=1 --", "rsa' UNION SELECT 'x", "/proc/self/environ", "https://evil.example/k", "RSA", "rsa "):
        bad[f"kid {kid!r}"] = (keys.sign(good, "rsa", kid=kid), "alg")
    return bad | other_signatures(good, keys)


def other_signatures(good: dict[str, Any], keys: Keys) -> Bad:
    """Numbers that careless verifiers take for signatures."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
    circle = 2**252 + 27742317777372353535851937790883648493  # the order of Ed25519's base point
    bad: Bad = {}

    def with_signature(kid: str, name: str, made: bytes) -> None:
        bad[f"{kid}: {name}"] = (f"{keys.sign(good, kid).rpartition('.')[0]}.{b64(made)}", "signature")

    def bytes_of(kid: str) -> bytes:
        return base64.urlsafe_b64decode(keys.sign(good, kid).rpartition(".")[2] + "==")

    for r, s in ((0, 0), (1, 0), (0, 1), (order, order), (order, 0), (1, order), (1, 1)):
        made = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        with_signature("ec", f"r {r % 9}, s {s % 9} of {r > 1} {s > 1}", made)
    with_signature("ec", "DER", encode_dss_signature(*_halves(keys, good)))
    with_signature("ec", "a byte too many", bytes_of("ec") + b"\0")
    token = keys.sign(good, "okp")
    head, _, last = token.rpartition(".")
    raw = base64.urlsafe_b64decode(last + "==")
    grown = (int.from_bytes(raw[32:], "little") + circle).to_bytes(32, "little")
    bad["okp: s grown by the order"] = (f"{head}.{b64(raw[:32] + grown)}", "signature")
    with_signature("okp", "zeros", bytes(64))
    with_signature("rsa", "a zero before it", b"\0" + bytes_of("rsa"))
    with_signature("rsa", "one", (1).to_bytes(256, "big"))
    with_signature("rsa", "zeros", bytes(256))
    with_signature("rsa", "all ones", b"\xff" * 256)
    return bad


def _halves(keys: Keys, good: dict[str, Any]) -> tuple[int, int]:
    raw = base64.urlsafe_b64decode(keys.sign(good, "ec").rpartition(".")[2] + "==")
    return int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
