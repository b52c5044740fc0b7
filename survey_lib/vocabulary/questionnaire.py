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

from typing import Literal

from pydantic import Field

from survey_lib.vocabulary.model import Model

OUTSIDE_SCALE, NOT_APPLICABLE, DONT_KNOW, NO_ANSWER = 96, 97, 98, 99

ItemKind = Literal["single", "multiple", "text"]
BaseRule = Literal["answered", "present"]  # bases A (and F, with a filter) and D of the guide


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
    numerator: list[int]
    also: dict[str, list[int]] | None = None
    base: BaseRule = "answered"
    better: Literal["higher", "lower"] | None = None  # which direction is safer
    ties: str | None = None  # indicator that breaks ties when this one is ranked


class Item(Model):
    """One question, or one row of a battery.

    ``kind`` "multiple" is one 0/1 column per option (``<item>_<option>``); "text" is never
    published. ``scale`` names a scale, or ``labels`` lists the item's own options.
    ``outside_scale`` is the label of code 96 where the item offers it. ``asked_if`` is the filter:
    item or background variable -> the codes for which this item is asked.
    """

    text: str
    label: str
    theme: str
    kind: ItemKind = "single"
    scale: str | None = None
    labels: dict[int, str] | None = None
    dont_know: str | None = None  # label of 98 for an item with its own labels
    options: dict[str, str] | None = None  # kind "multiple": option id -> label
    at_most: int | None = None  # kind "multiple": more ticks than this is no answer
    outside_scale: str | None = None
    asked_if: dict[str, list[int]] | None = None
    filter_label: str | None = None  # base label of a filtered item ("dem som har ...")
    core: bool = True  # counts in the rule "more than half of the core items blank"
    sensitive: bool = False
    subgroup: str | None = None  # heading inside a battery (utemiljö, trafik, ...)
    indicators: dict[str, IndicatorRule] = Field(default_factory=dict)


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
    items: dict[str, Item | str]  # a plain string is the row's label


class Background(Model):
    """A background variable or filter. ``codes`` in reporting order; ids are text for bands.

    ``years`` gives, for a band variable, the ages (first, last; last may be open) of each band, so
    that a file that holds age in years can be banded. ``unpublished`` codes never make a row.
    """

    label: str
    codes: dict[int | str, str]
    years: dict[str, tuple[int, int | None]] | None = None
    unpublished: list[int | str] = Field(default_factory=list)


class Group(Model):
    """A reporting group: one background variable, perhaps with codes merged, or a cross of groups."""

    label: str
    variable: str | None = None
    merge: dict[str, list[int | str]] | None = None  # new id -> codes
    labels: dict[str, str] | None = None  # labels of the merged ids
    cross: list[str] | None = None  # ids of other groups


class Places(Model):
    """The place loop: how many places, and the items asked for each."""

    count: int
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
    """The whole of ``questionnaire.yaml``; batteries are expanded into ``items`` on load."""

    title: str
    special: dict[int, str]  # labels of 96-99 where an item gives none
    scales: dict[str, Scale]
    themes: dict[str, Theme]
    items: dict[str, Item]
    batteries: dict[str, Battery] = Field(default_factory=dict)
    background: dict[str, Background]
    groups: dict[str, Group]
    places: Places | None = None
