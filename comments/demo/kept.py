"""Small files of the demo's folder: secrets that are made once, and state that is replaced as a whole."""

import os
from collections.abc import Callable
from pathlib import Path


def kept(path: Path, make: Callable[[], str]) -> str:
    """The text of a private file (mode 0600); made, by whoever comes first, if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        replace(draft, make())
        try:
            os.link(draft, path)  # the first one wins, and nobody reads half a file
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def replace(path: Path, text: str) -> None:
    """Write a private file whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
