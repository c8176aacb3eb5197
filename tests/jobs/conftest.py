"""A real worker, and a real mail server, for the tests of this folder."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from comments.core.smtp import read_smtp_url
from tests.conftest import Environ
from tests.gazette import parts_of
from tests.postbox import Postbox, postbox
from tests.served import COMMENTS

StartWorker = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start_worker(environ: Environ, tmp_path: Path) -> Iterator[StartWorker]:
    """Start a real `comments worker`; at the end it must stop well when asked."""
    running: list[subprocess.Popen[bytes]] = []
    log = tmp_path / "worker.log"

    def start() -> subprocess.Popen[bytes]:
        kept = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "default"}
        kept |= {"COMMENTS_PRIVATE_HOSTS": "localhost"}  # classifiers of these tests
        with log.open("ab") as output:
            command = [COMMENTS, "worker"]
            running.append(subprocess.Popen(command, cwd=tmp_path, env=kept | environ, stdout=output, stderr=output))
        return running[-1]

    yield start
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) in (0, -signal.SIGTERM)  # the latter: others did its work before it had begun
    print(log.read_text() if log.exists() else "", file=sys.stderr)


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as box:
        yield box


@pytest.fixture
def mailing_app(app: Flask, box: Postbox) -> Flask:
    """The service with that mail server."""
    parts = parts_of(app)
    parts.settings = replace(parts.settings, smtp=read_smtp_url(box.url()), mail_from="comments@gazette.example")
    return app
