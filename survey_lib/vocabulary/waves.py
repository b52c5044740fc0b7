"""When and how: one file ``waves/<id>.yaml`` per wave.

A wave says everything about the delivered file that can't be known from the file itself: where it
is and how it is written, which column holds which variable, how its values map to codes, how the
sample was drawn, who was invited, and how it is weighted.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from survey_lib.vocabulary.model import Count, FromList, Model, Word

PARADATA = ("respondent", "area", "stratum", "psu", "mode", "language", "week")
"""What a delivered file may hold beside answers and background, by our names. ``week`` is an ISO
week, 2024-W38. The weight, when delivered, is named by ``weighting.delivered``."""

ANY_STRATUM = "*"
"""Key in ``strata`` for every stratum of the file that isn't listed."""

Sampling = Literal["sannolikhet", "kvot", "sjalvval"]
Mode = Literal["post", "webb", "telefon", "besok", "gatuintervju"]
MODES: tuple[str, ...] = get_args(Mode)


class DataFile(Model):
    """The delivered file. What is left out is found out only where it can't be wrong."""

    path: str  # relative to the parameters folder
    format: Literal["csv", "excel", "sav", "parquet"] | None = None  # None: by the file's ending
    member: str | None = None  # file inside a zip archive
    sheet: str | None = None  # Excel
    encoding: str | None = None
    separator: str | None = None
    decimal: Literal[",", "."] | None = None
    skip_lines: Count | None = None  # lines before the header


class Stratum(Model):
    """A part of the population sampled on its own; its key is an area id or a code in the file."""

    sampling: Sampling
    invited: Count | None = None
    responding: Count | None = None


class Finer(Model):
    """A second column that tells a smaller area for some persons: a municipality inside the city
    that the first column names.

    ``values`` maps a delivered value to an area id. It counts only where that area lies inside the
    one that the first column gives, so that two municipalities with one name are kept apart.
    """

    column: str
    values: dict[Word, str]


class Variable(Model):
    """How one variable of ours stands in the delivered file.

    ``values`` maps a delivered value (as text) to a code or an area id. A delivered label that is
    equal to the questionnaire's own label needs no mapping. ``years``: the column holds age in
    years, to be banded. ``scale`` and ``wording`` say how this wave differs from the questionnaire;
    a comparison is computed only when both agree.
    """

    column: str | None = None  # None: the variable's own id
    values: dict[Word, int | str] | None = None
    finer: Finer | None = None  # area only
    years: bool = False
    scale: str | None = None
    wording: str | None = None  # name of the wording version; None: the text itself is the version
    text: str | None = None  # the exact wording in this wave, when it differs


Crossed = Annotated[list[str], Field(min_length=1)]  # variables


class Margin(Model):
    """One margin to rake to: variables crossed, and the population file that holds the totals.

    ``needs`` leaves the margin out for an area in which any cell has fewer respondents.
    """

    variables: Crossed
    population: str  # file stem in population/
    needs: Count | None = None
    note: str | None = None  # printed in the method section ("könsfördelningen är antagen")


class Weighting(Model):
    """The recipe. Either ``margins`` (raked here) or ``delivered`` (a column with weights)."""

    by: str | None = None  # level whose areas are raked one by one
    population: str | None = None  # file stem in population/ with the total per area
    margins: list[Margin] = Field(default_factory=list)
    collapse_below: Count = 20
    trim: Annotated[tuple[float, float], FromList] | None = (0.3, 3.0)
    delivered: str | None = None
    raked_to: list[Crossed] = Field(default_factory=list)  # what delivered weights were raked to


class Cleaning(Model):
    """Choices that only a person can make; without them the fault is reported and nothing runs."""

    unknown_code: Literal["stop", "no_answer"] = "stop"
    duplicate: Literal["stop", "first"] = "stop"
    outside_fieldwork: Literal["keep", "remove"] = "keep"


class Withdrawal(Model):
    """An earlier publication of the wave that is taken back, by the name that the refusal of a new
    one tells (:mod:`survey_lib.frozen`)."""

    respondents: Word
    date: date
    reason: str


class Wave(Model):
    """One survey wave. ``strata`` lists who was asked; an area of the stratum level that isn't
    there had no survey in this wave.

    A file from a larger design holds its own strata and primary sampling units (``variables:
    stratum``, ``psu``). Where they are too many to list, the key "*" stands for every stratum of
    the file that isn't listed.

    A wave that pools others (``pools``) is made from them when the parameters are loaded; its
    ``file`` and ``weighting`` are those of its latest part.
    """

    id: str
    label: str
    pools: list[str] = Field(default_factory=list)  # never written in a file: see Pool
    demo: bool = False  # made-up answers: DEMO on every page, table and file name
    file: DataFile = Field(examples=["{path: ../svar/svar_2024.csv}"])
    fieldwork: Annotated[tuple[date, date], FromList] = Field(examples=["[2024-09-02, 2024-10-13]"])
    season: str = Field(examples=["höst"])
    age_span: Annotated[tuple[int, int | None], FromList] = Field(examples=["[16, 84]"])
    modes: list[Mode] = Field(examples=["[post, webb]"])  # of all strata together
    strata_level: str | None = None
    strata: dict[Word, Stratum] = Field(examples=["{AREA: {sampling: sannolikhet}}"])
    words: dict[str, str] = Field(default_factory=dict)  # fills {placeholders} in question texts
    variables: dict[str, Variable] = Field(default_factory=dict)
    not_asked: list[str] = Field(default_factory=list)  # also columns: options, respondent, area
    weighting: Weighting = Field(examples=["{by: LEVEL, population: FILE}, or {delivered: COLUMN}"])
    cleaning: Cleaning = Field(default_factory=Cleaning)
    withdrawn: list[Withdrawal] = Field(default_factory=list)
    source: str  # the Källa: line under tables

    @property
    def parts(self) -> list[str]:
        """The waves with answers of their own that this one stands on: itself, or those it pools,
        the earliest first."""
        return self.pools or [self.id]


class Pool(Model):
    """A file ``waves/<id>.yaml`` that pools waves and says no more: all the rest follows from them
    (:func:`~survey_lib.vocabulary.pooling.pooled_wave`)."""

    id: str
    pools: Annotated[list[Word], Field(min_length=2)]


def is_before(earlier: Wave, later: Wave) -> bool:
    """Whether a later wave may be compared with an earlier one. Where one of them is pooled, the
    two may have no wave in common and their times may not overlap (domain guide, 5.4)."""
    if earlier.pools or later.pools:
        return earlier.fieldwork[1] < later.fieldwork[0]
    return earlier.fieldwork < later.fieldwork


def not_before(earlier: Wave, later: Wave) -> str:
    """What was found, of a wave that :func:`is_before` says no to."""
    shared = [part for part in earlier.parts if part in later.parts]
    if shared and earlier.id != later.id:
        return f"{earlier.id}, which shares {' and '.join(shared)} with {later.id}"
    return f"{earlier.id}, which is not before {later.id}"
