"""What residents have been promised, and which waves can tell how it went (domain guide, 1.5).

``promises.yaml`` has one entry per promise: who made it and for where, its words, its period, the
indicators that can follow it and the direction each should take, and what no survey can measure.
The waves follow from the dates: the *baseline* is the last wave whose fieldwork had ended before
the period began, the *follow-up* the first whose fieldwork began after the period ended, counting
the waves that asked in every area of the promise and that stand on answers of their own. A wave
whose fieldwork began inside the period shows the promise *under pågående period*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.model import FromList, Model, Word
from survey_lib.vocabulary.waves import ANY_STRATUM, Wave

Direction = Literal["upp", "ned"]
Text = Annotated[str, Field(min_length=1)]


class Promise(Model):
    """One promise. Once loaded, ``baseline`` and ``follow_up`` are the waves that its dates lead
    to, None where there is no such wave (yet)."""

    level: str  # of its areas
    areas: Annotated[list[str], Field(min_length=1)]
    text: Text  # as it was made, quoted in reports
    period: Annotated[tuple[date, date], FromList]  # first and last day
    wanted: Direction  # of the indicators that have none of their own
    indicators: Annotated[dict[str, Direction | None], Field(min_length=1)]
    places: list[str] = Field(default_factory=list)  # ids of places or areas, or plain words
    baseline: Word | None = None
    follow_up: Word | None = None
    source: Text
    not_measured: list[Text] = Field(default_factory=list)

    def direction(self, indicator: str) -> Direction:
        """Where the promise wants an indicator's share to go."""
        return self.indicators[indicator] or self.wanted

    def is_ongoing(self, wave: Wave) -> bool:
        """Whether a wave's fieldwork began inside the period."""
        first, last = self.period
        return not wave.pools and first <= wave.fieldwork[0] <= last

    def is_shown_in(self, wave: Wave) -> bool:
        """Whether reports about a wave follow the promise up, for good or so far."""
        return wave.id == self.follow_up or self.is_ongoing(wave)


class PromisesFile(Model):
    """``promises.yaml``"""

    promises: dict[Word, Promise]


def usual_baseline(promise: Promise, waves: Iterable[Wave], areas: Areas) -> str | None:
    """The last wave whose fieldwork had ended before the period began."""
    before = [w for w in _asked(promise, waves, areas) if w.fieldwork[1] < promise.period[0]]
    return max(before, key=lambda wave: wave.fieldwork[1]).id if before else None


def usual_follow_up(promise: Promise, waves: Iterable[Wave], areas: Areas) -> str | None:
    """The first wave whose fieldwork began after the period ended; until there is one, None."""
    after = [w for w in _asked(promise, waves, areas) if w.fieldwork[0] > promise.period[1]]
    return min(after, key=lambda wave: wave.fieldwork[0]).id if after else None


def _asked(promise: Promise, waves: Iterable[Wave], areas: Areas) -> list[Wave]:
    """The waves with answers of their own from every area of the promise, or parts of it."""
    return [
        wave
        for wave in waves
        if not wave.pools and all(_asked_in(area, wave, areas) for area in promise.areas)
    ]


def _asked_in(area: str, wave: Wave, areas: Areas) -> bool:
    if wave.strata_level is None or ANY_STRATUM in wave.strata:
        return True
    known = [one for one in wave.strata if one in areas.areas]  # another has its own fault
    return any(areas.contains(area, one) or areas.contains(one, area) for one in known)


def baselines(promises: Mapping[str, Promise], wave: Wave) -> list[str]:
    """The waves that the promises shown in a wave are compared with, each once."""
    shown = [promise for promise in promises.values() if promise.is_shown_in(wave)]
    return list(dict.fromkeys(promise.baseline for promise in shown if promise.baseline))


def families(
    promises: Mapping[str, Promise], wave: Wave, baseline: str
) -> dict[tuple[str, str], str]:
    """The promise that each (area, indicator) belongs to when a wave is compared with a baseline.

    Such a change is tested among the promise's indicators in that area, and nowhere else. No two
    promises hold the same one: the loader refuses that.
    """
    return {
        (area, indicator): name
        for name, promise in promises.items()
        if promise.baseline == baseline and promise.is_shown_in(wave)
        for area in promise.areas
        for indicator in promise.indicators
    }
