"""From chunks back to the recording: words on its clock, one utterance per stretch of speech."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from calls.transcript import Utterance, Word
from models.decoding import DecodedChunk
from models.guards import cleaned, doubt_of
from models.vad import Span


def utterances_of(chunks: Iterable[DecodedChunk]) -> tuple[Utterance, ...]:
    """Everything said in the chunks, in order of time.

    A word lies in the stretch of speech that holds its middle, and its times are those of that
    stretch in the recording: exact to the sample, whatever was packed in between.
    """
    found = [utterance for chunk in chunks for utterance in _of_chunk(chunk)]
    return tuple(sorted(found, key=lambda one: (one.start_s, one.channel or 0)))


def _of_chunk(decoded: DecodedChunk) -> Iterator[Utterance]:
    chunk, doubt = decoded.chunk, doubt_of(decoded.suspicions)
    by_stretch: dict[Span, list[Word]] = {}
    for raw in cleaned(chunk, decoded.heard).words:
        stretch, _ = chunk.span_at((raw.start_s + raw.end_s) / 2)
        start_s, end_s = chunk.word_times(raw.start_s, raw.end_s)
        word = Word(raw.text, start_s, end_s, raw.probability)
        by_stretch.setdefault(stretch, []).append(word)
    for words in by_stretch.values():
        words.sort(key=lambda word: (word.start_s, word.end_s))
        yield Utterance.of_words(words, channel=chunk.channel, doubt=doubt)
