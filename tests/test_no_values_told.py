"""No error tells a value, and a report that holds a respondent is kept back."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode, from_dict
from rich.console import Console
from small_survey import AREA_CELL, SHOW, WAVE_CELL, made_up, write_notebook

from survey_lib.batch.errors import frames, told, told_of
from survey_lib.batch.execution import Job, Run, tidy
from survey_lib.batch.pages import AREA_NOTEBOOK, WAVE_NOTEBOOK
from survey_lib.batch.progress import Lines
from survey_lib.batch.reports import make_reports
from survey_lib.faults import BadInput, Fault
from survey_lib.scan import Hit
from survey_lib.selection import select

SECRET = "respondent 3f2a, kon 1, Vid garagen bakom huset"
TRACEBACK = f"""\
\x1b[31m---------------------------------------------------------------------------\x1b[39m
\x1b[31mValueError\x1b[39m                                Traceback (most recent call last)
\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[2]\x1b[39m\x1b[32m, line 1\x1b[39m
\x1b[32m----> \x1b[39m\x1b[32m1\x1b[39m check(row)
\x1b[36mFile \x1b[39m\x1b[32m/srv/x/survey_lib/report/results.py:120\x1b[39m, in themes(row)
\x1b[31mValueError\x1b[39m: {SECRET}
During handling of the above exception, another exception occurred:
KeyError: '{SECRET}'
File /usr/lib/python3/pandas/core.py:10, in get(self)
"""


def failed_notebook(ename: str, evalue: str) -> NotebookNode:
    output = {
        "output_type": "error", "ename": ename, "evalue": evalue,
        "traceback": TRACEBACK.splitlines(),
    }  # fmt: skip
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "", "outputs": [output],
            "execution_count": 1}  # fmt: skip
    return from_dict({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_a_failing_cell_keeps_kind_and_place_only() -> None:
    notebook = failed_notebook("ValueError", SECRET)
    tidy(notebook, Path("/srv/x/reports/1/notebooks"))
    (output,) = notebook.cells[0].outputs
    assert "garagen" not in json.dumps(notebook)
    assert output.ename == "ValueError" and output.evalue == ""
    assert output.traceback == [
        "Cell In[2], line 1",
        "survey_lib/report/results.py, line 120, in themes",
        "ValueError",
    ]


def test_bad_input_is_told_whole() -> None:
    notebook = failed_notebook("BadInput", "a.yaml: key x")
    tidy(notebook, Path("/srv/x/reports/1/notebooks"))
    assert notebook.cells[0].outputs[0].evalue == "a.yaml: key x"
    assert told("BadInput", "a.yaml: key x", "") == "BadInput: a.yaml: key x"


def test_an_error_in_one_line() -> None:
    line = told("ValueError", SECRET, TRACEBACK)
    assert line == "ValueError (survey_lib/report/results.py, line 120, in themes)"
    assert told("ValueError", SECRET, "") == "ValueError"
    assert frames(SECRET) == []
    try:
        int(SECRET)
    except ValueError as problem:
        assert told_of(problem) == "ValueError"
    assert "found" in told_of(BadInput(Fault("a", "b", "c", "d", "e")))


class Finds:
    """In place of a scanner: a file that holds the secret is a hit."""

    complete = True

    def scan(self, name: str, content: bytes) -> list[Hit]:
        return [Hit(name, "cell 4", "text")] if SECRET.encode() in content else []

    def scan_all(self, files: dict[str, bytes]) -> list[Hit]:
        return [hit for name, content in files.items() for hit in self.scan(name, content)]


def leaking(job: Job) -> Run:
    """A run whose notebook, or for another area whose workbook, holds a respondent."""
    notebook = SECRET if job.key == "sdn:a" else "{}"
    book = SECRET.encode() if job.key == "sdn:b" else b"PK"
    return Run(f"<p>{job.name}</p>", notebook + "\n", None, 0.1, workbook=book)


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forked: None) -> Any:
    monkeypatch.chdir(tmp_path)
    write_notebook(tmp_path / "notebooks" / AREA_NOTEBOOK, AREA_CELL, SHOW)
    write_notebook(tmp_path / "notebooks" / WAVE_NOTEBOOK, WAVE_CELL, SHOW.replace("area", "wave"))
    (tmp_path / "parameters").mkdir()
    return made_up(tmp_path / "parameters")


def test_a_report_that_holds_a_respondent_is_kept_back(survey: Any, tmp_path: Path) -> None:
    from test_batch import made_up_answers

    log = Console(file=io.StringIO(), width=200)
    outcomes = make_reports(
        survey,
        select(survey, areas=["sdn:a", "sdn:b"]),
        output=Path("reports"),
        workers=1,
        reporter=Lines(log),
        prepare=made_up_answers,
        work=leaking,
        scanner=lambda *_: Finds(),  # type: ignore[arg-type, return-value]
    )
    by_key = {outcome.key: outcome for outcome in outcomes}
    for key, file in (("sdn:a", "notebooks/DEMO_sdn_a.ipynb"), ("sdn:b", "DEMO_sdn_b.xlsx")):
        assert by_key[key].state == "failed"
        said = f"filen {file} innehåller ord som en svarande har skrivit (cell 4)"
        assert said in by_key[key].reason
        assert not (tmp_path / "reports/2" / file).exists()
    assert by_key["underlag"].state == "ready"
    for path in (one for one in (tmp_path / "reports").rglob("*") if one.is_file()):
        assert SECRET.encode() not in path.read_bytes()
    page = (tmp_path / "reports/2/DEMO_sdn_a.html").read_text(encoding="utf-8")
    assert "Rapporten publiceras inte" in page


class FindsNames(Finds):
    """In place of a scanner: prints and the index are hits."""

    def scan(self, name: str, content: bytes) -> list[Hit]:
        found = name.endswith(("index.html", ".pdf"))
        return [Hit(name, "line 7", "email")] if found else []


def printing(job: Job) -> Run:
    """A run that prints one of the areas' pages."""
    printed = b"%PDF-" if job.key == "sdn:b" else b""
    return Run(f"<p>{job.name}</p>", "{}\n", None, 0.1, pdf=printed)


def test_the_index_and_prints_are_searched_too(survey: Any, tmp_path: Path) -> None:
    from test_batch import made_up_answers

    outcomes = make_reports(
        survey,
        select(survey, areas=["sdn:a", "sdn:b"]),
        output=Path("reports"),
        workers=1,
        reporter=Lines(Console(file=io.StringIO())),
        prepare=made_up_answers,
        work=printing,
        scanner=lambda *_: FindsNames(),  # type: ignore[arg-type, return-value]
    )
    states = {outcome.key: outcome.state for outcome in outcomes}
    assert (states["sdn:a"], states["sdn:b"]) == ("ready", "failed")
    assert not (tmp_path / "reports/2/DEMO_sdn_b.pdf").exists()
    index = (tmp_path / "reports/2/index.html").read_text(encoding="utf-8")
    assert "filen index.html innehåller en e-postadress (rad 7)" in index
    assert "DEMO_sdn_a.html" not in index
