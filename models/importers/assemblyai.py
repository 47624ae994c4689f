"""AssemblyAI: utterances with words, times in milliseconds."""

from __future__ import annotations

from collections.abc import Collection

from calls.transcript import Transcript
from models.importers.content import Content
from models.importers.node import Node
from models.importers.words import WordList, imported

FORMAT = "assemblyai"

_MS = 0.001
_OWN_KEYS = frozenset({"audio_url", "audio_src_url", "acoustic_model", "language_model"})


def recognises(content: Content) -> bool:
    """True for an AssemblyAI transcript: a status, words, and a key that only they use."""
    value = content.json
    return (
        isinstance(value, dict)
        and "status" in value
        and ("words" in value or "utterances" in value)
        and not _OWN_KEYS.isdisjoint(value)
    )


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The words of an AssemblyAI transcript with its speaker letters and channels.

    Raises:
        TranscriptInvalid: if a field is missing or wrong, naming it; if the job failed.
    """
    job = Node(content.name, content.json)
    if job["status"].label != "completed":
        raise job["status"].wrong("says that the job did not complete", shows_text=True)
    words = WordList(content.name)
    separate = False
    for group in list(job["utterances"]) or [job]:
        channel = group["channel"].channel(first=1)
        separate = separate or channel is not None
        for word in group["words"]:
            speaker = word["speaker"].label or group["speaker"].label
            words.add(
                word["text"].text,
                word["start"].seconds(unit_s=_MS),
                word["end"].seconds(unit_s=_MS),
                probability=word["confidence"].probability,
                speaker=None if speaker is None or channel is not None else f"Speaker {speaker}",
                channel=channel,
            )
    return imported(
        FORMAT,
        *words.utterances(),
        language=job["language_code"].value,
        options={"separate_channels": separate},
        duration_s=job["audio_duration"].length_s(),
    )
