"""Tables written out for others: CSV and Excel for people, Parquet for programs."""

from __future__ import annotations

from warehouse.export.exporting import FORMATS, Asked, Exported, export

__all__ = ["FORMATS", "Asked", "Exported", "export"]
