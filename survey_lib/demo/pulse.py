"""A made-up pulse: a few questions each month, as a folder of parameters of its own.

Everything is taken from the parameters at hand but the waves: one a month, all alike, drawn in some
areas only. ``demo.yaml: pulse`` says how many, where and what. The folder is then like any other:
``trygg reports --parameters FOLDER/parameters`` makes its answers, its tables and its pages.
"""

from __future__ import annotations

import calendar
import io
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from survey_lib.faults import BadInput, Fault
from survey_lib.files import make_folder, shown, write_text
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.demo import Pulse
from survey_lib.vocabulary.yaml_files import read_yaml

KEPT = ("questionnaire.yaml", "areas.yaml", "areas.csv", "places.csv", "tiles.csv", "population")
MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september",
    "oktober", "november", "december",
)  # fmt: skip
MONTHS_A_YEAR = len(MONTHS)
SEASONS = ("vinter", "vår", "sommar", "höst")  # December begins the first


def write_pulse(parameters: Parameters, folder: Path) -> Path:
    """Writes ``folder/parameters`` and gives its path.

    Raises
    ------
    BadInput : there is no plan of a pulse, or something lies in the folder already.
    """
    pulse = parameters.demo.pulse if parameters.demo else None
    if pulse is None:
        plan = shown(parameters.folder / "demo.yaml")
        raise BadInput(Fault(plan, "pulse", "nothing", "the made-up pulse's plan", "restore it"))
    target = folder / "parameters"
    if target.exists():
        raise BadInput(
            Fault(shown(target), "", "a folder", "nothing there", "name another, or remove it")
        )
    make_folder(target / "waves")
    for name in KEPT:
        if (parameters.folder / name).is_dir():
            shutil.copytree(parameters.folder / name, target / name)
        elif (parameters.folder / name).is_file():
            shutil.copyfile(parameters.folder / name, target / name)
    months = [_month(pulse, number) for number in range(pulse.surveys)]
    for month in months:
        _write(target / "waves" / f"{_name(month)}.yaml", _wave(parameters, pulse, month))
    _write(target / "demo.yaml", _demo(parameters, pulse))
    _write(target / "tables.yaml", _tables(parameters, pulse))
    _write(target / "reports.yaml", _reports(parameters, pulse, months))
    return target


def _month(pulse: Pulse, number: int) -> tuple[int, int]:
    """Year and month of a survey."""
    year, first = map(int, pulse.first.split("-"))
    return year + (first - 1 + number) // 12, (first - 1 + number) % 12 + 1


def _name(month: tuple[int, int]) -> str:
    return f"{month[0]}_{month[1]:02}"


def _wave(parameters: Parameters, pulse: Pulse, month: tuple[int, int]) -> dict[str, Any]:
    """A wave like the latest of the demo's, of the pulse's questions in the pulse's areas."""
    latest = max(parameters.delivered.values(), key=lambda one: one.fieldwork)
    data = _data(parameters, f"waves/{latest.id}.yaml")
    year, nth = month
    label = f"{MONTHS[nth - 1]} {year}"
    days = [date(year, nth, 1), date(year, nth, calendar.monthrange(year, nth)[1])]
    drawn = {"sampling": "sannolikhet", "invited": pulse.invited, "responding": pulse.responding}
    asked = _asked(parameters, pulse)
    questionnaire = parameters.questionnaire
    every = [*questionnaire.items, *questionnaire.place_items]
    return data | {
        "label": label,
        "demo": True,
        "source": f"Puls {label}, påhittade svar",
        "file": data["file"] | {"path": f"../demo_data/DEMO_{_name(month)}.csv"},
        "fieldwork": days,
        "season": SEASONS[nth % 12 // 3],
        "strata": {area: dict(drawn) for area in pulse.areas},
        "not_asked": [name for name in every if name not in asked],
    }


def _asked(parameters: Parameters, pulse: Pulse) -> set[str]:
    """The questions that the pulse's indicators rest on."""
    indicators = parameters.questionnaire.indicators
    chosen = [indicators[name] for name in pulse.indicators]
    return {one.item for one in chosen} | {v for one in chosen for v in one.rule.also or {}}


def _demo(parameters: Parameters, pulse: Pulse) -> dict[str, Any]:
    """The made-up survey's plan with the pulse's changes in place of the other waves' own; who
    answers depends on nothing that isn't asked."""
    data = _data(parameters, "demo.yaml")
    data.pop("pulse")
    changes = [one.model_dump() for one in pulse.changes]
    data["truth"] |= {"drift": {}, "changes": changes, "noise": []}
    data["delivery"] |= {"dirt": {}, "decimals": {}, "places": None, "free_texts": {}}
    asked = {"area", *parameters.questionnaire.background, *_asked(parameters, pulse)}
    data["response"] = {
        sampling: [one for one in effects if asked.issuperset(one["when"])]
        for sampling, effects in data["response"].items()
    }
    return data


def _tables(parameters: Parameters, pulse: Pulse) -> dict[str, Any]:
    """The pulse's indicators alone, of whole areas."""
    data, areas = _data(parameters, "tables.yaml"), parameters.areas
    levels = [areas.level_of(areas.whole), areas.level_of(pulse.areas[0])]
    home = {i: (n, t) for n, t in parameters.tables.tables.items() for i in t.indicators}
    tables: dict[str, Any] = {}
    for indicator in pulse.indicators:
        name, table = home[indicator]
        kept = {"title": table.title, "section": table.section or name, "family": table.family}
        made = tables.setdefault(name, kept | {"indicators": [], "lead": [], "levels": levels})
        made["indicators"].append(indicator)
        made["lead"].append(indicator)
    kept = {name: data[name] for name in ("showing", "profile") if name in data}
    return kept | {"split_levels": levels, "tables": tables}


def _reports(parameters: Parameters, pulse: Pulse, months: list[tuple[int, int]]) -> dict[str, Any]:
    """One report per area of the pulse, compared with a year earlier, with everything watched."""
    data = _data(parameters, "reports.yaml")
    level = parameters.areas.level_of(pulse.areas[0])
    same = ("publisher", "people", "comment_heading", "accessibility", "default")
    watch = {"indicators": pulse.indicators, "window": 3, "year": MONTHS_A_YEAR, "rate": 0.05}
    told = {name: data[name] for name in same if name in data}
    waves = {"wave": _name(months[-1])}
    if len(months) > 1:
        waves["compare_with"] = _name(months[max(0, len(months) - 1 - MONTHS_A_YEAR)])
    return {"title": "Trygghetspuls", **waves, "level": level, "watch": watch} | told


def _data(parameters: Parameters, name: str) -> Any:
    return read_yaml(parameters.folder / name).data


def _write(path: Path, data: dict[str, Any]) -> None:
    from ruamel.yaml import YAML

    yaml: Any = YAML(typ="safe", pure=True)
    text = io.StringIO()
    yaml.default_flow_style, yaml.allow_unicode = False, True
    yaml.sort_base_mapping_type_on_output = False
    yaml.dump(data, text)
    write_text(path, text.getvalue())
