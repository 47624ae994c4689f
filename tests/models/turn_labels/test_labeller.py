import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from calls.errors import ModelDamaged
from calls.labelling import Said, TurnInContext
from calls.labels import LABEL_ROLES, Label, Role
from models.turn_labels.encoder import _whole_words
from models.turn_labels.labeller import FACTS, LINEAR, SHIPPED, CascadeLabeller, model_version


@pytest.fixture(scope="module")
def labeller() -> CascadeLabeller:
    return CascadeLabeller()


def turn(role: Role, text: str, *before: tuple[Role, str]) -> TurnInContext:
    return TurnInContext(Said(role, text), tuple(Said(*one) for one in before))


def found(labeller: CascadeLabeller, one: TurnInContext) -> set[Label]:
    (scores,) = labeller.score([one])
    return {
        label
        for label, scored in scores.items()
        if scored.score >= labeller.fusion[label].threshold
    }


# Wordings of our own that stand in no training file.
SAID = [
    (
        Role.REP,
        "What's the nagging doubt you take home with you on a Friday?",
        Label.CLICHE_QUESTION,
    ),
    (Role.REP, "Remind me, which towns do you have depots in?", Label.HOMEWORK_QUESTION),
    (
        Role.REP,
        "My hunch is your drivers idle at gate three because the weighbridge prints on paper.",
        Label.HYPOTHESIS,
    ),
    (Role.REP, "Nobody else on the market can do that.", Label.CLAIM_UNIQUE),
    (Role.REP, "I guarantee you won't lose a single record, ever.", Label.CLAIM_GUARANTEE),
    (Role.REP, "We cut handling time by forty percent.", Label.CLAIM_QUANTIFIED),
    (Role.CUSTOMER, "Let's speak again at some point, I'll think it over.", Label.VAGUE_NEXT_STEP),
    (
        Role.MANAGER,
        "Play that bit again where she sighs. What would you ask her there now?",
        Label.COACHING_BEHAVIOR,
    ),
    (
        Role.MANAGER,
        "You're at sixty percent of quota with two weeks left.",
        Label.SPREADSHEET_COACHING,
    ),
]


@pytest.mark.parametrize(("role", "text", "label"), SAID)
def test_labels_are_found_in_words_it_has_not_seen(
    labeller: CascadeLabeller, role: Role, text: str, label: Label
) -> None:
    assert label in found(labeller, turn(role, text))


def test_an_answer_is_judged_by_what_it_answers(labeller: CascadeLabeller) -> None:
    guess = (Role.REP, "I suspect your night shift re-keys every order because the link drops.")
    price = (Role.REP, "The licence is eighteen pounds a seat, billed yearly.")
    answer = "Yes, exactly, that is precisely what happens to us."
    assert Label.CONFIRMATION in found(labeller, turn(Role.CUSTOMER, answer, guess))
    (scored,) = labeller.score([turn(Role.CUSTOMER, "Right, okay.", price)])
    assert Label.CONFIRMATION not in found(labeller, turn(Role.CUSTOMER, "Right, okay.", price))
    assert all(label in LABEL_ROLES and Role.CUSTOMER in LABEL_ROLES[label] for label in scored)


@pytest.mark.parametrize("text", ["", " ", "…", "?", "um", "a" * 5000, "no " * 3000, "日本語"])
def test_any_text_is_scored(labeller: CascadeLabeller, text: str) -> None:
    scores = labeller.score([turn(role, text) for role in Role])
    assert len(scores) == len(Role)
    assert scores[list(Role).index(Role.UNKNOWN)] == {}


def test_the_words_that_decided_lie_in_the_turn(labeller: CascadeLabeller) -> None:
    for role, text, label in SAID:
        (scores,) = labeller.score([turn(role, text)])
        scored = scores[label]
        shown = text[scored.start_char : scored.end_char]
        assert shown.strip(" ,.?!") == shown != ""
        assert 0.0 < scored.score <= 1.0


def test_turns_do_not_disturb_each_other(labeller: CascadeLabeller) -> None:
    turns = [turn(role, text) for role, text, _ in SAID]
    together = labeller.score(turns * 5)
    with ThreadPoolExecutor(4) as pool:
        apart = list(pool.map(lambda one: labeller.score([one])[0], turns * 5))
    for one, other in zip(together, apart, strict=True):
        shared = one.keys() & other.keys()
        assert {label for label in one if one[label].score > 0.1} <= shared
        for label in shared:  # padding moves 8-bit arithmetic a little
            assert one[label].score == pytest.approx(other[label].score, abs=0.05)


def test_no_turns_no_scores(labeller: CascadeLabeller) -> None:
    assert labeller.score([]) == []


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    copy = shutil.copytree(SHIPPED, tmp_path / "model")
    assert model_version(copy) == model_version(SHIPPED)
    other = shutil.copytree(SHIPPED, tmp_path / "other")
    facts = json.loads((other / FACTS).read_text(encoding="utf-8"))
    facts["gate"] += 1.0
    (other / FACTS).write_text(json.dumps(facts), encoding="utf-8")
    assert model_version(other) != model_version(SHIPPED)


@pytest.mark.parametrize("damage", ["missing", "cut", "no facts", "of before"])
def test_a_damaged_model_is_named(tmp_path: Path, damage: str) -> None:
    copy = shutil.copytree(SHIPPED, tmp_path / "model")
    if damage == "missing":
        (copy / LINEAR).unlink()
    elif damage == "cut":
        (copy / LINEAR).write_bytes((copy / LINEAR).read_bytes()[:1000])
    elif damage == "of before":  # as `make train` wrote them before there were columns for sides
        with np.load(copy / LINEAR) as stored:
            np.savez(copy / LINEAR, **{**stored, "weights": stored["weights"][:, : len(Label)]})
    else:
        (copy / FACTS).write_text("{}", encoding="utf-8")
    with pytest.raises(ModelDamaged, match="model"):
        CascadeLabeller(copy)


@pytest.mark.parametrize(
    ("text", "span", "words"),
    [
        ("so, don't you sleep?", (4, 8), "don't"),
        ("a well-known firm", (3, 6), "well-known"),
        (", and then", (0, 5), "and"),
        ("…", (0, 1), ""),
    ],
)
def test_shown_words_are_whole(text: str, span: tuple[int, int], words: str) -> None:
    start, end = _whole_words(text, *span)
    assert text[start:end] == words


def test_the_shipped_model_is_small() -> None:
    size = sum(path.stat().st_size for path in SHIPPED.iterdir())
    assert size <= 15_000_000
