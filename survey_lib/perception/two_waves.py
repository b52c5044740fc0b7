"""Two waves' answers laid together: what needs the covariance of both at once.

A change of one area needs it only where the waves were drawn in the same primary units
(``tables.yaml: shared_units``); otherwise the two variances add, and the published shares of each
wave are enough. What stands beside a promise always does: the area's change beside that of the
rest, who are weighted to the same margins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from survey_lib.perception.ages import Span, common_ages, inside_span
from survey_lib.perception.indicators import areas_of, indicator_arrays
from survey_lib.statistics.changes import compare_changes
from survey_lib.statistics.comparison import compare_groups
from survey_lib.statistics.covariance import stack
from survey_lib.statistics.design import Design
from survey_lib.vocabulary import Parameters
from survey_lib.weighting import WeightedSurvey, common_labels


@dataclass(frozen=True, eq=False)
class TwoWaves:
    """A wave and an earlier one; the arrays hold the persons of the first, then the second's."""

    now: WeightedSurvey
    before: WeightedSurvey
    parameters: Parameters

    @property
    def surveys(self) -> tuple[WeightedSurvey, WeightedSurvey]:
        return self.now, self.before

    @cached_property
    def design(self) -> Design:
        designs = [survey.design for survey in self.surveys]
        if not self.parameters.tables.shared_units:
            return stack(*designs, common=False)
        frames = [survey.frame for survey in self.surveys]
        strata, units = (common_labels(frames, name) for name in ("stratum", "psu"))
        named = [
            replace(design, strata=stratum, psu=unit)
            for design, stratum, unit in zip(designs, strata, units, strict=True)
        ]
        return stack(*named, common=True)

    @cached_property
    def later(self) -> np.ndarray:
        """(n,) bool, who is in the first of the two."""
        return np.arange(self.design.size) < self.now.design.size

    @cached_property
    def span(self) -> Span | None:
        """The ages that both asked."""
        return common_ages(self.now.wave, self.before.wave, self.parameters.questionnaire)

    def people(self, areas: Sequence[str]) -> np.ndarray:
        """(n,) bool, who of both waves lives in one of some areas of one level, on the ages that
        both asked."""
        level = self.parameters.areas.level_of(areas[0])
        found = []
        for survey in self.surveys:
            place = areas_of(survey.frame, level, self.parameters.areas, areas)
            found.append((place >= 0) & inside_span(survey, self.span, self.parameters))
        return np.concatenate(found)

    def arrays(self, indicators: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Numerators and bases (n, indicators)."""
        every = [self.parameters.questionnaire.indicators[i] for i in indicators]
        pairs = [indicator_arrays(s.frame, every, s.wave, self.parameters) for s in self.surveys]
        numerators, bases = (np.vstack(arrays) for arrays in zip(*pairs, strict=True))
        return numerators, bases

    def changes(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The change of each row's ``indicator`` in its ``area``, as
        :func:`~survey_lib.statistics.comparison.compare_independent` has them, but with the
        covariance of the two waves."""
        ids = list(dict.fromkeys(rows["indicator"]))
        numerators, bases = self.arrays(ids)
        column = rows["indicator"].map({name: k for k, name in enumerate(ids)}).to_numpy()
        confidence = self.parameters.tables.showing.confidence
        frames = []
        for area, places in rows.groupby("area", sort=False).indices.items():
            inside, chosen = self.people([str(area)]), column[places]
            frame = compare_groups(
                self.design,
                numerators[:, chosen],
                bases[:, chosen],
                inside & self.later,
                inside & ~self.later,
                confidence=confidence,
            )
            frames.append(frame.set_axis(places))
        return pd.concat(frames).sort_index()

    def beside(self, area: str, others: Sequence[str], indicators: Sequence[str]) -> pd.DataFrame:
        """An area's changes beside those of others, of one level, that don't hold it
        (:func:`~survey_lib.statistics.changes.compare_changes`)."""
        inside = self.people([area])
        return compare_changes(
            self.design,
            *self.arrays(indicators),
            inside,
            self.people(others) & ~inside,
            self.later,
            confidence=self.parameters.tables.showing.confidence,
        )
