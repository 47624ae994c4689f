"""Words and utterances of several speakers to turns. Pure: no clock, no model, no state.

A **turn** is a speaker holding the floor: their speech goes on until somebody else takes the floor
in a pause of theirs, or until they are silent for more than `turn_gap_s`. Speech at the same time
is kept as turns that overlap.

A **backchannel** ("mm-hmm", "right") is a short acknowledgement during somebody else's speech,
after which that speech goes on. It gets a turn of its own and splits nobody's. The same word is an
ordinary turn where it answers: the other speaker has stopped, or has just asked.

Sources of the definitions. That a turn is holding the floor, and goes on across a pause in which
nobody else speaks, is Sacks, Schegloff and Jefferson (1974). Backchannels are Yngve (1970); that
they take no turn, and count neither as interruptions nor as their end, is also how revenue.io
counts, which asks for one channel per party to count at all. The gap across which an
acknowledgement interrupts nobody, 1.5 s, is the one across which BuilderIO's Calls joins speech of
one speaker. Amazon Transcribe Call Analytics counts interruptions and talk time per channel too.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from calls.call import Speaker
from calls.settings import AttributionSettings
from calls.spans import Span, close_gaps
from calls.transcript import Turn, Utterance, Word

# Shorter gaps lie between the words of running speech; from here on a gap is a pause in which
# somebody else can take the floor. Most gaps between turns are shorter still: Heldner and Edlund
# (2010) measure a mode near 0.2 s in three languages.
PAUSE_S = 0.5
# An acknowledgement that is longer, or has more words, takes the floor.
BACKCHANNEL_MAX_S = 1.2
BACKCHANNEL_MAX_WORDS = 3
# Recognisers set word borders a little early or late.
_TOLERANCE_S = 0.1


def _phrases(listed: str) -> frozenset[str]:
    return frozenset(listed.split(" | "))


ACKNOWLEDGEMENTS = _phrases(
    "ah | all right | alright | got it | gotcha | hm | hmm | i see | mhm | mm | mm hm | mm hmm | "
    "mmhm | mmhmm | mmm | oh | ok | okay | right | sure | uh huh | yeah | yep | yes | yup"
)
"""What people say to show that they listen, in lower case without punctuation."""

_MAX_PHRASE_WORDS = max(len(phrase.split()) for phrase in ACKNOWLEDGEMENTS)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The smallest unit that is never split: a word, or an utterance without word times."""

    start_s: float
    end_s: float
    text: str
    word: Word | None = None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Pieces of one speaker with no pause in between."""

    pieces: tuple[_Piece, ...]
    start_s: float
    end_s: float

    @property
    def timed(self) -> bool:
        return self.pieces[0].word is not None

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class _Track:
    """All that one speaker says: pieces in order, and spans of speech with short gaps closed."""

    pieces: tuple[_Piece, ...]
    piece_starts_s: tuple[float, ...]
    spans: tuple[Span, ...]


def build_turns(
    spoken: Iterable[tuple[Speaker, Utterance]], settings: AttributionSettings
) -> tuple[Turn, ...]:
    """The turns of a call, numbered from 0 in order of start time.

    Every word that comes in goes out exactly once. A turn is doubted for every reason for which an
    utterance that it has words of is.
    """
    speakers: dict[str, Speaker] = {}
    pieces: dict[str, list[_Piece]] = {}
    for speaker, utterance in spoken:
        speakers[speaker.speaker] = speaker
        pieces.setdefault(speaker.speaker, []).extend(_pieces(utterance))
    gap_s = settings.backchannel_gap_s
    tracks = {name: _track(own, gap_s=gap_s) for name, own in pieces.items()}

    drafts: list[tuple[str, tuple[_Piece, ...], bool]] = []
    floor: dict[str, list[_Stretch]] = {}
    asides: dict[str, list[float]] = {}
    for name, track in tracks.items():
        others = [other for key, other in tracks.items() if key != name]
        floor[name], asides[name] = [], []
        for stretch in _stretches(track.pieces):
            if any(_is_backchannel(stretch, other) for other in others):
                drafts.append((name, stretch.pieces, True))
                asides[name].append(stretch.start_s)
            else:
                floor[name].append(stretch)
    for name, own in floor.items():
        rivals = [one for key, held in floor.items() if key != name for one in held]
        for held in _turns_of_one(own, _Rivals.of(rivals), asides[name], settings.turn_gap_s):
            drafts.append((name, held, False))
    drafts.sort(key=lambda draft: (draft[1][0].start_s, _end_s(draft[1]), draft[0]))
    return tuple(
        _turn(number, speakers[name], own, is_backchannel=aside)
        for number, (name, own, aside) in enumerate(drafts)
    )


def is_acknowledgement(text: str) -> bool:
    """True if the text is at most three words, all of them acknowledgements."""
    if not 0 < len(text.split()) <= BACKCHANNEL_MAX_WORDS:
        return False
    words = re.sub(r"[^\w\s]|_", " ", text.lower()).split()
    position = 0
    while position < len(words):
        for length in range(_MAX_PHRASE_WORDS, 0, -1):
            if " ".join(words[position : position + length]) in ACKNOWLEDGEMENTS:
                position += length
                break
        else:
            return False
    return bool(words)


def _pieces(utterance: Utterance) -> list[_Piece]:
    if not utterance.words:
        text = utterance.text.strip()
        return [_Piece(utterance.start_s, utterance.end_s, text, doubt=utterance.doubt)]
    return [
        _Piece(word.start_s, word.end_s, word.text, word, utterance.doubt)
        for word in map(_trim, utterance.words)
    ]


def _trim(word: Word) -> Word:
    """The word without white space around it, so that a turn's text is its words in a row."""
    text = word.text.strip()
    return word if text == word.text else replace(word, text=text)


def _track(pieces: list[_Piece], *, gap_s: float) -> _Track:
    """One speaker's pieces in order of time, and spans with own gaps up to `gap_s` closed."""
    ordered = sorted(pieces, key=lambda one: one.start_s)
    spans = close_gaps(((piece.start_s, piece.end_s) for piece in ordered), gap_s=gap_s)
    return _Track(tuple(ordered), tuple(one.start_s for one in ordered), tuple(spans))


def _stretches(pieces: Sequence[_Piece]) -> list[_Stretch]:
    """The pieces cut at every pause; an utterance without word times stands alone."""
    groups: list[list[_Piece]] = []
    end_s = 0.0
    for piece in pieces:
        timed = piece.word is not None and bool(groups) and groups[-1][-1].word is not None
        if timed and piece.start_s - end_s <= PAUSE_S:
            groups[-1].append(piece)
            end_s = max(end_s, piece.end_s)
        else:
            groups.append([piece])
            end_s = piece.end_s
    return [_Stretch(tuple(group), group[0].start_s, _end_s(group)) for group in groups]


def _is_backchannel(stretch: _Stretch, other: _Track) -> bool:
    """True if the stretch acknowledges what `other` says while, and after, it is being said."""
    if stretch.end_s - stretch.start_s > BACKCHANNEL_MAX_S or not is_acknowledgement(stretch.text):
        return False
    position = bisect_left(other.spans, (stretch.start_s,)) - 1
    if position < 0 or other.spans[position][1] <= stretch.end_s:
        return False
    before = other.pieces[bisect_left(other.piece_starts_s, stretch.start_s) - 1]
    # A question that has been asked waits for an answer, however soon its asker goes on.
    asked = before.text.endswith("?") and before.end_s <= stretch.start_s + _TOLERANCE_S
    return not asked


@dataclass(frozen=True, slots=True)
class _Rivals:
    """What everybody else says, backchannels left out, in order of start time."""

    stretches: tuple[_Stretch, ...]
    starts_s: tuple[float, ...]

    @classmethod
    def of(cls, stretches: Iterable[_Stretch]) -> _Rivals:
        ordered = sorted(stretches, key=lambda one: one.start_s)
        return cls(tuple(ordered), tuple(one.start_s for one in ordered))

    def starting(self, from_s: float, before_s: float) -> Sequence[_Stretch]:
        """The stretches that start in the half-open span."""
        return self.stretches[
            bisect_left(self.starts_s, from_s) : bisect_left(self.starts_s, before_s)
        ]


def _turns_of_one(
    own: Sequence[_Stretch], rivals: _Rivals, asides_s: Sequence[float], turn_gap_s: float
) -> list[tuple[_Piece, ...]]:
    """The pieces of each turn of one speaker."""
    turns: list[tuple[_Piece, ...]] = []
    before: _Stretch | None = None
    for stretch in own:
        first, *rest = _cut(stretch, rivals)
        if before is not None and not _floor_lost(before, stretch, rivals, asides_s, turn_gap_s):
            turns[-1] += first
        else:
            turns.append(first)
        turns += rest
        before = stretch
    return turns


def _floor_lost(
    before: _Stretch,
    after: _Stretch,
    rivals: _Rivals,
    asides_s: Sequence[float],
    turn_gap_s: float,
) -> bool:
    """True if the speaker's turn ends between two of their stretches."""
    if after.start_s - before.end_s > turn_gap_s or before.timed != after.timed:
        return True
    # The speaker's own acknowledgement in between would lie inside their own turn.
    if bisect_left(asides_s, after.start_s) > bisect_right(asides_s, before.start_s):
        return True
    # Somebody who began later and can be heard in the pause has taken the floor. Times of
    # utterances are rough, so there the order alone decides.
    return any(
        not before.timed or rival.start_s >= before.end_s or rival.end_s > before.end_s
        for rival in rivals.starting(before.start_s, after.start_s)
    )


def _cut(stretch: _Stretch, rivals: _Rivals) -> list[tuple[_Piece, ...]]:
    """The stretch, cut where all of somebody's speech fits between two words of it."""
    parts: list[list[_Piece]] = [[stretch.pieces[0]]]
    end_s = stretch.pieces[0].end_s
    for piece in stretch.pieces[1:]:
        between = rivals.starting(end_s, piece.start_s) if piece.start_s > end_s else ()
        if any(rival.end_s <= piece.start_s for rival in between):
            parts.append([])
        parts[-1].append(piece)
        end_s = max(end_s, piece.end_s)
    return [tuple(part) for part in parts]


def _end_s(pieces: Iterable[_Piece]) -> float:
    return max(piece.end_s for piece in pieces)


def _turn(number: int, speaker: Speaker, pieces: Sequence[_Piece], *, is_backchannel: bool) -> Turn:
    return Turn(
        turn=number,
        speaker=speaker.speaker,
        role=speaker.role,
        start_s=pieces[0].start_s,
        end_s=_end_s(pieces),
        text=" ".join(piece.text for piece in pieces if piece.text),
        words=tuple(piece.word for piece in pieces if piece.word is not None),
        channel=speaker.channel,
        participant_id=speaker.participant_id,
        is_backchannel=is_backchannel,
        doubt="; ".join(dict.fromkeys(piece.doubt for piece in pieces if piece.doubt)),
    )
