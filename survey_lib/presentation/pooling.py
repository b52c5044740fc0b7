"""What is said of a pooled wave: its period, who answered when, and what has no pooled value.

Rows are those of ``Published.parts`` and ``Published.unpooled`` for one area; ``label`` is the
wave's label or the indicator's.
"""

from __future__ import annotations

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.phrases import Words

REASONS = {"differs": phrases.SKILJER, "question": phrases.OLIKA_FRAGOR}


def period(parts: pd.DataFrame, words: Words) -> list[str]:
    """The period that values describe, and how many of the respondents are from which wave; nothing
    of a wave that isn't pooled. ``parts``: ``label, n`` (NaN where hidden)."""
    if parts.empty:
        return []
    said = [phrases.fill(phrases.PERIOD, ar=words.wave)]
    if parts["n"].notna().all():
        counts = swedish.listing(
            f"{swedish.number(row.n)} från undersökningen {row.label}" for row in parts.itertuples()
        )
        said.append(f"Av de svarande är {counts}. Undersökningarna väger lika.")
    return said


def not_pooled(rows: pd.DataFrame, words: Words) -> list[str]:
    """Which indicators have no value for the period, reason by reason. ``rows``: ``label,
    reason``."""
    said = []
    for reason, phrase in REASONS.items():
        labels = rows.loc[rows["reason"] == reason, "label"].drop_duplicates()
        if len(labels):
            named = swedish.listing(map(swedish.quoted, labels))
            said.append(f"Redovisas inte för {words.wave}, {phrase}: {named}.")
    return said
