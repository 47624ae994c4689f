"""A quarter of made calls whose every number is known: six reps, twelve weeks.

Week 1 begins on Monday 2026-06-29, week 12 on 2026-09-14; questions are asked on Tuesday
2026-09-22. Calls are on Tuesdays. What is counted below is per call of that week.

North:

- Robin Reed (r-1). Weeks 1-6: two cliches, on deal D-1 in odd weeks and D-2 in even ones. Weeks
  7-11: two other questions instead, on deal D-3. Week 12: one cliche and one other question.
- Ada Voss (r-2). Weeks 1-4: no hypothesis. Weeks 5-8: one that nobody answers (industry Food).
  Weeks 9-12: a complete chain, from which the customer learned something.
- Ben Hale (r-3). In German: not coachable, nothing measured.

South:

- Cleo Dunn (r-4). On Tuesday one cliche, on Thursday none. Weeks 1-6 on two deals, then on one.
- Dev Roy (r-5). A hypothesis that is rejected (industry Energy). Weeks 1-10: two claims, both
  approved in odd weeks, one approved and one drifted in even ones.
- Eve Lund (r-6). Weeks 1-3: eight turns, not coachable. Weeks 4-12: nothing to count, and no deal.

In weeks 7-12 Robin's talk ratio is 0.5, before it is 0.7. The customers answer Robin's cliches in
four words after 2 s, which is an answer in form only; other questions in nine words after 0.5 s.
Cleo's cliche is answered by nobody: Cleo goes on talking. Dev's calls have no messaging in weeks 11
and 12.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from calls.call import (
    AttributedCall,
    AudioFacts,
    ChannelLayout,
    Reading,
    Recording,
    RoleSource,
    Source,
    SourceKind,
    Speaker,
    StartedAtSource,
)
from calls.chain import Chain, StopReason
from calls.claim import ClaimSaid, Verdict
from calls.labels import Label, Mark, Role
from calls.measures import Measure, not_measurable
from calls.metadata import BriefFact, CallMetadata
from calls.moment import FoundBy, Moment, Severity
from calls.question import Question, QuestionType
from calls.transcript import Engine, TranscriptOrigin, Turn
from tests.warehouse.builders import coaching_row, key_of
from warehouse import CallRows, Warehouse, call_rows

FIRST_MONDAY = date(2026, 6, 29)
TODAY = date(2026, 9, 22)
WEEKS = range(1, 13)

WHISPER = TranscriptOrigin(Engine.WHISPER, "base.en", "", "int8", {"beam_size": 5})
COUNTS = ("cliche_question_count", "homework_question_count", "already_known_question_count")
VERDICTS = tuple(f"claims_{one}_count" for one in Verdict)


def monday(week: int) -> date:
    """The Monday of a week of the quarter, counted from 1."""
    return FIRST_MONDAY + timedelta(weeks=week - 1)


@dataclass(slots=True)
class Talk:
    """A call in the making: each turn follows the one before after a second, unless it is said."""

    rep: Speaker
    customer: Speaker
    turns: list[Turn] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)
    claims: list[ClaimSaid] = field(default_factory=list)

    def says(
        self, who: Speaker, words: int = 5, *, after_s: float = 1.0, backchannel: bool = False
    ) -> Turn:
        """The next turn; a word takes half a second."""
        start = (self.turns[-1].end_s if self.turns else 0.0) + after_s
        turn = Turn(
            turn=len(self.turns),
            speaker=who.speaker,
            role=who.role,
            start_s=start,
            end_s=start + words / 2,
            text=" ".join(["word"] * words),
            words=(),
            channel=who.channel,
            participant_id=who.participant_id,
            is_backchannel=backchannel,
        )
        self.turns.append(turn)
        return turn

    def small_talk(self, count: int) -> None:
        """So many turns about nothing, by turns."""
        for number in range(count):
            self.says((self.rep, self.customer)[number % 2])

    def mark(self, turn: Turn, label: Mark, **changes: Any) -> Moment:
        """A moment that covers the whole turn."""
        found = Moment(
            label=label,
            turn=turn.turn,
            speaker=turn.speaker,
            start_s=turn.start_s,
            end_s=turn.end_s,
            start_char=0,
            end_char=len(turn.text),
            quote=f"{label} in turn {turn.turn}",
            score=0.9,
            found_by=FoundBy.RULE,
            rule_ids=("made",),
            version="1",
            reason="made",
            severity=None,
            better_move="say what you see",
        )
        self.moments.append(replace(found, **changes))
        return self.moments[-1]

    def asks(self, kind: QuestionType = QuestionType.PROBLEM) -> Turn:
        """The rep's turn with a question."""
        turn = self.says(self.rep, 8)
        self.questions.append(
            Question(
                turn=turn.turn,
                speaker=turn.speaker,
                start_s=turn.start_s,
                end_s=turn.end_s,
                start_char=0,
                end_char=len(turn.text),
                text=turn.text,
                form="question mark",
                type=kind,
                is_follow_up=False,
                is_stacked=False,
                survey_run=None,
                why="",
            )
        )
        return turn

    def asks_cliche(self, severity: Severity = Severity.MEDIUM, **reply: Any) -> Turn:
        """The rep's turn with a cliche."""
        turn = self.asks(QuestionType.OTHER)
        self.mark(turn, Label.CLICHE_QUESTION, severity=severity, **reply)
        return turn

    def chain(
        self, said: Moment, stopped: StopReason = StopReason.NOT_REFRAMED, **steps: Moment
    ) -> None:
        """An attempted chain of those moments."""
        self.chains.append(Chain(len(self.chains) + 1, said, "we suppose", stopped, **steps))

    def claims_that(self, verdict: Verdict) -> None:
        """A claim of the rep and what the customer says to it."""
        turn = self.says(self.rep, 6)
        moment = self.mark(turn, Label.CLAIM)
        self.claims.append(
            ClaimSaid(
                turn=turn.turn,
                speaker=turn.speaker,
                start_s=turn.start_s,
                end_s=turn.end_s,
                start_char=0,
                end_char=len(turn.text),
                quote=f"{verdict} in turn {turn.turn}",
                moment=moment,
                verdict=verdict,
                similarity=0.8,
                reason="20 %, agreed is 12 %" if verdict is Verdict.DRIFTED else "as agreed",
                registry_version="2026-06",
                claim_id="faster-close",
                approved_wording="closes the month 12 % faster",
            )
        )
        self.says(self.customer, 3)


def _supposes(talk: Talk) -> Moment:
    return talk.mark(talk.says(talk.rep, 10), Label.HYPOTHESIS)


def _unanswered_chain(talk: Talk) -> None:
    said = _supposes(talk)
    talk.says(talk.customer, 2)
    talk.chain(said, StopReason.NOT_CONFIRMED)


def _rejected_chain(talk: Talk) -> None:
    said = _supposes(talk)
    no = talk.mark(talk.says(talk.customer, 4), Label.REJECTION)
    talk.chain(said, StopReason.REJECTED, rejection=no)


def _complete_chain(talk: Talk) -> None:
    said = _supposes(talk)
    yes = talk.mark(talk.says(talk.customer, 4, after_s=2.0), Label.CONFIRMATION)
    reframe = talk.mark(talk.says(talk.rep, 12, after_s=3.0), Label.REFRAME)
    aha = talk.mark(talk.says(talk.customer, 4), Label.AHA)
    story = talk.mark(talk.says(talk.rep, 12, after_s=4.0), Label.CLIENT_STORY)
    talk.chain(
        said, StopReason.COMPLETE, confirmation=yes, reframe=reframe, aha=aha, client_story=story
    )


@dataclass(frozen=True, slots=True)
class Rep:
    """A rep and what their calls have in common."""

    id: str
    name: str
    team: str
    manager: str
    industry: str | None = None


ROBIN = Rep("r-1", "Robin Reed", "North", "Mona Hart")
ADA = Rep("r-2", "Ada Voss", "North", "Mona Hart", "Food")
BEN = Rep("r-3", "Ben Hale", "North", "Mona Hart")
CLEO = Rep("r-4", "Cleo Dunn", "South", "Sol Price")
DEV = Rep("r-5", "Dev Roy", "South", "Sol Price", "Energy")
EVE = Rep("r-6", "Eve Lund", "South", "Sol Price")


def made_call(
    rep: Rep,
    talk: Talk,
    *,
    day: date,
    deal: str | None,
    talk_ratio: float = 0.6,
    language: str = "en",
    messaging: bool = True,
    more: tuple[Speaker, ...] = (),
    origin: TranscriptOrigin = WHISPER,
) -> CallRows:
    """The rows of one call, made as a night makes them.

    Args:
        rep: whose call it is.
        talk: what was said and found.
        day: when.
        deal: the opportunity.
        talk_ratio: the measure of that name.
        language: without a playbook unless it is `en`; then nothing is measured.
        messaging: False where claims were held against nothing.
        more: who else was on the call.
        origin: where the words are from.
    """
    name = f"{rep.id}-{day.isoformat()}"
    started_at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    metadata = CallMetadata(
        account=f"Account of {rep.name}",
        team=rep.team,
        manager=rep.manager,
        opportunity_id=deal,
        account_brief=(BriefFact(topic="industry", fact=rep.industry),) if rep.industry else (),
    )
    key = key_of(name)
    call = AttributedCall(
        recording=Recording(
            key=key,
            call_id=name,
            sources=(Source(f"{name}.wav", SourceKind.AUDIO, key, 1000, started_at),),
            metadata=metadata,
            started_at=started_at,
            started_at_source=StartedAtSource.SIDECAR,
        ),
        audio=AudioFacts(
            600.0, 2, ChannelLayout.SEPARATE, 8000, "pcm_mulaw", "wav", (200.0, 100.0)
        ),
        origin=origin,
        language=language,
        language_source="sidecar",
        speakers=(talk.rep, talk.customer, *more),
        role_source=RoleSource.SIDECAR,
        turns=tuple(talk.turns),
    )
    reading = Reading(
        tuple(talk.moments),
        tuple(_measures(talk, language, talk_ratio, messaging=messaging)),
        ("labels", "talk"),
        "read-1",
        "abc123def456",
        language == "en",
    )
    reading = replace(
        reading,
        chains=tuple(talk.chains),
        claims=tuple(talk.claims),
        questions=tuple(talk.questions),
    )
    return call_rows(
        call,
        reading,
        revision=1,
        made_from="v1",
        time_zone="UTC",
        listen_version="listen-1",
        attribution_version="attr-1",
    )


def _measures(
    talk: Talk, language: str, talk_ratio: float, *, messaging: bool
) -> Iterator[Measure]:
    yield Measure("talk_ratio", talk_ratio)
    yield Measure("talk_s", 100.0, talk.rep.speaker)
    if language != "en":
        reason = f"language {language!r} has no playbook"
        for name in (*COUNTS, "chain_count", *VERDICTS):
            yield not_measurable(name, reason)
        return
    turns = {one.turn for one in talk.moments if one.label is Label.CLICHE_QUESTION}
    yield Measure("cliche_question_count", len(turns))
    yield Measure("homework_question_count", 0)
    yield Measure("already_known_question_count", 0)
    yield Measure("chain_count", len(talk.chains))
    for verdict, name in zip(Verdict, VERDICTS, strict=True):
        count = sum(one.verdict is verdict for one in talk.claims)
        yield Measure(name, count) if messaging else not_measurable(name, "no messaging given")


def talk_of(rep: Rep) -> Talk:
    """An empty call of that rep with a customer."""
    return Talk(
        Speaker("ch0", Role.REP, 0, rep.id, rep.name),
        Speaker("ch1", Role.CUSTOMER, 1, f"{rep.name}/Customer", "Customer"),
    )


def quarter() -> list[CallRows]:
    """Every call of the quarter, as the table above has it."""
    makers = (_robin, _ada, _ben, _cleo, _dev, _eve)
    return [call for week in WEEKS for make in makers for call in make(week)]


def _robin(week: int) -> Iterator[CallRows]:
    talk = talk_of(ROBIN)
    talk.small_talk(8)
    cliches = 2 if week <= 6 else 1 if week == 12 else 0
    for number in range(2):
        if number < cliches:
            severity = Severity.HIGH if number else Severity.MEDIUM
            talk.asks_cliche(
                severity, reply_word_count=4, reply_delay_s=2.0, reply_is_deflection=True
            )
            talk.says(talk.customer, 4, after_s=2.0)
        else:
            talk.asks()
            talk.says(talk.customer, 1, after_s=0.1, backchannel=True)
            talk.says(talk.customer, 6, after_s=-0.1)  # 0.5 s after the question
            talk.says(talk.customer, 3)
    yield made_call(
        ROBIN,
        talk,
        day=monday(week) + timedelta(days=1),
        deal="D-3" if week > 6 else "D-1" if week % 2 else "D-2",
        talk_ratio=0.5 if week > 6 else 0.7,
    )


def _ada(week: int) -> Iterator[CallRows]:
    talk = talk_of(ADA)
    talk.small_talk(8)
    if week >= 9:
        _complete_chain(talk)
    elif week >= 5:
        _unanswered_chain(talk)
    talk.small_talk(4)
    yield made_call(ADA, talk, day=monday(week) + timedelta(days=1), deal="D-10")


def _ben(week: int) -> Iterator[CallRows]:
    talk = talk_of(BEN)
    talk.small_talk(12)
    yield made_call(BEN, talk, day=monday(week) + timedelta(days=1), deal="D-20", language="de")


def _cleo(week: int) -> Iterator[CallRows]:
    first = talk_of(CLEO)
    first.small_talk(9)
    first.asks_cliche(Severity.LOW)
    first.small_talk(4)
    yield made_call(CLEO, first, day=monday(week) + timedelta(days=1), deal="D-30")
    second = talk_of(CLEO)
    second.small_talk(12)
    deal = "D-31" if week <= 6 else "D-30"
    yield made_call(CLEO, second, day=monday(week) + timedelta(days=3), deal=deal)


def _dev(week: int) -> Iterator[CallRows]:
    talk = talk_of(DEV)
    talk.small_talk(8)
    _rejected_chain(talk)
    if week <= 10:
        talk.claims_that(Verdict.APPROVED)
        talk.claims_that(Verdict.APPROVED if week % 2 else Verdict.DRIFTED)
    yield made_call(
        DEV, talk, day=monday(week) + timedelta(days=1), deal="D-40", messaging=week <= 10
    )


def _eve(week: int) -> Iterator[CallRows]:
    talk = talk_of(EVE)
    talk.small_talk(8 if week <= 3 else 12)
    yield made_call(EVE, talk, day=monday(week) + timedelta(days=1), deal=None)


def land_quarter(store: Warehouse, calls: Sequence[CallRows] = ()) -> None:
    """Lands the quarter, and what managers agreed with Robin, Cleo and Ben on 10 August.

    Robin was to ask fewer cliches and to talk less, Cleo to state more hypotheses, Ben to ask fewer
    cliches.
    """
    made = list(calls) or quarter()
    for rows in made:
        store.artifacts.save_reading(rows)
    assert not store.publish([rows.source_key for rows in made]).refused
    agreed = (
        ("c1", ROBIN, "cliche_question", "less"),
        ("c2", ROBIN, "talk_ratio", "less"),
        ("c3", CLEO, "hypothesis", "more"),
        ("c4", BEN, "cliche_question", "less"),
    )
    store.entries("coaching").add(
        [
            coaching_row(
                name,
                coached_on=monday(7),
                rep=rep.name,
                rep_id=rep.id,
                manager=rep.manager,
                behaviour=behaviour,
                goal=goal,
                call_id=None,
                source_key=None,
                moment_id=None,
            )
            for name, rep, behaviour, goal in agreed
        ]
    )
    store.publish_entries()
