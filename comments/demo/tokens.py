"""How a publisher signs tokens: HS256 with the site's secret, or ES256 with a key whose public part it serves.

About the length of what a publisher writes; `joserfc` is one of many libraries that do it.
"""

import secrets
from typing import Any

from joserfc import jwk, jwt

from comments.demo.config import MAGAZINE, DemoConfig, Publication
from comments.demo.kept import kept
from comments.demo.readers import Reader

LIFE = 300  # seconds


def sign(config: DemoConfig, publication: Publication, reader: Reader, now: float) -> str:
    """A fresh token that says who the reader is and what they have subscribed to. `now`: seconds."""
    claims: dict[str, Any] = {
        "iss": config.origin(publication),
        "aud": publication.key,
        "sub": reader.sub,
        "iat": int(now),
        "exp": int(now) + LIFE,
        "jti": secrets.token_urlsafe(16),
        "ent": reader.entitlements(now),
    }
    if reader.name is not None:
        claims["name"] = reader.name
    if reader.badges:
        claims["badges"] = list(reader.badges)
    header = {"alg": publication.algorithm, "typ": "JWT"}
    if publication.algorithm == "HS256":
        return jwt.encode(header, claims, jwk.OctKey.import_key(config.secret(secret_name(publication))))
    key = private_key(config)
    return jwt.encode(header | {"kid": key.thumbprint()}, claims, key)


def secret_name(publication: Publication) -> str:
    return f"{publication.key}-secret"


def private_key(config: DemoConfig) -> jwk.ECKey:
    """The magazine's signing key, made on first use."""
    pem = kept(
        config.data_dir / "magazine-key.pem", lambda: jwk.ECKey.generate_key("P-256").as_pem(private=True).decode()
    )
    return jwk.ECKey.import_key(pem)


def jwks(config: DemoConfig) -> dict[str, Any]:
    """The public keys that the service may check with."""
    key = private_key(config)
    public = key.as_dict(private=False) | {"use": "sig", "alg": MAGAZINE.algorithm, "kid": key.thumbprint()}
    return {"keys": [public]}
