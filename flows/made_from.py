"""What a reading was made from, as one text: when it changes, the call is read again."""

from __future__ import annotations

from collections.abc import Sequence

from calls.call import Recording, Source
from calls.corrections import Corrections
from flows.discovery.identity import IdentifiedCall
from flows.earlier_calls import Mark
from flows.versions import fingerprint


def made_from(
    base: str,
    call: IdentifiedCall | Recording,
    corrections: Corrections,
    earlier: Sequence[Mark] = (),
) -> str:
    """Names all that a call's rows depend on.

    First what every call shares (`base`), then its own, then the earlier calls it knows.
    """
    return joined(base, own_fingerprint(call, corrections), earlier)


def joined(base: str, own: str, earlier: Sequence[Mark]) -> str:
    """The parts as one text."""
    known = fingerprint([list(one) for one in earlier]) if earlier else ""
    return ".".join(filter(None, (base, own, known)))


def heard_before(made_from: str) -> str:
    """The mark of a reading of words that are due to be heard again.

    It is not the mark of an up-to-date call, so the night that can hear the call still does.
    """
    return f"{made_from}.stale"


def own_fingerprint(call: IdentifiedCall | Recording, corrections: Corrections | None) -> str:
    """Names what a call's words and roles depend on besides code and settings.

    Args:
        call: what is known of it.
        corrections: what people have put right; None if the record of that is damaged.
    """
    own: dict[str, object] = {
        "call_id": call.call_id,
        "sources": [_said(one) for one in call.sources],
        "facts": call.metadata.model_dump(mode="json"),
    }
    if corrections:
        own["corrections"] = [[one.about, one.roles] for one in corrections.swaps]
    return fingerprint(own)


def _said(source: Source) -> list[object]:
    return [source.name, source.kind, source.sha256, source.role, source.participant]
