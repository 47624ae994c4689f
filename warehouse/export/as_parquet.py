"""A table as one Parquet file, for programs that want a file and not a folder."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.export.source import Source
from warehouse.table_file import ROW_GROUP_ROWS, write_options

NOTES = (
    "One file per table. The date of the folder is the last column of the file.",
    "Rows are in the order of the dates, so a reader that looks for some dates skips the others.",
)
"""What readers of the files must know."""


def write_parquet(source: Source, path: Path) -> int:
    """How many rows were written to a new file."""
    options = write_options(source.spec)
    if source.spec.partition is not None:
        for name in ("use_dictionary", "write_statistics"):
            options[name] = [*options[name], source.spec.partition]
    rows, waiting = 0, source.spec.folder_schema.empty_table()
    with pq.ParquetWriter(path, source.spec.folder_schema, **options) as writer:
        for batch in source.batches():
            rows += batch.num_rows
            waiting = pa.concat_tables([waiting, batch])
            # Small dates share a row group; a large date fills several.
            full = waiting.num_rows - waiting.num_rows % ROW_GROUP_ROWS
            if full:
                writer.write_table(waiting.slice(0, full), row_group_size=ROW_GROUP_ROWS)
                waiting = waiting.slice(full).combine_chunks()
        writer.write_table(waiting, row_group_size=ROW_GROUP_ROWS)
    return rows
