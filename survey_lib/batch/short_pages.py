"""The page of an area that has no report: there was no survey, or the run failed. In Swedish."""

from __future__ import annotations

from html import escape

from survey_lib.presentation.phrases import INGEN, fill
from survey_lib.rendering.page import Page, build


def no_survey(page: Page, place: str, wave: str) -> str:
    """The page that says that an area was not asked, in the guide's words (6.4, ``INGEN``)."""
    return build(page, _paragraphs(fill(INGEN, platsen=place, ar=wave)))


def failed(page: Page, reason: str, notebook: str | None) -> str:
    """The page that stands in a report's place when it could not be made.

    ``notebook`` is the address of the executed notebook, which shows where it stopped.
    """
    where = f"Arbetsboken {notebook} visar var det tog stopp." if notebook else ""
    return build(
        page,
        _paragraphs(
            "Rapporten kunde inte göras. De andra rapporterna är inte berörda.",
            reason,
            where,
            "Rätta felet och kör samma kommando igen.",
        ),
    )


def reason_in_words(error: str) -> str:
    """An error as a sentence: bad input explains itself, anything else is the program's fault."""
    kind, _, text = error.partition(": ")
    if kind == "BadInput":
        return text
    return f"Ett oväntat fel i programmet: {error}"


def _paragraphs(*texts: str) -> str:
    return "\n".join(
        f"<p>{escape(text).replace(chr(10), '<br>')}</p>" for text in texts if text.strip()
    )
