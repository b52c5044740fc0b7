"""CSV of every kind: encodings, separators, line ends, headers, quotes, torn rows."""

from __future__ import annotations

import codecs
from pathlib import Path

import pandas as pd
import pytest
from answers_survey import SECRETS, faults_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_lib.answers.raw import Raw
from survey_lib.answers.reading import read_raw
from survey_lib.vocabulary.waves import DataFile

TEXT = 'namn;svar\n"Åsa; Ö";mycket trygg\nBo;3,0\n'
WAVE_FILE = "waves/1.yaml"


def read(folder: Path, content: bytes, wanted: tuple[str, ...] = ("namn", "svar"), **file) -> Raw:
    (folder / "a.csv").write_bytes(content)
    return read_raw(DataFile(path="a.csv", **file), folder, wanted, wave_file=WAVE_FILE)


def rows(raw: Raw) -> list[list[str]]:
    return raw.frame.astype(str).to_numpy().tolist()


EXPECTED = [["Åsa; Ö", "mycket trygg"], ["Bo", "3,0"]]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (TEXT.encode("utf-8"), None),
        (codecs.BOM_UTF8 + TEXT.encode("utf-8"), None),
        (codecs.BOM_UTF8 + TEXT.encode("utf-8"), "utf-8"),
        (TEXT.encode("utf-16"), None),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), None),
        (TEXT.encode("utf-32"), None),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("cp1252"), "cp1252"),
        (TEXT.encode("cp1252"), "windows-1252"),
        (TEXT.encode("latin-1"), "latin-1"),
        (TEXT.encode("mac_roman"), "mac_roman"),
        (TEXT.encode("cp850"), "cp850"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, named: str | None) -> None:
    assert rows(read(tmp_path, content, encoding=named)) == EXPECTED


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "latin-1", "cp850"])
def test_a_single_byte_encoding_must_be_named(tmp_path: Path, encoding: str) -> None:
    (fault,) = faults_of(read, tmp_path, TEXT.encode(encoding)).faults
    assert fault.place.startswith("line 2")
    assert "which is not UTF-8" in fault.found
    assert f"write in {WAVE_FILE}, under file:" in fault.action
    right = "cp1252" if encoding == "latin-1" else encoding
    (line,) = [one for one in fault.action.splitlines() if f"encoding: {right}" in one]
    assert "Å" in line and "Ö" in line  # the reader sees which of the lines reads right


@pytest.mark.parametrize(
    ("content", "named", "told"),
    [
        (TEXT.encode("utf-8"), "cp1252", "encoding: utf-8"),
        (TEXT.encode("cp1252"), "utf-8", "not UTF-8"),
        (codecs.BOM_UTF8 + TEXT.encode("utf-8"), "cp1252", "remove encoding:"),
        (TEXT.encode("utf-16-le"), None, "encoding: utf-16-le"),
        (TEXT.encode("utf-16-be"), None, "encoding: utf-16-be"),
        (TEXT.replace("Bo", "Bo –").encode("cp1252"), "latin-1", "encoding: cp1252"),
        (TEXT.encode("utf-8"), "utf8-swedish", "unknown encoding"),
        (TEXT.encode("utf-8"), "rot13", "unknown encoding"),
        ((TEXT + "Å").encode("utf-8")[:-1], None, "in the middle of a letter"),
        (TEXT.encode("utf-8") + b"\x00\x00", "utf-8", "a zero byte"),
    ],
)
def test_a_wrong_encoding_is_told(
    tmp_path: Path, content: bytes, named: str | None, told: str
) -> None:
    assert told in str(faults_of(read, tmp_path, content, encoding=named))


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("sep", [";", ",", "\t", "|"])
@pytest.mark.parametrize("quoted", [True, False])
def test_separators_and_line_ends_are_found_out(
    tmp_path: Path, ends: str, sep: str, quoted: bool
) -> None:
    long = "rad\nslut" if quoted else "rad slut"
    frame = pd.DataFrame({"namn": ["a;b", "c,d|e", long], "svar": ["1", "", '"q"']})
    text = frame.to_csv(sep=sep, index=False, lineterminator=ends, quoting=1 if quoted else 0)
    raw = read(tmp_path, text.encode("utf-8"))
    assert rows(raw) == frame.to_numpy().tolist()
    assert list(raw.frame.index) == [1, 2, 3]


def test_lines_above_the_header_are_found_out_by_the_names(tmp_path: Path) -> None:
    above = "Statistik, uttagen 2024;\r\n\r\nnamn och annat, här\r\n"
    raw = read(tmp_path, (above + TEXT.replace("\n", "\r\n")).encode("utf-8"))
    assert rows(raw) == EXPECTED
    assert raw.names == ("namn", "svar")


def test_skip_lines_says_where_the_header_is(tmp_path: Path) -> None:
    twice = "namn;svar\n" + TEXT
    assert rows(read(tmp_path, twice.encode("utf-8"), skip_lines=1)) == EXPECTED


def test_only_wanted_columns_are_read(tmp_path: Path) -> None:
    raw = read(tmp_path, TEXT.encode("utf-8"), ("svar",))
    assert list(raw.frame) == ["svar"]
    assert raw.names == ("namn", "svar")


def test_names_are_found_whatever_their_case_spaces_and_composition(tmp_path: Path) -> None:
    content = "Ga\u030angsväg ; KÖN\u00a0\nx;1\n".encode()
    raw = read(tmp_path, content, ("gångsväg", "kön"))
    assert rows(raw) == [["x", "1"]]


def test_the_setting_that_hides_the_header_is_named(tmp_path: Path) -> None:
    problem = faults_of(read, tmp_path, TEXT.encode("utf-8"), separator=",")
    assert 'separator: ";"' in str(problem)
    problem = faults_of(read, tmp_path, TEXT.encode("utf-8"), skip_lines=2)
    assert "the line  skip_lines: 0" in str(problem)
    problem = faults_of(read, tmp_path, TEXT.replace(";", "\t").encode("utf-8"), separator=";")
    assert 'separator: "\\t"' in str(problem)


def test_two_possible_separators_are_a_question(tmp_path: Path) -> None:
    problem = faults_of(read, tmp_path, b"namn;x,svar\n1;2,3\n")
    assert "semicolon or comma" in str(problem)
    assert 'separator: ";"' in str(problem)


def test_a_file_without_any_of_the_names(tmp_path: Path) -> None:
    content = f"{SECRETS[0]};{SECRETS[2]}\n1;2\n".encode()  # no header: the first line is a person
    problem = faults_of(read, tmp_path, content)
    assert "no column name that the wave asks for" in str(problem)


def test_torn_rows_are_told_one_by_one(tmp_path: Path) -> None:
    content = f"namn;svar\na;1\nb;2;{SECRETS[0]}\nc\nd;4\n".encode()
    faults = faults_of(read, tmp_path, content).faults
    assert [(one.place, one.found) for one in faults] == [
        ("data row 2", "3 fields"),
        ("data row 3", "1 fields"),
    ]


def test_many_torn_rows_are_summed_up(tmp_path: Path) -> None:
    faults = faults_of(read, tmp_path, b"namn;svar\n" + b"a\n" * 500).faults
    assert len(faults) == 21
    assert faults[-1].found.startswith("480 more data rows")


@pytest.mark.parametrize(
    "body", ['a;1\nb;"2\nc;3\nd;4\n', 'a;1\n"b;2\nc;3\n', 'a;1\nb;"2\n' + "c;3\n" * 400_000]
)
def test_a_quote_that_is_never_closed_swallows_no_rows(tmp_path: Path, body: str) -> None:
    problem = faults_of(read, tmp_path, ("namn;svar\n" + body).encode())
    assert "never closed" in str(problem)
    assert "row 2" in str(problem)


def test_a_quote_closed_by_the_next_opening_one_swallows_no_rows(tmp_path: Path) -> None:
    problem = faults_of(read, tmp_path, b'namn;svar\na;1\nb;"2\nc;3\nd;"4\ne;5\n')
    assert "row 2" in str(problem) and "after its closing mark" in str(problem)


def test_a_space_after_a_closing_quote_is_no_fault(tmp_path: Path) -> None:
    content = b'namn;svar\n"a" ;1\n"b\nc";2\n'
    assert rows(read(tmp_path, content)) == [["a ", "1"], ["b\nc", "2"]]


def test_a_lone_quote_inside_a_text_is_a_letter(tmp_path: Path) -> None:
    assert rows(read(tmp_path, b'namn;svar\n5" skylt;1\n')) == [['5" skylt', "1"]]


def test_notes_below_the_rows(tmp_path: Path) -> None:
    notes = " \r\nKälla: byn.\r\n\r\n* Uppgifter saknas\r\n"
    content = TEXT.replace("\n", "\r\n") + notes
    assert rows(read(tmp_path, content.encode("utf-8"))) == EXPECTED
    for torn in ("Källa: byn\n", "\nKälla: byn; övrigt; mer\n", "\na;1\nb\n"):
        assert "fields" in str(faults_of(read, tmp_path, (TEXT + torn).encode("utf-8")))
    open_text = 'namn;svar\na;"1\n\nmer"\n'
    assert rows(read(tmp_path, open_text.encode("utf-8"))) == [["a", "1\n\nmer"]]


@pytest.mark.parametrize("content", [b"namn;svar\n", b"namn;svar", b"namn;svar\r\n\r\n"])
def test_a_header_and_nothing_else(tmp_path: Path, content: bytes) -> None:
    assert "a header and no rows" in str(faults_of(read, tmp_path, content))


cells = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r"), max_size=8
)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    table=st.lists(st.tuples(cells, cells), min_size=1, max_size=6),
    sep=st.sampled_from([";", ",", "\t", "|"]),
    encoding=st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_whatever_is_written_quoted_is_read_back(
    tmp_path: Path, table: list[tuple[str, str]], sep: str, encoding: str, ends: str
) -> None:
    frame = pd.DataFrame(table, columns=["namn", "svar"], dtype="str")
    text = frame.to_csv(sep=sep, index=False, lineterminator=ends, quoting=1)
    assert rows(read(tmp_path, text.encode(encoding))) == frame.to_numpy().tolist()


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=60), after_header=st.booleans())
def test_whatever_the_bytes_there_is_a_table_or_a_message(
    tmp_path: Path, content: bytes, after_header: bool
) -> None:
    from survey_lib.faults import BadInput

    try:
        read(tmp_path, b"namn;svar\n" * after_header + content)
    except BadInput as problem:
        assert all(one.file and one.found and one.expected and one.action for one in problem.faults)


def test_a_field_longer_than_any_answer(tmp_path: Path) -> None:
    told = faults_of(read, tmp_path, b"namn;svar\n1;" + b"x" * 20_000_000 + b"\n2;b\n")
    assert [fault.found for fault in told.faults] == [
        "a field longer than any answer; a quotation mark is probably never closed"
    ]
    assert told.faults[0].action == "mend the quotation marks, or export the file again"
