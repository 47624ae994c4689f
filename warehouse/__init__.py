"""The tables: schemas declared once, typed rows, artifacts per call, and their publication.

```python
import warehouse

w = warehouse.open("warehouse")
w.moments.filter(pl.col("label") == "cliche_question").collect()
```
"""

from __future__ import annotations

from warehouse.artifacts import ArtifactStore, ReadingHeader
from warehouse.landed import Landed
from warehouse.ledger import Ledger, NightStart
from warehouse.mirror.reading import MirroredTables, open_tables
from warehouse.publish import Published
from warehouse.quarantine import Quarantine, QuarantineRecord
from warehouse.rows import CallRows, call_rows
from warehouse.schemas import ALL_TABLES, SCHEMA_FINGERPRINT, NightRow, RecordingRow
from warehouse.seen import SeenFile, SeenFiles
from warehouse.store import Warehouse, open_warehouse

open = open_warehouse  # noqa: A001 - `warehouse.open(path)` reads as what it does

__all__ = [
    "ALL_TABLES",
    "SCHEMA_FINGERPRINT",
    "ArtifactStore",
    "CallRows",
    "Landed",
    "Ledger",
    "MirroredTables",
    "NightRow",
    "NightStart",
    "Published",
    "Quarantine",
    "QuarantineRecord",
    "ReadingHeader",
    "RecordingRow",
    "SeenFile",
    "SeenFiles",
    "Warehouse",
    "call_rows",
    "open",
    "open_tables",
    "open_warehouse",
]
