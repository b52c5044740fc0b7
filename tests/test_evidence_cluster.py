"""Workers of a real Dask cluster that die, join and leave; a job that kills them; Ctrl-C."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from test_batch import STOPPED, files_in, make, survey  # noqa: F401 - a fixture

from survey_lib import workers
from survey_lib.batch import cluster
from survey_lib.batch.execution import Job, Run, run
from survey_lib.faults import BadInput
from survey_lib.rendering.page import Page

pytestmark = pytest.mark.evidence
TESTS = Path(__file__).parent
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(TESTS),
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
}


@contextmanager
def program(name: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """``dask scheduler`` or ``dask worker``, killed at the end."""
    command = [sys.executable, "-m", "distributed.cli.dask_" + name, *options]
    started = subprocess.Popen(
        command,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def cluster_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Start]]:
    """A scheduler's address, and what starts a worker of it by name. A busy machine may take its
    time to start them."""
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 120)
    told = tmp_path / "scheduler.json"
    with ExitStack() as stack:
        port = ["--port", "0", "--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
        stack.enter_context(program("scheduler", *port, "--scheduler-file", str(told)))
        for _ in range(1200):
            if told.is_file() and told.stat().st_size:
                break
            time.sleep(0.1)
        address = json.loads(told.read_text(encoding="utf-8"))["address"]
        place = ["--local-directory", str(tmp_path / "dask"), "--nthreads", "1", "--no-dashboard"]

        def start(name: str, *options: str) -> subprocess.Popen[bytes]:
            return stack.enter_context(program("worker", address, "--name", name, *place, *options))

        yield address, start


def slowly(job: Job) -> Run:
    """A report in a second, or what the job's name says."""
    if job.key == "kill":
        os.kill(os.getppid(), signal.SIGKILL)  # Dask's worker
    time.sleep(0.5)
    return Run(f"<p>{job.name}</p>", f"{job.notebook.read_text(encoding='utf-8')}\n", None, 0.5)


def jobs_in(folder: Path, *keys: str) -> list[Job]:
    notebook = folder / "notebooks" / "2_stadsdel.ipynb"
    notebook.parent.mkdir(parents=True, exist_ok=True)
    notebook.write_text("{}", encoding="utf-8")
    page = Page(title="Ås", survey="", publisher="Byn")
    place = folder / "reports" / "1" / "notebooks"
    return [Job(key, key, key, notebook, {}, place, page) for key in keys]


def test_workers_may_die_join_and_leave(cluster_of: tuple[str, Start], tmp_path: Path) -> None:
    address, start = cluster_of
    jobs = jobs_in(tmp_path, *[f"sdn:{number}" for number in range(16)])
    here = {job.key: result for job, result in workers.results(jobs, slowly, 2)}
    dying = start("dies", "--no-nanny")
    start("leaves", "--no-nanny")
    found: dict[str, Any] = {}
    with cluster.reach(address, 2) as client:
        client.wait_for_workers(2)
        for job, result in cluster.results(client, [], jobs, slowly):
            assert job.key not in found
            found[job.key] = result
            if len(found) == 3:
                dying.kill()
            if len(found) == 5:
                start("joins", "--no-nanny")
                client.wait_for_workers(2)
            if len(found) == 8:
                client.retire_workers(names=["leaves"])
        there = {worker["name"] for worker in client.scheduler_info()["workers"].values()}
    assert there == {"joins"}
    assert found == here


def test_a_job_that_kills_every_worker_it_gets_is_given_up(
    cluster_of: tuple[str, Start], tmp_path: Path
) -> None:
    """And those that happened to be beside it are not."""
    address, start = cluster_of
    for name in "ab":
        start(name)  # with nannies, which start them again
    jobs = jobs_in(tmp_path, "a", "b", "kill", "c", "d", "e")
    with cluster.reach(address, 2) as client:
        client.wait_for_workers(2)
        found = {job.key: got for job, got in cluster.results(client, [], jobs, slowly)}
    assert found.pop("kill") == workers.Died(None)
    assert found.keys() == set("abcde")
    assert all(isinstance(result, Run) for result in found.values())


def test_a_cluster_that_goes_is_told_and_what_was_finished_is_kept(
    cluster_of: tuple[str, Start], tmp_path: Path
) -> None:
    address, start = cluster_of
    start("a", "--no-nanny")
    found = []
    with (
        cluster.reach(address, 2) as client,
        pytest.raises(BadInput, match="the cluster has gone"),
    ):
        for job, _ in cluster.results(client, [], jobs_in(tmp_path, *"abcdefgh"), slowly):
            found.append(job.key)
            if len(found) == 2:
                os.kill(client.run_on_scheduler(os.getpid), signal.SIGKILL)
    assert 2 <= len(found) < 8


def test_notebooks_run_under_dask_s_workers_as_without(
    survey: Any,  # noqa: F811
    tmp_path: Path,
    cluster_of: tuple[str, Start],
) -> None:
    def all_bytes() -> dict[str, bytes]:
        folder = tmp_path / "reports"
        return {name: (folder / name).read_bytes() for name in files_in(folder)}

    make(survey, work=run)
    here = all_bytes()
    shutil.rmtree(tmp_path / "reports")
    address, start = cluster_of
    start("a", "--nthreads", "2")
    make(survey, work=run, cluster_at=address)
    assert all_bytes() == here
    assert "Här är sdn:a, våg 2." in here["2/DEMO_sdn_a.html"].decode()


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
@pytest.mark.parametrize("at", ["local", "elsewhere"])
def test_ctrl_c_stops_at_once(
    survey: Any,  # noqa: F811
    tmp_path: Path,
    cluster_of: tuple[str, Start],
    at: str,
) -> None:
    address, start = cluster_of
    if at == "elsewhere":
        start("a")
    else:
        address = "local"
    script = STOPPED.replace("workers=2", f"workers=2, cluster_at={address!r}, work=slow")
    script = script.replace(
        "import sys, time", "import sys\nfrom test_evidence_cluster import slow"
    )
    (tmp_path / "main.py").write_text(script, encoding="utf-8")
    asked = subprocess.Popen(
        [sys.executable, "main.py"],
        env=ENVIRONMENT | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    assert asked.stdout
    assert "Underlag" in "".join(asked.stdout.readline() for _ in range(2))
    time.sleep(1)
    begun = time.monotonic()
    os.killpg(asked.pid, signal.SIGINT)
    _, errors = asked.communicate(timeout=30)
    assert time.monotonic() - begun < 5
    assert "KeyboardInterrupt" in errors and errors.count("Traceback") == 1, errors
    assert "DEMO_sdn_a.html" not in files_in(tmp_path / "reports" / "2")
    time.sleep(1)
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, encoding="utf-8", check=True)
    assert str(tmp_path / "main.py") not in left.stdout


def slow(job: Job) -> Run:
    """The page about the wave at once, the others never."""
    time.sleep(0 if job.key == "underlag" else 600)
    return Run("<p></p>", "{}\n", None, 0.1)
