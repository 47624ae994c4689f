"""Diarization error: how long it was said wrongly who speaks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calls.spans import Span, close_gaps

if TYPE_CHECKING:
    from pyannote.core import Annotation  # type: ignore[import-untyped]

DEFAULT_COLLAR_S = 0.25
"""Seconds on each side of a border of the reference that don't count.

The customary value of NIST's Rich Transcription evaluations: people who mark borders by hand don't
agree any better. (`pyannote.metrics` counts both sides as one number, here 0.5.)
"""


@dataclass(frozen=True, slots=True)
class DiarizationErrors:
    """Seconds, summed over speakers: two people at once count twice.

    `speech_s` is the speech of the reference that counts.
    """

    speech_s: float = 0.0
    missed_s: float = 0.0
    false_alarm_s: float = 0.0
    confusion_s: float = 0.0

    @property
    def rate(self) -> float | None:
        """Missed, false and confused seconds per second of speech; None where there is none."""
        errors_s = self.missed_s + self.false_alarm_s + self.confusion_s
        return errors_s / self.speech_s if self.speech_s > 0 else None

    def __add__(self, other: DiarizationErrors) -> DiarizationErrors:
        return DiarizationErrors(
            self.speech_s + other.speech_s,
            self.missed_s + other.missed_s,
            self.false_alarm_s + other.false_alarm_s,
            self.confusion_s + other.confusion_s,
        )


def diarization_errors(
    reference: Mapping[str, Sequence[Span]],
    hypothesis: Mapping[str, Sequence[Span]],
    *,
    ignored: Collection[Span] = (),
    collar_s: float = DEFAULT_COLLAR_S,
) -> DiarizationErrors:
    """The diarization error of one call, over all of it, overlapped speech included.

    Speakers are paired so that they agree for as long as possible. What counts reaches from 0 to
    the last end on either side, without the collars and without the ignored spans. Source: NIST,
    "The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan"; counted by
    `pyannote.metrics`.

    Raises:
        ModuleNotFoundError: without the extra `evaluation`.
    """
    from pyannote.core import Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    ends_s = [
        end_s for side in (reference, hypothesis) for own in side.values() for _, end_s in own
    ]
    if not ends_s:
        return DiarizationErrors()
    counting = Timeline([Segment(0.0, max(ends_s))])
    left_out = Timeline([Segment(*span) for span in close_gaps(ignored)])
    counting = left_out.gaps(support=counting) if left_out else counting
    metric = DiarizationErrorRate(collar=2 * collar_s)
    parts = metric.compute_components(_annotation(reference), _annotation(hypothesis), uem=counting)
    return DiarizationErrors(
        parts["total"], parts["missed detection"], parts["false alarm"], parts["confusion"]
    )


def _annotation(speech: Mapping[str, Sequence[Span]]) -> Annotation:
    from pyannote.core import Annotation, Segment

    annotation = Annotation()
    for track, (speaker, spans) in enumerate(speech.items()):
        for span in spans:
            annotation[Segment(*span), track] = speaker
    return annotation
