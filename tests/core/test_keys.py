"""The console's own table of keys says what the service's says."""

import re
from pathlib import Path

from comments.core.keys import KEYS

TABLE = Path(__file__).parents[2] / "comments" / "frontend" / "console" / "bindings.ts"


def test_the_console_has_the_same_keys() -> None:
    rows = re.findall(r'^  (\w+): \{ key: "(.+?)",', TABLE.read_text(), re.MULTILINE)
    assert dict(rows) == KEYS
