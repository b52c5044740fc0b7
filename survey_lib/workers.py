"""Jobs spread over worker processes that may fail, die or be stopped, without harm to the others.

Each worker is a process of its own with one pipe to the program that started it; a job and its
result travel over that pipe, and only the program itself writes files. A worker that dies, takes
too long or too much memory costs the one job that it had. ``concurrent.futures`` would do but for
that: there, one dead worker ends all.

Another way to spread jobs has the same interface as :func:`results`: a generator of (job, result)
that stops everything when it is closed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import inf
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Literal

from survey_lib import platforms
from survey_lib.inputs import SETTLED

LOOK = 0.5  # seconds between looks at what busy workers take
ENDING = 5.0  # seconds for a killed process to be gone
GIGABYTE = 1e9
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


@dataclass(frozen=True)
class Stopped:
    """In place of a result: the worker was killed because the job passed a limit. ``what`` is
    "seconds" or "gigabytes", ``limit`` how many of them were allowed."""

    what: Literal["seconds", "gigabytes"]
    limit: float


@dataclass(frozen=True)
class Limits:
    """What one job may take: time, and memory of its worker with all that it has started."""

    seconds: float = inf
    gigabytes: float = inf


NO_LIMITS = Limits()


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: Any = None
    begun: float = 0.0  # when it got its job

    def over(self, limits: Limits) -> Stopped | None:
        """The limit that the job has passed."""
        if time.monotonic() - self.begun > limits.seconds:
            return Stopped("seconds", limits.seconds)
        if limits.gigabytes < inf and self.process.pid is not None:
            used = platforms.memory_of_all(self.process.pid) / GIGABYTE
            if used > limits.gigabytes:
                return Stopped("gigabytes", limits.gigabytes)
        return None


def results(
    jobs: Sequence[Any],
    work: Callable[[Any], Any],
    workers: int,
    started: Callable[[Any], None] = lambda job: None,
    limits: Limits = NO_LIMITS,
    loaded: str = "",
) -> Generator[tuple[Any, Any], None, None]:
    """Do ``work(job)`` for every job in up to ``workers`` processes.

    Parameters
    ----------
    jobs, work : both must be picklable; ``work`` is a function at the top of a module.
    started : called here, with a job, when a worker gets it.
    limits : of one job. Memory is looked at a few times a second, so it holds for what grows, not
        for one huge request.
    loaded : a module that imports what the work uses; workers are copies of a process that has
        imported it, where that can be. The first that a program names is the one for all.

    Yields
    ------
    (job, result) in the order in which they are finished; the result is what ``work`` returned, or
    :class:`Failed`, :class:`Died` or :class:`Stopped`. When the caller stops early, by Ctrl-C or an
    exception, every worker is killed, and with it what it has started (kernels, a browser).
    """
    waiting = list(reversed(jobs))
    team: list[_Worker] = []
    with worker_environment() as environment:
        begin = partial(start, work, environment, loaded)
        try:
            while waiting or any(worker.job is not None for worker in team):
                for worker in _free(team, workers, len(waiting), begin):
                    worker.job, worker.begun = waiting.pop(), time.monotonic()
                    started(worker.job)
                    _send(worker)
                yield from _finished(team, limits)
        finally:
            for worker in team:
                kill(worker)


def all_results(jobs: Sequence[Any], work: Callable[[Any], Any]) -> list[Any]:
    """``work(job)`` of every job, in their order, on all processors: for work that doesn't fail.

    Raises
    ------
    RuntimeError : it failed, or a worker died, all the same.
    """
    done = {}
    for job, result in results(jobs, work, min(len(jobs), platforms.processors())):
        if isinstance(result, Failed | Died):
            raise RuntimeError(f"{work.__name__} in a process of its own: {result}")
        done[id(job)] = result
    return [done[id(job)] for job in jobs]


def _send(worker: _Worker) -> None:
    try:
        worker.pipe.send(worker.job)
    except OSError:  # it has died; the next look at its pipe says so
        return


def _finished(team: list[_Worker], limits: Limits) -> Iterator[tuple[Any, Any]]:
    """What workers have finished, or were stopped at, within the time of one look."""
    busy: dict[Any, _Worker] = {w.pipe: w for w in team if w.job is not None}
    # With a time limit also because Windows delivers no Ctrl-C to a wait without end.
    ready = wait(list(busy), timeout=LOOK)
    for pipe, worker in busy.items():
        result: Any
        if pipe in ready:
            try:
                result = worker.pipe.recv()
            except (EOFError, OSError):
                worker.process.join(ENDING)
                result = Died(worker.process.exitcode)
        elif (stopped := worker.over(limits)) is not None:
            result = stopped
        else:
            continue
        job, worker.job = worker.job, None
        if isinstance(result, Died | Stopped):
            team.remove(worker)
            kill(worker)
        yield job, result


def ask(worker: _Worker, job: Any, limits: Limits = NO_LIMITS) -> Any:
    """One job's result from one worker, or what stands in its place. After :class:`Died` and
    :class:`Stopped` the worker is gone."""
    worker.job, worker.begun = job, time.monotonic()
    _send(worker)
    while True:
        for _, result in _finished([worker], limits):
            return result


def kill(worker: _Worker) -> None:
    """End a worker and all that it has started. None of them writes a file that stays."""
    if worker.process.pid is not None:
        platforms.kill_with_all_started(worker.process.pid)
    worker.process.join(ENDING)
    worker.pipe.close()


def _free(
    team: list[_Worker], most: int, wanted: int, begin: Callable[[], _Worker]
) -> list[_Worker]:
    """Up to ``wanted`` workers without a job; new ones are started while the team has room."""
    free = [worker for worker in team if worker.job is None]
    for _ in range(min(wanted - len(free), most - len(team))):
        team.append(begin())
        free.append(team[-1])
    return free[:wanted]


def start(work: Callable[[Any], Any], environment: Mapping[str, str], loaded: str = "") -> _Worker:
    """A worker that waits for jobs."""
    method = platforms.start_method(loaded)
    context: Any = multiprocessing.get_context(method)
    here, there = context.Pipe()
    given = (there, work, {**os.environ, **environment})
    process = context.Process(target=_serve, args=given, daemon=True)
    if method == "forkserver":
        try:
            _start_copy(process, loaded)
        except (EOFError, OSError):  # nothing to copy could be started, or it has died
            return start(work, environment)
    else:
        with platforms.interrupts_ignored():  # inherited: Ctrl-C is for the program, not workers
            process.start()
    there.close()
    return _Worker(process, here)


def _start_copy(process: BaseProcess, loaded: str) -> None:
    """Start a process as a copy of one that has imported ``loaded``, which is begun if need be.
    Until that is done a Ctrl-C is heard, and ends it."""
    from multiprocessing import forkserver  # nothing for Windows

    server: Any = forkserver._forkserver  # type: ignore[attr-defined]
    forkserver.set_forkserver_preload([loaded])
    with platforms.interrupts_ignored():
        forkserver.ensure_running()
    try:
        process.start()
    except BaseException:
        platforms.kill_with_all_started(server._forkserver_pid)
        raise


def _serve(pipe: Connection, work: Callable[[Any], Any], environment: dict[str, str]) -> None:
    """What a worker does until its pipe is closed at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
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


@contextmanager
def worker_environment() -> Iterator[dict[str, str]]:
    """Environment of the workers and their kernels, wherever they run.

    One thread each, because the processes are the parallelism; and a folder of their own, removed
    at the end, for Jupyter's connection files and IPython's profile, so that nothing of one
    person's set-up gets into a report and nothing is left behind by a run that is stopped. What was
    prepared is opened as it is: the program has looked at its inputs, and a worker on another
    machine can't.
    """
    with tempfile.TemporaryDirectory(prefix="trygg-", ignore_cleanup_errors=True) as folder:
        environment = {name: os.environ.get(name, "1") for name in ONE_THREAD} | {SETTLED: "1"}
        for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            place = Path(folder) / name.lower()
            place.mkdir()
            environment[name] = str(place)
        yield environment
