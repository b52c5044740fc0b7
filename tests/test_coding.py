"""From delivered values to codes: labels however written, numbers however written, the unknown."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from answers_survey import SECRETS, answers, deliver, faults_of, load, with_wave
from hypothesis import given
from hypothesis import strategies as st

from survey_lib.answers import Answers, read_answers
from survey_lib.answers.codebook import Codebook, How, Meaning
from survey_lib.answers.matching import plain, whole_number
from survey_lib.vocabulary import Parameters

LABELS = {1: "Mycket trygg", 2: "Ganska trygg", 5: "Ångestfylld", 98: "Vet inte", 99: "ej svar"}


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Parameters:
    return load(tmp_path_factory.mktemp("village"))


@pytest.fixture
def read(village: Parameters) -> Callable[..., Answers]:
    """Reads the village's file with some columns holding other values, and other wave settings."""

    def call(columns: dict[str, list[Any]] | None = None, **wave: Any) -> Answers:
        rows = max([len(values) for values in (columns or {}).values()], default=4)
        deliver(village.folder, answers(rows).assign(**(columns or {})))
        return read_answers(with_wave(village, **wave), "1")

    return call


def counted(result: Answers, rule: str) -> tuple[int, int]:
    row = result.log.set_index("rule").loc[rule]
    return int(row["answers"]), int(row["persons"])


# -- one value -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "how"),
    [
        ("", 99, How.BLANK),
        (" \u00a0 ", 99, How.BLANK),
        ("1", 1, How.CODE),
        ("98", 98, How.CODE),
        ("1,0", 1, How.DECIMAL),
        ("1.00", 1, How.DECIMAL),
        ("+1", 1, How.DECIMAL),
        ("Mycket trygg", 1, How.LABEL),
        (" MYCKET\u00a0 trygg\t", 1, How.SPELLING),
        (unicodedata.normalize("NFD", "Ångestfylld"), 5, How.SPELLING),
        (unicodedata.normalize("NFD", "ångestFYLLD"), 5, How.SPELLING),
        ("Mycket\u200b trygg", 1, How.SPELLING),
        ("vet inte", 98, How.SPELLING),
        ("3", 99, How.UNKNOWN),
        ("1,5", 99, How.UNKNOWN),
        ("-1", 99, How.UNKNOWN),
        ("1 Mycket trygg", 99, How.UNKNOWN),
        ("Otrygg", 99, How.UNKNOWN),
    ],
)
def test_what_a_delivered_value_means(text: str, code: int, how: How) -> None:
    assert Codebook(LABELS).meaning(text) == Meaning(code, how)


@given(
    label=st.sampled_from(list(LABELS.items())),
    form=st.sampled_from(["NFC", "NFD", "NFKD"]),
    case=st.sampled_from([str.upper, str.lower, str.title, str]),
    space=st.sampled_from([" ", "\u00a0", "\u202f", "\t", "  "]),
)
def test_a_label_is_known_however_it_is_written(
    label: tuple[int, str], form: Any, case: Callable[[str], str], space: str
) -> None:
    code, text = label
    written = space + unicodedata.normalize(form, case(text)).replace(" ", space) + space
    assert Codebook(LABELS).meaning(written).code == code


def test_dashes_are_one() -> None:
    assert Codebook({"16_44": "16–44 år", 99: ""}).meaning("16-44 ÅR").code == "16_44"


def test_the_wave_decides_before_all_else() -> None:
    book = Codebook(LABELS, {"9": 98, "1": 5, "otrygg": 5}, labels={"1": "Mycket trygg"})
    assert [book.meaning(text).code for text in ("9", "9,0", "09", "1", "OTRYGG ")] == [
        98,
        98,
        98,
        5,
        5,
    ]


def test_the_file_own_labels_decide_before_its_numbers() -> None:
    """A scale that runs the other way in the file is not read backwards."""
    labels = {"1": "ångestfylld", "5": "MYCKET TRYGG", "2": "Väldigt säker", "98": "98"}
    book = Codebook(LABELS, labels=labels)
    assert book.meaning("1") == Meaning(5, How.LABEL)
    assert book.meaning("5") == Meaning(1, How.LABEL)
    assert book.meaning("2") == Meaning(99, How.LABELLED)
    assert book.meaning("98") == Meaning(98, How.CODE)


def test_declared_missing_is_no_answer_unless_its_label_or_the_wave_says_more() -> None:
    labels = {"8": "Vet inte", "7": "Vägrar"}
    book = Codebook(LABELS, {"6": 98}, labels=labels, missing={"6", "7", "8", "98", "1"})
    found = [book.meaning(text) for text in ("6", "7", "8", "98", "1")]
    assert [meaning.code for meaning in found] == [98, 99, 98, 99, 99]
    assert [meaning.how for meaning in found] == [
        How.WAVE, How.MISSING, How.LABEL, How.MISSING, How.MISSING
    ]  # fmt: skip


@given(st.integers(-(10**8), 10**8), st.sampled_from(["", ",0", ".00"]))
def test_whole_numbers(number: int, decimals: str) -> None:
    assert whole_number(f" {number}{decimals}") == number


@given(st.text(max_size=20))
def test_plain_is_settled_at_once(text: str) -> None:
    assert plain(plain(text)) == plain(text)


# -- columns ---------------------------------------------------------------------------------------


def test_the_coded_frame(read: Callable[..., Answers]) -> None:
    frame = read().frame
    assert frame["kon"].tolist() == [1, 2, 1, 2]
    assert frame["trygg"].tolist() == [1, 2, 1, 5]
    assert frame["ute"].tolist() == [96, 2, 3, 96]
    assert frame["orsak"].tolist() == [1, 97, 97, 2]
    assert frame["viktigast_prob_skrap"].tolist() == [1, 0, 1, 0]
    assert frame["alder"].tolist() == ["16_44", "45_84", "16_44", "45_84"]
    assert list(frame["alder"].cat.categories) == ["16_44", "45_84"]
    assert frame["fritext"].notna().tolist() == [True, False, False, False]
    codes = [name for name in frame if frame[name].dtype == np.int8]
    assert set(codes) == {
        "kon", "barn", "prob_skrap", "prob_moped", "prob_ljus", "trygg", "ute", "orsak", "skydd",
        "skola",
        "viktigast_prob_skrap", "viktigast_prob_moped", "viktigast_prob_ljus",
    }  # fmt: skip


def test_what_was_understood_is_counted(read: Callable[..., Answers]) -> None:
    decomposed = unicodedata.normalize("NFD", "Ångestfylld")
    result = read({"trygg": ["1,0", "VET INTE", decomposed, ""], "kon": ["1", "2", "3", "2.0"]})
    assert result.frame["trygg"].tolist() == [1, 98, 5, 99]
    assert counted(result, "decimals") == (2, 2)
    assert counted(result, "spelling") == (2, 2)
    assert counted(result, "labels") == (2, 2)  # alder
    assert counted(result, "unknown_code") == (0, 0)


def test_an_unknown_code_stops_and_says_what_to_write(read: Callable[..., Answers]) -> None:
    (fault,) = faults_of(read, {"trygg": ["7", "1", "7", "33"]}).faults
    assert fault.place == 'column "trygg"'
    assert '"7" in 2 data rows (1, 3)' in fault.found and '"33" in data row 4' in fault.found
    assert "1 Mycket trygg" in fault.expected
    assert (
        'waves/1.yaml, under variables: trygg:, the line  values: {"7": 99, "33": 99}'
        in fault.action
    )
    assert "unknown_code: no_answer" in fault.action


def test_unknown_numbers_may_be_no_answer(read: Callable[..., Answers]) -> None:
    wave = {"cleaning": {"unknown_code": "no_answer"}}
    result = read({"trygg": ["7", "1", "7", "33"], "kon": ["1", "1", "9", "1"]}, **wave)
    assert result.frame["trygg"].tolist() == [99, 1, 99, 99]
    assert result.frame["kon"].tolist() == [1, 1, 99, 1]
    assert counted(result, "unknown_code") == (4, 3)


def test_an_unknown_word_always_stops(read: Callable[..., Answers]) -> None:
    wave = {"cleaning": {"unknown_code": "no_answer"}}
    (fault,) = faults_of(read, {"trygg": ["Mycket tryg", "1", "1", "1"]}, **wave).faults
    assert 'did you mean "Mycket trygg"?' in fault.found
    assert '"Mycket tryg": 1' in fault.action
    assert "unknown_code" not in fault.action


@pytest.mark.parametrize("secret", SECRETS)
def test_what_a_person_wrote_is_never_told(read: Callable[..., Answers], secret: str) -> None:
    columns = {
        name: [secret, "1", "1", "1"] for name in ("trygg", "kon", "alder", "viktigast_prob_ljus")
    }
    problem = faults_of(read, {**columns, "area": [secret, "Norr", "Norr", "Norr"]})
    assert len(problem.faults) == 5
    assert f"a text of {len(secret)} characters in data row 1" in str(problem)


def test_words_that_many_share_are_told(read: Callable[..., Answers]) -> None:
    problem = faults_of(read, {"trygg": ["Rätt bra"] * 5 + ["R-4711-ANNA"] * 5})
    assert '"Rätt bra" in 5 data rows' in str(problem)
    assert "a text of 11 characters in 5 data rows" in str(problem)  # with digits: perhaps an id


def test_all_columns_at_fault_are_told_at_once(read: Callable[..., Answers]) -> None:
    problem = faults_of(read, {"trygg": ["7"] * 4, "kon": ["8"] * 4, "week": ["imorgon"] * 4})
    assert [fault.place for fault in problem.faults] == [
        'column "week"', 'column "kon"', 'column "trygg"'
    ]  # fmt: skip


def test_many_unknown_values_are_summed_up(read: Callable[..., Answers]) -> None:
    (fault,) = faults_of(read, {"trygg": [str(100 + k) for k in range(30)]}).faults
    assert "and 20 more values" in fault.found


def test_ticks_in_every_shape(read: Callable[..., Answers]) -> None:
    ticks = ["1", "0", "", "Ja", "NEJ", "True", "False", "Mopeder", "1,0", "99"]
    frame = read({"viktigast_prob_moped": ticks}).frame
    assert frame["viktigast_prob_moped"].tolist() == [1, 0, 99, 1, 0, 1, 0, 1, 1, 99]


def test_values_of_an_item_hold_for_all_its_options(read: Callable[..., Answers]) -> None:
    variables = {"viktigast": {"values": {"2": 0}}, "viktigast_prob_ljus": {"values": {"3": 1}}}
    columns = {"viktigast_prob_moped": ["2", "1"] * 2, "viktigast_prob_ljus": ["3", "2"] * 2}
    frame = read(columns, variables=variables).frame
    assert frame["viktigast_prob_moped"].tolist() == [0, 1, 0, 1]
    assert frame["viktigast_prob_ljus"].tolist() == [1, 0, 1, 0]


def test_ages_in_years_become_bands(read: Callable[..., Answers]) -> None:
    variables = {"alder": {"years": True, "values": {"999": 99, "pensionär": "45_84"}}}
    ages = ["16", "44,0", "45", "84", "15", "85", "999", "", "Pensionär", "16–44 år"]
    frame = read({"alder": ages}, variables=variables).frame
    bands = ["16_44", "16_44", "45_84", "45_84", None, None, None, None, "45_84", "16_44"]
    assert frame["alder"].astype(object).where(frame["alder"].notna(), None).tolist() == bands
    assert frame["age"].dropna().tolist() == [16, 44, 45, 84, 15, 85]
    problem = faults_of(read, {"alder": ["345"] * 4}, variables=variables)
    assert '"345" in 4 data rows' in str(problem)


def test_labels_of_the_file_that_are_none_of_ours(village: Parameters, tmp_path: Path) -> None:
    import pyreadstat

    frame = answers()
    frame["trygg"] = [1.0, 2.0, 3.0, 5.0]
    for option in ("skrap", "moped", "ljus"):
        frame[f"viktigast_prob_{option}"] = [1.0, 0.0, 0.0, 1.0]
    words = {1: "Otroligt trygg", 2: "Ganska trygg", 5: "Ångestfylld"}
    ticks = {0: "Ej markerad", 1: "Markerad"}
    labels = {"trygg": words, **{f"viktigast_prob_{o}": ticks for o in ("skrap", "moped", "ljus")}}
    pyreadstat.write_sav(frame, village.folder / "a.sav", variable_value_labels=labels)
    survey = with_wave(village, file={"path": "a.sav"})
    trygg, viktigast = faults_of(read_answers, survey, "1").faults
    assert '1 = "Otroligt trygg"' in trygg.found
    assert 'under variables: trygg:, the line  values: {"1": ?}' in trygg.action
    assert (
        "under variables: viktigast:, the line  values: " in viktigast.action
    )  # once for the whole item
    values = {"trygg": {"values": {"1": 1}}, "viktigast": {"values": {"0": 0, "1": 1}}}
    result = read_answers(with_wave(survey, variables=values), "1")
    assert result.frame["trygg"].tolist() == [1, 2, 3, 5]  # 3 has no label in the file


def test_declared_missing_values_are_counted(village: Parameters) -> None:
    import pyreadstat

    frame = answers()
    frame["trygg"] = [1.0, 9.0, 98.0, np.nan]
    missing = {"trygg": [{"lo": 9, "hi": 99}]}
    pyreadstat.write_sav(frame, village.folder / "b.sav", missing_ranges=missing)
    survey = with_wave(village, file={"path": "b.sav"})
    result = read_answers(survey, "1")
    assert result.frame["trygg"].tolist() == [1, 99, 99, 99]
    assert counted(result, "declared_missing") == (2, 2)
    result = read_answers(with_wave(survey, variables={"trygg": {"values": {"98": 98}}}), "1")
    assert result.frame["trygg"].tolist() == [1, 99, 98, 99]


def test_another_scale_in_a_wave(read: Callable[..., Answers]) -> None:
    variables = {"trygg": {"scale": "P3"}}
    assert (
        read({"trygg": ["Ett stort problem", "1"] * 2}, variables=variables).frame["trygg"][0] == 3
    )
    assert "5" in str(faults_of(read, {"trygg": ["5"] * 4}, variables=variables))


def test_codes_too_large_for_a_byte(village: Parameters, read: Callable[..., Answers]) -> None:
    from survey_lib.answers.coding import as_codes

    assert as_codes([300, 1], np.array([0, 1, -1]), {1: "a", 300: "b"}).tolist() == [300, 1, 99]


def test_places_are_ids_of_the_gazetteer(read: Callable[..., Answers]) -> None:
    frame = read({"plats1_id": ["plats:torget", "STORA torget", "98", ""], **LOOP}).frame
    assert frame["plats1_id"].astype(object).tolist()[:3] == ["plats:torget", "plats:torget", "98"]
    assert pd.isna(frame["plats1_id"][3])
    problem = faults_of(read, {"plats1_id": [SECRETS[0], "98", "98", "98"], **LOOP})
    assert "no place of the gazetteer in data row 1" in str(problem)


LOOP = {
    "plats1_tid_dag": ["1", "0", "", ""],
    "plats1_tid_kvall": ["0", "1", "", ""],
    "plats1_dagtyp": ["1", "2", "", ""],
    "plats1_orsak_morkt": ["1", "1", "", ""],
    "plats1_orsak_annat": ["0", "1", "", ""],
}


def test_a_loop_is_there_whole_or_not_at_all(read: Callable[..., Answers]) -> None:
    assert "plats1_dagtyp" not in read().frame
    assert read(dict(LOOP)).frame["plats1_dagtyp"].tolist() == [1, 2, 99, 99]
    part = {name: values for name, values in LOOP.items() if name != "plats1_dagtyp"}
    assert 'no column "plats1_dagtyp"' in str(faults_of(read, part))
