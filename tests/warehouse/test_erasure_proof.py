"""The search after an erasure: it finds what is planted anywhere, and takes nothing else for it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pyarrow.parquet as pq
import pytest

from calls.call import AudioFacts, ChannelLayout, Listening
from calls.transcript import Engine, Transcript, TranscriptOrigin, Utterance
from tests.warehouse.builders import (
    coaching_row,
    key_of,
    land,
    night_row,
    night_start,
    recording_row,
    rows_of,
)
from warehouse import Warehouse
from warehouse.erasure.journal import CallToErase, Erasing, Order
from warehouse.erasure.needles import Needle, What, longest_sentences
from warehouse.erasure.proof import Proof, prove
from warehouse.erasure.target import Target
from warehouse.erasure.texts import CHUNK_BYTES
from warehouse.schemas import MomentRow, TurnRow

SAID = "The lock gates were last painted in the year of the flood."
MORE = "Nobody has looked at the pumps since old Mr Tanner retired."
GONE = key_of("gone")
TARGET = Target("e-1", ("GONE-77",), (GONE,), (key_of("side"),), ("calls/gone call.wav",))
CALL = CallToErase(TARGET, names=TARGET.names, said=(SAID, MORE))
EMAIL = "Jane@Acme.example"


def proof_of(store: Warehouse, call: CallToErase = CALL, email: str | None = None) -> Proof:
    order = Order("call", None, None, datetime.now(UTC), email)
    return prove(store.path, Erasing(order, (call,)))


def found(store: Warehouse, call: CallToErase = CALL, email: str | None = None) -> list[str]:
    return [str(one.what) for one in proof_of(store, call, email).findings]


def listening(*texts: str) -> Listening:
    said = tuple(Utterance(at, at + 1.0, text) for at, text in enumerate(texts))
    origin = TranscriptOrigin(Engine.IMPORTED, "vtt")
    return Listening(AudioFacts(9.0, 0, ChannelLayout.NONE), Transcript(said, origin, None, ""))


@pytest.fixture
def others(store: Warehouse) -> Warehouse:
    """Two calls that have nothing to do with the one that is gone."""
    land(store, rows_of("a"), rows_of("b", days=1))
    store.artifacts.save_listening(key_of("a"), listening("Good morning to you all."))
    store.ledger.begin(night_start())
    store.ledger.append([recording_row("a.wav")])
    store.ledger.end(night_row())
    store.publish_nights()
    return store


def in_database(store: Warehouse, text: str) -> None:
    path = store.path / "state" / "prefect" / "prefect.db"
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE log (message TEXT)")
        database.execute("INSERT INTO log VALUES (?)", (text,))
    database.close()


def in_a_deep_file(store: Warehouse, text: str) -> None:
    """Across the end of a chunk of a file of no known form."""
    data = b"\0" * (CHUNK_BYTES - 20) + text.encode() + b"\0" * 100
    (store.path / "state" / "stray.bin").write_bytes(data)


def in_coaching(store: Warehouse, text: str) -> None:
    store.entries("coaching").add([coaching_row(practice=f"Do not say: {text}", source_key=None)])
    store.publish_entries()


def in_a_quotation(store: Warehouse, text: str) -> None:
    rows = rows_of("c", days=2)
    moments = tuple(replace(one, better_move=text) for one in rows["moments"])
    land(store, replace(rows, tables={**rows.tables, "moments": moments}))


def in_a_night(store: Warehouse, text: str) -> None:
    store.ledger.append([recording_row("b.wav", message=f"{text!r}")])


def in_an_artifact(store: Warehouse, text: str) -> None:
    path = store.artifacts.folder(key_of("a")) / "notes.json"
    path.write_text(json.dumps({"deep": [{"text": text}]}))


def in_a_table_file(store: Warehouse, text: str) -> None:
    path = store.path / "tables" / "reviews" / "part-0.parquet"
    frame = pl.DataFrame({"n": range(100), "text": [text if n == 57 else None for n in range(100)]})
    frame.write_parquet(path, row_group_size=10)


def in_metadata(store: Warehouse, text: str) -> None:
    path = store.path / "tables" / "reviews" / "part-0.parquet"
    pl.DataFrame({"n": [1]}).write_parquet(path, metadata={"note": text})


PLACES = (
    in_database,
    in_a_deep_file,
    in_coaching,
    in_a_quotation,
    in_a_night,
    in_an_artifact,
    in_a_table_file,
    in_metadata,
)


def test_where_nothing_is_nothing_is_found(others: Warehouse) -> None:
    proof = proof_of(others)
    assert proof.holds
    files = sum(1 for path in others.path.rglob("*") if path.is_file())
    assert proof.file_count == files
    one_each = dict.fromkeys((What.KEY, What.HASH, What.CALL_ID, What.NAME), 1)
    assert proof.looked_for == {**one_each, What.SAID: 2}


@pytest.mark.parametrize("plant", PLACES)
@pytest.mark.parametrize(
    ("text", "what"),
    [(SAID, What.SAID), (GONE, What.KEY), (TARGET.hashes[0], What.HASH)],
    ids=["sentence", "key", "hash"],
)
def test_whatever_is_planted_is_found(
    others: Warehouse, plant: Callable[[Warehouse, str], None], text: str, what: What
) -> None:
    plant(others, text)
    assert set(found(others)) == {what}


@pytest.mark.parametrize("plant", PLACES)
def test_a_sentence_in_other_letters_is_found_too(
    others: Warehouse, plant: Callable[[Warehouse, str], None]
) -> None:
    plant(others, SAID.upper())
    assert set(found(others)) == {What.SAID}


@pytest.mark.parametrize("plant", [in_a_night, in_an_artifact, in_coaching])
@pytest.mark.parametrize("text", ["GONE-77", "calls/gone call.wav"])
def test_ids_and_names_are_found_where_they_are_quoted(
    others: Warehouse, plant: Callable[[Warehouse, str], None], text: str
) -> None:
    plant(others, repr(text))
    assert found(others)


def test_a_file_named_after_the_call_is_found(others: Warehouse) -> None:
    (others.path / "work" / f"{GONE}.bak").touch()
    assert found(others) == [What.KEY]


def test_an_email_is_found_in_any_case_but_not_with_the_entries_about_a_rep(
    others: Warehouse,
) -> None:
    others.entries("coaching").add([coaching_row(rep_id=EMAIL.lower(), source_key=None)])
    others.publish_entries()
    assert found(others, email=EMAIL) == []
    in_an_artifact(others, f"write to {EMAIL.upper()} please")
    assert found(others, email=EMAIL) == [What.EMAIL]


# What is no finding.


def says(store: Warehouse, name: str, *texts: str) -> None:
    """Lands a call on which that is said."""
    rows = rows_of(name, days=3)
    turns = list(rows["turns"])
    for at, text in enumerate(texts):
        first = turns[at]
        assert isinstance(first, TurnRow)
        turns[at] = replace(first, text=text)
    land(store, replace(rows, tables={**rows.tables, "turns": tuple(turns)}))
    store.artifacts.save_listening(key_of(name), listening(*texts))


def test_what_another_call_says_itself_is_its_own(others: Warehouse) -> None:
    says(others, "c", SAID)
    proof = proof_of(others)
    assert proof.holds
    assert proof.alike == ()


def test_another_call_that_says_several_of_the_sentences_is_named(others: Warehouse) -> None:
    """A second recording of the same conversation, perhaps."""
    says(others, "c", f"Well. {SAID}", MORE)
    proof = proof_of(others)
    assert proof.holds
    assert proof.alike == (key_of("c"),)


def test_its_own_sentence_does_not_excuse_a_quotation_of_another(others: Warehouse) -> None:
    says(others, "c", SAID)
    rows = rows_of("d", days=3)
    moments = tuple(replace(one, better_move=SAID) for one in rows["moments"])
    land(others, replace(rows, tables={**rows.tables, "moments": moments}))
    assert set(found(others)) == {What.SAID}


def test_a_footer_may_repeat_what_a_row_of_its_file_says(others: Warehouse) -> None:
    """As in the files of an earlier version, which has the smallest and largest texts there."""
    says(others, "c", SAID)
    for path in (others.path / "tables" / "turns").rglob("*.parquet"):
        pq.write_table(pq.ParquetFile(path).read(), path, row_group_size=1)
    assert proof_of(others).holds


@pytest.mark.parametrize(("named", "findings"), [("c", set()), ("b", {What.SAID})])
def test_a_quotation_from_a_call_that_stays_and_says_it_is_no_finding(
    others: Warehouse, named: str, findings: set[What]
) -> None:
    says(others, "c", SAID)
    rows = rows_of("d", days=3)
    source = f"an earlier call ({named}), 00:12"
    moments = tuple(
        replace(one, known_answer=f"'{SAID}'", known_source=source)
        for one in rows["moments"]
        if isinstance(one, MomentRow)
    )
    land(others, replace(rows, tables={**rows.tables, "moments": moments}))
    assert set(found(others)) == findings


@pytest.mark.parametrize(
    "text", ["GONE-778", "BE-GONE-77", "GONE-77.5", "my calls/gone call.wav", "gone call.wav"]
)
def test_longer_ids_and_other_names_are_not_the_call(others: Warehouse, text: str) -> None:
    in_an_artifact(others, text)
    assert found(others) == []


def test_a_short_id_counts_only_as_an_id_or_in_quotes(others: Warehouse) -> None:
    call = CallToErase(Target("e-1", ("7",), (GONE,)))
    in_an_artifact(others, "we have 7 hotels (and 77 more), 7")
    assert found(others, call) == []
    in_a_night(others, "7")
    assert found(others, call) == [What.CALL_ID]
    others.ledger.append([recording_row("z.wav", call_id="7", message=None)])
    assert found(others, call) == [What.CALL_ID]


def test_a_short_id_is_found_in_a_column_of_ids(others: Warehouse) -> None:
    call = CallToErase(Target("e-1", ("a",), (GONE,)))
    assert What.CALL_ID in found(others, call)
    assert found(others, CallToErase(Target("e-1", ("word0",), (GONE,)))) == []


# Damage.


def test_a_file_that_can_not_be_read_is_no_proof_and_its_bytes_are_searched(
    others: Warehouse,
) -> None:
    path = others.path / "tables" / "reviews" / "part-0.parquet"
    path.write_bytes(b"no parquet, but " + GONE.encode())
    proof = proof_of(others)
    assert proof.unreadable == ("tables/reviews/part-0.parquet",)
    assert [one.what for one in proof.findings] == [What.KEY]
    assert not proof.holds


def test_findings_name_the_file_and_never_the_words(others: Warehouse) -> None:
    in_an_artifact(others, SAID)
    (finding,) = proof_of(others).findings
    assert finding.path.endswith("notes.json")
    assert "flood" not in repr(finding)


# Needles.


def test_the_longest_sentences_are_looked_for() -> None:
    texts = ["Yes. No. " + SAID, "Short one here now?", MORE, "word " * 200, SAID]
    first, *others = longest_sentences(texts)
    assert first == ("word " * 200)[:160].strip()
    assert others == [MORE, SAID, "Short one here now?"]
    assert longest_sentences(["Hm.", "", "Yes!"]) == ()


@pytest.mark.parametrize(
    ("call_id", "is_distinctive"),
    [
        ("A-1042", True),
        ("rec-0123456789abcdef", True),
        ("room42", True),
        ("7", False),
        ("A-1", False),
        ("harbour", False),
    ],
)
def test_an_id_is_distinctive_if_it_is_long_and_no_mere_word(
    call_id: str, *, is_distinctive: bool
) -> None:
    assert Needle(What.CALL_ID, call_id, "e").is_distinctive == is_distinctive
