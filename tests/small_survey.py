"""A small notebook and a small country's parameters, for tests of what runs notebooks."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from survey_lib.vocabulary import Area, Areas, Level
from survey_lib.vocabulary.reports import Reports
from survey_lib.vocabulary.tables import Showing

AREA_CELL = """\
wave: str = "1"  # undersökningen
area: str = "sdn:a"
compare_with: str = ""
parameters: str = "parameters"
reports: str = "reports"
"""
WAVE_CELL = "wave: str = '1'\nparameters: str = 'parameters'\nreports: str = 'reports'"
SHOW = "from IPython.display import HTML\nHTML(f'<p>Här är {area}, våg {wave}.</p>')"


def write_notebook(path: Path, parameters: str, *cells: str) -> Path:
    """A notebook with a parameters cell and code cells."""
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    first = code | {"id": "parameters", "metadata": {"tags": ["parameters"]}, "source": parameters}
    rest = [code | {"id": f"cell-{i}", "source": source} for i, source in enumerate(cells)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": [first, *rest], "metadata": {"kernelspec": kernel}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook | {"nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def made_up(folder: Path) -> Any:
    """Parameters of a small country, as far as the batch looks at them."""
    level = {"definite": "byn", "definite_plural": "byarna"}
    areas = {"kommun:x": ("Allt", []), "so:n": ("Norr", [])}
    areas |= {"sdn:a": ("Ås", ["so:n"]), "sdn:b": ("By", ["so:n"]), "sdn:o": ("Ör", ["so:n"])}
    asked = dict.fromkeys(["sdn:a", "sdn:b", "sdn:o"])
    waves = {
        str(number): SimpleNamespace(
            id=str(number),
            label=f"år {number}",
            demo=True,
            pools=[],
            parts=[str(number)],
            fieldwork=(date(2020 + number, 9, 2), date(2020 + number, 9, 30)),
            source="Byn",
            strata_level="sdn",
            strata={area: None for area in asked if (area, number) != ("sdn:o", 2)},
        )
        for number in (1, 2, 3)
    }
    return SimpleNamespace(
        folder=folder,
        files=(),
        waves=waves,
        tables=SimpleNamespace(tables={}, showing=Showing()),
        report_levels=["so", "sdn"],
        external=[],
        tiles={},
        promises={},
        reports=Reports(
            wave="2",
            compare_with="1",
            level="sdn",
            title="Undersökning",
            publisher="Byn",
            people="boende",
            comment_heading="Kommentar",
        ),
        areas=Areas(
            whole="kommun:x",
            rest="övriga",
            levels={
                "kommun": Level(singular="allt", plural="allt", **level, reports=False),
                "so": Level(singular="del", plural="delar", **level),
                "sdn": Level(singular="by", plural="byar", **level),
            },
            areas={
                key: Area(id=key, level=key.partition(":")[0], name=name, part_of=up, alias=[])
                for key, (name, up) in areas.items()
            },
        ),
    )
