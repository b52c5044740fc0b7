"""A wave as an SPSS file: same answers, words and weights, for its owner only, and forgotten."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from village import PERSONS, village

from survey_lib import cli, platforms
from survey_lib.pipeline import weigh_wave
from survey_lib.vocabulary import Parameters


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parameters:
    parameters = village(tmp_path / "by å")
    monkeypatch.chdir(tmp_path / "by å")
    return parameters


def trygg(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        cli.app(list(arguments))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out + said.err


def export(capsys: pytest.CaptureFixture[str], file: str, *more: str) -> tuple[int, str]:
    return trygg(capsys, "export", "--microdata", file, *more)


def read(file: str) -> tuple[pd.DataFrame, Any]:
    frame, about = pyreadstat.read_sav(file, user_missing=True)
    return frame, about


def test_values_words_and_weights_come_back(
    survey: Parameters, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(capsys, "ut/våg.sav") == (0, "written: ut/våg.sav\n")
    weighed, _ = weigh_wave(survey, "2")
    expected = weighed.frame.assign(weight=weighed.design.weights)
    frame, about = read("ut/våg.sav")
    assert sorted(frame) == sorted({*expected.columns} - {"row"})
    assert len(frame) == len(expected) == PERSONS

    def rows(table: pd.DataFrame) -> pd.DataFrame:  # tokens are new at each reading
        plain = {
            name: column.astype("str").fillna("")
            if isinstance(expected[name].dtype, pd.CategoricalDtype)
            else column.astype(float)
            for name, column in table.items()
            if name not in ("respondent", "row")
        }
        found = pd.DataFrame(plain).sort_index(axis=1)
        return found.sort_values([*found], ignore_index=True)

    pd.testing.assert_frame_equal(rows(frame), rows(expected), check_exact=True)
    questionnaire, wave = survey.questionnaire, survey.waves["2"]
    for column, owner in questionnaire.column_owner.items():
        if column in frame and frame[column].dtype.kind == "f":
            codes = questionnaire.codes(owner, wave)
            assert about.variable_value_labels[column] == codes, column
            missing = [one["lo"] for one in about.missing_ranges[column]]
            assert missing == [97, 99]
            told = about.column_names_to_labels[column]
            assert questionnaire.text(owner, wave) in told, column
    assert about.variable_value_labels["area"] == {
        one: survey.areas.name(one) for one in ("del:norr", "del:soder")
    }
    assert "fritext" not in frame  # nobody's own words


def test_who_somebody_is_cannot_be_told(
    survey: Parameters, capsys: pytest.CaptureFixture[str]
) -> None:
    """No delivered id; no order of the delivered file; two exports have no token in common."""
    delivered = (Path("data") / "svar_2.csv").read_text(encoding="utf-8-sig")
    ids = {line.split(";")[0] for line in delivered.splitlines()[1:]}
    for file in ("a.sav", "b.sav"):
        export(capsys, file)
    first, second = read("a.sav")[0], read("b.sav")[0]
    assert not ids & set(first["respondent"])
    assert not set(first["respondent"]) & set(second["respondent"])
    assert first["respondent"].is_monotonic_increasing
    assert not np.array_equal(first["prob_skrap"], second["prob_skrap"])


@pytest.mark.skipif(platforms.on_windows(), reason="POSIX permission bits")
def test_it_is_its_owners_only_also_over_an_open_one(
    survey: Parameters, capsys: pytest.CaptureFixture[str]
) -> None:
    export(capsys, "ut.sav")
    os.chmod("ut.sav", 0o644)
    export(capsys, "ut.sav")
    assert stat.S_IMODE(os.stat("ut.sav").st_mode) == 0o600
    for path in Path(".trygg").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("ut.csv", "the ending '.csv'"),
        ("reports/ut.sav", "a place in reports, which is for what others may see"),
        ("reports/2/bilder/ut.sav", "which is for what others may see"),
        ("annan/../Reports/ut.sav", "which is for what others may see"),
        ("delat/ut.sav", "a place in delat, which"),
        ("data/svar.sav", "a file that this command has not written"),
    ],
)
def test_where_it_may_not_lie(
    file: str, told: str, survey: Parameters, capsys: pytest.CaptureFixture[str]
) -> None:
    published = Path("delat/published/manifest.json")
    published.parent.mkdir(parents=True)
    published.write_text("{}", encoding="utf-8")
    Path("data/svar.sav").write_bytes(b"x")
    before = sorted(Path().rglob("*"))
    code, said = export(capsys, file)
    assert code == cli.BAD_INPUT and told in said and "do this:" in said, said
    assert sorted(Path().rglob("*")) == before


def test_the_folder_given_for_reports_is_one(
    survey: Parameters, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = export(capsys, "sidor/ut.sav", "--output", "sidor")
    assert code == cli.BAD_INPUT and "a place in sidor" in said


@pytest.mark.parametrize(
    "asked",
    [
        (),
        ("--key", "x", "--microdata", "ut.sav"),
        ("--microdata", "ut.sav", "--compare-with", "1"),
    ],
)
def test_one_thing_is_exported_at_a_time(
    asked: tuple[str, ...], survey: Parameters, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = trygg(capsys, "export", *asked)
    assert code == cli.BAD_INPUT and "what was asked for" in said and "do this:" in said


def test_gallring_takes_it_away_where_it_is_as_it_was_written(
    survey: Parameters, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in ("kvar.sav", "flyttad.sav", "mappe/andrad.sav"):
        export(capsys, file)
    export(capsys, "annan_vag.sav", "--wave", "1")
    Path("flyttad.sav").rename("hit.sav")
    Path("mappe/andrad.sav").write_bytes(b"x")
    code, said = trygg(capsys, "forget", "2")
    assert code == 0
    assert "removed: kvar.sav\n" in said
    assert "not found where it was written by trygg export: flyttad.sav" in said
    assert "left, changed since it was written by trygg export: mappe/andrad.sav" in said
    assert not Path("kvar.sav").exists() and Path("annan_vag.sav").exists()
    assert "sav" not in trygg(capsys, "forget", "2")[1]
    assert "removed: annan_vag.sav\n" in trygg(capsys, "forget", "1")[1]
