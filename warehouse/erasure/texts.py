"""The texts in the files of a warehouse, whatever their form: what a search can be made in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse import layout
from warehouse.erasure.needles import RAW
from warehouse.streams import from_stream

CHUNK_BYTES = 8 << 20
OVERLAP_BYTES = 1 << 12
"""Longer than anything looked for, in bytes: nothing is cut by the end of a chunk."""

DAMAGE = (pa.ArrowException, ValueError, OSError)
"""What reading a damaged file raises."""

_OWNER = "source_key"


@dataclass(frozen=True, slots=True)
class Texts:
    """Some texts of one file.

    Args:
        path: the file, relative to the warehouse folder.
        column: the column or JSON key they stand in; `RAW` for bytes.
        values: the texts.
        owner: source key of the call they belong to, where all belong to one.
        rows: of each text, the source keys of the rows it stands in, where those may differ.
    """

    path: str
    column: str
    values: pa.Array
    owner: str | None = None
    rows: _Rows | None = None

    def owners(self, at: int) -> set[str | None]:
        """The source keys of the calls that the text of that place belongs to."""
        return self.rows.owners(at) if self.rows is not None else {self.owner}


@dataclass(frozen=True, slots=True)
class _Rows:
    """Which rows each distinct text of a column stands in, and whose they are."""

    places: pa.Array
    keys: pa.ChunkedArray

    def owners(self, at: int) -> set[str | None]:
        mine = pc.equal(self.places, pa.scalar(at, self.places.type))
        return set(self.keys.filter(mine).unique().to_pylist())


def files_of(root: Path) -> Iterator[Path]:
    """Every file below a warehouse folder but those the erasure itself needs."""
    own = {layout.erasing(root), layout.erasure_key(root)}
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = Path(folder) / name
            if path not in own:
                yield path


def texts_of(root: Path, path: Path) -> Iterable[Texts]:
    """All texts of a file, its own name first.

    Files of one call are read at once, those that may be large piece by piece.

    Raises:
        DAMAGE: the file can't be read; only its bytes can be searched.
    """
    shown = path.relative_to(root).as_posix()
    owner = _owner_of(path, root)
    name = Texts(shown, RAW, _texts([shown]), owner)
    if path.suffix == ".arrow":
        return [name, *_in_stream(path.read_bytes(), shown, owner)]
    if path.suffix in (".json", ".jsonl"):
        return [name, *_in_json(path.read_bytes(), shown, owner)]
    if path.suffix == ".parquet":
        return chain([name], _in_parquet(path, shown))
    return chain([name], _in_bytes(path, shown, owner))


def bytes_of(root: Path, path: Path) -> Iterable[Texts]:
    """A file's bytes as they are."""
    shown = path.relative_to(root).as_posix()
    return _in_bytes(path, shown, _owner_of(path, root))


def _owner_of(path: Path, root: Path) -> str | None:
    """The source key of the call that an artifact belongs to."""
    parts = path.relative_to(root).parts
    return parts[3] if parts[:2] == ("work", "calls") and len(parts) > 4 else None


def _in_parquet(path: Path, shown: str) -> Iterator[Texts]:
    """The distinct texts of each column, group by group, and what the footer says."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 8))
        footer = int.from_bytes(file.read(4), "little")
        file.seek(max(0, size - 8 - footer))
        yield Texts(shown, RAW, _texts([file.read(footer).decode("latin-1")]))
        schema = pq.read_schema(file)
        columns = [one.name for one in schema if pa.types.is_string(one.type)]
        reader = pq.ParquetFile(file, read_dictionary=columns)
        for group in range(reader.num_row_groups):
            table = reader.read_row_group(group, columns=columns, use_threads=False)
            for column in columns:
                distinct = table[column].unify_dictionaries().combine_chunks()
                rows = None
                if _OWNER in columns:
                    rows = _Rows(distinct.indices, table[_OWNER])
                yield Texts(shown, column, distinct.dictionary, rows=rows)


def _in_stream(data: bytes, shown: str, owner: str | None) -> Iterator[Texts]:
    """The texts of artifacts. Single words of a listening are not looked at: its text has them."""
    for table in from_stream(data):
        facts = [value.decode("utf-8", "replace") for value in _metadata(table)]
        yield Texts(shown, "metadata", _texts(facts), owner)
        for field in table.schema:
            if pa.types.is_string(field.type):
                yield Texts(shown, field.name, table[field.name].combine_chunks(), owner)


def _metadata(table: pa.Table) -> list[bytes]:
    return list((table.schema.metadata or {}).values())


def _in_json(data: bytes, shown: str, owner: str | None) -> Iterator[Texts]:
    """The texts in one JSON value, or in one per line."""
    is_lines = shown.endswith(".jsonl")
    lines = data.splitlines() if is_lines else [data]
    by_key: dict[str, list[str]] = {}
    for line in lines:
        for key, text in _strings("", json.loads(line)):
            by_key.setdefault(key, []).append(text.encode("utf-8", "backslashreplace").decode())
    for key, texts in by_key.items():
        yield Texts(shown, key, _texts(texts), owner)


def _strings(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value with the key it stands under; keys are texts too."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield "key", name
            yield from _strings(name, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(key, inner)


def _in_bytes(path: Path, shown: str, owner: str | None) -> Iterator[Texts]:
    """The bytes of a file, each as one character."""
    with path.open("rb") as file:
        before = b""
        while block := file.read(CHUNK_BYTES):
            data = before + block
            yield Texts(shown, RAW, _texts([data.decode("latin-1")]), owner)
            before = data[-OVERLAP_BYTES:]


def _texts(values: list[str]) -> pa.Array:
    return pa.array(values, pa.string())
