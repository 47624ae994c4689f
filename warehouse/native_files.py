"""Opening a file for Arrow to read."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa


def open_native(path: Path) -> pa.NativeFile:
    """The file, opened by Arrow itself.

    One opened by Python would be let go by whichever of Arrow's threads is done with it last. That
    needs the interpreter, and where it is just ending, the process aborts.

    Raises:
        FileNotFoundError: there is none.
        OSError: it can't be opened.
    """
    return pa.OSFile(os.fsencode(path), "rb")
