"""A wave as a survey company would deliver it: one CSV file, as a Swedish spreadsheet writes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from survey_lib.demo.faulty import add_faults
from survey_lib.demo.people import stream
from survey_lib.demo.population import Population, make_population
from survey_lib.demo.respondents import draw_respondents_of_wave
from survey_lib.demo.written import write_values
from survey_lib.files import write_bytes
from survey_lib.vocabulary import Parameters


def draw_wave(population: Population, wave: str) -> pd.DataFrame:
    """The delivered file of a wave as a frame of texts, missing where a cell is empty.

    Exactly ``responding`` persons of every stratum have answered properly; the plan's faulty rows
    come beside them. The same parameters and seed give the same frame.
    """
    respondents = draw_respondents_of_wave(population, wave)
    written = write_values(population, wave, respondents)
    faults = stream(population.seed, wave, "faults")
    written = add_faults(population, wave, respondents, written, faults)
    order = stream(population.seed, wave, "order").permutation(len(written))
    return written.iloc[order].reset_index(drop=True)


def write_waves(parameters: Parameters, waves: Sequence[str]) -> list[Path]:
    """Writes the delivered files of some waves, from one population, and gives their paths."""
    population = make_population(parameters) if waves else None
    return [write_wave(parameters, wave, population) for wave in waves]


def write_wave(parameters: Parameters, wave: str, population: Population | None = None) -> Path:
    """Writes the wave's delivered file, whole or not at all, and gives its path.

    Semicolons, UTF-8 with a byte order mark, CRLF; the same bytes for the same parameters.

    Raises
    ------
    BadInput : the parameters have no plan of a made-up survey, or the file can't be written.
    """
    if population is None:
        population = make_population(parameters)
    text = draw_wave(population, wave).to_csv(sep=";", index=False, lineterminator="\r\n")
    path = parameters.folder / parameters.waves[wave].file.path
    write_bytes(path, text.encode("utf-8-sig"))
    return path
