"""What all tests share: the project's root, and no window on the screen when something draws."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Read when numpy and matplotlib are first loaded, so set before any test module is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root folder."""
    return ROOT
