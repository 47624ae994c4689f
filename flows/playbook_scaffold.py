"""A company's own playbook, begun: a folder with an example that holds, to be written over."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from calls.errors import UsageError


def scaffold_playbook(folder: Path) -> list[Path]:
    """The files of a new playbook, written into `folder`.

    Raises:
        UsageError: there is something in the folder already, or it can't be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: is there already and not empty. Name a new folder.")
    written: list[Path] = []
    try:
        for name, content in _files(resources.files("analyzers") / "playbook_example"):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            written.append(path)
    except OSError as error:
        raise UsageError(f"{folder}: can't be written ({error.strerror}).") from error
    return written


def _files(root: Traversable, below: str = "") -> list[tuple[str, bytes]]:
    """Every file below `root` by its relative name."""
    found: list[tuple[str, bytes]] = []
    for entry in sorted(root.iterdir(), key=lambda one: one.name):
        name = f"{below}{entry.name}"
        if entry.is_dir():
            found.extend(_files(entry, f"{name}/"))
        else:
            found.append((name, entry.read_bytes()))
    return found
