"""Run inside a warm kernel before each notebook: as if nobody had used it.

What is undone is what a notebook may well leave behind: its names, figures and matplotlib's
settings, pandas' and numpy's options, the state of random numbers, environment, working folder and
import path, filters of warnings, logging, locale. Not undone: changes inside modules, and threads.
"""

from __future__ import annotations

import decimal
import gc
import locale
import logging
import os
import random
import sys
import warnings
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

INLINE = "matplotlib_inline.backend_inline"  # where the figures of cells go


@dataclass
class _State:
    """What a kernel that nobody has used is like."""

    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    path: list[str] = field(default_factory=lambda: list(sys.path))
    filters: list[Any] = field(default_factory=lambda: list(warnings.filters))
    streams: tuple[Any, Any] = field(default_factory=lambda: (sys.stdout, sys.stderr))
    level: int = field(default_factory=lambda: logging.getLogger().level)
    handlers: list[Any] = field(default_factory=lambda: list(logging.getLogger().handlers))
    places: str = field(default_factory=lambda: locale.setlocale(locale.LC_ALL))
    errors: Any = field(default_factory=np.geterr)
    printing: Any = field(default_factory=np.get_printoptions)
    events: dict[str, list[Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


_unused: _State | None = None


def clean(folder: str) -> None:
    """Undo what earlier notebooks did and go to ``folder``. The first call, before any of them,
    remembers how things were."""
    global _unused
    from IPython import get_ipython  # type: ignore[attr-defined]

    shell: Any = get_ipython()
    if _unused is None:
        _unused = _State(
            events={name: list(calls) for name, calls in shell.events.callbacks.items()},
            settings={name: getattr(shell, name) for name in shell.traits(config=True)},
        )
        _unused.settings["config"] = deepcopy(shell.config)
    else:
        _undo_in_python(_unused)
        _undo_in_libraries(_unused)
        _undo_in_shell(_unused, shell)
        _undo_in_pictures(shell)
        gc.collect()
    os.chdir(folder)


def _undo_in_python(before: _State) -> None:
    os.environ.clear()
    os.environ.update(before.environment)
    sys.path[:] = before.path
    sys.stdout, sys.stderr = before.streams
    warnings.resetwarnings()
    warnings.filters.extend(before.filters)  # type: ignore[attr-defined]
    logging.disable(logging.NOTSET)
    logging.getLogger().setLevel(before.level)
    logging.getLogger().handlers[:] = before.handlers
    locale.setlocale(locale.LC_ALL, before.places)
    decimal.setcontext(decimal.Context())
    random.seed()


def _undo_in_libraries(before: _State) -> None:
    np.random.seed()
    np.seterr(**before.errors)
    np.set_printoptions(**before.printing)
    if "pandas" in sys.modules:
        import pandas as pd

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of options on their way out
            pd.reset_option("all")


def _undo_in_shell(before: _State, shell: Any) -> None:
    """Names and outputs, what ``%config`` has set, and how results are shown."""
    shell.events.callbacks.update({name: list(calls) for name, calls in before.events.items()})
    for name, value in before.settings.items():
        value = deepcopy(value) if name == "config" else value
        if getattr(shell, name) != value:
            setattr(shell, name, value)
    shell.init_display_formatter()
    shell.reset(new_session=True)


def _undo_in_pictures(shell: Any) -> None:
    """Settings as when matplotlib was loaded, no figures, shown by cells as at first."""
    if "matplotlib" in sys.modules:
        import matplotlib

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            first = matplotlib.rcParamsOrig
            matplotlib.rcParams.update({k: v for k, v in first.items() if k != "backend"})
    if "matplotlib.pyplot" in sys.modules and INLINE in sys.modules:
        import matplotlib.pyplot as plt
        from matplotlib_inline.config import InlineBackend

        plt.close("all")
        InlineBackend.clear_instance()
        show_pictures(shell)


def show_pictures(shell: Any) -> None:
    """Have cells show their figures, where matplotlib was loaded before the shell was there."""
    from IPython.core.pylabtools import activate_matplotlib
    from matplotlib_inline.backend_inline import configure_inline_support

    configure_inline_support.current_backend = "unset"  # type: ignore[attr-defined]
    activate_matplotlib(f"module://{INLINE}")
    configure_inline_support(shell, f"module://{INLINE}")
