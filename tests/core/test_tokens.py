"""Signatures: which tokens verify, which keys are taken at all, and our own access tokens. HTTP's part: tests/http."""

import json
import warnings
from typing import Any

import pytest
from joserfc import jwk

from comments.core.entitlement import SECOND
from comments.core.errors import Unauthenticated
from comments.core.identity import Identity, identity_from_claims
from comments.core.tokens import (
    Candidate,
    key_from_pem,
    key_from_secret,
    keys_from_jwks,
    read_access,
    sign_access,
    token_header,
    verify,
)
from tests.bad_tokens import HEADER, Keys, by_hand, hmac_tokens, key_tokens, signed

# core/tokens.py ignores these, but pytest sets all filters anew for each test
pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")

SECONDS = 1_800_000_000
SECRET = "the-gazette-signs-with-this-and-nobody-knows-it"
GOOD: dict[str, Any] = {
    "iss": "https://www.gazette.example", "aud": "gazette", "sub": "u-1", "iat": SECONDS, "exp": SECONDS + 300,
    "jti": "a1", "name": "kiesel", "ent": [{"product": "digital", "state": "active", "exp": SECONDS + 9000}],
}  # fmt: skip
KEYS = Keys()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the library warns of such keys: that we take none is what is tested
    WEAK_RSA = jwk.RSAKey.generate_key(1024)
BAD = hmac_tokens(GOOD, SECRET) | key_tokens(GOOD, KEYS)


def identify(token: str, candidates: list[Candidate]) -> Identity:
    claims = verify(token, candidates)
    return identity_from_claims(claims, GOOD["iss"], GOOD["aud"], ("digital",), SECONDS * SECOND)


def test_there_are_enough_of_them() -> None:
    assert len(BAD) >= 100


@pytest.mark.parametrize("name", BAD)
def test_bad_tokens(name: str) -> None:
    token, claim = BAD[name]
    keys = [key_from_secret(SECRET, None)] if name in hmac_tokens(GOOD, SECRET) else keys_from_jwks(KEYS.public())
    with pytest.raises(Unauthenticated) as refused:
        identify(token, keys)
    assert refused.value.code in ("token_invalid", "token_expired")
    assert refused.value.extras.get("claim") == claim, refused.value.detail


@pytest.mark.parametrize(
    "header", [HEADER, {"alg": "HS256"}, HEADER | {"kid": "old"}, HEADER | {"cty": "JSON"}], ids=str
)
def test_hs256(header: dict[str, Any]) -> None:
    assert identify(by_hand(header, GOOD, SECRET), [key_from_secret(SECRET, None)]).sub == "u-1"


@pytest.mark.parametrize("kid", ["rsa", "ec", "okp"])
@pytest.mark.parametrize("named", [True, False])
def test_public_keys(kid: str, named: bool) -> None:
    token = KEYS.sign(GOOD, kid) if named else KEYS.sign(GOOD, kid, kid=None)
    assert identify(token, keys_from_jwks(KEYS.public())).sub == "u-1"
    assert identify(token, [key_from_pem(KEYS.key(kid).as_pem(private=False).decode(), kid)]).sub == "u-1"


def test_ed25519_by_its_newer_name() -> None:
    assert identify(signed({"alg": "Ed25519", "kid": "okp"}, GOOD, KEYS.okp), keys_from_jwks(KEYS.public("okp")))


def test_a_kid_chooses_its_key_and_no_other() -> None:
    old, new = key_from_secret(SECRET, "old"), key_from_secret("another-secret-that-is-long-enough-too", "new")
    assert identify(by_hand(HEADER | {"kid": "old"}, GOOD, SECRET), [new, old])
    assert identify(by_hand(HEADER, GOOD, SECRET), [new, old]), "without a kid every key is tried"
    for kid in ("new", "unknown"):
        with pytest.raises(Unauthenticated):
            identify(by_hand(HEADER | {"kid": kid}, GOOD, SECRET), [new, old])


def weak_keys() -> dict[str, Any]:
    private = KEYS.rsa.as_dict(private=True)
    return {
        "a private RSA key": private,
        "a private EC key": KEYS.ec.as_dict(private=True),
        "a private Ed25519 key": KEYS.okp.as_dict(private=True),
        "1024 bits of RSA": WEAK_RSA.as_dict(private=False),
        "P-384": jwk.ECKey.generate_key("P-384").as_dict(private=False),
        "X25519": jwk.OKPKey.generate_key("X25519").as_dict(private=False),
        "a secret": {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"},
        "for encryption": KEYS.rsa.as_dict(private=False) | {"use": "enc"},
        "no key": {},
        "a text": "key",
        "null": None,
        "a list as kty": {"kty": ["RSA"]},
        "an unknown kty": {"kty": "AKP"},
        "RSA without numbers": {"kty": "RSA"},
        "RSA with numbers as numbers": {"kty": "RSA", "n": 5, "e": 3},
        "RSA with nonsense": {"kty": "RSA", "n": "%%%", "e": "AQAB"},
        "RSA with an even exponent": KEYS.rsa.as_dict(private=False) | {"e": "Ag"},
        "RSA with no exponent": KEYS.rsa.as_dict(private=False) | {"e": ""},
        "a point off the curve": KEYS.ec.as_dict(private=False) | {"x": "AAAA"},
        "an unknown curve": KEYS.ec.as_dict(private=False) | {"crv": "P-257"},
        "a curve of another kind": KEYS.okp.as_dict(private=False) | {"crv": "P-256"},
        "a curve that is a number": KEYS.okp.as_dict(private=False) | {"crv": 1},
        "Ed25519 cut short": KEYS.okp.as_dict(private=False) | {"x": "AAAA"},
        "coordinates that are lists": {"kty": "EC", "crv": "P-256", "x": [1], "y": {}},
    }  # fmt: skip


@pytest.mark.parametrize("name", weak_keys())
def test_keys_that_are_passed_over(name: str) -> None:
    """One bad key in a publisher's document leaves the others what they are."""
    document = {"keys": [weak_keys()[name], KEYS.ec.as_dict(private=False)]}
    assert [one.kid for one in keys_from_jwks(document)] == ["ec"]


@pytest.mark.parametrize("document", [None, [], "keys", {}, {"keys": {}}, {"keys": None}, {"key": []}], ids=str)
def test_documents_that_are_no_jwks(document: Any) -> None:
    with pytest.raises(ValueError, match="JWKS"):
        keys_from_jwks(document)


def test_a_document_has_at_most_fifty_keys() -> None:
    assert len(keys_from_jwks({"keys": [KEYS.ec.as_dict(private=False)] * 60})) == 50


@pytest.mark.parametrize(
    "pem",
    [
        "", "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----", SECRET,
        KEYS.rsa.as_pem(private=True).decode(), KEYS.ec.as_pem(private=True).decode(),
        WEAK_RSA.as_pem(private=False).decode(),
        jwk.ECKey.generate_key("P-521").as_pem(private=False).decode(),
    ],
    ids=["empty", "nonsense", "secret", "private RSA", "private EC", "RSA 1024", "P-521"],
)  # fmt: skip
def test_pem_that_is_refused(pem: str) -> None:
    with pytest.raises(ValueError):
        key_from_pem(pem, None)


OURS = b"the-key-of-the-service-itself-is-long-enough"
ACCESS = {"iss": "comments", "site": 1, "member": 2, "epoch": 0, "exp": SECONDS + 60}


def test_our_own_tokens() -> None:
    token = sign_access(OURS, ACCESS)
    assert read_access(OURS, token, SECONDS * SECOND) == ACCESS
    assert token_header(token) == {"alg": "HS256", "typ": "at+jwt"}
    with pytest.raises(Unauthenticated) as over:
        read_access(OURS, token, (SECONDS + 60) * SECOND)
    assert (over.value.code, over.value.extras) == ("token_expired", {"claim": "exp"})


@pytest.mark.parametrize(
    "token",
    [
        sign_access(b"another-key-of-another-service-altogether", ACCESS),
        sign_access(OURS, ACCESS | {"iss": "gazette"}),
        sign_access(OURS, {name: value for name, value in ACCESS.items() if name != "exp"}),
        sign_access(OURS, ACCESS | {"exp": "never"}),
        by_hand({"alg": "HS256", "typ": "JWT"}, ACCESS, OURS),
        by_hand({"alg": "HS256"}, ACCESS, OURS),
        by_hand({"alg": "none", "typ": "at+jwt"}, ACCESS, OURS),
        by_hand({"alg": "HS512", "typ": "at+jwt"}, ACCESS, OURS),
        by_hand(HEADER, GOOD, SECRET),
        "",
    ],
)
def test_what_is_no_token_of_ours(token: str) -> None:
    with pytest.raises(Unauthenticated):
        read_access(OURS, token, SECONDS * SECOND)


def test_claims_may_hold_what_we_do_not_know() -> None:
    token = by_hand(HEADER, json.dumps(GOOD | {"groups": ["a"], "nbf": SECONDS}), SECRET)
    assert identify(token, [key_from_secret(SECRET, None)]).name == "kiesel"
