"""What can be wrong with the numbers given to this floor, one small exception per kind.

All are ``ValueError``. They carry positions and names of margins and levels, never a respondent's
values: the floor above turns them into messages that name a file.
"""

from __future__ import annotations


class StatisticsError(ValueError):
    """Numbers that cannot be used; the base of every exception of this floor."""


class BadWeights(StatisticsError):
    """Weights that are negative, missing or infinite, or that are all zero."""


class LonelyPsu(StatisticsError):
    """A stratum with a single primary sampling unit, under the policy ``fail``."""


class EmptyCell(StatisticsError):
    """A level of a margin has a target above zero and nobody in the sample."""


class ContradictoryMargins(StatisticsError):
    """Margins whose totals differ, so that no weights can meet them all."""


class NotConverged(StatisticsError):
    """A calibration that did not reach its tolerance; names the margin and level furthest off."""
