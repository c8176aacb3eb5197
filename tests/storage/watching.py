"""What a database does for each statement: its plan, and how much it read, as the engine itself counts it.

PostgreSQL tells both with `auto_explain`, of the very statements that the service sends, with their parameters. SQLite
is asked for the plan, and counts the steps of its machine.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

STEPS = 100  # SQLite is stopped for counting after so many steps
EXPLAIN = """
    LOAD 'auto_explain';
    SET auto_explain.log_min_duration = 0;
    SET auto_explain.log_analyze = on;
    SET auto_explain.log_timing = off;
    SET auto_explain.log_buffers = on;
    SET auto_explain.log_format = json;
    SET auto_explain.log_level = notice;
    SET plan_cache_mode = {mode}
"""


@dataclass(slots=True)
class Statement:
    """One statement. `work`: rows that PostgreSQL's scans looked at, thousands of steps of SQLite's machine."""

    text: str
    plan: str = ""
    work: float = 0
    blocks: int = 0  # PostgreSQL's
    scanned: set[str] = field(default_factory=set)  # tables read from one end to the other

    def __str__(self) -> str:
        return f"{self.work:.0f} / {self.blocks}: {self.text}\n{self.plan}"


Heard = list[Statement]


@contextmanager
def watching(engine: sa.Engine, heard: Heard, mode: str = "auto") -> Iterator[None]:
    """Append to `heard` whatever the engine is given. `mode`: PostgreSQL's plan_cache_mode."""
    engine.dispose()  # for connections that are watched from their beginning
    watch = _Sqlite(heard) if engine.dialect.name == "sqlite" else _Postgresql(heard, mode)
    sa.event.listen(engine, "connect", watch.connect)
    sa.event.listen(engine, "before_cursor_execute", watch.hear)
    try:
        yield
    finally:
        sa.event.remove(engine, "connect", watch.connect)
        sa.event.remove(engine, "before_cursor_execute", watch.hear)
        engine.dispose()


@dataclass(slots=True)
class _Sqlite:
    heard: Heard

    def connect(self, connection: Any, _record: Any) -> None:
        connection.set_progress_handler(self._step, STEPS)

    def _step(self) -> int:
        if self.heard:
            self.heard[-1].work += STEPS / 1000
        return 0

    def hear(self, conn: sa.Connection, _cursor: Any, text: str, parameters: Any, *_: Any) -> None:
        if text.startswith(("BEGIN", "PRAGMA")):
            return
        statement = Statement(text)
        given = parameters[0] if parameters and isinstance(parameters, list) else parameters
        cursor = conn.connection.cursor()
        for row in cursor.execute(f"EXPLAIN QUERY PLAN {text}", given or ()):
            statement.plan += f"{row[3]}\n"
            word, _, name = row[3].partition(" ")
            if word == "SCAN" and not text.startswith("INSERT"):  # those show what a broken foreign key would need
                statement.scanned.add(re.sub(r"_\d+$", "", name.split()[0]))
        cursor.close()
        self.heard.append(statement)


@dataclass(slots=True)
class _Postgresql:
    heard: Heard
    mode: str

    def connect(self, connection: Any, _record: Any) -> None:
        connection.autocommit = True
        connection.execute(EXPLAIN.format(mode=self.mode))
        connection.autocommit = False
        connection.add_notice_handler(self._told)

    def hear(self, _conn: sa.Connection, _cursor: Any, text: str, *_: Any) -> None:
        self.heard.append(Statement(text))

    def _told(self, notice: Any) -> None:
        """Within a transaction a plan comes when the next statement begins: it is known by its text."""
        _, _, plan = (notice.message_primary or "").partition("plan:\n")
        told = json.loads(plan) if plan else {"Query Text": ""}
        text = PARAMETER.sub("?", told["Query Text"])
        statement = next((one for one in reversed(self.heard) if PARAMETER.sub("?", one.text) == text), None)
        if statement is None:
            return
        root = told["Plan"]
        statement.blocks += root["Shared Hit Blocks"] + root["Shared Read Blocks"]
        for depth, node in _nodes(root):
            looked_at = sum(node.get(f"{name}", 0) for name in LOOKED_AT) * node["Actual Loops"]
            where = " ".join(node[name] for name in ("Relation Name", "Index Name") if name in node)
            statement.plan += f"{'  ' * depth}{node['Node Type']} {where} {looked_at}\n"
            if "Relation Name" in node and node["Node Type"].endswith("Scan"):
                statement.work += looked_at
            if node["Node Type"] == "Seq Scan":
                statement.scanned.add(node["Relation Name"])


PARAMETER = re.compile(r"%\(\w+\)s|\$\d+")
LOOKED_AT = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")


def _nodes(node: Any, depth: int = 0) -> Iterator[tuple[int, Any]]:
    yield depth, node
    for below in node.get("Plans", ()):
        yield from _nodes(below, depth + 1)
