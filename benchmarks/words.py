"""Word lists: what 10,000 entries cost on a comment of 2,000 characters, in plain words and in every disguise; that it
grows with the text alone. In this process, by the processor's time: nothing is served.
"""

import random
import time
from collections.abc import Callable, Iterator

from benchmarks.corpus import SEED
from benchmarks.installation import Installation
from benchmarks.measuring import Figure, at_most
from comments.core.moderation.words import WordList, word_list

ENTRIES, FEW, CHARACTERS = 10_000, 10, 2_000
ROUNDS, TIMES = 7, 20
SYLLABLES = (
    *("ka", "lo", "mi", "ter", "sch", "ing", "er", "an", "do", "ru"),
    *("fe", "pi", "gu", "on", "st", "ble", "qua", "ti", "vo", "zu"),
)
PROSE = "I should have liked to hear what those who live there say about it, before a road is closed. "
DISGUISES = {  # each fills the comment; the words are of SYLLABLES, so that many are on the list
    "words of the list": "kalo miter anfe dorupi ",
    "one letter": "a",
    "letters twice": "kkaalloo ",
    "letters drawn out": "kkkaaaloo mmmiiiter ",
    "digits": "k4l0 m1t3r 4nf3 ",
    "numbers": "1000 2,455 1,337 ",
    "signs": "k@lo m!t€r @nfe ",
    "signs alone": "@$€!|+",
    "look-alikes": "каlо mіtеr Κаlо ",
    "mathematical letters": "𝐤𝐚𝐥𝐨 𝐦𝐢𝐭𝐞𝐫 ",
    "letters apart": "k a l o m i t e r ",
    "letters apart by many signs": "k.a.l.o m-i-t-e-r ",
    "accents": "k\u0301a\u0301l\u0301o\u0301 ",
    "Russian": "Думаю, Совет должен был выслушать Жителей. ",
    "Chinese": "我认为议会在修建这条道路之前应该听取居民的意见。",
    "everything at once": "𝐤@lо m!tеr ΚΑlo k a l o aaaa ",
}


def measure(setup: Installation) -> Iterator[Figure]:
    entries = _entries(random.Random(SEED))
    few, rounds = entries[:FEW], setup.pick(ROUNDS, 1)
    yield _figure("a list of 10,000 entries made ready", [_ms(lambda: WordList(entries), 1) for _ in range(rounds)])
    many, less = word_list(entries), word_list(few)
    yield _figure("the list found again, at every post", [_ms(lambda: word_list(entries)) for _ in range(rounds)])
    text, longer = _filled(PROSE), _filled(PROSE, 10 * CHARACTERS)
    plain = [_ms(lambda: many.find(text)) for _ in range(rounds)]
    yield at_most(_figure("2,000 characters against 10,000 entries", plain), 1, "≤ 1")
    times = [_ms(lambda: many.find(text)) / _ms(lambda: less.find(text)) for _ in range(rounds)]
    yield at_most(_figure("… against 10,000 entries over 10", times, "×"), 1.5, "≤ 1.5")
    times = [_ms(lambda: many.find(longer)) / _ms(lambda: many.find(text)) for _ in range(rounds)]
    yield at_most(_figure("20,000 characters over 2,000", times, "×"), 12, "≤ 12")
    disguised = {}
    for name, piece in DISGUISES.items():
        text = _filled(piece)
        many.find(text)  # what is made at the first need of it
        disguised[name] = [_ms(lambda text=text: many.find(text)) for _ in range(rounds)]
    by_cost = sorted(disguised, key=lambda name: sorted(disguised[name])[rounds // 2])
    for name in (by_cost[len(by_cost) // 2], by_cost[-1]):
        which = "slowest" if name == by_cost[-1] else "median"
        yield at_most(_figure(f"… the {which} of {len(by_cost)} disguises: {name}", disguised[name]), 1, "≤ 1")


def _entries(chance: random.Random) -> tuple[str, ...]:
    words: dict[str, None] = {}
    while len(words) < ENTRIES:
        words["".join(chance.choices(SYLLABLES, k=chance.randint(2, 5)))] = None
    return tuple(word if at % 3 else f"{word}*" if at % 10 else f"*{word}*" for at, word in enumerate(words))


def _filled(piece: str, size: int = CHARACTERS) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def _ms(run: Callable[[], object], times: int = TIMES) -> float:
    """Processor's milliseconds of one."""
    began = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - began) * 1000 / times


def _figure(what: str, rounds: list[float], unit: str = "ms") -> Figure:
    return Figure(part="words", what=what, unit=unit, rounds=rounds)
