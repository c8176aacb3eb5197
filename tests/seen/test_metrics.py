"""/metrics: who may read it, what it says of a story, and that one scrape tells of all processes that live."""

import os
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from flask import Flask
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from comments.http.observed import NOWHERE
from comments.seen import counted
from comments.seen.meters import METERS, MOST_SERIES, OTHER, Counter, Histogram
from comments.seen.sharing import Sharing
from tests.gazette import API, Gazette, refused
from tests.served import Served, descendants
from tests.servers import free_port, wait_until

TOKEN = "a-token-for-the-tests"
OPERATOR = {"Authorization": f"Bearer {TOKEN}"}
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def figures(text: str) -> Figures:
    """(name, sorted labels) → value of every sample."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples}


def scrape(url: str, **headers: str) -> Figures:
    with urllib.request.urlopen(urllib.request.Request(f"{url}/metrics", headers=OPERATOR | headers)) as answer:
        return figures(answer.read().decode())


def total(found: Figures, name: str, **labels: str) -> float:
    return sum(value for (one, has), value in found.items() if one == name and set(labels.items()) <= set(has))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_a_token_there_is_nothing(app: Flask) -> None:
    nowhere = app.test_client().get("/nothing", headers=OPERATOR)
    answer = app.test_client().get("/metrics", headers=OPERATOR)
    assert refused(answer, 404) == refused(nowhere, 404)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.environ(COMMENTS_METRICS_TOKEN=TOKEN)
@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ünï", TOKEN])
def test_others_are_told_that_it_does_not_exist(app: Flask, sent: str) -> None:
    answer = app.test_client().get("/metrics", headers={"Authorization": sent, "Origin": "https://paper.example"})
    refused(answer, 404)
    assert b"comments_" not in answer.data


@pytest.mark.environ(COMMENTS_METRICS_TOKEN=TOKEN)
def test_a_story_in_figures(paper: Gazette) -> None:
    client = paper.app.test_client()

    def look() -> Figures:
        return figures(client.get("/metrics", headers=OPERATOR).text)

    before = look()
    kiesel = paper.reader("kiesel")
    kiesel.post("hello there")
    refused(kiesel.send(""), 422)
    paper.page()
    tag = client.get(f"{API}{paper.article()}/comments").headers["ETag"]
    assert client.get(f"{API}{paper.article()}/comments", headers={"If-None-Match": tag}).status_code == 304
    client.get("/nothing/at/all/canary")
    after = look()

    def grew(name: str, **labels: str) -> float:
        return total(after, name, **labels) - total(before, name, **labels)

    assert (grew("comments_posts_total", verdict="published"), grew("comments_posts_total", verdict="refused")) == (
        1,
        1,
    )
    assert grew("comments_requests_total", endpoint="prepared page", status="2xx") == 2
    assert grew("comments_requests_total", endpoint="prepared page", status="3xx") == 1
    assert grew("comments_prepared_made_total") == 1
    assert grew("comments_requests_total", endpoint=NOWHERE, status="4xx") == 1
    create = f"{API}/sites/<site>/articles/<article:article>/comments"
    assert grew("comments_requests_total", endpoint=create, method="POST", status="2xx") == 1
    assert grew("comments_request_seconds_count", endpoint=create) == 2
    assert grew("comments_transaction_seconds_count") >= 1
    assert grew("comments_database_wait_seconds_count") >= 3
    assert total(after, "comments_prepared_bytes") > 1000
    assert total(after, "comments_database_up") == 1
    assert total(after, "comments_database_connections_limit") >= 10
    assert "canary" not in str(after) and "kiesel" not in str(after) and paper.key not in str(after)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.environ(COMMENTS_METRICS_TOKEN=TOKEN)
def test_queues_and_jobs_have_ages(paper: Gazette, clock: Any) -> None:
    clock.forward(90)
    paper.reader("kiesel").post("hello there")
    clock.forward(30)
    found = figures(paper.app.test_client().get("/metrics", headers=OPERATOR).text)
    assert total(found, "comments_queue_oldest_seconds", queue="new") == 30
    assert total(found, "comments_queue_oldest_seconds", queue="waiting") == 0
    assert total(found, "comments_jobs_parked") == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.environ(COMMENTS_METRICS_TOKEN=TOKEN)
def test_both_formats(app: Flask) -> None:
    plain = app.test_client().get("/metrics", headers=OPERATOR)
    assert plain.content_type.startswith("text/plain; version=")
    assert plain.headers["Cache-Control"] == "no-store" and "Access-Control-Allow-Origin" not in plain.headers
    asked = OPERATOR | {"Accept": "application/openmetrics-text; version=1.0.0"}
    newer = app.test_client().get("/metrics", headers=asked)
    assert newer.content_type.startswith("application/openmetrics-text")
    names = {family.name for family in openmetrics(newer.text)}
    assert names == set(METERS) and newer.text.endswith("# EOF\n")


def test_a_meter_stops_growing() -> None:
    meter = Counter("test_bounded", "For this test.", "name")
    try:
        for number in range(MOST_SERIES + 50):
            meter.add(str(number))
        series = meter.series()
        assert (len(series), series[(OTHER,)]) == (MOST_SERIES + 1, [50])
    finally:
        del METERS["test_bounded"]


def test_buckets_hold_what_they_say() -> None:
    meter = Histogram("test_buckets", "For this test.", buckets=(1.0, 2.0))
    try:
        for value in (0.5, 1.0, 1.5, 2.0, 2.5):
            meter.observe(value)
        assert meter.series() == {(): [2, 2, 1, 7.5]}
    finally:
        del METERS["test_buckets"]


def test_the_dead_leave_their_counters_and_take_their_gauges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends by kill -9 is found out by the lock that ends with it; adding it up twice changes nothing."""
    monkeypatch.setattr(counted.SOCKETS, "collect", list)  # an application of another test may live on, with sockets
    ours = Sharing(tmp_path)
    ours.start()
    told, tells = os.pipe()
    child = os.fork()
    if not child:
        counted.CONNECTS.add(by=7)
        counted.SOCKETS.collect = lambda: [((), 5)]
        Sharing(tmp_path).start()
        os.write(tells, b".")
        signal.pause()
    os.read(told, 1)
    before = ours.total()
    mine = counted.CONNECTS.series().get((), [0.0])[0]
    assert (before["comments_sockets"][()][0], before["comments_socket_connects"][()][0]) == (5, 2 * mine + 7)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    for _ in range(2):
        after = ours.total()
        assert after["comments_socket_connects"][()] == before["comments_socket_connects"][()]
        assert after.get("comments_sockets", {}).get((), [0.0]) == [0.0]
    assert len(list(tmp_path.glob("*.json"))) == 1, "the dead one's file is gone"
    ours.end()
    for end in (told, tells):
        os.close(end)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_one_scrape_for_all_processes(environ: dict[str, str], redis_url: str, tmp_path: Path) -> None:
    """Two serving processes and the worker; one of those that serve dies, and the sum does not fall."""
    port = str(free_port())
    more = {"COMMENTS_REDIS_URL": redis_url, "COMMENTS_METRICS_TOKEN": TOKEN, "COMMENTS_PORT": port}
    service = Served(["serve", "--workers", "2"], environ | more, f"http://localhost:{port}", tmp_path / "log")
    try:
        one_scrape_for_all(service.wait_until_ready())
        assert service.stop() == 0
    finally:
        service.kill()


def one_scrape_for_all(service: Served) -> None:

    def processes() -> tuple[float, float]:
        found = scrape(service.url)
        return (total(found, "comments_processes", kind="all"), total(found, "comments_processes", kind="worker"))

    def redis() -> tuple[float, float]:
        found = scrape(service.url)
        return (total(found, "comments_redis_heard"), total(found, "comments_redis_wanted"))

    wait_until(lambda: processes() == (2, 1), "two serving processes and a worker", 30)
    wait_until(lambda: redis() == (2, 2), "two that hear Redis: the worker need not", 30)
    for _ in range(40):
        with pytest.raises(HTTPError):
            urllib.request.urlopen(f"{service.url}/nothing")
    seen = [total(scrape(service.url), "comments_requests_total", endpoint=NOWHERE) for _ in range(6)]
    wait_until(lambda: total(scrape(service.url), "comments_requests_total", endpoint=NOWHERE) == 40, "all of them", 5)
    assert seen == sorted(seen)
    serving = [pid for pid in descendants(service.pid) if b"comments.serving" in cmdline(pid)]
    assert len(serving) == 3, "the arbiter and two that serve"
    os.kill(serving[-1], signal.SIGKILL)
    wait_until(lambda: processes() == (2, 1), "another in its place", 30)
    assert total(scrape(service.url), "comments_requests_total", endpoint=NOWHERE) == 40
    wait_until(lambda: redis() == (2, 2), "two of them, the dead forgotten", 30)


def cmdline(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_of_its_own(served: Callable[..., Served], tmp_path: Path) -> None:
    service = served("serve", COMMENTS_METRICS_TOKEN=TOKEN)
    port = free_port()
    alone = Served(["worker", "--metrics-port", str(port)], service.environ | {"COMMENTS_METRICS_TOKEN": TOKEN},
                   f"http://localhost:{port}", tmp_path / "alone.log")  # fmt: skip
    try:
        wait_until(lambda: answers(alone.url), "the worker's figures", 30)
        assert total(scrape(alone.url), "comments_processes", kind="worker") == 1
        with pytest.raises(HTTPError, match="404"):
            urllib.request.urlopen(f"{alone.url}/metrics")
        wait_until(lambda: total(scrape(alone.url), "comments_job_seconds_count") + total(
            scrape(service.url), "comments_job_seconds_count") > 0, "a job that one of the two did", 20)  # fmt: skip
    finally:
        assert alone.stop() == 0
    assert alone.complaints() == []


def answers(url: str) -> bool:
    try:
        return bool(scrape(url))
    except OSError:
        return False


def test_the_manual_names_every_figure() -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "operating.md").read_text()
    assert [name for name in METERS if f"`{name}`" not in text] == []
