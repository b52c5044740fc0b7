"""From what a survey company delivers to what an office edits: the first draft of a wave file, and
of a whole parameters folder for another questionnaire.

A draft says what was found and how certain it is. What isn't certain is a ``TODO`` with what a
person needs to decide it; until it is decided nothing runs (:mod:`survey_lib.vocabulary`).
"""
