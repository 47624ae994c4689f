from __future__ import annotations

import os
from pathlib import Path

import pytest

from warehouse import Warehouse


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pulls the plug on a test: waiting for the disk would be most of its time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path) -> Warehouse:
    """An empty warehouse."""
    return Warehouse.create(tmp_path / "warehouse")
