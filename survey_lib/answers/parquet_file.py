"""Parquet into texts, so that every format meets the same rules afterwards."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from survey_lib.answers.delivered import NAMES, Delivered, damaged
from survey_lib.answers.header import header_of_names
from survey_lib.answers.raw import Raw, positions, text_column


def read_parquet(delivered: Delivered, wanted: Iterable[str]) -> Raw:
    """The wanted columns of a parquet file.

    Raises
    ------
    BadInput
        Cut off or damaged, none of the wanted names, a column of lists or records.
    """
    import pyarrow
    from pyarrow import parquet

    with damaged(delivered.shown, NAMES["parquet"]):
        file = parquet.ParquetFile(pyarrow.BufferReader(delivered.content))
        names = file.schema_arrow.names
        header = header_of_names(delivered, names, wanted)
        used = list(dict.fromkeys(names[k] for k in positions(header.names, wanted)))
        schema = file.schema_arrow
        nested = [
            name
            for name in used
            if pyarrow.types.is_nested(schema.field(schema.get_all_field_indices(name)[0]).type)
        ]
        if nested:
            action = "export it again with one value per cell"
            raise delivered.fault(
                f"column {nested[0]}", "lists or records", "single values", action
            )
        table = file.read(columns=used)
        columns, numbers = {}, set()
        for name in used:
            column = table.column(table.schema.get_all_field_indices(name)[0])
            kind = column.type
            if not pyarrow.types.is_dictionary(kind):
                column = column.dictionary_encode()
            values = column.unify_dictionaries().combine_chunks()
            places = values.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            columns[name] = text_column(values.dictionary.to_pylist(), places)
            if pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind):
                numbers.add(name)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(1, table.num_rows + 1), copy=False)
    return Raw(delivered.shown, tuple(names), frame, frozenset(numbers))
