"""How sections, charts and tables look in a notebook, where no page's style reaches them.

The style goes with what a cell displays; a page is made without it, since its own is another
(:mod:`survey_lib.rendering.finish`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


def styled(html: str) -> str:
    """What a cell displays: the style, then the section, chart or table."""
    return f"<style>{_style()}</style>{html}"


@cache
def _style() -> str:
    return Path(__file__).with_name("notebook.css").read_text(encoding="utf-8").replace("\n", "")
