"""The tables made from records: nights, evaluations, and what people put on record.

Each is checked by itself, then against the record under `work/` that it was made from, then for
the calls it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import polars as pl
import pyarrow as pa

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.check.finding import REBUILD, Findings, Level
from warehouse.check.parts import open_part
from warehouse.check.rules import rules_for
from warehouse.check.scan import Broken, scan
from warehouse.open_files import Place, held_open
from warehouse.schemas import ENTRY_TABLES, EVALUATION_TABLES, NIGHT_TABLES
from warehouse.schemas.spec import TableSpec
from warehouse.store import Warehouse

_RECORDS = {**NIGHT_TABLES, **EVALUATION_TABLES}


def check_records(
    store: Warehouse, calls: pl.DataFrame, findings: Findings
) -> dict[str, pl.DataFrame]:
    """The rows of the tables of records, by table; findings name what is wrong with them.

    Args:
        store: the warehouse.
        calls: `call_id` and `source_key` of every call in the tables.
        findings: where to add to.
    """
    specs = {**_RECORDS, **ENTRY_TABLES}
    wanted = [
        (spec, day)
        for spec in specs.values()
        for day in layout.in_order(layout.days(store.path, [spec]))
    ]
    with held_open(store.path, wanted, as_is=True) as files:
        kept = {name: _scanned(spec, files, store, findings) for name, spec in specs.items()}
    _readable(store.seen.load, findings)
    _readable(store.quarantine.all, findings)
    _nights(store, kept, findings)
    _evaluations(store, kept, findings)
    for name in ENTRY_TABLES:
        _entries(store, name, kept[name], findings)
    for name in ("reviews", "coaching"):
        _unknown_calls(store, name, kept[name], calls, findings)
    return kept


def _scanned(
    spec: TableSpec, files: Mapping[Place, pa.NativeFile], store: Warehouse, findings: Findings
) -> pl.DataFrame:
    """All rows of a table of records, as far as its files can be read."""
    kept = [pl.DataFrame(schema=spec.file_frame_schema)]
    for (name, day), file in files.items():
        part = open_part(spec, day, file, findings) if name == spec.name else None
        if part is not None:
            rules = rules_for(spec, day=day, time_zone=store.time_zone)
            scan(part, rules, findings, each=kept.append)
    rows = pl.concat(kept)
    again = rows.filter(rows.select(spec.key).is_duplicated())
    if again.height and spec.partition is not None:
        part_names = f"tables/{spec.name}"
        findings.add(
            "repeated_key",
            part_names,
            f"{again.height:,} rows share their key ({', '.join(spec.key)}) with another",
            REBUILD,
            rows=again.height,
            example=Broken.of(again, spec.key).example,
        )
    return rows


def _readable(load: Callable[[], object], findings: Findings) -> None:
    """Adds it where a record can't be read."""
    try:
        load()
    except WarehouseDamaged as error:
        findings.add_damage(error)


def _nights(store: Warehouse, kept: Mapping[str, pl.DataFrame], findings: Findings) -> None:
    ledger, landed = store.ledger, set(kept["nights"]["night_id"])
    try:
        known = {one for one in ledger.nights() if ledger.night(one) is not None}
    except WarehouseDamaged as error:
        findings.add_damage(error)
        return
    _compare("nights", "night_id", landed, known, "work/nights", findings)
    strays = kept["recordings"].filter(~pl.col("night_id").is_in(list(landed | known)))
    if strays.height:
        findings.add(
            "recordings_without_night",
            "tables/recordings",
            f"{strays.height:,} rows: their night is not in nights",
            REBUILD,
            rows=strays.height,
            example=f"night_id {strays['night_id'][0]!r}",
        )


def _evaluations(store: Warehouse, kept: Mapping[str, pl.DataFrame], findings: Findings) -> None:
    record, landed = store.evaluation_record, set(kept["evaluations"]["evaluation_id"])
    known = set(record.ids())
    for one in sorted(known):
        _readable(partial(record.rows, one), findings)
    _compare("evaluations", "evaluation_id", landed, known, "work/evaluations", findings)


def _entries(store: Warehouse, name: str, rows: pl.DataFrame, findings: Findings) -> None:
    spec = ENTRY_TABLES[name]
    try:
        known = pl.from_arrow(store.entries(name).table())
    except WarehouseDamaged as error:
        findings.add_damage(error)
        return
    assert isinstance(known, pl.DataFrame)
    if known.sort(spec.key).equals(rows.sort(spec.key)):
        return
    ids = (set(rows[spec.owner]), set(known[spec.owner]))
    where = layout.part(spec, None).as_posix()
    differing = len(ids[0] ^ ids[1])
    what = f"{differing:,} rows are in one only" if differing else "their values differ"
    findings.add(
        "not_as_on_record",
        where,
        f"the table is not what work/{name}.jsonl says: {what}",
        "The next night brings it in line. Or run: nightcall tables rebuild",
    )


def _compare(
    table: str, column: str, landed: set[str], known: set[str], record: str, findings: Findings
) -> None:
    """Adds what the table or the record alone knows."""
    for ids, problem, next_step in (
        (
            known - landed,
            f"on record in {record}, but not in the table",
            "The next night brings them in. Or run: nightcall tables rebuild",
        ),
        (landed - known, f"in the table, but not on record in {record}", REBUILD),
    ):
        if ids:
            findings.add(
                "not_as_on_record",
                f"tables/{table}",
                f"{len(ids):,} of them are {problem}",
                next_step,
                rows=len(ids),
                example=f"{column} {min(ids)!r}",
            )


def _unknown_calls(
    store: Warehouse, name: str, rows: pl.DataFrame, calls: pl.DataFrame, findings: Findings
) -> None:
    """Adds reviews and coaching entries about calls that nothing is known of.

    A call that was replaced has left the tables, but not the artifacts. A moment that newer rules
    find no more may be missing, and is not looked for.
    """
    about = rows.filter(pl.col("source_key").is_not_null())
    outside = about.join(calls, on="source_key", how="anti")
    keys = [key for key in outside["source_key"].unique() if _has_no_artifact(store, key)]
    lost = outside.filter(pl.col("source_key").is_in(keys))
    part = layout.part(ENTRY_TABLES[name], None).as_posix()
    _add(
        f"{name}_without_call",
        part,
        lost,
        "are about a call that is neither in the tables nor among the artifacts",
        name,
        Level.ERROR,
        findings,
    )
    _add(
        f"{name}_without_call",
        part,
        outside.filter(~pl.col("source_key").is_in(keys)),
        "are about a call that has left the tables: it was replaced, or waits to be read again",
        name,
        Level.NOTE,
        findings,
    )


def _add(
    check: str,
    where: str,
    rows: pl.DataFrame,
    problem: str,
    name: str,
    level: Level,
    findings: Findings,
) -> None:
    if rows.height:
        findings.add(
            check,
            where,
            f"{rows.height:,} rows {problem}",
            f"Look whether they are still wanted; the record is work/{name}.jsonl.",
            level=level,
            rows=rows.height,
            example=Broken.of(rows, ENTRY_TABLES[name].key).example,
        )


def _has_no_artifact(store: Warehouse, key: str) -> bool:
    try:
        return not store.artifacts.folder(key).is_dir()
    except ValueError:
        return True  # no source key at all, which is a finding of its own
