"""What a person asks for, held against the parameters: a wave, one to compare with, and areas.

All faults are told at once, each with the nearest thing that exists.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from survey_lib.faults import BadInput, Fault
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.validation import did_you_mean, listed
from survey_lib.vocabulary.waves import is_before, not_before

ASKED = "what was asked for"  # on the command line or in a notebook's parameters


@dataclass(frozen=True)
class Selection:
    """A checked choice. ``areas`` in Swedish order, each of a level that reports are made for."""

    wave: str
    compare_with: str | None
    areas: list[str]


def select(
    parameters: Parameters,
    *,
    wave: str | None = None,
    compare_with: str | None = None,
    level: str | None = None,
    areas: Sequence[str] = (),
) -> Selection:
    """The choice, with the defaults of ``reports.yaml`` for what is left out.

    Parameters
    ----------
    compare_with : None for the default when the wave is the default too, "" for no comparison.
    areas : ids; none means all areas of ``level``.

    Raises
    ------
    BadInput : unknown wave, level or area, a wave compared with itself, a later one or one that it
        shares answers with (pooled waves), or a level and areas together. All of them.
    """
    reports, faults = parameters.reports, []
    chosen = reports.wave if wave is None else wave
    faults += _unknown("wave", chosen, parameters.waves)
    if compare_with is None:
        compare_with = reports.compare_with if chosen == reports.wave else None
    before = compare_with or None
    if before is not None:
        faults += _unknown("wave to compare with", before, parameters.waves)
        known = not faults
        if known and not is_before(parameters.waves[before], parameters.waves[chosen]):
            earlier, later = parameters.waves[before], parameters.waves[chosen]
            found = before if before == chosen else not_before(earlier, later)
            action = 'name an earlier wave, or "" for no comparison'
            faults.append(Fault(ASKED, "wave to compare with", found, "an earlier wave", action))
    if level is not None and areas:
        found, expected = f"level {level} together with areas", "a level or areas"
        faults.append(Fault(ASKED, "", found, expected, "leave one of them out"))
    usual = reports.level if level is None else level
    levels = parameters.report_levels
    faults += _unknown_level(usual, parameters, levels)
    for area in areas:
        faults += _unknown_area(area, parameters, levels)
    if faults:
        raise BadInput(faults)
    wanted = list(dict.fromkeys(areas)) or parameters.areas.of_level(usual)
    return Selection(chosen, before, parameters.areas.sort(wanted))


def _unknown(what: str, found: str, known: Iterable[str]) -> list[Fault]:
    known = list(known)
    if found in known:
        return []
    action = did_you_mean(found, known) or "choose one of them"
    return [Fault(ASKED, what, found, f"one of {listed(known)}", action)]


def _unknown_level(level: str, parameters: Parameters, levels: Sequence[str]) -> list[Fault]:
    """A level's word is never its id, but it tells which id was meant."""
    faults = _unknown("level", level, levels)
    for one in levels if faults else ():
        words = parameters.areas.levels[one]
        if level.casefold() in (words.singular, words.plural, words.definite):
            return [replace(faults[0], action=f"did you mean {one}?")]
    return faults


def _unknown_area(area: str, parameters: Parameters, levels: Sequence[str]) -> list[Fault]:
    """A bare name is never an id, but it tells which id was meant."""
    places = parameters.areas
    if area in places.areas and places.level_of(area) in levels:
        return []
    expected = f"an area's id as in areas.csv, of level {listed(levels)}"
    known = [one for one in places.areas if places.level_of(one) in levels]
    named = [one for level in levels if (one := places.find(area, level))]
    action = f"did you mean {' or '.join(named)}?" if named else did_you_mean(area, known)
    if not action:
        ids = {places.name(one): one for one in reversed(known)}
        close = difflib.get_close_matches(area, ids, n=1, cutoff=0.75)
        action = f"did you mean {ids[close[0]]} ({close[0]})?" if close else ""
    return [Fault(ASKED, "area", area, expected, action or "look the id up in areas.csv")]
