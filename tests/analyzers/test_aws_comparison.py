"""Where our talk measures agree with those that Amazon Transcribe Call Analytics took itself."""

from __future__ import annotations

import pytest

from analyzers import floor
from benchmarks.aws_call import AwsCall
from benchmarks.aws_comparison import Compared, closest_gap_s, compare, markdown
from calls.spans import TALK_GAP_S
from tests.conftest import SHARED_DATA

SAMPLE = SHARED_DATA / "transcripts/aws-transcribe/example-call.json"

pytestmark = pytest.mark.skipif(
    not SAMPLE.is_file(), reason="AWS's sample call is not beside this checkout"
)


@pytest.fixture(scope="module")
def aws() -> AwsCall:
    return AwsCall(SAMPLE.name, SAMPLE.read_bytes())


@pytest.fixture(scope="module")
def rows(aws: AwsCall) -> dict[tuple[str, str], Compared]:
    return {(one.measure, one.who): one for one in compare(aws)}


@pytest.mark.parametrize(
    ("measure", "who", "at_most"),
    [
        ("talk time, s", "AGENT", 0.05),
        ("talk time, s", "CUSTOMER", 0.05),
        ("talk ratio", "AGENT", 0.005),
        ("pace, words/min", "AGENT", 0.015),
        ("pace, words/min", "CUSTOMER", 0.015),
        ("duration, s", "call", 1e-6),
    ],
)
def test_our_measure_is_that_close_to_theirs(
    rows: dict[tuple[str, str], Compared], measure: str, who: str, at_most: float
) -> None:
    difference = rows[measure, who].difference
    assert difference is not None
    assert abs(difference) <= at_most


def test_talk_times_differ_by_own_pauses_that_are_a_little_longer_than_ours(aws: AwsCall) -> None:
    for speaker, at_most in (("AGENT", 0.001), ("CUSTOMER", 0.016)):
        gap_s = closest_gap_s(aws, speaker)
        assert TALK_GAP_S < gap_s < 1.8
        talk_s = aws.talk_s(speaker, gap_s=gap_s)
        assert talk_s == pytest.approx(aws.aws_talk_s(speaker), rel=at_most)


def test_both_count_overlap_for_both(aws: AwsCall) -> None:
    assert sum(map(aws.aws_talk_s, aws.participants)) == pytest.approx(aws.aws_talk_s())


def test_the_interruption_of_somebody_who_is_talking_is_found_by_both(aws: AwsCall) -> None:
    assert [start_s for start_s, _ in aws.aws_interruptions("AGENT")] == [18.74, 166.44]
    assert aws.aws_interruptions("CUSTOMER") == []
    assert floor.interruptions(aws.call.turns) == [
        floor.Interruption("AGENT", "CUSTOMER", 18.74),
        floor.Interruption("CUSTOMER", "AGENT", 162.54),
    ]


def test_what_only_aws_calls_an_interruption_is_said_in_a_pause(aws: AwsCall) -> None:
    start_s, end_s = aws.aws_interruptions("AGENT")[1]
    said = [word for word in aws.words("CUSTOMER") if word[1] > start_s and word[0] < end_s]
    assert said == []


def test_a_length_of_overlap_tells_the_interruptions_aws_counts_from_the_others(
    aws: AwsCall,
) -> None:
    theirs = {start_s for start_s, _ in aws.aws_interruptions("AGENT")}
    overlaps = [one for one in aws.overlaps() if not one.is_backchannel]
    counted = [one.length_s for one in overlaps if one.at_s in theirs]
    passed = [one.length_s for one in overlaps if one.at_s not in theirs]
    assert len(counted) == 2
    assert max(passed) < 1.7
    assert min(counted) > 2.1


def test_aws_reports_no_silence_and_no_silence_lasts_two_seconds(aws: AwsCall) -> None:
    assert aws.aws_silence_s() == 0
    assert aws.quiet_s()[0] < 2.0
    assert sum(aws.quiet_s()) > aws.ours("silence_s") > 20


def test_every_difference_is_explained(aws: AwsCall) -> None:
    rows = compare(aws)
    assert len(rows) == 9
    assert all(row.why for row in rows)
    assert markdown(rows).count("\n") == len(rows) + 1
