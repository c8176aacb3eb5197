"""The tables, as SQLAlchemy Core on Flask-SQLAlchemy's metadata; migrations/ makes them, a test compares the two.

Ids are 64-bit integers, times integer microseconds UTC, JSON columns text. Words as in docs/architecture.md.
"""

from comments.storage.tables.api_keys import api_keys
from comments.storage.tables.columns import Base, Id, Micros, db, published
from comments.storage.tables.comments import comments, edits, findings, gathered, journal
from comments.storage.tables.console import (
    appeals,
    audit,
    bans,
    claims,
    console_sessions,
    decisions,
    deferrals,
    figures,
    trials,
    users,
    warnings,
)
from comments.storage.tables.gates import conversions
from comments.storage.tables.law import complaints, flaggers, notice_comments, notices, statements
from comments.storage.tables.leaving import erasures, exports
from comments.storage.tables.mail import mail_days, mail_follows, mail_stops, mailboxes, mails
from comments.storage.tables.members import follows, members, mutes, notifications, reactions, reports, used_tokens
from comments.storage.tables.moving import old_addresses, upload_lines, uploads
from comments.storage.tables.running import classifiers, imports, jobs, marks, opinions, salts
from comments.storage.tables.sites import articles, rule_sets, site_keys, sites
from comments.storage.tables.teasers import discussed, recent, site_picks
from comments.storage.tables.visits import former_names, visits
from comments.storage.tables.webhooks import webhook_attempts, webhook_deliveries, webhook_messages, webhooks

__all__ = [
    "Base",
    "Id",
    "Micros",
    "api_keys",
    "appeals",
    "articles",
    "audit",
    "bans",
    "claims",
    "classifiers",
    "comments",
    "complaints",
    "console_sessions",
    "conversions",
    "db",
    "decisions",
    "deferrals",
    "discussed",
    "edits",
    "erasures",
    "exports",
    "figures",
    "findings",
    "flaggers",
    "follows",
    "former_names",
    "gathered",
    "imports",
    "jobs",
    "journal",
    "mail_days",
    "mail_follows",
    "mail_stops",
    "mailboxes",
    "mails",
    "marks",
    "members",
    "mutes",
    "notice_comments",
    "notices",
    "notifications",
    "old_addresses",
    "opinions",
    "published",
    "reactions",
    "recent",
    "reports",
    "rule_sets",
    "salts",
    "site_keys",
    "site_picks",
    "sites",
    "statements",
    "trials",
    "upload_lines",
    "uploads",
    "used_tokens",
    "users",
    "visits",
    "warnings",
    "webhook_attempts",
    "webhook_deliveries",
    "webhook_messages",
    "webhooks",
]
