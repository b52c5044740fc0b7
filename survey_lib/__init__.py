"""From answers to reports: read, clean, weight, estimate, publish, render.

Importing the package loads nothing heavy: every module imports its needs where it uses them. Start
from a notebook with ``from survey_lib import open_report, show``.
"""

import os
import sys
from typing import TYPE_CHECKING, Any

# Products as small as ours are several times slower on many threads. numpy reads this when it is
# first loaded; a choice that the user has made stands.
if "numpy" not in sys.modules:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    from survey_lib.report import (
        open_follow_up,
        open_joint,
        open_report,
        open_wave,
        open_whole,
        show,
    )
    from survey_lib.workbench import open_microdata, pick_area, read_wave

__version__ = "0.1.0"
__all__ = [
    "open_follow_up",
    "open_joint",
    "open_microdata",
    "open_report",
    "open_wave",
    "open_whole",
    "pick_area",
    "read_wave",
    "show",
]
_OWN_WORK = ("open_microdata", "pick_area", "read_wave")  # on the microdata; the others: reports


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _OWN_WORK:
        from survey_lib import workbench

        return getattr(workbench, name)
    from survey_lib import report

    return getattr(report, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
