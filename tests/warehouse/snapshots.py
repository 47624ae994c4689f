"""What the tables hold, and which of their files were written again."""

from __future__ import annotations

import polars as pl
from polars.testing import assert_frame_equal

from warehouse import Warehouse
from warehouse.schemas import ALL_TABLES


def state(store: Warehouse) -> dict[str, pl.DataFrame]:
    return {name: store.table(name).collect() for name in ALL_TABLES}


def files(store: Warehouse) -> dict[str, tuple[int, int]]:
    """Each table file with what changes when it is written again."""
    found = (path for path in (store.path / "tables").rglob("*") if path.is_file())
    return {
        path.relative_to(store.path).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in found
    }


def assert_same(found: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]) -> None:
    for name in ALL_TABLES:
        assert_frame_equal(found[name], expected[name])
