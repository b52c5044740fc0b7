"""A whole survey that takes a second: two waves in a made-up village, from answers to reports.

For tests of what happens to a run, not of what comes out of it. Its notebooks are two lines each.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from answers_survey import FILES, answers, deliver
from small_survey import AREA_CELL, WAVE_CELL, write_notebook

from survey_lib.batch.pages import kinds
from survey_lib.vocabulary import Parameters, load_parameters

PERSONS = 480
TABLES = """\
showing:
  hide_below: 30
  uncertain_below: 100
  sensitive_numerator_below: 5
  confidence: 0.95
  significance: 0.05
profile: [kon]
tables:
  problems:
    title: Problem
    indicators: [prob_skrap_stort, prob_moped_stort]
    levels: [by, del]
    family: list
"""
OPEN = "from survey_lib import open_report, open_wave, show\n"
AREA = OPEN + "report = open_report(wave, area, compare_with, parameters, reports)"
WAVE = OPEN + "report = open_wave(wave, parameters, reports)"


def village(folder: Path) -> Parameters:
    """A project in a folder: parameters, delivered answers and notebooks."""
    parameters = folder / "parameters"
    for name, text in _files().items():
        path = parameters / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for wave in ("1", "2"):
        deliver_wave(folder, wave)
    notebooks = folder / "notebooks"
    for kind in kinds():  # its own, so that a change of the project's doesn't reach it
        write_notebook(notebooks / kind.notebook, AREA_CELL, "pass")
    write_notebook(notebooks / "2_stadsdel.ipynb", AREA_CELL, AREA, "show(report.problems)")
    write_notebook(notebooks / "1_underlag.ipynb", WAVE_CELL, WAVE, "show(report.cleaning)")
    return load_parameters(parameters)


# What the village calls what the project's own notebooks ask about.
NAMES = {
    '"2024"': '"2"', '"2022"': '"1"', "sdn:angered": "del:norr", "kon_alder": "kon",
    "kons_avstatt": "prob_moped_stort", "boendeform": "barn", "alder_rapport": "alder",
    "otrygg_ute_kvall": "prob_skrap_stort", "trygg_ute_kvall": "trygg",
}  # fmt: skip


def with_own_notebooks(folder: Path) -> None:
    """The village with the project's own notebooks, which ask about the village."""
    village(folder)
    for path in sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for ours, theirs in NAMES.items():
            text = text.replace(ours.replace('"', '\\"'), theirs.replace('"', '\\"'))
        (folder / "notebooks" / path.name).write_text(text, encoding="utf-8")


def deliver_wave(folder: Path, wave: str, seed: int = 7) -> None:
    """The wave's answers: each column shuffled, so that problems differ by chance only."""
    random = np.random.default_rng([seed, int(wave)])
    frame = answers(PERSONS)
    frame["area"] = np.resize(["del:norr", "del:soder"], PERSONS)
    frame["kon"] = random.choice(["1", "2"], PERSONS)
    for name in ("prob_skrap", "prob_moped", "prob_ljus"):
        frame[name] = random.choice(["1", "2", "3"], PERSONS)
    (folder / "data").mkdir(exist_ok=True)
    deliver(folder / "data", pd.DataFrame(frame), f"svar_{wave}.csv")


def _files() -> dict[str, str]:
    files = dict(FILES)
    first = files["waves/1.yaml"].replace(
        "file: {path: data.csv}", "file: {path: ../data/svar_1.csv}"
    )
    first = first.replace("del:soder: {sampling: kvot}", "del:soder: {sampling: sannolikhet}")
    second = first.replace("svar_1", "svar_2").replace('label: "1"', 'label: "2"')
    second = second.replace("2024-", "2025-")
    shared = "    scale: P3\n    flag_same_answer: true\n"
    indicators = '    indicators:\n      "{item}_stort": {label: "{label}", numerator: [3]}\n'
    return files | {
        "waves/1.yaml": first,
        "waves/2.yaml": second,
        "tables.yaml": TABLES,
        "questionnaire.yaml": files["questionnaire.yaml"].replace(
            shared, f"    scale: P3\n{indicators}"
        ),
        "reports.yaml": files["reports.yaml"].replace(
            "wave: 1\n", 'wave: "2"\ncompare_with: "1"\n'
        ),
    }
