"""The artifacts of each call: one small file per step, written whole or not at all.

They lie in `work/calls/<xx>/<source key>/` and are three things at once: the cache, the ledger of
what was done to a call, and the unit of erasure. The tables can be rebuilt from them alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from calls.call import Listening, Recording
from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.arrow import require_unique, to_arrow, to_rows
from warehouse.evolution import misfits, named_in, upgrade_all
from warehouse.files import sync_folder, write_whole
from warehouse.listenings import (
    ListeningHeader,
    listening_from_bytes,
    listening_header,
    listening_to_bytes,
)
from warehouse.rows import CallRows
from warehouse.schemas import CALL_TABLES, SCHEMA_FINGERPRINT
from warehouse.sources import recording_from_bytes, recording_to_bytes
from warehouse.streams import first_metadata, from_stream, to_stream

SOURCE = "source.json"
LISTENING = "listening.arrow"
READING = "reading.arrow"

_HEADER = b"nightcall.reading"
_Loaded = TypeVar("_Loaded")


@dataclass(frozen=True, slots=True)
class ReadingHeader:
    """What a reading was made from, without its rows.

    `schemas` are the schema versions of the tables that the rows were written under.
    """

    source_key: str
    call_id: str
    call_date: date
    revision: int
    made_from: str
    schemas: Mapping[str, int]

    @property
    def misfit(self) -> str:
        """Why the call must be read again before its rows fit the tables; empty when they do."""
        return misfits(CALL_TABLES, self.schemas)


@dataclass(frozen=True, slots=True)
class ArtifactStore:
    """The artifacts of one warehouse. Every `load_…` is None when there is nothing to load.

    Args:
        root: the warehouse folder.
    """

    root: Path

    def folder(self, key: str) -> Path:
        """Where the artifacts of that source key lie."""
        if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
            raise ValueError(f"Source key {key!r} is not 64 hex digits.")
        return self.root / "work" / "calls" / key[:2] / key

    def known_keys(self) -> Iterator[str]:
        """Every source key there is an artifact of, in order."""
        for shelf in sorted((self.root / "work" / "calls").glob("[0-9a-f][0-9a-f]")):
            yield from sorted(path.name for path in shelf.iterdir() if path.is_dir())

    def save_source(self, recording: Recording) -> None:
        """Returns when `source.json` holds the recording."""
        self._save(recording.key, SOURCE, recording_to_bytes(recording))

    def load_source(self, key: str) -> Recording | None:
        """The recording of that call."""
        return self._load(key, SOURCE, recording_from_bytes)

    def save_listening(self, key: str, listening: Listening) -> None:
        """Returns when `listening.arrow` holds what was heard."""
        self._save(key, LISTENING, listening_to_bytes(listening))

    def load_listening(self, key: str) -> Listening | None:
        """What was heard, exactly as saved."""
        return self._load(key, LISTENING, listening_from_bytes)

    def listening_header(self, key: str) -> ListeningHeader | None:
        """What that call's listening was made from; reads no words."""
        return self._load(key, LISTENING, listening_header, first_bytes=65_536)

    def heard_from(self, key: str) -> str | None:
        """The bytes that call's listening was made from; cheap, and None when there is none."""
        header = self.listening_header(key)
        return header.heard_from if header is not None else None

    def save_reading(self, rows: CallRows) -> None:
        """Returns when `reading.arrow` holds every row of the call.

        Raises:
            WarehouseDamaged: if a row does not fit its table; then nothing is written.
        """
        header = json.dumps(
            {
                "source_key": rows.source_key,
                "call_id": rows.call_id,
                "call_date": rows.call_date.isoformat(),
                "revision": rows.revision,
                "made_from": rows.made_from,
                "schemas": {name: spec.version for name, spec in CALL_TABLES.items()},
            }
        )
        for name, spec in CALL_TABLES.items():
            require_unique(spec, rows[name])
        tables = [to_arrow(spec, rows[name]) for name, spec in CALL_TABLES.items()]
        first = tables[0]
        tables[0] = first.replace_schema_metadata(
            {**first.schema.metadata, _HEADER: header.encode()}
        )
        self._save(rows.source_key, READING, to_stream(tables))

    def load_reading(self, key: str) -> CallRows | None:
        """Every row of the call, those of earlier versions brought up to date (`load_tables`).

        None if there is none, or the call must be read again. Only names that are no Unicode come
        back in the form tables hold (`calls.names`).
        """
        header = self.reading_header(key)
        if header is None or header.misfit:
            return None
        tables = self.load_tables(key)
        return CallRows(
            source_key=header.source_key,
            call_id=header.call_id,
            call_date=header.call_date,
            revision=header.revision,
            made_from=header.made_from,
            tables={name: to_rows(CALL_TABLES[name], table) for name, table in tables.items()},
        )

    def load_tables(self, key: str) -> dict[str, pa.Table]:
        """The rows of the call as Arrow tables, by name; for the publisher.

        What was read by an earlier version is brought up to date (`warehouse.evolution`).

        Raises:
            WarehouseDamaged: if there is no reading, or one that does not fit the tables.
        """
        where = _shown(self.folder(key) / READING)
        found = self._load(key, READING, _reading)
        if found is None:
            raise WarehouseDamaged(f"{where}: no reading. Read the call again: nightcall run")
        header, tables = found
        if len(tables) != len(header.schemas):
            raise WarehouseDamaged(
                f"{where}: {len(tables)} tables, {len(header.schemas)} expected. "
                "Read the call again: nightcall run"
            )
        return upgrade_all(tables, where)

    def has_reading(self, key: str) -> bool:
        """True when the call was read already, under whatever schemas."""
        return (self.folder(key) / READING).is_file()

    def reading_header(self, key: str) -> ReadingHeader | None:
        """What the reading was made from; reads no rows."""
        return self._load(key, READING, _header, first_bytes=65_536)

    def remove_reading(self, key: str) -> None:
        """Returns when that call has no reading; its other artifacts stay."""
        folder = self.folder(key)
        if self.has_reading(key):
            (folder / READING).unlink(missing_ok=True)
            sync_folder(folder)

    def remove(self, key: str) -> bool:
        """True when there were artifacts of that call; now there are none."""
        folder = self.folder(key)
        if not folder.is_dir():
            return False
        shutil.rmtree(folder)
        sync_folder(folder.parent)
        return True

    def _save(self, key: str, name: str, data: bytes) -> None:
        write_whole(self.folder(key) / name, data, staging=layout.unfinished(self.root))

    def _load(
        self,
        key: str,
        name: str,
        read: Callable[[bytes], _Loaded],
        *,
        first_bytes: int | None = None,
    ) -> _Loaded | None:
        path = self.folder(key) / name
        try:
            with path.open("rb") as file:
                start = file.read(first_bytes)
                try:
                    return read(start)
                except pa.ArrowInvalid:
                    if first_bytes is None:
                        raise
                    return read(start + file.read())  # a header longer than most
        except FileNotFoundError:
            return None
        except Exception as error:  # whatever it trips over, a file that can't be read is damaged
            # Not the error's own text: it may quote what was said.
            raise WarehouseDamaged(
                f"{_shown(path)}: can't be read ({type(error).__name__}). Remove the file; the "
                "next night makes it again."
            ) from error


def _shown(path: Path) -> str:
    """An artifact as messages name it: the first digits of the key, and the file."""
    return f"artifact {path.parent.name[:12]}…/{path.name}"


def _header(data: bytes) -> ReadingHeader:
    facts = json.loads(first_metadata(data)[_HEADER])
    facts["call_date"] = date.fromisoformat(facts["call_date"])
    if isinstance(facts["schemas"], str):
        facts["schemas"] = _versions(facts["schemas"], data)
    return ReadingHeader(**facts)


def _reading(data: bytes) -> tuple[ReadingHeader, list[pa.Table]]:
    """What the reading was made from, and its tables as they were saved."""
    first, *others = from_stream(data)
    metadata = dict(first.schema.metadata)
    del metadata[_HEADER]
    return _header(data), [first.replace_schema_metadata(metadata), *others]


def _versions(fingerprint: str, data: bytes) -> dict[str, int]:
    """The schema versions in a reading whose header has only a fingerprint of them, as at first."""
    if fingerprint == SCHEMA_FINGERPRINT:
        return {name: spec.version for name, spec in CALL_TABLES.items()}
    return dict(filter(None, (named_in(table.schema.metadata) for table in from_stream(data))))
