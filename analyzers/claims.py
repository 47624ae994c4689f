"""The claim check: what the rep says of the own product, held against the agreed messaging."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from analyzers.annotated import AnnotatedCall
from analyzers.claim_check.registry import Registry
from analyzers.claim_check.turn import Said, claims_in
from analyzers.found import Found, Row
from analyzers.measurable import doubt, measure, rep_obstacle
from analyzers.messaging_files import load_messaging
from analyzers.turn_texts import prepared
from calls.claim import ClaimSaid, Verdict
from calls.labels import Label, Role
from calls.language import primary
from calls.messaging import CLAIM_LABELS, AgreedClaim
from calls.moment import Moment
from calls.settings import Settings
from calls.transcript import Turn

NO_MESSAGING = "no messaging given"
LANGUAGE = "en"
"""The check knows how English says numbers, scope and negation."""

CLAIM_VERDICT_MEASURES: dict[str, Verdict] = {
    "claims_approved_count": Verdict.APPROVED,
    "claims_drifted_count": Verdict.DRIFTED,
    "claims_expired_count": Verdict.EXPIRED,
    "claims_unapproved_count": Verdict.UNAPPROVED,
    "claims_forbidden_count": Verdict.FORBIDDEN,
    "claims_unknown_count": Verdict.UNKNOWN,
}
"""The call's measures, and the verdict that each of them counts."""

# Shorter turns hold no claim of their own.
_LEAST_WORDS = 4


def build_claims(settings: Settings) -> Callable[[AnnotatedCall, Found], Iterator[Row]]:
    """The analyzer for these settings; the messaging is read now, so that a wrong file shows.

    Raises:
        MessagingInvalid: the messaging can't be read.
    """
    if settings.messaging is None:
        return _nothing_agreed
    registry = Registry(load_messaging(settings.messaging))
    return ClaimCheck(registry, zone=ZoneInfo(settings.time_zone))


def _nothing_agreed(annotated: AnnotatedCall, found: Found) -> Iterator[Row]:
    del annotated, found
    yield from (measure(name, NO_MESSAGING) for name in CLAIM_VERDICT_MEASURES)


class ClaimCheck:
    """Reads one call after another with one registry.

    Args:
        registry: the agreed messaging.
        zone: where an instant becomes the date that approvals and expiries are held against.
    """

    def __init__(self, registry: Registry, *, zone: ZoneInfo) -> None:
        self._registry = registry
        self._zone = zone

    def __call__(self, annotated: AnnotatedCall, found: Found) -> Iterator[Row]:
        """Every claim said by a rep, and how many there are of each verdict."""
        call = annotated.call
        obstacle = _obstacle(annotated)
        if obstacle:
            yield from (measure(name, obstacle) for name in CLAIM_VERDICT_MEASURES)
            return
        on = call.recording.started_at.astimezone(self._zone).date()
        labelled: dict[int, list[Moment]] = {}
        for moment in found.moments:
            if moment.label in CLAIM_LABELS:
                labelled.setdefault(moment.turn, []).append(moment)
        # A guess about the customer's business is near many claims and none: only the words of
        # a claim that is labelled as one are judged there.
        guesses = {one.turn for one in found.moments if one.label is Label.HYPOTHESIS}
        counts: Counter[Verdict] = Counter()
        for turn, doc in zip(call.turns, annotated.docs, strict=True):
            if turn.role is not Role.REP or turn.word_count < _LEAST_WORDS:
                continue
            moments = labelled.get(turn.turn, ())
            for said in claims_in(self._registry, prepared(doc), moments, on=on):
                if said.moment is None and turn.turn in guesses:
                    continue
                counts[said.judged.verdict] += 1
                yield self._row(turn, said)
        # What nobody labelled is found only where it comes near an entry.
        care = doubt(annotated, Role.REP, of_labels=True)
        for name, verdict in CLAIM_VERDICT_MEASURES.items():
            yield measure(name, counts[verdict], care)

    def _row(self, turn: Turn, said: Said) -> ClaimSaid:
        judged = said.judged
        source = judged.entry.source if judged.entry is not None else None
        answers: dict[str, bool | None] = {}
        if isinstance(source, AgreedClaim):
            for question in ("unique", "credible", "deliverable", "defensible"):
                answer = source.answered(question)
                answers[question] = answer.answer if answer is not None else None
        return ClaimSaid(
            turn=turn.turn,
            speaker=turn.speaker,
            start_s=turn.time_of_char(said.start),
            end_s=turn.time_after_char(said.end),
            start_char=said.start,
            end_char=said.end,
            quote=turn.text[said.start : said.end],
            moment=said.moment,
            verdict=judged.verdict,
            similarity=judged.similarity,
            reason=judged.reason,
            registry_version=self._registry.messaging.registry_version,
            claim_id=source.id if source is not None else None,
            approved_wording=source.wording if isinstance(source, AgreedClaim) else None,
            **answers,
        )


def _obstacle(annotated: AnnotatedCall) -> str:
    """Why nothing can be said about this call, or nothing."""
    language = primary(annotated.call.language or LANGUAGE)
    if language != LANGUAGE:
        return f"claims are checked in English only; the call is in {language!r}"
    return rep_obstacle(annotated)
