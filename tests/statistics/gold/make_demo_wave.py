"""Writes DEMO_wave.csv: respondents of one district of the made-up survey, for R and the tests.

    python tests/statistics/gold/make_demo_wave.py

Nobody in it exists. Those who stated age and sex, their start weights, the cells of the two margins
that the district is raked to, and five indicators (empty: outside the base). DEMO_margins.csv holds
the margins' totals.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from survey_lib.answers import clean, read_answers
from survey_lib.perception.indicators import indicator_arrays
from survey_lib.vocabulary import load_parameters
from survey_lib.weighting import weight

HERE = Path(__file__).parent
WAVE, AREA = "2024", "sdn:angered"
INDICATORS = ["otrygg_ute_kvall", "otrygg_omrade"]
MARGINS = ["age_sex", "part"]


def main() -> None:
    parameters = load_parameters(HERE.parents[2] / "parameters")
    survey = weight(clean(read_answers(parameters, WAVE), parameters), parameters)
    place = parameters.areas.at_level(survey.frame["area"], "sdn") == AREA
    known = survey.frame["alder_grp"].notna() & survey.frame["kon"].isin([1, 2])
    rows = np.flatnonzero(place & known)
    people = survey.frame.iloc[rows]
    rules = list(parameters.questionnaire.indicators.values())
    problems = parameters.tables.tables["problems"].indicators[:3]
    wanted = [*INDICATORS, *problems]
    chosen = [rule for rule in rules if rule.id in wanted]
    numerators, bases = indicator_arrays(people, chosen, survey.wave, parameters)
    age = people["alder_grp"].cat.codes.to_numpy()
    part = pd.Categorical(parameters.areas.at_level(people["area"], "del"))
    frame = pd.DataFrame(
        {
            "start": np.asarray(survey.design.calibration.start)[rows],
            "age_sex": age * 2 + people["kon"].to_numpy(),
            "part": part.codes + 1,
            "sex": people["kon"].to_numpy(),
        }
    )
    for k, rule in enumerate(chosen):
        frame[rule.id] = np.where(bases[:, k], numerators[:, k].astype(float), np.nan)
        frame[rule.id] = frame[rule.id].astype("Int8")
    frame.to_csv(HERE / "DEMO_wave.csv", index=False, encoding="utf-8", lineterminator="\n")
    margins = pd.concat(totals(frame[name], survey.design.weights[rows]) for name in MARGINS)
    margins.to_csv(HERE / "DEMO_margins.csv", index=False, encoding="utf-8", lineterminator="\n")


def totals(codes: pd.Series, weights: np.ndarray) -> pd.DataFrame:
    """A margin's levels and persons, 38 000 in all."""
    persons = pd.Series(weights).groupby(codes.to_numpy()).sum()
    persons *= 38_000 / persons.sum()
    return pd.DataFrame({"margin": codes.name, "level": persons.index, "persons": persons})


if __name__ == "__main__":
    main()
