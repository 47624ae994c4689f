"""The ways a night's rows can land: in Nightcall's tables, in Delta tables, in a file per call."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.made_calls import Site, calls_of
from warehouse import Warehouse, layout, open_warehouse
from warehouse.call_merge import Window, merge_calls
from warehouse.files import locked
from warehouse.publication import Publication
from warehouse.schemas import CALL_TABLES
from warehouse.table_file import write_options

DAY = date(2026, 9, 14)
_SHARE = 10
"""Of the files per call every tenth is written, and the time multiplied."""

Tables = Mapping[str, pa.Table]


@dataclass(slots=True)
class Landed:
    """What it cost to land a night, and what lies there then."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    files: int = 0
    megabytes: float = 0.0
    rows: int = 0


@contextmanager
def timed(landed: Landed) -> Iterator[None]:
    """Nothing; the time spent inside is added."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    landed.seconds += time.perf_counter() - wall
    landed.cpu_s += time.process_time() - cpu


def lying(landed: Landed, folder: Path) -> Landed:
    """With what a reader of `**/*.parquet` finds below a folder of tables, empty files left out."""
    rows = {path: pq.read_metadata(path).num_rows for path in folder.rglob("*.parquet")}
    landed.files = sum(map(bool, rows.values()))
    landed.megabytes = sum(path.stat().st_size for path, count in rows.items() if count) / 1e6
    landed.rows = sum(rows.values())
    return landed


def swap_in(store: Warehouse, day: date, tables: Tables, leaving: set[str] | None = None) -> None:
    """Lands rows that are in memory, through the same code as those of artifacts."""
    rows = {name: [table] for name, table in tables.items()}
    with locked(layout.publish_lock(store.path)):
        publication = Publication(store.path)
        merge_calls(publication, day, [Window(None, rows)], leaving or set())
        publication.commit()


def nightcall_in_memory(folder: Path, site: Site) -> Landed:
    """Nightcall, new rows."""
    store, tables, landed = Warehouse.create(folder / "warehouse"), site.night(DAY), Landed()
    with timed(landed):
        swap_in(store, DAY, tables)
    return lying(landed, store.path / "tables")


def nightcall_in_memory_again(folder: Path, site: Site) -> Landed:
    """Nightcall, every call in another revision."""
    store, tables, landed = Warehouse.create(folder / "warehouse"), site.night(DAY), Landed()
    swap_in(store, DAY, tables)
    tables = {name: revised(table) for name, table in tables.items()}
    with timed(landed):
        swap_in(store, DAY, tables, set(tables["calls"]["source_key"].to_pylist()))
    return lying(landed, store.path / "tables")


def delta_in_memory(folder: Path, site: Site) -> Landed:
    """delta-rs, append."""
    tables, landed = dated(site.night(DAY)), Landed()
    with timed(landed):
        append(folder, tables)
    return lying(landed, folder)


def delta_in_memory_again(folder: Path, site: Site) -> Landed:
    """delta-rs, the date overwritten."""
    tables, landed = dated(site.night(DAY)), Landed()
    append(folder, tables)
    tables = {name: revised(table) for name, table in tables.items()}
    with timed(landed):
        append(folder, tables, overwrite=True)
    return lying(landed, folder)


def file_per_call(folder: Path, site: Site) -> Landed:
    """A file per call and table, each synced and renamed."""
    landed = Landed()
    for number, (key, tables) in enumerate(calls_of(site.night(DAY))):
        if number % _SHARE == 0:
            with timed(landed):
                for name, table in tables.items():
                    _one_file(folder / name / f"call_date={DAY}" / f"{key}.parquet", name, table)
    lying(landed, folder)
    return Landed(
        *(landed.seconds * _SHARE, landed.cpu_s * _SHARE),
        *(landed.files * _SHARE, landed.megabytes * _SHARE, landed.rows * _SHARE),
    )


def _one_file(path: Path, name: str, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".tmp")
    with new.open("wb") as file:
        pq.write_table(table, file, **write_options(CALL_TABLES[name]))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def read_calls(folder: Path, site: Site) -> float:
    """Seconds that writing the artifacts of a night takes; they are in a warehouse then."""
    store = Warehouse.create(folder)
    began = time.perf_counter()
    for rows in site.call_rows(DAY):
        store.artifacts.save_reading(rows)
    return time.perf_counter() - began


def nightcall_from_artifacts(folder: Path, artifacts: Path) -> Landed:
    """Nightcall, new calls."""
    store = _same_artifacts(folder, artifacts)
    keys, landed = list(store.artifacts.known_keys()), Landed()
    with timed(landed):
        store.publish(keys)
    return lying(landed, store.path / "tables")


def nightcall_from_artifacts_again(folder: Path, artifacts: Path) -> Landed:
    """Nightcall, the same calls once more: no file changes."""
    store = _same_artifacts(folder, artifacts)
    keys, landed = list(store.artifacts.known_keys()), Landed()
    store.publish(keys)
    with timed(landed):
        done = store.publish(keys)
    assert done.files == 0
    return lying(landed, store.path / "tables")


def delta_from_artifacts(folder: Path, artifacts: Path) -> Landed:
    """delta-rs, append."""
    store, landed = open_warehouse(artifacts).artifacts, Landed()
    keys = list(store.known_keys())
    with timed(landed):
        rows = [store.load_tables(key) for key in keys]
        append(folder, dated({n: pa.concat_tables(one[n] for one in rows) for n in CALL_TABLES}))
    return lying(landed, folder)


def _same_artifacts(folder: Path, artifacts: Path) -> Warehouse:
    """A new warehouse whose artifacts are those of another."""
    store = Warehouse.create(folder / "warehouse")
    (store.path / "work" / "calls").symlink_to(artifacts / "work" / "calls")
    return store


def append(folder: Path, tables: Tables, *, overwrite: bool = False) -> None:
    """Writes those rows as delta-rs does; `overwrite` replaces what the date held."""
    from deltalake import write_deltalake

    how = {"mode": "overwrite", "predicate": f"call_date = '{DAY}'"} if overwrite else {}
    for name, table in tables.items():
        write_deltalake(
            folder / name, table, partition_by=["call_date"], **{"mode": "append", **how}
        )


def dated(tables: Tables) -> dict[str, pa.Table]:
    """With the date as a column."""
    return {
        name: table.append_column("call_date", pa.repeat(pa.scalar(DAY), table.num_rows))
        for name, table in tables.items()
    }


def revised(table: pa.Table) -> pa.Table:
    """The same rows in revision 2."""
    at = table.schema.get_field_index("revision")
    return table.set_column(
        at, table.schema.field(at), pa.repeat(pa.scalar(2, pa.int32()), table.num_rows)
    )


_DELTA = find_spec("deltalake") is not None

IN_MEMORY: dict[str, Callable[[Path, Site], Landed]] = {
    "Nightcall": nightcall_in_memory,
    **({"delta-rs, append": delta_in_memory} if _DELTA else {}),
    "one file per call (every tenth, times 10)": file_per_call,
    "again, all changed: Nightcall": nightcall_in_memory_again,
    **({"again: delta-rs, date overwritten": delta_in_memory_again} if _DELTA else {}),
}

FROM_ARTIFACTS: dict[str, Callable[[Path, Path], Landed]] = {
    "Nightcall": nightcall_from_artifacts,
    **({"delta-rs, append": delta_from_artifacts} if _DELTA else {}),
    "again, nothing changed: Nightcall": nightcall_from_artifacts_again,
}
