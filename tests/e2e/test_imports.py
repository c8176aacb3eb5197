"""Imports in a browser, done by a real worker: a file is chosen, tried, imported; what is listed; after a reload."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.pages import ConsoleOnPage
from tests.e2e.test_console_axe import Looked
from tests.importers.test_systems import FILES
from tests.live.paper import Paper


def test_a_file_is_tried_and_imported(paper: Paper, enter: Callable[..., ConsoleOnPage]) -> None:
    looked = Looked()
    page = enter(paper, role="administrator").page
    page.get_by_role("navigation").get_by_role("link", name="Imports").click()
    expect(page.get_by_role("heading", name="No imports")).to_be_visible()
    looked.at(page, "imports-none")
    page.get_by_label("File").set_input_files(FILES["disqus"])
    expect(page.get_by_label("It comes from")).to_have_value("disqus")
    page.get_by_role("button", name="Upload and try").click()
    row = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="disqus.xml"))
    expect(row).to_contain_text("4 would be imported, 0 are here already, 1 would not be imported", timeout=30_000)
    row.get_by_role("button", name="What is listed").click()
    expect(row).to_contain_text("Line 53 not imported")
    looked.at(page, "imports-tried")
    page.reload()
    row.get_by_role("button", name="Import").click()
    expect(row).to_contain_text("4 imported, 0 were here already, 1 not imported", timeout=30_000)
    page.reload()
    expect(row).to_contain_text("4 imported, 0 were here already, 1 not imported")
    looked.at(page, "imports-done")
    assert looked.faults == []


def test_an_import_goes_on_over_a_reload_is_stopped_and_deleted(
    paper: Paper, enter: Callable[..., ConsoleOnPage], tmp_path: Path
) -> None:
    many = 9_000
    line = (
        '{"key":"old:%d","article":{"id":"harbour"},"author":{"id":"a%d"},"body":"*Number* %d, see https://a.example/",'
    )
    line += '"created_at":"2021-04-01T10:02:00Z"}'
    lines = [line % (number, number % 900, number) for number in range(many)]
    file = tmp_path / "old.ndjson"
    file.write_text("\n".join(['{"archive":"comments","version":1}', *lines, ""]))
    looked = Looked()
    page = enter(paper, role="administrator").page
    page.get_by_role("navigation").get_by_role("link", name="Imports").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload and try").click()
    row = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="old.ndjson"))
    expect(row).to_contain_text(f"{many:,} would be imported", timeout=120_000)
    row.get_by_role("button", name="Import").click()
    expect(row).to_contain_text("left", timeout=60_000)
    looked.at(page, "imports-running")
    before = int(row.get_by_role("progressbar").get_attribute("value") or 0)
    page.reload()
    bar = row.get_by_role("progressbar")
    expect(bar).to_be_visible()
    assert before <= int(bar.get_attribute("value") or 0) < file.stat().st_size
    expect(row.get_by_role("button", name="Delete")).to_have_count(0)
    row.get_by_role("button", name="Stop").click()
    expect(row).to_contain_text("Stopped. What was imported stays")
    row.get_by_role("button", name="Import").click()
    expect(row).not_to_contain_text("Stopped.")
    expect(row.get_by_role("button", name="Delete")).to_be_visible(timeout=100_000)
    expect(row).to_contain_text("were here already")
    page.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="No imports")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="No imports")).to_be_visible()
    assert looked.faults == []
