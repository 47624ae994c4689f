"""How well the words of a transcript cover what was said: the record every listening leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Of 28 recordings an engine read, telephone and studio, the least covered is covered by 0.95. Where
# a fifth of the speech has no words, talk and counts are off by more than coaching can stand.
LEAST_COVERAGE = 0.8
# Suspicious words are marked one by one; beyond this share what is not marked is in doubt too.
MOST_SUSPICIOUS = 0.25


@dataclass(frozen=True, slots=True)
class TranscriptQuality:
    """What was measured while listening; there is none for a ready transcript.

    `speech_s` is the speech found in the audio and `transcribed_s` the part of it that words cover,
    both summed over channels. A chunk is up to 30 s of speech, decoded at once; it is suspicious
    when a guard objects to its words. `retried_chunks` were decoded a second time, and
    `suspicious_chunks` are still suspicious after that; `suspicions` counts these by reason.
    """

    speech_s: float
    transcribed_s: float
    chunks: int
    retried_chunks: int = 0
    suspicious_chunks: int = 0
    suspicions: Mapping[str, int] = field(default_factory=dict)

    @property
    def coverage_ratio(self) -> float | None:
        """Share of the speech that words cover, in [0, 1]; None without speech."""
        return min(1.0, self.transcribed_s / self.speech_s) if self.speech_s > 0 else None

    @property
    def low_because(self) -> str:
        """Why the words as a whole are not to be relied on; empty where they are."""
        reasons = []
        coverage = self.coverage_ratio
        if coverage is not None and coverage < LEAST_COVERAGE:
            reasons.append(f"words cover {coverage:.0%} of the speech")
        if (self.suspicious_ratio or 0.0) > MOST_SUSPICIOUS:
            reasons.append(
                f"the words of {self.suspicious_chunks} of {self.chunks} passages are suspicious"
            )
        return "; ".join(reasons)

    @property
    def suspicious_ratio(self) -> float | None:
        """Share of the chunks whose words are still suspicious, in [0, 1]; None without any."""
        return self.suspicious_chunks / self.chunks if self.chunks else None
