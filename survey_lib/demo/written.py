"""From codes to the texts of the delivered file: the company's columns, words and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from survey_lib.demo.people import AREA, stream
from survey_lib.demo.population import Population
from survey_lib.demo.respondents import OUTSIDE_AGE, Respondents
from survey_lib.vocabulary.questionnaire import NO_ANSWER, NOT_APPLICABLE, Item

RESPONDENT = "respondent"


def write_values(population: Population, wave: str, respondents: Respondents) -> pd.DataFrame:
    """Texts in the delivered columns, in the order of the form; missing where a cell is empty.

    A value that the wave file maps (``variables.<x>.values``) is written as the file maps it,
    else as its label for variables in the plan's ``labels``, else as its code.
    """
    asked, spec = population.parameters.questionnaire, population.parameters.waves[wave]
    codes = respondents.codes
    written: dict[str, pd.Series] = {RESPONDENT: _ids(population, wave, len(codes))}
    head = [AREA, "stratum", *population.plan.delivery.paradata, "week"]
    form = [c for name in [*asked.items, *asked.place_items] for c in asked.columns(name)]
    for column in [*head, *form, *asked.background]:
        if column == "stratum":
            if column not in spec.variables:
                continue
            values = pd.Series(respondents.stratum, dtype=object)
        elif column in codes:
            values = codes[column].astype(object)
        else:
            continue
        written[column] = _texts(population, wave, column, values, respondents)
    names = {c: spec.variables[c].column or c for c in written if c in spec.variables}
    return pd.DataFrame(written).astype("str").rename(columns=names)


def _texts(
    population: Population, wave: str, column: str, values: pd.Series, respondents: Respondents
) -> pd.Series:
    spec = population.parameters.waves[wave]
    variable = spec.variables.get(column)
    if variable is not None and variable.years:
        return _years(population, wave, column, values, respondents)
    words = _words(population, wave, column, list(values.dropna().unique()))
    return values.map(words).where(values.notna(), None)


def _words(
    population: Population, wave: str, column: str, codes: list[Any]
) -> dict[Any, str | None]:
    """Code -> text. A blank is an empty cell, and so is what wasn't asked in a ticking list."""
    parameters, plan = population.parameters, population.plan.delivery
    asked, spec = parameters.questionnaire, parameters.waves[wave]
    words: dict[Any, str | None] = {code: str(code) for code in codes}
    owner = asked.column_owner.get(column)
    if owner is not None:
        if column in plan.decimals.get(wave, []):
            words = {code: f"{code},0" for code in codes}
        if owner in plan.labels:
            words |= {code: asked.codes(owner, spec).get(code, str(code)) for code in codes}
        definition = asked.variable(owner)
        ticks = isinstance(definition, Item) and definition.kind == "multiple"
        empty = [NO_ANSWER, NOT_APPLICABLE] if ticks else [NO_ANSWER]
        words |= dict.fromkeys(empty)
    variable = spec.variables.get(column)
    for text, code in reversed((variable.values or {}).items() if variable else ()):
        words[code] = text
    return words


def _years(
    population: Population, wave: str, column: str, bands: pd.Series, respondents: Respondents
) -> pd.Series:
    """Age in years: anywhere in the band, or beyond the wave's span where the row is to be out."""
    background = population.parameters.questionnaire.background[column]
    random = stream(population.seed, wave, "years", column)
    youngest, oldest = population.parameters.waves[wave].age_span
    ages = np.empty(len(bands), dtype=int)
    for band, (first, last) in (background.years or {}).items():
        mine = np.flatnonzero(bands == band)
        last = first + 15 if last is None else last
        ages[mine] = random.integers(first, last + 1, len(mine))
    for k, row in enumerate(np.flatnonzero(respondents.fault == OUTSIDE_AGE)):
        ages[row] = youngest - 1 if oldest is None or k % 2 else oldest + 1 + k
    return pd.Series(ages).astype(str).astype(object)


def _ids(population: Population, wave: str, n: int) -> pd.Series:
    """The company's own ids: no order, no meaning."""
    numbers = stream(population.seed, wave, "ids").choice(900_000, n, replace=False) + 100_000
    return pd.Series([f"R{number}" for number in numbers], dtype=object)
