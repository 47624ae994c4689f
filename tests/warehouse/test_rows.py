from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from calls.call import AudioFacts, ChannelLayout, RoleSource
from calls.labels import Hint, Label, Role
from calls.measures import Measure, State, not_measurable
from calls.moment import moment_id
from calls.quality import TranscriptQuality
from calls.transcript import Engine, TranscriptOrigin
from tests.warehouse.builders import (
    CUSTOMER,
    REP,
    attributed,
    key_of,
    moment,
    reading,
    rows_of,
    turns,
)
from warehouse import CallRows, call_rows
from warehouse.schemas import CALL_TABLES, CallRow, MeasureStateRow, MomentRow, ParticipantRow


def rows(call=None, read=None, **options) -> CallRows:
    given = {
        "revision": 1,
        "made_from": "v1",
        "time_zone": "UTC",
        "listen_version": "listen-1",
        "attribution_version": "attr-1",
        **options,
    }
    return call_rows(call or attributed(), read or reading(), **given)


def the_call(made: CallRows) -> CallRow:
    (row,) = made["calls"]
    assert isinstance(row, CallRow)
    return row


def test_every_table_gets_its_rows_and_every_row_the_same_head() -> None:
    made = rows_of("a", revision=7)
    assert set(made.tables) == set(CALL_TABLES)
    for name, spec in CALL_TABLES.items():
        assert all(isinstance(row, spec.row_type) for row in made[name]), name
        for row in made[name]:
            assert (row.call_id, row.source_key, row.revision) == ("a", key_of("a"), 7)
    counts = {name: len(made[name]) for name in CALL_TABLES if made[name]}
    assert counts == {
        "participants": 2,
        "turns": 12,
        "words": 60,
        "moments": 2,
        "chains": 1,
        "claims": 1,
        "questions": 1,
        "scorecards": 1,
        "measure_states": 1,
        "calls": 1,
    }


def test_words_are_published_only_by_setting() -> None:
    call = attributed()
    assert rows(call)["words"] == ()
    made = rows(call, publish_words=True)["words"]
    spoken = [word for turn in call.turns for word in turn.words]
    assert [(row.text, row.start_s, row.end_s, row.probability) for row in made] == [
        (word.text, word.start_s, word.end_s, word.probability) for word in spoken
    ]
    assert [(row.turn, row.word) for row in made[:6]] == [(0, n) for n in range(5)] + [(1, 0)]
    assert {row.speaker for row in made} == {turn.speaker for turn in call.turns}


def test_call_row_says_what_is_known() -> None:
    facts = {"stage": "discovery", "manager": "Mo", "direction": "outbound", "outcome": "won"}
    row = the_call(rows(attributed(facts=facts)))
    assert (row.status, row.recording, row.account, row.team) == (
        "landed",
        "a.wav",
        "Acme",
        "North",
    )
    assert (row.stage, row.manager, row.direction, row.outcome) == (
        "discovery",
        "Mo",
        "outbound",
        "won",
    )
    assert (row.rep, row.rep_id) == ("Robin Reed", "r-1")
    assert (row.engine, row.engine_model, row.engine_revision) == (
        "faster-whisper",
        "base.en",
        None,
    )
    assert row.engine_options == '{"beam_size": 5}'
    assert row.mean_word_probability == pytest.approx(0.7)
    assert (row.speech_s, row.turn_count, row.word_count) == (300.0, 12, 60)
    assert (row.read_version, row.playbook_version) == ("read-1", "abc123def456")
    assert row.notes is None


def test_notes_are_joined_and_said_once() -> None:
    audio = AudioFacts(10.0, 1, ChannelLayout.MONO, notes=("quiet", "hum"))
    assert the_call(rows(attributed(audio=audio, notes=("hum", "odd")))).notes == "quiet; hum; odd"


@pytest.mark.parametrize(
    ("time_zone", "expected"),
    [
        ("UTC", date(2026, 9, 14)),
        ("Asia/Tokyo", date(2026, 9, 15)),
        ("America/Los_Angeles", date(2026, 9, 14)),
    ],
)
def test_call_date_is_the_start_in_the_warehouse_zone(time_zone: str, expected: date) -> None:
    late = datetime(2026, 9, 14, 23, 30, tzinfo=UTC)
    made = rows(attributed(facts={"started_at": late}), time_zone=time_zone)
    assert made.call_date == expected
    assert the_call(made).started_at == late


def test_the_rep_who_said_most_is_the_call_s() -> None:
    quiet = replace(REP, speaker="ch9", participant_id="r-9", name="Quiet")
    assert the_call(rows(attributed(speakers=(quiet, REP, CUSTOMER)))).rep == "Robin Reed"


def test_a_rep_without_a_name_is_known_by_id() -> None:
    call = attributed(speakers=(replace(REP, name=None), CUSTOMER))
    assert the_call(rows(call)).rep == "r-1"


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({}, "ok", None),
        ({"turns": ()}, "not_measurable", "no speech"),
        (
            {"origin": TranscriptOrigin(Engine.EMBEDDED, "en-us")},
            "low_confidence",
            "embedded engine: reads clean wide-band speech only",
        ),
        (
            {"audio": AudioFacts(9.0, 1, ChannelLayout.MONO, truncated=True)},
            "low_confidence",
            "the recording is cut off",
        ),
    ],
)
def test_transcript_state(changes, state: str, reason: str | None) -> None:
    row = the_call(rows(attributed(**changes), reading(measures=(Measure("overlap_s", 0.0),))))
    assert (row.transcript_state, row.transcript_reason) == (state, reason)
    assert row.status == ("landed" if row.turn_count else "no_speech")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"turns": turns(9)}, "turns: 9, at least 10 needed"),
        ({"turns": turns(10)}, None),
        ({"speakers": (REP, replace(CUSTOMER, role=Role.UNKNOWN))}, "customer not known"),
        (
            {"speakers": (replace(REP, heard=False, not_heard_reason="dead"), CUSTOMER)},
            "rep not heard",
        ),
        (
            {"turns": (), "speakers": (), "role_source": RoleSource.UNKNOWN},
            "rep not known; customer not known; turns: 0, at least 10 needed",
        ),
    ],
)
def test_coachable_says_why_not(changes, reason: str | None) -> None:
    row = the_call(rows(attributed(**changes), reading(measures=(Measure("overlap_s", 0.0),))))
    assert (row.coachable, row.coachable_reason) == (reason is None, reason)


@pytest.mark.parametrize("language", ["en", "de", None])
@pytest.mark.parametrize("covered", [True, False])
def test_a_language_is_covered_when_the_reading_says_so(
    language: str | None, covered: bool
) -> None:
    read = reading(measures=(Measure("overlap_s", 0.0),), covered=covered)
    row = the_call(rows(attributed(language=language), read))
    expected = None if covered else f"language {language or 'unknown'} not covered"
    assert (row.coachable, row.coachable_reason) == (covered, expected)


def test_measures_go_to_the_speaker_or_the_call_and_stay_null_where_not_taken() -> None:
    made = rows()
    rep, customer = made["participants"]
    assert isinstance(rep, ParticipantRow)
    assert isinstance(customer, ParticipantRow)
    assert (rep.talk_s, rep.question_count, rep.reply_gap_s) == (120.5, 3, None)
    assert (customer.talk_s, customer.reply_gap_s) == (None, None)
    (card,) = made["scorecards"]
    assert (card.talk_ratio, card.question_count, card.claim_count) == (0.6, None, None)


def test_measures_that_are_not_ok_say_so() -> None:
    weak = Measure("talk_ratio", 0.5, state=State.LOW_CONFIDENCE, reason="no word times")
    made = rows(read=reading(measures=(weak, not_measurable("reply_gap_s", "silent", "ch1"))))
    assert made["measure_states"] == (
        MeasureStateRow(
            "a", key_of("a"), 1, None, None, "talk_ratio", "low_confidence", "no word times"
        ),
        MeasureStateRow(
            "a", key_of("a"), 1, "ch1", "acme/Cleo", "reply_gap_s", "not_measurable", "silent"
        ),
    )
    assert made["scorecards"][0].talk_ratio == 0.5


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (Measure("charm_ratio", 0.1), r"'charm_ratio' has no column in table scorecards.*claim"),
        (Measure("overlap_s", 0.1, "ch0"), r"'overlap_s' has no column in table participants"),
        (Measure("talk_s", 0.1, "ch7"), r"speaker 'ch7', who is not on the call.*ch0, ch1"),
    ],
)
def test_measures_without_a_place_are_refused(measure: Measure, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rows(read=reading(measures=(measure,)))


def test_a_measure_given_twice_is_refused() -> None:
    twice = (Measure("talk_ratio", 0.1), Measure("talk_ratio", 0.2))
    with pytest.raises(ValueError, match="given twice"):
        rows(read=reading(measures=twice))


def test_two_speakers_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="Two speakers"):
        rows(attributed(speakers=(REP, replace(CUSTOMER, speaker="ch0"))))


def test_moment_rows_take_role_and_person_from_the_turn() -> None:
    (row,) = rows(read=reading((moment(1, speaker="ch1", label=Label.BUYER_CONCERN),)))["moments"]
    assert isinstance(row, MomentRow)
    assert (row.role, row.participant_id, row.turn) == ("customer", "acme/Cleo", 1)
    assert row.moment_id == moment_id(key_of("a"), Label.BUYER_CONCERN, 10.0, 12.5)
    assert row.rule_ids == "keeps_up.at_night, keeps_up.awake"
    assert (row.found_by, row.severity) == ("rule", "high")


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({}, "ok", None),
        (
            {"origin": TranscriptOrigin(Engine.EMBEDDED, "en-us")},
            "low_confidence",
            "embedded engine: reads clean wide-band speech only",
        ),
        (
            {"role_source": RoleSource.WORDING},
            "low_confidence",
            "roles proposed from what was said",
        ),
        (
            {"turns": (replace(turns(12)[0], doubt="the words repeat"), *turns(12)[1:])},
            "low_confidence",
            "the words repeat",
        ),
        (
            {"turns": (turns(12)[0], replace(turns(12)[1], doubt="the words repeat"))},
            "ok",
            None,
        ),
    ],
)
def test_a_moment_is_as_sure_as_the_words_and_roles_it_rests_on(
    changes, state: str, reason: str | None
) -> None:
    call = attributed(**changes)
    measures = (Measure("overlap_s", 0.0),)
    (row,) = rows(call, reading((moment(0),), measures))["moments"]
    assert (row.state, row.state_reason) == (state, reason)


def test_the_call_row_says_how_well_it_was_heard_and_what_was_masked() -> None:
    quality = TranscriptQuality(100.0, 80.0, 4, 2, 1, {"repetition": 1})
    row = the_call(rows(attributed(quality=quality, redacted={"card": 2})))
    assert row.coverage_ratio == pytest.approx(0.8)
    counts = (row.chunk_count, row.retried_chunk_count, row.suspicious_chunk_count)
    assert counts == (4, 2, 1)
    assert (row.suspicions, row.redacted) == ('{"repetition": 1}', '{"card": 2}')


def test_what_was_not_listened_to_has_no_quality_and_what_was_not_masked_no_count() -> None:
    row = the_call(rows(attributed()))
    assert (row.coverage_ratio, row.chunk_count, row.redacted) == (None, None, None)


def test_what_a_moment_does_not_say_is_null() -> None:
    bare = moment(0, label=Hint.HABIT, rule_ids=(), severity=None, better_move="")
    (row,) = rows(read=reading((bare,)))["moments"]
    assert (row.label, row.rule_ids, row.severity, row.better_move) == ("habit", None, None, None)


@pytest.mark.parametrize("scores", [(0.4, 0.8), (0.8, 0.4)])
def test_of_two_moments_with_one_id_the_surer_stays(scores: tuple[float, float]) -> None:
    same = tuple(moment(0, score=score) for score in scores)
    (row,) = rows(read=reading(same))["moments"]
    assert row.score == 0.8


def test_moments_come_in_order_of_time() -> None:
    made = rows(read=reading((moment(4), moment(0), moment(2))))
    assert [row.turn for row in made["moments"]] == [0, 2, 4]


def test_a_moment_of_no_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="names turn 99; the call has 12 turns"):
        rows(read=reading((moment(99),)))
