"""Table files of one publication, held open: readable for as long as it takes, blocking nobody."""

from __future__ import annotations

import resource
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pyarrow as pa

from calls.errors import UsageError, WarehouseDamaged
from warehouse import layout
from warehouse.files import locked
from warehouse.native_files import open_native
from warehouse.publication import one_state
from warehouse.schemas.spec import TableSpec

Place = tuple[str, layout.Day]
"""A table, and the date of one of its files."""

_SPARE_FILES = 64  # for libraries, locks and whatever the caller writes


@contextmanager
def held_open(
    root: Path, wanted: Iterable[tuple[TableSpec, layout.Day]], *, as_is: bool = False
) -> Iterator[dict[Place, pa.NativeFile]]:
    """Those table files, by table and date, all of one state; a file that is missing is left out.

    The lock that keeps publications away is held only while the files are opened: a file that is
    replaced afterwards stays readable here until it is closed.

    Args:
        root: the warehouse folder.
        wanted: which files. Gone through once nobody can publish, so that a generator lists the
            dates of the very state that is opened.
        as_is: True opens them also where nobody can tell whether they are of one state.

    Raises:
        UsageError: the system lets nobody hold so many files open at once.
        WarehouseDamaged: a publication was cut off, and how far it came can't be read.
    """
    with ExitStack() as stack:
        opened: dict[Place, pa.NativeFile] = {}
        with _one_state(root, as_is=as_is):
            parts = list(wanted)
            _allow_open_files(len(parts))
            for spec, day in parts:
                with suppress(FileNotFoundError):
                    file = open_native(root / layout.part(spec, day))
                    opened[spec.name, day] = stack.enter_context(file)
        yield opened


@contextmanager
def _one_state(root: Path, *, as_is: bool) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(one_state(root))
        except WarehouseDamaged:
            if not as_is:
                raise
            stack.enter_context(locked(layout.table_lock(root), shared=True))
        yield


def _allow_open_files(count: int) -> None:
    """Returns when that many more files may be open at once."""
    needed = count + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise UsageError(
            f"{count} table files would have to be open at once; this system allows {hard}. "
            "Raise the limit (ulimit -n), or name fewer dates or tables."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
