"""Which files were seen before, so that unchanged ones need not be hashed every night."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from calls.errors import WarehouseDamaged
from calls.names import original_name, printable
from warehouse import layout
from warehouse.files import write_whole
from warehouse.native_files import open_native

_SCHEMA = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("size_bytes", pa.int64(), nullable=False),
        pa.field("mtime_ns", pa.int64(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("source_key", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class SeenFile:
    """One file as it was last seen."""

    name: str
    size_bytes: int
    mtime_ns: int
    sha256: str
    source_key: str | None


@dataclass(frozen=True, slots=True)
class SeenFiles:
    """What discovery remembers: `work/seen.parquet`.

    Args:
        root: the warehouse folder.
    """

    root: Path

    def load(self) -> dict[str, SeenFile]:
        """Every file seen, by name; empty before the first night."""
        path = self.root / "work" / "seen.parquet"
        try:
            with open_native(path) as file:
                table = pq.ParquetFile(file).read().cast(_SCHEMA)
        except FileNotFoundError:
            return {}
        except (pa.ArrowException, ValueError, OSError) as error:
            raise WarehouseDamaged(
                f"work/seen.parquet: can't be read ({type(error).__name__}). Remove the file; the "
                "next night hashes every recording once more."
            ) from error
        columns = (column.to_pylist() for column in table.columns)
        found = (SeenFile(original_name(row[0]), *row[1:]) for row in zip(*columns, strict=True))
        return {one.name: one for one in found}

    def save(self, files: Iterable[SeenFile]) -> None:
        """Returns when exactly these files are remembered."""
        rows = sorted(
            (replace(one, name=printable(one.name)) for one in files), key=attrgetter("name")
        )
        arrays = [
            pa.array(map(attrgetter(column.name), rows), column.type, size=len(rows))
            for column in _SCHEMA
        ]
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA), sink, compression="zstd")
        write_whole(
            self.root / "work" / "seen.parquet",
            memoryview(sink.getvalue()),
            staging=layout.unfinished(self.root),
        )
