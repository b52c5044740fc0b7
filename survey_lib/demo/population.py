"""The made-up population whole, its true shares, and samples from it.

``make_population`` makes all persons once; ``answers`` of a wave are cut from their scores when
asked for, and kept. True shares are counts over every person, so an estimate from a sample can be
checked against what it tries to estimate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from survey_lib.demo.answers import true_answers
from survey_lib.demo.people import AREA, People, simulate_people, stream
from survey_lib.demo.response import draw_respondents, response_rates
from survey_lib.faults import BadInput, Fault
from survey_lib.files import shown
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.demo import DemoPlan
from survey_lib.vocabulary.questionnaire import (
    NO_ANSWER,
    NOT_APPLICABLE,
    OUTSIDE_SCALE,
    IndicatorRule,
)


@dataclass(frozen=True, eq=False)
class Population:
    """Everyone, by area. ``people[area].background`` and ``answers(wave, area)`` go row by row."""

    parameters: Parameters
    plan: DemoPlan
    seed: int
    people: dict[str, People]
    _answers: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict, repr=False)

    def answers(self, wave: str, area: str) -> pd.DataFrame:
        """True answers in a wave: one int8 column per answer column, one row per person."""
        if (wave, area) not in self._answers:
            self._answers[wave, area] = true_answers(
                self.parameters, self.plan, self.people[area], wave, self.seed
            )
        return self._answers[wave, area]


def make_population(parameters: Parameters, seed: int | None = None) -> Population:
    """All persons of the plan's population file; ``seed`` None takes the plan's own."""
    plan = parameters.demo
    if plan is None:
        missing = shown(parameters.folder / "demo.yaml")
        action = "restore it, or remove demo: true from the waves"
        raise BadInput(Fault(missing, "", "no such file", "the made-up survey's plan", action))
    seed = plan.seed if seed is None else seed
    areas = list(dict.fromkeys(parameters.population(plan.persons.cells)["id"]))
    people = {area: simulate_people(parameters, plan, area, seed) for area in areas}
    return Population(parameters, plan, seed, people)


def draw_samples(
    population: Population, wave: str, area: str, repeats: int, seed: int
) -> Iterator[np.ndarray]:
    """Independent samples of one stratum: rows of ``answers(wave, area)``, in order of answering.

    Each is drawn as the wave itself is drawn, with its own non-response; ``repeats`` samples of
    about 1 000 take a fraction of a millisecond each.
    """
    parameters, plan = population.parameters, population.plan
    stratum = parameters.waves[wave].strata[area]
    answers = population.answers(wave, area)
    rates = response_rates(parameters, plan, population.people[area], answers, stratum)
    random = stream(seed, wave, area, "sample")
    for _ in range(repeats):
        yield draw_respondents(rates, stratum, random)


def truth(population: Population, wave: str, group: str | None = None) -> pd.DataFrame:
    """True shares of every indicator in every area, over all persons in the strata of a wave.

    One row per indicator and area (and code of ``group``, a background variable): columns
    ``indicator, area, group, share, persons``; ``persons`` is the size of the base. Areas are the
    finest known of a person and all that contain one. An area that lies partly outside the wave's
    strata counts those inside. Don't-knows stay in the base.
    """
    parameters, asked = population.parameters, population.parameters.questionnaire
    spec = parameters.waves[wave]
    indicators = [
        one
        for one in asked.indicators.values()
        if one.item not in spec.not_asked and asked.numerator(one.id, spec) is not None
    ]
    parts = []
    for area in spec.strata:
        background, answers = population.people[area].background, population.answers(wave, area)
        codes, cells = _cells(background, group)
        for indicator in indicators:
            numerator = asked.numerator(indicator.id, spec) or []
            counted, base = counted_and_base(indicator.rule, answers, indicator.column, numerator)
            sizes = [np.bincount(codes[mine], minlength=len(cells)) for mine in (counted, base)]
            sums = np.column_stack(sizes)
            parts.append(
                cells.assign(indicator=indicator.id, counted=sums[:, 0], persons=sums[:, 1])
            )
    rows = pd.concat(parts, ignore_index=True)
    areas = parameters.areas
    above = [(one, up) for one in rows["finest"].unique() for up in {one, *areas.ancestors(one)}]
    rows = rows.merge(pd.DataFrame(above, columns=["finest", "area"]), on="finest")
    total = rows.groupby(["indicator", "area", "group"])[["counted", "persons"]].sum().reset_index()
    total["share"] = total["counted"] / total["persons"].where(total["persons"] > 0)
    return total[["indicator", "area", "group", "share", "persons"]]


def counted_and_base(
    rule: IndicatorRule, answers: pd.DataFrame, column: str, numerator: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """(n,) bool twice: who is counted, and in whose base, as an indicator's rule says.

    Written out here once more, so that the truth does not rest on the code it is to check.
    """
    values = answers[column].to_numpy()
    base = (values != NOT_APPLICABLE) & (values != NO_ANSWER)
    if rule.base == "present":
        base &= values != OUTSIDE_SCALE
    counted = _among(values, numerator)
    if rule.also:
        conditions = [_among(answers[name].to_numpy(), also) for name, also in rule.also.items()]
        counted |= np.logical_and.reduce(conditions)
    return counted & base, base


def _among(values: np.ndarray, codes: list[int]) -> np.ndarray:
    """(n,) bool for (n,) int8 codes: which are among the given ones."""
    table = np.zeros(128, dtype=bool)
    table[codes] = True
    return np.asarray(table[values])


def _cells(background: pd.DataFrame, group: str | None) -> tuple[np.ndarray, pd.DataFrame]:
    """Each person's cell of finest area × group, and the cells in order."""
    finest = background[AREA].cat
    codes, groups = finest.codes.to_numpy().astype(np.intp), pd.Index([""])
    if group is not None:
        groups = background[group].cat.categories
        codes = codes * len(groups) + background[group].cat.codes.to_numpy()
    cells = pd.MultiIndex.from_product([finest.categories, groups], names=["finest", "group"])
    return codes, cells.to_frame(index=False)
