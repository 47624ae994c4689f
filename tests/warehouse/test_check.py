from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse import damage
from tests.warehouse.builders import (
    erasure_row,
    evaluation_row,
    key_of,
    night_row,
    night_start,
    review_row,
)
from tests.warehouse.damage import FIRST, SECOND, change, change_arrow, keep, path_of
from warehouse import Warehouse, layout, open_warehouse
from warehouse.artifacts import LISTENING, READING, SOURCE
from warehouse.check import Checked, Level, check
from warehouse.check.values import values_of
from warehouse.corrections import CORRECTIONS
from warehouse.erasure.key import Kind, make_key
from warehouse.files import locked
from warehouse.holds import HOLDS
from warehouse.publication import Publication
from warehouse.schemas import ALL_TABLES, CALL_TABLES

Damage = Callable[[Warehouse], None]
Expected = set[tuple[str, str]]
"""Each finding that is an error: what was looked at, and where."""


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with something of everything, made once."""
    path = tmp_path_factory.mktemp("in_order") / "warehouse"
    damage.fill(Warehouse.create(path))
    return path


@pytest.fixture
def full(in_order: Path, tmp_path: Path) -> Warehouse:
    """A copy of it that may be damaged."""
    return open_warehouse(shutil.copytree(in_order, tmp_path / "full"))


def errors(checked: Checked) -> Expected:
    return {(one.check, one.where) for one in checked.findings if one.level is Level.ERROR}


def part(table: str, day: str = "2026-09-14") -> str:
    return f"tables/{table}/call_date={day}/part-0.parquet"


def truncate(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


def blank_pages(path: Path) -> None:
    """Zeros where the first pages lie; the footer stays whole."""
    data = path.read_bytes()
    path.write_bytes(data[:4] + bytes(400) + data[404:])


def with_broken_text(rows: pa.Table) -> pa.Table:
    """The first text begins with a byte that no UTF-8 begins with."""
    texts = rows["text"].to_pylist()
    data = [b"\xff", *(text.encode() for text in texts[1:])]
    broken = pa.array(data, pa.binary()).view(pa.string())
    return rows.set_column(rows.schema.get_field_index("text"), rows.field("text"), broken)


def restamp(rows: pa.Table, **facts: str) -> pa.Table:
    named = {f"nightcall.{name}".encode(): value.encode() for name, value in facts.items()}
    return rows.replace_schema_metadata({**rows.schema.metadata, **named})


def cast(rows: pa.Table, name: str, kind: pa.DataType) -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows.cast(rows.schema.set(place, pa.field(name, kind, nullable=False)))


def renamed_file(store: Warehouse) -> None:
    shutil.copy(path_of(store, "chains"), path_of(store, "claims"))


def copy_to_second_date(store: Warehouse) -> None:
    """Puts the calls of the first date on the second too, as a move cut in half would."""
    for table in CALL_TABLES:
        first = pl.from_arrow(pq.ParquetFile(path_of(store, table)).read())
        assert isinstance(first, pl.DataFrame)
        key = ALL_TABLES[table].sort
        keep(
            store,
            table,
            lambda frame, first=first, key=key: pl.concat([frame, first]).sort(
                key, nulls_last=True
            ),
            SECOND,
        )


def stranger(name: str) -> Damage:
    def damaged(store: Warehouse) -> None:
        path = store.path / "tables" / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(0o600)

    return damaged


def leftover(name: str) -> Damage:
    def damaged(store: Warehouse) -> None:
        path = store.path / name
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        path.touch(0o600)

    return damaged


def link_to_elsewhere(store: Warehouse) -> None:
    link = store.path / "tables" / "calls" / "call_date=2026-09-16"
    link.symlink_to(store.path / "state")


def empty_folder(store: Warehouse) -> None:
    (store.path / "tables" / "calls" / "call_date=2026-09-16").mkdir(mode=0o700)


def without_artifact(name: str) -> Damage:
    return lambda store: (store.artifacts.folder(key_of("a")) / name).unlink()


def erased(store: Warehouse) -> None:
    key = make_key(store.path)
    hashes = {
        "source_key_hash": key.hash(Kind.BYTES, key_of("b")),
        "call_id_hash": key.hash(Kind.CALL_ID, "b"),
    }
    store.entries("erasures").add([erasure_row(**hashes)])
    store.publish_entries()


def read_but_not_published(store: Warehouse) -> None:
    store.artifacts.save_reading(damage.rows_of("d"))


def read_under_the_id_of_another(store: Warehouse) -> None:
    store.artifacts.save_reading(damage.rows_of("d", facts={"call_id": "a"}))


def cut_off_publication(store: Warehouse) -> None:
    """Kills a publication when its journal is written, and no file is in its place yet."""
    publication = Publication(store.path)
    spec = CALL_TABLES["chains"]
    publication.stage(spec, FIRST, spec.schema.empty_table(), loses_calls=True)
    steps = {"renames": [[one.new, one.final] for one in publication.renames], "retired": []}
    layout.journal(store.path).write_text(json.dumps(steps))
    layout.journal(store.path).chmod(0o600)


def a_new_night(store: Warehouse) -> None:
    store.ledger.begin(night_start("n2"))
    store.ledger.end(night_row("n2"))


ONE = pl.col("call_id") == "a"
FIRST_TURN = ONE & (pl.col("turn") == 0)
LAST_WORD = ONE & (pl.col("turn") == 11) & (pl.col("word") == 4)
DAMAGES: dict[str, tuple[Damage, Expected]] = {
    "cut off file": (
        lambda store: truncate(path_of(store, "chains"), 0.5),
        {("unreadable", part("chains"))},
    ),
    "blank pages": (
        lambda store: blank_pages(path_of(store, "turns")),
        {("unreadable", part("turns"))},
    ),
    "bytes that are no text": (
        lambda store: change_arrow(store, "turns", with_broken_text),
        {("unreadable", part("turns"))},
    ),
    "file of another table": (renamed_file, {("not_ours", part("claims"))}),
    "file that says nothing of itself": (
        lambda store: change_arrow(store, "turns", lambda rows: rows.replace_schema_metadata()),
        {("not_ours", part("turns"))},
    ),
    "file of a newer version": (
        lambda store: change_arrow(
            store, "chains", lambda rows: restamp(rows, schema_version="99")
        ),
        {("unreadable_version", part("chains"))},
    ),
    "other type": (
        lambda store: change_arrow(
            store, "chains", lambda rows: cast(rows, "step_count", pa.int64())
        ),
        {("schema", part("chains"))},
    ),
    "missing column": (
        lambda store: change_arrow(store, "chains", lambda rows: rows.drop_columns("is_new")),
        {("schema", part("chains"))},
    ),
    "column too many": (
        lambda store: change_arrow(
            store, "turns", lambda rows: rows.append_column("mood", pa.nulls(rows.num_rows))
        ),
        {("schema", part("turns"))},
    ),
    "other order of columns": (
        lambda store: change_arrow(
            store, "turns", lambda rows: rows.select(rows.column_names[::-1])
        ),
        {("schema", part("turns"))},
    ),
    "null that may not be": (
        lambda store: change(
            store, "turns", pl.lit(None).alias("is_backchannel"), where=FIRST_TURN
        ),
        {("schema", part("turns")), ("null", part("turns"))},
    ),
    "not a number": (
        lambda store: change(store, "turns", pl.lit(float("nan")).alias("confidence"), where=ONE),
        {("not_finite", part("turns")), ("out_of_range", part("turns"))},
    ),
    "infinite": (
        lambda store: change(
            store, "participants", pl.lit(float("inf")).alias("talk_s"), where=ONE
        ),
        {("not_finite", part("participants"))},
    ),
    "row twice": (
        lambda store: keep(store, "turns", lambda frame: frame[[0, *range(frame.height)]]),
        {("repeated_key", part("turns")), ("wrong_count", part("calls"))},
    ),
    "call twice": (
        lambda store: keep(store, "calls", lambda frame: frame[[0, 0, 1]]),
        {("repeated_key", part("calls"))},
    ),
    "out of order": (
        lambda store: keep(store, "turns", lambda frame: frame[::-1]),
        {("not_sorted", part("turns"))},
    ),
    "unknown role": (
        lambda store: change(store, "turns", pl.lit("buyer").alias("role"), where=FIRST_TURN),
        {("unknown_value", part("turns"))},
    ),
    "unknown label": (
        lambda store: change(store, "moments", pl.lit("aside").alias("label"), where=FIRST_TURN),
        {("unknown_value", part("moments"))},
    ),
    "unknown verdict": (
        lambda store: change(store, "claims", pl.lit("fine").alias("verdict"), where=FIRST_TURN),
        {("unknown_value", part("claims"))},
    ),
    "unknown stop reason": (
        lambda store: change(store, "chains", pl.lit("tired").alias("stop_reason"), where=ONE),
        {("unknown_value", part("chains"))},
    ),
    "unknown status": (
        lambda store: change(store, "calls", pl.lit("analysed").alias("status"), where=ONE),
        {("unknown_value", part("calls"))},
    ),
    "no id": (
        lambda store: change(store, "chains", pl.lit("first").alias("chain_id"), where=ONE),
        {("malformed_id", part("chains"))},
    ),
    "score above one": (
        lambda store: change(store, "moments", pl.lit(1.5).alias("score"), where=FIRST_TURN),
        {("out_of_range", part("moments"))},
    ),
    "count below zero": (
        lambda store: change(store, "participants", pl.lit(-1).alias("question_count"), where=ONE),
        {("out_of_range", part("participants"))},
    ),
    "end before start": (
        lambda store: change(store, "turns", pl.lit(-1.0).alias("end_s"), where=FIRST_TURN),
        {("times_out_of_order", part("turns"))},
    ),
    "after the end of the recording": (
        lambda store: change(store, "turns", pl.lit(600.2).alias("end_s"), where=FIRST_TURN),
        {("beyond_end", part("turns"))},
    ),
    "characters out of order": (
        lambda store: change(store, "claims", pl.lit(0).alias("end_char"), where=FIRST_TURN),
        {("characters_out_of_order", part("claims")), ("wrong_text", part("claims"))},
    ),
    "characters that are not there": (
        lambda store: change(store, "moments", pl.lit(999).alias("end_char"), where=FIRST_TURN),
        {("wrong_text", part("moments"))},
    ),
    "quote nobody said": (
        lambda store: change(store, "moments", pl.lit("no (such) word").alias("quote")),
        {("wrong_text", part("moments"))},
    ),
    "question nobody asked": (
        lambda store: change(store, "questions", pl.lit("why?").alias("text"), where=ONE),
        {("wrong_text", part("questions"))},
    ),
    "lost turn": (
        lambda store: keep(store, "turns", lambda frame: frame.filter(~FIRST_TURN)),
        {
            ("moments_without_turn", part("moments")),
            ("claims_without_turn", part("claims")),
            ("questions_without_turn", part("questions")),
            ("words_without_turn", part("words")),
            ("wrong_count", part("calls")),
        },
    ),
    "lost call": (
        lambda store: keep(store, "calls", lambda frame: frame.filter(~ONE)),
        {
            *((f"{name}_without_call", part(name)) for name in CALL_TABLES if name != "calls"),
            ("not_published", f"work/calls/{key_of('a')[:2]}/{key_of('a')}/{READING}"),
        },
    ),
    "word of no turn": (
        lambda store: change(store, "words", pl.lit(12, pl.Int32).alias("turn"), where=LAST_WORD),
        {("words_without_turn", part("words"))},
    ),
    "word of a stranger": (
        lambda store: change(store, "words", pl.lit("nobody").alias("speaker"), where=LAST_WORD),
        {("unknown_speaker", part("words"))},
    ),
    "other revision": (
        lambda store: change(store, "moments", pl.lit(7).alias("revision"), where=ONE),
        {("other_revision", part("moments"))},
    ),
    "other source key": (
        lambda store: change(
            store, "scorecards", pl.lit(key_of("x")).alias("source_key"), where=ONE
        ),
        {("other_source_key", part("scorecards"))},
    ),
    "other date": (
        lambda store: change(
            store, "calls", pl.col("started_at") + timedelta(days=1), where=pl.col("call_id") == "b"
        ),
        {("wrong_date", part("calls"))},
    ),
    "other time zone": (
        lambda store: change(store, "calls", pl.lit("Asia/Tokyo").alias("time_zone"), where=ONE),
        {("time_zone", part("calls"))},
    ),
    "stranger speaks": (
        lambda store: change(store, "turns", pl.lit("ch9").alias("speaker"), where=FIRST_TURN),
        {("unknown_speaker", part("turns"))},
    ),
    "moment of a stranger": (
        lambda store: change(store, "moments", pl.lit("ch9").alias("speaker"), where=FIRST_TURN),
        {("unknown_speaker", part("moments"))},
    ),
    "lost moment": (
        lambda store: keep(store, "moments", lambda frame: frame.filter(~FIRST_TURN)),
        {("claims_without_moment", part("claims")), ("chains_without_moment", part("chains"))},
    ),
    "lost chain": (
        lambda store: change(store, "chains", pl.lit("ab" * 8).alias("recovered_from"), where=ONE),
        {("chains_without_chain", part("chains"))},
    ),
    "lost scorecard": (
        lambda store: keep(store, "scorecards", lambda frame: frame.filter(~ONE)),
        {("call_without_scorecard", part("calls"))},
    ),
    "value beside not measurable": (
        lambda store: change(store, "participants", pl.lit(1.0).alias("reply_gap_s"), where=ONE),
        {("state_against_value", part("measure_states"))},
    ),
    "low confidence in nothing": (
        lambda store: change(
            store, "measure_states", pl.lit("low_confidence").alias("state"), where=ONE
        ),
        {("state_against_value", part("measure_states"))},
    ),
    "unknown measure": (
        lambda store: change(store, "measure_states", pl.lit("charm").alias("measure"), where=ONE),
        {("unknown_measure", part("measure_states"))},
    ),
    "wrong count of turns": (
        lambda store: change(store, "calls", pl.lit(3).alias("turn_count"), where=ONE),
        {("wrong_count", part("calls"))},
    ),
    "wrong count of words": (
        lambda store: change(store, "turns", pl.lit(4).alias("word_count"), where=FIRST_TURN),
        {("wrong_count", part("calls"))},
    ),
    "doubt without a reason": (
        lambda store: change(store, "moments", pl.lit("low_confidence").alias("state")),
        {("state_without_reason", part("moments"))},
    ),
    "coachable with a reason against it": (
        lambda store: change(store, "calls", pl.lit("too short").alias("coachable_reason")),
        {("state_without_reason", part("calls"))},
    ),
    "complete, and not confirmed": (
        lambda store: change(store, "chains", pl.lit(True).alias("is_complete"), where=ONE),
        {("contradiction", part("chains"))},
    ),
    "missing file": (
        lambda store: shutil.rmtree(path_of(store, "chains").parent),
        {("missing_file", part("chains"))},
    ),
    "missing table": (
        lambda store: shutil.rmtree(store.path / "tables" / "reviews"),
        {("missing_file", "tables/reviews"), ("not_as_on_record", "tables/reviews/part-0.parquet")},
    ),
    "on two dates": (
        copy_to_second_date,
        {
            *(("on_two_dates", part(table, "2026-09-15")) for table in ("calls", "moments")),
            *(("on_two_dates", part(table, "2026-09-15")) for table in ("chains", "claims")),
            ("wrong_date", part("calls", "2026-09-15")),
        },
    ),
    "file among the tables": (stranger("notes.txt"), {("stranger", "tables/notes.txt")}),
    "hidden file beside a part": (
        stranger("turns/call_date=2026-09-14/.part-0.parquet.tmp"),
        {("stranger", "tables/turns/call_date=2026-09-14/.part-0.parquet.tmp")},
    ),
    "second part": (
        stranger("turns/call_date=2026-09-14/part-1.parquet"),
        {("stranger", "tables/turns/call_date=2026-09-14/part-1.parquet")},
    ),
    "date that is none": (
        stranger("turns/call_date=tomorrow/part-0.parquet"),
        {("stranger", "tables/turns/call_date=tomorrow")},
    ),
    "date in a table without": (
        stranger("reviews/call_date=2026-09-14/part-0.parquet"),
        {("stranger", "tables/reviews/call_date=2026-09-14")},
    ),
    "unknown table": (stranger("moods/part-0.parquet"), {("stranger", "tables/moods")}),
    "link": (link_to_elsewhere, {("stranger", "tables/calls/call_date=2026-09-16")}),
    "empty folder": (empty_folder, {("stranger", "tables/calls/call_date=2026-09-16")}),
    "unfinished table file": (
        leftover("state/publishing/1-2-abc.tmp"),
        {("leftover", "state/publishing/1-2-abc.tmp")},
    ),
    "unfinished artifact": (
        leftover("work/unfinished/1-2-abc.tmp"),
        {("leftover", "work/unfinished/1-2-abc.tmp")},
    ),
    "unfinished record": (leftover("work/1-2-abc.tmp"), {("leftover", "work/1-2-abc.tmp")}),
    "batch of a dead run": (
        leftover("work/nights/n1/batches/00001.json"),
        {("leftover", "work/nights/n1/batches/00001.json")},
    ),
    "publication cut off": (
        cut_off_publication,
        {("cut_off_publication", "state/publishing.json")},
    ),
    "publication cut off nobody knows where": (
        leftover("state/publishing.json"),
        {("unreadable", "state/publishing.json")},
    ),
    "record of files seen that is none": (
        leftover("work/seen.parquet"),
        {("unreadable", "work/seen.parquet")},
    ),
    "quarantine record that is none": (
        leftover("work/quarantine/ab.json"),
        {("unreadable", "work/quarantine/ab.json")},
    ),
    "evaluation that is none": (
        leftover("work/evaluations/e2.json"),
        {("unreadable", "work/evaluations/e2.json"), ("not_as_on_record", "tables/evaluations")},
    ),
    "night's end that is none": (
        lambda store: (store.path / "work" / "nights" / "n1" / "night.json").write_text("{"),
        {("unreadable", "work/nights/n1/night.json")},
    ),
    "review on record that is none": (
        lambda store: store.entries("reviews").path.write_text("{"),
        {("unreadable", "work/reviews.jsonl")},
    ),
    "file for all to read": (
        lambda store: path_of(store, "turns").chmod(0o644),
        {("readable_by_others", part("turns"))},
    ),
    "folder for all to enter": (
        lambda store: (store.path / "work").chmod(0o755),
        {("readable_by_others", "work")},
    ),
    "lost reading": (
        without_artifact(READING),
        {("missing_artifact", f"work/calls/{key_of('a')[:2]}/{key_of('a')}")},
    ),
    "lost listening": (
        without_artifact(LISTENING),
        {("missing_artifact", f"work/calls/{key_of('a')[:2]}/{key_of('a')}")},
    ),
    "read, not published": (
        read_but_not_published,
        {("not_published", f"work/calls/{key_of('d')[:2]}/{key_of('d')}/{READING}")},
    ),
    "read under the id of another": (
        read_under_the_id_of_another,
        {("not_published", f"work/calls/{key_of('d')[:2]}/{key_of('d')}/{READING}")},
    ),
    "night that is on record only": (a_new_night, {("not_as_on_record", "tables/nights")}),
    "night that is in the table only": (
        lambda store: shutil.rmtree(store.path / "work" / "nights" / "n1"),
        {("not_as_on_record", "tables/nights")},
    ),
    "evaluation that is on record only": (
        lambda store: store.evaluation_record.add([evaluation_row("e2")]),
        {("not_as_on_record", "tables/evaluations")},
    ),
    "review that is on record only": (
        lambda store: store.entries("reviews").add([review_row("r2")]),
        {("not_as_on_record", "tables/reviews/part-0.parquet")},
    ),
    "review with another verdict than on record": (
        lambda store: change(store, "reviews", pl.lit("agree").alias("verdict"), day=None),
        {("not_as_on_record", "tables/reviews/part-0.parquet")},
    ),
    "recording of an unknown night": (
        lambda store: change(store, "recordings", pl.lit("n9").alias("night_id")),
        {("recordings_without_night", "tables/recordings")},
    ),
    "erased call that is back": (erased, {("erased_call", "tables/calls")}),
}


def test_a_warehouse_in_order_has_nothing_to_find(full: Warehouse) -> None:
    checked = check(full, artifacts=True)
    assert checked.findings == ()
    assert checked.errors == 0
    assert checked.dates == 3  # with that of the empty files
    assert checked.rows == sum(
        full.table(name).select(pl.len()).collect().item() for name in ALL_TABLES
    )


def test_a_warehouse_just_made_has_nothing_to_find(store: Warehouse) -> None:
    assert check(store, artifacts=True).findings == ()


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damage_is_found_where_it_is_and_nothing_else(full: Warehouse, name: str) -> None:
    damaged, expected = DAMAGES[name]
    damaged(full)
    checked = check(full, artifacts=True)
    found = errors(checked)
    assert {one for one in found if one[0] != "other_than_artifact"} == expected
    for one in checked.findings:
        assert one.problem[0].islower() or one.problem[0].isdecimal()
        assert one.next_step
        assert "word0" not in f"{one.problem}{one.example}"  # what was said stays where it is


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("end before start", f"call_id 'a', turn 0 (source key {key_of('a')[:12]}…)"),
        ("lost moment", "chain_id '"),
        ("unknown measure", "call_id 'a', speaker 'ch1', measure 'charm'"),
        ("on two dates", "call_id 'a'"),
        ("night that is on record only", "night_id 'n2'"),
        ("erased call that is back", "call_id 'b'"),
    ],
)
def test_a_finding_about_rows_counts_them_and_names_one(
    full: Warehouse, name: str, example: str
) -> None:
    DAMAGES[name][0](full)
    first = check(full).findings[0]
    assert first.example.startswith(example)
    assert first.rows is not None
    assert first.rows >= 1
    assert first.problem.startswith(f"{first.rows} of ") or f"{first.rows} " in first.problem


def test_rows_that_are_not_those_of_the_artifacts_are_found_when_asked(full: Warehouse) -> None:
    change(full, "turns", pl.lit(0.5).alias("confidence"), where=FIRST_TURN)
    change(full, "chains", pl.lit(3).alias("restated_count"), where=ONE)
    keep(full, "participants", lambda frame: frame[[0, 1, 2]])  # `b` has lost its customer
    assert ("other_than_artifact", part("turns")) not in errors(check(full))
    found = [one for one in check(full, artifacts=True).findings if "artifact" in one.check]
    assert [(one.where, one.rows, one.example) for one in found] == [
        (part("chains"), 1, f"call_id 'a' (source key {key_of('a')[:12]}…)"),
        (part("participants"), 1, f"call_id 'b' (source key {key_of('b')[:12]}…)"),
        (part("turns"), 1, f"call_id 'a' (source key {key_of('a')[:12]}…)"),
    ]


def test_a_reading_that_cannot_be_read_is_found_when_asked(full: Warehouse) -> None:
    truncate(full.artifacts.folder(key_of("a")) / READING, 0.7)
    (one,) = check(full, artifacts=True).findings
    assert (one.check, one.where) == (
        "unreadable",
        f"work/calls/{key_of('a')[:2]}/{key_of('a')}/{READING}",
    )
    assert one.next_step.startswith("Remove the file")


@pytest.mark.parametrize("name", [SOURCE, LISTENING, CORRECTIONS, HOLDS])
def test_other_artifacts_that_cannot_be_read_are_found_when_asked(
    full: Warehouse, name: str
) -> None:
    path = full.artifacts.folder(key_of("a")) / name
    path.write_text("{")
    path.chmod(0o600)
    assert errors(check(full)) == set()
    assert errors(check(full, artifacts=True)) == {
        ("unreadable", path.relative_to(full.path).as_posix())
    }


def test_a_file_of_an_older_version_is_a_note(full: Warehouse) -> None:
    assert ALL_TABLES["nights"].version > ALL_TABLES["nights"].readable_from

    def older(rows: pa.Table) -> pa.Table:
        schema = ALL_TABLES["nights"].schema_at(ALL_TABLES["nights"].readable_from)
        return rows.select(schema.names).replace_schema_metadata(schema.metadata)

    change_arrow(full, "nights", older)
    checked = check(full)
    assert [(one.check, one.level) for one in checked.findings] == [("older_version", Level.NOTE)]
    assert checked.errors == 0


def test_a_table_that_a_new_version_brings_is_a_note_until_it_is_made(full: Warehouse) -> None:
    settings = layout.settings_file(full.path)
    facts = json.loads(settings.read_bytes())
    for name in ("chains", "words"):
        shutil.rmtree(full.path / "tables" / name)
        del facts["schemas"][name]
    settings.write_text(json.dumps(facts))
    checked = check(full)
    found = [(one.check, one.where, one.level) for one in checked.findings]
    assert found == [
        ("new_table", "tables/chains", Level.NOTE),
        ("new_table", "tables/words", Level.NOTE),
    ]
    full.rebuild()
    assert check(full).findings == ()


def test_a_transcript_longer_than_the_recording_beside_it_is_a_note(full: Warehouse) -> None:
    change(full, "calls", pl.lit("imported").alias("engine"))
    change(full, "turns", pl.lit(700.0).alias("end_s"), where=FIRST_TURN)
    (one,) = check(full).findings
    assert (one.check, one.level, one.where) == ("beyond_end", Level.NOTE, part("turns"))


def test_times_may_pass_the_end_by_a_rounding(full: Warehouse) -> None:
    change(full, "turns", pl.lit(600.05).alias("end_s"), where=FIRST_TURN)
    assert check(full).findings == ()


def test_a_review_of_a_call_that_was_replaced_is_a_note(full: Warehouse) -> None:
    full.publish([], retired=[key_of("a")])
    checked = check(full)
    assert {(one.check, one.level) for one in checked.findings} == {
        ("reviews_without_call", Level.NOTE),
        ("coaching_without_call", Level.NOTE),
    }


def test_a_review_of_a_call_that_nothing_is_known_of_is_found(full: Warehouse) -> None:
    full.publish([], retired=[key_of("a")])
    full.artifacts.remove(key_of("a"))
    assert errors(check(full)) == {
        ("reviews_without_call", "tables/reviews/part-0.parquet"),
        ("coaching_without_call", "tables/coaching/part-0.parquet"),
    }


def test_erased_calls_cannot_be_told_without_the_key(full: Warehouse) -> None:
    erased(full)
    layout.erasure_key(full.path).unlink()
    assert errors(check(full)) == {("erasure_key", "state/erasure.key")}


def test_what_is_being_written_is_no_leftover(full: Warehouse) -> None:
    for name in ("unfinished table file", "unfinished artifact", "batch of a dead run"):
        DAMAGES[name][0](full)
    read_but_not_published(full)
    with locked(layout.publish_lock(full.path)), locked(layout.night_lock_file(full.path)):
        checked = check(full)
    assert [(one.check, one.level) for one in checked.findings] == [("not_published", Level.NOTE)]
    assert len(errors(check(full))) == 4


def test_a_night_may_publish_meanwhile(full: Warehouse) -> None:
    """A call that moves to a date that is still to come is met twice, and is not there twice."""
    moved = damage.rows_of("a", revision=2, days=1)
    full.artifacts.save_reading(moved)
    done: list[int] = []

    def each(number: int, of: int) -> None:
        done.append(number)
        if number == 2:  # the first date has been looked at, the second has not
            assert full.publish([moved.source_key]).dates == (FIRST, SECOND)

    assert check(full, artifacts=True).findings == ()  # what is not published yet is no fault
    assert check(full, each=each).findings == ()
    assert done == [1, 2, 3]


def test_the_values_looked_for_are_those_the_dictionary_names() -> None:
    for table, spec in ALL_TABLES.items():
        meanings = {column.name: column.meaning for column in spec.columns}
        for column, allowed in values_of(table).items():
            named = "`" in meanings[column] and "One of the labels" not in meanings[column]
            if named and column not in ("state", "engine"):
                for value in allowed:
                    assert f"`{value}`" in meanings[column], (table, column, value)


def test_a_publication_cut_off_amid_its_swaps_is_finished_and_not_found(full: Warehouse) -> None:
    cut_off_publication(full)
    steps = json.loads(layout.journal(full.path).read_bytes())
    steps["renames"].insert(0, ["state/publishing/gone.tmp", part("claims")])
    layout.journal(full.path).write_text(json.dumps(steps))
    assert errors(check(full)) == set()
    assert not layout.journal(full.path).exists()
