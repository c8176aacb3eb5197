"""A site with every kind of object that there is, each with the site's own canary in its texts; and the database as
it stands, to see that nothing changed.
"""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask

from comments.core.archive import encode_header
from comments.jobs.teasers import count_discussed, keep_recent
from comments.storage import tables
from comments.storage.gates import count_conversion
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good

OF_NO_SITE = {  # of the service as a whole, or without a word of anybody
    "users", "console_sessions", "bans", "jobs", "marks", "salts", "sites",
    "gathered",  # until the worker has taken them
    "imports",  # ids of an old system's comments
}  # fmt: skip
QUIET = {"console_sessions", "users"}  # when somebody was last seen here
REPLACED = "a-long-secret-of-this-site-alone-"


@dataclass
class Full:
    """`canary`: what no answer about another site may hold. `ids`: by name of what they are, all of this site."""

    paper: Gazette
    canary: str
    reader: Reader
    other: Reader
    desk: Desk
    second: Desk
    chief: Desk
    ids: dict[str, list[str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.paper.key


def fill(app: Flask, clock: FakeClock, key: str) -> Full:
    canary = f"canary{key}4d1"
    paper = Gazette.make(
        app, clock, key, secret=REPLACED + key, issuer=f"https://{key}.example", read="registered", taste=0,
        ask_author=True, single_use_tokens=True, banned_words=["weasel", f"{canary}-word"], edit_window=10**6,
        reserved_names=[f"{canary}-reserved"],
    )  # fmt: skip
    kiesel, bach = paper.reader("kiesel", name=f"{canary} kiesel"), paper.reader("bach", name=f"{canary} bach")
    full = Full(paper, canary, kiesel, bach, paper.desk(), paper.desk(), paper.desk("administrator"))
    _webhook(full)
    full.ids["comment"] = _comments(full)
    good(bach.visitor.call("PUT", "/name", {"name": f"{canary} bach"[:40]}))
    good(bach.visitor.call("PUT", "/name", {"name": f"{canary} Bach"[:40]}))
    _gone(full)
    _about_people(full)
    _rules_and_classifiers(full)
    paper.program("read", name=f"{canary} key")
    broken = encode_header() + f'{{"key": "{canary}", "article": {{}}}}\n'.encode()
    full.ids["upload"] = [full.chief.bring(key, broken, f"{canary}.ndjson")]
    good(full.chief.call("POST", f"/sites/{key}/imports/{full.ids['upload'][0]}/start", {"dry_run": True}))
    _law(full)
    _leaving(full)
    paper.work()
    _opinion(full)
    _mail(full)
    _around_threads(full)
    paper.tell()
    deliveries = tables.webhook_deliveries.c
    full.ids["delivery"] = _ids(
        paper, sa.select(deliveries.id).where(deliveries.webhook_id == int(full.ids["webhook"][0])).limit(2)
    )
    for name, table in (
        ("member", tables.members), ("warning", tables.warnings), ("decision", tables.decisions),
        ("appeal", tables.appeals), ("trial", tables.trials), ("api_key", tables.api_keys),
        ("notice", tables.notices),
        ("complaint", tables.complaints), ("flagger", tables.flaggers), ("statement", tables.statements),
        ("export", tables.exports),
    ):  # fmt: skip
        full.ids[name] = _ids(paper, sa.select(table.c.id).where(table.c.site_id == paper.id))
    followed = sa.select(tables.follows.c.id).join(tables.members, tables.members.c.id == tables.follows.c.member_id)
    full.ids["follow"] = _ids(paper, followed.where(tables.members.c.site_id == paper.id))
    with paper.read() as conn:
        named = sa.select(tables.notices.c.reference).where(tables.notices.c.site_id == paper.id)
        full.ids["reference"] = list(conn.execute(named).scalars())
    signed = sa.select(tables.site_keys.c.id).where(tables.site_keys.c.site_id == paper.id)
    full.ids["signing_key"] = _ids(paper, signed)
    signed_in = sa.select(tables.console_sessions.c.id).join(
        tables.users, tables.users.c.id == tables.console_sessions.c.user_id
    )
    full.ids["session"] = _ids(paper, signed_in.where(tables.users.c.email == full.desk.email))
    return full


def _ids(paper: Gazette, query: Any) -> list[str]:
    with paper.read() as conn:
        return [str(one) for one in conn.execute(query).scalars()]


def _comments(full: Full) -> list[str]:
    """One of each status; with replies, edits, reactions, reports, a question and its answer, picks and locks."""
    paper, canary, kiesel, bach = full.paper, full.canary, full.reader, full.other
    desk, second = full.desk, full.second
    shown = good(kiesel.send(f"{canary} shown", article_title=f"{canary} title", article_section=f"{canary}"), 201)[
        "id"
    ]
    bach.post(f"{canary} reply, @{canary} kiesel", shown)
    rejected = [kiesel.post(f"{canary} rejected {number}")["id"] for number in range(2)]
    withdrawn, erased = kiesel.post(f"{canary} withdrawn")["id"], kiesel.post(f"{canary} erased")["id"]
    waiting = good(kiesel.send(f"weasel {canary}"), 201)["id"]
    question = good(bach.send(f"{canary}?", question=True), 201)["id"]
    paper.reader("author", badges=["author"]).post(f"{canary} answer", question)
    good(bach.edit(question, f"{canary} indeed?"))
    for one in rejected:
        good(desk.decide(one, "reject", reason="abuse", note=f"{canary} note", message=f"{canary} message"))
        good(kiesel.call("POST", f"/comments/{one}/appeal", {"text": f"{canary} why"}), 201)
    item = second.item(rejected[0])
    body = {"outcome": "upheld", "version": item["comment"]["version"], "note": f"{canary} no"}
    good(second.call("POST", f"/appeals/{item['appeal']['id']}/decision", body))
    good(kiesel.withdraw(withdrawn))
    paper.change(
        lambda conn: conn.execute(
            sa.update(tables.comments).where(tables.comments.c.id == int(erased)).values(member_id=None)
        )
    )
    good(bach.react(shown))
    good(bach.report(shown, detail=f"{canary} detail"), 201)
    for path in (paper.article(), f"/comments/{shown}"):
        good(bach.call("PUT", f"{path}/follow"))
    _at_the_desk(full, desk, shown, waiting)
    return [shown, rejected[1], withdrawn, erased, waiting, question]


def _at_the_desk(full: Full, desk: Desk, shown: str, waiting: str) -> None:
    canary = full.canary
    for what in ("pick", "lock"):
        good(desk.call("POST", f"/comments/{shown}/{what}"))
    good(desk.call("POST", f"/comments/{shown}/notes", {"text": f"{canary} note"}))
    good(desk.call("POST", f"/comments/{waiting}/second-opinion", {"note": f"{canary} spam?"}))
    good(desk.call("POST", f"/sites/{full.key}/claims", {"comment_ids": [shown]}))
    good(
        desk.call("PUT", f"/sites/{full.key}/articles/2/hours", {"opens_at": None, "closes_at": "2030-01-01T00:00:00Z"})
    )


def _about_people(full: Full) -> None:
    """Warned, noted, pre-moderated, muted, banned."""
    canary, paper = full.canary, full.paper
    desk, chief = full.desk, full.chief
    target = paper.reader("target", name=f"{canary} target")
    member = f"/members/{target.id}"
    good(desk.call("POST", f"{member}/warnings", {"reason": "abuse", "text": f"{canary} warning"}))
    good(desk.call("POST", f"{member}/notes", {"note": f"{canary} known"}))
    good(desk.call("PUT", f"{member}/premoderation", {"reason": f"{canary} premoderated"}))
    good(chief.call("POST", f"{member}/ban-everywhere", {"reason": f"{canary} banned"}))
    good(full.other.call("PUT", f"{member}/mute"), 204)
    own = f"/members/{full.reader.id}"
    good(desk.call("POST", f"{own}/warnings", {"reason": "abuse", "text": f"{canary} warning"}))


def _law(full: Full) -> None:
    """A trusted flagger's notice on which nothing was done, one that waits, and a complaint of each side."""
    canary, paper, site = full.canary, full.paper, f"/sites/{full.key}"
    new = {"name": f"{canary} flagger", "email": f"{canary}@wacht.example", "area": canary}
    key = good(full.chief.call("POST", f"{site}/flaggers", new), 201)["key"]
    address = f"https://www.gazette.example/1#comment-{full.ids['comment'][0]}"
    notice = {"about": "hate", "text": f"{canary} is unlawful, I say", "urls": [address], "good_faith": True,
              "name": f"{canary} birke", "email": f"{canary}@reader.example", "flagger_key": key}  # fmt: skip
    for _ in range(2):
        link = good(paper.call("POST", f"{site}/notices", notice), 201)["status_url"]
    first = full.desk.get(f"{site}/notices")["items"][0]
    decision = {"outcome": "no_action", "version": first["version"], "answer": f"{canary} is lawful"}
    done = good(full.desk.call("POST", f"{site}/notices/{first['id']}/decision", decision))
    assert done["reference"] not in link
    told = good(full.reader.call("GET", "/me/statements"))["statements"]
    warned = next(one["id"] for one in told if one["measure"] == "warn")
    good(full.reader.call("POST", f"/me/statements/{warned}/complaint", {"text": f"{canary} complains"}), 201)


def _gone(full: Full) -> None:
    """Somebody who was erased: exports and trials that held their words go with them, so this comes before those."""
    gone = full.paper.reader("gone", name=f"{full.canary} gone")
    gone.post(f"{full.canary} of somebody who goes")
    good(gone.visitor.call("POST", "/erasure", {"mode": "identity", "name": f"{full.canary} gone"}), 204)
    full.paper.work()


def _leaving(full: Full) -> None:
    """Exports of the site and of a member; and somebody who wrote elsewhere before, which may be claimed."""
    for kind in ("csv", "archive"):
        good(full.chief.call("POST", f"/sites/{full.key}/exports", {"kind": kind}), 201)
    good(full.reader.visitor.call("POST", "/export"), 201)
    paper, canary = full.paper, full.canary
    old = {"member_id": int(full.other.id), "site_id": paper.id, "digest": canary, "created_at": paper.clock()}
    paper.change(lambda conn: conn.execute(sa.insert(tables.old_addresses).values(old)))


def _webhook(full: Full) -> None:
    """One whose receiver is never reached: it is inside."""
    new = {"url": f"https://localhost/{full.canary}", "description": f"{full.canary} hook"}
    full.ids["webhook"] = [good(full.chief.call("POST", f"/sites/{full.key}/webhooks", new), 201)["webhook"]["id"]]


def _rules_and_classifiers(full: Full) -> None:
    canary, chief = full.canary, full.chief
    site = f"/sites/{full.key}"
    change = {"rules": {"banned_words": ["weasel", canary]}, "reason": f"{canary} why"}
    good(chief.call("PATCH", f"{site}/rules", change))
    good(chief.call("PUT", f"{site}/articles/1/rules", {"rules": {"premoderate": False}, "reason": canary}))
    good(chief.call("POST", f"{site}/trials", {"rules": change["rules"], "most": 100}), 202)
    config = {"model": f"{canary}-model"}
    new = {"name": f"{full.key}-moody", "kind": "openai", "config": config, "secret": f"{canary}-key"}
    good(chief.call("POST", f"{site}/classifiers", new), 201)
    good(chief.call("PUT", f"{site}/texts", {"reason": "waiting", "language": "en", "text": f"{canary} soon"}))


def _around_threads(full: Full) -> None:
    """What feeds and teasers are made of; and somebody who subscribed."""
    keep_recent(full.paper.database)
    count_discussed(full.paper.database)
    full.paper.change(lambda conn: count_conversion(conn, full.paper.id, full.paper.clock(), "lapsed", 0))


def _opinion(full: Full) -> None:
    """What a classifier said."""
    comment = int(full.ids["comment"][0])
    now = full.paper.clock()
    row = {"site_id": full.paper.id, "comment_id": comment, "comment_version": 1, "classifier": "moody",
           "kind": "openai", "model": full.canary, "outcome": "none", "created_at": now}  # fmt: skip
    full.paper.change(lambda conn: conn.execute(sa.insert(tables.opinions).values(row)))


def _mail(full: Full) -> None:
    """A mailbox, a letter, what is watched, a day and a stop."""
    paper, member, address = full.paper, int(full.reader.id), f"{full.canary}@home.example"

    def write(conn: Any) -> None:
        site, now = {"site_id": paper.id}, {"created_at": paper.clock()}
        follow = conn.execute(
            sa.select(tables.follows.c.id, tables.follows.c.article_id, tables.follows.c.member_id).where(
                tables.follows.c.article_id.in_(sa.select(tables.articles.c.id).filter_by(**site))
            )
        ).first()
        watched = {"follow_id": follow.id, "article_id": follow.article_id, "member_id": follow.member_id}
        letter = {"kind": "letter", "address": address, "state": "held", "run_at": 0, "params": f'{{"a": "{address}"}}'}
        for table, row in (
            (tables.mailboxes, {"member_id": member, "address": address, **now}),
            (tables.mails, letter | site | now),
            (tables.mail_follows, watched | site),
            (tables.mail_days, {"day": "2026-03-02", **site}),
            (tables.mail_stops, {"digest": full.canary, **site, **now}),
        ):
            conn.execute(sa.insert(table).values(row))

    paper.change(write)


def dump(paper: Gazette, site_id: int | None = None) -> dict[str, list[Any]]:
    """Every row of every table, or those of one site: what hangs on it, its articles, comments or members."""
    found: dict[str, list[Any]] = {}
    with paper.read() as conn:
        for table in tables.Base.metadata.sorted_tables:
            query = sa.select(table)
            if site_id is not None:
                where = _of_site(table, site_id)
                if where is None:
                    continue
                query = query.where(where)
            if table.name not in QUIET:
                found[table.name] = sorted(map(repr, conn.execute(query)))
    return found


def _of_site(table: sa.Table, site_id: int) -> Any:
    if table.name == "sites":
        return table.c.id == site_id
    if "site_id" in table.c:
        return table.c.site_id == site_id
    if table.name == "webhook_attempts":
        return table.c.delivery_id.in_(
            sa.select(tables.webhook_deliveries.c.id).where(_of_site(tables.webhook_deliveries, site_id))
        )
    if table.name == "upload_lines":
        return table.c.upload_id.in_(sa.select(tables.uploads.c.id).where(tables.uploads.c.site_id == site_id))
    if "webhook_id" in table.c:
        return table.c.webhook_id.in_(sa.select(tables.webhooks.c.id).where(tables.webhooks.c.site_id == site_id))
    for name, of in (("comment_id", tables.comments), ("article_id", tables.articles), ("member_id", tables.members)):
        if name in table.c:
            return table.c[name].in_(sa.select(of.c.id).where(of.c.site_id == site_id))
    return None
