"""Sentences and table about rolling windows that are watched for change.

Rows: one per window, in order of time, with ``indicator, label, first_label, wave_label`` (labels
of its first and last survey), ``estimate, low, high, n, mark``, and ``difference, limit, signal``
where the same window a year earlier is known.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.sentences import Bullets, Point, Sentence, value
from survey_lib.presentation.tables import Cell, Column, HtmlTable, Row
from survey_lib.presentation.verdicts import records

WINDOW = (
    "Varje värde är medelvärdet av {antal} undersökningar i följd, och jämförs med samma period "
    "året före, så att årstiden är densamma."
)
SINGLE = "Varje undersökning jämförs med den som gjordes samma tid året före."
LIMITS = (
    "Gränserna är satta så att risken för någon falsk signal under ett helt år är {risk}{alla}, om "
    "inget förändras."
)
SIGNAL = (
    "En signal är en anledning att titta närmare, inte detsamma som en statistiskt säkerställd "
    "förändring. Att ingen signal ges betyder inte att inget har förändrats."
)
TOO_SHORT = (
    "Förändringar kan bevakas när det finns {antal} undersökningar i följd som kan jämföras."
)


def watching(
    rows: pd.DataFrame, words: Words, length: int, year: int, rate: float
) -> list[Sentence | list[Sentence]]:
    """How the windows are made and watched, and how it stands with each indicator."""
    said: list[Sentence | list[Sentence]] = [
        SINGLE if length == 1 else phrases.fill(WINDOW, antal=swedish.in_words(length))
    ]
    count = rows["indicator"].nunique()
    if rows["limit"].notna().any():
        together = f" för de {swedish.in_words(count)} måtten tillsammans" if count > 1 else ""
        risk = swedish.percent_words(rate)
        said.append(phrases.fill(LIMITS, risk=risk, alla=together))
    elif words.probability:
        said.append(phrases.fill(TOO_SHORT, antal=swedish.in_words(length + year)))
    points: list[Sentence] = []
    for label, part in rows.groupby("label", sort=False):
        row = records(part.tail(1))[0]
        text = f"{value(row, words)} till och med {row['wave_label']}."
        if part["limit"].notna().any():
            signals = list(part.loc[part["signal"].eq(True), "wave_label"])
            periods = "perioden" if len(signals) == 1 else "perioderna"
            told = f"Signal för {periods} till och med {swedish.listing(signals)}."
            text += f" {told if signals else 'Ingen signal.'}"
        points.append(Point(str(label), text))
    said.append(Bullets(points))
    said.append(SIGNAL if words.probability else f"{phrases.KVOT} Förändringar bevakas inte.")
    return said


def watched_table(
    rows: pd.DataFrame, words: Words, caption: str, *, notes: Sequence[str] = ()
) -> HtmlTable:
    """Every window with its interval, the change since a year earlier, its limits and base."""
    columns = [
        Column("Period", _period, numeric=False),
        tables.percent("Andel"),
        tables.interval(words.ki),
        Column("Förändring på ett år (p.e.)", _change, unit=tables.POINTS),
        Column("Gränser (p.e.)", _limits, unit=tables.POINTS),
        Column("Signal", _signal, numeric=False),
        tables.count(),
    ]
    explained = [*notes, phrases.POINTS_NOTE, *([] if words.probability else [phrases.KVOT])]
    return HtmlTable.of(rows, columns, caption, words, notes=explained, groups="label")


def _period(row: Row) -> Cell:
    first, last = str(row["first_label"]), str(row["wave_label"])
    text = last if first == last else f"{first} – {last}"
    return Cell(text, text)


def _change(row: Row) -> Cell:
    found = tables.known(row, "difference")
    return Cell(tables.NOTHING) if found is None else Cell(swedish.points(found), found)


def _limits(row: Row) -> Cell:
    limit = tables.known(row, "limit")
    if limit is None:
        return Cell(tables.NOTHING)
    return Cell(swedish.interval(-limit, limit), bounds=(-limit, limit))


def _signal(row: Row) -> Cell:
    if tables.known(row, "limit") is None:
        return Cell(tables.NOTHING)
    return Cell("signal", "signal", strong=True) if row["signal"] else Cell("nej", "nej")
