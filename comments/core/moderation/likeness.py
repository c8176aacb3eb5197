"""How alike two texts are, told from 64 bits of each (Charikar's simhash over pairs of neighbouring words). Pure.

Storage keeps the bits with the comment, the rule `near_repeat` compares them: no old text is read again.
"""

import math
import re
import unicodedata
import zlib
from functools import cache
from itertools import pairwise

LEAST_WORDS = 5  # shorter texts are said again in good faith: "I agree", "Thanks for this"
MASK = 2**64 - 1
LANES = 200  # pairs that fit into lanes of 8 bits

# words; in scripts without spaces each letter is one
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]|\w+")


def simhash(text: str) -> int | None:
    """64 bits as a signed number, near for texts that are nearly the same; None for a text too short to compare."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if len(words) < LEAST_WORDS:
        return None
    hashes = [zlib.crc32(f"{one} {other}".encode("utf-8", "surrogatepass")) for one, other in pairwise(words)]
    counts = [0] * 64
    low, second, third, high = _tables()
    for start in range(0, len(hashes), LANES):
        lanes = 0  # 64 sums side by side, a byte each
        for bits in hashes[start : start + LANES]:
            lanes += low[bits & 255] ^ second[bits >> 8 & 255] ^ third[bits >> 16 & 255] ^ high[bits >> 24]
        counts = [sum(both) for both in zip(counts, lanes.to_bytes(64, "big"), strict=True)]
    half = len(hashes) / 2
    found = int("".join("1" if count > half else "0" for count in counts), 2)
    return found - 2**64 if found >= 2**63 else found


@cache
def _tables() -> tuple[tuple[int, ...], ...]:
    """What each byte of a CRC-32 adds to the 64 bits (tabulation hashing, the numbers by splitmix64): the same
    everywhere and always.
    """
    return tuple(tuple(_spread(_mixed(256 * table + byte)) for byte in range(256)) for table in range(4))


def _mixed(number: int) -> int:
    mixed = (number + 1) * 0x9E3779B97F4A7C15 & MASK
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & MASK
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & MASK
    return mixed ^ mixed >> 31


def _spread(bits: int) -> int:
    """64 bits, each in a byte of its own."""
    return int.from_bytes(bytes(map(int, f"{bits:064b}")), "big")


def alike(one: int, other: int) -> int:
    """How alike two texts are by their simhashes, in percent: 100 the same pairs of words, 0 none in common."""
    apart = ((one ^ other) & MASK).bit_count()
    return max(0, round(100 * math.cos(math.pi * apart / 64)))
