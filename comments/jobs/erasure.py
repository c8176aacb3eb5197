"""Erasing somebody, chunk by chunk, whoever reads or writes meanwhile; taken up again where it stopped. And doing it
again after a restore, from the list outside of the database.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comments.actions import erasure as actions
from comments.core.erasures import LIST, Erased, read_lines, who_is, write_line
from comments.jobs.plan import AGAIN
from comments.storage import erasing
from comments.storage.exports import delete_file
from comments.storage.jobs import Job, add_jobs
from comments.storage.members import member_by_id
from comments.storage.sites import read_sites, site_by_id
from comments.storage.transaction import Database, Transaction

SILENT = 60_000_000  # µs: whoever has said nothing for so long has died
MEMBERS = 1_000  # of one read


@dataclass(frozen=True, slots=True)
class Place:
    """Where files lie, and the operator's key."""

    data_dir: Path
    secret_key: bytes


def erase(database: Database, place: Place, payload: dict[str, Any]) -> None:
    """The job: all that is left to do of an erasure. One that somebody else is at is looked after later."""
    erasure_id = payload["erasure"]
    with database.transaction() as tx:
        erasure = erasing.find_erasure(tx.conn, erasure_id)
        if erasure is None or erasure.state == "done":
            return
        if tx.now - erasure.beat_at < SILENT:
            add_jobs(tx.conn, [Job("erase", payload, key=str(erasure_id), delay=AGAIN)], tx.now)
            return
        erasing.update_erasure(tx.conn, erasure_id, state="running", beat_at=tx.now)
    carry_out(database, place, erasure_id)


def carry_out(database: Database, place: Place, erasure_id: int) -> None:
    """Do an erasure to its end."""
    with database.read() as conn:
        erasure = erasing.find_erasure(conn, erasure_id)
        site = site_by_id(conn, erasure.site_id)
    # before anything goes: a restore must know of it whatever happens from now on
    note(place, Erased(site=site.key, who=who_is(place.secret_key, site.key, erasure.sub), mode=erasure.mode,
                       at=erasure.created_at))  # fmt: skip
    done, some = 0, actions.CHUNK
    while some == actions.CHUNK:
        with database.transaction() as tx:
            some = actions.erase_some(tx, erasure)
            done += some
            erasing.update_erasure(tx.conn, erasure_id, done=done, beat_at=tx.now)
    for step in (actions.erase_reactions, actions.erase_reports, actions.erase_mentions, actions.erase_messages):
        _until_nothing(database, erasure, step)
    _forget_files(database, place, erasure)
    _look_through(database, erasure)
    _until_nothing(database, erasure, actions.erase_rest)
    with database.transaction() as tx:
        actions.finish_erasure(tx, erasure)
    squeeze(database)


def _until_nothing(database: Database, erasure: Any, step: Callable[[Transaction, int], bool]) -> None:
    more = True
    while more:
        with database.transaction() as tx:
            more = step(tx, erasure.member_id)
            erasing.update_erasure(tx.conn, erasure.id, beat_at=tx.now)


def _forget_files(database: Database, place: Place, erasure: Any) -> None:
    """Exports that lie ready hold the person: whoever wants one asks for another."""
    with database.transaction() as tx:
        names = erasing.files_of(tx.conn, erasure.site_id, erasure.member_id)
    for name in names:
        delete_file(place.data_dir, name)


def _look_through(database: Database, erasure: Any) -> None:
    for column in erasing.LOOKED_THROUGH:
        after: int | None = 0
        while after is not None:
            with database.transaction() as tx:
                after = erasing.look_through(tx.conn, column, erasure.member_id, after)
                erasing.update_erasure(tx.conn, erasure.id, beat_at=tx.now)


def squeeze(database: Database) -> None:
    """SQLite: words of erased texts leave the index, too."""
    begin = more = True
    while more:
        with database.transaction() as tx:
            more = erasing.squeeze_words(tx.conn, begin)
        begin = False


def note(place: Place, erased: Erased) -> None:
    """Append to the list, on the disk when this returns."""
    place.data_dir.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(place.data_dir / LIST, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab") as stream:
        stream.write(write_line(erased))
        stream.flush()
        os.fsync(stream.fileno())


def noted(place: Place) -> list[Erased]:
    """The list; empty where nobody was erased. Raises Malformed."""
    try:
        with (place.data_dir / LIST).open("rb") as stream:
            return list(read_lines(stream))
    except FileNotFoundError:
        return []


def come_back(database: Database, place: Place) -> Iterator[tuple[int, Erased]]:
    """Members (ids) who were erased and are there again as they were: a backup was restored, an old archive imported.
    Who came by themselves afterwards is not one of them.
    """
    known: dict[tuple[str, str], Erased] = {}
    for one in noted(place):
        known[one.site, one.who] = one  # the last one counts
    with database.read() as conn:
        sites = [site for site in read_sites(conn) if any(site.key == key for key, _ in known)]
    for site in sites:
        after = 0
        while True:
            with database.read() as conn:
                found = erasing.read_subs(conn, site.id, after, MEMBERS)
            for row in found:
                erased = known.get((site.key, who_is(place.secret_key, site.key, row.sub)))
                if erased is not None and row.created_at < erased.at:
                    yield row.id, erased
            if len(found) < MEMBERS:
                break
            after = found[-1].id


def erase_again(database: Database, place: Place) -> int:
    """Erase whoever came back by a restore; how many."""
    number = 0
    for member_id, erased in list(come_back(database, place)):
        with database.transaction() as tx:
            member = member_by_id(tx.conn, member_id, lock=True)
            erasure_id = actions.erase_member(tx, member, erased.mode, allowed=True)
            erasing.update_erasure(tx.conn, erasure_id, state="running", beat_at=tx.now)
        carry_out(database, place, erasure_id)
        number += 1
    return number
