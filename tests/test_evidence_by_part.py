"""The made-up wave estimated area by area on Dask workers, against all of it at once."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey_lib.batch import cluster
from survey_lib.demo import write_waves
from survey_lib.perception.indicators import asked, indicator_arrays
from survey_lib.pipeline import weigh_wave
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.by_part import PartSums, divide, sums_of_part
from survey_lib.statistics.covariance import covariance_of_answers
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import estimate_answers, share_frame
from survey_lib.statistics.rest import compare_with_rest
from survey_lib.vocabulary import load_parameters

pytestmark = pytest.mark.evidence


def part_sums(given: tuple[Design, Answers, np.ndarray, int]) -> PartSums:
    """What one machine does with the persons of its area."""
    return sums_of_part(*given)


def test_a_wave_area_by_area_is_the_wave(root: Path, tmp_path: Path) -> None:
    """Every share in the whole and in every stadsdel, every difference against the rest, and the
    covariance that ranks are made from."""
    shutil.copytree(root / "parameters", tmp_path / "parameters")
    parameters = load_parameters(tmp_path / "parameters")
    write_waves(parameters, ["2024"])
    survey, _ = weigh_wave(parameters, "2024")
    areas, design = parameters.areas, survey.design
    level = survey.wave.weighting.by
    part, names = pd.factorize(areas.at_level(survey.frame["area"], level), sort=True)
    assert len(names) >= 9 and (part >= 0).all()
    known = parameters.questionnaire.indicators
    problems = [known[i] for i in parameters.tables.tables["problems"].indicators]
    problems = asked(problems, survey.frame, survey.wave, parameters.questionnaire)
    arrays = indicator_arrays(survey.frame, problems, survey.wave, parameters)
    answers = Answers.from_indicators(*arrays)
    of_the_whole = np.zeros(design.size, dtype=np.intp)
    groupings = {"whole": (of_the_whole, 1), "areas": (part, len(names))}
    given = {
        key: [
            (own, replace(answers, codes=answers.codes[rows]), codes[rows], n)
            for rows, own in divide(design, part, len(names))
        ]
        for key, (codes, n) in groupings.items()
    }
    with cluster.reach("local", 2) as client:
        sums = {
            key: reduce(add, client.gather(client.map(part_sums, parts)))
            for key, parts in given.items()
        }
    for key, (codes, n) in groupings.items():
        same(share_frame(sums[key].shares), estimate_answers(design, answers, codes, n))
    _, covariance = covariance_of_answers(design, answers)
    found = sums["whole"].covariance_of_shares(0)
    np.testing.assert_allclose(found, covariance, rtol=1e-9, atol=1e-12 * covariance.max())
    rest = compare_with_rest(design, answers, part, len(names))
    same(sums["areas"].compare_with_rest(), rest)


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert len(expected) >= 18
    pd.testing.assert_frame_equal(found, expected, rtol=1e-10, atol=1e-12, check_dtype=False)
