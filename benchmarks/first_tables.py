"""Rows of an installation that has run for years, in the tables that migration 0001 makes: set-based, made up."""

import sqlalchemy as sa

from comments.storage.transaction import Database

IN_AN_ARTICLE = 1_000  # comments
WORDS = (
    "Brücke", "Fahrrad", "Bahn", "Schule", "warum", "heute", "gestern", "vielleicht", "Antwort", "Straße", "Verkehr",
    "Rathaus", "Zeitung",
)  # fmt: skip
TEXT = " || ' ' || ".join(f"'{word}' || (i * {31 + at} % 9973)" for at, word in enumerate(WORDS))  # 140 characters
SERIES = {
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) SELECT i FROM n) n",
    "postgresql": "generate_series(1, CAST(:count AS bigint)) n(i)",
}
TABLES = {  # table: comments for each of its rows (None: one row), columns, what they are in row i
    "sites": (None, "key, name, issuer, origins, products, settings, created_at", "'s', 's', 's', '[]', '[]', '{}', 1"),
    "users": (None, "email, name, password_hash, role, created_at", "'a@b.example', 'a', 'x', 'staff', 1"),
    "articles": (IN_AN_ARTICLE, "site_id, key, seq, total, created_at", "1, 'a' || i, 1000000, 1000, i"),
    "members": (20, "site_id, sub, name, name_key, created_at", "1, 'm' || i, 'Reader ' || i, 'reader ' || i, i"),
    "comments": (
        1,
        "site_id, article_id, member_id, root_id, depth, source, html, tree, text, text_hash, status, created_at, seq,"
        " looked_at, open_reports",
        f"1, 1 + i % :articles, 1 + i % :members, i, 0, {TEXT}, '<p>' || {TEXT} || '</p>', '[]', {TEXT}, 'h' || i,"
        " CASE i % 50 WHEN 0 THEN 'waiting' WHEN 1 THEN 'rejected' ELSE 'published' END, i, i / :articles,"
        " CASE WHEN i % 20 > 0 THEN i END, CASE i % 100 WHEN 2 THEN 1 ELSE 0 END",
    ),
    "journal": (
        1,
        "site_id, article_id, comment_id, seq, kind, before, created_at",
        "1, 1 + i % :articles, i, 1 + i / :articles, 'comment', '{}', i",
    ),
    "reports": (50, "comment_id, member_id, reason, created_at", "i * 50, 1 + i % :members, 'abuse', i"),
    "findings": (20, "comment_id, finding, created_at", "i * 20, '{}', i"),
    "reactions": (
        2,
        "comment_id, member_id, kind, article_id, created_at",
        "i * 2, 1 + i % :members, 'recommend', 1 + (i * 2) % :articles, i",
    ),
}


def fill_first_tables(database: Database, rows: int) -> None:
    """So many comments, and what belongs to them; the planner knows of them afterwards."""
    sizes = {"articles": max(1, rows // IN_AN_ARTICLE), "members": max(1, rows // 20)}
    with database.engine.connect() as conn:
        if not database.is_sqlite:
            conn.execute(sa.text("SET statement_timeout = 0"))
        for table, (every, columns, values) in TABLES.items():
            count = 1 if every is None else max(1, rows // every)
            given = {name: size for name, size in sizes.items() if f":{name}" in values} | {"count": count}
            series = SERIES[database.engine.dialect.name]
            conn.execute(sa.text(f"INSERT INTO {table} ({columns}) SELECT {values} FROM {series}"), given)
        conn.commit()
        conn.invalidate()  # its time limit goes with it
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text("ANALYZE"))
