"""One batch of an import: rendered outside of the transaction, then written with few statements.

Called by actions/archive.py alone. The counters come out as if each comment had been posted by itself
(storage/counting.py), but are added up here and written once.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from comments.actions.rendering import Rendered
from comments.core.archive import ArchivedAuthor, BadLine, Found, micros
from comments.core.events import ThreadReset
from comments.core.identity import MAX_NAME, name_key
from comments.core.lineage import Counts, Place
from comments.core.markup import clean_line
from comments.core.site import is_http_url
from comments.core.status import Status
from comments.core.thread import reply_depth
from comments.storage import archive as rows
from comments.storage.old_authors import remember_addresses
from comments.storage.sites import Site, lock_site
from comments.storage.transaction import Transaction

MAX_TITLE = 2000  # as long as a page may say it
MAX_SECTION = 2000

Row = dict[str, Any]
DigestAddress = Callable[[str], str]


@dataclass(slots=True)
class Prepared:
    """A record with all about it that needs no database. `author`: the member's `sub`; `changed`: what is listed."""

    found: Found
    status: Status
    columns: Row
    author: str | None
    changed: list[BadLine] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.found.comment.key

    @property
    def parent(self) -> str | None:
        return self.found.comment.parent

    @property
    def article(self) -> str:
        return self.found.comment.article.id

    def change(self, how: str) -> None:
        self.changed.append(BadLine(self.found.line, how, self.key))


def prepare(found: Found, rendered: Rendered) -> Prepared | BadLine:
    """A record with its rendered text; a BadLine if that cannot be kept."""
    comment = found.comment
    if isinstance(rendered, str):
        return BadLine(found.line, rendered, comment.key)
    columns, is_blank = rendered
    status = Status(comment.status)
    author = None if comment.author is None or status is Status.ERASED else _sub(comment.author)
    prepared = Prepared(found, status, columns, author)
    for note in found.notes:
        prepared.change(note)
    if is_blank and status in (Status.PUBLISHED, Status.WAITING):
        prepared.status = Status.WITHDRAWN
        prepared.change(f"it is {status} and has no text: kept as withdrawn, so that its replies have their place")
    name = "" if comment.author is None else comment.author.name or ""
    if len(name) > MAX_NAME and len(clean_line(name, 2000)) > MAX_NAME:
        prepared.change(f"its author's name has more than {MAX_NAME} characters: shortened")
    if comment.article.url is not None and not is_http_url(comment.article.url):
        prepared.change("its article's address is no http(s) URL: left out")
    return prepared


def _sub(author: ArchivedAuthor) -> str:
    """Whom the publisher's tokens name is a member like any other; all others are known from the archive alone."""
    return author.id if author.signs_in else f"archive:{author.id}"


def write(
    tx: Transaction,
    site: Site,
    batch: Sequence[Prepared],
    circular: set[str],
    digest_address: DigestAddress | None,
    made: set[str],
) -> tuple[int, list[BadLine]]:
    """Write a batch, parents before replies; how many were new, and what is listed. `circular`: keys in a circle;
    `made`: the articles that the import has made, and those of this batch then.

    Locks as everywhere: (the site,) members, articles by id, comments.
    """
    lock_site(tx.conn, site.id)
    there = rows.find_by_archive_keys(tx.conn, site.id, [one.key for one in batch])
    batch = [one for one in batch if one.key not in there]
    if not batch:
        return 0, []
    authors = rows.authors_for(tx.conn, site.id, _names(batch), tx.now)
    rows.count_authors(tx.conn, _written(batch, authors))
    if digest_address is not None:
        remember_addresses(tx.conn, site.id, _addresses(batch, authors, digest_address), tx.now)
    articles = rows.articles_for(tx.conn, site.id, _described(batch), tx.now, made)
    places, counts, changed = _place(tx, site, batch, articles, circular)
    seqs = {article.id: article.seq + 1 for article in articles.values()}  # ThreadReset takes one for each, at the end
    new_rows = [_row(tx, site, one, places[one.key], counts, seqs, authors) for one in batch]
    rows.insert_comments(tx.conn, new_rows)
    rows.insert_edits(tx.conn, _edits(batch, places))
    rows.answer_questions(tx.conn, [row["id"] for row in new_rows if row["by_author"] and row["parent_id"] is not None])
    _count(tx, {places[one.key].id for one in batch}, counts, seqs)
    for article_id in seqs:
        tx.record(ThreadReset(site.id, article_id))
    return len(batch), changed + _other_names(batch, authors)


def _names(batch: Sequence[Prepared]) -> dict[str, Row]:
    names: dict[str, Row] = {}
    for one in batch:
        if one.author is not None and one.author not in names:
            name = _name(one)
            names[one.author] = {"name": name, "name_key": None if name is None else name_key(name)}
    return names


def _addresses(batch: Sequence[Prepared], authors: Mapping[str, Any], digest_address: DigestAddress) -> dict[int, str]:
    """The digest of each old author's address, by the member's id. Today's members need none."""
    found: dict[int, str] = {}
    for one in batch:
        author = one.found.comment.author
        if one.author is not None and author is not None and author.email and not author.signs_in:
            member_id = authors[one.author].id
            if member_id not in found:
                found[member_id] = digest_address(author.email)
    return found


def _name(one: Prepared) -> str | None:
    author = one.found.comment.author
    return None if author is None or author.name is None else clean_line(author.name, MAX_NAME) or None


def _other_names(batch: Sequence[Prepared], authors: Mapping[str, Any]) -> list[BadLine]:
    """A member has one name: the first."""
    changed = []
    for one in batch:
        name = _name(one) if one.author is not None else None
        if name is not None and one.author is not None and authors[one.author].name not in (None, name):
            how = f"its author, {name!r} here, is {authors[one.author].name!r} elsewhere: kept under that name"
            changed.append(BadLine(one.found.line, how, one.key))
    return changed


def _written(batch: Sequence[Prepared], authors: Mapping[str, Any]) -> list[Row]:
    """What each author of the batch has written, in the order of their ids."""
    written: dict[int, Row] = {}
    for one in batch:
        if one.author is None:
            continue
        author = authors[one.author].id
        at = micros(one.found.comment.created_at)
        row = written.setdefault(
            author, {"author": author, "add_published": 0, "add_rejected": 0, "first": at, "last": at}
        )
        row["add_published"] += one.status is Status.PUBLISHED
        row["add_rejected"] += one.status is Status.REJECTED
        row["first"], row["last"] = min(row["first"], at), max(row["last"], at)
    return [written[author] for author in sorted(written)]


def _described(batch: Sequence[Prepared]) -> dict[str, Row]:
    described: dict[str, Row] = {}
    for one in batch:
        about = one.found.comment.article
        at = micros(one.found.comment.created_at)
        bare = {"url": None, "title": None, "section": None, "mode": about.mode, "created_at": at}
        row = described.setdefault(about.id, bare)
        row["created_at"] = min(row["created_at"], at)
        if row["url"] is None and about.url is not None and is_http_url(about.url):
            row["url"] = about.url
        row["title"] = row["title"] or (clean_line(about.title, MAX_TITLE) or None if about.title else None)
        row["section"] = row["section"] or (clean_line(about.section, MAX_SECTION) or None if about.section else None)
    return described


def _place(
    tx: Transaction, site: Site, batch: Sequence[Prepared], articles: Mapping[str, Any], circular: set[str]
) -> tuple[dict[str, Place], Counts, list[BadLine]]:
    """Where each comment of the batch stands, what that counts above it, and who could not stay under their parent."""
    parents = rows.find_by_archive_keys(tx.conn, site.id, {one.parent for one in batch if one.parent is not None})
    places = {key: _place_of(row) for key, row in parents.items()}
    counts = Counts({place.id: place for place in places.values()})
    while missing := counts.missing():
        counts.places.update((row.id, _place_of(row)) for row in rows.read_places(tx.conn, missing))
    changed: list[BadLine] = []
    article_of = {row.id: key for key, row in articles.items()}
    for one, new_id in zip(batch, rows.reserve_ids(tx.conn, len(batch)), strict=True):
        article_id = articles[one.article].id
        parent = places.get(one.parent) if one.parent is not None else None
        if one.parent is not None and (parent is None or parent.article_id != article_id):
            changed.append(
                parent_found(one, None if parent is None else article_of.get(parent.article_id, ""), circular)
            )
            parent = None
        if parent is None:
            place = Place(new_id, article_id, None, new_id, 0, one.status)
        else:
            depth = reply_depth(parent.depth, site.settings.max_depth)
            place = Place(new_id, article_id, parent.id, parent.root_id, depth, one.status)
        places[one.key] = place
        counts.add(place)
    return places, counts, changed


def _place_of(row: Any) -> Place:
    return Place(
        row.id, row.article_id, row.parent_id, row.root_id, row.depth, Status(row.status), row.visible_children
    )


def parent_found(one: Prepared, article: str | None, circular: set[str]) -> BadLine:
    """How a comment is listed that cannot stay under its parent, which was found under `article` or not at all."""
    if one.key in circular:
        how = f"its parents lead in a circle back to itself: kept as a thread of its own, not under {one.parent!r}"
    elif article is None:
        how = f"its parent {one.parent!r} was not imported: kept as a thread of its own"
    else:
        how = f"its parent {one.parent!r} stands under another article: kept as a thread of its own"
    return BadLine(one.found.line, how, one.key)


def _row(
    tx: Transaction,
    site: Site,
    one: Prepared,
    place: Place,
    counts: Counts,
    seqs: Mapping[int, int],
    authors: Mapping[str, Any],
) -> Row:
    comment = one.found.comment
    return one.columns | {
        "id": place.id,
        "site_id": site.id,
        "article_id": place.article_id,
        "member_id": None if one.author is None else authors[one.author].id,
        "parent_id": place.parent_id,
        "root_id": place.root_id,
        "depth": place.depth,
        "status": str(one.status),
        "created_at": micros(comment.created_at),
        "edited_at": None if comment.edited_at is None else micros(comment.edited_at),
        "looked_at": None if one.status is Status.WAITING else tx.now,  # settled before: not new
        "reply_count": counts.replies[place.id],
        "visible_children": counts.children[place.id],
        "picked_at": None if comment.picked_at is None else micros(comment.picked_at),
        "locked_at": None if comment.locked_at is None or place.parent_id is not None else micros(comment.locked_at),
        "question": comment.question and place.parent_id is None,
        "by_author": comment.by_author,
        "recommends": comment.reactions.get("recommend", 0),
        "reactions": msgspec.json.encode({kind: count for kind, count in comment.reactions.items() if count}).decode(),
        "seq": seqs[place.article_id] if counts.is_seen(place) else 0,
        "archive_key": one.key,
    }


def _edits(batch: Sequence[Prepared], places: Mapping[str, Place]) -> list[Row]:
    return [
        {"comment_id": places[one.key].id, "source": edit.body, "edited_at": micros(edit.at)}
        for one in batch
        if one.status is not Status.ERASED
        for edit in one.found.comment.edits
    ]


def _count(tx: Transaction, new: set[int], counts: Counts, seqs: Mapping[int, int]) -> None:
    """Counters of comments that were there before, and the articles' totals."""
    changes = [
        {"above": key, "replies": counts.replies[key], "children": counts.children[key], "new_seq": seqs[article_id]}
        for key, article_id in sorted(counts.articles.items())
        if key not in new
    ]
    rows.count_above(tx.conn, changes)
    published = Counter(
        place.article_id for place in counts.places.values() if place.id in new and place.status is Status.PUBLISHED
    )
    rows.count_published(tx.conn, published)
