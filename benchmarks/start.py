"""How soon a reader's notebook has something to show: imports and the first cell, warm."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
FIRST_CELL = """
from survey_lib import open_report, show
report = open_report("2024", "sdn:angered", "2022", {parameters!r}, {reports!r})
"""
TIMED = "import time; start = time.perf_counter()\n{code}\nprint(time.perf_counter() - start)"


def seconds(code: str, times: int) -> float:
    """Median seconds of some code in fresh processes, after a first one that warms the cache."""
    found = []
    for _ in range(times + 1):
        done = subprocess.run(
            [sys.executable, "-c", TIMED.format(code=code)],
            capture_output=True, encoding="utf-8", check=True, cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        found.append(float(done.stdout.split()[-1]))
    return statistics.median(found[1:])


def run() -> list[tuple[str, float, str]]:
    """Rows of what, seconds, and what is to be reached."""
    pandas = seconds("import pandas", 7)
    library = seconds("import survey_lib", 7)
    with tempfile.TemporaryDirectory() as folder:
        cell = FIRST_CELL.format(parameters=str(ROOT / "parameters"), reports=str(Path(folder)))
        first = seconds(cell, 5)  # the first of them prepares the wave
    return [
        ("import pandas", pandas, ""),
        ("import survey_lib", library, f"≤ {1.2 * pandas:.2f} s, 1.2 × pandas"),
        ("first cell of 2_stadsdel, prepared store", first, "≤ 1.5 s"),
    ]
