"""Before a promise is made: what change the next survey can show, area by area.

Everything comes of published numbers: each share with its effective n and design effect. The next
survey is taken to be made in the same way, with as many answers; the share needed is that of one
true change that is säkerställd in at least ``TARGET`` of all such surveys.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.presentation import charts, planning
from survey_lib.presentation.section import Section
from survey_lib.report.results import PROBABILITY, Results
from survey_lib.statistics.power import detectable_change, needed_size

TITLE = "Innan ett nytt löfte ges"
TARGET = 0.8
FAMILIES = (1, 3)  # indicators in the promise
WANTED = (0.03, 0.05, 0.10)  # changes that a meeting may ask for
HIGHEST = 5  # of a ranked table, those most often called a problem
RULE_OF_THUMB = (0.10, 0.25, 0.50)


def plan(whole: Results) -> Section:
    """What can be seen next time: by area and share, then question by question in each area."""
    level = whole.parameters.reports.level
    areas = [Results(whole.parameters, whole.published, a) for a in _sampled(whole, level)]
    found = [(one, rows) for one in areas if len(rows := planned(one))]
    if not found:
        return Section(TITLE, [planning.NOTHING])
    words, singular = whole.words, whole.parameters.areas.levels[level].singular
    overview = pd.concat([_thumb(one, rows) for one, rows in found], ignore_index=True)
    others = [whole.parameters.areas.name(a) for a in _unsampled(whole, level)]
    parts = [
        Section(
            one.words.area,
            figures=[charts.planned(rows, one.words, planning.caption(one.words))],
            tables=[planning.planning_table(rows, one.words, WANTED, FAMILIES)],
            folded=True,
        )
        for one, rows in found
    ]
    table = planning.overview_table(overview, words, singular, RULE_OF_THUMB)
    alpha = whole.parameters.tables.showing.significance
    return Section(
        TITLE,
        planning.sentences(words, TARGET, alpha, others),
        tables=[table],
        notes=[planning.EACH],
        parts=parts,
    )


def planned(results: Results) -> pd.DataFrame:
    """What a promise to an area may be about: the leading indicators of each table and the highest
    ranked, those that say which direction is safer and whose value isn't uncertain.

    Returns
    -------
    rows of :meth:`Results.rows` with ``up`` (the safer direction), ``smallest_1, smallest_3`` (the
    smallest change found, alone and as one of three) and ``needed_3, needed_5, needed_10``
    (respondents of each of two equal surveys that show a change of so many points).
    """
    tables, questionnaire = results.parameters.tables, results.parameters.questionnaire
    every = [results.rows(name) for name in tables.tables]
    rows = pd.concat([one for one in every if len(one)], ignore_index=True)
    lead = {indicator for table in tables.tables.values() for indicator in table.lead}
    better = rows["indicator"].map(lambda i: questionnaire.indicators[i].rule.better)
    known = (rows["mark"] == "") & rows["estimate"].between(0, 1, inclusive="neither")
    wanted = rows["indicator"].isin(lead) | (rows["rank"] <= HIGHEST)
    rows = rows.assign(up=better == "higher")[known & wanted & better.notna()]
    rows = rows.reset_index(drop=True)
    alpha = tables.showing.significance
    share, size = rows["estimate"].to_numpy(float), rows["n_effective"].to_numpy(float)
    smallest = {
        f"smallest_{family}": detectable_change(
            share, size, size, up=rows["up"], alpha=alpha, family=family, target=TARGET
        )
        for family in FAMILIES
    }
    sign, deff = np.where(rows["up"], 1, -1), rows["deff"].to_numpy(float)
    sizes = {
        planning.needed(change): deff
        * needed_size(share, share + sign * change, alpha=alpha, target=TARGET)
        for change in WANTED
    }
    labels = rows["indicator"].map(results.full_label)
    return rows.assign(label=labels, **smallest, **sizes)


def _thumb(results: Results, rows: pd.DataFrame) -> pd.DataFrame:
    """One row about an area: the usual design effect, and the smallest change of some shares that
    is found whichever way it goes."""
    n, deff = float(results.sampled["n"]), float(rows["deff"].median())
    alpha = results.parameters.tables.showing.significance
    ways = [
        detectable_change(RULE_OF_THUMB, n / deff, n / deff, up=up, alpha=alpha, target=TARGET)
        for up in (False, True)
    ]
    found = dict(zip(map(planning.thumb, RULE_OF_THUMB), np.maximum(*ways), strict=True))
    names = {"label": results.words.area, "mark": results.sampled["mark"]}
    return pd.DataFrame([names | {"n": n, "deff": deff} | found])


def _sampled(whole: Results, level: str) -> list[str]:
    """The areas of a level with a probability sample whose number of respondents is told, in
    Swedish order."""
    rows = whole.published.areas
    rows = rows[(rows["level"] == level) & (rows["sampling"] == PROBABILITY) & rows["n"].notna()]
    return list(rows["area"])


def _unsampled(whole: Results, level: str) -> list[str]:
    """The asked areas of a level whose changes aren't tested."""
    rows = whole.published.areas
    rows = rows[(rows["level"] == level) & (rows["sampling"] != PROBABILITY)]
    return list(rows.loc[rows["sampling"] != "", "area"])
