"""The whole road on real answers whose official results are known: ENSU, September 2024.

A second parameters folder, ``tests/surveys/ensu``, describes the survey; the library knows nothing
of it. What comes out is compared with INEGI's own tables (every total to the person, every share to
all digits in the cell, every precision class) and with R's survey package. Own processing of INEGI
data. The data lie outside the repository; without them these tests are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from surveys.ensu import official
from surveys.ensu.official import DATA, needs_data

from survey_lib.answers import Answers, clean, read_answers
from survey_lib.perception.comparisons import compare_with_earlier
from survey_lib.perception.estimates import estimate_wave
from survey_lib.perception.indicators import domains, indicator_arrays
from survey_lib.perception.two_waves import TwoWaves
from survey_lib.statistics.estimation import covariance_of_shares, estimate_shares
from survey_lib.statistics.ranking import DRAWS, rank_sets
from survey_lib.statistics.variance import Linearised
from survey_lib.vocabulary import Parameters, load_parameters
from survey_lib.weighting import WeightedSurvey, weight

ROOT = Path(__file__).parent.parent
SURVEY = ROOT / "tests" / "surveys" / "ensu"
RANKS = ROOT.parent / "shared" / "reference" / "rank_sets"
WAVE = "2024_09"
PLACES = {
    "Casa": "plats_hemma",
    "Trabajo": "plats_arbete",
    "Calles que habitualmente usa": "plats_gata",
    "Escuela": "plats_skola",
    "Mercado": "plats_marknad",
    "Centro comercial": "plats_kopcentrum",
    "Banco": "plats_bank",
    "Cajero automático localizado en la vía pública": "plats_bankomat",
    "Transporte público": "plats_kollektivtrafik",
    "Automóvil": "plats_bil",
    "Carretera": "plats_landsvag",
    "Parque recreativo o centro recreativo": "plats_park",
}
PROBLEMS = [
    "prob_skadegorelse",
    "prob_alkohol",
    "prob_ran",
    "prob_gang",
    "prob_narkotika",
    "prob_skottlossning",
    "prob_bransle",
    "prob_elstold",
]  # in the order of BP1_4_1 … BP1_4_8


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return load_parameters(SURVEY)


@pytest.fixture(scope="module")
def delivered(parameters: Parameters) -> Answers:
    return read_answers(parameters, WAVE)


@pytest.fixture(scope="module")
def answers(delivered: Answers, parameters: Parameters) -> Answers:
    return clean(delivered, parameters)


@pytest.fixture(scope="module")
def survey(answers: Answers, parameters: Parameters) -> WeightedSurvey:
    return weight(answers, parameters)


def estimated(
    survey: WeightedSurvey,
    parameters: Parameters,
    wanted: list[str],
    group: str | None = None,
    levels: Iterable[str] = ("mx", "stad", "kommun"),
) -> pd.DataFrame:
    """Shares of indicators for every area of some levels, by a group or not: the columns of
    ``estimate_shares``, ``count_total`` (weighted numerator), and the standard errors of the two
    totals, ``total_se`` (base) and ``count_total_se``."""
    indicators = [parameters.questionnaire.indicators[one] for one in wanted]
    numerators, bases = indicator_arrays(survey.frame, indicators, survey.wave, parameters)
    linearised, frames = Linearised(survey.design), []
    for level in levels:
        where = domains(survey.frame, level, group, parameters)
        shares = estimate_shares(survey.design, numerators, bases, where.codes, len(where.keys))
        errors = np.empty((2, len(shares)))
        for domain in range(len(where.keys)):
            inside = (where.codes == domain)[:, None]
            both = np.column_stack([bases & inside, numerators & inside]).astype(float)
            rows = np.flatnonzero(shares["domain"] == domain)  # one per indicator, in their order
            errors[:, rows] = np.sqrt(linearised.variance(both)).reshape(2, -1)
        shares["count_total"] = shares["estimate"] * shares["total"]
        shares["total_se"], shares["count_total_se"] = errors
        keys = where.keys.iloc[shares["domain"]].reset_index(drop=True)
        names = pd.Series(wanted, name="name")[shares["indicator"]].reset_index(drop=True)
        frames.append(pd.concat([keys, names, shares], axis=1))
    return pd.concat(frames, ignore_index=True)


def beside_official(
    ours: pd.DataFrame, table: pd.DataFrame, parameters: Parameters
) -> pd.DataFrame:
    """Official rows (with their indicator in ``name``) beside ours; every official row is found."""
    area = {official.COUNTRY: parameters.areas.whole}
    area |= {city: parameters.areas.find(city) for city in table["city"] if city not in area}
    both = table.assign(area=table["city"].map(area)).merge(
        ours, on=["area", "name"], how="left", suffixes=("_official", ""), validate="one_to_one"
    )
    assert both["estimate"].notna().all(), "an official area or line that we don't have"
    return both


def assert_same(both: pd.DataFrame) -> None:
    """Totals to the person, shares to all the digits that a cell holds, and precision classes."""
    for ours, published in (("total", "base"), ("count_total", "total_official")):
        assert (both[ours].round() == both[published]).all()
        assert (both[ours] - both[published]).abs().max() < 1e-6
    assert (100 * both["estimate"] - both["percent"]).abs().max() < 1e-11
    for error, value, published in (
        ("total_se", "total", "base_class"),
        ("count_total_se", "count_total", "total_class"),
        ("se", "estimate", "percent_class"),
    ):
        cv = both[error] / both[value]
        assert (np.digitize(cv, official.LIMITS) == both[published]).all()


@needs_data
def test_every_row_is_read_and_every_kind_of_missing_is_told_apart(
    delivered: Answers, answers: Answers
) -> None:
    """9 is "does not know", 3 "does not apply", a blank "not asked": three different codes."""
    assert len(delivered.frame) == 24_096
    assert delivered.frame["respondent"].is_unique
    assert delivered.frame["stratum"].nunique() == 347
    assert delivered.frame["psu"].nunique() == 5_514
    frame = answers.frame
    assert len(frame) == 24_096, "nobody is outside the survey's population"
    assert (frame["trygghet_stad"] == 98).sum() == 59
    assert (frame["plats_skola"] == 97).sum() == 22_344
    assert (frame["plats_skola"] == 98).sum() == 203
    assert (frame["effektiv_polis_kommun"] == 97).sum() == 8_884
    assert (frame["effektiv_polis_kommun"] == 98).sum() == 108
    assert frame["alder_grp"].isna().sum() == 130, "code 98 of age is an unknown age, not 98 years"
    left = answers.log["left"].to_numpy()
    assert (left[1:] == left[:-1] - answers.log["removed"].to_numpy()[1:]).all()


@needs_data
def test_table_1_7_every_city_and_the_country(
    survey: WeightedSurvey, parameters: Parameters
) -> None:
    """Safe and unsafe in the city: 90 cities, Torreón inside La Laguna, and the whole country."""
    table = official.read_table(DATA, "1.7")
    table["name"] = table["line"].map({"Seguro": "trygg_stad", "Inseguro": "otrygg_stad"})
    ours = estimated(survey, parameters, ["trygg_stad", "otrygg_stad"])
    both = beside_official(ours, table, parameters)
    assert len(both) == 2 * 92
    assert set(both["area"]) == set(ours["area"]), "and we have no area that INEGI doesn't publish"
    assert_same(both)


@needs_data
def test_table_1_7_does_not_know_is_what_is_left(
    survey: WeightedSurvey, parameters: Parameters
) -> None:
    """INEGI prints no row for it: the shares of safe and unsafe leave exactly our share of 98."""
    table = official.read_table(DATA, "1.7")
    left = 100 - table.groupby("city")["percent"].sum()
    base = survey.frame["trygghet_stad"].to_numpy() != 99
    unsure = survey.frame["trygghet_stad"].to_numpy() == 98
    compared = 0
    for level in parameters.areas.levels:
        where = domains(survey.frame, level, None, parameters)
        shares = estimate_shares(
            survey.design, unsure[:, None], base[:, None], where.codes, len(where.keys)
        )
        names = where.keys["area"].map(parameters.areas.name)
        names = names.replace(parameters.areas.name(parameters.areas.whole), official.COUNTRY)
        difference = 100 * shares["estimate"].to_numpy() - left[names].to_numpy()
        assert np.abs(difference).max() < 1e-11
        compared += len(names)
    assert compared == 92


@needs_data
@pytest.mark.parametrize(("table", "ending"), [("1.8", "_trygg"), ("1.9", "_otrygg")])
def test_tables_1_8_and_1_9_every_place_in_every_city(
    survey: WeightedSurvey, parameters: Parameters, table: str, ending: str
) -> None:
    """The answer "does not apply" is outside the base, which has its own total in the tables."""
    rows = official.read_table(DATA, table)
    rows["name"] = rows["line"].map(PLACES) + ending
    ours = estimated(survey, parameters, [place + ending for place in PLACES.values()])
    both = beside_official(ours, rows, parameters)
    assert len(both) == 831
    assert_same(both)


@needs_data
def test_women_and_men_in_the_whole_country(survey: WeightedSurvey, parameters: Parameters) -> None:
    lines = {"Seguro": "trygg_stad", "Inseguro": "otrygg_stad"}
    tables = [official.read_by_sex(DATA, "1.2").replace({"line": lines})]
    for table, ending in (("1.4", "_trygg"), ("1.6", "_otrygg")):
        rows = official.read_by_sex(DATA, table)
        tables.append(rows.assign(line=rows["line"].map(PLACES) + ending))
    published = pd.concat(tables).set_index(["group", "line"])["percent"]
    wanted = sorted(set(published.index.get_level_values("line")))
    assert len(wanted) == 26
    ours = estimated(survey, parameters, wanted, group="kon", levels=["mx"])
    ours = ours[ours["area"] == parameters.areas.whole].set_index(["category", "name"])["estimate"]
    for category, group in (("1", "Mujeres"), ("2", "Hombres")):
        difference = 100 * ours[category].loc[wanted] - published[group].loc[wanted]
        assert difference.abs().max() < 1e-11


@needs_data
def test_as_r_survey_gives_it(survey: WeightedSurvey, parameters: Parameters) -> None:
    """Shares, standard errors and totals of 14 answers in 92 areas, and of women and men."""
    reference = pd.read_csv(
        SURVEY / "reference" / "ensu_2024_09_r_survey.csv",
        sep=";",
        dtype={"area": str, "answer": str},
    )
    items = {("BP1_1", "1"): "trygg_stad", ("BP1_1", "2"): "otrygg_stad"}
    items |= {(f"BP1_4_{k}", "1"): name for k, name in enumerate(PROBLEMS, start=1)}
    items[("BP1_2_09", "2")] = "plats_kollektivtrafik_otrygg"
    keys = zip(reference["item"], reference["answer"], strict=True)
    reference["name"] = [items.get(key, "") for key in keys]
    reference = reference[reference["name"] != ""]
    reference["category"] = reference["group"].map({"all": "", "woman": "1", "man": "2"})
    ours = estimated(survey, parameters, list(items.values()))
    everybody = ours[ours["name"] == "otrygg_stad"].set_index("total")["area"]
    assert everybody.index.is_unique  # a city code is known by its population
    code = reference[reference["group"].eq("all") & reference["item"].eq("BP1_1")]
    code = code.drop_duplicates("area").set_index("area")["base"].map(everybody)
    reference["area"] = reference["area"].map(code)
    by_sex = estimated(survey, parameters, ["otrygg_stad"], group="kon")
    both = reference.drop(columns="group").merge(
        pd.concat([ours, by_sex]),
        on=["area", "name", "category"],
        suffixes=("_r", ""),
        validate="one_to_one",
    )
    assert len(both) == len(reference) == 92 * 13
    assert (both["n"] == both["n_r"]).all()
    np.testing.assert_allclose(both["estimate"], both["share"], rtol=1e-10)
    np.testing.assert_allclose(both["se"], both["share_se"], rtol=1e-9)
    for ours_is, r_is in (
        ("total", "base"),
        ("total_se", "base_se"),
        ("count_total", "total_r"),
        ("count_total_se", "total_se_r"),
    ):
        np.testing.assert_allclose(both[ours_is], both[r_is], rtol=1e-9, atol=1e-6)


@needs_data
@pytest.mark.skipif(
    not RANKS.is_dir(), reason="needs ../shared/reference/rank_sets, which is not here"
)
@pytest.mark.parametrize(("case", "area"), [("city09", "stad:colima"), ("city38", "stad:cancun")])
def test_covariance_of_the_problems_as_r_gives_it(
    survey: WeightedSurvey, parameters: Parameters, case: str, area: str
) -> None:
    indicators = [parameters.questionnaire.indicators[one] for one in PROBLEMS]
    numerators, bases = indicator_arrays(survey.frame, indicators, survey.wave, parameters)
    members = (survey.frame["area"] == area).to_numpy()
    share, covariance = covariance_of_shares(survey.design, numerators, bases, members)
    stem = RANKS / f"ensu_2024_09_{case}"
    estimates = pd.read_csv(f"{stem}_estimates.csv")["estimate"]
    reference = pd.read_csv(f"{stem}_covariance.csv", index_col="id")
    np.testing.assert_allclose(share, estimates, rtol=1e-11)
    np.testing.assert_allclose(covariance, reference, rtol=1e-9, atol=1e-15)


@needs_data
@pytest.mark.skipif(
    not RANKS.is_dir(), reason="needs ../shared/reference/rank_sets, which is not here"
)
@pytest.mark.parametrize(("case", "area"), [("city09", "stad:colima"), ("city38", "stad:cancun")])
def test_ranks_of_the_problems_as_csranks_gives_them(
    survey: WeightedSurvey, parameters: Parameters, case: str, area: str
) -> None:
    """Our places and sets from our own covariance: equal to theirs where a bound is the same for
    every level within simulation error of 95 %, else between those. What the reports print takes
    the design's degrees of freedom and the floor of small shares, and is never narrower."""
    stem = RANKS / f"ensu_2024_09_{case}"
    sets = pd.read_csv(f"{stem}_rank_sets.csv").query("stepdown").set_index(["simultaneous", "id"])
    items = [f"BP1_4_{k}" for k in range(1, len(PROBLEMS) + 1)]
    theirs = np.hstack([sets.loc[every].loc[items, ["low", "high"]] for every in (False, True)])

    wanted = [parameters.questionnaire.indicators[one] for one in PROBLEMS]
    numerators, bases = indicator_arrays(survey.frame, wanted, survey.wave, parameters)
    members = (survey.frame["area"] == area).to_numpy()
    share, covariance = covariance_of_shares(survey.design, numerators, bases, members)
    error = 3 * np.sqrt(2 * 0.05 * 0.95 / DRAWS)
    ours, narrow, wide = (
        rank_sets(share, covariance, confidence=0.95 + shift).to_numpy()
        for shift in (0, -error, error)
    )
    decided = narrow == wide
    assert np.array_equal(ours[decided], theirs[decided])
    assert (np.abs(ours - theirs) <= 1).all()
    assert ((np.minimum(narrow, wide) <= theirs) & (theirs <= np.maximum(narrow, wide))).all()

    rows = estimate_wave(survey, parameters).indicators
    rows = rows[(rows["area"] == area) & (rows["group"] == "")].set_index("indicator").loc[PROBLEMS]
    assert rows["rank"].tolist() == sets.loc[True].loc[items, "rank"].tolist()
    reported = rows[["rank_low", "rank_high", "rank_low_all", "rank_high_all"]].to_numpy()
    assert (reported[:, ::2] <= narrow[:, ::2]).all()
    assert (reported[:, 1::2] >= narrow[:, 1::2]).all()
    assert np.abs(reported - theirs).max() <= 2
    assert rows["best"].tolist() == rows["rank_low_all"].tolist()


@needs_data
def test_torreon_lies_in_la_laguna(survey: WeightedSurvey, parameters: Parameters) -> None:
    """One published city inside another: the city holds the municipality's people and others."""
    area = survey.frame["area"].astype(str)
    weights = survey.design.weights
    assert weights[area == "kommun:torreon"].sum() == 586_307
    assert (area == "kommun:torreon").sum() == 253
    inside = area.isin(parameters.areas.members("stad:la_laguna"))
    assert weights[inside].sum() == 906_032
    assert len(parameters.areas.of_level("stad")) == 90
    assert parameters.areas.of_level("kommun") == ["kommun:torreon"]


def test_the_library_knows_nothing_of_this_survey() -> None:
    names = re.compile(r"\b(ensu\b|inegi|m[eé]xi[ck]|torre[oó]n)", re.IGNORECASE)
    read = 0
    for folder in ("survey_lib", "notebooks"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".ipynb", ".html", ".css", ".j2"):
                found = names.search(path.read_text(encoding="utf-8"))
                assert found is None, f"{path.relative_to(ROOT)} says {found and found[0]}"
                read += 1
    assert read > 20


# -- two waves ----------------------------------------------------------------------------------


def as_inegi_tests(parameters: Parameters, *, shared_units: bool) -> Parameters:
    """INEGI's rule for cities that changed between two quarters, said in ``tables.yaml``: 90 %,
    each city by itself, waves as independent samples; or with the covariance of units they
    share."""
    showing = parameters.tables.showing.model_copy(
        update={"confidence": 0.90, "significance": 0.10}
    )
    table = parameters.tables.tables["safety"].model_copy(
        update={
            "indicators": ["otrygg_stad"], "levels": ["stad", "kommun"], "groups": [],
            "distributions": [], "lead": [], "family": "none",
        }
    )  # fmt: skip
    tables = parameters.tables.model_copy(
        update={"showing": showing, "tables": {"safety": table}, "shared_units": shared_units}
    )
    earlier = parameters.waves[WAVE].model_copy(update={"id": "2024_06"})
    waves = {earlier.id: earlier, **parameters.waves}
    return replace(parameters, tables=tables, waves=waves)


@needs_data
@pytest.mark.parametrize("split", ["units", "persons"])
def test_which_cities_changed_between_two_waves(
    answers: Answers, survey: WeightedSurvey, parameters: Parameters, split: str
) -> None:
    """INEGI publishes which cities changed since the quarter before. Only one quarter is at hand,
    so it is split in two: by primary units, which gives independent waves, and by persons, which
    gives waves in the same units. The same cities change as by R's survey, with the same standard
    errors. Ours is the p-value of the MOVER interval, not of the normal one, and the two may part
    where |z| is within a twentieth of the limit."""
    rule = as_inegi_tests(parameters, shared_units=split == "persons")
    frame = answers.frame
    unit = frame["psu"].astype(str).to_numpy()  # with its stratum
    place = np.unique(unit, return_inverse=True)[1] + 1 if split == "units" else frame["row"]
    later = np.asarray(place % 2 == 1)
    surveys = [
        weight(Answers(frame[rows].reset_index(drop=True), wave, answers.log), rule)
        for rows, wave in ((later, WAVE), (~later, "2024_06"))
    ]
    now, before = (estimate_wave(one, rule) for one in surveys)
    two = TwoWaves(surveys[0], surveys[1], rule)
    found = compare_with_earlier(now, before, rule, two).set_index("area")

    gold = pd.read_csv(
        SURVEY / "reference" / "ensu_two_waves_r_survey.csv", sep=";", dtype={"area": str}
    )
    whole = pd.read_csv(
        SURVEY / "reference" / "ensu_2024_09_r_survey.csv", sep=";", dtype={"area": str}
    )
    population = whole.query("group == 'all' and item == 'BP1_1'").drop_duplicates("area")
    ours = estimated(survey, parameters, ["otrygg_stad"], levels=("stad", "kommun"))
    known = ours.set_index("total")["area"]  # a city code is known by its population
    codes = population[population["area"] != "mx"].set_index("area")["base"].map(known)
    gold = gold[gold["split"] == split]
    found = found.loc[codes[gold["area"]]]
    assert (found["state"] == "").all()
    for ours_is, r_is in (("first", "now"), ("second", "before"), ("difference", "difference")):
        np.testing.assert_allclose(found[ours_is], gold[r_is], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found["se"], gold["se"], rtol=1e-9)
    z = (gold["difference"] / gold["se"]).abs().to_numpy()
    decided = np.abs(z / 1.6449 - 1) > 0.05
    assert decided.mean() > 0.9
    assert (found["secured"].to_numpy() == (gold["changed"] == 1))[decided].all()
    assert 4 <= found["secured"].sum() <= 14  # nothing has changed: about one city in ten
    assert (found["p_adjusted"] == found["p"]).all()
