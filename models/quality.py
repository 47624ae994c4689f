"""How far the words of a call can be relied on, measured while listening."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from calls.quality import TranscriptQuality
from models.decoding import DecodedChunk
from models.guards import cleaned
from models.guards.coverage import covered_s


def quality_of(decoded: Iterable[DecodedChunk]) -> TranscriptQuality:
    """The quality record of a call from its chunks, in any order.

    Speech counts as transcribed where it is at a word or within half a second of one, so that
    pauses in a sentence take nothing away and a dropped passage does.
    """
    speech_s = transcribed_s = 0.0
    chunks = retried = suspicious = 0
    reasons: Counter[str] = Counter()
    for one in decoded:
        chunk = one.chunk
        speech_s += chunk.duration_s
        transcribed_s += covered_s(cleaned(chunk, one.heard).words, chunk.duration_s)
        chunks += 1
        retried += one.retried
        suspicious += bool(one.suspicions)
        reasons.update(suspicion.value for suspicion in one.suspicions)
    return TranscriptQuality(
        speech_s, transcribed_s, chunks, retried, suspicious, dict(sorted(reasons.items()))
    )
