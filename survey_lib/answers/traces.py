"""What a respondent could be known by if it got out: the delivered id, and words of their own.

Neither goes further than reading. What goes on is a fingerprint of each
(:mod:`survey_lib.fingerprints`), kept in the private store so that files can be searched for what
must not be in them (:mod:`survey_lib.scan`) and publications of one wave told apart by who is in
them (:mod:`survey_lib.frozen`).

The id's place is taken by a token: 12 random hexadecimal digits (a letter among them: no decimals
of a number are a token), new at each reading, and 4 that are a check of them, so that any token of
any reading is known wherever it stands.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pandas as pd

from survey_lib import fingerprints
from survey_lib.answers.raw import Raw, distinct

ID, TEXT = "id", "text"
COLUMNS = ["kind", "words", "number"]
SHORTEST_TEXT = 15  # characters, of a text with fewer than four words
SHORTEST_ID = 8  # characters, of an id that is a number: a shorter one could be any number
_TOKEN = re.compile(r"[0-9a-f]{16,}")


@dataclass(frozen=True, eq=False)
class Traces:
    """Of one delivered file.

    Attributes
    ----------
    persons : by delivered row, uint64: a fingerprint of its id; of the whole row where the file
        has no ids. Equal in every reading of the file.
    marks : ``kind ("id" | "text"), words, number``: what to look for, in no order of persons.
    """

    persons: pd.Series
    marks: pd.DataFrame


def new_tokens(count: int) -> list[str]:
    """Random tokens of 16 characters, all different."""
    found: dict[str, None] = {}
    while len(found) < count:
        digits = secrets.token_bytes(6 * (count - len(found))).hex()
        every = (digits[k : k + 12] for k in range(0, len(digits), 12))
        found |= dict.fromkeys(one for one in every if not one.isdigit())
    return [digits + _check(digits) for digits in found]


def tokens_in(text: str) -> list[int]:
    """Where in a text tokens begin."""
    return [one.start() for one in _TOKEN.finditer(text) if len(one[0]) == 16 and _whole(one[0])]


def _whole(token: str) -> bool:
    return not token[:12].isdigit() and _check(token[:12]) == token[12:]


def traces(raw: Raw, respondent: str | None, texts: Iterable[str]) -> Traces:
    """The traces of a file's persons. ``respondent`` names the column of ids, or None; ``texts``
    those of words of their own."""
    found: dict[tuple[str, int, int], None] = {}
    numbers = _rows(raw)
    if respondent is not None:
        ids, places = distinct(raw.frame[respondent])
        ids = [one.strip() for one in ids]
        numbers = fingerprints.numbers_of([*ids, ""])[places]
        for one in ids:
            told = len(one) >= 5 and not one.isdigit() and any(c.isdigit() for c in one)
            found |= dict.fromkeys(
                (ID, *mark) for mark in fingerprints.of_text(one, 5 if told else SHORTEST_ID)
            )
    for column in texts:
        for text in distinct(raw.frame[column])[0]:
            found |= dict.fromkeys(
                (TEXT, *mark) for mark in fingerprints.of_text(text, SHORTEST_TEXT)
            )
    marks = pd.DataFrame(list(found), columns=COLUMNS)
    marks = marks.astype({"kind": "str", "words": "int8", "number": "uint64"})
    persons = pd.Series(numbers, index=raw.frame.index)
    return Traces(persons, marks.sort_values(["words", "number"], ignore_index=True))


def _rows(raw: Raw) -> np.ndarray:
    """A number for each row from all that stands in it; equal rows are told apart by their turn."""
    total = np.zeros(len(raw.frame), dtype=np.uint64)
    for name, column in raw.frame.items():
        texts, places = distinct(column)
        numbers = fingerprints.numbers_of([f"{name}={text}" for text in [*texts, ""]])
        total = total * np.uint64(31) + numbers[places]
    turn = pd.Series(total).groupby(total).cumcount().to_numpy().astype(np.uint64)
    return total + turn


def _check(digits: str) -> str:
    return blake2b(digits.encode("ascii"), digest_size=2).hexdigest()
