"""A playbook compiled for reading: text in, hits of its rules and the verdict on each out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from spacy.tokens import Doc
from spacy.vocab import Vocab

from analyzers.context import CueReader, TurnText, Verdict
from analyzers.normalise import Normaliser
from analyzers.patterns import AnchoredMatcher, Match, TemplateError, parse_template
from analyzers.sentences import find_sentences
from calls.errors import PlaybookInvalid
from calls.playbook import Family, Playbook, Rule

PAUSES = "call_pauses"
"""Key in `doc.user_data`: character offsets of the words that come after a long silence."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched: what it is, where, and whether it stands in its context."""

    family: Family
    rule: Rule
    match: Match
    verdict: Verdict

    @property
    def rule_id(self) -> str:
        """Family and rule, as shown to people."""
        return f"{self.family.id}.{self.rule.id}"


class Rulebook:
    """The compiled rules of one playbook.

    Raises:
        PlaybookInvalid: if a template can't be read.
    """

    def __init__(self, playbook: Playbook, vocab: Vocab) -> None:
        self.playbook = playbook
        self.vocab = vocab
        self._normaliser = Normaliser(playbook.wording)
        # A turn is prepared once for all rulebooks that share a wording, however many read it.
        self._prepared = f"call_turn_text {hash(playbook.wording.model_dump_json())}"
        self._lead_ins = frozenset(playbook.wording.lead_ins)
        self._openers = frozenset(playbook.wording.openers)
        self._abbreviations = frozenset(playbook.wording.abbreviations)
        self._rules = [(family, rule) for family in playbook.families for rule in family.rules]
        self._matcher = AnchoredMatcher(vocab, common=playbook.wording.common)
        for key, (family, rule) in enumerate(self._rules):
            self._add(key, family, rule)
        try:
            self._cues = CueReader(playbook, vocab)
        except TemplateError as error:
            raise PlaybookInvalid(f"cues: {error}.") from error

    def prepare(self, text: str, pauses: Collection[int] = ()) -> TurnText:
        """The text in normal form with its sentences."""
        normalised = self._normaliser(text)
        sentences = find_sentences(
            normalised,
            openers=self._openers,
            abbreviations=self._abbreviations,
            pauses=pauses,
        )
        return TurnText(normalised, sentences, self._lead_ins, self._openers)

    def prepare_doc(self, doc: Doc) -> TurnText:
        """The turn of a Doc, prepared only by the first who asks; it is kept in the Doc."""
        kept = doc.user_data
        turn = kept.get(self._prepared)
        if not isinstance(turn, TurnText):
            turn = self.prepare(doc.text, kept.get(PAUSES, ()))
            kept[self._prepared] = turn
        return turn

    def hits(self, turn: TurnText) -> list[Hit]:
        """Every rule found in a turn, standing or not, in order."""
        matches = [
            match
            for match in self._matcher.find(turn.normalised)
            if turn.admits(match, across=self._rules[match.key][1].across)
        ]
        if not matches:
            return []
        cues = self._cues.matches(turn)
        hits = []
        for match in _merged(matches):
            family, rule = self._rules[match.key]
            verdict = self._cues.judge(turn, match, cues, mark=family.label, rule=rule)
            hits.append(Hit(family, rule, match, verdict))
        return hits

    def _add(self, key: int, family: Family, rule: Rule) -> None:
        for phrase in rule.phrases:
            words = self._normaliser.words(phrase)
            if not words:
                raise PlaybookInvalid(f"{family.id}.{rule.id}: nothing is left of {phrase!r}.")
            self._matcher.add_phrase(key, words)
        try:
            for template in rule.patterns:
                for pattern in parse_template(template, self.playbook.word_classes):
                    self._matcher.add(key, pattern)
        except TemplateError as error:
            raise PlaybookInvalid(f"{family.id}.{rule.id}: {error}.") from error


def _merged(matches: list[Match]) -> list[Match]:
    """Overlapping matches of one rule as one, in order."""
    merged: list[Match] = []
    place_of: dict[int, int] = {}
    for match in sorted(matches, key=lambda one: (one.start, -one.end, one.key)):
        place = place_of.get(match.key)
        if place is not None and match.start < merged[place].end:
            last = merged[place]
            merged[place] = last._replace(end=max(last.end, match.end))
        else:
            place_of[match.key] = len(merged)
            merged.append(match)
    return merged
