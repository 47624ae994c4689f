import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from analyzers.annotated import AnnotatedCall
from analyzers.context import TurnText
from analyzers.found import Found
from analyzers.label_counts import LABEL_COUNTS
from analyzers.reading import READ_VERSION, Reader
from analyzers.registry import ANALYZERS, AnalyzerSpec
from analyzers.rule_finder import COMPONENT
from analyzers.rulebook import Rulebook
from calls.call import NO_SPEECH, AttributedCall, Reading, Speaker
from calls.errors import PlaybookInvalid, SettingsError
from calls.labels import Label, Role
from calls.measures import Measure, State
from calls.moment import FoundBy
from calls.playbook import Playbook
from calls.settings import Settings
from calls.transcript import Engine
from models.language import blank_pipeline
from tests.scripted_model import ScriptedModel

MakeCall = Callable[..., AttributedCall]
REP, CUSTOMER = Role.REP, Role.CUSTOMER
QUESTION = "So what keeps you up at night, Tom?"
GERMAN = """
label = "cliche_question"
[[family]]
id = "nachts"
title = "Fragt nach Sorgen"
severity = "high"
why = "Passt auf jeden."
better_move = "Bring eine Vermutung mit."
[[family.rule]]
id = "wach"
patterns = ["was hält sie nachts wach"]
hits = ["[Was hält Sie nachts wach]?"]
misses = ["Nachts schlafe ich."]
"""


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Settings(), blank_pipeline=blank_pipeline, model=ScriptedModel())


def cliche_measures(reading: Reading) -> dict[str, Measure]:
    return {one.name: one for one in reading.measures if one.name in LABEL_COUNTS}


def test_moment_of_a_rep_has_times_quote_and_reason(
    reader: Reader, make_call: MakeCall, playbook: Playbook
) -> None:
    call = make_call((CUSTOMER, "Morning."), (REP, f"Good to see you. {QUESTION} Anything?"))
    reading = reader.read(call)
    [moment] = reading.moments
    assert moment.label is Label.CLICHE_QUESTION
    assert (moment.turn, moment.speaker) == (1, "rep")
    assert moment.quote == QUESTION
    assert call.turns[1].text[moment.start_char : moment.end_char] == "keeps you up at night"
    # Words start every 0.5 s: "keeps" is the seventh of the turn, "night," the eleventh.
    assert moment.start_s == pytest.approx(23.0)
    assert moment.end_s == pytest.approx(25.4)
    assert moment.found_by is FoundBy.RULE
    assert moment.rule_ids == ("up_at_night.keeps_you_up",)
    assert moment.version == reading.playbook_version == playbook.version
    assert "asked of the customer" in moment.reason
    assert reading.version == READ_VERSION
    assert reading.analyzers == tuple(one for one in ANALYZERS if one in Settings().analyzers)


def test_customer_and_manager_are_never_flagged(reader: Reader, make_call: MakeCall) -> None:
    call = make_call((CUSTOMER, QUESTION), (Role.MANAGER, QUESTION), (REP, "Nothing much."))
    reading = reader.read(call)
    assert reading.moments == ()
    assert cliche_measures(reading)["cliche_question_count"].value == 0


def test_turns_are_counted_by_label(reader: Reader, make_call: MakeCall) -> None:
    call = make_call(
        (REP, "What keeps you up at night? And what are your pain points?"),
        (CUSTOMER, "Not much."),
        (REP, "We're the number one provider in the country. It's seamless."),
        (REP, "How many employees do you have? I'll be in touch."),
    )
    values = {name: one.value for name, one in cliche_measures(reader.read(call)).items()}
    assert values == {
        "cliche_question_count": 1,
        "homework_question_count": 1,
        "vague_next_step_count": 1,
        "claim_count": 1,
    }


def test_every_analyzer_yields_only_its_measures(reader: Reader, make_call: MakeCall) -> None:
    reading = reader.read(make_call((REP, QUESTION), (CUSTOMER, "Nothing.")))
    known = {name for spec in ANALYZERS.values() for name in spec.measures}
    assert {one.name for one in reading.measures} <= known


def test_without_roles_nothing_is_measurable(reader: Reader, make_call: MakeCall) -> None:
    reading = reader.read(make_call((Role.UNKNOWN, QUESTION)))
    assert reading.moments == ()
    measures = cliche_measures(reading)
    assert set(measures) == set(LABEL_COUNTS)
    assert {one.state for one in measures.values()} == {State.NOT_MEASURABLE}
    assert {one.reason for one in measures.values()} == {"speaker roles unknown"}


def test_language_without_playbook_is_not_measurable(reader: Reader, make_call: MakeCall) -> None:
    reading = reader.read(make_call((REP, QUESTION), language="de"))
    assert reading.moments == ()
    reasons = {one.reason for one in cliche_measures(reading).values()}
    assert reasons == {"language 'de' has no playbook"}


@pytest.mark.parametrize("language", ["en", "en-GB", "en_US", None])
def test_english_of_any_region_is_read(
    reader: Reader, make_call: MakeCall, language: str | None
) -> None:
    assert len(reader.read(make_call((REP, QUESTION), language=language)).moments) == 1


def test_unheard_rep_is_not_measurable(reader: Reader, make_call: MakeCall) -> None:
    speakers = (
        Speaker("rep", REP, heard=False, not_heard_reason="channel 0 is silent"),
        Speaker("customer", CUSTOMER),
    )
    reading = reader.read(make_call((CUSTOMER, "Hello?"), speakers=speakers))
    reasons = {one.reason for one in cliche_measures(reading).values()}
    assert reasons == {"the rep's side was not heard"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"engine": Engine.EMBEDDED}, "embedded engine"),
        ({"truncated": True}, "cut off"),
    ],
)
def test_doubtful_input_lowers_confidence(
    reader: Reader, make_call: MakeCall, options: dict[str, object], reason: str
) -> None:
    measure = cliche_measures(reader.read(make_call((REP, QUESTION), **options)))[
        "cliche_question_count"
    ]
    assert measure.value == 1
    assert measure.state is State.LOW_CONFIDENCE
    assert reason in measure.reason


def test_call_without_turns_is_read(reader: Reader, make_call: MakeCall) -> None:
    call = replace(make_call((REP, "Hi.")), turns=())
    measures = cliche_measures(reader.read(call)).values()
    assert {(one.value, one.reason) for one in measures} == {(None, NO_SPEECH)}


def test_turn_without_word_times_has_times_within_the_turn(
    reader: Reader, make_call: MakeCall
) -> None:
    call = make_call((REP, QUESTION))
    call = replace(call, turns=(replace(call.turns[0], words=()),))
    [moment] = reader.read(call).moments
    assert call.turns[0].start_s < moment.start_s < moment.end_s <= call.turns[0].end_s


def test_quote_starts_after_a_long_pause(reader: Reader, make_call: MakeCall) -> None:
    call = make_call((REP, "thanks for the time today what keeps you up at night"))
    turn = call.turns[0]
    late = tuple(
        replace(word, start_s=word.start_s + 2 * (at > 4), end_s=word.end_s + 2 * (at > 4))
        for at, word in enumerate(turn.words)
    )
    call = replace(call, turns=(replace(turn, words=late, end_s=late[-1].end_s),))
    [moment] = reader.read(call).moments
    assert moment.quote == "what keeps you up at night"


def test_a_turn_is_prepared_once_for_all_analyzers(
    make_call: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[str] = []
    prepare = Rulebook.prepare

    def counted(self: Rulebook, text: str, pauses: Collection[int] = ()) -> TurnText:
        prepared.append(text)
        return prepare(self, text, pauses)

    reader = Reader(Settings(), blank_pipeline=blank_pipeline, model=ScriptedModel())
    monkeypatch.setattr(Rulebook, "prepare", counted)
    reading = reader.read(make_call((REP, QUESTION), (CUSTOMER, "why")))
    assert prepared == [QUESTION, "why"]
    assert len(reading.moments) == 1


def test_turns_have_tokens_only_for_components_that_may_look_at_them(
    make_call: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs: list[Doc] = []

    def keep_docs(annotated: AnnotatedCall, found: Found) -> Iterator[Measure]:
        docs.extend(annotated.docs)
        yield Measure("talk_s", 1.0)

    Language.component("looks_at_tokens", func=lambda doc: doc)
    for components in ((COMPONENT,), (COMPONENT, "looks_at_tokens")):
        spec = AnalyzerSpec("talk", lambda _: keep_docs, components)
        monkeypatch.setitem(ANALYZERS, "talk", spec)
        Reader(Settings(analyzers=("talk",))).read(make_call((REP, "Good to see you.")))
    assert [len(doc) for doc in docs] == [0, 5]
    assert [doc.text for doc in docs] == ["Good to see you."] * 2


def test_threads_read_one_call_at_a_time(
    make_call: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = threading.Lock()

    def alone(annotated: AnnotatedCall, found: Found) -> Iterator[Measure]:
        assert inside.acquire(blocking=False), "two threads are reading"
        time.sleep(0.02)
        inside.release()
        yield Measure("talk_s", 1.0)

    monkeypatch.setitem(ANALYZERS, "talk", AnalyzerSpec("talk", lambda _: alone))
    readers = [Reader(Settings(analyzers=("talk",))) for _ in range(2)]
    calls = [make_call((REP, QUESTION))] * 6
    with ThreadPoolExecutor(6) as pool:
        read = list(pool.map(lambda n: readers[n % 2].read(calls[n]), range(6)))
    assert [len(one.measures) for one in read] == [1] * 6


def test_calls_are_covered_by_the_playbook_in_use(make_call: MakeCall, tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "wetter.toml").write_text(GERMAN, encoding="utf-8")
    reader = Reader(Settings(playbook=tmp_path), blank_pipeline=blank_pipeline)
    text = (REP, "Was hält Sie nachts wach?")
    german, english, unknown = (
        reader.read(make_call(text, language=language)) for language in ("de-AT", "en", None)
    )
    assert [len(german.moments), len(english.moments)] == [1, 0]
    assert {one.language_covered for one in (german, english, unknown)} == {True}
    french = reader.read(make_call(text, language="fr"))
    assert (french.language_covered, french.moments) == (False, ())


def test_only_the_chosen_analyzers_run(make_call: MakeCall) -> None:
    reading = Reader(Settings(analyzers=("talk",))).read(make_call((REP, QUESTION)))
    assert reading.moments == ()
    assert reading.playbook_version == ""
    assert cliche_measures(reading) == {}


def test_unknown_analyzer_and_missing_playbook_show_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        Reader(Settings(analyzers=("nope",)))
    with pytest.raises(PlaybookInvalid):
        Reader(Settings(playbook=tmp_path / "nowhere"))


def test_docs_must_match_turns(make_call: MakeCall) -> None:
    with pytest.raises(ValueError, match="0 docs for 1 turns"):
        AnnotatedCall(make_call((REP, "Hi.")), ())


def test_language_that_spacy_does_not_know_is_refused() -> None:
    with pytest.raises(SettingsError, match="'qq' can't be read"):
        blank_pipeline("qq")
    assert blank_pipeline("en").lang == spacy.blank("en").lang
