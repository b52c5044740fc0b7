"""The table that is laid beside the other parties' pictures, with room for theirs (guide, 1.4)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.tables import Cell, Column, HtmlTable, Row, known
from survey_lib.presentation.verdicts import KINDS, Comparison, Verdict, records

BLANK = ("Allvar", "Påverkbarhet")  # what the meeting judges
BASIS = {
    "A": "A = slumpmässigt urval, minst {grans} svarande",
    "B": "B = annat urval, minst {grans} svarande",
    "C": "C = {lagst}–{under} svarande",
    "D": "D = uppgift från annan källa",
}


def meeting_table(
    frame: pd.DataFrame,
    compared: pd.DataFrame,
    words: Words,
    caption: str,
    *,
    parties: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> HtmlTable:
    """The residents' columns filled in, those of the other parties and the meeting left blank.

    ``frame``: the rows of :func:`survey_lib.export.joint_table.joint_table`, in percent;
    ``compared``: the published rows that they are made of, with ``label`` and the comparisons of
    :func:`survey_lib.presentation.verdicts.joined`, so that a verdict has the words of every table.
    """
    rows = with_verdicts(frame, compared, words)
    columns = [
        tables.text("Problem", "problem_sv"),
        Column("Plats", place_cell),
        Column("Andel", share_cell, unit=tables.SHARE),
        difference("Förändring (p.e.)", "forandring_pe", "change"),
        difference(f"Skillnad mot {words.rest} (p.e.)", "gap_ovriga_pe", "rest"),
        *map(blank, [*parties, *BLANK]),
        Column(
            f"Underlag, {swedish.lower_first(tables.COUNT_HEADING)}",
            _basis,
            value_heading=swedish.lower_first(tables.COUNT_HEADING),
        ),
    ]
    basis = [
        phrases.fill(
            BASIS[letter],
            grans=words.uncertain_below,
            under=words.uncertain_below - 1,
            lagst=words.hide_below,
        )
        for letter in BASIS
        if (rows["underlag"] == letter).any()
    ]
    below = [f"Under platsen står möjliga platser, och under andelen dess {words.ki}."]
    explained = [*notes, *below, *basis, phrases.POINTS_NOTE]
    if any((rows[kind] == Verdict.SAMPLING).any() for kind in KINDS):
        explained.append(phrases.UNTESTED_NOTE)
    return HtmlTable.of(rows, columns, caption, words, notes=explained)


def with_verdicts(frame: pd.DataFrame, compared: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The rows with the verdict of each comparison, ``change`` and ``rest``, and an empty mark."""
    verdicts = {
        kind: {row["label"]: Comparison.of(row, kind).verdict(words) for row in records(compared)}
        for kind in KINDS
    }
    return frame.assign(
        mark="", **{kind: frame["problem_sv"].map(of.get) for kind, of in verdicts.items()}
    )


def blank(heading: str) -> Column:
    """A column to write in."""
    return Column(heading, lambda row: Cell(""), numeric=False)


def place_cell(row: Row) -> Cell:
    """The residents' place of a problem, its possible places below."""
    place = known(row, "rang")
    if place is None:
        return Cell(tables.NOTHING)
    low, high = known(row, "rang_lag"), known(row, "rang_hog")
    if low is None or high is None:
        return Cell(str(int(place)), place)
    possible = swedish.places(int(low), int(high))
    return Cell(str(int(place)), place, possible, bounds=(low, high))


def share_cell(row: Row) -> Cell:
    """The share of residents who tell of a problem, its interval below; "–" where nobody was
    asked."""
    value, low, high = (known(row, name) for name in ("andel_stort", "ki_lag", "ki_hog"))
    if value is None and not isinstance(row["kalla"], str):
        return Cell(tables.NOTHING)
    if value is None:
        return Cell(phrases.HIDDEN, mark=phrases.HIDDEN)
    bounds = None if low is None or high is None else (low / 100, high / 100)
    shown = swedish.interval(*bounds) if bounds else ""
    return Cell(swedish.percent(value / 100), value / 100, shown, bounds=bounds)


def _basis(row: Row) -> Cell:
    """How good the figure is, and how many it stands on."""
    n = known(row, "n_oviktat")
    count = "" if n is None else swedish.number(n)
    letter = row.get("underlag")
    return Cell(str(letter) if isinstance(letter, str) else tables.NOTHING, n, count)


def difference(heading: str, name: str, kind: str) -> Column:
    """A difference with the verdict of its comparison below."""

    def cell(row: Row) -> Cell:
        value, verdict = known(row, name), row[kind]
        if verdict is Verdict.HIDDEN:
            return Cell(phrases.HIDDEN, mark=phrases.HIDDEN)
        if value is None:
            return Cell(tables.NOTHING, None, verdict.short, verdict=verdict.short)
        shown = swedish.points(value / 100)
        return Cell(
            shown, value / 100, verdict.short, strong=verdict.secured, verdict=verdict.short
        )

    return Column(heading, cell, unit=tables.POINTS)
