"""Calls → tonight's work: what is new, what has changed, what stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from calls import errors
from calls.call import Recording, StartedAtSource
from calls.corrections import Corrections
from calls.errors import NightcallError, WarehouseDamaged
from calls.settings import Settings
from calls.transcript import Engine
from flows.discovery.erased import ErasedRecording, without_erased
from flows.discovery.grouping import group
from flows.discovery.hashing import Hasher
from flows.discovery.identity import (
    Duplicate,
    Identified,
    IdentifiedCall,
    KnownCall,
    Refused,
    identify,
)
from flows.discovery.location import FoundFile, Location
from flows.discovery.placing import Placing
from flows.discovery.scan import Scan, scan
from flows.discovery.started_at import started_at
from flows.earlier_calls import Mark
from flows.made_from import heard_before, joined, own_fingerprint
from flows.versions import fingerprint
from models.wanted import can_hear, heard_from, known_language, must_listen
from warehouse.artifacts import LISTENING, READING, SOURCE
from warehouse.corrections import load_corrections
from warehouse.erasure.refusals import Refusals, is_mark, load_refusals
from warehouse.landed import Landed
from warehouse.quarantine import QuarantineRecord
from warehouse.seen import SeenFile
from warehouse.store import Warehouse


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A call to work on tonight. `made_from` is what its rows will be marked with.

    A call whose files have left the location is `archived`: it can be read again, not heard. An
    `upgrade` is heard again if only the embedded engine has heard it, `listen_again` in any case.
    `earlier` are the marks of the calls before it with the same customer. `retires` are calls that
    leave the tables once this one has landed.
    """

    recording: Recording
    made_from: str
    archived: bool = False
    upgrade: bool = False
    listen_again: bool = False
    retires: tuple[str, ...] = ()
    earlier: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedRefusal:
    """A recording that goes to quarantine before anything is decoded."""

    refused: Refused
    fingerprint: str


@dataclass(slots=True)
class Plan:
    """Tonight's work, and what needs none."""

    calls: list[PlannedCall] = field(default_factory=list)
    refusals: list[PlannedRefusal] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    erased: list[ErasedRecording] = field(default_factory=list)
    unsettled: tuple[FoundFile, ...] = ()
    ignored: tuple[FoundFile, ...] = ()
    discovered_count: int = 0
    unchanged_count: int = 0
    still_awaiting: list[str] = field(default_factory=list)
    still_quarantined: list[QuarantineRecord] = field(default_factory=list)
    # Quarantine records of recordings that are gone, or well for another reason.
    settled_quarantine: list[str] = field(default_factory=list)
    # To be saved once the night's first events are on record, else a kill would lose them.
    seen: list[SeenFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier nights, and erasures, left behind. `marked` are the marks of refused files."""

    landed: Mapping[str, Landed]
    seen: Mapping[str, SeenFile]
    quarantine: Mapping[str, QuarantineRecord]
    refusals: Refusals
    marked: frozenset[str]

    @classmethod
    def of(cls, warehouse: Warehouse) -> Memory:
        """The memory of a warehouse."""
        seen = warehouse.seen.load()
        return cls(
            landed=warehouse.landed(),
            seen={name: one for name, one in seen.items() if not is_mark(one)},
            quarantine={one.name: one for one in warehouse.quarantine.all()},
            refusals=load_refusals(warehouse.path),
            marked=frozenset(name for name, one in seen.items() if is_mark(one)),
        )


class Planner:
    """Finds out what there is to do.

    Args:
        settings: the run's settings.
        warehouse: what earlier nights left behind.
        base: fingerprint of code, playbook and settings (`reading_base`).
        engine: the speech engine that can listen tonight; None if there is none.
        container: the creation tag of an audio file.
    """

    def __init__(
        self,
        settings: Settings,
        warehouse: Warehouse,
        *,
        base: str,
        engine: Engine | None,
        container: Callable[[str], datetime | None],
    ) -> None:
        self._settings = settings
        self._artifacts = warehouse.artifacts
        self._base = base
        self._engine = engine
        self._container = container
        self._memory = Memory.of(warehouse)
        self._owns: dict[str, str] = {}
        self._recordings: dict[str, Recording] = {}

    def plan(self, location: Location) -> Plan:
        """Tonight's work on what lies in the location now."""
        found = scan(location, self._settings.discovery, warehouse=self._settings.warehouse)
        candidates = group(location, found, self._settings.discovery)
        hasher = Hasher(location, self._memory.seen)
        memory = self._memory
        left = without_erased(candidates, memory.refusals, hasher, memory.marked)
        done = identify(
            left.candidates,
            sha256=hasher.sha256,
            known={
                key: KnownCall(one.call_id, one.recording, one.is_truncated)
                for key, one in memory.landed.items()
            },
        )
        plan = Plan(
            erased=left.refused,
            unsettled=found.unsettled,
            ignored=found.ignored,
            discovered_count=len(candidates),
        )
        self._placing = Placing(
            done.calls,
            self._memory.landed,
            own=self._own,
            recording=self._recording,
            may_land=self._may_land,
        )
        for call in done.calls:
            self._weigh_call(call, plan)
        for refused in done.refused:
            self._weigh_refusal(refused, plan)
        for duplicate in done.duplicates:
            self._weigh_duplicate(duplicate, plan)
        self._weigh_archive(found, done, plan)
        self._settle_quarantine(plan)
        # In order of time, so that a call finds the words of those before it.
        plan.calls.sort(key=lambda one: (one.recording.started_at, one.recording.key))
        plan.seen = self._seen(done, hasher) + left.marks
        return plan

    def _may_land(self, call: IdentifiedCall) -> bool:
        """False for a call that lies in quarantine or waits for an engine."""
        return call.name not in self._memory.quarantine and not self._waits_still(
            self._recording(call)
        )

    def _own(self, call: IdentifiedCall | Recording) -> str:
        """Names what the call's words and roles depend on; computed once."""
        if call.key not in self._owns:
            self._owns[call.key] = own_fingerprint(call, self._corrections(call.key))
        return self._owns[call.key]

    def _weigh_call(self, call: IdentifiedCall, plan: Plan) -> None:
        made_from = self._made_from(call)
        landed = self._memory.landed.get(call.key)
        upgrade = self._is_upgrade(landed)
        # A ready transcript too: what was masked in it is taken from the file again.
        again = self._settings.night.listen_again
        is_done = landed is not None and landed.made_from == made_from and self._is_whole(call.key)
        if is_done and not (upgrade or again):
            plan.unchanged_count += 1
            return
        record = self._memory.quarantine.get(call.name)
        if record is not None and record.fingerprint == made_from and not _may_pass(record):
            plan.still_quarantined.append(record)
            return
        recording = self._recording(call)
        if self._waits_still(recording):
            plan.still_awaiting.append(recording.name)
            self._weigh_stale(recording, made_from, landed, plan)
            return
        plan.calls.append(
            PlannedCall(
                recording,
                made_from,
                upgrade=upgrade,
                listen_again=again,
                retires=call.retires,
                earlier=self._placing.earlier(call),
            )
        )

    def _weigh_stale(
        self, recording: Recording, made_from: str, landed: Landed | None, plan: Plan
    ) -> None:
        """Plans a landed call that waits to be heard again to be read as it was heard before.

        Else it would stay as it was read by older code, unmasked even, or leave the tables.
        """
        stale = heard_before(made_from)
        if landed is None or self._heard_from(recording.key) is None:
            return
        if landed.made_from != stale:
            earlier = self._placing.earlier(recording)
            plan.calls.append(PlannedCall(recording, stale, archived=True, earlier=earlier))

    def _weigh_refusal(self, refused: Refused, plan: Plan) -> None:
        candidate = refused.candidate
        files = [part.file for part in candidate.parts]
        if candidate.sidecar is not None:
            files.append(candidate.sidecar)
        mark = fingerprint(
            {
                "base": self._base,
                "files": [(one.name, one.size_bytes, one.mtime_ns) for one in files],
                "error": str(refused.error),
            }
        )
        record = self._memory.quarantine.get(candidate.name)
        if record is not None and record.fingerprint == mark:
            plan.still_quarantined.append(record)
        else:
            plan.refusals.append(PlannedRefusal(refused, mark))

    def _weigh_duplicate(self, duplicate: Duplicate, plan: Plan) -> None:
        before = self._memory.seen.get(duplicate.source.name)
        if before is not None and before.source_key == duplicate.key:
            plan.unchanged_count += 1
        else:
            plan.duplicates.append(duplicate)

    def _weigh_archive(self, found: Scan, done: Identified, plan: Plan) -> None:
        """Plans calls whose files have left the location to be read again by newer code."""
        present = {file.name for file, _ in found.files} | {file.name for file in found.unsettled}
        known = {call.key for call in done.calls}
        known.update(key for call in done.calls for key in call.retires)
        for key, landed in self._memory.landed.items():
            is_old = not landed.made_from.startswith(f"{self._base}.")
            is_due = is_old or self._has_lost_its_reading(key)
            if is_due and key not in known and landed.recording not in present:
                recording = self._source(key)
                if recording is not None:
                    made_from = self._made_from(recording)
                    earlier = self._placing.earlier(recording)
                    plan.calls.append(
                        PlannedCall(recording, made_from, archived=True, earlier=earlier)
                    )

    def _settle_quarantine(self, plan: Plan) -> None:
        """Finds the records of recordings that lie in quarantine no longer."""
        met = {one.name for one in plan.still_quarantined}
        met.update(one.refused.candidate.name for one in plan.refusals)
        met.update(one.recording.name for one in plan.calls)
        met.update(file.name for file in plan.unsettled)
        plan.settled_quarantine = [name for name in self._memory.quarantine if name not in met]

    def _made_from(self, call: IdentifiedCall | Recording) -> str:
        if self._corrections(call.key) is None:
            return f"{self._base}.damaged"  # reading it will say what is wrong
        return joined(self._base, self._own(call), self._placing.earlier(call))

    def _corrections(self, key: str) -> Corrections | None:
        """What people have corrected; None if the record is damaged."""
        try:
            return load_corrections(self._artifacts, key)
        except WarehouseDamaged:
            return None

    def _is_upgrade(self, landed: Landed | None) -> bool:
        """True when Whisper can now hear what only the embedded engine has heard."""
        return (
            landed is not None
            and landed.engine == Engine.EMBEDDED
            and self._engine is Engine.WHISPER
        )

    def _is_whole(self, key: str) -> bool:
        """False when an artifact of a landed call is gone, so that it has to be made again."""
        folder = self._artifacts.folder(key)
        return all((folder / name).is_file() for name in (SOURCE, LISTENING, READING))

    def _has_lost_its_reading(self, key: str) -> bool:
        """True when a landed call was heard, and what was read of it is gone."""
        return (self._artifacts.folder(key) / LISTENING).is_file() and not (
            self._artifacts.has_reading(key)
        )

    def _waits_still(self, recording: Recording) -> bool:
        """True when nothing can listen to the call, and nothing could before."""
        speech = self._settings.speech
        if not must_listen(recording, speech):
            return False
        if can_hear(self._engine, known_language(recording, speech)):
            return False
        return (
            self._heard_from(recording.key) != heard_from(recording, speech)
            and self._source(recording.key) == recording
        )

    def _heard_from(self, key: str) -> str | None:
        """What a call's listening was made from; a damaged one counts as none."""
        try:
            return self._artifacts.heard_from(key)
        except WarehouseDamaged:
            return None

    def _recording(self, call: IdentifiedCall) -> Recording:
        """The call with its start; found out once, because that may open its files."""
        if call.key not in self._recordings:
            self._recordings[call.key] = self._found_recording(call)
        return self._recordings[call.key]

    def _found_recording(self, call: IdentifiedCall) -> Recording:
        began, found_in = started_at(
            call.sources,
            call.metadata.started_at,
            patterns=self._settings.discovery.date_patterns,
            container=self._container,
        )
        before = self._source(call.key)
        if before is not None and found_in is before.started_at_source is StartedAtSource.FILE_TIME:
            began = before.started_at  # a copied file gets a new time; the call keeps its own
        return Recording(call.key, call.call_id, call.sources, call.metadata, began, found_in)

    def _source(self, key: str) -> Recording | None:
        """What is on record of a call; a damaged record counts as none and is written anew."""
        try:
            return self._artifacts.load_source(key)
        except WarehouseDamaged:
            return None

    def _seen(self, done: Identified, hasher: Hasher) -> list[SeenFile]:
        """Hashes and keys to remember, so that the next night reads no bytes again."""
        keys = {source.name: call.key for call in done.calls for source in call.sources}
        keys |= {one.source.name: one.key for one in done.duplicates}
        seen = dict(self._memory.seen) | hasher.now
        return [
            replace(one, source_key=keys.get(name, one.source_key)) for name, one in seen.items()
        ]


def _may_pass(record: QuarantineRecord) -> bool:
    """True for faults that the same file may get over: they are tried again every night."""
    kind = getattr(errors, record.error_class, None)
    return isinstance(kind, type) and issubclass(kind, NightcallError) and kind.retryable
