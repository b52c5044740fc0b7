"""Equal shares in all areas, the areas being strata, against R's svychisq; and a true null."""

from __future__ import annotations

import gold_cases as cases
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from simulation_page import ONE_AT_A_TIME, write_sections

from survey_lib.statistics.association import rao_scott
from survey_lib.statistics.design import Design

pytestmark = ONE_AT_A_TIME
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


def called_unequal(
    draws: int, seed: int, n: int, share: float, spread: float = 0.0, areas: int = 8
) -> float:
    """How often the shares of areas of unequal size and weights are called unequal at 5 %; they lie
    evenly from ``share`` - ``spread`` to ``share`` + ``spread``."""
    random = np.random.default_rng(seed)
    sizes = np.linspace(0.6, 1.4, areas) * n
    area = np.repeat(np.arange(areas), sizes.astype(int))
    population = random.permutation(np.linspace(1, 3, areas))
    true = random.permutation(np.linspace(share - spread, share + spread, areas))
    alarms = 0
    for _ in range(draws):
        weights = population[area] * random.lognormal(0, 0.4, len(area))
        answer = (random.random(len(area)) < true[area]).astype(int)
        alarms += rao_scott(Design(weights, area), answer, area).p < 0.05
    return alarms / draws


def test_equal_areas_are_rarely_called_unequal() -> None:
    draws = 300
    limit = 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)
    assert called_unequal(draws, 1, 150, 0.3) <= limit
    assert called_unequal(draws, 2, 100, 0.05) <= limit
    assert called_unequal(40, 3, 300, 0.3, 0.12) > 0.9


@pytest.mark.evidence
def test_equal_areas_are_rarely_called_unequal_in_full() -> None:
    draws, rows = 3000, []
    for n in (150, 400, 1000):
        for share in (0.05, 0.1, 0.3):
            false = called_unequal(draws, 10 * n, n, share)
            found = called_unequal(500, 10 * n + 1, n, share, share / 3)
            rows.append((n, share, 100 * false, 100 * found))
    table = pd.DataFrame(rows, columns=["n", "share", "equal", "a third apart"])
    text = "\n".join(
        [
            f"Eight areas of about n answers each, unequal weights: percent of {draws} draws "
            "called unequal at 5 %, when all are equal (limit 5), and when their shares lie evenly "
            "within a third of the share on both sides.",
            "",
            "```",
            table.round(dict.fromkeys(table.columns[1:], 1) | {"share": 2}).to_string(index=False),
            "```",
        ]
    )
    print(text)
    write_sections({"7 Equal shares in all areas (Rao-Scott)": text})
    assert (table["equal"] <= 5 + 300 * np.sqrt(0.05 * 0.95 / draws)).all()
