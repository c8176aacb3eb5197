"""What all tables are made of: the metadata, types, keys, partial indexes."""

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import DDLCompiler


class Base(DeclarativeBase):
    """A plain declarative base: Flask-SQLAlchemy's metadata hangs on it."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers rows by itself only for INTEGER
Micros = sa.BigInteger()
metadata = Base.metadata


@compiles(sa.Computed, "sqlite")
def _virtual(computed: sa.Computed, compiler: DDLCompiler, **_: object) -> str:
    """SQLite adds no stored column to a table that is there; in an index both are the same."""
    return f"GENERATED ALWAYS AS ({compiler.sql_compiler.process(computed.sqltext, literal_binds=True)})"


def key() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


def to(target: str, *, nullable: bool = False, name: str | None = None) -> sa.Column[int]:
    return sa.Column(name or f"{target[:-1]}_id", Id, sa.ForeignKey(f"{target}.id"), nullable=nullable)


def partial(name: str, *columns: str | sa.ColumnElement[int], where: str) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def published(name: str) -> str:
    """That the comment called `name` is published, not as any partial index says it: that of all published comments
    must not seem better than one of the few.
    """
    return f"coalesce({name}.status, '') = 'published'"
