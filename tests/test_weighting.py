"""Weights: base weights, collapsing, unknown categories, stops. Raking itself is tested with the
statistics."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from survey_lib.answers import Answers
from survey_lib.faults import BadInput
from survey_lib.weighting import weight
from survey_lib.weighting.margins import collapse


def test_small_neighbours_are_joined_along_the_ordered_variable():
    counts = np.array([[5, 40], [18, 40], [30, 40], [30, 3]])
    groups = collapse(counts, 20)
    # women: 5 joins 18 (23); men: the last 3 joins its only neighbour
    assert groups[0, 0] == groups[1, 0] != groups[2, 0] != groups[3, 0]
    assert groups[2, 1] == groups[3, 1]
    assert len({groups[0, 1], groups[1, 1], groups[2, 1]}) == 3
    assert not set(groups[:, 0]) & set(groups[:, 1])


def test_a_smallest_cell_joins_its_smaller_neighbour():
    assert collapse(np.array([30, 5, 25]), 20).tolist() == [0, 1, 1]


def test_a_column_too_small_to_stand_alone_is_joined_with_the_others():
    counts = np.array([[4, 30], [4, 30]])
    assert collapse(counts, 20).tolist() == [[0, 0], [1, 1]]


def test_nothing_is_joined_when_every_cell_is_large_enough():
    assert collapse(np.full((3, 2), 20), 20).tolist() == [[0, 3], [1, 4], [2, 5]]


@given(
    hnp.arrays(
        np.int64, st.tuples(st.integers(1, 7), st.integers(1, 3)), elements=st.integers(0, 60)
    )
)
def test_collapsed_cells_are_large_enough_or_cannot_be_larger(counts):
    groups = collapse(counts, 20)
    sizes = np.bincount(groups.ravel(), weights=counts.ravel())
    assert sizes.sum() == counts.sum()
    assert set(groups.ravel()) == set(range(groups.max() + 1))
    assert (sizes >= 20).all() or groups.max() == 0 or len(sizes) == 1
    for column in groups.T:  # only neighbours are joined
        assert (np.diff(column) >= 0).all()


# -- a wave ------------------------------------------------------------------------------------

ANGERED, LUNDBY = "sdn:angered", "sdn:lundby"


def sample(parameters, area=ANGERED, repeats=30, unknown=0):
    """``repeats`` women and men of every age band in one area, of whom ``unknown`` of the youngest
    band state no sex."""
    bands = list(parameters.questionnaire.background["alder_grp"].codes)
    age = np.repeat(bands, 2 * repeats)
    sex = np.tile(np.repeat([1, 2], repeats), len(bands)).astype(np.int8)
    sex[:unknown] = 3
    frame = pd.DataFrame(
        {"area": area, "stratum": area, "alder_grp": age, "kon": sex, "row": range(1, len(age) + 1)}
    )
    return Answers(frame, "2024", pd.DataFrame())


def totals(survey, by):
    return pd.Series(survey.design.weights).groupby([survey.frame[name] for name in by]).sum()


def people(parameters, area=ANGERED):
    """The area's inhabitants by age and sex, to the total that weights must have."""
    rows = parameters.population("2025_alder_kon").query("id == @area")
    total = parameters.population("2025_totalt").set_index("id").loc[area, "persons"]
    cells = rows.set_index(["alder_grp", "kon"])["persons"]
    return cells * total / cells.sum()


def test_weights_meet_age_and_sex_and_sum_to_the_population(parameters):
    survey = weight(sample(parameters), parameters)
    expected = people(parameters)
    pd.testing.assert_series_equal(
        totals(survey, ["alder_grp", "kon"]).loc[expected.index], expected,
        check_names=False, check_index_type=False, rtol=1e-9,
    )  # fmt: skip
    assert survey.areas["margins"].tolist() == ["alder_grp*kon"]


def test_who_states_no_sex_keeps_a_weight_and_age_still_holds(parameters):
    """Within the age band the targets of women and men give way pro rata to their shares."""
    survey = weight(sample(parameters, unknown=10), parameters)
    expected = people(parameters)
    by_age = totals(survey, ["alder_grp"])
    assert np.allclose(by_age, expected.groupby("alder_grp").sum().loc[by_age.index], rtol=1e-9)
    youngest = totals(survey, ["alder_grp", "kon"])["16_24"]
    assert youngest[3] > 0
    share = expected["16_24"] / expected["16_24"].sum()
    for sex in (1, 2):
        assert youngest[sex] + share[sex] * youngest[3] == pytest.approx(expected["16_24"][sex])


def test_a_quota_sample_has_no_design_weights(parameters):
    """The start of raking is 1, not population over respondents; the result is calibrated alike."""
    random = weight(sample(parameters), parameters).design.calibration.start
    total = people(parameters).sum()
    assert np.allclose(random, total / len(random))
    quota = weight(sample(parameters, LUNDBY), parameters)
    assert (quota.design.calibration.start == 1).all()
    assert quota.design.weights.sum() == pytest.approx(people(parameters, LUNDBY).sum())


@pytest.mark.parametrize(("each", "used"), [(30, True), (29, False)])
def test_subareas_are_a_margin_where_every_one_has_enough_respondents(parameters, each, used):
    answers = sample(parameters)
    subareas = parameters.areas.of_level("del")
    area = np.resize(subareas, len(answers.frame)).astype(object)
    area[np.flatnonzero(area == subareas[0])[each:]] = subareas[1]
    wave = parameters.waves["2024"]
    untrimmed = wave.weighting.model_copy(update={"trim": None})  # the smallest has 2 % of all
    waves = {"2024": wave.model_copy(update={"weighting": untrimmed})}
    answers = replace(answers, frame=answers.frame.assign(area=area))
    survey = weight(answers, replace(parameters, waves=waves))
    assert ("area:del" in survey.areas["margins"][0]) is used
    assert survey.notes[-1].startswith("Befolkningen 16–84 år i delområdena") is used
    if used:
        rows = parameters.population("2025_delomrade").set_index("area:del")["persons"]
        shares = totals(survey, ["area"]) / survey.design.weights.sum()
        assert np.allclose(shares, (rows / rows.sum()).loc[shares.index], rtol=1e-8)


def test_nobody_of_a_sex_stops_the_weighting(parameters):
    answers = sample(parameters)
    women = answers.frame[answers.frame["kon"] == 1].reset_index(drop=True)
    with pytest.raises(BadInput, match="nobody with kon 2 Man"):
        weight(replace(answers, frame=women), parameters)


def test_no_weight_lies_outside_the_trimming(parameters):
    """One band has hardly answered: its weights stop at three times the mean, the rest give way."""
    answers = sample(parameters)
    thin = answers.frame.groupby(["alder_grp", "kon"]).cumcount() < 3
    frame = answers.frame[thin | (answers.frame["alder_grp"] != "25_34")].reset_index(drop=True)
    survey = weight(replace(answers, frame=frame), parameters)
    relative = survey.design.weights / survey.design.weights.mean()
    assert relative.min() >= 0.3 - 1e-9 and relative.max() <= 3 + 1e-9
