"""The tables copied to an object store or a folder, and kept in line with the warehouse.

```python
from warehouse import mirror

mirror.mirror(warehouse.open("warehouse"), "s3://bucket/prefix")
```

A mirror holds what was said on calls, so it is remembered: whatever removes something from the
warehouse calls `follow`, which removes it from the mirror too.
"""

from __future__ import annotations

from warehouse.mirror.copying import Mirrored, caution, end, follow, mirror, place_of
from warehouse.mirror.reading import MirroredTables, open_tables

__all__ = [
    "Mirrored",
    "MirroredTables",
    "caution",
    "end",
    "follow",
    "mirror",
    "open_tables",
    "place_of",
]
