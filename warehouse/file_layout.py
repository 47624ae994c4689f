"""Whether a table file is laid out as it would be written now (`warehouse.table_file`)."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.schemas.spec import TableSpec
from warehouse.table_file import ROW_GROUP_ROWS, write_options

_SAMPLE_ROWS = 1_000


def is_laid_out_as_now(spec: TableSpec, file: pq.ParquetFile) -> bool:
    """True when the file is cut into row groups and encoded as it would be if written anew.

    Its first rows are written anew, in memory, and the two footers compared. The level of
    compression is in no footer.

    Args:
        spec: the table.
        file: the file, of the declared schema.
    """
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    rows = [group.num_rows for group in groups if group.num_rows]
    if not rows:
        return True
    if any(count != ROW_GROUP_ROWS for count in rows[:-1]) or rows[-1] > ROW_GROUP_ROWS:
        return False
    sample = pa.Table.from_batches([next(file.iter_batches(_SAMPLE_ROWS))])
    sink = io.BytesIO()
    pq.write_table(sample, sink, **write_options(spec))
    as_now = _encodings(pq.read_metadata(sink).row_group(0))
    return all(_encodings(group) == as_now for group in groups if group.num_rows)


def _encodings(group: pq.RowGroupMetaData) -> list[tuple[str, bool, bool, bool]]:
    """How each column is written: its codec, and what helps to skip or to shorten it."""
    columns = (group.column(number) for number in range(group.num_columns))
    return [
        (one.compression, one.is_stats_set, one.has_dictionary_page, one.has_column_index)
        for one in columns
    ]
