"""The first step of a night: words for every call of a batch, heard or imported.

Calls without a ready transcript are prepared one after the other and handed to the engine, which
takes chunks of several calls at once. Whatever goes wrong with a call becomes its row in the
ledger, and the next call goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from calls.call import Listening, Recording, Status
from calls.errors import InputError, SpeechUnavailable, TranscriptInvalid, WarehouseDamaged
from calls.settings import Settings
from calls.transcript import Engine
from flows.batches import Count, Item, night_of, read_batch_file
from flows.events import event
from flows.masked import masked
from flows.progress import current
from flows.resources import Resources, resources_for
from flows.set_aside import WAREHOUSE_FAULTS, set_aside
from models.diarization import SpeakerAssigner
from models.hearing import AudioFile, HeardAudio, hear
from models.hotwords import hotwords_for
from models.importers import import_transcript
from models.listening import CallToHear, Ready, listen, prepared
from models.wanted import heard_from, known_language, must_listen, read_only
from warehouse.files import make_folder
from warehouse.layout import unfinished
from warehouse.schemas import RecordingRow

Outcome = tuple[RecordingRow, float]
"""The row of a call that was listened to now, and its seconds."""


def listen_batch(settings: Settings, batch: Path) -> Count:
    """Hears or imports every call of the batch that has not been heard as it is now."""
    resources = resources_for(settings)
    done = Count()
    for row, audio_s in _Listener(resources, night_of(batch)).outcomes(read_batch_file(batch)):
        resources.warehouse.ledger.append([row])
        done += Count(1, audio_s)
        current().advance("listened")
    return done


@dataclass(frozen=True, slots=True)
class _Work:
    """A call that is being worked on."""

    item: Item
    recording: Recording


class _Listener:
    """Works through the calls of one batch."""

    def __init__(self, resources: Resources, night_id: str) -> None:
        self._resources = resources
        self._night_id = night_id
        self._artifacts = resources.warehouse.artifacts
        self._settings = resources.settings
        self._work: dict[str, _Work] = {}
        self._deaf = False  # no engine could be loaded: nothing more is decoded for it

    def outcomes(self, items: Iterable[Item]) -> Iterator[Outcome]:
        """What became of each call that had to be worked on, as they are done."""
        for key, result in self._results(self._prepared(items)):
            yield self._outcome(self._work.pop(key), result)

    def _results(self, calls: Iterator[CallToHear | Ready]) -> Iterator[Ready]:
        """What was heard or imported of each call; an engine is loaded if one has to be heard."""
        for call in calls:
            if not isinstance(call, CallToHear):
                yield call
            elif (engine := self._resources.speech.engine()) is not None:
                speech = self._settings.speech
                yield from listen(engine, chain([call], calls), speech, assigner=self._assigner)
            else:
                self._deaf = True
                call.audio.close()
                yield call.name, SpeechUnavailable(self._resources.speech.why_not)

    def _assigner(self) -> SpeakerAssigner | None:
        return self._resources.assigner

    def _prepared(self, items: Iterable[Item]) -> Iterator[CallToHear | Ready]:
        """The calls that an engine has to hear; all others are done on the way."""
        for item in items:
            work = _Work(item, self._resources.recording(item.key))
            call: CallToHear | Ready | None
            try:
                call = self._to_hear_or_read(work)
            except Exception as error:  # one call's failure is its own: the night goes on
                call = item.key, error
            if call is None:
                current().advance("listened")
            else:
                self._work[item.key] = work
                yield call

    def _to_hear_or_read(self, work: _Work) -> CallToHear | Ready | None:
        """The call to be heard, or its listening where no engine is needed; None if it is heard."""
        item, recording, speech = work.item, work.recording, self._settings.speech
        if item.archived or self._is_heard(work):
            return None
        mark = heard_from(recording, speech)
        if not must_listen(recording, speech):
            return item.key, self._imported(recording, mark)
        if self._deaf:
            raise SpeechUnavailable(self._resources.speech.why_not)
        people = recording.metadata.participants
        call = CallToHear(
            item.key,
            self._sound_of(recording),
            mark,
            known_language(recording, speech),
            hotwords_for(speech, recording.metadata),
            len(people) if len(people) > 1 else None,
        )
        return prepared(call, self._assigner)

    def _outcome(self, work: _Work, result: Listening | Exception) -> Outcome:
        """Saves what was heard, or puts on record why there is nothing."""
        if isinstance(result, Listening):
            try:
                self._save(work.item.key, result)
            except Exception as error:  # one call's failure is its own: the night goes on
                result = error
        if isinstance(result, SpeechUnavailable):
            waiting = Status.AWAITING_TRANSCRIPTION
            return event(self._night_id, work.recording, waiting, message=str(result)), 0.0
        if isinstance(result, Exception):
            return set_aside(
                self._resources, self._night_id, work.recording, work.item, result
            ), 0.0
        row = event(
            self._night_id,
            work.recording,
            Status.TRANSCRIBED,
            duration_s=result.audio.duration_s,
            engine=result.transcript.origin.engine,
        )
        return row, result.audio.duration_s if work.recording.audio else 0.0

    def _save(self, key: str, listening: Listening) -> None:
        """Writes a listening; what has to be masked never reaches the disk."""
        self._artifacts.save_listening(key, masked(listening, self._settings.redaction))

    def _is_heard(self, work: _Work) -> bool:
        """True when the listening on disk is of these very bytes and needs no better engine."""
        mark = heard_from(work.recording, self._settings.speech)
        try:
            header = self._artifacts.listening_header(work.item.key)
        except WarehouseDamaged:
            return False  # what can't be read is heard anew
        if header is None or header.heard_from != mark or work.item.listen_again:
            return False
        return not (work.item.upgrade and header.engine is Engine.EMBEDDED)

    def _imported(self, recording: Recording, mark: str) -> Listening:
        first = recording.transcripts[0]
        names = [one.name for one in recording.metadata.participants if one.name]
        data = self._resources.location.read(first.name)
        try:
            transcript = import_transcript(first.name, data, known_names=names)
        except (ValueError, OverflowError, RecursionError) as error:
            raise TranscriptInvalid(
                first.name,
                f"holds values that can't be read ({type(error).__name__}).",
                "Export the transcript again.",
            ) from None
        if not recording.audio:
            return read_only(transcript, None, mark)
        try:
            audio = self._sound_of(recording)
        except (InputError, OSError, SpeechUnavailable) as error:
            # The words are there; a recording that can't be played costs only its facts.
            note = f"the recording beside the transcript can't be decoded ({type(error).__name__})"
            return read_only(replace(transcript, notes=(*transcript.notes, note)), None, mark)
        audio.close()
        return read_only(transcript, audio.facts, mark)

    def _sound_of(self, recording: Recording) -> HeardAudio:
        """The recording decoded; long sound lies beside the artifacts, as private as they are.

        Raises:
            EmptyFile, UndecodableAudio: naming the file.
            SpeechUnavailable: there is no room for its sound now. It waits, and the others go on.
        """
        folder = unfinished(self._settings.warehouse)
        make_folder(folder)
        try:
            with ExitStack() as stack:
                files = [
                    AudioFile(
                        one.name, stack.enter_context(self._resources.location.audio(one.name))
                    )
                    for one in recording.audio
                ]
                return hear(files, folder=folder)
        except OSError as error:
            if error.errno not in WAREHOUSE_FAULTS:
                raise
            free_mb = shutil.disk_usage(folder).free / 1e6
            raise SpeechUnavailable(
                "a recording is too long for the free space on the warehouse's disk "
                f"({free_mb:.0f} MB; an hour of two channels takes 230 MB while it is heard). Free "
                "some space; it is heard by the next run."
            ) from error
