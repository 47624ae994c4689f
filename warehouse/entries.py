"""What people put on record: reviews, coaching, erasures. The source of their one-file tables.

`work/<table>.jsonl` holds a line per entry and is written whole each time: it is small, and a line
cut off by a kill would spoil the next one. Only an erasure ever takes something out of it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.arrow import require_unique, to_arrow
from warehouse.evolution import filled
from warehouse.files import locked, to_json, write_whole
from warehouse.schemas import Row
from warehouse.schemas.spec import INSTANT, TableSpec


@dataclass(frozen=True, slots=True)
class Entries:
    """The record behind one table.

    Args:
        root: the warehouse folder.
        spec: the table; one that is a single file.
    """

    root: Path
    spec: TableSpec

    @property
    def path(self) -> Path:
        """The file of the record."""
        return self.root / "work" / f"{self.spec.name}.jsonl"

    def add(self, rows: Sequence[Row]) -> None:
        """Returns when the entries are on disk; publishing them is another step.

        Raises:
            ValueError: an entry of that key is on record already.
            WarehouseDamaged: a row does not fit the table, or the record can't be read.
        """
        to_arrow(self.spec, rows)  # a row that fits no table must not get into the record
        with locked(layout.entries_lock(self.root)):
            all_rows = [*self.rows(), *rows]
            try:
                require_unique(self.spec, all_rows)
            except WarehouseDamaged as error:
                raise ValueError(f"An entry can be made only once: {error}") from error
            self._write(all_rows)

    def rows(self) -> tuple[Row, ...]:
        """Every entry, in the order in which they were made.

        Raises:
            WarehouseDamaged: naming the line that can't be read.
        """
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return ()
        return tuple(self._row(number, line) for number, line in enumerate(lines, start=1))

    def table(self) -> pa.Table:
        """Every entry as the table holds it."""
        return to_arrow(self.spec, self.rows())

    def change(self, changed: Callable[[Row], Row | None]) -> int:
        """How many entries were changed or, where `changed` gives None, taken out for good."""
        with locked(layout.entries_lock(self.root)):
            before = self.rows()
            after = [changed(row) for row in before]
            count = sum(old != new for old, new in zip(before, after, strict=True))
            if count:
                self._write(row for row in after if row is not None)
        return count

    def _write(self, rows: Iterable[Row]) -> None:
        lines = b"".join(to_json(asdict(row)) + b"\n" for row in rows)
        # Staged beside it: elsewhere, those who hold other locks sweep.
        write_whole(self.path, lines, staging=self.path.parent)

    def _row(self, number: int, line: bytes) -> Row:
        try:
            facts = filled(self.spec, json.loads(line))
            for column in self.spec.columns:
                value = facts.get(column.name)
                if value is None:
                    continue
                if column.type == INSTANT:
                    facts[column.name] = datetime.fromisoformat(value)
                elif column.type == pa.date32():
                    facts[column.name] = date.fromisoformat(value)
            row: Row = self.spec.row_type(**facts)
        except (ValueError, TypeError) as error:
            raise WarehouseDamaged(
                f"work/{self.path.name}: line {number} can't be read ({type(error).__name__}). "
                "Remove the line."
            ) from error
        return row
