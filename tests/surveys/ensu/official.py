"""INEGI's published tables of September 2024, read from the official workbook into plain frames.

The precision class of a number is the colour of its cell: none = coefficient of variation below
15 %, FFEA00 = 15 to 30 %, FF5400 = 30 % or more. A heading without a number is a state or a region;
a footnote mark is a digit at the end of a name ("La Laguna2"). La Laguna lies in two states and
stands in the workbook twice, with the same numbers.
"""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.cell import Cell

DATA = Path(__file__).parents[4] / "shared" / "data" / "ensu_2024_09"
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="needs ../shared/data/ensu_2024_09, which is not here"
)
WORKBOOK = "official_tables_sep_2024.xlsx"
COUNTRY = "Estados Unidos Mexicanos"
CLASSES = {None: 0, "FFFFEA00": 1, "FFFF5400": 2}
LIMITS = (0.15, 0.30)  # between the classes


def _class(cell: Cell) -> int:
    return CLASSES[cell.fill.fgColor.rgb if cell.fill.fill_type else None]


def read_table(folder: Path, table: str) -> pd.DataFrame:
    """One of the tables 1.7, 1.8 and 1.9.

    Returns
    -------
    one row per city and line below it: ``city, line, base`` (persons the line is a share of),
    ``total`` (persons), ``percent``, and the precision classes ``base_class, total_class,
    percent_class`` (0 best, 2 worst). In table 1.7 the base is the city's whole population and
    stands on the city's own row.
    """
    sheet = openpyxl.load_workbook(folder / WORKBOOK)[table]
    rows, city, population = [], "", None
    for name, base, _, total, percent, *_ in sheet.iter_rows(min_row=10, max_col=7):
        if total.value is None and base.value is None:
            if name.value and str(name.value).startswith("Nota"):
                break
            continue
        if total.value is None:
            city, population = str(name.value).rstrip("0123456789"), base
            continue
        base = population if base.value is None else base
        rows.append(
            {
                "city": city,
                "line": name.value,
                "base": base.value,
                "total": total.value,
                "percent": percent.value,
                "base_class": _class(base),
                "total_class": _class(total),
                "percent_class": _class(percent),
            }
        )
    return pd.DataFrame(rows).drop_duplicates(ignore_index=True)


def read_by_sex(folder: Path, table: str) -> pd.DataFrame:
    """The whole country by sex, September 2024, from one of the tables 1.2, 1.4 and 1.6.

    Returns
    -------
    one row per group and line: ``group`` ("Estados Unidos Mexicanos", "Hombres", "Mujeres"),
    ``line, percent``.
    """
    sheet = openpyxl.load_workbook(folder / WORKBOOK)[table]
    rows, group = [], ""
    for name, percent in sheet.iter_rows(min_row=10, max_col=2, values_only=True):
        if percent is not None:
            rows.append({"group": group, "line": name, "percent": percent})
        elif name:
            group = name
    return pd.DataFrame(rows)
