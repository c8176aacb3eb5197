"""The words of people, one JSON file a language; who shows them asks core/words.py or core/receipt.py for a text."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec


@cache
def house_texts() -> dict[str, Mapping[str, str]]:
    """The files, by language."""
    folder = Path(__file__).parent / "locales"
    return {path.stem: msgspec.json.decode(path.read_bytes()) for path in sorted(folder.glob("*.json"))}
