"""Phrases that engines invent where nobody speaks ("Thank you for watching")."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from models.guards.data import Phrase, phantoms
from models.guards.evidence import Evidence
from models.guards.tokens import positions_of

# Whisper's own limit, above which a segment may be silence.
_NO_SPEECH = 0.6
# The longest a phrase takes (seconds). A listener's words are short and stand apart.
_SLOWEST_START_S = 3.0
_SLOWEST_TOKEN_S = 1.5
# The fastest that people speak, in characters a second.
_FASTEST = 40.0


def is_phantom(evidence: Evidence) -> bool:
    """True when the words are known inventions and nothing else, or where nobody speaks."""
    texts, known = evidence.texts, phantoms()
    if any(positions_of(phrase, texts) for phrase in known.credits):
        return True
    if not is_made_of(texts, known.outros | known.ordinary):
        return _in_a_voiceless_stretch(evidence, known.outros | known.ordinary)
    if not is_made_of(texts, known.ordinary):
        return True  # an outro, and nothing else is said
    return (
        (evidence.heard.no_speech_probability or 0.0) >= _NO_SPEECH
        or _does_not_fit(evidence)
        or _in_a_voiceless_stretch(evidence, known.ordinary)
    )


def is_made_of(tokens: Sequence[str], phrases: AbstractSet[Phrase]) -> bool:
    """True when the tokens are nothing but these phrases, one after the other."""
    if not tokens:
        return False
    lengths = sorted({len(phrase) for phrase in phrases})
    reached = {0}
    for start in range(len(tokens)):
        if start in reached:
            reached |= {
                start + length
                for length in lengths
                if tuple(tokens[start : start + length]) in phrases
            }
    return len(tokens) in reached


def _does_not_fit(evidence: Evidence) -> bool:
    """True when so few words can't fill that much speech, or can't be said in so little."""
    texts = evidence.texts
    if evidence.speech_s > _SLOWEST_START_S + _SLOWEST_TOKEN_S * len(texts):
        return True
    return sum(map(len, texts)) > _FASTEST * evidence.speech_s


def _in_a_voiceless_stretch(evidence: Evidence, phrases: AbstractSet[Phrase]) -> bool:
    return any(
        is_made_of(texts, phrases) and evidence.loudness.is_voiceless(*stretch)
        for stretch, texts in zip(evidence.stretches, evidence.texts_by_stretch, strict=True)
    )
