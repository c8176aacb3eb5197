"""What stands in the newspaper: articles from content/*.toml, or a plain page for each article of an archive."""

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

CONTENT = Path(__file__).parent / "content"


WORDS_A_MINUTE = 220


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of an article's text. `kind`: p, h2, quote or figure, whose `art` is a file of static/."""

    kind: str
    text: str
    art: str | None = None
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `art`: a file of static/, with its words; `free`: how many blocks everybody may read, None for all.

    `threads`: (article id at the service, heading) where a page has more than the article's own thread.
    """

    id: str
    headline: str
    section: str = ""
    standfirst: str = ""
    published: date | None = None
    blocks: tuple[Block, ...] = ()
    art: str | None = None
    alt: str = ""
    caption: str = ""
    byline: str = "Staff"
    free: int | None = None
    threads: tuple[tuple[str, str], ...] = ()

    @property
    def minutes(self) -> int:
        """How long one reads it."""
        return max(1, round(sum(len(block.text.split()) for block in self.blocks) / WORDS_A_MINUTE))

    @property
    def counted(self) -> str:
        """The id whose comments a teaser counts."""
        return self.threads[0][0] if self.threads else self.id


@dataclass(frozen=True, slots=True)
class Paper:
    """One publication's content, newest first."""

    name: str
    motto: str
    articles: dict[str, Article]

    @property
    def sections(self) -> list[str]:
        """In the order in which they come on the front page; none where each article is a section of its own."""
        found = list(dict.fromkeys(one.section for one in self.articles.values() if one.section))
        return found if len(found) < len(self.articles) else []

    @property
    def pages(self) -> dict[str, str]:
        """Which page has a thread, by their ids."""
        return {key: one.id for one in self.articles.values() for key, _ in one.threads or ((one.id, ""),)}

    def beside(self, article: Article, number: int = 3) -> list[Article]:
        """What one may read next: of the same section first."""
        others = [one for one in self.articles.values() if one.id != article.id]
        return sorted(others, key=lambda one: one.section != article.section)[:number]


MARKS = {"## ": "h2", "> ": "quote"}
FIGURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<art>[^)]+)\) (?P<caption>.*)")


def read_paper(key: str, today: date) -> Paper:
    """The written newspaper; its dates are days before `today`, so that it never looks old."""
    content = tomllib.loads((CONTENT / f"{key}.toml").read_text())
    articles = [
        Article(
            one["id"],
            one["headline"],
            one["section"],
            one["standfirst"],
            today - timedelta(days=one["days_ago"]),
            tuple(_block(text.strip()) for text in one["body"].strip().split("\n\n")),
            one.get("art"),
            one.get("alt", ""),
            one.get("caption", ""),
            one.get("byline", "Staff"),
            one.get("free"),
            tuple((thread["id"], thread["heading"]) for thread in one.get("threads", ())),
        )
        for one in content["articles"]
    ]
    return Paper(content["name"], content["motto"], {article.id: article for article in articles})


def read_names(key: str) -> tuple[str, str]:
    """Name and motto of a publication."""
    content = tomllib.loads((CONTENT / f"{key}.toml").read_text())
    return content["name"], content["motto"]


def _block(text: str) -> Block:
    figure = FIGURE.fullmatch(text)
    if figure:
        return Block("figure", figure["caption"], figure["art"], figure["alt"])
    for mark, kind in MARKS.items():
        if text.startswith(mark):
            return Block(kind, text.removeprefix(mark))
    return Block("p", text)


def archive_paper(paper: Paper, archive_list: Path) -> Paper:
    """The same publication with an archive's articles in place of its own: seed.py left their list."""
    listed = json.loads(archive_list.read_text())
    articles = [Article(one["id"], one["title"] or one["id"], section="From the archive") for one in listed]
    return Paper(paper.name, paper.motto, {article.id: article for article in articles})
