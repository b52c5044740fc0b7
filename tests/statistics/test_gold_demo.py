"""A raked wave of the made-up survey against R's calibrate and postStratify, plain residuals."""

from __future__ import annotations

from functools import cache

import gold_cases as cases
import numpy as np
import pytest
from numpy.testing import assert_allclose

from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import estimate_shares
from survey_lib.statistics.generalised import calibrate
from survey_lib.statistics.intervals import wilson
from survey_lib.statistics.margins import Margin
from survey_lib.statistics.raking import Raked, post_stratify, rake

EXACT = 1e-8
CASES = ["demo_raked", "demo_linear", "demo_logit", "demo_post"]


@cache
def calibrated(case: str) -> Raked:
    wave, totals = cases.table("DEMO_wave"), cases.table("DEMO_margins")
    start = wave["start"].to_numpy()
    margins = [
        Margin(wave[name].to_numpy() - 1, part["persons"].to_numpy(), name)
        for name, part in totals.groupby("margin")
    ]
    if case == "demo_raked":
        return rake(start, margins, tolerance=1e-13)
    if case == "demo_post":
        return post_stratify(start, margins[0])
    variables = np.hstack([np.eye(len(m.targets))[m.codes] for m in margins])
    targets = np.concatenate([m.targets for m in margins])
    bounds = (0.2, 4.0) if case == "demo_logit" else None
    kind = case.removeprefix("demo_")
    return calibrate(start, variables, targets, kind=kind, bounds=bounds, tolerance=1e-13)


def gold(case: str, subject: str):
    rows = cases.table("gold_demo").fillna({"domain": "", "key": ""})
    return rows[(rows["case"] == case) & rows["subject"].str.match(subject)]


@pytest.mark.parametrize("case", CASES)
def test_weights(case):
    weights = calibrated(case).weights
    rows = gold(case, "raking|generalised")
    assert len(rows) == 4
    for row in rows.itertuples():
        found = np.square(weights).sum() if row.key == "" else weights[int(row.key) - 1]
        assert_allclose(found, row.value, rtol=EXACT)


@pytest.mark.parametrize("case", CASES)
def test_shares_and_intervals(case):
    wave, done = cases.table("DEMO_wave"), calibrated(case)
    design = Design(done.weights, calibration=done.calibration, residuals="plain")
    rows = gold(case, "estimation|intervals")
    assert len(rows) == 75
    for (domain, item), part in rows.groupby(["domain", "key"]):
        expected = part.set_index("statistic")["value"]
        column, _, level = domain.partition("_")
        members = (wave[column] == int(level)).to_numpy() if domain else np.ones(len(wave), bool)
        numerator, base = ((wave[item] == 1).to_numpy(), wave[item].notna().to_numpy() & members)
        found = estimate_shares(design, (numerator & base)[:, None], base[:, None]).iloc[0]
        for statistic in ("estimate", "se", "df"):
            assert_allclose(found[statistic], expected[statistic], rtol=EXACT, err_msg=statistic)
        p = found["estimate"]
        limits = wilson(p, p * (1 - p) / found["se"] ** 2, found["df"])
        assert_allclose(limits, expected[["low", "high"]], rtol=EXACT)
