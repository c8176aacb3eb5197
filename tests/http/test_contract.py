"""schemathesis against the real service: whatever it makes of our OpenAPI document, no answer is a 5xx and each is what
the document says. A short run is part of the suite; `make contract` takes EXAMPLES for each operation.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from comments.app import create_app
from comments.settings import read_settings
from comments.storage.transaction import system_clock
from tests.conftest import NO_LIMIT
from tests.gazette import API, Desk, Gazette, Reader
from tests.served import Served
from tests.servers import free_port

EXAMPLES = os.environ.get("EXAMPLES", "1")  # of each operation
IDS = [True, False] if "EXAMPLES" in os.environ else [True]  # those that there are; any
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,allow_header_conformance"
)
LEAVES = r"/console/(session|account)"  # what ends the session that the run needs


class Fixture:
    """A service with a site, somebody who writes there, and an administrator."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://localhost:{port}"
        environ = {
            "COMMENTS_DATA_DIR": str(folder / "data"),
            "COMMENTS_PORT": str(port),
            "COMMENTS_POSTS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_REACTIONS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_REQUESTS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_SITE_POSTS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_SITE_REQUESTS_PER_MINUTE": NO_LIMIT,
        }
        self.served = Served(["serve"], environ, self.url, folder / "log").wait_until_ready()
        app = create_app(read_settings(environ))
        paper = Gazette.make(app, system_clock)
        self.reader: Reader = paper.reader()
        self.desk: Desk = paper.desk("administrator")
        root = self.reader.post("hello there")["id"]
        self.reader.post("and a reply", root)
        paper.reader("bach").report(root)
        cookie = self.desk.client.get_cookie("comments_console", path="/")
        assert cookie is not None
        self.cookie = f"comments_console={cookie.value}"
        app.extensions["comments"].database.engine.dispose()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fixture]:
    made = Fixture(tmp_path_factory.mktemp("contract"))
    yield made
    assert made.served.stop() == 0
    assert not made.served.complaints()


def asked(service: Fixture, folder: Path, which: list[str], headers: dict[str, str], real: bool) -> None:
    """Run it on some operations; `real`: with ids that there are."""
    parameters = (
        '[parameters]\n"path.site" = "gazette"\n"path.article" = "1"\n"path.comment" = "1"\n"path.member" = "1"\n'
    )
    config = folder / "schemathesis.toml"
    config.write_text(parameters if real else "")
    command = [
        *(str(SCHEMATHESIS), "--config-file", str(config), "run", f"{service.url}{API}/openapi.json"),
        *("--url", service.url, "--checks", CHECKS, "--max-examples", EXAMPLES, "--phases", "examples,fuzzing"),
        *("--suppress-health-check", "all", "--no-color", "--generation-database", "none", "--warnings", "off"),
        *("--continue-on-failure", "--workers", "2", *which),
    ]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=3600, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    print(done.stdout[-1500:])


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("real", IDS, ids=lambda real: "ids that there are" if real else "any ids")
def test_the_widgets_side(service: Fixture, tmp_path: Path, real: bool) -> None:
    headers = {"Authorization": f"Bearer {service.reader.token}"}
    asked(service, tmp_path, ["--exclude-path-regex", f"{API}/console/"], headers, real)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("real", IDS, ids=lambda real: "ids that there are" if real else "any ids")
def test_the_consoles_side(service: Fixture, tmp_path: Path, real: bool) -> None:
    headers = {"Cookie": service.cookie, "X-CSRF-Token": service.desk.csrf}
    which = ["--include-path-regex", f"{API}/console/", "--exclude-path-regex", LEAVES]
    asked(service, tmp_path, which, headers, real)


@pytest.mark.timeout(3600)
def test_the_doors(service: Fixture, tmp_path: Path) -> None:
    """What opens and ends sessions, by somebody who has none."""
    asked(service, tmp_path, ["--include-path-regex", LEAVES], {}, real=False)
