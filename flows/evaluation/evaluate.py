"""Having cases read and comparing what is found with what people say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from calls.call import AttributedCall, Reading
from calls.labels import Label
from calls.moment import FoundBy
from flows.evaluation.cases import Case, JudgedTurn, Kind
from flows.evaluation.confusions import QUOTES, Confusion, Confusions
from flows.evaluation.expected import Expected, facts_of
from flows.evaluation.predicted import labels_by_turn
from flows.evaluation.scores import Counter, Scores

Read = Callable[[AttributedCall], Reading]
"""Reads a call: `Reader.read` of the product, or of a Reader built with another model."""

_CHAINS = "chains"


@dataclass(frozen=True, slots=True)
class Judged:
    """A case that has been read. `found` are the labels of its judged turns, in their order."""

    case: Case
    reading: Reading
    found: tuple[frozenset[Label], ...]
    facts: Expected


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """A call or session: what people say of it, and what was found.

    `has_complete_chain` is what the product's own chains say, which know time limits, rejections
    and attempts; None if no analyzer looked for chains.
    """

    id: str
    is_session: bool
    expected: Expected
    found: Expected
    has_complete_chain: bool | None

    @property
    def steps_right(self) -> bool | None:
        """True if the same steps were found in the same order; None if nobody says which."""
        if self.expected.steps_in_order is None:
            return None
        return self.expected.steps_in_order == self.found.steps_in_order

    @property
    def complete_right(self) -> bool | None:
        """True if completeness was found right; None if nobody says."""
        if self.expected.is_complete is None:
            return None
        return self.expected.is_complete == self.found.is_complete


@dataclass(frozen=True, slots=True)
class Hit:
    """A label found in ordinary talk: the sentence, where it stands, and what found it."""

    where: str
    text: str
    score: float
    found_by: FoundBy
    rule_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TalkHits:
    """False alarms in talk: turns per label, and the first few hits of each."""

    turn_count: int
    turns_with_any_label: int
    counts: dict[Label, int]
    hits: dict[Label, tuple[Hit, ...]]

    def per_1000(self, label: Label) -> float:
        """Turns with that label per 1,000 turns."""
        return 1_000 * self.counts[label] / self.turn_count


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that an evaluation found out.

    `unlabelled_count` are turns, not of talk, that nobody has labelled; `uncovered_count` are turns
    in a language without a playbook: nothing can be found there.
    """

    scores: dict[Kind, Scores]
    confusions: tuple[Confusion, ...]
    calls: tuple[CallOutcome, ...]
    talk: TalkHits | None
    turn_count: int
    unlabelled_count: int
    uncovered_count: int
    read_version: str
    playbook_version: str


def judge(case: Case, read: Read) -> Judged:
    """The case with the labels that reading finds in its judged turns."""
    reading = read(case.call)
    by_turn = labels_by_turn(reading.moments)
    nothing: frozenset[Label] = frozenset()
    found = tuple(by_turn.get(one.turn, nothing) for one in case.judged)
    return Judged(case, reading, found, facts_of(by_turn))


def evaluate(
    cases: Iterable[Case],
    read: Read,
    *,
    quotes: int = QUOTES,
    each: Callable[[Judged], None] | None = None,
) -> Evaluation:
    """What reading finds in the cases, compared with what people say of them.

    Args:
        cases: single turns, calls and talk, in any order; one at a time is held.
        read: reads a call.
        quotes: how many quotes are kept per label of talk, and per confusion.
        each: is shown every case as soon as it is read (to write predictions, say).
    """
    tally = _Tally(quotes)
    for case in cases:
        judged = judge(case, read)
        tally.add(judged)
        if each is not None:
            each(judged)
    return tally.result()


class _Tally:
    """What has been counted so far. Grows with calls and kinds of mistakes, not with words."""

    def __init__(self, quotes: int) -> None:
        self._counters = {Kind.TURNS: Counter(), Kind.CALLS: Counter()}
        self._confusions = Confusions(quotes=quotes)
        self._calls: list[CallOutcome] = []
        self._talk = _TalkTally(quotes)
        self._turns = self._unlabelled = self._uncovered = 0
        self._versions = ("", "")

    def add(self, judged: Judged) -> None:
        """Takes in one case."""
        case, reading = judged.case, judged.reading
        self._turns += len(case.judged)
        if not reading.language_covered:
            self._uncovered += len(case.judged)
        if not any(self._versions):
            self._versions = (reading.version, reading.playbook_version)
        if case.kind is Kind.TALK:
            self._talk.add(judged)
            return
        self._compare(judged)
        if case.expected is not None:
            complete = any(one.is_complete for one in reading.chains)
            self._calls.append(
                CallOutcome(
                    id=case.id,
                    is_session=case.is_session,
                    expected=case.expected,
                    found=judged.facts,
                    has_complete_chain=complete if _CHAINS in reading.analyzers else None,
                )
            )

    def _compare(self, judged: Judged) -> None:
        case = judged.case
        pairs = []
        for one, found in zip(case.judged, judged.found, strict=True):
            if one.labels is None:
                self._unlabelled += 1
                continue
            pairs.append((one.labels, found))
            text = case.call.turns[one.turn].text
            self._confusions.add(one.labels, found, where=one.where, text=text)
        self._counters[case.kind].add(pairs)

    def result(self) -> Evaluation:
        """All of it."""
        scores = {kind: counter.scores() for kind, counter in self._counters.items()}
        read_version, playbook_version = self._versions
        return Evaluation(
            scores={kind: one for kind, one in scores.items() if one is not None},
            confusions=self._confusions.most_frequent(),
            calls=tuple(self._calls),
            talk=self._talk.result(),
            turn_count=self._turns,
            unlabelled_count=self._unlabelled,
            uncovered_count=self._uncovered,
            read_version=read_version,
            playbook_version=playbook_version,
        )


class _TalkTally:
    """Counts the false alarms in talk."""

    def __init__(self, quotes: int) -> None:
        self._quotes = quotes
        self._turns = self._with_any = 0
        self._counts = dict.fromkeys(Label, 0)
        self._hits: dict[Label, list[Hit]] = {label: [] for label in Label}

    def add(self, judged: Judged) -> None:
        """Takes in one piece of talk."""
        self._turns += len(judged.case.judged)
        hit_turns: dict[int, JudgedTurn] = {}
        for one, found in zip(judged.case.judged, judged.found, strict=True):
            if found:
                self._with_any += 1
                hit_turns[one.turn] = one
            for label in found:
                self._counts[label] += 1
        shown: set[tuple[int, str]] = set()
        for moment in judged.reading.moments:
            place = hit_turns.get(moment.turn)
            # A turn counts once per label, however many sentences of it were found.
            if place is None or (moment.turn, moment.label) in shown:
                continue
            if isinstance(moment.label, Label) and len(self._hits[moment.label]) < self._quotes:
                shown.add((moment.turn, moment.label))
                self._hits[moment.label].append(
                    Hit(place.where, moment.quote, moment.score, moment.found_by, moment.rule_ids)
                )

    def result(self) -> TalkHits | None:
        """The false alarms; None if there was no talk."""
        if not self._turns:
            return None
        hits = {label: tuple(own) for label, own in self._hits.items()}
        return TalkHits(self._turns, self._with_any, self._counts, hits)
