import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.labelling import Said, TurnInContext
from calls.labels import Label, Role
from models.turn_labels.linear import LinearModel, quantised
from models.turn_labels.ngrams import BUCKETS, bags, words_of

EVEN = np.ones(BUCKETS, np.float32)


def turn(text: str, *before: str) -> TurnInContext:
    return TurnInContext(Said(Role.REP, text), tuple(Said(Role.CUSTOMER, one) for one in before))


def test_words_keep_apostrophes_and_question_marks_and_nothing_else() -> None:
    assert words_of("Don’t you – ever – SLEEP, Tom?") == [
        "don't",
        "you",
        "ever",
        "sleep",
        "tom",
        "?",
    ]


def test_of_a_speech_both_ends_are_read() -> None:
    words = words_of(" ".join(f"w{number}" for number in range(1000)))
    assert len(words) == 400
    assert (words[0], words[-1]) == ("w0", "w999")


def test_a_bag_is_as_long_as_its_three_parts() -> None:
    alone = bags([turn("what keeps you up")], EVEN)
    after = bags([turn("what keeps you up", "hello there")], EVEN)
    assert np.sum(alone.values**2) == pytest.approx(2.0)  # words and pieces of words
    assert np.sum(after.values**2) == pytest.approx(2.0 + 0.25)


def test_the_same_words_before_and_now_are_different_features() -> None:
    now, before = bags([turn("exactly")], EVEN), bags([turn("", "exactly")], EVEN)
    assert not set(now.ids.tolist()) & set(before.ids.tolist())


@given(st.lists(st.text(max_size=80), max_size=6))
def test_any_text_gives_one_row_each_within_bounds(texts: list[str]) -> None:
    found = bags([turn(one) for one in texts], EVEN)
    assert len(found.starts) == len(texts) + 1
    assert found.starts[-1] == len(found.ids) == len(found.values)
    assert not len(found.ids) or (found.ids.min() >= 0 and found.ids.max() < BUCKETS)


def model(**weights: float) -> LinearModel:
    """A model that looks at single words only, for the first label."""
    matrix = np.zeros((BUCKETS, len(Label)), np.float32)
    for word, weight in weights.items():
        some = bags([turn(word)], EVEN)
        matrix[some.ids[0], 0] = weight
    return quantised(matrix, np.full(len(Label), -1.0, np.float32), EVEN)


def test_turns_without_words_get_the_bias_and_move_no_other() -> None:
    one = model(sleep=2.0)
    alone = one.logits([turn("sleep")])
    among = one.logits([turn(""), turn("sleep"), turn(""), turn("…")])
    assert among[1] == pytest.approx(alone[0])
    assert among[[0, 2, 3]] == pytest.approx(np.full((3, len(Label)), -1.0))
    assert one.logits([]).shape == (0, len(Label))


def test_many_turns_are_scored_like_one_by_one() -> None:
    one = model(sleep=2.0, pain=-1.0)
    turns = [turn(f"sleep {number} pain" if number % 3 else "") for number in range(700)]
    together = one.logits(turns)
    apart = np.concatenate([one.logits([single]) for single in turns])
    assert together == pytest.approx(apart, abs=1e-5)


def test_a_stored_model_scores_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("model") / "linear.npz"
    one = model(sleep=2.0)
    one.save(path)
    assert LinearModel.load(path).logits([turn("sleep")]) == pytest.approx(
        one.logits([turn("sleep")])
    )


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="weights of shape"):
        quantised(np.zeros((3, 2), np.float32), np.zeros(2, np.float32), EVEN)
