"""``trygg check``: everything that can be wrong with parameters and data, without writing a file.

Runs the same reading, cleaning and weighting as the reports do, for every wave, and goes on to the
next wave when one is at fault, so that all faults are told at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from survey_lib.batch.notebook_parameters import declared_parameters
from survey_lib.batch.pages import kinds
from survey_lib.batch.plan import notebook_file
from survey_lib.faults import BadInput, Fault

if TYPE_CHECKING:
    from survey_lib.vocabulary import Parameters


def check_waves(parameters: Parameters, waves: Sequence[str]) -> Iterator[str]:
    """Read, clean and weight each wave in memory, a pooled one as the waves that it pools.

    Yields
    ------
    one line per wave that is as it should be, and one about the map of real borders.

    Raises
    ------
    BadInput : when all waves are done, with the faults of all of them and of the notebooks.
    """
    from survey_lib.pipeline import demo_file_wanting, weigh_wave

    faults: list[Fault] = []
    for kind in kinds():
        try:
            declared_parameters(notebook_file(kind.notebook, parameters.folder))
        except BadInput as problem:
            faults += problem.faults
    for wave in dict.fromkeys(part for one in waves for part in parameters.waves[one].parts):
        try:
            if demo_file_wanting(parameters, wave):
                missing = "made-up answers, not made yet from these parameters"
                yield f"wave {wave}: {missing}: `trygg demo` makes them"
                continue
            survey, log = weigh_wave(parameters, wave)
        except BadInput as problem:
            faults += problem.faults
            continue
        delivered, analysed = int(log["left"].iloc[0]), len(survey.frame)
        yield f"wave {wave}: {delivered} persons delivered, {analysed} analysed and weighted"
    if parameters.areas.map is not None:
        from survey_lib.vocabulary.polygons import read_polygons

        try:
            level = parameters.reports.level
            polygons = read_polygons(parameters.folder, parameters.areas, level)
            yield f"map, level {level}: {polygons.account(parameters.areas)}"
        except BadInput as problem:
            faults += problem.faults
    if faults:
        raise BadInput(faults)
