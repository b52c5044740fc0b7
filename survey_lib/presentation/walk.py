"""A checklist to walk with: the places that residents name, when and why, and what is seen there.

Made of the published places only, so that a place, a time or a reason that didn't pass the door
isn't on it (domain guide, 3.9 and 6.3).
"""

from __future__ import annotations

import pandas as pd

from survey_lib.presentation import swedish, tables
from survey_lib.presentation.meeting import blank
from survey_lib.presentation.phrases import HIDDEN, Words
from survey_lib.presentation.places import FEW, MENTIONS, REASON, SEVERAL, TIME, single_places
from survey_lib.presentation.tables import NOTHING, Cell, Column, HtmlTable, Row

BOX = "☐"
YES_NO = f"{BOX} ja {BOX} nej"
OTHER = "Något mer som vi ser"
ABOUT = ("Datum och tid", "Väder och ljus", "Deltagare", "Den som antecknar")
HOW = (
    "Gå gärna den tid på dygnet som nämns mest. Kryssa för det ni ser och skriv vad som behöver "
    "göras och av vem. Skriv inget som pekar ut en person."
)


def walk_table(
    places: pd.DataFrame, answers: pd.DataFrame, words: Words, caption: str
) -> HtmlTable:
    """Each place with its mentions and times as a heading, and a row for each reason that is shown,
    with boxes to tick and room for notes; the last row of a place is for what nobody named.

    ``places, answers``: as :func:`survey_lib.presentation.places.places_table`.
    """
    columns = [
        tables.text("Det som nämns", "label"),
        Column("Antal som nämner det", _mentions),
        Column("Ser vi det?", lambda row: Cell(YES_NO), numeric=False),
        blank("Anteckningar: vad behöver göras, och av vem?"),
    ]
    rows = []
    for place in single_places(places).itertuples():
        heading = f"{place.label}: {swedish.number(place.mentions)} omnämnanden. "
        heading += _times(_shown(answers, str(place.place), TIME))
        reasons = _shown(answers, str(place.place), REASON)
        rows += (
            reasons.sort_values("mentions", ascending=False, kind="stable")
            .assign(heading=heading)[["heading", "label", "mentions"]]
            .to_dict("records")
        )
        rows.append({"heading": heading, "label": OTHER, "mentions": None})
    frame = pd.DataFrame(rows, columns=["heading", "label", "mentions"])
    notes = [MENTIONS, SEVERAL, FEW]
    return HtmlTable.of(frame, columns, caption, words, notes=notes, groups="heading")


def about_table(words: Words, caption: str) -> HtmlTable:
    """What to write down about the walk itself."""
    columns = [tables.text("Uppgift", "label"), blank("Fylls i")]
    rows = [[column.cell({"label": label}) for column in columns] for label in ABOUT]
    return HtmlTable(caption, columns, rows, demo=words.demo)


def _shown(answers: pd.DataFrame, place: str, question: str) -> pd.DataFrame:
    """The answers about a place whose numbers are shown."""
    mine = (answers["place"] == place) & (answers["question"] == question)
    return answers[mine & (answers["mark"] != HIDDEN)]


def _times(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "Tider redovisas inte."
    each = [
        f"{swedish.lower_first(row.label)} ({swedish.number(row.mentions)})"
        for row in rows.itertuples()
    ]
    return f"Tider: {swedish.listing(each)}."


def _mentions(row: Row) -> Cell:
    found = row["mentions"]
    if pd.isna(found):
        return Cell(NOTHING)
    return Cell(swedish.number(found), float(found))
