"""One sheet of paper for the problem meeting: every party's picture, and room for its judgement.

The survey knows nothing of *allvar* and *påverkbarhet*, nor of causes, and what is to be done is
the meeting's to decide (domain guide, 1.4): those columns are empty, here and in every export.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from survey_lib.presentation import tables
from survey_lib.presentation.agreement import (
    Agreement,
    Given,
    agreements,
    given_cell,
    possible_places,
    table_notes,
)
from survey_lib.presentation.meeting import (
    BLANK,
    blank,
    difference,
    place_cell,
    share_cell,
    with_verdicts,
)
from survey_lib.presentation.phrases import POINTS_NOTE, Words, fill
from survey_lib.presentation.tables import Cell, Column, HtmlTable, Row

TO_DECIDE = (*BLANK, "Orsaker", "Åtgärder")
DIFFERS = {Agreement.HIGHER: "högre", Agreement.LOWER: "lägre"}
DIFFERS_NOTE = "högre, lägre = än alla platser som är möjliga bland {boende}"


def working_sheet(
    frame: pd.DataFrame,
    compared: pd.DataFrame,
    pictures: Mapping[str, Given | None],
    words: Words,
    caption: str,
) -> HtmlTable:
    """A row per problem, largest first. ``pictures``: every party by name, None for one that has
    given none and so gets an empty column; ``frame`` and ``compared`` as
    :func:`survey_lib.presentation.meeting.meeting_table`."""
    rows = with_verdicts(frame, compared, words) if len(compared) else frame.assign(mark="")
    columns = [
        tables.text("Problem", "problem_sv"),
        Column("Plats", place_cell),
        Column("Andel", share_cell, unit=tables.SHARE),
    ]
    if len(compared) and words.before is not None:
        columns.append(difference(f"Sedan {words.before} (p.e.)", "forandring_pe", "change"))
    for party, given in pictures.items():
        columns.append(blank(party) if given is None else _party(party, frame, given))
    columns += map(blank, TO_DECIDE)
    known = {party: given for party, given in pictures.items() if given is not None}
    notes = table_notes(frame, known, words)
    if known and possible_places(frame):
        notes.append(fill(DIFFERS_NOTE, boende=words.people))
    if len(compared):
        notes.append(POINTS_NOTE)
    return HtmlTable.of(rows, columns, caption, words, notes=notes)


def _party(party: str, frame: pd.DataFrame, given: Given) -> Column:
    """What the party wrote, and below it where that can't be united with the residents' answers."""
    found = agreements(frame, given)

    def cell(row: Row) -> Cell:
        return replace(given_cell(row, given), detail=DIFFERS.get(found[row["problem_id"]], ""))

    return Column(party, cell, numeric=False)
