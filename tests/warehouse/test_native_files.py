from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from tests.warehouse.builders import land, review_row, rows_of
from warehouse import Warehouse
from warehouse.native_files import open_native

ROOT = Path(__file__).parents[2]
READ_AND_END = "import sys, warehouse; warehouse.open(sys.argv[1]).publish_entries()"


def test_a_file_is_opened_by_arrow_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "na\udcefve: \u00fc.parquet"
    path.write_bytes(b"said")
    with open_native(path) as file:
        assert isinstance(file, pa.NativeFile)
        assert not isinstance(file, pa.PythonFile)
        assert file.read() == b"said"


def test_a_missing_file_is_missing_as_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_native(tmp_path / "none")


def test_a_process_that_ends_right_after_reading_does_not_abort(store: Warehouse) -> None:
    """With files opened by Python, one process in three did."""
    land(store, rows_of("a"))
    store.entries("reviews").add([review_row()])
    for _ in range(8):
        done = subprocess.run(
            [sys.executable, "-c", READ_AND_END, str(store.path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
