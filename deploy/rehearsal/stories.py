"""The browser stories of tests/e2e, told to the running cluster instead of to a service of their own."""

import json
import os
import re
import subprocess
import sys

from deploy.rehearsal.cluster import Cluster
from deploy.rehearsal.outage import Findings
from tests.servers import ROOT

STORIES = {
    "test_live.py": (
        "test_a_post_appears_in_the_second_browser_within_a_second",
        "test_edits_withdrawals_and_recommendations_arrive",
        "test_a_held_comment_is_seen_by_its_author_and_moderators_only",
        "test_after_a_cut_line_the_thread_is_that_of_a_fresh_reload",
        "test_what_is_posted_without_a_line_is_sent_when_it_is_back",
    ),
    "test_thread.py": (
        "test_a_long_thread_comes_page_by_page_and_in_three_orders",
        "test_a_permalink_opens_a_deep_comment_with_its_ancestors",
        "test_a_refused_post_keeps_its_text_and_says_why",
    ),
    "test_gates.py": ("test_subscribers_write", "test_a_draft_survives_logging_in_and_subscribing"),
    "test_console.py": (
        "test_approving_a_held_comment_makes_it_appear",
        "test_an_article_is_closed_from_the_console",
    ),
}
EVERY = [f"tests/e2e/{file}::{name}" for file, names in STORIES.items() for name in names]


def tell_stories(cluster: Cluster, findings: Findings, stories: list[str] = EVERY) -> None:
    """Chromium through nginx."""
    running = cluster.folder / "running.json"
    running.write_text(json.dumps({"url": cluster.url, "environ": cluster.environ}))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *stories],
        cwd=ROOT, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | cluster.trusting() | {"STORIES_TOLD_TO": str(running)},
    )  # fmt: skip
    last = done.stdout.strip().rpartition("\n")[2]
    if done.returncode:
        print(done.stdout)
    findings.add("browser stories through nginx", re.sub(r"=+", "", last).strip(), done.returncode == 0)
