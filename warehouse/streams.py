"""Several Arrow tables in one file: IPC streams, one after the other."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pyarrow as pa

# An artifact has a hundred small buffers. Measured on a call of 200 turns: LZ4 on one thread writes
# in 0.4 ms and reads in 0.3 ms; with Arrow's thread pool 1.6 and 1.3 ms, Zstandard 3 and 3 ms.
_WRITE = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_READ = pa.ipc.IpcReadOptions(use_threads=False)
_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"


def to_stream(tables: Sequence[pa.Table]) -> bytes:
    """The tables as consecutive IPC streams."""
    sink = io.BytesIO()
    for table in tables:
        with pa.ipc.new_stream(sink, table.schema, options=_WRITE) as writer:
            writer.write_table(table)
    return sink.getvalue()


def from_stream(data: bytes) -> list[pa.Table]:
    """The tables in a file written by `to_stream`.

    Raises:
        pyarrow.ArrowInvalid: if the file is cut off or is none of ours.
    """
    # Arrow takes a stream cut between two messages for a complete, shorter one.
    if not data.endswith(_END_OF_STREAM):
        raise pa.ArrowInvalid("the file ends before its last table does")
    source = pa.BufferReader(data)
    tables = []
    while source.tell() < len(data):
        with pa.ipc.open_stream(source, options=_READ) as reader:
            tables.append(reader.read_all())
    return tables


def first_metadata(data: bytes) -> dict[bytes, bytes]:
    """What the first table says about itself, without its rows; `data` may be cut after it."""
    return dict(pa.ipc.read_schema(pa.BufferReader(data)).metadata or {})
