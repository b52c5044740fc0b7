"""keys/: how indicators answer to a partner system's parameters, and the table keyed that way."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock

import pandas as pd
import pytest
from published_rows import WORDS, problems
from vocabulary_world import write_world

from survey_lib.batch import keyed
from survey_lib.export import joint_csv, joint_json, joint_table, joint_table_without_survey
from survey_lib.export.joint_table import COLUMNS as OF_PROBLEMS
from survey_lib.export.keyed_table import COLUMNS, UNMAPPED, keyed_table
from survey_lib.faults import BadInput
from survey_lib.presentation import phrases
from survey_lib.selection import Selection
from survey_lib.vocabulary import Parameters, load_parameters
from survey_lib.vocabulary.keys import KeyRow

FILE = "keys/systemet.csv"
HEADER = "parameter;label;indicator;note\n"
ROW = "skrap;Skräp ute;prob_skrap_stort;\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(rows: str, file: str = FILE) -> dict[str, list[KeyRow]]:
    return load_parameters(write_world(Path("world"), {file: HEADER + rows})).keys


def told(rows: str, file: str = FILE) -> list[str]:
    with pytest.raises(BadInput) as problem:
        loaded(rows, file)
    assert {fault.file for fault in problem.value.faults} == {f"world/{file}"}
    assert all(fault.action for fault in problem.value.faults)
    return [f"{f.place}: {f.found}; {f.expected}" for f in problem.value.faults]


def test_a_parameter_with_several_indicators_and_one_with_none() -> None:
    rows = f"{ROW}skrap;Skräp ute;prob_moped_stort;\nannat;Annat;;fyll i\n"
    assert loaded(rows) == {
        "systemet": [
            KeyRow(parameter="skrap", label="Skräp ute", indicator="prob_skrap_stort"),
            KeyRow(parameter="skrap", label="Skräp ute", indicator="prob_moped_stort"),
            KeyRow(parameter="annat", label="Annat", indicator=None),
        ]
    }


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (ROW.replace("prob_skrap", "prob_skrp"), "line 2, column indicator: the unknown indicator"
         " 'prob_skrp_stort'; did you mean prob_skrap_stort?"),
        (ROW.replace("prob_skrap_stort", "otrygg_ute"), "line 2, column indicator: the unknown "
         "indicator 'otrygg_ute'; one of prob_skrap_stort, prob_moped_stort"),
        (ROW.replace("skrap;", "Skräp;", 1), "line 2, column parameter: 'Skräp'; an id in a–z, "
         "0–9, _ and -"),
        (ROW.replace("Skräp ute", ""), "line 2, column label: an empty cell; its name"),
        (ROW + "skrap;Skräp;prob_moped_stort;\n", "line 3, column label: 'Skräp'; 'Skräp ute', as "
         "above"),
        (ROW + ROW, "line 3, column parameter: skrap with prob_skrap_stort again (line 2); each "
         "pair once"),
        (ROW.replace(";\n", "\n"), "line 2: 3 columns; 4 columns"),
    ],
)  # fmt: skip
def test_one_fault_at_its_place(rows: str, fault: str) -> None:
    assert told(rows) == [fault]


def test_the_files_name_is_what_the_command_is_given() -> None:
    (fault,) = told(ROW, "keys/Mitt system.csv")
    assert "the file name 'Mitt system.csv'" in fault


def test_three_of_tryggves_parameters_are_known_and_twelve_are_not(parameters: Parameters) -> None:
    """Domain guide, 1.3."""
    rows = parameters.keys["tryggve"]
    assert len({row.parameter for row in rows}) == 15
    items = [parameters.questionnaire.indicators[r.indicator].item for r in rows if r.indicator]
    assert items == ["prob_narkotika", "prob_skola", "prob_skadegorelse"]


# -- the table ------------------------------------------------------------------------------------

KEY = [
    KeyRow(parameter="buller", label="Buller", indicator="i1"),
    KeyRow(parameter="okand", label="Okänd", indicator=None),
    KeyRow(parameter="brand", label="Brand", indicator="i5"),
]
PROBLEMS = {"i1": "p1", "i5": "p5"}


def joint(words=WORDS) -> pd.DataFrame:
    """Two areas: one asked, one not."""
    rows = problems().assign(problem=[f"p{number}" for number in range(6)])
    asked = joint_table(rows, words, "sdn:a", "2024")
    asked = asked.assign(omrade_sv="Ås", period_start="2024-09-02", period_slut="2024-10-13")
    empty = dict.fromkeys(["share", "low", "high", "n", "source", "year"], float("nan"))
    other = joint_table_without_survey(
        rows[["problem", "label"]].assign(**empty), words, "sdn:o", "2024"
    )
    frames = [*asked.to_dict("records"), *other.assign(omrade_sv="Ör").to_dict("records")]
    return pd.DataFrame(frames)


def test_one_row_per_parameter_and_area_with_area_period_and_uncertainty() -> None:
    whole = joint()
    table = keyed_table(KEY, PROBLEMS, whole, WORDS)
    assert list(table.columns) == list(COLUMNS)
    assert set(OF_PROBLEMS) < set(COLUMNS)
    assert table["parameter_id"].tolist() == ["buller", "buller", "okand", "brand", "brand"]
    assert table["omrade_id"].tolist() == ["sdn:a", "sdn:o", None, "sdn:a", "sdn:o"]
    first, source = table.iloc[0], whole[whole["problem_id"] == "p1"].iloc[0]
    assert first["period_start"] == "2024-09-02" and first["omrade_sv"] == "Ås"
    for name in OF_PROBLEMS:
        assert first[name] == source[name], name


def test_what_is_hidden_or_unmapped_is_empty_with_its_reason() -> None:
    table = keyed_table(KEY, PROBLEMS, joint(), WORDS)
    numbers = ["n_oviktat", "andel_stort", "ki_lag", "ki_hog", "rang", "rang_lag", "rang_hog"]
    assert table[numbers].iloc[1:].isna().all(axis=None)
    assert phrases.EJ_VISAS in table.loc[3, "anm"].lower()
    assert table.loc[2, "anm"] == UNMAPPED
    assert table.loc[1, "anm"].startswith("Ingen egen")
    demo = replace(WORDS, demo=True)
    assert keyed_table(KEY, PROBLEMS, joint(demo), demo)["anm"].str.startswith(phrases.DEMO).all()


def test_csv_and_json_hold_the_same() -> None:
    table = keyed_table(KEY, PROBLEMS, joint(), WORDS)
    text = joint_csv(table).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    told_ = json.loads(joint_json(table, WORDS, COLUMNS))
    assert list(told_["kolumner"]) == list(COLUMNS) == list(rows[0])
    assert "{" not in "".join(told_["kolumner"].values())
    for row, other in zip(rows, told_["rader"], strict=True):
        for name in COLUMNS:
            assert (row[name] == "") == (other[name] in (None, "")), name
    assert rows[0]["andel_stort"] == "40,5" and told_["rader"][0]["andel_stort"] == 40.5


def test_a_table_that_holds_a_respondent_is_not_written(
    parameters: Parameters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("prepare", "Results", "_joint", "keyed_table"):
        monkeypatch.setattr(keyed, name, MagicMock())
    monkeypatch.setattr(keyed, "page_stem", lambda *_: "tryggve")
    monkeypatch.setattr(keyed, "joint_json", lambda *_: b"{}")
    monkeypatch.setattr(keyed, "joint_csv", lambda _: b"a;b\r\nnagon.ann@posten.se;1\r\n")
    with pytest.raises(RuntimeError, match=r"respondents in 1 places.*\n.*csv: .*: email") as told:
        keyed.write_keyed(parameters, "tryggve", Selection("2024", None, []), tmp_path)
    assert "posten" not in str(told.value) and not list(tmp_path.rglob("*.csv"))


def test_an_unknown_system_is_told_with_the_nearest(parameters: Parameters) -> None:
    with pytest.raises(BadInput) as problem:
        keyed.write_keyed(parameters, "trygve", Selection("2024", None, []), Path("reports"))
    (fault,) = problem.value.faults
    assert (fault.place, fault.found, fault.action) == ("key", "trygve", "did you mean tryggve?")
    assert not Path("reports").exists()
