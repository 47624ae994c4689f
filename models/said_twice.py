"""Words heard on two channels at the same time: one person heard twice, or two who agree.

A net for cross-talk that the sound did not give away before there were words. People do say the
same at the same time ("thank you so much, bye bye"), so words alone prove nothing: those of the
quieter channel go only where the louder one's sound explains its own, see `coherence`. Measured
over rows of words of 2 s: copies through rooms and telephones share 0.48 and more, two voices that
say the same words at once 0.2 at most, and 0.02 in the median.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby, pairwise

import numpy as np

from calls.transcript import Utterance, Word
from models.coherence import Stretch, relation
from models.sound import SAMPLE_RATE_HZ, Sound

# Words are one word twice when they begin this close to each other (seconds),
_SAME_TIME_S = 0.4
# so many in a row, so that two people who say "yeah, okay" together are left alone.
_WORDS_IN_A_ROW = 4
# From this share on the quieter sound is a copy; below that one it is another voice.
_COPY, _OTHER_VOICE = 0.35, 0.2
# A copy is quieter by this (dB); else nobody knows which one is the copy.
_QUIETER_DB = 3.0
# The sound of a row is compared in pieces of about this length (seconds).
_PIECE_S = 2.0
# Shorter sound than this proves nothing (seconds).
_SHORTEST_S = 0.5


def repeated_words(
    utterances: Sequence[Utterance], sound: Sound | None = None
) -> tuple[tuple[Utterance, ...], tuple[str, ...]]:
    """Takes away words that a louder channel is proven to have as well; and says so in notes.

    It takes four equal words in a row at the same time, of which one sound is the quieter copy of
    the other. Two voices that say the same are left alone. Where nobody can tell (the sound is not
    given, is about as loud, or is alike to some degree) the words stay, and the utterances of the
    later channel say in `doubt` where else they are heard.
    """
    by_channel = _by_channel(utterances)
    sources: dict[tuple[int, int], int] = {}  # of words that go, by utterance and place in it
    doubted: dict[int, int] = {}
    for first, other in combinations(sorted(by_channel), 2):
        for here, there in _rows(by_channel[first], by_channel[other]):
            share, louder_db = _compared(sound, first, here, other, there)
            if share >= _COPY and louder_db >= _QUIETER_DB:
                sources.update(((place.utterance, place.nth), first) for place in there)
            elif share >= _COPY and louder_db <= -_QUIETER_DB:
                sources.update(((place.utterance, place.nth), other) for place in here)
            elif share >= _OTHER_VOICE:
                doubted.update((place.utterance, first) for place in there)
    left = tuple(
        piece
        for index, utterance in enumerate(utterances)
        for piece in _left_of(index, utterance, sources, doubted.get(index))
    )
    return left, tuple(_notes(utterances, sources))


def _notes(
    utterances: Sequence[Utterance], sources: Mapping[tuple[int, int], int]
) -> Iterator[str]:
    words = Counter((utterances[at].channel, source) for (at, _), source in sources.items())
    for (channel, source), count in sorted(words.items()):
        yield (f"ch{channel}: {count} words heard louder on ch{source} at the same time, left out")


def _compared(
    sound: Sound | None, first: int, here: Sequence[_Place], other: int, there: Sequence[_Place]
) -> tuple[float, float]:
    """What the louder of two rows' sound explains of the other; how much louder the first is (dB).

    Without sound nobody knows: all may be explained, and neither is louder.
    """
    if sound is None:
        return 1.0, 0.0
    start_s = min(here[0].word.start_s, there[0].word.start_s)
    end_s = max(here[-1].word.end_s, there[-1].word.end_s, start_s + _SHORTEST_S)
    pieces = max(1, round((end_s - start_s) / _PIECE_S))
    edges = np.linspace(start_s * SAMPLE_RATE_HZ, end_s * SAMPLE_RATE_HZ, pieces + 1).astype(int)
    found = []
    for start, end in pairwise(edges.tolist()):
        samples = sound.read(start, end)
        found.append(relation(Stretch(samples[first]), Stretch(samples[other])))
    louder_db = -float(np.median([one.level_db for one in found]))
    shares = [one.forward if louder_db > 0 else one.backward for one in found]
    return float(np.median(shares)), louder_db


def _by_channel(utterances: Sequence[Utterance]) -> dict[int, list[_Place]]:
    """The words of each channel in the order of their times."""
    found: dict[int, list[_Place]] = {}
    for index, utterance in enumerate(utterances):
        if utterance.channel is not None:
            found.setdefault(utterance.channel, []).extend(
                _Place(index, nth, word) for nth, word in enumerate(utterance.words)
            )
    for places in found.values():
        places.sort(key=lambda place: place.word.start_s)
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """A word, and where it stands."""

    utterance: int
    nth: int
    word: Word

    def same(self, other: _Place) -> bool:
        """True for the same word at the same time."""
        apart_s = abs(self.word.start_s - other.word.start_s)
        return apart_s <= _SAME_TIME_S and _bare(self.word.text) == _bare(other.word.text)


def _bare(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum()) or text


def _rows(
    first: Sequence[_Place], other: Sequence[_Place]
) -> Iterator[tuple[Sequence[_Place], Sequence[_Place]]]:
    """Rows of at least four words that both channels have at the same time."""
    lengths: dict[int, int] = {}  # of the row that ends at a word of the other channel
    begin = 0
    for here, place in enumerate(first):
        while begin < len(other) and other[begin].word.start_s < place.word.start_s - _SAME_TIME_S:
            begin += 1
        longer: dict[int, int] = {}
        for there in range(begin, len(other)):
            if other[there].word.start_s > place.word.start_s + _SAME_TIME_S:
                break
            if place.same(other[there]):
                longer[there] = lengths.get(there - 1, 0) + 1
        for there, length in lengths.items():
            if length >= _WORDS_IN_A_ROW and there + 1 not in longer:
                yield first[here - length : here], other[there + 1 - length : there + 1]
        lengths = longer
    for there, length in lengths.items():
        if length >= _WORDS_IN_A_ROW:
            yield first[len(first) - length :], other[there + 1 - length : there + 1]


def _left_of(
    index: int,
    utterance: Utterance,
    sources: Mapping[tuple[int, int], int],
    doubted: int | None,
) -> Iterator[Utterance]:
    if doubted is not None:
        doubt = f"also heard on channel {doubted}"
        utterance = replace(
            utterance, doubt=f"{utterance.doubt}; {doubt}" if utterance.doubt else doubt
        )
    gone = [(index, nth) in sources for nth in range(len(utterance.words))]
    if not any(gone):
        yield utterance
        return
    for is_gone, numbered in groupby(enumerate(utterance.words), key=lambda one: gone[one[0]]):
        if not is_gone:
            words = [word for _, word in numbered]
            yield Utterance.of_words(
                words,
                channel=utterance.channel,
                speaker=utterance.speaker,
                doubt=utterance.doubt,
            )
