"""docs/webhooks.md stays true: its types are ours, its example checks real messages, its commands run."""

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from comments.core.webhooks import TYPES, new_secret, signed
from tests.configuring import told_apart
from tests.conftest import Environ

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "webhooks.md").read_text()
COMMENTS = Path(sys.executable).parent / "comments"


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def test_the_types_are_ours() -> None:
    assert dict(re.findall(r"^\| `([a-z.]+)` \| (.*) \|$", PAGE, re.MULTILINE)) == TYPES


def test_the_example_checks_messages() -> None:
    there: dict[str, Any] = {}
    exec(block("python"), there)
    read, secret, body, now = there["read_message"], new_secret(), b'{"type":"comment.published"}', int(time.time())
    assert read(secret, signed(body, [new_secret(), secret], "msg_1", now), body) == {"type": "comment.published"}
    for headers, sent in (
        (signed(body, [new_secret()], "msg_1", now), body),
        (signed(body, [secret], "msg_1", now), body + b" "),
        (signed(body, [secret], "msg_1", now) | {"webhook-id": "msg_2"}, body),
        (signed(body, [secret], "msg_1", now - 301), body),
    ):
        with pytest.raises(ValueError, match=r"signed|old"):
            read(secret, headers, sent)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_commands_run(environ: Environ, database_url: str) -> None:
    from comments.actions.sites import NewSite, create_site
    from comments.app import create_app
    from comments.settings import read_settings

    app = create_app(read_settings(environ))
    new = NewSite(
        key="gazette", name="The Gazette", issuer="https://www.gazette.example", products=("digital",),
        origins=("https://www.gazette.example",), secret="a-secret-of-the-gazette-that-is-long-enough",
        **told_apart({}),
    )  # fmt: skip
    with app.extensions["comments"].database.transaction() as tx:
        create_site(tx, new)
    app.extensions["comments"].database.engine.dispose()
    said = [
        subprocess.run([COMMENTS, *line.split()[1:]], env=environ, check=True, capture_output=True, text=True).stdout
        for line in block("sh").splitlines()
    ]
    assert "whsec_" in said[0]
    assert said[1].startswith("1\tworks\thttps://hooks.gazette.example/comments\t") and "whsec_" not in said[1]
    assert said[2] == "Webhook 1 is removed.\n"
