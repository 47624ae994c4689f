"""Whether an erased call has come back, in the tables or among the artifacts."""

from __future__ import annotations

import polars as pl

from calls.errors import WarehouseDamaged
from warehouse.check.artifacts import where
from warehouse.check.finding import Findings
from warehouse.erasure.key import ErasureKey, Kind, load_key
from warehouse.store import Warehouse

_ERASE_AGAIN = "Run: nightcall erase CALL_ID"


def check_erased(
    store: Warehouse, calls: pl.DataFrame, erasures: pl.DataFrame, findings: Findings
) -> None:
    """Adds calls that were erased and are there all the same.

    Args:
        store: the warehouse.
        calls: `call_id` and `source_key` of every call in the tables.
        erasures: table `erasures`.
        findings: where to add to.
    """
    if not erasures.height:
        return
    try:
        key = load_key(store.path)
    except WarehouseDamaged as error:
        findings.add_damage(error)
        return
    if key is None:
        findings.add(
            "erasure_key",
            "state/erasure.key",
            f"the key is missing: recordings of {erasures.height:,} erased calls can't be told "
            "from others, so no night can run",
            "Put the file back from a backup; docs/erasure.md says what to do without one.",
        )
        return
    _in_tables(calls, key, erasures, findings)
    _among_artifacts(store, set(calls["source_key"]), key, erasures, findings)


def _in_tables(
    calls: pl.DataFrame, key: ErasureKey, erasures: pl.DataFrame, findings: Findings
) -> None:
    by_bytes, by_id = set(erasures["source_key_hash"]), set(erasures["call_id_hash"])
    back = [
        call_id
        for call_id, source_key in calls.select("call_id", "source_key").iter_rows()
        if key.hash(Kind.BYTES, source_key) in by_bytes or key.hash(Kind.CALL_ID, call_id) in by_id
    ]
    if back:
        findings.add(
            "erased_call",
            "tables/calls",
            f"{len(back):,} calls are there that were erased",
            _ERASE_AGAIN,
            rows=len(back),
            example=f"call_id {back[0]!r}",
        )


def _among_artifacts(
    store: Warehouse,
    landed: set[str],
    key: ErasureKey,
    erasures: pl.DataFrame,
    findings: Findings,
) -> None:
    by_bytes = set(erasures["source_key_hash"])
    for one in store.artifacts.known_keys():
        if one not in landed and key.hash(Kind.BYTES, one) in by_bytes:
            findings.add(
                "erased_call",
                where(store.artifacts, one),
                "artifacts are there of a call that was erased",
                _ERASE_AGAIN,
            )
