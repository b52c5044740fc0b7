"""Which fixed phrase a comparison earns (domain guide, 5.2, 6.3 and 6.4).

Whether a difference is *säkerställd* is decided below the door, by the adjusted test; it arrives
here as a published column. This module only picks the phrase, in one place for sentences, tables
and charts.

A comparison is a published row with the columns (``kind`` is "change" or "gap"):

==========================  =====================================================================
``estimate``, ``n``, ``mark``  the value itself, its unweighted base and its mark
``{other}``, ``{other}_n``, ``{other}_mark``  the same of the other side: ``before`` for a change,
                            ``rest`` for a gap
``{kind}``                  difference (value − other side), as a fraction
``{kind}_low/_high``        its unadjusted interval
``{kind}_secured``          True when the adjusted test says so
``{kind}_state``            "" or why there is no test: "wording" (scale or wording changed),
                            "sampling" (one side isn't a probability sample), "none" (no such
                            wave, or no reference)
==========================  =====================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.phrases import Words

WIDE = 0.10  # a half-width above 10 percentage points can't decide anything
OTHER_SIDE = {"change": "before", "gap": "rest"}


class Verdict(Enum):
    """The outcomes, with the few words that a table cell or a chart has room for. The sign of the
    difference beside them tells its direction."""

    HIGHER = "higher"
    LOWER = "lower"
    UNCLEAR = "unclear"
    SEVERAL = "several"
    SMALL = "small"
    CHANGED = "changed"
    SAMPLING = "sampling"
    HIDDEN = "hidden"
    NONE = "none"

    @property
    def short(self) -> str:
        return _SHORT[self]

    @property
    def secured(self) -> bool:
        return self in (Verdict.HIGHER, Verdict.LOWER)


_SHORT = {
    Verdict.HIGHER: "säkerställd",
    Verdict.LOWER: "säkerställd",
    Verdict.UNCLEAR: "ej säkerställd",
    Verdict.SEVERAL: "ej säkerställd",
    Verdict.SMALL: "för litet underlag",
    Verdict.CHANGED: "frågan ändrad",
    Verdict.SAMPLING: "prövas inte",
    Verdict.HIDDEN: "redovisas inte",
    Verdict.NONE: "jämförelse saknas",
}


@dataclass(frozen=True)
class Comparison:
    """One side against another, read from a published row."""

    kind: str
    value: float
    other: float
    difference: float
    low: float
    high: float
    n: float
    n_other: float
    secured: bool
    state: str
    hidden: bool

    @classmethod
    def of(cls, row: Mapping[str, Any], kind: str) -> Comparison:
        other = OTHER_SIDE[kind]
        secured = row.get(f"{kind}_secured")
        marks = {row.get("mark", ""), row.get(f"{other}_mark", "")}
        return cls(
            kind=kind,
            value=_float(row.get("estimate")),
            other=_float(row.get(other)),
            difference=_float(row.get(kind)),
            low=_float(row.get(f"{kind}_low")),
            high=_float(row.get(f"{kind}_high")),
            n=_float(row.get("n")),
            n_other=_float(row.get(f"{other}_n")),
            secured=False if secured is None or pd.isna(secured) else bool(secured),
            state=str(row.get(f"{kind}_state", "") or ""),
            hidden=bool(marks & {phrases.HIDDEN, phrases.IMPOSSIBLE}),
        )

    def verdict(self, words: Words) -> Verdict:
        """The outcome. What can't be compared is said before what is hidden, what is hidden before
        any test. A base below 100 gives SMALL unless säkerställd (6.3); then an interval without 0
        that the adjusted test doesn't back is SEVERAL (5.2); then a wide interval is SMALL (6.4)."""
        if self.state == "wording":
            return Verdict.CHANGED
        if self.state == "none":
            return Verdict.NONE
        if self.hidden:
            return Verdict.HIDDEN
        if self.state == "sampling" or not words.probability:
            return Verdict.SAMPLING
        if pd.isna(self.difference):
            return Verdict.NONE
        if self.secured:
            return Verdict.HIGHER if self.difference > 0 else Verdict.LOWER
        if min(self.n, self.n_other) < words.uncertain_below:
            return Verdict.SMALL
        if self.low > 0 or self.high < 0:
            return Verdict.SEVERAL
        if self.high - self.low > 2 * WIDE:
            return Verdict.SMALL
        return Verdict.UNCLEAR

    @property
    def decimals(self) -> int:
        """Decimals of both values and their difference: one when a säkerställd difference would
        otherwise be written as two equal numbers."""
        return swedish.decimals_that_differ(self.value, self.other) if self.secured else 0

    def phrase(self, words: Words) -> str:
        """The fixed phrase in full; "" when there is nothing to say."""
        verdict = self.verdict(words)
        return (
            _change(self, verdict, words) if self.kind == "change" else _gap(self, verdict, words)
        )


def _change(comparison: Comparison, verdict: Verdict, words: Words) -> str:
    year = words.before or ""
    if verdict is Verdict.CHANGED:
        return phrases.fill(phrases.JMF_EJ, ar=year)
    if verdict in (Verdict.HIDDEN, Verdict.NONE):
        return ""
    if verdict is Verdict.SMALL:
        return phrases.LITET
    a = swedish.share_words(comparison.other, comparison.decimals)
    b = swedish.share_words(comparison.value, comparison.decimals)
    if verdict is Verdict.HIGHER:
        return phrases.fill(phrases.OKN, a=a, b=b, ar=year)
    if verdict is Verdict.LOWER:
        return phrases.fill(phrases.MSK, a=a, b=b, ar=year)
    text = phrases.fill(phrases.EJ, a=a, b=b, ar=year)
    values, _, _ = text.partition(". ")
    if verdict is Verdict.SEVERAL:
        return f"{values}. {phrases.FLERA}"
    if verdict is Verdict.SAMPLING:
        return f"{values}. {phrases.KVOT}"
    return text


def _gap(comparison: Comparison, verdict: Verdict, words: Words) -> str:
    if verdict.secured:
        return phrases.fill(
            phrases.GAP,
            d=swedish.points_words(comparison.difference, comparison.decimals),
            riktning="högre" if verdict is Verdict.HIGHER else "lägre",
            ovriga=words.rest,
        )
    if verdict in (Verdict.UNCLEAR, Verdict.SMALL):
        return phrases.fill(phrases.GAP_EJ, ovriga=words.rest)
    if verdict is Verdict.SEVERAL:
        return f"{phrases.fill(phrases.GAP_EJ, ovriga=words.rest)} {phrases.FLERA}"
    return ""


def _float(value: Any) -> float:
    return float("nan") if value is None or pd.isna(value) else float(value)
