"""The files that the front end's build made, as prepared bytes: what every new reader loads before the first comment.

Read once for a process; a file's name changes with its content, but for embed.js, which pages name.
"""

import functools
import mimetypes
import re
import zlib
from pathlib import Path

from comments.http.snapshots import EVERY, Ready

FOLDER = Path(__file__).parent.parent / "static"
EMBED, STATIC = "/embed.js", "/static/"
SUFFIXES = {"br": ".br", "gzip": ".gz", "identity": ""}
FOR_A_WHILE = "public, max-age=300, stale-while-revalidate=86400"
FOR_A_YEAR = "public, max-age=31536000, immutable"
SERVED = re.compile(r"(?!manifest\.json$)[\w-][\w./-]{0,199}(?<!\.br)(?<!\.gz)", re.ASCII)


@functools.lru_cache(maxsize=1000)
def bundle_at(path: str, encoding: str) -> Ready | None:
    """The file at this address in this encoding, or as it is if it was not compressed; None where there is none."""
    if path == EMBED:
        return _read("embed.js", encoding, FOR_A_WHILE)
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
    unchanged = [("ETag", tag), ("Cache-Control", caching), ("Vary", "Accept-Encoding"), *EVERY]
    content = [("Content-Type", kind), ("Content-Length", str(len(body)))]
    if encoding != "identity":
        content.append(("Content-Encoding", encoding))
    return Ready(body, tag, [*unchanged, *content], unchanged)
