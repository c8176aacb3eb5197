"""What the API refuses with a code of its own is said in the console in words, in both of its languages."""

import re
from pathlib import Path

import pytest

from comments.spoken import house_texts

RAISED = re.compile(r'\b(?:Conflict|Forbidden|Unauthenticated)\(\s*"([a-z_]+)"')
PROGRAMS = {"key_expired", "key_invalid", "key_not_here", "key_revoked", "scope"}  # API keys: no browser has one


def raised() -> set[str]:
    folder = Path(__file__).parent.parent / "comments"
    return {code for path in sorted(folder.rglob("*.py")) for code in RAISED.findall(path.read_text())}


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_code_has_words(language: str) -> None:
    texts, codes = house_texts()[language], raised()
    assert {"too_many_flaggers", "changed_meanwhile", "own_decision"} <= codes
    named = {code: "token" if code.startswith("token_") else code for code in codes - PROGRAMS}
    missing = [
        code for code, name in named.items() if f"console.error.{name}" not in texts and f"error.{name}" not in texts
    ]
    assert not missing, f"no words in {language}: {sorted(missing)}"
