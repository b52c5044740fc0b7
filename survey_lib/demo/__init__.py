"""The made-up survey: a population whose true answers are known, and the waves drawn from it.

``write_wave`` makes a wave's delivered file, ``lay_out`` a folder with the parameters and notebooks
that came along. ``make_population``, ``truth`` and ``draw_samples`` are for those who check
estimates against what is true. All that is made up stands in ``demo.yaml``; nothing here knows a
place or a question.
"""

from survey_lib.demo.delivery import draw_wave, write_wave, write_waves
from survey_lib.demo.folder import lay_out
from survey_lib.demo.population import Population, draw_samples, make_population, truth
from survey_lib.demo.pulse import write_pulse

__all__ = [
    "Population",
    "draw_samples",
    "draw_wave",
    "lay_out",
    "make_population",
    "truth",
    "write_pulse",
    "write_wave",
    "write_waves",
]
