"""The console's page."""

import functools
import json

from flask import Blueprint, Response

from comments.core.errors import Unavailable
from comments.http.bundles import FOLDER, STATIC
from comments.http.request import parts

blueprint = Blueprint("console", __name__)


@functools.cache
def _manifest() -> dict[str, dict[str, str]]:
    try:
        manifest: dict[str, dict[str, str]] = json.loads((FOLDER / "manifest.json").read_text())
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
    script = STATIC + names["console.js"]
    style = STATIC + names["console.css"]
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
