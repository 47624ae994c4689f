"""The insight score: how much of an insight conversation a call was, as a sum anybody can check.

Points are won by the steps of the insight chain, by what the customer learned and by an agreed next
step, and lost by questions any buyer has heard. Each part is a measure of its own and the parts
always make the score. It says nothing about a person, about the deal, or about calls that are not
there to bring insight; the weights are a judgement (`calls.insight_settings.ScoreSettings`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from analyzers.annotated import AnnotatedCall
from analyzers.chains import carried_by_role, why_no_chains
from analyzers.found import Found
from analyzers.measurable import doubt, measure
from calls.chain import Chain
from calls.insight_settings import ScoreSettings
from calls.labels import Label, Role
from calls.measures import Measure
from calls.moment import Moment, Severity

SCORE = "insight_score"
WON = (
    "insight_hypothesis_points",
    "insight_confirmation_points",
    "insight_reframe_points",
    "insight_aha_points",
    "insight_story_points",
    "insight_next_step_points",
)
LOST = ("insight_cliche_points", "insight_homework_points")
SCORE_MEASURES = (SCORE, *WON, *LOST)


def scorecard(
    annotated: AnnotatedCall, found: Found, *, settings: ScoreSettings
) -> Iterator[Measure]:
    """The score of a call, 0 to 100, and its parts.

    - `insight_hypothesis_points`, `insight_confirmation_points`: a hypothesis was stated; one was
      confirmed.
    - `insight_reframe_points`, `insight_story_points`: a chain took the step. A share of the points
      where the step is there outside of any chain (before its turn, or with no hypothesis).
    - `insight_aha_points`: the customer learned something from a chain; the same share where it was
      something else.
    - `insight_next_step_points`: a next step was agreed.
    - `insight_cliche_points`, `insight_homework_points`: points lost, 0 or below; by severity in
      this call for cliches. No more is lost than was won, so the score is never below 0.
    """
    reason = _why_no_score(annotated, found, settings)
    if reason:
        yield from (measure(name, reason) for name in SCORE_MEASURES)
        return
    parts = score_parts(found.chains, carried_by_role(annotated, found.moments), settings)
    care = doubt(annotated, Role.REP, Role.CUSTOMER, of_labels=True)
    yield measure(SCORE, round(sum(parts.values()), 3), care)
    for name, points in parts.items():
        yield measure(name, points, care)


def score_parts(
    chains: Sequence[Chain], moments: Sequence[Moment], settings: ScoreSettings
) -> dict[str, float]:
    """The points of every part; together they make the score."""
    count = Counter(one.label for one in moments)
    share = settings.out_of_order_share

    def stepped(points: float, label: Label, *, in_chain: bool) -> float:
        return points if in_chain else points * share if count[label] else 0.0

    furthest = max((one.step_count for one in chains), default=0)
    won = (
        settings.hypothesis if furthest >= 1 else 0.0,
        settings.confirmation if furthest >= 2 else 0.0,
        stepped(settings.reframe, Label.REFRAME, in_chain=furthest >= 3),
        stepped(settings.aha, Label.AHA, in_chain=any(one.is_new for one in chains)),
        stepped(settings.client_story, Label.CLIENT_STORY, in_chain=furthest >= 4),
        settings.next_step if count[Label.NEXT_STEP] else 0.0,
    )
    parts = dict(zip(WON, won, strict=True))
    left = sum(won)
    for name, points in zip(LOST, _lost(moments, settings), strict=True):
        lost = min(points, left)
        parts[name] = -lost if lost else 0.0  # never -0.0
        left -= lost
    return parts


def _lost(moments: Sequence[Moment], settings: ScoreSettings) -> tuple[float, float]:
    """Points that cliches and homework questions cost, each turn counted once."""
    weight = {
        Severity.HIGH: settings.cliche_high,
        Severity.MEDIUM: settings.cliche_medium,
        Severity.LOW: settings.cliche_low,
    }
    cliches: dict[int, float] = {}
    for one in moments:
        if one.label is Label.CLICHE_QUESTION:
            cost = weight[one.severity or Severity.MEDIUM]
            cliches[one.turn] = max(cost, cliches.get(one.turn, 0.0))
    homework = {one.turn for one in moments if one.label is Label.HOMEWORK_QUESTION}
    return (
        min(sum(cliches.values()), settings.cliches_at_most),
        min(len(homework) * settings.homework, settings.homework_at_most),
    )


def _why_no_score(annotated: AnnotatedCall, found: Found, settings: ScoreSettings) -> str:
    """Why the call gets no score, or nothing."""
    if reason := why_no_chains(annotated, found):
        return reason
    if found.measure("chain_count") is None:
        return "no analyzer has looked for insight chains"
    turns = len(annotated.call.turns)
    if turns < settings.least_turns:
        return f"{turns} turns, at least {settings.least_turns} needed"
    return ""
