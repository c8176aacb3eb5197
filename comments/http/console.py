"""The console's page."""

import secrets

from flask import Blueprint, Response

from comments.core.errors import CommentsError
from comments.http.bundles import built
from comments.http.headers import NO_SCRIPTS
from comments.http.pages import fail, say
from comments.http.request import parts

blueprint = Blueprint("console", __name__)
blueprint.register_error_handler(CommentsError, say)
blueprint.register_error_handler(Exception, fail)


CONSOLE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Console · comments</title>
<link rel="stylesheet" href="{style}" nonce="{nonce}">
<script type="module" src="{script}" nonce="{nonce}"></script>
</head>
<body><div id="console"></div><noscript>The console needs JavaScript.</noscript></body>
</html>
"""


@blueprint.get("/console")
@blueprint.get("/console/<path:_rest>")
def console(_rest: str = "") -> Response:
    script, style, nonce = built("console.js"), built("console.css"), secrets.token_urlsafe(18)
    live = parts().settings.public_origin.replace("http", "ws", 1)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'nonce-{nonce}'; "
        f"connect-src 'self' {live}; img-src 'self' https: data:; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'none'; {NO_SCRIPTS}"
    )
    page = CONSOLE.format(script=script, style=style, nonce=nonce)
    return Response(page, mimetype="text/html", headers={"Content-Security-Policy": policy})
