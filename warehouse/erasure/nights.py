"""The record of nights: what happened to recordings of an erased call, without saying which."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calls.errors import WarehouseDamaged
from warehouse import layout, publish
from warehouse.erasure.clearing import cleared_facts
from warehouse.erasure.key import ErasureKey
from warehouse.erasure.mentions import Mentions
from warehouse.erasure.target import Target, Targets
from warehouse.files import to_json, write_whole
from warehouse.schemas import NIGHT_TABLES
from warehouse.schemas.recordings import RECORDINGS
from warehouse.store import Warehouse

# So many texts are looked for before a record is parsed; of more, nearly each has one.
_FEW = 64


@dataclass(frozen=True, slots=True)
class NightLine:
    """One line of a night's record that tells of an erased call.

    `is_own` is False for a line about another recording, of which only the message names it.
    """

    facts: dict[str, Any]
    target: Target
    is_own: bool


class NightRecords:
    """The records of all nights, searched for the calls of one erasure."""

    def __init__(self, warehouse: Warehouse, targets: Targets) -> None:
        self._warehouse = warehouse
        self._targets = targets
        self._mentions = Mentions(targets)
        texts = [text for one in targets.all for text in (*one.keys, *one.ids, *one.names)]
        self._texts = [to_json(text)[1:-1] for text in texts] if len(texts) <= _FEW else []

    def nights(self) -> Iterator[str]:
        """The ids of nights whose record tells of a call."""
        for night_id in self._warehouse.ledger.nights():
            if any(self._found(line) for line in self._lines(night_id)):
                yield night_id

    def rows(self, night_id: str) -> Iterator[NightLine]:
        """What a night's record tells of the calls, a line per recording."""
        latest: dict[tuple[str, str | None], NightLine] = {}
        for line in self._lines(night_id):
            found = self._found(line)
            if found is not None:
                latest[found.facts["recording"], found.facts["source_key"]] = found
        yield from latest.values()

    def clear(self, night_id: str, key: ErasureKey) -> None:
        """Returns when a night's record tells nothing of the calls any more."""
        lines = []
        for line in self._lines(night_id):
            found = self._found(line)
            lines.append(line if found is None else to_json(_cleared(found, key)))
        # What a kill had cut off after the last line goes: nobody reads it.
        data = b"".join(line + b"\n" for line in lines)
        root = self._warehouse.path
        write_whole(self._path(night_id), data, staging=layout.unfinished(root))

    def _path(self, night_id: str) -> Path:
        return self._warehouse.path / "work" / "nights" / night_id / "recordings.jsonl"

    def _lines(self, night_id: str) -> list[bytes]:
        try:
            data = self._path(night_id).read_bytes()
        except FileNotFoundError:
            return []
        return data.split(b"\n")[:-1]

    def _found(self, line: bytes) -> NightLine | None:
        if self._texts and not any(text in line for text in self._texts):
            return None
        try:
            facts = json.loads(line)
            key, call_id, name = facts["source_key"], facts["call_id"], facts["recording"]
            message = facts["message"]
        except (ValueError, TypeError, KeyError) as error:
            raise WarehouseDamaged(
                "work/nights: a line of a recordings.jsonl can't be read "
                f"({type(error).__name__}). Find it with: nightcall tables check"
            ) from error
        if (target := self._targets.of_trace(key, call_id, name)) is not None:
            return NightLine(facts, target, is_own=True)
        target = self._mentions.of(message)
        return NightLine(facts, target, is_own=False) if target is not None else None


def publish_cleared(warehouse: Warehouse, night_ids: Iterable[str]) -> int:
    """How many files changed to bring the tables in line with those nights' records."""
    record = warehouse.ledger.tables(night_ids)
    return publish.publish_record(warehouse.path, NIGHT_TABLES, record)


def _cleared(line: NightLine, key: ErasureKey) -> dict[str, Any]:
    """The line with nothing in it that tells of the call."""
    if not line.is_own:
        return {**line.facts, "message": None}
    name = key.stand_in(line.facts["recording"], line.facts["source_key"])
    return cleared_facts(RECORDINGS, line.facts, name)
