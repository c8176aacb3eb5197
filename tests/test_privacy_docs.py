"""docs/privacy.md names every column of every table once, every setting that keeps something, and commands that are
there.
"""

import re
from collections import Counter

from comments.cli import main
from comments.core.site import SiteSettings
from comments.storage.retention import KINDS
from comments.storage.tables import Base
from tests.servers import ROOT

TEXT = (ROOT / "docs" / "privacy.md").read_text()


def test_every_column_is_named_once() -> None:
    listed = TEXT.partition("## Every column of every table")[2]
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+` ?)+)\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", listed, re.MULTILINE)
    said = Counter((table, column) for table, columns, *_ in rows for column in re.findall(r"`(\w+)`", columns))
    there = Counter((table.name, column.name) for table in Base.metadata.sorted_tables for column in table.columns)
    assert said == there, f"not named: {there - said}; named and not there: {said - there}"


def test_every_setting_has_its_default() -> None:
    said = dict(re.findall(r"^\| `(keep_\w+)` \| (\w+)", TEXT, re.MULTILINE))
    settings = SiteSettings()
    kept = [name for name in SiteSettings.__struct_fields__ if name.startswith("keep_")]
    assert said == {name: str(getattr(settings, name)).lower() for name in kept}
    assert {kind.setting for kind in KINDS.values()} | {"keep_rejected", "keep_withdrawn"} == set(kept)


def test_commands_are_there() -> None:
    for line in re.findall(r"^comments (erase .*)$", TEXT, re.MULTILINE):
        name, *rest = line.split()
        main.commands[name].make_context(name, rest)
