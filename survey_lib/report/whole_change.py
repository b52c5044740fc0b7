"""How the whole has changed since the wave compared with: as it is, or over the parts in common.

Where both waves asked in the same parts of the whole, its changes are contrasts like any other.
Where they didn't, the changes are those of the parts that both drew at random
(:mod:`survey_lib.perception.comparisons.shared_parts`), and the section says which these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from survey_lib.presentation import charts, phrases, report_tables, sentences, swedish
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Sentence
from survey_lib.report import notes
from survey_lib.report.results import Results

COMMON = (
    "Undersökningarna {fore} och {nu} gjordes inte på samma sätt överallt. Förändringen gäller "
    "därför {antal} av {alla} {omraden}, där de svarande valdes slumpmässigt båda gångerna: "
    "{namn}. Andelarna är deras tillsammans och är andra än för {hela}."
)
NOT_TOLD = (
    "Någon förändring för {hela} redovisas inte. Undersökningarna {fore} och {nu} gjordes på samma "
    "sätt i alltför få {omraden}."
)
SIDES = {"first": "estimate", "first_low": "low", "first_high": "high", "n_first": "n"}


def whole_change(results: Results, chosen: Sequence[tuple[str, list[str]]]) -> Section:
    """The change of the whole, ``results``' area; nothing without an earlier wave.

    ``chosen``: names and indicators of the tables, the first of them told in sentences and drawn.
    """
    words = results.words
    if words.before is None:
        return Section("")
    title = f"{swedish.upper_first(words.where)} sedan {words.before}"
    found = [(name, changes_of(results, ids)) for name, ids in chosen]
    found = [(name, rows) for name, rows in found if len(rows)]
    if not found:
        return Section(title, [_filled(NOT_TOLD, results, words)])
    said: list[Sentence | list[Sentence]] = [*compared_parts(results)]
    words = compared_words(results)
    figures: list[Any] = []
    tables = []
    for name, rows in found:
        said += sentences.changes(rows, words) if not figures else []
        caption = f"{name}: {words.where} {words.before} och {words.wave}"
        figures.append(charts.change(rows, words, caption) if not figures else None)
        under = notes.notes(results, rows)
        tables.append(report_tables.change_table(rows, words, caption, notes=under))
    return Section(title, said, figures, tables)


def compared_parts(results: Results) -> list[Sentence]:
    """Which parts of the whole its changes are about, where they aren't about all of it."""
    common = results.published.common
    return [_who(results, common["parts"].iloc[0].split("|"))] if len(common) else []


def compared_words(results: Results) -> Words:
    """The words of what a change of the whole is about, all of it drawn at random."""
    words = replace(results.words, probability=True)
    if len(results.published.common):
        return replace(words, place=f"de jämförda delarna av {words.place}")
    return words


def changes_of(results: Results, indicators: Sequence[str]) -> pd.DataFrame:
    """The tested changes of some indicators of the whole, in their order, as rows of
    :func:`survey_lib.presentation.verdicts.joined`."""
    common, contrasts = results.published.common, results.published.contrasts
    rows = contrasts[contrasts["comparison"] == "change"] if len(contrasts) else contrasts
    rows = common if len(common) else rows
    if rows.empty:
        return rows
    rows = rows[(rows["area"] == results.area) & (rows["group"] == "")]
    rows = rows[~rows["state"].isin(["coverage", "sampling"])].set_index("indicator")
    rows = rows.loc[[one for one in indicators if one in rows.index]].reset_index()
    if rows.empty:
        return rows
    labels = results.parameters.questionnaire.indicators
    hidden = rows["first"].isna()
    few = rows["n_first"] < results.words.uncertain_below
    return rows[["indicator"]].assign(
        label=rows["indicator"].map(lambda one: labels[one].rule.label),
        **{own: rows[side] for side, own in SIDES.items()},
        mark=np.select([hidden, few], [phrases.HIDDEN, phrases.UNCERTAIN], ""),
        **{f"change_{name}": rows[name] for name in rows if name != "indicator"},
    )


def _who(results: Results, parts: list[str]) -> str:
    names = swedish.listing(results.parameters.areas.name(one) for one in parts)
    return _filled(COMMON, results, results.words, antal=swedish.in_words(len(parts)), namn=names)


def _filled(text: str, results: Results, words: Words, **values: str) -> str:
    areas = results.parameters.areas
    level = results.wave.strata_level or results.parameters.reports.level
    return phrases.fill(
        text,
        fore=words.before,
        nu=words.wave,
        alla=swedish.in_words(len(areas.of_level(level))),
        omraden=areas.levels[level].plural,
        hela=f"hela {words.where}",
        **values,
    )
