"""Whether a problem differs between areas: which areas take part, one family, and the door."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from survey_lib.answers import Answers
from survey_lib.disclosure import HIDDEN, protect_homogeneity
from survey_lib.perception.homogeneity import COLUMNS, homogeneity
from survey_lib.statistics.association import rao_scott
from survey_lib.weighting import weight

AREAS = ["sdn:angered", "sdn:centrum", "sdn:lundby", "sdn:norra_hisingen", "sdn:vastra_hisingen"]
PROBLEMS = ["prob_nedskrapning_stort", "prob_klotter_stort"]
SHARES = {"prob_nedskrapning": [0.2, 0.4, 0.6, 0.3, 0.2], "prob_klotter": [0.3] * 5}


@pytest.fixture(scope="module")
def world(parameters):
    """Five areas, one of them a quota sample, one with few answers; two problems."""
    random = np.random.default_rng(11)
    bands = list(parameters.questionnaire.background["alder_grp"].codes)
    frames = []
    for k, area in enumerate(AREAS):
        size = 28 if area == "sdn:vastra_hisingen" else 28 * 15
        rows = pd.DataFrame(
            {"alder_grp": np.resize(bands, size), "kon": np.resize([1, 1, 2], size)}
        )
        rows["kon"] = np.where(np.arange(size) // len(bands) % 2, 1, 2).astype(np.int8)
        for item, shares in SHARES.items():
            rows[item] = np.where(random.random(size) < shares[k], 3, 1).astype(np.int8)
        frames.append(rows.assign(area=area))
    frame = pd.concat(frames, ignore_index=True)
    frame = frame.assign(row=range(1, len(frame) + 1), stratum=pd.Categorical(frame["area"]))
    frame["area"] = pd.Categorical(frame["area"])
    survey = weight(Answers(frame, "2024", pd.DataFrame()), parameters)
    table = parameters.tables.tables["problems"]
    tables = {"problems": table.model_copy(update={"indicators": PROBLEMS})}
    few = dataclasses.replace(
        parameters, tables=parameters.tables.model_copy(update={"tables": tables})
    )
    whole = pd.MultiIndex.from_product([PROBLEMS, AREAS], names=["indicator", "area"])
    rows = whole.to_frame(index=False).assign(group="", category="", estimate=0.3, mark="")
    rows["n"] = rows["area"].map(frame["area"].value_counts()).astype(int)
    kinds = {"sdn:lundby": "kvot"}
    sampled = pd.DataFrame(
        {"area": AREAS, "sampling": [kinds.get(a, "sannolikhet") for a in AREAS]}
    )
    found = homogeneity(survey, rows, sampled, few)
    return SimpleNamespace(survey=survey, rows=rows, sampled=sampled, parameters=few, found=found)


def test_areas_with_few_answers_or_another_kind_of_sample_take_no_part(world):
    found = world.found[world.found["level"] == "sdn"]
    assert list(found.columns) == COLUMNS
    assert list(found["areas"]) == ["sdn:angered|sdn:centrum|sdn:norra_hisingen"] * 2


def test_the_numbers_are_rao_and_scott_s_and_one_family(world):
    found = world.found[world.found["level"] == "sdn"].set_index("indicator")
    area = pd.Index(AREAS).get_indexer(world.survey.frame["area"])
    area = np.where(np.isin(area, [0, 1, 3]), area, -1)
    for name in PROBLEMS:
        item = name.removesuffix("_stort")
        expected = rao_scott(world.survey.design, (world.survey.frame[item] == 3).astype(int), area)
        assert found.loc[name, "statistic"] == pytest.approx(expected.f, rel=1e-10)
        assert found.loc[name, "p"] == pytest.approx(expected.p, rel=1e-8)
    adjusted = multipletests(found["p"], method="fdr_bh")[1]
    np.testing.assert_allclose(found["p_adjusted"], adjusted)
    assert found["secured"].to_dict() == {PROBLEMS[0]: True, PROBLEMS[1]: False}


def test_two_areas_or_equal_answers_have_no_test(world):
    frame = world.survey.frame.assign(prob_klotter=np.int8(1))
    survey = dataclasses.replace(world.survey, frame=frame)
    found = homogeneity(survey, world.rows, world.sampled, world.parameters)
    found = found[found["level"] == "sdn"].set_index("indicator")
    assert list(found["state"]) == ["", "none"] and found["p"].isna().tolist() == [False, True]
    two = world.rows[world.rows["area"].isin(AREAS[:2])]
    found = homogeneity(world.survey, two, world.sampled, world.parameters)
    assert (found["state"] == "none").all() and not found["secured"].any()


def test_no_test_tells_of_a_hidden_area(world):
    """As would the statistic, when all the other shares are known."""
    hidden = (world.rows["area"] == "sdn:centrum") & (world.rows["indicator"] == PROBLEMS[0])
    shown = world.rows.assign(mark=np.where(hidden, HIDDEN, ""))
    found = protect_homogeneity(world.found, shown)
    mine = (found["level"] == "sdn") & (found["indicator"] == PROBLEMS[0])
    numbers = ["statistic", "df", "df_residual", "p", "p_adjusted"]
    assert found.loc[mine, numbers].isna().all(axis=None)
    assert found.loc[mine, "state"].eq("none").all() and not found.loc[mine, "secured"].any()
    other = (found["level"] == "sdn") & ~mine
    assert found.loc[other, numbers].notna().all(axis=None)
    exact = world.found.loc[other, "statistic"].iloc[0]
    assert found.loc[other, "statistic"].iloc[0] == pytest.approx(float(f"{exact:.1e}"))
