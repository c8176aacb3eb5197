"""The shapes of calls about keys of the publishers' API."""

from typing import Annotated, Literal

import msgspec

from comments.http.schemas import NO_NUL, Request

ScopeName = Literal["read", "moderate", "manage"]


class NewApiKey(Request):
    """`expires_at`: an RFC 3339 time with its offset; null: the key ends by being revoked alone."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)]
    scopes: list[ScopeName]
    expires_at: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class ApiKey(msgspec.Struct):
    """`prefix`: the first characters, to recognise the key by. `used_at`: to the minute. `by`: who made it; null: the
    command line. `state` is what counts now.
    """

    id: str
    name: str
    prefix: str
    scopes: list[ScopeName]
    state: Literal["counts", "expired", "revoked"]
    by: str | None
    created_at: str
    expires_at: str | None
    used_at: str | None
    revoked_at: str | None


class MadeApiKey(msgspec.Struct):
    """`key` is shown this once and kept nowhere."""

    api_key: ApiKey
    key: str


class ApiKeys(msgspec.Struct):
    api_keys: list[ApiKey]
    next_cursor: str | None
