"""A publisher's own web server, on gazette.localhost: articles with the script tag, a log-in, a subscription, tokens.

It knows of the service what a publisher knows: a site's key and secret, and the address of embed.js. Its pages carry
the strictest Content-Security-Policy that the widget is to live with.
"""

import html
import json
import threading
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from tests.live.paper import Paper

ARTICLE = """<!doctype html>
<html lang="{language}" dir="{direction}"><meta charset="utf-8"><title>{article} – The Gazette</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<h1>{article}</h1>
<p>Read by many. <span data-comment-count="{article}"></span></p>
<script async src="{service}/embed.js"
        data-site="{site}" data-article="{article}" data-token-url="/{site}/token"></script>
<noscript><a href="{service}/articles/{site}/{article}">Read the comments</a></noscript>
</html>"""
POLICY = (
    "default-src 'none'; script-src {service}; connect-src 'self' {service} {sockets};"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)


@dataclass
class Newspaper:
    """`papers`: the sites by key; `accounts`: readers by name, with their state: registered, trial, active…; `hosts`:
    whole pages of other kinds by their names, at /SITE/host-NAME and without a policy.
    """

    service: str
    server: ThreadingHTTPServer = field(init=False)
    papers: dict[str, Paper] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
        self.server.daemon_threads = True
        self.server.newspaper = self  # type: ignore[attr-defined]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://gazette.localhost:{self.server.server_port}"

    def address(
        self,
        paper: Paper,
        article: str,
        comment: str | None = None,
        service: str | None = None,
        language: str | None = None,
    ) -> str:
        """Where an article lies; `service`: reached through another address than the usual; `language`: of the page."""
        asked = {"service": service, "language": language}
        query = urlencode({name: value for name, value in asked.items() if value})
        where = f"{self.origin}/{paper.key}/{article}" + (f"?{query}" if query else "")
        return where + (f"#comment-{comment}" if comment else "")

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Page(BaseHTTPRequestHandler):
    """/SITE/ARTICLE?service=…, /SITE/token, /SITE/log-in?back=…, /SITE/enter?name=…&back=…, /SITE/subscribe?back=…"""

    def do_GET(self) -> None:
        self.newspaper: Newspaper = self.server.newspaper  # type: ignore[attr-defined]
        address = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(address.query).items()}
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("reader")
        self.reader = cookie.value if cookie else None
        site, _, page = address.path.strip("/").partition("/")
        acts = {"token": self._token, "log-in": self._log_in, "enter": self._enter, "subscribe": self._subscribe}
        paper = self.newspaper.papers.get(site)
        if paper is None:
            self._answer(204)  # the icon, which every browser asks for
        elif page in acts:
            acts[page](paper)
        elif page.startswith("host-"):
            self._answer(200, self.newspaper.hosts[page.removeprefix("host-")])
        else:
            self._article(paper, page)

    def _article(self, paper: Paper, article: str) -> None:
        service = self.query.get("service", self.newspaper.service)
        language = self.query.get("language", "en")
        direction = "rtl" if language in {"ar", "he"} else "ltr"
        body = ARTICLE.format(
            article=html.escape(article), site=paper.key, service=service, language=language, direction=direction
        )
        policy = POLICY.format(service=service, sockets=service.replace("http", "ws", 1))
        self._answer(200, body, {"Content-Security-Policy": policy})

    def _token(self, paper: Paper) -> None:
        if self.reader is None:
            self._answer(204)
            return
        token = paper.sign(self.reader, self.newspaper.accounts.get(self.reader, "registered"))
        self._answer(200, json.dumps({"token": token}), {"Content-Type": "application/json"})

    def _log_in(self, paper: Paper) -> None:
        back = quote(self.query["back"], safe="")
        link = '<a href="/{site}/enter?name={name}&amp;back={back}">{name}</a>'
        links = [link.format(site=paper.key, name=name, back=back) for name in self.newspaper.accounts]
        self._answer(200, "<!doctype html><h1>Who are you?</h1>" + " ".join(links))

    def _enter(self, _paper: Paper) -> None:
        cookie = f"reader={self.query['name']}; HttpOnly; Path=/"
        self._answer(302, "", {"Set-Cookie": cookie, "Location": self.query["back"]})

    def _subscribe(self, _paper: Paper) -> None:
        if self.reader is not None:
            self.newspaper.accounts[self.reader] = "active"
        self._answer(302, "", {"Location": self.query["back"]})

    def _answer(self, status: int, body: str = "", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        usual = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        for name, value in (usual | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing: the browser tells what matters."""
