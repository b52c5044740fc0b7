"""What differs between reports: contact, subareas and local comments, with defaults for all."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from survey_lib.vocabulary.model import Model, Word

OTHER_SECTIONS = ("summary", "reading", "promises", "joint", "method")
"""Sections that can have a comment beside those that tables fill."""


class Contact(Model):
    name: str
    email: str | None = None
    phone: str | None = None


class AreaReport(Model):
    contact: Contact | None = None
    subareas: list[str] | None = None
    comments: dict[str, str] = Field(default_factory=dict)  # section -> text, never markup


class Accessibility(Model):
    """What the office says in the reports' *tillgänglighetsredogörelse*; shown as it stands."""

    actor: str | None = None  # who is responsible; without it the publisher
    service: str | None = None  # what the statement is about, inside a sentence; "rapporten"
    conformance: Literal["helt", "delvis", "inte"] = "delvis"
    faults: list[str] = Field(default_factory=list)
    method: str
    assessed: date | None = None
    contact: Contact | None = None  # without it that of the report


class Limits(Model):
    """What one report may take before it is given up: the others are made all the same."""

    minutes: float = Field(default=15, gt=0)
    gigabytes: float = Field(default=4, gt=0)  # of memory, for a worker and its kernel


class Watch(Model):
    """What of a pulse is watched for change in every report (``docs/rullande.md``)."""

    indicators: list[str] = Field(min_length=1)
    window: int = Field(default=3, ge=1)  # surveys in a period, at most those of a year
    year: int = Field(default=12, ge=1)  # surveys in a year
    rate: float = Field(default=0.05, gt=0, lt=1)  # chance of any false signal in a year


class Reports(Model):
    """``reports.yaml``: words for the survey, defaults, and one entry per area that differs."""

    title: str  # report title, "Trygghetsundersökning"
    publisher: str
    people: str  # "boende"
    comment_heading: str  # "Kommentar från stadsområdet", above an area's own comments
    wave: Word  # the wave rendered when none is named
    compare_with: Word | None = None
    level: str  # the level whose areas get a report when none is named
    parties: dict[str, str] = Field(default_factory=dict)  # of the joint picture: id -> name
    watch: Watch | None = None
    accessibility: Accessibility | None = None
    limits: Limits = Field(default_factory=Limits)
    default: AreaReport = Field(default_factory=AreaReport)
    areas: dict[str, AreaReport] = Field(default_factory=dict)

    def for_area(self, area: str) -> AreaReport:
        """What holds for one area: its own entry, and the default for what it leaves out."""
        own = self.areas.get(area, AreaReport())
        return AreaReport(
            contact=own.contact or self.default.contact,
            subareas=self.default.subareas if own.subareas is None else own.subareas,
            comments=self.default.comments | own.comments,
        )
