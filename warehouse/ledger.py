"""What happened in each night: an append-only record, kept whatever becomes of the run.

`work/nights/<night_id>/` holds `started.json` from the start, `recordings.jsonl` that grows by a
line whenever something happens to a recording, and `night.json` at the end. A night without
`night.json` was cut off.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from calls.call import Status
from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.arrow import to_arrow
from warehouse.evolution import filled
from warehouse.files import PRIVATE_FILE, make_folder, sync_folder, to_json, write_whole
from warehouse.rows import call_date
from warehouse.schemas import NightRow, RecordingRow
from warehouse.schemas.nights import NIGHTS
from warehouse.schemas.recordings import RECORDINGS

_STARTED = "started.json"
_RECORDINGS = "recordings.jsonl"
_ENDED = "night.json"
_NIGHT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class NightStart:
    """What is known of a night when it begins."""

    night_id: str
    started_at: datetime
    engine: str | None
    model: str | None
    nightcall_version: str
    listen_version: str
    attribution_version: str
    read_version: str
    playbook_version: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """The nights of one warehouse.

    Args:
        root: the warehouse folder.
        time_zone: the zone in which a night's start gives its date.
    """

    root: Path
    time_zone: str

    def begin(self, start: NightStart) -> None:
        """Returns when the night is on record, so that even a killed run leaves a trace.

        Raises:
            ValueError: if the id is taken or can't be a folder's name.
        """
        folder = self._folder(start.night_id)
        if (folder / _STARTED).exists():
            raise ValueError(f"Night {start.night_id!r} is on record already; take another id.")
        self._write(folder / _STARTED, asdict(start))

    def append(self, rows: Sequence[RecordingRow]) -> None:
        """Returns when the rows are on disk. Rows of several nights may be mixed."""
        to_arrow(RECORDINGS, rows)  # a row that fits no table must not get into the record
        by_night: dict[str, list[RecordingRow]] = {}
        for row in rows:
            by_night.setdefault(row.night_id, []).append(row)
        for night_id, mine in by_night.items():
            lines = b"".join(to_json(asdict(row)) + b"\n" for row in mine)
            _append(self._folder(night_id) / _RECORDINGS, lines)

    def end(self, night: NightRow) -> None:
        """Returns when the night's result is on disk."""
        to_arrow(NIGHTS, [night])
        self._write(self._folder(night.night_id) / _ENDED, asdict(night))

    def nights(self) -> list[str]:
        """The ids of every night that began, in order."""
        folder = self.root / "work" / "nights"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def night(self, night_id: str) -> NightRow | None:
        """How that night ended; None while it runs, or when it was cut off and not closed yet."""
        facts = _read_json(self._folder(night_id) / _ENDED)
        if facts is None:
            return None
        return NightRow(**filled(NIGHTS, _instants(facts, "started_at", "ended_at")))

    def recordings(self, night_id: str) -> tuple[RecordingRow, ...]:
        """One row per recording that something happened to: the last thing that did.

        One file name may stand for two calls, when a file was replaced under its name.
        """
        path = self._folder(night_id) / _RECORDINGS
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return ()
        # What follows the last line break is empty, or a line that a kill cut off.
        latest: dict[tuple[str, str | None], RecordingRow] = {}
        for number, line in enumerate(lines[:-1], start=1):
            try:
                facts = _instants(json.loads(line), "happened_at")
                row = RecordingRow(**filled(RECORDINGS, facts))
            except (ValueError, TypeError, KeyError) as error:
                raise WarehouseDamaged(
                    f"work/nights/{night_id}/{_RECORDINGS}: line {number} can't be read "
                    f"({type(error).__name__}). Remove the line."
                ) from error
            latest[row.recording, row.source_key] = row
        return tuple(latest.values())

    def close_cut_off(self) -> tuple[str, ...]:
        """The nights that a killed run left open; now each has a row with status `cut_off`.

        Only call it while no other run is under way (inside the night lock).
        """
        closed = []
        for night_id in self.nights():
            if (self._folder(night_id) / _ENDED).exists():
                continue
            facts = _read_json(self._folder(night_id) / _STARTED)
            if facts is None:
                continue  # killed before anything was on record
            start = NightStart(**_instants(facts, "started_at"))
            self.end(_cut_off(start, self.recordings(night_id)))
            closed.append(night_id)
        return tuple(closed)

    def tables(self, night_ids: Iterable[str]) -> dict[layout.Day, dict[str, pa.Table]]:
        """The rows of `nights` and `recordings`, by night date; nights under way are left out."""
        ended = [night for one in night_ids if (night := self.night(one)) is not None]
        by_day: dict[date, list[NightRow]] = {}
        for night in ended:
            by_day.setdefault(call_date(night.started_at, self.time_zone), []).append(night)
        return {
            day: {
                "nights": to_arrow(NIGHTS, nights),
                "recordings": to_arrow(
                    RECORDINGS, [row for one in nights for row in self.recordings(one.night_id)]
                ),
            }
            for day, nights in by_day.items()
        }

    def _folder(self, night_id: str) -> Path:
        if not _NIGHT_ID.fullmatch(night_id):
            raise ValueError(
                f"Night id {night_id!r} can't be used: 1 to 64 letters, digits, '.', '_' and '-', "
                "beginning with a letter or digit."
            )
        return self.root / "work" / "nights" / night_id

    def _write(self, path: Path, facts: dict[str, Any]) -> None:
        write_whole(path, to_json(facts), staging=layout.unfinished(self.root))


def _cut_off(start: NightStart, rows: Sequence[RecordingRow]) -> NightRow:
    """The row of a night nobody ended: what its recordings say, null for what they don't."""
    count = Counter(row.status for row in rows)
    heard = [row.duration_s for row in rows if row.status == Status.LANDED and row.duration_s]
    last = max((row.happened_at for row in rows), default=None)
    return NightRow(
        **asdict(start),
        status="cut_off",
        ended_at=last,
        discovered_count=None,
        landed_count=count[Status.LANDED],
        no_speech_count=count[Status.NO_SPEECH],
        duplicate_count=count[Status.DUPLICATE],
        quarantined_count=count[Status.QUARANTINED],
        awaiting_count=count[Status.AWAITING_TRANSCRIPTION],
        unchanged_count=None,
        left_for_next_run_count=None,
        ignored_file_count=None,
        standing_quarantine_count=None,
        audio_s=sum(heard) if heard else None,
        wall_s=(last - start.started_at).total_seconds() if last else None,
        compute_s=None,
    )


def _append(path: Path, data: bytes) -> None:
    is_new = not path.exists()
    make_folder(path.parent)
    # One write to a file opened for appending: lines of several workers never mix.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        sync_folder(path.parent)


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        facts = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise WarehouseDamaged(
            f"work/nights/{path.parent.name}/{path.name}: can't be read. Remove the file."
        ) from error
    assert isinstance(facts, dict)
    return facts


def _instants(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    """The facts, with those texts turned back into points in time."""
    times = {name: datetime.fromisoformat(facts[name]) for name in names if facts[name]}
    return {**facts, **times}
