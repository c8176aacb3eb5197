"""What other rules would have done to comments that were written already. Pure: jobs/trials.py reads the past, this
judges it twice, by the rules of today and by the changed ones, and tells the difference.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from comments.core.characters import count
from comments.core.errors import Refused
from comments.core.moderation.findings import Draft, Facts
from comments.core.moderation.opinions import Said
from comments.core.moderation.pipeline import Record, judge
from comments.core.moderation.ruleset import RuleSet
from comments.core.site import ArticleMode, SiteSettings
from comments.core.status import Status
from comments.core.tree import Tree, link_spans

Outcome = Literal["published", "held", "refused"]
OUTCOMES: tuple[Outcome, ...] = ("published", "held", "refused")
DIFFERENCE = {"held": "held", "refused": "refused", "published": "let_through"}  # by what it would be instead
EXAMPLES = 20  # of each difference
COMMON = 20  # words that are counted out
AROUND = 120  # characters of an excerpt before the first mark and after the last
LONGEST = 320  # characters of an excerpt
RECENT = 20  # as many earlier texts of an author as a new comment is compared with
# What the replay reckons rather than knows, by rule. Restrictions, closed articles, locked threads are left out of it:
# whoever wrote was allowed to. What was refused was never stored, so that no trial can tell of it.
RECKONED = {
    "pace": "window",  # what an author wrote before the first comment that is looked at is not known
    "repeat": "window",
    "near_repeat": "window",
    "newcomer": "figures",  # the author's figures of today, less what is looked at
    "newcomer_links": "figures",
    "trusted_author": "figures",
    "premoderated": "present",  # members and articles as they are now
}


@dataclass(frozen=True, slots=True)
class Author:
    """A member as they are now; what they were when they wrote is reckoned back from it."""

    name: str | None
    published: int
    rejected: int
    first_seen: int
    premoderated: bool


@dataclass(frozen=True, slots=True)
class Place:
    """An article with the rules that hold there, and those that would."""

    key: str
    title: str | None
    mode: ArticleMode
    section: str | None
    today: RuleSet
    changed: RuleSet


@dataclass(slots=True)
class Past:
    """All that a replay looks at. `comments`: rows of storage.trials.read_past, newest first."""

    settings: SiteSettings
    comments: Sequence[Any]
    places: Mapping[int, Place]
    authors: Mapping[int, Author]
    opinions: Mapping[int, Mapping[str, Said]] = field(default_factory=dict)  # by comment, by classifier


@dataclass(slots=True)
class _Written:
    """What an author had written before, as the replay goes from the oldest comment to the newest."""

    last_at: int | None = None
    texts: dict[str, int] = field(default_factory=dict)
    likenesses: list[int] = field(default_factory=list)
    later: Counter[str] = field(default_factory=Counter)  # what is still to come, by status


Judged = tuple[Outcome, tuple[Record, ...]]


def replay(past: Past) -> dict[str, Any]:
    """What each comment would be by the rules of today and by the changed ones: sums, differences, examples. JSON."""
    totals: dict[str, Counter[str]] = {"today": Counter(), "changed": Counter()}
    by_rule: dict[str, Counter[tuple[str, str]]] = {"today": Counter(), "changed": Counter()}
    differences: dict[str, _Difference] = {name: _Difference() for name in DIFFERENCE.values()}
    for row, place, known in _in_order(past):
        draft = _draft(row)
        today = _judged(draft, known, place.today)
        changed = today if place.changed is place.today else _judged(draft, known, place.changed)
        for name, (outcome, found) in (("today", today), ("changed", changed)):
            totals[name][outcome] += 1
            by_rule[name].update({(record["rule"], record["kind"]) for record in found})
        if today[0] != changed[0]:
            differences[DIFFERENCE[changed[0]]].take(row, today, changed)
    return {
        "looked_at": len(past.comments),
        "since": past.comments[-1].created_at if past.comments else None,
        **{name: {outcome: totals[name][outcome] for outcome in OUTCOMES} for name in totals},
        "rules": _rules(by_rule),
        "reckoned": [{"rule": rule, "how": how} for rule, how in RECKONED.items()],
        "differences": {name: one.told(past) for name, one in differences.items()},
    }


def _rules(by_rule: Mapping[str, Counter[tuple[str, str]]]) -> list[dict[str, Any]]:
    names = sorted({rule for counted in by_rule.values() for rule, _ in counted})
    kinds = ("hold", "refuse", "note", "approve")
    return [
        {"rule": rule} | {name: {kind: by_rule[name][rule, kind] for kind in kinds} for name in by_rule}
        for rule in names
    ]


def _in_order(past: Past) -> Iterator[tuple[Any, Place, dict[str, Any]]]:
    """From the oldest to the newest, each with what was known of its author then."""
    known: defaultdict[int, _Written] = defaultdict(_Written)
    for row in past.comments:
        known[row.member_id].later[row.status] += 1
    for row in reversed(past.comments):
        written, place = known[row.member_id], past.places[row.article_id]
        written.later[row.status] -= 1
        yield row, place, _known(past, row, place, written)
        written.last_at = row.created_at
        written.texts[row.text_hash] = row.created_at
        if row.simhash is not None:
            written.likenesses.append(row.simhash)


def _known(past: Past, row: Any, place: Place, written: _Written) -> dict[str, Any]:
    """Facts but for the rules. Under an article that is shut by now it was open then, and who is banned now was not."""
    author, to_come = past.authors[row.member_id], written.later
    same_text_at = written.texts.get(row.text_hash)
    return {
        "settings": past.settings,
        "now": row.created_at,
        "article_mode": "premoderated" if place.mode == "premoderated" else "open",
        "section": place.section,
        "is_reply": row.parent_id is not None,
        "author_premoderated": author.premoderated,
        "author_published": max(0, author.published - to_come["published"] - (row.status == "published")),
        "author_rejected": max(0, author.rejected - to_come["rejected"] - (row.status == "rejected")),
        "author_first_seen": min(author.first_seen, row.created_at),
        "last_comment_at": written.last_at,
        "recent_texts": tuple(written.likenesses[: -RECENT - 1 : -1]),
        "same_text_at": same_text_at,
        "opinions": past.opinions.get(row.id, {}),
    }


def _draft(row: Any) -> Draft:
    """The tree is read only where there may be a link in it: nothing else asks for it."""
    tree: Tree = msgspec.json.decode(row.tree) if '"href"' in row.tree else []
    links = tuple(href for href, _, _ in link_spans(tree)) if tree else ()
    return Draft(source=row.text, html="", tree=tree, text=row.text, links=links, length=count(row.text))


def _judged(draft: Draft, known: dict[str, Any], rules: RuleSet) -> Judged:
    try:
        verdict = judge(draft, Facts(rules=rules, **known))
    except Refused as refused:
        return "refused", (refused.extras["finding"],)
    return ("held" if verdict.status is Status.WAITING else "published"), verdict.findings


@dataclass(slots=True)
class _Difference:
    """Comments that would have become something else, in the order in which they were written."""

    cases: list[tuple[Any, Outcome, list[Record]]] = field(default_factory=list)

    def take(self, row: Any, today: Judged, changed: Judged) -> None:
        kinds = {"held": {"hold"}, "refused": {"refuse"}, "published": {"hold", "refuse"}}[changed[0]]
        found = today[1] if changed[0] == "published" else changed[1]
        self.cases.append((row, today[0], [record for record in found if record["kind"] in kinds]))

    def told(self, past: Past) -> dict[str, Any]:
        rules = Counter(rule for _, _, causes in self.cases for rule in {record["rule"] for record in causes})
        words = Counter(word for _, _, causes in self.cases for word in _words(causes))
        return {
            "count": len(self.cases),
            "rules": [{"rule": rule, "count": times} for rule, times in rules.most_common()],
            "words": [{"word": word, "count": times} for word, times in words.most_common(COMMON)],
            "examples": [_example(past, *case) for case in self._chosen()],
        }

    def _chosen(self) -> list[tuple[Any, Outcome, list[Record]]]:
        """One for each cause first, so that what is frequent hides nothing; then the newest."""
        firsts: dict[Any, int] = {}
        for at in range(len(self.cases) - 1, -1, -1):
            causes = self.cases[at][2]
            firsts.setdefault((*(record["rule"] for record in causes), *sorted(_words(causes))[:1]), at)
        chosen = sorted(firsts.values(), reverse=True)[:EXAMPLES]
        known = set(chosen)
        rest = (at for at in range(len(self.cases) - 1, -1, -1) if at not in known)
        chosen += [at for _, at in zip(range(EXAMPLES - len(chosen)), rest, strict=False)]
        return [self.cases[at] for at in sorted(chosen, reverse=True)]


def _words(causes: Sequence[Record]) -> set[str]:
    return {str(word) for record in causes for word in record["params"].get("words", ())}


def _example(past: Past, row: Any, before: Outcome, causes: Sequence[Record]) -> dict[str, Any]:
    place, spans = past.places[row.article_id], [span for record in causes for span in record["spans"]]
    return {
        "comment_id": str(row.id),
        "article": {"id": place.key, "title": place.title},
        "author": past.authors[row.member_id].name,
        "created_at": row.created_at,
        "status": row.status,
        "before": before,
        "findings": [{name: record[name] for name in ("rule", "kind", "reason", "params")} for record in causes],
        "excerpt": excerpt(row.text, spans),
    }


def excerpt(text: str, spans: Iterable[Sequence[int]]) -> list[dict[str, Any]]:
    """The text around its first mark, in pieces {text, marked}; an ellipsis where something is left out."""
    marks = _merged(spans, len(text))
    begin = max(0, marks[0][0] - AROUND) if marks and marks[0][1] > LONGEST - AROUND else 0
    end = min(len(text), begin + LONGEST)
    pieces: list[tuple[str, bool]] = [("…", False)] if begin else []
    at = begin
    for start, stop in marks:
        if start >= end:
            break
        pieces += [(text[at:start], False), (text[start : min(stop, end)], True)]
        at = min(stop, end)
    pieces += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return [{"text": piece, "marked": marked} for piece, marked in pieces if piece]


def _merged(spans: Iterable[Sequence[int]], length: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(0, span[0]), min(length, span[1])) for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged
