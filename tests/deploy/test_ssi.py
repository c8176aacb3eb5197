"""docs/examples/ssi: nginx puts a thread into the publisher's own page."""

import shutil
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path

import lxml.html
import pytest

from comments.app import create_app
from comments.settings import read_settings
from deploy.rehearsal.programs import render, running
from tests.conftest import Environ
from tests.gazette import Gazette
from tests.live.paper import over_http
from tests.served import Served
from tests.servers import free_port

SAMPLE = Path(__file__).parents[2] / "docs/examples/ssi/nginx.conf"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
PAGE = """<!doctype html><html lang="en"><head><title>News</title></head><body><h1>News</h1>
<!--# block name="no-comments" --><p>later</p><!--# endblock -->
<!--# include virtual="/comments-of/{article}" stub="no-comments" --></body></html>"""
WHOLE = """
user root; error_log {home}/error.log; pid {home}/nginx.pid; events {{ }}
http {{
    access_log off;
    default_type text/html;
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
    proxy_cache_path {home}/kept keys_zone=comments:1m;
    server {{ listen 127.0.0.1:{port}; include {home}/sample.conf; }}
}}
"""


def kept_by_nginx(home: Path, service: str) -> list[str | Path]:
    """The command of an nginx on the sample; its port stands in the file `port`."""
    home.mkdir(mode=0o755)
    (home / "pages").mkdir()
    for article in ("1", "none"):
        (home / "pages" / f"{article}.html").write_text(PAGE.format(article=article))
    changes = {
        "https://comments.gazette.example": service, "/srv/gazette": f"{home}/pages", "proxy_ssl_server_name on;": "",
    }  # fmt: skip
    render(SAMPLE, home / "sample.conf", changes)
    (home / "nginx.conf").write_text(WHOLE.format(home=home, port=(port := free_port())))
    (home / "port").write_text(str(port))
    return [str(NGINX), "-p", home, "-c", home / "nginx.conf", "-g", "daemon off;", "-e", home / "error.log"]


def shown(address: str) -> lxml.html.HtmlElement:
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.status == 200
        return lxml.html.document_fromstring(answer.read().decode())


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_includes_the_thread_and_keeps_it(
    served: Callable[..., Served], environ: Environ, tmp_path: Path
) -> None:
    service = served()
    app = create_app(read_settings(environ))
    database = app.extensions["comments"].database
    try:
        kiesel = Gazette.make(app, database.clock).reader()
        kiesel.post("The <b>first</b> of them & all.")
    finally:
        database.engine.dispose()
    home = tmp_path / "nginx"
    with running("nginx-output", kept_by_nginx(home, service.url), tmp_path, stop_by=signal.SIGQUIT) as program:
        program.wait_until((home / "nginx.pid").exists)
        url = f"http://127.0.0.1:{(home / 'port').read_text()}"
        page = shown(f"{url}/1.html")
        (thread,) = page.find_class("comments-fragment")
        assert thread.getparent().tag == "body" and "later" not in page.text_content()
        assert [one.text_content() for one in thread.find_class("comments-body")] == ["The <b>first</b> of them & all."]
        assert "No comments yet" in shown(f"{url}/none.html").text_content()
        assert over_http(url)("GET", "/comments-of/1", {}, None).data is None, "pages alone include it"
        service.stop()
        assert shown(f"{url}/1.html").find_class("comments-body"), "what is kept outlives the service"
    home = tmp_path / "lost"
    with running("nginx-lost", kept_by_nginx(home, service.url), tmp_path, stop_by=signal.SIGQUIT) as program:
        program.wait_until((home / "nginx.pid").exists)
        page = shown(f"http://127.0.0.1:{(home / 'port').read_text()}/1.html")
        assert "later" in page.text_content() and not page.find_class("comments-problem")
