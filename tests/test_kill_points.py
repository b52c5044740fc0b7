"""Killed at any moment, by SIGKILL as by a power cut, the same command does the rest: every byte of
every file is then as if nothing had happened. Stopped by Ctrl-C likewise, and within two seconds.

A whole survey of two parts (``village.py``): real preparing and real writing, without notebooks.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from io import StringIO
from pathlib import Path

import psutil
import pytest
from rich.console import Console
from village import deliver_wave, village

from survey_lib import inputs, open_report, open_wave, pipeline, platforms
from survey_lib.batch.execution import Job, Run
from survey_lib.batch.progress import Lines
from survey_lib.batch.reports import make_reports
from survey_lib.rendering.index import render_message_page
from survey_lib.rendering.pdf import pdf
from survey_lib.selection import select
from survey_lib.vocabulary import load_parameters

MICRODATA = "microdata.parquet"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, and sends POSIX signals")


def work(job: Job) -> Run:
    """In place of a notebook: open what was published, as it does, and show it in every form."""
    os.chdir(job.folder)
    where = [job.parameters[name] for name in ("parameters", "reports")]
    if "area" in job.parameters:
        report = open_report("2", job.parameters["area"], "1", *where)
        page = report.problems.html()
    else:
        page = open_wave("2", *where).cleaning.html()
    pictures = {f"{job.stem}_{number}.svg": page[:99].encode() * number for number in range(6)}
    return Run(page, json.dumps(job.parameters), None, 0.0, pictures, page.encode() * 20)


def printed(job: Job) -> Run:
    """The same on a real page, printed as PDF where that is asked for."""
    done = work(job)
    page = render_message_page(paragraphs=[job.name], body=done.page or "", **vars(job.page))
    return replace(done, page=page, pdf=pdf(page, job.browser) if job.browser else b"")


def batch(folder: Path, work: Callable[[Job], Run] = work, pdf: bool = False) -> None:
    """The whole road in a project: prepare the wave, make the reports and the index."""
    os.chdir(folder)
    parameters = load_parameters("parameters")
    log = Lines(Console(file=StringIO()))
    make_reports(
        parameters,
        select(parameters),
        output=Path("reports"),
        workers=2,
        reporter=log,
        work=work,
        pdf=pdf,
    )


def in_a_process(act: Callable[[Path], None], folder: Path) -> int:
    """Begin to do something in a process group of its own: as quick as a fork, workers too."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        platforms.start_method = lambda *_: "fork"
        act(folder)
        code = 0
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def everything(folder: Path) -> dict[str, bytes]:
    """Every file of a project, hidden ones too. Of the microdata, whose ids are random by intent
    and known to no later step, only that they are there; not the memory of earlier publications."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.name != MICRODATA else b""
        for path in folder.rglob("*")
        if path.is_file() and pipeline.FROZEN not in path.parts
    }


class Road:
    """What a run is begun on, and what an undisturbed one leaves; ``seconds`` is what it takes."""

    def __init__(self, name: str, folder: Path, batch: Callable[[Path], None] = batch) -> None:
        """``name``: of "nothing" done before, a wave that is "prepared", or reports of "other"
        answers, with files that this run doesn't make."""
        self.folder, self.batch = folder / name, batch
        self.start = self.folder / "start"
        village(self.start)
        if name == "prepared":
            parameters = load_parameters(self.start / "parameters")
            pipeline.prepare(parameters, "2", "1", self.start / "reports")
        if name == "other":
            deliver_wave(self.start, "2", seed=8)
            assert ended(in_a_process(self.batch, self.start)) == 0
            deliver_wave(self.start, "2")
        whole = self.copy("whole")
        begun = time.monotonic()
        assert ended(in_a_process(self.batch, whole)) == 0
        self.seconds = time.monotonic() - begun
        self.left = everything(whole)

    def copy(self, name: str) -> Path:
        return Path(shutil.copytree(self.start, self.folder / name))

    def stopped(self, at: float, how: signal.Signals) -> tuple[Path, int, float]:
        """A run to which a signal is sent after some seconds, to all its processes: the project,
        how it ended, and how long after the signal."""
        folder = self.copy(f"{at:.6f}")
        child = in_a_process(self.batch, folder)
        time.sleep(at)
        begun = time.monotonic()
        with suppress(ProcessLookupError):  # it was done
            os.killpg(child, how)
        code, seconds = ended(child), time.monotonic() - begun
        with suppress(ProcessLookupError):  # forked workers hold what it had open, the lock too
            while True:
                os.killpg(child, 0)
                time.sleep(0.01)
        return folder, code, seconds

    def assert_finished(self, folder: Path) -> None:
        """The same command again gives what an undisturbed run gives."""
        assert ended(in_a_process(self.batch, folder)) == 0
        found = everything(folder)
        assert found.keys() == self.left.keys()
        assert [name for name in found if found[name] != self.left[name]] == []
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Road]:
    folder = tmp_path_factory.mktemp("vägar")
    inputs.code_of_pages(), inputs.code_of_numbers()  # once: someone may be editing meanwhile
    return cache(lambda name: Road(name, folder))


def kill(road: Road, points: int, seed: int) -> None:
    chance = random.Random(f"{seed} {road.folder.name}")
    killed = 0
    for _ in range(points):
        folder, code, _ = road.stopped(chance.uniform(0.02, road.seconds), signal.SIGKILL)
        killed += code == -signal.SIGKILL
        road.assert_finished(folder)
    assert killed >= points / 2, "most runs were over before they were killed"


@pytest.mark.parametrize("begun_on", ["nothing", "prepared", "other"])
def test_what_begins_differently_ends_the_same(begun_on: str, road: Callable[[str], Road]) -> None:
    assert road(begun_on).left == road("nothing").left
    kill(road(begun_on), points=2, seed=1)


@pytest.mark.evidence
@pytest.mark.parametrize(("begun_on", "points"), [("nothing", 15), ("prepared", 70), ("other", 15)])
def test_a_hundred_kill_points(begun_on: str, points: int, road: Callable[[str], Road]) -> None:
    kill(road(begun_on), points, seed=2)


@pytest.mark.evidence
@pytest.mark.skipif(next(platforms.browsers(), None) is None, reason="no browser to print with")
def test_killed_while_pages_are_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFs are there whole or not at all, and the browser is gone with what had started it."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))  # so that its browsers are known
    road = Road("prepared", tmp_path, partial(batch, work=printed, pdf=True))
    assert sum(name.endswith(".pdf") for name in road.left) >= 3
    chance = random.Random(4)
    for _ in range(3):
        at = chance.uniform(road.seconds / 3, road.seconds)
        folder, code, _ = road.stopped(at, signal.SIGKILL)
        assert code in (0, -signal.SIGKILL)
        end = time.monotonic() + 15
        while (left := browsers_in(scratch)) and time.monotonic() < end:
            time.sleep(0.1)
        assert left == []
        for path in folder.rglob("*.pdf"):
            assert path.read_bytes() == road.left[path.relative_to(folder).as_posix()]
        road.assert_finished(folder)


def browsers_in(folder: Path) -> list[str]:
    """The processes whose files lie in a folder."""
    running = psutil.process_iter(["cmdline"])
    told = [" ".join(one.info["cmdline"] or []) for one in running]
    return [line for line in told if str(folder) in line]


def test_ctrl_c_within_two_seconds_at_any_moment(road: Callable[[str], Road]) -> None:
    one, chance = road("nothing"), random.Random(3)
    stopped = 0
    for _ in range(3):
        folder, code, seconds = one.stopped(chance.uniform(0.02, one.seconds), signal.SIGINT)
        assert code in (0, 130)
        assert seconds < 2
        stopped += code == 130
        assert not [
            name for name in everything(folder) if ".unfinished-" in name or ".lock" in name
        ]
        one.assert_finished(folder)
    assert stopped


def test_nothing_is_made_again(road: Callable[[str], Road]) -> None:
    """Not one file is touched by a second run but the index."""
    folder = road("nothing").copy("again")
    assert ended(in_a_process(batch, folder)) == 0

    def touched() -> dict[str, int]:
        files = (folder / name for name in everything(folder))
        return {path.name: path.stat().st_mtime_ns for path in files if path.name != "index.html"}

    before = touched()
    assert ended(in_a_process(batch, folder)) == 0
    assert touched() == before
