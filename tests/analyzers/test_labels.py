from collections.abc import Callable
from dataclasses import replace

import pytest

from analyzers.annotated import AnnotatedCall
from analyzers.labels import finder, fused, standing
from analyzers.quotes import quote_around
from analyzers.reading import RULES_ALONE, Reader
from calls.call import AttributedCall
from calls.labelling import Fusion, Scored
from calls.labels import LABEL_ROLES, Label, Role
from calls.measures import State
from calls.metadata import CallMetadata
from calls.moment import FoundBy, Moment
from calls.playbook import FAULTS
from calls.settings import Settings
from models.language import blank_pipeline
from tests.scripted_model import ScriptedModel

MakeCall = Callable[..., AttributedCall]

CLICHE = "What keeps you up at night?"
PARAPHRASE = "Um. Which thought follows you home, would you say? Take your time."
CALL = ((Role.REP, PARAPHRASE), (Role.CUSTOMER, "Hm."), (Role.REP, CLICHE))


def read(call: AttributedCall, model: ScriptedModel | None) -> list[Moment]:
    settings = Settings(analyzers=("labels",))
    return list(Reader(settings, blank_pipeline=blank_pipeline, model=model).read(call).moments)


def scored(score: float, words: str, text: str) -> Scored:
    start = text.index(words)
    return Scored(score, start, start + len(words))


def test_the_model_finds_what_no_rule_foresees_and_shows_the_words(make_call: MakeCall) -> None:
    words = "follows you home"
    model = ScriptedModel(
        {PARAPHRASE: {Label.CLICHE_QUESTION: scored(0.83, words, PARAPHRASE)}}, threshold=0.6
    )
    (moment, _) = read(make_call(*CALL), model)
    assert moment.found_by is FoundBy.MODEL
    assert PARAPHRASE[moment.start_char : moment.end_char] == words
    assert moment.quote == "Which thought follows you home, would you say?"
    assert moment.version == "scripted"
    assert moment.reason == (
        "reads like a cliche question: 'follows you home' (model 0.83, needed 0.60)"
    )


def test_a_rule_without_the_model_and_with_it(make_call: MakeCall) -> None:
    alone = read(make_call(*CALL), ScriptedModel())
    sure = Scored(0.9, 0, 4)
    both = read(make_call(*CALL), ScriptedModel({CLICHE: {Label.CLICHE_QUESTION: sure}}))
    assert [one.found_by for one in (*alone, *both)] == [FoundBy.RULE, FoundBy.BOTH]
    assert both[0].rule_ids == alone[0].rule_ids != ()


def test_a_rule_that_the_model_outvotes_is_not_heard(make_call: MakeCall) -> None:
    model = ScriptedModel({CLICHE: {Label.CLICHE_QUESTION: Scored(0.1, 0, 4)}}, bonus=0.3)
    assert read(make_call(*CALL), model) == []


def test_the_model_is_given_the_turns_before(make_call: MakeCall) -> None:
    model = ScriptedModel()
    read(make_call(*CALL), model)
    assert [len(one.before) for one in model.asked] == [0, 1, 2]
    assert model.asked[2].before[0].text == PARAPHRASE


def test_without_a_model_the_counts_are_in_doubt(make_call: MakeCall) -> None:
    settings = Settings(analyzers=("labels",))
    reading = Reader(settings, blank_pipeline=blank_pipeline).read(make_call(*CALL))
    counts = [one for one in reading.measures if one.name == "cliche_question_count"]
    assert [(one.value, one.state) for one in counts] == [(1, State.LOW_CONFIDENCE)]
    assert RULES_ALONE in counts[0].reason
    assert reading.model_version == ""


def coached(call: AttributedCall) -> AttributedCall:
    metadata = CallMetadata(call_type="coaching")
    return replace(call, recording=replace(call.recording, metadata=metadata))


def test_only_the_manager_carries_labels_in_a_coaching_session(make_call: MakeCall) -> None:
    asked = "How do you feel that opening landed?"
    model = ScriptedModel(
        {
            asked: {Label.COACHING_BEHAVIOR: Scored(0.9, 0, 3)},
            PARAPHRASE: {Label.CLICHE_QUESTION: Scored(0.9, 0, 3)},
        }
    )
    call = make_call((Role.MANAGER, asked), (Role.REP, CLICHE), (Role.REP, PARAPHRASE))
    assert [one.label for one in read(coached(call), model)] == [Label.COACHING_BEHAVIOR]
    # The same words, where the call is no session: the rep may have said them to a buyer.
    assert len(read(call, model)) == 3


def test_nobody_is_coached_while_a_customer_listens(make_call: MakeCall) -> None:
    asked = "How did that land?"
    model = ScriptedModel({asked: {Label.COACHING_BEHAVIOR: Scored(0.9, 0, 3)}})
    assert read(make_call((Role.MANAGER, asked), (Role.CUSTOMER, "Fine.")), model) == []
    assert len(read(make_call((Role.MANAGER, asked), (Role.REP, "Fine.")), model)) == 1


def test_every_fault_that_only_the_model_finds_has_a_severity_and_a_better_move(
    make_call: MakeCall,
) -> None:
    faults = [label for label in Label if label in FAULTS]
    turns = {
        f"Number {n}.": (label, *(LABEL_ROLES[label] - {Role.CUSTOMER}))
        for n, label in enumerate(faults)
    }
    model = ScriptedModel({text: {one[0]: Scored(0.9, 0, 3)} for text, one in turns.items()})
    found = read(make_call(*((one[1], text) for text, one in turns.items())), model)
    assert {one.label for one in found} == set(faults)
    assert {one.rule_ids for one in found} == {()}
    assert [one.label for one in found if not one.severity or not one.better_move] == []


def test_what_costs_nothing_has_no_severity(make_call: MakeCall) -> None:
    model = ScriptedModel({PARAPHRASE: {Label.HYPOTHESIS: Scored(0.9, 0, 3)}})
    (moment,) = read(make_call((Role.REP, PARAPHRASE)), model)
    assert (moment.severity, moment.better_move) == (None, "")


def test_a_kind_below_its_threshold_says_why_it_holds(make_call: MakeCall) -> None:
    text = "Ours sits well in front."
    claim = {Label.CLAIM: Scored(0.9, 0, 4), Label.CLAIM_SUPERLATIVE: Scored(0.3, 0, 4)}
    (_, kind) = read(make_call((Role.REP, text)), ScriptedModel({text: claim}, threshold=0.6))
    assert kind.label is Label.CLAIM_SUPERLATIVE
    assert kind.reason == (
        "reads like a superlative claim: 'Ours' (model 0.30, the likeliest kind of this claim)"
    )


def test_words_that_are_only_marks_are_shown_whole(make_call: MakeCall) -> None:
    model = ScriptedModel({"?!": {Label.CLICHE_QUESTION: Scored(0.9, 2, 2)}})
    (moment,) = read(make_call((Role.REP, "?!")), model)
    assert (moment.start_char, moment.end_char, moment.quote) == (0, 2, "?!")


@pytest.mark.parametrize(
    ("model", "threshold", "bonus", "found_by"),
    [
        (0.7, 0.5, 0.7, FoundBy.BOTH),
        (0.3, 0.5, 0.7, FoundBy.RULE),
        (0.3, 0.5, 0.3, FoundBy.BOTH),  # neither suffices alone
    ],
)
def test_what_a_label_rests_on(
    model: float, threshold: float, bonus: float, found_by: FoundBy
) -> None:
    fusion = {Label.REFRAME: Fusion(threshold, bonus)}
    assert finder(Label.REFRAME, scores(reframe=model), fusion) is found_by


FUSION = {label: Fusion(0.5, 0.2) for label in Label}


def scores(**given: float) -> dict[Label, Scored]:
    return {Label(name): Scored(score, 0, 1) for name, score in given.items()}


def test_a_claim_is_of_the_likeliest_kind() -> None:
    found = standing(scores(claim=0.9, claim_vague=0.3, claim_unique=0.4), {}, FUSION)
    assert found == [Label.CLAIM, Label.CLAIM_UNIQUE]


def test_a_rule_makes_a_kind_of_claim_likelier() -> None:
    ruled = {Label.CLAIM: True, Label.CLAIM_VAGUE: True}
    found = standing(scores(claim=0.9, claim_vague=0.25, claim_unique=0.4), ruled, FUSION)
    assert found == [Label.CLAIM, Label.CLAIM_VAGUE]


def test_whatever_is_of_a_kind_is_a_claim() -> None:
    assert standing(scores(claim=0.1, claim_vague=0.8), {}, FUSION) == [
        Label.CLAIM,
        Label.CLAIM_VAGUE,
    ]


def test_the_bonus_of_a_rule_lifts_over_the_threshold_and_never_over_one() -> None:
    given = scores(hypothesis=0.35, reframe=0.95)
    ruled = {Label.HYPOTHESIS: True, Label.REFRAME: True}
    assert standing(given, ruled, FUSION) == [Label.HYPOTHESIS, Label.REFRAME]
    assert fused(Label.REFRAME, given, ruled, FUSION) == 1.0
    assert standing(given, {}, FUSION) == [Label.REFRAME]


@pytest.mark.parametrize(
    ("text", "words", "quote"),
    [
        ("One. Two three four. Five.", "three", "Two three four."),
        ("One? Two! Three", "Two! Three", "Two! Three"),
        ("just one", "one", "just one"),
    ],
)
def test_quotes_are_whole_sentences(text: str, words: str, quote: str) -> None:
    start = text.index(words)
    first, last = quote_around(text, start, start + len(words))
    assert text[first:last] == quote


def test_a_speech_without_sentences_is_quoted_around_the_words() -> None:
    text = " ".join(f"w{number}" for number in range(200))
    start = text.index("w100")
    first, last = quote_around(text, start, start + 4)
    assert text[first:last].split() == [f"w{number}" for number in range(88, 113)]


def test_scores_must_fit_the_turns(make_call: MakeCall) -> None:
    call = make_call(*CALL)
    nlp = blank_pipeline("en")
    docs = tuple(nlp.make_doc(turn.text) for turn in call.turns)
    with pytest.raises(ValueError, match="1 scores for 3 turns"):
        AnnotatedCall(call, docs, model=ScriptedModel(), scores=({},))
