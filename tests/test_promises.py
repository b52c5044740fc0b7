"""promises.yaml: which waves the dates lead to, and every way to write it wrongly."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from vocabulary_world import WORLD, write_world

from survey_lib.faults import BadInput
from survey_lib.vocabulary import Parameters, load_parameters
from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.promises import (
    Promise,
    baselines,
    families,
    usual_baseline,
    usual_follow_up,
)
from survey_lib.vocabulary.waves import Wave

FAULTS = YAML(typ="safe").load(
    (Path(__file__).parent / "promises_faults.yaml").read_text(encoding="utf-8")
)
PROMISE = """\
promises:
  trygg_ute:
    level: stad
    areas: [stad:nora]
    text: Fler ska känna sig trygga ute.
    period: [2025-01-01, 2025-12-31]
    wanted: ned
    indicators:
      otrygg_ute:
      prob_skrap_stort: ned
    places: [torget, del:a]
    source: Nora Allehanda
"""
BEFORE = WORLD["waves/2024.yaml"]
DURING = BEFORE.replace('"2024"', '"2025"').replace("2024-", "2025-")
AFTER = BEFORE.replace('"2024"', '"2026"').replace("2024-", "2026-")
QUESTIONNAIRE = WORLD["questionnaire.yaml"].replace(
    "numerator: [3], also:", "numerator: [3], better: lower, also:"
)
FILES = {
    "promises.yaml": PROMISE,
    "questionnaire.yaml": QUESTIONNAIRE,
    "waves/2025.yaml": DURING,
    "waves/2026.yaml": AFTER,
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(*edits: tuple[str, str], **files: str) -> Parameters:
    text = PROMISE
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    more = {name.replace("__", "/") + ".yaml": content for name, content in files.items()}
    return load_parameters(write_world(Path("world"), FILES | {"promises.yaml": text} | more))


def told(*edits: tuple[str, str], **files: str) -> list[str]:
    with pytest.raises(BadInput) as problem:
        loaded(*edits, **files)
    assert all(fault.action for fault in problem.value.faults)
    assert {fault.file for fault in problem.value.faults} == {"world/promises.yaml"}
    return [f"{f.place}: {f.found}; {f.expected}" for f in problem.value.faults]


# -- the dates ----------------------------------------------------------------------------------


def test_the_dates_lead_to_the_waves() -> None:
    parameters = loaded()
    promise = parameters.promises["trygg_ute"]
    assert (promise.baseline, promise.follow_up) == ("2024", "2026")
    shown = {w: promise.is_shown_in(wave) for w, wave in parameters.waves.items()}
    assert shown == {"2024": False, "2025": True, "2026": True}
    ongoing = [w for w, wave in parameters.waves.items() if promise.is_ongoing(wave)]
    assert ongoing == ["2025"]
    assert [baselines(parameters.promises, w) for w in parameters.waves.values()] == [
        [], ["2024"], ["2024"],
    ]  # fmt: skip
    assert families(parameters.promises, parameters.waves["2026"], "2024") == {
        ("stad:nora", "otrygg_ute"): "trygg_ute",
        ("stad:nora", "prob_skrap_stort"): "trygg_ute",
    }
    assert families(parameters.promises, parameters.waves["2026"], "2025") == {}
    assert families(parameters.promises, parameters.waves["2024"], "2024") == {}


@pytest.mark.parametrize(
    ("first", "last", "baseline", "follow_up", "ongoing"),
    [  # fieldwork 2 September to 13 October of each year
        ("2024-10-13", "2025-01-31", None, "2025", []),  # ends on the first day: not before it
        ("2024-10-14", "2025-01-31", "2024", "2025", []),
        ("2025-01-01", "2025-09-01", "2024", "2025", []),
        ("2025-01-01", "2025-09-02", "2024", "2026", ["2025"]),  # begins on the last day: inside
        ("2025-09-02", "2025-12-31", "2024", "2026", ["2025"]),  # begins on the first day: inside
        ("2025-09-03", "2025-12-31", "2024", "2026", []),  # begun before: neither
        ("2025-01-01", "2026-12-31", "2024", None, ["2025", "2026"]),
        ("2027-01-01", "2027-12-31", "2026", None, []),
        ("2020-01-01", "2020-12-31", None, "2024", []),
    ],
)
def test_days_at_the_edges(first, last, baseline, follow_up, ongoing) -> None:
    parameters = loaded(("2025-01-01, 2025-12-31", f"{first}, {last}"))
    promise = parameters.promises["trygg_ute"]
    assert (promise.baseline, promise.follow_up) == (baseline, follow_up)
    assert [w for w, wave in parameters.waves.items() if promise.is_ongoing(wave)] == ongoing


def test_a_wave_that_did_not_ask_there_is_passed_over() -> None:
    only_a = DURING.replace("  del:b: {sampling: kvot}\n", "")
    in_b = (("level: stad", "level: del"), ("[stad:nora]", "[del:a, del:b]"))
    tables = WORLD["tables.yaml"].replace("levels: [stad]", "levels: [stad, del]")
    later = (("2025-01-01, 2025-12-31", "2025-11-01, 2025-12-31"),)
    promise = loaded(*in_b, *later, waves__2025=only_a, tables=tables).promises["trygg_ute"]
    assert (promise.baseline, promise.follow_up) == ("2024", "2026")
    promise = loaded(*in_b, *later, tables=tables).promises["trygg_ute"]
    assert promise.baseline == "2025"


def test_a_pooled_wave_follows_up_nothing() -> None:
    """Its fieldwork begins inside the period, but it is no more than its parts."""
    parameters = loaded(waves__2025_2026='pools: ["2025", "2026"]\n')
    promise = parameters.promises["trygg_ute"]
    assert (promise.baseline, promise.follow_up) == ("2024", "2026")
    assert promise.is_ongoing(parameters.waves["2025"])
    assert not promise.is_shown_in(parameters.waves["2025_2026"])


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(
    st.lists(st.tuples(DAYS, st.integers(0, 60)), max_size=6),
    st.tuples(DAYS, st.integers(0, 900)),
)
def test_before_is_before_and_after_is_after(fieldworks, lasting) -> None:
    """No wave lies between the baseline and the period, none between the period and follow-up."""
    first, days = lasting
    promise = Promise.model_construct(
        areas=["a"], period=(first, first + timedelta(days)), baseline=None, follow_up=None
    )
    waves = [
        Wave.model_construct(
            id=str(number), fieldwork=(day, day + timedelta(long)), strata_level=None
        )
        for number, (day, long) in enumerate(fieldworks)
    ]
    by_id = {wave.id: wave for wave in waves}
    areas = Areas.model_construct(areas={})
    before = usual_baseline(promise, waves, areas)
    after = usual_follow_up(promise, waves, areas)
    ended = [w.fieldwork[1] for w in waves if w.fieldwork[1] < promise.period[0]]
    begun = [w.fieldwork[0] for w in waves if w.fieldwork[0] > promise.period[1]]
    assert (by_id[before].fieldwork[1] if before else None) == max(ended, default=None)
    assert (by_id[after].fieldwork[0] if after else None) == min(begun, default=None)
    for wave in waves:
        assert not (promise.is_ongoing(wave) and wave.id in (before, after))


# -- what is written wrongly --------------------------------------------------------------------

CASES = [case for case in FAULTS if case["file"] == "promises.yaml"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["new"].strip())
def test_one_fault_at_its_place(case: dict) -> None:
    assert told((case["old"], case["new"])) == case["told"]


def test_what_is_written_and_agrees_is_taken() -> None:
    promise = loaded(("    source", "    baseline: 2024\n    follow_up: 2026\n    source")).promises
    assert promise["trygg_ute"].baseline == "2024"


def test_a_change_is_followed_up_by_one_promise() -> None:
    """Same indicator, area and waves; another baseline is another change."""
    again = PROMISE.replace("promises:\n", "").replace("trygg_ute:", "renare:", 1)
    again = again.replace("      otrygg_ute:\n", "")
    found = told(("Nora Allehanda\n", f"Nora Allehanda\n{again}"))
    assert found == [
        "line 20, key promises.renare.indicators.prob_skrap_stort: prob_skrap_stort in stad:nora "
        "from 2024 to 2025, which trygg_ute follows up too; one promise per indicator, area and "
        "pair of waves, so that a change has one verdict"
    ]
    later = again.replace("2025-01-01, 2025-12-31", "2025-11-01, 2025-12-31")
    assert len(loaded(("Nora Allehanda\n", f"Nora Allehanda\n{later}")).promises) == 2


def test_overlapping_periods_meet_inside_them() -> None:
    """Follow-ups differ, but a wave inside both would show the same change twice."""
    again = PROMISE.replace("promises:\n", "").replace("trygg_ute:", "lang:", 1)
    again = again.replace("2025-12-31", "2026-12-31")
    (*_, last) = told(("Nora Allehanda\n", f"Nora Allehanda\n{again}"))
    assert "from 2024 to 2025, which trygg_ute follows up too" in last


def test_the_demo_has_the_four_promises_of_the_guide(parameters: Parameters) -> None:
    waves = {name: (one.baseline, one.follow_up) for name, one in parameters.promises.items()}
    assert waves == {
        "tryggare_utemiljo": ("2020", "2024"),
        "moped_angered": ("2022", "2024"),
        "vald_vastra_hisingen": ("2022", None),
        "backa": ("2018", "2024"),
    }
    areas = [area for one in parameters.promises.values() for area in one.areas]
    assert areas == ["so:sydvast", "sdn:angered", "sdn:vastra_hisingen", "sdn:norra_hisingen"]
    mixed = parameters.promises["tryggare_utemiljo"]
    assert [mixed.direction(i) for i in ("prob_narkotika_stort", "fort_polis")] == ["ned", "upp"]


def test_without_the_file_there_are_no_promises() -> None:
    assert load_parameters(write_world(Path("world"))).promises == {}


def test_no_lost_line_gives_a_traceback() -> None:
    lines = PROMISE.splitlines(keepends=True)
    for index in range(len(lines)):
        files = FILES | {"promises.yaml": "".join(lines[:index] + lines[index + 1 :])}
        try:
            load_parameters(write_world(Path("world"), files))
        except BadInput as problem:
            assert all(f.found and f.expected and f.action for f in problem.faults)


def test_a_wave_at_fault_is_told_alone() -> None:
    """The promise's waves can't be known then: nothing is said of them."""
    broken = BEFORE.replace("season: höst\n", "")
    text = PROMISE.replace("    source", '    baseline: "2024"\n    source')
    with pytest.raises(BadInput) as problem:
        load_parameters(
            write_world(Path("world"), FILES | {"promises.yaml": text, "waves/2024.yaml": broken})
        )
    assert [fault.file for fault in problem.value.faults] == ["world/waves/2024.yaml"]
