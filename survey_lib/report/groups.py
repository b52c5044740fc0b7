"""Who: the leading indicators of a section, group by group (domain guide, 6.2).

Sex by age comes first, since a municipal survey elsewhere found young women's otrygghet that the
police picture lacked; then the other groups, and whether their differences stand when the others
are held equal. Which groups there are is said in ``tables.yaml``; a group that is part of a crossed
one doesn't stand alone.
"""

from __future__ import annotations

import pandas as pd

from survey_lib.presentation import charts, swedish
from survey_lib.presentation.groups import (
    differing,
    effects_table,
    groups_table,
    main_differences,
    standing,
)
from survey_lib.presentation.phrases import KVOT
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Sentence
from survey_lib.report import notes
from survey_lib.report.results import Results

TITLE = "Skillnader mellan grupper"
PANELS = 6  # more indicators than that in one picture can't be read


def groups(results: Results, lead: list[str]) -> Section:
    """What differs by the first group, its chart (from two indicators on) and table folded, and so
    the others after it; empty where none is declared."""
    first, *others = [rows for name in _order(results, lead)
                      if len(rows := results.groups(lead, name))] or [pd.DataFrame()]  # fmt: skip
    if first.empty:
        return Section(TITLE)
    words = results.words
    name = str(first["group_label"].iloc[0])
    caption = f"{name}: {_subject(first)}"
    drawn = first[first["indicator"].isin(lead[:PANELS])]
    return Section(
        TITLE,
        differing(first, words),
        [charts.groups(drawn, words, caption)] if drawn["indicator"].nunique() > 1 else [],
        [groups_table(first, words, caption, notes=notes.notes(results, _whole(first)))],
        parts=[_others(results, others), _equal(results, lead)],
    ).folding(name)


def all_named(results: Results, lead: list[str]) -> list[Sentence | list[Sentence]]:
    """For the summary: who differs säkerställt, by every group that sentences name."""
    found = [results.groups(lead, name) for name in _order(results, lead)]
    found = [rows for rows in found if len(rows) and rows["named"].all()]
    return main_differences(pd.concat(found), results.words) if found else []


def _others(results: Results, others: list[pd.DataFrame]) -> Section:
    """The remaining groups: what is said of them, and one table for all."""
    if not others:
        return Section("")
    words = results.words
    names = [str(rows["group_label"].iloc[0]) for rows in others]
    title = swedish.listing([names[0], *map(swedish.lower_first, names[1:])])
    said = [sentence for rows in others for sentence in differing(rows, words)]
    said = [sentence for sentence in said if sentence != KVOT]  # it stands above, once
    rows = pd.concat(others, ignore_index=True)
    rows = rows.assign(
        label=rows["label"] + ", " + rows["group_label"].map(swedish.lower_first),
        indicator=rows["indicator"] + rows["group"],
    )
    order = {label: place for place, label in enumerate(rows["label"].drop_duplicates())}
    rows = rows.sort_values("label", key=lambda label: label.map(order), kind="stable")
    under = notes.notes(results, _whole(others[0]))
    table = groups_table(rows, words, f"{title}: {_subject(others[0])}", notes=under)
    return Section(title, said, tables=[table], folded=True)


def _equal(results: Results, lead: list[str]) -> Section:
    """Whether the differences stand when the other characteristics are held equal."""
    effects = results.effects(lead)
    if effects.empty:
        return Section("")
    rows = pd.concat([results.groups(lead, name) for name in effects["variable"].unique()])
    said = standing(effects, rows, results.words)
    table = effects_table(effects, results.words, f"Med övrigt lika: {_subject(effects)}")
    return Section("Står skillnaderna när övrigt är lika?", said, tables=[table], folded=True)


def _order(results: Results, lead: list[str]) -> list[str]:
    """The groups of the indicators' tables: crossed ones first, and none that is part of one."""
    declared = results.parameters.questionnaire.groups
    specs = results.parameters.tables.tables.values()
    names = dict.fromkeys(
        name for spec in specs if set(lead) & set(spec.indicators) for name in spec.groups
    )
    crossed = [name for name in names if declared[name].cross]
    inside = {part for name in crossed for part in declared[name].cross or []}
    return [*crossed, *(name for name in names if name not in inside and name not in crossed)]


def _whole(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop_duplicates("indicator")


def _subject(rows: pd.DataFrame) -> str:
    """What a table of several indicators by group is about."""
    labels = list(rows["label"].drop_duplicates())
    if len(labels) > 2:
        return f"{swedish.lower_first(labels[0])} med flera"
    return swedish.listing(map(swedish.lower_first, labels))
