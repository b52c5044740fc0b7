"""What all tests share: the project's root, and no window on the screen when something draws."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from survey_lib.demo import Population
    from survey_lib.vocabulary import Parameters

# Read when numpy and matplotlib are first loaded, so set before any test module is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")
# What is an error here is one in every process that a test starts.
os.environ["PYTHONPATH"] = str(Path(__file__).parent / "strict")

# A busy machine is no fault of the code: examples have no time limit of their own.
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")

pytest_plugins = ["pytester", "accessibility", "tried_messages"]

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def parameters() -> Parameters:
    """The embedded default."""
    from survey_lib.vocabulary import load_parameters

    return load_parameters(ROOT / "parameters")


@pytest.fixture(scope="session")
def population(parameters: Parameters) -> Population:
    """The made-up population behind the embedded default, whose true answers are known."""
    from survey_lib.demo import make_population

    return make_population(parameters)
