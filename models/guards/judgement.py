"""What all guards together say about a chunk, and which of two decodings is the better."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import NamedTuple

from models.guards.coverage import covered_s, has_gap
from models.guards.evidence import Evidence
from models.guards.hotwords import has_doubtful, invented_hotwords, prints_prompt
from models.guards.language import is_other_language
from models.guards.phantoms import is_phantom
from models.guards.rates import is_impossible
from models.guards.repetition import is_loop
from models.guards.suspicion import Suspicion, weight_of
from models.guards.times import contradict, in_order
from models.heard import DecodeOptions, HeardChunk
from models.vad import Chunk

# Whisper's own limit for the mean log probability of a token, below which it decodes again.
_LOG_PROBABILITY = -1.0

_GUARDS: dict[Suspicion, Callable[[Evidence], bool]] = {
    Suspicion.REPETITION: is_loop,
    Suspicion.PHANTOM: is_phantom,
    Suspicion.PROMPT: prints_prompt,
    Suspicion.LANGUAGE: is_other_language,
    Suspicion.HOTWORD: has_doubtful,
    Suspicion.COVERAGE: has_gap,
    Suspicion.RATE: is_impossible,
    Suspicion.TIMES: lambda evidence: contradict(evidence.heard.words, evidence.chunk.duration_s),
    Suspicion.LOW_PROBABILITY: lambda evidence: _is_unsure(evidence.heard),
}


class Settled(NamedTuple):
    """The decoding to keep, and what is still suspicious about it."""

    heard: HeardChunk
    suspicions: tuple[Suspicion, ...]


def suspicions(chunk: Chunk, heard: HeardChunk, options: DecodeOptions) -> tuple[Suspicion, ...]:
    """Why the words may not be what was said, worst first; empty where nothing speaks against them.

    Args:
        chunk: what was decoded. Its samples are read only where the text leaves a question.
        heard: what the engine made of it, unchecked.
        options: those it was decoded with.
    """
    evidence = Evidence(chunk, heard, options)
    return tuple(one for one, objects in _GUARDS.items() if objects(evidence))


def options_for_again(options: DecodeOptions, found: Collection[Suspicion]) -> DecodeOptions:
    """The options to decode a suspicious chunk again with, without names that misled it."""
    if Suspicion.HOTWORD in found or Suspicion.PROMPT in found:
        return replace(options, hotwords=())
    return options


def settle(chunk: Chunk, options: DecodeOptions, first: HeardChunk, again: HeardChunk) -> Settled:
    """The less suspicious of two decodings; of equals the one that covers and believes more.

    Args:
        chunk: what was decoded twice.
        options: those of the first time.
        first: the first decoding.
        again: the second, decoded with `options_for_again`.
    """
    found = suspicions(chunk, first, options)
    options_again = options_for_again(options, found)
    found_again = suspicions(chunk, again, options_again)
    if Suspicion.HOTWORD in found and not invented_hotwords(first, again, options.hotwords):
        found = tuple(one for one in found if one is not Suspicion.HOTWORD)
    if _rank(chunk, again, found_again) < _rank(chunk, first, found):
        return Settled(again, found_again)
    return Settled(first, found)


def cleaned(chunk: Chunk, heard: HeardChunk) -> HeardChunk:
    """The same words with times in order and within the chunk; none is dropped."""
    return replace(heard, words=in_order(heard.words, chunk.duration_s))


def _rank(
    chunk: Chunk, heard: HeardChunk, found: Collection[Suspicion]
) -> tuple[int, float, float]:
    """Smaller is better."""
    words = in_order(heard.words, chunk.duration_s)
    known = [word.probability for word in words if word.probability is not None]
    probability = sum(known) / len(known) if known else 0.0
    return weight_of(found), -covered_s(words, chunk.duration_s), -probability


def _is_unsure(heard: HeardChunk) -> bool:
    mean = heard.mean_log_probability
    return (
        bool(heard.words) and mean is not None and not math.isnan(mean) and mean < _LOG_PROBABILITY
    )
