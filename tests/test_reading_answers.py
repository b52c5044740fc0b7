"""From the delivered file to the coded frame: columns, areas, strata, ids, weights, weeks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from answers_survey import SECRETS, answers, deliver, faults_of, load, with_wave

from survey_lib.answers import Answers, read_answers
from survey_lib.vocabulary import Parameters


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Parameters:
    return load(tmp_path_factory.mktemp("village"))


@pytest.fixture
def read(village: Parameters) -> Callable[..., Answers]:
    """Reads a delivered frame (the village's own when None) with other wave settings."""

    def call(frame: pd.DataFrame | None = None, **wave: Any) -> Answers:
        deliver(village.folder, answers() if frame is None else frame)
        return read_answers(with_wave(village, **wave), "1")

    return call


def test_the_frame_and_the_first_row_of_the_log(read: Callable[..., Answers]) -> None:
    result = read()
    assert result.wave == "1"
    assert result.frame["row"].tolist() == [1, 2, 3, 4]
    assert result.frame["respondent"].str.fullmatch("[0-9a-f]{16}").all()
    assert not result.frame["respondent"].duplicated().any()
    assert not result.frame.astype(str).isin(["R1000"]).any(axis=None)
    first = result.log.iloc[0]
    assert (first["step"], first["rule"], first["left"]) == (1, "delivered", 4)
    assert (result.log["left"].diff().fillna(0) == -result.log["removed"]).all()


def test_tokens_are_new_each_time(read: Callable[..., Answers]) -> None:
    assert not set(read().frame["respondent"]) & set(read().frame["respondent"])


def test_an_unknown_wave(village: Parameters) -> None:
    assert 'no wave "l"' in str(faults_of(read_answers, village, "l"))


def test_any_format_gives_the_same_answers(village: Parameters) -> None:
    import pyreadstat

    frame = answers()
    deliver(village.folder, frame)
    expected = read_answers(with_wave(village), "1").frame.drop(columns="respondent")
    frame.to_excel(village.folder / "a.xlsx", index=False)
    frame.to_parquet(village.folder / "a.parquet")
    pyreadstat.write_sav(frame, village.folder / "a.sav")
    deliver(village.folder, frame, "b.csv", sep="\t", encoding="utf-16", ends="\r")
    for path in ("a.xlsx", "a.parquet", "a.sav", "b.csv"):
        found = read_answers(with_wave(village, file={"path": path}), "1").frame
        pd.testing.assert_frame_equal(found.drop(columns="respondent"), expected)


# -- columns ---------------------------------------------------------------------------------------


def test_every_missing_column_is_told_with_the_closest_unused_name(
    read: Callable[..., Answers],
) -> None:
    frame = answers().rename(columns={"trygg": "tryg", "kon": "sex", "respondent": "respondant"})
    faults = faults_of(read, frame).faults
    assert [fault.expected for fault in faults] == [
        "a column respondent", "a column kon", "a column trygg"
    ]  # fmt: skip
    assert faults[2].found == 'no column "trygg" (did you mean "tryg"?)'
    assert 'under variables:, the line  trygg: {column: "tryg"}' in faults[2].action
    assert "under not_asked:, the line  - trygg" in faults[2].action


def test_a_column_that_the_wave_file_misspells(read: Callable[..., Answers]) -> None:
    frame = answers().rename(columns={"trygg": "Q1_trygghet"})
    variables = {"trygg": {"column": "Q1_tryghet"}}
    (fault,) = faults_of(read, frame, variables=variables).faults
    assert fault.file.endswith("waves/1.yaml")
    assert fault.place == "key variables.trygg.column"
    assert 'did you mean "Q1_trygghet"?' in fault.found


def test_columns_by_other_names(read: Callable[..., Answers]) -> None:
    frame = answers().rename(
        columns={"trygg": "Q1", "viktigast_prob_skrap": "V_prob_skrap", "kon": " KÖN "}
    )
    frame = frame.rename(columns={f"viktigast_prob_{o}": f"V_prob_{o}" for o in ("moped", "ljus")})
    variables = {"trygg": {"column": "q1"}, "viktigast": {"column": "V"}, "kon": {"column": "kön"}}
    assert read(frame, variables=variables).frame["trygg"].tolist() == [1, 2, 1, 5]


def test_what_was_not_asked_may_be_missing(read: Callable[..., Answers]) -> None:
    frame = answers().drop(columns=["trygg", "viktigast_prob_ljus", "kon"])
    found = read(frame, not_asked=["trygg", "viktigast_prob_ljus", "kon"]).frame
    assert "trygg" not in found and "kon" not in found


def test_unasked_texts_and_paradata_may_be_missing(read: Callable[..., Answers]) -> None:
    found = read(answers().drop(columns=["fritext", "week"])).frame
    assert "fritext" not in found and "week" not in found


def test_two_columns_with_one_name(read: Callable[..., Answers]) -> None:
    frame = answers()
    double = pd.concat([frame, frame[["trygg"]], frame[["kon"]].set_axis(["KON"], axis=1)], axis=1)
    faults = faults_of(read, double).faults
    assert [fault.place for fault in faults] == ['column "trygg"']
    assert faults[0].found == "2 columns with this name"
    frame = frame.rename(columns={"kon": "Kon"}).assign(KON="1")
    assert faults_of(read, frame).faults[0].place == 'column "kon"'


def test_columns_that_nobody_asks_for_are_not_read(read: Callable[..., Answers]) -> None:
    found = read(answers().assign(personnummer=SECRETS[2], x="", y="")).frame
    assert "personnummer" not in found


def test_rows_with_nothing_in_them_are_no_persons(read: Callable[..., Answers]) -> None:
    frame = pd.concat([answers(), answers().map(lambda _: " ")]).iloc[[0, 4, 1, 5]]
    result = read(frame)
    assert result.frame["row"].tolist() == [1, 3]
    assert result.log.set_index("rule").loc["empty_rows", ["removed", "left"]].tolist() == [2, 2]
    assert result.log["left"].iloc[0] == 4


# -- ids -------------------------------------------------------------------------------------------


def test_a_duplicate_respondent_stops(read: Callable[..., Answers]) -> None:
    frame = answers().assign(respondent=["R-4711-ANNA", "b", " R-4711-ANNA ", "d"])
    (fault,) = faults_of(read, frame).faults
    assert "2 data rows (1, 3)" in fault.found
    assert "under cleaning:, the line  duplicate: first" in fault.action


def test_duplicates_share_a_token_when_the_first_is_kept(read: Callable[..., Answers]) -> None:
    frame = answers().assign(respondent=["a", "b", " a ", "d"])
    token = read(frame, cleaning={"duplicate": "first"}).frame["respondent"]
    assert token[0] == token[2] and token.nunique() == 3


def test_a_blank_id(read: Callable[..., Answers]) -> None:
    frame = answers().assign(respondent=["a", "", "c", " "])
    (fault,) = faults_of(read, frame).faults
    assert fault.found == "no id in 2 data rows (2, 4)"


def test_a_file_without_ids(tmp_path: Path) -> None:
    """What a message says to write is what a wave file may hold."""
    survey = load(tmp_path, "not_asked: [respondent, viktigast_prob_ljus]\n")
    deliver(tmp_path, answers().drop(columns=["respondent", "viktigast_prob_ljus"]))
    found = read_answers(survey, "1").frame
    assert found["respondent"].nunique() == 4 and "viktigast_prob_ljus" not in found


# -- areas and strata ------------------------------------------------------------------------------


def test_areas_by_id_name_alias_and_case(read: Callable[..., Answers]) -> None:
    frame = answers(6).assign(area=["del:norr", "NORR ", "Gamla Norr", "DEL:SODER", "ängen", "Byn"])
    result = read(frame)
    assert result.frame["area"].tolist() == [
        "del:norr", "del:norr", "del:norr", "del:soder", "hus:angen", "kvarter:byn"
    ]  # fmt: skip
    assert result.frame["stratum"].tolist() == ["del:norr"] * 3 + [
        "del:soder",
        "del:norr",
        "del:soder",
    ]
    assert result.frame["sampling"].tolist()[2:4] == ["sannolikhet", "kvot"]
    assert result.log.set_index("rule").loc["area_alias", "persons"] == 1
    assert list(result.frame["stratum"].cat.categories) == ["del:norr", "del:soder"]


def test_an_area_with_a_typo(read: Callable[..., Answers]) -> None:
    frame = answers().assign(area=["del:nor", "Sodr", "Norr", "Söder"])
    ident, name = faults_of(read, frame).faults
    assert 'did you mean "del:norr"?' in ident.found and "row 1" in ident.found
    assert 'under variables: area:, the line  values: {"del:nor": del:norr}' in ident.action
    assert "row 2" in name.found


def test_a_name_that_two_areas_have(read: Callable[..., Answers]) -> None:
    frame = answers().assign(area=["Torget", "Norr", "Norr", "Norr"])
    (fault,) = faults_of(read, frame).faults
    assert "the name of kvarter:torget, hus:torget" in fault.found
    assert '"Torget": kvarter:torget' in fault.action
    variables = {"area": {"values": {"torget": "hus:torget"}}}
    assert read(frame, variables=variables).frame["stratum"][0] == "del:soder"


def test_an_area_that_was_not_surveyed(read: Callable[..., Answers]) -> None:
    strata = {"del:norr": {"sampling": "sannolikhet"}}
    (fault,) = faults_of(read, strata=strata).faults
    assert "2 data rows (2, 4) in del:soder" in fault.found
    assert "under strata:" in fault.action
    frame = answers().assign(area=["by:x", "Norr", "Norr", "Norr"])
    assert "data row 1 in by:x, not among" in str(faults_of(read, frame))


def test_a_blank_area_is_left_for_cleaning(read: Callable[..., Answers]) -> None:
    found = read(answers().assign(area=["", "Norr", " ", "Söder"])).frame
    assert found["area"].isna().tolist() == [True, False, True, False]
    assert found["stratum"].isna().tolist() == [True, False, True, False]
    assert found["sampling"].isna().tolist() == [True, False, True, False]


def test_strata_from_a_column(read: Callable[..., Answers]) -> None:
    strata = {"A1": {"sampling": "sannolikhet"}, "del:soder": {"sampling": "kvot"}}
    frame = answers().assign(
        stratum=["a1", "Söder", "del:soder", "x"], area=["Norr", "", "Norr", ""]
    )
    wave: dict[str, Any] = {"strata": strata, "strata_level": None}
    found = read(frame, **wave, variables={"stratum": {"values": {"x": "A1"}}}).frame
    assert found["stratum"].tolist() == ["A1", "del:soder", "del:soder", "A1"]
    assert found["area"].astype(object).where(found["area"].notna(), None).tolist() == [
        "del:norr", "del:soder", "del:norr", None
    ]  # fmt: skip
    (fault,) = faults_of(read, frame, **wave).faults
    assert fault.found == 'no stratum of the wave: "x" in data row 4'


def test_strata_too_many_to_list(read: Callable[..., Answers]) -> None:
    strata = {"*": {"sampling": "sannolikhet"}, "B": {"sampling": "kvot"}}
    frame = answers().assign(stratum=["7", "B", "12", "7"])
    found = read(frame, strata=strata, strata_level=None).frame
    assert found["stratum"].tolist() == ["7", "B", "12", "7"]
    assert found["sampling"].tolist() == ["sannolikhet", "kvot", "sannolikhet", "sannolikhet"]


def test_one_stratum_is_everybody(read: Callable[..., Answers]) -> None:
    found = read(strata={"alla": {"sampling": "sjalvval"}}, strata_level=None).frame
    assert set(found["stratum"]) == {"alla"} and set(found["sampling"]) == {"sjalvval"}


def test_without_areas_everybody_is_in_the_whole(read: Callable[..., Answers]) -> None:
    wave: dict[str, Any] = {"strata": {"x": {"sampling": "kvot"}}, "strata_level": None}
    found = read(answers().drop(columns="area"), not_asked=["area"], **wave).frame
    assert set(found["area"]) == {"by:x"}


def test_a_finer_area_counts_inside_the_first(read: Callable[..., Answers]) -> None:
    finer = {"column": "kv", "values": {"ANG": "kvarter:ang", "T": "hus:torget"}}
    frame = answers().assign(area=["Norr", "Söder", "Norr", "Söder"], kv=["ang", "ang", "", "t"])
    found = read(frame, variables={"area": {"finer": finer}}).frame
    assert found["area"].tolist() == ["kvarter:ang", "del:soder", "del:norr", "hus:torget"]
    missing = {"area": {"finer": {"column": "kvarter", "values": {}}}}
    assert "variables.area.finer.column" in str(faults_of(read, frame, variables=missing))


def test_sampling_units_are_nested_in_strata(read: Callable[..., Answers]) -> None:
    frame = answers().assign(area=["Norr", "Söder", "Norr", "Söder"], psu=["1", "1", "1", "2"])
    psu = read(frame).frame["psu"]
    assert psu[0] == psu[2] and psu.nunique() == 3
    assert "nothing in data row 3" in str(faults_of(read, frame.assign(psu=["1", "1", " ", "2"])))


# -- weights, weeks, modes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "decimal", "expected"),
    [
        (["1,25", "2", "0,5", "1234,5"], None, [1.25, 2, 0.5, 1234.5]),
        (["1.25", "2", "0.5", "1e3"], None, [1.25, 2, 0.5, 1000]),
        (["1,250", "2,125", "3", "4"], ",", [1.25, 2.125, 3, 4]),
        (["1", "2", "3", "4"], None, [1, 2, 3, 4]),
    ],
)
def test_delivered_weights(
    read: Callable[..., Answers], texts: list[str], decimal: str | None, expected: list[float]
) -> None:
    wave = {"weighting": {"delivered": "w"}, "file": {"decimal": decimal}}
    assert read(answers().assign(w=texts), **wave).frame["weight"].tolist() == expected


def test_a_sign_that_may_part_thousands_is_a_question(read: Callable[..., Answers]) -> None:
    frame = answers().assign(w=["1,250", "2,125", "3", "4"])
    (fault,) = faults_of(read, frame, weighting={"delivered": "w"}).faults
    assert 'under file:, the line  decimal: ","' in fault.action
    frame = answers().assign(w=["1,25", "2.5", "3", "4"])
    assert 'both "." and ","' in str(faults_of(read, frame, weighting={"delivered": "w"}))


@pytest.mark.parametrize("wrong", ["", "0", "-1", "abc", "1 5"])
def test_a_weight_that_is_none(read: Callable[..., Answers], wrong: str) -> None:
    frame = answers().assign(w=["1.25", "2.5", wrong, "1"])
    (fault,) = faults_of(read, frame, weighting={"delivered": "w"}).faults
    assert "no weight above 0 in data row 3" in fault.found


def test_a_weight_column_that_is_not_there(read: Callable[..., Answers]) -> None:
    (fault,) = faults_of(read, answers().assign(vikt="1"), weighting={"delivered": "vikt_"}).faults
    assert fault.place == "key weighting.delivered" and 'did you mean "vikt"?' in fault.found


def test_weights_of_typed_files_need_no_decimal_sign(village: Parameters) -> None:
    answers().assign(w=[1.125, 2.5, 1.0, 3.0]).to_parquet(village.folder / "w.parquet")
    wave = {"weighting": {"delivered": "w"}, "file": {"path": "w.parquet", "decimal": ","}}
    found = read_answers(with_wave(village, **wave), "1").frame
    assert found["weight"].tolist() == [1.125, 2.5, 1, 3]


def test_weeks_and_dates(read: Callable[..., Answers]) -> None:
    frame = answers(6).assign(
        week=["2024-W38", "2024w5", "2024-09-16", "2024-12-31", "2024-09-16 10:30:00", ""]
    )
    weeks = read(frame).frame["week"]
    assert weeks.tolist()[:5] == ["2024-W38", "2024-W05", "2024-W38", "2025-W01", "2024-W38"]
    assert pd.isna(weeks[5])
    for wrong in ("2024-W54", "2024-13-01", "38"):
        assert "row 1" in str(faults_of(read, frame.assign(week=[wrong, *frame["week"][1:]])))


def test_modes_and_languages(read: Callable[..., Answers]) -> None:
    frame = answers().assign(mode=["Post", "webb", "W", ""], language=["SV", "sv", "en", ""])
    variables = {"mode": {"values": {"w": "webb"}}}
    found = read(frame, variables=variables).frame
    assert found["mode"].tolist()[:3] == ["post", "webb", "webb"]
    assert found["language"].tolist()[:3] == ["sv", "sv", "en"]
    assert "one of post, webb" in str(faults_of(read, frame))


def test_nothing_secret_is_in_any_message(read: Callable[..., Answers]) -> None:
    """Every column wrong in every row, with what a person might have written."""
    for secret in SECRETS:
        frame = answers().map(lambda _, secret=secret: secret)
        problem = faults_of(read, frame)
        assert len(problem.faults) > 10


def test_twelve_thousand_rows_take_about_a_second(village: Parameters) -> None:
    import time

    from survey_lib.answers import clean

    frame = answers(12_000)
    more = {f"Q{k}": np.resize(["1", "2", "Mycket trygg", ""], 12_000) for k in range(80)}
    deliver(village.folder, frame.assign(**more))
    begin = time.process_time()
    clean(read_answers(village, "1"), village)
    assert time.process_time() - begin < 2  # about 0.3 s
