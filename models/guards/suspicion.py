"""What can be wrong with the words of a chunk, and how people are told."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Suspicion(StrEnum):
    """Why the words of a chunk may not be what was said."""

    REPETITION = "repetition"
    PHANTOM = "phantom"
    PROMPT = "prompt"
    LANGUAGE = "language"
    HOTWORD = "hotword"
    COVERAGE = "coverage"
    RATE = "rate"
    TIMES = "times"
    LOW_PROBABILITY = "low_probability"


_DOUBTS = {
    Suspicion.REPETITION: "the words repeat",
    Suspicion.PHANTOM: "the words are ones that engines invent where nobody speaks",
    Suspicion.PROMPT: "the words are the names that the engine was told to expect",
    Suspicion.LANGUAGE: "the words are in another language than the call",
    Suspicion.HOTWORD: "a name that the engine was told to expect may not have been said",
    Suspicion.COVERAGE: "words are missing where somebody speaks",
    Suspicion.RATE: "nobody speaks at this rate",
    Suspicion.TIMES: "the times of the words contradict each other",
    Suspicion.LOW_PROBABILITY: "the engine was unsure of the words",
}

# Words that nobody said mislead more than words that are missing, and those more than words that
# are right but doubtful or misplaced.
_WEIGHTS = {
    Suspicion.REPETITION: 3,
    Suspicion.PHANTOM: 3,
    Suspicion.PROMPT: 3,
    Suspicion.LANGUAGE: 3,
    Suspicion.HOTWORD: 2,
    Suspicion.COVERAGE: 2,
    Suspicion.RATE: 2,
    Suspicion.TIMES: 1,
    Suspicion.LOW_PROBABILITY: 1,
}


def doubt_of(suspicions: Iterable[Suspicion]) -> str:
    """The suspicions in words for people, the worst first; empty where there are none."""
    return "; ".join(_DOUBTS[one] for one in sorted(set(suspicions), key=list(Suspicion).index))


def weight_of(suspicions: Iterable[Suspicion]) -> int:
    """How bad the suspicions are together; 0 where there are none."""
    return sum(_WEIGHTS[one] for one in set(suspicions))
