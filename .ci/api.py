"""Write the API reference, a page per module from its docstrings, to ``docs/api/``; ``make docs``
runs this. The folder isn't kept in git.
"""

from __future__ import annotations

import pkgutil
import warnings
from pathlib import Path

import pdoc

import survey_lib

ROOT = Path(__file__).parent.parent
OUTPUT = ROOT / "docs" / "api"


def modules() -> list[str]:
    """Every module of the library that isn't private."""
    found = pkgutil.walk_packages(survey_lib.__path__, "survey_lib.")
    names = [module.name for module in found]
    return [
        "survey_lib",
        *(name for name in names if not any(part.startswith("_") for part in name.split("."))),
    ]


def write(names: list[str], output: Path) -> None:
    """The pages of some modules, and an index to them."""
    for name in survey_lib.__all__:  # the package loads them when asked; pdoc doesn't ask
        setattr(survey_lib, name, getattr(survey_lib, name))
    pdoc.render.configure(docformat="numpy", show_source=False)
    with warnings.catch_warnings():  # a package brings its modules, which are named here too
        warnings.filterwarnings("ignore", "The module specification")
        pdoc.pdoc(*names, output_directory=output)


if __name__ == "__main__":
    write(modules(), OUTPUT)
    print(f"written: {OUTPUT.relative_to(ROOT)}/index.html")
