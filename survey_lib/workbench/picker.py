"""A list to choose an area from, for who has the extra ``pick`` (ipywidgets) installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from survey_lib.faults import BadInput, Fault
from survey_lib.files import find_upwards
from survey_lib.vocabulary import load_parameters


def pick_area(parameters: str | Path = "parameters") -> Any:
    """A list of the areas that have reports. What is chosen in it becomes the notebook's variable
    ``area``; then run the cells below it.

    Raises
    ------
    BadInput : ipywidgets isn't installed.
    """
    try:
        from ipywidgets import Dropdown
    except ImportError:
        action = 'install it (pip install "survey-lib[pick]"), or write the id in the parameters'
        raise BadInput(
            Fault("ipywidgets", "", "not installed", "the extra `pick`", action)
        ) from None
    from IPython import get_ipython

    loaded = load_parameters(find_upwards(parameters))
    areas = loaded.areas
    options = [
        (f"{areas.name(area)} ({areas.levels[level].singular})", area)
        for level in loaded.report_levels
        for area in areas.of_level(level)
    ]
    shell = get_ipython()
    variables = shell.user_ns if shell else {}
    known = [area for _, area in options]
    now = variables.get("area")
    chosen = Dropdown(
        options=options, value=now if now in known else known[0], description="Område"
    )
    variables["area"] = chosen.value
    chosen.observe(lambda change: variables.update(area=change["new"]), names="value")
    return chosen
