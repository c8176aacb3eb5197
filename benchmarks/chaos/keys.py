"""One key a hundred times at once over two serving processes, with kills between: one comment. And everything else that
is sent again: edits, reactions, reports, decisions.
"""

import json
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from benchmarks.chaos.people import Book, Caller
from benchmarks.chaos.scene import Row, judge_posts
from benchmarks.chaos.stage import Stage, kill, stage
from comments.storage.tables import comments, decisions, edits, reactions, reports
from deploy.rehearsal.load import ARTICLE
from tests.live.paper import HELD, Answer, Member
from tests.servers import wait_until

PATIENCE = 60.0


def run(engine: str, quick: bool) -> Iterator[Row]:
    with stage(engine, workers=2) as on:
        if quick:
            yield _same_key(on, 1, 30)
        else:
            yield _same_key(on, 10, 100)
            yield _sent_again(on, 40)


def _same_key(on: Stage, rounds: int, at_once: int) -> Row:
    row, book, began = Row(f"one key {at_once} times at once, with kills", on.engine), Book(), time.monotonic()
    for number in range(rounds):
        _one_round(on, on.paper.member(f"hasty-{number}"), row, book, at_once)
    row.outage, row.note = book.longest_gap(began, time.monotonic()), f"{rounds} keys"
    judge_posts(row, book, on)
    if row.accepted != rounds:
        row.fails.append(f"{row.accepted} comments of {rounds} keys")
    row.wrong, row.doctor = book.wrong.total(), on.doctor()
    row.fails += [*book.wrong]
    return row


def _one_round(on: Stage, member: Member, row: Row, book: Book, at_once: int) -> None:
    key = secrets.token_hex(8)
    book.texts[key] = f"Once, under {key}."
    together = threading.Barrier(at_once + 1)
    with ThreadPoolExecutor(at_once) as pool:
        asked = [pool.submit(_insist, on, member, key, book, together) for _ in range(at_once)]
        together.wait()
        for _ in range(2):
            time.sleep(random.uniform(0.02, 0.3))
            kill(on.processes("serving")[:1])
        ids = {each.result() for each in asked}
    if len(ids) != 1:
        row.fails.append(f"one key was answered with {len(ids)} comments")
    book.accepted[key] = min(ids)
    book.times.append(time.monotonic())
    other = _answered(lambda: member.try_to_post(ARTICLE, "Another text.", key=key))
    if (other.status, other.data["code"]) != (409, "idempotency_key_reused"):
        row.fails.append(f"another text under the same key: {other.status}")


def _insist(on: Stage, member: Member, key: str, book: Book, together: threading.Barrier) -> str:
    """Send it until it is accepted; the comment's id."""
    caller = Caller(on.port, book)
    headers = {"Authorization": f"Bearer {member.token}", "Content-Type": "application/json", "Idempotency-Key": key}
    body = json.dumps({"body": book.texts[key], "parent_id": None})
    together.wait()
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        found = caller.ask("POST", f"{on.paper.path(ARTICLE)}/comments", headers, body)
        if found is not None and found[0] in (200, 201):
            caller.hang_up()
            return str(json.loads(found[2])["id"])
        if found is not None:
            book.note(*found)
        time.sleep(random.uniform(0.05, 0.3))
    book.wrong["a key was not accepted in a minute"] += 1
    return ""


def _answered(ask: Callable[[], Answer]) -> Answer:
    """What it is answered once somebody is there again."""

    def try_it() -> Answer | None:
        try:
            found = ask()
        except OSError:
            return None
        return None if found.status == 503 else found

    found = wait_until(try_it, "an answer", PATIENCE)
    assert found is not None
    return found


def _sent_again(on: Stage, times: int) -> Row:
    """An edit, a reaction, a report and a decision, each sent over and over while serving processes are killed."""
    row, book, paper = Row("edit, reaction, report, decision sent again, with kills", on.engine), Book(), on.paper
    author, other, moderator = paper.member("author"), paper.member("other"), paper.moderator()
    mine, held = author.post(ARTICLE, "Mine.")["id"], author.post(ARTICLE, f"{HELD} of this")["id"]
    version = moderator.call("GET", f"/comments/{held}").expect(200)["comment"]["version"]
    decision = {"decision": "approve", "version": version}
    wanted: dict[str, Callable[[], Answer]] = {
        "edit": lambda: author.call("PATCH", f"/api/v1/comments/{mine}", {"body": "Mine, said better."}),
        "reaction": lambda: other.call("PUT", f"/api/v1/comments/{mine}/reactions/recommend"),
        "report": lambda: other.report(mine),
        "decision": lambda: moderator.call("POST", f"/comments/{held}/decision", decision),
    }
    for what, ask in wanted.items():
        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(_answered, ask) for _ in range(times)]
            time.sleep(0.05)
            kill(on.processes("serving")[:1])
            statuses = {each.result().status for each in asked}
        if not statuses <= {200, 201, 204, 409} or not statuses & {200, 201, 204}:
            row.fails.append(f"{what}: answers {sorted(statuses)}")
        row.accepted += 1
    row.found = row.accepted
    for table in (edits, reactions, reports, decisions):
        of = table.c.comment_id.in_([int(mine), int(held)])
        with on.database.read() as conn:
            count = conn.execute(sa.select(sa.func.count()).select_from(table).where(of)).scalar_one()
        row.lost, row.doubled = row.lost + (count == 0), row.doubled + max(0, count - 1)
    with on.database.read() as conn:
        seen = conn.execute(sa.select(comments.c.status).where(comments.c.id == int(held))).scalar_one()
    if seen != "published":
        row.fails.append(f"the decided comment is {seen}")
    row.note, row.wrong, row.doctor = f"{times} times each", book.wrong.total(), on.doctor()
    return row
