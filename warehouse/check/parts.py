"""One table file under check: is it what the schema declares, and its rows batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse import layout
from warehouse.check.finding import REBUILD, Findings, Level
from warehouse.evolution import misfit, named_in
from warehouse.schemas.spec import TableSpec

BATCH_ROWS = 65_536
"""Rows in memory at once; a turn with its text takes some hundred bytes."""


@dataclass(frozen=True, slots=True)
class Part:
    """One readable file of one table."""

    spec: TableSpec
    day: layout.Day
    file: pq.ParquetFile

    @property
    def where(self) -> str:
        """Its path below the warehouse."""
        return layout.part(self.spec, self.day).as_posix()

    @property
    def rows(self) -> int:
        """How many rows its footer promises."""
        return int(self.file.metadata.num_rows)

    def frames(self, names: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Its rows in order, with the declared columns (or some of them); null where it has none.

        Raises:
            pyarrow.ArrowException: part of the file can't be read.
            OSError: likewise.
        """
        wanted = self.spec.names if names is None else names
        kinds = self.spec.file_frame_schema
        stored = set(self.file.schema_arrow.names)
        there = [name for name in wanted if name in stored]
        for batch in self.file.iter_batches(BATCH_ROWS, columns=there):
            batch.validate(full=True)  # texts that are no UTF-8, say, which polars would trip over
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            yield frame.select(
                pl.col(name) if name in stored else pl.lit(None, kinds[name]).alias(name)
                for name in wanted
            )


def open_part(
    spec: TableSpec, day: layout.Day, file: pa.NativeFile, findings: Findings
) -> Part | None:
    """The file ready to be read; None when its rows can't be checked. Findings say what is wrong.

    Rows are checked also where only the file's description is wrong, as long as every column has
    its declared type.
    """
    where = layout.part(spec, day).as_posix()
    try:
        part = Part(spec, day, pq.ParquetFile(file))
    except (pa.ArrowException, OSError) as error:
        add_unreadable(where, error, findings)
        return None
    version = _version(part, findings)
    if version is None or not _has_right_columns(part, version, findings):
        return None
    return part


def add_unreadable(where: str, error: Exception, findings: Findings) -> None:
    """Adds that a file, or part of it, can't be read."""
    # Not the error's own text: it may quote what was said.
    findings.add("unreadable", where, f"the file can't be read ({type(error).__name__})", REBUILD)


def _version(part: Part, findings: Findings) -> int | None:
    """The schema version of a file that can be read; None for any other."""
    spec = part.spec
    named = named_in(part.file.schema_arrow.metadata)
    if named is None or named[0] != spec.name:
        says = f"that it is of table {named[0]}" if named else "nothing of its table and version"
        findings.add("not_ours", part.where, f"the file says {says}", REBUILD)
        # One that says nothing may still be right in all else.
        return None if named else spec.version
    version = named[1]
    if problem := misfit(spec, version):
        said, _, next_step = problem.rpartition(". ")
        findings.add("unreadable_version", part.where, said, next_step)
        return None
    if version < spec.version:
        findings.add(
            "older_version",
            part.where,
            f"schema version {version}; current is {spec.version}",
            "The next night writes it anew. Or run: nightcall tables rebuild",
            level=Level.NOTE,
        )
    return version


def _has_right_columns(part: Part, version: int, findings: Findings) -> bool:
    """False when a column is missing or of another type than declared."""
    found, declared = part.file.schema_arrow, part.spec.schema_at(version)
    problems = [
        f"{name} is {_shown(found, name)}, declared {_shown(declared, name)}"
        for name in dict.fromkeys((*declared.names, *found.names))
        if _shown(found, name) != _shown(declared, name)
    ]
    if not problems and found.names != declared.names:
        problems = ["its columns are in another order than declared"]
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        findings.add("schema", part.where, f"{problems[0]}{more}", REBUILD)
    return all(
        name in found.names and found.field(name).type == declared.field(name).type
        for name in declared.names
    )


def _shown(schema: pa.Schema, name: str) -> str:
    if name not in schema.names:
        return "missing"
    field = schema.field(name)
    return f"{field.type}{'' if field.nullable else ' not null'}"
