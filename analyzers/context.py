"""What the words around a hit make of it: asked, denied, reported, answered, earned.

Wording alone does not make a cliche. "I won't ask what keeps you up at night", "my old boss used to
ask ...", "I suspect what keeps you up is the audit" carry the words and are none. The cues are
data (`cues.toml` of the playbook); this module only knows where a cue must stand to count.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from spacy.vocab import Vocab

from analyzers.elements import WILDCARD_WORDS
from analyzers.normalise import Normalised
from analyzers.patterns import AnchoredMatcher, Match, parse_template
from analyzers.sentences import Sentence
from calls.labels import Mark
from calls.playbook import Cue, CueKind, CueScope, Playbook, Rule

_CLAUSE_MARK = re.compile(r"[:;—–\n]| - ")
_BREAK = re.compile(r"[,;:—–]| - ")
_QUOTED = re.compile(r"(?<!\w)['‘](?=\w)(?:[^'’]|['’](?=\w))+['’](?!\w)|[\"“][^\"”]+[\"”]")
# "Listen, Tom, any problems?" still starts with "any"; so many words may come before the comma.
_ADDRESS_WORDS = 3
# No cue reaches further (`Cue.within`), and none is longer than a few dozen words.
_CUE_REACH = 60 + 40
_FOR = frozenset({CueKind.ASKED, CueKind.QUESTION})
_STATED = frozenset({CueKind.ANSWERED, CueKind.OWN_SIDE})


@dataclass(frozen=True)
class TurnText:
    """A turn prepared for reading: its normal form and its sentences.

    What is asked only about hits and cues is worked out when it is first asked, because most turns
    have none.
    """

    normalised: Normalised
    sentences: tuple[Sentence, ...]
    lead_ins: frozenset[str]
    openers: frozenset[str] = frozenset()

    @cached_property
    def _ends(self) -> tuple[int, ...]:
        return tuple([one.last for one in self.sentences])

    @cached_property
    def _hard_ends(self) -> tuple[int, ...]:
        return tuple([one.last for one in self.sentences if one.hard])

    @cached_property
    def _quotes(self) -> tuple[tuple[int, int], ...]:
        return tuple([found.span() for found in _QUOTED.finditer(self.normalised.text)])

    @cached_property
    def is_punctuated(self) -> bool:
        """True if any sentence of the turn ends with a mark."""
        return any(one.mark for one in self.sentences)

    def sentence_at(self, token: int) -> int:
        """The number of the sentence that holds a token."""
        number = bisect_right(self._ends, token)
        if number == len(self._ends):
            raise IndexError(f"token {token} is outside the turn")
        return number

    def stretch_at(self, token: int) -> int:
        """The number of hard sentence ends before a token: cues don't reach over those."""
        return bisect_right(self._hard_ends, token)

    def stretch_after(self, token: int) -> tuple[int, int]:
        """The tokens of the stretch after the one that holds a token; empty if there is none."""
        number, end = bisect_right(self._hard_ends, token), len(self.normalised.words)
        first = self._hard_ends[number] if number < len(self._hard_ends) else end
        last = self._hard_ends[number + 1] if number + 1 < len(self._hard_ends) else end
        return first, last

    def quotation(self, match: Match) -> str:
        """The quoted words around a match, or nothing."""
        if not self._quotes:
            return ""
        start, end = self.normalised.span(match.start, match.end)
        number = bisect_left(self._quotes, (start, start)) - 1
        if number < 0 or self._quotes[number][1] <= end:
            return ""
        left, right = self._quotes[number]
        return self.normalised.text[left:right]

    def keeps_within(self, match: Match) -> bool:
        """True if no hard end of a sentence lies inside the match."""
        first = bisect_right(self._hard_ends, match.start)
        return first == len(self._hard_ends) or self._hard_ends[first] >= match.end

    def starts_clause(self, token: int) -> bool:
        """True if only words that lead in stand between the start of a clause and the token."""
        first = self.sentences[self.sentence_at(token)].first
        words, text = self.normalised.words, self.normalised.text
        while token > first:
            gap = text[self.normalised.ends[token - 1] : self.normalised.starts[token]]
            if _CLAUSE_MARK.search(gap) or ("," in gap and token - first <= _ADDRESS_WORDS):
                return True
            if words[token - 1] not in self.lead_ins:
                return False
            token -= 1
        return True

    def ends_sentence(self, token: int) -> bool:
        """True if a sentence ends before `token`, leaving out a name after a comma."""
        sentence = self.sentences[self.sentence_at(token - 1)]
        if token >= sentence.last:
            return True
        gap = self.normalised.text[self.normalised.ends[token - 1] : self.normalised.starts[token]]
        return "," in gap and sentence.last - token <= _ADDRESS_WORDS

    def changes_thought(self, match: Match) -> bool:
        """True if a new thought opens inside the match: "our customers so tell me ..."."""
        inside = self.normalised.words[match.start + 1 : match.end - 1]
        return not self.is_punctuated and not self.openers.isdisjoint(inside)

    def breaks(self, match: Match) -> bool:
        """True if a comma or a dash stands between two words of the match."""
        start, end = self.normalised.span(match.start, match.end)
        return _BREAK.search(self.normalised.text, start, end) is not None

    def admits(self, match: Match, *, across: bool = False) -> bool:
        """True if the match respects the sentences and the `^` and `$` of its template."""
        return (
            (across or self.keeps_within(match))
            and (not match.at_start or self.starts_clause(match.start))
            and (not match.at_end or self.ends_sentence(match.end))
        )


@dataclass(frozen=True, slots=True)
class HeardCue:
    """A cue that bears on a hit, with the words it was heard in."""

    kind: CueKind
    cue_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a hit stands, and the cues that decided so."""

    stands: bool
    asked: HeardCue | None
    against: tuple[HeardCue, ...]


class CueReader:
    """Weighs the cues around a hit. Compiled once from the cues of a playbook."""

    def __init__(self, playbook: Playbook, vocab: Vocab) -> None:
        self._cues = playbook.cues
        self._matcher = AnchoredMatcher(vocab, common=playbook.wording.common)
        for key, cue in enumerate(self._cues):
            for template in cue.patterns:
                for pattern in parse_template(template, playbook.word_classes):
                    self._matcher.add(key, pattern)

    def matches(self, turn: TurnText) -> list[Match]:
        """Every cue heard in a turn, to be passed to `judge` for each of its hits."""
        return sorted(
            (
                one
                for one in self._matcher.find(turn.normalised)
                if turn.admits(one)
                and not turn.changes_thought(one)
                and not (self._cues[one.key].unbroken and turn.breaks(one))
            ),
            key=lambda one: (one.start, -one.end, one.key),
        )

    def judge(
        self, turn: TurnText, hit: Match, cues: Sequence[Match], *, mark: Mark, rule: Rule
    ) -> Verdict:
        """Whether `hit` of `rule` stands as a moment labelled `mark`."""
        near = _near(hit, cues, turn)
        bearing = [
            self._heard(turn, match)
            for match in near
            if (not self._cues[match.key].marks or mark in self._cues[match.key].marks)
            and _reaches(self._cues[match.key], match, hit, turn, across=rule.across)
            and not self._is_overtaken(match, hit, near)
        ]
        asked = next((one for one in bearing if one.kind in _FOR), None)
        asked = asked or _question_mark(turn, hit, across=rule.across)
        against = [one for one in bearing if one.kind not in _FOR]
        quoted = turn.quotation(hit)
        if quoted:
            against.append(HeardCue(CueKind.REPORTED, "quotation_marks", quoted))
        stands = not against and (asked is not None or not rule.asked)
        if rule.stated and stands:
            stands = not self._is_asked(turn, hit, cues)
        return Verdict(stands, asked, tuple(against))

    def is_question(self, sentence: Sentence, cues: Sequence[Match]) -> bool:
        """True if a sentence without any mark is a question by its word order."""
        return any(
            self._cues[match.key].kind is CueKind.QUESTION
            and sentence.first <= match.start < sentence.last
            for match in cues
        )

    def _is_asked(self, turn: TurnText, hit: Match, cues: Sequence[Match]) -> bool:
        """True if the sentence of a hit is a question by its mark or, without one, its words."""
        sentence = turn.sentences[turn.sentence_at(hit.end - 1)]
        if sentence.mark:
            return "?" in sentence.mark
        return self.is_question(sentence, cues)

    def _is_overtaken(self, match: Match, hit: Match, cues: Sequence[Match]) -> bool:
        """True if the hit is asked in the word order of a question, which no answer has.

        "I understand, what are your goals", "my first question is what are your goals", "what are
        your goals, that's usually the start".
        """
        cue = self._cues[match.key]
        if cue.kind not in _STATED:
            return False
        return any(
            self._cues[one.key].kind is CueKind.QUESTION
            and one.start < hit.end
            and hit.start - one.end <= WILDCARD_WORDS
            and (one.start > match.start or cue.scope is CueScope.AFTER)
            for one in cues
        )

    def _heard(self, turn: TurnText, match: Match) -> HeardCue:
        cue = self._cues[match.key]
        start, end = turn.normalised.span(match.start, match.end)
        return HeardCue(cue.kind, cue.id, turn.normalised.text[start:end])


def _near(hit: Match, cues: Sequence[Match], turn: TurnText) -> list[Match]:
    """The cues that stand near enough to bear on a hit: around it, or in the sentence after it.

    Cues are in order of their start. A long turn has thousands, so they are not looked through.
    """
    first = bisect_left(cues, hit.start - _CUE_REACH, key=_start_of)
    last = bisect_right(cues, hit.end + _CUE_REACH, key=_start_of)
    after, end = turn.stretch_after(hit.end - 1)
    following = max(last, bisect_left(cues, after, key=_start_of))
    return [*cues[first:last], *cues[following : bisect_left(cues, end, key=_start_of)]]


def _start_of(match: Match) -> int:
    return match.start


def _reaches(cue: Cue, match: Match, hit: Match, turn: TurnText, *, across: bool) -> bool:
    """True if a cue stands where its scope says it bears on the hit."""
    first, last = turn.stretch_at(hit.start), turn.stretch_at(hit.end - 1)
    there = turn.stretch_at(match.start)
    if cue.scope is CueScope.NEXT:
        return there == last + 1
    is_before = match.start < hit.start and hit.start - match.end <= cue.within
    if cue.scope is CueScope.EARLIER:
        return is_before and first - 1 <= there <= first
    if across and cue.kind in _FOR:
        last += 1  # "Say a genie came. What would you ask for?"
    if not first <= there <= last:
        return False
    if cue.scope is CueScope.BEFORE:
        return is_before
    is_after = match.end >= hit.end and match.start - hit.end <= cue.within
    return is_after if cue.scope is CueScope.AFTER else is_before or is_after or _inside(match, hit)


def _inside(match: Match, hit: Match) -> bool:
    return hit.start <= match.start and match.end <= hit.end


def _question_mark(turn: TurnText, hit: Match, *, across: bool) -> HeardCue | None:
    last = turn.sentence_at(hit.end - 1)
    if any("?" in one.mark for one in turn.sentences[last : last + 1 + across]):
        return HeardCue(CueKind.ASKED, "question_mark", "?")
    return None
