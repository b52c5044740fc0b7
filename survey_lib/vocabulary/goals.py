"""Common goals of the whole, and what the survey can and can't say of each (domain guide, 1.3).

``goals.yaml`` has one entry per goal: its words, the indicators that show how residents perceive
it, and what no survey can tell. A goal without indicators is one that the survey doesn't measure;
that is said too.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.model import Model, Word
from survey_lib.vocabulary.questionnaire import Questionnaire
from survey_lib.vocabulary.source import KeyPath, Source
from survey_lib.vocabulary.tables import Tables
from survey_lib.vocabulary.validation import Names

Text = Annotated[str, Field(min_length=1)]


class Goal(Model):
    """One goal. ``measured`` ends a sentence that opens "Undersökningen visar"."""

    text: Text
    indicators: list[str] = Field(default_factory=list)
    measured: Text | None = None
    not_measured: Annotated[list[Text], Field(min_length=1)]


class Goals(Model):
    """``goals.yaml``: the goals in the order in which they are shown, and who agreed on them."""

    source: Text
    goals: Annotated[dict[Word, Goal], Field(min_length=1)]


def check_goals(
    goals: Goals,
    source: Source,
    q: Questionnaire | None,
    areas: Areas | None,
    tables: Tables | None,
    names: Names,
) -> None:
    """Every indicator exists and is published for the whole; a goal that has indicators says what
    they measure, and one that has none doesn't. Notes every fault."""
    published = {
        indicator: table
        for table in (tables.tables.values() if tables else ())
        for indicator in table.indicators
    }
    for name, goal in goals.goals.items():
        path: KeyPath = ("goals", name)
        if bool(goal.indicators) != bool(goal.measured):
            found = "indicators without measured" if goal.indicators else "no indicators"
            expected = "both measured and indicators, or neither"
            source.fault(path, found, expected, "add what is missing, or remove the other")
        for index, indicator in enumerate(goal.indicators):
            here = (*path, "indicators", index)
            if q is None or not names.require(source, here, "indicator", indicator, q.indicators):
                continue
            if indicator in goal.indicators[:index]:
                source.fault(here, f"{indicator} again", "each indicator once", "remove one")
            if tables is None or areas is None or names.may_hold(indicator):
                continue
            level, table = areas.level_of(areas.whole), published.get(indicator)
            if table is None or level not in table.levels:
                where = f"an indicator whose table in tables.yaml has the level {level}"
                found = f"{indicator}, which isn't published for the whole"
                source.fault(here, found, where, "add it to such a table, or remove it here")
