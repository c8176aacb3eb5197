"""A key of the publishers' API in a browser: made after the password, shown once, used by a program, revoked."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from comments.storage.tables import console_sessions
from tests.e2e.pages import ConsoleOnPage
from tests.e2e.test_console_axe import Looked
from tests.live.paper import HELD, PASSWORD, Paper


@pytest.mark.timeout(300)
def test_from_making_to_revoking(paper: Paper, enter: Callable[..., ConsoleOnPage]) -> None:
    looked = Looked()
    page = enter(paper, role="administrator", foreseen="status of 403").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    paper.member("kiesel").post("news", f"{HELD}!")
    page.get_by_role("navigation").get_by_role("link", name="API keys").click()
    expect(page.get_by_role("heading", name="No keys")).to_be_visible()
    looked.at(page, "api-keys-none")
    page.get_by_role("button", name="Make a key").click()
    dialog = page.get_by_role("dialog", name="Make a key")
    dialog.get_by_label("Name").fill("Newsroom dashboard")
    looked.at(page, "api-keys-form")
    with paper.database.transaction() as tx:
        tx.conn.execute(sa.update(console_sessions).values(proved_at=tx.now - 601_000_000))
    dialog.get_by_role("button", name="Make the key").click()
    page.get_by_role("dialog", name="Is it you?").get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    shown = page.get_by_role("dialog").get_by_label("The key", exact=True)
    expect(shown).to_have_value(re.compile("^cak_"))
    key = shown.input_value()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key
    looked.at(page, "api-keys-key")
    page.get_by_role("dialog").get_by_role("button", name="I have kept it").click()
    card = page.get_by_role("listitem").filter(has_text="Newsroom dashboard")
    expect(card).to_contain_text("Never used")
    assert key not in page.content()

    path, bearer = f"/api/v1/console/sites/{paper.key}", {"Authorization": f"Bearer {key}"}
    assert paper.call("GET", f"{path}/queues", **bearer).expect(200)["waiting"] == 1
    paper.call("PATCH", f"{path}/articles/news", {"mode": "closed"}, **bearer).expect(403)  # it may read
    page.reload()
    expect(card).not_to_contain_text("Never used")
    looked.at(page, "api-keys-used")
    card.get_by_role("button", name="Revoke").click()
    looked.at(page, "api-keys-revoke")
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    expect(card).to_contain_text("revoked")
    looked.at(page, "api-keys-revoked")
    paper.call("GET", f"{path}/queues", **bearer).expect(401)
    assert not looked.faults, "\n".join(looked.faults)
