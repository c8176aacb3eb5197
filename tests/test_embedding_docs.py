"""docs/embedding.md names every part and every event that the widget has, and no other."""

import re
from pathlib import Path

import comments

PACKAGE = Path(comments.__file__).parent
WIDGET = PACKAGE / "frontend" / "widget"
EMBED = PACKAGE / "frontend" / "embed"
TEASERS = PACKAGE / "frontend" / "teasers"
DOCS = (PACKAGE.parent / "docs" / "embedding.md").read_text()
SOURCES = "\n".join(path.read_text() for folder in (WIDGET, EMBED, TEASERS) for path in sorted(folder.glob("*.ts*")))


def told(heading: str) -> str:
    """The first column of the table under a heading of the page."""
    section = DOCS.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    return "\n".join(row.split("|")[1] for row in section.splitlines() if row.startswith("| `"))


def test_every_part_is_told_and_no_other() -> None:
    parts = set(re.findall(r'part="([^"]+)"', SOURCES)) | set(re.findall(r'part\.add\("([^"]+)"\)', SOURCES))
    parts |= set(re.findall(r'kind: "(login)" \| "(subscribe)"', SOURCES)[0])
    parts |= {"recommend"}  # a site's reactions are parts by their own names
    assert set(re.findall(r"`([\w-]+)`", told("part"))) == parts


def test_every_event_is_told_and_no_other() -> None:
    events = set(re.findall(r'emit\("(\w+)"', SOURCES)) | set(re.findall(r'"comments:(\w+)"', SOURCES))
    events |= set(re.findall(r'kind: "(login)" \| "(subscribe)"', SOURCES)[0])
    assert set(re.findall(r"`comments:(\w+)`", told("event"))) == events
