"""The design: how persons came into the sample, and to what their weights were calibrated.

A :class:`Design` holds arrays only, one row per person, and answers the questions that a
linearised variance asks: who belongs to which stratum and primary sampling unit, how many units
each stratum has, and by what a squared unit total is multiplied.

Several stages are handled by *ultimate clusters*: the variance between the totals of the primary
units holds that of the later stages within it (Särndal, Swensson & Wretman 1992, section 4.6;
Wolter 2007, section 2.4.5), so only the first stage is described.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_lib.statistics.arrays import Array, Codes, Floats
from survey_lib.statistics.codes import cross, encode, sum_sorted
from survey_lib.statistics.errors import BadWeights, LonelyPsu

if TYPE_CHECKING:
    from survey_lib.statistics.variance import Linearised

LonelyPolicy = Literal["fail", "adjust", "average", "certainty"]


@dataclass(frozen=True, eq=False)
class Calibration:
    """What the weights were calibrated to, as the variance needs it.

    Attributes
    ----------
    cell : (n,) cell of the calibration cross of each person, 0 … cells-1. For continuous variables
        every person is a cell of their own: ``np.arange(n)``.
    variables : (cells, q) value of each calibration variable in each cell: 0/1 for the levels of
        margins, any number for continuous variables. Linear dependence is allowed.
    start : (n,) weights before calibration, the d of the textbooks.
    """

    cell: Array
    variables: Array
    start: Array

    @staticmethod
    def join(parts: list[Calibration], members: list[Array], size: int) -> Calibration:
        """One calibration of groups that were calibrated one by one (districts, say).

        Parameters
        ----------
        parts : the calibration of each group.
        members : positions in the whole sample of the persons of each group, in the order of
            the group's calibration. Every person belongs to exactly one group.
        size : n, the persons of the whole sample.
        """
        cell = np.full(size, -1, dtype=np.intp)
        start = np.zeros(size)
        variables = np.zeros([sum(part.variables.shape[axis] for part in parts) for axis in (0, 1)])
        row = column = 0
        for part, where in zip(parts, members, strict=True):
            rows, columns = part.variables.shape
            cell[where] = part.cell + row
            start[where] = part.start
            variables[row : row + rows, column : column + columns] = part.variables
            row, column = row + rows, column + columns
        if (cell < 0).any():
            raise ValueError(f"the person in position {int(np.argmin(cell))} belongs to no group")
        return Calibration(cell, variables, start)


@dataclass(frozen=True, eq=False)
class Design:
    """A sample of n persons: weights, strata, primary sampling units, calibration.

    Attributes
    ----------
    weights : (n,) final weights, finite and not negative. A weight of 0 means: counted as part of
        the design (their unit is one of the stratum's units) and nowhere else.
    strata : (n,) any labels; None for one stratum.
    psu : (n,) primary sampling units, any labels, read within the stratum (unit 1 of stratum A
        is not unit 1 of stratum B); None where each person was drawn on their own.
    fpc : (n,) number of primary units in the *population* of the person's stratum, for the finite
        population correction 1 - n_h/N_h; None for sampling with replacement (the safe choice).
    calibration : what the weights were calibrated to; None treats them as fixed.
    residuals : ``"leverage"`` divides each calibration residual by 1 minus its leverage,
        ``"plain"`` does not (as R's ``calibrate``); see :mod:`survey_lib.statistics.variance`.
    leverage_cap : the largest leverage used; larger ones are lowered to it and counted.
    lonely_psu : what a stratum with one primary unit contributes to the variance.
        ``fail``: nothing is estimated, :class:`LonelyPsu` names the stratum;
        ``certainty``: 0, the unit was taken with certainty;
        ``adjust``: its squared total, that is, centred at 0, the mean over the whole sample
        of linearised values;
        ``average``: the average of the other strata.
        The names are R's (``options(survey.lonely.psu)``), and so are the numbers.

    Raises
    ------
    BadWeights
        Negative, missing or infinite weights, or none above 0.
    ValueError
        Arrays of different length, missing stratum or unit labels, a population of fewer units
        than were drawn.
    """

    weights: Array
    strata: Array | None = None
    psu: Array | None = None
    fpc: Array | None = None
    calibration: Calibration | None = None
    residuals: Literal["leverage", "plain"] = "leverage"
    leverage_cap: float = 0.5
    lonely_psu: LonelyPolicy = "fail"

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", checked_weights(self.weights))
        for name in ("strata", "psu", "fpc"):
            given = getattr(self, name)
            if given is not None and len(given) != self.size:
                raise ValueError(f"{name} has {len(given)} rows, weights {self.size}")
        if self.calibration is not None and len(self.calibration.cell) != self.size:
            raise ValueError(
                f"the calibration has {len(self.calibration.cell)} rows, weights {self.size}"
            )
        if self.residuals not in ("leverage", "plain"):
            raise ValueError(f"residuals is {self.residuals!r}, not 'leverage' or 'plain'")
        if self.lonely_psu not in ("fail", "adjust", "average", "certainty"):
            raise ValueError(f"lonely_psu is {self.lonely_psu!r}")
        if not 0 <= self.leverage_cap < 1:
            raise ValueError(f"leverage_cap is {self.leverage_cap}, not in [0, 1)")

    @property
    def size(self) -> int:
        """n, the number of persons in the sample."""
        return len(self.weights)

    @property
    def clustered(self) -> bool:
        """Whether persons were drawn in primary units rather than one by one."""
        return self.psu is not None

    @cached_property
    def _stratum_codes(self) -> tuple[Codes, Array]:
        if self.strata is None:
            return np.zeros(self.size, dtype=np.intp), np.zeros(1, dtype=np.intp)
        return encode(self.strata)

    @property
    def stratum(self) -> Codes:
        """(n,) stratum of each person, 0 … H-1."""
        return self._stratum_codes[0]

    @property
    def stratum_labels(self) -> Array:
        """(H,) the labels of the strata as they were given."""
        return self._stratum_codes[1]

    @property
    def n_strata(self) -> int:
        """H, the number of strata."""
        return len(self.stratum_labels)

    @cached_property
    def _units(self) -> tuple[Codes, Codes]:
        if self.psu is None:
            return np.arange(self.size), self.stratum
        labels, kept = encode(self.psu)
        unit, (stratum, _) = cross((self.stratum, self.n_strata), (labels, len(kept)))
        return unit, stratum

    @property
    def unit(self) -> Codes:
        """(n,) primary unit of each person, 0 … m-1; the person themselves without clusters."""
        return self._units[0]

    @property
    def unit_stratum(self) -> Codes:
        """(m,) stratum of each primary unit."""
        return self._units[1]

    @property
    def n_units(self) -> int:
        """m, the number of primary units in the sample."""
        return len(self.unit_stratum)

    @cached_property
    def stratum_factors(self) -> tuple[Array, Array]:
        """(H,) a_h and (H,) c_h of V = Σ_h a_h [Σ_j t_hj² - c_h (Σ_j t_hj)²], t_hj unit totals.

        a_h = (1 - n_h/N_h) n_h/(n_h - 1) and c_h = 1/n_h give the textbook's variance between the
        units of a stratum. A lonely unit changes its stratum's two numbers by the policy.
        """
        drawn = np.bincount(self.unit_stratum, minlength=self.n_strata).astype(float)
        remaining = np.ones(self.n_strata)
        if self.fpc is not None:
            population = np.zeros(self.n_strata)
            population[self.stratum] = self.fpc
            unusable = np.zeros(self.n_strata, dtype=bool)
            unusable[self.stratum[population[self.stratum] != self.fpc]] = True
            unusable |= ~(population >= drawn)
            if unusable.any():
                raise ValueError(
                    f"stratum {self.stratum_labels[int(unusable.argmax())]}: fpc must be one "
                    "number for all its persons, not below the number of its units in the sample"
                )
            remaining = 1 - drawn / population
        lonely = (drawn == 1) & (remaining > 0)
        if lonely.any() and self.lonely_psu == "fail":
            named = ", ".join(str(label) for label in self.stratum_labels[lonely][:5])
            raise LonelyPsu(
                f"{int(lonely.sum())} of {self.n_strata} strata have a single primary unit "
                f"({named}); join strata or choose a policy for lonely units"
            )
        several = np.maximum(drawn, 2)
        scale, centring = remaining * several / (several - 1), 1 / drawn
        if lonely.any():
            scale[lonely] = remaining[lonely] if self.lonely_psu == "adjust" else 0.0
            centring[lonely] = 0.0
            if self.lonely_psu == "average":
                scale *= self.n_strata / max(self.n_strata - int(lonely.sum()), 1)
        return scale, centring

    def degrees_of_freedom(self, members: Array | None = None) -> NDArray[np.int64]:
        """Primary units minus strata, among the members with a weight above 0.

        Never below 1, so that an interval exists (Korn & Graubard 1999, section 5.2; R's ``degf``
        of the subset).

        Parameters
        ----------
        members : (n,) bool, or (n, K) for K domains at once; None for everyone.

        Returns
        -------
        A number, or (K,).
        """
        counted = self.weights > 0
        if members is not None:
            chosen = np.asarray(members, dtype=bool)
            counted = chosen & counted.reshape(-1, *[1] * (chosen.ndim - 1))
        if self.clustered:
            order = self._unit_order
            persons = sum_sorted(counted[order].astype(np.int32), self.unit[order], self.n_units)
            counted = persons > 0
        order = self._stratum_order
        in_order, owner = counted[order].astype(np.int32), self.unit_stratum[order]
        units = sum_sorted(in_order, owner, self.n_strata)
        df = units.sum(axis=0, dtype=np.int64) - (units > 0).sum(axis=0)
        return np.asarray(np.maximum(df, 1))

    @cached_property
    def _unit_order(self) -> Codes:
        return np.argsort(self.unit, kind="stable")

    @cached_property
    def _stratum_order(self) -> Codes:
        return np.argsort(self.unit_stratum, kind="stable")

    @cached_property
    def linearised(self) -> Linearised:
        """This design made ready for linearised variances; made once, used by all estimates."""
        from survey_lib.statistics.variance import Linearised

        return Linearised(self)


def checked_weights(weights: ArrayLike) -> Floats:
    """Weights as floats, if every one is finite and not negative and at least one is above 0."""
    weights = np.ascontiguousarray(weights, dtype=np.float64)
    if weights.ndim != 1:
        raise BadWeights(f"weights have {weights.ndim} dimensions, not 1")
    for kind, wrong in (
        ("missing or infinite", ~np.isfinite(weights)),
        ("negative", weights < 0),
    ):
        if wrong.any():
            raise BadWeights(
                f"{int(wrong.sum())} {kind} weights, the first in position {int(np.argmax(wrong))}"
            )
    if not (weights > 0).any():
        raise BadWeights(f"none of {weights.size} weights is above 0")
    return weights
