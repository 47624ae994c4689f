"""Timed cues, as subtitle formats have them, to utterances; broken times repaired or refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from calls.errors import TranscriptInvalid
from calls.transcript import Utterance
from models.importers.cue import Cue
from models.importers.labels import Voiced, believed_names, split_voices
from models.importers.node import MAX_S
from models.importers.rolling import unrolled

# How long one spoken word takes at most, to end a cue that has a start only. Conversation runs at
# 120 to 200 words a minute.
_WORD_S = 0.4


def utterances_of(
    name: str, cues: Sequence[Cue], known_names: Collection[str] = ()
) -> tuple[tuple[Utterance, ...], tuple[str, ...]]:
    """The cues as utterances in order of time, and what had to be repaired.

    Raises:
        TranscriptInvalid: if no cue holds text, or a cue's times can't be told.
    """
    spoken, repeated = unrolled([cue for cue in cues if cue.text.strip() or cue.voices])
    if not spoken:
        raise _nothing(name)
    repaired, notes = repair(name, spoken)
    if repeated:
        notes.append(f"rolling captions: words shown again, taken once: {repeated}")
    texts = [cue.text for cue in repaired if not cue.voices]
    believed = believed_names(texts, known_names)
    utterances: list[Utterance] = []
    speaker: str | None = None
    carried = 0
    shared: list[Cue] = []
    for cue in repaired:
        parts = cue.voices or tuple(split_voices(cue.text, believed))
        if believed and not cue.voices and parts and parts[0].speaker is None and speaker:
            # Many exporters write the name once, where the speaker changes.
            parts = (Voiced(speaker, parts[0].text), *parts[1:])
            carried += 1
        if len(parts) > 1:
            shared.append(cue)
        utterances += _shared_out(cue, parts)
        speaker = parts[-1].speaker if parts else speaker
    notes += _counted("several speakers, time shared out by length of text", shared)
    if carried:
        notes.append(f"cues without a name, given to the speaker before: {carried}")
    if not utterances:
        raise _nothing(name)
    utterances.sort(key=lambda one: one.start_s)
    return tuple(utterances), tuple(notes)


def _nothing(name: str) -> TranscriptInvalid:
    return TranscriptInvalid(name, "holds no cue with text.", "Export the transcript again.")


def repair(name: str, cues: Sequence[Cue]) -> tuple[list[Cue], list[str]]:
    """The cues with times that are in order, and a note for each kind of repair.

    Raises:
        TranscriptInvalid: if a cue's times can't be told, naming its line.
    """
    if len(cues) > 1 and all(cue.start_s == cue.end_s for cue in cues):
        raise TranscriptInvalid(
            name,
            f"line {cues[0].line}: none of the {len(cues)} cues has a duration.",
            "Export the transcript with start and end times.",
        )
    repaired: list[Cue] = []
    swapped: list[Cue] = []
    extended: list[Cue] = []
    for position, cue in enumerate(cues):
        if max(cue.start_s, cue.end_s) > MAX_S:
            raise TranscriptInvalid(
                name,
                f"line {cue.line}: cue {cue.number} lies more than a week after the beginning.",
                "Correct the times of this cue.",
            )
        following = cues[position + 1] if position + 1 < len(cues) else None
        if cue.end_s < cue.start_s:
            cue = _swapped(name, cue, repaired[-1] if repaired else None, following)
            swapped.append(cue)
        elif cue.end_s == cue.start_s:
            cue = _extended(cue, following)
            extended.append(cue)
        repaired.append(cue)
    notes = [
        *_counted("end before start, swapped", swapped),
        *_counted("zero duration, given the time its words need", extended),
    ]
    return repaired, notes


def _counted(what: str, cues: Sequence[Cue]) -> list[str]:
    """One note however many cues there are: a call keeps its notes in its row."""
    if not cues:
        return []
    more = f" and {len(cues) - 1} more" if cues[1:] else ""
    return [f"cue {cues[0].number}{more}: {what}"]


def _swapped(name: str, cue: Cue, before: Cue | None, following: Cue | None) -> Cue:
    """The cue with start and end exchanged, if it then fits between its neighbours."""
    fits_before = before is None or before.start_s <= cue.end_s
    fits_after = following is None or cue.end_s <= max(following.start_s, following.end_s)
    if not (fits_before and fits_after):
        raise TranscriptInvalid(
            name,
            f"line {cue.line}: cue {cue.number} ends at {cue.end_s:.3f} s, before it starts "
            f"({cue.start_s:.3f} s), and exchanged it does not fit between its neighbours.",
            "Correct the times of this cue.",
        )
    return replace(cue, start_s=cue.end_s, end_s=cue.start_s)


def _extended(cue: Cue, following: Cue | None) -> Cue:
    """The cue with as much time as its words need, and no more than the next cue leaves."""
    words = sum(len(part.text.split()) for part in cue.voices) or len(cue.text.split())
    end_s = min(cue.start_s + words * _WORD_S, MAX_S)
    if following is not None and following.start_s >= cue.start_s:
        end_s = min(end_s, following.start_s)
    return replace(cue, end_s=end_s)


def _shared_out(cue: Cue, parts: Sequence[Voiced]) -> list[Utterance]:
    """One utterance per voice of a cue; several share its time by length of text."""
    total = sum(len(part.text) for part in parts)
    utterances = []
    start_s = cue.start_s
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        share = (cue.end_s - cue.start_s) * len(part.text) / total
        end_s = cue.end_s if last else min(cue.end_s, start_s + share)
        text = " ".join(part.text.split())
        utterances.append(Utterance(start_s, end_s, text, speaker=part.speaker))
        start_s = end_s
    return utterances
