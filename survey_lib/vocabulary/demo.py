"""The made-up survey: what is true in the made-up population, who answers, and how it is delivered.

``demo.yaml`` is read into :class:`DemoPlan`. It names areas, items and codes of the questionnaire
beside it; the simulator (``survey_lib.demo``) knows none of them. Shares are of 1, shifts of a
latent score are in standard deviations, shifts of a response rate are in logs. Levels follow the
domain guide, section 8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, model_validator

from survey_lib.vocabulary.model import Model
from survey_lib.vocabulary.waves import Sampling

Code = int | str
Share = Annotated[float, Field(ge=0, le=1)]
Condition = dict[str, list[Code]]  # variable -> codes; all must hold; {} holds for everyone


class Effect(Model):
    """Where the condition holds, the score (or log rate) is shifted. ``area`` is a variable too:
    it holds for persons who live inside one of the named areas."""

    when: Condition
    shift: float


class Mix(Model):
    """Where the condition holds, answers fall with these shares. The last mix that holds counts."""

    when: Condition = Field(default_factory=dict)
    shares: dict[Code, Share]

    @model_validator(mode="after")
    def _whole(self) -> Mix:
        _sums_to_one(self.shares)
        return self


class Dimension(Model):
    """A latent factor shared by items: what makes one person's answers hang together.

    ``general`` is its correlation with the factor behind everything, ``loading`` the correlation
    of each item's score with the dimension. A higher score is always a less safe answer.
    """

    general: Annotated[float, Field(ge=-1, le=1)]
    loading: Annotated[float, Field(ge=0, lt=1)]
    effects: list[Effect] = Field(default_factory=list)


class Reason(Model):
    """Why code 96 was chosen: asked in its own item, answered from the score that 96 hides."""

    item: str
    unsafe_codes: list[int]  # hidden answers that mean "for fear"
    for_fear: int
    otherwise: int


class Outside(Model):
    """Code 96. ``lean`` is how many standard deviations of it come from the item's own score."""

    share: Share
    lean: Annotated[float, Field(ge=0, lt=1)] = 0.0
    effects: list[Effect] = Field(default_factory=list)
    reason: Reason | None = None


class Question(Model):
    """One item with one answer. ``shares`` goes from the safest code to the least safe one, among
    those who take a stand; ``dont_know`` is the share of code 98 among those who answer.
    ``other_scales`` gives the shares for waves that ask on another scale."""

    dimension: str
    shares: dict[int, Share]
    dont_know: Share = 0.0
    outside: Outside | None = None
    effects: list[Effect] = Field(default_factory=list)
    other_scales: dict[str, dict[int, Share]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Question:
        for shares in (self.shares, *self.other_scales.values()):
            _sums_to_one(shares)
        return self


class Ticks(Model):
    """An item with several ticks: how many want to tick each option before ``at_most`` stops them.

    ``follows`` is the weight of the person's score on the item that has the option's own id;
    ``none`` is the option of those who tick nothing else.
    """

    shares: dict[str, Share]
    dimension: str | None = None
    loading: Annotated[float, Field(ge=-1, le=1)] = 0.0
    follows: Annotated[float, Field(ge=0, lt=1)] = 0.0
    none: str | None = None


class Level(Model):
    """A true share set exactly: ``codes`` are the first or the last of the item's order, and the
    share is among all in its base, those who don't know included."""

    area: str
    item: str
    codes: list[int]
    share: Share


class Change(Model):
    """A true change of a share, in units of 1, from ``wave`` on."""

    area: str
    item: str
    codes: list[int]
    wave: str
    change: float


class Noise(Model):
    """A declared difference without a change behind it: it comes from the sample alone."""

    area: str
    item: str
    codes: list[int]
    wave: str


class Truth(Model):
    """What is true. ``area_shifts`` and ``drift`` move every item of a dimension, on the logit
    scale; ``spread`` is the standard deviation of what else differs between items and areas."""

    dimensions: dict[str, Dimension]
    questions: dict[str, Question]
    ticks: dict[str, Ticks] = Field(default_factory=dict)
    spread: float = 0.0
    area_shifts: dict[str, dict[str, float]] = Field(default_factory=dict)
    drift: dict[str, dict[str, float]] = Field(default_factory=dict)
    levels: list[Level] = Field(default_factory=list)
    changes: list[Change] = Field(default_factory=list)
    noise: list[Noise] = Field(default_factory=list)


class Persons(Model):
    """Who lives there. ``cells`` and ``subareas`` are file stems in ``population/``; background
    variables are drawn in order, each may depend on those before it."""

    cells: str
    subareas: str | None = None
    background: dict[str, list[Mix]]


class NoAnswer(Model):
    """Code 99: shares at the first and last question of the form; ``spread`` is the standard
    deviation of a person's log carelessness."""

    first: Share
    last: Share
    spread: float = 0.0


class PlaceAnswers(Model):
    """The place loop. ``further`` is the share of those asked for one more place who name one;
    ``uncodable`` are texts that fit no place in the gazetteer."""

    further: Share
    times: dict[str, Share]
    day_types: dict[int, Share]
    reasons: dict[str, Share]
    uncodable: list[str]
    uncodable_share: Share


class FreeText(Model):
    share: Share
    texts: list[str]


class Dirt(Model):
    """How many of each fault the cleaning rules must catch. The first four are rows beside those
    who answered properly, the others answers of persons who stay, one fault per person."""

    duplicates: int = 0
    outside_age: int = 0
    mostly_blank: int = 0
    outside_fieldwork: int = 0  # rows that stay, when the wave keeps them
    unknown_codes: int = 0
    mixed_case: int = 0
    hard_spaces: int = 0
    decomposed: int = 0
    contradictions: int = 0
    same_answer: int = 0
    old_area_names: int = 0
    too_many_ticks: int = 0


class Delivery(Model):
    """How the file is written. Variables in ``labels`` are delivered as words, all others as codes;
    those in ``decimals`` as "3,0"."""

    labels: list[str]
    decimals: dict[str, list[str]] = Field(default_factory=dict)  # wave -> variables
    replaced: dict[str, dict[Code, Share]] = Field(default_factory=dict)  # answered instead
    paradata: dict[str, list[Mix]] = Field(default_factory=dict)  # also when: sampling
    no_answer: NoAnswer
    places: PlaceAnswers | None = None
    free_texts: dict[str, FreeText] = Field(default_factory=dict)
    dirt: dict[str, Dirt] = Field(default_factory=dict)  # wave -> faults


class Pulse(Model):
    """A made-up survey of a few questions, repeated each month (``trygg demo --pulse``).

    ``areas`` are drawn each time, ``invited`` and ``responding`` in each of them; ``changes`` are
    true from a survey on, "2025_09".
    """

    areas: list[str] = Field(min_length=1)
    invited: int
    responding: int
    first: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    surveys: Annotated[int, Field(ge=1)]
    indicators: list[str] = Field(min_length=1)
    changes: list[Change] = Field(default_factory=list)


class DemoPlan(Model):
    """``demo.yaml``. ``response`` shifts the log rate at which a person answers, by background and
    by the true answers, for each kind of sampling."""

    seed: int
    persons: Persons
    truth: Truth
    response: dict[Sampling, list[Effect]]
    delivery: Delivery
    pulse: Pulse | None = None


def end_of_order(order: Sequence[int], codes: Sequence[int]) -> tuple[int, bool]:
    """Which cut of an order the codes lie beyond, and whether they are its first, safe end.

    Cut k separates ``order[:k + 1]`` from the rest. ValueError when the codes are no end of it.
    """
    for cut in range(len(order) - 1):
        if set(codes) == set(order[cut + 1 :]):
            return cut, False
        if set(codes) == set(order[: cut + 1]):
            return cut, True
    raise ValueError(f"the codes {codes} are neither the first nor the last of {order}")


def _sums_to_one(shares: Mapping[Any, float]) -> None:
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise ValueError(f"shares must sum to 1, they sum to {sum(shares.values()):g}")
