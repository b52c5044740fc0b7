"""The draft of a wave file: what is certain, what is asked of a person, and what is never told."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from conftest import ROOT
from ruamel.yaml import YAML

from survey_lib import cli
from survey_lib.delivery.new_wave import NewWave, new_wave
from survey_lib.faults import BadInput
from survey_lib.vocabulary import load_parameters

KLOTTER = "Vad tycker du utgör ett problem i det område du bor? - Klotter"
SECRET = "Grannen Hemlig skriker"
COLUMNS = {
    "id": ["R-1", "R-2", "R-3", "R-4", "R-5", "R-6"],
    "kon": ["Man", "Kvinna"] * 3,
    "var": ["Hjällbo", "Lundby", "Lundby", "Gårdsten", "Centrum", "Centrum"],
    KLOTTER: ["Inget problem", "Ett stort problem", "Ett visst problem"] * 2,
    "Hur trygg känner man sig när man är ute själv i området på kvällen?": [
        "Mycket trygg", "Ganska trygg", "Varken trygg eller otrygg",
        "Ganska otrygg", "Mycket otrygg", "Mycket trygg",
    ],
    "Förtroende för polisen": ["1", "2", "3", "4", "5", "1"],
    "Egna ord": [SECRET] * 6,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A parameters folder with two earlier waves, and the working folder."""
    monkeypatch.chdir(tmp_path)
    parameters = tmp_path / "parameters"
    shutil.copytree(ROOT / "parameters", parameters)
    for name in ("waves/2018", "waves/2020", "waves/2022_2024", "demo", "promises", "goals"):
        (parameters / f"{name}.yaml").unlink()
    return parameters


def delivered(columns: dict[str, list[str]], name: str = "svar_2026.csv") -> Path:
    path = Path(name)
    pd.DataFrame(columns).to_csv(path, sep=";", index=False, encoding="utf-8")
    return path


def found(made: NewWave) -> dict[str, tuple[str | None, bool]]:
    return {one.asked.name: (one.column and one.column.name, one.certain) for one in made.matches}


def test_certain_matches_and_suggestions(folder: Path) -> None:
    made = new_wave(delivered(COLUMNS), folder)
    match, text = found(made), made.path.read_text(encoding="utf-8")
    assert made.path == folder / "waves" / "2026.yaml"
    assert match["kon"] == ("kon", True) and match["area"] == ("var", True)
    assert match["respondent"] == ("id", True) and match["prob_klotter"] == (KLOTTER, True)
    assert match["trygg_ute_kvall"][0] == list(COLUMNS)[4]
    assert match["prob_moped"][1] is False and "  prob_moped: {column: TODO" in text
    assert "prob_viktigast: {column: TODO}" in text and text.count("prob_viktigast_prob") == 0
    # numbers of which nothing says whether 1 is much or little
    assert match["fort_polis"] == ("Förtroende för polisen", True)
    assert "values: TODO  # numbers without labels; write {} if they mean: 1 Mycket stort" in text
    assert SECRET not in text and "R-1" not in text
    assert "fewer than 5 rows in the file" in text  # a number of rows below five is not told
    assert made.todos == len([one for one in told_by(folder) if one.found == "TODO"])


def told_by(folder: Path) -> list:
    with pytest.raises(BadInput) as told:
        load_parameters(folder)
    return list(told.value.faults)


def test_every_todo_is_told_with_its_line_and_its_comment(folder: Path) -> None:
    made = new_wave(delivered(COLUMNS), folder)
    lines = made.path.read_text(encoding="utf-8").splitlines()
    faults = told_by(folder)
    assert {fault.found for fault in faults} == {"TODO"}  # and nothing follows from them
    for fault in faults:
        line = lines[int(fault.place.split(",")[0].removeprefix("line ")) - 1]
        assert "TODO" in line.partition(" # ")[0] and fault.expected in line


@pytest.mark.parametrize("command", ["check", "prepare", "reports"])
def test_a_draft_runs_nowhere(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new_wave(delivered(COLUMNS), folder)
    with pytest.raises(SystemExit) as ended:
        cli.app([command, "--wave", "2026"])
    said = capsys.readouterr().err
    assert ended.value.code == cli.BAD_INPUT
    assert "waves/2026.yaml: line " in said and "key fieldwork\n  found:    TODO" in said
    assert not Path("reports").exists()


def test_a_todo_in_any_parameter_file_is_told_once(folder: Path) -> None:
    areas = folder / "areas.csv"
    areas.write_text(areas.read_text(encoding="utf-8") + "del:ny;TODO;;\n", encoding="utf-8")
    reports = folder / "reports.yaml"
    text = reports.read_text(encoding="utf-8").replace('"2024"', "TODO").replace('"2022"', "TODO")
    reports.write_text(text.replace("level: sdn ", "level: TODO "), encoding="utf-8")
    places = [(fault.file, fault.place, fault.found) for fault in told_by(folder)]
    assert [found for *_, found in places] == ["TODO"] * 4
    assert [place.partition(", ")[2] for _, place, _ in places] == [
        "column name", "key wave", "key compare_with", "key level"
    ]  # fmt: skip


def test_a_name_whose_answers_are_others_is_not_taken(folder: Path) -> None:
    columns = COLUMNS | {"kon": ["Ja", "Nej"] * 3, "Kön": ["Man", "Kvinna"] * 3}
    assert found(new_wave(delivered(columns), folder))["kon"] == ("Kön", True)


def test_one_name_like_ours_does_not_tell_what_bare_codes_mean(folder: Path) -> None:
    made = new_wave(delivered(COLUMNS | {"kon": ["1", "2"] * 3}), folder)
    text = made.path.read_text(encoding="utf-8")
    assert found(made)["kon"] == ("kon", True)
    _, _, of_kon = text.partition("\n  kon:  # named as ours\n")
    assert of_kon.startswith(
        "    values: TODO  # numbers without labels; write {} if they mean: 1 "
    )


def test_two_columns_with_one_question_are_a_choice(folder: Path) -> None:
    columns = COLUMNS | {"Q7. " + KLOTTER: ["Inget problem", "Ett stort problem"] * 3}
    column, certain = found(new_wave(delivered(columns), folder))["prob_klotter"]
    assert column in columns and not certain


def test_labels_of_an_spss_file(folder: Path) -> None:
    frame = pd.DataFrame({"Q1": [1.0, 2, 3, 9], "Q2": [1.0, 0, 1, 0], "Q3": [1.0, 2, 1, 4]})
    labels = {
        "Q1": "Q1. Hur stort förtroende har du för stadsdelsnämnden i ditt område?",
        "Q2": "Vad bidrar till att du känner dig trygg i området? Synlig polis",
        "Q3": "Hur trygg känner du dig i offentliga lokaler i området på kvällen?",
    }
    four = {1: "Mycket trygg", 2: "Ganska trygg", 3: "Ganska otrygg", 4: "Mycket otrygg"}
    five = ["Mycket stort", "Ganska stort", "Varken stort eller litet", "Ganska litet"]
    values = {
        "Q1": dict(enumerate(five, 1)) | {9: "Kan inte ta ställning"},
        "Q2": {0: "Ej vald", 1: "Vald"},
        "Q3": four,
    }
    pyreadstat.write_sav(frame, "svar.sav", column_labels=labels, variable_value_labels=values)
    made = new_wave(Path("svar.sav"), folder, wave="ny")
    text = made.path.read_text(encoding="utf-8")
    assert "forvaltning: stadsdelsnämnden  # as the questions of the file say" in text
    assert '"9": TODO  # "Kan inte ta ställning"' in text
    assert 'tryggt_av_synlig_polis: {column: Q2, values: {"1": 1, "0": 0}}' in text
    assert "scale: TODO  # its answers are those of T4, not of T5: write T4" in text


def test_sheets_that_say_what_the_codes_mean(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheets = {
        "Svar": [["v1", "v2"], *[[k % 3 + 1, k % 2 + 1] for k in range(8)]],
        "Variabler": [["Variabel", "Fråga"], ["v1", KLOTTER], ["v2", "Kön"]],
        "Koder": [["Variabel", "Kod", "Etikett"], ["v1", 3, "Inget problem"],
                  ["v1", 2, "Ett visst problem"], ["v1", 1, "Ett stort problem"],
                  ["v2", 1, "Man"], ["v2", 2, "Kvinna"]],
    }  # fmt: skip
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save("svar.xlsx")
    made = new_wave(Path("svar.xlsx"), folder, wave="ny")
    spec = YAML(typ="safe").load(made.path.read_text(encoding="utf-8"))
    assert spec["file"] == {"path": "../svar.xlsx", "sheet": "Svar"}
    assert spec["variables"]["prob_klotter"] == {"column": "v1", "values": {"3": 1, "2": 2, "1": 3}}
    assert "kon" not in spec["variables"] or spec["variables"]["kon"]["column"] in ("v2", "TODO")


BAD = {
    "no id": (["svar.csv"], "what was asked for: wave\n  found:    no id of the wave"),
    "wave there": (["svar.csv", "--wave", "2024"], "waves/2024.yaml\n  found:    a wave file"),
    "bad id": (["svar.csv", "--wave", "år 1"], "found:    'år 1'"),
    "no file": (
        ["saknas.csv", "--wave", "ny"],
        "saknas.csv\n  found:    no such file\n  expected: a file\n"
        "  do this:  mend the path in the command",
    ),
    "a folder": (["parameters", "--wave", "ny"], "parameters\n  found:    a folder\n"),
    "two headers": (
        ["dubbelt.xlsx", "--wave", "ny"],
        "dubbelt.xlsx: the row below the names\n  found:    a second header",
    ),
    "old Excel": (["gammal.xls", "--wave", "ny"], "expected: an Excel workbook (.xlsx)\n"),
    "missing codebook": (
        ["svar.csv", "--wave", "ny", "--codebook", "bok.csv"],
        "bok.csv\n  found:    no such file",
    ),
    "no header": (["tomt.csv", "--wave", "ny"], "tomt.csv\n  found:    no header"),
    "no sheet": (["bok.xlsx", "--wave", "ny", "--sheet", "X"], 'no sheet "X"'),
    "two sheets": (["bok.xlsx", "--wave", "ny"], 'run the command again with  --sheet "A"'),
    "no codebook": (
        ["svar.csv", "--wave", "ny", "--codebook", "svar.csv"],
        "svar.csv\n  found:    no table with a column Variabel",
    ),
    "encoding": (["okand.csv", "--wave", "ny"], "do this:  run the command again with --encoding"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_message_and_writes_nothing(
    case: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    delivered(COLUMNS, "svar.csv")
    Path("tomt.csv").write_text("bara en kolumn\nutan rader\n", encoding="utf-8")
    Path("okand.csv").write_bytes(b"id;fr\x81ga\nR-1;Hemlig\nR-2;Hemlig\n")
    book = openpyxl.Workbook()
    for title in ("A", "B"):
        sheet = book.create_sheet(title)
        for row in [["a", "b"], *[[k, "x"] for k in range(8)]]:
            sheet.append(row)
    book.save("bok.xlsx")
    Path("gammal.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(99))
    twice = pd.DataFrame([["Hemlig fråga"] * 4, *[["R-1", k, 2, 3] for k in range(8)]])
    twice.to_excel("dubbelt.xlsx", index=False, header=["id", "v1", "v2", "v3"])
    before = sorted(folder.rglob("*"))
    arguments, told = BAD[case]
    with pytest.raises(SystemExit) as ended:
        cli.app(["new-wave", *arguments])
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (cli.BAD_INPUT, ""), said
    assert told in said.err and said.err.count("found:") == 1
    assert "Hemlig" not in said.err and "R-1" not in said.err
    assert sorted(folder.rglob("*")) == before
