"""A section about a subject: what its tables in ``tables.yaml`` say, in one form for all subjects.

Each table has its sentences, then chart and table of the same numbers; after them come all answers
to the questions, the groups, and the subareas. The first table stands at the head of the section,
the others under headings of their own; one with nothing to tell in sentences (neither ``lead`` nor
``saying``) is folded, and so is what only few look up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from survey_lib.presentation import (
    charts,
    phrases,
    pooling,
    ranks,
    report_tables,
    sentences,
    swedish,
)
from survey_lib.presentation.computed import computed
from survey_lib.presentation.figure import Figure
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Sentence
from survey_lib.presentation.tables import HtmlTable
from survey_lib.presentation.timeline import timeline_table
from survey_lib.presentation.verdicts import records
from survey_lib.report import notes
from survey_lib.report.groups import groups
from survey_lib.report.results import Results
from survey_lib.vocabulary.tables import Table

CHART_FROM = 5  # fewer shares stand well enough in their table
ALL = "Alla svarsalternativ, i diagram och tabell"
GROUPS_OF = 5  # the highest-ranked are shown group by group
IN_FULL = ("problems", "safety")  # sections that show all waves, and all answers in sight

Pair = tuple[Figure | None, HtmlTable]


def theme(results: Results, section: str, title: str) -> Section:
    """Everything that the section's tables say of the area; empty when no table is declared."""
    declared = results.tables_of(section)
    if not declared:
        return Section(title)
    found = {name: rows for name in declared if len(rows := results.rows(name))}
    if not found:
        every = [one for spec in declared.values() for one in spec.indicators]
        told = pooling.not_pooled(results.unpooled(every), results.words)
        return Section(title, told or [phrases.fill(phrases.EJ_STALLD, ar=results.words.wave)])
    (first, *others) = (block(results, declared[name], rows) for name, rows in found.items())
    in_full = section in IN_FULL
    shown, folded = answers(results, list(found), in_full)
    lead = [one for name, rows in found.items() for one in leading(declared[name], rows)]
    ranked = [one for name in found if declared[name].ranked for one in declared[name].indicators]
    who, where = groups(results, lead), subareas(results, lead, ranked, title)
    comment = results.comment(section)
    before = over_time(results, lead, title) if in_full else Section("")
    others = [one if one.folded or not ranked else one.folding(ALL) for one in others]
    parts = [
        *first.parts,
        example(results, found, ranked),
        *others,
        before,
        shown,
        folded,
        who,
        where,
    ]
    return replace(first, title=title, comment=comment, parts=parts)


def example(results: Results, found: Mapping[str, pd.DataFrame], ranked: list[str]) -> Section:
    """How the largest of the ranked problems was computed; nothing where none are ranked."""
    significance = results.parameters.tables.showing.significance
    for rows in found.values():
        shown = rows[rows["indicator"].isin(ranked) & rows["rank"].eq(1)]
        if len(shown):
            return computed(records(shown.head(1))[0], results.words, significance)
    return Section("")


def leading(spec: Table, rows: pd.DataFrame) -> list[str]:
    """What is shown group by group: the table's own choice, or the highest-ranked."""
    if spec.ranked:
        return list(rows.dropna(subset="rank").sort_values("rank")["indicator"].head(GROUPS_OF))
    return [one for one in spec.lead if (rows["indicator"] == one).any()]


def block(results: Results, spec: Table, rows: pd.DataFrame) -> Section:
    """One table of the section: sentences, charts, tables."""
    words = replace(results.words, saying=spec.saying or phrases.SAYING)
    if spec.ranked:
        rows = rows.sort_values("rank", na_position="last", ignore_index=True)
    elif spec.saying:
        rows = rows.sort_values("estimate", ascending=False, ignore_index=True, kind="stable")
    pairs = tabled(results, spec, rows)
    compared = spec.ranked and "change_second" in rows and rows["change_second"].notna().any()
    unpooled = pooling.not_pooled(results.unpooled(spec.indicators), words)
    return Section(
        spec.title,
        [*said(spec, rows, words, bool(unpooled)), *unpooled, *([spec.note] if spec.note else [])],
        [figure for figure, _ in pairs],
        [table for _, table in pairs],
        parts=[changed(results, spec, rows)] if compared else [],
        folded=not (spec.ranked or spec.saying or spec.lead),
    )


def said(
    spec: Table, rows: pd.DataFrame, words: Words, missing: bool = False
) -> list[Sentence | list[Sentence]]:
    """What the table says: how sure its order is (the summary and the chart have the order itself),
    or its leading indicators with their three panels; and what is säkerställt of the others.
    ``missing``: some of its indicators have no row."""
    told = None
    text: list[Sentence | list[Sentence]]
    if spec.ranked:
        text = [*ranks.possible_top(rows, words, missing=missing)]
    elif spec.saying:
        text = [*sentences.most_named(rows, words)]
    else:
        lead = rows["indicator"].isin(spec.lead)
        points = Bullets(sentences.indicator(row, words) for row in rows[lead].to_dict("records"))
        text, told, rows = [points] if points else [], rows[lead], rows[~lead]
    return once([*text, *(sentences.findings(rows, words, told) if len(rows) else [])])


def tabled(results: Results, spec: Table, rows: pd.DataFrame) -> list[Pair]:
    """A table's chart and table; those of its indicators whose base leaves out who isn't there in
    a table of their own, which says so in its title."""
    questionnaire = results.parameters.questionnaire
    present = rows["indicator"].map(lambda i: questionnaire.indicators[i].rule.base == "present")
    made: list[Pair] = []
    for part, outside in ((rows[~present], False), (rows[present], True)):
        if part.empty:
            continue
        caption = spec.title
        if outside:
            part = notes.not_there(results, part)
            caption += f", {swedish.lower_first(questionnaire.bases['present'])}"
        under = notes.notes(results, part)
        chart = None
        if len(part) >= CHART_FROM:
            chart = charts.ranked(part, results.words, caption)
            chart = replace(chart, notes=notes.under_chart(under))
        heading = "Problem" if spec.ranked else "Fråga"
        table = report_tables.indicator_table(
            part, results.words, caption, heading=heading, notes=under
        )
        made.append((chart, table))
    return made


def changed(results: Results, spec: Table, rows: pd.DataFrame) -> Section:
    """Both waves beside each other."""
    words = results.words
    caption = f"{spec.title}: {words.before} och {words.wave}"
    under = notes.notes(results, rows)
    table = report_tables.change_table(rows, words, caption, heading="Problem", notes=under)
    return Section(caption, [], [charts.change(rows, words, caption)], [table], folded=True)


def answers(results: Results, tables: Sequence[str], in_full: bool) -> tuple[Section, Section]:
    """All answers to the tables' questions, scale by scale, since only answers to one scale share a
    picture: the first scale as chart and table, the others as tables, folded; and so the first
    when a single question has it, or the section isn't one shown ``in_full``."""
    parts = [part for part in map(results.answers, tables) if len(part)]
    if not parts:
        return Section(""), Section("")
    rows = pd.concat(parts, ignore_index=True)
    questionnaire = results.parameters.questionnaire
    scale = rows["item"].map(lambda item: questionnaire.scale_of(item, results.wave))
    made = []
    for _, part in rows.groupby(scale, sort=False):
        part = _one_heading(results, part)
        asked = list(part["row"].drop_duplicates())
        subject = questionnaire.items[part["item"].iloc[0]].theme
        name = asked[0] if len(asked) == 1 else questionnaire.themes[subject].title
        under = notes.answer_notes(results, part)
        table = report_tables.answers_table(part, results.words, f"{name}: alla svar", notes=under)
        made.append((part, table))
    part, table = made[0]
    several = part["item"].nunique() > 1
    drawn = [charts.diverging(part, results.words, table.caption)] if several else []
    if not (several and in_full):
        every = [one for _, one in made]
        return Section(""), Section("Alla svar", figures=drawn, tables=every, folded=True)
    return (
        Section("Alla svar", figures=drawn, tables=[table]),
        Section("Alla svar på fler frågor", tables=[one for _, one in made[1:]], folded=True),
    )


def _one_heading(results: Results, rows: pd.DataFrame) -> pd.DataFrame:
    """The answers to one scale; an answer beside the scale that questions word differently gets a
    wording for all of them."""
    special = {str(c): text for c, text in results.parameters.questionnaire.special.items()}
    several = rows.groupby("answer")["label"].transform("nunique") > 1
    alike = rows["answer"].map(special).where(several).map(swedish.upper_first, na_action="ignore")
    return rows.assign(label=rows["label"].where(alike.isna(), alike))


def over_time(results: Results, lead: list[str], title: str) -> Section:
    """The leading indicators in every wave; nothing before there are three."""
    rows = results.over_time(lead)
    if rows.empty:
        return Section("")
    caption = f"{title}: alla undersökningar"
    under = notes.notes(results, rows.drop_duplicates("indicator"))
    return Section(
        "Utveckling över tid",
        figures=[charts.timeline(rows, results.words, caption)],
        tables=[timeline_table(rows, results.words, caption, notes=under)],
    )


def subareas(results: Results, lead: list[str], ranked: list[str], title: str) -> Section:
    """The area's own subareas: the largest of the ranked problems in each, or the leading
    indicators."""
    rows = results.subareas(ranked or lead)
    if rows.empty:
        return Section("")
    areas, words = results.parameters.areas, results.words
    level = areas.levels[areas.level_of(rows["area"].iloc[0])]
    heading = swedish.upper_first(level.singular)
    if ranked:
        table = report_tables.largest_table(
            rows,
            words,
            f"Största problemen per {level.singular}",
            heading=heading,
            notes=notes.notes(results, rows.head(1)),
        )
    else:
        table = report_tables.subareas_table(
            rows,
            words,
            f"{title}, per {level.singular}",
            heading=heading,
            notes=notes.notes(results, rows.drop_duplicates("indicator")),
        )
    return Section(table.caption, tables=[table], folded=True)


def once(text: list) -> list:
    """Paragraphs without those that already stand above."""
    return [part for place, part in enumerate(text) if part not in text[:place]]
