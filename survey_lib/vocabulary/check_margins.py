"""Checks that the population files hold what a wave is weighted to, and that they agree."""

from __future__ import annotations

from itertools import product

import pandas as pd

from survey_lib.faults import Fault
from survey_lib.files import shown
from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.populations import AREA
from survey_lib.vocabulary.questionnaire import Questionnaire
from survey_lib.vocabulary.source import Source
from survey_lib.vocabulary.validation import Names, listed
from survey_lib.vocabulary.waves import ANY_STRATUM, Margin, Wave

ROUNDING_PERSONS, ROUNDING_SHARE = 2.0, 0.0005


def check_margins(
    wave: Wave,
    source: Source,
    populations: dict[str, pd.DataFrame],
    files: dict[str, Source],
    q: Questionnaire,
    areas: Areas,
    names: Names,
) -> None:
    """Notes what is missing, empty or does not add up, at the wave's key or the population file.

    A margin's cells are the published codes of its variables (bands inside the wave's age span;
    for ``area:<level>`` the areas of that level inside the raked area). Each must hold persons, and
    their sum must be the area's total within ``max(2, 0.05 %)``. A margin that has no row for an
    area, or by ``area:<level>`` for an area without such areas inside, is left out there.
    """
    recipe = wave.weighting
    totals = _total(wave, source, populations, files, areas, names)
    for index, margin in enumerate(recipe.margins if recipe.by in areas.levels else ()):
        path = ("weighting", "margins", index)
        if not names.require(
            source, (*path, "population"), "population file", margin.population, files
        ):
            continue
        if margin.population not in populations:
            continue
        frame = populations[margin.population]
        missing = [name for name in margin.variables if name not in frame]
        if missing or len(frame.columns) != len(margin.variables) + 2:
            has = [name for name in frame if name not in ("id", "persons")]
            source.fault(
                (*path, "variables"),
                f"{listed(margin.variables)}, where the file has {listed(has)}",
                "the same variables",
                "mend the margin or the file",
            )
            continue
        applied = False
        for area in _raked(wave, areas):
            cells = _cells(margin, area, wave, q, areas)
            here = frame[frame["id"] == area]
            if cells is None or here.empty:
                continue
            applied = True
            _check_area(area, margin, cells, here, totals, files[margin.population])
        if not applied:
            source.fault(
                (*path, "population"),
                f"no row of {margin.population}.csv fits an area that is raked",
                f"rows with an id of level {recipe.by}",
                "mend the ids, or remove the margin",
            )


def _total(
    wave: Wave,
    source: Source,
    populations: dict[str, pd.DataFrame],
    files: dict[str, Source],
    areas: Areas,
    names: Names,
) -> dict[str, float]:
    """Persons per id of the wave's total file; notes strata and raked areas that are not in it."""
    stem = wave.weighting.population
    if stem is None or not names.require(
        source, ("weighting", "population"), "population file", stem, files
    ):
        return {}
    if stem not in populations:
        return {}
    frame = populations[stem]
    if list(frame.columns) != ["id", "persons"]:
        source.fault(
            ("weighting", "population"),
            f"{stem}.csv with columns {listed(frame.columns)}",
            "id;persons",
            "name the file with one total per area",
        )
        return {}
    totals = dict(zip(frame["id"], frame["persons"], strict=True))
    known = areas.areas if wave.strata_level else {*wave.strata} - {ANY_STRATUM}
    strata = [stratum for stratum in wave.strata if stratum in known]
    for area in dict.fromkeys([*strata, *_raked(wave, areas)]):
        if not totals.get(area, 0) > 0:
            found = "no row" if area not in totals else "no persons"
            files[stem].faults.append(
                Fault(
                    shown(files[stem].path),
                    f"id {area}",
                    found,
                    f"the population of {area}, which wave {wave.id} is weighted to",
                    "add the row",
                )
            )
    return totals


def _raked(wave: Wave, areas: Areas) -> list[str]:
    """The areas raked one by one: those of the level in which somebody was asked."""
    level = wave.weighting.by
    if level is None or level not in areas.levels:
        return []
    asked = [stratum for stratum in wave.strata if stratum in areas.areas]
    every = areas.of_level(level)
    if len(asked) < len(wave.strata):
        return every
    return [a for a in every if any(areas.contains(a, s) or areas.contains(s, a) for s in asked)]


def _cells(
    margin: Margin, area: str, wave: Wave, q: Questionnaire, areas: Areas
) -> list[tuple[int | str, ...]] | None:
    """The cells a margin must have in an area; None when it does not apply there."""
    codes: list[list[int | str]] = []
    for name in margin.variables:
        if name.startswith(AREA):
            level = name.removeprefix(AREA)
            inside = [one for one in areas.members(area) if areas.level_of(one) == level]
            codes.append(list(areas.sort(inside)))
        elif name in q.background:
            background = q.background[name]
            years = background.years or {}
            codes.append(
                [c for c in background.published if _asked(years.get(str(c)), wave.age_span)]
            )
        else:
            return None  # told by the wave's own check
    return list(product(*codes)) or None


def _asked(band: tuple[int, int | None] | None, span: tuple[int, int | None]) -> bool:
    if band is None:
        return True
    return (span[1] is None or band[0] <= span[1]) and (band[1] is None or band[1] >= span[0])


def _check_area(
    area: str,
    margin: Margin,
    cells: list[tuple[int | str, ...]],
    here: pd.DataFrame,
    totals: dict[str, float],
    file: Source,
) -> None:
    keys = here[margin.variables].itertuples(index=False, name=None)
    persons = dict(zip(keys, here["persons"], strict=True))
    for cell in cells:
        if not persons.get(cell, 0) > 0:
            found = "no row" if cell not in persons else "no persons"
            where = ", ".join(
                f"{name} {code}" for name, code in zip(margin.variables, cell, strict=True)
            )
            fault = Fault(
                shown(file.path),
                f"id {area}, {where}",
                f"an empty margin cell ({found})",
                "persons in every cell that is weighted to",
                "fill in the number" if cell in persons else "add the row",
            )
            if fault not in file.faults:
                file.faults.append(fault)
    total, found_total = totals.get(area), sum(persons.values())
    if total and abs(found_total - total) > max(ROUNDING_PERSONS, ROUNDING_SHARE * total):
        fault = Fault(
            shown(file.path),
            f"id {area}",
            f"cells that sum to {found_total:.10g}",
            f"the area's total, {total:.10g}",
            "mend the cells or the total",
        )
        if fault not in file.faults:
            file.faults.append(fault)
