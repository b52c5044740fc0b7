"""``docs/simulation.md``: numbered sections, each written by the test that measured it."""

from __future__ import annotations

from pathlib import Path

import pytest

ONE_AT_A_TIME = pytest.mark.xdist_group("page")  # for modules that write sections
PAGE = Path(__file__).parents[1] / "docs" / "simulation.md"
HEAD = """# Simulation with known truth

Written by `make evidence`; the tests hold the limits and assert them, two Monte Carlo standard
errors added. Everything is seeded. The populations of 1–4 are described in
`tests/statistics/simulation.py`; 5 and 6 draw from the made-up survey, in
`tests/problem_picture.py`.
"""


def write_sections(found: dict[str, str]) -> None:
    """Puts sections ("<number> <title>" -> text) on the page, each in the place of the one of its
    title."""
    parts = PAGE.read_text(encoding="utf-8").split("\n## ")[1:] if PAGE.exists() else []
    sections = dict(part.split("\n\n", 1) for part in parts) | found
    text = "".join(f"\n## {title}\n\n{body.strip()}\n" for title, body in sorted(sections.items()))
    PAGE.write_text(HEAD + text, encoding="utf-8", newline="\n")
