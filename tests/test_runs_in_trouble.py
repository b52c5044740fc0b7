"""What a run meets: limits, another run in the same folder, a full disk, a folder that can't be
written to, kernels that hang, parameters that change meanwhile."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from rich.console import Console
from small_survey import AREA_CELL, write_notebook
from test_kill_points import batch, ended, everything, in_a_process, work
from village import deliver_wave, village

from survey_lib import cli, inputs, pipeline, platforms, workers
from survey_lib.batch import reports as batch_reports
from survey_lib.batch.execution import Job, Run
from survey_lib.batch.made import Outcome
from survey_lib.batch.progress import Lines, reporter
from survey_lib.batch.reports import make_reports
from survey_lib.cli.ending import plainly
from survey_lib.faults import BadInput
from survey_lib.locking import LOCK, only_run
from survey_lib.selection import select
from survey_lib.vocabulary import load_parameters
from survey_lib.vocabulary.reports import Limits

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="forks, and sends POSIX signals")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The village with its reports."""
    folder = tmp_path_factory.mktemp("byn")
    inputs.code_of_pages(), inputs.code_of_numbers()  # once: someone may be editing meanwhile
    village(folder)
    assert ended(in_a_process(batch, folder)) == 0
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to do harm to, and the working folder."""
    folder = tmp_path / "kopia"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder


def again(
    folder: Path, work: Callable[[Job], Run] = work, **changed: Any
) -> tuple[dict[str, Outcome], str]:
    """One more run, its workers forked: outcomes by key, and what a log shows."""
    log = Console(file=StringIO(), width=300)
    parameters = load_parameters(folder / "parameters")
    if changed:
        words = parameters.reports.model_copy(update=changed)
        parameters = replace(parameters, reports=words)
    outcomes = make_reports(
        parameters,
        select(parameters),
        output=folder / "reports",
        workers=2,
        reporter=Lines(log),
        work=work,
    )
    return {one.key: one for one in outcomes}, log.file.getvalue()  # type: ignore[attr-defined]


# -- limits -------------------------------------------------------------------------------------


def greedy(job: str) -> str:
    if job == "slow":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"]).wait()
    if job == "hanging":  # holds Python's own lock: no signal and no thread gets through
        ctypes.PyDLL(None).sleep(99)
    if job == "large":
        held = [bytearray(b"x" * 50_000_000) for _ in range(20)]
        time.sleep(99 + len(held))
    return job


@POSIX
@pytest.mark.parametrize(
    ("job", "limits", "stopped"),
    [
        ("slow", workers.Limits(seconds=1), workers.Stopped("seconds", 1)),
        ("hanging", workers.Limits(seconds=1), workers.Stopped("seconds", 1)),
        ("large", workers.Limits(gigabytes=0.7), workers.Stopped("gigabytes", 0.7)),
    ],
)
def test_a_job_that_takes_too_much_is_ended_with_all_it_started(
    job: str, limits: workers.Limits, stopped: workers.Stopped, forked: None
) -> None:
    before = set(psutil.Process().children(recursive=True))
    begun = time.monotonic()
    got = dict(workers.results(["quick", job], greedy, 2, limits=limits))
    assert got == {"quick": "quick", job: stopped}
    assert time.monotonic() - begun < 30
    assert set(psutil.Process().children(recursive=True)) <= before


def sleeping(job: Job) -> Run:
    if job.key == "del:norr":
        time.sleep(99)
    return work(job)


@POSIX
def test_a_page_that_takes_too_long_says_so_in_swedish_and_costs_only_itself(
    project: Path, forked: None
) -> None:
    deliver_wave(project, "2", seed=8)
    outcomes, log = again(project, sleeping, limits=Limits(minutes=0.1))
    assert [key for key, one in outcomes.items() if one.state == "failed"] == ["del:norr"]
    said = "Rapporten tog mer än 0,1 minuter att göra och avbröts."
    assert said in log
    assert said in (project / "reports/2/del_norr.html").read_text(encoding="utf-8")


@POSIX
def test_a_failed_report_leaves_nothing_of_an_earlier_one(project: Path, forked: None) -> None:
    def failing(job: Job) -> Run:
        done = work(job)
        return Run(None, "{}", "KeyError: 'x'", 0) if job.key == "del:norr" else done

    folder = project / "reports" / "2"
    own = ["del_norr.xlsx", "del_norr_gemensam_bild.csv", "del_norr_bilder"]
    assert all((folder / name).exists() for name in own)
    first = everything(project / "reports")
    deliver_wave(project, "2", seed=8)
    outcomes, _ = again(project, failing)
    assert outcomes["del:norr"].state == "failed"
    assert not [name for name in own if (folder / name).exists()]
    assert (folder / "del_soder.xlsx").exists()
    deliver_wave(project, "2")
    again(project)
    assert everything(project / "reports") == first


# -- what is made again -------------------------------------------------------------------------


@POSIX
def test_only_what_depends_on_a_change_is_made_again(
    project: Path, forked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimates: list[str] = []
    estimated = pipeline._estimated

    def estimate_and_tell(parameters: Any, wave: str, made_from: str) -> Any:
        estimates.append(wave)
        return estimated(parameters, wave, made_from)

    monkeypatch.setattr(pipeline, "_estimated", estimate_and_tell)

    def changed(name: str, old: str, new: str) -> tuple[set[str], set[str]]:
        """The waves that are estimated again and the pages made again after a change of a file."""
        path = project / "parameters" / name
        path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))
        estimates.clear()
        _, log = again(project)
        lines = [line for line in log.splitlines() if line.startswith("[")]
        return set(estimates), {line.partition("] ")[2] for line in lines}

    assert changed("tables.yaml", "no such words", "") == (set(), set())
    words = "areas: {del:norr: {comments: {problems: Hej}}}\n"
    waves, pages = changed("reports.yaml", "level: del\n", f"level: del\n{words}")
    assert waves == set() and "Norr" in pages and "Söder" not in pages and "Underlag" not in pages
    waves, pages = changed("reports.yaml", "publisher: Byn", "publisher: Staden")
    assert waves == set() and {"Norr", "Söder", "Underlag"} <= pages
    waves, pages = changed("waves/1.yaml", "source: Påhittat", "source: Uppdiktat")
    assert waves == {"1"} and {"Norr", "Söder", "Underlag"} <= pages
    deliver_wave(project, "2", seed=9)
    assert changed("tables.yaml", "no such words", "")[0] == {"2"}


@POSIX
def test_a_page_whose_file_is_gone_or_other_is_made_again(project: Path, forked: None) -> None:
    first = everything(project / "reports")
    (project / "reports/2/del_norr.xlsx").unlink()
    (project / "reports/2/del_soder_bilder/del_soder_3.svg").write_bytes(b"x")
    _, log = again(project)
    assert {line.partition("] ")[2] for line in log.splitlines() if line.startswith("[")} == {
        "Norr",
        "Söder",
    }
    assert everything(project / "reports") == first


def editing(job: Job) -> Run:
    if job.key == "del:soder":
        file = job.folder.parents[2] / "parameters" / "reports.yaml"
        file.write_bytes(file.read_bytes() + b"# changed\n")
    return work(job)


@POSIX
def test_parameters_that_change_meanwhile_make_no_page(project: Path, forked: None) -> None:
    deliver_wave(project, "2", seed=8)
    outcomes, _ = again(project, editing)
    changed = outcomes["del:soder"]
    assert changed.state == "failed" and "ändrades medan rapporterna gjordes" in changed.reason
    outcomes, _ = again(project)
    assert {one.state for one in outcomes.values()} == {"ready"}


# -- two runs at once ---------------------------------------------------------------------------


def hold(folder: Path) -> None:
    with only_run(folder / "reports"):
        (folder / "held").touch()
        time.sleep(99)


@POSIX
@pytest.mark.parametrize("command", ["reports", "prepare"])
def test_a_second_run_in_a_folder_says_who_is_there(
    command: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until the first has ended, however it ended."""
    (project / "reports" / "2" / "published" / "manifest.json").unlink()
    other = in_a_process(hold, project)
    while not (project / "held").exists():
        time.sleep(0.01)
    before = everything(project)
    with pytest.raises(SystemExit) as stopped:
        cli.app([command])
    said = capsys.readouterr().err
    assert stopped.value.code == cli.BAD_INPUT
    assert f"reports\n  found:    another run is working here (process {other} on " in said
    assert everything(project) == before
    os.kill(other, signal.SIGKILL)
    assert ended(other) == -signal.SIGKILL
    assert (project / "reports" / LOCK).exists()
    pipeline.prepare(load_parameters("parameters"), "2", "1", Path("reports"))
    assert not (project / "reports" / LOCK).exists()


@POSIX
@pytest.mark.parametrize(
    "moment", [0.3, *(pytest.param(s, marks=pytest.mark.evidence) for s in (0.0, 0.6, 0.9, 1.2))]
)
def test_two_batches_at_once(made: Path, tmp_path: Path, moment: float) -> None:
    """One of them does it all, the other may find its work done or be told to wait."""
    folder = tmp_path / "byn"
    village(folder)
    one = in_a_process(batch, folder)
    time.sleep(moment)
    two = in_a_process(batch, folder)
    codes = sorted([ended(one), ended(two)])
    assert codes in ([0, 70], [0, 0]), codes
    assert everything(folder) == everything(made)


def test_a_lock_lets_its_own_run_in_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), only_run(tmp_path / "a" / "b"):
        with only_run(tmp_path / "a" / "b"):
            assert (tmp_path / "a" / "b" / LOCK).exists()
        assert (tmp_path / "a" / "b" / LOCK).exists()
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_the_lock_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte far behind what is written, so that others can read who has it."""
    locked: list[tuple[int, int, int]] = []

    def locking(descriptor: int, mode: int, count: int) -> None:
        if locked:
            raise PermissionError(errno.EACCES, "locked")
        locked.append((mode, count, os.lseek(descriptor, 0, os.SEEK_CUR)))

    monkeypatch.setattr(platforms, "on_windows", lambda: True)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    with only_run(tmp_path / "a"):
        assert locked == [(2, 1, platforms.LOCKED_BYTE)]
        assert str(os.getpid()) in (tmp_path / "a" / LOCK).read_text(encoding="utf-8")
        monkeypatch.setattr("survey_lib.locking._held", set())
        with pytest.raises(BadInput, match="another run"), only_run(tmp_path / "a"):
            pass
    assert not (tmp_path / "a").exists()


# -- disks --------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, for who may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def whole(folder: Path, like: dict[str, bytes]) -> None:
    """Every page, file and table that is there is one that belongs there, to its last byte."""
    for name, content in everything(folder).items():
        if name.endswith((".html", ".json", ".ipynb")) and ".made" not in name and name in like:
            text = content.decode()
            assert content == like[name] or "kunde inte skapas" in text or "index" in name, name
        elif name in like and ".made" not in name:
            assert content == like[name], name


@pytest.mark.parametrize(
    "free", [*(pytest.param(n, marks=pytest.mark.evidence) for n in (0, 60, 200, 320)), 440]
)
def test_a_full_disk(free: int, disk: Path, made: Path, tmp_path: Path) -> None:
    """With so many kilobytes left: a message, no half file, and with room again the same end."""
    village(tmp_path / "svar")
    folder = disk / "byn"
    shutil.copytree(tmp_path / "svar", folder)
    left = os.statvfs(disk)
    filler = disk / "fyllnad"
    filler.write_bytes(b"x" * max(0, left.f_bavail * left.f_frsize - free * 1024))
    said = tmp_path / "said"

    def run(folder: Path) -> None:
        with said.open("w", encoding="utf-8") as sys.stdout:
            sys.stderr = sys.stdout
            batch_by_command(folder)

    code = ended(in_a_process(run, folder))
    text = said.read_text(encoding="utf-8")
    assert code in (cli.SOME_FAILED, cli.BAD_INPUT), text
    assert "the disk is full" in text and "make room" in text and "Traceback" not in text
    whole(folder, everything(made))
    filler.unlink()
    assert ended(in_a_process(batch, folder)) == 0
    assert everything(folder) == everything(made)


def batch_by_command(folder: Path) -> None:
    """The batch as the program does it, with its exit codes."""
    os.chdir(folder)
    batch_reports.make_reports = partial(make_reports, work=work)
    try:
        cli.app(["reports", "--workers", "1"])
    except SystemExit as ending:
        sys.stdout.flush()
        os._exit(int(ending.code or 0))


def test_a_folder_that_can_not_be_written_to(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    village(tmp_path / "byn")
    monkeypatch.chdir(tmp_path / "byn")
    (disk / "reports").mkdir()
    remount(disk, "ro")
    for command in ("reports", "prepare"):
        with pytest.raises(SystemExit) as stopped:
            cli.app([command, "--output", str(disk / "reports")])
        said = capsys.readouterr().err
        assert stopped.value.code == cli.BAD_INPUT
        assert "no permission to write here" in said and "Traceback" not in said


# -- real kernels -------------------------------------------------------------------------------


@pytest.mark.evidence
@POSIX
def test_a_kernel_that_hangs_is_ended(project: Path) -> None:
    """In code that lets neither a signal nor another thread through."""
    hang = "import ctypes\nif area == 'del:norr':\n    ctypes.PyDLL(None).sleep(600)"
    write_notebook(project / "notebooks" / "2_stadsdel.ipynb", AREA_CELL, hang, "1")
    write_notebook(
        project / "notebooks" / "1_underlag.ipynb", AREA_CELL.replace("area:", "a:"), "1"
    )
    parameters = load_parameters(project / "parameters")
    limited = parameters.reports.model_copy(update={"limits": Limits(minutes=0.4)})
    outcomes = make_reports(
        replace(parameters, reports=limited),
        select(parameters, areas=["del:norr"]),
        output=project / "reports",
        workers=1,
        reporter=reporter(Console(file=StringIO()), "quiet"),
        only="del:norr",
    )
    assert [one.state for one in outcomes] == ["failed"]
    assert "0,4 minuter" in outcomes[0].reason
    left = [one for one in psutil.process_iter(["cmdline"]) if "ipykernel" in str(one.info)]
    assert not [one for one in left if str(project) in str(one.info)]


def deaf(folder: Path) -> None:
    """A command in the middle of a library's long step, with a process that it has started."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(77.7)"])
    with plainly(debug=False):
        (folder / "deaf").touch()
        hashlib.pbkdf2_hmac("sha256", b"", b"", 200_000_000)


@POSIX
def test_ctrl_c_stops_what_does_not_hear_it(tmp_path: Path) -> None:
    child = in_a_process(deaf, tmp_path)
    while not (tmp_path / "deaf").exists():
        time.sleep(0.01)
    time.sleep(0.2)
    begun = time.monotonic()
    os.kill(child, signal.SIGINT)
    assert ended(child) == cli.STOPPED
    assert time.monotonic() - begun < 4  # two, on a machine that isn't busy
    lines = [" ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])]
    assert not [line for line in lines if line.endswith("time.sleep(77.7)")]


# -- what a machine reads -----------------------------------------------------------------------


@POSIX
def test_json_lines(
    project: Path, forked: None, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    def failing(job: Job) -> Run:
        return Run(None, "{}", "KeyError: 'å'", 0) if job.key == "del:norr" else work(job)

    deliver_wave(project, "2", seed=8)
    monkeypatch.setattr(batch_reports, "make_reports", partial(make_reports, work=failing))
    with pytest.raises(SystemExit) as stopped:
        cli.app(["reports", "--log", "json"])
    assert stopped.value.code == cli.SOME_FAILED
    out, err = capsys.readouterr()
    assert err == ""
    events = [json.loads(line) for line in out.splitlines()]
    names = [one["event"] for one in events]
    assert names[:2] == ["preparing", "begin"] and names[-1] == "done"
    total = events[1]["total"]
    assert names.count("started") == names.count("finished") == total >= 3
    (bad,) = (one for one in events if one.get("state") == "failed")
    assert bad["area"] == "del:norr" and "KeyError: 'å'" in bad["reason"]
    last = [one for one in events if one["event"] == "finished"][-1]
    assert (last["done"], last["failed"], last["running"], last["seconds_left"]) == (total, 1, 0, 0)
    assert all(one["seconds"] >= 0 for one in events)

    monkeypatch.setattr(batch_reports, "make_reports", partial(make_reports, work=work))
    with pytest.raises(SystemExit) as stopped:
        cli.app(["reports", "--log", "quiet"])
    assert (stopped.value.code, *capsys.readouterr()) == (0, "", "")
