"""Why the words of a call are not to be relied on: asked by whoever measures or shows them."""

from __future__ import annotations

from collections.abc import Mapping

from calls.call import AttributedCall, RoleSource
from calls.transcript import Engine, TranscriptOrigin

WEAK_ENGINES: Mapping[str, str] = {
    Engine.EMBEDDED: "embedded engine: reads clean wide-band speech only"
}
"""Engines whose words are never taken at face value, and why."""

CUT_OFF = "the recording is cut off"
GUESSED_ROLES = "roles proposed from what was said"
TOLD_APART = "voices on one channel told apart by their sound"


def heard_by(origin: TranscriptOrigin) -> str:
    """The engine behind the words, also where an export has brought them back (option `engine`)."""
    exported_as = origin.options.get("engine") if origin.engine is Engine.IMPORTED else None
    return str(exported_as or origin.engine)


def doubts_about_completeness(call: AttributedCall) -> tuple[str, ...]:
    """What speaks against everything measured on the call: an end or passages that are missing."""
    cut_off = CUT_OFF if call.audio.truncated else ""
    poor = call.quality.low_because if call.quality is not None else ""
    return tuple(filter(None, (cut_off, poor)))


def doubts_about_words(call: AttributedCall) -> tuple[str, ...]:
    """What speaks against each word of the call, beside what is missing."""
    weak = WEAK_ENGINES.get(heard_by(call.origin))
    return (weak,) if weak else ()


def doubts_about_text(call: AttributedCall) -> tuple[str, ...]:
    """What speaks against all that is read out of the words of the call."""
    return (*doubts_about_completeness(call), *doubts_about_words(call))


def doubts_about_voices(call: AttributedCall) -> tuple[str, ...]:
    """What speaks against whose voice is whose."""
    return (TOLD_APART,) if call.origin.options.get("diarization") else ()


def doubts_about_roles(call: AttributedCall) -> tuple[str, ...]:
    """What speaks against who is taken for the rep and who for the customer."""
    guessed = (GUESSED_ROLES,) if call.role_source is RoleSource.WORDING else ()
    return (*doubts_about_voices(call), *guessed)
