"""What a file or a codebook says of its variables: name, wording, labels of the values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from survey_lib.answers.matching import plain

_NUMBERING = re.compile(r"[a-zåäö]{0,3}[0-9]+[a-zåäö]?")
_STEM = 5  # letters that tell a word: områd(e), områd(et)


@dataclass(frozen=True)
class Described:
    """One variable as its deliverer describes it.

    Attributes
    ----------
    name : the column's name.
    text : the question or label; "" where nothing is said.
    values : value -> its label.
    stem : the question above a row of several, "" for none.
    """

    name: str
    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    stem: str = ""

    @property
    def wording(self) -> str:
        """All that is said of what was asked; the name where that is nothing."""
        return " – ".join(part for part in (self.stem, self.text) if part) or self.name


def key(name: str) -> str:
    """A variable's name as names are compared: letters and digits only, å ä ö as a a o.

    >>> key("F15_RökerCigg") == key("f15_rokercigg")
    True
    """
    return re.sub(r"[^a-z0-9]", "", plain(name).translate(str.maketrans("åäöé", "aaoe")))


def words(text: str) -> tuple[str, ...]:
    """The words of a question as questions are compared: no case, signs or number in front.

    >>> words("F12b. Hur trygg är du?") == words("hur trygg är du")
    True
    """
    found = re.findall(r"[^\W_]+", plain(text))
    if len(found) > 1 and _NUMBERING.fullmatch(found[0]):
        found = found[1:]
    return tuple(found)


def stems(found: Iterable[str]) -> frozenset[str]:
    """What is left of words without their endings."""
    return frozenset(word[:_STEM] for word in found)
