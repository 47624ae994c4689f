"""The rows of one date against those of the artifacts, call by call.

What is compared are sums of hashes, since the rows of a night do not fit into memory twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial

import polars as pl
import pyarrow as pa

from calls.errors import WarehouseDamaged
from warehouse.artifacts import LISTENING, READING, SOURCE, ArtifactStore
from warehouse.check.artifacts import where
from warehouse.check.finding import REBUILD, Findings
from warehouse.check.parts import Part, open_part
from warehouse.check.scan import Broken
from warehouse.corrections import CORRECTIONS, load_corrections
from warehouse.holds import HOLDS, hold_on
from warehouse.schemas import CALL_TABLES

CALLS_AT_ONCE = 100

_SUMS = {"source_key": pl.String, "call_id": pl.String, "_rows": pl.UInt32, "_sum": pl.UInt64}


def check_same_rows(
    store: ArtifactStore,
    day: date,
    files: Mapping[str, pa.NativeFile],
    revisions: Mapping[str, int],
    findings: Findings,
) -> None:
    """Adds the calls whose rows in the tables are not those of their reading.

    A call that has been read again since, and waits to be published, is passed over.

    Args:
        store: the artifacts.
        day: the date.
        files: its files by table, all of one publication.
        revisions: what the tables have of each call, by source key.
        findings: where to add to.
    """
    read: dict[str, list[pl.DataFrame]] = {name: [_no_sums()] for name in CALL_TABLES}
    sought: list[str] = []
    for some in _in_groups(list(revisions)):
        tables = list(_loaded(store, day, some, revisions, findings))
        sought += [str(one["calls"]["source_key"][0]) for one in tables]
        for name in CALL_TABLES if tables else ():
            rows = pl.from_arrow(pa.concat_tables([one[name] for one in tables]))
            assert isinstance(rows, pl.DataFrame)
            read[name].append(_sums(rows))
    for name, file in files.items():
        # What is wrong with the file itself is known by now.
        part = open_part(CALL_TABLES[name], day, file, Findings())
        if part is not None:
            _compare(part, pl.concat(read[name]), sought, findings)


def _loaded(
    store: ArtifactStore,
    day: date,
    keys: Iterable[str],
    revisions: Mapping[str, int],
    findings: Findings,
) -> Iterator[dict[str, pa.Table]]:
    """The tables of every reading among those that can be read."""
    for key in keys:
        _read_others(store, key, findings)
        place = where(store, key, READING)
        try:
            header = store.reading_header(key)
            if header is None or header.revision > revisions[key]:
                continue  # a missing artifact is a finding of its own
            tables = store.load_tables(key)
        except WarehouseDamaged as error:
            findings.add_damage(error, place)
            continue
        if header.call_date != day:
            findings.add(
                "other_than_artifact",
                place,
                f"the reading is of {header.call_date}, the tables have the call on {day}",
                REBUILD,
                example=f"call_id {header.call_id!r}",
            )
        if tables["calls"].num_rows == 1:
            yield tables


def _read_others(store: ArtifactStore, key: str, findings: Findings) -> None:
    """Adds what else of a call can't be read: what is known, was heard, and people have said."""
    loads: dict[str, Callable[[], object]] = {
        SOURCE: partial(store.load_source, key),
        LISTENING: partial(store.load_listening, key),
        CORRECTIONS: partial(load_corrections, store, key),
        HOLDS: partial(hold_on, store, key),
    }
    for name, load in loads.items():
        try:
            load()
        except WarehouseDamaged as error:
            findings.add_damage(error, where(store, key, name))


def _compare(part: Part, read: pl.DataFrame, sought: Sequence[str], findings: Findings) -> None:
    try:
        landed = [_no_sums(), *(_sums(frame) for frame in part.frames())]
    except (pa.ArrowException, OSError):
        return  # as is known by now
    ours = pl.concat(landed).filter(pl.col("source_key").is_in(list(sought)))
    own = ours.group_by("source_key", "call_id").agg(pl.col("_rows", "_sum").sum())
    theirs = read.group_by("source_key", "call_id").agg(pl.col("_rows", "_sum").sum())
    both = own.join(theirs, on=["source_key", "call_id"], how="full", coalesce=True)
    differing = both.filter(
        pl.col("_rows").ne_missing(pl.col("_rows_right"))
        | pl.col("_sum").ne_missing(pl.col("_sum_right"))
    ).sort("call_id")
    problem = "calls whose rows are not those of their reading"
    broken = Broken.of(differing, ("call_id",))
    if broken.count:
        findings.add(
            "other_than_artifact",
            part.where,
            f"{broken.count:,} {problem}",
            REBUILD,
            rows=broken.count,
            example=broken.example,
        )


def _sums(rows: pl.DataFrame) -> pl.DataFrame:
    """Per call, how many rows there are and the sum of their hashes (which runs over, and may)."""
    return (
        rows.select("source_key", "call_id", rows.hash_rows().alias("_hash"))
        .group_by("source_key", "call_id")
        .agg(pl.len().alias("_rows"), pl.col("_hash").sum().alias("_sum"))
    )


def _no_sums() -> pl.DataFrame:
    return pl.DataFrame(schema=_SUMS)


def _in_groups(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), CALLS_AT_ONCE):
        yield keys[start : start + CALLS_AT_ONCE]
