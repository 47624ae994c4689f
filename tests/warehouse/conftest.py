from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouse.newer import fill, newer_nightcall
from warehouse import Warehouse


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pulls the plug on a test: waiting for the disk would be most of its time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path) -> Warehouse:
    """An empty warehouse."""
    return Warehouse.create(tmp_path / "warehouse")


@pytest.fixture
def filled(store: Warehouse) -> Warehouse:
    """A warehouse with some of everything."""
    fill(store)
    return store


@pytest.fixture
def older(filled: Warehouse) -> Iterator[Warehouse]:
    """The same, as a newer Nightcall finds it."""
    with newer_nightcall():
        yield filled
