"""The joint table with a partner system's own parameters, for ``trygg export --key``.

One row per parameter and area: the survey's slow layer under a system that looks every week or
month, with area, period and uncertainty. A parameter that no question answers to has one row that
says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from survey_lib.export.joint_table import COLUMNS as OF_PROBLEMS
from survey_lib.export.joint_table import joint_frame, remark
from survey_lib.presentation.phrases import Words
from survey_lib.vocabulary.keys import KeyRow

OWN = {
    "parameter_id": "parameterns id i det andra systemet",
    "parameter_sv": "parametern med ord",
    "omrade_sv": "områdets namn",
    "period_start": "första dagen som svaren samlades in; tom för en extern källa",
    "period_slut": "sista dagen som svaren samlades in; tom för en extern källa",
}
FIRST = (
    "parameter_id", "parameter_sv", "niva", "omrade_id", "omrade_sv", "vag", "period_start",
    "period_slut",
)  # fmt: skip
COLUMNS = {name: (OWN | OF_PROBLEMS)[name] for name in dict.fromkeys([*FIRST, *OF_PROBLEMS])}

UNMAPPED = "Parametern är inte kopplad till någon fråga i undersökningen."


def keyed_table(
    key: Sequence[KeyRow], problems: Mapping[str, str], joint: pd.DataFrame, words: Words
) -> pd.DataFrame:
    """The rows of a joint table under a system's parameters, in the order of the key.

    Parameters
    ----------
    problems : indicator -> problem id.
    joint : rows of :func:`survey_lib.export.joint_table.joint_table` for all areas, with
        ``omrade_sv, period_start, period_slut``.
    """
    frames = []
    for row in key:
        if row.indicator is None:
            found = joint_frame([{"anm": remark([UNMAPPED], words)}])
        else:
            found = joint[joint["problem_id"] == problems[row.indicator]]
        frames.append(found.assign(parameter_id=row.parameter, parameter_sv=row.label))
    return _stacked(frames)[list(COLUMNS)]


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """The frames below each other; a column that one hasn't got is missing in its rows."""
    rows = [row for frame in frames for row in frame.to_dict("records")]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    words = table.select_dtypes(exclude="number").astype(object)
    return table.assign(**words.where(words.notna(), None).to_dict("series"))
