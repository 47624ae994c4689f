"""The tables on an object store: in line, private, resumable, and followed by erasures."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from polars.testing import assert_frame_equal
from pyarrow.fs import FileSystem
from s3fs import S3FileSystem

import warehouse
from calls.errors import MirrorUnreachable, UsageError, WarehouseDamaged
from tests.object_store import Bucket
from tests.warehouse.builders import key_of, land, night_row, night_start, recording_row, rows_of
from tests.warehouse.snapshots import files
from warehouse import CallRows, Warehouse
from warehouse.mirror import caution, end, follow, mirror, place_of, steps
from warehouse.mirror.remote import Remote
from warehouse.schemas import ALL_TABLES, CALL_TABLES

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "object_stores.md"


@pytest.fixture
def filled(store: Warehouse) -> Warehouse:
    land(store, rows_of("a"), rows_of("b"), rows_of("c", days=1))
    store.ledger.begin(night_start())
    store.ledger.append([recording_row()])
    store.ledger.end(night_row())
    store.publish_nights()
    return store


def table_files(store: Warehouse) -> list[str]:
    return sorted(name.removeprefix("tables/") for name in files(store))


def assert_in_line(store: Warehouse, place: str) -> None:
    """The mirror has exactly the rows of the tables."""
    tables = warehouse.open_tables(place)
    assert tables.in_line_at is not None
    assert tables.time_zone == store.time_zone
    for name in ALL_TABLES:
        key = list(ALL_TABLES[name].key)
        there = getattr(tables, name).collect().sort(key)
        assert_frame_equal(there, store.table(name).collect().sort(key))


def record(store: Warehouse) -> dict[str, object]:
    found = json.loads((store.path / "state" / "mirror.json").read_bytes())
    assert isinstance(found, dict)
    return found


def test_a_mirror_reads_like_the_warehouse(filled: Warehouse, bucket: Bucket) -> None:
    url = f"{bucket.url}/team/nightcall"
    done = mirror(filled, f"{url}/")
    assert (done.put, done.removed, done.unchanged) == (len(table_files(filled)), 0, 0)
    expected = sorted(["mirror.json", *table_files(filled)])
    assert bucket.names() == [f"team/nightcall/{name}" for name in expected]
    assert_in_line(filled, url)
    frame = warehouse.open_tables(url).turns
    assert frame.collect_schema() == ALL_TABLES["turns"].frame_schema


def with_pyarrow(url: str) -> pl.DataFrame:
    system, folder = FileSystem.from_uri(url)
    dates = ds.partitioning(pa.schema([("call_date", pa.date32())]), flavor="hive")
    table = ds.dataset(folder, filesystem=system, partitioning=dates).to_table()
    return cast(pl.DataFrame, pl.from_arrow(table))


def with_pandas(url: str) -> pl.DataFrame:
    return pl.from_pandas(pd.read_parquet(url, dtype_backend="pyarrow"))


def with_duckdb(url: str) -> pl.DataFrame:
    with duckdb.connect() as connection:
        connection.register_filesystem(S3FileSystem())
        question = f"FROM read_parquet('{url}/*/*.parquet', hive_partitioning = true)"
        return connection.sql(question).pl()


@pytest.mark.parametrize("read", [with_pyarrow, with_pandas, with_duckdb])
def test_other_readers_see_the_same_rows(
    filled: Warehouse, bucket: Bucket, read: Callable[[str], pl.DataFrame]
) -> None:
    mirror(filled, bucket.url)
    found = read(f"{bucket.url}/turns").select(ALL_TABLES["turns"].frame_schema.names())
    expected = filled.turns.collect()
    day = pl.col("call_date").cast(pl.String).str.to_date()  # pandas gives its text
    found = found.with_columns(day).cast(dict(expected.schema))
    assert_frame_equal(found, expected, check_row_order=False)


EXAMPLES = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=[one.split()[1] for one in EXAMPLES])
def test_the_examples_of_the_documentation_work(
    filled: Warehouse, bucket: Bucket, example: str
) -> None:
    mirror(filled, f"{bucket.url}/nightcall")
    found: dict[str, Any] = {}
    exec(example, found)
    if "turns" in found:
        assert len(found["turns"]) == filled.turns.collect().height
    else:
        assert dict(found["labels"]) == {"cliche_question": filled.moments.collect().height}


def test_a_bucket_without_prefix_will_do(filled: Warehouse, bucket: Bucket) -> None:
    mirror(filled, bucket.url)
    assert_in_line(filled, bucket.url)


def test_only_what_changed_is_put(filled: Warehouse, bucket: Bucket) -> None:
    bucket.keep_versions()
    mirror(filled, bucket.url)
    again = mirror(filled, bucket.url)
    assert (again.put, again.removed, again.unchanged) == (0, 0, len(table_files(filled)))
    before = files(filled)
    land(filled, rows_of("c", days=1, revision=2, count=20))
    changed = {name for name, facts in files(filled).items() if before.get(name) != facts}
    third = mirror(filled, bucket.url)
    assert third.put == len(changed) > 1
    puts = {name: n for name, n in bucket.puts().items() if name != "mirror.json"}
    assert {name for name, n in puts.items() if n == 2} == {
        name.removeprefix("tables/") for name in changed
    }
    assert max(puts.values()) == 2
    assert_in_line(filled, bucket.url)


def test_files_written_again_with_the_same_bytes_are_not_put(
    filled: Warehouse, bucket: Bucket
) -> None:
    bucket.keep_versions()
    mirror(filled, bucket.url)
    for name in files(filled):
        os.utime(filled.path / name)
    for _ in range(2):
        done = mirror(filled, bucket.url)
        assert (done.put, done.unchanged) == (0, len(table_files(filled)))
    assert {n for name, n in bucket.puts().items() if name != "mirror.json"} == {1}


def test_what_others_did_to_the_mirror_is_put_right(filled: Warehouse, bucket: Bucket) -> None:
    mirror(filled, bucket.url)
    lost, cut = (
        "turns/call_date=2026-09-14/part-0.parquet",
        "calls/call_date=2026-09-15/part-0.parquet",
    )
    old = "moods/call_date=2020-01-01/part-0.parquet"  # a table of an earlier version, say
    bucket.remove(lost)
    bucket.write(cut, bucket.read(cut)[:100])
    bucket.write(old, b"said by somebody")
    bucket.write("notes/of-an-analyst.txt", b"mine")
    done = mirror(filled, bucket.url)
    assert (done.put, done.removed) == (2, 1)
    assert set(bucket.names()) == {*table_files(filled), "mirror.json", "notes/of-an-analyst.txt"}
    assert_in_line(filled, bucket.url)


def test_an_erased_call_leaves_the_mirror(filled: Warehouse, bucket: Bucket) -> None:
    assert follow(filled) is False
    mirror(filled, bucket.url)
    gone = key_of("a")

    def tables_with_it() -> set[str]:
        found = set()
        for name in bucket.names():
            if name.endswith(".parquet"):
                frame = pl.read_parquet(io.BytesIO(bucket.read(name)))
                if "source_key" in frame.columns and (frame["source_key"] == gone).any():
                    found.add(name.split("/")[0])
        return found

    assert {"calls", "turns", "moments"} <= tables_with_it()
    filled.publish([], [gone])
    assert follow(filled) is True
    assert tables_with_it() <= {"recordings"}  # no table about calls
    assert_in_line(filled, bucket.url)


REVISIONS = {("a", 1): 12, ("a", 2): 20, ("b", 1): 12, ("c", 1): 12, ("c", 2): 4}
"""How many turns each reading of a call has."""


def seen_now(tables: warehouse.MirroredTables) -> set[tuple[str, int]]:
    """The calls a reader of the mirror sees, none of them twice or of two readings."""
    for name in ("turns", "scorecards", "calls"):
        owners = tables.table(name).select("source_key", "revision").unique().collect()
        assert owners["source_key"].is_unique().all(), name
    both = tables.calls.join(tables.turns, on=["call_id", "revision"])
    counts = both.group_by("call_id", "revision").len().collect()
    for call, revision, turns in counts.iter_rows():
        assert turns == REVISIONS[(call, revision)]
    return set(tables.calls.select("call_id", "revision").collect().iter_rows())


@pytest.mark.parametrize(
    "moved", [rows_of("a", days=1, revision=2, count=20), rows_of("c", revision=2, count=4)]
)
def test_a_moved_call_is_never_there_twice_nor_mixed(
    filled: Warehouse, tmp_path: Path, moved: CallRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "mirror"
    place.mkdir()
    mirror(filled, str(place))
    land(filled, moved)  # to a later day, or to an earlier one
    tables = warehouse.open_tables(str(place))
    seen: list[set[tuple[str, int]]] = []
    put = Remote.put

    def look_and_put(remote: Remote, source: Path, name: str) -> None:
        seen.append(seen_now(tables))
        assert tables.in_line_at is None
        put(remote, source, name)

    monkeypatch.setattr(steps, "FILES_AT_ONCE", 1)
    monkeypatch.setattr(Remote, "put", look_and_put)
    assert mirror(filled, str(place)).put == len(seen) > 10
    old = {("a", 1), ("b", 1), ("c", 1)}
    call = moved.call_id
    assert seen[0] == seen[-2] == old
    assert seen[-1] == old - {(call, 1)}  # on its way
    assert seen_now(tables) == seen[-1] | {(call, 2)}
    assert_in_line(filled, str(place))


def test_a_publication_does_not_wait_for_an_upload(filled: Warehouse, bucket: Bucket) -> None:
    snapshot = {name: filled.table(name).collect() for name in CALL_TABLES}

    def publish_meanwhile(done: int, total: int) -> None:
        if done == 1:
            land(filled, rows_of("a", revision=2, count=20), rows_of("d"))

    mirror(filled, bucket.url, each=publish_meanwhile)
    tables = warehouse.open_tables(bucket.url)
    for name, frame in snapshot.items():  # what was there when it began, whole
        assert_frame_equal(tables.table(name).collect(), frame, check_row_order=False)
    assert tables.in_line_at is not None
    mirror(filled, bucket.url)
    assert_in_line(filled, bucket.url)
    assert list((filled.path / "state" / "mirroring").iterdir()) == []


@pytest.mark.parametrize("last", [1, 12, 25])
def test_a_killed_run_is_finished_by_the_next(filled: Warehouse, bucket: Bucket, last: int) -> None:
    arguments = [str(filled.path), bucket.url, str(last)]
    killed = subprocess.run(
        [sys.executable, "-m", "tests.warehouse.mirror_and_die", *arguments], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert warehouse.open_tables(bucket.url).in_line_at is None
    links = filled.path / "state" / "mirroring"
    assert list(links.iterdir()) != []
    filled.publish([], [key_of("a")])
    assert follow(filled) is True
    assert_in_line(filled, bucket.url)
    assert list(links.iterdir()) == []


def test_what_a_killed_run_left_goes_also_while_the_mirror_is_out_of_reach(
    filled: Warehouse, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror(filled, bucket.url)
    left = filled.path / "state" / "mirroring" / "1-2-abc.tmp"
    left.write_bytes(b"said by somebody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(MirrorUnreachable):
        follow(filled)
    assert not left.exists()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_mirror_out_of_reach_is_named_with_the_next_step(
    filled: Warehouse, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror(filled, bucket.url)
    land(filled, rows_of("d"))
    address = os.environ["AWS_ENDPOINT_URL"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(MirrorUnreachable, match=r"^s3://acme: .*nightcall tables mirror") as caught:
        follow(filled)
    assert address not in str(caught.value)
    with pytest.raises(UsageError, match=r"^s3://acme: can't be read"):
        warehouse.open_tables(bucket.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    assert follow(filled)
    assert_in_line(filled, bucket.url)


def test_a_bucket_that_does_not_exist_is_no_mirror_yet(filled: Warehouse, bucket: Bucket) -> None:
    with pytest.raises(MirrorUnreachable, match=r"s3://acmee/x: .*does not exist"):
        mirror(filled, "s3://acmee/x")
    assert place_of(filled) is None
    mirror(filled, bucket.url)  # the typing error is corrected


def test_a_place_with_other_files_is_left_alone(filled: Warehouse, bucket: Bucket) -> None:
    bucket.write("calls/2026.wav", b"x")
    with pytest.raises(UsageError, match=r"holds other files, e.g. 'calls/2026.wav'"):
        mirror(filled, bucket.url)
    assert place_of(filled) is None
    with pytest.raises(UsageError, match="no mirror here"):
        warehouse.open_tables(bucket.url)
    assert bucket.names() == ["calls/2026.wav"]
    mirror(filled, f"{bucket.url}/tables")


def test_another_warehouse_s_mirror_is_left_alone(
    filled: Warehouse, bucket: Bucket, tmp_path: Path
) -> None:
    mirror(filled, bucket.url)
    before = {name: bucket.read(name) for name in bucket.names()}
    other = Warehouse.create(tmp_path / "other")
    with pytest.raises(UsageError, match="the mirror of another warehouse"):
        mirror(other, bucket.url)
    assert {name: bucket.read(name) for name in bucket.names()} == before
    bucket.write("mirror.json", b"{}")
    with pytest.raises(UsageError, match=r"mirror\.json there is not Nightcall's"):
        mirror(filled, bucket.url)


def test_a_mirror_whose_marker_is_missing_is_not_filled_again(
    filled: Warehouse, bucket: Bucket
) -> None:
    mirror(filled, bucket.url)
    for name in bucket.names():
        bucket.remove(name)
    with pytest.raises(MirrorUnreachable, match=r"mirror\.json is missing there"):
        mirror(filled, bucket.url)
    assert bucket.names() == []


def test_there_is_one_mirror_until_it_is_ended(filled: Warehouse, bucket: Bucket) -> None:
    first, second = f"{bucket.url}/one", f"{bucket.url}/two"
    with pytest.raises(UsageError, match="has no mirror"):
        end(filled)
    mirror(filled, first)
    bucket.write("one/notes.txt", b"an analyst's")
    with pytest.raises(UsageError, match=r"is mirrored to s3://acme/one.*mirror --end"):
        mirror(filled, second)
    assert end(filled) == len(table_files(filled))
    assert bucket.names() == ["one/notes.txt"]
    assert place_of(filled) is None
    mirror(filled, second)
    assert_in_line(filled, second)


def test_an_ending_cut_off_can_be_repeated(filled: Warehouse, bucket: Bucket) -> None:
    mirror(filled, bucket.url)
    facts = record(filled)
    end(filled)
    # As a kill right before the record went away would leave it.
    (filled.path / "state" / "mirror.json").write_text(json.dumps({**facts, "files": {}}))
    assert end(filled) == 0
    assert place_of(filled) is None


def test_a_bucket_that_keeps_versions_is_said(filled: Warehouse, bucket: Bucket) -> None:
    mirror(filled, bucket.url)
    assert caution(filled) == ""
    for status in ("Enabled", "Suspended"):
        bucket.keep_versions(status)
        follow(filled)
        assert "s3://acme: the bucket keeps old versions" in caution(filled)


def test_a_folder_is_a_mirror_too_and_no_absolute_path_is_kept(
    filled: Warehouse, tmp_path: Path
) -> None:
    place = tmp_path / "share"
    with pytest.raises(MirrorUnreachable, match="there is no such folder"):
        mirror(filled, str(place))
    place.mkdir()
    mirror(filled, str(place))
    assert_in_line(filled, str(place))
    assert record(filled)["place"] == "../share"
    for path in (filled.path / "state").rglob("*.json"):
        assert str(tmp_path) not in path.read_text()
    assert str(tmp_path) not in (place / "mirror.json").read_text()
    (place / ".mirror-00ff.tmp").write_bytes(b"half a file of a killed run")
    filled.publish([], [key_of("a")])
    assert follow(filled)
    assert_in_line(filled, str(place))
    names = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert names == {*table_files(filled), "mirror.json"}
    shutil.rmtree(place)
    place.mkdir()  # as a share that is not mounted
    with pytest.raises(MirrorUnreachable, match=r"mirror\.json is missing"):
        follow(filled)
    assert list(place.iterdir()) == []


def test_a_mirror_lies_neither_in_nor_around_the_warehouse(filled: Warehouse) -> None:
    for place in (filled.path, filled.path / "tables", filled.path.parent):
        with pytest.raises(UsageError, match="can't lie inside the warehouse, nor around it"):
            mirror(filled, str(place))
    with pytest.raises(UsageError, match=r"is a warehouse; open it with warehouse\.open"):
        warehouse.open_tables(filled.path)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("s3://key:secret@acme/x", "carries a password"),
        ("s3://acme/x?token=secret", "carries a password, a '?'"),
        ("ftp://acme/x", "must begin with s3://"),
        ("s3:///x", "names no bucket"),
        ("", "must be a URL"),
    ],
)
def test_a_place_that_can_be_none_is_refused_without_repeating_it(
    filled: Warehouse, place: str, said: str
) -> None:
    for use in (lambda: mirror(filled, place), lambda: warehouse.open_tables(place)):
        with pytest.raises(UsageError) as caught:
            use()
        assert said in str(caught.value)
        assert "secret" not in str(caught.value)
    assert place_of(filled) is None


def test_a_damaged_record_is_named(filled: Warehouse) -> None:
    (filled.path / "state" / "mirror.json").write_text('{"place": 1}')
    with pytest.raises(WarehouseDamaged, match=r"state/mirror.json: can't be read"):
        follow(filled)


def test_a_mirror_of_other_schemas_says_so(filled: Warehouse, bucket: Bucket) -> None:
    about = filled.path / "state" / "warehouse.json"
    facts = json.loads(about.read_bytes())
    facts["schemas"]["turns"] = 1000
    about.write_text(json.dumps(facts))
    mirror(filled, bucket.url)
    tables = warehouse.open_tables(bucket.url)
    assert tables.calls.collect().height == 3
    with pytest.raises(WarehouseDamaged, match="s3://acme: table turns was written by another"):
        _ = tables.turns
    facts["schemas"]["turns"] = ALL_TABLES["turns"].version
    about.write_text(json.dumps(facts))
    assert mirror(filled, bucket.url).put == 0
    assert_in_line(filled, bucket.url)
