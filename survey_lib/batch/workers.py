"""Jobs spread over worker processes that may fail, die or be stopped, without harm to the others.

Each worker is a process of its own with one pipe to the program that started it; a job and its
result travel over that pipe, and only the program itself writes files. A worker that dies costs the
one job that it had. ``concurrent.futures`` would do but for that: there, one dead worker ends all.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from survey_lib import platforms

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Died:
    """In place of a result: the worker's process ended before it had one."""

    exit_code: int | None


@dataclass(frozen=True)
class Failed:
    """In place of a result: the work raised an exception."""

    error: str
    traceback: str


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: Any = None


def results(
    jobs: Sequence[Any],
    work: Callable[[Any], Any],
    workers: int,
    started: Callable[[Any], None] = lambda job: None,
) -> Generator[tuple[Any, Any], None, None]:
    """Do ``work(job)`` for every job in up to ``workers`` processes.

    Parameters
    ----------
    jobs, work : both must be picklable; ``work`` is a function at the top of a module.
    started : called here, with a job, when a worker gets it.

    Yields
    ------
    (job, result) in the order in which they are finished; the result is what ``work`` returned, or
    :class:`Failed` or :class:`Died`. When the caller stops early, by Ctrl-C or an exception, every
    worker is killed, and with it the kernel that it was running (a kernel watches its parent).
    """
    waiting = list(reversed(jobs))
    team: list[_Worker] = []
    with _scratch_environment() as environment:
        try:
            while waiting or any(worker.job is not None for worker in team):
                for worker in _free(team, workers, len(waiting), work, environment):
                    worker.job = waiting.pop()
                    started(worker.job)
                    worker.pipe.send(worker.job)
                busy: dict[Any, _Worker] = {w.pipe: w for w in team if w.job is not None}
                # With a time limit because Windows delivers no Ctrl-C to a wait without end.
                for pipe in wait(list(busy), timeout=0.5):
                    worker = busy[pipe]
                    job, worker.job = worker.job, None
                    try:
                        result = worker.pipe.recv()
                    except (EOFError, OSError):
                        team.remove(worker)
                        worker.process.join()
                        result = Died(worker.process.exitcode)
                    yield job, result
        finally:
            _stop(team)


def _free(
    team: list[_Worker],
    most: int,
    wanted: int,
    work: Callable[[Any], Any],
    environment: dict[str, str],
) -> list[_Worker]:
    """Up to ``wanted`` workers without a job; new ones are started while the team has room."""
    free = [worker for worker in team if worker.job is None]
    for _ in range(min(wanted - len(free), most - len(team))):
        team.append(_start(work, environment))
        free.append(team[-1])
    return free[:wanted]


def _start(work: Callable[[Any], Any], environment: dict[str, str]) -> _Worker:
    context: Any = multiprocessing.get_context(platforms.start_method())
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, work, environment), daemon=True)
    with platforms.interrupts_ignored():  # inherited: Ctrl-C is for the program, not for workers
        process.start()
    there.close()
    return _Worker(process, here)


def _serve(pipe: Connection, work: Callable[[Any], Any], environment: dict[str, str]) -> None:
    """What a worker does until its pipe is closed at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(environment)
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        result: Any
        try:
            result = work(job)
        except Exception as problem:
            import traceback

            result = Failed(f"{type(problem).__name__}: {problem}", traceback.format_exc())
        try:
            pipe.send(result)
        except OSError:  # the program that asked is gone
            return


def _stop(team: list[_Worker]) -> None:
    """End idle workers by closing their pipes and busy ones by killing them."""
    for worker in team:
        worker.pipe.close()
        if worker.job is not None:
            worker.process.kill()
    for worker in team:
        worker.process.join(timeout=5)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()


@contextmanager
def _scratch_environment() -> Iterator[dict[str, str]]:
    """Environment of the workers and their kernels.

    One thread each, because the processes are the parallelism; and a folder of their own, removed
    at the end, for Jupyter's connection files and IPython's profile, so that nothing of one
    person's set-up gets into a report and nothing is left behind by a run that is stopped.
    """
    with tempfile.TemporaryDirectory(prefix="trygg-", ignore_cleanup_errors=True) as folder:
        environment = {name: os.environ.get(name, "1") for name in ONE_THREAD}
        for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            place = Path(folder) / name.lower()
            place.mkdir()
            environment[name] = str(place)
        yield environment
