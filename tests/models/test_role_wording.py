from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from calls.call import RoleSource
from calls.labels import Role
from calls.metadata import CallMetadata
from calls.transcript import Utterance
from models.role_wording import (
    Cue,
    folded_turn,
    load_cues,
    seller_of,
    weigh,
    with_roles_from_wording,
)
from models.voices import Voice
from tests.conftest import SHARED_DATA

ENGLISH = load_cues("en")
assert ENGLISH is not None
CUES = ENGLISH

SELLER = (
    "Hi Jo, this is Kim from Harbour Systems. Thanks for taking the time.",
    "I saw you opened a second depot, and I read your annual report.",
    "My guess is your drivers wait at the gate. What are your biggest challenges?",
    "We worked with a haulier in Leeds. I'd love to show you our platform.",
)
BUYER = (
    "Yes, well, we've got two depots and we can't find drivers.",
    "You're not wrong. It cost us nine thousand last year.",
    "How much does it cost? I'd have to run it past my finance director.",
    "We already use somebody. Just send me something.",
)


def voices(one: Sequence[str], other: Sequence[str], **more: Any) -> list[Voice]:
    return [
        Voice(
            f"Speaker {number}",
            None,
            f"Speaker {number}",
            tuple(
                Utterance(at * 10.0 + number, at * 10.0 + number + 1, text)
                for at, text in enumerate(texts)
            ),
            **more,
        )
        for number, texts in enumerate((one, other))
    ]


def roles(given: list[Voice], *, language: str | None = "en", **facts: Any) -> list[Role]:
    metadata = CallMetadata.model_validate(facts)
    return [one.role for one in with_roles_from_wording(given, metadata, language)]


def _shown(value: Cue | str) -> str:
    return value if isinstance(value, str) else value.id


KNOWN, TURNED = [Role.REP, Role.CUSTOMER], [Role.CUSTOMER, Role.REP]
UNKNOWN = [Role.UNKNOWN, Role.UNKNOWN]


@pytest.mark.parametrize(
    ("cue", "text"), [(cue, text) for cue in CUES.cue for text in cue.hits], ids=_shown
)
def test_a_cue_hears_its_examples(cue: Cue, text: str) -> None:
    assert cue.count([folded_turn(text)]) > 0


@pytest.mark.parametrize(
    ("cue", "text"), [(cue, text) for cue in CUES.cue for text in cue.misses], ids=_shown
)
def test_a_cue_does_not_hear_what_only_looks_like_it(cue: Cue, text: str) -> None:
    assert cue.count([folded_turn(text)]) == 0


def test_two_voices_of_which_one_sells_and_one_buys_get_their_roles() -> None:
    assert roles(voices(SELLER, BUYER)) == KNOWN
    assert roles(voices(BUYER, SELLER)) == TURNED
    sources = {
        one.source
        for one in with_roles_from_wording(voices(SELLER, BUYER), CallMetadata(), "en-GB")
    }
    assert sources == {RoleSource.WORDING}


def test_it_takes_both_voices_to_be_sure() -> None:
    assert roles(voices(SELLER, ["Mm.", "Right.", "Go on."])) == UNKNOWN
    assert roles(voices(["Hello.", "I see."], BUYER)) == UNKNOWN
    assert roles(voices(SELLER, SELLER)) == UNKNOWN
    assert roles(voices(BUYER, BUYER)) == UNKNOWN
    assert roles(voices((*SELLER, *BUYER), BUYER)) == UNKNOWN
    assert roles(voices((), ())) == UNKNOWN


def test_one_phrase_said_again_and_again_proves_nothing() -> None:
    assert roles(voices(["Let me show you how."] * 50, BUYER)) == UNKNOWN


def test_punctuation_case_and_curly_apostrophes_do_not_matter() -> None:
    shouted = [text.upper().replace("'", "’").replace(".", "") for text in SELLER]
    assert roles(voices(shouted, [text.lower() for text in BUYER])) == KNOWN
    assert folded_turn("Um, You’re_NOT  wrong…") == "you're not wrong"


def test_languages_without_cues_are_left_alone() -> None:
    for language in ("de", None, "xx-YY", ".."):
        assert roles(voices(SELLER, BUYER), language=language) == UNKNOWN


def test_roles_that_are_known_are_never_overruled() -> None:
    known = voices(SELLER, BUYER, role=Role.CUSTOMER, source=RoleSource.SIDECAR)
    assert roles(known) == [Role.CUSTOMER, Role.CUSTOMER]
    one = [voices(SELLER, BUYER)[0], voices(SELLER, BUYER, role=Role.MANAGER)[1]]
    assert roles(one) == [Role.UNKNOWN, Role.MANAGER]


def test_three_voices_stay_unknown_but_words_without_a_voice_do_not_count() -> None:
    third = Voice("Speaker 3", None, "Speaker 3", ())
    assert roles([*voices(SELLER, BUYER), third]) == [*UNKNOWN, Role.UNKNOWN]
    stray = Voice("unlabelled", None, None, ())
    assert roles([*voices(SELLER, BUYER), stray]) == [*KNOWN, Role.UNKNOWN]


@pytest.mark.parametrize(
    "facts",
    [
        {"call_type": "coaching"},
        {"call_type": "Internal"},
        {"participants": [{"name": "Al", "role": "manager"}, {"name": "Bo", "role": "rep"}]},
        {"participants": [{"name": "Al", "role": "rep"}, {"name": "Bo", "role": "rep"}]},
    ],
)
def test_calls_on_which_no_rep_meets_a_customer_are_left_alone(facts: dict[str, Any]) -> None:
    assert roles(voices(SELLER, BUYER), **facts) == UNKNOWN
    assert roles(voices(SELLER, BUYER), call_type="discovery") == KNOWN


# ----------------------------------------------------------------------- on labelled material

GOLD = SHARED_DATA.parent / "gold"


def _sides(path: Path, one: str, other: str) -> tuple[list[str], list[str]]:
    said = defaultdict(list)
    for turn in json.loads(path.read_text())["turns"]:
        said[turn["speaker"]].append(turn["text"])
    return said[one], said[other]


@pytest.mark.skipif(not GOLD.is_dir(), reason="the labelled calls are not beside this checkout")
def test_no_labelled_call_gets_a_wrong_role_and_no_coaching_session_any() -> None:
    found = [
        roles(voices(*_sides(path, "rep", "customer")))
        for path in sorted((GOLD / "calls").glob("*.json"))
    ]
    assert TURNED not in found
    assert found.count(KNOWN) >= len(found) / 2
    for path in (GOLD / "sessions").glob("*.json"):
        assert roles(voices(*_sides(path, "manager", "rep"))) == UNKNOWN


def test_colleagues_in_a_meeting_are_no_sellers_and_buyers() -> None:
    path = SHARED_DATA / "talk" / "qmsum-val.jsonl"
    if not path.is_file():
        pytest.skip("the third-party meetings are not beside this checkout")
    turns = [json.loads(line) for line in path.read_text().splitlines()]
    pairs = 0
    for start in range(0, len(turns), 150):
        said: dict[str, list[str]] = defaultdict(list)
        for turn in turns[start : start + 150]:
            said[turn["speaker"]].append(turn["text"])
        heard = [weigh(own, CUES) for own in said.values()]
        for one, other in itertools.combinations(heard, 2):
            pairs += 1
            assert seller_of(one, other) is None
    assert pairs > 500
