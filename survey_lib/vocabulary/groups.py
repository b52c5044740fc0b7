"""Reporting groups: a background variable, codes of it merged, or a cross of other groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from survey_lib.vocabulary.model import Model

if TYPE_CHECKING:
    from survey_lib.vocabulary.questionnaire import Background


class Group(Model):
    """A reporting group: a background variable, perhaps with codes merged, or a cross of groups.

    With ``named: false`` its categories stand in tables and charts, and no sentence names them.
    """

    label: str
    variable: str | None = None
    merge: dict[str, list[int | str]] | None = None  # new id -> codes
    labels: dict[str, str] | None = None  # labels of the merged ids
    cross: list[str] | None = None  # ids of other groups
    named: bool = True


@dataclass(frozen=True)
class ResolvedGroup:
    """A group ready for use: the ids and labels of its values in reporting order.

    ``parts`` holds, for each variable crossed, value -> position; a cross counts the last variable
    fastest, and its ids join the parts' ids with a point ("1.16_24").
    """

    id: str
    label: str
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    parts: tuple[tuple[str, dict[int | str, int], int], ...]  # variable, code -> position, size
    named: bool = True  # sentences may name its categories

    @property
    def variables(self) -> tuple[str, ...]:
        """The answer columns the group needs."""
        return tuple(variable for variable, _, _ in self.parts)

    def codes(self, frame: pd.DataFrame) -> np.ndarray:
        """Place of each respondent in ``ids``, (n,) int16; -1 for missing or unpublished codes."""
        result = np.zeros(len(frame), dtype=np.int16)
        outside = np.zeros(len(frame), dtype=bool)
        for variable, positions, size in self.parts:
            column = frame[variable]
            known = column.astype(object).map(positions)
            part = known.fillna(-1).to_numpy(dtype=np.int16)
            outside |= part < 0
            result = result * size + part
        result[outside] = -1
        return result


def resolve_group(
    group_id: str, groups: Mapping[str, Group], background: Mapping[str, Background]
) -> ResolvedGroup:
    """A declared group with everything looked up. KeyError when a name is unknown."""
    group = groups[group_id]
    if group.cross is not None:
        return _crossed(
            group_id, group, [resolve_group(name, groups, background) for name in group.cross]
        )
    variable = group.variable or group_id
    described = background[variable]
    if group.merge is None:
        ids = [str(code) for code in described.published]
        labels = [described.codes[code] for code in described.published]
        positions = {code: position for position, code in enumerate(described.published)}
    else:
        ids = list(group.merge)
        labels = [(group.labels or {}).get(name, name) for name in ids]
        positions = {
            code: position for position, codes in enumerate(group.merge.values()) for code in codes
        }
    part = (variable, positions, len(ids))
    return ResolvedGroup(group_id, group.label, tuple(ids), tuple(labels), (part,), group.named)


def _crossed(group_id: str, group: Group, members: list[ResolvedGroup]) -> ResolvedGroup:
    ids, labels = [""], [""]
    for member in members:
        ids = [f"{before}.{own}" if before else own for before in ids for own in member.ids]
        labels = [
            f"{before}, {own}" if before else own for before in labels for own in member.labels
        ]
    parts = tuple(part for member in members for part in member.parts)
    named = group.named and all(member.named for member in members)
    return ResolvedGroup(group_id, group.label, tuple(ids), tuple(labels), parts, named)
