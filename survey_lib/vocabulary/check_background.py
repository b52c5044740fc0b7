"""Checks of the parts of ``questionnaire.yaml`` that are no questions: codes and labels, filters,
background variables, groups, the place loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from survey_lib.vocabulary.questionnaire import (
    OUTSIDE_SCALE,
    Background,
    Questionnaire,
)
from survey_lib.vocabulary.source import KeyPath, Source
from survey_lib.vocabulary.validation import Names, listed


def check_labels(labels: Mapping[int, str], path: KeyPath, source: Source) -> None:
    if not labels:
        source.fault(path, "no answers", "a code and a label per answer", "fill them in")
    for code in labels:
        if not 0 <= code < OUTSIDE_SCALE:
            source.fault(
                (*path, code),
                f"the code {code}",
                "a code from 0 to 95 (96–99 are special)",
                "renumber it",
            )
    for label in twice(labels.values()):
        source.fault(path, f"the label {label!r} twice", "labels that differ", "make them differ")


def twice(values: Iterable[str]) -> list[str]:
    every = [value.casefold() for value in values]
    return list(dict.fromkeys(value for value in every if every.count(value) > 1))


def check_conditions(
    conditions: Mapping[str, list[int]],
    path: KeyPath,
    q: Questionnaire,
    source: Source,
    names: Names,
) -> None:
    for variable, codes in conditions.items():
        known = [*q.items, *q.background]
        if not names.require(source, (*path, variable), "question or variable", variable, known):
            continue
        if not _resolvable(variable, q):
            continue
        possible = list(q.codes(variable))
        for index, code in enumerate(codes):
            if code not in possible:
                source.fault(
                    (*path, variable, index),
                    f"the code {code}, which {variable} does not have",
                    f"one of {listed(possible)}",
                    "mend the code",
                )


def _resolvable(variable: str, q: Questionnaire) -> bool:
    """Whether the codes of a variable can be told: not when its answers are at fault themselves."""
    item = q.variable(variable)
    if isinstance(item, Background) or item.kind != "single":
        return True
    return item.labels is not None if item.scale is None else item.scale in q.scales


def check_background(background: Background, path: KeyPath, source: Source, names: Names) -> None:
    codes = list(background.codes)
    if len({type(code) for code in codes}) > 1:
        source.fault(
            (*path, "codes"),
            f"codes {listed(codes)}",
            "only numbers, or only words",
            "quote the numbers",
        )
    if codes and isinstance(codes[0], int):
        check_labels(
            {c: label for c, label in background.codes.items() if isinstance(c, int)},
            (*path, "codes"),
            source,
        )
    elif not codes:
        source.fault(
            (*path, "codes"), "no codes", "a code and a label per category", "fill them in"
        )
    for index, code in enumerate(background.unpublished):
        if code not in codes:
            source.fault(
                (*path, "unpublished", index),
                f"the unknown code {code!r}",
                f"one of {listed(codes)}",
                "mend the code",
            )
    if background.years is None:
        return
    for code in [*background.years, *codes]:
        if (code not in codes or code not in background.years) and str(code) not in names.left_out:
            source.fault(
                (*path, "years"),
                f"{code!r} in only one of codes and years",
                "the same bands in both",
                "add or remove the band",
            )
    before: tuple[str, int | None] | None = None
    for code, (first, last) in background.years.items():
        here = (*path, "years", code)
        if last is not None and last < first:
            source.fault(
                here, f"{first} to {last}", "first age, then last age", "turn the two round"
            )
        if before and (before[1] is None or before[1] >= first):
            source.fault(
                here,
                f"{first}, inside the band {before[0]}",
                "bands in order that do not overlap",
                "mend the ages",
            )
        before = (code, last)


def check_groups(q: Questionnaire, source: Source, names: Names) -> None:
    for name, group in q.groups.items():
        path: KeyPath = ("groups", name)
        if group.cross is not None:
            if group.variable or group.merge:
                source.fault(
                    path, "cross together with variable or merge", "one of them", "remove one"
                )
            for index, other in enumerate(group.cross):
                simple = [one for one, g in q.groups.items() if g.cross is None]
                names.require(source, (*path, "cross", index), "group", other, simple)
            continue
        variable = group.variable or name
        here = (*path, "variable") if group.variable else path
        if not names.require(source, here, "background variable", variable, q.background):
            continue
        used: set[int | str] = set()
        for new, codes in (group.merge or {}).items():
            for index, code in enumerate(codes):
                at = (*path, "merge", new, index)
                if (
                    names.require(source, at, "code", code, q.background[variable].codes)
                    and code in used
                ):
                    source.fault(
                        at, f"the code {code} again", "each code in one group", "remove one"
                    )
                used.add(code)
            if new not in (group.labels or {}):
                source.fault(
                    (*path, "merge", new), "no label", f"a label of {new} under labels", "add it"
                )
        for new in group.labels or {}:
            names.require(source, (*path, "labels", new), "merged group", new, group.merge or {})


def check_places(q: Questionnaire, source: Source, names: Names) -> None:
    if q.places is None:
        return
    names.require(source, ("places", "theme"), "theme", q.places.theme, q.themes)
    if q.places.count < 1 or len(q.places.asked_if) not in (0, q.places.count):
        source.fault(
            ("places", "asked_if"),
            f"{len(q.places.asked_if)} filters for {q.places.count} places",
            "one filter per place",
            "add or remove filters",
        )
    for index, conditions in enumerate(q.places.asked_if):
        check_conditions(conditions, ("places", "asked_if", index), q, source, names)
    check_labels(q.places.day_types, ("places", "day_types"), source)
