"""From what is written short in ``questionnaire.yaml`` to single items and indicators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from survey_lib.vocabulary.questionnaire import (
    Indicator,
    IndicatorRule,
    Item,
    Places,
    Questionnaire,
)


def expanded(questionnaire: Questionnaire) -> Questionnaire:
    """The questionnaire with battery rows among its items, and options in place.

    Items come in the order of the themes; inside a theme battery rows first, then single items.
    """
    every: dict[str, Item] = {}
    for battery in questionnaire.batteries.values():
        for item_id, row in battery.items.items():
            every[item_id] = Item(
                **row.model_dump(exclude={"text"}),
                text=_row_text(battery.stem, row.text or row.label),
                theme=battery.theme,
                scale=battery.scale,
            )
    for item_id, item in questionnaire.items.items():
        if item.options_from in questionnaire.batteries:
            rows = questionnaire.batteries[item.options_from].items
            item = item.model_copy(
                update={"options": {name: row.label for name, row in rows.items()}}
            )
        every[item_id] = item
    order = {theme: position for position, theme in enumerate(questionnaire.themes)}
    ordered = sorted(every.items(), key=lambda entry: order.get(entry[1].theme, len(order)))
    return questionnaire.model_copy(update={"items": dict(ordered)})


def _row_text(stem: str, row: str) -> str:
    return stem.replace("…", row) if "…" in stem else f"{stem} – {row}"


def item_indicators(
    item_id: str, item: Item, rules: Mapping[str, IndicatorRule], sensitive: bool
) -> Iterator[Indicator]:
    """The indicators of one item; a multiple item has one per option."""
    if item.kind == "multiple":
        cells = [
            (f"{item_id}_{option}", {"option": option, "label": label})
            for option, label in (item.options or {}).items()
        ]
    else:
        cells = [(item_id, {"label": item.label})]
    for template, rule in rules.items():
        for column, words in cells:
            filled = {"item": item_id, **words}
            yield Indicator(
                id=_filled(template, filled),
                item=item_id,
                column=column,
                rule=rule.model_copy(
                    update={
                        "label": _filled(rule.label, filled),
                        "ties": _filled(rule.ties, filled) if rule.ties else None,
                    }
                ),
                theme=item.theme,
                sensitive=sensitive,
            )


def _filled(template: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        template = template.replace(f"{{{name}}}", word)
    return template


def place_items(places: Places) -> dict[str, Item]:
    """The columns of the place loop as items (domain guide 3.9), each in the theme of the loop."""
    parts: dict[str, dict[str, Any]] = {
        "text": {"text": places.place, "label": "Plats", "kind": "text"},
        "id": {
            "text": places.place,
            "label": "Plats",
            "kind": "place",
            "dont_know": "Går inte att koda",
        },
        "tid": {"text": places.time, "label": "Tid", "kind": "multiple", "options": places.times},
        "dagtyp": {"text": places.day_type, "label": "Dag", "labels": places.day_types},
        "orsak": {
            "text": places.reason,
            "label": "Orsak",
            "kind": "multiple",
            "options": places.reasons,
        },
    }
    found: dict[str, Item] = {}
    for number in range(1, places.count + 1):
        asked_if = places.asked_if[number - 1] if places.asked_if else None
        for part, answers in parts.items():
            found[f"plats{number}_{part}"] = Item(
                **answers, theme=places.theme, core=False, asked_if=asked_if
            )
    return found
