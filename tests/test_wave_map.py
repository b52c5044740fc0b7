"""The map on the page about a wave: svarsfrekvens where it is known, and where areas lie."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from published_rows import WORDS

from survey_lib.report.wave_report import WaveReport
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.areas import PolygonsFile


def rows(parameters: Parameters) -> pd.DataFrame:
    """Every area of the default level, as published."""
    areas = parameters.areas.of_level(parameters.reports.level)
    frame = pd.DataFrame({"area": areas, "sampling": "sannolikhet", "response_rate": 0.5})
    return frame.assign(mark="", label=frame["area"].map(parameters.areas.name))


def mapped(parameters: Any, frame: pd.DataFrame) -> Any:
    report = WaveReport(SimpleNamespace(parameters=parameters, words=WORDS))  # type: ignore[arg-type]
    return report._map(frame)


def test_tiles_are_the_default(parameters: Parameters) -> None:
    figure = mapped(parameters, rows(parameters))
    assert figure.caption == "Svarsfrekvens per stadsdel"
    assert figure.alt.count("50\u00a0%") == 10 and "Karta av rutor" in figure.alt


def test_no_map_without_rates_or_places(parameters: Parameters) -> None:
    assert mapped(parameters, rows(parameters).assign(response_rate=np.nan)) is None
    assert mapped(replace(parameters, tiles={}), rows(parameters)) is None


def test_an_office_s_borders_come_first(parameters: Parameters, tmp_path: Path) -> None:
    ring = [[12, 57.6], [12.1, 57.6], [12.1, 57.7], [12, 57.6]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"namn": "ANGERED"}, "geometry": shape}
    (tmp_path / "borders.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
    )
    borders = PolygonsFile(file="borders.geojson", code="namn")
    areas = parameters.areas.model_copy(update={"map": borders})
    figure = mapped(replace(parameters, areas=areas, folder=tmp_path), rows(parameters))
    assert "Karta med områdenas gränser" in figure.alt
    assert "Gränser saknas på kartan för Askim-Frölunda-Högsbo, Centrum" in figure.description
