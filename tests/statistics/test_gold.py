"""Our numbers against R's survey package (``gold/gold.csv``, made by ``gold/make_gold.R``).

Relative difference at most 1e-8 for estimates, standard errors, degrees of freedom, statistics and
closed-form intervals; 1e-5 where R or we iterate (beta quantiles, quantile intervals, p-values).

Where R and the textbook differ: R's ``rake`` takes unweighted residuals, so the raked gold rows
come from ``calibrate(calfun = "raking")``, whose residuals are the design-weighted ones of Deville
& Särndal; and R's ``svyciprop`` gives no usable interval at a share of 0, where the gold rows hold
Korn & Graubard's on the unweighted base over Kish's design effect.
"""

from __future__ import annotations

from functools import cache

import gold_cases as cases
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from survey_lib.statistics import (
    association,
    comparison,
    covariance,
    estimands,
    estimation,
    intervals,
    regression,
    replicates,
    small_areas,
)
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.design import Design
from survey_lib.statistics.parts import compare_parts
from survey_lib.statistics.rest import compare_with_rest
from survey_lib.statistics.variance import Linearised

EXACT, ITERATIVE = 1e-8, 1e-5


def rows(subject: str) -> list:
    """The gold rows of a subject as parameters, one per case, domain and key."""
    found = cases.gold()
    found = found[found["subject"] == subject]
    assert len(found), subject
    return [
        pytest.param(
            *key, dict(zip(part["statistic"], part["value"], strict=True)), id="-".join(key)
        )
        for key, part in found.groupby(["case", "domain", "key"], sort=False)
    ]


def shares(case: str, domain: str, key: str) -> pd.Series:
    numerator, base = cases.share(case, key)
    groups = np.where(cases.domain(case, domain), 0, -1)
    frame = estimation.estimate_shares(cases.design(case), numerator, base, groups, 1)
    return frame.iloc[0]


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("estimation.estimate_shares"))
def test_shares(case, domain, key, expected):
    found = shares(case, domain, key)
    for statistic, value in expected.items():
        tolerance = ITERATIVE if statistic == "high" else EXACT
        assert_allclose(found[statistic], value, rtol=tolerance, err_msg=statistic)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("intervals.wilson"))
def test_wilson(case, domain, key, expected):
    found = shares(case, domain, key)
    limits = intervals.wilson(found["estimate"], found["n_effective"], found["df"])
    assert_allclose(limits, [expected["low"], expected["high"]], rtol=EXACT)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("intervals.korn_graubard"))
def test_korn_graubard(case, domain, key, expected):
    found = shares(case, domain, key)
    limits = intervals.korn_graubard(
        found["estimate"], found["n_effective"], found["n"], found["df"]
    )
    assert_allclose(limits, [expected["low"], expected["high"]], rtol=ITERATIVE)


def wave_indicators() -> tuple[np.ndarray, np.ndarray]:
    """Unsafe, litter a big problem and trust, among those who answered the first two."""
    wave = cases.table("wave")
    known = (wave["unsafe"].notna() & wave["litter"].notna()).to_numpy()
    numerators = np.column_stack([wave["unsafe"] == 1, wave["litter"] == 3, wave["trust"] >= 4])
    return numerators, np.repeat(known[:, None], 3, axis=1)


@pytest.mark.parametrize(
    ("case", "domain", "key", "expected"), rows("estimation.covariance_of_shares")
)
def test_covariance_of_shares(case, domain, key, expected):
    members = cases.domain(case, domain)
    _, found = estimation.covariance_of_shares(cases.design(case), *wave_indicators(), members)
    row, column = (int(part) - 1 for part in key.split())
    assert_allclose(found[row, column], expected["covariance"], rtol=EXACT)
    assert_allclose(found, found.T, rtol=1e-12)


def covariance_by_group(case: str, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares unsafe in the three groups and their covariance."""
    unsafe, _ = cases.share(case, "unsafe")
    groups = cases.table("wave")["group"].to_numpy() - 1
    answers = Answers.from_indicators(unsafe, base)
    return covariance.covariance_of_answers(cases.design(case), answers, groups, 3)


@pytest.mark.parametrize(
    ("case", "domain", "key", "expected"), rows("covariance.covariance_of_answers")
)
def test_covariance_of_answers(case, domain, key, expected):
    _, found = covariance_by_group(case, wave_indicators()[1][:, :1])
    row, column = (int(part) - 1 for part in key.split())
    assert_allclose(found[row, column], expected["covariance"], rtol=EXACT)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("covariance.contrast"))
def test_contrast(case, domain, key, expected):
    base = cases.share(case, "unsafe")[1]
    first, second = (int(part) - 1 for part in key.split(" - "))
    coefficients = np.zeros(3)
    coefficients[first], coefficients[second] = 1, -1
    df = cases.design(case).degrees_of_freedom(base[:, 0])
    found = covariance.contrast(*covariance_by_group(case, base), coefficients, df).iloc[0]
    for statistic, value in expected.items():
        tolerance = ITERATIVE if statistic == "p" else EXACT
        assert_allclose(found[statistic], value, rtol=tolerance, err_msg=statistic)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("comparison.compare_groups"))
def test_compare_groups(case, domain, key, expected):
    first, second = (cases.domain(case, f"group_{part}") for part in key.split(" - "))
    found = comparison.compare_groups(
        cases.design(case), *cases.share(case, "unsafe"), first, second
    ).iloc[0]
    assert_allclose(
        [found["difference"], found["se"]], [expected["difference"], expected["se"]], rtol=EXACT
    )
    for statistic in ("low", "high", "p"):
        assert_allclose(found[statistic], expected[statistic], rtol=ITERATIVE, err_msg=statistic)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("rest.compare_with_rest"))
def test_compare_with_rest(case, domain, key, expected):
    answers = Answers.from_indicators(*cases.share(case, "unsafe"))
    groups = cases.table("wave")["group"].to_numpy() - 1
    found = compare_with_rest(cases.design(case), answers, groups).iloc[int(key) - 1]
    for statistic, value in expected.items():
        tolerance = EXACT if statistic in ("difference", "se") else ITERATIVE
        assert_allclose(found[statistic], value, rtol=tolerance, err_msg=statistic)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("parts.compare_parts"))
def test_compare_parts(case, domain, key, expected):
    answers = Answers.from_indicators(*cases.share(case, "unsafe"))
    parts = cases.table("wave")["group"].to_numpy() - 1
    wholes = np.where(cases.domain(case, domain), 0, -1)
    found = compare_parts(cases.design(case), answers, wholes, 1, parts, 3).iloc[int(key) - 1]
    for statistic, value in expected.items():
        name = statistic.removesuffix("_glm")
        tolerance = EXACT if name in ("difference", "se") else ITERATIVE
        assert_allclose(found[name], value, rtol=tolerance, err_msg=statistic)


@pytest.mark.parametrize(
    ("case", "domain", "key", "expected"), rows("comparison.compare_independent")
)
def test_compare_independent(case, domain, key, expected):
    sides = []
    for side in key.split(" - "):
        name, _, group = side.partition(" ")
        sides.append(shares(name, group.strip(), "unsafe").to_frame().T)
    found = comparison.compare_independent(*sides).iloc[0]
    assert_allclose(
        [found["difference"], found["se"]], [expected["difference"], expected["se"]], rtol=EXACT
    )
    for statistic in ("low", "high", "p"):
        assert_allclose(found[statistic], expected[statistic], rtol=ITERATIVE, err_msg=statistic)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("comparison.adjust"))
def test_adjust(case, domain, key, expected):
    p = [0.001, 0.02, 0.021, 0.3, 0.04, 0.9]
    for method in ("list", "named"):
        adjusted = comparison.adjust(p, method)[int(key) - 1]
        assert_allclose(adjusted, expected[method], rtol=EXACT)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("design.lonely_psu"))
def test_lonely_psu(case, domain, key, expected):
    wave = cases.table("wave")
    kept = ~((wave["stratum"] == 1) & (wave["psu"] > 1)).to_numpy()
    design = Design(
        *(wave[column].to_numpy()[kept] for column in ("start", "stratum", "psu")),
        lonely_psu=key,
    )
    inside = cases.domain("wave", domain)[kept]
    numerator, base = (part[kept] for part in cases.share("wave", "unsafe"))
    found = estimation.estimate_shares(design, numerator, base, np.where(inside, 0, -1), 1).iloc[0]
    assert_allclose(found["estimate"], expected["mean"], rtol=EXACT)
    assert_allclose(found["se"], expected["mean_se"], rtol=EXACT)
    income = (wave["income"].to_numpy()[kept] * inside)[:, None]
    assert_allclose(np.sqrt(Linearised(design).variance(income)), expected["total_se"], rtol=EXACT)


@pytest.mark.parametrize(
    ("case", "domain", "key", "expected"),
    rows("raking.rake") + rows("raking.post_stratify") + rows("generalised.calibrate"),
)
def test_calibrated_weights(case, domain, key, expected):
    raked, income = cases.raked(case), cases.table("wave")["income"].to_numpy()
    found = {
        "weight": raked.weights[int(key) - 1] if key else np.nan,
        "total": raked.weights[cases.domain("wave", domain)].sum(),
        "sum_of_squares": np.square(raked.weights).sum(),
        "income_total": raked.weights @ income,
    }
    for statistic, value in expected.items():
        assert_allclose(found[statistic], value, rtol=EXACT)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("association.rao_scott"))
def test_rao_scott(case, domain, key, expected):
    wave, (_, base) = cases.table("wave"), wave_indicators()
    inside = base[:, 0] & cases.domain(case, domain)
    row, column = (
        {"unsafe_known": "unsafe", "litter_known": "litter", "fsex": "sex", "fage": "age"}[name]
        for name in key.split()
    )
    codes = [np.where(inside, wave[name].fillna(-1), -1).astype(int) for name in (row, column)]
    found = association.rao_scott(cases.design(case), *codes)
    for statistic, value in expected.items():
        tolerance = ITERATIVE if statistic.startswith("p_") or statistic == "p" else EXACT
        assert_allclose(getattr(found, statistic), value, rtol=tolerance, err_msg=statistic)
    assert_allclose(stats.chi2.sf(found.chi2, found.df), expected["p_first_order"], rtol=ITERATIVE)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("association.wald"))
def test_wald(case, domain, key, expected):
    base = cases.share(case, "unsafe")[1]
    shares, matrix = covariance_by_group(case, base)
    contrasts = np.array([[-1, 1, 0], [-1, 0, 1]])
    df = cases.design(case).degrees_of_freedom(base[:, 0])
    found = association.wald(contrasts @ shares, contrasts @ matrix @ contrasts.T, df)
    assert_allclose(found.f, expected["f"], rtol=EXACT)
    assert_allclose(found.p, expected["p"], rtol=ITERATIVE)


@cache
def model(case: str, domain: str, kind: str) -> regression.Regression:
    wave, members = cases.table("wave"), cases.domain("wave", domain)
    known = members & wave["unsafe"].notna()
    woman, income = (wave["sex"] == 2).astype(float), wave["income"]
    if kind == "logistic":
        outcome, predictors, names = (
            wave["unsafe"],
            [woman, wave["age"], income],
            ["woman", "age", "income"],
        )
        fit = regression.logistic
    elif kind == "classes":
        names = ["age 1", "age 3", "age 4", "woman"]
        ages = [(wave["age"] == int(name[-1])).astype(float) for name in names[:3]]
        outcome, predictors, fit = wave["unsafe"], [*ages, woman], regression.logistic
    else:
        outcome, predictors, names = (
            income,
            [woman, wave["age"], wave["trust"]],
            ["woman", "age", "trust"],
        )
        fit = regression.linear
    return fit(
        cases.design(case), np.where(known, outcome, np.nan), np.column_stack(predictors), names
    )


@pytest.mark.parametrize(
    ("case", "domain", "key", "expected", "kind"),
    [
        pytest.param(*row.values, kind, id=f"{kind}-{row.id}")
        for kind in ("logistic", "linear")
        for row in rows(f"regression.{kind}")
    ],
)
def test_regression(case, domain, key, expected, kind):
    found = model(case, domain, kind).table().set_index("name").loc[key]
    for statistic, value in expected.items():
        tolerance = ITERATIVE if statistic == "p" else EXACT
        assert_allclose(found[statistic], value, rtol=tolerance, err_msg=statistic)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("regression.average_effects"))
def test_average_effects(case, domain, key, expected):
    classes = key.startswith("age")
    fitted = model(case, domain, "classes" if classes else "logistic")
    sampled, fixed = (
        regression.average_effects(fitted, [[0, 1, 2] if classes else [0]], persons=persons)
        .set_index("name")
        .loc[key]
        for persons in ("sampled", "fixed")
    )
    assert_allclose(sampled["estimate"], expected["estimate"], rtol=EXACT)
    assert_allclose(sampled["se"], expected["se"], rtol=EXACT)
    assert_allclose(fixed["se"], expected["se_fixed"], rtol=EXACT)


@pytest.mark.parametrize(("case", "domain", "key", "expected"), rows("small_areas.fay_herriot"))
def test_fay_herriot(case, domain, key, expected):
    wave = cases.table("wave")
    area = (wave["stratum"] - 1) + 5 * (wave["group"] - 1)
    area = np.where(wave["group"] < 3, area, -1)
    trust = wave["trust"].to_numpy(dtype=float)
    direct = estimands.estimate_means(cases.design(case), trust, area, 10)
    x = np.column_stack([np.ones(10), np.tile(np.arange(1, 6), 2)])
    found = small_areas.fay_herriot(
        direct["estimate"], direct["se"] ** 2, x if key == "covariate" else x[:, :1]
    )
    assert_allclose(found.model_variance, expected["model_variance"], rtol=ITERATIVE, atol=1e-12)
    for row in (1, 4, 10):
        area_row = found.areas.iloc[row - 1]
        assert_allclose(area_row["estimate"], expected[f"estimate_{row}"], rtol=ITERATIVE)
        assert_allclose(area_row["se"] ** 2, expected[f"mse_{row}"], rtol=ITERATIVE)


@cache
def replicate_case(case: str) -> replicates.Replicates:
    if case == "jackknife":
        return replicates.jackknife(cases.design("wave_psu"))
    if case == "jackknife_raked":
        return replicates.jackknife(cases.design("wave_raked_psu"), margins=cases.margins())
    factors = cases.table("wave_replicates").set_index("psu")
    start = cases.table("wave")["start"].to_numpy()
    each = start[:, None] * factors.loc[cases.table("wave")["psu"]].to_numpy()
    return replicates.Replicates(start, each, scale=1 / 39)


@pytest.mark.parametrize(
    ("case", "domain", "key", "expected"),
    rows("replicates.jackknife") + rows("replicates.Replicates"),
)
def test_replicates(case, domain, key, expected):
    made, members = replicate_case(case), cases.domain("wave", domain)
    if key == "unsafe":
        answers = Answers.from_indicators(*cases.share("wave", "unsafe"))
        groups = np.where(members, 0, -1)
        found = replicates.estimate_replicated_shares(made, answers, groups, 1).iloc[0]
        assert_allclose(found["estimate"], expected["estimate"], rtol=EXACT)
        assert_allclose(found["se"], expected["se"], rtol=EXACT)
    else:
        income = np.where(members, cases.table("wave")["income"], 0)
        whole, each = made.apply(lambda weights: weights @ income)
        assert_allclose(whole, expected["total"], rtol=EXACT)
        assert_allclose(np.sqrt(made.variance(whole, each)), expected["total_se"], rtol=EXACT)
        assert_allclose(made.covariance(whole, each), [made.variance(whole, each)])


def variable(case: str, name: str) -> np.ndarray:
    """(n, 1) values of a variable in the gold rows."""
    frame = cases.table(case if case.startswith("api") else "wave")
    if name == "unsafe":  # here as a count: those who did not answer are not unsafe
        return (frame["unsafe"] == 1).to_numpy(dtype=float)[:, None]
    if name == "index":
        scales = frame[["trust", "litter"]]
        return estimands.index_scores(scales, [1, 3], [5, 1], at_least=1)[:, None]
    return frame[[name]].to_numpy(dtype=float)


@pytest.mark.parametrize(
    ("case", "domain", "key", "expected", "estimate"),
    [
        pytest.param(*row.values, estimate, id=f"{estimate.__name__}-{row.id}")
        for subject, estimate in (
            ("estimands.estimate_means", estimands.estimate_means),
            ("estimands.index_scores", estimands.estimate_means),
            ("estimands.estimate_totals", estimands.estimate_totals),
            ("estimands.estimate_ratios", estimands.estimate_ratios),
        )
        for row in rows(subject)
    ],
)
def test_means_totals_ratios(case, domain, key, expected, estimate):
    values = [variable(case, name) for name in key.split("/")]
    groups = np.where(cases.domain(case, domain), 0, -1)
    found = estimate(cases.design(case), *values, groups, 1).iloc[0]
    for statistic, value in expected.items():
        assert_allclose(found[statistic], value, rtol=EXACT, err_msg=statistic)


@pytest.mark.parametrize(
    ("case", "domain", "key", "expected"), rows("estimands.estimate_quantiles")
)
def test_quantiles(case, domain, key, expected):
    groups = np.where(cases.domain(case, domain), 0, -1)
    income = variable(case, "income")
    found = estimands.estimate_quantiles(cases.design(case), income, float(key), groups, 1).iloc[0]
    for statistic, value in expected.items():
        tolerance = EXACT if statistic == "estimate" else ITERATIVE
        assert_allclose(found[statistic], value, rtol=tolerance, err_msg=statistic)


@pytest.mark.parametrize("case", ["wave_strata", "wave_raked", "wave_logit", "wave_continuous"])
def test_the_leverage_correction_only_widens(case):
    """The default divides the plain residuals by 1 minus something between 0 and the cap."""
    plain = cases.design(case)
    numerator, base = cases.share(case, "unsafe")
    default = Design(plain.weights, plain.strata, plain.psu, plain.fpc, plain.calibration)
    se = [estimation.estimate_shares(d, numerator, base)["se"][0] for d in (plain, default)]
    assert se[0] <= se[1] <= se[0] / (1 - default.leverage_cap)


def test_answers_read_several_indicators_from_one_question():
    wave = cases.table("wave")
    codes = wave[["trust", "litter"]].fillna(-1).to_numpy(dtype=np.int8)
    base = np.zeros((3, 6), dtype=bool)
    base[:2, 1:6], base[2, 1:4] = True, True
    numerator = np.zeros((3, 6), dtype=bool)
    numerator[0, 4:], numerator[1, 1], numerator[2, 3] = True, True, True
    answers = Answers(codes, np.array([0, 0, 1]), numerator, base)
    groups = wave["group"].to_numpy() - 1
    coded = estimation.estimate_answers(cases.design("wave_raked"), answers, groups)
    written_out = estimation.estimate_shares(
        cases.design("wave_raked"), *answers.expanded(), groups, 3
    )
    pd.testing.assert_frame_equal(coded, written_out)
