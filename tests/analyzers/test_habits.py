from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import spacy

from analyzers.annotated import AnnotatedCall
from analyzers.found import NO_LABELS, Found
from analyzers.habit_cues import FILLER_AGREEMENT, HabitCues, load_habit_cues, load_habit_lexicon
from analyzers.habits import HABIT_MEASURES, Habits
from analyzers.playbook_files import load_playbook
from calls.call import AttributedCall
from calls.habit_settings import HabitSettings
from calls.labels import Hint, Label, Role
from calls.measures import Measure, State
from calls.metadata import CallMetadata
from calls.moment import FoundBy, Moment, Severity
from calls.settings import Settings

MakeCall = Callable[..., AttributedCall]
ENGLISH = spacy.blank("en")
R, C, U = Role.REP, Role.CUSTOMER, Role.UNKNOWN
LEXICON = load_habit_lexicon("en")
assert LEXICON is not None
EXAMPLES = {
    kind: [
        (family, rule.id, example)
        for family, rules in LEXICON.rules.items()
        for rule in rules
        for example in getattr(rule, kind)
    ]
    for kind in ("hits", "misses")
}
LOOKED_FOR = Found(measures=(Measure("cliche_question_count", 0),))
DROP = "We work with people like Kestrel, Marlow and Brightwater."
PROBE = "What's in it for you personally?"
RATE = "filler_agreement_per_30_min"


@pytest.fixture(scope="module")
def cues() -> HabitCues:
    found = load_habit_cues(load_playbook())
    assert found is not None
    return found


@pytest.fixture(scope="module")
def habits() -> Habits:
    return Habits(Settings())


def annotated(call: AttributedCall, *, covered: bool = True) -> AnnotatedCall:
    return AnnotatedCall(call, tuple(ENGLISH.make_doc(turn.text) for turn in call.turns), covered)


def moments(habits: Habits, call: AttributedCall, found: Found = LOOKED_FOR) -> list[Moment]:
    return [one for one in habits(annotated(call), found) if isinstance(one, Moment)]


def measures(
    habits: Habits, call: AttributedCall, found: Found = LOOKED_FOR, *, covered: bool = True
) -> dict[str, Measure]:
    rows = habits(annotated(call, covered=covered), found)
    return {one.name: one for one in rows if isinstance(one, Measure)}


def marked(label: Label | Hint, turn: int) -> Moment:
    return Moment(label, turn, "rep", 0, 1, 0, 1, "x", 0.9, FoundBy.RULE, (), "v", "w")


def also(*found: Moment) -> Found:
    return LOOKED_FOR.plus(found)


def spread_over(call: AttributedCall, seconds: float) -> AttributedCall:
    """The same call with the same words, in which every turn lasts so long; no word has times."""
    turns = tuple(
        replace(one, start_s=place * seconds, end_s=(place + 1) * seconds, words=())
        for place, one in enumerate(call.turns)
    )
    return replace(call, turns=turns)


def agreeing(make_call: MakeCall, *answers: str) -> AttributedCall:
    """A call of ten minutes in which the rep answers so."""
    said = [one for answer in answers for one in ((C, "We close at six."), (R, answer))]
    return spread_over(make_call(*said), 600 / len(said))


@pytest.mark.parametrize(("family", "rule", "hit"), EXAMPLES["hits"])
def test_words_of_a_habit_are_found(cues: HabitCues, family: str, rule: str, hit: str) -> None:
    text = hit.replace("[", "").replace("]", "")
    expected = hit.partition("[")[2].partition("]")[0]
    heard = [one for one in cues.find(ENGLISH.make_doc(text)) if one.family.id == family]
    assert expected in {text[one.start_char : one.end_char] for one in heard}, rule


@pytest.mark.parametrize(("family", "rule", "miss"), EXAMPLES["misses"])
def test_other_words_are_let_go(cues: HabitCues, family: str, rule: str, miss: str) -> None:
    heard = [one.family.id for one in cues.find(ENGLISH.make_doc(miss))]
    assert family not in heard, rule


def test_names_without_capitals_are_a_guess(cues: HabitCues) -> None:
    (sure,) = cues.find(ENGLISH.make_doc("We work with people like Kestrel and Marlow."))
    (guess,) = cues.find(ENGLISH.make_doc("we work with people like kestrel and marlow"))
    assert guess.score < sure.score


def test_names_without_a_story_are_a_habit(habits: Habits, make_call: MakeCall) -> None:
    (found,) = moments(habits, make_call((C, "Who are you?"), (R, f"Hello. {DROP}"), (C, "I see.")))
    assert (found.label, found.turn, found.speaker) == (Hint.HABIT, 1, "rep")
    assert found.rule_ids == ("name_drop",)
    assert found.quote == DROP
    assert found.reason.startswith("Drops client names without a story: 'We work with")
    assert found.severity is Severity.MEDIUM
    assert "the one client that is most like them" in found.better_move
    assert (found.start_s, found.version) == (20.5, load_playbook().version)


@pytest.mark.parametrize(("turn", "is_habit"), [(0, False), (2, False), (4, True)])
def test_a_story_in_the_same_or_the_next_turn_makes_names_fine(
    habits: Habits, make_call: MakeCall, turn: int, is_habit: bool
) -> None:
    call = make_call((R, DROP), (C, "Go on."), (R, "Well."), (C, "Yes?"), (R, "Well then."))
    found = moments(habits, call, also(marked(Label.CLIENT_STORY, turn)))
    assert bool(found) is is_habit


def test_a_nod_is_not_the_rep_s_next_turn(habits: Habits, make_call: MakeCall) -> None:
    call = make_call((R, DROP), (C, "And what did they do?"), (R, "mm"), (R, "Kestrel halved it."))
    nodding = replace(call.turns[2], is_backchannel=True)
    call = replace(call, turns=(*call.turns[:2], nodding, call.turns[3]))
    assert moments(habits, call, also(marked(Label.CLIENT_STORY, 3))) == []


def test_where_nobody_looked_for_stories_names_are_no_habit(
    habits: Habits, make_call: MakeCall
) -> None:
    assert moments(habits, make_call((R, DROP), (C, "Fine.")), Found()) == []


def test_several_drops_in_one_turn_are_one(habits: Habits, make_call: MakeCall) -> None:
    call = make_call((R, f"{DROP} Our customers include Pell and Northgate."), (C, "Fine."))
    assert len(moments(habits, call)) == 1


def test_the_customer_may_say_all_of_it(habits: Habits, make_call: MakeCall) -> None:
    call = make_call((R, "Hello."), (C, f"{DROP} {PROBE}"), (U, DROP))
    assert moments(habits, call) == []


@pytest.mark.parametrize(("seconds", "is_habit"), [(140, True), (160, False)])
def test_the_person_is_probed_too_soon_in_the_first_five_minutes(
    habits: Habits, make_call: MakeCall, seconds: float, is_habit: bool
) -> None:
    call = spread_over(make_call((R, "Hello."), (C, "Hello."), (R, PROBE), (C, "Hm.")), seconds)
    found = moments(habits, call)
    assert [one.rule_ids for one in found] == ([("too_soon",)] if is_habit else [])
    if is_habit:
        assert "4:40 into the talk" in found[0].reason


def test_five_minutes_count_from_where_the_talk_begins(habits: Habits, make_call: MakeCall) -> None:
    call = make_call((R, PROBE), (C, "Hm."))
    late = tuple(
        replace(t, start_s=t.start_s + 900, end_s=t.end_s + 900, words=()) for t in call.turns
    )
    assert len(moments(habits, replace(call, turns=late))) == 1


def test_a_probe_that_is_only_reported_is_none(habits: Habits, make_call: MakeCall) -> None:
    call = make_call((R, "I won't ask what's in it for you personally."), (C, "Good."))
    assert moments(habits, call) == []


def test_much_empty_agreement_is_one_habit_of_the_call(habits: Habits, make_call: MakeCall) -> None:
    call = agreeing(make_call, *["Absolutely."] * 4, "Great question.", "Perfect, so we go on.")
    (found,) = moments(habits, call)
    assert found.turn == 1
    assert found.rule_ids == (FILLER_AGREEMENT,)
    assert "6 times, 18 per half hour of talk ('absolutely' 4, " in found.reason
    assert measures(habits, call)[RATE].value == pytest.approx(18.0)


@pytest.mark.parametrize("answers", [["Absolutely."] * 4, ["We close at seven."] * 6, [""]])
def test_a_polite_word_now_and_then_is_no_habit(
    habits: Habits, make_call: MakeCall, answers: list[str]
) -> None:
    call = agreeing(make_call, *(answer or "Fine." for answer in answers))
    assert moments(habits, call) == []


def test_what_is_too_many_is_a_setting(make_call: MakeCall) -> None:
    strict = HabitSettings(filler_agreement_per_30_min=2, filler_agreement_least=1)
    habits = Habits(Settings(habits=strict))
    assert len(moments(habits, agreeing(make_call, "Absolutely.", "Six it is."))) == 1


def test_on_little_talk_there_is_no_rate(habits: Habits, make_call: MakeCall) -> None:
    found = measures(habits, make_call((R, "Absolutely."), (C, "Good.")))[RATE]
    assert (found.value, found.reason) == (None, "less than 300 s of talk")


def test_without_times_there_is_no_rate(habits: Habits, make_call: MakeCall) -> None:
    call = agreeing(make_call, *["Absolutely."] * 6)
    origin = replace(call.origin, options={"times": "estimated"})
    call = replace(call, origin=origin)
    assert measures(habits, call)[RATE].reason == "the transcript has no times"
    assert moments(habits, call) == []


def test_turns_with_habits_are_counted_whoever_found_them(
    habits: Habits, make_call: MakeCall
) -> None:
    call = make_call((R, DROP), (C, "Fine."), (R, "At the end of the day."), (R, PROBE))
    found = also(marked(Hint.HABIT, 0), marked(Hint.HABIT, 2), marked(Label.CLAIM, 2))
    rows = list(habits(annotated(call), found))
    (count,) = (one for one in rows if isinstance(one, Measure) and one.name == "habit_count")
    shown = [*found.moments, *(one for one in rows if isinstance(one, Moment))]
    turns = {one.turn for one in shown if one.label is Hint.HABIT}
    assert count.value == len(turns) == 3


@pytest.mark.parametrize(
    ("said", "found", "covered", "reason"),
    [
        ([(U, DROP)], LOOKED_FOR, True, "speaker roles unknown"),
        ([(C, DROP)], LOOKED_FOR, True, "no rep on the call"),
        ([(R, DROP)], LOOKED_FOR, False, "language 'en' has no playbook"),
        ([(R, DROP)], Found(), True, NO_LABELS),
    ],
)
def test_habits_are_not_counted_where_nobody_can_tell(
    habits: Habits,
    make_call: MakeCall,
    said: list[tuple[Role, str]],
    found: Found,
    covered: bool,
    reason: str,
) -> None:
    count = measures(habits, make_call(*said), found, covered=covered)["habit_count"]
    assert (count.state, count.reason) == (State.NOT_MEASURABLE, reason)


def test_in_a_coaching_session_nothing_is_said_of_selling(
    habits: Habits, make_call: MakeCall
) -> None:
    call = make_call((Role.MANAGER, "How was it?"), (R, DROP))
    recording = replace(call.recording, metadata=CallMetadata(call_type="coaching"))
    call = replace(call, recording=recording)
    assert moments(habits, call) == []
    states = {one.state for one in measures(habits, call).values()}
    assert states == {State.NOT_MEASURABLE}


@pytest.mark.parametrize("said", [[], [(R, DROP)], [(R, "…")], [(C, "Hello.")]])
def test_every_measure_is_yielded_once_for_any_call(
    habits: Habits, make_call: MakeCall, said: list[tuple[Role, str]]
) -> None:
    rows = habits(annotated(make_call(*said)), LOOKED_FOR)
    names = [one.name for one in rows if isinstance(one, Measure)]
    assert sorted(names) == sorted(HABIT_MEASURES)


def test_a_company_says_it_in_its_own_words(tmp_path: Path, make_call: MakeCall) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "ours.toml").write_text(
        '[[measured]]\nid = "name_drop"\ntitle = "Boasts"\nseverity = "low"\nwhy = "No."\n'
        'better_move = "Tell of one."\n'
    )
    habits = Habits(Settings(playbook=tmp_path))
    (found,) = moments(habits, make_call((R, DROP), (C, "Fine.")))
    assert (found.severity, found.better_move) == (Severity.LOW, "Tell of one.")
    assert found.reason.startswith("Boasts: ")


def test_a_language_without_word_list_has_no_rate(make_call: MakeCall, tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "ours.toml").write_text(
        'label = "habit"\n[[family]]\nid = "wetter"\ntitle = "Wetter"\nseverity = "low"\n'
        'why = "Nein."\nbetter_move = "Lassen."\n[[family.rule]]\nid = "schoen"\nasked = false\n'
        'phrases = ["schönes wetter"]\nhits = ["[Schönes Wetter]."]\nmisses = ["Wetter."]\n'
    )
    call = make_call((R, "Schönes Wetter."), (C, "Ja."), language="de")
    docs = tuple(spacy.blank("de").make_doc(turn.text) for turn in call.turns)
    rows = list(Habits(Settings(playbook=tmp_path))(AnnotatedCall(call, docs), LOOKED_FOR))
    found = {one.name: one for one in rows if isinstance(one, Measure)}
    assert found[RATE].reason == "language 'de' has no list of habits"
    assert found["habit_count"].value == 0
