"""Talk measures of a call and of each speaker, and how far each of them can be trusted.

What the numbers mean is defined in `analyzers.floor`. A number that the recording can't bear is
not measurable and says why; it is never 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzers.talk_facts import TalkFacts
from analyzers.talk_values import OF_CALL, OF_SPEAKER, Value
from calls.measures import Measure, State, not_measurable

if TYPE_CHECKING:
    from analyzers.annotated import AnnotatedCall
    from analyzers.found import Found

SPEAKER_MEASURES = (
    "talk_s",
    "listen_s",
    "word_count",
    "words_per_min",
    "pace_deviation_per_min",
    "filler_count",
    "fillers_per_min",
    "turn_count",
    "question_count",
    "longest_monologue_s",
    "interruptions_made_count",
    "interruptions_suffered_count",
    "reply_gap_s",
    "after_question_gap_s",
)
CALL_MEASURES = (
    "rep_talk_s",
    "customer_talk_s",
    "talk_ratio",
    "talk_of_call_ratio",
    "silence_s",
    "silence_ratio",
    "overlap_s",
    "turn_count",
    "question_count",
    "questions_per_30_min",
    "customer_question_count",
    "longest_monologue_s",
    "monologue_count",
    "longest_customer_story_s",
    "switches_per_min",
    "reply_gap_s",
    "after_question_gap_s",
)
TALK_MEASURES = tuple(dict.fromkeys(SPEAKER_MEASURES + CALL_MEASURES))
"""Every name that `talk` yields."""


def talk(annotated: AnnotatedCall, _: Found) -> Iterator[Measure]:
    """The talk measures of every speaker and of the call, each exactly once.

    The measures of one speaker:

    - `talk_s`: union of the speaker's words with own gaps up to 1.5 s closed, as `TalkTime` of
      Amazon Transcribe Call Analytics seems to be made (see `analyzers.floor.talk_spans`).
    - `listen_s`: time in which somebody else talks and this speaker does not.
    - `word_count`, `words_per_min`: words, and words per minute of own talk. Amazon's `TalkSpeed`
      is the same idea, and 1 % lower on the one call that could be compared.
    - `pace_deviation_per_min`: standard deviation of the words per minute of the turns with at
      least 5 s of talk, of which there must be four. The definition is our own.
    - `filler_count`, `fillers_per_min`: fillers, and fillers per minute of own talk, which Gong and
      Fireflies show as well; the lexicon is ours. Most transcripts leave fillers out, and where
      that shows the measure says so.
    - `turn_count`: turns that take the floor; `question_count`: questions and requests, which Gong
      and Fireflies count per call too (`analyzers.questions`).
    - `longest_monologue_s`, `interruptions_made_count`, `interruptions_suffered_count`: see
      `analyzers.floor`.
    - `reply_gap_s`, `after_question_gap_s`: patience in both meanings, as medians: the wait after
      the other side's turn, and the wait after an own question (`analyzers.floor`).

    The measures of the call:

    - `rep_talk_s`, `customer_talk_s`: sums over the people of that role; `talk_ratio` =
      rep / (rep + customer), so overlap counts for both, as in Amazon's total and in BuilderIO's
      Calls. `talk_of_call_ratio` = rep / length of the call, as Atrium divides.
    - `silence_s`: time in which nobody talks, own gaps up to 1.5 s being talk; `silence_ratio` of
      the duration; `overlap_s`. Amazon's `NonTalkTime` is something else: long silences only (in
      Amazon Connect, from 3 s).
    - `turn_count` without backchannels; `switches_per_min`: changes of speaker per minute of call,
      which Gong's "interactivity" is said to rest on (its scale from 0 to 10 is not published).
    - `question_count`, `longest_monologue_s`: the reps'; `questions_per_30_min` of the call's
      length; `monologue_count`: the reps' stretches of two minutes or more, as Truly counts.
    - `customer_question_count`, `longest_customer_story_s`: the same of the customers. Gong's
      "longest customer story" is the mirror of the monologue.
    - `reply_gap_s`, `after_question_gap_s`: medians over all of the reps' gaps.
    """
    facts = TalkFacts(annotated)
    for speaker in facts.call.speakers:
        for name in SPEAKER_MEASURES:
            reason = facts.speaker_obstacle(name, speaker)
            value = reason or OF_SPEAKER[name](facts, speaker.speaker)
            yield _measure(facts, name, value, speaker.speaker)
    for name in CALL_MEASURES:
        value = facts.call_obstacle(name) or OF_CALL[name](facts)
        yield _measure(facts, name, value, None)


def _measure(facts: TalkFacts, name: str, value: Value, speaker: str | None) -> Measure:
    """The measure with its state: measurable or not, and with what doubts."""
    if isinstance(value, str):
        return not_measurable(name, value, speaker)
    doubts = "; ".join(facts.doubts(name, speaker))
    state = State.LOW_CONFIDENCE if doubts else State.OK
    rounded = round(value, 3) if isinstance(value, float) else value
    return Measure(name, rounded, speaker, state, doubts)
