"""Weights for those who answered, by classes of alike response."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from survey_lib.statistics.arrays import Floats
from survey_lib.statistics.codes import encode
from survey_lib.statistics.design import checked_weights
from survey_lib.statistics.errors import EmptyCell


def nonresponse_weights(start: ArrayLike, classes: ArrayLike, responded: ArrayLike) -> Floats:
    """Weights of the respondents, raised by the inverse weighted response rate of their class.

    Särndal, Swensson & Wretman 1992, section 15.6 (response homogeneity groups).

    Parameters
    ----------
    start : (n,) design weights of all who were invited.
    classes : (n,) any labels.
    responded : (n,) bool.

    Returns
    -------
    (n,) weights: 0 for those who did not respond.

    Raises
    ------
    EmptyCell
        A class in which nobody responded.
    """
    start = checked_weights(start)
    index, labels = encode(classes)
    answered = np.where(np.asarray(responded, dtype=bool), start, 0.0)
    invited = np.bincount(index, start, minlength=len(labels))
    respondents = np.bincount(index, answered, minlength=len(labels))
    silent = (respondents <= 0) & (invited > 0)
    if silent.any():
        raise EmptyCell(f"class {labels[int(silent.argmax())]}: nobody responded; join it")
    rate = np.divide(respondents, invited, out=np.ones_like(invited), where=invited > 0)
    return np.asarray(answered / rate[index])
