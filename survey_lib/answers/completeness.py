"""Whether the delivered file holds everybody who answered, as far as the wave file can tell.

A file that was cut off between two rows, or from which one area was forgotten, looks like any
other. What gives it away is the number of responding persons that the wave file says: each of them
has a row, and no more persons than those are left after cleaning.
"""

from __future__ import annotations

from survey_lib import files
from survey_lib.answers.model import Answers
from survey_lib.faults import BadInput, Fault
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.waves import ANY_STRATUM


def check_completeness(read: Answers, cleaned: Answers, parameters: Parameters) -> None:
    """Hold the rows of each stratum, before and after cleaning, against ``responding``.

    Raises
    ------
    BadInput
        A stratum of the wave file without rows, with fewer rows than responding persons, or with
        more persons after cleaning than responding ones. All of them.
    """
    wave = parameters.waves[read.wave]
    shown = files.shown(parameters.folder / wave.file.path)
    wave_file = files.shown(parameters.folder / "waves" / f"{wave.id}.yaml")
    rows, left = (answers.frame["stratum"].value_counts() for answers in (read, cleaned))
    faults = []
    for key, stratum in wave.strata.items():
        delivered, analysed = int(rows.get(key, 0)), int(left.get(key, 0))
        said = stratum.responding
        if key == ANY_STRATUM:
            continue
        if delivered == 0:
            found, expected = "no rows", "rows of every stratum that the wave file lists"
            action = f"fetch the whole file, or remove {key} from strata: in {wave_file}"
        elif said is not None and delivered < said:
            found = f"{delivered} rows, where {wave_file} says {said} responding"
            expected = "a row for each who responded"
            action = f"fetch the whole file, or mend responding: of {key} in {wave_file}"
        elif said is not None and analysed > said:
            found = f"{analysed} persons after cleaning, where {wave_file} says {said} responding"
            expected = "no more persons than responded"
            action = f"mend responding: of {key} in {wave_file}, or take wrong rows out of the file"
        else:
            continue
        faults.append(Fault(shown, f"stratum {key}", found, expected, action))
    if faults:
        raise BadInput(faults)
