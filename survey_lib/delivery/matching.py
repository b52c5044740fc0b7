"""Which delivered column is which of ours, how certain that is, and why.

A match is certain for one of these reasons only, tried in this order; all else is a suggestion that
a person decides:

1. the column has our own name, or the name that an earlier wave's file had
2. its question is ours, word for word, and no other column's is
3. its values can be nothing else: areas, weeks, modes; ids under a usual name
4. its question is nearly ours, clearly less like any other, and its answers are ours

A column whose answers are others than the question's is never certain. Likeness is the share of
words that two wordings have in common, without their endings, rare words counting for more.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from survey_lib.answers.columns import AREA, MODE, RESPONDENT, WEEK
from survey_lib.delivery.asked import USUAL_NAMES, Asked
from survey_lib.delivery.described import Described, key, stems, words
from survey_lib.delivery.office import Office
from survey_lib.delivery.opening import SurveyFile
from survey_lib.delivery.values import (
    Fit,
    are_areas,
    are_modes,
    are_weeks,
    fit,
    nearly_all_differ,
)
from survey_lib.vocabulary.questionnaire import placeholders

CERTAIN = 0.85  # likeness from which a question is nearly ours
MARGIN = 0.15  # and by how much no other may come near it
SUGGESTED = 0.4  # likeness from which a person is asked
_BY_NAME = 0.6  # how much a usual name is worth
_BY_ANSWERS = 0.45  # and the question's own answers, when there are so many
_TELLING = 3
SAME_NAME, LIKE_OURS, NAMED_IN = "same name", "named as ours", "name as in wave "
_WORTH = {Fit.YES: 1.0, Fit.UNKNOWN: 0.9, Fit.NO: 0.5}


@dataclass(frozen=True)
class Match:
    """One of our columns and the delivered one that it is, or may be.

    ``column`` is None when nothing in the file looks like it; ``certainty`` is 0 to 1, and 1 where
    ``certain`` has a reason other than likeness.
    """

    asked: Asked
    column: Described | None = None
    certainty: float = 0.0
    why: str = "nothing in the file looks like it"
    certain: bool = False


def matched(asked: Sequence[Asked], file: SurveyFile, office: Office) -> list[Match]:
    """A match for each of our columns; a delivered column is certain for one of them at most."""
    return _Matcher(asked, file, office).all()


class _Matcher:
    def __init__(self, asked: Sequence[Asked], file: SurveyFile, office: Office):
        self.asked, self.file, self.office = list(asked), file, office
        self.found: dict[str, Match] = {}
        self.taken: set[str] = set()
        self._fits: dict[tuple[str, str], Fit] = {}
        every = {stems(words(text)) for one in asked for text in one.wordings}
        self._seen = Counter(stem for one in every for stem in one)
        self._texts = max(len(every), 1)

    def all(self) -> list[Match]:
        self._by_name()
        self._by_question(with_words=False)
        self._by_question(with_words=True)
        self._by_values()
        likeness = self._likenesses()
        self._by_likeness(likeness)
        return [self.found.get(one.name) or self._suggested(one, likeness) for one in self.asked]

    def _left(self) -> tuple[list[Asked], list[Described]]:
        ours = [one for one in self.asked if one.name not in self.found]
        theirs = [one for one in self.file.described if one.name not in self.taken]
        return ours, theirs

    def _fit(self, asked: Asked, one: Described) -> Fit:
        pair = (asked.name, one.name)
        if pair not in self._fits:
            self._fits[pair] = fit(asked, one, self.file.raw, self.office)
        return self._fits[pair]

    def _keep(self, asked: Asked, one: Described, why: str, certainty: float = 1.0) -> None:
        self.found[asked.name] = Match(asked, one, certainty, why, certain=True)
        self.taken.add(one.name)

    def _by_name(self) -> None:
        ours, theirs = self._left()
        names = Counter(key(one.name) for one in theirs)
        same = SAME_NAME if self._in_our_names(names) else LIKE_OURS
        by_key = {key(one.name): one for one in theirs}
        for asked in ours:
            for name, wave in asked.keys.items():
                one = by_key.get(name)
                if one is None or names[name] > 1 or one.name in self.taken:
                    continue
                if self._fit(asked, one) is not Fit.NO:
                    self._keep(asked, one, f"{NAMED_IN}{wave}" if wave else same)
                    break

    def _in_our_names(self, names: Container[str]) -> bool:
        """Whether at least half of the closed questions have our names in the file, so that its
        codes are ours too: "kon" alone may come from anybody."""
        closed = [key(one.name) in names for one in self.asked if one.labels]
        return 2 * sum(closed) >= len(closed)

    def _by_question(self, *, with_words: bool) -> None:
        """The same words, once among theirs and once among ours; then those of questions with a
        {placeholder}, which other questions may happen to fill."""
        ours, theirs = self._left()
        pairs = [
            (asked, one)
            for one in theirs
            for asked in ours
            if self._fit(asked, one) is not Fit.NO and _same_question(asked, one, with_words)
        ]
        mine = Counter(asked.name for asked, _ in pairs)
        other = Counter(one.name for _, one in pairs)
        for asked, one in pairs:
            if mine[asked.name] == other[one.name] == 1:
                self._keep(asked, one, "same question")

    def _by_values(self) -> None:
        ours, theirs = self._left()
        raw = self.file.raw
        alone = {
            AREA: (
                [one for one in theirs if are_areas(one, raw, self.office)],
                "areas of areas.csv",
            ),
            WEEK: ([one for one in theirs if are_weeks(one, raw)], "weeks or dates"),
            MODE: ([one for one in theirs if are_modes(one, raw)], "the modes of a wave"),
            RESPONDENT: (
                [one for one in theirs if _usual(RESPONDENT, one) and nearly_all_differ(one, raw)],
                "ids, another in nearly every row",
            ),
        }
        for asked in ours:
            columns, what = alone.get(asked.name, ([], ""))
            if len(columns) == 1:
                self._keep(asked, columns[0], f"its values are {what}")

    # -- likeness ----------------------------------------------------------------------------------

    def _likenesses(self) -> dict[tuple[str, str], float]:
        ours, theirs = self._left()
        wordings = {one.name: [stems(words(text)) for text in one.wordings] for one in ours}
        found = {}
        for one in theirs:
            mine = [stems(words(one.wording)), stems(words(one.text or one.name))]
            for asked in ours:
                best = max(
                    (self._likeness(a, b) for a in mine for b in wordings[asked.name]), default=0.0
                )
                if _usual(asked.name, one):
                    best = max(best, _BY_NAME)
                if best < SUGGESTED and len(asked.labels) >= _TELLING:
                    fits = self._fit(asked, one) is Fit.YES and bool(one.values)
                    best = max(best, _BY_ANSWERS * fits)
                elif best >= SUGGESTED:
                    best *= _WORTH[self._fit(asked, one)]
                found[asked.name, one.name] = best
        return found

    def _likeness(self, a: frozenset[str], b: frozenset[str]) -> float:
        both = 2 * self._weight(a & b)
        return both / (self._weight(a) + self._weight(b)) if both else 0.0

    def _weight(self, found: Iterable[str]) -> float:
        return sum(math.log(1 + self._texts / (1 + self._seen[stem])) for stem in found)

    def _by_likeness(self, likeness: dict[tuple[str, str], float]) -> None:
        ours, theirs = self._left()
        for asked in ours:
            best, second = _two_best(likeness[asked.name, one.name] for one in theirs)
            if best < CERTAIN or best - second < MARGIN:
                continue
            one = next(one for one in theirs if likeness[asked.name, one.name] == best)
            first, other = _two_best(likeness[mine.name, one.name] for mine in ours)
            if first == best and first - other >= MARGIN and self._fit(asked, one) is Fit.YES:
                self._keep(asked, one, "nearly the same question, and its answers", best)

    def _suggested(self, asked: Asked, likeness: dict[tuple[str, str], float]) -> Match:
        left = [one for one in self.file.described if one.name not in self.taken]
        best = max(left, key=lambda one: likeness.get((asked.name, one.name), 0), default=None)
        certainty = likeness.get((asked.name, best.name), 0.0) if best else 0.0
        if best is None or certainty < SUGGESTED:
            return Match(asked)
        alike = sum(likeness.get((asked.name, one.name), 0) >= certainty - MARGIN for one in left)
        why = "looks like it" if alike == 1 else f"one of {alike} that look like it"
        if self._fit(asked, best) is Fit.NO:
            why += ", but its answers are others"
        return Match(asked, best, certainty, why)


def _two_best(values: Iterable[float]) -> tuple[float, float]:
    first, second = (*sorted(values, reverse=True), 0.0, 0.0)[:2]
    return first, second


def _usual(name: str, one: Described) -> bool:
    usual = USUAL_NAMES.get(name, "").split()
    return key(one.name) in usual or key("".join(words(one.text))) in usual


def _same_question(asked: Asked, one: Described, with_words: bool) -> bool:
    said = {" ".join(words(text)) for text in (one.wording, one.text or one.name)}
    if not with_words:
        return any(" ".join(words(text)) in said for text in asked.wordings)
    filled = [text for text in asked.wordings if "{" in text]
    return any(pattern(text).fullmatch(own) for text in filled for own in said)


def pattern(wording: str) -> re.Pattern[str]:
    """A wording as the words of a question, with a group for each of its {placeholders}."""
    parts, rest = [], wording
    for name in placeholders(wording):
        before, _, rest = rest.partition(f"{{{name}}}")
        parts += [re.escape(" ".join(words(before))), f"(?P<{name}>.+?)"]
    parts.append(re.escape(" ".join(words(rest))))
    return re.compile(" ".join(part for part in parts if part))
