"""Lighthouse on the demo's article pages, as on a phone and on a desk: `make lighthouse` prints the scores and fails
below 95.

One page is long, so that the thread is not near when it opens; the other is short, and its thread of 95 comments loads
at once. Performance is a matter of the machine too: the median of some rounds counts.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.served import Served
from tests.servers import free_port, is_open, wait_until

ROOT = Path(__file__).resolve().parent.parent
LIGHTHOUSE = ROOT / ".venv/lighthouse/node_modules/lighthouse/cli/index.js"
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
PAGES = ("night-trams", "from-the-window")
PRESETS = {"phone": (), "desk": ("--preset=desktop",)}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
MACHINE = "machine"  # Lighthouse's own measure of how fast it is just now; below 1000 performance says little
ENOUGH = 95
TAKES = 180  # seconds at most for one run

Scores = dict[str, int]


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """`comments demo` in an empty folder; the address of its newspaper's articles."""
    port, demo_port = free_port(), free_port()
    environ = {"COMMENTS_PORT": str(port), "DEMO_PORT": str(demo_port), "COMMENTS_DATA_DIR": str(folder / "var")}
    served = Served(["demo"], environ, f"http://localhost:{port}", folder / "demo.log")
    try:
        served.wait_until_ready()
        wait_until(lambda: is_open(demo_port), "the newspaper", 60)
        yield f"http://gazette.localhost:{demo_port}/articles"
    finally:
        served.stop()


def run(address: str, options: tuple[str, ...], report: Path) -> Scores:
    """One run; Chromium starts anew for it. The whole report stays at `report`."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not installed (Debian: apt-get install chromium).")
    command: list[str | Path] = [ROOT / ".venv/bin/node", LIGHTHOUSE, address, *options, f"--chrome-flags={FLAGS}"]
    command += ["--quiet", "--no-enable-error-reporting", "--output=json", f"--output-path={report}"]
    command += [f"--only-categories={','.join(CATEGORIES)}"]
    subprocess.run(command, check=True, timeout=TAKES, env=os.environ | {"CHROME_PATH": chromium})
    found = json.loads(report.read_text())
    if "runtimeError" in found:
        sys.exit(f"Lighthouse could not measure {address}: {found['runtimeError']['message']}")
    scores = {name: round(100 * (found["categories"][name]["score"] or 0)) for name in CATEGORIES}
    return scores | {MACHINE: round(found["environment"]["benchmarkIndex"])}


def measure(articles: str, rounds: int, reports: Path) -> bool:
    """Print a line for each page and preset; whether every median is enough."""
    print(f"{'':28}{''.join(f'{name:>16}' for name in CATEGORIES)}")
    enough = True
    for page in PAGES:
        for preset, options in PRESETS.items():
            runs = [
                run(f"{articles}/{page}", options, reports / f"lighthouse-{page}-{preset}-{number}.json")
                for number in range(1, rounds + 1)
            ]
            medians = {name: int(statistics.median(one[name] for one in runs)) for name in CATEGORIES}
            performance = ", ".join(f"{one['performance']} ({one[MACHINE]})" for one in runs)
            shown = "".join(f"{medians[name]:>16}" for name in CATEGORIES)
            print(f"{f'{page}, {preset}':28}{shown}   performance (machine): {performance}", flush=True)
            enough &= min(medians.values()) >= ENOUGH
    return enough


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    rounds: int = arguments.parse_args().rounds
    reports = ROOT / "benchmarks/results"
    reports.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="comments-lighthouse-") as folder, demo(Path(folder)) as articles:
        enough = measure(articles, rounds, reports)
    print(f"Each is to be {ENOUGH} or more; load of this machine just now: {os.getloadavg()[0]:.1f}")
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
