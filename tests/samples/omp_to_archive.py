"""Makes our archive from a real newspaper's forum (One Million Posts Corpus): for tests, benchmarks and the demo.

    python tests/samples/omp_to_archive.py [FILE] > forum.ndjson

Reads FILE, standard input for “-”, or omp_derstandard.jsonl in COMMENTS_CORPUS (default ../shared/data). The corpus
names no people: authors are called by their numbers.
"""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from comments.core.archive import ArchivedArticle, ArchivedAuthor, ArchivedComment, encode_comment, encode_header

ROOT = Path(__file__).resolve().parents[2]
_MARKS = re.compile(r"([\\`*_\[\]<>])")


def corpus_file() -> Path:
    """Where the corpus lies, if it does."""
    return Path(ROOT, os.environ.get("COMMENTS_CORPUS", "../shared/data"), "omp_derstandard.jsonl").resolve()


def comment_of(post: dict[str, Any]) -> ArchivedComment:
    """One post of the corpus as our neutral record. Its times name no zone and are taken as UTC."""
    return ArchivedComment(
        key=f"omp:{post['id']}",
        parent=None if post["parent"] is None else f"omp:{post['parent']}",
        article=ArchivedArticle(id=str(post["article"]), title=f"Article {post['article']}"),
        author=ArchivedAuthor(id=f"omp:{post['user']}", name=f"user {post['user']}"),
        body=body_of(post),
        status="rejected" if post["status"] == "deleted" else "published",
        created_at=datetime.fromisoformat(post["created"]).replace(tzinfo=UTC),
        reactions={"recommend": post["up"]} if post["up"] else {},
    )


def body_of(post: dict[str, Any]) -> str:
    """The text with its headline as a bold first line; what the writer typed is read as Markdown."""
    headline = _MARKS.sub(r"\\\1", " ".join((post["headline"] or "").split()))
    return "\n\n".join(part for part in (f"**{headline}**" if headline else "", post["body"] or "") if part.strip())


def convert(lines: Iterable[str | bytes]) -> Iterator[bytes]:
    """The archive's lines."""
    yield encode_header()
    for line in lines:
        yield encode_comment(comment_of(json.loads(line)))


def main() -> None:
    """Convert the file named on the command line."""
    name = sys.argv[1] if len(sys.argv) > 1 else str(corpus_file())
    if name != "-" and not Path(name).exists():
        sys.exit(f"{name} does not exist: name the corpus file, or set COMMENTS_CORPUS to its folder.")
    with sys.stdin.buffer if name == "-" else Path(name).open("rb") as lines:
        for line in convert(lines):
            sys.stdout.buffer.write(line)


if __name__ == "__main__":
    main()
