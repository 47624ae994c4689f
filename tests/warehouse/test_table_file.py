from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.builders import rows_of
from warehouse.arrow import to_arrow
from warehouse.schemas import ALL_TABLES, CALL_TABLES
from warehouse.schemas.spec import TableSpec
from warehouse.table_file import TableFile, write_options

each_table = pytest.mark.parametrize("spec", CALL_TABLES.values(), ids=CALL_TABLES)


def written(path: Path, spec: TableSpec) -> pq.FileMetaData:
    with TableFile(path, spec) as file:
        file.write(to_arrow(spec, rows_of("a", count=3)[spec.name]))
        file.finish()
    return pq.read_metadata(path)


@each_table
def test_only_texts_that_a_file_is_sorted_by_are_in_its_footer(
    tmp_path: Path, spec: TableSpec
) -> None:
    group = written(tmp_path / "new", spec).row_group(0)
    columns = [group.column(n) for n in range(group.num_columns)]
    with_statistics = {one.path_in_schema for one in columns if one.is_stats_set}
    texts = {one.name for one in spec.columns if one.type == pa.string()}
    assert with_statistics & texts == set(spec.sort) & texts
    assert with_statistics - texts == set(spec.names) - texts


@pytest.mark.parametrize("spec", ALL_TABLES.values(), ids=ALL_TABLES)
def test_no_table_is_sorted_by_what_was_said_or_by_who_somebody_is(spec: TableSpec) -> None:
    private = {"text", "quote", "name", "email", "rep", "hypothesis_text", "comment", "message"}
    assert not private & set(write_options(spec)["write_statistics"])


def test_rows_come_back_as_they_were_written_in_pieces(tmp_path: Path) -> None:
    spec = CALL_TABLES["turns"]
    rows = to_arrow(spec, rows_of("a", count=50)["turns"])
    with TableFile(tmp_path / "new", spec) as file:
        for start in range(0, 50, 7):
            file.write(rows.slice(start, 7))
        file.finish()
    found = pq.read_table(tmp_path / "new")
    assert found.equals(rows)
    assert found.schema.equals(spec.schema, check_metadata=True)


def test_a_file_is_for_its_owner_only_and_replaces_none(tmp_path: Path) -> None:
    written(tmp_path / "new", CALL_TABLES["calls"])
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        TableFile(tmp_path / "new", CALL_TABLES["calls"])
