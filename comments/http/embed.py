"""What browsers load: embed.js, the bundles, the console's page."""

import functools
import json
import mimetypes
import re
import zlib
from pathlib import Path

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound as NoFile

from comments.core.errors import Unavailable
from comments.http.request import parts

blueprint = Blueprint("embed", __name__)
STATIC = Path(__file__).parent.parent / "static"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
A_YEAR = "public, max-age=31536000, immutable"


@functools.lru_cache(maxsize=512)
def _file(name: str, encoding: str | None) -> tuple[bytes, str, str] | None:
    """(bytes, type, ETag) of a built file in this encoding; None where there is none."""
    suffix = dict(ENCODINGS).get(encoding or "", "")
    path = (STATIC / (name + suffix)).resolve()
    if STATIC.resolve() not in path.parents or not path.is_file():
        return None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = "text/javascript" if name.endswith((".js", ".mjs")) else kind
    data = path.read_bytes()
    return data, kind, f"{zlib.crc32(data):08x}-{encoding or 'identity'}"


def _serve(name: str, cache: str) -> Response:
    accepted = [encoding for encoding, _ in ENCODINGS if request.accept_encodings[encoding] > 0]
    found = next(
        (one for encoding in (*accepted, None) if (one := (encoding, _file(name, encoding)))[1] is not None), None
    )
    if found is None or found[1] is None:
        raise NoFile
    encoding, (data, kind, etag) = found[0], found[1]
    response = Response(data, mimetype=kind)
    if encoding is not None:
        response.headers["Content-Encoding"] = encoding
    response.headers["Cache-Control"] = cache
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Timing-Allow-Origin"] = "*"
    response.vary.add("Accept-Encoding")
    response.set_etag(etag)
    response.make_conditional(request.environ)
    return response


@blueprint.get("/embed.js")
def embed() -> Response:
    return _serve("embed.js", "public, max-age=300, stale-while-revalidate=86400")


@blueprint.get("/static/<path:name>")
def static_file(name: str) -> Response:
    if name == "manifest.json" or name.endswith((".br", ".gz")) or not re.fullmatch(r"[\w./-]{1,200}", name, re.ASCII):
        raise NoFile
    return _serve(name, A_YEAR)


@functools.cache
def _manifest() -> dict[str, dict[str, str]]:
    try:
        manifest: dict[str, dict[str, str]] = json.loads((STATIC / "manifest.json").read_text())
    except OSError as error:
        raise Unavailable("The browser bundles are not built: run “make setup”.") from error
    return manifest


CONSOLE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Console · comments</title>
<link rel="stylesheet" href="{style}">
<script type="module" src="{script}"></script>
</head>
<body><div id="console"></div><noscript>The console needs JavaScript.</noscript></body>
</html>
"""


@blueprint.get("/console")
@blueprint.get("/console/<path:_rest>")
def console(_rest: str = "") -> Response:
    names = {logical: entry["file"] for logical, entry in _manifest().items()}
    script = url_for("embed.static_file", name=names["console.js"])
    style = url_for("embed.static_file", name=names["console.css"])
    live = parts().settings.public_origin.replace("http", "ws", 1)
    response = Response(CONSOLE.format(script=script, style=style), mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {live}; "
        "img-src 'self' https: data:; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    return response
