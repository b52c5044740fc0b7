"""Pooled waves: what follows from the parts, that variances are those of independent samples, that
what differs is not pooled, and that nothing is compared with a part of itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from published_rows import WORDS
from typer.testing import CliRunner
from village import village
from vocabulary_world import WORLD, write_world

from survey_lib.answers import Answers
from survey_lib.cli import app
from survey_lib.disclosure import HIDDEN, hide_told, protect_parts
from survey_lib.faults import BadInput
from survey_lib.perception.pooled import DIFFERS, QUESTION, not_pooled, respondents_by_wave
from survey_lib.pipeline import prepare
from survey_lib.presentation import pooling
from survey_lib.presentation.tables import NOTHING
from survey_lib.publish import Published
from survey_lib.report import open_report
from survey_lib.report.reading import respondents
from survey_lib.report.results import Results
from survey_lib.report.wave_report import WaveReport
from survey_lib.selection import select
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import covariance_of_shares
from survey_lib.vocabulary import Parameters, load_parameters
from survey_lib.vocabulary.pooling import pooled_wave
from survey_lib.vocabulary.source import Source
from survey_lib.vocabulary.validation import Names
from survey_lib.vocabulary.waves import Pool, Wave
from survey_lib.weighting import WeightedSurvey, pool, pool_logs, weight

POOLED, ANGERED, LUNDBY = "2022_2024", "sdn:angered", "sdn:lundby"
GOLD = Path(__file__).parent / "statistics" / "gold"


def pooled_of(parameters: Parameters, *waves: str) -> Wave:
    source = Source(Path("waves/pooled.yaml"))
    made = pooled_wave(
        Pool(id="pooled", pools=list(waves)),
        source,
        parameters.delivered,
        [POOLED],
        parameters.questionnaire,
        Names(),
    )
    assert made is not None, source.faults
    return made


# -- the wave ------------------------------------------------------------------------------------


def test_a_pooled_wave_follows_from_its_parts(parameters: Parameters) -> None:
    wave = parameters.waves[POOLED]
    assert (wave.label, wave.pools, wave.demo) == ("2022/2024", ["2022", "2024"], True)
    first, last = parameters.waves["2022"], parameters.waves["2024"]
    assert wave.fieldwork == (first.fieldwork[0], last.fieldwork[1])
    assert wave.strata[ANGERED].invited == 3800
    assert wave.strata[ANGERED].responding == 918 + 906


def test_a_quota_is_not_pooled_with_a_random_sample(parameters: Parameters) -> None:
    """Lundby was a quota in one of the waves; Majorna-Linné was in one only."""
    wave = parameters.waves[POOLED]
    assert set(parameters.waves["2022"].strata) - set(wave.strata) == {
        LUNDBY,
        "sdn:majorna_linne",
    }
    assert LUNDBY in pooled_of(parameters, "2020", "2022").strata


def test_a_question_asked_otherwise_is_not_pooled(parameters: Parameters) -> None:
    """A scale without middle point, and another name of the administration."""
    absent = set(pooled_of(parameters, "2022", "2020").not_asked)
    assert absent == {"trygg_lokaler_kvall", "fort_stad", "bryr_stad"}
    assert not parameters.waves[POOLED].not_asked


def test_what_rests_on_an_absent_question_is_absent(parameters: Parameters) -> None:
    without = parameters.waves["2022"].model_copy(update={"not_asked": ["ute_kvall_orsak"]})
    changed = replace(parameters, waves=parameters.waves | {"2022": without})
    assert set(pooled_of(changed, "2022", "2024").not_asked) == {
        "ute_kvall_orsak",
        "trygg_ute_kvall",
    }


SECOND = WORLD["waves/2024.yaml"]


@pytest.mark.parametrize(
    ("pools", "changes", "told"),
    [
        ('["2024"]', (), "a list of 1; 2 or more values"),
        ('["2024", "2023", "2023"]', (), "2023 once more; each wave once"),
        ('["2024", "2021"]', (), "the unknown wave '2021'; one of 2023, 2024"),
        ('["2024", "both"]', (), "both, which pools others; a wave with answers of its own"),
        (
            '["2024", "2023"]',
            [("age_span: [16, 84]", "age_span: [18, 84]")],
            "ages 18–84 in 2023, 16–84 in 2024; the same ages",
        ),
        (
            '["2024", "2023"]',
            [("sampling: kvot", "sampling: sjalvval"), ("sampling: sannolikhet", "sampling: kvot")],
            "no part of the population that all of them sampled, and in the same way; "
            "strata in common",
        ),
    ],
)
def test_a_pool_that_cannot_be(
    tmp_path: Path, pools: str, changes: list[tuple[str, str]], told: str
) -> None:
    second = SECOND.replace("2024-", "2023-")
    for old, new in changes:
        assert old in second
        second = second.replace(old, new)
    files = {"waves/2023.yaml": second, "waves/both.yaml": f"pools: {pools}\n"}
    with pytest.raises(BadInput) as caught:
        load_parameters(write_world(tmp_path / "world", files))
    (fault,) = caught.value.faults
    assert fault.file.endswith("waves/both.yaml") and fault.place.startswith("line 1, key pools")
    assert f"{fault.found}; {fault.expected}" == told


def test_a_pool_says_no_more(tmp_path: Path) -> None:
    files = {"waves/both.yaml": 'pools: ["2024", "2024"]\nlabel: båda\n'}
    with pytest.raises(BadInput, match="unknown key label"):
        load_parameters(write_world(tmp_path / "world", files))


# -- the weighted survey ---------------------------------------------------------------------------


def sample(parameters: Parameters, wave: str, area: str, repeats: int, seed: int) -> WeightedSurvey:
    """Persons of every age band and sex in one area, who answer at random."""
    random = np.random.default_rng(seed)
    bands = list(parameters.questionnaire.background["alder_grp"].codes)
    age = np.repeat(bands, 2 * repeats)
    sex = np.tile(np.repeat([1, 2], repeats), len(bands)).astype(np.int8)
    kept = random.random(len(age)) < 0.8
    frame = pd.DataFrame(
        {
            "area": pd.Categorical([area] * len(age)),
            "stratum": pd.Categorical([area] * len(age)),
            "alder_grp": age,
            "kon": sex,
            "row": range(1, len(age) + 1),
            "trygg_omrade": random.integers(1, 6, len(age)).astype(np.int8),
        }
    )[kept].reset_index(drop=True)
    return weight(Answers(frame, wave, pd.DataFrame()), parameters)


def share(survey: WeightedSurvey) -> tuple[float, float]:
    """The share of 1 and 2, and its variance."""
    counted = survey.frame["trygg_omrade"].isin([1, 2]).to_numpy()[:, None]
    inside = survey.frame["area"].notna().to_numpy()[:, None]
    found, covariance = covariance_of_shares(survey.design, counted, inside)
    return float(found[0]), float(covariance[0, 0])


def test_two_waves_are_two_independent_samples_of_half_each(parameters: Parameters) -> None:
    """By hand: the mean of the shares, and a quarter of the sum of the variances, however unlike
    the two are in size."""
    parts = [sample(parameters, "2022", ANGERED, 40, 1), sample(parameters, "2024", ANGERED, 15, 2)]
    pooled = pool(parts, parameters.waves[POOLED], parameters)
    (p1, v1), (p2, v2) = map(share, parts)
    p, v = share(pooled)
    assert p == pytest.approx((p1 + p2) / 2, rel=1e-12)
    assert v == pytest.approx((v1 + v2) / 4, rel=1e-10)
    halves = pd.Series(pooled.design.weights).groupby(pooled.frame["wave"]).sum()
    total = parts[0].design.weights.sum()
    assert halves.to_dict() == pytest.approx({"2022": total / 2, "2024": total / 2})


def test_an_area_that_is_not_pooled_counts_nowhere(parameters: Parameters) -> None:
    """The quota sample stays in the design, and in no area; what is pooled is not touched by it."""
    alone = sample(parameters, "2024", ANGERED, 30, 3)
    parts = [sample(parameters, "2022", ANGERED, 30, 4), both(alone, parameters)]
    pooled = pool(parts, parameters.waves[POOLED], parameters)
    assert set(pooled.frame["area"].dropna()) == {ANGERED}
    assert set(pooled.areas["area"]) == {ANGERED}
    expected = share(pool([parts[0], alone], parameters.waves[POOLED], parameters))
    assert share(pooled) == pytest.approx(expected, rel=1e-10)
    halves = pd.Series(pooled.design.weights).groupby(
        [pooled.frame["wave"], pooled.frame["area"].notna()]
    )
    assert halves.sum()["2022", True] == pytest.approx(halves.sum()["2024", True])


def both(survey: WeightedSurvey, parameters: Parameters) -> WeightedSurvey:
    """A survey with a quota sample of another area beside it."""
    quota = sample(parameters, "2024", LUNDBY, 30, 5)
    frame = pd.concat([survey.frame, quota.frame], ignore_index=True)
    return weight(Answers(frame, "2024", pd.DataFrame()), parameters)


def in_common_units(parameters: Parameters) -> Parameters:
    tables = parameters.tables.model_copy(update={"shared_units": True})
    return replace(parameters, tables=tables)


@pytest.mark.parametrize("case", ["persons", "units", "raked", "shared", "shared_raked"])
def test_as_in_r(parameters: Parameters, case: str) -> None:
    """R's svydesign with strata = interaction(wave, stratum), or of waves drawn in the same units
    with the strata and units as they are; see gold/make_gold_pooled.R."""
    shared = case.startswith("shared")
    parameters = in_common_units(parameters) if shared else parameters
    gold = pd.read_csv(GOLD / "gold_pooled.csv", encoding="utf-8").query("case == @case")
    gold = gold.set_index("statistic")["value"]
    wave = pd.read_csv(GOLD / "wave.csv", encoding="utf-8")
    strata = list(parameters.waves[POOLED].strata)
    first = np.arange(len(wave)) % 2 == 0 if shared else wave["psu"] % 2 == 1
    parts = []
    for name, chosen, times in (("2022", first, 1), ("2024", ~first, 3)):
        rows = wave[chosen].sort_values("income", ignore_index=True)  # labels tell what is the same
        frame = rows[["sex", "trust"]].assign(area=ANGERED)
        if shared:
            labels = {"stratum": [strata[k] for k in rows["stratum"]], "psu": rows["psu"].map(str)}
            frame = frame.assign(**{one: pd.Categorical(text) for one, text in labels.items()})
        start = rows["start"].to_numpy() * times
        psu = rows["psu"].to_numpy() if case in ("units", "shared") else None
        design = Design(start, rows["stratum"].to_numpy(), psu)
        if case.endswith("raked"):
            design = raked_by_age_and_sex(rows, start)
        none = pd.DataFrame()
        parts.append(WeightedSurvey(parameters.waves[name], frame, design, none, ()))
    pooled = pool(parts, parameters.waves[POOLED], parameters)
    design = replace(pooled.design, residuals="plain")
    trusting = (pooled.frame["trust"] >= 4).to_numpy()[:, None]
    members = {"": np.ones_like(trusting), "women": (pooled.frame["sex"] == 2).to_numpy()[:, None]}
    for name, inside in members.items() if not case.endswith("raked") else [("", members[""])]:
        found, covariance = covariance_of_shares(design, trusting, inside)
        assert found[0] == pytest.approx(gold[name or "estimate"], rel=1e-12)
        expected = gold[f"{name}_se" if name else "se"]
        assert np.sqrt(covariance[0, 0]) == pytest.approx(expected, rel=1e-9)


def raked_by_age_and_sex(rows: pd.DataFrame, start: np.ndarray) -> Design:
    from survey_lib.statistics.raking import rake

    margins = [
        (rows["age"].to_numpy() - 1, np.array([14000, 23000, 26000, 17000]), "age"),
        (rows["sex"].to_numpy() - 1, np.array([40500, 39500]), "sex"),
    ]
    made = rake(start, margins, tolerance=1e-13)
    return Design(made.weights, rows["stratum"].to_numpy(), calibration=made.calibration)


def test_logs_are_summed_rule_by_rule() -> None:
    columns = ["step", "rule", "label", "answers", "persons", "removed", "left"]
    first = pd.DataFrame([(1, "delivered", "A", 0, 0, 0, 9), (2, "twice", "B", 0, 2, 1, 8)])
    second = pd.DataFrame([(1, "delivered", "A", 0, 0, 0, 5), (2, "twice", "B", 0, 0, 0, 5)])
    logs = [one.set_axis(columns, axis=1) for one in (first, second)]
    assert pool_logs(logs)[columns[3:]].to_numpy().tolist() == [[0, 0, 0, 14], [0, 2, 1, 13]]


# -- what differs ----------------------------------------------------------------------------------


def test_what_differs_clearly_is_not_pooled(parameters: Parameters) -> None:
    """Two waves alike, then one in which more feel safe: only that area's value goes."""
    parts = [sample(parameters, wave, ANGERED, 60, 1) for wave in ("2022", "2024")]
    wave = parameters.waves[POOLED]
    alike = not_pooled(pool(parts, wave, parameters), parameters, ["sdn", "kommun"])
    assert not len(alike[alike["reason"] == DIFFERS])
    safer = parts[1].frame["trygg_omrade"].where(np.arange(len(parts[1].frame)) % 3 > 0, 1)
    parts[1] = replace(parts[1], frame=parts[1].frame.assign(trygg_omrade=safer.astype(np.int8)))
    survey = pool(parts, wave, parameters)
    found = not_pooled(survey, parameters, ["sdn", "kommun"])
    apart = found[found["reason"] == DIFFERS]
    assert set(apart["area"]) == {ANGERED, parameters.areas.whole}
    assert "trygg_omrade" in set(apart["indicator"])
    assert respondents_by_wave(survey, parameters, ["sdn"]).query("n > 0")["n"].tolist() == [
        len(part.frame) for part in parts
    ]


def test_waves_in_common_units_differ_by_their_covariance(parameters: Parameters) -> None:
    """The same persons twice, one in twenty now feeling safer: clear when it is known that they are
    the same, nothing beside the difference of two samples."""
    wave, units = parameters.waves[POOLED], in_common_units(parameters)
    parts = [sample(parameters, name, ANGERED, 60, 1) for name in ("2022", "2024")]
    persons = pd.Categorical([f"p{k}" for k in range(len(parts[0].frame))])
    parts = [replace(part, frame=part.frame.assign(psu=persons)) for part in parts]
    safer = parts[1].frame["trygg_omrade"].where(np.arange(len(persons)) % 20 > 0, 1)
    parts[1] = replace(parts[1], frame=parts[1].frame.assign(trygg_omrade=safer.astype(np.int8)))
    apart, together = (
        not_pooled(pool(parts, wave, known), known, ["sdn"]) for known in (parameters, units)
    )
    assert not (apart["reason"] == DIFFERS).any()
    differing = together[together["reason"] == DIFFERS]
    assert set(differing["area"]) == {ANGERED} and "trygg_omrade" in set(differing["indicator"])


def test_the_reason_of_what_was_not_asked_alike(parameters: Parameters) -> None:
    wave = pooled_of(parameters, "2020", "2022")
    parts = [sample(parameters, name, ANGERED, 20, 6) for name in ("2020", "2022")]
    found = not_pooled(pool(parts, wave, parameters), parameters, ["sdn"])
    reasons = found.set_index("indicator")
    for indicator in ("fort_stad", "bryr_stad", "otrygg_lokaler_kvall"):
        assert tuple(reasons.loc[indicator]) == ("", QUESTION)


# -- the door --------------------------------------------------------------------------------------


def test_a_pooled_value_never_tells_a_hidden_part() -> None:
    """Hidden beside one hidden part of two; shown beside none, or where neither part is told."""
    rows = pd.DataFrame({"indicator": "a", "area": list("xyz"), "n": [120.0, 150, 50], "mark": ""})
    first = rows.assign(mark=[HIDDEN, "", HIDDEN])
    second = rows.assign(mark=["", "", HIDDEN])
    shown = hide_told(rows, [first, second], ["n", "estimate"])
    assert shown["mark"].tolist() == [HIDDEN, "", ""]
    assert shown["n"].isna().tolist() == [True, False, False]


def test_respondents_by_wave_hide_together(parameters: Parameters) -> None:
    parts = pd.DataFrame({"wave": ["1", "2"] * 2, "area": list("xxyy"), "n": [20, 90, 40, 50]})
    shown = protect_parts(parts, parameters.tables.showing)
    assert shown["n"].isna().tolist() == [True, True, False, False]


def test_what_is_said_of_a_pooled_wave() -> None:
    words = replace(WORDS, wave="2022/2024")
    parts = pd.DataFrame({"label": ["2022", "2024"], "n": [918.0, 1006]})
    assert pooling.period(parts, words) == [
        "Värdena beskriver perioden 2022/2024, inte det senaste året.",
        "Av de svarande är 918 från undersökningen 2022 och 1\u202f006 från undersökningen 2024. "
        "Undersökningarna väger lika.",
    ]
    assert len(pooling.period(parts.assign(n=[np.nan, np.nan]), words)) == 1
    assert not pooling.period(parts.iloc[:0], words)
    rows = pd.DataFrame({"label": ["A", "B", "C"], "reason": [DIFFERS, QUESTION, DIFFERS]})
    assert pooling.not_pooled(rows, words) == [
        "Redovisas inte för 2022/2024, undersökningarna skiljer sig tydligt: ”A” och ”C”.",
        "Redovisas inte för 2022/2024, frågan ställdes inte likadant i alla undersökningarna: ”B”.",
    ]


# -- what one part didn't ask ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def villages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Parameters, Published]:
    """Two waves of a village and both pooled; the second asked nobody whether they have children,
    by which a table is split and which filters a question, nor their sex, which the first is
    weighted by."""
    folder = tmp_path_factory.mktemp("by å")
    village(folder)
    given = folder / "parameters"
    (given / "waves" / "1_2.yaml").write_text('pools: ["1", "2"]\n', encoding="utf-8")
    margins = ["id;kon;persons"]
    margins += [f"{a};{k};{n}" for a, n in (("del:norr", 500), ("del:soder", 1000)) for k in (1, 2)]
    (given / "population" / "kon.csv").write_text("\n".join(margins) + "\n", encoding="utf-8")
    for file, old, new in (
        ("waves/2.yaml", "source:", "not_asked: [barn, kon]\nsource:"),
        ("waves/1.yaml", "total}", "total, margins: [{variables: [kon], population: kon}]}"),
        ("tables.yaml", "[kon]", "[kon, barn, alder]"),
        ("tables.yaml", "_moped_stort]", "_moped_stort, otrygg_skola]\n    groups: [barn, alder]"),
        (
            "questionnaire.yaml",
            "groups:\n",
            "groups:\n  barn: {label: Barn}\n  alder: {label: Å}\n",
        ),
        (
            "questionnaire.yaml",
            "    asked_if: {barn: [1]}\n",
            "    asked_if: {barn: [1]}\n" + SCHOOL,
        ),
    ):
        text = (given / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, (file, old)
        (given / file).write_text(text.replace(old, new), encoding="utf-8")
    delivered = folder / "data" / "svar_2.csv"
    rows = pd.read_csv(delivered, sep=";", dtype=str)
    rows.drop(columns=["barn", "kon"]).to_csv(delivered, sep=";", index=False)
    parameters = load_parameters(given)
    return parameters, prepare(parameters, "1_2", None, folder / "reports")


SCHOOL = """\
    filter_label: Bland föräldrar
    indicators: {otrygg_skola: {label: Otrygg skola, numerator: [4, 5]}}
"""


def test_what_one_part_did_not_ask_divides_and_filters_nothing(
    villages: tuple[Parameters, Published],
) -> None:
    _, published = villages
    assert set(published.indicators["group"]) == {"", "alder"}
    assert set(published.profile["variable"]) == {"alder"}
    assert "otrygg_skola" not in set(published.indicators["indicator"])
    reasons = published.unpooled.set_index("indicator")
    assert tuple(reasons.loc["otrygg_skola"]) == ("", QUESTION)
    assert published.indicators["estimate"].notna().any()


def test_the_page_says_which_part_did_not_ask(villages: tuple[Parameters, Published]) -> None:
    parameters, published = villages
    results = Results(parameters, published, "del:norr")
    said = " ".join(map(str, respondents(results).sentences))
    assert "Kön och barn i skola frågades inte i undersökningen 2. Resultaten redovisas" in said
    assert "Skolan redovisas inte, eftersom det inte frågades i undersökningen 2 vilka" in said
    assert results.margins == [] and "viktade" not in said
    first, second = WaveReport(results).weights.tables[0].rows[::2]
    assert [cell.text for cell in (*first[4:6], *second[4:6])] == ["0", "0", NOTHING, NOTHING]


# -- windows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wave", "compare_with", "told"),
    [
        (POOLED, "2022", "2022, which shares 2022 with 2022_2024"),
        (POOLED, "2024", "2024, which shares 2024 with 2022_2024"),
        ("2024", POOLED, "2022_2024, which shares 2024 with 2024"),
    ],
)
def test_overlapping_windows_are_refused(
    parameters: Parameters, wave: str, compare_with: str, told: str, root: Path, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=told):
        select(parameters, wave=wave, compare_with=compare_with)
    with pytest.raises(BadInput, match=told):
        open_report(wave, ANGERED, compare_with, root / "parameters", tmp_path / "reports")
    asked = ["reports", "--wave", wave, "--compare-with", compare_with]
    answered = CliRunner().invoke(
        app, [*asked, "--parameters", str(root / "parameters"), "--output", str(tmp_path / "r")]
    )
    assert answered.exit_code == 2 and told in answered.output
    assert not list(tmp_path.iterdir())


def test_pooled_windows_that_overlap_or_meet(parameters: Parameters) -> None:
    """2020/2022 beside 2022/2024 share a wave; 2018/2022 lies around 2020; 2018/2020 is before."""
    added = {
        "2020_2022": pooled_of(parameters, "2020", "2022").model_copy(update={"id": "2020_2022"}),
        "2018_2022": pooled_of(parameters, "2018", "2022").model_copy(update={"id": "2018_2022"}),
        "2018_2020": pooled_of(parameters, "2018", "2020").model_copy(update={"id": "2018_2020"}),
    }
    wider = replace(parameters, waves=parameters.waves | added)
    assert select(wider, wave=POOLED, compare_with="2018_2020").compare_with == "2018_2020"
    assert select(wider, wave=POOLED, compare_with="2020").compare_with == "2020"
    for wave, before in ((POOLED, "2020_2022"), ("2018_2022", "2020"), (POOLED, "2018_2022")):
        with pytest.raises(BadInput):
            select(wider, wave=wave, compare_with=before)
