"""Bodies of the console's API of webhooks, and of the messages themselves: the OpenAPI document's `webhooks`."""

from typing import Annotated, Any, Literal

import msgspec

from comments.http.schemas import NO_NUL, Comment, Id, Line, Request

Type = Annotated[str, msgspec.Meta(max_length=60, pattern=NO_NUL)]
Description = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)]
Hours = Annotated[int, msgspec.Meta(ge=0, le=168)]
State = Literal["waiting", "delivered", "failed", "dropped"]


class NewWebhook(Request):
    """`events`: types that are told; none: all."""

    url: Line
    description: Description | None = None
    events: Annotated[list[Type], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=list)


class WebhookChange(Request):
    """What is left out stays."""

    url: Line | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType | None = msgspec.UNSET
    events: Annotated[list[Type], msgspec.Meta(max_length=50)] | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class SecretChange(Request):
    """For how long the secrets before go on signing beside the new one."""

    overlap_hours: Hours = 24


class Replay(Request):
    """Failed deliveries since then (RFC 3339)."""

    since: Line


class WebhookSecret(msgspec.Struct):
    """A secret that signs beside the newest until then."""

    until: str


class Webhook(msgspec.Struct):
    """`off_reason`: hand (somebody switched it off), gone (it answered 410), failing (it took nothing for days)."""

    id: Id
    url: str
    description: str | None
    events: list[str]
    enabled: bool
    off_reason: Literal["hand", "gone", "failing"] | None
    failing_since: str | None
    resting_until: str | None
    delivered_at: str | None
    created_at: str
    old_secrets: list[WebhookSecret]


class EventType(msgspec.Struct):
    type: str
    about: str


class Webhooks(msgspec.Struct):
    webhooks: list[Webhook]
    types: list[EventType]


class ShownSecret(msgspec.Struct):
    """`secret`: shown this once."""

    webhook: Webhook
    secret: str


class Delivery(msgspec.Struct, omit_defaults=True):
    """`status`: of the last answer; `error`: why there was none, or what ended it; `next_at`: of the next attempt."""

    id: Id
    message: str
    type: str
    state: State
    attempts: int
    status: int | None
    error: str | None
    created_at: str
    next_at: str | None
    ended_at: str | None


class Deliveries(msgspec.Struct):
    deliveries: list[Delivery]
    next_cursor: str | None


class Attempt(msgspec.Struct):
    at: str
    status: int | None
    took_ms: int
    excerpt: str | None
    error: str | None


class WholeDelivery(msgspec.Struct):
    """`payload`: what was sent; null if its comment was erased since. `tries`: the newest first."""

    delivery: Delivery
    payload: Any
    tries: list[Attempt]


class Tried(msgspec.Struct):
    """The delivery to look for in the log."""

    delivery: Id


class Replayed(msgspec.Struct):
    """`more`: there are others left, ask again."""

    replayed: int
    more: bool


# What receivers are sent


class ArticleTold(msgspec.Struct):
    id: str
    url: str | None
    title: str | None
    section: str | None


class MemberTold(msgspec.Struct):
    """`sub`: as the publisher's tokens name them."""

    id: Id
    sub: str


class CommentData(msgspec.Struct):
    """`member`: null for an erased comment. `comment`: withdrawn or erased, it has neither text nor author; `version`
    counts its states, for what arrives late.
    """

    site: str
    article: ArticleTold
    comment: Comment
    member: MemberTold | None


class ReportedData(CommentData):
    open_reports: int


class AppealTold(msgspec.Struct):
    id: Id
    text: str
    created_at: str
    decided_at: str | None
    outcome: Literal["upheld", "overturned"] | None


class AppealData(CommentData):
    appeal: AppealTold


class RestrictedMember(msgspec.Struct):
    id: Id
    sub: str
    name: str | None
    banned: bool
    suspended_until: str | None
    premoderated: bool
    reason: str | None


class RestrictedData(msgspec.Struct):
    """`measure`: ban, suspend, lift_ban, ban_everywhere, lift_ban_everywhere, premoderate, lift_premoderation, warn,
    take_back_warning.
    """

    site: str
    member: RestrictedMember
    measure: str


class TestData(msgspec.Struct):
    site: str
    webhook: Id


class ExportTold(msgspec.Struct):
    id: Id
    kind: Literal["archive", "csv"]
    state: Literal["done", "failed"]


class ExportData(msgspec.Struct):
    site: str
    export: ExportTold


class OtherData(msgspec.Struct):
    """With fields of its own: docs/webhooks.md."""

    site: str


DATA: dict[str, type[Any]] = {  # by type, the longest beginning that fits
    "comment.": CommentData,
    "comment.reported": ReportedData,
    "appeal.": AppealData,
    "member.restricted": RestrictedData,
    "webhook.test": TestData,
    "export.finished": ExportData,
    "": OtherData,
}


def data_of(type_: str) -> type[Any]:
    """What a message of this type has as its `data`."""
    return DATA[max((begin for begin in DATA if type_.startswith(begin)), key=len)]
