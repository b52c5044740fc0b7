"""What was asked: scales with their families, items, batteries, background variables, indicators.

``parameters/questionnaire.yaml`` is read into :class:`Questionnaire`. Answer codes are small
integers, 1-7 for scale points and four special codes that can never be mistaken for them:

==  ==================================================================================
96  a real answer outside the scale ("is not there"), only where the item offers it
97  not applicable: not asked because of a filter
98  does not know / has no opinion: answered, takes no stand
99  no answer: blank, two marks, refused, unreadable
==  ==================================================================================

Domain guide, section 3.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from survey_lib.vocabulary.groups import Group, ResolvedGroup, resolve_group
from survey_lib.vocabulary.model import Model

if TYPE_CHECKING:
    from survey_lib.vocabulary.waves import Wave

OUTSIDE_SCALE, NOT_APPLICABLE, DONT_KNOW, NO_ANSWER = 96, 97, 98, 99

ItemKind = Literal["single", "multiple", "text", "place"]
BaseRule = Literal["answered", "present"]  # bases A (and F, with a filter) and D of the guide
Numerator = Annotated[list[int], Field(min_length=1)]  # codes


class Scale(Model):
    """Answer options in questionnaire order. Scales of different families are never compared."""

    family: str
    labels: dict[int, str]
    dont_know: str | None = None  # label of 98 where the scale offers it


class Theme(Model):
    """A section's subject. Sensitive themes have stricter rules at the door."""

    title: str
    sensitive: bool = False


class IndicatorRule(Model):
    """One share: who is counted (numerator) among whom (base).

    A respondent is in the numerator when the item's code is in ``numerator``, or when every
    condition of ``also`` holds (for example 96 "does not go out" *and* reason 1 "feels unsafe").
    """

    label: str  # short, for charts and table rows
    numerator: Numerator
    also: dict[str, list[int]] | None = None
    base: BaseRule = "answered"
    better: Literal["higher", "lower"] | None = None  # which direction is safer
    ties: str | None = None  # indicator that breaks ties when this one is ranked
    on_scale: dict[str, Numerator] = Field(
        default_factory=dict
    )  # numerator where a wave used another scale


class Item(Model):
    """One question, or one row of a battery.

    ``kind`` "multiple" is one 0/1 column per option (``<item>_<option>``); "text" is never
    published; "place" holds place ids. ``scale`` names a scale, or ``labels`` lists the item's own
    options. ``outside_scale`` is the label of code 96 where the item offers it. ``asked_if`` is the
    filter: item or background variable -> the codes for which this item is asked; all must hold.
    """

    text: str
    label: str
    theme: str
    kind: ItemKind = "single"
    scale: str | None = None
    labels: dict[int, str] | None = None
    dont_know: str | None = None  # label of 98 for an item with its own labels
    options: dict[str, str] | None = None  # kind "multiple": option id -> label
    options_from: str | None = None  # kind "multiple": the battery whose rows are the options
    at_most: int | None = None  # kind "multiple": more ticks than this is no answer
    outside_scale: str | None = None
    asked_if: dict[str, list[int]] | None = None
    filter_label: str | None = None  # base label of a filtered item ("Bland dem som har ...")
    core: bool = True  # counts in the rule "more than half of the core items blank"
    sensitive: bool = False
    subgroup: str | None = None  # heading inside a battery (utemiljö, trafik, ...)
    indicators: dict[str, IndicatorRule] = Field(default_factory=dict)


class Row(Model):
    """A row of a battery. ``text`` is what stands in the place of … in the stem (or after it)."""

    label: str
    text: str | None = None
    outside_scale: str | None = None
    asked_if: dict[str, list[int]] | None = None
    filter_label: str | None = None
    core: bool = True
    sensitive: bool = False
    subgroup: str | None = None


class Battery(Model):
    """Rows that share a stem, a scale and rules; each row becomes an :class:`Item`.

    ``indicators`` are templates: ``{item}`` in a key or in ``ties`` stands for the row's id and
    ``{label}`` in a label for the row's label.
    """

    stem: str
    theme: str
    scale: str
    flag_same_answer: bool = False  # flag respondents who give one answer to every row
    indicators: dict[str, IndicatorRule] = Field(default_factory=dict)
    items: dict[str, Row]


class Background(Model):
    """A background variable or filter. ``codes`` in reporting order; ids are text for bands.

    ``years`` gives, for a band variable, the ages (first, last; last may be open) of each band, so
    that a file that holds age in years can be banded. ``unpublished`` codes never make a row.
    """

    label: str
    text: str | None = None  # the question's wording
    codes: dict[int | str, str]
    years: dict[str, Annotated[tuple[int, int | None], Field(strict=False)]] | None = None
    unpublished: list[int | str] = Field(default_factory=list)

    @property
    def published(self) -> list[int | str]:
        """Codes that may make a row, in reporting order."""
        return [code for code in self.codes if code not in self.unpublished]


class Places(Model):
    """The place loop: up to ``count`` places, and what is asked about each.

    The columns of place 1 are ``plats1_text``, ``plats1_id``, ``plats1_tid_<time>``,
    ``plats1_dagtyp``, ``plats1_orsak_<reason>``; :attr:`Questionnaire.place_items` holds them as
    items. ``asked_if`` is one filter per place: the second place is asked of fewer than the first.
    """

    count: int
    theme: str
    asked_if: list[dict[str, list[int]]] = Field(default_factory=list)
    place: str  # wordings of the four questions
    time: str
    day_type: str
    reason: str
    times: dict[str, str]
    day_types: dict[int, str]
    reasons: dict[str, str]


class Indicator(Model):
    """An :class:`IndicatorRule` with its item: what estimation and the reports use."""

    id: str
    item: str
    column: str  # the answer column: the item, or one option of a multiple item
    rule: IndicatorRule
    theme: str
    sensitive: bool


class Questionnaire(Model):
    """The whole of ``questionnaire.yaml``.

    After load ``items`` holds every substantive question, battery rows included, in the order of
    the themes (inside a theme: battery rows first), and multiple items have their ``options``.
    """

    title: str
    special: dict[int, str]  # labels of 96-99 where an item gives none
    bases: dict[BaseRule, str]  # how the two base rules are named under a table
    scales: dict[str, Scale]
    themes: dict[str, Theme]
    items: dict[str, Item] = Field(default_factory=dict)
    batteries: dict[str, Battery] = Field(default_factory=dict)
    background: dict[str, Background]
    groups: dict[str, Group]
    places: Places | None = None

    # -- what there is -------------------------------------------------------------------------

    @cached_property
    def place_items(self) -> dict[str, Item]:
        """The place loop as items, place by place; empty without a place loop."""
        from survey_lib.vocabulary.expansion import place_items

        return place_items(self.places) if self.places else {}

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """Every declared indicator by id, in the order of the items."""
        from survey_lib.vocabulary.expansion import item_indicators

        found: dict[str, Indicator] = {}
        for item_id, item in self.items.items():
            battery = self.battery_of(item_id)
            rules = self.batteries[battery].indicators if battery else item.indicators
            for indicator in item_indicators(item_id, item, rules, self.sensitive(item_id)):
                found[indicator.id] = indicator
        return found

    def sensitive(self, item_id: str) -> bool:
        """Whether an item, or its theme, has stricter rules at publication."""
        item = self.items[item_id]
        return item.sensitive or self.themes[item.theme].sensitive

    def battery_of(self, item_id: str) -> str | None:
        """The battery in which an item is a row, or None."""
        return next((name for name, b in self.batteries.items() if item_id in b.items), None)

    def variable(self, name: str) -> Item | Background:
        """The item, place item or background variable of that name. KeyError when unknown."""
        for where in (self.items, self.place_items, self.background):
            if name in where:
                return where[name]
        raise KeyError(name)

    def columns(self, name: str) -> list[str]:
        """Answer columns of an item or background variable: one per option of a multiple item."""
        variable = self.variable(name)
        if isinstance(variable, Item) and variable.kind == "multiple":
            return [f"{name}_{option}" for option in variable.options or {}]
        return [name]

    @cached_property
    def column_owner(self) -> dict[str, str]:
        """Every answer column there can be -> the item or background variable it belongs to."""
        names = [*self.items, *self.place_items, *self.background]
        return {column: name for name in names for column in self.columns(name)}

    # -- codes, words, versions ----------------------------------------------------------------

    def labels(self, name: str, wave: Wave | None = None) -> dict[int | str, str]:
        """Substantive codes of a variable with their labels, in questionnaire order.

        A multiple item's columns hold 1 (ticked) and 0; text and place items have none.
        """
        variable = self.variable(name)
        if isinstance(variable, Background):
            return dict(variable.codes)
        if variable.kind == "multiple":
            return {1: "Ja", 0: "Nej"}
        if variable.kind in ("text", "place"):
            return {}
        if variable.labels is not None:
            return dict[int | str, str](variable.labels.items())
        scale = self.scales[self.scale_of(name, wave)]
        return dict[int | str, str](scale.labels.items())

    def substantive(self, name: str, wave: Wave | None = None) -> list[int | str]:
        """Substantive codes in questionnaire order."""
        return list(self.labels(name, wave))

    def answers(self, name: str, wave: Wave | None = None) -> dict[int | str, str]:
        """Codes of those who answered: substantive, then 96 and 98 where they are offered."""
        found = self.labels(name, wave)
        variable = self.variable(name)
        if isinstance(variable, Item) and variable.outside_scale:
            found[OUTSIDE_SCALE] = variable.outside_scale
        dont_know = self.dont_know(name, wave)
        if dont_know:
            found[DONT_KNOW] = dont_know
        return found

    def codes(self, name: str, wave: Wave | None = None) -> dict[int | str, str]:
        """All codes that a file may hold: :meth:`answers`, then 97 behind a filter or where the
        wave's file has an answer for it ("does not apply"), then 99."""
        found = self.answers(name, wave)
        variable = self.variable(name)
        written = wave.variables.get(name) if wave else None
        applies_not = NOT_APPLICABLE in (written.values or {}).values() if written else False
        if isinstance(variable, Item) and (variable.asked_if or applies_not):
            found[NOT_APPLICABLE] = self.special.get(NOT_APPLICABLE, "")
        found[NO_ANSWER] = self.special.get(NO_ANSWER, "")
        return found

    def dont_know(self, name: str, wave: Wave | None = None) -> str | None:
        """Label of code 98 where the item offers it, else None."""
        variable = self.variable(name)
        if isinstance(variable, Background) or variable.kind in ("multiple", "text"):
            return None
        if variable.scale is None:
            return variable.dont_know
        return variable.dont_know or self.scales[self.scale_of(name, wave)].dont_know

    def scale_of(self, name: str, wave: Wave | None = None) -> str:
        """The scale an item used in a wave; an item with its own options is its own scale."""
        item = self.variable(name)
        if isinstance(item, Background) or item.scale is None:
            return name
        override = wave.variables.get(name) if wave else None
        return override.scale if override and override.scale else item.scale

    def text(self, name: str, wave: Wave | None = None) -> str:
        """The exact question as asked in a wave, {placeholders} filled from the wave's words."""
        variable = self.variable(name)
        text = (
            (variable.text or variable.label) if isinstance(variable, Background) else variable.text
        )
        override = wave.variables.get(name) if wave else None
        if override and override.text:
            text = override.text
        return fill(text, wave.words if wave else {})

    def stem(self, name: str, wave: Wave | None = None) -> str:
        """The wording to print under a table: of a battery row the stem, else the question."""
        battery = self.battery_of(name)
        override = wave.variables.get(name) if wave else None
        if battery is None or (override and override.text):
            return self.text(name, wave)
        return fill(self.batteries[battery].stem, wave.words if wave else {})

    def wording_of(self, name: str, wave: Wave) -> str:
        """The version of an item's wording in a wave: the wave file's own name for it, or the
        filled text itself. Two waves may be compared only when both agree."""
        override = wave.variables.get(name)
        return override.wording if override and override.wording else self.text(name, wave)

    def numerator(self, indicator_id: str, wave: Wave | None = None) -> list[int] | None:
        """Codes counted by an indicator in a wave. None when the wave used another scale for which
        the indicator is not defined: then it has no value in that wave."""
        indicator = self.indicators[indicator_id]
        item = self.items[indicator.item]
        scale = self.scale_of(indicator.item, wave)
        if item.scale is None or scale == item.scale:
            return list(indicator.rule.numerator)
        return indicator.rule.on_scale.get(scale)

    def base_label(self, indicator_id: str) -> str:
        """How the base of an indicator is named under a table ("Bland alla som …")."""
        indicator = self.indicators[indicator_id]
        item = self.items[indicator.item]
        base = self.bases[indicator.rule.base]
        if item.filter_label is None:
            return base
        if indicator.rule.base == "answered":
            return item.filter_label
        return f"{item.filter_label}, {base[:1].lower()}{base[1:]}"

    def group(self, group_id: str) -> ResolvedGroup:
        """A reporting group with its values in order and the function that codes respondents."""
        return resolve_group(group_id, self.groups, self.background)


def fill(text: str, words: Mapping[str, str]) -> str:
    """``text`` with each {placeholder} replaced where ``words`` has it, else left as it stands."""
    parts = []
    for literal, name, _, _ in string.Formatter().parse(text):
        parts.append(literal)
        if name is not None:
            parts.append(words.get(name, f"{{{name}}}"))
    return "".join(parts)


def placeholders(text: str) -> list[str]:
    """Names of the {placeholders} in a text. ValueError when a brace is left open."""
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
