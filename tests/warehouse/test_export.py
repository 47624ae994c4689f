from __future__ import annotations

import csv
import json
import shutil
import stat
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from calls.errors import UsageError, WarehouseDamaged
from tests.warehouse import damage
from tests.warehouse.builders import key_of, land, rows_of
from tests.warehouse.damage import FIRST, SECOND, path_of
from warehouse import Warehouse, open_warehouse
from warehouse.dictionary import describe
from warehouse.export import Asked, as_excel, export
from warehouse.export.exporting import FORMATS
from warehouse.schemas import ALL_TABLES

NASTY = (
    "=1+1",
    "+49 30 1234",
    "-- and then",
    "@home",
    "\tindented",
    "＝1+1",
    "'quoted'",
    'a "b", c\nd; é 😀',
    " =1",
    "",
)


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("in_order") / "warehouse"
    damage.fill(Warehouse.create(path))
    return path


@pytest.fixture
def full(in_order: Path, tmp_path: Path) -> Warehouse:
    return open_warehouse(shutil.copytree(in_order, tmp_path / "full"))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out"


def with_texts(store: Warehouse, texts: tuple[str, ...]) -> None:
    """Has the turns of the first call say those texts."""
    said = pl.Series("text", [*texts, *["then"] * (24 - len(texts))])
    damage.keep(store, "turns", lambda frame: frame.with_columns(said))


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def sheet(target: Path, name: str) -> Any:
    return openpyxl.load_workbook(target / as_excel.WORKBOOK)[name]


def rows_in(target: Path, name: str) -> list[dict[str, Any]]:
    head, *rows = sheet(target, name).iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("format_", FORMATS)
def test_every_table_goes_out_with_its_rows(full: Warehouse, target: Path, format_: str) -> None:
    done = export(full, target, format_=format_)
    assert done.rows == {
        name: full.table(name).select(pl.len()).collect().item() for name in ALL_TABLES
    }
    assert sum(done.rows.values()) > 70
    assert done.notes == ()
    facts = json.loads((target / "schema.json").read_bytes())
    assert {name: one["rows"] for name, one in facts["tables"].items()} == done.rows
    named = {one["file"] for one in facts["tables"].values()}
    assert {path.name for path in target.iterdir()} == {"README.md", "schema.json", *named}
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in target.iterdir()} == {0o600}
    readme = (target / "README.md").read_text()
    assert "stays in this copy" in readme
    for spec in ALL_TABLES.values():
        assert f"| {spec.name} | {spec.one_row_per} |" in readme
        for column in spec.columns:
            assert column.meaning in readme


def test_a_parquet_bundle_says_what_the_tables_say(full: Warehouse, target: Path) -> None:
    export(full, target, format_="parquet")
    for name, spec in ALL_TABLES.items():
        ours = full.table(name).collect()
        assert_frame_equal(pl.read_parquet(target / f"{name}.parquet"), ours, check_row_order=False)
        assert pq.read_schema(target / f"{name}.parquet").equals(spec.folder_schema)
    turns = pd.read_parquet(target / "turns.parquet")
    assert set(turns["call_date"]) == {FIRST, SECOND}
    # In one footer: a reader that wants some dates skips row groups by it.
    group = pq.read_metadata(target / "turns.parquet").row_group(0)
    assert group.column(group.num_columns - 1).statistics.has_min_max
    texts = [group.column(n) for n in range(group.num_columns)]
    assert not next(one for one in texts if one.path_in_schema == "text").is_stats_set


def test_csv_gives_back_what_the_tables_say(full: Warehouse, target: Path) -> None:
    export(full, target, format_="csv")
    for name in ALL_TABLES:
        ours = full.table(name).collect()
        read = pl.read_csv(target / f"{name}.csv", infer_schema=False)
        assert read.columns == ours.columns
        assert read.height == ours.height
    turns = cells(target / "turns.csv")
    assert turns[0] | {"text": ""} == {
        "call_id": "a",
        "source_key": key_of("a"),
        "revision": "1",
        "turn": "0",
        "speaker": "ch0",
        "participant_id": "r-1",
        "role": "rep",
        "channel": "0",
        "start_s": "0.0",
        "end_s": "5.0",
        "text": "",
        "word_count": "5",
        "confidence": turns[0]["confidence"],
        "is_backchannel": "false",
        "doubt": "",
        "call_date": "2026-09-14",
    }
    assert float(turns[0]["confidence"]) == pytest.approx(0.7)
    assert cells(target / "calls.csv")[0]["started_at"] == "2026-09-14 10:00:00"
    assert (target / "turns.csv").read_bytes().startswith(b"\xef\xbb\xbfcall_id,")


def test_no_text_in_csv_is_a_formula(full: Warehouse, target: Path) -> None:
    with_texts(full, NASTY)
    export(full, target, format_="csv", asked=Asked(("turns",)))
    said = [row["text"] for row in cells(target / "turns.csv")[: len(NASTY)]]
    assert said == [f"'{text}" if n < 6 else text for n, text in enumerate(NASTY)]
    assert not any(text.startswith(tuple("=+-@\t\r\n＝＋－＠")) for text in said)


def test_an_empty_text_is_not_null(full: Warehouse, target: Path) -> None:
    with_texts(full, ("",))
    export(full, target, format_="csv", asked=Asked(("turns",)))
    first = (target / "turns.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert ',"",5,' in first  # said nothing
    assert first.endswith(",false,,2026-09-14")  # no doubt is known


def test_a_workbook_has_typed_cells_and_meanings(full: Warehouse, target: Path) -> None:
    with_texts(full, NASTY)
    export(full, target, format_="excel")
    book = openpyxl.load_workbook(target / as_excel.WORKBOOK)
    assert book.sheetnames == ["about", "calls", *(name for name in ALL_TABLES if name != "calls")]
    turns = book["turns"]
    assert turns.freeze_panes == "A2"
    assert turns.auto_filter.ref == "A1:P37"
    meanings = {cell.value: cell.comment.text for cell in turns[1]}
    assert meanings["start_s"] == "Start, from the start of the recording. (s)"
    assert list(meanings) == [one.column for one in describe("turns")]
    assert turns.column_dimensions["K"].width > 50  # what was said
    said = [turns.cell(row=number, column=11) for number in range(2, 2 + len(NASTY))]
    assert [cell.value or "" for cell in said] == list(NASTY)
    assert {cell.data_type for cell in said if cell.value} == {"s"}  # no formula among them
    assert {cell.hyperlink for cell in said} == {None}
    first = rows_in(target, "turns")[0]
    assert (first["turn"], first["end_s"], first["is_backchannel"]) == (0, 5.0, False)
    assert first["doubt"] is None
    assert first["call_date"] == datetime(2026, 9, 14)
    assert rows_in(target, "calls")[0]["started_at"] == datetime(2026, 9, 14, 10)
    about = [cell.value for (cell,) in book["about"].iter_rows()]
    assert any("stays in this copy" in line for line in about)


def test_a_text_too_long_for_a_cell_is_cut_and_says_so(full: Warehouse, target: Path) -> None:
    with_texts(full, ("a" * 32_767, "b" * 32_768, "😀" * 20_000))
    done = export(full, target, format_="excel", asked=Asked(("turns",)))
    fits, cut, wide = (row["text"] for row in rows_in(target, "turns")[:3])
    assert fits == "a" * 32_767
    assert cut.startswith("b" * 32_000)
    assert cut.endswith("b [cut: 32,768 characters]")
    assert wide.endswith("😀 [cut: 20,000 characters]")
    assert all(len(text.encode("utf-16-le")) // 2 <= 32_767 for text in (cut, wide))
    assert done.notes == ("Cut, because no cell of Excel holds them: 2 texts.",)
    assert done.notes[0] in (target / "README.md").read_text()


def test_rows_too_many_for_a_sheet_go_on_in_another(
    full: Warehouse, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_excel, "MOST_ROWS", 20)
    done = export(full, target, format_="excel", asked=Asked(("turns",)))
    assert done.rows == {"turns": 36}
    rows = [*rows_in(target, "turns"), *rows_in(target, "turns (2)")]
    ours = full.turns.collect()
    assert [(row["call_id"], row["turn"]) for row in rows] == ours["call_id", "turn"].rows()
    assert len(rows_in(target, "turns")) == 20
    assert sheet(target, "turns (2)").freeze_panes == "A2"
    assert done.notes == ("On several sheets, because one does not hold them: turns.",)


@pytest.mark.parametrize("format_", FORMATS)
def test_only_what_is_asked_for_goes_out(full: Warehouse, target: Path, format_: str) -> None:
    asked = Asked(("turns", "reviews"), since=SECOND, until=SECOND)
    done = export(full, target, format_=format_, asked=asked)
    assert done.rows == {"turns": 12, "reviews": 1}
    facts = json.loads((target / "schema.json").read_bytes())
    assert (facts["since"], facts["until"]) == ("2026-09-15", "2026-09-15")
    assert list(facts["tables"]) == ["turns", "reviews"]
    assert "Dates from 2026-09-15 to 2026-09-15" in (target / "README.md").read_text()


@pytest.mark.parametrize("format_", FORMATS)
def test_dates_without_rows_make_tables_without_rows(
    full: Warehouse, target: Path, format_: str
) -> None:
    done = export(full, target, format_=format_, asked=Asked(("calls",), since=date(2030, 1, 1)))
    assert done.rows == {"calls": 0}
    head = {"csv": cells, "parquet": pl.read_parquet}
    if format_ == "excel":
        assert rows_in(target, "calls") == []
    else:
        assert len(head[format_](target / f"calls.{format_}")) == 0


def test_an_unknown_table_is_refused(full: Warehouse, target: Path) -> None:
    with pytest.raises(UsageError, match=r"Unknown table 'moods'\. Known tables: "):
        export(full, target, format_="csv", asked=Asked(("calls", "moods")))
    assert not target.exists()


def test_an_erased_call_is_in_no_export(full: Warehouse, target: Path) -> None:
    full.publish([], retired=[key_of("a")])
    export(full, target, format_="parquet", asked=Asked(("calls", "turns")))
    assert set(pl.read_parquet(target / "turns.parquet")["call_id"]) == {"b", "c"}


def test_what_is_there_is_replaced_only_if_asked_and_ours(full: Warehouse, target: Path) -> None:
    target.mkdir()
    export(full, target, format_="csv", asked=Asked(("calls",)))  # an empty folder is as good
    with pytest.raises(UsageError, match="--overwrite"):
        export(full, target, format_="parquet")
    assert (target / "calls.csv").exists()
    export(full, target, format_="parquet", asked=Asked(("calls",)), overwrite=True)
    assert {path.name for path in target.iterdir()} == {
        "README.md",
        "schema.json",
        "calls.parquet",
    }
    (target / "mine.txt").touch()
    with pytest.raises(UsageError, match="holds other files"):
        export(full, target, format_="csv", overwrite=True)
    assert (target / "mine.txt").exists()
    assert {path.name for path in target.parent.iterdir()} == {"full", "out"}


@pytest.mark.parametrize("place", ["full/tables", "full/out", "full", "."])
def test_an_export_lies_outside_the_warehouse(full: Warehouse, tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError, match="inside the warehouse, nor around it"):
        export(full, tmp_path / place, format_="csv", overwrite=True)


def test_a_folder_that_cannot_be_made_is_named(full: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        export(full, tmp_path / "no" / "where", format_="csv")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        export(full, tmp_path / "file", format_="csv")


@pytest.mark.parametrize("format_", FORMATS)
def test_nothing_is_half_written(full: Warehouse, target: Path, format_: str) -> None:
    path_of(full, "chains").write_bytes(b"PAR1 no more")
    with pytest.raises(
        WarehouseDamaged, match=r"tables/chains/call_date=2026-09-14/part-0\.parquet"
    ):
        export(full, target, format_=format_)
    assert {path.name for path in target.parent.iterdir()} == {"full"}
    export(full, target, format_=format_, asked=Asked(("calls",)))
    with pytest.raises(WarehouseDamaged):
        export(full, target, format_=format_, overwrite=True)
    assert json.loads((target / "schema.json").read_bytes())["tables"].keys() == {"calls"}


def test_what_a_killed_export_left_is_met_again(full: Warehouse, target: Path) -> None:
    left = target.parent / ".out.exporting"
    left.mkdir()
    with pytest.raises(UsageError, match=r"cut off. If none is, remove the folder .out.exporting"):
        export(full, target, format_="csv")
    left.rmdir()
    export(full, target, format_="csv")


def test_a_night_may_publish_meanwhile_and_all_tables_are_of_one_state(
    full: Warehouse, target: Path
) -> None:
    """After the first table is written every call is published again, in another revision."""
    again = [rows_of(name, revision=2, days=days) for name, days in (("a", 0), ("c", 3))]

    def each(done: int, of: int) -> None:
        if done == 1:
            land(full, *again)

    export(full, target, format_="parquet", each=each)
    for name in ("calls", "turns", "moments", "scorecards"):
        frame = pl.read_parquet(target / f"{name}.parquet")
        assert set(frame["revision"]) == {1}
        assert set(frame["call_date"]) == {FIRST, SECOND}
    assert set(full.calls.collect()["revision"]) == {1, 2}


def test_a_file_of_an_earlier_version_goes_out_with_nulls(full: Warehouse, target: Path) -> None:
    spec = ALL_TABLES["nights"]
    older = spec.schema_at(spec.readable_from)
    assert older.names != spec.schema.names
    damage.change_arrow(
        full,
        "nights",
        lambda rows: rows.select(older.names).replace_schema_metadata(older.metadata),
    )
    export(full, target, format_="parquet", asked=Asked(("nights",)))
    frame = pl.read_parquet(target / "nights.parquet")
    assert frame.height == 1
    added = [name for name in spec.names if name not in older.names]
    assert frame.select(added).null_count().row(0) == (1,) * len(added)
