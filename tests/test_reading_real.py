"""Files as authorities deliver them. They lie outside the project; without them: skipped."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from answers_survey import faults_of

from survey_lib.answers.reading import read_raw
from survey_lib.vocabulary.waves import DataFile

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
SAMPLES, ENSU = DATA / "format_samples", DATA / "ensu_2024_09"
SCHOOLS = "skolverket_antal_elever_2022_skolenhet.csv"
CODEBOOK = "kodbok_stockholmsenkaten_2024.xlsx"
ARCHIVE = "conjunto_de_datos_ensu_2024_3t_csv.zip"
PERSONS = "conjunto_de_datos_ensu_cb_0924/conjunto_de_datos/conjunto_de_datos_ensu_cb_0924.csv"

needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="needs ../shared/data/format_samples, which is not here"
)
needs_ensu = pytest.mark.skipif(
    not ENSU.is_dir(), reason="needs ../shared/data/ensu_2024_09, which is not here"
)


@needs_samples
def test_lines_above_and_below_a_mark_and_decimal_commas() -> None:
    """Skolverket: the header is found by its names, and ";" although names hold commas."""
    wanted = ("Skola", "Skolkommun", "Andel (%) flickor, årskurs 1-9", "Elever, årskurs 9")
    raw = read_raw(DataFile(path=SCHOOLS), SAMPLES, wanted, wave_file="w")
    lines = (SAMPLES / SCHOOLS).read_text(encoding="utf-8-sig").splitlines()
    assert len(raw.frame) == sum(line.count(";") >= 20 for line in lines) - 1
    assert len(raw.names) == 23 and raw.names[-1] == ""
    first = raw.frame.iloc[0]
    assert first.tolist() == ["Ahlafors Fria skola", "Ale", "48,4", "23"]
    marks = raw.frame["Andel (%) flickor, årskurs 1-9"].value_counts()
    assert marks[".."] > 0
    same = read_raw(
        DataFile(path=SCHOOLS, skip_lines=5, separator=";", encoding="utf-8"),
        SAMPLES,
        wanted,
        wave_file="w",
    )
    assert same.frame.equals(raw.frame)


@needs_samples
def test_a_workbook_with_two_sheets() -> None:
    import openpyxl

    book = openpyxl.load_workbook(SAMPLES / CODEBOOK, read_only=True)
    names, first = book.sheetnames, next(book.worksheets[0].iter_rows(values_only=True))
    book.close()
    wanted = [str(name) for name in first if name]
    problem = faults_of(read_raw, DataFile(path=CODEBOOK), SAMPLES, wanted, wave_file="w")
    assert f"sheets: {names[0]}" in str(problem)
    file = DataFile(path=CODEBOOK, sheet=names[0])
    raw = read_raw(file, SAMPLES, wanted, wave_file="w")
    assert len(raw.frame) >= 570


@needs_ensu
def test_a_member_of_an_archive_with_bare_carriage_returns() -> None:
    """INEGI: every field quoted, lines end with CR alone."""
    wanted = ("ID_PER", "CD", "NOM_CD", "FAC_SEL", "BP1_1", "TIPO_CUEST")
    file = DataFile(path=ARCHIVE, member=PERSONS)
    raw = read_raw(file, ENSU, wanted, wave_file="w")
    assert raw.frame.shape == (24_096, 6) and len(raw.names) == 245
    assert raw.frame["CD"].nunique() == 90
    assert set(raw.frame["BP1_1"].cat.categories) == {"1", "2", "9"}
    weights = raw.frame["FAC_SEL"].astype(int)
    with zipfile.ZipFile(ENSU / ARCHIVE) as archive:
        lines = archive.read(PERSONS).decode("ascii", errors="replace").split("\r")
    place = lines[0].split(",").index('"FAC_SEL"')
    assert weights.sum() == sum(int(line.split('","')[place]) for line in lines[1:] if line)


@needs_ensu
def test_an_archive_of_many_tables_asks_which() -> None:
    problem = faults_of(read_raw, DataFile(path=ARCHIVE), ENSU, ("ID_PER",), wave_file="w")
    assert "data files" in str(problem) and "under file:, the line  member:" in str(problem)
    file = DataFile(path=ARCHIVE, member=PERSONS.replace("_cb_0924.csv", "_bc_0924.csv"))
    problem = faults_of(read_raw, file, ENSU, ("ID_PER",), wave_file="w")
    assert "did you mean" in str(problem)


@needs_ensu
def test_a_real_archive_cut_off(tmp_path: Path) -> None:
    content = (ENSU / ARCHIVE).read_bytes()
    (tmp_path / ARCHIVE).write_bytes(content[: len(content) // 2])
    file = DataFile(path=ARCHIVE, member=PERSONS)
    assert "damaged" in str(faults_of(read_raw, file, tmp_path, ("ID_PER",), wave_file="w"))
