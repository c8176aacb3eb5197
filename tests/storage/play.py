"""Random doings in a site's threads, through the real actions: what tests of counters, journal and catch-up look at.

Everything follows from the seed. What the actions refuse (a withdrawn comment edited, …) is part of the play.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from flask import Flask

from comments.actions import articles as articles_actions
from comments.actions import decisions as deciding
from comments.actions import marks, members, moderation, reports, restrictions, threads
from comments.actions.members import Access, acting_writer
from comments.core.errors import Conflict, Forbidden, NotFound, Refused
from comments.core.identity import Role, Viewer
from comments.core.markup import render
from comments.core.policy import THE_PUBLIC
from comments.core.present import present
from comments.core.status import Status
from comments.storage.journal import Changes, read_changes
from comments.storage.tables import articles, comments, decisions, gathered
from comments.storage.threads import admitted, article_of, read_comments
from comments.storage.transaction import Transaction
from tests.conftest import FakeClock
from tests.gazette import Gazette

Forms = dict[str, Any]  # a comment's id → its public form
HELD = "weasel"  # the word that holds a comment


@dataclass
class Play:
    """One site, two articles, some members and a moderator, and everything that the public ever saw."""

    paper: Gazette
    clock: FakeClock
    random: random.Random
    readers: list[Access]
    moderator: Viewer
    ids: list[int] = field(default_factory=list)
    seen: dict[int, dict[int, Forms]] = field(default_factory=dict)  # article → seq → what the public saw then
    done: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, app: Flask, clock: FakeClock, seed: int) -> "Play":
        paper = Gazette.make(app, clock, banned_words=[HELD], edit_window=3600, max_depth=3)
        readers = [Access(paper.id, int(paper.reader(f"r{n}").id), 0, 2**60) for n in range(4)]
        moderator = Viewer(role=Role.MODERATOR, id=None, sites=None)
        return cls(paper, clock, random.Random(seed), readers, moderator)

    def act(self) -> str:
        """Do one thing; what it was."""
        if self.random.random() < 0.15:
            self.paper.work()
            self.done.append("work")
            return "work"
        doing: tuple[Callable[[Transaction], Any], ...] = (
            *(self._post,) * 2, *(self._reply,) * 7, *(self._edit,) * 3, *(self._withdraw,) * 3, *(self._decide,) * 6,
            *(self._react,) * 4, self._report, self._set_mode, self._ban, self._pick, self._lock,
            *(self._undo,) * 3, self._bulk,
        )  # fmt: skip
        self.clock.forward(self.random.choice((0, 0.2, 0.2, 5)))
        chosen = self.random.choice(doing)
        outcome = ""
        try:
            with self.paper.database.transaction() as tx:
                chosen(tx)
        except (Conflict, Forbidden, NotFound, Refused) as refused:
            outcome = f" ({refused.code})"
        self.done.append(chosen.__name__.strip("_") + outcome)
        return self.done[-1]

    def _text(self) -> Any:
        word = f" {HELD}" if self.random.random() < 0.15 else ""
        return render(f"Something {self.random.random()}{word}")

    def _reader(self) -> Access:
        return self.random.choice(self.readers)

    def _any(self) -> int:
        """Some comment; the latest ones more often, so that chains grow deep."""
        if not self.ids:
            return 10**9
        return self.random.choice(self.ids[-6:] if self.random.random() < 0.5 else self.ids)

    def _row(self, tx: Transaction, comment: int) -> Any:
        return tx.conn.execute(sa.select(comments).where(comments.c.id == comment)).first()

    def _new(self, tx: Transaction, article: str, parent: int | None) -> None:
        new = threads.NewComment(article, parent, f"key-{self.clock.now}-{self.random.random()}")
        writer = acting_writer(tx, self._reader())
        self.ids.append(threads.post_comment(tx, writer, new, self._text())[0])

    def _post(self, tx: Transaction) -> None:
        self._new(tx, self.random.choice("12"), None)

    def _reply(self, tx: Transaction) -> None:
        parent = self._any()
        row = self._row(tx, parent)
        if row is not None:
            self._new(tx, article_of(tx.conn, row.article_id).key, parent)

    def _edit(self, tx: Transaction) -> None:
        comment = self._any()
        threads.edit_comment(tx, self._author(tx, comment), comment, self._text(), None)

    def _author(self, tx: Transaction, comment: int) -> Access:
        row = self._row(tx, comment)
        author = None if row is None else row.member_id
        return next((one for one in self.readers if one.member_id == author), self.readers[0])

    def _withdraw(self, tx: Transaction) -> None:
        comment = self._any()
        threads.withdraw_comment(tx, self._author(tx, comment), comment)

    def _decide(self, tx: Transaction) -> None:
        comment = self._any()
        row = self._row(tx, comment)
        version = 0 if row is None else row.version
        approve = self.random.random() < 0.6
        moderation.decide(
            tx, self.moderator, comment,
            moderation.Decision("approve" if approve else "reject", version, None if approve else "spam"),
        )  # fmt: skip

    def _pick(self, tx: Transaction) -> None:
        marks.pick(tx, self.moderator, self._any(), self.random.random() < 0.8)

    def _lock(self, tx: Transaction) -> None:
        row = self._row(tx, self._any())
        if row is not None:
            marks.lock_thread(tx, self.moderator, row.root_id, self.random.random() < 0.6)

    def _undo(self, tx: Transaction) -> None:
        """One of the last decisions; what came between may forbid it."""
        last = tx.conn.execute(sa.select(decisions.c.id).order_by(decisions.c.id.desc()).limit(3)).scalars().all()
        deciding.undo(tx, self.moderator, self.random.choice([*last, 10**9]))

    def _bulk(self, tx: Transaction) -> None:
        rows = [self._row(tx, comment) for comment in {self._any() for _ in range(5)}]
        items = {row.id: row.version for row in rows if row is not None}
        approve = self.random.random() < 0.5
        decision = moderation.Decision("approve" if approve else "reject", 0, None if approve else "spam")
        deciding.decide_bulk(tx, self.moderator, members_site(tx, self.paper), decision, items)

    def _react(self, tx: Transaction) -> None:
        threads.react(tx, self._reader(), self._any(), "recommend", self.random.random() < 0.7)

    def _report(self, tx: Transaction) -> None:
        reports.report_comment(tx, self._reader(), self._any(), "abuse", "CANARY")

    def _set_mode(self, tx: Transaction) -> None:
        mode = self.random.choice(("open", "premoderated"))
        articles_actions.set_mode(tx, self.moderator, members_site(tx, self.paper), self.random.choice("12"), mode)

    def _ban(self, tx: Transaction) -> None:
        """Their waiting comments go with them; then they may write again."""
        member = self._reader().member_id
        restrictions.ban(tx, self.moderator, member, "CANARY", None, True)
        moderation.reject_waiting(tx, member)
        restrictions.lift_ban(tx, self.moderator, member)

    def rename(self) -> None:
        """Somebody takes a new name: the worker resets the threads that show it."""
        with self.paper.database.transaction() as tx:
            site = members_site(tx, self.paper)
            members.name_oneself(tx, site, self._reader(), f"name {self.random.random()}")
        self.paper.work()

    def settle(self) -> None:
        """Let the reactions that wait for their second take it."""
        for _ in range(3):
            self.clock.forward(5)
            self.paper.work()
        with self.paper.read() as conn:
            assert not conn.execute(sa.select(gathered)).all()

    def articles(self) -> list[Any]:
        with self.paper.read() as conn:
            return list(conn.execute(sa.select(articles).order_by(articles.c.id)).all())

    def public(self, article: Any) -> Forms:
        """What the public sees under an article, by one look at all of it."""
        with self.paper.read() as conn:
            query = sa.select(comments.c.id).where(comments.c.article_id == article.id, admitted(THE_PUBLIC))
            rows = read_comments(conn, list(conn.execute(query).scalars()), THE_PUBLIC)
        forms = {}
        for row in rows:
            sight = THE_PUBLIC.admits(Status(row.status), row.member_id, row.visible_children)
            forms[str(row.id)] = msgspec.json.decode(msgspec.json.encode(present(row, sight)))
        return forms

    def changes(self, article: Any, after: int) -> Changes:
        with self.paper.read() as conn:
            return read_changes(conn, article_of(conn, article.id), after)


def members_site(tx: Transaction, paper: Gazette) -> Any:
    from comments.storage.sites import site_by_id

    return site_by_id(tx.conn, paper.id)


def without(forms: Forms, *names: str) -> Forms:
    """The forms without these members."""
    return {key: {name: value for name, value in form.items() if name not in names} for key, form in forms.items()}
