"""Trials by real workers: one is asked for in the console and done by another process, and nothing stands behind it."""

from comments.storage.transaction import system_clock
from tests.conftest import FakeClock
from tests.jobs.conftest import StartWorker
from tests.jobs.test_worker import database, paper
from tests.live.paper import Paper
from tests.servers import wait_until

__all__ = ["database", "paper"]


def test_a_worker_does_it(paper: Paper, clock: FakeClock, start_worker: StartWorker) -> None:
    clock.now = system_clock()  # the worker goes by it, and forgets what is a week old
    kiesel = paper.member("kiesel")
    for text in ("A weasel.", "A hedgehog."):
        kiesel.post("news", text)
    moderator = paper.moderator()
    path = f"/sites/{paper.key}/trials"
    asked = moderator.call("POST", path, {"rules": {"banned_words": ["weasel"]}}).expect(202)
    assert asked["finished_at"] is None
    start_worker()

    def done() -> bool:
        return moderator.call("GET", f"{path}/{asked['id']}").expect(200)["finished_at"] is not None

    wait_until(done, "the trial", 30)
    result = moderator.call("GET", f"{path}/{asked['id']}").expect(200)["result"]
    assert result["changed"] == {"published": 1, "held": 1, "refused": 0}
    (example,) = result["differences"]["held"]["examples"]
    assert (example["author"], example["excerpt"][1]) == ("kiesel", {"text": "weasel", "marked": True})
