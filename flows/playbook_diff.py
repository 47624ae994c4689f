"""What another playbook or model would change: calls read under both, nothing written.

Both sides are read now, by the same code from the stored words, so what differs comes from the
playbook or the model alone, not from an older version that landed the tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from analyzers.reading import Reader
from calls.call import AttributedCall
from calls.errors import WarehouseDamaged
from calls.moment import FoundBy, Moment
from calls.settings import Settings
from flows.earlier_calls import EarlierCalls, EarlierIndex, groups_in, placed_landed, with_earlier
from flows.masked import masked
from flows.reader import build_reader
from models.attribution import attribute
from models.redaction import covers, redaction_name
from warehouse.corrections import load_corrections
from warehouse.store import Warehouse

WON, LOST = "won", "lost"


@dataclass(frozen=True, slots=True)
class Change:
    """A moment that only one of the readings finds: `won` with the other one, or `lost`."""

    change: str
    label: str
    found_by: str
    rules: tuple[str, ...]
    call_id: str
    call_date: date
    speaker: str
    at_s: float
    quote: str
    words: str


@dataclass(slots=True)
class RuleCount:
    """How many moments a rule, a finder or a label has, now and read the other way.

    `won` and `lost` are the changed moments among them.
    """

    now: int = 0
    then: int = 0
    won: int = 0
    lost: int = 0


@dataclass(slots=True)
class Difference:
    """What reading all calls under both came to. `unread` says which calls could not be, and why.

    `rules` counts moments per rule, `labels` per label, `finders` per label and what found it:
    rule, model or both. A moment that only changes its finder is neither won nor lost.
    """

    calls: int = 0
    changes: list[Change] = field(default_factory=list)
    rules: dict[str, RuleCount] = field(default_factory=dict)
    labels: dict[str, RuleCount] = field(default_factory=dict)
    finders: dict[tuple[str, str], RuleCount] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def add(self, call: AttributedCall, now: Iterable[Moment], then: Iterable[Moment]) -> None:
        """Counts the moments of one call as found by both."""
        self.calls += 1
        before = {_same(call, one): one for one in now}
        after = {_same(call, one): one for one in then}
        for moment in before.values():
            for count in self._counts(moment):
                count.now += 1
        for moment in after.values():
            for count in self._counts(moment):
                count.then += 1
        marked_before, marked_after = _by_turn(before.values()), _by_turn(after.values())
        for key in before.keys() - after.keys():
            if not _is_held(before[key], marked_after):
                self._change(LOST, call, before[key])
        for key in after.keys() - before.keys():
            if not _is_held(after[key], marked_before):
                self._change(WON, call, after[key])

    def _change(self, kind: str, call: AttributedCall, moment: Moment) -> None:
        for count in self._counts(moment):
            if kind == WON:
                count.won += 1
            else:
                count.lost += 1
        turn = call.turns[moment.turn]
        self.changes.append(
            Change(
                change=kind,
                label=str(moment.label),
                found_by=str(moment.found_by),
                rules=moment.rule_ids or (str(moment.found_by),),
                call_id=call.recording.call_id,
                call_date=call.recording.started_at.date(),
                speaker=moment.speaker,
                at_s=moment.start_s,
                quote=moment.quote,
                words=turn.text[moment.start_char : moment.end_char],
            )
        )

    def _counts(self, moment: Moment) -> Iterator[RuleCount]:
        label, finder = str(moment.label), str(moment.found_by)
        yield self.labels.setdefault(label, RuleCount())
        yield self.finders.setdefault((label, finder), RuleCount())
        for rule in moment.rule_ids or (str(moment.found_by),):
            yield self.rules.setdefault(rule, RuleCount())


def compare(
    store: Warehouse,
    now: Settings,
    then: Settings,
    *,
    each: Callable[[], None] = lambda: None,
) -> Difference:
    """What reading the calls of a warehouse under the settings `then` changes against `now`.

    Args:
        store: the warehouse; nothing in it is changed.
        now: the settings of today.
        then: the same with another playbook or model, or whatever else reading depends on.
        each: called after every call.

    Raises:
        PlaybookInvalid: one of the playbooks can't be read.
        ModelDamaged: one of the models can't be read.
    """
    readers = (build_reader(now), build_reader(then))
    difference = Difference()
    for name, call in _calls(store, now):
        if isinstance(call, AttributedCall):
            _read(difference, call, *readers)
        else:
            difference.unread.append(f"{name}: {call}")
        each()
    difference.changes.sort(key=lambda one: (one.call_date, one.call_id, one.at_s, one.label))
    return difference


def _read(difference: Difference, call: AttributedCall, now: Reader, then: Reader) -> None:
    try:
        difference.add(call, now.read(call).moments, then.read(call).moments)
    except Exception as error:  # one call's failure must not cost the comparison of all others
        difference.unread.append(f"{call.recording.call_id}: {type(error).__name__}: {error}")


def _calls(store: Warehouse, settings: Settings) -> Iterator[tuple[str, AttributedCall | str]]:
    """Every call in the tables as a night would read it now, or why it can't be had."""
    landed = store.landed()
    index = EarlierIndex(placed_landed(landed).values())
    earlier = EarlierCalls(store.artifacts, settings.attribution)
    wanted = redaction_name(settings.redaction)
    for key, one in landed.items():
        try:
            recording = store.artifacts.load_source(key)
            listening = store.artifacts.load_listening(key)
            corrections = load_corrections(store.artifacts, key)
        except WarehouseDamaged as error:
            yield one.call_id, str(error)
            continue
        if recording is None or listening is None:
            yield one.call_id, "its artifacts are gone; run: nightcall run"
            continue
        if not covers(listening.redaction, wanted):
            listening = masked(listening, settings.redaction)
        call = attribute(recording, listening, settings.attribution, corrections)
        marks = index.before(key, groups_in(recording.metadata), recording.started_at)
        yield one.call_id, with_earlier(call, earlier.load(marks)[0])


def _same(call: AttributedCall, moment: Moment) -> tuple[str, int, str, int]:
    """What makes moments of two readings the same: label, turn and sentence.

    Not the exact words: a better rule that finds more of the same sentence changes nothing for
    those who hear it.
    """
    turn = call.turns[moment.turn].text
    return str(moment.label), moment.turn, moment.quote, turn.find(moment.quote)


def _by_turn(moments: Iterable[Moment]) -> dict[tuple[str, int], set[FoundBy]]:
    """What has found each label in each turn."""
    found: dict[tuple[str, int], set[FoundBy]] = {}
    for one in moments:
        found.setdefault((str(one.label), one.turn), set()).add(one.found_by)
    return found


def _is_held(moment: Moment, other: Mapping[tuple[str, int], set[FoundBy]]) -> bool:
    """True if the other reading has the label in that turn, if in other words, by the model.

    The model judges the turn as a whole. Which words it shows may change with the weights, and is
    no reason to call a moment lost and another won.
    """
    finders = other.get((str(moment.label), moment.turn), set())
    return bool(finders) and (moment.found_by is FoundBy.MODEL or FoundBy.MODEL in finders)


def total(difference: Difference) -> Counter[str]:
    """How many moments were won and lost."""
    return Counter(one.change for one in difference.changes)
