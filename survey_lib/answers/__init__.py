"""From any delivered file to one tidy coded frame, and a log of every rule that touched it."""

from survey_lib.answers.cleaning import clean
from survey_lib.answers.completeness import check_completeness
from survey_lib.answers.model import Answers
from survey_lib.answers.reading import read_answers

__all__ = ["Answers", "check_completeness", "clean", "read_answers"]
