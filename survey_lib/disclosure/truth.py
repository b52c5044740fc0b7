"""The linked tables as they are in the microdata: where the door's own search starts.

A start only saves time. Whatever is said of a hidden cell follows from what is published.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from survey_lib.disclosure.cells import REST, Links, remainder
from survey_lib.disclosure.linked import Question
from survey_lib.perception.indicators import answer_places, indicator_arrays
from survey_lib.statistics.arrays import Flags, Floats
from survey_lib.vocabulary import Parameters, Wave


def members(frame: pd.DataFrame, links: Links, parameters: Parameters) -> sparse.csr_array:
    """(cells, persons): who is in which cell."""
    areas, questionnaire = parameters.areas, parameters.questionnaire
    lifted = {
        level: areas.at_level(frame["area"], level).to_numpy(object)
        for level in dict.fromkeys(map(areas.level_of, links.parts_of))
    }
    here: dict[str, Flags] = {
        area: np.asarray(lifted[areas.level_of(area)] == area) for area in links.parts_of
    }
    for whole, parts in links.parts_of.items():
        if parts:
            inside = np.logical_or.reduce([here[part] for part in parts])
            here[remainder(whole)] = here[whole] & ~inside
    category = {"": np.full(len(frame), "", dtype=object)}
    for group in {cell[1] for cell in links.cells} - {""}:
        crossed = questionnaire.groups[group].cross or []
        names = crossed if len(crossed) == 2 else [group]
        resolved = [questionnaire.group(name) for name in names]
        each = [np.array([*one.ids, REST], dtype=object)[one.codes(frame)] for one in resolved]
        category[group] = each[0] if len(each) == 1 else each[0] + "." + each[1]
    divided = {cell[:2] for cell in links.cells}
    rows, columns = [], []
    for area, inside in here.items():
        persons = np.flatnonzero(inside)
        for group, own in category.items():
            if group and (area, group) not in divided:
                continue
            rows += [links.place[area, group, one] for one in own[persons]]
            columns.append(persons)
    column = np.concatenate(columns)
    shape = (len(links.cells), len(frame))
    return sparse.csr_array((np.ones(len(column)), (np.array(rows), column)), shape=shape)


def counted(
    frame: pd.DataFrame, question: Question, wave: Wave, parameters: Parameters
) -> tuple[Flags, Flags]:
    """Numerator and base of each of a question's shares for each person, (persons, K)."""
    questionnaire = parameters.questionnaire
    indicators = [questionnaire.indicators[s] for s in question.shares if "=" not in s]
    codes = [int(s.partition("=")[2]) for s in question.shares if "=" in s]
    numerators, bases = indicator_arrays(frame, indicators, wave, parameters)
    if not codes:
        return numerators, bases
    item = questionnaire.column_owner[question.column]
    place = answer_places(frame, item, codes, questionnaire)[:, None]
    said = place == np.arange(len(codes))
    asked = np.repeat(place >= 0, len(codes), axis=1)
    return np.concatenate([numerators, said], axis=1), np.concatenate([bases, asked], axis=1)


def tabulate(
    question: Question, numerators: Flags, bases: Flags, inside: sparse.csr_array, weights: Floats
) -> Floats:
    """A question's true tables, as the unknowns of its system.

    ``numerators, bases`` are those of :func:`counted`, ``inside`` is that of :func:`members`, and
    ``weights`` are in the unit of :class:`~.linked.Respondents`.
    """
    atoms = question.numerators.shape[1]
    digit = 2.0 ** np.arange(2 * len(question.shares))
    own = np.concatenate([numerators, bases], axis=1) @ digit
    patterns = np.concatenate([question.numerators, question.bases]).T @ digit
    one = (own[:, None] == patterns).astype(float)
    if not (one.sum(1) == 1).all():
        raise ValueError(f"an answer to {question.column} is in none of its atoms")
    assert one.shape[1] == atoms
    persons, weight = inside @ one, inside @ (one * weights[:, None])
    return np.concatenate([persons.ravel(), weight.ravel()])
