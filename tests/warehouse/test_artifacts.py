from __future__ import annotations

import dataclasses
import json
import os
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.call import (
    AudioFacts,
    ChannelLayout,
    Listening,
    Recording,
    Source,
    SourceKind,
    StartedAtSource,
)
from calls.errors import WarehouseDamaged
from calls.labels import Role
from calls.metadata import CallMetadata
from calls.quality import TranscriptQuality
from calls.transcript import Engine, Transcript, TranscriptOrigin, Utterance, Word
from tests.warehouse.builders import START, key_of, recording, rows_of
from tests.warehouse.newer import newer_nightcall, without_column
from warehouse import SCHEMA_FINGERPRINT, Warehouse, artifacts
from warehouse import listenings as listenings_file
from warehouse.artifacts import ArtifactStore
from warehouse.listenings import listening_from_bytes, listening_header, listening_to_bytes
from warehouse.schemas import CALL_TABLES
from warehouse.sources import recording_from_bytes, recording_to_bytes
from warehouse.streams import from_stream, to_stream

KEY = key_of("a")
HEARD = Listening(
    AudioFacts(1.0, 1, ChannelLayout.MONO),
    Transcript(
        (Utterance(0.0, 1.0, "hello there", words=(Word("hello", 0.0, 0.5),)),),
        TranscriptOrigin(Engine.WHISPER, "m"),
        None,
        "unknown",
    ),
    "these bytes",
)

seconds = st.floats(0, 1e5, allow_nan=False)
text = st.text(max_size=20)
maybe = lambda one: st.none() | one  # noqa: E731


@st.composite
def spans(draw: st.DrawFn) -> tuple[float, float]:
    first, second = sorted((draw(seconds), draw(seconds)))
    return first, second


@st.composite
def words(draw: st.DrawFn) -> Word:
    return Word(draw(text), *draw(spans()), draw(maybe(st.floats(0, 1))))


@st.composite
def utterances(draw: st.DrawFn) -> Utterance:
    return Utterance(
        *draw(spans()),
        draw(text),
        draw(maybe(st.integers(0, 31))),
        draw(maybe(text)),
        tuple(draw(st.lists(words(), max_size=4))),
        draw(text),
    )


values = text | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.booleans()
listenings = st.builds(
    Listening,
    audio=st.builds(
        AudioFacts,
        duration_s=seconds,
        channel_count=st.integers(0, 8),
        layout=st.sampled_from(ChannelLayout),
        sample_rate_hz=maybe(st.integers(1, 192_000)),
        codec=maybe(text),
        container=maybe(text),
        speech_s=st.lists(seconds, max_size=2).map(tuple),
        dead_channels=st.lists(st.integers(0, 3), max_size=2).map(tuple),
        copied_channels=st.lists(st.integers(0, 3), max_size=2).map(tuple),
        truncated=st.booleans(),
        notes=st.lists(text, max_size=2).map(tuple),
    ),
    transcript=st.builds(
        Transcript,
        utterances=st.lists(utterances(), max_size=4).map(tuple),
        origin=st.builds(
            TranscriptOrigin,
            engine=st.sampled_from(Engine),
            model=text,
            revision=text,
            compute_type=text,
            options=st.dictionaries(text, maybe(values), max_size=3),
        ),
        language=maybe(text),
        language_source=text,
        notes=st.lists(text, max_size=2).map(tuple),
        quality=maybe(
            st.builds(
                TranscriptQuality,
                speech_s=seconds,
                transcribed_s=seconds,
                chunks=st.integers(0, 999),
                suspicions=st.dictionaries(text, st.integers(0, 99), max_size=3),
            )
        ),
        redacted=maybe(st.dictionaries(text, st.integers(0, 99), max_size=3)),
        duration_s=maybe(seconds),
    ),
    heard_from=text,
    redaction=text,
)

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=offsets)
names = st.text(string.ascii_letters + " é/.", min_size=1, max_size=12).filter(str.strip)
recordings = st.builds(
    Recording,
    key=st.just(KEY),
    call_id=names,
    sources=st.lists(
        st.builds(
            Source,
            name=text,
            kind=st.sampled_from(SourceKind),
            sha256=text,
            size_bytes=st.integers(0, 2**40),
            modified_at=instants,
            role=maybe(st.sampled_from(Role)),
            participant=maybe(st.integers(0, 5)),
        ),
        max_size=3,
    ).map(tuple),
    metadata=st.builds(
        CallMetadata,
        started_at=maybe(instants),
        account=maybe(names),
        direction=st.sampled_from(["inbound", "outbound", None]),
        participants=st.lists(
            st.fixed_dictionaries({"name": names, "role": st.sampled_from(Role)}), max_size=2
        ),
        replaces=st.booleans(),
    ),
    started_at=instants,
    started_at_source=st.sampled_from(StartedAtSource),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(listening=listenings)
def test_listening_comes_back_exactly(listening: Listening) -> None:
    assert listening_from_bytes(listening_to_bytes(listening)) == listening


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(one=recordings)
def test_recording_comes_back_exactly(one: Recording) -> None:
    assert recording_from_bytes(recording_to_bytes(one)) == one


def test_what_is_saved_is_what_loads(store: Warehouse) -> None:
    save_all(store)
    assert store.artifacts.load_source(KEY) == recording("a")
    assert store.artifacts.load_listening(KEY) == HEARD
    assert store.artifacts.heard_from(KEY) == "these bytes"
    assert store.artifacts.listening_header(KEY)


def test_a_listening_of_an_unknown_format_is_heard_anew(
    store: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listenings_file, "FORMAT_VERSION", "99")
    save_all(store)
    assert store.artifacts.load_listening(KEY) is None
    assert store.artifacts.heard_from(KEY) is None


def test_a_listening_of_the_first_format_can_still_be_read() -> None:
    # Written by hand as version 1 wrote it: without doubts, quality, redaction, length and copies.
    table, *_ = from_stream(listening_to_bytes(HEARD))
    facts = json.loads(table.schema.metadata[b"nightcall.listening"])
    for name in ("quality", "redacted", "redaction", "duration_s"):
        del facts[name]
    del facts["audio"]["copied_channels"]
    metadata = {b"nightcall.format": b"1", b"nightcall.listening": json.dumps(facts).encode()}
    old = to_stream([table.drop(["doubt"]).replace_schema_metadata(metadata)])
    assert listening_from_bytes(old) == HEARD
    header = listening_header(old)
    assert header is not None
    assert (header.heard_from, header.redaction) == ("these bytes", "")


def test_a_header_is_read_however_long_it_is(store: Warehouse) -> None:
    notes = tuple(f"note {number}, and more words to it" for number in range(9000))
    long = replace(HEARD, transcript=replace(HEARD.transcript, notes=notes))
    store.artifacts.save_listening(KEY, long)
    assert store.artifacts.heard_from(KEY) == "these bytes"
    assert store.artifacts.load_listening(KEY) == long


@pytest.mark.parametrize("options", [{}, {"count": 0, "moments": 0}, {"revision": 9, "days": 40}])
def test_reading_comes_back_exactly(store: Warehouse, options: dict[str, int]) -> None:
    rows = rows_of("a", **options)
    store.artifacts.save_reading(rows)
    assert store.artifacts.load_reading(KEY) == rows


def test_reading_header_says_what_it_was_made_from(store: Warehouse) -> None:
    rows = rows_of("a", revision=3, made_from="abc")
    store.artifacts.save_reading(rows)
    header = store.artifacts.reading_header(KEY)
    assert header is not None
    assert (header.made_from, header.call_date, header.revision, header.call_id) == (
        "abc",
        START.date(),
        3,
        "a",
    )
    assert header.schemas == {name: spec.version for name, spec in CALL_TABLES.items()}


def test_what_is_absent_loads_as_none(store: Warehouse) -> None:
    assert store.artifacts.load_source(KEY) is None
    assert store.artifacts.load_listening(KEY) is None
    assert store.artifacts.heard_from(KEY) is None
    assert store.artifacts.load_reading(KEY) is None
    assert store.artifacts.reading_header(KEY) is None
    assert not store.artifacts.listening_header(KEY)
    assert list(store.artifacts.known_keys()) == []


def save_all(store: Warehouse) -> dict[str, Path]:
    store.artifacts.save_source(recording("a"))
    store.artifacts.save_listening(KEY, HEARD)
    store.artifacts.save_reading(rows_of("a"))
    return {path.name: path for path in store.artifacts.folder(KEY).iterdir()}


LOADERS = {
    "source.json": ArtifactStore.load_source,
    "listening.arrow": ArtifactStore.load_listening,
    "reading.arrow": ArtifactStore.load_reading,
}


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("cut", [0.0, 0.3, 0.9, 0.99, "end mark"])
def test_a_cut_off_artifact_is_damage_not_a_shorter_call(
    store: Warehouse, name: str, cut: float | str
) -> None:
    path = save_all(store)[name]
    data = path.read_bytes()
    # Without its end mark alone, Arrow would take the file for complete.
    length = len(data) - 8 if isinstance(cut, str) else int(len(data) * cut)
    path.write_bytes(data[:length])
    with pytest.raises(WarehouseDamaged, match=rf"artifact {KEY[:12]}…/{name}: .*"):
        LOADERS[name](store.artifacts, KEY)


@pytest.mark.parametrize("name", LOADERS)
def test_an_artifact_of_something_else_is_damage(store: Warehouse, name: str) -> None:
    save_all(store)[name].write_bytes(b'{"a": 1}')
    with pytest.raises(WarehouseDamaged, match="can't be read"):
        LOADERS[name](store.artifacts, KEY)


EVERY_LOADER = {
    **LOADERS,
    "heard_from": ArtifactStore.heard_from,
    "reading_header": ArtifactStore.reading_header,
    "load_tables": ArtifactStore.load_tables,
}
WITHOUT_METADATA = to_stream([pa.table({"a": [1]})])
ONE_TABLE = len(WITHOUT_METADATA)


@pytest.mark.parametrize("loader", EVERY_LOADER)
@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b'"text"', b'{"key": []}', WITHOUT_METADATA, WITHOUT_METADATA * 6],
    ids=["empty", "null", "list", "text", "object", "other table", "other tables"],
)
def test_whatever_lies_there_instead_is_damage(store: Warehouse, loader: str, data: bytes) -> None:
    for path in save_all(store).values():
        path.write_bytes(data)
    is_listening = loader == "heard_from" or (loader, len(data)) == ("listening.arrow", ONE_TABLE)
    if is_listening and data.startswith(WITHOUT_METADATA):
        assert EVERY_LOADER[loader](store.artifacts, KEY) is None  # of another format: heard anew
        return
    with pytest.raises(WarehouseDamaged, match=rf"artifact {KEY[:12]}…/"):
        EVERY_LOADER[loader](store.artifacts, KEY)


def test_an_artifact_that_can_not_be_opened_is_damage(store: Warehouse) -> None:
    path = save_all(store)["source.json"]
    path.unlink()
    path.mkdir()
    with pytest.raises(WarehouseDamaged, match="IsADirectoryError"):
        store.artifacts.load_source(KEY)


def test_a_file_name_that_is_no_unicode_comes_back(store: Warehouse) -> None:
    before = recording("a")
    source = dataclasses.replace(before.sources[0], name=os.fsdecode(b"caf\xe9.wav"))
    before = dataclasses.replace(before, sources=(source,))
    store.artifacts.save_source(before)
    assert store.artifacts.load_source(KEY) == before


def test_a_damage_message_does_not_quote_the_artifact(store: Warehouse) -> None:
    save_all(store)["source.json"].write_text('{"key": "secret"}')
    with pytest.raises(WarehouseDamaged) as error:
        store.artifacts.load_source(KEY)
    assert "secret" not in str(error.value)


def test_a_reading_with_rows_that_do_not_fit_is_not_written(store: Warehouse) -> None:
    rows = rows_of("a")
    twice = dataclasses.replace(
        rows, tables={**rows.tables, "moments": (*rows["moments"], rows["moments"][0])}
    )
    with pytest.raises(WarehouseDamaged, match="repeat a key"):
        store.artifacts.save_reading(twice)
    assert store.artifacts.load_reading(KEY) is None


def test_a_reading_whose_columns_do_not_fit_must_be_made_again(store: Warehouse) -> None:
    store.artifacts.save_reading(rows_of("a"))
    with newer_nightcall({"turns": without_column(CALL_TABLES["turns"], "doubt")}):
        assert store.artifacts.load_reading(KEY) is None
        header = store.artifacts.reading_header(KEY)
        assert header is not None
        assert "Read the calls again" in header.misfit
        with pytest.raises(WarehouseDamaged, match="it can be read from version 3 on"):
            store.artifacts.load_tables(KEY)


@pytest.mark.parametrize("header", ["versions", "fingerprint"])
def test_a_reading_of_an_earlier_version_is_brought_up_to_date(
    store: Warehouse, header: str
) -> None:
    rows = rows_of("a")
    store.artifacts.save_reading(rows)
    if header == "fingerprint":  # as the first headers had it
        write_header(store, {"schemas": SCHEMA_FINGERPRINT})
    assert store.artifacts.load_reading(KEY) == rows
    with newer_nightcall(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(artifacts, "SCHEMA_FINGERPRINT", "another")
        tables = store.artifacts.load_tables(KEY)
        assert list(tables) == list(CALL_TABLES)
        assert tables["objections"].num_rows == 0
        assert tables["turns"]["mood"].null_count == len(rows["turns"])
        older = [
            (one["speaker"], one["measure"])
            for one in tables["measure_states"].to_pylist()
            if "older version" in one["reason"]
        ]
        assert sorted(older, key=repr) == [
            ("ch0", "warmth_ratio"),
            ("ch1", "warmth_ratio"),
            (None, "laugh_count"),
        ]
        loaded = store.artifacts.load_reading(KEY)
        assert loaded is not None
        assert len(loaded["measure_states"]) == len(rows["measure_states"]) + 3


def test_a_reading_that_lacks_a_table_is_damage(store: Warehouse) -> None:
    store.artifacts.save_reading(rows_of("a"))
    write_header(store, {}, tables=-1)
    with pytest.raises(WarehouseDamaged, match=r"reading.arrow: 9 tables, 10 expected"):
        store.artifacts.load_tables(KEY)


def test_a_reading_with_one_table_twice_is_damage(store: Warehouse) -> None:
    store.artifacts.save_reading(rows_of("a"))
    path = store.artifacts.folder(KEY) / "reading.arrow"
    tables = from_stream(path.read_bytes())
    path.write_bytes(to_stream([*tables[:-1], tables[1]]))
    with pytest.raises(WarehouseDamaged, match="holds table turns twice"):
        store.artifacts.load_tables(KEY)


def write_header(store: Warehouse, facts: dict[str, object], tables: int | None = None) -> None:
    """Changes what the reading says about itself, and how many tables it has."""
    path = store.artifacts.folder(KEY) / "reading.arrow"
    first, *others = from_stream(path.read_bytes())
    metadata = first.schema.metadata
    header = {**json.loads(metadata[b"nightcall.reading"]), **facts}
    first = first.replace_schema_metadata(
        {**metadata, b"nightcall.reading": json.dumps(header).encode()}
    )
    path.write_bytes(to_stream([first, *others][:tables]))


def test_remove_leaves_nothing(store: Warehouse) -> None:
    save_all(store)
    assert list(store.artifacts.known_keys()) == [KEY]
    assert store.artifacts.remove(KEY)
    assert not store.artifacts.remove(KEY)
    assert list(store.artifacts.known_keys()) == []
    assert not store.artifacts.folder(KEY).exists()


@pytest.mark.parametrize("key", ["", "a" * 63, "../" + "a" * 61, "A" * 64])
def test_a_key_that_is_none_reaches_no_folder(store: Warehouse, key: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits"):
        store.artifacts.folder(key)


def test_a_failed_write_keeps_what_was_there(
    store: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.artifacts.save_source(recording("a"))
    before = store.artifacts.load_source(KEY)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("warehouse.files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.artifacts.save_source(recording("a", account="Other", started_at=datetime.now(UTC)))
    monkeypatch.undo()
    assert store.artifacts.load_source(KEY) == before
    assert list((store.path / "work" / "unfinished").iterdir()) == []
