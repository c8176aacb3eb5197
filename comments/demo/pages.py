"""What stands in the newspaper: articles from content/*.toml, or a plain page for each article of an archive."""

import json
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

CONTENT = Path(__file__).parent / "content"


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `blocks`: (kind, text) with kind p, h2 or quote; `art`: a file of static/, with its words."""

    id: str
    headline: str
    section: str = ""
    standfirst: str = ""
    published: date | None = None
    blocks: tuple[tuple[str, str], ...] = ()
    art: str | None = None
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """One publication's content, newest first."""

    name: str
    motto: str
    articles: dict[str, Article]


MARKS = {"## ": "h2", "> ": "quote"}


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
        )
        for one in content["articles"]
    ]
    return Paper(content["name"], content["motto"], {article.id: article for article in articles})


def read_names(key: str) -> tuple[str, str]:
    """Name and motto of a publication."""
    content = tomllib.loads((CONTENT / f"{key}.toml").read_text())
    return content["name"], content["motto"]


def _block(text: str) -> tuple[str, str]:
    for mark, kind in MARKS.items():
        if text.startswith(mark):
            return kind, text.removeprefix(mark)
    return "p", text


def archive_paper(paper: Paper, archive_list: Path) -> Paper:
    """The same publication with an archive's articles in place of its own: seed.py left their list."""
    listed = json.loads(archive_list.read_text())
    articles = [Article(one["id"], one["title"] or one["id"], section="From the archive") for one in listed]
    return Paper(paper.name, paper.motto, {article.id: article for article in articles})
