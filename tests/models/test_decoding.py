"""Chunks of many calls in shared batches: what shares one, what is looked at twice, what fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from calls.transcript import Engine, TranscriptOrigin
from models.decoding import MAX_WAITING, CallToDecode, DecodedCall, decode_calls
from models.guards import Suspicion
from models.heard import DecodeOptions, HeardChunk, RawWord
from models.placing import utterances_of
from models.sound import SAMPLE_RATE_HZ, Sound
from models.speech import SpokenLanguage
from models.vad import Chunk, Span
from tests.sounds import sample_speech

ENGLISH = DecodeOptions("en")
GERMAN = DecodeOptions("de")
SECOND = SAMPLE_RATE_HZ
SAID = ["we", "saw", "how", "other", "plants", "near", "you", "plan", "their", "repairs"]


def said(*words: str, seconds: float = 5.0) -> HeardChunk:
    """Words spread evenly over a chunk, said with confidence."""
    step = seconds / max(1, len(words))
    return HeardChunk(
        tuple(RawWord(one, at * step, (at + 1) * step, 0.9) for at, one in enumerate(words))
    )


class Scripted:
    """An engine that says what it is told to, and keeps what it was asked."""

    origin = TranscriptOrigin(Engine.WHISPER, "scripted")

    def __init__(
        self,
        batch_size: int = 4,
        *,
        says: Callable[[Chunk], HeardChunk] = lambda chunk: said(*SAID),
        again: Callable[[Chunk], HeardChunk | None] = lambda chunk: None,
    ) -> None:
        self.batch_size = batch_size
        self.batches: list[tuple[int, DecodeOptions]] = []
        self.second: list[DecodeOptions] = []
        self._says = says
        self._again = again

    def language_of(self, chunks: Sequence[Chunk], known: str | None) -> SpokenLanguage:
        return SpokenLanguage(known or "en", "given")

    def decode(self, chunks: Sequence[Chunk], options: DecodeOptions) -> list[HeardChunk]:
        self.batches.append((len(chunks), options))
        return [self._says(chunk) for chunk in chunks]

    def decode_again(self, chunk: Chunk, options: DecodeOptions) -> HeardChunk | None:
        self.second.append(options)
        return self._again(chunk)

    def close(self) -> None:
        pass


SOUND = Sound.of(sample_speech(seconds=60))


def call(name: str, chunks: int, *options: DecodeOptions, channel: int = 0) -> CallToDecode:
    spans = [Span(at * 5 * SECOND, (at + 1) * 5 * SECOND) for at in range(chunks)]
    own = [Chunk(channel, (span,), SOUND) for span in spans]
    return CallToDecode(name, own, [options[at % len(options)] for at in range(chunks)])


def by_name(found: list[DecodedCall]) -> dict[str, DecodedCall]:
    return {one.name: one for one in found}


def test_short_calls_share_a_batch() -> None:
    engine = Scripted(batch_size=4)
    found = list(decode_calls(engine, [call(name, 1, ENGLISH) for name in "abcd"]))
    assert engine.batches == [(4, ENGLISH)]
    assert [one.name for one in found] == list("abcd")


def test_chunks_of_other_options_never_share_a_batch() -> None:
    engine = Scripted(batch_size=4)
    calls = [call("a", 6, ENGLISH, GERMAN), call("b", 2, DecodeOptions("en", ("Acme",)))]
    assert len(by_name(list(decode_calls(engine, calls)))) == 2
    assert sorted(engine.batches, key=str) == sorted(
        [(3, ENGLISH), (3, GERMAN), (2, DecodeOptions("en", ("Acme",)))], key=str
    )


def test_a_long_call_is_decoded_batch_by_batch_and_keeps_its_order() -> None:
    engine = Scripted(batch_size=4)
    (found,) = decode_calls(engine, [call("long", 11, ENGLISH)])
    assert [count for count, _ in engine.batches] == [4, 4, 3]
    starts = [decoded.chunk.spans[0].start for decoded in found.chunks]
    assert starts == sorted(starts)
    assert len(starts) == 11


def test_calls_do_not_wait_for_ever_for_a_batch_to_fill() -> None:
    engine = Scripted(batch_size=1000)
    opened = 0

    def endless() -> list[CallToDecode]:
        return [call(str(number), 1, ENGLISH) for number in range(3 * MAX_WAITING)]

    for _ in decode_calls(engine, endless()):
        opened += 1
    assert opened == 3 * MAX_WAITING
    assert [count for count, _ in engine.batches] == [MAX_WAITING] * 3


def test_a_call_that_breaks_the_engine_fails_alone() -> None:
    def says(chunk: Chunk) -> HeardChunk:
        if chunk.channel == 1:
            raise RuntimeError("no such frame")
        return said(*SAID)

    calls = [call("a", 2, ENGLISH), call("bad", 3, ENGLISH, channel=1), call("b", 2, ENGLISH)]
    found = by_name(list(decode_calls(Scripted(batch_size=7, says=says), calls)))
    assert isinstance(found["bad"].error, RuntimeError)
    assert len(found["a"].chunks) == len(found["b"].chunks) == 2
    assert found["a"].error is found["b"].error is None


def test_a_batch_too_big_for_the_memory_is_halved_and_stays_smaller() -> None:
    class Small(Scripted):
        def decode(self, chunks: Sequence[Chunk], options: DecodeOptions) -> list[HeardChunk]:
            if len(chunks) > 2:
                raise RuntimeError("CUDA failed with error out of memory")
            return super().decode(chunks, options)

    engine = Small(batch_size=8)
    (first, second) = decode_calls(engine, [call("a", 8, ENGLISH), call("b", 8, ENGLISH)])
    assert first.error is second.error is None
    assert [count for count, _ in engine.batches] == [2] * 8


def test_a_looping_chunk_is_decoded_again_and_the_better_words_are_kept() -> None:
    loop = said(*(["and", "then", "we"] * 12))
    engine = Scripted(says=lambda chunk: loop, again=lambda chunk: said(*SAID))
    (found,) = decode_calls(engine, [call("a", 1, ENGLISH)])
    assert found.chunks[0].heard.text == " ".join(SAID)
    assert found.chunks[0].retried
    assert found.chunks[0].suspicions == ()


def test_what_is_still_suspicious_is_kept_and_marked() -> None:
    loop = said(*(["and", "then", "we"] * 12))
    engine = Scripted(says=lambda chunk: loop, again=lambda chunk: loop)
    (found,) = decode_calls(engine, [call("a", 1, ENGLISH)])
    assert Suspicion.REPETITION in found.chunks[0].suspicions
    (utterance,) = utterances_of(found.chunks)
    assert utterance.text == loop.text
    assert utterance.doubt


def test_nothing_is_decoded_twice_where_that_is_turned_off() -> None:
    loop = said(*(["and", "then", "we"] * 12))
    engine = Scripted(says=lambda chunk: loop, again=lambda chunk: said(*SAID))
    (found,) = decode_calls(engine, [call("a", 1, ENGLISH)], again=False)
    assert engine.second == []
    assert found.chunks[0].suspicions


def test_a_chunk_that_prints_the_names_it_was_given_is_decoded_without_them() -> None:
    named = DecodeOptions("en", ("Millbrook Foods", "Dana Reyes", "Sam Cole"))
    engine = Scripted(
        says=lambda chunk: said("Millbrook", "Foods,", "Dana", "Reyes,", "Sam", "Cole"),
        again=lambda chunk: said(*SAID),
    )
    (found,) = decode_calls(engine, [call("a", 1, named)])
    assert engine.second == [ENGLISH]
    assert found.chunks[0].heard.text == " ".join(SAID)


@pytest.mark.parametrize("gap_s", [0.0, 3.0, 400.0])
def test_words_lie_where_they_were_said_whatever_was_packed_between(gap_s: float) -> None:
    # Two stretches of 2 s, packed into one chunk; a word in the middle of each.
    second = round((2 + gap_s) * SECOND)
    chunk = Chunk(0, (Span(0, 2 * SECOND), Span(second, second + 2 * SECOND)), SOUND)
    heard = HeardChunk((RawWord("first", 0.5, 1.5, 0.9), RawWord("second", 2.5, 3.5, 0.9)))
    engine = Scripted(says=lambda chunk: heard)
    (found,) = decode_calls(engine, [CallToDecode("a", [chunk], [ENGLISH])], again=False)
    words = [word for one in utterances_of(found.chunks) for word in one.words]
    assert [(word.text, word.start_s) for word in words] == [
        ("first", pytest.approx(0.5)),
        ("second", pytest.approx(2 + gap_s + 0.5)),
    ]


def test_a_second_decoding_that_breaks_costs_no_words() -> None:
    loop = said(*(["and", "then", "we"] * 12))

    def breaks(chunk: Chunk) -> HeardChunk:
        raise RuntimeError("CUDA failed with error out of memory")

    engine = Scripted(batch_size=4, says=lambda chunk: loop, again=breaks)
    (found,) = decode_calls(engine, [call("a", 4, ENGLISH)])
    assert found.error is None
    assert [one.heard.text for one in found.chunks] == [loop.text] * 4
    assert all(one.suspicions and not one.retried for one in found.chunks)
    assert engine.batches == [(4, ENGLISH)]
