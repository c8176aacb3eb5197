"""Redis killed and gone for a minute: posts and reads go on, limits are kept, live is whole when it is back."""

import time
from collections.abc import Iterator

from benchmarks.chaos.scene import Crowd, Row, Scene, scene
from benchmarks.chaos.stage import stage

SERVED = 0.999  # of posts and reads while Redis is gone
LIVE_WITHIN = 10.0  # seconds after Redis is back
REACTIONS = 30  # a minute and member, so that the limit can be tried


def run(engine: str, quick: bool) -> Iterator[Row]:
    away = 4.0 if quick else 60.0
    with stage(engine, workers=2, COMMENTS_REACTIONS_PER_MINUTE=str(REACTIONS)) as on:
        crowd = Crowd(writers=4, readers=1, watchers=4, pause=0.1) if quick else Crowd(watchers=12, pause=0.05)
        with scene(on, f"Redis killed, gone for {away:.0f} s", crowd) as played:
            assert on.redis is not None
            tried, failed = _tries(played)
            on.redis.kill()
            played.watch_for(away / 2)
            refused = _limit_is_kept(played)
            played.watch_for(away / 2)
            on.redis.start()
            played.repaired()
            more, more_failed = _tries(played)
            served = 1 - (more_failed - failed) / max(1, more - tried)
            took = _live_is_back(played)
        row = played.row
        row.note = (
            f"{served:.2%} served meanwhile, live after {took:.1f} s, {refused} of {4 * REACTIONS} over the limit"
        )
        if served < SERVED:
            row.fails.append(f"only {served:.3%} of reads and posts were served")
        if took > LIVE_WITHIN:
            row.fails.append(f"live was back after {took:.1f} s")
        yield row


def _tries(played: Scene) -> tuple[int, int]:
    book = played.book
    return book.post_tries + book.reads, book.posts_failed + book.reads_failed


def _limit_is_kept(played: Scene) -> int:
    """While Redis is gone each process counts for itself: of so many reactions at least those over twice the limit are
    refused; how many were.
    """
    member = played.stage.paper.member("eager")
    comment = played.stage.paper.page("hot")["comments"][0]["id"]
    path = f"/api/v1/comments/{comment}/reactions/recommend"
    statuses = [member.call("DELETE" if turn % 2 else "PUT", path).status for turn in range(4 * REACTIONS)]
    refused = statuses.count(429)
    if refused < REACTIONS * 3 // 2 or statuses.count(200) + refused != len(statuses):
        played.row.fails.append(f"limits while Redis is gone: {refused} of {len(statuses)} refused")
    return refused


def _live_is_back(played: Scene) -> float:
    """Seconds until every socket has heard of a comment that was posted after Redis was back."""
    began = time.monotonic()
    marker = played.writers[0].member.post("hot", "Is anybody there?")["id"]
    while time.monotonic() - began < 2 * LIVE_WITHIN:
        if all(marker in one.known for one in played.watchers):
            break
        time.sleep(0.05)
    return time.monotonic() - began
