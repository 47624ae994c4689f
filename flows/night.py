"""One night from the first look at the recordings to the closing line, without Prefect.

`run_night` takes the one thing that differs between a plain run and a Prefect run: how the batches
are worked through.
"""

from __future__ import annotations

import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from calls.call import Status
from calls.settings import Settings
from flows.batches import (
    BatchFailed,
    BatchStep,
    Count,
    remove_batches,
    wordless,
    write_batches,
)
from flows.discovery.plan import Plan, Planner
from flows.erasing.ages import overdue
from flows.erasing.resume import finish_cut_off
from flows.events import duplicate_event, erased_event, event, refuse
from flows.listen import listen_batch
from flows.masked import mask_stored, stays_masked
from flows.mirroring import mirror_tables
from flows.progress import current
from flows.read import read_batch
from flows.report import NightReport, QuarantinedFile
from flows.resources import Resources, close_resources, resources_for
from flows.versions import reading_base
from models.audio import created_at
from models.wanted import must_listen
from warehouse.ledger import NightStart
from warehouse.schemas import NightRow

OTHER_LANGUAGE = (
    "the embedded engine reads English only, and these calls are in another language; they wait "
    "for Whisper (see `nightcall doctor`)."
)

OLDER_TABLES = (
    "The tables were written by an earlier version of Nightcall; they are brought up to date first."
)

WorkThrough = Callable[[Settings, tuple[Path, ...]], "Worked"]
"""Listens to and reads every batch, and says what came of it."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What working through the batches came to.

    `audio_s` is the length of the recordings listened to; `failed` counts batches that broke as a
    whole, which no single call is to blame for.
    """

    audio_s: float = 0.0
    failed: int = 0


def run_night(settings: Settings, work_through: WorkThrough) -> NightReport:
    """What came of one night.

    Whatever has been read is published, also when some batches failed.

    Raises:
        UsageError: the recordings location or the warehouse can't be used.
        WarehouseBusy: another run holds the warehouse.
        NightcallError: a file that all calls are read with is wrong: playbook, messaging or model.
    """
    try:
        resources = resources_for(settings)
        resources.require_location()
        if not resources.warehouse.is_current():
            current().say(OLDER_TABLES)
        with resources.warehouse.night_lock():
            for line in finish_cut_off(resources.warehouse, resources.location):
                current().say(line)
            report = _Night(settings, resources).run(work_through)
        # Out of the lock: an upload may take long, and needs nobody else to wait.
        report = replace(report, mirror=mirror_tables(settings, resources.warehouse))
        current().end(report)
        return report
    finally:
        close_resources(settings)


def one_after_another(settings: Settings, batches: tuple[Path, ...]) -> Worked:
    """Works through the batches in this process, in order."""
    audio_s, failed = 0.0, 0
    for batch in batches:
        heard = _tried("listening to", listen_batch, settings, batch)
        read = _tried("reading", read_batch, settings, batch)
        audio_s += heard.audio_s if heard is not None else 0.0
        failed += heard is None or read is None
    return Worked(audio_s, failed)


def _tried(doing: str, step: BatchStep, settings: Settings, batch: Path) -> Count | None:
    """What a step came to; None if it broke, which is said, and the other batches go on."""
    try:
        return wordless(doing, step, settings, batch)
    except BatchFailed as error:
        current().say(str(error))
        return None


def left_out(keys: Collection[str]) -> str:
    """That those calls fit the tables of this version no more, and were not read again."""
    calls = "1 call" if len(keys) == 1 else f"{len(keys)} calls"
    return (
        f"{calls}, e.g. {min(keys)[:12]}…, had been read by an earlier version of Nightcall, fit "
        "the tables no more, and could not be read again. Until they are, they are in no table."
    )


class _Night:
    """The parts of a night in their order."""

    def __init__(self, settings: Settings, resources: Resources) -> None:
        self._settings = settings
        self._resources = resources
        self._warehouse = resources.warehouse
        self._began = datetime.now(UTC)
        self._clock = time.monotonic()
        self._used_s = sum(os.times()[:4])
        self._left_out: set[str] = set()
        self.id = f"{self._began:%Y-%m-%dT%H%M%SZ}-{secrets.token_hex(2)}"

    def run(self, work_through: WorkThrough) -> NightReport:
        start = self._start()
        self._warehouse.ledger.begin(start)
        mask_stored(self._warehouse, self._settings.redaction)
        plan = self._plan()
        listens = self._resources.speech.sentence
        speech = self._settings.speech
        if listens and any(must_listen(one.recording, speech) for one in plan.calls):
            current().say(listens)
        if stays := stays_masked(self._warehouse.artifacts, plan.calls, self._settings):
            current().say(stays)
        if plan.calls:
            self._resources.require_reader()
        current().begin(len(plan.calls))
        size = self._settings.night.batch_calls
        batches = write_batches(self._settings.warehouse, self.id, plan.calls, size=size)
        worked = Worked(failed=len(batches))
        try:
            worked = work_through(self._settings, batches)
        finally:
            self._publish(plan)
            row = self._end(start, plan, worked)
        if not worked.failed:
            self._left_out |= self._warehouse.bring_up_to_date(lose_calls=True).refused.keys()
        if self._left_out:
            current().say(left_out(self._left_out))
        remove_batches(batches)
        return self._report(plan, row)

    def _start(self) -> NightStart:
        versions = self._resources.versions
        return NightStart(
            night_id=self.id,
            started_at=self._began,
            engine=self._resources.speech.name,
            model=self._resources.speech.model,
            nightcall_version=versions.nightcall,
            listen_version=versions.listen,
            attribution_version=versions.attribution,
            read_version=versions.read,
            playbook_version=versions.playbook,
        )

    def _plan(self) -> Plan:
        """Finds tonight's work, and puts on record what needs no work to be known."""
        planner = Planner(
            self._settings,
            self._warehouse,
            base=reading_base(self._resources.versions, self._settings),
            engine=self._resources.speech.name,
            container=self._created_at,
        )
        plan = planner.plan(self._resources.location)
        rows = [refuse(self.id, one, self._warehouse.quarantine) for one in plan.refusals]
        rows += [duplicate_event(self.id, one) for one in plan.duplicates]
        rows += [erased_event(self.id, one) for one in plan.erased if one.is_new]
        if rows:
            self._warehouse.ledger.append(rows)
        for name in plan.settled_quarantine:
            self._warehouse.quarantine.remove(name)
        for planned in plan.calls:
            self._warehouse.artifacts.save_source(planned.recording)
        self._warehouse.seen.save(plan.seen)
        return plan

    def _created_at(self, name: str) -> datetime | None:
        try:
            with self._resources.location.audio(name) as source:
                return created_at(source)
        except OSError:
            return None  # listening will say what is wrong with the file

    def _publish(self, plan: Plan) -> None:
        """Lands what has been read tonight and puts on record that it has."""
        analysed = {
            row.source_key: row
            for row in self._warehouse.ledger.recordings(self.id)
            if row.status == Status.ANALYSED and row.source_key
        }
        read = [one for one in plan.calls if one.recording.key in analysed]
        if not read:
            return
        # A call that is replaced leaves in the very publication in which its successor lands.
        retired = [key for one in read for key in one.retires]
        published = self._warehouse.publish([one.recording.key for one in read], retired)
        self._left_out |= published.refused.keys() - {one.recording.key for one in read}
        landed = self._warehouse.landed()
        rows = []
        for planned in read:
            before = analysed[planned.recording.key]
            refused = published.refused.get(planned.recording.key)
            status = Status.ANALYSED if refused else Status(landed[planned.recording.key].status)
            rows.append(
                event(
                    self.id,
                    planned.recording,
                    status,
                    message=f"read, but not published: {refused}" if refused else None,
                    duration_s=before.duration_s,
                    engine=before.engine,
                )
            )
            if not refused:
                self._warehouse.quarantine.remove(planned.recording.name)
        self._warehouse.ledger.append(rows)

    def _end(self, start: NightStart, plan: Plan, worked: Worked) -> NightRow:
        count = Counter(row.status for row in self._warehouse.ledger.recordings(self.id))
        self._resources.close()  # ends the processes, so that their time counts
        row = NightRow(
            **asdict(start),
            status="failed" if worked.failed or count[Status.ANALYSED] else "complete",
            ended_at=datetime.now(UTC),
            discovered_count=plan.discovered_count,
            landed_count=count[Status.LANDED],
            no_speech_count=count[Status.NO_SPEECH],
            duplicate_count=count[Status.DUPLICATE],
            quarantined_count=count[Status.QUARANTINED],
            awaiting_count=count[Status.AWAITING_TRANSCRIPTION] + len(plan.still_awaiting),
            unchanged_count=plan.unchanged_count,
            left_for_next_run_count=len(plan.unsettled),
            ignored_file_count=len(plan.ignored),
            standing_quarantine_count=len(plan.still_quarantined),
            audio_s=worked.audio_s,
            wall_s=time.monotonic() - self._clock,
            compute_s=sum(os.times()[:4]) - self._used_s,
            refused_count=len(plan.erased),
        )
        self._warehouse.ledger.end(row)
        self._warehouse.publish_nights()
        return row

    def _report(self, plan: Plan, row: NightRow) -> NightReport:
        rows = self._warehouse.ledger.recordings(self.id)
        said = dict.fromkeys(
            one.message for one in rows if one.status == Status.AWAITING_TRANSCRIPTION
        )
        waiting = [one for one in said if one] or [self._resources.speech.why_not or OTHER_LANGUAGE]
        return NightReport(
            night=row,
            quarantined=tuple(
                QuarantinedFile(one.recording, one.error_class or "", one.message or "")
                for one in rows
                if one.status == Status.QUARANTINED
            ),
            standing=tuple(
                QuarantinedFile(one.name, one.error_class, one.message)
                for one in plan.still_quarantined
            ),
            unpublished=tuple(
                f"{one.recording}: {one.message or 'read, but not published'}"
                for one in rows
                if one.status == Status.ANALYSED
            ),
            unsettled=tuple(one.name for one in plan.unsettled),
            why_awaiting=tuple(waiting),
            refused_ids=sum(not one.by_bytes for one in plan.erased),
            overdue=overdue(self._warehouse, self._settings.retention_days),
        )
