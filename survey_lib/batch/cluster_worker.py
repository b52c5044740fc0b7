"""One machine of a cluster: its own copy of what the reports are made from, and its processes.

Everything in a :class:`Place` travels to every worker of the cluster, also to those that join
later. What it holds is chosen by :mod:`survey_lib.batch.cluster`: the published store, parameters
and notebooks, laid out in a temporary folder as they lie in the project. There is no ``.trygg`` in
it and there are no delivered answers, so nothing that runs here can open either.

A job runs in a process of its own beside Dask's, as on one machine (:mod:`.workers`): a notebook
that takes its process with it, too long or too much memory, costs Dask nothing.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from survey_lib import inputs
from survey_lib.batch.execution import Job
from survey_lib.rendering.pdf import find_browser
from survey_lib.workers import Died, Limits, Stopped, ask, kill, start, worker_environment


class Place(WorkerPlugin):
    """What a worker needs to make reports, and where it makes them.

    Parameters
    ----------
    name : of this run, so that several may use one cluster.
    root : the folder above everything that travels, on the machine that asks.
    files : their contents, by place under ``root``.
    work, limits : as in :func:`survey_lib.workers.results`.
    """

    def __init__(
        self,
        name: str,
        root: Path,
        files: Mapping[str, bytes],
        work: Callable[[Any], Any],
        limits: Limits,
    ):
        self.name, self.root, self.files = name, root, files
        self.work, self.limits = work, limits
        self.versions = versions()

    def setup(self, worker: Worker) -> None:
        """Lay the files out. The folder is Dask's own, which clears up after workers that died."""
        # Dask's worker is a daemon of its nanny, which Python forbids to start processes; ours end
        # with it all the same.
        multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
        if differs := differing(self.versions, versions()):
            raise RuntimeError(f"this worker has {differs}")
        self._open = ExitStack()
        folder = tempfile.TemporaryDirectory(
            prefix="trygg-", dir=worker.local_directory, ignore_cleanup_errors=True
        )
        self.folder = Path(self._open.enter_context(folder)).resolve()
        for place, content in self.files.items():
            target = self.folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        self.environment = self._open.enter_context(worker_environment())
        self._idle: list[Any] = []
        self._busy: list[Any] = []
        self._ended = False
        self._changing = Lock()  # several of Dask's threads may be here, and one that ends it all
        self._open.callback(self._stop)

    def teardown(self, worker: Worker) -> None:
        """End its processes, busy or not, and take the folder away."""
        self._open.close()

    def here(self, path: Path) -> Path:
        """Where a file or folder of the machine that asks lies on this one."""
        return self.folder / path.relative_to(self.root)

    def do(self, job: Job) -> Any:
        """The job's result, or what stands in its place."""
        folder = self.here(job.folder)
        folder.mkdir(parents=True, exist_ok=True)
        browser = find_browser() if job.browser else ""  # this machine's own
        there = replace(job, folder=folder, notebook=self.here(job.notebook), browser=browser)
        with self._changing:
            if self._ended:
                return Died(None)
            worker = self._idle.pop() if self._idle else start(self.work, self.environment)
            self._busy.append(worker)
        result = ask(worker, there, self.limits)
        with self._changing:
            self._busy.remove(worker)
            if not isinstance(result, Died | Stopped):
                self._idle.append(worker)
        return result

    def _stop(self) -> None:
        """End every process; none that is just being started is missed, and none starts later."""
        with self._changing:
            self._ended = True
            for worker in [*self._idle, *self._busy]:
                kill(worker)


def do(place: str, job: Job) -> Any:
    """What Dask calls: the job done at the place of that name."""
    here: Any = get_worker().plugins[place]
    return here.do(job)


def differing(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """What differs between two machines' versions, in words; "" when nothing does."""
    names = [name for name in here if there.get(name) != here[name]]
    return ", ".join(f"{name} {there.get(name, 'missing')}, not {here[name]}" for name in names)


def versions() -> dict[str, str]:
    """What must be the same everywhere for a report to come out the same."""
    libraries = inputs.versions((*inputs.LIBRARIES, *inputs.PAGE_LIBRARIES))
    return {"survey_lib's code": inputs.code_of_pages()[:12], **libraries}
