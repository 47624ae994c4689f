"""Writing tables out: all of one state, into a folder that is there as a whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from calls.errors import UsageError
from warehouse import layout
from warehouse.export import as_csv, as_excel, as_parquet
from warehouse.export.about import README, SCHEMA, About
from warehouse.export.source import Source
from warehouse.files import PRIVATE_FILE, PRIVATE_FOLDER, to_json
from warehouse.open_files import held_open
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec
from warehouse.store import Warehouse
from warehouse.tables import known_table

FORMATS = ("csv", "excel", "parquet")

Each = Callable[[int, int], None]
"""Hears after each table how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be exported: which tables (empty: all), and of which dates.

    The dates are those of tables that have a file per date; the others go out as a whole.
    """

    tables: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def specs(self) -> list[TableSpec]:
        """The tables, `calls` first.

        Raises:
            UsageError: there is no table of one of the names.
        """
        specs = [known_table(name) for name in self.tables or ALL_TABLES]
        return sorted(dict.fromkeys(specs), key=lambda spec: spec.name != "calls")

    def days(self, root: Path, spec: TableSpec) -> list[layout.Day]:
        """The dates of that table that are asked for, in order."""
        if spec.partition is None:
            return [None]
        days = sorted(layout.dates(root, spec) - {layout.NO_DATE})
        return [day for day in days if (self.since or day) <= day <= (self.until or day)]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: rows by table, and notes about what could not be written as it is."""

    rows: Mapping[str, int]
    notes: tuple[str, ...]


def export(
    store: Warehouse,
    target: Path,
    *,
    format_: str,
    asked: Asked | None = None,
    overwrite: bool = False,
    each: Each | None = None,
) -> Exported:
    """What was written into a folder.

    All tables are of one publication. A night may go on meanwhile.

    Args:
        store: the warehouse.
        target: the folder.
        format_: one of `FORMATS`.
        asked: which tables and dates; None for all.
        overwrite: True replaces an earlier export there.
        each: hears how far it has come.

    Raises:
        UsageError: the folder can't be written to, or holds something else.
        WarehouseDamaged: a table can't be read; then nothing is there.
    """
    asked = asked or Asked()
    specs = asked.specs()
    _require_place(target, store.path, overwrite=overwrite)
    wanted = ((spec, day) for spec in specs for day in asked.days(store.path, spec))
    with _whole_or_not_at_all(target) as folder, held_open(store.path, wanted) as opened:
        sources = [
            Source(
                spec,
                tuple((day, file) for (name, day), file in opened.items() if name == spec.name),
            )
            for spec in specs
        ]
        return _write(sources, folder, format_, asked, store.time_zone, each)


def _write(
    sources: Sequence[Source],
    folder: Path,
    format_: str,
    asked: Asked,
    time_zone: str,
    each: Each | None,
) -> Exported:
    names = [source.spec.name for source in sources]
    made_at = datetime.now(UTC).replace(microsecond=0)

    def about(files: Mapping[str, str], rows: Mapping[str, int], notes: Sequence[str]) -> About:
        return About(made_at, time_zone, asked.since, asked.until, files, rows, notes)

    if format_ == "excel":
        lines = about({}, {}, as_excel.NOTES).lines()
        done = as_excel.write_excel(sources, folder / as_excel.WORKBOOK, lines)
        said = _said(done)
        whole = about(dict.fromkeys(names, as_excel.WORKBOOK), done.rows, (*as_excel.NOTES, *said))
    else:
        write, notes, ending = (
            (as_csv.write_csv, as_csv.NOTES, "csv")
            if format_ == "csv"
            else (as_parquet.write_parquet, as_parquet.NOTES, "parquet")
        )
        rows, said = {}, ()
        for number, source in enumerate(sources, start=1):
            rows[source.spec.name] = write(source, folder / f"{source.spec.name}.{ending}")
            if each:
                each(number, len(sources))
        whole = about({name: f"{name}.{ending}" for name in names}, rows, notes)
    (folder / README).write_text(whole.readme(), encoding="utf-8")
    (folder / SCHEMA).write_bytes(to_json(whole.schema(), indent=1))
    return Exported(whole.rows, said)


def _said(done: as_excel.Workbook) -> tuple[str, ...]:
    """What could not go into a workbook as it is."""
    notes = []
    if done.cut_count:
        notes.append(f"Cut, because no cell of Excel holds them: {done.cut_count:,} texts.")
    if done.split:
        notes.append(f"On several sheets, because one does not hold them: {', '.join(done.split)}.")
    return tuple(notes)


def _require_place(target: Path, root: Path, *, overwrite: bool) -> None:
    """Returns when an export may be written to that folder."""
    place, home = target.resolve(), root.resolve()
    if place == home or home in place.parents or place in home.parents:
        raise UsageError(
            f"{target}: an export can't lie inside the warehouse, nor around it. Name another "
            "folder."
        )
    if not place.parent.is_dir():
        raise UsageError(f"{target}: there is no folder {target.parent}. Make it first.")
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError(f"{target}: is a file; an export is a folder. Name another.")
    if not any(target.iterdir()):
        return
    if not _is_export(target):
        raise UsageError(
            f"{target}: is no export of Nightcall and holds other files. Name a folder that is "
            "empty or does not exist."
        )
    if not overwrite:
        raise UsageError(f"{target}: an export lies there already. Replace it with: --overwrite")


def _is_export(folder: Path) -> bool:
    """True when nothing lies in that folder but what an export has put there."""
    try:
        facts = json.loads((folder / SCHEMA).read_bytes())
        files = {table["file"] for table in facts["tables"].values()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return {path.name for path in folder.iterdir()} <= {README, SCHEMA, *files}


@contextmanager
def _whole_or_not_at_all(target: Path) -> Iterator[Path]:
    """A folder to write into, which takes the place of `target` at the end; nothing if it fails."""
    place = target.resolve()
    # Names that stay the same: what a killed export leaves holds what was said, and is met again.
    folder, before = (place.with_name(f".{place.name}.{one}") for one in ("exporting", "replaced"))
    try:
        folder.mkdir(mode=PRIVATE_FOLDER)
    except FileExistsError:
        raise UsageError(
            f"{target}: another export to here is under way, or was cut off. If none is, remove "
            f"the folder {folder.name} beside it."
        ) from None
    except OSError as error:
        raise UsageError(f"{target}: nothing can be written here ({error.strerror}).") from error
    try:
        yield folder
        for path in folder.iterdir():
            path.chmod(PRIVATE_FILE)
        shutil.rmtree(before, ignore_errors=True)
        if place.exists():
            place.rename(before)
        folder.rename(place)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(before, ignore_errors=True)
