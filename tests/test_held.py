"""A batch holds what its notebooks give against the store, before it writes anything; and where the
rules about small groups are laxer than standard, every kind of file says so."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from rich.console import Console
from village import AREA, TABLES, village

from survey_lib import platforms
from survey_lib.batch import held as holding
from survey_lib.batch import reports
from survey_lib.batch.held import held
from survey_lib.batch.made import Outcome
from survey_lib.batch.plan import INDEX, Plan
from survey_lib.batch.progress import Lines
from survey_lib.batch.reports import make_reports
from survey_lib.disclosure import HIDDEN
from survey_lib.faults import BadInput
from survey_lib.presentation.phrases import MILDARE, OBEVISAT, fill
from survey_lib.publish import FOLDER, open_published
from survey_lib.report.protection import warnings
from survey_lib.scan.pdf_text import texts
from survey_lib.selection import select
from survey_lib.vocabulary import Parameters, load_parameters

STANDARD = Path(__file__).parents[1] / "parameters"
AREA_ID, STEM = "del:norr", "del_norr"
PLANTED = "Av dem uppger 17 procent det."
BROWSER = next(platforms.browsers(), None)


def notebook(folder: Path, *cells: str) -> None:
    """The village's notebook for an area, with these cells."""
    from small_survey import AREA_CELL, write_notebook

    write_notebook(folder / "notebooks" / "2_stadsdel.ipynb", AREA_CELL, AREA, *cells)


def made(parameters: Parameters, pdf: bool = False) -> tuple[dict[str, Outcome], str]:
    """Reports by the real road: their outcomes, and what a log says."""
    log = Console(file=io.StringIO(), width=500)
    outcomes = make_reports(
        parameters,
        select(parameters, areas=[AREA_ID]),
        output=parameters.folder.parent / "reports",
        workers=1,
        reporter=Lines(log),
        pdf=pdf,
    )
    return {one.key: one for one in outcomes}, log.file.getvalue()  # type: ignore[attr-defined]


def test_what_the_store_does_not_give_is_not_written(tmp_path: Path) -> None:
    parameters = village(tmp_path)
    folder = tmp_path / "reports" / "2"
    said = f'from survey_lib.presentation.section import Section\nshow(Section("x", ["{PLANTED}"]))'
    notebook(tmp_path, "show(report.problems)", said)
    outcomes, log = made(parameters)
    kept_back = outcomes[AREA_ID]
    assert kept_back.state == "failed"
    assert {one.state for key, one in outcomes.items() if key != AREA_ID} == {"ready"}
    for line in kept_back.reason.splitlines():
        assert re.search(
            rf"filen (notebooks/)?{STEM}\.(ipynb|html) innehåller ett tal .* \(.+\)", line
        )
    assert {f"{STEM}.html", f"notebooks/{STEM}.ipynb"} == set(
        re.findall(r"filen (\S+)", kept_back.reason)
    )
    assert kept_back.reason.splitlines()[0] in log
    page = (folder / f"{STEM}.html").read_text(encoding="utf-8")
    assert "Rapporten publiceras inte" in page
    assert not (folder / "notebooks" / f"{STEM}.ipynb").exists()
    everywhere = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert not any(b"17 procent" in content for content in [*everywhere, log.encode()])

    notebook(tmp_path, "show(report.problems)")
    outcomes, log = made(parameters)
    assert outcomes[AREA_ID].state == "ready"
    assert "held against the published tables: 1 pages made now; 1 waves" in log
    assert not held(folder, parameters, open_published(folder / FOLDER)).findings


def test_a_notebook_that_stopped_is_held_too(tmp_path: Path) -> None:
    """What it had shown may stay, for who looks where it stopped; a number of its own may not."""
    parameters = village(tmp_path)
    executed = tmp_path / "reports" / "2" / "notebooks" / f"{STEM}.ipynb"
    notebook(tmp_path, "show(report.problems)", "report.nothing")
    outcomes, _ = made(parameters)
    assert outcomes[AREA_ID].state == "failed" and "AttributeError" in outcomes[AREA_ID].reason
    assert "andel" in executed.read_text(encoding="utf-8")
    folder = tmp_path / "reports" / "2"
    assert not held(folder, parameters, open_published(folder / FOLDER)).findings
    notebook(tmp_path, f"print('{PLANTED}')", "report.nothing")
    outcomes, _ = made(parameters)
    assert "AttributeError" in outcomes[AREA_ID].reason
    assert not executed.exists()


def reported(folder: Path, limit: int) -> Parameters:
    """The village with reports; areas are hidden where fewer answered than ``limit``."""
    village(folder)
    tables = TABLES.replace("hide_below: 30", f"hide_below: {limit}")
    (folder / "parameters" / "tables.yaml").write_text(tables, encoding="utf-8")
    notebook(folder, "show(report.heading)", "show(report.problems)")
    parameters = load_parameters(folder / "parameters")
    outcomes, _ = made(parameters, pdf=BROWSER is not None)
    assert outcomes[AREA_ID].state == "ready"
    return parameters


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Parameters:
    """The village with reports that tell the date they were told to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1790000000")
        return reported(tmp_path_factory.mktemp("byn"), 30)


def test_the_index_is_held_against_the_store(dated: Parameters, tmp_path: Path) -> None:
    shutil.copytree(dated.folder.parent, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "reports" / "2"
    index, published = folder / INDEX, open_published(folder / FOLDER)
    text = index.read_text(encoding="utf-8")
    number = re.search(r'<td class="number">(\d+)</td>', text)
    assert number
    index.write_text(text.replace(number[0], '<td class="number">239</td>'), encoding="utf-8")
    parameters = load_parameters(tmp_path / "parameters")
    (found,) = held(folder, parameters, published).findings
    assert found[0] == INDEX and found[2] == holding.ANOTHER


def test_the_index_takes_numbers_from_the_store_it_lies_beside(dated: Parameters) -> None:
    """Not from what an earlier run, of another store, remembers of an area."""
    folder = dated.folder.parent / "reports" / "2"
    record = folder / ".made" / f"{STEM}.json"
    assert not re.search(r"\b240\b", record.read_text(encoding="utf-8"))
    assert '<td class="number">240</td>' in (folder / INDEX).read_text(encoding="utf-8")


def test_no_file_is_empty(dated: Parameters) -> None:
    """The village names no places, so there is no checklist to walk with."""
    folder = dated.folder.parent / "reports" / "2"
    files = [one for one in folder.rglob("*") if one.is_file()]
    assert files and all(one.stat().st_size for one in files)


def test_a_build_date_on_pages_is_no_finding(dated: Parameters) -> None:
    folder = dated.folder.parent / "reports" / "2"
    assert "Framtagen" in (folder / INDEX).read_text(encoding="utf-8")
    assert not held(folder, dated, open_published(folder / FOLDER)).findings


def test_a_run_ends_with_an_audit_of_the_tables_as_they_lie_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody hides a value in them, but not its numbers, while a page is made."""
    parameters = village(tmp_path)
    notebook(tmp_path, "show(report.problems)")
    write = reports._write

    def written(plan: Plan, *rest: Any) -> Outcome:
        file = next((plan.folder / FOLDER).glob("*indicators.parquet"))
        rows = pd.read_parquet(file)
        rows.loc[rows.index[:1], "mark"] = HIDDEN
        rows.to_parquet(file)
        return write(plan, *rest)

    monkeypatch.setattr(reports, "_write", written)
    with pytest.raises(BadInput) as raised:
        made(parameters)
    fault = raised.value.faults[0]
    assert fault.found == "hidden, but its numbers are there"
    assert fault.file.endswith(f"reports/2/{FOLDER}") and fault.action.endswith("--wave 2")


@pytest.mark.parametrize("proved", [10, 8])
def test_hidden_values_that_are_not_proved_are_told_on_every_page(proved: int) -> None:
    shares = {"values": 10, "proved": proved, "unpublished": 5, "unpublished_proved": 5}
    account = {"shares": shares, "bases": {"values": 3, "proved": 3}}
    parameters = load_parameters(STANDARD)
    published = SimpleNamespace(manifest={"guarded": account})
    said = warnings(published, parameters)  # type: ignore[arg-type]
    assert said == ([] if proved == 10 else [fill(OBEVISAT, antal=2)])


@pytest.mark.skipif(BROWSER is None, reason="no browser to print with")
@pytest.mark.parametrize("limit", [30, 29])
def test_a_laxer_rule_is_told_in_every_kind_of_file(
    dated: Parameters, tmp_path: Path, limit: int
) -> None:
    parameters = dated if limit == 30 else reported(tmp_path, limit)
    folder = parameters.folder.parent / "reports" / "2"
    book = load_workbook(folder / f"{STEM}.xlsx").worksheets[0]
    printed = [text for _, text in texts((folder / f"{STEM}.pdf").read_bytes())]
    files = {
        "page": (folder / f"{STEM}.html").read_text(encoding="utf-8"),
        "page about the wave": (folder / "underlag.html").read_text(encoding="utf-8"),
        "index": (folder / INDEX).read_text(encoding="utf-8"),
        "workbook": " ".join(str(cell.value) for row in book.rows for cell in row),
        "pdf": " ".join(" ".join(printed).split()),
    }
    told = {kind: MILDARE in text for kind, text in files.items()}
    assert set(told.values()) == {limit < 30}, told
