"""File names that are no UTF-8 go through every record, and are text in every table."""

from __future__ import annotations

import os
from dataclasses import replace

from tests.warehouse.builders import START, attributed, key_of, land, reading
from warehouse import QuarantineRecord, SeenFile, Warehouse, call_rows

NAME = os.fsdecode(b"caf\xe9.wav")
LOOKS_ALIKE = r"caf\xe9.wav"


def test_seen_files_keep_their_names(store: Warehouse) -> None:
    files = [SeenFile(name, 1, 2, "ab", None) for name in (NAME, LOOKS_ALIKE, "plain.wav")]
    store.seen.save(files)
    assert store.seen.load() == {one.name: one for one in files}


def test_quarantine_keeps_the_name(store: Warehouse) -> None:
    record = QuarantineRecord(NAME, "1", "EmptyFile", f"{NAME}: is empty.", 1, START, START)
    store.quarantine.put(record)
    assert store.quarantine.get(NAME) == record
    assert store.quarantine.all() == [record]
    assert store.quarantine.remove(NAME)


def test_the_tables_show_the_name_and_what_landed_knows_it(store: Warehouse) -> None:
    call = attributed("a")
    source = replace(call.recording.sources[0], name=NAME)
    rows = call_rows(
        replace(call, recording=replace(call.recording, sources=(source,))),
        reading(),
        revision=1,
        made_from="v1",
        time_zone="UTC",
        listen_version="listen-1",
        attribution_version="attr-1",
    )
    land(store, rows)
    assert store.calls.collect()["recording"].to_list() == [r"caf\xe9.wav"]
    assert store.landed()[key_of("a")].recording == NAME
    assert store.artifacts.load_reading(key_of("a")) is not None
