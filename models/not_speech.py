"""Sounds that voice activity detection takes for speech and that are none.

There are few: of 9.6 hours of made tones, noise and music (at several volumes, some through a
telephone, a codec or a room) Silero VAD calls 19 s speech, in pieces of half a second to a second.
So this gate takes only what is certain and loses no speech: measured on 270 stretches of recorded
speech none goes, and of those mixed with music, tones or noise of the same loudness 2 in 1805.

The measure is how alike the spectra of a sound are that lie 0.1 s apart, from 0 to 1: speech
changes (0.5 in the median, 0.86 at most), a held note or a tone does not (0.9 and more).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.coherence import Spectra, decibels, powers, spectra
from models.sides import DEAD_DB
from models.sound import SAMPLE_RATE_HZ, Samples, Sound
from models.vad import Span

# Frames this much quieter than the loudest one say nothing about a sound (dB).
_LOUD_DB = 15.0
# Spectra that are compared lie this many frames apart (0.1 s); so many comparisons are needed.
_APART, _COMPARISONS = 3, 6
# How alike the spectra of a tone and of a held note are.
_TONE, _NOTE = 0.985, 0.9
# The lines of a tone vary by less than this (dB); what is beside them is this much quieter (dB).
_LINE_VARIES_DB, _BESIDE_LINES_DB = 3.0, 30.0
# A held note in music: no longer than this (seconds), and no speech nearby (seconds);
_NOTE_S, _ALONE_S = 1.3, 3.0
# the music before or after it is no quieter than by this (dB) in all but its quietest moments.
_MUSIC_DB = 20.0
_AROUND_S = 2.0


def why_not_speech(samples: Samples) -> str:
    """Why a stretch of one channel is no speech: "too quiet", "tone", or "" if it may be speech."""
    found = spectra(samples)
    if decibels(powers(found)).max() < DEAD_DB:
        return "too quiet"
    if _steadiness(found) >= _TONE and _only_lines(found):
        return "tone"
    return ""


def other_sounds(sound: Sound, channel: int, spans: Sequence[Span]) -> dict[Span, str]:
    """The spans of a channel that hold no speech, and why: "too quiet", "tone" or "music"."""
    found: dict[Span, str] = {}
    for index, span in enumerate(spans):
        reason = why_not_speech(sound.read_channel(channel, span.start, span.end))
        if not reason and _alone(spans, index) and _is_note_in_music(sound, channel, span):
            reason = "music"
        if reason:
            found[span] = reason
    return found


def without_other_sounds(sound: Sound, channel: int, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans of a channel that may hold speech, in order."""
    gone = other_sounds(sound, channel, spans)
    return tuple(span for span in spans if span not in gone)


def _steadiness(found: Spectra) -> float:
    """How alike spectra 0.1 s apart are, in [0, 1]; 0 where too few are loud enough."""
    loudness = decibels(powers(found))
    loud = loudness > loudness.max() - _LOUD_DB
    shapes = np.abs(found)
    shapes = shapes / (np.linalg.norm(shapes, axis=1, keepdims=True) + 1e-12)
    alike = np.sum(shapes[_APART:] * shapes[:-_APART], axis=1)[loud[_APART:] & loud[:-_APART]]
    return float(np.median(alike)) if alike.size >= _COMPARISONS else 0.0


def _only_lines(found: Spectra) -> bool:
    """True when there is next to nothing beside lines that never vary: somebody who speaks does."""
    loudness = decibels(powers(found))
    varies_db = np.std(decibels(np.square(np.abs(found[loudness > loudness.max() - _LOUD_DB]))), 0)
    beside = decibels(powers(found[:, varies_db >= _LINE_VARIES_DB]))
    return bool(beside.max() < loudness.max() - _BESIDE_LINES_DB)


def _alone(spans: Sequence[Span], index: int) -> bool:
    span = spans[index]
    apart = _ALONE_S * SAMPLE_RATE_HZ
    before = spans[index - 1].end if index else -apart
    after = spans[index + 1].start if index + 1 < len(spans) else span.end + apart
    return span.start - before >= apart and after - span.end >= apart


def _is_note_in_music(sound: Sound, channel: int, span: Span) -> bool:
    """True for a short steady sound inside one that goes on before or after it."""
    if span.samples > _NOTE_S * SAMPLE_RATE_HZ:
        return False
    note = spectra(sound.read_channel(channel, span.start, span.end))
    if _steadiness(note) < _NOTE:
        return False
    around = int(_AROUND_S * SAMPLE_RATE_HZ)
    before = sound.read_channel(channel, max(0, span.start - around), span.start)
    after = sound.read_channel(channel, span.end, min(sound.length, span.end + around))
    goes_on_db = max(
        (
            float(np.percentile(decibels(powers(spectra(part))), 25))
            for part in (before, after)
            if part.size >= around // 4
        ),
        default=-np.inf,
    )
    return bool(np.percentile(decibels(powers(note)), 75) - goes_on_db < _MUSIC_DB)
