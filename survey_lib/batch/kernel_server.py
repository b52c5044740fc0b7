"""A process with everything loaded that copies itself: each copy becomes a kernel like new.

``python -m survey_lib.batch.kernel_server``, started and spoken to by :mod:`.kernels`. Orders come
on stdin, a line of JSON each; the answer to an order for a kernel is its process id on stdout. When
stdin ends, the program that ordered is gone: the last kernel is killed and the server ends.

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
from contextlib import suppress
from functools import cache
from io import BytesIO
from typing import Any, NoReturn

from survey_lib.batch.clean_kernel import INLINE, show_pictures

LOADED = (
    "cProfile",  # this and the next three: what every kernel begins by importing
    "IPython.core.completerlib",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "pyarrow.parquet",
    "seaborn",
    "statsmodels.formula.api",  # for notebooks of an office's own
    "survey_lib.report.opening",
)


def serve() -> None:
    """Load, then take orders until there are no more."""
    signal.signal(signal.SIGCHLD, _let_go)
    _load()
    _freeze()
    kernel = 0
    for line in sys.stdin:
        order = json.loads(line)
        if "expect" in order:
            _expect(order["expect"])
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


def _load() -> None:
    """Import what kernels and reports use, and draw once, so that fonts are there too.

    The backend is named first: matplotlib's cells would show nothing with another, and say nothing.
    A debugger, which every kernel would import at the price of a tenth of a second, is kept out.
    """
    os.environ["MPLBACKEND"] = f"module://{INLINE}"
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    for name in LOADED:
        importlib.import_module(name)
    from matplotlib.figure import Figure

    drawing = Figure()
    drawing.subplots().set(xlabel="å", title="å")
    drawing.savefig(BytesIO(), format="svg")


def _expect(values: dict[str, Any]) -> None:
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
    serve()
