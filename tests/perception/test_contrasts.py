"""Contrasts of the made-up survey: one family each, the same base on both sides, the door."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from survey_lib.disclosure import HIDDEN, protect, protect_contrasts, protect_effects
from survey_lib.perception import ages
from survey_lib.perception.comparisons import (
    comparable_waves,
    compare_with_earlier,
    together,
)
from survey_lib.perception.estimates import estimate_wave
from survey_lib.perception.indicators import areas_of, indicator_arrays
from survey_lib.perception.inside import look_inside
from survey_lib.perception.trend import trend
from survey_lib.pipeline import weigh_wave
from survey_lib.statistics.comparison import compare_groups as two_groups
from survey_lib.vocabulary import load_parameters
from survey_lib.vocabulary.waves import Variable

TABLES = ("safety", "exposure_person")  # enough for every rule, quick to compute
KEYS = ["comparison", "area", "indicator", "group", "category"]


def with_waves(parameters, **changes):
    """The same survey, some of its waves saying something else."""
    waves = {w: one.model_copy(update=changes.get(f"wave_{w}", {}))
             for w, one in parameters.waves.items()}  # fmt: skip
    return dataclasses.replace(parameters, waves=waves)


@pytest.fixture(scope="module")
def world(answered):
    whole = load_parameters(answered / "parameters")
    tables = {name: whole.tables.tables[name] for name in TABLES}
    parameters = dataclasses.replace(
        whole, tables=whole.tables.model_copy(update={"tables": tables}), promises={}
    )
    surveys = {wave: weigh_wave(whole, wave)[0] for wave in ("2022", "2024")}
    made = {wave: estimate_wave(survey, parameters) for wave, survey in surveys.items()}
    now, before = made["2024"], made["2022"]
    inside = look_inside(surveys["2024"], now, parameters)
    changes = compare_with_earlier(now, before, parameters)
    return SimpleNamespace(
        parameters=parameters,
        surveys=surveys,
        now=now,
        before=before,
        contrasts=together([inside.contrasts, changes]),
        effects=inside.effects,
    )


def on(survey, parameters, wave: str):
    """A weighted survey of parameters that say something else about its wave."""
    return dataclasses.replace(survey, wave=parameters.waves[wave])


# -- families --------------------------------------------------------------------------------------


def test_each_contrast_stands_once(world):
    assert not world.contrasts.duplicated(KEYS).any()
    assert set(world.contrasts["comparison"]) == {"rest", "change", "group"}


def test_every_p_is_adjusted_in_its_own_family_and_no_other(world):
    """By statsmodels: table × area for the areas, table × group × area for the groups."""
    rows = world.contrasts
    tested = rows[rows["state"] == ""]
    assert len(tested) > 2000
    for _, family in tested.groupby(["comparison", "table", "group", "area"]):
        expected = multipletests(family["p"], method="fdr_bh")[1]
        np.testing.assert_allclose(family["p_adjusted"], expected, rtol=1e-12)
        assert family["family"].nunique() == 1
    families = tested.groupby(["family", "area"])
    assert (families[["table", "group", "comparison"]].nunique() == 1).all(axis=None)
    assert (rows["secured"] == (rows["p_adjusted"] < 0.05)).all()
    assert rows.loc[rows["state"] != "", ["p", "p_adjusted"]].isna().all(axis=None)


def test_a_category_is_compared_with_everyone_else_in_its_area(world):
    """Against the comparison of two groups, written out; kon = 3 is among the others."""
    survey, parameters = world.surveys["2024"], world.parameters
    one = parameters.questionnaire.indicators["otrygg_ute_kvall"]
    numerator, base = indicator_arrays(survey.frame, [one], survey.wave, parameters)
    area = areas_of(survey.frame, "sdn", parameters.areas, ["sdn:angered"]) == 0
    women = area & (survey.frame["kon"] == 1).to_numpy()
    expected = two_groups(survey.design, numerator, base, women, area & ~women).iloc[0]
    rows = world.contrasts.set_index(KEYS)
    found = rows.loc[("group", "sdn:angered", one.id, "kon", "1")]
    for name in ("second", "difference", "se", "low", "high", "n_first", "n_second"):
        assert found[name] == pytest.approx(expected[name], rel=1e-9), name
    assert found["p"] == pytest.approx(expected["p"], rel=1e-6)
    assert found["n_first"] + found["n_second"] == (base[:, 0] & area).sum()
    assert (survey.frame.loc[area & base[:, 0], "kon"] == 3).any()


def test_small_sides_and_quota_samples_have_no_test(world):
    rows = world.contrasts[world.contrasts["comparison"] == "group"]
    few = rows[["n_first", "n_second"]].min(axis=1) < 30
    assert few.any() and (rows.loc[few, "state"] != "").all()
    quota = rows["area"].isin(["sdn:lundby", "so:hisingen", "kommun:goteborg"])
    assert set(rows.loc[quota, "state"]) <= {"sampling", "none"}
    assert not rows.loc[quota, "secured"].any()
    assert rows.loc[~quota & ~few, "state"].eq("").mean() > 0.95


# -- two waves -------------------------------------------------------------------------------------


def test_both_sides_of_quota_have_a_difference_and_no_test(world):
    parameters = world.parameters
    areas = {w: one.areas.assign(sampling="kvot", missing="") for w, one in
             (("now", world.now), ("before", world.before))}  # fmt: skip
    now = dataclasses.replace(world.now, areas=areas["now"])
    before = dataclasses.replace(world.before, areas=areas["before"])
    rows = compare_with_earlier(now, before, parameters)
    rows = rows[(rows["n_first"] > 0) & (rows["n_second"] > 0)]
    assert set(rows["state"]) <= {"sampling", "wording"}
    untested = rows[rows["state"] == "sampling"]
    assert untested["difference"].notna().all() and untested["low"].notna().all()
    assert untested[["p", "p_adjusted"]].isna().all(axis=None) and not rows["secured"].any()


@pytest.mark.parametrize("side", ["now", "before"])
def test_one_side_of_quota_has_no_difference_either(world, side):
    areas = getattr(world, side).areas.assign(sampling="kvot")
    sides = {"now": world.now, "before": world.before}
    sides[side] = dataclasses.replace(sides[side], areas=areas)
    rows = compare_with_earlier(sides["now"], sides["before"], world.parameters)
    angered = rows[(rows["area"] == "sdn:angered") & (rows["state"] != "wording")]
    assert set(angered["state"]) == {"sampling"}
    assert angered[["difference", "low", "high", "p"]].isna().all(axis=None)
    assert angered["second"].notna().all() and not rows["secured"].any()


def compared(world, now=None, before=None, indicator="otrygg_ute_kvall"):
    parameters = with_waves(world.parameters, wave_2024=now or {}, wave_2022=before or {})
    one = parameters.questionnaire.indicators[indicator]
    waves = parameters.waves["2024"], parameters.waves["2022"]
    return comparable_waves(one, *waves, parameters)


def test_the_base_rule_must_be_the_same(world):
    """What a numerator or a filter rests on is asked in both waves, and in the same way."""
    variables = world.parameters.waves["2024"].variables
    reason = next(iter(variables.values())).model_copy(
        update={"column": None, "values": None, "years": False, "text": "Varför går du inte ut?"}
    )
    assert compared(world)
    assert not compared(world, before={"not_asked": ["ute_kvall_orsak"]})
    assert not compared(world, now={"variables": variables | {"ute_kvall_orsak": reason}})
    assert compared(world, before={"not_asked": ["ute_kvall_orsak"]}, indicator="trygg_omrade")
    assert not compared(world, before={"not_asked": ["barn_skola"]}, indicator="otrygg_barn_skola")
    assert not compared(
        world, before={"not_asked": ["prob_viktigast_prob_brander"]},
        indicator="prob_klotter_viktigast",
    )  # fmt: skip


def test_no_common_ages_and_no_bands_is_another_question(world):
    assert not compared(world, before={"age_span": (16, 20)})
    assert not compared(world, before={"age_span": (18, 84), "not_asked": ["alder_grp"]})
    assert compared(world, before={"age_span": (18, None)})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((16, 84), (16, 84), (16, 84)),
        ((16, 84), (18, 84), (25, 84)),  # the band 16-24 lies only partly in 18-84
        ((16, 84), (16, None), (16, 84)),
        ((18, 70), (16, 84), (25, 64)),
        ((16, 84), (16, 20), None),
    ],
)
def test_common_ages_are_the_bands_wholly_inside_both(world, one, other, expected):
    parameters = with_waves(world.parameters, wave_2024={"age_span": one},
                            wave_2022={"age_span": other})  # fmt: skip
    waves = parameters.waves["2024"], parameters.waves["2022"]
    assert ages.common_ages(*waves, parameters.questionnaire) == expected
    assert ages.common_ages(*waves[::-1], parameters.questionnaire) == expected


@pytest.fixture(scope="module")
def narrowed(world):
    """Both waves when the earlier one says that it asked from 18 on."""
    parameters = with_waves(world.parameters, wave_2022={"age_span": (18, 84)})
    made = {w: estimate_wave(on(s, parameters, w), parameters) for w, s in world.surveys.items()}
    return parameters, made["2024"], made["2022"]


def test_other_ages_are_compared_on_those_in_common(world, narrowed):
    parameters, now, before = narrowed
    rows = compare_with_earlier(now, before, parameters).set_index(["area", "indicator"])
    assert set(rows["ages"]) == {"25-84"}
    found = rows.loc[("sdn:angered", "otrygg_ute_kvall")]
    for wave, estimate in (("2024", found["first"]), ("2022", found["second"])):
        survey = world.surveys[wave]
        one = parameters.questionnaire.indicators["otrygg_ute_kvall"]
        numerator, base = indicator_arrays(survey.frame, [one], survey.wave, parameters)
        inside = areas_of(survey.frame, "sdn", parameters.areas, ["sdn:angered"]) == 0
        inside &= base[:, 0] & (survey.frame["alder_grp"] != "16_24").to_numpy()
        w = survey.design.weights[inside]
        assert estimate == pytest.approx(w @ numerator[inside, 0] / w.sum(), rel=1e-10)
    assert found["state"] == "" and found["p_adjusted"] >= found["p"]
    whole = world.contrasts.set_index(KEYS).loc[
        ("change", "sdn:angered", "otrygg_ute_kvall", "", "")
    ]
    assert found["n_first"] < whole["n_first"] and whole["ages"] == ""
    assert found["n_first"] + found["n_beside_first"] == whole["n_first"]


def test_the_door_hides_a_change_that_would_tell_of_the_ages_left_out(narrowed):
    parameters, now, before = narrowed
    rows = together([compare_with_earlier(now, before, parameters)])
    marked, earlier = (protect(one.indicators, one.answers, parameters)[0] for one in (now, before))
    open_ = protect_contrasts(rows, marked, earlier, parameters)
    assert open_["difference"].notna().any()
    few = rows.assign(n_beside_first=29.0, count_beside_first=10.0)
    assert protect_contrasts(few, marked, earlier, parameters)["difference"].isna().all()
    nobody = rows.assign(n_beside_first=0.0, count_beside_first=0.0)
    shown = protect_contrasts(nobody, marked, earlier, parameters)["difference"].notna()
    assert (shown >= open_["difference"].notna()).all()
    young = (marked["group"] == "alder_rapport") & (marked["area"] == "sdn:angered")
    hidden = marked.assign(mark=np.where(young, HIDDEN, marked["mark"]))
    closed = protect_contrasts(rows, hidden, earlier, parameters)
    assert closed.loc[closed["area"] == "sdn:angered", "difference"].isna().all()


def test_differing_mode_and_season_are_told_row_by_row(world):
    rows = world.contrasts[world.contrasts["comparison"] == "change"]
    modes = [one.areas.set_index("area")["modes"].str.split("|").map(set)
             for one in (world.now, world.before)]  # fmt: skip
    expected = [modes[0][area] != modes[1][area] for area in rows["area"]]
    assert rows["modes_differ"].tolist() == expected
    assert not rows["seasons_differ"].any()
    spring = with_waves(world.parameters, wave_2022={"season": "vår"})
    before = dataclasses.replace(world.before, wave=spring.waves["2022"])
    assert compare_with_earlier(world.now, before, spring)["seasons_differ"].all()


# -- the door --------------------------------------------------------------------------------------


def test_no_number_of_a_contrast_with_a_hidden_side_leaves_the_door(world):
    parameters, rows = world.parameters, world.contrasts
    marked, earlier = (protect(one.indicators, one.answers, parameters)[0]
                       for one in (world.now, world.before))  # fmt: skip
    out = protect_contrasts(rows, marked, earlier, parameters)
    assert not [c for c in out if c.startswith(("count_", "n_beside_"))]
    groups = out["comparison"] == "group"
    names = pd.MultiIndex.from_frame(out[["area", "indicator", "group", "category"]])
    hidden = marked[marked["mark"] == HIDDEN]
    closed = names.isin(
        pd.MultiIndex.from_frame(hidden[["area", "indicator", "group", "category"]])
    )
    numbers = ["first", "first_low", "second", "difference", "low", "p", "n_first", "n_second"]
    assert (closed & groups).any()
    assert out.loc[closed & groups, numbers].isna().all(axis=None)
    assert not out.loc[closed, "secured"].any()
    shown = out[groups & out["difference"].notna()]
    assert (shown[["n_first", "n_second"]] >= 30).all(axis=None)
    # a sensitive complement with few in the numerator is hidden, whatever the category is
    small = rows["count_second"].between(1, 4) & (rows["indicator"] == "uts_vald") & groups
    assert small.any() and out.loc[small, numbers].isna().all(axis=None)


def test_an_effect_is_hidden_with_its_category_and_with_its_reference(world):
    marked = protect(world.now.indicators, world.now.answers, world.parameters)[0]
    effects = world.effects
    out = protect_effects(effects, marked)
    assert (out.loc[out["n"].notna(), "n"] >= 30).all()
    here = (
        (marked["group"] == "kon") & (marked["category"] == "2") & (marked["area"] == "sdn:angered")
    )
    closed = protect_effects(effects, marked.assign(mark=np.where(here, HIDDEN, marked["mark"])))
    rows = closed[(closed["area"] == "sdn:angered") & (closed["variable"] == "kon")]
    assert len(rows) and (rows["mark"] == HIDDEN).all()
    assert rows[["effect", "se", "low", "high", "p", "n"]].isna().all(axis=None)
    assert not rows["secured"].any()
    others = closed[(closed["area"] != "sdn:angered") & (closed["variable"] == "kon")]
    assert others["effect"].notna().any()


# -- all waves in a row ----------------------------------------------------------------------------


def in_a_row(world, parameters=None, **areas):
    """The trend of both waves, the earlier with other facts of its areas."""
    before = dataclasses.replace(world.before, areas=world.before.areas.assign(**areas))
    shown = {w.wave.id: protect(w.indicators, w.answers, world.parameters)[0]
             for w in (before, world.now)}  # fmt: skip
    return trend([before, world.now], shown, parameters or world.parameters)


def test_a_row_holds_every_wave_in_order_as_the_door_shows_it(world):
    rows = in_a_row(world)
    assert list(rows.columns) == [
        "area", "indicator", "wave", "estimate", "low", "high", "n", "n_effective", "mark",
        "state",
    ]  # fmt: skip
    own = rows[(rows["area"] == "sdn:angered") & (rows["indicator"] == "trygg_omrade")]
    assert list(own["wave"]) == ["2022", "2024"] and list(own["state"]) == ["first", ""]
    whole = world.now.indicators[world.now.indicators["group"] == ""]
    found = whole.set_index(["area", "indicator"])["estimate"]["sdn:angered", "trygg_omrade"]
    assert own["estimate"].iloc[1] == found
    assert rows.loc[rows["mark"] == HIDDEN, ["estimate", "low", "high", "n"]].isna().all(axis=None)
    assert (rows["mark"] == HIDDEN).any()


def test_a_row_is_broken_where_sample_areas_or_question_differ(world):
    rows = in_a_row(world).set_index(["wave", "area", "indicator"])["state"]
    assert rows["2024", "sdn:lundby", "trygg_omrade"] == "sampling"  # quotas in 2024
    assert rows["2024", "so:centrum", "trygg_omrade"] == "coverage"  # one part wasn't asked
    moved = in_a_row(world, missing="sdn:lundby").set_index(["wave", "area", "indicator"])["state"]
    assert moved["2024", "sdn:angered", "trygg_omrade"] == "coverage"
    item = {"trygg_omrade": Variable(wording="other")}
    other = with_waves(world.parameters, wave_2022={"variables": item})
    before = dataclasses.replace(world.before, wave=other.waves["2022"])
    shown = {w.wave.id: protect(w.indicators, w.answers, world.parameters)[0]
             for w in (before, world.now)}  # fmt: skip
    again = trend([before, world.now], shown, other).set_index(["wave", "area", "indicator"])
    assert again["state"]["2024", "sdn:angered", "trygg_omrade"] == "wording"
    assert again["state"]["2024", "sdn:angered", "otrygg_ute_dag"] == ""
