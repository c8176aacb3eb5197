"""Files that only we may read, made whole or not at all: exports. Folders of such, and of imports. Called by
commands, jobs and views.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def new_private_file(target: Path) -> Iterator[BinaryIO]:
    """A new file of mode 0600, under its name only once the block has ended well. Raises OSError."""
    unfinished = target.with_name(f"{target.name}.part")
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600), "w+b") as stream:
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            unfinished.rename(target)
        finally:
            unfinished.unlink(missing_ok=True)


def private_folder(data_dir: Path, name: str) -> Path:
    """A folder in the data folder that only we may read; made if it is not there."""
    folder = data_dir / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def prune_folder(folder: Path, kept: int) -> None:
    """Delete files that nobody has written to for so many seconds."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.stat().st_mtime < time.time() - kept:
            path.unlink(missing_ok=True)
