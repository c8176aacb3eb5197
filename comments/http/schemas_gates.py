"""Shapes of the figures of gates."""

import msgspec


class OfGate(msgspec.Struct):
    """`gate`: nobody (not known here before), registered, lapsed."""

    gate: str
    number: int


class OfSection(msgspec.Struct):
    """`section` None: articles without one, and those that nobody knows."""

    section: str | None
    number: int


class OfArticle(msgspec.Struct):
    id: str
    title: str | None
    url: str | None
    section: str | None
    number: int


class Gates(msgspec.Struct, rename={"from_": "from"}):
    """Subscriptions since `from`, before `to` (days UTC); most first, at most 100 of each."""

    from_: str
    to: str
    total: int
    gates: list[OfGate]
    sections: list[OfSection]
    articles: list[OfArticle]
