"""Which keys were met, in 12 bytes for each: a set of two million texts would take ten times as much. Pure."""

from array import array

_FIRST = 1 << 12


class Fingerprints:
    """A map from texts to small numbers that remembers the texts by 64 bits of their hash.

    That two of ten million texts look the same has a chance of one in 350,000.
    """

    def __init__(self) -> None:
        self._keys, self._values = array("q", bytes(8 * _FIRST)), array("i", bytes(4 * _FIRST))
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def get(self, text: str) -> int | None:
        key = hash(text) or 1
        at = self._place(key)
        return self._values[at] if self._keys[at] else None

    def put(self, text: str, value: int) -> None:
        key = hash(text) or 1
        at = self._place(key)
        self._values[at] = value
        if not self._keys[at]:
            self._keys[at] = key
            self._used += 1
            if self._used * 3 > len(self._keys) * 2:
                self._grow()

    def _place(self, key: int) -> int:
        """Where it stands, or the free place where it would."""
        keys, mask = self._keys, len(self._keys) - 1
        at = key & mask
        while keys[at] and keys[at] != key:
            at = (at + 1) & mask
        return at

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._keys, self._values = array("q", bytes(16 * len(keys))), array("i", bytes(8 * len(keys)))
        for key, value in zip(keys, values, strict=True):
            if key:
                at = self._place(key)
                self._keys[at], self._values[at] = key, value
