"""``trygg export --key``: the joint table of all areas with a partner system's own parameters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.export import joint_csv, joint_json
from survey_lib.export.beside import page_stem, write_changed
from survey_lib.export.keyed_table import COLUMNS, keyed_table
from survey_lib.faults import BadInput, Fault
from survey_lib.pipeline import prepare, search
from survey_lib.report.results import Results
from survey_lib.selection import ASKED, Selection
from survey_lib.vocabulary.keys import FOLDER
from survey_lib.vocabulary.tables import PROBLEMS
from survey_lib.vocabulary.validation import did_you_mean, listed

if TYPE_CHECKING:
    from survey_lib.publish import Published
    from survey_lib.vocabulary import Parameters


def write_keyed(parameters: Parameters, key: str, selection: Selection, output: Path) -> list[Path]:
    """Write ``<output>/<wave>/<key>.csv`` and ``.json``, from the published store.

    Returns
    -------
    the two files.

    Raises
    ------
    BadInput : there is no such key, or the wave can't be prepared.
    """
    if key not in parameters.keys:
        expected = f"one of {listed(parameters.keys)}" if parameters.keys else "a key"
        action = did_you_mean(key, parameters.keys) or f"add {FOLDER}/{key}.csv to the parameters"
        raise BadInput(Fault(ASKED, "key", key, expected, action))
    published = prepare(parameters, selection.wave, selection.compare_with, output)
    whole = Results(parameters, published, parameters.areas.whole)
    indicators = parameters.questionnaire.indicators
    used = [row.indicator for row in parameters.keys[key] if row.indicator]
    problems = {name: indicators[name].item for name in used}
    table = keyed_table(parameters.keys[key], problems, _joint(parameters, published), whole.words)
    stem, folder = page_stem(key, whole.wave.demo), output / selection.wave
    contents = {
        f"{stem}.csv": joint_csv(table),
        f"{stem}.json": joint_json(table, whole.words, COLUMNS),
    }
    search(contents, parameters, output)
    for name, content in contents.items():
        write_changed(folder / name, content)
    return [folder / name for name in contents]


def _joint(parameters: Parameters, published: Published) -> pd.DataFrame:
    """The joint tables of all areas that the problems are published for, level by level."""
    areas, known = parameters.areas, set(published.areas["area"])
    levels = [level for level in areas.levels if level in parameters.tables.tables[PROBLEMS].levels]
    frames = []
    for area in (area for level in levels for area in areas.of_level(level) if area in known):
        results = Results(parameters, published, area)
        first, last = (day.isoformat() for day in results.wave.fieldwork)
        period = {"period_start": first, "period_slut": last} if results.asked else {}
        frames.append(results.joint.assign(omrade_sv=areas.name(area), **period))
    rows = [row for frame in frames for row in frame.to_dict("records")]
    return pd.DataFrame(rows)
