"""What a wave publishes: the declared list of tables, and the rules for showing a value."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from survey_lib.vocabulary.model import Count, Fraction, Model, Word

Step = Annotated[int, Field(ge=1)]
SECTIONS = (
    "problems",
    "safety",
    "places",
    "worry",
    "exposure",
    "trust",
    "cohesion",
    "positives",
)
"""The sections of an area's report that tables fill, in its order (domain guide, 6.1)."""
PROBLEMS = "problems"  # the table that is ranked for the joint picture


class Table(Model):
    """A set of indicators for areas of some levels, alone and by groups.

    ``section`` is where an area's report shows the table; left out, the table's own id is the
    section's. ``lead`` are the indicators that the report words in full and shows group by group; a
    ranked table shows the groups of its highest-ranked ones. ``family`` is the multiplicity rule of
    the table's comparisons: "list" for Benjamini-Hochberg, "named" for Holm, "none" for none.
    """

    title: str
    section: str | None = None
    saying: str = ""  # ends "Det här är de problem som flest boende i ..." or "... vad flest ..."
    note: str = ""  # what a reader must know of these numbers; told in the section
    indicators: list[str]
    lead: list[str] = Field(default_factory=list)
    levels: list[str]
    groups: list[str] = Field(default_factory=list)
    distributions: list[str] = Field(default_factory=list)  # items shown with all answers
    ranked: bool = False
    family: Literal["list", "named", "none"] = "list"


class Showing(Model):
    """When a value may be shown (domain guide 6.3) and what the confidence level is."""

    hide_below: Count = 30
    uncertain_below: Count = 100
    sensitive_numerator_below: Count = 5
    round_bases: Step = 10  # numbers of respondents are published to the nearest of these
    hidden_base_within: Count = 5  # a hidden number of respondents may be that many different ones
    hidden_share_within: Fraction = 0.20  # and a hidden share may lie that far apart
    dont_know: Literal["keep", "drop"] = "keep"  # 98 in the denominators, or not
    show_dont_know_from: Fraction = 0.10
    confidence: Fraction = 0.95
    significance: Fraction = 0.05

    @property
    def laxer(self) -> bool:
        """Whether any rule about small groups is laxer than the standard, which these defaults
        are; every page then says so."""
        kept = (
            "hide_below", "sensitive_numerator_below", "round_bases", "hidden_base_within",
            "hidden_share_within",
        )  # fmt: skip
        return any(getattr(self, name) < Showing.model_fields[name].default for name in kept)


class Modelled(Model):
    """Estimates of small areas by a model: which indicators, for the areas of which ``level``
    inside each area ``within`` another, with which covariates (name in covariates.csv -> words)."""

    level: str
    within: str
    indicators: list[str]
    covariates: dict[str, str]


class Tables(Model):
    """``tables.yaml``"""

    showing: Showing = Field(default_factory=Showing)
    shared_units: bool = False  # waves are drawn in the same primary units, by the same labels
    split_levels: list[str] | None = None  # whose areas are split into groups; None for all
    profile: list[str] = Field(default_factory=list)  # background variables of "who answered"
    effects: dict[str, Word] = Field(default_factory=dict)  # group -> the category compared with
    tables: dict[str, Table]
    modelled: Modelled | None = None

    def splits(self, level: str) -> bool:
        """Whether areas of a level are split into groups; else they are published as wholes."""
        return self.split_levels is None or level in self.split_levels
