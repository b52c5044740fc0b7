"""Effects with the others held equal: recovered where they are known, and what can't be fitted."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from statsmodels.stats.multitest import multipletests

from survey_lib.perception.effects import SEPARATED, average_marginal_effects
from survey_lib.statistics.design import Design

AREA, INDICATOR, CODES = "sdn:angered", "otrygg_ute_kvall", {
    "kon": [1, 2],
    "alder_grp": ["16_24", "25_34", "45_54", "65_74"],
    "boendeform": [1, 2, 3, 4],
    "boendetid": [1, 2, 3, 4],
    "fodelseland_grp": [1, 2, 3, 4],
}  # fmt: skip


def made(n=1500, seed=1, *, woman=1.0, **probabilities) -> pd.DataFrame:
    """Answers of one area. Women are unsafe more often; tenants are only because more of them are
    women."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: rng.choice(np.array(codes, dtype=object), n,
                                           p=probabilities.get(name))
                          for name, codes in CODES.items()})  # fmt: skip
    tenant = rng.random(n) < np.where(frame["kon"] == 1, 0.9, 0.15)
    frame["boendeform"] = np.where(tenant, 1, rng.choice([2, 3, 4], n))
    unsafe = rng.random(n) < expit(-1.5 + woman * (frame["kon"] == 1).to_numpy(float))
    frame["trygg_ute_kvall"] = np.where(unsafe, 4, 2)
    return frame.assign(area=AREA, ute_kvall_orsak=97)


def effects(frame, parameters, sampling="sannolikhet", rank=np.nan):
    survey = SimpleNamespace(
        frame=frame.assign(area=pd.Categorical(frame["area"])),
        wave=parameters.waves["2024"],
        design=Design(np.ones(len(frame))),
    )
    rows = pd.DataFrame({"table": ["safety"], "area": AREA, "group": "", "indicator": INDICATOR,
                         "estimate": 0.3, "rank": rank})  # fmt: skip
    areas = pd.DataFrame({"area": [AREA], "sampling": sampling})
    found = average_marginal_effects(survey, rows, areas, parameters)
    return found.set_index(["variable", "category"])


def test_a_difference_that_is_another_characteristics_does_not_stand(parameters):
    frame = made()
    tenant, unsafe = frame["boendeform"] == 1, frame["trygg_ute_kvall"] == 4
    assert unsafe[tenant].mean() - unsafe[~tenant].mean() > 0.08  # by itself
    found = effects(frame, parameters)
    woman, tenant = found.loc[("kon", "1")], found.loc[("boendeform", "1")]
    true = expit(-0.5) - expit(-1.5)
    assert woman["secured"] and woman["low"] < true < woman["high"]
    assert woman["reference"] == "2" and woman["n"] == (frame["kon"] == 1).sum()
    assert not tenant["secured"] and tenant["low"] < 0 < tenant["high"]


def test_p_is_adjusted_over_the_effects_of_a_table_in_an_area(parameters):
    found = effects(made(), parameters)
    tested = found[found["state"] == ""]
    expected = multipletests(tested["p"], method="fdr_bh")[1]
    np.testing.assert_allclose(tested["p_adjusted"], expected, rtol=1e-12)
    assert (found["secured"] == (found["p_adjusted"] < 0.05)).all()


def test_a_sample_without_probabilities_has_effects_and_no_test(parameters):
    found = effects(made(), parameters, sampling="kvot")
    assert set(found["state"]) == {"sampling"} and found["effect"].notna().all()
    assert found[["p", "p_adjusted"]].isna().all(axis=None) and not found["secured"].any()


def test_a_small_category_is_left_out_and_the_others_stand(parameters):
    frame = made(fodelseland_grp=[0.6, 0.01, 0.2, 0.19])
    found = effects(frame, parameters)
    small = found.loc[("fodelseland_grp", "2")]
    assert small["state"] == "none" and np.isnan(small["effect"]) and small["n"] < 30
    assert (found.drop(("fodelseland_grp", "2"))["state"] == "").all()


def test_a_small_reference_takes_its_variable_with_it(parameters):
    found = effects(made(boendetid=[0.33, 0.33, 0.33, 0.01]), parameters)
    assert (found.loc["boendetid"]["state"] == "none").all()
    others = found[found.index.get_level_values("variable") != "boendetid"]
    assert (others["state"] == "").all()


@pytest.mark.parametrize("answer", [4, 2])
def test_a_category_where_everyone_answers_alike_is_separated(parameters, answer):
    frame = made()
    frame.loc[frame["boendetid"] == 2, "trygg_ute_kvall"] = answer
    found = effects(frame, parameters)
    assert found.loc[("boendetid", "2"), "state"] == SEPARATED
    assert (found.drop(("boendetid", "2"))["state"] == "").all()


def test_classes_that_together_tell_the_answer_are_separated_without_a_crash(parameters):
    frame = made()
    told = (frame["kon"] == 1) & (frame["boendetid"] == 2)
    frame["trygg_ute_kvall"] = np.where(frame["kon"] == 1, 4, 2)
    frame.loc[told, "trygg_ute_kvall"] = 2
    frame.loc[(frame["kon"] == 2) & (frame["boendetid"] != 2), "trygg_ute_kvall"] = 2
    frame.loc[(frame["kon"] == 2) & (frame["boendetid"] == 2), "trygg_ute_kvall"] = 4
    found = effects(frame, parameters)
    assert set(found["state"]) <= {"", "none", SEPARATED}


def test_too_few_on_one_side_of_the_outcome_give_no_model(parameters):
    frame = made(woman=0.0)
    unsafe = np.flatnonzero(frame["trygg_ute_kvall"] == 4)
    frame.loc[unsafe[40:], "trygg_ute_kvall"] = 2
    found = effects(frame, parameters)
    assert (found["state"] != "").all() and found["effect"].isna().all()


def test_everyone_or_nobody_unsafe_and_an_area_of_25(parameters):
    for frame in (made().assign(trygg_ute_kvall=4), made().assign(trygg_ute_kvall=2), made(25)):
        found = effects(frame, parameters)
        assert len(found) and (found["state"] != "").all() and not found["secured"].any()


def test_nothing_is_modelled_without_declared_characteristics(parameters):
    import dataclasses

    none = dataclasses.replace(
        parameters, tables=parameters.tables.model_copy(update={"effects": {}})
    )
    assert effects(made(100), none).empty
