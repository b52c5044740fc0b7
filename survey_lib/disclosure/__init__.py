"""The door's rules: what may be shown, and what takes the place of what may not."""

from survey_lib.disclosure.guard import Shown
from survey_lib.disclosure.homogeneity import protect_homogeneity
from survey_lib.disclosure.modelled import protect_modelled
from survey_lib.disclosure.places import protect_places
from survey_lib.disclosure.pooled import hide_told, protect_parts
from survey_lib.disclosure.rounding import Rounding, implied_bases
from survey_lib.disclosure.rules import (
    DIFFERENCES,
    HIDDEN,
    IMPOSSIBLE,
    NUMBERS,
    SHOWN,
    UNCERTAIN,
    hide,
    marks,
    protect,
    protect_areas,
    protect_common,
    protect_contrasts,
    protect_effects,
    protect_log,
    protect_profile,
    protect_promises,
)
from survey_lib.disclosure.wave import protect_wave

__all__ = [
    "DIFFERENCES",
    "HIDDEN",
    "IMPOSSIBLE",
    "NUMBERS",
    "SHOWN",
    "UNCERTAIN",
    "Rounding",
    "Shown",
    "hide",
    "hide_told",
    "implied_bases",
    "marks",
    "protect",
    "protect_areas",
    "protect_common",
    "protect_contrasts",
    "protect_effects",
    "protect_homogeneity",
    "protect_log",
    "protect_modelled",
    "protect_parts",
    "protect_places",
    "protect_profile",
    "protect_promises",
    "protect_wave",
]
