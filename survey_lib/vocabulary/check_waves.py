"""Checks of ``waves/<id>.yaml`` against the questionnaire, the areas and itself."""

from __future__ import annotations

import codecs

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.populations import AREA
from survey_lib.vocabulary.questionnaire import (
    NO_ANSWER,
    Background,
    Questionnaire,
    placeholders,
)
from survey_lib.vocabulary.source import KeyPath, Source
from survey_lib.vocabulary.validation import Names, listed
from survey_lib.vocabulary.waves import ANY_STRATUM, MODES, PARADATA, Variable, Wave


def check_wave(
    wave: Wave, source: Source, q: Questionnaire | None, areas: Areas | None, names: Names
) -> None:
    """Notes every fault. A file that is at fault itself (None) is not checked against."""
    _check_file(wave, source)
    _check_spans(wave, source)
    if areas is not None:
        _check_strata(wave, source, areas, names)
    if q is not None:
        for name, variable in wave.variables.items():
            _check_variable(name, variable, wave, source, q, areas, names)
        for index, name in enumerate(wave.not_asked):
            names.require(
                source,
                ("not_asked", index),
                "item",
                name,
                [*q.items, *q.place_items, *q.background, *q.column_owner, *PARADATA],
            )
        _check_words(wave, source, q, names)
    if q is not None and areas is not None:
        _check_weighting(wave, source, q, areas, names)


def _check_file(wave: Wave, source: Source) -> None:
    file = wave.file
    if file.encoding is not None:
        try:
            codecs.lookup(file.encoding)
        except LookupError:
            source.fault(
                ("file", "encoding"),
                f"the unknown encoding {file.encoding!r}",
                "utf-8, windows-1252, utf-16 …",
                "mend the name",
            )
    if file.separator is not None and len(file.separator) != 1:
        source.fault(
            ("file", "separator"),
            repr(file.separator),
            'one character: ";", "," or "\\t"',
            "mend it",
        )
    if file.member is not None and not file.path.lower().endswith(".zip"):
        source.fault(
            ("file", "member"),
            f"a member of {file.path}, which is no zip archive",
            "a path that ends with .zip",
            "remove member, or mend the path",
        )


def _check_spans(wave: Wave, source: Source) -> None:
    first, last = wave.fieldwork
    if last < first:
        source.fault(
            ("fieldwork",), f"{first} to {last}", "first day, then last day", "turn the two round"
        )
    youngest, oldest = wave.age_span
    if youngest < 0 or (oldest is not None and oldest < youngest):
        source.fault(
            ("age_span",),
            f"{youngest} to {oldest}",
            "youngest age, then oldest age",
            "turn the two round",
        )
    if not wave.modes and not source.faulty(("modes",)):
        source.fault(
            ("modes",), "no mode", f"some of {listed(MODES)}", "say how answers were collected"
        )
    trim = wave.weighting.trim
    if trim is not None and not 0 <= trim[0] < 1 < trim[1]:
        source.fault(
            ("weighting", "trim"),
            f"{trim[0]:g} to {trim[1]:g}",
            "lowest below 1, highest above 1 (times the mean weight)",
            "mend the limits",
        )


def _check_strata(wave: Wave, source: Source, areas: Areas, names: Names) -> None:
    if not wave.strata:
        source.fault(("strata",), "no strata", "at least one", "list who was asked")
    level = wave.strata_level
    if level and names.require(source, ("strata_level",), "level", level, areas.levels):
        for key in wave.strata:
            if key != ANY_STRATUM:
                names.require(source, ("strata", key), "area", key, areas.of_level(level))
    for key, stratum in wave.strata.items():
        invited, responding = stratum.invited, stratum.responding
        if invited is not None and responding is not None and responding > invited:
            found = f"{responding} responding of {invited} invited"
            expected = "no more responding than invited"
            source.fault(("strata", key), found, expected, "mend the numbers")


def _check_variable(
    name: str,
    variable: Variable,
    wave: Wave,
    source: Source,
    q: Questionnaire,
    areas: Areas | None,
    names: Names,
) -> None:
    path: KeyPath = ("variables", name)
    owners = q.column_owner
    known = dict.fromkeys([*owners, *q.items, *q.place_items, *q.background, *PARADATA])
    if not names.require(source, path, "variable", name, known):
        return
    if variable.column is not None and not variable.column:
        source.fault(
            (*path, "column"), "an empty name", "a column of the delivered file", "fill it in"
        )
    is_item = name in q.items or name in q.place_items
    for what in ("scale", "wording", "text"):
        if getattr(variable, what) is not None and not is_item:
            source.fault(
                (*path, what), f"{what} for {name}, which is no question", "a question", "remove it"
            )
    if variable.scale is not None and is_item:
        if not names.require(source, (*path, "scale"), "scale", variable.scale, q.scales):
            return
        if q.items[name].scale is None if name in q.items else True:
            source.fault(
                (*path, "scale"),
                f"a scale for {name}, which has answers of its own",
                "no scale",
                "remove it",
            )
            return
    owner = owners.get(name, name)
    if variable.years:
        background = q.background.get(owner)
        if background is None or background.years is None:
            source.fault(
                (*path, "years"),
                f"years for {name}",
                "a background variable with years in questionnaire.yaml",
                "remove it, or give the bands' years",
            )
    if variable.finer is not None and name != "area":
        source.fault((*path, "finer"), f"finer for {name}", "finer for area only", "remove it")
    elif variable.finer is not None and areas is not None:
        for delivered, area in variable.finer.values.items():
            here = (*path, "finer", "values", delivered)
            names.require(source, here, "area", area, areas.areas)
    if variable.values is not None:
        _check_values(owner, variable, wave, source, path, q, areas, names)


def _check_values(
    owner: str,
    variable: Variable,
    wave: Wave,
    source: Source,
    path: KeyPath,
    q: Questionnaire,
    areas: Areas | None,
    names: Names,
) -> None:
    """Every delivered value leads to a code, an area, a stratum or a mode that exists."""
    known: list[object] | None = None
    what = "code"
    if owner == "area":
        known, what = ([*areas.areas, NO_ANSWER] if areas else None), "area"
    elif owner == "stratum" and ANY_STRATUM not in wave.strata:
        known, what = [*wave.strata, NO_ANSWER], "stratum"
    elif owner == "mode":
        known, what = [*MODES, NO_ANSWER], "mode"
    elif owner not in PARADATA:
        item = q.variable(owner)
        if (
            isinstance(item, Background)
            or item.scale is None
            or q.scale_of(owner, wave) in q.scales
        ):
            text = not isinstance(item, Background) and item.kind in ("text", "place")
            known = None if text else list(q.codes(owner, wave))
    if known is None:
        return
    for delivered, code in (variable.values or {}).items():
        names.require(source, (*path, "values", delivered), what, code, known)


def _check_words(wave: Wave, source: Source, q: Questionnaire, names: Names) -> None:
    """Every {placeholder} of a question asked has its word, and every word is used somewhere."""
    used: set[str] = set()
    for name, words in _placeholders(wave, source, q).items():
        for word in words:
            if word not in {*wave.words, *used} and name not in wave.not_asked:
                found = f"no word for {{{word}}} in the question {name}"
                expected = f"the key {word} under words"
                source.fault(("words",), found, expected, f"add {word}: to words")
        used.update(words)
    for word in wave.words if not names.left_out else ():
        names.require(source, ("words", word), "placeholder", word, used)


def _placeholders(wave: Wave, source: Source, q: Questionnaire) -> dict[str, list[str]]:
    """The placeholders of every question's wording in this wave, by question."""
    found: dict[str, list[str]] = {}
    for name in [*q.items, *q.background, *q.place_items]:
        override = wave.variables.get(name)
        own = override.text if override else None
        try:
            found[name] = placeholders(own or q.variable(name).text or "")
        except ValueError:
            if own:
                at = ("variables", name, "text")
                source.fault(at, "a brace without its pair", "{word}", "close the brace")
    return found


def _check_weighting(
    wave: Wave, source: Source, q: Questionnaire, areas: Areas, names: Names
) -> None:
    recipe = wave.weighting
    if recipe.delivered is not None and recipe.margins:
        source.fault(("weighting",), "both delivered and margins", "one of them", "remove one")
    needed = {"by": "the level whose areas are raked one by one", "population": "file of totals"}
    for key, meaning in needed.items() if recipe.delivered is None else ():
        if getattr(recipe, key) is None and not source.faulty(("weighting", key)):
            found = f"neither delivered weights nor {key}"
            source.fault(("weighting",), found, f"{key}: {meaning}", f"add {key}: or delivered:")
    if recipe.by is not None:
        names.require(source, ("weighting", "by"), "level", recipe.by, areas.levels)
    if recipe.raked_to and recipe.delivered is None:
        source.fault(
            ("weighting", "raked_to"),
            "raked_to without delivered weights",
            "delivered: the weight column",
            "remove raked_to, or add delivered:",
        )
    lists: list[tuple[KeyPath, list[str]]] = [
        (("weighting", "margins", i, "variables"), m.variables)
        for i, m in enumerate(recipe.margins)
    ]
    lists += [
        (("weighting", "raked_to", i), variables) for i, variables in enumerate(recipe.raked_to)
    ]
    known = [*q.background, *(f"{AREA}{level}" for level in areas.levels)]
    for path, variables in lists:
        for index, variable in enumerate(variables):
            if names.require(source, (*path, index), "variable", variable, known) and (
                variable in wave.not_asked
            ):
                found = f"{variable}, which stands under not_asked"
                action = f"remove {variable} here or from not_asked"
                source.fault((*path, index), found, "variables that were asked", action)
