"""How table files are best laid out: size, writing time and time of typical filters, way by way.

Run it with `.venv/bin/python -m benchmarks.parquet_layout`. One night is made, its turns, moments
and questions are written in each way and stand for 30 nights (as links to one file, which is warm).
Each way differs from the chosen one (`warehouse.table_file`) in one thing. Given is the time of the
processor, all cores together, which other work on the machine changes least.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from benchmarks.made_calls import Site
from benchmarks.warehouse_landing import DAY, Tables
from warehouse.schemas import CALL_TABLES
from warehouse.schemas.spec import TableSpec
from warehouse.table_file import ROW_GROUP_ROWS, write_options

TABLES = ("turns", "moments", "questions")
NIGHTS = 30
_Options = dict[str, Any]


def chosen(spec: TableSpec, **changes: Any) -> _Options:
    """As Nightcall writes that table, with changes."""
    return {**write_options(spec), "row_group_size": ROW_GROUP_ROWS, **changes}


def _with_bloom_filters(spec: TableSpec) -> _Options:
    names = [name for name in ("call_id", "participant_id") if name in spec.names]
    filters = {name: {"ndv": 2_000, "fpp": 0.01} for name in names}
    return chosen(spec, bloom_filter_options=filters)


def _streams_split(spec: TableSpec) -> _Options:
    floats = [one.name for one in spec.columns if pa.types.is_floating(one.type)]
    return chosen(spec, use_byte_stream_split=floats)


WAYS: dict[str, Callable[[TableSpec], _Options]] = {
    "as chosen": chosen,
    "16,384 rows a group": partial(chosen, row_group_size=16_384),
    "65,536": partial(chosen, row_group_size=65_536),
    "131,072": partial(chosen, row_group_size=131_072),
    "262,144": partial(chosen, row_group_size=262_144),
    "1,048,576": partial(chosen, row_group_size=1_048_576),
    "Zstandard level 3": partial(chosen, compression_level=3),
    "level 6": partial(chosen, compression_level=6),
    "LZ4": partial(chosen, compression="lz4", compression_level=None),
    "a dictionary for every column": partial(chosen, use_dictionary=True),
    "for none": partial(chosen, use_dictionary=False),
    "fractions as split streams": _streams_split,
    "no statistics": partial(chosen, write_statistics=False),
    "statistics of every column": partial(chosen, write_statistics=True),
    "page index": partial(chosen, write_page_index=True),
    "Bloom filters on ids": _with_bloom_filters,
    "sorted by participant": chosen,
}


def lay_out(folder: Path, night: Tables, way: str) -> tuple[dict[str, float], float]:
    """Megabytes by table and seconds to write them; 30 nights lie in the folder then."""
    sizes, seconds = {}, 0.0
    for name in TABLES:
        spec, rows = CALL_TABLES[name], night[name]
        if way == "sorted by participant":
            rows = rows.sort_by([("participant_id", "ascending"), ("call_id", "ascending")])
        first = folder / name / f"call_date={DAY}" / "part-0.parquet"
        first.parent.mkdir(parents=True)
        began = time.process_time()
        pq.write_table(rows, first, **WAYS[way](spec))
        seconds += time.process_time() - began
        sizes[name] = first.stat().st_size / 1e6
        for number in range(1, NIGHTS):
            other = folder / name / f"call_date={DAY - timedelta(days=number)}"
            other.mkdir()
            os.link(first, other / first.name)
    return sizes, seconds


def _questions(night: Tables) -> dict[str, tuple[str, pl.Expr, list[str], str]]:
    """Table, filter, columns and the same in SQL, by name."""
    turns, moments = night["turns"], night["moments"]
    call = turns["call_id"][turns.num_rows // 2].as_py()
    by_rep = moments.filter(pc.equal(moments["role"], "rep"))
    rep = by_rep["participant_id"][by_rep.num_rows // 2].as_py()
    is_call, is_rep = pl.col("call_id") == call, pl.col("participant_id") == rep
    has_label = pl.col("label") == "cliche_question"
    of_rep, labelled = f"participant_id = '{rep}'", "label = 'cliche_question'"
    quotes = ["call_id", "quote"]
    return {
        "a call": ("turns", is_call, list(CALL_TABLES["turns"].names), f"call_id = '{call}'"),
        "a rep's labels": ("moments", is_rep, ["label"], of_rep),
        "a rep's quotes": ("moments", is_rep & has_label, quotes, f"{of_rep} AND {labelled}"),
        "a label's calls": ("moments", has_label, ["call_id"], labelled),
    }


def answer_s(folder: Path, question: tuple[str, pl.Expr, list[str], str]) -> list[float]:
    """Processor seconds with polars, DuckDB, and DuckDB over datasets as `nightcall query`."""
    table, wanted, columns, where = question
    spec, place = CALL_TABLES[table], folder / table
    sql = f"SELECT {', '.join(columns)} FROM {{}} WHERE {where}"

    def with_polars() -> object:
        frame = pl.scan_parquet(place, hive_schema=spec.hive_schema, schema=spec.file_frame_schema)
        return frame.filter(wanted).select(columns).collect()

    def with_duckdb() -> object:
        files = f"read_parquet('{place}/*/*.parquet', hive_partitioning = true)"
        with duckdb.connect(":memory:") as connection:
            return connection.execute(sql.format(files)).fetchall()

    def with_datasets() -> object:
        dates = ds.partitioning(pa.schema([("call_date", pa.date32())]), flavor="hive")
        with duckdb.connect(":memory:") as connection:
            connection.register("t", ds.dataset(place, spec.folder_schema, partitioning=dates))
            return connection.execute(sql.format("t")).fetchall()

    return [_best_s(one) for one in (with_polars, with_duckdb, with_datasets)]


def _best_s(answer: Callable[[], object]) -> float:
    seconds = []
    for _ in range(4):
        began = time.process_time()
        answer()
        seconds.append(time.process_time() - began)
    return min(seconds)


def measure(site: Site) -> None:
    """Prints a Markdown table."""
    night = site.night(DAY)
    questions = _questions(night)
    print(f"{NIGHTS} nights of {site.calls:,} calls with {site.turns} turns; milliseconds of the ")
    print("processor with polars / DuckDB / `nightcall query`, files warm, best of four.\n")
    print(f"| way | {', '.join(TABLES)}: MB | written, s | {' | '.join(questions)} |")
    print("|---|--:|--:|" + "--:|" * len(questions))
    for way in WAYS:
        with tempfile.TemporaryDirectory() as name:
            sizes, seconds = lay_out(Path(name), night, way)
            told = [
                " / ".join(f"{1000 * one:.0f}" for one in answer_s(Path(name), question))
                for question in questions.values()
            ]
        megabytes = ", ".join(f"{one:.1f}" for one in sizes.values())
        print(f"| {way} | {megabytes} | {seconds:.1f} | {' | '.join(told)} |", flush=True)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=200)
    given = parser.parse_args()
    measure(Site(given.calls, given.turns))


if __name__ == "__main__":
    main()
