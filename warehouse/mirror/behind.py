"""How far the mirror is behind the tables, as far as that can be told without asking it."""

from __future__ import annotations

from pathlib import Path

from warehouse.mirror.record import load
from warehouse.mirror.snapshot import table_files


def files_behind(root: Path) -> int:
    """How many table files were written or removed since they were last put into the mirror.

    Raises:
        WarehouseDamaged: what was last put can't be read.
    """
    record = load(root)
    if record is None:
        return 0
    now = {}
    for name, path in table_files(root):
        facts = path.stat()
        now[name] = (facts.st_size, facts.st_mtime_ns)
    put = {name: (one.size_bytes, one.mtime_ns) for name, one in record.files.items()}
    return sum(now.get(name) != put.get(name) for name in now.keys() | put.keys())
