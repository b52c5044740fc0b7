"""Cleaning: the rules one after the other, each with its row in the log."""

from __future__ import annotations

import pandas as pd

from survey_lib import files
from survey_lib.answers.model import Answers, Touched, logged
from survey_lib.answers.rules import RULES, Survey
from survey_lib.faults import BadInput, Fault
from survey_lib.vocabulary import Parameters, Wave

ANALYSED = ("analysed", "Personer i analysen.")


def clean(answers: Answers, parameters: Parameters) -> Answers:
    """The answers after every rule of :data:`~survey_lib.answers.rules.RULES`.

    The log goes on where reading ended: one row per rule, also where it found nothing, and
    "analysed" last. Cleaning what is clean changes nothing. The given frame is left as it is.

    Raises
    ------
    BadInput
        When nobody is left.
    """
    wave = parameters.waves[answers.wave]
    frame, log = answers.frame.copy(deep=False), answers.log
    for rule, label, apply in RULES:
        outcome = apply(Survey(frame, wave, parameters))
        if outcome.columns:
            columns = {**dict(frame.items()), **outcome.columns}
            kept = {name: values for name, values in columns.items() if values is not None}
            frame = pd.DataFrame(kept, index=frame.index, copy=False)
        if outcome.removed is not None and outcome.removed.any():
            frame = frame[~outcome.removed].reset_index(drop=True)
        log = logged(log, rule, label, outcome.touched)
    if frame.empty:
        raise _nobody_left(log, parameters, wave)
    return Answers(frame, answers.wave, logged(log, *ANALYSED, Touched()))


def _nobody_left(log: pd.DataFrame, parameters: Parameters, wave: Wave) -> BadInput:
    taken = log[log["removed"] > 0]
    told = ", ".join(
        f"{n} by {rule}" for rule, n in zip(taken["rule"], taken["removed"], strict=True)
    )
    return BadInput(
        Fault(
            files.shown(parameters.folder / wave.file.path),
            "",
            f"nobody is left after cleaning: of {log['left'].iloc[0]} rows were removed {told}",
            "respondents",
            f"check age_span, fieldwork and values in the wave's file, waves/{wave.id}.yaml",
        )
    )
