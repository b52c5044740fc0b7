"""What one run of a wave's reports is to make: which notebook for whom, under which names."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_lib import inputs
from survey_lib.batch.execution import Job
from survey_lib.batch.notebook_parameters import checked_values, declared_parameters
from survey_lib.batch.pages import area_of, area_pages, kind_of, title_of, wave_pages
from survey_lib.export.beside import page_stem
from survey_lib.files import came_along, find_upwards, name_from
from survey_lib.presentation import swedish
from survey_lib.publish import FOLDER
from survey_lib.rendering.page import Page
from survey_lib.report.protection import warnings
from survey_lib.selection import Selection

if TYPE_CHECKING:
    from survey_lib.publish import Published
    from survey_lib.scan import Scanner
    from survey_lib.vocabulary import Parameters, Wave

INDEX, HOME = "index.html", "Alla rapporter"
BUILD_DATE = "SOURCE_DATE_EPOCH"  # seconds since 1970, as other programs know it; stated on pages


@dataclass(frozen=True, eq=False)
class Plan:
    """The fixed facts of one run.

    Attributes
    ----------
    folder : ``<output>/<wave>``, where pages lie; executed notebooks lie in ``notebooks`` in it.
    published : the wave's published store, for who was asked and how many answered.
    browser : the program that prints pages as PDF; "" for no PDF.
    only : the key of the one page to make; "" for all pages of the selection.
    scanner : searches every file for respondents before it is written; None in tests.
    """

    parameters: Parameters
    selection: Selection
    output: Path
    published: Published
    browser: str = ""
    only: str = ""
    scanner: Scanner | None = None

    @property
    def wave(self) -> Wave:
        return self.parameters.waves[self.selection.wave]

    @property
    def folder(self) -> Path:
        return self.output / self.selection.wave

    @property
    def notebooks(self) -> Path:
        return self.folder / "notebooks"

    @cached_property
    def respondents(self) -> dict[str, int]:
        """How many answered, by area; without those where it is unknown or hidden."""
        known = self.published.areas.dropna(subset="n")
        return dict(zip(known["area"], known["n"].astype(int), strict=True))

    @cached_property
    def not_asked(self) -> list[str]:
        """The selected areas that had no survey in this wave."""
        areas = self.published.areas
        without = set(areas.loc[areas["sampling"] == "", "area"])
        return [area for area in self.selection.areas if area in without]

    def last_asked(self, area: str) -> str | None:
        """Label of the latest earlier wave that had a survey in the area."""
        from survey_lib.perception.respondents import strata_of

        earlier = [
            wave
            for wave in self.parameters.waves.values()
            if not wave.pools
            and wave.fieldwork < self.wave.fieldwork
            and strata_of(area, wave, self.parameters.areas)
        ]
        return max(earlier, key=lambda wave: wave.fieldwork).label if earlier else None

    def jobs(self) -> list[Job]:
        """The pages about the wave, then those of the areas that were asked.

        Raises
        ------
        BadInput : a notebook is missing or doesn't declare what it is to be given.
        """
        return [self._job(key) for key in self.keys if key not in self.not_asked]

    @cached_property
    def keys(self) -> list[str]:
        """The keys of all pages: those about the wave, then each area's. The report of an area that
        wasn't asked says so."""
        keys = wave_pages(self.parameters, self.published)
        for area in self.selection.areas:
            keys += [area + ending for ending in area_pages(self.parameters)]
        return [key for key in keys if self.only in ("", key)]

    def area_of(self, key: str) -> str | None:
        """The area that a page is about; None for a page about the wave."""
        return area_of(key, self.parameters.areas)

    def _source(self, key: str) -> Path:
        return notebook_file(kind_of(key, self.parameters.areas).notebook, self.parameters.folder)

    def _job(self, key: str) -> Job:
        source, area = self._source(key), self.area_of(key)
        values: dict[str, Any] = {"wave": self.selection.wave, **self._folders}
        if kind_of(key, self.parameters.areas).compares:
            values["compare_with"] = self.selection.compare_with or ""
        if area is not None:
            values["area"] = area
        return Job(
            key=key,
            name=self.name(key),
            stem=self.stem(key),
            notebook=source,
            parameters=checked_values(values, declared_parameters(source), source),
            folder=self.notebooks.resolve(),
            page=self.page(key),
            browser=self.browser,
        )

    @cached_property
    def _folders(self) -> dict[str, str]:
        """The names by which notebooks find the parameters and the reports."""
        return {
            "parameters": name_from(self.notebooks, self.parameters.folder),
            "reports": name_from(self.notebooks, self.output),
        }

    @cached_property
    def _shared_inputs(self) -> dict[str, Any]:
        """What all pages of this run are made from."""
        store = self.folder / FOLDER
        manifest = self.published.manifest
        return {
            "wave": self.selection.wave,
            "compare_with": self.selection.compare_with or "",
            "answers": manifest["inputs"],
            "parameters": manifest["parameters"],
            "tables": inputs.digest_of_files({path.name: path for path in store.glob("*")}),
            "code": inputs.code_of_pages(),
            "versions": inputs.versions((*inputs.LIBRARIES, *inputs.PAGE_LIBRARIES)),
            "folders": self._folders,
            "date": self._date,
        }

    def inputs(self, key: str) -> dict[str, Any]:
        """Fingerprints of what a page is made from: the same ones, the same bytes."""
        notebook = ""
        if key not in self.not_asked:
            notebook = inputs.digest_of_file(self._source(key))
        area = self.area_of(key) or self.parameters.areas.whole
        words = inputs.words_for(self.parameters, area)
        return {"page": key, "words": words, "notebook": notebook, **self._shared_inputs}

    def found_now(self) -> str:
        """The files that notebooks read, as they are at this moment."""
        files = inputs.parameter_files(self.parameters)
        for name in {self._source(key).name for key in self.keys}:
            files[f"notebooks/{name}"] = notebook_file(name, self.parameters.folder)
        return inputs.digest_of_files({n: path for n, path in files.items() if path.is_file()})

    @property
    def _date(self) -> str:
        """The build date that pages state, "" for none: pages made anew are the same pages."""
        seconds = os.environ.get(BUILD_DATE, "")
        return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d}" if seconds else ""

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What every page tells at its foot."""
        source = ("Källa", self.wave.source)
        if not self._date:
            return (source,)
        return (source, ("Framtagen", swedish.day(date.fromisoformat(self._date))))

    def name(self, key: str) -> str:
        """What a page is called: an area's report by the area's name."""
        return title_of(key, self.parameters.areas)

    def stem(self, key: str) -> str:
        """The name of a page's file and its notebook's, without ending."""
        return page_stem(self.parameters.areas.slug(key), self.wave.demo)

    def _survey(self, key: str) -> str:
        """The line above the heading; an area's tells its level, since names repeat."""
        survey = f"{self.parameters.reports.title} {self.wave.label}"
        areas, area = self.parameters.areas, self.area_of(key)
        if area is None:
            return survey
        return f"{survey}, {areas.levels[areas.level_of(area)].singular}"

    @property
    def warning(self) -> str:
        """What stands first on every page: that small groups are protected less than by default."""
        return " ".join(warnings(self.published, self.parameters))

    def page(self, key: str) -> Page:
        """What stands around a page; the survey is no source where it wasn't made."""
        reports = self.parameters.reports
        facts = self.facts[1:] if self.area_of(key) in self.not_asked else self.facts
        return Page(
            title=self.name(key),
            survey=self._survey(key),
            publisher=reports.publisher,
            home=(INDEX, HOME),
            facts=facts,
            demo=self.wave.demo,
            made_from=json.dumps(self.inputs(key), ensure_ascii=False, sort_keys=True),
            warning=self.warning,
        )


@contextmanager
def dated(day: str) -> Iterator[None]:
    """Within it, pages state this build date; "" for none."""
    before = os.environ.pop(BUILD_DATE, None)
    if day:
        moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
        os.environ[BUILD_DATE] = str(int(moment.timestamp()))
    try:
        yield
    finally:
        os.environ.pop(BUILD_DATE, None)
        if before is not None:
            os.environ[BUILD_DATE] = before


def notebook_file(name: str, parameters: Path) -> Path:
    """A notebook of the project: in a ``notebooks`` folder beside the parameters or above them, so
    that an office may have its own; else the one that came with this library."""
    wanted = Path("notebooks") / name
    found = find_upwards(wanted, parameters)
    return found if found.is_file() else came_along("notebooks") / name
