"""A transcript against its reference, as one row; and the rows of many, pooled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from calls.transcript import Engine, Transcript
from models.evaluation.diarization import (
    DEFAULT_COLLAR_S,
    DiarizationErrors,
    diarization_errors,
)
from models.evaluation.normalising import Normaliser, normaliser_for
from models.evaluation.references import Reference
from models.evaluation.score_row import SpeechScore
from models.evaluation.spoken import Spoken, spoken
from models.evaluation.word_errors import WordErrors, errors_by_speaker, word_errors

_ONE_VOICE = "the transcript has one voice: speakers were not told apart"
_NOWHERE = "not measurable on any recording"
_ESTIMATED = "the transcript's times are estimates"


def score(
    name: str,
    reference: Reference,
    transcript: Transcript,
    *,
    language: str | None = None,
    collar_s: float = DEFAULT_COLLAR_S,
) -> SpeechScore:
    """The errors of a transcript.

    Args:
        name: the stem that reference and transcript share.
        reference: what was really said.
        transcript: what was heard.
        language: for normalising; None takes the reference's, else the transcript's, else English.
        collar_s: seconds on each side of a border of the reference that do not count.

    Raises:
        ModuleNotFoundError: without the extra `evaluation`.
    """
    heard = spoken(transcript, ignored=reference.ignored)
    normalise = normaliser_for(language or reference.language or transcript.language)
    row = SpeechScore(
        name,
        reference=", ".join(reference.files),
        engine=str(transcript.origin.engine),
        model=transcript.origin.model or None,
        language=normalise.language,
        normaliser=normalise.name,
        unit=normalise.unit,
    )
    row = _with_words(row, reference.said, heard, normalise)
    row = _with_words_by_speaker(row, reference.said, heard, normalise)
    return _with_diarization(row, reference, heard, collar_s)


def totals(scores: Iterable[SpeechScore]) -> list[SpeechScore]:
    """The rows pooled: all errors by all of the reference, never the mean of rates.

    Each rate pools the rows that have it. One row for each unit (words, characters); none if
    nothing was scored.
    """
    by_unit: dict[str, list[SpeechScore]] = {}
    for one in scores:
        if one.unit is not None:
            by_unit.setdefault(one.unit, []).append(one)
    return [_total(unit, rows, alone=len(by_unit) == 1) for unit, rows in by_unit.items()]


def _total(unit: str, rows: Sequence[SpeechScore], *, alone: bool) -> SpeechScore:
    total = SpeechScore(
        "total" if alone else f"total ({unit}s)",
        is_total=True,
        engine=_common(one.engine for one in rows if one.engine != Engine.NONE),
        model=_common(one.model for one in rows),
        language=_common(one.language for one in rows),
        normaliser=_common(one.normaliser for one in rows),
        unit=unit,
    )
    # What has no rate of its own has no part in the total: its errors would be errors by nothing.
    words = [one.words for one in rows if one.words is not None and one.wer is not None]
    if words:
        total = total.with_words(sum(words, WordErrors()))
    else:
        total = replace(total, wer_reason=_NOWHERE)
    by_speaker = [
        one.words_by_speaker
        for one in rows
        if one.words_by_speaker is not None and one.cpwer is not None
    ]
    if by_speaker:
        total = total.with_words_by_speaker(sum(by_speaker, WordErrors()))
    else:
        total = replace(total, cpwer_reason=_NOWHERE)
    spoken_s = [
        one.diarization for one in rows if one.diarization is not None and one.der is not None
    ]
    if spoken_s:
        collar_s = next(one.collar_s for one in rows if one.der is not None)
        return total.with_diarization(sum(spoken_s, DiarizationErrors()), collar_s)
    return replace(total, der_reason=_NOWHERE)


def _common(values: Iterable[str | None]) -> str | None:
    found = {one for one in values if one is not None}
    return next(iter(found), None) if len(found) <= 1 else "several"


def _with_words(
    row: SpeechScore, said: Spoken, heard: Spoken, normalise: Normaliser
) -> SpeechScore:
    if said.no_words:
        return replace(row, wer_reason=said.no_words)
    return row.with_words(word_errors(normalise(said.text), normalise(heard.text)))


def _with_words_by_speaker(
    row: SpeechScore, said: Spoken, heard: Spoken, normalise: Normaliser
) -> SpeechScore:
    said_by, heard_by = said.text_by_speaker(), heard.text_by_speaker()
    reason = said.no_words or said.no_speakers
    if not reason and "" in said_by:
        reason = "some lines of the reference name no speaker"
    if reason:
        return replace(row, cpwer_reason=reason)
    row = replace(row, reference_speakers=len(said_by), hypothesis_speakers=len(heard_by))
    if heard.no_speakers and len(said_by) > 1:
        return replace(row, cpwer_reason=_ONE_VOICE)
    return row.with_words_by_speaker(
        errors_by_speaker(
            {speaker: normalise(text) for speaker, text in said_by.items()},
            {speaker: normalise(text) for speaker, text in heard_by.items()},
        ),
    )


def _with_diarization(
    row: SpeechScore, reference: Reference, heard: Spoken, collar_s: float
) -> SpeechScore:
    said = reference.said
    reason = said.no_times
    if not reason and "" in said.speech:
        reason = "some times of the reference name no speaker"
    if not reason and heard.no_speakers and len(said.speech) > 1:
        reason = _ONE_VOICE
    if not reason and heard.no_times:
        reason = _ESTIMATED
    if reason:
        return replace(row, der_reason=reason)
    row = replace(
        row,
        reference_speakers=row.reference_speakers or len(said.speech),
        hypothesis_speakers=len(heard.speech),
    )
    found = diarization_errors(
        said.speech, heard.speech, ignored=reference.ignored, collar_s=collar_s
    )
    return row.with_diarization(found, collar_s)
