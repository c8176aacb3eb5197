"""Every endpoint and every socket event × every role: whether somebody gets through is what core/policy.py says, and
what stands in no row is refused.

ROUTES says which Action each route is; the calls themselves are those of tests/http/test_errors.py. A new route
without a row here, or without a call there, fails. For each role the real answers are compared with what `require`
says of the viewer that the role is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from comments.app import with_live
from comments.core.api_keys import digest_of_key
from comments.core.errors import CommentsError
from comments.core.identity import NOBODY, Viewer
from comments.core.policy import Action, EverySection, Subject, may, require
from comments.storage import tables
from comments.storage.api_keys import find_by_digest, viewer_of_key
from comments.storage.members import member_by_id, viewer_of_member
from comments.storage.sites import find_site, find_user, viewer_of_user
from tests.conftest import FakeClock
from tests.gazette import API, OWN_PAGE, Desk, Gazette, Program, Reader, address, good
from tests.http.test_errors import everything

PUBLIC = "public"  # everybody
OWN = "own"  # everybody who is signed in at that door, about themselves
A = Action


@dataclass(frozen=True)
class Row:
    """What a route is. `about`: whose rights decide (site: as a whole; article, comment: their section, too; member:
    the site); `there`: what the call names exists, so that who may finds it.
    """

    action: Action | str
    about: str = "site"
    there: bool = True


ROUTES: dict[tuple[str, str], Row] = {  # (method, endpoint)
    # The widget's: a bearer token, or none
    ("GET", "threads.page"): Row(A.READ),
    ("GET", "tabs.picks"): Row(A.READ),
    ("GET", "tabs.answers"): Row(A.READ),
    ("GET", "threads.changes"): Row(A.READ),
    ("GET", "teasers.most_discussed"): Row(PUBLIC),  # numbers and titles
    ("GET", "teasers.picks"): Row(PUBLIC),  # there are none where reading is not for everybody
    ("GET", "threads.counts"): Row(PUBLIC),  # numbers alone, on pages that everybody sees
    ("GET", "threads.replies"): Row(A.READ, "comment"),
    ("GET", "threads.context"): Row(A.READ, "comment"),
    ("GET", "threads.mine"): Row(OWN),
    ("POST", "threads.create_comment"): Row(A.POST),
    ("PATCH", "threads.edit_comment"): Row(A.EDIT, "comment"),
    ("DELETE", "threads.withdraw_comment"): Row(A.WITHDRAW, "comment"),
    ("PUT", "threads.react"): Row(A.REACT, "comment"),
    ("DELETE", "threads.unreact"): Row(A.REACT, "comment"),
    ("POST", "threads.report_comment"): Row(A.REPORT, "comment"),
    ("GET", "notifications.notifications"): Row(OWN),
    ("POST", "notifications.see"): Row(OWN),
    ("POST", "composing.preview"): Row(A.POST),
    ("GET", "composing.people"): Row(A.SEE_PEOPLE),
    ("PUT", "follows.follow_article"): Row(A.FOLLOW),
    ("DELETE", "follows.unfollow_article"): Row(A.FOLLOW),
    ("PUT", "follows.follow_comment"): Row(A.FOLLOW, "comment"),
    ("DELETE", "follows.unfollow_comment"): Row(A.FOLLOW, "comment"),
    ("PUT", "members.mute"): Row(A.MUTE, "member"),
    ("DELETE", "members.unmute"): Row(A.MUTE, "member"),
    ("PATCH", "members.name_oneself"): Row(A.NAME_ONESELF),
    ("POST", "members.see_warning"): Row(A.SEE_WARNING, there=False),
    ("POST", "members.open_session"): Row(PUBLIC),  # it takes what the publisher signed, and looks at nothing else
    ("POST", "members.set_entitlement"): Row(PUBLIC),
    ("GET", "openapi.document"): Row(PUBLIC),
    ("POST", "appeals.appeal_comment"): Row(A.APPEAL, "comment"),
    # One's own page: the cookie of a visit
    ("GET", "me_api.visit"): Row(A.SEE_ONESELF),
    ("DELETE", "me_api.leave"): Row(OWN),
    ("GET", "me_api.comments"): Row(A.SEE_ONESELF),
    ("DELETE", "me_api.withdraw"): Row(A.WITHDRAW, "comment"),
    ("POST", "me_api.appeal"): Row(A.APPEAL, "comment"),
    ("POST", "me_api.complain"): Row(OWN, there=False),
    ("GET", "me_api.told"): Row(A.SEE_ONESELF),
    ("POST", "me_api.see"): Row(A.SEE_ONESELF),
    ("GET", "me_api.mutes"): Row(A.SEE_ONESELF),
    ("DELETE", "me_api.unmute"): Row(A.MUTE, "member"),
    ("GET", "me_api.follows"): Row(A.SEE_ONESELF),
    ("DELETE", "me_api.let_go"): Row(A.SEE_ONESELF, there=False),
    ("GET", "me_api.names"): Row(A.SEE_ONESELF),
    ("PUT", "me_api.name_oneself"): Row(A.NAME_ONESELF),
    ("GET", "me_mail.mail"): Row(A.SEE_ONESELF),
    ("PUT", "me_mail.choose"): Row(A.CHOOSE_MAIL),
    ("GET", "me_data.data"): Row(A.SEE_ONESELF),
    ("POST", "me_data.export"): Row(A.SEE_ONESELF),
    ("GET", "me_data.file"): Row(A.SEE_ONESELF, there=False),
    ("POST", "me_data.erase"): Row(A.SEE_ONESELF),
    # The console's: the cookie
    ("POST", "sessions.sign_in"): Row(PUBLIC),
    ("GET", "sessions.who"): Row(OWN),
    ("DELETE", "sessions.sign_out"): Row(OWN),
    ("GET", "accounts.account"): Row(OWN),
    ("POST", "accounts.prove"): Row(OWN),
    ("PUT", "accounts.change_password"): Row(OWN),
    ("POST", "accounts.offer_second_factor"): Row(OWN),
    ("PUT", "accounts.enrol_second_factor"): Row(OWN),
    ("POST", "accounts.remove_second_factor"): Row(OWN),
    ("POST", "accounts.renew_recovery_codes"): Row(OWN),
    ("DELETE", "accounts.end_session"): Row(OWN, there=False),
    ("DELETE", "accounts.end_other_sessions"): Row(OWN),
    ("DELETE", "accounts.sign_out_everywhere"): Row(OWN),
    ("GET", "queues.queue_counts"): Row(A.SEE_QUEUES),
    ("GET", "queues.queue"): Row(A.SEE_QUEUES),
    ("GET", "queues.filters"): Row(A.SEE_QUEUES),
    ("GET", "search.search"): Row(A.SEARCH),
    ("GET", "moderation.articles"): Row(A.SEE_QUEUES),
    ("GET", "moderation.settings"): Row(A.SEE_QUEUES),
    ("GET", "moderation.comment_in_queue"): Row(A.SEE_QUEUES, "comment"),
    ("POST", "decisions.decide"): Row(A.DECIDE, "comment"),
    ("POST", "decisions.undo"): Row(A.DECIDE, there=False),
    ("POST", "decisions.preview"): Row(A.DECIDE),
    ("POST", "decisions.bulk"): Row(A.DECIDE),
    ("POST", "decisions.undo_bulk"): Row(A.DECIDE, there=False),
    ("POST", "decisions.pick"): Row(A.PICK, "comment"),
    ("DELETE", "decisions.pick"): Row(A.PICK, "comment"),
    ("POST", "decisions.lock"): Row(A.LOCK, "comment"),
    ("DELETE", "decisions.lock"): Row(A.LOCK, "comment"),
    ("POST", "decisions.defer"): Row(A.DECIDE, "comment"),
    ("POST", "decisions.second_opinion"): Row(A.DECIDE, "comment"),
    ("POST", "decisions.note"): Row(A.NOTE, "comment"),
    ("GET", "preferences.preferences"): Row(OWN),
    ("PUT", "preferences.change_preferences"): Row(OWN),
    ("PATCH", "moderation.change_article"): Row(A.SET_MODE, "article"),
    ("PUT", "moderation.set_hours"): Row(A.SET_MODE, "article"),
    ("GET", "moderation.audit"): Row(A.SEE_AUDIT),
    ("POST", "claims.claim"): Row(A.CLAIM),
    ("DELETE", "claims.release"): Row(A.CLAIM),
    ("POST", "claims.claim_next"): Row(A.CLAIM),
    ("GET", "people.member_page"): Row(A.SEE_MEMBERS, "member"),
    ("GET", "people.member_comments"): Row(A.SEE_MEMBERS, "member"),
    ("POST", "people.ban"): Row(A.BAN, "member"),
    ("DELETE", "people.lift_ban"): Row(A.BAN, "member"),
    ("POST", "people.ban_everywhere"): Row(A.BAN_EVERYWHERE, "member"),
    ("DELETE", "people.lift_ban_everywhere"): Row(A.BAN_EVERYWHERE, "member"),
    ("POST", "people.warn"): Row(A.WARN, "comment"),  # on account of a comment
    ("DELETE", "people.take_back_warning"): Row(A.WARN, "member", there=False),
    ("PUT", "people.premoderate"): Row(A.PREMODERATE, "member"),
    ("DELETE", "people.lift_premoderation"): Row(A.PREMODERATE, "member"),
    ("POST", "people.note_member"): Row(A.NOTE, "member"),
    ("GET", "rules.rules"): Row(A.SEE_RULES),
    ("GET", "rules.versions"): Row(A.SEE_RULES),
    ("GET", "rules.article_rules"): Row(A.SEE_RULES, "article"),
    ("PUT", "rules.set_rules"): Row(A.CHANGE_RULES),
    ("PATCH", "rules.change_rules"): Row(A.CHANGE_RULES),
    ("POST", "rules.restore"): Row(A.CHANGE_RULES, there=False),
    ("PUT", "rules.set_article_rules"): Row(A.CHANGE_RULES),
    ("POST", "rules.restore_article"): Row(A.CHANGE_RULES, there=False),
    ("POST", "rules.try_rules"): Row(A.TRY_RULES),
    ("GET", "rules.trial"): Row(A.TRY_RULES, there=False),
    ("GET", "classifiers.classifiers"): Row(A.SEE_RULES),
    ("POST", "classifiers.add"): Row(A.MANAGE_SITE),
    ("PATCH", "classifiers.change"): Row(A.MANAGE_SITE, there=False),
    ("DELETE", "classifiers.remove"): Row(A.MANAGE_SITE, there=False),
    ("PUT", "classifiers.set_rule"): Row(A.CHANGE_RULES, there=False),
    ("POST", "classifiers.test"): Row(A.MANAGE_SITE, there=False),
    ("GET", "webhooks.webhooks"): Row(A.MANAGE_SITE),
    ("POST", "webhooks.add"): Row(A.MANAGE_SITE),
    ("PATCH", "webhooks.change"): Row(A.MANAGE_SITE, there=False),
    ("DELETE", "webhooks.remove"): Row(A.MANAGE_SITE, there=False),
    ("POST", "webhooks.rotate"): Row(A.MANAGE_SITE, there=False),
    ("POST", "webhooks.test"): Row(A.MANAGE_SITE, there=False),
    ("POST", "webhooks.replay_failed"): Row(A.MANAGE_SITE, there=False),
    ("GET", "webhooks.deliveries"): Row(A.MANAGE_SITE, there=False),
    ("GET", "webhooks.delivery"): Row(A.MANAGE_SITE, there=False),
    ("POST", "webhooks.replay"): Row(A.MANAGE_SITE, there=False),
    ("POST", "appeals.decide_appeal"): Row(A.DECIDE_APPEAL, "comment"),
    ("GET", "exports.exports"): Row(A.MANAGE_SITE),
    ("POST", "exports.start"): Row(A.MANAGE_SITE),
    ("GET", "exports.export"): Row(A.MANAGE_SITE, there=False),
    ("GET", "exports.file"): Row(A.MANAGE_SITE, there=False),
    ("GET", "imports.imports"): Row(A.MANAGE_SITE),
    ("POST", "imports.begin"): Row(A.MANAGE_SITE),
    ("GET", "imports.one"): Row(A.MANAGE_SITE, there=False),
    ("PUT", "imports.send_chunk"): Row(A.MANAGE_SITE, there=False),
    ("POST", "imports.start"): Row(A.MANAGE_SITE, there=False),
    ("POST", "imports.stop"): Row(A.MANAGE_SITE, there=False),
    ("DELETE", "imports.delete"): Row(A.MANAGE_SITE, there=False),
    ("GET", "imports.lines"): Row(A.MANAGE_SITE, there=False),
    ("GET", "api_keys.api_keys"): Row(A.MANAGE_API_KEYS),
    ("POST", "api_keys.add"): Row(A.MANAGE_API_KEYS),
    ("DELETE", "api_keys.revoke"): Row(A.MANAGE_API_KEYS, there=False),
    ("POST", "notices.give"): Row(PUBLIC),  # outside of every paywall
    ("GET", "statements.statements"): Row(OWN),
    ("POST", "statements.complain"): Row(OWN, there=False),
    ("GET", "law.notices"): Row(A.SEE_NOTICES),
    ("GET", "law.notice"): Row(A.SEE_NOTICES, there=False),
    ("POST", "law.decide"): Row(A.DECIDE_NOTICE, there=False),
    ("POST", "law.step"): Row(A.DECIDE_NOTICE, there=False),
    ("GET", "law.complaints_list"): Row(A.SEE_NOTICES),
    ("POST", "law.decide_complaint"): Row(A.DECIDE_NOTICE, there=False),
    ("GET", "law.trusted"): Row(A.SEE_NOTICES),
    ("POST", "law.trust"): Row(A.MANAGE_SITE),
    ("DELETE", "law.distrust"): Row(A.MANAGE_SITE, there=False),
    ("GET", "articles.article"): Row(A.SEE_QUEUES, "article"),
    ("PUT", "articles.set_up"): Row(A.SET_MODE, "article"),
    ("GET", "sites.site"): Row(A.SEE_RULES),
    ("PATCH", "sites.change"): Row(A.MANAGE_SITE),
    ("GET", "sites.signing_keys"): Row(A.MANAGE_SITE),
    ("POST", "sites.add_signing_key"): Row(A.MANAGE_SITE),
    ("DELETE", "sites.revoke_signing_key"): Row(A.MANAGE_SITE, there=False),
    ("GET", "sites.members"): Row(A.SEE_MEMBERS),
    ("PUT", "sites.set_access"): Row(A.MANAGE_SITE),
    ("GET", "transparency.figures"): Row(A.SEE_FIGURES),
    ("GET", "transparency.figures_csv"): Row(A.SEE_FIGURES),
    ("GET", "transparency.statements_csv"): Row(A.SEE_FIGURES),
    ("GET", "transparency.statements_ndjson"): Row(A.SEE_FIGURES),
    ("GET", "texts.texts"): Row(A.SEE_QUEUES),
    ("PUT", "texts.change_text"): Row(A.MANAGE_SITE),
    ("GET", "figures.figures"): Row(A.SEE_FIGURES),
    ("GET", "figures.figures_csv"): Row(A.SEE_FIGURES),
    ("GET", "gates.conversions"): Row(A.SEE_FIGURES),
}
# The console's empty page; threads as everybody gets them (tests/http/test_pages.py); whether it runs, and how
# (tests/seen/); pages that links of mails open (tests/http/test_mail_pages.py).
OUTSIDE_THE_API = {
    "console.console",
    "pages.thread",
    "pages.fragment",
    "docs.index",
    "docs.group",
    "mail.confirm",
    "mail.do_confirm",
    "mail.unsubscribe",
    "mail.do_unsubscribe",
    "mail.stop",
    "mail.do_stop",
    "feeds.article_feed",
    "feeds.site_feed",
    "teasers.most_discussed_fragment",
    "teasers.picks_fragment",
    "oembed.oembed",
    "health.healthz",
    "health.readyz",
    "metrics.metrics",
}
# One's own page as HTML, to which a token of the publisher's opens the way (tests/http/test_me.py).
OUTSIDE_THE_API |= {"me.enter", "me.page", "me.without_slash"}
# The form of legal notices, which is for everybody, and the page behind its secret link (tests/http/test_notices.py).
OUTSIDE_THE_API |= {"notices.form", "notices.send", "notices.state", "notices.complain"}
EVENTS: dict[str, Action | str] = {  # of sockets
    "connect": A.READ,  # the console's: SEE_QUEUES, by its cookie
    "follow": A.READ,
    "unfollow": OWN,
    "token": OWN,
}
SECTION, ELSEWHERE = "sport", "culture"  # of the articles 1 and 2


@pytest.fixture
def paper(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock, read="registered", edit_window=10**6)


Knock = Reader | Desk | Program | None


@dataclass
class Call:
    """One call of a route, with the row that it has."""

    method: str
    path: str
    body: Any
    row: Row

    @property
    def is_console(self) -> bool:
        return self.path.startswith("/console")

    @property
    def is_own_page(self) -> bool:
        return self.path.startswith(OWN_PAGE)

    @property
    def comes_last(self) -> bool:
        """Signing out."""
        return self.method == "DELETE" and self.path.endswith(("/console/session", "/visit"))

    def about(self, article: str, appeal: str) -> "Call":
        path = self.path.replace("/articles/1", f"/articles/{article}").replace("/appeals/1/", f"/appeals/{appeal}/")
        return Call(self.method, path, self.body, self.row)


class Somebody:
    """A role: it makes calls, and is somebody to the policy. `knock` None: nobody."""

    def __init__(self, paper: Gazette, knock: Knock) -> None:
        self.paper, self.knock = paper, knock

    def ask(self, call: Call) -> TestResponse:
        if isinstance(self.knock, Program):
            return self.knock.call(call.method, call.path, call.body, Idempotency_Key=f"key-{id(call)}")
        if isinstance(self.knock, Desk) and call.is_console:
            answer = self.knock.call(call.method, call.path.removeprefix("/console"), call.body)
            if (call.method, call.path) == ("DELETE", "/console/account/sessions"):
                self.knock.sign_in()
            return answer
        headers = {"X_CSRF_Token": "x", "Idempotency_Key": f"key-{id(call)}"}
        if isinstance(self.knock, Reader) and call.is_own_page:
            return self.knock.visitor.call(call.method, call.path, call.body)
        if isinstance(self.knock, Reader):
            return self.knock.call(call.method, call.path, call.body, **headers)
        if isinstance(self.knock, Desk):  # with the cookie, which nothing but the console reads
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return self.knock.client.open(address(call.path), method=call.method, json=call.body, headers=named)
        return self.paper.call(call.method, call.path, call.body, **headers)

    def viewer(self, call: Call) -> Viewer:
        """Who it is to the policy at this call's door: a cookie says nothing to the widget, a token nothing to the
        console.
        """
        with self.paper.read() as conn:
            if isinstance(self.knock, Desk) and call.is_console:
                return viewer_of_user(find_user(conn, email=self.knock.email))
            if isinstance(self.knock, Program) and is_open_to_keys(call.path):
                return viewer_of_key(find_by_digest(conn, digest_of_key(self.knock.key)))
            if isinstance(self.knock, Reader) and not call.is_console:
                return viewer_of_member(member_by_id(conn, int(self.knock.id)), self.paper.database.clock())
        return NOBODY


def is_open_to_keys(path: str) -> bool:
    """The console's calls about a site and what is in it; not those about oneself."""
    return re.match(r"/console/(sites|comments|members|decisions|appeals)/", path) is not None


def expected(paper: Gazette, somebody: "Somebody", call: Call, author_id: int, section: str) -> tuple[int, str | None]:
    """(status, code) of the refusal that the policy has for this call; (200, None) if it has none."""
    row, viewer = call.row, somebody.viewer(call)
    if row.action == PUBLIC:
        return 200, None
    if viewer is NOBODY and call.is_own_page:
        return 401, "signed_out"
    if isinstance(somebody.knock, Program) and viewer is NOBODY:
        return (403, "key_not_here") if call.is_console else (401, "token_invalid")
    if isinstance(somebody.knock, Reader) and call.is_console:
        return 401, "key_invalid"
    if viewer is NOBODY and (call.is_console or row.action == OWN):
        return 401, "signed_out" if call.is_console else "token_missing"
    if row.action == OWN:
        return 200, None
    if call.is_console and not viewer.works_at(paper.id):
        return 404, "not_found"
    with paper.read() as conn:
        site = find_site(conn, paper.key)
    assert site is not None and isinstance(row.action, Action)
    of = section if row.about in ("comment", "article") else EverySection.ALL
    try:
        require(viewer, row.action, Subject(site.id, site.settings, author_id, of), paper.database.clock())
    except CommentsError as error:
        return error.status, error.code
    return 200, None


def calls(app: Flask, paper: Gazette, comment: str, member: str) -> Iterator[Call]:
    """All calls of the API with their rows; signing out comes last."""
    adapter = app.url_map.bind("localhost")
    found = []
    for method, path, body in everything(paper, comment, member):
        endpoint = adapter.match(address(path.partition("?")[0]), method)[0]
        found.append(Call(method, path, body, ROUTES[method, endpoint]))
    yield from sorted(found, key=lambda call: call.comes_last)


class Place:
    """The prepared site: one author whose comments are acted on, articles in two sections."""

    def __init__(self, app: Flask, paper: Gazette) -> None:
        self.app, self.paper = app, paper
        self.author = paper.reader("author")
        for article, section in (("1", SECTION), ("2", ELSEWHERE)):
            self.author.post("the first one here", article=article)
            change = sa.update(tables.articles).where(tables.articles.c.key == article).values(section=section)
            paper.change(lambda conn, change=change: conn.execute(change))
        self.numbers = iter(range(10**6))

    def member(self) -> str:
        """Somebody new, to be muted, banned, warned."""
        row = {"site_id": self.paper.id, "sub": f"target-{next(self.numbers)}", "created_at": 1, "state": "active"}
        made = sa.insert(tables.members).values(row).returning(tables.members.c.id)
        return str(self.paper.change(lambda conn: conn.execute(made).scalar_one()))

    def comment(self, member: str, article: str) -> str:
        """A published comment of this member, made past all rules."""
        c = tables.comments.c
        copied = [column for column in tables.comments.c if column.name in COPIED]

        def copy(conn: sa.Connection) -> str:
            keyed = sa.select(tables.articles.c.id).where(tables.articles.c.key == article).scalar_subquery()
            row = dict(conn.execute(sa.select(*copied).where(c.article_id == keyed).limit(1)).one()._mapping)
            made = conn.execute(sa.insert(tables.comments).values(row | {"member_id": int(member)}).returning(c.id))
            key = made.scalar_one()
            conn.execute(sa.update(tables.comments).where(c.id == key).values(root_id=key))
            return str(key)

        made: str = self.paper.change(copy)
        return made

    def appeal(self, comment: str, member: str) -> str:
        row = {"site_id": self.paper.id, "comment_id": int(comment), "member_id": int(member), "text": "why?"}
        made = sa.insert(tables.appeals).values(row | {"created_at": 1}).returning(tables.appeals.c.id)
        return str(self.paper.change(lambda conn: conn.execute(made).scalar_one()))

    def walk(self, somebody: Somebody, article: str = "1", author: str | None = None) -> list[str]:
        """Make every call, each about another comment of another member (or of `author`); what was not as the policy
        says.
        """
        wrong = []
        section = SECTION if article == "1" else ELSEWHERE
        count = len(everything(self.paper, "1", "1"))
        for number in range(count):
            member = author or self.member()
            comment = self.comment(member, article)
            call = list(calls(self.app, self.paper, comment, member))[number]
            is_appeal = call.path.startswith("/console/appeals")
            call = call.about(article, self.appeal(comment, member) if is_appeal else "1")
            if author is not None and call.row.about != "comment":
                continue
            status, code = expected(self.paper, somebody, call, int(member), section)
            answer = somebody.ask(call)
            if not fits(answer, status, code, call.row):
                found = (answer.status_code, (answer.get_json(silent=True) or {}).get("code"))
                wrong.append(f"{call.method} {call.path} ({call.row.action}): {found}, the policy says {status, code}")
        return wrong


COPIED = {
    "site_id", "article_id", "depth", "source", "html", "tree", "text", "text_hash", "status", "created_at",
}  # fmt: skip


def fits(answer: TestResponse, status: int, code: str | None, row: Row) -> bool:
    found = answer.status_code
    if code is not None:  # what is not there is not there before anybody asks who may
        return (found == status and answer.get_json()["code"] == code) or (found == 404 and not row.there)
    if row.action == PUBLIC:
        return found < 500 and answer.mimetype is not None
    return found not in (401, 403) and found < 500 and (found != 404 or not row.there)


def change_member(reader: Reader, **change: Any) -> Reader:
    row = tables.members.c.id == int(reader.id)
    reader.site.change(lambda conn: conn.execute(sa.update(tables.members).where(row).values(change)))
    return reader


def of_section(desk: Desk, paper: Gazette) -> Desk:
    row = tables.users.c.email == desk.email
    paper.change(lambda conn: conn.execute(sa.update(tables.users).where(row).values(sections=f'["{SECTION}"]')))
    return desk


IN_A_YEAR = FakeClock().now + 365 * 86_400_000_000
ROLES: dict[str, Callable[[Gazette, Gazette], Knock]] = {  # (the site, another site) → who knocks
    "nobody": lambda _paper, _other: None,
    "registered": lambda paper, _: paper.reader("kiesel", ent=[]),
    "subscriber": lambda paper, _: paper.reader("kiesel"),
    "lapsed": lambda paper, _: paper.reader("kiesel", state="lapsed"),
    "nameless": lambda paper, _: paper.reader("kiesel", name=None),
    "suspended": lambda paper, _: change_member(paper.reader("kiesel"), suspended_until=IN_A_YEAR),
    "banned": lambda paper, _: change_member(paper.reader("kiesel"), banned_at=1),
    "warned": lambda paper, _: change_member(paper.reader("kiesel"), unseen_warnings=1),
    "staff": lambda paper, _: paper.desk("staff"),
    "moderator": lambda paper, _: paper.desk("moderator", (paper.key,)),
    "moderator of a section": lambda paper, _: of_section(paper.desk("moderator"), paper),
    "moderator elsewhere": lambda paper, other: paper.desk("moderator", (other.key,)),
    "administrator elsewhere": lambda paper, other: paper.desk("administrator", (other.key,)),
    "administrator": lambda paper, _: paper.desk("administrator"),
    "key to read": lambda paper, _: paper.program("read"),
    "key to moderate": lambda paper, _: paper.program("moderate"),
    "key to manage": lambda paper, _: paper.program("manage"),
    "key to moderate and manage": lambda paper, _: paper.program("moderate", "manage"),
    "key elsewhere": lambda _, other: other.program("read", "moderate", "manage"),
}


@pytest.mark.parametrize("role", ROLES)
def test_every_route_for_every_role(app: Flask, paper: Gazette, clock: FakeClock, role: str) -> None:
    other = Gazette.make(app, clock, "herald")
    place = Place(app, paper)
    somebody = Somebody(paper, ROLES[role](paper, other))
    wrong = place.walk(somebody)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["registered", "subscriber", "suspended", "banned"])
def test_what_is_ones_own(app: Flask, paper: Gazette, clock: FakeClock, role: str) -> None:
    reader = ROLES[role](paper, paper)
    assert isinstance(reader, Reader)
    wrong = Place(app, paper).walk(Somebody(paper, reader), author=reader.id)
    assert not wrong, "\n".join(wrong)


def test_a_moderator_of_a_section_outside_of_it(app: Flask, paper: Gazette) -> None:
    desk = of_section(paper.desk("moderator"), paper)
    wrong = Place(app, paper).walk(Somebody(paper, desk), article="2")
    assert not wrong, "\n".join(wrong)


def test_a_member_of_another_site_changes_nothing_here(app: Flask, paper: Gazette, clock: FakeClock) -> None:
    stranger = Gazette.make(app, clock, "herald").reader("kiesel")
    place = Place(app, paper)
    member = place.member()
    for call in calls(app, paper, place.comment(member, "1"), member):
        if call.row.action not in (PUBLIC, OWN, Action.NAME_ONESELF):
            answer = Somebody(paper, stranger).ask(call)
            assert answer.status_code in (401, 403, 404), (call.method, call.path, answer.get_data(as_text=True))


def test_every_route_has_its_row(app: Flask) -> None:
    routes = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint not in OUTSIDE_THE_API
    }
    assert routes == ROUTES.keys(), "a row in ROUTES says which Action a route is"
    assert {
        rule.endpoint for rule in app.url_map.iter_rules() if not rule.rule.startswith((API, OWN_PAGE))
    } == OUTSIDE_THE_API


def test_every_socket_event_has_its_row(app: Flask) -> None:
    """Who gets through with which is in tests/live/test_access.py."""
    live = with_live(app)
    assert set(live._io.server.handlers["/"]) == EVENTS.keys()


def test_what_no_row_allows_is_refused(paper: Gazette) -> None:
    """The policy's default is no: nobody may what no table of theirs has."""
    with paper.read() as conn:
        site = find_site(conn, paper.key)
    assert site is not None
    subject = Subject(site.id, site.settings)
    allowed = {action for action in Action if may(NOBODY, action, subject, 0)}
    assert allowed == set(), "the site is for readers who are signed in"


def test_the_session_says_what_one_may(paper: Gazette) -> None:
    """`can` is what the policy allows: the console hides the rest."""
    for role in ("staff", "moderator", "administrator"):
        desk = paper.desk(role)
        shown = good(desk.call("GET", "/session"))["user"]
        with paper.read() as conn:
            site, viewer = find_site(conn, paper.key), viewer_of_user(find_user(conn, email=desk.email))
        assert site is not None
        able = {str(action) for action in Action if may(viewer, action, Subject(site.id, site.settings), 0)}
        assert (shown["role"], shown["sections"], set(shown["can"])) == (role, None, able)
    shown = good(of_section(paper.desk("moderator"), paper).call("GET", "/session"))["user"]
    assert shown["sections"] == [SECTION]
    assert "decide" in shown["can"] and not {"see_audit", "see_figures", "ban"} & set(shown["can"])
