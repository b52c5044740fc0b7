"""Write ``requirements.txt`` and ``environment.yml`` from ``uv.lock``; ``make lock`` runs this.

``pyproject.toml`` says what the project needs, ``uv.lock`` which versions it gets, and these two
files say the same to pip and to conda. ``tests/test_setup.py`` holds all four in step.
"""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).parent.parent
CONDA_PYTHON = "3.11"  # the version that the tests run on
CONDA_NAMES = {"ruamel-yaml": "ruamel.yaml", "matplotlib": "matplotlib-base"}
ALWAYS = "python_version > '0'"
NOT_ON_CONDA = {"playwright", "axe-playwright-python"}


def name_of(requirement: str) -> str:
    """The normalised package name of a requirement such as ``pandas>=3.1``."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def direct(project: dict) -> list[str]:
    """Names of what the project itself asks for, in the order of ``pyproject.toml``."""
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return [name_of(requirement) for requirement in asked]


def locked(lock: dict) -> dict[str, str]:
    """Name -> version of every package in ``uv.lock`` but the project.

    Where the lock holds two versions of a package for different Pythons, that for conda's.
    """
    here = {"python_full_version": f"{CONDA_PYTHON}.9", "python_version": CONDA_PYTHON}
    return {
        package["name"]: package["version"]
        for package in lock["package"]
        if "registry" in package["source"]
        and any(Marker(m).evaluate(here) for m in package.get("resolution-markers", [ALWAYS]))
    }


def minor(version: str) -> str:
    """``3.1.1`` -> ``3.1``."""
    return ".".join(version.split(".")[:2])


def environment(project: dict, lock: dict) -> str:
    """The text of ``environment.yml``."""
    versions, names = locked(lock), direct(project)
    conda = [
        f"  - {CONDA_NAMES.get(name, name)}={minor(versions[name])}"
        for name in names
        if name not in NOT_ON_CONDA
    ]
    pip = [f"      - {name}=={versions[name]}" for name in names if name in NOT_ON_CONDA]
    return "\n".join(
        [
            "# Written by `make lock` from pyproject.toml and uv.lock: change those, not this.",
            "#   conda env create -f environment.yml",
            "#   conda activate trygg",
            "name: trygg",
            "channels:",
            "  - conda-forge",
            "  - nodefaults",
            "dependencies:",
            f"  - python={CONDA_PYTHON}",
            "  - pip",
            *conda,
            "  - pip:",
            "      - -e .",
            *pip,
            "",
        ]
    )


def requirements() -> str:
    """The text of ``requirements.txt``: every package with version, markers and hashes, by uv."""
    export = ["uv", "export", "--frozen", "--all-groups", "--no-emit-project"]
    flags = ["--no-header", "--no-annotate", "--format", "requirements-txt", "--quiet"]
    exported = subprocess.run(
        [*export, *flags], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )
    return (
        "# Written by `make lock` from uv.lock: change pyproject.toml, not this.\n"
        "#   python -m pip install -r requirements.txt && python -m pip install --no-deps -e .\n"
        f"{exported.stdout}"
    )


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    for name, text in {
        "environment.yml": environment(project, lock),
        "requirements.txt": requirements(),
    }.items():
        (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
