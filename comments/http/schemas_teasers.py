"""Shapes of the teasers' answers."""

import msgspec

from comments.http.schemas import Article, Comment


class DiscussedArticle(msgspec.Struct):
    """`comments` and `readers` (who wrote them) of the window, `total` of all time."""

    id: str
    title: str | None
    url: str | None
    section: str | None
    comments: int
    readers: int
    total: int


class Discussed(msgspec.Struct):
    """The most discussed articles, most first."""

    window: str
    by: str
    articles: list[DiscussedArticle]


class Pick(msgspec.Struct):
    """`url`: where the comment is read."""

    comment: Comment
    article: Article
    url: str


class Picks(msgspec.Struct):
    """What readers say: the newsroom's picks of a site, newest first."""

    picks: list[Pick]
