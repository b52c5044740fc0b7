"""The respondents of a wave: persons drawn from the population, and what they fill in.

They answer truthfully and leave blanks, more of them towards the end of the form. A few more
persons are drawn beside the wave's ``responding``: those whose forms the cleaning rules must take
out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_lib.demo.loops import free_texts, place_answers
from survey_lib.demo.people import AREA, draw_mixes, stream
from survey_lib.demo.population import Population
from survey_lib.demo.response import draw_respondents, response_rates
from survey_lib.vocabulary.questionnaire import NO_ANSWER

OUTSIDE_AGE, MOSTLY_BLANK, OUTSIDE_FIELDWORK = "outside_age", "mostly_blank", "outside_fieldwork"
BREAK_OFF = 0.25  # how far into the form those get who leave most of it blank


@dataclass(frozen=True, eq=False)
class Respondents:
    """Those whose forms came in, row by row, strata one after another.

    Attributes
    ----------
    codes : one column per answer column, background variable and paradata column, coded as in the
        questionnaire (99 = left blank); texts are texts, None where none is written.
    stratum : the stratum's key of each person.
    day : (n,) datetime64[D], when each form came in.
    fault : (n,) "" for those who answered properly, else which faulty row this is.
    """

    codes: pd.DataFrame
    stratum: np.ndarray
    day: np.ndarray
    fault: np.ndarray


def draw_respondents_of_wave(population: Population, wave: str) -> Respondents:
    """Exactly ``responding`` proper respondents of each stratum, and the plan's faulty rows."""
    parameters, plan, seed = population.parameters, population.plan, population.seed
    strata = parameters.waves[wave].strata
    extras = _extra_rows(population, wave)
    parts, stratum_of, early, fault = [], [], [], []
    for area, stratum in strata.items():
        people, answers = population.people[area], population.answers(wave, area)
        rates = response_rates(parameters, plan, people, answers, stratum)
        random = stream(seed, wave, area, "respondents")
        rows = draw_respondents(rates, stratum, random, extra=len(extras[area]))
        background = people.background.iloc[rows].astype(object)
        chosen = pd.concat([background, answers.iloc[rows]], axis=1)
        parts.append(chosen.assign(sampling=stratum.sampling))
        stratum_of += [area] * len(rows)
        early.append(np.arange(len(rows)) / len(rows))
        fault += [""] * (stratum.responding or 0) + extras[area]
    codes = pd.concat(parts, ignore_index=True)
    faults = np.array(fault)
    day = _days(population, wave, np.concatenate(early), faults)
    codes = _filled_in(population, wave, codes, faults == MOSTLY_BLANK)
    codes = _with_paradata(population, wave, codes, day)
    return Respondents(codes, np.array(stratum_of), day, faults)


def _extra_rows(population: Population, wave: str) -> dict[str, list[str]]:
    """Which faulty rows go to which stratum, spread over the probability samples."""
    spec = population.parameters.waves[wave]
    extras: dict[str, list[str]] = {area: [] for area in spec.strata}
    if wave not in population.plan.delivery.dirt:
        return extras
    dirt = population.plan.delivery.dirt[wave]
    kinds = [OUTSIDE_AGE] * dirt.outside_age + [MOSTLY_BLANK] * dirt.mostly_blank
    if spec.cleaning.outside_fieldwork == "remove":
        kinds += [OUTSIDE_FIELDWORK] * dirt.outside_fieldwork
    drawn = [area for area, one in spec.strata.items() if one.sampling == "sannolikhet"]
    for k, kind in enumerate(kinds):
        extras[drawn[k % len(drawn)]].append(kind)
    return extras


def _days(population: Population, wave: str, early: np.ndarray, faults: np.ndarray) -> np.ndarray:
    """Most forms come in early; those outside the fieldwork came weeks before or after it."""
    spec = population.parameters.waves[wave]
    random = stream(population.seed, wave, "days")
    first, last = (np.datetime64(day, "D") for day in spec.fieldwork)
    length = int((last - first).astype(int))
    mixed = 0.7 * early + 0.3 * random.random(len(early))
    day = first + np.floor(mixed**1.4 * (length + 1)).astype("timedelta64[D]")
    outside = np.flatnonzero(faults == OUTSIDE_FIELDWORK)
    dirt = population.plan.delivery.dirt.get(wave)
    if dirt and not len(outside):  # they stay among the proper ones
        outside = random.choice(np.flatnonzero(faults == ""), dirt.outside_fieldwork, replace=False)
    for k, row in enumerate(outside):
        days = 7 * (2 + k)
        day[row] = last + days if k % 2 == 0 else first - days
    return day


def _filled_in(
    population: Population, wave: str, codes: pd.DataFrame, broken_off: np.ndarray
) -> pd.DataFrame:
    """Blanks: more towards the end, more from careless persons; and the texts they write."""
    asked, plan = population.parameters.questionnaire, population.plan.delivery
    random = stream(population.seed, wave, "blanks")
    n, codes = len(codes), codes.copy()
    for variable, shares in plan.replaced.items():
        uniform, start = random.random(n), 0.0
        for code, share in shares.items():
            codes.loc[(uniform >= start) & (uniform < start + share), variable] = code
            start += share
    spread = plan.no_answer.spread
    careless = np.exp(random.normal(0, spread, n) - spread**2 / 2)
    registered = {AREA, *population.parameters.population(population.plan.persons.cells).columns}
    form = [name for name in [*asked.items, *asked.background] if name not in registered]
    blank_in: dict[str, np.ndarray] = {}
    for k, name in enumerate(form):
        place = k / max(1, len(form) - 1)
        share = plan.no_answer.first + place * (plan.no_answer.last - plan.no_answer.first)
        blank_in[name] = (random.random(n) < share * careless) | (broken_off & (place >= BREAK_OFF))
    for name, blank in blank_in.items():
        filters = getattr(asked.variable(name), "asked_if", None) or {}
        for variable in filters:
            blank = blank | blank_in.get(variable, False)
        for column in asked.columns(name):
            if column in codes:
                codes.loc[blank, column] = NO_ANSWER
    writes = ~broken_off
    loops = place_answers(population, wave, codes, writes) | free_texts(population, wave, writes)
    return pd.concat([codes, pd.DataFrame(loops)], axis=1)


def _with_paradata(
    population: Population, wave: str, codes: pd.DataFrame, day: np.ndarray
) -> pd.DataFrame:
    inside, plan = population.parameters.areas.members, population.plan.delivery
    drawn = {
        name: draw_mixes(
            mixes, codes, inside, len(codes), stream(population.seed, wave, "paradata", name)
        ).astype(object)
        for name, mixes in plan.paradata.items()
    }
    weeks = pd.DatetimeIndex(day).isocalendar()
    weeks = zip(weeks["year"], weeks["week"], strict=True)
    drawn["week"] = [f"{year}-W{week:02d}" for year, week in weeks]
    return codes.assign(**drawn)
