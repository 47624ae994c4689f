"""The insight chain as a state machine: labelled moments in, attempts out.

    SUPPOSED ──confirmation──► CONFIRMED ──reframe──► REFRAMED ──client story──► COMPLETE
       │ ▲
       │ └── the same rep supposes again, before any answer: restated
       ├──── rejection: stays open, for a customer may come round
       └──── another hypothesis: a new attempt, and this one waits no longer

Several attempts may be under way: after a second hypothesis has failed, a reframe still belongs to
the first one that was confirmed. An answer goes to the newest attempt; a reframe to the newest that
was confirmed; a story to the newest that was reframed. Each step must lie on a later turn than the
one before and within its time limit. What comes before its turn is kept as early and does not
count. Without limits, some attempt is complete exactly where the label guide calls the sequence of
the call complete (`calls.chain.is_sequence_complete`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from calls.chain import Chain, StopReason, lag_s
from calls.insight_settings import ChainSettings
from calls.labels import Label
from calls.moment import Moment

# In the order in which they are taken within one turn. A story goes to a chain reframed before, not
# to the reframe beside it; whoever says no and then yes has said yes.
_LABELS = (
    Label.HYPOTHESIS,
    Label.CLIENT_STORY,
    Label.REFRAME,
    Label.REJECTION,
    Label.CONFIRMATION,
    Label.AHA,
)


class Stage(IntEnum):
    """How far an attempt has come: the number of steps taken."""

    SUPPOSED = 1
    CONFIRMED = 2
    REFRAMED = 3
    COMPLETE = 4


@dataclass(slots=True)
class Attempt:
    """An attempt under way. `is_late` closes it: the next step came, after its limit."""

    number: int
    hypotheses: list[Moment]
    stage: Stage = Stage.SUPPOSED
    is_late: bool = False
    is_replaced: bool = False
    confirmation: Moment | None = None
    rejection: Moment | None = None
    reframe: Moment | None = None
    aha: Moment | None = None
    client_story: Moment | None = None
    recovered_from: int | None = None
    early_reframe: Moment | None = None
    early_story: Moment | None = None

    def accepts(self, stage: Stage, after: Moment | None, moment: Moment, limit_s: float) -> bool:
        """True if the attempt waits at `stage` for the step of this moment, which follows `after`.

        A step that comes too late closes the attempt.
        """
        if self.stage is not stage or self.is_late or after is None or moment.turn <= after.turn:
            return False
        self.is_late = (lag_s(after, moment) or 0.0) > limit_s
        return not self.is_late

    def stop_reason(self) -> StopReason:
        """Why the attempt has gone no further, when nothing more comes."""
        if self.stage is Stage.SUPPOSED and self.rejection is not None:
            return StopReason.REJECTED
        if self.is_late:
            return StopReason.TOO_LATE
        if self.stage is not Stage.SUPPOSED:
            return _STOPPED_AT[self.stage]
        return StopReason.REPLACED if self.is_replaced else StopReason.NOT_CONFIRMED

    def as_chain(self) -> Chain:
        """The attempt as it stands."""
        return Chain(
            attempt=self.number,
            hypothesis=self.hypotheses[0],
            hypothesis_text=_text(self.hypotheses),
            stop_reason=self.stop_reason(),
            confirmation=self.confirmation,
            rejection=self.rejection,
            reframe=self.reframe,
            aha=self.aha,
            client_story=self.client_story,
            recovered_from=self.recovered_from,
            restated=tuple(self.hypotheses[1:]),
            early_reframe=self.early_reframe,
            early_story=self.early_story,
        )


_STOPPED_AT = {
    Stage.CONFIRMED: StopReason.NOT_REFRAMED,
    Stage.REFRAMED: StopReason.NO_STORY,
    Stage.COMPLETE: StopReason.COMPLETE,
}


def find_chains(
    moments: Iterable[Moment], *, answer_turns: Sequence[int], settings: ChainSettings
) -> tuple[Chain, ...]:
    """Every attempted chain, in order of the hypotheses.

    Args:
        moments: what was found in the call, in any order; other labels are passed over.
        answer_turns: the turns in which a customer says something of substance, in order. After one
            of them the seller no longer waits for an answer to the hypothesis before it.
        settings: the limits.
    """
    machine = _Machine(settings, answer_turns)
    steps = (one for one in moments if one.label in _LABELS)
    for moment in sorted(steps, key=_place):
        machine.take(moment)
    return tuple(one.as_chain() for one in machine.attempts)


def _place(moment: Moment) -> tuple[int, int, int]:
    return moment.turn, _LABELS.index(Label(moment.label)), moment.start_char


@dataclass(slots=True)
class _Machine:
    """The attempts so far, and which of them waits for what. Every moment costs the same."""

    settings: ChainSettings
    answer_turns: Sequence[int]
    attempts: list[Attempt] = field(default_factory=list)
    _confirmed: Attempt | None = None  # the newest that was confirmed, however far it has come
    _reframed: Attempt | None = None  # the newest that was reframed
    _rejected: list[int] = field(default_factory=list)  # not yet made good
    _taught: tuple[Attempt, Moment] | None = None  # the seller's last step, and whose it was
    _next_answer: int = 0

    def take(self, moment: Moment) -> None:
        """Lets one moment take its step. Moments come in order of turns."""
        _TAKE[Label(moment.label)](self, moment)

    def hypothesis(self, moment: Moment) -> None:
        """Opens an attempt, or says the open one again."""
        last = self.attempts[-1] if self.attempts else None
        answered = last is not None and self._answered_between(last.hypotheses[-1], moment)
        if last is not None and not answered and self._says_again(last, moment):
            last.hypotheses.append(moment)
            self._taught = (last, moment)
            return
        if last is not None and last.stage is Stage.SUPPOSED:
            last.is_replaced = not answered
        self.attempts.append(Attempt(len(self.attempts) + 1, [moment]))
        self._taught = (self.attempts[-1], moment)

    def confirmation(self, moment: Moment) -> None:
        """Confirms the newest attempt."""
        last = self.attempts[-1] if self.attempts else None
        limit_s = self.settings.confirmation_within_s
        if last is None or not last.accepts(Stage.SUPPOSED, last.hypotheses[-1], moment, limit_s):
            return
        last.confirmation, last.stage = moment, Stage.CONFIRMED
        self._confirmed = last
        made_good = [one for one in self._rejected if one != last.number]
        last.recovered_from = made_good[-1] if made_good else None
        self._rejected.clear()

    def rejection(self, moment: Moment) -> None:
        """Turns the newest attempt down; it is kept too where it was confirmed before."""
        last = self.attempts[-1] if self.attempts else None
        if last is None or last.rejection is not None or last.stage > Stage.CONFIRMED:
            return
        lag = lag_s(last.hypotheses[-1], moment) or 0.0
        if moment.turn <= last.hypotheses[-1].turn or lag > self.settings.confirmation_within_s:
            return
        last.rejection = moment
        if last.stage is Stage.SUPPOSED:
            self._rejected.append(last.number)

    def reframe(self, moment: Moment) -> None:
        """Takes the newest confirmed attempt further, or comes early for the newest of all."""
        if not self.attempts:
            return
        last, due = self.attempts[-1], self._confirmed
        limit_s = self.settings.reframe_within_s
        taker = last
        if due is not None and due.accepts(Stage.CONFIRMED, due.confirmation, moment, limit_s):
            due.reframe, due.stage = moment, Stage.REFRAMED
            self._reframed = taker = due
        elif last.stage is Stage.SUPPOSED and last.early_reframe is None:
            last.early_reframe = moment
        self._taught = (taker, moment)

    def client_story(self, moment: Moment) -> None:
        """Completes the newest reframed attempt, or comes early for the newest of all."""
        if not self.attempts:
            return
        last, due = self.attempts[-1], self._reframed
        limit_s = self.settings.story_within_s
        taker = last
        if due is not None and due.accepts(Stage.REFRAMED, due.reframe, moment, limit_s):
            due.client_story, due.stage = moment, Stage.COMPLETE
            taker = due
        elif last.stage is not Stage.COMPLETE and last.early_story is None and not last.is_late:
            last.early_story = moment
        self._taught = (taker, moment)

    def aha(self, moment: Moment) -> None:
        """Shows that what the seller said last was new to the customer."""
        if self._taught is None:
            return
        attempt, said = self._taught
        if attempt.aha is None and (lag_s(said, moment) or 0.0) <= self.settings.aha_within_s:
            attempt.aha = moment

    def _says_again(self, last: Attempt, moment: Moment) -> bool:
        """True if the moment only restates an open, unanswered hypothesis."""
        said = last.hypotheses[-1]
        return (
            last.stage is Stage.SUPPOSED
            and last.rejection is None
            and not last.is_late
            and said.speaker == moment.speaker
            and moment.turn - said.turn <= self.settings.restated_within_turns
        )

    def _answered_between(self, said: Moment, again: Moment) -> bool:
        """True if a customer has said something of substance between two turns."""
        turns = self.answer_turns
        while self._next_answer < len(turns) and turns[self._next_answer] <= said.turn:
            self._next_answer += 1
        return self._next_answer < len(turns) and turns[self._next_answer] < again.turn


_TAKE: Mapping[Label, Callable[[_Machine, Moment], None]] = {
    Label.HYPOTHESIS: _Machine.hypothesis,
    Label.REFRAME: _Machine.reframe,
    Label.CLIENT_STORY: _Machine.client_story,
    Label.REJECTION: _Machine.rejection,
    Label.CONFIRMATION: _Machine.confirmation,
    Label.AHA: _Machine.aha,
}


def _text(hypotheses: Sequence[Moment]) -> str:
    """What was supposed, verbatim: the sentences in order, `[…]` where others were said between."""
    text, turn = "", -1
    seen: set[tuple[int, str]] = set()
    for one in hypotheses:
        if (one.turn, one.quote) in seen:
            continue
        seen.add((one.turn, one.quote))
        gap = "" if not text else " " if one.turn == turn else " […] "
        text, turn = f"{text}{gap}{one.quote}", one.turn
    return text
