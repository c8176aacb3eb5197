"""The shapes of calls that set up a site: itself, keys of its tokens, its articles, its members' access."""

from typing import Annotated, Any, Literal

import msgspec

from comments.http.schemas import NO_NUL, Line, Request, SectionedArticle

ArticleMode = Literal["open", "premoderated", "closed", "readonly", "off"]


class ArticleSetup(Request):
    """What is left out stays as it is; null: none. Times are RFC 3339 with an offset."""

    url: Line | msgspec.UnsetType | None = msgspec.UNSET
    title: Annotated[str, msgspec.Meta(max_length=300, pattern=NO_NUL)] | msgspec.UnsetType | None = msgspec.UNSET
    section: Annotated[str, msgspec.Meta(max_length=100, pattern=NO_NUL)] | msgspec.UnsetType | None = msgspec.UNSET
    mode: ArticleMode | msgspec.UnsetType = msgspec.UNSET
    opens_at: Line | msgspec.UnsetType | None = msgspec.UNSET
    closes_at: Line | msgspec.UnsetType | None = msgspec.UNSET


class SiteShown(msgspec.Struct):
    """`settings`: all of core.site.SiteSettings; `version` rises with every change."""

    key: str
    name: str
    issuer: str
    origins: list[str]
    products: list[str]
    settings: dict[str, Any]
    version: int


class SiteChange(Request):
    """What is left out stays; of `settings`, too."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)] | msgspec.UnsetType = msgspec.UNSET
    origins: list[Line] | msgspec.UnsetType = msgspec.UNSET
    products: list[Line] | msgspec.UnsetType = msgspec.UNSET
    settings: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class NewSigningKey(Request):
    """One of `secret`, `jwks_url` and `pem`; none of them: a secret is made and shown, this once."""

    secret: Annotated[str, msgspec.Meta(max_length=2000, pattern=NO_NUL)] | None = None
    jwks_url: Line | None = None
    pem: Annotated[str, msgspec.Meta(max_length=20_000, pattern=NO_NUL)] | None = None
    kid: Annotated[str, msgspec.Meta(max_length=300, pattern=NO_NUL)] | None = None


class SigningKey(msgspec.Struct):
    """`url`: of a key set. What the others are nobody is shown."""

    id: str
    kind: Literal["secret", "jwks", "pem"]
    kid: str | None
    url: str | None
    created_at: str
    revoked_at: str | None


class SigningKeys(msgspec.Struct):
    signing_keys: list[SigningKey]


class MadeSigningKey(msgspec.Struct):
    """`secret`: where one was made; kept as it is and never shown again."""

    signing_key: SigningKey
    secret: str | None


class Access(Request):
    """What a member has from now on, whatever a token of before says. `until`: RFC 3339; null: it does not end."""

    state: Literal["registered", "lapsed", "grace", "trial", "active"]
    until: Line | None = None


class KnownAccess(msgspec.Struct):
    state: str
    until: str | None


class KnownMember(msgspec.Struct):
    """`id`: what /members/{member}/… takes; `sub`: the publisher's own id of the reader."""

    id: str
    sub: str
    name: str | None
    access: KnownAccess


class KnownMembers(msgspec.Struct):
    members: list[KnownMember]
    next_cursor: str | None


class ArticleShown(SectionedArticle):
    """An article as it stands; its ETag is what If-Match takes."""
