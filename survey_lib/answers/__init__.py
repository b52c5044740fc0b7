"""From any delivered file to one tidy coded frame, and a log of every rule that touched it."""

from survey_lib.answers.cleaning import clean
from survey_lib.answers.model import Answers
from survey_lib.answers.reading import read_answers

__all__ = ["Answers", "clean", "read_answers"]
