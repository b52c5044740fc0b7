"""From the delivered file to one coded frame.

``read_answers`` opens the file that the wave names, finds the columns that the wave asks for, and
codes them. All that is wrong in the file is told at once; nothing is guessed that could be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from survey_lib import files
from survey_lib.answers.coding import STEPS, Coder
from survey_lib.answers.columns import (
    AREA,
    FINER_AREA,
    LANGUAGE,
    MODE,
    PSU,
    RESPONDENT,
    STRATUM,
    WEEK,
    WEIGHT,
    Column,
    expected_columns,
    found_columns,
)
from survey_lib.answers.delivered import open_delivered
from survey_lib.answers.excel_file import read_excel
from survey_lib.answers.matching import did_you_mean
from survey_lib.answers.model import Answers, Faults, Log, Touched
from survey_lib.answers.paradata import languages, modes, tokens, weeks, weights
from survey_lib.answers.parquet_file import read_parquet
from survey_lib.answers.placing import ALIAS, Placer
from survey_lib.answers.raw import Raw
from survey_lib.answers.spss_file import read_sav
from survey_lib.answers.text_file import read_text_file
from survey_lib.answers.traces import traces
from survey_lib.faults import BadInput, Fault
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.validation import listed
from survey_lib.vocabulary.waves import DataFile, Wave

READERS = {"csv": read_text_file, "excel": read_excel, "sav": read_sav, "parquet": read_parquet}
_NOT_CODED = {RESPONDENT, AREA, FINER_AREA, STRATUM, PSU, WEIGHT, MODE, LANGUAGE, WEEK}


def read_raw(
    file: DataFile, folder: Path, wanted: Iterable[str], *, wave_file: str, demo: bool = False
) -> Raw:
    """The columns named in ``wanted`` of one delivered file, every value a text.

    Parameters
    ----------
    file : what a wave says of its file; its path is relative to ``folder``.
    wave_file : what messages call the file in which to write what can't be found out.

    Raises
    ------
    BadInput
        See :func:`~survey_lib.answers.delivered.open_delivered` and the readers of each format.
    """
    delivered = open_delivered(file, folder, wave_file, demo=demo)
    raw = READERS[delivered.format](delivered, list(wanted))
    if not len(raw.frame):
        action = "fetch or export the file again"
        raise delivered.fault("", "a header and no rows", "one row per respondent", action)
    return raw


def read_answers(parameters: Parameters, wave_id: str) -> Answers:
    """The coded answers of a wave, before cleaning.

    Raises
    ------
    BadInput
        Every fault of the file at once: see the readers, and :mod:`~survey_lib.answers.columns`,
        :mod:`~survey_lib.answers.coding`, :mod:`~survey_lib.answers.placing`.
    """
    wave = _wave(parameters, wave_id)
    wave_file = files.shown(parameters.folder / "waves" / f"{wave_id}.yaml")
    expected = expected_columns(parameters, wave)
    wanted = [column.delivered for column in expected]
    raw = read_raw(wave.file, parameters.folder, wanted, wave_file=wave_file, demo=wave.demo)
    faults = Faults(raw.shown, wave_file)
    found = found_columns(raw, expected, faults)
    raw, empty = _without_empty_rows(raw)
    coder = Coder(raw, parameters, wave, faults)
    placer = Placer(raw, parameters.areas, wave, faults)
    columns = _paradata(raw, found, wave, placer, faults)
    for column, name in found.items():
        if column.name not in _NOT_CODED:
            columns |= coder.coded(column, name)
    faults.stop()
    log = Log()
    log.add("delivered", "Levererade rader i filen.", left=len(raw.frame) + empty)
    label = "Helt tomma rader räknas inte som personer."
    log.add("empty_rows", label, Touched(persons=empty, removed=empty))
    for how, (rule, label) in STEPS.items():
        log.add(rule, label, coder.tally.touched(how))
    log.add(*ALIAS, placer.alias)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(raw.frame)), copy=False)
    names = {column.name: name for column, name in found.items()}
    asked = parameters.questionnaire.items | parameters.questionnaire.place_items
    written = [name for one, name in names.items() if one in asked and asked[one].kind == "text"]
    return Answers(frame, wave_id, log.frame(), traces(raw, names.get(RESPONDENT), written))


def _wave(parameters: Parameters, wave_id: str) -> Wave:
    if wave_id in parameters.waves:
        return parameters.waves[wave_id]
    folder = files.shown(parameters.folder / "waves")
    found = f'no wave "{wave_id}"' + did_you_mean(wave_id, parameters.waves)
    action = "name one of them, or add a file for the wave"
    raise BadInput(Fault(folder, "", found, f"one of {listed(parameters.waves)}", action))


def _without_empty_rows(raw: Raw) -> tuple[Raw, int]:
    """Rows in which nothing at all was delivered, such as those an Excel sheet ends with, go."""
    filled = np.zeros(len(raw.frame), dtype=bool)
    columns = [column for _, column in raw.frame.items()]
    for column in sorted(columns, key=lambda one: len(one.cat.categories)):
        texts = [bool(text.strip()) for text in column.cat.categories]
        filled |= np.array([*texts, False])[column.cat.codes.to_numpy()]
        if filled.all():
            return raw, 0
    kept = Raw(raw.shown, raw.names, raw.frame[filled], raw.numbers, raw.labels, raw.missing)
    return kept, int((~filled).sum())


def _paradata(
    raw: Raw, found: dict[Column, str], wave: Wave, placer: Placer, faults: Faults
) -> dict[str, object]:
    by_name = {column.name: (column, name) for column, name in found.items()}
    token = tokens(raw, by_name.get(RESPONDENT, (None, None))[1], wave, faults)
    columns: dict[str, object] = {
        RESPONDENT: pd.array(token, dtype="str"),
        "row": raw.frame.index.to_numpy(np.int32),
        **placer.placed(by_name),
    }
    if WEIGHT in by_name:
        columns[WEIGHT] = weights(raw, *by_name[WEIGHT], wave, faults)
    if MODE in by_name:
        columns[MODE] = modes(raw, *by_name[MODE], wave, faults)
    if LANGUAGE in by_name:
        columns[LANGUAGE] = languages(raw, *by_name[LANGUAGE], faults)
    if WEEK in by_name:
        columns[WEEK] = weeks(raw, *by_name[WEEK], faults)
    return columns
