"""What stands beside a promise, and waves drawn in the same units: both waves' answers at once."""

from __future__ import annotations

import dataclasses
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from survey_lib.disclosure import HIDDEN, protect, protect_common, protect_promises
from survey_lib.perception.beside import OF_REST, rest_of, with_rest
from survey_lib.perception.comparisons import (
    COVERAGE,
    NONE,
    common_parts,
    compare_common_parts,
    compare_with_earlier,
)
from survey_lib.perception.estimates import estimate_wave
from survey_lib.perception.followup import follow_up
from survey_lib.perception.indicators import areas_of, indicator_arrays
from survey_lib.perception.two_waves import TwoWaves
from survey_lib.pipeline import weigh_wave
from survey_lib.vocabulary import load_parameters
from survey_lib.vocabulary.promises import Promise

AREA, WIDER, NOW, BEFORE = "sdn:angered", "so:sydvast", "2024", "2022"
NOT_IN_REST = ("sdn:lundby", "sdn:majorna_linne")  # a quota sample in 2024, not asked then
WANTED = {"otrygg_ute_kvall": None, "trygg_omrade": "upp", "otrygg_barn_skola": None}


def promise(level: str, area: str) -> Promise:
    return Promise(
        level=level, areas=[area], text="Löfte.", wanted="ned", source="Källa",
        period=(date(2023, 1, 1), date(2023, 12, 31)), indicators=WANTED,
        baseline=BEFORE, follow_up=NOW,
    )  # fmt: skip


@pytest.fixture(scope="module")
def world(answered):
    whole = load_parameters(answered / "parameters")
    own = whole.tables.tables["safety"]
    table = own.model_copy(
        update={"groups": [], "distributions": [], "levels": ["kommun", "so", "sdn"]}
    )
    parameters = dataclasses.replace(
        whole,
        tables=whole.tables.model_copy(update={"tables": {"safety": table}, "modelled": None}),
        promises={"p": promise("sdn", AREA), "q": promise("so", WIDER)},
    )
    surveys = {wave: weigh_wave(whole, wave)[0] for wave in (BEFORE, NOW)}
    now, before = (estimate_wave(surveys[wave], parameters) for wave in (NOW, BEFORE))
    two = TwoWaves(surveys[NOW], surveys[BEFORE], parameters)
    rows = follow_up(now, {BEFORE: compare_with_earlier(now, before, parameters)}, parameters)
    return SimpleNamespace(
        parameters=parameters,
        surveys=surveys,
        now=now,
        before=before,
        two=two,
        rows=with_rest(rows, {BEFORE: two}, parameters.areas),
    )


def shares(world, wave: str, areas: list[str], wanted=WANTED) -> np.ndarray:
    """Weighted shares of some indicators in some stadsdelar, by the textbook."""
    survey, parameters = world.surveys[wave], world.parameters
    every = [parameters.questionnaire.indicators[i] for i in wanted]
    numerators, bases = indicator_arrays(survey.frame, every, survey.wave, parameters)
    here = areas_of(survey.frame, "sdn", parameters.areas, areas) >= 0
    w = survey.design.weights * here
    return (w @ numerators) / (w @ bases)


@pytest.mark.parametrize(("name", "area"), [("p", AREA), ("q", WIDER)])
def test_the_rest_is_who_was_sampled_at_random_both_times(world, name, area):
    rows = world.rows[world.rows["promise"] == name]
    areas = world.parameters.areas
    outside = [one for one in areas.of_level("sdn") if not areas.contains(area, one)]
    others = [one for one in outside if one not in NOT_IN_REST]
    assert set(rows["rest_areas"]) == {"|".join(others)}
    assert_allclose(rows["rest_first"], shares(world, NOW, others))
    assert_allclose(rows["rest_second"], shares(world, BEFORE, others))
    assert_allclose(rows["rest_difference"], rows["rest_first"] - rows["rest_second"])
    assert_allclose(rows["beyond"], rows["difference"] - rows["rest_difference"])
    assert (rows["beyond_low"] < rows["beyond"]).all() and (
        rows["beyond"] < rows["beyond_high"]
    ).all()
    for side in ("rest_first", "rest_second"):
        assert rows[side].between(rows[f"{side}_low"], rows[f"{side}_high"]).all()
    # the own change is the tested one, and wider beside another than by itself
    found = world.two.beside(area, others, list(rows["indicator"]))
    mine = found[["inside", "inside_low", "inside_high"]].to_numpy()
    assert_allclose(mine, rows[["difference", "low", "high"]].to_numpy(), rtol=1e-9)
    assert (rows["beyond_high"] - rows["beyond_low"] > rows["high"] - rows["low"]).all()


def test_the_rest_s_share_has_the_interval_of_any_other_share(world):
    """A rest of one area has the share, interval and base that the area is estimated to have."""
    found = world.two.beside(AREA, ["sdn:centrum"], list(WANTED))
    for side, wave in (("first", world.now), ("second", world.before)):
        own = wave.indicators
        own = own[(own["area"] == "sdn:centrum") & (own["group"] == "")].set_index("indicator")
        mine = found[[side, f"{side}_low", f"{side}_high", f"n_{side}"]].to_numpy(float)
        expected = own.loc[list(WANTED), ["estimate", "low", "high", "n"]].to_numpy(float)
        assert_allclose(mine, expected, rtol=1e-9)


def test_there_is_no_rest_when_few_areas_were_sampled_both_times(world):
    now, before = (world.surveys[wave].wave for wave in (NOW, BEFORE))
    areas = world.parameters.areas
    few = before.model_copy(update={"strata": dict(list(before.strata.items())[:5])})
    assert len(rest_of(AREA, now, before, areas)) == 7
    assert rest_of(AREA, now, few, areas) == []
    other = before.model_copy(update={"strata_level": "so"})
    assert rest_of(AREA, now, other, areas) == []


@pytest.mark.parametrize("hidden", [(NOW, "sdn:centrum"), (BEFORE, "sdn:centrum")])
def test_the_door_shows_no_rest_that_holds_a_hidden_area(world, hidden):
    """Else the hidden value follows from the rest and the other areas."""
    nothing = pd.DataFrame(columns=["item", "n", "count"])
    shown = {
        one.wave.id: protect(one.indicators, nothing, world.parameters)[0]
        for one in (world.now, world.before)
    }
    wave, area = hidden
    rows = shown[wave]
    rows.loc[(rows["area"] == area) & (rows["indicator"] == "trygg_omrade"), "mark"] = HIDDEN
    found = protect_promises(world.rows, shown[NOW], shown, world.parameters)
    gone = found["indicator"] == "trygg_omrade"
    about_rest = [c for c in found if c.startswith(("rest_", "beyond")) and c != "rest_areas"]
    assert found.loc[gone, about_rest].isna().all(axis=None)
    assert (found.loc[gone, "rest_areas"] == "").all()
    assert found.loc[gone, ["first", "difference", "p"]].notna().all(axis=None)
    assert found.loc[~gone, about_rest].notna().all(axis=None)
    assert not [c for c in found if "count" in c] and set(OF_REST) > set(about_rest)


def test_changes_of_waves_in_the_same_units_have_the_covariance_of_both(world):
    """Forty units in each stadsdel, visited twice: the variances of the two waves less twice their
    covariance; without common units the two add."""

    def clustered(wave: str, prefix: str):
        survey = world.surveys[wave]
        unit = pd.Categorical([f"{prefix}{row % 40}" for row in range(len(survey.frame))])
        design = dataclasses.replace(survey.design, psu=unit.codes)
        return dataclasses.replace(
            survey, design=design, frame=survey.frame.copy().assign(psu=unit)
        )

    tables = world.parameters.tables.model_copy(update={"shared_units": True})
    shared = dataclasses.replace(world.parameters, tables=tables, promises={})
    apart = dataclasses.replace(world.parameters, promises={})
    now = clustered(NOW, "u")
    made = {}
    for prefix in ("u", "v"):
        before = clustered(BEFORE, prefix)
        estimates = [estimate_wave(survey, apart) for survey in (now, before)]
        two = TwoWaves(now, before, shared)
        made[prefix] = compare_with_earlier(*estimates, shared, two)
        independent = compare_with_earlier(*estimates, apart)
        assert_allclose(made[prefix]["difference"], independent["difference"])
        assert_allclose(made[prefix]["n_first"], independent["n_first"])
    assert_allclose(made["v"]["se"], independent["se"], rtol=0.02)  # more units in each stratum
    row = made["u"].query("area == @AREA and indicator == 'trygg_omrade'").iloc[0]
    two = TwoWaves(now, clustered(BEFORE, "u"), shared)
    numerators, bases = two.arrays(["trygg_omrade"])
    inside = two.people([AREA])
    p = [
        np.average(numerators[m, 0], weights=two.design.weights[m] * bases[m, 0])
        for m in (inside & two.later, inside & ~two.later)
    ]
    influence = np.zeros(two.design.size)
    for share, m, sign in zip(p, (inside & two.later, inside & ~two.later), (1, -1), strict=True):
        weight = (two.design.weights[m] * bases[m, 0]).sum()
        influence[m] = sign * (numerators[m, 0] - bases[m, 0] * share) / weight
    variance = two.design.linearised.variance(influence[:, None])
    assert_allclose(row["se"], np.sqrt(variance[0]), rtol=1e-9)


# -- the whole, where the waves asked in different parts of it -------------------------------------


def common(world) -> pd.DataFrame:
    return compare_common_parts(world.now, world.before, world.two, world.parameters)


def test_the_whole_changes_over_what_both_waves_drew_at_random(world):
    """Both sides are those parts' inhabitants together; the whole as it is has no change."""
    areas, rows = world.parameters.areas, common(world)
    parts = [area for area in areas.of_level("sdn") if area not in NOT_IN_REST]
    assert set(rows["area"]) == {areas.whole} and set(rows["parts"]) == {"|".join(parts)}
    assert (rows["state"] == "").all() and rows["p_adjusted"].notna().all()
    for side, wave in (("first", NOW), ("second", BEFORE)):
        assert_allclose(rows[side], shares(world, wave, parts, rows["indicator"]))
    assert_allclose(rows["difference"], rows["first"] - rows["second"])
    assert (rows["first"].between(rows["first_low"], rows["first_high"])).all()
    asked = world.two.people(parts) & world.two.later
    bases = world.two.arrays(list(rows["indicator"]))[1]
    assert_allclose(rows["n_first"], (bases & asked[:, None]).sum(axis=0))
    change = compare_with_earlier(world.now, world.before, world.parameters)
    assert set(change.loc[change["area"] == areas.whole, "state"]) == {COVERAGE}


def test_the_variance_of_that_change_is_that_of_its_parts(world):
    """Parts and waves are drawn and weighted each by itself, so their variances add, weighed by
    the population that each has in the base."""
    rows = common(world).set_index("indicator")
    parts = rows["parts"].iloc[0].split("|")
    total = 0.0
    for one in (world.now, world.before):
        own = one.indicators[one.indicators["indicator"] == "trygg_omrade"]
        own = own[(own["group"] == "") & own["area"].isin(parts)]
        total += (np.square(own["se"] * own["total"]).sum()) / own["total"].sum() ** 2
    assert rows.loc["trygg_omrade", "se"] == pytest.approx(np.sqrt(total), rel=0.02)


def test_wholes_that_are_alike_or_have_too_little_in_common_have_no_such_change(world):
    areas, waves = world.parameters.areas, world.parameters.waves
    now, before = waves[NOW], waves[BEFORE]
    assert not common_parts(waves["2020"], waves["2018"], areas)
    assert not common_parts(before.model_copy(update={"id": "x"}), before, areas)
    few = {area: now.strata[area] for area in list(now.strata)[:3]}
    assert not common_parts(now.model_copy(update={"strata": few}), before, areas)
    assert common(SimpleNamespace(**vars(world) | {"before": None})).empty


def test_a_part_that_is_hidden_takes_the_whole_s_change_away(world):
    now, _ = protect(world.now.indicators, world.now.answers, world.parameters)
    before, _ = protect(world.before.indicators, world.before.answers, world.parameters)
    told = protect_common(common(world), now, before, world.parameters)
    assert told["difference"].notna().all() and not {"count_first"} & {*told}
    chosen = (before["area"] == "sdn:centrum") & (before["indicator"] == "trygg_omrade")
    for rows in (now, before):
        hidden = rows.copy()
        hidden.loc[chosen.reindex(rows.index), "mark"] = HIDDEN
        pair = (hidden, before) if rows is now else (now, hidden)
        told = protect_common(common(world), *pair, world.parameters).set_index("indicator")
        assert told.loc["trygg_omrade", ["first", "second", "difference", "p"]].isna().all()
        assert told.loc["trygg_omrade", "state"] == NONE and not told.loc["trygg_omrade", "secured"]
        assert told["difference"].notna().sum() == len(told) - 1
