"""Read by every Python that the tests start: workers, kernels and the program itself. What
``pyproject.toml`` makes an error in the tests' own process is one there too."""

import sys
import warnings

if sys.flags.warn_default_encoding:
    OURS = r"(survey_lib|__main__)\b"  # other people's packages are theirs to mend
    warnings.filterwarnings("ignore", category=EncodingWarning)
    warnings.filterwarnings("error", category=EncodingWarning, module=OURS)
