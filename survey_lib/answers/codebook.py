"""What each distinct delivered value of one variable means: a code, no answer, or unknown.

Tried in this order, each on the value without regard to case, spaces and composition of letters:

1. nothing delivered: no answer
2. the wave file's own ``values``
3. the label that the file gives the value (SPSS), when it is a label of the questionnaire
4. a value that the file declares missing: no answer
5. a whole number ("3", "3,0") that is a code of the questionnaire
6. a label of the questionnaire

A value that carries a label of its own which is none of the questionnaire's is unknown, even if its
number is a code: the scale may run the other way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from survey_lib.answers.matching import plain, suggestion, whole_number
from survey_lib.vocabulary.questionnaire import NO_ANSWER

Code = int | str
_SHARED = 5  # rows with the same words: an answer, not what one person wrote (guide 7)


class How(Enum):
    """How a delivered value was understood."""

    BLANK = "blank"
    CODE = "code"
    DECIMAL = "decimal"
    LABEL = "label"
    SPELLING = "spelling"
    WAVE = "wave"
    MISSING = "missing"
    UNKNOWN = "unknown"
    LABELLED = "labelled"  # unknown: the file's label for it is none of ours


@dataclass(frozen=True)
class Meaning:
    """One delivered value: its code, and how that is known. NO_ANSWER when unknown."""

    code: Code
    how: How


class Codebook:
    """The codes of one variable and all ways to write them.

    Parameters
    ----------
    codes : code -> label, in questionnaire order.
    values : the wave file's own mapping, delivered value -> code.
    also : further labels -> code (an item with several ticks: the option's own label is a tick).
    labels, missing : what the file itself says of its values.
    """

    def __init__(
        self,
        codes: Mapping[Code, str],
        values: Mapping[str, Code] | None = None,
        also: Mapping[str, Code] | None = None,
        labels: Mapping[str, str] | None = None,
        missing: Collection[str] = (),
    ):
        self.codes = codes
        self._labels, self._missing = labels or {}, missing
        words: list[tuple[str, Code]] = [(code, code) for code in codes if isinstance(code, str)]
        words += [(label, code) for code, label in codes.items()]
        words += list((also or {}).items())
        self._exact = dict(words)
        self._by_label = {plain(word): code for word, code in words}
        self._values = {plain(value): code for value, code in (values or {}).items()}
        self._numbers: dict[int, Code] = {}
        for value, code in (values or {}).items():
            if (number := whole_number(value)) is not None:
                self._numbers.setdefault(number, code)

    def meaning(self, text: str) -> Meaning:
        """What one delivered value means."""
        key = plain(text)
        if not key:
            return Meaning(NO_ANSWER, How.BLANK)
        number = whole_number(key)
        if key in self._values:
            return Meaning(self._values[key], How.WAVE)
        if number in self._numbers:
            return Meaning(self._numbers[number], How.WAVE)
        label = self._labels.get(text)
        if label is not None and plain(label) in self._by_label:
            code = self._by_label[plain(label)]
            return Meaning(code, How.CODE if code in (number, text) else How.LABEL)
        if text in self._missing:
            return Meaning(NO_ANSWER, How.MISSING)
        if label is not None and plain(label) != key:
            return Meaning(NO_ANSWER, How.LABELLED)
        if number is not None and number in self.codes:
            return Meaning(number, How.CODE if key.isdigit() else How.DECIMAL)
        if key in self._by_label:
            code = self._by_label[key]
            exact = How.CODE if text == code else How.LABEL
            return Meaning(code, exact if text in self._exact else How.SPELLING)
        return Meaning(NO_ANSWER, How.UNKNOWN)

    def closest(self, text: str) -> Code | None:
        """The code whose label is closest to a text, or None when none is close."""
        label = suggestion(text, self.codes.values())
        return next((code for code, own in self.codes.items() if own == label), None)

    def described(self) -> str:
        """The codes with their labels, for a message."""
        return ", ".join(f"{code} {label}" for code, label in self.codes.items())


def as_told(text: str, times: int, known: Iterable[str]) -> str:
    """An unknown value as a message may show it.

    A short number or sign, a text close to something known, and words without digits that five rows
    share are codes or labels. Anything else could be what one person wrote, an id or a name, and is
    told by its length only.
    """
    text = text.strip()
    words = len(text) <= 60 and not any(letter.isdigit() or letter == "@" for letter in text)
    if len(text) <= 3 or (times >= _SHARED and words):
        return f'"{text}"'
    if (meant := suggestion(text, known)) is not None:
        return f'"{text}" (did you mean "{meant}"?)'
    return f"a text of {len(text)} characters"


def quoted(told: str) -> str:
    """The value shown by :func:`as_told`, for a line to write; what isn't shown stays unsaid."""
    return told.split('"')[1] if told.startswith('"') else "the value"
