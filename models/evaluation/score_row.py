"""The row that says how well one recording was heard."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.evaluation.diarization import DiarizationErrors
from models.evaluation.word_errors import WordErrors

_NO_WORDS = "the reference has no words"
_NO_SPEECH = "the reference has no speech outside of collars"


@dataclass(frozen=True, slots=True)
class SpeechScore:
    """How well one recording was heard. What can't be measured is None and has a reason.

    Attributes:
        name: the stem that recording, reference and transcript share; "total" for pooled rows.
        is_total: True for the pooled row: its rates are pooled errors by pooled reference.
        reference: the file or files of the reference.
        engine: what made the transcript; "several" in a total of several.
        model: its model, or the format of an imported transcript.
        language: the language the texts were normalised for.
        normaliser: how they were normalised.
        unit: what the counts count: "word", or "character" where there are no spaces.
        reference_count: words of the reference after normalising.
        hypothesis_count: words of the transcript after normalising.
        wer: word error rate, from 0; above 1 where much was invented.
        substitutions: wrong words.
        deletions: missed words.
        insertions: invented words.
        wer_reason: why there is no `wer`.
        reference_speakers: how many speakers the reference knows.
        hypothesis_speakers: how many the transcript knows.
        cp_reference_count: as `reference_count`, each speaker's words normalised on their own.
        cpwer: word error rate by speaker (concatenated minimum permutation).
        cp_substitutions: wrong words by speaker.
        cp_deletions: words missed, or given to another speaker.
        cp_insertions: words invented, or taken from another speaker.
        cpwer_reason: why there is no `cpwer`.
        reference_speech_s: seconds of speech that count, outside of the collars.
        der: diarization error rate, from 0.
        missed_s: seconds of speech where the transcript has nobody.
        false_alarm_s: seconds where the transcript has somebody and the reference nobody.
        confusion_s: seconds given to the wrong speaker.
        der_reason: why there is no `der`.
        collar_s: seconds on each side of a border of the reference that do not count.
        not_scored_reason: why nothing of this recording was scored.
    """

    name: str
    is_total: bool = False
    reference: str | None = None
    engine: str | None = None
    model: str | None = None
    language: str | None = None
    normaliser: str | None = None
    unit: str | None = None
    reference_count: int | None = None
    hypothesis_count: int | None = None
    wer: float | None = None
    substitutions: int | None = None
    deletions: int | None = None
    insertions: int | None = None
    wer_reason: str = ""
    reference_speakers: int | None = None
    hypothesis_speakers: int | None = None
    cp_reference_count: int | None = None
    cpwer: float | None = None
    cp_substitutions: int | None = None
    cp_deletions: int | None = None
    cp_insertions: int | None = None
    cpwer_reason: str = ""
    reference_speech_s: float | None = None
    der: float | None = None
    missed_s: float | None = None
    false_alarm_s: float | None = None
    confusion_s: float | None = None
    der_reason: str = ""
    collar_s: float | None = None
    not_scored_reason: str = ""

    @property
    def words(self) -> WordErrors | None:
        """The word errors, if they could be counted."""
        if self.substitutions is None:
            return None
        return WordErrors(
            self.reference_count or 0,
            self.hypothesis_count or 0,
            self.substitutions,
            self.deletions or 0,
            self.insertions or 0,
        )

    @property
    def words_by_speaker(self) -> WordErrors | None:
        """The word errors by speaker, if they could be counted."""
        if self.cp_substitutions is None:
            return None
        return WordErrors(
            self.cp_reference_count or 0,
            0,
            self.cp_substitutions,
            self.cp_deletions or 0,
            self.cp_insertions or 0,
        )

    @property
    def diarization(self) -> DiarizationErrors | None:
        """The diarization errors, if they could be measured."""
        if self.missed_s is None:
            return None
        return DiarizationErrors(
            self.reference_speech_s or 0.0,
            self.missed_s,
            self.false_alarm_s or 0.0,
            self.confusion_s or 0.0,
        )

    def with_words(self, found: WordErrors) -> SpeechScore:
        """This row with word errors."""
        return replace(
            self,
            reference_count=found.reference_count,
            hypothesis_count=found.hypothesis_count,
            wer=found.rate,
            substitutions=found.substitutions,
            deletions=found.deletions,
            insertions=found.insertions,
            wer_reason="" if found.reference_count else _NO_WORDS,
        )

    def with_words_by_speaker(self, found: WordErrors) -> SpeechScore:
        """This row with word errors by speaker."""
        return replace(
            self,
            cp_reference_count=found.reference_count,
            cpwer=found.rate,
            cp_substitutions=found.substitutions,
            cp_deletions=found.deletions,
            cp_insertions=found.insertions,
            cpwer_reason="" if found.reference_count else _NO_WORDS,
        )

    def with_diarization(self, found: DiarizationErrors, collar_s: float | None) -> SpeechScore:
        """This row with diarization errors."""
        return replace(
            self,
            reference_speech_s=found.speech_s,
            der=found.rate,
            missed_s=found.missed_s,
            false_alarm_s=found.false_alarm_s,
            confusion_s=found.confusion_s,
            der_reason="" if found.rate is not None else _NO_SPEECH,
            collar_s=collar_s,
        )
