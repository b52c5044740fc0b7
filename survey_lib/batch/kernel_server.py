"""A process with everything loaded that copies itself: each copy becomes a kernel like new.

Started and spoken to by :mod:`.kernels`: itself a copy of a worker that has done nothing but load
(:mod:`.loaded`), otherwise ``python -m survey_lib.batch.kernel_server``. Orders come on stdin, a
line of JSON each; the answer to an order for a kernel is its process id on stdout. When stdin ends,
the program that ordered is gone: the last kernel is killed and the server ends.

It has one thread and no event loop, for a copy has only the thread that copies: what others held
locked would be locked for ever. So nothing here may start a thread; the copies may.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import signal
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from io import BytesIO
from typing import Any, NoReturn

from survey_lib.batch.clean_kernel import INLINE, show_pictures

LOADED = (
    "cProfile",  # this and the next seven: what every kernel begins by importing
    "IPython.core.completerlib",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "tornado.platform.asyncio",
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "pandas.io.formats.html",
    "pandas.plotting._matplotlib",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "seaborn",
    "statsmodels.formula.api",  # for notebooks of an office's own
    "survey_lib.report.opening",
)


_only_loaded: list[str] = []  # where this process finds modules, while all it has done is load


def only_loaded() -> bool:
    """Whether this process has loaded and done nothing since, so that it may become a server."""
    return bool(_only_loaded)


def copy_of_this(orders: int, answers: int, complaints: int) -> int:
    """A server that is a copy of this process, which from now on is no longer only loaded; its
    process id. Its stdin, stdout and stderr are given as descriptors."""
    path = list(_only_loaded)
    _only_loaded.clear()
    if (server := os.fork()) != 0:
        return server
    try:
        os.setsid()
        for stream, given in enumerate((orders, answers, complaints)):
            os.dup2(given, stream)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        sys.stdin, sys.stdout = os.fdopen(0, encoding="utf-8"), os.fdopen(1, "w", encoding="utf-8")
        sys.path[:] = path
        serve()
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(0)


def serve() -> None:
    """Take orders until there are no more."""
    signal.signal(signal.SIGCHLD, _let_go)
    kernel = 0
    for line in sys.stdin:
        order = json.loads(line)
        if "expect" in order:
            expect(order["expect"])
            continue
        kernel = os.fork()
        if kernel == 0:
            _become_kernel(**order)
        print(kernel, flush=True)
    if kernel:
        with suppress(ProcessLookupError):
            os.killpg(kernel, signal.SIGKILL)


def _freeze() -> None:
    """So that a copy's collector doesn't write in, and so copy, what it shares with us."""
    gc.collect()
    gc.freeze()


def _let_go(*_: Any) -> None:
    """Of copies that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def load() -> None:
    """Import what kernels and reports use, and draw once, so that fonts are there too.

    The backend is named first: matplotlib's cells would show nothing with another, and say nothing.
    A debugger, which every kernel would import at the price of a tenth of a second, is kept out.
    """
    os.environ["MPLBACKEND"] = f"module://{INLINE}"
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    for name in LOADED:
        importlib.import_module(name)
    from IPython.core import magics
    from matplotlib.figure import Figure

    for name in dir(magics):
        getattr(magics, name)  # is imported when it is asked for
    drawing = Figure()
    drawing.subplots().set(xlabel="å", title="å")
    drawing.savefig(BytesIO(), format="svg")
    _only_loaded.extend(place for place in sys.path if place)
    _freeze()


def expect(values: Mapping[str, Any]) -> None:
    """Prepare for a notebook with these parameters."""
    if isinstance(values.get("parameters"), str):
        _read(values["parameters"])


@cache
def _read(parameters: str) -> None:
    """Read the files that kernels will read, once: a kernel finds them composed, or composes anew
    what has changed since. What is wrong with them it will say."""
    from survey_lib.faults import BadInput
    from survey_lib.files import find_upwards
    from survey_lib.vocabulary import load_parameters

    with suppress(BadInput, OSError):
        load_parameters(find_upwards(parameters))
    _freeze()


def _become_kernel(arguments: list[str], folder: str, environment: dict[str, str]) -> NoReturn:
    """The life of a copy: a kernel with a session, an environment and random numbers of its own."""
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    _only_loaded.clear()
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):  # the server's orders and answers
        os.dup2(nothing, stream)
    os.environ.clear()
    os.environ.update(environment)
    os.environ["JPY_PARENT_PID"] = str(os.getppid())  # a kernel ends when its parent does
    os.chdir(folder)
    sys.argv = ["ipykernel_launcher", *arguments]
    random.seed()
    np.random.seed()
    app = IPKernelApp.instance()
    app.initialize([*arguments, "--HistoryManager.enabled=False"])
    show_pictures(app.shell)
    app.start()
    os._exit(0)


if __name__ == "__main__":
    load()
    serve()
