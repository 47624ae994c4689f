"""How long typical questions take: polars, DuckDB and `nightcall query`, cold and warm."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from benchmarks.made_calls import Site
from benchmarks.warehouse_landing import DAY, Tables, swap_in
from warehouse import Warehouse, open_warehouse
from warehouse.schemas import CALL_TABLES
from warehouse.sql import run_query

MONTH = timedelta(days=29)
_SMALLER = 40
"""The nights that are asked about have so many times fewer calls."""

Query = Callable[[Warehouse, str], Any]


def rep_month(store: Warehouse, rep: str) -> pl.DataFrame:
    """Moments of a rep's last 30 days by label, on calls that count."""
    calls = store.calls.filter(
        pl.col("rep_id") == rep, pl.col("coachable"), pl.col("call_date") >= DAY - MONTH
    ).select("call_id", "revision")
    return (
        store.moments.filter(pl.col("participant_id") == rep, pl.col("call_date") >= DAY - MONTH)
        .join(calls, on=["call_id", "revision"])
        .group_by("label")
        .agg(pl.len(), pl.col("call_id").n_unique().alias("calls"))
        .collect()
    )


def one_call(store: Warehouse, call_id: str) -> pl.DataFrame:
    """Everything said on one call, whose date is not known."""
    return store.turns.filter(pl.col("call_id") == call_id).collect()


def rate_by_month(store: Warehouse, label: str) -> pl.DataFrame:
    """Share of calls with a label, month by month."""
    month = pl.col("call_date").dt.truncate("1mo").alias("month")
    having = (
        store.moments.filter(pl.col("label") == label)
        .select("call_id", "revision")
        .unique()
        .with_columns(pl.lit(True).alias("has"))
    )
    return (
        store.calls.filter(pl.col("coachable"))
        .join(having, on=["call_id", "revision"], how="left")
        .group_by(month)
        .agg(pl.len().alias("calls"), pl.col("has").fill_null(False).mean().alias("share"))
        .sort("month")
        .collect()
    )


_SQL = {
    "rep_month": f"""
        SELECT label, count(*), count(DISTINCT call_id)
        FROM moments JOIN calls USING (call_id, revision)
        WHERE participant_id = '{{}}' AND rep_id = '{{}}' AND coachable
          AND moments.call_date >= DATE '{DAY - MONTH}' AND calls.call_date >= DATE '{DAY - MONTH}'
        GROUP BY label""",
    "one_call": "SELECT * FROM turns WHERE call_id = '{}'",
    "rate_by_month": """
        WITH having_it AS (SELECT DISTINCT call_id, revision FROM moments WHERE label = '{}')
        SELECT date_trunc('month', call_date) AS month, count(*),
               avg(CASE WHEN having_it.call_id IS NULL THEN 0 ELSE 1 END)
        FROM calls LEFT JOIN having_it USING (call_id, revision)
        WHERE coachable GROUP BY month ORDER BY month""",
}

_WITH_POLARS: Mapping[str, Query] = {
    "rep_month": rep_month,
    "one_call": one_call,
    "rate_by_month": rate_by_month,
}

_TITLES = {
    "rep_month": "a rep's last 30 days, by label",
    "one_call": "one call's turns, date unknown",
    "rate_by_month": "share of calls with a label, by month",
}


def _with_duckdb(store: Warehouse, sql: str) -> Any:
    with duckdb.connect(":memory:") as connection:
        for name in CALL_TABLES:
            files = store.path / "tables" / name / "*" / "*.parquet"
            connection.execute(
                f"CREATE VIEW {name} AS FROM read_parquet('{files}', hive_partitioning = true)"
            )
        return connection.sql(sql).to_arrow_table()


def asked(folder: Path, question: str, how: str, value: str) -> tuple[float, float, float]:
    """Seconds with cold files, with warm ones, and of the processor (the best of three)."""
    store = open_warehouse(folder)
    sql = _SQL[question].format(*[value] * _SQL[question].count("{}"))
    ask_it = {
        "polars": partial(_WITH_POLARS[question], store, value),
        "DuckDB": partial(_with_duckdb, store, sql),
        "nightcall query": partial(run_query, store.path, sql),
    }[how]
    _with_duckdb(store, "SELECT 1")  # what is loaded on first use is loaded
    pl.LazyFrame({"a": [1]}).select(pl.len()).collect()
    _forget(folder / "tables")
    cold, _ = _seconds(ask_it)
    warm = [_seconds(ask_it) for _ in range(3)]
    return cold, min(wall for wall, _ in warm), min(cpu for _, cpu in warm)


def _seconds(ask_it: Callable[[], Any]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    assert len(ask_it()) > 0
    return time.perf_counter() - wall, time.process_time() - cpu


def _forget(folder: Path) -> None:
    """Has the system drop its copies of those files from memory."""
    for path in folder.rglob("*.parquet"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def land_nights(folder: Path, site: Site, nights: int, without: frozenset[str]) -> tuple[str, str]:
    """A rep and a call to ask about, once so many nights have landed (without some tables)."""
    store = Warehouse.create(folder)
    sync, os.fsync = os.fsync, lambda descriptor: None  # nobody waits for what is only set up
    try:
        for number in range(nights):
            day: date = DAY - timedelta(days=number)
            tables: Tables = site.night(day)
            swap_in(store, day, {n: one for n, one in tables.items() if n not in without})
    finally:
        os.fsync = sync
    os.sync()
    return str(tables["calls"]["rep_id"][0]), str(tables["calls"]["call_id"][-1])


def ask(site: Site, nights: int, folder: Path, fresh: Callable[..., tuple[Any, float]]) -> None:
    """Prints how long questions take: over all nights, made smaller, and over a whole month."""
    smaller = Site(max(2, site.calls // _SMALLER), site.turns)
    print(
        "\nAsking. Cold: the system was told to drop the files from memory (posix_fadvise); "
        "warm: the best of three.\n"
    )
    print("| nights × calls | question | asked with | cold, s | warm, s | processor, s |")
    print("|---|---|---|--:|--:|--:|")
    for one, count, without, questions in (
        (smaller, nights, frozenset[str](), tuple(_TITLES)),
        (site, min(nights, 30), frozenset({"turns"}), ("rep_month", "rate_by_month")),
    ):
        place = folder / str(one.calls)
        (rep, call_id), _ = fresh(land_nights, place, one, count, without)
        values = {"rep_month": rep, "one_call": call_id, "rate_by_month": "cliche_question"}
        for question in questions:
            for how in ("polars", "DuckDB", "nightcall query"):
                (cold, warm, cpu), _ = fresh(asked, place, question, how, values[question])
                print(
                    f"| {count} × {one.calls:,} | {_TITLES[question]} | {how} | {cold:.2f} | "
                    f"{warm:.2f} | {cpu:.2f} |"
                )
