import json
from collections import Counter
from pathlib import Path

import pytest

from calls.labels import LABEL_ROLES, Label, Role
from models.turn_labels.training.examples import (
    TALK,
    Example,
    all_examples,
    otherwise,
    twice_from_calls,
)


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return all_examples()


def test_every_label_has_many_examples_and_its_speaker_may_carry_it(
    examples: list[Example],
) -> None:
    counts = Counter(label for one in examples for label in one.labels)
    assert min(counts[label] for label in Label) > 200
    for one in examples:
        for label in one.labels:
            assert one.turn.said.role in LABEL_ROLES[label], one.ident


def test_a_claim_always_is_of_a_kind(examples: list[Example]) -> None:
    kinds = {label for label in Label if label.startswith("claim_")}
    for one in examples:
        assert (Label.CLAIM in one.labels) == bool(one.labels & kinds), one.ident


def test_no_written_turn_is_a_gold_one(examples: list[Example]) -> None:
    """A copy of a gold turn in the written data would make held-out figures too good."""
    gold = {_words(one) for one in examples if one.file.startswith("gold/")}
    written = [one for one in examples if one.file.startswith("written/") and _is_long(one)]
    assert len(written) > 5000
    assert [one.ident for one in written if _words(one) in gold] == []


def _words(one: Example) -> str:
    return "".join(sign for sign in one.turn.said.text.lower() if sign.isalnum() or sign == " ")


def _is_long(one: Example) -> bool:
    """Short answers ("Exactly.") are nobody's."""
    return len(one.turn.said.text.split()) >= 5


def test_ordinary_talk_carries_no_label(examples: list[Example]) -> None:
    talk = [one for one in examples if one.file.startswith(TALK)]
    assert len(talk) > 1000
    assert not any(one.labels for one in talk)
    assert {one.turn.said.role for one in talk} == {Role.REP, Role.CUSTOMER, Role.MANAGER}


def test_reps_in_coaching_sessions_teach_nothing(examples: list[Example]) -> None:
    assert not any(one.turn.said.role is Role.REP for one in examples if "sessions/" in one.file)


def test_changed_turns_keep_their_words(examples: list[Example]) -> None:
    some = examples[::40]
    changed = otherwise(some, seed=1)
    assert changed == otherwise(some, seed=1)
    for one, other in zip(some, changed, strict=True):
        letters = [sign for sign in one.turn.said.text.lower() if sign.isalnum()]
        assert [sign for sign in other.said.text.lower() if sign.isalnum()] == letters
        if one.turn.said.role is Role.CUSTOMER and not one.file.startswith(TALK):
            assert len(other.before) == len(one.turn.before)
    assert any(one.turn != other for one, other in zip(some, changed, strict=True))


def test_labelled_turns_of_calls_count_twice(tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    turns = [
        {"speaker": "rep", "text": "Hello.", "labels": []},
        {"speaker": "rep", "text": "What keeps you up at night?", "labels": ["cliche_question"]},
    ]
    call = {"call_id": "x", "turns": turns}
    (tmp_path / "calls" / "x.json").write_text(json.dumps(call), encoding="utf-8")
    found = all_examples(tmp_path)
    assert [one.turn.before for one in found][1][0].text == "Hello."
    assert len(twice_from_calls(found)) == 3
