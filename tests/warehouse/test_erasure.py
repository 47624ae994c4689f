"""Erasing within a warehouse: what the columns declare, what a call is known by, who follows."""

from __future__ import annotations

import json
import pickle
import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from calls.call import Recording, Source, SourceKind
from calls.errors import WarehouseDamaged
from calls.moment import FoundBy
from tests.warehouse.builders import (
    START,
    coaching_row,
    key_of,
    land,
    night_row,
    night_start,
    recording,
    recording_row,
    review_row,
    rows_of,
)
from tests.warehouse.newer import newer_nightcall, without_column
from tests.warehouse.snapshots import assert_same, state
from warehouse import CallRows, QuarantineRecord, Warehouse
from warehouse.erasure import journal
from warehouse.erasure.clearing import STAND_INS, cleared_facts, cleared_value, rows_go
from warehouse.erasure.erase import Erased, begin, carry_out, survey
from warehouse.erasure.journal import CallToErase, Erasing, Order
from warehouse.erasure.key import ErasureKey, Kind, load_key, make_key
from warehouse.erasure.known import KnownCalls
from warehouse.erasure.mentions import Mentions
from warehouse.erasure.places import PLACES
from warehouse.erasure.quotes import READ_WITHOUT
from warehouse.erasure.refusals import load_refusals
from warehouse.erasure.target import Target, Targets
from warehouse.mirror import mirror
from warehouse.schemas import ALL_TABLES, CALL_TABLES, MomentRow
from warehouse.schemas.spec import TableSpec
from warehouse.seen import SeenFile

ORDER = Order("call", None, "op", START)

each_table = pytest.mark.parametrize("spec", ALL_TABLES.values(), ids=ALL_TABLES)


def erase(store: Warehouse, *call_ids: str, order: Order = ORDER) -> Erased:
    with store.night_lock():
        known = KnownCalls(store)
        erasing = survey(store, known, order, known.targets(call_ids)).erasing
        begin(store, erasing)
        return carry_out(store, erasing, lambda erasing: Counter())


def targets(store: Warehouse, *call_ids: str) -> list[Target]:
    return KnownCalls(store).targets(call_ids)


def heard(store: Warehouse, name: str, *, call_id: str | None = None, days: int = 0) -> Recording:
    """A call that is known, but in no table yet."""
    found = recording(name, call_id=call_id, started_at=START + timedelta(days=days))
    store.artifacts.save_source(found)
    return found


# What the columns declare.


@each_table
def test_a_row_goes_as_a_whole_or_not_at_all(spec: TableSpec) -> None:
    goes = {column.on_erasure == "row_removed" for column in spec.columns}
    assert len(goes) == 1, "some columns go and others stay: nobody can tell what becomes of a row"


@each_table
def test_whatever_names_a_call_goes_or_is_cleared(spec: TableSpec) -> None:
    for column in spec.columns:
        if column.name in ("call_id", "source_key", "moment_id"):
            assert column.on_erasure != "kept", column.name


@each_table
def test_every_cleared_column_has_something_to_hold(spec: TableSpec) -> None:
    for column in spec.columns:
        if column.on_erasure == "cleared" or column.quotes_others:
            value = cleared_value(spec, column, "erased-0123456789ab")
            assert (value is None) == column.nullable, column.name


def test_nothing_is_said_of_columns_that_do_not_exist() -> None:
    for table, column in STAND_INS:
        assert column in ALL_TABLES[table].names


def test_what_is_kept_of_a_recording_is_kept_exactly() -> None:
    spec = ALL_TABLES["recordings"]
    facts = dict.fromkeys(spec.names, "before")
    cleared = cleared_facts(spec, facts, "erased-1")
    for column in spec.columns:
        kept = cleared[column.name] == "before"
        assert kept == (column.on_erasure == "kept"), column.name
    assert not rows_go(spec)


# The key.


def test_the_key_is_made_once_and_is_nobody_elses(store: Warehouse) -> None:
    assert load_key(store.path) is None
    key = make_key(store.path)
    assert make_key(store.path) == key == load_key(store.path)
    path = store.path / "state" / "erasure.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() not in repr(key).encode()
    assert key.secret.hex() not in repr(key)


def test_hashes_of_different_kinds_never_meet() -> None:
    key = ErasureKey(b"k" * 32)
    hashes = {key.hash(kind, "value") for kind in Kind}
    assert len(hashes) == len(Kind)
    assert ErasureKey(b"x" * 32).hash(Kind.BYTES, "value") not in hashes


def test_a_name_that_is_no_unicode_has_a_stand_in_too() -> None:
    key = ErasureKey(b"k" * 32)
    one, other = key.stand_in("caf\udce9.wav", None), key.stand_in("caf\udce8.wav", None)
    assert one != other
    assert len(one) == len("erased-") + 12


def test_a_damaged_key_is_an_error_that_says_what_to_do(store: Warehouse) -> None:
    (store.path / "state" / "erasure.key").write_bytes(b"short")
    with pytest.raises(WarehouseDamaged, match="Put the file back"):
        load_key(store.path)


def test_before_the_first_erasure_nothing_is_refused(store: Warehouse) -> None:
    refusals = load_refusals(store.path)
    assert not refusals
    assert not refusals.has_bytes(key_of("a"))
    assert not (store.path / "state" / "erasure.key").exists()


def test_bytes_and_ids_of_erased_calls_are_refused_and_others_not(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b"))
    erase(store, "a")
    refusals = load_refusals(store.path)
    assert refusals.has_bytes(key_of("a"))
    assert refusals.has_call_id("a")
    assert not refusals.has_bytes(key_of("b"))
    assert not refusals.has_call_id("b")


@pytest.mark.parametrize("line", ["no json", "{}", "[1]", '{"source_key_hash": 3}'])
def test_a_damaged_record_is_not_taken_for_an_empty_one(store: Warehouse, line: str) -> None:
    make_key(store.path)
    (store.path / "work" / "erasures.jsonl").write_text(line + "\n")
    with pytest.raises(WarehouseDamaged, match="line 1"):
        load_refusals(store.path)


# What a call is known by.


def test_a_recording_replaced_under_the_same_id_or_name_goes_along(store: Warehouse) -> None:
    heard(store, "old", call_id="a")  # had the id before
    land(store, rows_of("a"))
    heard(store, "a")
    store.artifacts.save_source(
        replace(heard(store, "cut-off", call_id="rec-1"), sources=(source("a.wav", "cut-off"),))
    )
    store.seen.save([SeenFile("a.wav", 1000, 1, key_of("a"), key_of("a"))])
    (found,) = targets(store, "a")
    assert found.key == key_of("a")
    assert set(found.keys) == {key_of("a"), key_of("old"), key_of("cut-off")}
    assert set(found.ids) == {"a", "rec-1"}


def source(name: str, content: str, *, kind: SourceKind = SourceKind.AUDIO) -> Source:
    return Source(name, kind, key_of(content), 1000, START)


def test_a_call_that_waits_under_the_name_of_another_stays(store: Warehouse) -> None:
    land(store, rows_of("a"))
    heard(store, "a")
    waiting = replace(heard(store, "b"), sources=(source("a.wav", "b"),))
    store.artifacts.save_source(waiting)
    # The file was written anew: what lies there now is the waiting call's.
    store.seen.save([SeenFile("a.wav", 1000, 1, key_of("b"), key_of("b"))])
    (found,) = targets(store, "a")
    assert found.keys == (key_of("a"),)


def test_a_call_that_was_taken_in_goes_along(store: Warehouse) -> None:
    land(store, rows_of("a"))
    both = (source("a.wav", "a"), source("a.vtt", "text", kind=SourceKind.TRANSCRIPT))
    store.artifacts.save_source(replace(recording("a"), sources=both))
    heard(store, "text", call_id="rec-text")
    (found,) = targets(store, "a")
    assert set(found.keys) == {key_of("a"), key_of("text")}
    assert found.names == ("a.vtt", "a.wav", "text.wav")


def test_a_side_that_another_call_has_too_identifies_neither(store: Warehouse) -> None:
    """Two calls with one file each on which nobody speaks."""
    for name in ("a", "b"):
        sides = (source(f"{name}_agent.wav", name), source(f"{name}_caller.wav", "silence"))
        store.artifacts.save_source(replace(recording(name), sources=sides))
    store.seen.save(
        [
            SeenFile("a_caller.wav", 1000, 1, key_of("silence"), key_of("a")),
            SeenFile("b_caller.wav", 1000, 1, key_of("silence"), key_of("b")),
        ]
    )
    (found,) = targets(store, "a")
    assert found.bytes_known == {key_of("a")}
    assert "a_caller.wav" in found.names
    assert "b_caller.wav" not in found.names


def test_a_former_id_that_another_call_has_now_is_not_taken_from_it(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b"))
    heard(store, "a")
    old = replace(heard(store, "old", call_id="b"), sources=(source("a.wav", "old"),))
    store.artifacts.save_source(old)
    store.seen.save([SeenFile("a.wav", 1000, 1, key_of("a"), key_of("a"))])
    (found,) = targets(store, "a")
    assert found.ids == ("a",)


def test_older_than_a_day_is_told_by_the_warehouses_own_zone(tmp_path: Path) -> None:
    store = Warehouse.create(tmp_path / "east", time_zone="Pacific/Auckland")
    land(store, rows_of("a", time_zone="Pacific/Auckland", facts={"started_at": at(11)}))
    land(store, rows_of("b", time_zone="Pacific/Auckland", facts={"started_at": at(13)}))
    assert list(KnownCalls(store).before(at(0).date() + timedelta(days=1))) == ["a"]


def at(hour: int) -> datetime:
    return datetime(2026, 9, 14, hour, tzinfo=UTC)


# What is said of other recordings.


def test_only_messages_that_quote_the_call_are_about_it() -> None:
    target = Target("e-1", ("A-1",), names=("o'neill.wav", "caf\udce9.wav"))
    mentions = Mentions(Targets((target,)))
    assert mentions.of("its call_id 'A-1' already belongs to 'x.wav'.") is target
    assert mentions.of(f"the same bytes as {target.names[0]!r}.") is target
    assert mentions.of(f"a mix of the sides of {target.names[1]!r}.") is target
    assert mentions.of("its call_id 'A-12' belongs to 'LA-1'") is None
    assert mentions.of("A-1 is not quoted") is None
    assert mentions.of(None) is None


def test_the_rows_of_another_recording_lose_only_the_message(store: Warehouse) -> None:
    land(store, rows_of("a"))
    store.ledger.begin(night_start())
    mine = recording_row("a.wav")
    other = recording_row("z.wav", status="quarantined", message="it contradicts 'a.wav'.")
    silent = recording_row("y.wav", message="it contradicts 'b.wav'.")
    store.ledger.append([mine, other, silent])
    store.ledger.end(night_row())
    heard(store, "a")
    erase(store, "a")
    rows = {row.recording: row for row in store.ledger.recordings("n1")}
    assert rows["z.wav"] == replace(other, message=None)
    assert rows["y.wav"] == silent
    assert "a.wav" not in rows
    assert len(rows) == 3


def test_a_recording_with_several_rows_keeps_as_many(store: Warehouse) -> None:
    """The key of `recordings` stays unique, in every night."""
    land(store, rows_of("a"))
    heard(store, "a")
    key = key_of("a")
    for night in ("n1", "n2"):
        store.ledger.begin(night_start(night))
        rows = [
            recording_row("a.wav", night, source_key=None, status="quarantined"),
            recording_row("a.wav", night, source_key=key),
            recording_row("copy.wav", night, source_key=key, status="duplicate"),
        ]
        store.ledger.append(rows)
        store.ledger.end(night_row(night))
    store.publish_nights()
    assert not erase(store, "a").proof.findings
    frame = store.recordings.collect()
    assert frame.height == 6
    assert set(frame["status"]) == {"erased"}
    assert frame.select(ALL_TABLES["recordings"].key).is_unique().all()
    for night in ("n1", "n2"):
        assert len(store.ledger.recordings(night)) == 3


# Quotations.


def quoting(name: str, call_id: str, *, days: int = 7) -> CallRows:
    """A later call whose first moment was known from that call."""
    rows = rows_of(name, days=days, made_from="base.own.earlier")
    first, *others = rows["moments"]
    assert isinstance(first, MomentRow)
    known = replace(
        first,
        found_by=FoundBy.RULE,
        known_answer="We have nine sites.",
        known_source=f"call of 1 May 2026 ({call_id}), customer at 0:05",
        reason=f"Known before it was asked (call of 1 May 2026 ({call_id}): 'We have nine sites.')",
    )
    return replace(rows, tables={**rows.tables, "moments": (known, *others)})


def test_a_quotation_is_cleared_and_nothing_else_of_the_row(store: Warehouse) -> None:
    land(store, rows_of("a"), quoting("b", "a"), quoting("c", "aa", days=8))
    before = store.moments.sort("call_id", "start_s").collect()
    erase(store, "a")
    now = store.moments.sort("call_id", "start_s").collect()
    mine, was = now.filter(pl.col("call_id") == "b"), before.filter(pl.col("call_id") == "b")
    changed = ["revision", "known_answer", "known_source", "reason"]
    assert mine.drop(changed).equals(was.drop(changed))
    assert mine["known_answer"].null_count() == mine.height
    assert mine["revision"].unique().to_list() == [2]
    assert mine["reason"][1] == was["reason"][1]
    assert now.filter(pl.col("call_id") == "c").equals(before.filter(pl.col("call_id") == "c"))


def test_all_tables_of_the_quoting_call_are_of_one_revision_and_it_is_due(
    store: Warehouse,
) -> None:
    land(store, rows_of("a"), quoting("b", "a"))
    erase(store, "a")
    for name in CALL_TABLES:
        frame = store.table(name).filter(pl.col("call_id") == "b").collect()
        assert set(frame["revision"]) <= {2}, name
    assert store.landed()[key_of("b")].made_from == f"{READ_WITHOUT}.own.earlier"
    before = state(store)
    store.rebuild()
    assert_same(state(store), before)


def test_the_reading_of_a_call_in_no_table_is_cleared_too(store: Warehouse) -> None:
    land(store, rows_of("a"))
    store.artifacts.save_reading(quoting("b", "a"))
    erase(store, "a")
    rows = store.artifacts.load_reading(key_of("b"))
    assert rows is not None
    assert [row.known_answer for row in rows["moments"] if isinstance(row, MomentRow)] == [None] * 2
    assert "b" not in set(store.calls.collect()["call_id"])


# The whole.


def fill(store: Warehouse) -> None:
    """Two calls with something in every place."""
    land(store, rows_of("a"), quoting("b", "a"))
    for name in ("a", "b"):
        heard(store, name)
    store.ledger.begin(night_start())
    store.ledger.append([recording_row("a.wav"), recording_row("b.wav")])
    store.ledger.end(night_row())
    batches = store.path / "work" / "nights" / "n1" / "batches"
    batches.mkdir()
    (batches / "00001.json").write_text(json.dumps([{"key": key_of("a")}]))
    store.publish_nights()
    store.entries("reviews").add([review_row()])
    store.entries("coaching").add([coaching_row()])
    (store.path / "work" / "left-behind.tmp").write_text(json.dumps({"call_id": key_of("a")}))
    store.publish_entries()
    store.quarantine.put(
        QuarantineRecord("a2.wav", "f", "CallIdConflict", "'a'", 1, START, START, None, "a")
    )
    store.seen.save([SeenFile(f"{n}.wav", 1000, 1, key_of(n), key_of(n)) for n in ("a", "b")])


def test_every_place_is_emptied_and_may_be_emptied_again(store: Warehouse) -> None:
    fill(store)
    with store.night_lock():
        known = KnownCalls(store)
        erasing = survey(store, known, ORDER, known.targets(["a"])).erasing
        begin(store, erasing)
        first = carry_out(store, erasing, lambda erasing: Counter())
        assert first.proof is not None
        assert first.proof.holds, first.proof
        before = state(store)
        for place in (*PLACES, *reversed(PLACES)):
            place.remove(store, erasing)
        assert_same(state(store), before)
    for place in PLACES:
        assert list(place.count(store, erasing.targets)) == [], place.name


def test_what_is_counted_is_what_goes(store: Warehouse) -> None:
    fill(store)
    heights = {name: store.table(name).collect().height for name in CALL_TABLES}
    mine = sum(
        store.table(name).filter(pl.col("call_id") == "a").collect().height for name in CALL_TABLES
    )
    erase(store, "a")
    gone = sum(heights[name] - store.table(name).collect().height for name in CALL_TABLES)
    (row,) = store.erasures.collect().to_dicts()
    assert gone == mine
    assert row["row_count"] == mine + 3  # a review, a coaching entry, a recording
    assert row["file_count"] == 4  # source, reading; a night's record; quarantine


def test_several_calls_are_erased_in_one_publication(store: Warehouse) -> None:
    land(store, *(rows_of(name, days=at) for at, name in enumerate("abcd")))
    assert erase(store, "a", "b", "c").proof.holds
    assert set(store.calls.collect()["call_id"]) == {"d"}
    assert store.erasures.collect().height == 3


def test_the_journal_gives_back_what_was_written(store: Warehouse) -> None:
    target = Target("e-1", ("A-1", "rec-1"), (key_of("a"),), (), ("caf\udce9.wav",), START.date())
    call = CallToErase(target, 3, 4, ("caf\udce9.wav",), ("What was said.",), ("a.wav",), 1)
    erasing = Erasing(ORDER, (call, CallToErase(Target("e-2", ("B",)))), ("k",), ("n1",))
    journal.save(store.path, erasing)
    assert journal.load(store.path) == erasing
    assert (store.path / "state" / "erasing.json").stat().st_mode & 0o777 == 0o600
    journal.remove(store.path)
    assert journal.load(store.path) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"order": {}, "calls": []}'])
def test_a_damaged_journal_says_what_to_do(store: Warehouse, text: str) -> None:
    (store.path / "state" / "erasing.json").write_text(text)
    with pytest.raises(WarehouseDamaged, match="erase the call again") as raised:
        journal.load(store.path)
    assert pickle.loads(pickle.dumps(raised.value)).args == raised.value.args


def test_after_an_update_calls_are_erased_from_what_it_brought_up_to_date(
    older: Warehouse,
) -> None:
    assert erase(older, "a").proof.holds
    assert "a" not in set(older.turns.collect()["call_id"])


def test_tables_that_must_be_read_again_first_are_not_half_erased(filled: Warehouse) -> None:
    broken = {"turns": without_column(ALL_TABLES["turns"], "confidence")}
    with newer_nightcall(broken), pytest.raises(WarehouseDamaged, match="nightcall run"):
        erase(filled, "a")
    assert journal.load(filled.path) is None
    assert "a" in set(filled.calls.collect()["call_id"])


def test_of_a_listening_that_can_not_be_read_the_turns_say_what_to_look_for(
    store: Warehouse,
) -> None:
    land(store, rows_of("a"))
    (store.artifacts.folder(key_of("a")) / "listening.arrow").write_bytes(b"damaged")
    with store.night_lock():
        known = KnownCalls(store)
        (call,) = survey(store, known, ORDER, known.targets(["a"])).erasing.calls
    assert call.said
    texts = "\n".join(store.turns.collect()["text"])
    assert all(sentence in texts for sentence in call.said)


# The mirror.


def test_the_mirror_follows(store: Warehouse, tmp_path: Path) -> None:
    fill(store)
    place = tmp_path / "mirror"
    place.mkdir()
    mirror(store, str(place))
    assert erase(store, "a").mirror == ""
    for path in place.rglob("*.parquet"):
        frame = pl.read_parquet(path)
        if "call_id" in frame.columns:
            assert "a" not in set(frame["call_id"]), path
    assert pl.read_parquet(place / "erasures" / "part-0.parquet")["searched_file_count"][0] > 0


def test_a_mirror_out_of_reach_is_said_and_followed_later(store: Warehouse, tmp_path: Path) -> None:
    fill(store)
    place = tmp_path / "mirror"
    place.mkdir()
    mirror(store, str(place))
    shutil.move(place, tmp_path / "away")
    done = erase(store, "a")
    assert "can't be brought in line" in done.mirror
    assert not done.is_whole
    waiting = journal.load(store.path)
    assert waiting is not None
    assert waiting.calls == ()
    assert done.proof is not None
    assert done.proof.holds  # here, nothing is left of it
    shutil.move(tmp_path / "away", place)
    with store.night_lock():
        assert carry_out(store, waiting, lambda erasing: Counter()).is_whole
    assert journal.load(store.path) is None
    assert "a" not in set(pl.read_parquet(place / "calls")["call_id"])
