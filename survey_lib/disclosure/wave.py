"""All shares of a wave on their way out, in the one order that is safe: the primary rules on what
is true, then rounding, then the guard on what is left to see."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from survey_lib.disclosure.guard import LOST, Account, Shown, guard
from survey_lib.disclosure.pooled import hide_told
from survey_lib.disclosure.rounding import Rounding, implied_shares
from survey_lib.disclosure.rules import protect, protect_areas, protect_profile
from survey_lib.perception.estimates import Estimates
from survey_lib.vocabulary import Parameters


def protect_wave(
    estimates: Estimates,
    microdata: pd.DataFrame,
    weights: pd.DataFrame,
    parameters: Parameters,
    parts: Sequence[Shown] = (),
) -> tuple[Shown, Account]:
    """A wave's frames as they are published, and the guard's account of what it hid.

    Parameters
    ----------
    microdata : the coded answers of the respondents, with their ``weight``.
    weights : the frame of the same name in :class:`survey_lib.publish.Published`.
    parts : what is published of the waves that a pooled one is made of.
    """
    showing = parameters.tables.showing
    indicators, answers = protect(estimates.indicators, estimates.answers, parameters)
    frames = {
        "indicators": indicators,
        "answers": answers,
        "areas": protect_areas(estimates.areas, showing),
        "profile": protect_profile(estimates.profile, showing),
    }
    rounding = Rounding.of(showing)
    frames = {
        name: rounding.frame(hide_told(rows, [vars(one)[name] for one in parts], LOST[name]))
        for name, rows in frames.items()
    }
    frames["profile"] = implied_shares(frames["profile"], frames["areas"])
    shown = Shown(**frames, weights=rounding.frame(weights))
    return guard(shown, estimates.wave, microdata, parameters)
