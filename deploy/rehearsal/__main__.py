"""`deploy/rehearse`: starts the cluster and waits, or puts it to the test and tells what it found."""

import argparse
import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from comments.app import create_app
from comments.settings import read_settings
from deploy.rehearsal.cluster import Cluster, cluster
from deploy.rehearsal.outage import Findings, Size, rehearse_outage, rehearse_upgrade
from deploy.rehearsal.programs import missing_programs
from deploy.rehearsal.stories import tell_stories
from tests.live.paper import Paper, over_http
from tests.served import COMMENTS
from tests.servers import ServerError


def main() -> int:
    parser = argparse.ArgumentParser(prog="deploy/rehearse", description=__doc__)
    parser.add_argument("--check", action="store_true", help="browser stories, then load with an outage; then end")
    parser.add_argument("--only", choices=["stories", "outage"], help="a part of the check")
    parser.add_argument(
        "--from",
        dest="before",
        type=Path,
        metavar="PROGRAM",
        help="an upgrade under load, from the version whose `comments` this is; then end",
    )
    parser.add_argument("--keep", action="store_true", help="leave the folder with all logs at the end")
    chosen = parser.parse_args()
    missing = missing_programs()
    if missing:
        print(f"rehearse: run 'apt-get install --no-install-recommends {' '.join(missing)}' first.", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))  # also where a shell started it in the background
    began = time.monotonic()
    try:
        with cluster(chosen.keep, chosen.before or COMMENTS) as running:
            print(f"{running.url} answers after {time.monotonic() - began:.1f} s; everything is in {running.folder}")
            if not (chosen.check or chosen.only or chosen.before):
                return _wait(running)
            findings = check(running, "upgrade" if chosen.before else chosen.only)
    except ServerError as error:
        print(f"rehearse: {error}", file=sys.stderr)
        return 1
    print(f"{time.monotonic() - began:.0f} s in all, {len(findings.wrong)} wrong")
    return 1 if findings.wrong else 0


def _wait(running: Cluster) -> int:
    print(f"the certificate's authority is {running.nginx.certificate}; Ctrl-C ends it")
    signal.pause()
    return 0


def check(running: Cluster, only: str | None, size: Size | None = None) -> Findings:
    """Everything, or a part of it; a finding for each log that complains, too."""
    findings = Findings()
    with publisher(running) as paper:
        if only in (None, "stories"):
            tell_stories(running, findings)
        if only in (None, "outage"):
            rehearse_outage(running, paper, size or Size(), findings)
        if only == "upgrade":
            rehearse_upgrade(running, paper, size or Size(), findings)
    complaints = [line for machine in running.machines for line in machine.complaints()]
    findings.add("complaints in the service's logs", "\n".join(complaints[:5]) or 0, not complaints)
    return findings


@contextlib.contextmanager
def publisher(running: Cluster) -> Iterator[Paper]:
    """A site of the cluster and its publisher, who speaks to nginx and trusts its certificate."""
    before = {name: os.environ.get(name) for name in running.trusting()}
    os.environ.update(running.trusting())
    app = create_app(read_settings(running.environ))
    database = app.extensions["comments"].database
    try:
        yield Paper.found(over_http(running.url), database)
    finally:
        database.engine.dispose()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


if __name__ == "__main__":
    sys.exit(main())
