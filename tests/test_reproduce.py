"""``trygg reproduce``: a report made again from what it says, or what has changed since."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from test_kill_points import everything
from test_kill_points import work as open_and_show
from village import deliver_wave, village

from survey_lib import cli, inputs, platforms
from survey_lib.batch import reproduce as batch_reproduce
from survey_lib.batch.execution import Job, Run
from survey_lib.batch.progress import Lines
from survey_lib.batch.reports import make_reports
from survey_lib.rendering.index import render_message_page
from survey_lib.selection import select
from survey_lib.vocabulary import load_parameters

PAGE = "reports/2/del_norr.html"


def work(job: Job) -> Run:
    """As that of the kill points, with a real page around it."""
    done = open_and_show(job)
    page = render_message_page(paragraphs=[job.name], body=done.page or "", **vars(job.page))
    return replace(done, page=page)


@pytest.fixture(autouse=True)
def _without_notebooks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quickly, but where a test is about notebooks."""
    if "made_by_notebooks" not in request.fixturenames:
        monkeypatch.setattr(batch_reproduce, "make_reports", partial(make_reports, work=work))
        monkeypatch.setattr(platforms, "start_method", lambda *_: "fork")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with its reports."""
    folder = tmp_path_factory.mktemp("byn")
    village(folder)
    reports(folder, work=work)
    return folder


@pytest.fixture
def made_by_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "byn"
    village(folder)
    reports(folder)
    monkeypatch.chdir(folder)
    return folder


def reports(folder: Path, **how: object) -> None:
    parameters = load_parameters(folder / "parameters")
    log = Lines(Console(file=StringIO()))
    chosen = select(parameters, areas=["del:norr"])
    make_reports(parameters, chosen, output=folder / "reports", workers=1, reporter=log, **how)


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to change, and the working folder."""
    folder = tmp_path / "kopia"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder


def reproduce(capsys: pytest.CaptureFixture[str], page: str = PAGE) -> tuple[int, str]:
    """Exit code, and what it says."""
    with pytest.raises(SystemExit) as ended:
        cli.app(["reproduce", page])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out + said.err


def test_the_same_bytes_from_the_published_store_and_from_the_answers(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a temporary folder: the project isn't touched."""
    before = everything(project)
    code, said = reproduce(capsys)
    assert code == 0, said
    assert "all that it was made from is here as it was" in said
    for name in ("del_norr.html", "notebooks/del_norr.ipynb", "del_norr_gemensam_bild.csv"):
        assert f"identical: {name}" in said
    assert "reproduced to the last byte" in said
    assert everything(project) == before
    shutil.rmtree(project / "reports" / "2" / "published")
    code, said = reproduce(capsys)
    assert code == 0, said


@pytest.mark.evidence
def test_a_report_that_a_notebook_made(
    made_by_notebooks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = reproduce(capsys)
    assert code == 0, said
    assert "identical: notebooks/del_norr.ipynb" in said


def test_what_has_changed_is_told_item_by_item(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = project / "parameters" / "reports.yaml"
    text = words.read_text(encoding="utf-8")
    words.write_text(text.replace("publisher: Byn", "publisher: Staden"), encoding="utf-8")
    deliver_wave(project, "1", seed=8)
    used = inputs.versions

    def newer(libraries: tuple[str, ...] = inputs.LIBRARIES) -> dict[str, str]:
        return used(libraries) | {"numpy": "99.1"}

    monkeypatch.setattr(inputs, "versions", newer)
    code, said = reproduce(capsys)
    assert code == cli.SOME_FAILED
    changed = [line for line in said.splitlines() if line.startswith("changed: ")]
    assert [line.split(": ")[1] for line in changed] == ["numpy", "words", "answers 1"]
    assert "99.1 here" in changed[0]
    assert "DIFFERS from line " in said and "NOT reproduced" in said


def test_without_the_answers_the_published_store_is_enough(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(project / "data")
    shutil.rmtree(project / ".trygg")
    code, said = reproduce(capsys)
    assert code == 0, said
    assert "changed: answers 2:" in said and "not there here" in said
    shutil.rmtree(project / "reports" / "2" / "published")
    code, said = reproduce(capsys)
    assert code == cli.BAD_INPUT
    assert "data/svar_2.csv\n  found:    no such file" in said


@pytest.mark.parametrize(
    ("content", "found"),
    [(None, "no such file"), ("<html><p>Hej", "doesn't tell what it was made from")],
)
def test_what_is_no_report(
    content: str | None,
    found: str,
    project: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if content:
        (project / "annan.html").write_text(content, encoding="utf-8")
    code, said = reproduce(capsys, "annan.html")
    assert code == cli.BAD_INPUT
    assert said.count("found:") == 1 and found in said and "Traceback" not in said


def test_the_stated_build_date_comes_from_outside_or_not_at_all(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = project / "reports" / "2" / "index.html"
    assert "Framtagen" not in index.read_text(encoding="utf-8")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1792972800")
    reports(project, work=work)
    text = index.read_text(encoding="utf-8")
    assert "Framtagen" in text and "26 oktober 2026" in text
