"""A wave's weighted answers, and the questions that an analyst can put to them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from survey_lib import inputs, pipeline
from survey_lib.disclosure import HIDDEN, Rounding
from survey_lib.faults import BadInput, Fault
from survey_lib.files import find_or_beside, find_upwards
from survey_lib.perception.indicators import asked
from survey_lib.perception.respondents import PROBABILITY, area_sampling
from survey_lib.presentation import report_tables, swedish
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Section
from survey_lib.selection import ASKED, select
from survey_lib.vocabulary import Indicator, Parameters, Wave, load_parameters
from survey_lib.vocabulary.validation import did_you_mean
from survey_lib.weighting import WeightedSurvey
from survey_lib.workbench import questions
from survey_lib.workbench.classes import Classes, classes, names_of_classes
from survey_lib.workbench.material import Material, marked, protected
from survey_lib.workbench.questions import Association
from survey_lib.workbench.sections import crosstab_section, names_section, shares_section

if TYPE_CHECKING:
    from survey_lib.workbench.road import Estimated


def open_microdata(
    wave: str, parameters: str | Path = "parameters", reports: str | Path = "reports"
) -> Microdata:
    """A wave's answers, read, cleaned and weighted, for questions of one's own. What they answer is
    working material and stays in the notebook.

    Parameters
    ----------
    wave : id, as in ``waves/``: "2024".
    parameters, reports : folders, found from the working folder upwards.

    Raises
    ------
    BadInput
        For an unknown wave, a delivered file that is missing or wrong, or inside a run of reports.
    """
    loaded, chosen = opened(wave, parameters)
    survey, _ = pipeline.weigh_wave(loaded, chosen.id)
    return Microdata(loaded, survey, find_or_beside(reports, loaded.folder))


def opened(wave: str, parameters: str | Path) -> tuple[Parameters, Wave]:
    """The parameters and the wave; its made-up answers are there afterwards if it is a demo."""
    if inputs.SETTLED in os.environ:
        found, expected = "the microdata, asked for in a report", "published tables only"
        action = "take the cell out of the report's notebook; own questions belong in 0_start"
        raise BadInput(Fault(ASKED, "", found, expected, action))
    loaded = load_parameters(find_upwards(parameters))
    chosen = select(loaded, wave=wave).wave
    pipeline.write_demo(loaded, [chosen])
    return loaded, loaded.waves[chosen]


@dataclass(frozen=True, eq=False, repr=False)
class Microdata:
    """The weighted answers of a wave. Ask :meth:`shares` and :meth:`crosstab`; :attr:`names` says
    what can be asked about. Displays itself as how the answers are weighted."""

    parameters: Parameters
    survey: WeightedSurvey
    reports: Path

    # -- questions ---------------------------------------------------------------------------------

    def shares(
        self,
        indicators: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        area: str | None = None,
    ) -> Material:
        """Indicators with intervals and bases: in an area, and in each group there.

        Parameters
        ----------
        indicators : one id or several, as in ``questionnaire.yaml``: "otrygg_ute_kvall".
        by : what to divide persons by: a reporting group, a background variable, a question, a
            level of areas; several are crossed. None for no division.
        area : an area's id; None for the whole.

        Returns
        -------
        its ``frame`` has ``indicator, label, area, group, category, category_label, estimate, se,
        low, high, n, n_effective, deff, interval, mark, status``.

        Raises
        ------
        BadInput : for an unknown indicator, division or area.
        """
        names = [indicators] if isinstance(indicators, str) else list(indicators)
        where = self._area(area)
        rules = self._indicators(names)
        division = classes(by, self.survey, self.parameters) if by else None
        found = questions.shares(self.survey, names, division, where, self.parameters)
        sensitive = found["indicator"].map({i: one.sensitive for i, one in rules.items()})
        sensitive |= division is not None and division.sensitive
        rows = protected(found, sensitive, self.parameters.tables.showing)
        labels = {name: one.rule.label for name, one in rules.items()}
        rows.insert(1, "label", rows["indicator"].map(labels))
        section = shares_section(rows, division, self.words(where), self.survey, self.parameters)
        return Material.of(section, rows)

    def crosstab(self, question: str, by: str | Sequence[str], area: str | None = None) -> Material:
        """All answers to a question, in an area and in each group there, and Rao and Scott's test
        of whether they differ between the groups.

        Parameters
        ----------
        question : a question with fixed answers, or anything that persons can be divided by.
        by, area : as in :meth:`shares`.

        Returns
        -------
        its ``frame`` is as that of :meth:`shares`, with ``answer`` and ``label`` of the answer in
        the place of the indicator.
        """
        where = self._area(area)
        answers = classes(question, self.survey, self.parameters)
        division = classes(by, self.survey, self.parameters)
        found = questions.crosstab(self.survey, answers, division, where, self.parameters)
        sensitive = [answers.sensitive or division.sensitive] * len(found)
        rows = protected(found, sensitive, self.parameters.tables.showing)
        rows["answer"] = rows["answer"].map(dict(enumerate(answers.ids)))
        words, survey = self.words(where), self.survey
        tested = self._tested(rows, answers, division, where) if words.probability else None
        section = crosstab_section(rows, answers, division, tested, words, survey, self.parameters)
        return Material.of(section, rows)

    def _tested(
        self, rows: pd.DataFrame, answers: Classes, by: Classes, area: str
    ) -> Association | None:
        """The test between the classes whose base may be shown; None where a value of these is
        hidden, since it could be worked out, or there is nothing to differ."""
        parts = rows[rows["group"] != ""]
        hidden = parts["mark"] == HIDDEN
        empty = hidden.groupby(parts["category"]).transform("all")
        if (hidden & ~empty).any():
            return None
        tested = parts.loc[~empty, "category"].unique()
        return questions.association(self.survey, answers, by, area, tested, self.parameters)

    @cached_property
    def names(self) -> Section:
        """What can be asked about, subject by subject, and what persons can be divided by. No
        answers."""
        questionnaire = self.parameters.questionnaire
        every = list(questionnaire.indicators.values())
        known = asked(every, self.survey.frame, self.survey.wave, questionnaire)
        divided = {
            name: classes(name, self.survey, self.parameters).label
            for name in names_of_classes(self.survey, self.parameters)
        }
        words = self.words(self.parameters.areas.whole)
        return names_section(known, divided, words, self.parameters)

    # -- the road ----------------------------------------------------------------------------------

    def estimate(self) -> Estimated:
        """The next step of the road: every share that the wave's tables declare."""
        from survey_lib.workbench.road import estimated

        return estimated(self)

    def __repr__(self) -> str:
        return f"<Microdata {self.survey.wave.id}>"

    def _repr_html_(self) -> str:
        return marked(self._weights())._repr_html_()

    def _weights(self) -> Section:
        words = self.words(self.parameters.areas.whole)
        number = swedish.number(len(self.survey.frame))
        said = [f"Svaren från {number} personer har fått vikter."]
        if self.survey.areas.empty:
            return Section("Vägda svar", [*said, "Vikterna fanns i den levererade filen."])
        rows = Rounding.of(self.parameters.tables.showing).frame(self.survey.areas)
        rows = rows.assign(label=rows["area"].map(self.parameters.areas.name))
        caption = "Vikterna i förhållande till sitt medelvärde"
        table = report_tables.weights_table(rows, words, caption)
        return Section("Vägda svar", said, [], [table], self.survey.notes)

    def words(self, area: str) -> Words:
        """What sentences need to know of an area in this wave."""
        level = self.parameters.areas.level_of(area)
        rows = area_sampling(self.survey, self.parameters, [level]).set_index("area")
        probability = rows.loc[area, "sampling"] == PROBABILITY
        return Words.of(self.parameters, area, self.survey.wave, probability=probability)

    # -- what is asked about -----------------------------------------------------------------------

    def _area(self, area: str | None) -> str:
        areas = self.parameters.areas
        if area is None:
            return areas.whole
        if area not in areas.areas:
            meant = areas.find(area)
            action = f"did you mean {meant}?" if meant else did_you_mean(area, areas.areas)
            expected = "an area's id as in areas.csv"
            raise BadInput(Fault(ASKED, "area", area, expected, action or "look it up there"))
        return area

    def _indicators(self, names: Sequence[str]) -> dict[str, Indicator]:
        """The indicators of these names, which this wave has asked about."""
        questionnaire = self.parameters.questionnaire
        every = list(questionnaire.indicators.values())
        known = {
            one.id: one for one in asked(every, self.survey.frame, self.survey.wave, questionnaire)
        }
        look = "look the id up in questionnaire.yaml, or in names"
        faults = [
            Fault(ASKED, "indicator", f"{name}, which this wave doesn't have",
                  "an indicator's id as in questionnaire.yaml", did_you_mean(name, known) or look)
            for name in names if name not in known
        ]  # fmt: skip
        if not names:
            faults = [Fault(ASKED, "indicator", "no name", "one or more", look)]
        if faults:
            raise BadInput(faults)
        return {name: known[name] for name in names}
