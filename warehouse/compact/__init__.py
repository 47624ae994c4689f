"""Keeping a warehouse small and tidy: `nightcall tables compact`."""

from __future__ import annotations

from warehouse.compact.compacting import Compacted, compact
from warehouse.compact.step import Deed, Step

__all__ = ["Compacted", "Deed", "Step", "compact"]
