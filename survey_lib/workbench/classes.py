"""What persons are divided by: a reporting group, a background variable, a question's answers, a
level of areas, or several of these crossed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from survey_lib.faults import BadInput, Fault
from survey_lib.perception.indicators import answer_places, areas_of
from survey_lib.presentation import swedish
from survey_lib.selection import ASKED
from survey_lib.statistics.arrays import Codes
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.groups import Group, resolve_group
from survey_lib.vocabulary.validation import did_you_mean
from survey_lib.weighting import WeightedSurvey

LOOK = "look the name up in questionnaire.yaml or areas.yaml of the parameters"


@dataclass(frozen=True, eq=False)
class Classes:
    """A division of the persons of a survey.

    Attributes
    ----------
    name, label : its id, and what a reader calls it.
    codes : (n,) the class of each person, 0 …; -1 outside all.
    ids, labels : of the classes, in the order they are shown.
    sensitive : the stricter rules of sensitive themes apply.
    item : the question whose answers these are; "" when they are no single question's.
    """

    name: str
    label: str
    codes: Codes
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    sensitive: bool = False
    item: str = ""


def classes(names: str | Sequence[str], survey: WeightedSurvey, parameters: Parameters) -> Classes:
    """The division of that name; of several names, each class of one by each of the others.

    Raises
    ------
    BadInput : for names that divide nobody in this wave; all of them.
    """
    wanted = [names] if isinstance(names, str) else list(names)
    faults = [fault for name in wanted if (fault := _fault(name, survey, parameters))]
    if not wanted:
        expected = "one name or more"
        faults.append(Fault(ASKED, "division", "no name", expected, LOOK))
    if faults:
        raise BadInput(faults)
    found = [_one(name, survey, parameters) for name in wanted]
    return found[0] if len(found) == 1 else _crossed(found)


def _one(name: str, survey: WeightedSurvey, parameters: Parameters) -> Classes:
    questionnaire, frame = parameters.questionnaire, survey.frame
    if name in questionnaire.groups or name in questionnaire.background:
        declared = dict(questionnaire.groups)
        if name not in declared:
            declared[name] = Group(label=questionnaire.background[name].label)
        group = resolve_group(name, declared, questionnaire.background)
        codes = group.codes(frame).astype(np.intp)
        return Classes(name, group.label, codes, group.ids, group.labels)
    if name in parameters.areas.levels:
        order = parameters.areas.of_level(name)
        codes = areas_of(frame, name, parameters.areas, order)
        label = parameters.areas.levels[name].singular
        return Classes(name, label, codes, tuple(order), tuple(map(parameters.areas.name, order)))
    item = questionnaire.items[name]
    answers = questionnaire.answers(name, survey.wave)
    codes = answer_places(frame, name, list(answers), questionnaire).astype(np.intp)
    codes[codes == len(answers)] = -1
    ids, labels = tuple(map(str, answers)), tuple(answers.values())
    return Classes(name, item.label, codes, ids, labels, questionnaire.sensitive(name), name)


def _crossed(parts: Sequence[Classes]) -> Classes:
    codes = np.zeros(len(parts[0].codes), dtype=np.intp)
    outside = np.zeros(len(codes), dtype=bool)
    for part in parts:
        outside |= part.codes < 0
        codes = codes * len(part.ids) + part.codes
    return Classes(
        name=".".join(part.name for part in parts),
        label=swedish.listing(
            [parts[0].label, *(swedish.lower_first(part.label) for part in parts[1:])]
        ),
        codes=np.where(outside, -1, codes),
        ids=tuple(".".join(ids) for ids in product(*(part.ids for part in parts))),
        labels=tuple(", ".join(names) for names in product(*(part.labels for part in parts))),
        sensitive=any(part.sensitive for part in parts),
    )


def names_of_classes(survey: WeightedSurvey, parameters: Parameters) -> list[str]:
    """Everything that persons can be divided by in this wave."""
    questionnaire, frame = parameters.questionnaire, survey.frame
    groups = [
        name
        for name in questionnaire.groups
        if set(questionnaire.group(name).variables) <= set(frame.columns)
    ]
    background = [name for name in questionnaire.background if name in frame]
    asked = [name for name in questionnaire.items if name in frame]
    items = [name for name in asked if questionnaire.labels(name, survey.wave)]
    return list(dict.fromkeys([*groups, *background, *items, *parameters.areas.levels]))


def _fault(name: str, survey: WeightedSurvey, parameters: Parameters) -> Fault | None:
    known = names_of_classes(survey, parameters)
    if name in known:
        return None
    expected = "a group, a background variable, a question with fixed answers, or a level of areas"
    action = did_you_mean(name, known) or LOOK
    return Fault(ASKED, "division", f"{name}, which this wave doesn't have", expected, action)
