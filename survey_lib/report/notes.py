"""What stands under a table: question, base, *vet inte*, and those who are not there.

The rules are the domain guide's 3.3: *vet inte* stays in the base and is told from a tenth on;
whoever doesn't go out because of insecurity is counted as insecure, whoever doesn't for another
reason is in the base only; where no reason is asked, those who are not there are left out of the
base and their share stands beside.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from survey_lib.presentation import swedish
from survey_lib.report.results import Results
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.vocabulary.questionnaire import DONT_KNOW, OUTSIDE_SCALE

QUESTION = "Fråga:"
FEW_QUESTIONS = 2


def notes(results: Results, rows: pd.DataFrame) -> list[str]:
    """The lines under a table of indicators, each wording and base once."""
    questionnaire = results.parameters.questionnaire
    items = list(dict.fromkeys(questionnaire.indicators[one].item for one in rows["indicator"]))
    return [
        *counted(rows, results.wave, results.parameters),
        *_outside(results, rows),
        *_dont_know(results, items),
    ]


def under_chart(lines: list[str]) -> list[str]:
    """Of :func:`notes`, without the wordings where there are more than two: these its table has."""
    asked = [line for line in lines if line.startswith(QUESTION)]
    return lines if len(asked) <= FEW_QUESTIONS else [one for one in lines if one not in asked]


def counted(rows: pd.DataFrame, wave: Wave, parameters: Parameters) -> list[str]:
    """What was asked, of whom, and who is counted: what can be said without any answers. ``rows``:
    ``indicator, label``."""
    questionnaire = parameters.questionnaire
    items = list(dict.fromkeys(questionnaire.indicators[one].item for one in rows["indicator"]))
    base = rows["indicator"].map(questionnaire.base_label)
    dropped = parameters.tables.showing.dont_know == "drop"
    besides = ", utom dem som inte tagit ställning" if dropped else ""
    return [
        *questions(items, wave, parameters),
        *_bases(rows["label"], base + besides),
        *_counted_too(rows, wave, parameters),
    ]


def answer_notes(results: Results, answers: pd.DataFrame) -> list[str]:
    """The lines under a table of all answers; its base is those who answered each question."""
    questionnaire = results.parameters.questionnaire
    rows = answers.drop_duplicates("item")
    base = rows["item"].map(lambda item: questionnaire.items[item].filter_label)
    bases = _bases(rows["row"], base.fillna(questionnaire.bases["answered"]))
    return [*questions(rows["item"], results.wave, results.parameters), *bases]


def not_there(results: Results, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the share that is left out of their base, ``outside, outside_low,
    outside_high, outside_mark``."""
    item = rows["indicator"].map(lambda one: results.parameters.questionnaire.indicators[one].item)
    said = _answers(results, item, OUTSIDE_SCALE).set_index("item").reindex(item)
    values = {
        "outside": "estimate",
        "outside_low": "low",
        "outside_high": "high",
        "outside_mark": "mark",
    }
    return rows.assign(**{name: said[column].to_numpy() for name, column in values.items()})


def questions(items: Iterable[str], wave: Wave, parameters: Parameters) -> list[str]:
    """The wording of each question once."""
    asked = dict.fromkeys(parameters.questionnaire.stem(item, wave) for item in items)
    return [f"{QUESTION} {text}" for text in asked]


def _bases(names: pd.Series, bases: pd.Series) -> list[str]:
    """The base of most rows, and by name the rows that have another."""
    usual = bases.mode().iloc[0]
    lines = [f"Bas: {usual}"]
    for base in dict.fromkeys(bases[bases != usual]):
        named = swedish.listing(swedish.quoted(name) for name in names[bases == base])
        lines.append(f"Bas för {named}: {base}")
    return lines


def _counted_too(rows: pd.DataFrame, wave: Wave, parameters: Parameters) -> list[str]:
    """Who is counted by another answer than those of the scale, and who with that answer isn't."""
    questionnaire = parameters.questionnaire
    lines = []
    for one in rows["indicator"]:
        rule = questionnaire.indicators[one].rule
        if not rule.also:
            continue
        answers = [
            questionnaire.answers(variable, wave).get(code, "")
            for variable, codes in rule.also.items()
            for code in codes
        ]
        given = swedish.listing(swedish.quoted(answer) for answer in answers)
        lines.append(
            f"I {swedish.quoted(rule.label)} räknas också de som har svarat {given}. "
            f"Övriga som har svarat {swedish.quoted(answers[0])} ingår i basen men räknas inte."
        )
    return lines


def _outside(results: Results, rows: pd.DataFrame) -> list[str]:
    """The share that answered beside the scale and stays in the base."""
    indicators = [results.parameters.questionnaire.indicators[one] for one in rows["indicator"]]
    items = [one.item for one in indicators if one.rule.base == "answered"]
    return [
        f"Andel som har svarat {swedish.quoted(row.label)}: {_share(results, row)}"
        for row in _answers(results, items, OUTSIDE_SCALE).itertuples()
        if not pd.isna(row.estimate)
    ]


def _dont_know(results: Results, items: list[str]) -> list[str]:
    """Items of which a tenth or more took no stand: their share is told (guide 3.3)."""
    questionnaire = results.parameters.questionnaire
    least = results.parameters.tables.showing.show_dont_know_from
    rows = _answers(results, items, DONT_KNOW)
    rows = rows[rows["estimate"] >= least]
    return [
        f"{label}, där andelen är minst {swedish.percent(least)}: "
        + swedish.listing(
            f"{questionnaire.items[row.item].label} {_share(results, row)}"
            for row in part.sort_values("estimate", ascending=False).itertuples()
        )
        for label, part in rows.groupby("label", sort=False)
    ]


def _share(results: Results, row: Any) -> str:
    """ "21 % (95 % KI 19–24)" """
    inside = swedish.interval(row.low, row.high)
    return f"{swedish.percent(row.estimate)} ({results.words.ki} {inside})"


def _answers(results: Results, items: Iterable[str], code: int) -> pd.DataFrame:
    """One answer to several items in the whole area, a row per item that offers it."""
    rows = results.by_answer.get(str(code))
    if rows is None:
        return pd.DataFrame(columns=["item", "label", "estimate", "low", "high", "mark"])
    return rows[rows["item"].isin(list(items))]
