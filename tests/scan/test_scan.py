"""Planted leaks in every kind of file are found, and named without being repeated; what reports
say of themselves is no leak."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from answers_survey import answers, deliver, load, with_wave

from survey_lib.answers import read_answers
from survey_lib.answers.traces import new_tokens, tokens_in
from survey_lib.scan import Scanner
from survey_lib.scan.patterns import found

TEXT = "Vid garagen bakom huset bor en granne som skriker"
SHORT = "Garagelängan Bergsgatan"  # two words, more than 15 characters
IDENTITY = "R-4711-ANNA"
PERSON, PHONE, MAIL = "19850412-1230", "0705-12 34 56", "nagon.ann@posten.se"
ROW = {"trygg": 2, "kon": 1, "barn": 2, "prob_skrap": 3, "prob_moped": 98, "ute": 4}


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Scanner:
    folder = tmp_path_factory.mktemp("village")
    village = load(folder)
    frame = answers(6).assign(fritext=[TEXT, SHORT, "Kort", "", "", "Känner mig otrygg"])
    frame.loc[2, "respondent"] = IDENTITY
    deliver(folder, frame)
    read = read_answers(village, "1")
    assert read.traces is not None
    return Scanner(village, read.traces.marks)


def png(said: str) -> bytes:
    from matplotlib.image import imsave

    target = io.BytesIO()
    imsave(target, np.zeros((2, 2, 3)), format="png", metadata={"Description": said})
    return target.getvalue()


def svg(said: str) -> bytes:
    return f'<svg xmlns="x"><desc>Bild</desc><text x="1">{said}</text></svg>'.encode()


def book(said: str) -> bytes:
    from openpyxl import Workbook

    made, target = Workbook(), io.BytesIO()
    made.active.append(["Rubrik", 1])
    made.active.append([said, 2])
    made.save(target)
    return target.getvalue()


def notebook(**cell: Any) -> bytes:
    whole = {"cell_type": "code", "metadata": {}, "source": "1", "outputs": []} | cell
    return json.dumps({"cells": [whole], "metadata": {}, "nbformat": 4}).encode()


def output(**data: str) -> bytes:
    return notebook(outputs=[{"output_type": "display_data", "data": data}])


def in_book(said: str, where: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    made, target = Workbook(), io.BytesIO()
    if where == "formula":
        made.active["A1"] = f'="{said}"'
    elif where == "header":
        made.active.oddHeader.center.text = said
    else:
        made.active["A1"] = CellRichText([said[:7], TextBlock(InlineFont(b=True), said[7:])])
    made.save(target)
    return target.getvalue()


def pdf(said: str, where: str = "properties") -> bytes:
    from pikepdf import Array, AttachedFileSpec, Dictionary, Name, Pdf, Stream

    target = io.BytesIO()
    with Pdf.new() as document:
        page = document.add_blank_page()
        shown = b"BT /F1 12 Tf 10 10 Td (" + said.encode("latin-1") + b") Tj ET"
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        resources = Dictionary(Font=Dictionary(F1=document.make_indirect(font)))
        if where == "properties":
            document.docinfo["/Subject"] = said
        elif where == "page":
            page.Resources, page.Contents = resources, Stream(document, shown)
        elif where == "part":
            part = Stream(document, shown)
            part.Subtype, part.Resources = Name.Form, resources
            page.Resources = Dictionary(XObject=Dictionary(X1=part))
            page.Contents = Stream(document, b"/X1 Do")
        elif where == "note":
            note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Contents=said)
            page.Annots = Array([note])
        else:
            document.attachments["a.txt"] = AttachedFileSpec(document, said.encode())
        document.save(target)
    return target.getvalue()


def parquet(frame: pd.DataFrame) -> bytes:
    target = io.BytesIO()
    frame.to_parquet(target)
    return target.getvalue()


def with_properties(said: str) -> bytes:
    import pyarrow
    from pyarrow.parquet import write_table

    target = io.BytesIO()
    write_table(pyarrow.table({"a": [1]}).replace_schema_metadata({"note": said}), target)
    return target.getvalue()


def zipped(said: str, between: str = "") -> bytes:
    target = io.BytesIO()
    said = f"{said[:7]}{between}{said[7:]}"
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", f"<w:p><w:r><w:t>{said}</w:t></w:r></w:p>")
    return target.getvalue()


RUNS = "</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space='preserve'>"


def in_page(kind: str, content: bytes) -> bytes:
    data = base64.b64encode(content).decode()
    return f'<p>Hej<img alt="x" src="data:{kind};base64,{data}"></p>'.encode()


PLACES = {
    "text.html": lambda s: f"<p>Ja</p>\n<p>{s}</p>".encode(),
    "across.html": lambda s: "<p>{}</p>".format(s.replace(" ", "</b> <b>")).encode(),
    "attribute.html": lambda s: f'<p title="{s}">Ja</p>'.encode(),
    "comment.html": lambda s: f"<p>Ja</p><!-- {s} -->".encode(),
    "script.html": lambda s: f'<script>var x = "{s}"</script>'.encode(),
    "picture.html": lambda s: in_page("image/svg+xml", svg(s)),
    "spelt.html": lambda s: f'<img src="data:image/svg+xml,{quote(svg(s))}">'.encode(),
    "lines.svg": lambda s: (
        b'<svg><image href="data:image/svg+xml;base64,\n'
        + base64.encodebytes(svg(s + "&#32;" * 99))
        + b'"/></svg>'
    ),
    "numbered.html": lambda s: f"<script>x = {json.dumps(svg(s).decode())}</script>".encode(),
    "broken.html": lambda s: f"<p>{s[:-3]}&shy;{s[-3:]}</p>".encode(),
    "property.html": lambda s: in_page("image/png", png(s)),
    "source.ipynb": lambda s: notebook(source=f"x = '{s}'"),
    "shown.ipynb": lambda s: output(**{"text/plain": s}),
    "html.ipynb": lambda s: output(**{"text/html": f"<td>{s}</td>"}),
    "png.ipynb": lambda s: output(**{"image/png": base64.b64encode(png(s)).decode()}),
    "error.ipynb": lambda s: notebook(outputs=[{"output_type": "error", "traceback": [s]}]),
    "coloured.ipynb": lambda s: notebook(
        outputs=[{"output_type": "error", "traceback": [s.replace(" ", "\x1b[0m \x1b[31m")]}]
    ),
    "metadata.ipynb": lambda s: json.dumps({"cells": [], "metadata": {"x": s}}).encode(),
    "drawing.svg": svg,
    "image.png": png,
    "book.xlsx": book,
    "formula.xlsx": lambda s: in_book(s, "formula"),
    "header.xlsx": lambda s: in_book(s, "header"),
    "rich.xlsx": lambda s: in_book(s, "rich"),
    "table.csv": lambda s: f"a;b;c\n1;{s};3\n".encode(),
    "data.json": lambda s: json.dumps({"a": [{"b": s}]}).encode(),
    "manifest.json": lambda s: json.dumps({"notes": [s]}, ensure_ascii=False).encode(),
    **{f"{where}.pdf": partial(pdf, where=where)
       for where in ("properties", "page", "part", "note", "attached")},
    "run.log": lambda s: f"line 1\nline 2 {s}\n".encode(),
    "frame.parquet": lambda s: parquet(pd.DataFrame({"a": [1, 2], "b": ["x", s]})),
    "column.parquet": lambda s: parquet(pd.DataFrame({"a": [1, 2], s: [1, 2]})),
    "index.parquet": lambda s: parquet(pd.DataFrame({"a": [1, 2]}, index=["x", s])),
    "list.parquet": lambda s: parquet(pd.DataFrame({"a": [["x"], [s]]})),
    "properties.parquet": with_properties,
    "document.docx": zipped,
    "runs.docx": partial(zipped, between=RUNS),
}  # fmt: skip
LEAKS = {
    "text": f"Ja, {TEXT.upper()[:35]} sade en",
    "id": IDENTITY,
    "email": MAIL,
    "phone": PHONE,
    "personal_number": PERSON,
}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("kind", [*LEAKS, "token"])
def test_a_planted_leak_is_found_in_every_kind_of_file(
    scanner: Scanner, name: str, kind: str
) -> None:
    secret = LEAKS.get(kind) or new_tokens(1)[0]
    if name == "across.html" and kind == "phone":
        pytest.skip("a phone number between tags is not looked for")
    hits = scanner.scan(name, PLACES[name](secret))
    assert kind in {hit.kind for hit in hits}
    for hit in hits:
        assert hit.file == name and secret not in repr(hit) and hit.where
    assert not scanner.scan(name, PLACES[name]("Två tredjedelar känner sig trygga"))


def test_a_short_text_is_found_whole(scanner: Scanner) -> None:
    (hit,) = scanner.scan("a.html", f"<p>Ja</p>\n<li>{SHORT.lower()}</li>".encode())
    assert (hit.kind, hit.place) == ("text", "line 2")
    assert not scanner.scan("a.html", b"<p>Bergsgatan</p><p>Kort</p>")


@pytest.mark.parametrize("between", ["\\n", "\\t", "%20", "&nbsp;", "\u2009", "', '"])
def test_a_text_is_found_as_programs_and_addresses_write_it(scanner: Scanner, between: str) -> None:
    written = TEXT.replace(" ", between)
    for name in ("a.log", "a.html", "a.json"):
        content = json.dumps([written]) if name == "a.json" else written
        if between != "&nbsp;" or name == "a.html":
            assert {hit.kind for hit in scanner.scan(name, content.encode())} == {"text"}


def test_the_name_of_a_file_is_searched(scanner: Scanner, tmp_path: Path) -> None:
    for name in (f"svar_{IDENTITY}_1.csv", f"{TEXT.replace(' ', '_')}.txt", "svar_1.csv"):
        (tmp_path / name).write_text("Hej", encoding="utf-8")
    hits = scanner.scan_folder(tmp_path)
    assert {(hit.kind, hit.place) for hit in hits} == {
        ("id", "the file's name"), ("text", "the file's name")
    }  # fmt: skip


def test_the_surveys_own_words_are_nobodys(scanner: Scanner) -> None:
    """A respondent who wrote what the questionnaire says."""
    assert not scanner.scan("a.html", "<p>Känner mig otrygg</p>".encode())


FRAME = pd.DataFrame([ROW | {"trygg": k % 5 + 1, "kon": 1 + k % 2} for k in range(8)])
TABLES = {
    "a.html": FRAME.to_html().encode(),
    "unnamed.html": FRAME.set_axis(list("abcdef"), axis=1).to_html().encode(),
    "a.csv": FRAME.to_csv(sep=";").encode(),
    "unnamed.csv": FRAME.to_csv(sep=";", header=False).encode(),
    "a.json": FRAME.to_json(orient="records").encode(),
    "columns.json": FRAME.to_json(orient="columns").encode(),
    "split.json": FRAME.to_json(orient="split").encode(),
    "a.parquet": parquet(FRAME),
    "unnamed.parquet": parquet(FRAME.set_axis(list("abcdef"), axis=1)),
    "html.ipynb": output(**{"text/html": FRAME.to_html()}),
    "text.ipynb": output(**{"text/plain": str(FRAME)}),
    "row.ipynb": output(**{"text/plain": str(FRAME.iloc[0])}),
    "dict.ipynb": output(**{"text/plain": str(ROW)}),
    "row.log": str(FRAME.iloc[0]).encode(),
}
PRINTED = {
    "frame": str(FRAME),
    "csv": FRAME.to_csv(index=False),
    "semicolons": FRAME.to_csv(sep=";"),
    "records": str(FRAME.to_dict("records")),
    "columns": FRAME.to_json(orient="columns"),
    "split": FRAME.to_json(orient="split"),
    "array": str(FRAME.to_numpy()),
    "tuples": str(list(FRAME.itertuples(index=False, name=None))),
    "few": str(FRAME[["kon", "barn", "ute"]].assign(barn=0.5)),
}
AROUND = {
    "run.log": lambda s: f"2024-01-01 Något gick fel\n{s}\n".encode(),
    "stream.ipynb": lambda s: notebook(outputs=[{"output_type": "stream", "text": s}]),
    "traceback.ipynb": lambda s: notebook(
        outputs=[{"output_type": "error", "traceback": ["ValueError", *s.split("\n")]}]
    ),
    "page.html": lambda s: f"<h1>Hej</h1>\n<pre>\n{escape(s)}</pre>".encode(),
    "chart.svg": lambda s: (
        "<svg>" + "\n".join(f"<text>{escape(line)}</text>" for line in s.split("\n")) + "</svg>"
    ).encode(),
    "manifest.json": lambda s: json.dumps({"notes": ["Hej", s]}).encode(),
    "image.png": png,
    "print.pdf": pdf,
}


@pytest.mark.parametrize("name", TABLES)
def test_rows_of_respondents_are_found(scanner: Scanner, name: str) -> None:
    assert "records" in {hit.kind for hit in scanner.scan(name, TABLES[name])}


@pytest.mark.parametrize("name", AROUND)
@pytest.mark.parametrize("printed", PRINTED)
def test_printed_rows_of_respondents_are_found(scanner: Scanner, printed: str, name: str) -> None:
    content = AROUND[name](PRINTED[printed])
    assert "records" in {hit.kind for hit in scanner.scan(name, content)}


def test_what_a_questionnaire_says_is_no_row_of_respondents(scanner: Scanner) -> None:
    """Answers that may be given, the names of questions, and rows of small numbers."""
    options = "Fråga; Mycket trygg; Ganska trygg; Ganska otrygg; Mycket otrygg; Vet inte\n" * 9
    names = "Hej\ntrygg, kon, barn och prob_skrap har räknats om.\nDet är allt."
    numbers = "Rang 1 1–3 2 12 % 9–15 2 1–4\n" * 9
    for text in (options, names, numbers):
        assert not scanner.scan("a.html", f"<p>{text}</p>".encode())
        assert not scanner.scan("a.ipynb", notebook(source=text))


def test_a_published_table_is_no_row_of_respondents(scanner: Scanner) -> None:
    rows = pd.DataFrame(
        {"indicator": ["trygg", "ute", "skola"], "estimate": [0.41, 0.3, 0.22], "n": [120, 95, 40]}
    )
    for name, content in {
        "a.html": rows.to_html().encode(),
        "a.csv": rows.to_csv(sep=";").encode(),
        "a.json": rows.to_json(orient="records").encode(),
        "a.parquet": parquet(pd.concat([rows] * 5)),
    }.items():
        assert not scanner.scan(name, content), name


@pytest.mark.parametrize(
    "text",
    [
        "primärområde 0114 och 0115", "2024-09-17", "2 009 boende", "0,345", "655 535 personer",
        "19851312-1234", "19850412-1231", "2017–2019", "0.0312345678", "16–84 år", "a@b",
        "18\u202f056–23\u202f232", "1 012 345 678",
        "1234567890123", "178504121230", "sidorna 01-12-2024", "0114-0115-0116",
        "012345 678901", "3f2a9c1d7b6e5f40", "2,0 1,0 0 12 345",
    ],
)  # fmt: skip
def test_codes_dates_and_numbers_of_people_are_no_persons(text: str) -> None:
    assert not list(found(text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ring 031-368 00 00.", "phone"), ("+46 70 512 34 56", "phone"), ("0705123456", "phone"),
        ("08-508 000 00", "phone"), ("850412-1230", "personal_number"),
        ("8504121230", "personal_number"), ("198504121230", "personal_number"),
        ("850472-1237", "personal_number"), ("19850412 1230", "personal_number"),
        ("(031) 368 00 00", "phone"), ("073-512-34-56", "phone"),
    ],
)  # fmt: skip
def test_numbers_of_persons_in_every_spelling(text: str, kind: str) -> None:
    assert kind in {one for one, _, _ in found(text)}


def test_a_hyphen_that_keeps_a_number_on_its_line_is_a_hyphen(tmp_path: Path) -> None:
    scanner = Scanner(load(tmp_path), None)
    said = "0705\u201112 34 56, 850412\u20101230".encode()
    assert {hit.kind for hit in scanner.scan("a.log", said)} == {"phone", "personal_number"}


def test_tokens_are_known_without_the_store() -> None:
    tokens = new_tokens(500)
    assert len(set(tokens)) == 500
    assert all(tokens_in(f'"{token}"') == [1] for token in tokens)
    assert not tokens_in(tokens[0][:-1] + ("0" if tokens[0][-1] != "0" else "1"))


def test_decimals_are_no_token() -> None:
    assert not any(tokens_in(f"0.{k:012d}{k % 65536:04x}") for k in range(2000))
    assert not tokens_in("0.5827067669172933")  # its last four happen to be right
    assert not any(token[:12].isdigit() for token in new_tokens(5000))


def test_nothing_after_reading_holds_the_delivered_id(tmp_path: Path) -> None:
    village = load(tmp_path)
    deliver(tmp_path, answers(6).assign(respondent=[f"{IDENTITY}{k}" for k in range(6)]))
    first, second = (read_answers(village, "1") for _ in range(2))
    assert first.traces and second.traces
    for frame in (first.frame, first.traces.marks, first.traces.persons.to_frame()):
        assert not frame.astype(str).apply(lambda c: c.str.contains("4711")).any(axis=None)
    assert not set(first.frame["respondent"]) & set(second.frame["respondent"])
    assert (first.traces.persons == second.traces.persons).all()  # the same persons, known again
    assert first.traces.persons.is_unique


def test_persons_without_ids_are_known_by_their_row(tmp_path: Path) -> None:
    village = with_wave(load(tmp_path), not_asked=["respondent"])
    frame = pd.concat([answers(6), answers(6)]).drop(columns="respondent")
    deliver(tmp_path, frame)
    before = read_answers(village, "1").traces
    deliver(tmp_path, frame.iloc[1:])
    after = read_answers(village, "1").traces
    assert before and after and before.persons.is_unique
    assert len(set(before.persons) - set(after.persons)) == 1


def test_when_the_answers_are_gone_patterns_are_still_looked_for(tmp_path: Path) -> None:
    scanner = Scanner(load(tmp_path), None)
    assert [hit.kind for hit in scanner.scan("a.log", f"{TEXT} {MAIL}".encode())] == ["email"]


def test_contacts_that_the_parameters_name_are_no_leak(tmp_path: Path) -> None:
    village = load(tmp_path)
    (tmp_path / "reports.yaml").write_text(
        f"contact: {{email: {MAIL}, phone: {PHONE}}}\n", encoding="utf-8"
    )
    scanner = Scanner(village, None)
    assert not scanner.scan("a.log", f"{MAIL}, {PHONE.replace(' ', chr(0xA0))}".encode())


def test_how_a_document_looks_says_nothing(scanner: Scanner) -> None:
    """The numbers of a font in a Word file could be anybody's phone."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/fontTable.xml", f'<w:panose1 w:val="{PHONE}"/>')
    assert not scanner.scan("document.docx", target.getvalue())
