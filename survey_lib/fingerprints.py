"""Words of a text as numbers, so that what was written can be looked for without being kept.

A word is 64 bits of its BLAKE2 hash, whatever its case, and a run of words is one number made of
theirs. Whoever has the numbers can find out whether a guessed text is among them, and can't read
any: they stand in the private store instead of the texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

LONGEST = 4  # words in a run
BREAK = "\x1e"  # stands between texts laid together: no run goes over it
WORD = re.compile(rf"\w+|{BREAK}")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class _Numbers(dict[str, int]):
    """Word -> number, each computed once."""

    def __missing__(self, word: str) -> int:
        number = int.from_bytes(blake2b(word.encode("utf-8"), digest_size=8).digest(), "little")
        self[word] = number
        return number


_numbers = _Numbers()


def words_of(text: str) -> list[str]:
    """The words of a text in order, case and composition apart."""
    return WORD.findall(unicodedata.normalize("NFC", text).casefold())


def numbers_of(words: Sequence[str]) -> np.ndarray:
    """(words,) uint64."""
    return np.fromiter(map(_numbers.__getitem__, words), dtype=np.uint64, count=len(words))


def runs(numbers: np.ndarray, length: int) -> np.ndarray:
    """Every run of so many words, each as one number: (words − length + 1,) uint64."""
    count = max(len(numbers) - length + 1, 0)
    result = np.full(count, length, dtype=np.uint64)
    for k in range(length):
        result = result * _FACTOR + numbers[k : k + count]
    return result


def of_text(text: str, shortest: int) -> list[tuple[int, int]]:
    """What to look for so that a text is found: its runs of :data:`LONGEST` words as (words,
    number); of a shorter one itself, if it has at least ``shortest`` characters."""
    words = words_of(text)
    length = min(len(words), LONGEST)
    if not words or (len(words) < LONGEST and len(" ".join(words)) < shortest):
        return []
    return [(length, int(number)) for number in runs(numbers_of(words), length)]
