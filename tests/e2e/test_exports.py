"""Exports in a browser, made by a real worker: started, how far they are, there again after a reload, fetched."""

import re
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import expect

from comments.actions.archive import import_comments
from comments.storage.sites import find_site
from comments.storage.tables import comments
from tests.e2e.pages import ConsoleOnPage
from tests.e2e.test_console_axe import Looked
from tests.importers.conftest import record
from tests.live.paper import Paper


def test_an_export_is_started_and_fetched(paper: Paper, enter: Callable[..., ConsoleOnPage], tmp_path: Path) -> None:
    looked = Looked()
    writer = paper.member("kiesel")
    for number in range(3):
        writer.post("news", f"Number {number} of three.")
    page = enter(paper, role="administrator").page
    page.get_by_role("navigation").get_by_role("link", name="Exports").click()
    expect(page.get_by_role("heading", name="No exports")).to_be_visible()
    looked.at(page, "exports-none")
    page.get_by_role("button", name="Export a table (CSV)").click()
    ready = page.get_by_role("listitem").filter(has_text="3 comments")
    expect(ready).to_be_visible(timeout=30_000)
    page.reload()
    expect(ready).to_be_visible()
    looked.at(page, "exports-ready")
    with page.expect_download() as fetched:
        ready.get_by_role("link", name="Download").click()
    fetched.value.save_as(tmp_path / "fetched.csv")
    assert (tmp_path / "fetched.csv").read_text().count("of three.") == 3
    assert "token" not in fetched.value.url and fetched.value.suggested_filename.endswith(".csv")
    assert looked.faults == []


def test_how_far_an_export_is_survives_a_reload(paper: Paper, enter: Callable[..., ConsoleOnPage]) -> None:
    many = 3_000
    looked = Looked()
    page = enter(paper, role="administrator").page
    bring_old_comments(paper, many)
    page.get_by_role("navigation").get_by_role("link", name="Exports").click()
    page.get_by_role("button", name="Export an archive").click()
    row = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Archive"))
    expect(row).to_contain_text(re.compile(rf"[1-9][\d,]* of {many:,}"), timeout=60_000)
    before = int(row.get_by_role("progressbar").get_attribute("value") or 0)
    page.reload()
    bar = row.get_by_role("progressbar")
    expect(bar).to_be_visible()
    assert 0 < before <= int(bar.get_attribute("value") or 0) <= int(bar.get_attribute("max") or 0) == many
    expect(page.get_by_role("button", name="Export an archive")).to_be_disabled()
    expect(row.get_by_role("link", name="Download")).to_have_count(0)
    looked.at(page, "exports-running")
    assert looked.faults == []


def bring_old_comments(paper: Paper, many: int) -> None:
    """Comments of another system, each of which takes an export some milliseconds: what form its text has is tried."""
    text = "\n\n".join(f"See **this** and [that](https://a.example/{number}), *please*." for number in range(4))
    with paper.database.read() as conn:
        site = find_site(conn, paper.key)
    assert site is not None
    import_comments(paper.database, site, [record(2, "a", body=text)], digest="one file")
    with paper.database.transaction() as tx:
        found = sa.select(comments).where(comments.c.site_id == site.id)
        row = {name: value for name, value in tx.conn.execute(found).mappings().one().items() if name != "shown"}
        first = tx.conn.execute(sa.select(sa.func.max(comments.c.id))).scalar_one() + 1
    for begins in range(1, many, 100):  # others write meanwhile
        with paper.database.transaction() as tx:
            tx.conn.execute(
                sa.insert(comments),
                [
                    row | {"id": first + at, "root_id": first + at, "archive_key": f"a{at}"}
                    for at in range(begins, min(begins + 100, many))
                ],
            )
