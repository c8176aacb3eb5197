"""Readers, writers and sockets at work while one machine is killed and comes back, and then each is restarted in turn;
or while the tables and then one machine after the other come to another version.

Nothing may be lost: every confirmed comment is there once, no read fails, every socket has the whole thread again.
"""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

import sqlalchemy as sa

from comments.storage.tables import articles, comments, sites
from deploy.rehearsal.cluster import Cluster, Machine
from deploy.rehearsal.load import ARTICLE, Follower, Read, Writer, at_work, readers
from tests.live.paper import Paper
from tests.served import COMMENTS
from tests.servers import ServerError, wait_until

CAME_BACK = 15.0  # seconds, for 99 of 100 sockets of a machine that leaves in order
BACK_WITHIN = 10.0  # seconds for the sockets of a machine that died to be open at the other


@dataclass(frozen=True)
class Size:
    """How much load, and how long each phase of it (seconds)."""

    writers: int = 8
    followers: int = 60
    phase: float = 8.0
    written_before: int = 60


SMALL = Size(writers=4, followers=20, phase=3.0, written_before=30)


@dataclass
class Findings:
    """The table that is printed; a finding that is not fine fails the rehearsal."""

    rows: list[tuple[str, str, bool]] = field(default_factory=list)

    def add(self, what: str, figure: object, fine: bool = True) -> None:
        self.rows.append((what, str(figure), fine))
        print(f"{'ok   ' if fine else 'WRONG'}  {what:<58} {figure}", flush=True)

    @property
    def wrong(self) -> list[str]:
        return [f"{what}: {figure}" for what, figure, fine in self.rows if not fine]


def rehearse_outage(cluster: Cluster, paper: Paper, size: Size, findings: Findings) -> None:
    """A machine dies and comes back, and both are restarted; what was found is added to `findings`."""
    with _load(cluster, paper, size, findings) as followers:
        _kill_and_start(cluster, followers, size, findings)
        for machine in cluster.machines:
            _restart(cluster, machine, followers, findings)


def rehearse_upgrade(cluster: Cluster, paper: Paper, size: Size, findings: Findings) -> None:
    """This version's tables below machines that run another, then this version on one machine after the other."""
    with _load(cluster, paper, size, findings) as followers:
        began = time.monotonic()
        cluster.migrate(COMMENTS)
        findings.add("tables of the new version below the version before", f"{time.monotonic() - began:.1f} s")
        time.sleep(size.phase)
        for machine in cluster.machines:
            machine.program = COMMENTS
            _restart(cluster, machine, followers, findings)
            time.sleep(size.phase)  # both versions at work side by side
        away = sorted(cut for one in followers for cut in one.cuts)
        late = away[int(len(away) * 0.99)]
        told = f"{len(away)} cuts, median {median(away):.1f} s, p99 {late:.1f} s"
        findings.add("sockets that were told to go: until they were back", told, late <= CAME_BACK)


@contextlib.contextmanager
def _load(cluster: Cluster, paper: Paper, size: Size, findings: Findings) -> Iterator[list[Follower]]:
    """Everybody at work during the block and a while before and after; then what they saw."""
    writers, followers = _people(cluster, paper, size)
    page = f"{paper.path(ARTICLE)}/comments"
    paths = [page, page, f"/api/v1/sites/{paper.key}/counts?article={ARTICLE}", "/embed.js"]
    with readers(cluster.url, paths) as end_reading, at_work([one.follow for one in followers]) as stop_following:
        with at_work([one.write for one in writers]) as stop_writing:
            _open(followers, 20)
            time.sleep(size.phase)
            yield followers
            time.sleep(size.phase)
            stop_writing()
        reading = end_reading()
        _tell_reads(reading, findings)
        _tell_posts(paper, writers, findings)
        _tell_sockets(paper, followers, findings)
        stop_following()
    doctor = cluster.command("doctor")
    wrong = [line for line in doctor.stdout.splitlines() if not line.startswith("ok")]
    findings.add("comments doctor", "; ".join(wrong) or "clean", doctor.returncode == 0 and not wrong)


def _people(cluster: Cluster, paper: Paper, size: Size) -> tuple[list[Writer], list[Follower]]:
    members = [paper.member(f"member-{number}") for number in range(size.writers)]
    for number in range(size.written_before):
        random.choice(members).post(ARTICLE, f"Written before the rehearsal, number {number}. " + "Word by word. " * 8)
    seq, known = paper.changes(ARTICLE, 0)["seq"], {id_ for id_, _ in _stored(paper)}
    writers = [Writer(one, cluster.nginx.port, cluster.nginx.trust(), pause=0.25) for one in members]
    return writers, [Follower(paper, cluster.url, seq, set(known)) for _ in range(size.followers)]


def _stored(paper: Paper) -> list[tuple[str, str]]:
    """(id, key) of every comment of the article that the database has."""
    of_article = sa.select(articles.c.id).join(sites).where(sites.c.key == paper.key, articles.c.key == ARTICLE)
    with paper.database.read() as conn:
        rows = conn.execute(sa.select(comments).where(comments.c.article_id.in_(of_article)))
        return [(str(row.id), row.idempotency_key) for row in rows]


def _open(followers: Sequence[Follower], within: float) -> float:
    """Seconds until every socket is open."""
    began = time.monotonic()
    try:
        wait_until(lambda: all(one.is_open for one in followers), "every socket to be open", within)
    except TimeoutError as error:
        troubles = Counter(one.trouble for one in followers if not one.is_open)
        raise ServerError(f"{error}: {troubles}") from error
    return time.monotonic() - began


def _kill_and_start(cluster: Cluster, followers: list[Follower], size: Size, findings: Findings) -> None:
    victim, _ = cluster.machines
    before = [len(one.cuts) for one in followers]
    victim.kill()
    wait_until(lambda: any(not one.is_open for one in followers), "the sockets of the dead machine to be cut", 10)
    took = _open(followers, BACK_WITHIN * 2)
    cut = [one.cuts[-1] for one, count in zip(followers, before, strict=True) if len(one.cuts) > count]
    told = f"{len(cut)} of {len(followers)}, median {median(cut):.1f} s, last {took:.1f} s"
    findings.add("sockets of the killed machine that came back at the other", told, took <= BACK_WITHIN)
    time.sleep(size.phase)
    began = time.monotonic()
    victim.start()
    took = time.monotonic() - began
    answered = _answers_again(cluster, victim)
    findings.add("the killed machine is started again and answers", f"up in {took:.1f} s, {answered} answers by it")


def _answers_again(cluster: Cluster, machine: Machine) -> int:
    """Wait until nginx asks this machine again; how many answers its log then has of it."""
    size = cluster.nginx.access_log.stat().st_size

    def answers() -> int:
        with cluster.nginx.access_log.open() as log:
            log.seek(size)
            return log.read().count(f':{machine.web}"')

    return wait_until(answers, f"nginx to ask the {machine.name} machine again", 20)


def _restart(cluster: Cluster, machine: Machine, followers: list[Follower], findings: Findings) -> None:
    """As an upgrade does it, one machine after the other."""
    began = time.monotonic()
    wrong = machine.stop()
    stopped = time.monotonic() - began
    machine.start()
    took = time.monotonic() - began
    open_after = _open(followers, BACK_WITHIN * 3)
    _answers_again(cluster, machine)
    told = "; ".join(wrong) or f"stopped in {stopped:.1f} s, back after {took:.1f} s, sockets {open_after:.1f} s later"
    findings.add(f"the {machine.name} machine is restarted under load", told, not wrong)


def _tell_reads(read: Read, findings: Findings) -> None:
    told = f"{read.failed} of {read.requests:,} ({read.requests / read.seconds:.0f}/s)"
    findings.add("reads that failed", told, read.failed == 0 and read.requests > 0)
    findings.add("reads: p50, p99, longest", f"{read.p50:.1f}, {read.p99:.0f}, {read.most:.0f} ms")
    shares = ", ".join(f"{kind} {count}" for kind, count in sorted(read.caches.items()))
    findings.add("reads that nginx answered from its cache", f"{read.kept_share:.1%} ({shares})", read.kept_share > 0.5)


def _tell_posts(paper: Paper, writers: list[Writer], findings: Findings) -> None:
    confirmed = {key: id_ for one in writers for key, id_ in one.confirmed.items()}
    stored = _stored(paper)
    times = Counter(key for _, key in stored)
    lost = {(id_, key) for key, id_ in confirmed.items()} - set(stored)
    twice = [key for key in confirmed if times[key] > 1]
    given_up = [why for one in writers for why in one.given_up]
    again = sum(one.again for one in writers)
    findings.add("posts confirmed", f"{len(confirmed):,}", len(confirmed) > 0)
    findings.add(
        "posts that had to be sent again, longest wait", f"{again}, {max(one.longest for one in writers):.1f} s"
    )
    findings.add("posts given up", "; ".join(given_up[:3]) or 0, not given_up)
    findings.add("confirmed comments lost, stored twice", f"{len(lost)}, {len(twice)}", not lost and not twice)


def _tell_sockets(paper: Paper, followers: list[Follower], findings: Findings) -> None:
    """Each must come to stand where the thread stands, and to have heard of every comment."""
    seq = paper.changes(ARTICLE, 0)["seq"]
    behind: Callable[[], int] = lambda: sum(one.seq < seq for one in followers)  # noqa: E731
    began = time.monotonic()
    wait_until(lambda: not behind(), f"every socket to come to seq {seq}", 20)
    took = time.monotonic() - began
    every = {id_ for id_, _ in _stored(paper)}
    missing = sum(len(every - one.known) for one in followers if not one.resets)
    told = f"{missing} comments, after {took:.1f} s; {sum(one.asked for one in followers)} gaps, "
    findings.add(
        "what the sockets' readers miss", told + f"{sum(one.resets for one in followers)} resets", missing == 0
    )
