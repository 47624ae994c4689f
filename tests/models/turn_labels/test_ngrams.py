import re
from collections import Counter
from collections.abc import Sequence
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.labelling import Said, TurnInContext
from calls.labels import Label, Role
from models.turn_labels.linear import COLUMNS, LinearModel, quantised
from models.turn_labels.ngrams import AT_ONCE, BUCKETS, bags, words_of

EVEN = np.ones(BUCKETS, np.float32)
# Every seventh n-gram was never learned.
UNEVEN = (np.arange(BUCKETS) % 7).astype(np.float32)
SPOKEN = st.text(st.sampled_from("abeéßİ’' \n?_1 Ω"), max_size=60) | st.text(max_size=60)


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


def by_definition(one: TurnInContext, idf: np.ndarray) -> dict[tuple[str, int], float]:
    """The bag of a turn as the shipped weights were learned from it, hash by hash."""
    said = plain_words(one.said.text)
    before = plain_words(one.before[-1].text) if one.before else []
    parts = {
        "w": (1.0, [" ".join(some) for some in together(said, 1, 2, 3)]),
        "c": (1.0, ["".join(some) for word in said for some in together(f" {word} ", 2, 3, 4, 5)]),
        "b": (0.5, [" ".join(some) for some in together(before, 1, 2)]),
    }
    bag: dict[tuple[str, int], float] = {}
    for kind, (length, ngrams) in parts.items():
        counts = Counter(crc32(f"{kind}{one}".encode()) % BUCKETS for one in ngrams)
        values = {one: (1 + np.log(count)) * float(idf[one]) for one, count in counts.items()}
        norm = float(np.sqrt(sum(value**2 for value in values.values()))) or 1.0
        bag |= {(kind, one): value * length / norm for one, value in values.items()}
    return bag


def plain_words(text: str) -> list[str]:
    found = re.findall(r"[^\W_]+(?:['’][^\W_]+)*|\?", text.lower())
    return [word.replace("’", "'") for word in found]


def together(units: Sequence[str], *lengths: int) -> list[Sequence[str]]:
    return [
        units[start : start + length]
        for length in lengths
        for start in range(len(units) - length + 1)
    ]


@given(st.lists(st.lists(SPOKEN, min_size=1, max_size=3), max_size=4))
def test_hashes_and_weights_are_those_the_shipped_weights_were_learned_from(
    contexts: list[list[str]],
) -> None:
    turns = [turn(*one) for one in contexts]
    found = bags(turns, UNEVEN)
    for row, one in enumerate(turns):
        span = slice(found.starts[row], found.starts[row + 1])
        expected = sorted(
            (bucket, value) for (_, bucket), value in by_definition(one, UNEVEN).items()
        )
        got = sorted(zip(found.ids[span].tolist(), found.values[span].tolist(), strict=True))
        assert [bucket for bucket, _ in got] == [bucket for bucket, _ in expected]
        assert [value for _, value in got] == pytest.approx([value for _, value in expected])


def test_each_n_gram_counts_once_in_its_part_and_more_if_repeated() -> None:
    once, again = bags([turn("ja nein")], EVEN), bags([turn("ja ja nein")], EVEN)
    bucket = crc32(b"wja") % BUCKETS
    assert once.ids.tolist().count(bucket) == again.ids.tolist().count(bucket) == 1
    ja, nein = (again.values[again.ids == crc32(one) % BUCKETS] for one in (b"wja", b"wnein"))
    assert ja / nein == pytest.approx(1 + np.log(2))


def test_more_turns_than_are_looked_at_together_have_the_same_bags() -> None:
    turns = [
        turn(f"and {number} calls", *["what else?"][: number % 2])
        for number in range(2 * AT_ONCE + 3)
    ]
    found = bags(turns, EVEN)
    assert len(found.starts) == len(turns) + 1
    for row, one in enumerate(turns):
        alone, span = bags([one], EVEN), slice(found.starts[row], found.starts[row + 1])
        assert found.ids[span].tolist() == alone.ids.tolist()
        assert found.values[span] == pytest.approx(alone.values)


def model(**weights: float) -> LinearModel:
    """A model that looks at single words only, for the first label and for both sides."""
    matrix = np.zeros((BUCKETS, COLUMNS), np.float32)
    for word, weight in weights.items():
        some = bags([turn(word)], EVEN)
        matrix[some.ids[0], 0] = weight
        matrix[some.ids[0], len(Label) :] = weight, -weight
    return quantised(matrix, np.full(COLUMNS, -1.0, np.float32), EVEN)


def test_turns_without_words_get_the_bias_and_move_no_other() -> None:
    one = model(sleep=2.0)
    alone = one.glance([turn("sleep")]).labels
    among = one.glance([turn(""), turn("sleep"), turn(""), turn("…")]).labels
    assert among[1] == pytest.approx(alone[0])
    assert among[[0, 2, 3]] == pytest.approx(np.full((3, len(Label)), -1.0))
    assert one.glance([]).labels.shape == (0, len(Label))


def test_many_turns_are_scored_like_one_by_one() -> None:
    one = model(sleep=2.0, pain=-1.0)
    turns = [turn(f"sleep {number} pain" if number % 3 else "") for number in range(700)]
    together = one.glance(turns).labels
    apart = np.concatenate([one.glance([single]).labels for single in turns])
    assert together == pytest.approx(apart, abs=1e-5)


def test_a_stored_model_scores_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("model") / "linear.npz"
    one = model(sleep=2.0)
    one.save(path)
    loaded = LinearModel.load(path).glance([turn("sleep")])
    assert loaded.labels == pytest.approx(one.glance([turn("sleep")]).labels)
    assert loaded.any_label == pytest.approx(one.glance([turn("sleep")]).any_label)


def test_each_side_has_its_own_say_on_whether_there_is_a_label() -> None:
    said = [TurnInContext(Said(role, "sleep")) for role in (Role.REP, Role.MANAGER, Role.CUSTOMER)]
    rep, manager, customer = model(sleep=2.0).glance(said).any_label
    assert rep == manager > -1.0 > customer


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="weights of shape"):
        quantised(np.zeros((3, 2), np.float32), np.zeros(2, np.float32), EVEN)
