"""The table for the joint meeting: exactly guide 1.4, and what a Swedish Excel makes of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from published_rows import WORDS, contrast, indicators, problems

from survey_lib.export import joint_csv, joint_json, joint_table, joint_table_without_survey
from survey_lib.export.joint_table import guarded
from survey_lib.presentation import phrases
from survey_lib.presentation.meeting import meeting_table
from survey_lib.presentation.verdicts import joined

HEADER = (
    "problem_id;problem_sv;niva;omrade_id;vag;n_oviktat;andel_stort;ki_lag;ki_hog;rang;rang_lag;"
    "rang_hog;forandring_pe;forandring_sakerstalld;gap_ovriga_pe;gap_sakerstalld;underlag;kalla;anm"
)
AREA, WAVE = "sdn:askim", "2024"
DEMO = replace(WORDS, demo=True)
QUOTA = replace(WORDS, probability=False)


def table(rows: pd.DataFrame | None = None, words=WORDS) -> pd.DataFrame:
    rows = problems() if rows is None else rows
    ids = [f"prob_{number}" for number in range(len(rows))]
    return joint_table(rows.assign(problem=ids), words, AREA, WAVE)


def a_row(words=WORDS, *, first: float = 0.4, mark: str = "", n: float = 900.0, **compared: Any):
    """The single row of one problem, with a change or gap as told."""
    rows = indicators({"Klotter": first}).assign(mark=mark, n=n, rank=1.0)
    rows = rows.assign(rank_low=1.0, rank_high=1.0)
    contrasts = [contrast(kind, "i0", first, **other) for kind, other in compared.items()]
    if contrasts:
        rows = joined(rows, pd.DataFrame(contrasts))
    return table(rows, words).iloc[0]


def swedish_excel(content: bytes) -> list[list[str | float | None]]:
    """What a Swedish Excel shows of a CSV that is opened by a double click: the BOM says UTF-8, the
    list separator is a semicolon; digits with a decimal comma are numbers (also with a narrow or
    plain space between thousands), what begins with =, +, - or @ is a formula or an error, a quote
    opens a quoted field only at its beginning."""
    assert content.startswith(b"\xef\xbb\xbf")
    text = content[3:].decode("utf-8")
    assert text.endswith("\r\n")
    rows, row, field, quoted, place = [], [], "", False, 0
    while place < len(text):
        sign = text[place]
        if quoted:
            if text[place : place + 2] == '""':
                field, place = field + '"', place + 1
            elif sign == '"':
                quoted = False
            else:
                field += sign
        elif sign == '"' and field == "":
            quoted = True
        elif sign == ";":
            row, field = [*row, field], ""
        elif text[place : place + 2] == "\r\n":
            rows, row, field, place = [*rows, [*row, field]], [], "", place + 1
        else:
            field += sign
        place += 1
    return [[_excel_value(cell) for cell in row] for row in rows]


def _excel_value(cell: str) -> str | float | None:
    if cell == "":
        return None
    if re.fullmatch(r"-?\d{1,3}([ \u00a0]?\d{3})*(,\d+)?", cell):
        return float(re.sub(r"[ \u00a0]", "", cell).replace(",", "."))
    assert cell[0] not in "=+-@", f"a formula: {cell}"
    assert not re.fullmatch(r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?", cell), f"a date: {cell}"
    return cell


def test_columns_line_ends_and_encoding_are_those_of_the_guide() -> None:
    content = joint_csv(table())
    lines = content[3:].decode("utf-8").split("\r\n")
    assert content.startswith(b"\xef\xbb\xbf")
    assert lines[0] == HEADER
    assert lines[-1] == ""
    assert len(lines) == 1 + 6 + 1
    assert "\n" not in content.decode("utf-8").replace("\r\n", "")
    assert list(table().columns) == HEADER.split(";")
    assert lines[1] == (
        "prob_0;Nedskräpning;sdn;sdn:askim;2024;900;41,2;38,0;44,4;1;1;2;-8,0;ja;1,0;nej;A;"
        "Undersökningen 2024;"
    )


def test_excel_reads_back_what_was_written() -> None:
    wide = problems().assign(n=12345.0, label=['Å ä ö; "x"', "É – ”y”", "c", "d", "e", "f"])
    rows = swedish_excel(joint_csv(table(wide)))
    assert {len(row) for row in rows} == {len(HEADER.split(";"))}
    read = pd.DataFrame(rows[1:], columns=rows[0])
    written = table(wide)
    assert read["problem_sv"].tolist() == wide["label"].tolist()
    assert read["n_oviktat"].dropna().eq(12345).all()
    for name in ("andel_stort", "ki_lag", "ki_hog", "forandring_pe", "gap_ovriga_pe"):
        got, there = read[name].astype(float), written[name]
        assert got.isna().equals(there.isna())
        assert (got - there).abs().max() <= 0.05 + 1e-9
    for name in ("n_oviktat", "rang", "rang_lag", "rang_hog"):
        assert read[name].astype(float).equals(written[name])
    assert read["forandring_pe"].iloc[0] == -8.0  # a minus that a spreadsheet knows


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice isn't installed")
@pytest.mark.evidence
def test_a_spreadsheet_program_reads_back_what_was_written(tmp_path: Path) -> None:
    """LibreOffice with Swedish settings: token 59 = semicolon, 76 = UTF-8, 1053 = Swedish."""
    rows = problems().assign(n=12345.0, label=["=1+1", 'Å ä ö; "x"', "-c", "@d", "+e", "f"])
    (tmp_path / "t.csv").write_bytes(joint_csv(table(rows)))
    reading = "--infilter=CSV:59,34,76,1,,1053,false,true"
    own = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", own, "--headless", reading, "--convert-to", "xlsx", "t.csv"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    read = pd.read_excel(tmp_path / "t.xlsx")
    assert list(read.columns) == HEADER.split(";")
    assert read["problem_sv"].tolist() == ["'=1+1", 'Å ä ö; "x"', "'-c", "'@d", "'+e", "f"]
    assert read["andel_stort"].tolist()[:5] == [41.2, 40.5, 31.0, 22.0, 9.0]
    assert read["forandring_pe"].tolist()[:2] == [-8.0, 1.0]
    assert read["n_oviktat"].tolist()[0] == 12345
    assert np.isnan(read["andel_stort"].iloc[5])


def test_a_hidden_value_is_empty_and_says_why() -> None:
    hidden = table().iloc[5]
    assert hidden["anm"] == "Redovisas inte på grund av för få svarande."
    numbers = hidden.drop(["problem_id", "problem_sv", "niva", "omrade_id", "vag", "kalla", "anm"])
    assert numbers.isna().all()
    line = joint_csv(table())[3:].decode("utf-8").splitlines()[6]
    assert ";" * 13 in line
    assert not re.search(r";0[;,]", line)


def test_an_observed_zero_is_zero() -> None:
    assert a_row(first=0.0)["andel_stort"] == 0.0
    assert b";0,0;" in joint_csv(table(indicators({"a": 0.0}).assign(rank=1.0)))


@pytest.mark.parametrize(
    ("words", "n", "basis"),
    [(WORDS, 100, "A"), (WORDS, 99, "C"), (QUOTA, 100, "B"), (QUOTA, 99, "C"), (WORDS, 30, "C")],
)
def test_what_a_value_rests_on(words, n: float, basis: str) -> None:
    assert a_row(words, n=float(n))["underlag"] == basis


def test_a_test_is_yes_or_no_and_nothing_where_none_was_made() -> None:
    sure = a_row(change={"second": 0.3}, rest={"second": 0.39})
    assert (sure["forandring_sakerstalld"], sure["gap_sakerstalld"]) == (True, False)
    assert sure["forandring_pe"] == pytest.approx(10)
    assert sure["gap_ovriga_pe"] == pytest.approx(1)
    assert sure["anm"] == ""
    untested = a_row(QUOTA, change={"second": 0.3, "state": "sampling", "secured": False})
    assert untested["forandring_sakerstalld"] is None
    assert untested["forandring_pe"] == pytest.approx(10)  # a value, not a test
    assert phrases.KVOT in untested["anm"]
    assert "säkerställd" not in untested["anm"]
    empty = {"second": 0.3, "state": "sampling", "secured": False, "difference": np.nan}
    said = a_row(QUOTA, change=empty, rest=empty)["anm"]
    assert said.startswith("Skillnaden mot 2022 prövas inte. Skillnaden mot övriga staden prövas")
    assert "saknas" not in said and said.endswith(phrases.KVOT)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({}, "säkerställd"),
        ({"secured": False}, "ej säkerställd"),
        ({"secured": False, "n_second": 50.0}, "för litet underlag"),
        ({"secured": False, "state": "sampling", "difference": np.nan}, "prövas inte"),
        ({"secured": False, "state": "wording", "difference": np.nan}, "frågan ändrad"),
    ],
)
def test_the_meeting_reads_the_same_verdicts_as_every_table(other: dict, said: str) -> None:
    rows = indicators({"Klotter": 0.4}).assign(mark="", n=900.0, rank=1.0)
    rows = joined(rows, pd.DataFrame([contrast("change", "i0", 0.4, **{"second": 0.3} | other)]))
    shown = meeting_table(table(rows), rows, WORDS, "x").rows[0]
    assert [cell.detail for cell in shown][3:5] == [said, "jämförelse saknas"]


def test_changed_questions_and_areas_say_so_instead_of_a_difference() -> None:
    for state, said in (
        ("wording", "Frågan eller svarsalternativen har ändrats."),
        ("coverage", "Undersökningen gjordes inte i samma delar av"),
    ):
        other = {"second": 0.3, "state": state, "difference": np.nan, "secured": False}
        row = a_row(change=other)
        assert row["anm"].startswith(said)
        assert pd.isna(row["forandring_pe"])
        assert row["forandring_sakerstalld"] is None


def test_what_else_the_remark_tells() -> None:
    alone = a_row(replace(WORDS, before=None))
    assert alone["anm"] == (
        "Förändring: det finns ingen tidigare undersökning att jämföra med. "
        "Jämförelse med övriga staden saknas."
    )
    assert a_row()["anm"].startswith("Förändring: jämförelse med 2022 saknas.")
    few = a_row(mark="osakert", n=50.0, change={"second": 0.38, "n_first": 50.0})
    assert few["anm"].startswith(f"Osäkert värde, färre än 100 svarande. {phrases.LITET}")
    several = a_row(change={"second": 0.3, "secured": False}, rest={"second": 0.3})
    assert several["anm"] == f"Förändring sedan 2022: {phrases.FLERA}"


def test_every_missing_value_has_its_reason() -> None:
    for words in (WORDS, QUOTA, replace(WORDS, before=None)):
        written = table(words=words)
        missing = written.drop(columns="anm").isna().any(axis=1)
        assert (written.loc[missing, "anm"] != "").all()


def test_an_area_without_a_survey_has_its_rows_and_the_words_for_it() -> None:
    names = pd.DataFrame({"problem": ["p1", "p2"], "label": ["Klotter", "Buller"]})
    written = joint_table_without_survey(names, WORDS, AREA, WAVE)
    assert written["anm"].unique() == (
        ["Ingen egen trygghetsundersökning gjordes i stadsdelen 2024."]
    )
    assert written["kalla"].isna().all()
    assert written["n_oviktat"].isna().all()
    assert len(swedish_excel(joint_csv(written))) == 3


def test_another_source_stands_as_d_with_its_own_words() -> None:
    names = pd.DataFrame(
        {
            "problem": ["p1", "p2"], "label": ["Klotter", "Buller"], "share": [0.17, np.nan],
            "low": [0.14, np.nan], "high": [0.2, np.nan], "n": np.nan,
            "source": ["en enkät", None], "year": ["2023", None],
        }
    )  # fmt: skip
    (first, second) = joint_table_without_survey(names, WORDS, AREA, WAVE).to_dict("records")
    assert (first["underlag"], first["kalla"]) == ("D", "en enkät, 2023")
    assert (first["andel_stort"], first["ki_lag"]) == pytest.approx((17, 14))
    assert first["anm"].startswith("Uppgiften kommer från en enkät, 2023.")
    assert first["forandring_sakerstalld"] is first["gap_sakerstalld"] is None
    assert pd.isna(first["rang"])
    assert second["underlag"] is None


def test_made_up_answers_say_so_in_every_row() -> None:
    written = table(words=DEMO)
    assert written["kalla"].str.startswith("DEMO").all()
    assert written["anm"].str.startswith(phrases.DEMO).all()
    assert "DEMO" not in joint_csv(table()).decode("utf-8-sig")


@pytest.mark.parametrize(
    "text", ["=1+1", "+46", "-x", "@SUM(A1)", "\t=1", "\r\n=1", " =1", "\u200e=1", "\ufeff+1"]
)
def test_no_text_is_a_formula(text: str) -> None:
    assert guarded(text).startswith("'")
    assert "\n" not in guarded(text)
    rows = indicators({text: 0.3}).assign(rank=1.0)
    swedish_excel(joint_csv(table(rows)))
    assert f";{guarded(text)};" in joint_csv(table(rows)).decode("utf-8-sig")


def test_json_holds_the_same_rows_unrounded_and_explains_its_columns() -> None:
    written = table()
    content = json.loads(joint_json(written, WORDS).decode("utf-8"))
    assert list(content) == ["demo", "kolumner", "rader"]
    assert list(content["kolumner"]) == HEADER.split(";")
    assert "{" not in " ".join(content["kolumner"].values())
    assert content["demo"] is False
    first, last = content["rader"][0], content["rader"][-1]
    assert first["andel_stort"] == 41.2
    assert first["forandring_sakerstalld"] is True
    assert first["n_oviktat"] == 900
    assert last["andel_stort"] is None
    assert last["anm"] == written["anm"].iloc[-1]
    assert json.loads(joint_json(table(words=DEMO), DEMO))["demo"] is True
