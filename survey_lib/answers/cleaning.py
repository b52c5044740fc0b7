"""Cleaning: the rules one after the other, each with its row in the log.

Nothing else changes answers or removes persons, and a rule that finds nothing still gets its row.
The order matters: who is not in the survey goes first, ticks are settled before
filters (a tick may be a filter), and blanks are counted last.
"""

from __future__ import annotations

import pandas as pd

from survey_lib import files
from survey_lib.answers import rules_answers, rules_persons
from survey_lib.answers.model import Answers, Log
from survey_lib.answers.rule import Rule, Survey
from survey_lib.faults import BadInput, Fault
from survey_lib.vocabulary import Parameters, Wave

RULES: tuple[Rule, ...] = (
    rules_persons.duplicates,
    rules_persons.no_area,
    rules_persons.outside_age,
    rules_persons.outside_fieldwork,
    rules_answers.blank_beside_tick,
    rules_answers.too_many_ticks,
    rules_answers.filter_unanswered,
    rules_answers.filter_contradiction,
    rules_answers.filter_blank,
    rules_answers.asked_but_not_applicable,
    rules_answers.nothing_ticked,
    rules_answers.blank_in_battery,
    rules_persons.same_answer,
    rules_persons.mostly_blank,
    rules_answers.places_coded,
    rules_answers.places_unknown,
    rules_answers.places_several,
    rules_answers.texts_removed,
)

ANALYSED = ("analysed", "Personer i analysen.")


def clean(answers: Answers, parameters: Parameters) -> Answers:
    """The answers after every rule of :data:`RULES`.

    The log goes on where reading ended: one row per rule, also where it found nothing, and
    "analysed" last. Cleaning what is clean changes nothing. The given frame is left as it is.

    Raises
    ------
    BadInput
        When nobody is left.
    """
    wave = parameters.waves[answers.wave]
    frame, log = answers.frame.copy(deep=False), Log(answers.log)
    for rule in RULES:
        outcome = rule.apply(Survey(frame, wave, parameters))
        if outcome.columns:
            columns = {**dict(frame.items()), **outcome.columns}
            kept = {name: values for name, values in columns.items() if values is not None}
            frame = pd.DataFrame(kept, index=frame.index, copy=False)
        if outcome.removed is not None and outcome.removed.any():
            frame = frame[~outcome.removed].reset_index(drop=True)
        log.add(rule.id, rule.label, outcome.touched)
    if frame.empty:
        raise _nobody_left(log.frame(), parameters, wave)
    log.add(*ANALYSED)
    return Answers(frame, answers.wave, log.frame(), answers.traces)


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
