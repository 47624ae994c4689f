"""Masking: what was found, taken out of texts and words, until nothing is left to find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from calls.settings import RedactionSettings
from calls.transcript import Transcript, Utterance, Word
from models.redaction.detection import find
from models.redaction.finding import Finding, Place
from models.redaction.kinds import MASKS, Kind, wanted_kinds
from models.redaction.labels import is_generated, kept_apart
from models.redaction.tokens import read, said
from models.redaction.wording import Wording, wording_for

_Edit = tuple[Place, Kind]


@dataclass(frozen=True, slots=True)
class _Rules:
    """What is looked for, whose numbers, and in which words."""

    wanted: frozenset[Kind]
    region: str
    wording: Wording


def redact(transcript: Transcript, settings: RedactionSettings) -> Transcript:
    """The transcript with what the settings name masked in texts, words and speaker labels.

    The first masked word stands for all words of its number in that utterance, from the start of
    the first to the end of the last. Labels that differ still do: "[phone]", "[phone] 2".
    Redacting again with the same settings changes nothing.

    `redacted` counts by kind the things that were masked, not their masks: a card read out over
    four utterances leaves a mask in each and counts once. What is said twice counts twice; what is
    in a label counts once for the label, however often it speaks. Masks made before are kept, and
    counts are added to.
    """
    wanted = wanted_kinds(settings)
    if not wanted:
        return transcript
    rules = _Rules(wanted, settings.region, wording_for(transcript.language))
    utterances, counts = _redacted(transcript.utterances, rules)
    texts = _texts_of_their_own(utterances)
    if texts:
        alone = [replace(utterances[at], words=()) for at in texts]
        masked, more = _redacted(alone, rules)
        counts |= more
        rewritten = dict(zip(texts, masked, strict=True))
        utterances = tuple(
            replace(one, text=rewritten[at].text) if at in rewritten else one
            for at, one in enumerate(utterances)
        )
    utterances, in_labels = _with_masked_labels(utterances, rules)
    total = Counter(transcript.redacted or {}) + counts + in_labels
    return replace(transcript, utterances=utterances, redacted=dict(sorted(total.items())))


def _redacted(
    utterances: Sequence[Utterance], rules: _Rules
) -> tuple[tuple[Utterance, ...], Counter[str]]:
    """The utterances masked, and what was. A mask may tell what the number after it is, so this
    goes on until nothing is found; each time there are fewer digits.
    """
    counts: Counter[str] = Counter()
    said_now = tuple(utterances)
    while True:
        findings = find(read(said_now), rules.wanted, rules.region, rules.wording)
        if not findings:
            return said_now, counts
        counts.update(finding.kind.value for finding in findings)
        said_now = _masked(said_now, findings)


def _with_masked_labels(
    utterances: tuple[Utterance, ...], rules: _Rules
) -> tuple[tuple[Utterance, ...], Counter[str]]:
    """The utterances with what is in their speakers' labels masked too, and what was."""
    # Nobody mishears a digit of a label, and long numbers there are mostly the vendor's own.
    rules = replace(rules, wanted=rules.wanted - {Kind.NUMBER})
    counts: Counter[str] = Counter()
    masked: dict[str, str] = {}
    for label in dict.fromkeys(one.speaker for one in utterances if one.speaker):
        masked[label] = label
        if is_generated(label):
            continue
        (alone,), found = _redacted((Utterance(0.0, 0.0, label),), rules)
        masked[label] = alone.text
        counts += found
    if not counts:
        return utterances, counts
    names = kept_apart(masked)
    return tuple(
        replace(one, speaker=names[one.speaker])
        if one.speaker and names[one.speaker] != one.speaker
        else one
        for one in utterances
    ), counts


def _texts_of_their_own(utterances: Sequence[Utterance]) -> list[int]:
    """Utterances whose text is not simply their words: a vendor's "4111" for "four one one one"."""
    return [
        number
        for number, one in enumerate(utterances)
        if one.words and one.text.split() != said(one).split()
    ]


def _masked(utterances: Sequence[Utterance], findings: Iterable[Finding]) -> tuple[Utterance, ...]:
    edits: dict[int, list[_Edit]] = {}
    for finding in findings:
        for place in finding.places:
            edits.setdefault(place.utterance, []).append((place, finding.kind))
    return tuple(
        _edited(one, sorted(edits[number], key=lambda edit: edit[0].start))
        if number in edits
        else one
        for number, one in enumerate(utterances)
    )


def _edited(utterance: Utterance, edits: Sequence[_Edit]) -> Utterance:
    if not utterance.words:
        return replace(utterance, text=_edited_text(utterance.text, edits))
    before = said(utterance)
    words = tuple(_edited_words(utterance.words, edits))
    changed = replace(utterance, words=words)
    if utterance.text.split() != before.split():
        return changed
    return replace(changed, text=" ".join(word.text.strip() for word in words))


def _edited_text(text: str, edits: Sequence[_Edit]) -> str:
    parts, after = [], 0
    for place, kind in edits:
        parts += [text[after : place.start], MASKS[kind]]
        after = place.end
    return "".join((*parts, text[after:]))


def _edited_words(words: Sequence[Word], edits: Sequence[_Edit]) -> Iterator[Word]:
    """The words with one masked word for all words that an edit touches."""
    position, pending = 0, list(edits)
    group: list[Word] = []
    group_start = 0
    for word in words:
        end = position + len(word.text)
        if not group:
            group_start = position
        group.append(word)
        position = end + 1
        # An edit that goes on beyond this word takes the next one in.
        if any(place.start < end < place.end for place, _ in pending):
            continue
        touching = [edit for edit in pending if edit[0].start < end]
        pending = pending[len(touching) :]
        yield _joined(group, group_start, touching) if touching else word
        group = []


def _joined(words: Sequence[Word], offset: int, edits: Sequence[_Edit]) -> Word:
    text = " ".join(word.text for word in words)
    own = [
        (Place(one.utterance, one.start - offset, one.end - offset), kind) for one, kind in edits
    ]
    known = [word.probability for word in words if word.probability is not None]
    return Word(
        _edited_text(text, own),
        words[0].start_s,
        max(words[0].start_s, *(word.end_s for word in words)),
        sum(known) / len(known) if known else None,
    )
