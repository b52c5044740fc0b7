"""Equal shares in all areas, the areas being strata, against R's svychisq; and a true null."""

from __future__ import annotations

import gold_cases as cases
import numpy as np
import pytest
from numpy.testing import assert_allclose

from survey_lib.statistics.association import rao_scott
from survey_lib.statistics.design import Design

GOLD = cases.table("gold_areas")


@pytest.mark.parametrize("case", GOLD["case"].unique())
@pytest.mark.parametrize("item", GOLD["item"].unique())
def test_as_in_r(case: str, item: str) -> None:
    numerator, base = cases.share(case, item)
    area = cases.table("wave")["stratum"].to_numpy() - 1
    found = rao_scott(cases.design(case), np.where(base, numerator, -1)[:, 0], area)
    rows = GOLD[(GOLD["case"] == case) & (GOLD["item"] == item)].set_index("statistic")["value"]
    for statistic, value in rows.items():
        assert_allclose(getattr(found, str(statistic)), value, rtol=1e-8, err_msg=str(statistic))


def false_alarms(draws: int, seed: int, n: int, share: float, areas: int = 8) -> float:
    """How often equal shares in areas of unequal size and weights are called unequal at 5 %."""
    random = np.random.default_rng(seed)
    sizes = np.linspace(0.6, 1.4, areas) * n
    area = np.repeat(np.arange(areas), sizes.astype(int))
    population = random.permutation(np.linspace(1, 3, areas))
    alarms = 0
    for _ in range(draws):
        weights = population[area] * random.lognormal(0, 0.4, len(area))
        answer = (random.random(len(area)) < share).astype(int)
        alarms += rao_scott(Design(weights, area), answer, area).p < 0.05
    return alarms / draws


def test_equal_areas_are_rarely_called_unequal() -> None:
    draws = 300
    limit = 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)
    assert false_alarms(draws, 1, 150, 0.3) <= limit
    assert false_alarms(draws, 2, 100, 0.05) <= limit
