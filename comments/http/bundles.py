"""The files that the front end's build made, as prepared bytes: what every new reader loads before the first comment.

Read once for a process; a file's name changes with its content, but for the scripts that pages name.
"""

import functools
import json
import mimetypes
import re
import zlib
from pathlib import Path

from comments.core.errors import Unavailable
from comments.http.headers import SHARED
from comments.http.snapshots import Ready

FOLDER = Path(__file__).parent.parent / "static"
STATIC = "/static/"
NAMED = ("/embed.js", "/teasers.js")  # by publishers' pages
SUFFIXES = {"br": ".br", "gzip": ".gz", "identity": ""}
FOR_A_WHILE = "public, max-age=300, stale-while-revalidate=86400"
FOR_A_YEAR = "public, max-age=31536000, immutable"
SERVED = re.compile(r"(?!manifest\.json$)[\w-][\w./-]{0,199}(?<!\.br)(?<!\.gz)", re.ASCII)


@functools.cache
def _manifest() -> dict[str, dict[str, str]]:
    try:
        manifest: dict[str, dict[str, str]] = json.loads((FOLDER / "manifest.json").read_text())
    except OSError as error:
        raise Unavailable("The browser bundles are not built: run “make setup”.") from error
    return manifest


def built(name: str) -> str:
    """The address of what the build made under this name. Raises Unavailable where nothing is built."""
    return STATIC + _manifest()[name]["file"]


@functools.lru_cache(maxsize=1000)
def bundle_at(path: str, encoding: str) -> Ready | None:
    """The file at this address in this encoding, or as it is if it was not compressed; None where there is none."""
    if path in NAMED:
        return _read(path.removeprefix("/"), encoding, FOR_A_WHILE)
    name = path.removeprefix(STATIC)
    return _read(name, encoding, FOR_A_YEAR) if name != path and SERVED.fullmatch(name) else None


def _read(name: str, encoding: str, caching: str) -> Ready | None:
    file = (FOLDER / (name + SUFFIXES[encoding])).resolve()
    if FOLDER.resolve() not in file.parents or not file.is_file():
        return None if encoding == "identity" else _read(name, "identity", caching)
    body = file.read_bytes()
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    tag = f'"{zlib.crc32(body):08x}-{encoding}"'
    unchanged = [("ETag", tag), ("Cache-Control", caching), ("Vary", "Accept-Encoding"), *SHARED.items()]
    content = [("Content-Type", kind), ("Content-Length", str(len(body)))]
    if encoding != "identity":
        content.append(("Content-Encoding", encoding))
    return Ready(body, tag, [*unchanged, *content], unchanged)
