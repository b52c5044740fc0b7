"""The same jobs on many machines: ``trygg reports --cluster ADDRESS``, by Dask.

What travels to the machines is said by :func:`luggage`: the files of the parameters, the notebooks
and the wave's published store. What comes back are finished reports, which only the program that
asked writes down. Machines need the same versions as here (:func:`.cluster_worker.versions`) and
nothing else: no shared folder, no access to the project, and never microdata.

Machines may join, leave and die meanwhile. A job whose machine died is done again on another. One
that seems to be what kills them (Dask says so after some deaths, ``allowed-failures``) is tried
once more at the end with no other job beside it, since Dask blames all that ran on the machine.

Needs ``pip install survey-lib[cluster]``.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_lib import inputs, platforms
from survey_lib.faults import BadInput, Fault
from survey_lib.workers import NO_LIMITS, Died, Failed, Limits

if TYPE_CHECKING:
    from distributed import Client, Future

    from survey_lib.batch.execution import Job
    from survey_lib.vocabulary import Parameters

LOCAL = "local"  # the address of a cluster on this computer, for trying
OPTION = "--cluster"
ANSWER_SECONDS = 15  # for a cluster to answer, and for its first worker
LOOK = 0.5  # seconds between looks at who is there
AHEAD = 2  # jobs more than there is room for, so that no worker waits for its next


def luggage(parameters: Parameters, published: Path) -> set[Path]:
    """The files that travel to a cluster's workers beside the notebooks, and no others do: those
    that the parameters were read from, the map, and the wave's published store.

    Parameters
    ----------
    published : the store's folder.
    """
    return {
        *inputs.parameter_files(parameters).values(),
        *(path for path in published.glob("*") if path.is_file()),
    }


@contextmanager
def reach(address: str, workers: int) -> Iterator[Client]:
    """A cluster that has answered, with workers of these very versions.

    Parameters
    ----------
    address : of Dask's scheduler ("tcp://machine:8786"), or "local".
    workers : processes of a local cluster.

    Raises
    ------
    BadInput : Dask isn't installed, nobody answers, there are no workers, or they differ from here.
    """
    try:
        from distributed import Client
    except ImportError as problem:
        action = "pip install survey-lib[cluster]"
        raise _fault("dask.distributed isn't installed", "Dask", action) from problem
    with ExitStack() as stack:
        if address == LOCAL:
            address = stack.enter_context(_local(workers)).scheduler_address
        try:
            client = stack.enter_context(Client(address, timeout=ANSWER_SECONDS))
            client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except TimeoutError as problem:
            action = f"start some: dask worker {address}"
            raise _fault(f"{address} has no workers", "workers", action) from problem
        except (OSError, ValueError) as problem:
            action = "check the address, and that the cluster is running; or leave it out"
            raise _fault(f"nobody answers at {address}", "a Dask scheduler", action) from problem
        _check_versions(client)
        yield client


@contextmanager
def _local(workers: int) -> Iterator[Any]:
    """A cluster of processes on this computer."""
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set({"distributed.worker.daemon": False}),
        platforms.interrupts_ignored(),
    ):
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=0,  # reports are made beside Dask's processes, with limits of their own
            dashboard_address="127.0.0.1:0",  # seen from this computer only, at any free port
            silence_logs=logging.CRITICAL,
        )
    with cluster:
        yield cluster


def _check_versions(client: Client) -> None:
    from survey_lib.batch.cluster_worker import differing, versions

    expected = "the same versions on all machines"
    try:
        found = client.run(versions)
    except Exception as problem:
        differs = f"workers that can't run this survey_lib ({type(problem).__name__}: {problem})"
        raise _fault(differs, expected, "install the same version on them") from problem
    here = versions()
    for worker, there in found.items():
        if differs := differing(here, there):
            action = "install the same versions on the worker, or stop it"
            raise _fault(f"the worker {worker} has {differs}", expected, action)


def _fault(found: str, expected: str, action: str) -> BadInput:
    return BadInput(Fault(OPTION, "", found, expected, action))


def results(
    client: Client,
    files: Iterable[Path],
    jobs: Sequence[Job],
    work: Callable[[Any], Any],
    started: Callable[[Any], None] = lambda job: None,
    limits: Limits = NO_LIMITS,
) -> Generator[tuple[Job, Any], None, None]:
    """As :func:`survey_lib.workers.results`, on the workers of a cluster.

    Parameters
    ----------
    files : what ``work`` opens beside the jobs' notebooks; all are laid out on the workers as they
        lie here.

    Raises
    ------
    BadInput : the cluster has gone.
    """
    from survey_lib.batch.cluster_worker import Place

    if not jobs:
        return
    paths = {path.resolve() for path in files} | {job.notebook.resolve() for job in jobs}
    root = Path(os.path.commonpath([*paths, *(job.folder.resolve() for job in jobs)]))
    contents = {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(paths)}
    place = f"trygg-{secrets.token_hex(6)}"
    with _lost_explained():
        try:
            client.register_plugin(Place(place, root, contents, work, limits), name=place)
            yield from _spread(client, place, jobs, started)
        finally:
            if client.status == "running":  # for a moment also when the cluster goes
                client.unregister_worker_plugin(place)


def _spread(
    client: Client, place: str, jobs: Sequence[Job], started: Callable[[Job], None]
) -> Generator[tuple[Job, Any], None, None]:
    """Jobs as workers have room for them, those that seem to kill workers last and one by one."""
    from distributed import KilledWorker, wait

    waiting = list(reversed(jobs))
    blamed: list[Job] = []
    running: dict[Future, Job] = {}
    try:
        while waiting or running or blamed:
            room = sum(client.nthreads().values()) + AHEAD
            while waiting and len(running) < room:
                job = waiting.pop()
                started(job)
                running[_submit(client, place, job)] = job
            if not running:
                running[_submit(client, place, blamed[-1])] = blamed[-1]
            try:
                ended = wait(list(running), timeout=LOOK, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                continue
            for future in ended:
                job = running.pop(future)
                try:
                    result = future.result()
                except KilledWorker:
                    if job not in blamed:
                        blamed.append(job)
                        continue
                    result = Died(None)
                except Exception as problem:
                    result = Failed(f"{type(problem).__name__}: {problem}", "")
                if job in blamed:
                    blamed.remove(job)
                yield job, result
    finally:
        client.cancel(list(running), force=True)


def _submit(client: Client, place: str, job: Job) -> Future:
    from survey_lib.batch.cluster_worker import do

    there = replace(job, folder=job.folder.resolve(), notebook=job.notebook.resolve())
    return client.submit(do, place, there, pure=False)


@contextmanager
def _lost_explained() -> Iterator[None]:
    """Turn Dask's ways of saying that the cluster has gone into one message."""
    from concurrent.futures import CancelledError

    try:
        yield
    except (CancelledError, OSError) as problem:
        action = "start the cluster and run the same command again for the rest"
        raise _fault("the cluster has gone", "a cluster that stays", action) from problem
