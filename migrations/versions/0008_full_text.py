"""full-text search

The words of comments and members, kept by triggers: whoever changes a text changes the index with it, and what is
erased or edited leaves it. SQLite: FTS5 tables over what stands in the tables themselves. PostgreSQL: a narrow table
beside each, so that the index is touched when a text changes and not whenever a counter does.

`place` (SQLite) and the words with a colon (PostgreSQL) say whose it is: the site, the article, the author.

Revision: 0008, after 0007
"""

from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = {  # index: (table, its text, its place, columns whose change counts)
    "comment_words": (
        "comments",
        "{row}text",
        "'s' || {row}site_id || ' a' || {row}article_id || ' m' || coalesce({row}member_id, 0)",
        ("text", "member_id"),
    ),
    "member_words": (
        "members",
        "coalesce({row}name, '') || ' ' || {row}sub",
        "'s' || {row}site_id",
        ("name", "sub"),
    ),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for words in TABLES:
            up_sqlite(words)
        return
    for statement in FUNCTIONS:
        op.execute(statement)
    for words in TABLES:
        up_postgresql(words)


def up_sqlite(words: str) -> None:
    table, text, place, changing = TABLES[words]
    columns = f"{place.format(row='')} AS place, {text.format(row='')} AS text"
    op.execute(f"CREATE VIEW {words}_source AS SELECT id, {columns} FROM {table}")
    op.execute(
        f"CREATE VIRTUAL TABLE {words} USING fts5(place, text, content='{words}_source', content_rowid='id',"
        " tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute(f"INSERT INTO {words}({words}) VALUES ('rebuild')")

    def values(row: str) -> str:
        return f"{row}id, {place.format(row=row)}, {text.format(row=row)}"

    write = f"INSERT INTO {words}(rowid, place, text) VALUES ({values('new.')});"
    forget = f"INSERT INTO {words}({words}, rowid, place, text) VALUES ('delete', {values('old.')});"
    other = " OR ".join(f"old.{column} IS NOT new.{column}" for column in changing)
    op.execute(f"CREATE TRIGGER {words}_new AFTER INSERT ON {table} BEGIN {write} END")
    op.execute(f"CREATE TRIGGER {words}_gone AFTER DELETE ON {table} BEGIN {forget} END")
    op.execute(
        f"CREATE TRIGGER {words}_changed AFTER UPDATE OF {', '.join(changing)} ON {table} WHEN {other} "
        f"BEGIN {forget} {write} END"
    )


# Words are letters and digits, without case; Latin letters without accents: as FTS5's unicode61 has them. What parts
# words is named here, because what a letter is depends on the database's locale.
FUNCTIONS = [
    r"""
    CREATE FUNCTION words_folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT CASE WHEN $1 ~ '^[\x01-\x7f]*$' THEN regexp_replace(lower($1), '[^a-z0-9]+', ' ', 'g')
        ELSE regexp_replace(
            normalize(regexp_replace(normalize(lower($1), NFD), '([a-z])[\u0300-\u036f]+', '\1', 'g'), NFC),
            '[\x01-\x2f\x3a-\x60\x7b-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7\u2000-\u206f\u20a0-\u20bf'
            '\u2190-\u245f\u2500-\u2bff\u3000-\u3004\u3008-\u3020\u3030\ufe10-\ufe6f\uff01-\uff0f\uff1a-\uff20]+',
            ' ', 'g'
        ) END
    $$
    """,
    """
    CREATE FUNCTION words_of(text, text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT array_to_tsvector(string_to_array($1, ' ')) || to_tsvector('simple', words_folded(left($2, 100000)))
    $$
    """,
]


def up_postgresql(words: str) -> None:
    table, text, place, changing = TABLES[words]
    place = place.replace("'s'", "'s:'").replace("' a'", "' a:'").replace("' m'", "' m:'")
    place = place.replace("_id", "_id::text").replace("::text, 0)", ", 0)::text")

    def indexed(row: str) -> str:
        return f"words_of({place.format(row=row)}, {text.format(row=row)})"

    op.execute(f"CREATE TABLE {words} (id bigint PRIMARY KEY, words tsvector NOT NULL)")
    op.execute(f"INSERT INTO {words} SELECT id, {indexed('')} FROM {table}")
    op.execute(f"CREATE INDEX ix_{words} ON {words} USING gin (words) WITH (gin_pending_list_limit = 256)")
    write = (
        f"INSERT INTO {words} VALUES (new.id, {indexed('new.')}) ON CONFLICT (id) DO UPDATE SET words = excluded.words;"
    )
    op.execute(
        f"CREATE FUNCTION {words}_written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {write} RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE FUNCTION {words}_forgotten() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN DELETE FROM {words} WHERE id = old.id; RETURN NULL; END $$"
    )
    other = " OR ".join(f"old.{column} IS DISTINCT FROM new.{column}" for column in changing)
    each = f"FOR EACH ROW EXECUTE FUNCTION {words}"
    op.execute(f"CREATE TRIGGER {words}_new AFTER INSERT ON {table} {each}_written()")
    op.execute(f"CREATE TRIGGER {words}_gone AFTER DELETE ON {table} {each}_forgotten()")
    op.execute(
        f"CREATE TRIGGER {words}_changed AFTER UPDATE OF {', '.join(changing)} ON {table} "
        f"FOR EACH ROW WHEN ({other}) EXECUTE FUNCTION {words}_written()"
    )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for words, (table, *_) in TABLES.items():
        for trigger in ("new", "gone", "changed"):
            op.execute(f"DROP TRIGGER {words}_{trigger}" + ("" if sqlite else f" ON {table}"))
        op.execute(f"DROP TABLE {words}")
        if sqlite:
            op.execute(f"DROP VIEW {words}_source")
        else:
            op.execute(f"DROP FUNCTION {words}_written()")
            op.execute(f"DROP FUNCTION {words}_forgotten()")
    if not sqlite:
        op.execute("DROP FUNCTION words_of(text, text)")
        op.execute("DROP FUNCTION words_folded(text)")
