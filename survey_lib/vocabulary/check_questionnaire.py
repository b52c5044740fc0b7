"""Checks inside ``questionnaire.yaml`` that a single key can't show: references, codes, names."""

from __future__ import annotations

import re
from typing import Any

from survey_lib.vocabulary.check_background import (
    check_background,
    check_conditions,
    check_groups,
    check_labels,
    check_places,
    twice,
)
from survey_lib.vocabulary.expansion import expanded, item_indicators
from survey_lib.vocabulary.questionnaire import (
    DONT_KNOW,
    NO_ANSWER,
    OUTSIDE_SCALE,
    IndicatorRule,
    Item,
    Questionnaire,
    placeholders,
)
from survey_lib.vocabulary.source import KeyPath, Source
from survey_lib.vocabulary.validation import Names, listed, names_below
from survey_lib.vocabulary.waves import PARADATA

ID = re.compile(r"[a-z][a-z0-9_]*")
SPECIAL = range(OUTSIDE_SCALE, NO_ANSWER + 1)


DECLARING = ("items", "batteries", "background", "groups")
"""The parts of the file that declare what other files refer to."""


def usable(written: Questionnaire, source: Source, names: Names) -> tuple[Questionnaire, Names]:
    """The questionnaire without what is at fault, so that other files can be checked against it,
    and the names with those that went. Battery rows and options are still as they are written."""
    kept: dict[str, dict[str, Any]] = {part: {} for part in DECLARING}
    gone = set(names.left_out)
    for part, entries in kept.items():
        for name, one in getattr(written, part).items():
            lacks_theme = getattr(one, "theme", None) not in (None, *written.themes)
            lacks_scale = getattr(one, "scale", None) not in (None, *written.scales)
            if source.faulty((part, name)) or lacks_theme or lacks_scale:
                gone |= {str(name), *names_below(source.data[part].get(name))}
            else:
                entries[name] = one
    return written.model_copy(update=kept), Names(frozenset(gone))


def check_questionnaire(written: Questionnaire, source: Source, names: Names) -> None:
    """Notes every fault. ``written`` is the file as it is written, before expansion."""
    every = expanded(written)
    _check_ids(written, every, source)
    _check_special(written, source)
    for name, scale in written.scales.items():
        check_labels(scale.labels, ("scales", name, "labels"), source)
    for name, background in written.background.items():
        check_background(background, ("background", name), source, names)
    for name, battery in written.batteries.items():
        path: KeyPath = ("batteries", name)
        names.require(source, (*path, "theme"), "theme", battery.theme, written.themes)
        names.require(source, (*path, "scale"), "scale", battery.scale, written.scales)
        _check_text(battery.stem, (*path, "stem"), source)
        for row_id in battery.items:
            row = every.items[row_id]
            shown = bool(battery.indicators)
            _check_filter(row, shown, (*path, "items", row_id), every, source, names)
        for template, rule in battery.indicators.items():
            here = (*path, "indicators", template)
            if "{item}" not in template:
                source.fault(
                    here,
                    f"the indicator {template}",
                    "a template with {item}, as {item}_stort",
                    "write {item} where the row's id stands",
                )
            if battery.items and battery.scale in written.scales:
                _check_rule(
                    rule, every.items[next(iter(battery.items))], here, every, source, names
                )
    for name, item in written.items.items():
        _check_item(every.items[name], item, ("items", name), every, source, names)
    _check_indicator_ids(written, every, source, names)
    check_groups(written, source, names)
    check_places(every, source, names)


def _check_ids(q: Questionnaire, every: Questionnaire, source: Source) -> None:
    """Ids are plain, and one name means one thing among all that can be a column."""
    declared: list[tuple[str, KeyPath]] = [
        (row, ("batteries", name, "items", row))
        for name, b in q.batteries.items()
        for row in b.items
    ]
    declared += [(name, ("items", name)) for name in q.items]
    declared += [(name, ("background", name)) for name in q.background]
    places = [(name, ("places",)) for name in q.place_items]
    taken = set(PARADATA)
    for name, path in [*declared, *places]:
        item = every.items.get(name) or q.place_items.get(name)
        options = item.options if item and item.kind == "multiple" else None
        columns = [name, *(f"{name}_{option}" for option in options or ())]
        for column in taken.intersection(columns):
            expected = "one name for one question, variable or column"
            source.fault(path, f"the name {column} again", expected, "rename one")
        taken.update(columns)
    parts = ("scales", "themes", "batteries", "groups")
    others: list[tuple[str, KeyPath]] = []
    for part in parts:
        others += [(name, (part, name)) for name in getattr(q, part)]
    for name, item in q.items.items():
        others += [(option, ("items", name, "options", option)) for option in item.options or {}]
    for part in ("times", "reasons") if q.places else ():
        others += [(option, ("places", part, option)) for option in getattr(q.places, part)]
    for name, path in [*declared, *others]:
        pattern = r"[A-Za-z][A-Za-z0-9_]*" if path[0] == "scales" else ID.pattern
        if not re.fullmatch(pattern, name):
            source.fault(path, f"the id {name!r}", "a–z, 0–9 and _, a letter first", "rename it")


def _check_special(q: Questionnaire, source: Source) -> None:
    for code in SPECIAL:
        if code not in q.special:
            source.fault(
                ("special",), f"no label of {code}", "labels of 96, 97, 98 and 99", f"add {code}:"
            )
    for code in q.special:
        if code not in SPECIAL:
            source.fault(("special", code), f"the code {code}", "96, 97, 98 or 99", "remove it")


def _check_text(text: str, path: KeyPath, source: Source) -> None:
    try:
        placeholders(text)
    except ValueError:
        source.fault(
            path,
            "a brace without its pair",
            "{word} for what differs between waves",
            "close the brace",
        )


def _check_item(
    item: Item, written: Item, path: KeyPath, q: Questionnaire, source: Source, names: Names
) -> None:
    names.require(source, (*path, "theme"), "theme", item.theme, q.themes)
    _check_text(item.text, (*path, "text"), source)
    has = {
        "scale": written.scale,
        "labels": written.labels,
        "options": written.options,
        "options_from": written.options_from,
    }
    given = [name for name, value in has.items() if value is not None]
    allowed = {"single": ("scale", "labels"), "multiple": ("options", "options_from")}.get(
        item.kind, ()
    )
    if source.faulty((*path, "kind")):
        return
    if len(given) != (1 if allowed else 0) or not set(given) <= set(allowed):
        source.fault(
            path,
            f"an item of kind {item.kind} with {' and '.join(given) or 'no answers'}",
            f"one of {' or '.join(allowed)}" if allowed else "neither scale, labels nor options",
            "mend the kind or the answers",
        )
        return
    if item.scale is not None:
        names.require(source, (*path, "scale"), "scale", item.scale, q.scales)
    if item.labels is not None:
        check_labels(item.labels, (*path, "labels"), source)
    if item.options_from is not None:
        names.require(source, (*path, "options_from"), "battery", item.options_from, q.batteries)
    for label in twice((written.options or {}).values()):
        source.fault(
            (*path, "options"),
            f"the option {label!r} twice",
            "options that differ",
            "make them differ",
        )
    if item.at_most is not None and (item.kind != "multiple" or item.at_most < 1):
        source.fault(
            (*path, "at_most"),
            f"at most {item.at_most}",
            "1 or more, for an item with options",
            "mend it",
        )
    _check_filter(item, bool(item.indicators), path, q, source, names)
    for template, rule in item.indicators.items():
        here = (*path, "indicators", template)
        if item.kind == "multiple" and "{option}" not in template:
            source.fault(
                here,
                f"the indicator {template}",
                "a template with {option}, as {item}_{option}",
                "write {option} where the option's id stands",
            )
        _check_rule(rule, item, here, q, source, names)


def _check_filter(
    item: Item, shown: bool, path: KeyPath, q: Questionnaire, source: Source, names: Names
) -> None:
    """The filter's codes exist; an item that is ``shown`` as an indicator names its base."""
    if item.asked_if is None:
        return
    check_conditions(item.asked_if, (*path, "asked_if"), q, source, names)
    if shown and item.filter_label is None:
        expected = "the base in words, 'Bland dem som …'"
        source.fault(path, "a filter without filter_label", expected, "add filter_label:")


def _check_rule(
    rule: IndicatorRule, item: Item, path: KeyPath, q: Questionnaire, source: Source, names: Names
) -> None:
    """Numerator, extra conditions, base and other scales of one indicator."""
    if item.kind in ("text", "place"):
        source.fault(
            path, f"an indicator of an item of kind {item.kind}", "single or multiple", "remove it"
        )
        return
    if item.scale is not None and item.scale not in q.scales:
        return
    own = [1] if item.kind == "multiple" else list(item.labels or q.scales[item.scale or ""].labels)
    if item.outside_scale:
        own.append(OUTSIDE_SCALE)
    if item.dont_know or (item.scale and q.scales[item.scale].dont_know):
        own.append(DONT_KNOW)
    _check_numerator(rule.numerator, own, (*path, "numerator"), source)
    if rule.also:
        check_conditions(rule.also, (*path, "also"), q, source, names)
    if rule.base == "present" and not item.outside_scale:
        source.fault(
            (*path, "base"),
            "base present for an item without code 96",
            "outside_scale on the item, or base answered",
            "mend one of the two",
        )
    for scale, codes in rule.on_scale.items():
        here = (*path, "on_scale", scale)
        if names.require(source, here, "scale", scale, q.scales):
            _check_numerator(codes, list(q.scales[scale].labels), here, source)


def _check_numerator(codes: list[int], possible: list[int], path: KeyPath, source: Source) -> None:
    for index, code in enumerate(codes):
        if code not in possible:
            source.fault(
                (*path, index),
                f"the code {code}, which is no answer to the question",
                f"one of {listed(possible)}",
                "mend the code",
            )


def _check_indicator_ids(
    written: Questionnaire, every: Questionnaire, source: Source, names: Names
) -> None:
    """Each indicator id once; an indicator that breaks ties exists."""
    taken: dict[str, KeyPath] = {}
    ties: dict[KeyPath, str] = {}
    for item_id, item in every.items.items():
        battery = every.battery_of(item_id)
        rules = every.batteries[battery].indicators if battery else item.indicators
        above: KeyPath = ("batteries", battery) if battery else ("items", item_id)
        if source.faulty((*above, "kind")):
            continue
        for template, rule in rules.items():
            path = (*above, "indicators", template)
            for indicator in item_indicators(item_id, item, {template: rule}, sensitive=False):
                if taken.setdefault(indicator.id, path) != path:
                    found = f"the indicator {indicator.id} again"
                    source.fault(path, found, "each indicator once", "rename one")
                if "{" in indicator.rule.label and not source.faulty((*path, "label")):
                    expected = "{label} for the row's or option's label"
                    found = f"the label {rule.label!r}"
                    source.fault((*path, "label"), found, expected, "mend the word in braces")
                if not ID.fullmatch(indicator.id):
                    found = f"the indicator id {indicator.id!r}"
                    source.fault(path, found, "a–z, 0–9 and _", "mend the template")
                if indicator.rule.ties:
                    ties.setdefault((*path, "ties"), indicator.rule.ties)
    for path, other in ties.items():
        names.require(source, path, "indicator", other, taken)
