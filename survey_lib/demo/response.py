"""Who is asked and who answers.

A probability sample invites at random, and each invited person answers at a personal rate; a
street interviewer, or a form open to all, meets everyone at their rates. The first ``responding``
to answer are the respondents: answer times are exponential, so groups with low rates are late, are
under-represented, and are more so the lower the response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from survey_lib.demo.people import People, total_shift

if TYPE_CHECKING:
    from survey_lib.vocabulary import Parameters
    from survey_lib.vocabulary.demo import DemoPlan
    from survey_lib.vocabulary.waves import Stratum


def response_rates(
    parameters: Parameters, plan: DemoPlan, people: People, answers: pd.DataFrame, stratum: Stratum
) -> np.ndarray:
    """(n,) relative rates at which the persons of an area answer, by background and answers."""
    columns = dict(people.background.items()) | dict(answers.items())
    effects = plan.response.get(stratum.sampling, [])
    return np.asarray(np.exp(total_shift(effects, columns, parameters.areas.members, len(answers))))


def draw_respondents(
    rates: np.ndarray, stratum: Stratum, random: np.random.Generator, extra: int = 0
) -> np.ndarray:
    """Rows of those who answer, in the order in which they do: exactly ``stratum.responding``, and
    ``extra`` persons after them."""
    pool = np.arange(len(rates))
    if stratum.sampling == "sannolikhet" and stratum.invited is not None:
        pool = random.choice(len(rates), size=stratum.invited, replace=False, shuffle=False)
    times = random.standard_exponential(len(pool)) / rates[pool]
    count = (stratum.responding or 0) + extra
    first = np.argpartition(times, count)[:count] if count < len(times) else np.arange(len(times))
    return np.asarray(pool[first[np.argsort(times[first])]])
