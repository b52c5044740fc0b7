"""Everything that ``parameters/`` says, after it has been checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.external import ExternalFigure
from survey_lib.vocabulary.gazetteer import Place
from survey_lib.vocabulary.goals import Goals
from survey_lib.vocabulary.keys import KeyRow
from survey_lib.vocabulary.partners import PartnerPicture
from survey_lib.vocabulary.promises import Promise
from survey_lib.vocabulary.questionnaire import Questionnaire
from survey_lib.vocabulary.reports import Reports
from survey_lib.vocabulary.swedish_order import swedish_key
from survey_lib.vocabulary.tables import Tables
from survey_lib.vocabulary.tiles import Tile
from survey_lib.vocabulary.waves import Wave

if TYPE_CHECKING:
    from survey_lib.vocabulary.demo import DemoPlan


@dataclass(frozen=True)
class Parameters:
    """One parameters folder. ``waves`` are in the order of their fieldwork; ``places`` is the
    gazetteer, empty without ``places.csv``; ``promises`` and ``external`` (figures from other
    sources) are empty without their files, ``partners`` (what other parties say of the areas) and
    ``keys`` (to partner systems, by system) without their folders; ``tiles`` says where areas stand
    on the map, empty without ``tiles.csv``; ``covariates`` (areas × covariates) are what modelled
    estimates are made with; ``demo`` is the plan of a made-up survey, if any; ``files`` are those
    that all this was read from."""

    folder: Path
    questionnaire: Questionnaire
    areas: Areas
    waves: dict[str, Wave]
    tables: Tables
    reports: Reports
    places: dict[str, Place] = field(default_factory=dict)
    promises: dict[str, Promise] = field(default_factory=dict)
    goals: Goals | None = None  # of the whole
    external: list[ExternalFigure] = field(default_factory=list)
    partners: list[PartnerPicture] = field(default_factory=list)
    keys: dict[str, list[KeyRow]] = field(default_factory=dict)
    tiles: dict[str, Tile] = field(default_factory=dict)
    covariates: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    demo: DemoPlan | None = None
    populations: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    files: tuple[Path, ...] = field(default=(), repr=False)

    @property
    def delivered(self) -> dict[str, Wave]:
        """The waves with answers of their own: all but those that pool others."""
        return {name: wave for name, wave in self.waves.items() if not wave.pools}

    @property
    def report_levels(self) -> list[str]:
        """The levels whose areas can have reports: ``reports: true``, and a table of shares."""
        with_table = {level for table in self.tables.tables.values() for level in table.levels}
        levels = self.areas.levels.items()
        return [name for name, spec in levels if spec.reports and name in with_table]

    def tables_of(self, wave: Wave) -> Tables:
        """The declared tables as far as a wave asked what they are split by: no group and no
        profile by a background variable that it didn't ask."""
        tables, asked = self.tables, self.questionnaire.background.keys() - set(wave.not_asked)
        own = {
            name: table.model_copy(
                update={
                    "groups": [
                        one
                        for one in table.groups
                        if asked.issuperset(self.questionnaire.group(one).variables)
                    ]
                }
            )
            for name, table in tables.tables.items()
        }
        profile = [one for one in tables.profile if one in asked]
        return tables.model_copy(update={"tables": own, "profile": profile})

    def population(self, stem: str) -> pd.DataFrame:
        """``population/<stem>.csv``: id, the file's variables (coded as in the questionnaire) and
        persons (float), as they stand in the file. A new frame each time."""
        return self.populations[stem].copy()

    def swedish_order(self, names: Mapping[str, str]) -> list[str]:
        """Ids in the Swedish order of their names; the id decides between equal names."""
        return sorted(names, key=lambda one: (swedish_key(names[one]), one))
