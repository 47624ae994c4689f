from collections.abc import Callable
from dataclasses import replace

import pytest

from analyzers.measurable import IN_COACHING
from analyzers.reading import Reader
from calls.call import AttributedCall
from calls.labels import Role
from calls.measures import State
from calls.metadata import CallMetadata
from calls.settings import Settings
from tests.scripted_model import ScriptedModel

OF_SELLING = (
    "cliche_question_count",
    "claim_count",
    "already_known_question_count",
    "chain_count",
    "situation_question_count",
    "insight_score",
)
OF_COACHING = ("coaching_behavior_ratio", "practice_agreed_count", "manager_talk_ratio")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Settings(), model=ScriptedModel())


def reasons(reader: Reader, call: AttributedCall) -> dict[str, str]:
    return {
        one.name: one.reason
        for one in reader.read(call).measures
        if one.speaker is None and one.state is State.NOT_MEASURABLE
    }


def test_selling_is_not_measured_in_coaching(
    reader: Reader, make_call: Callable[..., AttributedCall]
) -> None:
    call = make_call(
        (Role.MANAGER, "What did you hear?"), (Role.REP, "What keeps you up at night?")
    )
    metadata = CallMetadata(call_type="coaching")
    call = replace(call, recording=replace(call.recording, metadata=metadata))
    found = reasons(reader, call)
    assert {name: found.get(name) for name in OF_SELLING} == dict.fromkeys(OF_SELLING, IN_COACHING)
    assert found.keys().isdisjoint(OF_COACHING)


def test_coaching_is_not_measured_where_something_is_sold(
    reader: Reader, make_call: Callable[..., AttributedCall]
) -> None:
    call = make_call((Role.REP, "Good morning."), (Role.CUSTOMER, "Good morning."))
    found = reasons(reader, call)
    assert {found.get(name) for name in OF_COACHING} == {"not a coaching session"}
