"""The batch: workers that fail or die, pages, index, being stopped.

Small notebooks and made-up parameters, so that only the batch is tested; the real notebooks on the
real road are in ``test_cli.py``.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from conftest import ROOT
from rich.console import Console
from small_survey import AREA_CELL, SHOW, WAVE_CELL, made_up, write_notebook

from survey_lib import platforms, workers
from survey_lib.batch.execution import Job, Run, run
from survey_lib.batch.made import Outcome
from survey_lib.batch.pages import AREA_NOTEBOOK, WAVE_NOTEBOOK
from survey_lib.batch.progress import Bar, Lines, duration, reporter
from survey_lib.batch.reports import make_reports
from survey_lib.faults import BadInput
from survey_lib.selection import select
from survey_lib.vocabulary import load_parameters

# -- workers ------------------------------------------------------------------------------------


INTERRUPTS = signal.getsignal(signal.SIGINT)  # in a worker: as it was while it was starting


def behave(job: str) -> str:
    """Work for the workers: what the job says."""
    if job == "interrupts":
        return str(INTERRUPTS)
    if job == "die":
        os._exit(9)
    if job == "fail":
        raise ValueError("å")
    if job == "wait":
        time.sleep(600)
    if job == "environment":
        names = ("OPENBLAS_NUM_THREADS", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        return json.dumps({name: os.environ[name] for name in names})
    return f"{job} {os.getpid()}"


def test_a_job_that_fails_or_kills_its_worker_costs_only_itself() -> None:
    jobs = ["a", "die", "b", "fail", "die", "c", "d"]
    got = list(workers.results(jobs, behave, workers=2))
    assert sorted(job for job, _ in got) == sorted(jobs)
    for job, result in got:
        if job == "die":
            assert result == workers.Died(9)
        elif job == "fail":
            assert result.error == "ValueError: å"
            assert "behave" in result.traceback
        else:
            assert result.startswith(job)


def test_no_more_workers_than_jobs_and_each_worker_does_many() -> None:
    got = list(workers.results(list("abcdef"), behave, workers=2))
    assert len({result.split()[1] for _, result in got}) <= 2
    assert list(workers.results([], behave, workers=4)) == []


def test_workers_have_one_thread_and_a_scratch_folder_that_goes_away() -> None:
    ((_, result),) = workers.results(["environment"], behave, workers=1)
    environment = json.loads(result)
    assert environment["OPENBLAS_NUM_THREADS"] == "1"
    assert not Path(environment["JUPYTER_RUNTIME_DIR"]).exists()
    assert not Path(environment["IPYTHONDIR"]).exists()


@pytest.mark.skipif(not platforms.can_fork(), reason="workers are no copies")
def test_workers_that_cannot_be_copied_load_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as where the folder for temporary files has too long a name for a socket in it."""

    def fails() -> None:
        raise OSError("AF_UNIX path too long")

    monkeypatch.setattr("multiprocessing.forkserver.ensure_running", fails)
    ((_, result),) = workers.results(["a"], behave, workers=1, loaded="json")
    assert result.startswith("a ")


LOADING = """
import sys
from survey_lib.workers import results
if __name__ == "__main__":
    print("began", flush=True)
    try:
        list(results([1], str, 1, loaded="loads_long"))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.skipif(not platforms.can_fork(), reason="workers are no copies")
def test_ctrl_c_is_heard_while_what_workers_need_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "loads_long.py").write_text(
        "from pathlib import Path\nPath('loads').touch()\nimport time\ntime.sleep(600)",
        encoding="utf-8",
    )
    (tmp_path / "main.py").write_text(LOADING, encoding="utf-8")
    program = subprocess.Popen(
        [sys.executable, "main.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    while not (tmp_path / "loads").exists() and program.poll() is None:
        time.sleep(0.1)
    os.killpg(program.pid, signal.SIGINT)
    out, _ = program.communicate(timeout=20)  # which waits for all that hold its output
    assert (out, program.returncode) == ("began\n", 130)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is inherited on Windows")
def test_ctrl_c_is_ignored_by_a_worker_from_its_first_moment() -> None:
    before = signal.getsignal(signal.SIGINT)
    ((_, result),) = workers.results(["interrupts"], behave, workers=1)
    assert result == str(signal.SIG_IGN)
    assert signal.getsignal(signal.SIGINT) == before


def test_stopping_early_ends_the_workers_at_once() -> None:
    begun = time.monotonic()
    running = workers.results(["a", "wait", "wait"], behave, workers=3)
    assert next(running)[0] == "a"
    running.close()
    assert time.monotonic() - begun < 20


# -- the whole batch ----------------------------------------------------------------------------


def made_up_answers(*_: object, answers: str = "svar") -> Any:
    """In place of preparing a wave: everyone was asked but Ör. Other answers, other inputs."""
    rows = [("so:n", "sannolikhet", 250), ("sdn:a", "kvot", 200), ("sdn:b", "sannolikhet", 50)]
    frame = pd.DataFrame([*rows, ("sdn:o", "", 0)], columns=["area", "sampling", "n"])
    manifest = {"inputs": {"2": answers}, "parameters": "parametrar"}
    return SimpleNamespace(areas=frame, manifest=manifest)


def pretend(job: Job, failing: str = "", dying: str = "") -> Run:
    """In place of papermill: a page that names its area."""
    if job.key == dying:
        os._exit(9)
    if job.key == failing:
        return Run(None, "{}\n", "KeyError: 'x'", 0.1)
    return Run(f"<p>{job.name}</p>", json.dumps(job.parameters, sort_keys=True) + "\n", None, 0.1)


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project folder with made-up parameters and two small notebooks."""
    monkeypatch.chdir(tmp_path)
    write_notebook(tmp_path / "notebooks" / AREA_NOTEBOOK, AREA_CELL, SHOW)
    write_notebook(tmp_path / "notebooks" / WAVE_NOTEBOOK, WAVE_CELL, SHOW.replace("area", "wave"))
    (tmp_path / "parameters").mkdir()
    return made_up(tmp_path / "parameters")


def make(parameters: Any, *areas: str, **options: Any) -> tuple[list[Outcome], str]:
    """A batch with the stand-ins; its outcomes and what a log would show of it."""
    log = Console(file=io.StringIO(), width=200)
    settings = {"workers": 2, "work": pretend, "prepare": made_up_answers} | options
    outcomes = make_reports(
        parameters,
        select(parameters, areas=areas),
        output=Path("reports"),
        reporter=reporter(log),
        **settings,
    )
    return outcomes, log.file.getvalue()  # type: ignore[attr-defined]


def states(outcomes: list[Outcome]) -> dict[str, str]:
    return {outcome.key: outcome.state for outcome in outcomes}


def files_in(folder: Path) -> list[str]:
    return sorted(all_bytes(folder))


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def again(answers: str) -> Any:
    """Other answers, so that every page is made again."""
    return partial(made_up_answers, answers=answers)


def illustrated(job: Job) -> Run:
    """As :func:`pretend`, with a picture."""
    return replace(pretend(job), pictures={f"{job.stem}_bild.svg": job.name.encode()})


@pytest.mark.usefixtures("forked")
def test_pictures_lie_in_a_folder_beside_their_page(survey: Any, tmp_path: Path) -> None:
    outcomes, _ = make(survey, work=illustrated)
    assert "failed" not in states(outcomes).values()
    folder = tmp_path / "reports" / "2"
    pictures = [name for name in files_in(folder) if name.endswith(".svg")]
    assert pictures == [
        f"{stem}_bilder/{stem}_bild.svg" for stem in ("DEMO_sdn_a", "DEMO_sdn_b", "DEMO_underlag")
    ]
    assert (folder / pictures[0]).read_bytes() == "Ås".encode()
    moment = (folder / pictures[0]).stat().st_mtime_ns
    make(survey, work=illustrated, prepare=again("B"))
    assert (folder / pictures[0]).stat().st_mtime_ns == moment  # nothing new: nothing written
    make(survey, prepare=again("C"))
    assert not (folder / pictures[0]).parent.exists()
    assert not [name for name in files_in(folder) if name.endswith(".svg")]


def printed(job: Job, page: str = "", book: bytes = b"PK", fault: str = "") -> Run:
    """As :func:`pretend`, with a workbook, and as PDF where a browser is named."""
    done = pretend(job)
    pdf = b"%PDF" if job.browser and not fault else b""
    return replace(done, page=page or done.page, workbook=book, pdf=pdf, unprinted=fault)


@pytest.mark.usefixtures("forked")
def test_workbook_and_pdf_lie_beside_their_page_and_go_when_they_are_of_another(
    survey: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey_lib.batch.reports.find_browser", lambda: "chromium")
    folder = tmp_path / "reports" / "2"
    book, pdf = folder / "DEMO_sdn_a.xlsx", folder / "DEMO_sdn_a.pdf"
    make(survey, work=printed)
    assert book.read_bytes() == b"PK" and not pdf.exists()
    make(survey, work=printed, pdf=True)
    assert pdf.read_bytes() == b"%PDF"
    assert not (folder / "DEMO_sdn_o.pdf").exists()  # nobody was asked
    make(survey, work=printed)
    assert pdf.exists()  # of the same page
    make(survey, work=partial(printed, page="<p>Nytt</p>", book=b""), prepare=again("B"))
    assert not pdf.exists() and not book.exists()


@pytest.mark.usefixtures("forked")
def test_a_page_that_cannot_be_printed_is_there_all_the_same(
    survey: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey_lib.batch.reports.find_browser", lambda: "chromium")
    outcomes, log = make(survey, work=partial(printed, fault="den är för gammal"), pdf=True)
    assert states(outcomes)["sdn:a"] == "failed"
    assert "den är för gammal" in log
    page = (tmp_path / "reports/2/DEMO_sdn_a.html").read_text(encoding="utf-8")
    assert page == "<p>Ås</p>"


def test_without_a_browser_nothing_is_begun(
    survey: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey_lib.platforms.browsers", lambda: iter(()))
    with pytest.raises(BadInput, match="Microsoft Edge"):
        make(survey, pdf=True)
    assert not (tmp_path / "reports").exists()


@pytest.mark.usefixtures("forked")
def test_every_area_gets_its_own_page_and_notebook(survey: Any, tmp_path: Path) -> None:
    outcomes, log = make(survey)
    assert states(outcomes) == {
        "underlag": "ready",
        "sdn:b": "ready",
        "sdn:a": "ready",
        "sdn:o": "no_survey",
    }
    folder = tmp_path / "reports" / "2"
    assert files_in(folder) == [
        *(f".made/DEMO_{stem}.json" for stem in ("sdn_a", "sdn_b", "sdn_o", "underlag")),
        "DEMO_sdn_a.html",
        "DEMO_sdn_b.html",
        "DEMO_sdn_o.html",
        "DEMO_underlag.html",
        "index.html",
        "notebooks/DEMO_sdn_a.ipynb",
        "notebooks/DEMO_sdn_b.ipynb",
        "notebooks/DEMO_underlag.ipynb",
    ]
    assert (folder / "DEMO_sdn_a.html").read_text(encoding="utf-8") == "<p>Ås</p>"
    given_values = json.loads((folder / "notebooks/DEMO_sdn_a.ipynb").read_text(encoding="utf-8"))
    assert given_values == {
        "wave": "2",
        "area": "sdn:a",
        "compare_with": "1",
        "parameters": "parameters",
        "reports": "reports",
    }
    none = (folder / "DEMO_sdn_o.html").read_text(encoding="utf-8")
    assert "Ingen egen trygghetsundersökning gjordes i byn år 2." in none
    assert "Den senaste egna undersökningen gjordes år 1." in none
    index = (folder / "index.html").read_text(encoding="utf-8")
    for page in ("DEMO_sdn_a.html", "DEMO_sdn_b.html", "DEMO_sdn_o.html", "DEMO_underlag.html"):
        assert f'href="{page}"' in index
    preparing, *lines = log.splitlines()
    assert preparing == "Preparing år 2"
    assert [line[:6] for line in lines] == ["[1/3] ", "[2/3] ", "[3/3] "]
    assert {line[6:] for line in lines} == {"By", "Ås", "Underlag"}


@pytest.mark.parametrize("how", ["failing", "dying"])
@pytest.mark.usefixtures("forked")
def test_one_area_that_fails_fails_alone(survey: Any, tmp_path: Path, how: str) -> None:
    outcomes, log = make(survey, work=partial(pretend, **{how: "sdn:a"}))
    assert states(outcomes)["sdn:a"] == "failed"
    assert states(outcomes)["sdn:b"] == "ready"
    folder = tmp_path / "reports" / "2"
    page = (folder / "DEMO_sdn_a.html").read_text(encoding="utf-8")
    assert "Rapporten kunde inte skapas" in page
    reason = {"failing": "KeyError", "dying": "slutkod 9"}[how]
    assert reason in page
    assert reason in log
    assert (folder / "notebooks/DEMO_sdn_a.ipynb").exists() == (how == "failing")
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert "Kunde inte skapas" in index
    assert (folder / "DEMO_sdn_b.html").read_text(encoding="utf-8") == "<p>By</p>"


@pytest.mark.usefixtures("forked")
def test_a_page_that_cannot_be_written_costs_only_itself(
    survey: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def locked(source: Path, goal: Path) -> None:
        if Path(goal).name == "DEMO_sdn_a.html":
            raise PermissionError(13, "no")
        replace(source, goal)

    monkeypatch.setattr(os, "replace", locked)
    outcomes, _ = make(survey)
    by_key = {outcome.key: outcome for outcome in outcomes}
    assert (by_key["sdn:a"].state, by_key["sdn:a"].page) == ("failed", None)
    assert "no permission" in by_key["sdn:a"].reason
    assert by_key["sdn:b"].state == "ready"
    assert (tmp_path / "reports/2/index.html").exists()


@pytest.mark.usefixtures("forked")
def test_the_index_remembers_earlier_runs_for_other_areas(survey: Any, tmp_path: Path) -> None:
    make(survey, "sdn:a", work=partial(pretend, failing="sdn:a"))
    make(survey, "sdn:b", "so:n")
    folder = tmp_path / "reports" / "2"
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert index.index("Delar") < index.index("Byar")
    for page in ("DEMO_sdn_a.html", "DEMO_sdn_b.html", "DEMO_so_n.html"):
        assert f'href="{page}"' in index
    assert "Kunde inte skapas" in index
    (folder / "DEMO_sdn_b.html").unlink()
    make(survey, "sdn:a")
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert "Kunde inte skapas" not in index
    assert "DEMO_sdn_b.html" not in index
    assert "DEMO_so_n.html" in index


def test_a_notebook_that_is_given_what_it_does_not_declare_stops_everything(
    survey: Any, tmp_path: Path
) -> None:
    write_notebook(tmp_path / "notebooks" / AREA_NOTEBOOK, AREA_CELL.replace("area:", "aera:"))
    with pytest.raises(BadInput, match="did you mean aera"):
        make(survey)
    assert not list((tmp_path / "reports").rglob("*.html"))


STOPPED = """
import sys, time
from pathlib import Path
from rich.console import Console
from small_survey import made_up
from test_batch import made_up_answers
from survey_lib.batch.progress import Lines
from survey_lib.batch.reports import make_reports
from survey_lib.selection import select
from survey_lib.vocabulary import load_parameters

if __name__ == "__main__":
    parameters = made_up(Path.cwd() / "parameters")
    make_reports(parameters, select(parameters), output=Path("reports"), workers=2,
                 reporter=Lines(Console()), prepare=made_up_answers)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_ctrl_c_stops_at_once_and_leaves_nothing_half_written(survey: Any, tmp_path: Path) -> None:
    """As in a terminal: the signal goes to the program and all its workers."""
    slow = "import time\ntime.sleep(0 if area == 'sdn:b' else 600)"
    write_notebook(tmp_path / "notebooks" / AREA_NOTEBOOK, AREA_CELL, slow, SHOW)
    (tmp_path / "main.py").write_text(STOPPED, encoding="utf-8")
    tests = os.pathsep.join([str(Path(__file__).parent), os.environ["PYTHONPATH"]])
    program = subprocess.Popen(
        [sys.executable, "main.py"],
        env=os.environ | {"PYTHONPATH": tests, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    assert program.stdout
    assert "Underlag" in "".join(program.stdout.readline() for _ in range(3))
    time.sleep(1)
    begun = time.monotonic()
    os.killpg(program.pid, signal.SIGINT)
    _, errors = program.communicate(timeout=30)
    assert time.monotonic() - begun < 5
    assert errors.count("Traceback") == 1, errors  # the program's own, none from workers
    assert "KeyboardInterrupt" in errors
    assert files_in(tmp_path / "reports" / "2") == [
        *(f".made/DEMO_{stem}.json" for stem in ("sdn_b", "sdn_o", "underlag")),
        "DEMO_sdn_b.html",
        "DEMO_sdn_o.html",
        "DEMO_underlag.html",
        "index.html",
        "notebooks/DEMO_sdn_b.ipynb",
        "notebooks/DEMO_underlag.ipynb",
    ]
    time.sleep(2)  # a kernel notices within a second that its worker is gone
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, encoding="utf-8", check=True)
    assert not [line for line in left.stdout.splitlines() if "jupyter_runtime_dir" in line]


# -- progress -----------------------------------------------------------------------------------


def test_a_log_gets_lines_and_a_terminal_a_bar() -> None:
    assert isinstance(reporter(Console(file=io.StringIO())), Lines)
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=100, color_system=None)
    bar = reporter(terminal)
    assert isinstance(bar, Bar)
    with bar:
        bar.preparing("2024")
        bar.begin(2, 3)
        bar.started("sdn:a", "[Ås]")
        bar.started("sdn:b", "By")
        bar.finished(Outcome("sdn:a", "[Ås]", "failed", "a.html", "gick inte"), 1)
        bar._progress.refresh()
        bar.finished(Outcome("sdn:b", "By", "ready", "b.html"), 1)
    text = screen.getvalue()
    assert "[Ås]: gick inte" in text
    assert "Preparing 2024" in text
    assert "3 unchanged" in text
    assert "1/2, 1 failed, about 0 s left" in text
    assert "2/2" in text


def test_time_left_is_said_as_people_say_it() -> None:
    assert [duration(s) for s in (0, 59, 60, 89, 91, 3599, 3900)] == [
        "0 s",
        "59 s",
        "1 min",
        "1 min",
        "2 min",
        "1 h 0 min",
        "1 h 5 min",
    ]


# -- as on Windows ------------------------------------------------------------------------------


def test_a_whole_batch_in_the_windows_mode_gives_the_same_bytes(
    survey: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spawned workers, warm kernels that run several reports, nothing forked; every file by a name
    that Windows can write."""
    make(survey, work=run)
    first = all_bytes(tmp_path / "reports")
    assert "Här är sdn:a, våg 2." in first["2/DEMO_sdn_a.html"].decode()
    assert "Här är sdn:b, våg 2." in first["2/DEMO_sdn_b.html"].decode()
    shutil.rmtree(tmp_path / "reports")
    monkeypatch.setenv(platforms.KERNELS, "warm")
    assert (platforms.can_fork(), platforms.start_method()) == (False, "spawn")
    outcomes, _ = make(survey, work=run, workers=1)
    assert set(states(outcomes).values()) == {"ready", "no_survey"}
    assert all_bytes(tmp_path / "reports") == first
    for name in first:
        for part in name.split("/"):
            assert re.fullmatch(r"\.?(DEMO_)?[a-z0-9_-]+(\.[a-z]+)?", part), name


@pytest.mark.parametrize("folder", ["parameters", "tests/surveys/ensu"])
def test_names_of_files_are_made_of_letters_that_every_system_knows(folder: str) -> None:
    areas = load_parameters(ROOT / folder).areas
    slugs = [areas.slug(area) for area in areas.areas]
    assert len(set(slugs)) == len(slugs)
    assert not [slug for slug in slugs if not re.fullmatch("[a-z0-9_-]+", slug)]


@pytest.mark.parametrize(("module", "code"), [("survey_lib.x", 1), ("other", 0)])
def test_an_unnamed_encoding_is_an_error_in_every_process(module: str, code: int) -> None:
    source = f"exec('import io; open(io.__file__).close()', {{'__name__': {module!r}}})"
    done = subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-c", source],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, "EncodingWarning" in done.stderr) == (code, bool(code)), done.stderr
