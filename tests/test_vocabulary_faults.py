"""Every kind of fault in a parameters folder is told once, at its exact place, with all others."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML
from vocabulary_world import WORLD, edited, write_world

from survey_lib.faults import BadInput, Fault
from survey_lib.vocabulary import load_parameters

CASES = YAML(typ="safe").load(
    (Path(__file__).parent / "vocabulary_faults.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def faults_of(changed: dict[str, str | bytes | None]) -> list[Fault]:
    """The faults of the small world with some files changed; [] when it loads."""
    try:
        load_parameters(write_world(Path("world"), changed))
    except BadInput as problem:
        return list(problem.faults)
    return []


def short(fault: Fault, own: str = "") -> str:
    """A fault as the cases write it; its file in front unless it is ``own``."""
    file = fault.file.removeprefix("world/")
    told = f"{fault.place}: {fault.found}; {fault.expected}"
    return told if file == own else f"{file}: {told}"


def test_the_small_world_loads() -> None:
    assert faults_of({}) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['file']}: {case['new'].strip()}")
def test_one_fault_at_its_place(case: dict) -> None:
    found = faults_of(edited((case["file"], case["old"], case["new"])))
    assert [short(fault, case["file"]) for fault in found] == case["told"]
    assert all(fault.action for fault in found)


def test_all_faults_of_all_files_at_once() -> None:
    together = [
        "kind: multipel",
        "asked_if: {ute: [95]}",
        "cross: [kon, ala]",
        "del:b;Berget;del:b",
        "del:b;många",
        "modes: [brev]",
        "by: dell",
        "levels: [stan]",
        "email: eva@example.org",
        "problem: Vi",
    ]
    chosen = [case for case in CASES if case["new"] in together]
    told = {short(f) for f in faults_of(edited(*[(c["file"], c["old"], c["new"]) for c in chosen]))}
    assert told == {f"{case['file']}: {line}" for case in chosen for line in case["told"]}
    assert len(told) >= 9


def test_schema_faults_do_not_hide_wrong_references() -> None:
    files = edited(
        ("questionnaire.yaml", "at_most: 1", "at_most: tre"),
        ("questionnaire.yaml", "unpublished: [3]", "unpublicerad: [3]"),
        ("tables.yaml", "indicators: [otrygg_ute]", "indicators: [otrygg_utte]"),
    )
    assert [fault.place for fault in faults_of(files)] == [
        "line 47, key items.viktigast.at_most",
        "line 54, key background.kon.unpublicerad",
        "line 12, key tables.safety.indicators[1]",
    ]


def test_what_follows_from_a_fault_is_not_told() -> None:
    gone = edited(("questionnaire.yaml", "    text: Hur trygg är du ute i {plats}?\n", ""))
    assert [fault.place for fault in faults_of(gone)] == ["line 27, key items.ute.text"]


@pytest.mark.parametrize("name", sorted(WORLD))
def test_a_missing_file(name: str) -> None:
    found = faults_of({name: None})
    assert found
    if name.startswith("population/"):
        assert found[0].found.startswith("the unknown population file")
        assert found[0].file == "world/waves/2024.yaml"
    elif name.startswith("waves/"):
        assert (found[0].file, found[0].found) == ("world/waves", "no wave")
    else:
        assert (found[0].file, found[0].found) == (f"world/{name}", "no such file")


@pytest.mark.parametrize("name", sorted(WORLD))
@pytest.mark.parametrize("text", ["", "\n  \n", "\ufeff"], ids=["empty", "blank", "mark"])
def test_an_empty_file(name: str, text: str) -> None:
    found = faults_of({name: text})
    assert [(f.file, f.place, f.found) for f in found] == [(f"world/{name}", "", "an empty file")]


def test_a_file_of_comments() -> None:
    (fault,) = faults_of({"tables.yaml": "# to be written\n"})
    assert (fault.file, fault.found) == ("world/tables.yaml", "only comments")


@pytest.mark.parametrize("name", sorted(WORLD))
def test_a_file_in_another_encoding(name: str) -> None:
    text = WORLD[name].replace("\n", "\nÅ", 1)
    line = text[: text.index("Å")].count("\n") + 1
    if any(ord(character) > 127 for character in text[: text.index("Å")]):
        line = 1
    (fault,) = faults_of({name: text.encode("windows-1252", errors="replace")})
    assert (fault.file, fault.place) == (f"world/{name}", f"line {line}")
    assert "not UTF-8" in fault.found and "UTF-8" in fault.action


def test_utf_16_is_named() -> None:
    (fault,) = faults_of({"areas.csv": WORLD["areas.csv"].encode("utf-16")})
    assert fault.found == "text in UTF-16"


def test_a_mark_and_windows_line_ends_are_fine() -> None:
    windows = {
        name: ("\ufeff" + text.replace("\n", "\r\n")).encode("utf-8")
        for name, text in WORLD.items()
    }
    assert faults_of(windows) == []


def test_decomposed_letters_are_composed() -> None:
    import unicodedata

    apart = {name: unicodedata.normalize("NFD", text) for name, text in WORLD.items()}
    folder = write_world(Path("world"), apart)
    assert load_parameters(folder).areas.name("del:a") == "Åsen"


def test_the_whole_has_a_table() -> None:
    """The page of the wave is about it."""
    some = ("stad, del", "stad")
    only_parts = [("tables.yaml", f"levels: [{levels}]", "levels: [del]") for levels in some]
    (fault,) = faults_of(edited(*only_parts))
    assert short(fault, "tables.yaml") == (
        "line 3, key tables: no table with the level stad; one, the level of stad:nora"
    )
    assert fault.action == "add stad to a table's levels"


@pytest.mark.parametrize(
    ("now", "action"),
    [("", "add age_span: [16, 84]"), ("age_span: 16-84\n", "write  age_span: [16, 84]")],
)
def test_an_example_says_what_to_write(now: str, action: str) -> None:
    (fault,) = faults_of(edited(("waves/2024.yaml", "age_span: [16, 84]\n", now)))
    assert fault.action == action


def test_a_missing_folder() -> None:
    with pytest.raises(BadInput) as problem:
        load_parameters("nowhere")
    (fault,) = problem.value.faults
    assert (fault.file, fault.found) == ("nowhere", "no such folder")


def test_a_file_in_place_of_the_folder() -> None:
    Path("file").write_text("x", encoding="utf-8")
    with pytest.raises(BadInput, match="a file"):
        load_parameters("file")


def test_a_nearly_right_file_name_is_suggested() -> None:
    found = faults_of({"tables.yaml": None, "table.yaml": WORLD["tables.yaml"]})
    assert found[0].action == "rename table.yaml"


def test_a_wave_with_another_ending() -> None:
    found = faults_of({"waves/2022.yml": WORLD["waves/2024.yaml"]})
    assert [(f.file, f.found) for f in found] == [("world/waves/2022.yml", "the ending .yml")]


def test_a_place_loop_needs_its_gazetteer() -> None:
    loop = """places:
  {count: 1, theme: problem, place: Var?, time: När?, day_type: Dag?, reason: Varför?,
   times: {dag: Dag}, day_types: {1: Vardag}, reasons: {ljus: Mörkt}}
"""
    questionnaire = WORLD["questionnaire.yaml"] + loop
    (fault,) = faults_of({"questionnaire.yaml": questionnaire})
    assert (fault.file, fault.found) == ("world/places.csv", "no such file")
    rows = "id;name;area;alias\nplats:torget;Torget;del:a;Stora torget|Torg\n"
    none = questionnaire.replace("{count: 1,", "{count: 0,")
    (fault,) = faults_of({"questionnaire.yaml": none, "places.csv": rows})
    assert (fault.found, fault.expected) == ("0 filters for 0 places", "one filter per place")
    assert faults_of({"questionnaire.yaml": questionnaire, "places.csv": rows}) == []
    rows += "plats:torg;Torg;del:c;\ntorget;T;del:a;\nplats:torget;T;del:a;\n"
    found = faults_of({"questionnaire.yaml": questionnaire, "places.csv": rows})
    assert [fault.place for fault in found] == [
        "line 3, column area",
        "line 3, column name or alias",
        "line 4, column id",
        "line 5, column id",
    ]


MODELLED = """modelled:
  level: del
  within: stad
  indicators: [prob_skrap_stort]
  covariates: {andel: andelen}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("del:a;0,5", "del:a;0,5", []),
        ("del:a;0,5", "del:a;1/2", ["covariates.csv: line 2, column andel: '1/2'; a number"]),
        ("del:a;0,5", "del:a;", ["covariates.csv: line 2, column andel: an empty cell; a number"]),
        ("del:a;0,5", "del:x;0,5", ["covariates.csv: line 2, column id: the unknown area 'del:x'"]),
        ("del:a;0,5", "del:b;0,5", ["covariates.csv: line 3, column id: the area del:b again"]),
        ("id;", "omrade;", ["covariates.csv: line 1: columns omrade, andel; id;<covariates>"]),
        ("del:a;0,5\n", "", ["key modelled.covariates.andel: no row of covariates.csv for del:a"]),
        ("{andel:", "{andell:", ["the unknown covariate 'andell'; did you mean"]),
        ("level: del", "level: dell", ["key modelled.level: the unknown level 'dell'"]),
        ("[prob_skrap_stort]", "[otrygg_ute]", ["otrygg_ute, in no table for this level; "]),
        ("[prob_skrap_stort]", "[prob_skrap_nagot]", ["in no table for this level"]),
    ],
)
def test_modelled_estimates_need_their_covariates(old: str, new: str, told: list[str]) -> None:
    rows = "id;andel\ndel:a;0,5\ndel:b;0.25\n"
    assert old in MODELLED + rows
    found = faults_of(
        {
            "tables.yaml": WORLD["tables.yaml"] + MODELLED.replace(old, new),
            "covariates.csv": rows.replace(old, new),
        }
    )
    assert len(found) == len(told), found
    for fault, part in zip(found, told, strict=True):
        assert part in short(fault)
        assert fault.action


def test_sensitive_indicators_are_not_modelled() -> None:
    changed = edited(
        ("questionnaire.yaml", "{title: Problem}", "{title: Problem, sensitive: true}")
    )
    changed |= {
        "tables.yaml": WORLD["tables.yaml"] + MODELLED,
        "covariates.csv": "id;andel\ndel:a;0,5\ndel:b;0.25\n",
    }
    (fault,) = faults_of(changed)
    assert fault.found == "prob_skrap_stort, a sensitive indicator"


def test_modelled_estimates_without_the_file() -> None:
    (fault,) = faults_of({"tables.yaml": WORLD["tables.yaml"] + MODELLED})
    assert (fault.file, fault.found) == ("world/covariates.csv", "no such file")


@pytest.mark.parametrize("name", sorted(WORLD))
def test_no_lost_line_gives_a_traceback(name: str) -> None:
    """Whatever single line is lost, the folder loads or tells its faults."""
    lines = WORLD[name].splitlines(keepends=True)
    for index in range(len(lines)):
        for fault in faults_of({name: "".join([*lines[:index], *lines[index + 1 :]])}):
            assert fault.found and fault.expected and fault.action
