"""Checks of ``promises.yaml`` against the questionnaire, areas, waves, tables and places."""

from __future__ import annotations

from collections.abc import Mapping

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.gazetteer import Place
from survey_lib.vocabulary.promises import (
    Promise,
    PromisesFile,
    usual_baseline,
    usual_follow_up,
)
from survey_lib.vocabulary.questionnaire import Questionnaire
from survey_lib.vocabulary.source import KeyPath, Source
from survey_lib.vocabulary.tables import Tables
from survey_lib.vocabulary.validation import Names
from survey_lib.vocabulary.waves import Wave

SAFER = {"higher": "upp", "lower": "ned"}  # the direction that an indicator's ``better`` means


def check_promises(
    file: PromisesFile,
    source: Source,
    q: Questionnaire | None,
    areas: Areas | None,
    waves: Mapping[str, Wave],
    tables: Tables | None,
    places: Mapping[str, Place],
    names: Names,
) -> dict[str, Promise]:
    """The promises, each with the waves its dates lead to. Notes every fault."""
    checked = {}
    for name, promise in file.promises.items():
        path: KeyPath = ("promises", name)
        if promise.period[1] < promise.period[0] and not source.faulty((*path, "period")):
            found = f"{promise.period[0]} to {promise.period[1]}"
            source.fault((*path, "period"), found, "first day, then last day", "turn the two round")
        if areas is not None:
            _check_areas(promise, source, path, areas, names)
            _check_places(promise, source, path, areas, places, names)
        if q is not None:
            _check_indicators(promise, source, path, q, tables, names)
        checked[name] = promise
        if areas is not None and not source.faulty((*path, "areas")):
            checked[name] = _with_waves(promise, source, path, areas, waves, names)
    if not names.left_out:
        _check_families(checked, source, waves)
    return checked


def _check_areas(
    promise: Promise, source: Source, path: KeyPath, areas: Areas, names: Names
) -> None:
    names.require(source, (*path, "level"), "level", promise.level, areas.levels)
    for index, area in enumerate(promise.areas):
        here = (*path, "areas", index)
        if not names.require(source, here, "area", area, areas.areas):
            continue
        if areas.level_of(area) != promise.level and promise.level in areas.levels:
            found = f"{area}, which is not of level {promise.level}"
            action = "mend level, or make a promise of its own for each level"
            source.fault(here, found, "areas of the promise's level", action)
        if area in promise.areas[:index]:
            source.fault(here, f"{area} again", "each area once", "remove one")


def _check_places(
    promise: Promise,
    source: Source,
    path: KeyPath,
    areas: Areas,
    places: Mapping[str, Place],
    names: Names,
) -> None:
    """An id leads to a place or an area; anything else is words."""
    for index, place in enumerate(promise.places):
        if ":" in place:
            known = [*places, *areas.areas]
            names.require(source, (*path, "places", index), "place or area", place, known)


def _check_indicators(
    promise: Promise,
    source: Source,
    path: KeyPath,
    q: Questionnaire,
    tables: Tables | None,
    names: Names,
) -> None:
    """Every indicator exists, is published where the promise holds, and is wanted where it is
    safer: the other direction is a slip that would turn the verdict round."""
    published = (
        {i: table for table in tables.tables.values() for i in table.indicators} if (tables) else {}
    )
    for indicator in promise.indicators:
        here = (*path, "indicators", indicator)
        if not names.require(source, here, "indicator", indicator, q.indicators):
            continue
        better, wanted = q.indicators[indicator].rule.better, promise.direction(indicator)
        if better is not None and SAFER[better] != wanted:
            source.fault(
                here,
                f"{wanted} for {indicator}",
                f"{SAFER[better]}, which is safer (better: {better} in questionnaire.yaml)",
                f"write {indicator}: {SAFER[better]}",
            )
        if tables is None or names.may_hold(indicator):
            continue
        table = published.get(indicator)
        if table is None:
            found, expected = f"{indicator}, which is in no table", "an indicator of tables.yaml"
            source.fault(here, found, expected, "add it to a table, or remove it here")
        elif promise.level not in table.levels:
            found = f"{indicator}, whose table has no areas of level {promise.level}"
            action = f"add {promise.level} to the table's levels in tables.yaml, or remove it here"
            source.fault(here, found, f"one of {', '.join(table.levels)}", action)


def _with_waves(
    promise: Promise,
    source: Source,
    path: KeyPath,
    areas: Areas,
    waves: Mapping[str, Wave],
    names: Names,
) -> Promise:
    """The promise with its waves; what is written must be what the dates lead to."""
    usual = {
        "baseline": usual_baseline(promise, waves.values(), areas),
        "follow_up": usual_follow_up(promise, waves.values(), areas),
    }
    asked = {
        "baseline": "the last wave whose fieldwork had ended before the period began",
        "follow_up": "the first wave whose fieldwork began after the period ended",
    }
    for key, wave in usual.items():
        written = getattr(promise, key)
        here = (*path, key)
        if written is None or not names.require(source, here, "wave", written, waves):
            continue
        if written != wave and not (names.left_out or source.faulty((*path, "period"))):
            expected = f"{wave or 'none'}: {asked[key]}, of those that asked in all its areas"
            action = "remove it, since it is found by itself, or mend period"
            source.fault(here, written, expected, action)
    return promise.model_copy(update=usual)


def _check_families(
    promises: Mapping[str, Promise], source: Source, waves: Mapping[str, Wave]
) -> None:
    """A change of one indicator in one area between two waves is tested for one promise only."""
    taken: dict[tuple[str | None, ...], str] = {}
    told = set()
    for name, promise in promises.items():
        for wave in waves.values():
            if promise.baseline is None or not promise.is_shown_in(wave):
                continue
            for area in promise.areas:
                for indicator in promise.indicators:
                    first = taken.setdefault((area, indicator, promise.baseline, wave.id), name)
                    if first != name and (name, indicator) not in told:
                        told.add((name, indicator))
                        source.fault(
                            ("promises", name, "indicators", indicator),
                            f"{indicator} in {area} from {promise.baseline} to {wave.id}, which "
                            f"{first} follows up too",
                            "one promise per indicator, area and pair of waves, so that a change "
                            "has one verdict",
                            "remove it from one of the two, or join them to one promise",
                        )
