"""Finding the delivered file, taking it out of its archive, and knowing what it is."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from answers_survey import faults_of

from survey_lib.answers.raw import Raw
from survey_lib.answers.reading import read_raw
from survey_lib.vocabulary.waves import DataFile

WANTED = ("namn", "svar", "datum")
FRAME = pd.DataFrame({"namn": ["Åsa", "Bo", "Ceciliá"], "svar": [1.0, 2.5, float("nan")]})


def read(folder: Path, name: str, **file) -> Raw:
    return read_raw(DataFile(path=name, **file), folder, WANTED, wave_file="waves/1.yaml")


def sav(path: Path, frame: pd.DataFrame = FRAME, **more) -> bytes:
    pyreadstat.write_sav(frame, path, **more)
    return path.read_bytes()


def excel(*sheets: list[list[object]], names: tuple[str, ...] = ("Ett", "Två", "Tre")) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in zip(names, sheets, strict=False):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return content.getvalue()


CSV = b"namn;svar\nBo;1\n"
SHEET = [["namn", "svar"], ["Åsa", 1], ["Bo", 2.5], ["Ceciliá", None]]


@pytest.fixture(params=["sav", "zsav", "xlsx", "parquet"])
def typed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"data.{request.param}"
    if request.param.endswith("sav"):
        sav(path, compress=request.param == "zsav")
    elif request.param == "xlsx":
        path.write_bytes(excel(SHEET))
    else:
        FRAME.to_parquet(path)
    return path


def test_typed_files_become_the_same_texts(typed: Path) -> None:
    raw = read(typed.parent, typed.name)
    assert raw.frame["namn"].tolist() == ["Åsa", "Bo", "Ceciliá"]
    assert raw.frame["svar"].tolist()[:2] == ["1", "2.5"]
    assert pd.isna(raw.frame["svar"].iloc[2])
    assert raw.numbers == {"svar"}
    assert list(raw.frame.index) == [1, 2, 3]


def test_typed_files_are_read_from_an_archive_and_under_another_name(typed: Path) -> None:
    raw = read(typed.parent, typed.name)
    for name, content in {
        "a.zip": archive({f"mapp/data{typed.suffix}": typed.read_bytes()}),
        "utan_andelse": typed.read_bytes(),
    }.items():
        (typed.parent / name).write_bytes(content)
        again = read(typed.parent, name)
        pd.testing.assert_frame_equal(again.frame, raw.frame)


def test_a_typed_file_cut_off_anywhere_is_told(typed: Path) -> None:
    content = typed.read_bytes()
    path = typed.with_name(f"cut{typed.suffix}")
    for length in [*range(1, len(content), max(1, len(content) // 40)), len(content) - 1]:
        path.write_bytes(content[:length])
        problem = faults_of(read, path.parent, path.name)
        assert "fetch or export the file again" in str(problem)


def test_a_typed_file_with_flipped_bytes_is_read_or_told(typed: Path) -> None:
    content = bytearray(typed.read_bytes())
    path = typed.with_name(f"flipped{typed.suffix}")
    from survey_lib.faults import BadInput

    for place in range(0, len(content), max(1, len(content) // 60)):
        flipped = content.copy()
        flipped[place] ^= 0xFF
        path.write_bytes(flipped)
        try:
            read(path.parent, path.name)
        except BadInput as problem:
            assert problem.faults


def test_a_text_named_as_a_typed_file(typed: Path) -> None:
    typed.write_bytes(b"namn;svar\nBo;1\n" * 20)
    problem = faults_of(read, typed.parent, typed.name)
    assert "does not begin as one" in str(problem)


def test_a_typed_file_named_as_text(typed: Path) -> None:
    path = typed.with_suffix(".csv")
    path.write_bytes(typed.read_bytes())
    kind = {"zsav": "sav", "xlsx": "excel"}.get(typed.suffix[1:], typed.suffix[1:])
    assert f"under file:, the line  format: {kind}" in str(faults_of(read, path.parent, path.name))
    assert len(read(path.parent, path.name, format=kind).frame) == 3


# -- where the file is -----------------------------------------------------------------------------


def test_a_missing_file_suggests_the_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "svar_2024.csv").write_bytes(CSV)
    (fault,) = faults_of(read, tmp_path, "svar_2O24.csv").faults
    assert fault.found == 'no such file (did you mean "svar_2024.csv"?)'
    assert "waves/1.yaml" in fault.action


def test_a_missing_made_up_file_is_made(tmp_path: Path) -> None:
    problem = faults_of(
        read_raw, DataFile(path="a.csv"), tmp_path, WANTED, wave_file="w", demo=True
    )
    assert "trygg demo" in str(problem)


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "data.csv").mkdir()
    assert "found:    a folder" in str(faults_of(read, tmp_path, "data.csv"))


@pytest.mark.parametrize("name", ["a.csv", "a.sav", "a.xlsx", "a.parquet"])
@pytest.mark.parametrize("content", [b"", b"\n\n", b"   \r\n"])
def test_an_empty_file(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert "an empty file" in str(faults_of(read, tmp_path, name))


def test_a_file_that_another_program_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)

    def held(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", held)
    assert "close it in Excel" in str(faults_of(read, tmp_path, "a.csv"))


def test_an_old_or_locked_workbook(tmp_path: Path) -> None:
    for name in ("a.xlsx", "a.xls"):
        (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
        problem = faults_of(read, tmp_path, name)
        assert "old (.xls) or password-protected" in str(problem)


def test_an_unknown_kind_of_file(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_bytes(CSV)
    problem = faults_of(read, tmp_path, "a.dat")
    assert '(".dat")' in str(problem) and "format: csv" in str(problem)
    assert len(read(tmp_path, "a.dat", format="csv").frame) == 1


# -- archives --------------------------------------------------------------------------------------


def test_the_only_data_file_of_an_archive_is_taken(tmp_path: Path) -> None:
    members = {"lasmig.md": b"hej", "data/svar.csv": CSV, "__MACOSX/data/._svar.csv": b"x"}
    (tmp_path / "a.zip").write_bytes(archive(members))
    raw = read(tmp_path, "a.zip")
    assert raw.frame["namn"].tolist() == ["Bo"]
    assert raw.shown.endswith("a.zip, member data/svar.csv")


def test_one_of_several_members_must_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(archive({"ett.csv": CSV, "tva.csv": CSV}))
    problem = faults_of(read, tmp_path, "a.zip")
    assert "2 data files: ett.csv, tva.csv" in str(problem)
    assert "under file:, the line  member: ett.csv" in str(problem)
    assert len(read(tmp_path, "a.zip", member="tva.csv").frame) == 1
    problem = faults_of(read, tmp_path, "a.zip", member="tvaa.csv")
    assert 'did you mean "tva.csv"?' in str(problem)


def test_an_archive_without_data(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(archive({"lasmig.md": b"hej"}))
    assert "no data file" in str(faults_of(read, tmp_path, "a.zip"))


def test_an_archive_cut_off_anywhere_is_told(tmp_path: Path) -> None:
    content = archive({"svar.csv": CSV * 50})
    for length in range(1, len(content), 7):
        (tmp_path / "a.zip").write_bytes(content[:length])
        problem = faults_of(read, tmp_path, "a.zip")
        assert "damaged" in str(problem)


def test_an_archive_with_a_changed_byte_in_its_data(tmp_path: Path) -> None:
    content = bytearray(archive({"svar.csv": CSV * 50}))
    content[45] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(content)
    assert "damaged" in str(faults_of(read, tmp_path, "a.zip"))


def test_an_archive_with_a_password(tmp_path: Path) -> None:
    content = bytearray(archive({"svar.csv": CSV}))
    for head in (b"PK\x03\x04", b"PK\x01\x02"):
        content[content.index(head) + (6 if head[2] == 3 else 8)] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    assert "a password" in str(faults_of(read, tmp_path, "a.zip"))


def test_an_archive_that_is_not_one(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(CSV)
    assert "expected: a zip archive" in str(faults_of(read, tmp_path, "a.zip"))


# -- Excel -----------------------------------------------------------------------------------------


def test_one_of_several_sheets_must_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(excel([["Kodbok"], ["x"]], SHEET, []))
    problem = faults_of(read, tmp_path, "a.xlsx")
    assert "2 sheets: Ett, Två" in str(problem) and 'sheet: "Ett"' in str(problem)
    assert len(read(tmp_path, "a.xlsx", sheet="Två").frame) == 3
    assert 'did you mean "Två"?' in str(faults_of(read, tmp_path, "a.xlsx", sheet="två "))
    assert "empty sheets only" in str(faults_of(read, tmp_path, "a.xlsx", sheet="Tre"))


def test_lines_above_the_header_of_a_sheet(tmp_path: Path) -> None:
    sheet = [["Uttag 2024"], [], ["namn", None, "svar"], ["Bo", "x", 3], [], [None, None, None]]
    (tmp_path / "a.xlsx").write_bytes(excel(sheet))
    raw = read(tmp_path, "a.xlsx")
    assert raw.frame["namn"].tolist() == ["Bo"]
    assert raw.frame["svar"].tolist() == ["3"]


def test_a_sheet_that_says_it_is_smaller_than_it_is(tmp_path: Path) -> None:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(excel(SHEET))) as whole,
        zipfile.ZipFile(content, "w") as wrong,
    ):
        for name in whole.namelist():
            data = whole.read(name)
            wrong.writestr(name, data.replace(b'ref="A1:B4"', b'ref="A1:A2"'))
    (tmp_path / "a.xlsx").write_bytes(content.getvalue())
    assert read(tmp_path, "a.xlsx").frame.shape == (3, 2)


def test_cells_of_a_sheet_as_texts(tmp_path: Path) -> None:
    from datetime import datetime

    cells = [True, 1, 1.0, "1", "1,0", datetime(2024, 9, 2), datetime(2024, 9, 2, 10, 30), 0.1]
    (tmp_path / "a.xlsx").write_bytes(excel([["namn"], *[[cell] for cell in cells]]))
    assert read(tmp_path, "a.xlsx").frame["namn"].tolist() == [
        "True", "1", "1", "1", "1,0", "2024-09-02", "2024-09-02 10:30:00", "0.1"
    ]  # fmt: skip


# -- SPSS ------------------------------------------------------------------------------------------


def test_labels_and_missing_values_of_spss(tmp_path: Path) -> None:
    frame = pd.DataFrame({"svar": [1.0, 8.0, 98.0, 99.0, 2.0], "namn": ["a", "b", "x", "d", "e"]})
    sav(
        tmp_path / "a.sav",
        frame,
        variable_value_labels={"svar": {1: "Mycket trygg", 98: "Vet inte"}},
        missing_ranges={"svar": [{"lo": 97, "hi": 99}, 8], "namn": ["x"]},
    )
    raw = read(tmp_path, "a.sav")
    assert raw.labels["svar"] == {"1": "Mycket trygg", "98": "Vet inte"}
    assert raw.missing["svar"] == {"8", "98", "99"}
    assert raw.missing["namn"] == {"x"}


def test_the_encoding_of_an_old_spss_file(tmp_path: Path) -> None:
    labels = {"svar": {1: "Älg"}}
    frame = pd.DataFrame({"namn": ["Bo", "Ed"], "svar": [1.0, 2.0]})
    content = sav(tmp_path / "new.sav", frame, variable_value_labels=labels)
    for codec, named in (("cp1252", "cp1252"), ("latin-1", "latin-1"), ("mac_roman", "mac_roman")):
        old = content.replace("Älg".encode(), "Älg ".encode(codec))
        assert old != content
        (tmp_path / "old.sav").write_bytes(old)
        assert "the line  encoding: cp1252" in str(faults_of(read, tmp_path, "old.sav"))
        assert read(tmp_path, "old.sav", encoding=named).labels["svar"]["1"].strip() == "Älg"
    (tmp_path / "old.sav").write_bytes(old)
    assert "not in utf-8" in str(faults_of(read, tmp_path, "old.sav", encoding="utf-8"))
    problem = faults_of(read, tmp_path, "new.sav", encoding="cp1252")
    assert "remove encoding:" in str(problem)
    assert read(tmp_path, "new.sav", encoding="utf-8").labels["svar"]["1"] == "Älg"


def test_dates_of_spss(tmp_path: Path) -> None:
    frame = pd.DataFrame({"datum": pd.to_datetime(["2024-09-02", None])})
    missing = {"datum": [{"lo": 1.0, "hi": 2.0}]}
    sav(tmp_path / "a.sav", frame, variable_format={"datum": "DATE11"}, missing_ranges=missing)
    values = read(tmp_path, "a.sav").frame["datum"]
    assert values.iloc[0] == "2024-09-02" and pd.isna(values.iloc[1])


# -- parquet ---------------------------------------------------------------------------------------


def test_kinds_of_parquet_columns(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "namn": pd.Categorical(["a", None, "a"], categories=["unused", "a"]),
            "svar": pd.array([3, None, 4], dtype="Int8"),
            "datum": pd.to_datetime(["2024-09-02", "2024-09-03", None]),
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    raw = read(tmp_path, "a.parquet")
    assert raw.frame["namn"].astype(object).tolist()[0] == "a" and pd.isna(raw.frame["namn"][2])
    assert raw.frame["svar"].tolist()[0] == "3" and pd.isna(raw.frame["svar"][2])
    assert raw.frame["datum"].tolist()[:2] == ["2024-09-02", "2024-09-03"]
    assert raw.numbers == {"svar"}


def test_a_parquet_column_of_lists(tmp_path: Path) -> None:
    pd.DataFrame({"namn": [[1], [2]]}).to_parquet(tmp_path / "a.parquet")
    assert "lists or records" in str(faults_of(read, tmp_path, "a.parquet"))
