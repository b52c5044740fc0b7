"""Material for common goals of the whole: what the survey can and can't say of each.

Where two waves asked in different parts of the whole, a goal's changes are those of the parts in
common (:mod:`survey_lib.report.whole_change`), and the section says once which these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from survey_lib.presentation import phrases, report_tables, sentences, swedish
from survey_lib.presentation.across import Places, matrix_table
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Point, Row, Sentence
from survey_lib.presentation.verdicts import Comparison, records
from survey_lib.report import notes
from survey_lib.report.across import across
from survey_lib.report.results import Results
from survey_lib.report.whole_change import changes_of, compared_parts, compared_words
from survey_lib.vocabulary.goals import Goal

TITLE = "Underlag till gemensamma mål"
SOURCE = "Målen är hämtade från {kalla}."
NO_MEASURE = "Undersökningen har inget mått på det här målet."
IN_COMMON = "I {delarna}: {forandring}"
NOT_TOLD = "Det här säger undersökningen inget om:"
USE = (
    "Måtten visar vad människor upplever. De kan användas som utgångsvärden och följas upp, men "
    "behöver läggas bredvid uppgifter från andra källor."
)


def goals(results: Results, areas: Sequence[str], places: Places) -> Section:
    """A part per goal; nothing without ``goals.yaml``."""
    known = results.parameters.goals
    if known is None:
        return Section(TITLE)
    parts = [_goal(results, goal, areas, places) for goal in known.goals.values()]
    source = SOURCE.format(kalla=known.source)
    return Section(TITLE, [USE, source, *compared_parts(results)], parts=parts)


def _goal(results: Results, goal: Goal, areas: Sequence[str], places: Places) -> Section:
    not_told: list[Sentence | list[Sentence]] = [
        NOT_TOLD,
        Bullets(f"{swedish.upper_first(one)}." for one in goal.not_measured),
    ]
    if not goal.indicators:
        return Section(goal.text, [NO_MEASURE, *not_told])
    rows = _whole(results, goal.indicators)
    said: list[Sentence | list[Sentence]] = [f"Undersökningen visar {goal.measured}."]
    tables = []
    if len(rows):
        common = _changes_in_common(results, goal.indicators)
        changes = {row["indicator"]: row for row in records(common)}
        said.append(
            Bullets(_told(row, changes.get(row["indicator"]), results) for row in records(rows))
        )
        under = notes.notes(results, rows)
        caption = f"{goal.text}: {results.words.where} {results.words.wave}"
        tables.append(report_tables.indicator_table(rows, results.words, caption, notes=under))
        if changes:
            words = compared_words(results)
            caption = f"{goal.text}: {words.where} {words.before} och {words.wave}"
            tables.append(report_tables.change_table(common, words, caption, notes=under))
        beside = across(results, list(rows["indicator"]), areas)
        if len(areas) > 1:
            caption = f"{goal.text}: per {places.singular} {results.words.wave}"
            each = replace(results.words, probability=True)  # an area not drawn at random is named
            tables.append(matrix_table(beside, each, places, caption))
    return Section(goal.text, [*said, *not_told], tables=tables)


def _changes_in_common(results: Results, indicators: Sequence[str]) -> pd.DataFrame:
    """The changes over the parts in common; none where the whole can be compared as it is."""
    if results.words.before is None or results.published.common.empty:
        return pd.DataFrame()
    return changes_of(results, indicators)


def _told(row: Row, change: Row | None, results: Results) -> Point:
    """An indicator's level, and its change: its own, or that of the parts in common."""
    if change is None:
        return sentences.indicator(row, results.words)
    words = compared_words(results)
    told = [f"{sentences.value(row, results.words)}."]
    if phrase := Comparison.of(change, "change").phrase(words):
        told.append(phrases.fill(IN_COMMON, delarna=words.place, forandring=phrase))
    return Point(str(row["label"]), " ".join(told))


def _whole(results: Results, indicators: Sequence[str]) -> pd.DataFrame:
    """The rows of some indicators for the whole, in their order, with comparisons."""
    tables = results.parameters.tables.tables
    frames = [
        rows[rows["indicator"] == one]
        for one in indicators
        for name, spec in tables.items()
        if one in spec.indicators and len(rows := results.rows(name))
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
