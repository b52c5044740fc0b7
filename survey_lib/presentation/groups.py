"""Who: sentences and tables about groups of residents (domain guide 6.2 and 6.5).

A group is compared with everyone else in the same area. It is named in a sentence only where that
difference is säkerställd; groups whose parameters say ``named: false`` (country of birth) stand in
tables and charts, and no sentence names them. "Held equal" is what the average marginal effects
say; nothing here speaks of causes.

``rows`` are published indicators by one reporting group: ``indicator, label, group, group_label,
category, category_label, named, whole, estimate, low, high, n, mark`` and the contrasts as
``group_second, group_difference, …``. ``effects`` are the published effects with ``label,
variable_label, category_label, reference_label, named``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.ranks import listed
from survey_lib.presentation.sentences import Bullets, Point, Sentence, share_and_interval
from survey_lib.presentation.tables import NOTHING, Cell, Column, HtmlTable
from survey_lib.presentation.verdicts import Comparison, Verdict, records

Row = Mapping[str, Any]
SHOWN_HERE = "Bland de mått som visas här"  # groups are tested of every indicator, shown of few
EQUAL_NOTE = (
    "Grupperna jämförs som om de i övrigt var lika: med samma {variabler}. Det säger inte vad "
    "skillnaderna beror på."
)


def groups_table(
    rows: pd.DataFrame,
    words: Words,
    caption: str,
    heading: str = "Grupp",
    notes: Sequence[str] = (),
) -> HtmlTable:
    """Each category with its share, everyone else's, and the difference; by indicator when there
    are several."""
    columns = [
        tables.text(heading, "category_label"),
        tables.value("Andel", "group"),
        tables.interval(words.ki),
        tables.other_side("Andel bland övriga", "group", words),
        tables.comparison("Skillnad mot övriga (p.e.)", "group", words),
        tables.count(),
    ]
    found = [Comparison.of(row, "group").verdict(words) for row in records(rows)]
    explained = [
        *notes,
        phrases.INTERVAL_NOTE if words.probability else phrases.KVOT,
        f"Övriga = alla andra {words.people} i {words.place}. Under en jämförd andel och en "
        f"skillnad står dess {words.ki}.",
        phrases.POINTS_NOTE,
    ]
    if Verdict.SAMPLING in found:
        explained.append(phrases.UNTESTED_NOTE)
    several = rows["indicator"].nunique() > 1
    groups = "label" if several else None
    return HtmlTable.of(rows, columns, caption, words, notes=explained, groups=groups)


def differing(rows: pd.DataFrame, words: Words) -> list[Sentence | list[Sentence]]:
    """The groups that differ säkerställt, indicator by indicator, and what is said of the others.
    ``rows`` may hold several reporting groups; those that no sentence names then stand alone.

    Of groups that no sentence names it is said that the share differs between them, where it does.
    """
    if rows.empty:
        return []
    points, several = Bullets(), []
    seen: set[Verdict] = set()
    parts: dict[str, dict[Verdict, list[Row]]] = {}
    for row in records(rows):
        verdict = Comparison.of(row, "group").verdict(words)
        parts.setdefault(row["indicator"], defaultdict(list))[verdict].append(row)
    for part in parts.values():
        seen |= part.keys()
        label = str(next(iter(part.values()))[0]["label"])
        secured = {kind: part.get(kind, []) for kind in (Verdict.HIGHER, Verdict.LOWER)}
        if any(secured.values()):
            points.append(Point(label, _told(secured, words)))
        unsure = part.get(Verdict.SEVERAL, [])
        if unsure and unsure[0].get("named", True):
            several.append(f"{swedish.lower_first(label)} ({_names(unsure, words)})")
    headings = map(swedish.lower_first, rows["group_label"].drop_duplicates())
    among = f"mellan grupper efter {swedish.listing(headings)}"
    result: list[Sentence | list[Sentence]] = [points] if points else []
    if several:
        result.append(Point(swedish.upper_first(listed(several)), phrases.FLERA))
    if Verdict.SAMPLING in seen:
        return [f"Skillnader {among} prövas inte.", phrases.KVOT]
    if seen & {Verdict.UNCLEAR, Verdict.SMALL, Verdict.SEVERAL} and not points:
        result.append(f"{SHOWN_HERE} är ingen skillnad {among} statistiskt säkerställd.")
    if seen <= {Verdict.HIDDEN, Verdict.NONE}:
        result.append(f"Värden för grupper efter {among.split('efter ')[1]} {phrases.EJ_VISAS}.")
    return result


def main_differences(rows: pd.DataFrame, words: Words) -> list[Sentence | list[Sentence]]:
    """As :func:`differing`, without naming those that only their own interval sets apart from 0."""
    return [
        part
        for part in differing(rows, words)
        if not (isinstance(part, Point) and part.text == phrases.FLERA)
    ]


def _told(secured: Mapping[Verdict, Sequence[Row]], words: Words) -> str:
    """What is säkerställt of one indicator: who is higher, who is lower."""
    found = [row for rows in secured.values() for row in rows]
    many = len(found) > 1
    closing = f"{'Skillnaderna' if many else 'Skillnaden'} är statistiskt säkerställd"
    closing += "a." if many else "."
    if not found[0].get("named", True):
        group = swedish.lower_first(str(found[0]["group_label"]))
        return f"Andelen skiljer sig mellan grupper efter {group}. {closing}"
    directions = [
        f"{'högre' if kind is Verdict.HIGHER else 'lägre'} {_among(rows, words)}"
        for kind, rows in secured.items()
        if rows
    ]
    return f"Andelen är {', och '.join(directions)} än bland övriga {words.people}. {closing}"


def _among(rows: Sequence[Row], words: Words) -> str:
    """ "bland kvinnor (40 procent, 95 % KI 35–45)", "i gruppen ”Hyresrätt” (…)" """
    named = [(_people(row, words), row) for row in rows]
    inside = [_with_share(name, row, words) for name, row in named if name]
    quoted = [_with_share(_quoted(row), row, words) for name, row in named if not name]
    parts = [f"bland {swedish.listing(inside)}"] if inside else []
    if quoted:
        parts.append(
            f"i {'gruppen' if len(quoted) == 1 else 'grupperna'} {swedish.listing(quoted)}"
        )
    return " och ".join(parts)


def _with_share(name: str, row: Row, words: Words) -> str:
    parts = [*share_and_interval(row, words)]
    if row["mark"] == phrases.UNCERTAIN:  # the page explains the word, in the section on reading
        parts.append("osäkert värde")
    return f"{name} ({', '.join(parts)})"


def _people(row: Row, words: Words) -> str:
    return swedish.people(str(row["category_label"]), str(row["group_label"]), words.people)


def _quoted(row: Row) -> str:
    return swedish.quoted(str(row["category_label"]))


def _names(rows: Sequence[Row], words: Words) -> str:
    """ "kvinnor 25–44 år och män 25–44 år", "”Hyresrätt”" """
    return swedish.listing(_people(row, words) or _quoted(row) for row in rows)


def standing(effects: pd.DataFrame, rows: pd.DataFrame, words: Words) -> list[Sentence]:
    """For each säkerställd difference of ``rows``: what is säkerställt between its group and the
    reference when the others are held equal. The sentences stand alone: they are about the effect's
    own row, since a reader sees sex by age and not the difference between women and men."""
    said: list[Sentence] = []
    if effects.empty or not words.probability:
        return said
    for row in records(rows):
        if not Comparison.of(row, "group").verdict(words).secured or not row.get("named", True):
            continue
        own = effects[effects["indicator"] == row["indicator"]]
        here = own[(own["variable"] == row["group"]) & (own["category"] == row["category"])]
        equal = held_equal(own[own["variable"] != row["group"]])
        if here.empty or not equal or here["state"].iloc[0] or here["mark"].iloc[0] == "..":
            continue
        text = _stands(records(here)[0], swedish.listing(equal), words)
        said.append(Point(str(row["label"]), text))
    return said


def held_equal(effects: pd.DataFrame) -> list[str]:
    """The characteristics that a model holds equal, as they stand inside a sentence."""
    inside = effects[effects["state"].isin(["", "sampling"])]
    return [swedish.lower_first(str(name)) for name in dict.fromkeys(inside["variable_label"])]


def _stands(effect: Row, equal: str, words: Words) -> str:
    first = _side(effect, "category", words)
    second = _side(effect, "reference", words)
    if not effect["secured"]:
        return (
            f"När {equal} hålls lika är skillnaden mellan {first} och {second} inte statistiskt "
            "säkerställd."
        )
    size = swedish.points_words(effect["effect"])
    bounds = effect["low"], effect["high"]
    if effect["effect"] < 0:  # "26 procentenheter lägre (16–36)"
        bounds = -effect["high"], -effect["low"]
    inside = f"{words.ki}{swedish.NO_BREAK}{swedish.interval(*bounds)}"
    often, direction = ("oftare", "högre") if effect["effect"] > 0 else ("mer sällan", "lägre")
    return (
        f"{swedish.upper_first(first)} uppger detta {often} än {second} när {equal} hålls lika: "
        f"andelen är då {size} {direction} ({inside}). Skillnaden är statistiskt säkerställd."
    )


def _side(effect: Row, side: str, words: Words) -> str:
    """ "kvinnor", "gruppen ”Hyresrätt”" """
    label = str(effect[f"{side}_label"])
    named = swedish.people(label, str(effect["variable_label"]), words.people)
    return named or f"gruppen {swedish.quoted(label)}"


def effects_table(
    effects: pd.DataFrame, words: Words, caption: str, notes: Sequence[str] = ()
) -> HtmlTable:
    """Each category against its reference with the other characteristics held equal; by indicator
    when there are several."""
    several = effects["indicator"].nunique() > 1
    columns = [
        tables.text("Grupp", "category_label"),
        tables.text("Jämförd med", "reference_label"),
        Column(
            "Skillnad när övrigt är lika (p.e.)",
            lambda row: _effect(row, words),
            unit=tables.POINTS,
        ),
        tables.count(),
    ]
    shown = effects
    if several:
        shown = effects.assign(heading=effects["label"] + ": " + effects["variable_label"])
    explained = [
        *notes,
        *_equal_notes(effects),
        f"Under en skillnad står dess {words.ki}.",
        phrases.INTERVAL_NOTE if words.probability else phrases.KVOT,
        phrases.POINTS_NOTE,
    ]
    if not words.probability or effects["state"].eq("sampling").any():
        explained.append(phrases.UNTESTED_NOTE)
    groups = "heading" if several else "variable_label"
    return HtmlTable.of(shown, columns, caption, words, notes=explained, groups=groups)


def _equal_notes(effects: pd.DataFrame) -> list[str]:
    """What was held equal; said of each indicator by name where they differ."""
    found: dict[tuple[str, ...], list[str]] = {}
    for _, part in effects.groupby("indicator", sort=False):
        found.setdefault(tuple(held_equal(part)), []).append(str(part["label"].iloc[0]))
    lines = []
    for equal, labels in found.items():
        if not equal:
            continue
        note = phrases.fill(EQUAL_NOTE, variabler=swedish.listing(equal))
        named = swedish.listing(map(swedish.quoted, labels))
        lines.append(note if len(found) == 1 else f"{named}: {swedish.lower_first(note)}")
    return lines


REASONS = {"none": "för litet underlag", "separated": "går inte att beräkna"}


def _effect(row: Row, words: Words) -> Cell:
    if row["mark"] == phrases.HIDDEN:
        return Cell(phrases.HIDDEN, None, mark=phrases.HIDDEN)
    if row["state"] in REASONS or pd.isna(row["effect"]):
        why = REASONS.get(row["state"], "")
        return Cell(NOTHING, None, why, verdict=why)
    secured = bool(row["secured"]) and words.probability
    untested = row["state"] == "sampling" or not words.probability
    verdict = Verdict.SAMPLING if untested else Verdict.HIGHER if secured else Verdict.UNCLEAR
    decimals = 1 if secured and swedish.rounded(100 * row["effect"]) == 0 else 0
    bounds = swedish.interval(row["low"], row["high"], decimals)
    detail = f"{bounds}, {verdict.short}"
    mark = phrases.UNCERTAIN if row["mark"] == phrases.UNCERTAIN else ""
    if mark:
        detail += f" {phrases.UNCERTAIN_MARK}"
    return Cell(
        swedish.points(row["effect"], decimals),
        row["effect"],
        detail,
        mark,
        secured,
        (row["low"], row["high"]),
        verdict.short,
    )
