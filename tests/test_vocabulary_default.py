"""The embedded default in ``parameters/`` holds what the domain guide asks for."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from survey_lib.vocabulary import Parameters, load_parameters
from survey_lib.vocabulary.gazetteer import place_names, places_meant

PROBLEMS = [
    "nedskrapning", "klotter", "skadegorelse", "belysning", "overgivet", "fortkorning", "moped",
    "trafikmiljo", "narkotika", "paverkade", "grupper", "kriminella_gang", "hot_vald", "ofredande",
    "grannar", "skola", "inbrott", "brander",
]  # fmt: skip

# Domain guide 3.4-3.9: indicator -> numerator, base, direction (↑ higher, ↓ lower is safer).
SINGLE = {
    "trygg_omrade": ([1, 2], "answered", "higher"),
    "otrygg_omrade": ([4, 5], "answered", "lower"),
    "otrygg_hemma_kvall": ([4, 5], "answered", "lower"),
    "otrygg_ute_dag": ([4, 5], "answered", "lower"),
    "otrygg_ute_kvall": ([4, 5], "answered", "lower"),
    "trygg_ute_kvall": ([1, 2], "answered", "higher"),
    "otrygg_hallplats_kvall": ([4, 5], "present", "lower"),
    "otrygg_lokaler_kvall": ([4, 5], "present", "lower"),
    "otrygg_barn_skola": ([4, 5], "answered", "lower"),
    "upplevt_tryggare": ([1], "answered", "higher"),
    "upplevt_mindre_tryggt": ([3], "answered", "lower"),
    "uts_stold": ([2, 3], "answered", "lower"),
    "uts_skadegorelse": ([2, 3], "answered", "lower"),
    "uts_hot": ([2, 3], "answered", "lower"),
    "uts_vald": ([2, 3], "answered", "lower"),
    "oro_inbrott": ([1, 2], "answered", "lower"),
    "oro_overfall": ([1, 2], "answered", "lower"),
    "oro_fordon": ([1, 2], "answered", "lower"),
    "radd_for_person": ([1], "answered", "lower"),
    "kons_avstatt": ([1, 2], "answered", "lower"),
    "kons_annan_vag": ([1, 2], "answered", "lower"),
    "kons_flytta": ([1], "answered", "lower"),
    "fort_polis": ([1, 2], "answered", "higher"),
    "fort_stad": ([1, 2], "answered", "higher"),
    "bryr_polis": ([1, 2], "answered", "higher"),
    "bryr_stad": ([1, 2], "answered", "higher"),
    "till_litar": ([1, 2], "answered", "higher"),
    "till_ingriper": ([1, 2], "answered", "higher"),
    "till_hjalper": ([1, 2], "answered", "higher"),
    "plats_finns": ([2, 3], "answered", "lower"),
}


@pytest.fixture(scope="module")
def parameters(root: Path) -> Parameters:
    return load_parameters(root / "parameters")


# -- the questionnaire -------------------------------------------------------------------------


def test_fifty_items(parameters: Parameters) -> None:
    themes = Counter(item.theme for item in parameters.questionnaire.items.values())
    assert sum(themes.values()) == 50
    assert themes == {
        "problem": 19, "trygghet": 9, "utsatthet": 4, "oro": 4, "konsekvens": 3, "fortroende": 4,
        "tillit": 3, "plats": 1, "trygghetsskapande": 2, "fritext": 1,
    }  # fmt: skip


def test_background_and_the_area(parameters: Parameters) -> None:
    assert list(parameters.questionnaire.background) == [
        "kon", "alder_grp", "fodelseland_grp", "boendeform", "boendetid", "sysselsattning",
        "barn_skola", "har_fordon",
    ]  # fmt: skip
    for wave in parameters.delivered.values():
        assert wave.variables["area"].column == "delomrade_id"  # the ninth


def test_the_short_form_leaves_out_five(parameters: Parameters) -> None:
    items = parameters.questionnaire.items
    degree = [
        "trygg_hemma_kvall",
        "trygg_lokaler_kvall",
        "prob_trafikmiljo",
        "prob_brander",
        "till_hjalper",
    ]
    assert not any(items[item].core for item in degree)
    filtered = [name for name, item in items.items() if item.asked_if]
    assert not any(items[item].core for item in filtered)


@pytest.mark.parametrize("indicator", sorted(SINGLE))
def test_numerators_bases_and_directions(parameters: Parameters, indicator: str) -> None:
    rule = parameters.questionnaire.indicators[indicator].rule
    assert (rule.numerator, rule.base, rule.better) == SINGLE[indicator]


def test_no_other_indicators(parameters: Parameters) -> None:
    found = set(parameters.questionnaire.indicators)
    problems = {f"prob_{p}_{kind}" for p in PROBLEMS for kind in ("stort", "nagot", "viktigast")}
    options = {one for one in found if one.startswith(("tryggt_av_", "atgard_onskad_"))}
    assert found == {*SINGLE, *problems, *options}
    assert Counter(one[:4] for one in options) == {"tryg": 11, "atga": 9}


def test_going_out_in_the_evening(parameters: Parameters) -> None:
    """Those who stay in because they feel unsafe count among the unsafe (guide 3.3)."""
    bank = parameters.questionnaire
    rule = bank.indicators["otrygg_ute_kvall"].rule
    assert rule.also == {"trygg_ute_kvall": [96], "ute_kvall_orsak": [1]}
    assert bank.items["ute_kvall_orsak"].asked_if == {"trygg_ute_kvall": [96]}
    assert bank.indicators["trygg_ute_kvall"].rule.also is None


def test_problems_rank_by_large_and_then_by_some(parameters: Parameters) -> None:
    bank = parameters.questionnaire
    for problem in PROBLEMS:
        large, some = (
            bank.indicators[f"prob_{problem}_{kind}"].rule for kind in ("stort", "nagot")
        )
        assert (large.numerator, some.numerator) == ([3], [2, 3])
        assert large.ties == f"prob_{problem}_nagot"
        assert large.better == some.better == "lower"
        assert large.label == bank.items[f"prob_{problem}"].label
    assert bank.batteries["problem"].flag_same_answer
    groups = Counter(bank.items[f"prob_{problem}"].subgroup for problem in PROBLEMS)
    assert groups == {"utemiljö": 5, "trafik": 3, "ordning": 6, "brott": 4}


def test_the_most_important_problems(parameters: Parameters) -> None:
    item = parameters.questionnaire.items["prob_viktigast"]
    assert list(item.options or {}) == [f"prob_{problem}" for problem in PROBLEMS]
    assert item.at_most == 3
    one = parameters.questionnaire.indicators["prob_klotter_viktigast"]
    assert (one.column, one.rule.numerator) == ("prob_viktigast_prob_klotter", [1])
    assert one.rule.label == "Klotter"


def test_filters(parameters: Parameters) -> None:
    items = parameters.questionnaire.items
    assert {name: item.asked_if for name, item in items.items() if item.asked_if} == {
        "ute_kvall_orsak": {"trygg_ute_kvall": [96]},
        "trygg_barn_skola": {"barn_skola": [1]},
        "trygg_forandring": {"boendetid": [2, 3, 4]},
        "oro_fordon": {"har_fordon": [1]},
    }


def test_sensitive_indicators(parameters: Parameters) -> None:
    indicators = parameters.questionnaire.indicators.values()
    assert {one.id for one in indicators if one.sensitive} == {
        "uts_stold", "uts_skadegorelse", "uts_hot", "uts_vald", "radd_for_person", "plats_finns",
    }  # fmt: skip


def test_dont_know_is_offered_except_on_three_scales(parameters: Parameters) -> None:
    scales = parameters.questionnaire.scales
    assert {name for name, scale in scales.items() if scale.dont_know is None} == {"O4", "U3", "JN"}
    assert len({scale.family for scale in scales.values()}) == len(scales)


@pytest.mark.parametrize(
    ("item", "wording"),
    [
        ("trygg_omrade", "Hur trygg känner du dig i det område där du bor?"),
        (
            "oro_inbrott",
            "Hur ofta under de senaste tolv månaderna har du oroat dig för att få inbrott "
            "i bostaden?",
        ),
        (
            "uts_skadegorelse",
            "Har du varit utsatt för skadegörelse på något som du eller ditt hushåll äger "
            "under de senaste tolv månaderna?",
        ),
        (
            "radd_for_person",
            "Finns det några speciella personer i området där du bor som du är rädd för?",
        ),
    ],
)
def test_published_wordings(parameters: Parameters, item: str, wording: str) -> None:
    assert parameters.questionnaire.text(item) == wording


def test_the_place_loop(parameters: Parameters) -> None:
    loop = parameters.questionnaire.place_items
    assert len(loop) == 15
    assert loop["plats1_text"].kind == "text" and loop["plats1_id"].kind == "place"
    assert loop["plats1_tid"].kind == loop["plats1_orsak"].kind == "multiple"
    assert loop["plats1_dagtyp"].labels == {1: "Vardag", 2: "Helg", 3: "Båda"}
    assert len(loop["plats3_orsak"].options or {}) == 8
    assert loop["plats1_id"].asked_if == {"plats_finns": [2, 3]}
    assert loop["plats2_id"].asked_if == {"plats_finns": [3]}
    assert not set(loop) & set(parameters.questionnaire.items)


# -- tables and reports ------------------------------------------------------------------------


def test_every_indicator_is_in_one_table(parameters: Parameters) -> None:
    counts = Counter(i for table in parameters.tables.tables.values() for i in table.indicators)
    assert set(counts) == set(parameters.questionnaire.indicators)
    assert set(counts.values()) == {1}


def test_the_tables_that_the_notebooks_name(parameters: Parameters) -> None:
    tables = parameters.tables.tables
    assert tables["problems"].indicators == [f"prob_{problem}_stort" for problem in PROBLEMS]
    assert tables["problems"].ranked and tables["problems"].saying
    assert tables["problems_any"].indicators == [f"prob_{problem}_nagot" for problem in PROBLEMS]
    assert tables["safety"].indicators[:3] == ["trygg_omrade", "otrygg_omrade", "otrygg_ute_kvall"]
    for item in tables["safety"].distributions:
        assert parameters.questionnaire.items[item].theme == "trygghet"


def test_tables_levels_and_groups(parameters: Parameters) -> None:
    for name, table in parameters.tables.tables.items():
        if name == "exposure_person":  # never below the stadsdel (guide 3.6)
            assert set(table.indicators) == {"uts_hot", "uts_vald"}
            assert table.levels == ["kommun", "so", "sdn"]
            continue
        assert table.levels == ["kommun", "so", "sdn", "del"]
        assert table.groups == [
            "kon", "alder_rapport", "kon_alder", "boendeform", "boendetid", "fodelseland_grp",
        ]  # fmt: skip


def test_the_default_report(parameters: Parameters) -> None:
    reports = parameters.reports
    assert (reports.wave, reports.compare_with, reports.level) == ("2024", "2022", "sdn")
    angered = reports.for_area("sdn:angered")
    assert angered.subareas == parameters.areas.of_level("del")
    assert angered.contact and angered.contact.name != reports.default.contact
    assert "problems" in angered.comments
    assert reports.for_area("sdn:lundby").contact == reports.default.contact


# -- waves, population, places -----------------------------------------------------------------


def test_four_waves_in_order(parameters: Parameters) -> None:
    assert list(parameters.delivered) == ["2018", "2020", "2022", "2024"]
    for name, wave in parameters.delivered.items():
        assert wave.id == name and wave.demo and wave.age_span == (16, 84)
        assert wave.file.path == f"../demo_data/DEMO_{name}.csv"
        assert wave.fieldwork[0].year == int(name)
        assert len(wave.strata) == (9 if name == "2024" else 10)


def test_the_latest_wave_lacks_one_and_has_one_by_quota(parameters: Parameters) -> None:
    wave = parameters.waves["2024"]
    assert set(parameters.areas.of_level("sdn")) - set(wave.strata) == {"sdn:majorna_linne"}
    kinds = {area: stratum.sampling for area, stratum in wave.strata.items()}
    assert kinds.pop("sdn:lundby") == "kvot"
    assert set(kinds.values()) == {"sannolikhet"}
    assert "gatuintervju" in wave.modes


def test_fewer_answer_in_nordost(parameters: Parameters) -> None:
    for wave in parameters.delivered.values():
        rates = {
            area: stratum.responding / stratum.invited
            for area, stratum in wave.strata.items()
            if stratum.invited and stratum.responding
        }
        assert all(900 <= (s.responding or 0) <= 1050 for s in wave.strata.values())
        nordost = {a for a in rates if parameters.areas.contains("so:nordost", a)}
        assert max(rates[a] for a in nordost) < min(rates[a] for a in rates if a not in nordost)


def test_population(parameters: Parameters) -> None:
    total = parameters.population("2025_totalt").set_index("id")["persons"]
    assert (len(total), total.sum()) == (10, 497_724)
    assert total["sdn:angered"] == 42_656
    cells = parameters.population("2025_alder_kon")
    assert len(cells) == 10 * 7 * 2
    assert cells.groupby("id")["persons"].sum().round(6).eq(total.sort_index()).all()
    old = cells[cells["alder_grp"].isin(["65_74", "75_84"])].groupby("kon")["persons"].sum()
    young = cells[~cells["alder_grp"].isin(["65_74", "75_84"])].groupby("kon")["persons"].sum()
    assert old[1] / old.sum() == pytest.approx(0.52, abs=1e-4)
    assert young[1] / young.sum() == pytest.approx(0.5, abs=1e-4)
    part = parameters.population("2025_delomrade")
    assert set(part["area:del"]) == set(parameters.areas.of_level("del"))
    assert part["persons"].sum() == pytest.approx(42_656)
    assert set(cells["kon"]) == {1, 2}  # codes as in the questionnaire, not text


def test_population_is_given_as_a_copy(parameters: Parameters) -> None:
    mine = parameters.population("2025_totalt")
    mine["persons"] = 0.0
    assert parameters.population("2025_totalt")["persons"].sum() > 0


def test_population_agrees_with_its_source(parameters: Parameters, root: Path) -> None:
    source = root.parent / "shared" / "domain" / "stadsdel_alder_16_84_skattad_2025.csv"
    if not source.exists():
        pytest.skip(f"needs {source.name}, absent")
    total = parameters.population("2025_totalt").set_index("id")["persons"]
    cells = parameters.population("2025_alder_kon")
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            area = parameters.areas.find(row["stadsdel"], "sdn")
            assert area and total[area] == int(row["folk_16_84_skattad"])
            bands = cells[cells["id"] == area].groupby("alder_grp")["persons"].sum()
            for band, persons in bands.items():
                assert persons == pytest.approx(int(row[str(band)]), abs=1.2)


def test_areas_agree_with_their_source(parameters: Parameters, root: Path) -> None:
    source = root.parent / "shared" / "domain" / "goteborg_omraden_2025.csv"
    if not source.exists():
        pytest.skip(f"needs {source.name}, absent")
    areas = parameters.areas
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            area = f"pri:{row['pri_kod']}"
            assert areas.name(area) == row["pri_namn"]
            assert areas.at_level(area, "mo") == f"mo:{row['mo_kod']}"
            assert areas.name(areas.at_level(area, "mo") or "") == row["mo_namn"]
            assert areas.name(areas.at_level(area, "sdn") or "") == row["stadsdel_2011_2020"]
            assert areas.name(areas.at_level(area, "so") or "") == row["stadsomrade_2021"]


def test_the_gazetteer(parameters: Parameters) -> None:
    assert 20 <= len(parameters.places) <= 40
    names = place_names(parameters.places)
    assert places_meant("s:t sigfrids  PLAN", names) == {"plats:sankt_sigfrids_plan"}
    assert places_meant("plats:nordstan", names) == {"plats:nordstan"}
    assert not places_meant("någonstans", names)
    assert all(place.area in parameters.areas.areas for place in parameters.places.values())


def test_the_yaml_files_start_with_what_they_are(root: Path) -> None:
    for path in (root / "parameters").rglob("*.yaml"):
        assert path.read_text(encoding="utf-8").startswith("# "), path.name


def test_loading_leaves_the_heavy_libraries_alone(root: Path) -> None:
    heavy = ("scipy", "matplotlib", "statsmodels", "seaborn", "openpyxl", "pyreadstat")
    code = (
        "import sys; from survey_lib.vocabulary import load_parameters\n"
        "load_parameters('parameters')\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=root, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"
