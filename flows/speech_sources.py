"""Where the transcripts that are scored against references come from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from calls.call import audio_key
from calls.errors import NightcallError, SpeechUnavailable
from calls.labels import Role
from calls.metadata import CallMetadata
from calls.settings import Settings
from calls.transcript import Transcript
from flows.discovery.candidates import stem_of as call_stem
from flows.discovery.scan import FileKind, kind_of
from models.evaluation.folder import files_below, find_transcripts
from models.evaluation.references import is_reference, stem_of
from warehouse.store import open_warehouse

if TYPE_CHECKING:
    from flows.resources import Speech
    from models.listening import CallToHear, FindAssigner, Ready

Recordings = Mapping[str, Sequence[Path]]
"""The audio files of each recording, by stem."""

_UNHEARD = "the warehouse has heard no recording of that name."

Found = Iterator[tuple[str, Transcript | Exception]]
"""By stem, the transcript or why there is none."""


class NoTranscript(NightcallError):
    """There is no transcript for a reference; the text says where it was looked for."""


@dataclass(frozen=True, slots=True)
class SpeechSource:
    """Transcripts by stem.

    Attributes:
        lacks: why there is nothing to find for a stem, as far as that shows before anything is
            listened to; else "".
        find: the transcripts of some stems that lack nothing, each once, in any order.
        lonely: what else is there, by stem, with the reason to show if it has no reference.
    """

    lacks: Callable[[str], str]
    find: Callable[[Sequence[str]], Found]
    lonely: Mapping[str, str]


def ready_transcripts(folder: Path) -> SpeechSource:
    """Ready transcripts in a folder."""
    found = find_transcripts(folder)

    def lacks(stem: str) -> str:
        if stem in found.by_stem:
            return ""
        missing = f"no transcript {PurePosixPath(stem).name}.* in {folder}."
        return found.problems.get(stem, missing)

    def find(stems: Sequence[str]) -> Found:
        yield from ((stem, found.by_stem[stem]) for stem in stems)

    lonely = dict.fromkeys(found.by_stem, "no reference for this transcript.")
    return SpeechSource(lacks, find, {**lonely, **found.problems})


def stored_transcripts(warehouse: Path, recordings: Recordings) -> SpeechSource:
    """What a warehouse has heard: of a recording's bytes, else of its name, call id or key.

    Raises:
        UsageError: if there is no warehouse.
    """
    store = open_warehouse(warehouse)
    calls = store.landed()
    named: dict[str, set[str]] = {}
    for key, call in calls.items():
        for name in (key, call.call_id, PurePosixPath(call_stem(call.recording)).name):
            named.setdefault(name, set()).add(key)

    @cache
    def keys_of(stem: str) -> frozenset[str]:
        own = _source_key(recordings.get(stem, ()))
        keys = {own} if own in calls else named.get(PurePosixPath(stem).name, set())
        return frozenset(keys)

    def lacks(stem: str) -> str:
        keys = keys_of(stem)
        if len(keys) > 1:
            return (
                f"the warehouse holds {len(keys)} calls of that name. Name the reference by call "
                "id or source key, or put the recording beside it."
            )
        return "" if keys else _UNHEARD

    def find(stems: Sequence[str]) -> Found:
        for stem in stems:
            try:
                listening = next(store.artifacts.load_listening(key) for key in keys_of(stem))
            except NightcallError as error:
                yield stem, error
            else:
                yield stem, listening.transcript if listening else NoTranscript(_UNHEARD)

    return SpeechSource(lacks, find, _without_reference(recordings))


def heard_now(recordings: Recordings, speech: Speech, settings: Settings) -> SpeechSource:
    """Recordings, listened to as they are asked for."""

    def lacks(stem: str) -> str:
        if problem := _not_to_hear(stem, recordings.get(stem, ())):
            return problem
        return "" if speech.name else "nothing can listen."  # the command has said why

    def find(stems: Sequence[str]) -> Found:
        try:
            yield from listen({stem: recordings[stem] for stem in stems}, speech, settings)
        finally:
            speech.close()

    return SpeechSource(lacks, find, _without_reference(recordings))


def listen(recordings: Recordings, speech: Speech, settings: Settings) -> Found:
    """What is heard on each recording. One recording's failure is its own.

    As in a night, except that nothing is known of the calls and nothing is masked.
    """
    from models.diarization import find_assigner
    from models.listening import listen as listen_to

    engine = speech.engine() if recordings else None
    if engine is None:
        yield from ((stem, SpeechUnavailable(speech.why_not)) for stem in recordings)
        return
    assigner = cache(partial(find_assigner, settings.speech))
    try:
        calls = _prepared(recordings, settings, assigner)
        for stem, result in listen_to(engine, calls, settings.speech, assigner=assigner):
            yield stem, result if isinstance(result, Exception) else result.transcript
    finally:
        with suppress(SpeechUnavailable):
            if (found := assigner()) is not None:
                found.close()


def _prepared(
    recordings: Recordings, settings: Settings, assigner: FindAssigner
) -> Iterator[CallToHear | Ready]:
    """The recordings that an engine has to hear; the others are done on the way."""
    from models.hearing import AudioFile, hear
    from models.hotwords import hotwords_for
    from models.listening import CallToHear, prepared

    hotwords = hotwords_for(settings.speech, CallMetadata())
    for stem, files in recordings.items():
        try:
            audio = hear([AudioFile(file.name, file) for file in files])
        except Exception as error:  # one recording's failure is its own
            yield stem, error
            continue
        call = CallToHear(stem, audio, "", settings.speech.language, hotwords)
        yield prepared(call, assigner)


def find_recordings(folder: Path, suffixes: Mapping[str, Role]) -> Recordings:
    """The recordings in a folder and the folders in it.

    Args:
        folder: where references and recordings lie.
        suffixes: stem endings of one file per participant (`settings.discovery`). Such files are
            one recording where the reference is about both.
    """
    files: dict[str, list[Path]] = {}
    referenced = set()
    for name, path in files_below(folder):
        if kind_of(name) is FileKind.AUDIO:
            files.setdefault(stem_of(name), []).append(path)
        elif is_reference(name):
            referenced.add(stem_of(name))
    for stem in referenced - files.keys():
        sides = [side for side in files if side.lower() in {stem.lower() + end for end in suffixes}]
        if len(sides) > 1:
            files[stem] = [path for side in sorted(sides) for path in files.pop(side)]
    return files


def _not_to_hear(stem: str, files: Sequence[Path]) -> str:
    """Why there is nothing to listen to, or nothing."""
    if not files:
        return f"no recording {PurePosixPath(stem).name}.* beside the reference."
    if len({file.stem for file in files}) < len(files):
        return f"several recordings: {', '.join(file.name for file in files)}. Keep one."
    return ""


def _source_key(files: Sequence[Path]) -> str:
    """The source key of a recording."""
    hashes = []
    for path in files:
        with path.open("rb") as file:
            hashes.append(hashlib.file_digest(file, "sha256").hexdigest())
    return audio_key(hashes)


def _without_reference(recordings: Recordings) -> dict[str, str]:
    return {stem: f"no reference for {files[0].name}." for stem, files in recordings.items()}
