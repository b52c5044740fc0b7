"""Which fixed phrase a comparison earns (domain guide, 5.2, 6.3 and 6.4).

Whether a difference is *säkerställd* is decided below the door, by the adjusted test; it arrives
here as a published column. This module only picks the phrase, in one place for sentences, tables
and charts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.phrases import Words

WIDE = 0.10  # a half-width above 10 percentage points can't decide anything
KINDS = ("change", "rest")  # against an earlier wave, against the rest of the whole


class Verdict(Enum):
    """The outcomes, with the few words that a table cell or a chart has room for. The sign of the
    difference beside them tells its direction."""

    HIGHER = "higher"
    LOWER = "lower"
    UNCLEAR = "unclear"
    SEVERAL = "several"
    SMALL = "small"
    CHANGED = "changed"
    COVERAGE = "coverage"
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
    Verdict.COVERAGE: "olika områden",
    Verdict.SAMPLING: "prövas inte",
    Verdict.HIDDEN: "redovisas inte",
    Verdict.NONE: "jämförelse saknas",
}


def joined(indicators: pd.DataFrame, contrasts: pd.DataFrame) -> pd.DataFrame:
    """Published indicators with their published contrasts beside them, one row per indicator.

    ``contrasts`` has at most one row per ``comparison`` ("change", "rest") and ``indicator`` for
    the whole area, and those of its groups are left aside; its columns become ``change_second,
    change_difference, …`` and ``rest_second, …``. An indicator without a contrast gets the state
    "none". A comparison nobody made adds nothing.
    """
    result = indicators
    contrasts = contrasts[contrasts["group"] == ""]
    for kind in KINDS:
        rows = contrasts[contrasts["comparison"] == kind]
        if rows.empty:
            continue
        rows = rows.drop(
            columns=["comparison", "table", "area", "group", "category", "family"], errors="ignore"
        )
        rows = rows.set_index("indicator").add_prefix(f"{kind}_")
        result = result.join(rows, on="indicator", validate="many_to_one")
        result[f"{kind}_state"] = result[f"{kind}_state"].fillna("none")
    return result


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The frame's rows as :meth:`Comparison.of` reads them; many times as fast as ``to_dict``,
    which counts since every sentence and table begins so."""
    names = [str(name) for name in frame.columns]
    rows = frame.to_numpy(dtype=object).tolist()
    return [dict(zip(names, values, strict=True)) for values in rows]


def on_common_ages(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of :func:`joined` with the value that the change is about: where the waves asked
    different ages, that of the ages they have in common. For what shows both waves."""
    if "change_ages" not in rows:
        return rows
    result, other = rows.copy(), rows["change_ages"].fillna("") != ""
    sides = {"estimate": "first", "low": "first_low", "high": "first_high", "n": "n_first"}
    for name, side in sides.items():
        result.loc[other, name] = rows.loc[other, f"change_{side}"]
    few = other & (result["mark"] != phrases.HIDDEN) & result["estimate"].isna()
    result.loc[few, "mark"] = phrases.HIDDEN
    return result


def change_notes(rows: pd.DataFrame, words: Words) -> list[str]:
    """What a reader of a change must know beside its test: the ages it is about, and that the waves
    differ in mode or season. For what shows both waves."""
    if "change_ages" not in rows:
        return []
    notes = []
    for ages in sorted(set(rows["change_ages"].dropna()) - {""}):
        first, _, last = ages.partition("-")
        span = swedish.ages(int(first), int(last) if last else None)
        notes.append(f"Förändringen gäller {words.people} {span}: dem som frågades båda gångerna")
    if rows["change_modes_differ"].eq(True).any():
        notes.append(
            f"Svaren samlades inte in på samma sätt {words.before} som {words.wave}. Det kan "
            "påverka jämförelsen"
        )
    if rows["change_seasons_differ"].eq(True).any():
        notes.append(
            f"Undersökningarna {words.before} och {words.wave} gjordes vid olika årstider. Det kan "
            "påverka jämförelsen"
        )
    return notes


def interval_name(rows: pd.DataFrame, kinds: Sequence[str], words: Words) -> str:
    """ "95 % KI"; no confidence interval where a side isn't a probability sample."""
    untested = any(rows[f"{kind}_state"].eq("sampling").any() for kind in kinds)
    return (replace(words, probability=False) if untested else words).ki


@dataclass(frozen=True)
class Comparison:
    """A published value against another one, read from a row of :func:`joined`.

    ``first`` is the value itself (of the ages in common, when the waves asked different ones),
    ``second`` the other side; ``difference`` is first − second. ``kind`` is "change", "rest" or
    "group". ``decimals`` are those of all shares and differences of the row: one when a säkerställd
    difference would otherwise be written with two equal numbers.
    """

    kind: str
    first: float
    second: float
    difference: float
    low: float
    high: float
    n_first: float
    n_second: float
    secured: bool
    state: str
    hidden: bool
    decimals: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any], kind: str) -> Comparison:
        """One comparison of a row. All that is said of the row has the same decimals, so that a
        share is the same number in every sentence and cell."""
        every = {one: cls._read(row, one) for one in (*KINDS, "group")}
        return replace(every[kind], decimals=max(one._needed() for one in every.values()))

    def _needed(self) -> int:
        return swedish.decimals_that_differ(self.first, self.second) if self.secured else 0

    @classmethod
    def _read(cls, row: Mapping[str, Any], kind: str) -> Comparison:
        def number(name: str) -> float:
            value = row.get(name)
            return float("nan") if value is None or pd.isna(value) else float(value)

        secured = row.get(f"{kind}_secured")
        ages = row.get(f"{kind}_ages")
        other_ages = isinstance(ages, str) and ages != ""
        return cls(
            kind=kind,
            first=number(f"{kind}_first" if other_ages else "estimate"),
            second=number(f"{kind}_second"),
            difference=number(f"{kind}_difference"),
            low=number(f"{kind}_low"),
            high=number(f"{kind}_high"),
            n_first=number(f"{kind}_n_first" if other_ages else "n"),
            n_second=number(f"{kind}_n_second"),
            secured=False if secured is None or pd.isna(secured) else bool(secured),
            state=str(row.get(f"{kind}_state", "none")),
            hidden=row.get("mark", "") in (phrases.HIDDEN, phrases.IMPOSSIBLE),
        )

    def verdict(self, words: Words) -> Verdict:
        """The outcome. That a question or the area asked has changed is said first; a hidden value
        has no comparison. A base below 100 gives SMALL unless säkerställd (guide 6.3); an interval
        without 0 that the adjusted test doesn't back is SEVERAL (5.2); a wide one is SMALL (6.4).
        """
        if self.state == "wording":
            return Verdict.CHANGED
        if self.state == "coverage":
            return Verdict.COVERAGE
        if self.hidden:
            return Verdict.HIDDEN
        if self.state == "none" or pd.isna(self.second):
            return Verdict.NONE
        if self.state == "sampling" or not words.probability:
            return Verdict.SAMPLING
        if self.secured:
            return Verdict.HIGHER if self.difference > 0 else Verdict.LOWER
        if min(self.n_first, self.n_second) < words.uncertain_below:
            return Verdict.SMALL
        if self.low > 0 or self.high < 0:
            return Verdict.SEVERAL
        return Verdict.SMALL if self.high - self.low > 2 * WIDE else Verdict.UNCLEAR

    def phrase(self, words: Words) -> str:
        """The fixed phrase in full; "" when there is nothing to say."""
        make = _change if self.kind == "change" else _rest
        return make(self, self.verdict(words), words)


def _change(comparison: Comparison, verdict: Verdict, words: Words) -> str:
    if verdict is Verdict.CHANGED:
        return phrases.fill(phrases.JMF_EJ, ar=words.before)
    if verdict is Verdict.COVERAGE:
        return phrases.fill(phrases.OMFATTNING, platsen=words.where, ar=words.before)
    if verdict is Verdict.SMALL:
        return phrases.LITET
    if verdict in (Verdict.HIDDEN, Verdict.NONE):
        return ""
    template = {Verdict.HIGHER: phrases.OKN, Verdict.LOWER: phrases.MSK}.get(verdict, phrases.EJ)
    text = phrases.fill(
        template,
        a=swedish.share_words(comparison.second, comparison.decimals),
        b=swedish.share_words(comparison.first, comparison.decimals),
        ar=words.before,
    )
    values = text.split(". ")[0]
    if verdict is Verdict.SEVERAL:
        return f"{values}. {phrases.FLERA}"
    if verdict is Verdict.SAMPLING:
        # KVOT stands once, for all rows: below the table and after the list
        return f"{values}. Skillnaden prövas inte."
    return text


def _rest(comparison: Comparison, verdict: Verdict, words: Words) -> str:
    if verdict.secured:
        return phrases.fill(
            phrases.GAP,
            d=swedish.points_words(comparison.difference, comparison.decimals),
            riktning="högre" if verdict is Verdict.HIGHER else "lägre",
            ovriga=words.rest,
        )
    if verdict is Verdict.SEVERAL:
        return f"{phrases.fill(phrases.GAP_EJ, ovriga=words.rest)} {phrases.FLERA}"
    if verdict in (Verdict.UNCLEAR, Verdict.SMALL):
        return phrases.fill(phrases.GAP_EJ, ovriga=words.rest)
    return ""
