"""The kernels that notebooks run in: loaded once, and like new for every notebook.

A kernel of its own costs a report some seconds of imports. Two ways around it, with one interface,
:func:`kernel`:

- **forked**, where :func:`survey_lib.platforms.can_fork` says so: a server process
  (:mod:`.kernel_server`) has everything loaded and copies itself for each notebook. The copy is a
  kernel that nobody has used, and it is killed when its notebook is done.
- **warm**, elsewhere: one kernel runs all notebooks of this process, and is cleaned in between
  (:mod:`.clean_kernel`).

Both run the same notebooks to the same bytes. One notebook at a time in a process.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import run_sync

from survey_lib import platforms
from survey_lib.batch import kernel_server
from survey_lib.batch.clean_kernel import INLINE
from survey_lib.export.pictures import ASKED

START_SECONDS = 120  # for a kernel to answer, on a machine with all cores busy
END_SECONDS = 5.0  # for one that was killed to be gone
CLEAN_SECONDS = 30.0  # for a warm kernel to be clean again; one that takes longer is replaced
BACKEND = "MPLBACKEND"  # figures of cells are shown whatever a person has chosen elsewhere
DIED = "Kernel died before it had started"
CLEANER = "survey_lib.batch.clean_kernel"


@contextmanager
def kernel(folder: Path, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The options that make papermill run a notebook in a loaded kernel.

    Parameters
    ----------
    folder : where the kernel works.
    values : the notebook's parameters: what a server may load before it is copied.

    Raises
    ------
    RuntimeError : the kernel did not start, or died; with the end of what it said on stderr.
    """
    complaints = _complaints()
    complaints.seek(0)
    complaints.truncate()
    ready = _forked if platforms.can_fork() else _warm
    try:
        with ready(folder, values) as options:
            resources = {"metadata": {"path": str(folder)}}  # nbclient's way to say where
            yield options | {"resources": resources, "start_timeout": START_SECONDS}
    except RuntimeError as problem:
        raise RuntimeError(f"{problem}\n{_last_lines(complaints)}".strip()) from problem


@cache
def _complaints() -> Any:
    """The file that kernels complain to, so that they don't in the terminal's progress bar."""
    complaints = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
    atexit.register(complaints.close)
    return complaints


def _last_lines(complaints: Any, most: int = 5) -> str:
    """The end of what the kernel complained of, without the warnings that every kernel gives."""
    complaints.seek(0)
    lines = complaints.read().decode("utf-8", errors="replace").splitlines()
    return "\n".join([line for line in lines if "IPKernelApp] WARNING" not in line][-most:])


class _ThisPython(AsyncKernelManager):
    """Kernels of this very Python, whatever kernels a person has registered."""

    @property
    def kernel_spec(self) -> KernelSpec:
        start = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=start, display_name="Python 3", language="python")

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        environment = {**os.environ, ASKED: "1", BACKEND: f"module://{INLINE}"}
        await super().start_kernel(**options, stderr=_complaints(), env=environment)


# -- forked -------------------------------------------------------------------------------------


@contextmanager
def _forked(folder: Path, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if kernel_server.only_loaded():  # for the server, which copies us, and for us
        kernel_server.expect(values)
    _server().expect(values)
    yield {"kernel_manager_class": _ForkedKernel, "shutdown_kernel": "immediate"}


class _ForkedKernel(_ThisPython):
    """A kernel that the server makes of itself. Sockets with abstract names (a thing of Linux, as
    the whole way is) need neither free ports nor short paths, and leave nothing behind."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, transport="ipc", ip=f"@trygg-{uuid.uuid4()}")

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        self.provisioner = _Forker(parent=self, kernel_id="", kernel_spec=self.kernel_spec)
        await super().start_kernel(**options)


class _Forker(LocalProvisioner):
    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        copy: Any = _server().fork(cmd[cmd.index("-f") :], options["cwd"], options["env"])
        self.process = copy
        self.pid = self.pgid = copy.pid  # it has a session of its own
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """And see it end, instead of looking for that ten times a second."""
        await super().kill(restart)
        if self.process:
            self.process.wait(END_SECONDS)


class _Fork:
    """A copy of the server, with the interface of ``subprocess.Popen``. Its exit code is not known
    here, since it is not a child of this process: 1 when it has ended."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid, self._handle = pid, os.pidfd_open(pid)
        self._ended = False

    def poll(self) -> int | None:
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        if not self._ended and select.select([self._handle], [], [], timeout)[0]:
            os.close(self._handle)
            self._ended = True
        return 1 if self._ended else None

    def send_signal(self, number: int) -> None:
        if not self._ended:
            signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class _Server:
    """The process that is copied. It ends, and its kernel with it, when this process does, since
    its input ends then; Ctrl-C does not reach it."""

    def __init__(self) -> None:
        orders, ours = os.pipe()
        theirs, answers = os.pipe()
        streams = orders, answers, _complaints().fileno()
        if kernel_server.only_loaded():
            self._process: Any = _Fork(kernel_server.copy_of_this(*streams))
        else:
            program = [sys.executable, "-P", "-m", kernel_server.__name__]
            self._process = subprocess.Popen(program, -1, None, *streams, start_new_session=True)
        os.close(orders)
        os.close(answers)
        self._orders = os.fdopen(ours, "w", encoding="utf-8")
        self._answers = os.fdopen(theirs, "rb")
        atexit.register(self.end)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        with suppress(OSError):
            self._orders.close()
        self._answers.close()

    def expect(self, values: Mapping[str, Any]) -> None:
        """Tell what the next notebook is about; the server loads what it can while we go on."""
        with suppress(OSError):  # it has died: asking it for a kernel will say so
            self._say({"expect": dict(values)})

    def fork(self, arguments: list[str], folder: Any, environment: Mapping[str, str]) -> _Fork:
        """A new kernel.

        Raises
        ------
        RuntimeError : the server has died; the next kernel gets a new one.
        """
        order = {"arguments": arguments, "folder": str(folder), "environment": dict(environment)}
        try:
            self._say(order)
            return _Fork(int(self._answers.readline()))
        except (OSError, ValueError) as problem:
            _server.cache_clear()
            self.end()
            raise RuntimeError(DIED) from problem

    def _say(self, order: dict[str, Any]) -> None:
        print(json.dumps(order), file=self._orders, flush=True)


@cache
def _server() -> _Server:
    return _Server()


# -- warm ---------------------------------------------------------------------------------------


@contextmanager
def _warm(folder: Path, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """``values`` say nothing here: what a notebook has loaded stays loaded."""
    if not run_sync(_warm_kernel().clean)(folder):
        run_sync(_warm_kernel().replaced)(folder)
    manager = _warm_kernel()
    try:
        yield {"km": manager}
    finally:
        manager.disconnect()


class _WarmKernel(_ThisPython):
    """A kernel for all notebooks of this process. papermill stops a kernel that it has started,
    and neither stops nor disconnects from one that it was given."""

    _used: Any = None  # the client that papermill talks through

    def client(self, **options: Any) -> Any:
        self._used = super().client(**options)
        return self._used

    def disconnect(self) -> None:
        if self._used is not None:
            self._used.stop_channels()
            self._used = None

    async def clean(self, folder: Path) -> bool:
        """Make the kernel like new and put it in ``folder``; whether that succeeded."""
        if not await self.is_alive():
            await self.start_kernel(cwd=str(folder))
        client = self.client()
        client.start_channels()
        code = f"__import__({CLEANER!r}, fromlist=['clean']).clean({str(folder)!r})"
        try:
            await client.wait_for_ready(timeout=START_SECONDS)
            reply = await client.execute(code, silent=True, reply=True, timeout=CLEAN_SECONDS)
        except (RuntimeError, TimeoutError):
            return False
        finally:
            self.disconnect()
        return bool(reply["content"]["status"] == "ok")

    async def replaced(self, folder: Path) -> None:
        """A new process in place of one that can't be cleaned."""
        await self.shutdown_kernel(now=True)
        _warm_kernel.cache_clear()
        if not await _warm_kernel().clean(folder):
            raise RuntimeError(DIED)

    def end(self) -> None:
        """At once, without a word, when this process ends."""
        process = getattr(self.provisioner, "process", None)
        if process is not None:
            process.kill()
            process.wait()


@cache
def _warm_kernel() -> _WarmKernel:
    manager = _WarmKernel()
    atexit.register(manager.end)
    return manager
