"""A promise's changes beside the same changes in the rest of the whole: words and table.

``rows`` are published rows of one promise in one area, as :mod:`.promises` takes them. The
difference between the two changes has an interval and no test, so it gets no verdict, and nothing
here says why it is as it is (domain guide, 6.5).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.promises import as_changes
from survey_lib.presentation.tables import Cell, Column, HtmlTable, Row

SHOWN = (
    "Under varje löfte står också hur samma frågor har förändrats i {ovriga} under samma tid, och "
    "hur långt isär de två förändringarna ligger. Där ingår bara områden vars svarande valdes "
    "slumpmässigt båda gångerna."
)
WHO = "I {ovriga} ingår här {delar}."
NOT_A_CAUSE = (
    "Jämförelsen med {ovriga} visar om andelarna har följts åt. Den visar inte ensam om insatsen "
    "har fungerat: områdena är olika från början, och annat kan ha hänt under tiden."
)
NOT_SHOWN = "Samma förändring i {ovriga} redovisas inte. Underlaget räcker inte till det."
UNTESTED = (
    "Skillnaden är förändringen i {platsen} minus förändringen i {ovriga}. "
    "Den prövas inte; intervallet visar hur osäker den är."
)
APPROXIMATE = "Antal svarande i {ovriga} är ungefärliga."


def with_rest(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a change to lay theirs beside."""
    return rows[rows["beyond"].notna()].reset_index(drop=True)


def compared(rows: pd.DataFrame, words: Words) -> list[str]:
    """What the comparison with the rest is and isn't, of all promises together; nothing where none
    has one."""
    shown = [SHOWN, NOT_A_CAUSE] if len(with_rest(rows)) else []
    return [phrases.fill(one, ovriga=words.rest) for one in shown]


def rest_sentences(rows: pd.DataFrame, parts: Sequence[str], words: Words) -> list[str]:
    """Who the rest are; ``parts`` are the names of its areas. Nothing where no change was tested.
    What the comparison is and isn't stands once, above (:func:`compared`)."""
    if not (rows["state"] == "").any():
        return []
    if with_rest(rows).empty:
        return [phrases.fill(NOT_SHOWN, ovriga=words.rest)]
    listed = swedish.listing(parts)
    return [phrases.fill(WHO, ovriga=words.rest, delar=listed)]


def rest_table(rows: pd.DataFrame, words: Words, caption: str) -> HtmlTable:
    """Both changes with their intervals, and how far they are apart."""
    changes = as_changes(rows)
    about = [c for c in rows if c.startswith(("rest_", "beyond"))]
    frame = pd.concat([changes, rows[about]], axis=1)
    rest = swedish.upper_first(words.rest)
    columns = [
        tables.text("Fråga", "label"),
        tables.comparison(f"Förändring i {words.area} (p.e.)", "change", words),
        _share(f"{rest} {words.before}", "rest_second"),
        _share(f"{rest} {words.wave}", "rest_first"),
        _difference(f"Förändring i {words.rest} (p.e.)", "rest_difference", "rest"),
        _difference("Skillnad (p.e.)", "beyond", "beyond"),
        tables.count(
            f"{tables.COUNT_HEADING} {words.rest} {words.before}", "rest_n_second", mark=""
        ),
        tables.count(f"{tables.COUNT_HEADING} {words.rest} {words.wave}", "rest_n_first", mark=""),
    ]
    notes = [
        f"Under en andel, en förändring och en skillnad står dess {words.ki}.",
        phrases.fill(UNTESTED, platsen=words.where, ovriga=words.rest),
        phrases.fill(APPROXIMATE, ovriga=words.rest),
        phrases.INTERVAL_NOTE,
        phrases.POINTS_NOTE,
    ]
    return HtmlTable.of(frame, columns, caption, words, notes=notes)


def _share(heading: str, key: str) -> Column:
    """A share with its interval below."""
    return tables.percent(heading, key, mark="", bounds=(f"{key}_low", f"{key}_high"))


def _difference(heading: str, key: str, bounds: str) -> Column:
    """A difference without a test: its size, and below it the interval."""

    def cell(row: Row) -> Cell:
        value = tables.known(row, key)
        low, high = tables.known(row, f"{bounds}_low"), tables.known(row, f"{bounds}_high")
        if value is None or low is None or high is None:
            return Cell(tables.NOTHING, None)
        shown = swedish.interval(low, high)
        return Cell(swedish.points(value), value, shown, bounds=(low, high))

    return Column(heading, cell, unit=tables.POINTS)
