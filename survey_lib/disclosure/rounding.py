"""The one rounding of all that is published, in every file and on every page.

* Bases (numbers of respondents) to the nearest ``round_bases``, but never across a limit that
  decides how a value is shown: 98 becomes 95 and not 100. So whatever is decided from a published
  base is what the true one would decide.
* Shares and differences of whole areas to 0.001, a tenth of a percent, such that rounding on to
  whole percent gives what the unrounded value gives: 0.3449 becomes 0.344, since 0.345 would be
  printed as 35 %. What isn't 0 (or 1) doesn't become it: a share of 0.0003 is 0.001 and printed as
  <1 %, and a difference keeps its sign. Such a share is less than 0.001 from the unrounded one.
* Shares and differences of groups inside an area, and those on a base below the limit of an
  uncertain value, to 0.01, as pages print them: tenths would tell nobody more, since their
  intervals are many percent wide, but they would let the answers of the few who stand in no
  published category be had as what is left. What isn't 0 is 0.001 at least here too.
* Effective n, design effect, standard errors and p-values to two significant digits, p-values
  never across the significance level; standard errors beside whole percent to one.
* What follows from other published numbers is computed from them, and tells nothing more: the base
  of everybody else in an area, and the unweighted shares of the respondents.

Numbers that come from the wave file and the population files are public and stay as they are:
invited, responding, population. Mentions of places have rules of their own (:mod:`.places`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_lib.perception.comparisons import GROUP, REST
from survey_lib.statistics.arrays import Flags, Floats
from survey_lib.vocabulary.tables import Showing

SHARES = [
    "estimate", "low", "high", "first", "first_low", "first_high", "second", "second_low",
    "second_high", "difference", "effect", "weighted", "direct", "rest_first", "rest_first_low",
    "rest_first_high", "rest_second", "rest_second_low", "rest_second_high", "rest_difference",
    "rest_low", "rest_high", "beyond", "beyond_low", "beyond_high",
]  # fmt: skip
BASES = ["n", "n_first", "n_second", "respondents", "left"]
ROUGH = [
    "n_effective", "deff", "mse", "kish_deff", "smallest", "largest", "rest_n_first",
    "rest_n_second",
]  # fmt: skip
P_VALUES = ["p", "p_adjusted"]
NOISE = 1e-9  # binary noise, taken away before a half is rounded


@dataclass(frozen=True)
class Rounding:
    """How bases are rounded (``step``, and the ``limits`` that none of them crosses) and the level
    that p-values don't cross."""

    step: int = 5
    limits: Sequence[float] = (30, 100)
    significance: float = 0.05

    @classmethod
    def of(cls, showing: Showing) -> Rounding:
        limits = (showing.hide_below, showing.uncertain_below)
        return cls(showing.round_bases, limits, showing.significance)

    def frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        """A published frame with every number rounded; others, and missing ones, stay."""
        coarse = self.coarse(rows)
        rules: list[tuple[list[str], Callable[[Floats], Floats]]] = [
            (SHARES, lambda value: shares(value, coarse)),
            (BASES, self.bases),
            (ROUGH, two_digits),
            (["se"], lambda value: np.where(coarse, one_digit(value), two_digits(value))),
            (P_VALUES, self._p),
        ]
        result = rows.copy()
        for names, rule in rules:
            for name in [one for one in names if one in rows and len(rows)]:
                rounded = pd.Series(
                    rule(rows[name].to_numpy(dtype=float, na_value=np.nan)), index=rows.index
                )
                whole = str(rows[name].dtype) == "Int64"  # whole numbers, some missing
                result[name] = rounded.astype("Int64") if whole else rounded
        return result

    def coarse(self, rows: pd.DataFrame) -> Flags:
        """Which rows' shares are told in whole percent: those about groups, and those on a base
        below the highest limit."""
        found = np.full(len(rows), "variable" in rows)
        if "group" in rows:
            found |= (rows["group"] != "").to_numpy(bool)
        for name in ("n", "n_first", "n_second"):
            if name in rows:
                n = rows[name].to_numpy(dtype=float, na_value=np.nan)
                found |= n < max(self.limits, default=0)
        return found

    def bases(self, n: Floats) -> Floats:
        """Numbers of respondents, each to the nearest multiple on its own side of every limit."""
        rounded = self.step * np.floor(n / self.step + 0.5)
        for limit in self.limits:
            below = self.step * (np.ceil(limit / self.step) - 1)
            above = self.step * np.ceil(limit / self.step)
            rounded = np.where((n < limit) & (rounded >= limit), below, rounded)
            rounded = np.where((n >= limit) & (rounded < limit), above, rounded)
        return rounded

    def base_bounds(self, n: Floats) -> tuple[Floats, Floats]:
        """Least and greatest whole number that is published as each ``n``."""
        half = (self.step - 1) // 2, self.step // 2
        low, high = n - half[1], n + half[0]
        for limit in self.limits:
            # those below the limit that would have been rounded up to it, and the other way
            last = self.step * (np.ceil(limit / self.step) - 1)
            high = np.where(n == last, limit - 1, high)
            low = np.where(n == last + self.step, limit, low)
        return np.maximum(low, 0), high

    def _p(self, p: Floats) -> Floats:
        return _apart(p, two_digits(p), self.significance)


def shares(value: Floats, coarse: Flags | bool = False) -> Floats:
    """Shares, and differences of shares, as the module says; ``coarse`` those in whole percent."""
    size = np.abs(value)
    with np.errstate(invalid="ignore"):
        tenths = np.floor(1000 * size + 0.5 + NOISE)
        whole = np.floor(100 * size + 0.5 + NOISE)
        tenths -= np.floor(tenths / 10 + 0.5) > whole
        tenths = np.where(coarse, 10 * whole, tenths)
        tenths = np.where((size > 0) & (tenths == 0), 1, tenths)
        tenths = np.where((size < 1) & (tenths == 1000), 999, tenths)
    return np.copysign(tenths / 1000, value) + 0.0  # never minus zero


def share_bounds(value: Floats, coarse: Flags | bool = False) -> tuple[Floats, Floats]:
    """Least and greatest share that is published as each ``value``."""
    tenths = np.round(1000 * value)
    half = np.where(coarse, 0.005, 0.0005)
    low, high = value - half, value + half
    last, first = ~np.asarray(coarse) & (tenths % 10 == 4), ~np.asarray(coarse) & (tenths % 10 == 5)
    high = np.where(last, value + 0.001, high)
    low = np.where(first, value, low)
    low = np.where(tenths == 1, 0, low)
    high = np.where(tenths == 999, 1, high)
    high = np.where(coarse & (tenths == 1), 0.005, high)
    low = np.where(coarse & (tenths == 999), 0.995, low)
    exact = (tenths == 0) | (tenths == 1000)
    return np.where(exact, value, low), np.where(exact, value, high)


def one_digit(value: Floats) -> Floats:
    """One significant digit; 0 for what is smaller than any number that matters."""
    return _digits(value, 1)


def two_digits(value: Floats) -> Floats:
    """Two significant digits; 0 for what is smaller than any number that matters."""
    return _digits(value, 2)


def _digits(value: Floats, number: int) -> Floats:
    size = np.abs(value)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = np.where(size > 1e-99, np.floor(np.log10(size)) + 1 - number, 0.0)
    # dividing by a whole power of ten gives the number that the digits are written as
    up, down = 10.0 ** np.maximum(unit, 0), 10.0 ** np.maximum(-unit, 0)
    return np.round(value * down / up) * up / down


def half_unit(value: Floats) -> Floats:
    """How far a number with two significant digits can be from the true one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return 0.5 * 10.0 ** (np.floor(np.log10(np.abs(value)) + NOISE) - 1)


def _apart(value: Floats, rounded: Floats, limit: float) -> Floats:
    """Rounded to two digits, but down where it would reach a limit that it is below, and up where
    it would fall below it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = 2 * half_unit(np.abs(value))
    down = np.where((value < limit) & (rounded >= limit), rounded - unit, rounded)
    return two_digits(np.where((value >= limit) & (down < limit), down + unit, down))


def implied_bases(contrasts: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Rounded contrasts whose ``n_second`` follows from what is published besides: of everybody
    else in an area, its base without the category's; of all other areas, two significant digits."""
    if contrasts.empty:
        return contrasts
    wholes = indicators[indicators["group"] == ""].set_index(["area", "indicator"])["n"]
    whole = wholes.reindex(pd.MultiIndex.from_frame(contrasts[["area", "indicator"]])).to_numpy()
    n = contrasts["n_second"]
    others = np.maximum(whole - contrasts["n_first"], 0)
    n = n.where((contrasts["comparison"] != GROUP) | n.isna(), others)
    rest = (contrasts["comparison"] == REST) & (n >= 100)
    return contrasts.assign(n_second=n.where(~rest, two_digits(n.to_numpy(float))))


def implied_shares(profile: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """A rounded profile whose unweighted shares follow from published numbers of respondents: those
    of its categories, or of the whole area where one of them is hidden."""
    if profile.empty:
        return profile
    total = profile.groupby(["area", "variable"])["n"].transform(lambda n: n.sum(skipna=False))
    total = total.fillna(profile["area"].map(areas.set_index("area")["n"]))
    return profile.assign(unweighted=shares((profile["n"] / total).to_numpy(float), coarse=True))
