"""Nightcall's talk measures beside those of Amazon Transcribe Call Analytics, on the same call.

A Call Analytics job ships its own `ConversationCharacteristics` with the words they were taken
from. What explains a difference is computed here from those words: nothing is quoted from memory.

    python -m benchmarks.aws_comparison path/to/example-call.json
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from analyzers import floor
from benchmarks.aws_call import AwsCall
from calls.spans import TALK_GAP_S, Span

SAMPLE = Path(__file__).parents[2] / "shared/data/transcripts/aws-transcribe/example-call.json"


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of both. `who` is the participant, or "call"."""

    measure: str
    who: str
    aws: float
    ours: float
    why: str

    @property
    def difference(self) -> float | None:
        """Ours against AWS's, as a share of AWS's; None where AWS has 0."""
        return (self.ours - self.aws) / self.aws if self.aws else None


def compare(aws: AwsCall) -> list[Compared]:
    """Every measure that both have."""
    return [*_talk_times(aws), _ratio(aws), *_paces(aws), *_interruptions(aws), *_whole_call(aws)]


def closest_gap_s(aws: AwsCall, speaker: str) -> float:
    """The gap that, closed in the speaker's talk, comes closest to AWS's talk time.

    Only gaps that occur make a difference, so only those are tried.
    """
    words = sorted(aws.words(speaker))
    gaps = {after[0] - before[1] for before, after in pairwise(words)}
    # Upwards by a little, so that rounding doesn't leave the gap itself open.
    return min(
        (gap_s + 1e-6 for gap_s in gaps if gap_s > 0),
        key=lambda gap_s: abs(aws.talk_s(speaker, gap_s=gap_s) - aws.aws_talk_s(speaker)),
    )


def _talk_times(aws: AwsCall) -> Iterator[Compared]:
    for speaker in aws.participants:
        theirs, ours = aws.aws_talk_s(speaker), aws.ours("talk_s", speaker)
        gap_s = closest_gap_s(aws, speaker)
        fitted = aws.talk_s(speaker, gap_s=gap_s)
        spoken = sum(end_s - start_s for start_s, end_s in aws.words(speaker))
        own = [end_s - start_s for start_s, end_s, by in aws.segments() if by == speaker]
        why = (
            f"{fitted - ours:.2f} s are own pauses longer than our {TALK_GAP_S:g} s: closing those "
            f"up to {gap_s:.2f} s too would leave {_share(fitted, theirs)}. AWS's figure is "
            f"neither the sum of its words ({_share(spoken, theirs)}) nor of its segments "
            f"({_share(sum(own), theirs)})."
        )
        yield Compared("talk time, s", speaker, theirs, ours, why)


def _ratio(aws: AwsCall) -> Compared:
    rep = next(one.speaker for one in aws.call.speakers if one.role == "rep")
    parts = sum(aws.aws_talk_s(speaker) for speaker in aws.participants)
    why = (
        f"Both count overlap for both: AWS's total, {aws.aws_talk_s():.2f} s, is the sum of its "
        f"parts ({parts:.2f} s). What differs in the parts nearly cancels out."
    )
    theirs = aws.aws_talk_s(rep) / aws.aws_talk_s()
    return Compared("talk ratio", rep, theirs, aws.ours("talk_ratio"), why)


def _paces(aws: AwsCall) -> Iterator[Compared]:
    for speaker in aws.participants:
        theirs, count = aws.aws_words_per_min(speaker), aws.ours("word_count", speaker)
        own = count * 60 / aws.aws_talk_s(speaker)
        missing = theirs * aws.aws_talk_s(speaker) / 60 - count
        why = (
            f"AWS does not divide the {count:.0f} words by its own talk time: that would be "
            f"{own:.1f}. Either it takes about {count * 60 / theirs:.1f} s, between our talk time "
            f"and its own, or it counts {missing:.0f} words more than it shows: "
            f"{aws.masked(speaker)} items are redacted and may have been several words each."
        )
        yield Compared("pace, words/min", speaker, theirs, aws.ours("words_per_min", speaker), why)


def _interruptions(aws: AwsCall) -> Iterator[Compared]:
    found = floor.interruptions(aws.call.turns)
    for speaker in aws.participants:
        theirs = aws.aws_interruptions(speaker)
        starts = {start_s for start_s, _ in theirs}
        own = {one.at_s for one in found if one.by == speaker}
        why = [
            *(f"Both at {at_s:.2f} s." for at_s in sorted(starts & own)),
            *(_only_theirs(aws, speaker, one) for one in theirs if one[0] not in own),
            *(_only_ours(aws, at_s) for at_s in sorted(own - starts)),
        ]
        made = aws.ours("interruptions_made_count", speaker)
        yield Compared("interruptions made", speaker, len(theirs), made, " ".join(why))


def _only_theirs(aws: AwsCall, speaker: str, span: Span) -> str:
    start_s, end_s = span
    others = [word for one in aws.participants if one != speaker for word in aws.words(one)]
    said_s = sum(max(0.0, min(end_s, word[1]) - max(start_s, word[0])) for word in others)
    before_s = start_s - max(word[1] for word in others if word[1] <= start_s)
    return (
        f"Only AWS at {start_s:.2f} s: its segment of the other goes on, but the other had been "
        f"silent for {before_s:.2f} s and says {said_s:.2f} s of words until {end_s:.2f} s, so for "
        "us nobody is interrupted."
    )


def _only_ours(aws: AwsCall, at_s: float) -> str:
    mine = next(one for one in aws.overlaps() if one.at_s == at_s)
    counted = {start_s for one in aws.participants for start_s, _ in aws.aws_interruptions(one)}
    least_s = min(one.length_s for one in aws.overlaps() if one.at_s in counted)
    rest = [one for one in aws.overlaps() if one.at_s not in counted and not one.is_backchannel]
    return (
        f"Only we at {at_s:.2f} s: the two overlap for {mine.length_s:.2f} s. Of the overlaps of "
        f"its segments that are no backchannels, AWS counts those of {least_s:.2f} s and more and "
        f"none of {max(one.length_s for one in rest):.2f} s and less; we count from "
        f"{floor.INTERRUPTION_S:g} s."
    )


def _whole_call(aws: AwsCall) -> Iterator[Compared]:
    quiet_s = aws.quiet_s()
    why = (
        f"AWS counts long stretches only; the longest in which nobody says a word is "
        f"{quiet_s[0]:.2f} s (all of them: {sum(quiet_s):.1f} s). Amazon Connect's guide gives 3 s "
        f"for the same measure. Our `silence_s` is every second in which nobody talks, own "
        f"pauses up to {TALK_GAP_S:g} s being talk."
    )
    yield Compared("non-talk time, s", "call", aws.aws_silence_s(), aws.ours("silence_s"), why)
    why = "The end of the last word, for both: there is no recording beside the transcript."
    duration_s = aws.call.audio.duration_s
    yield Compared("duration, s", "call", aws.aws_duration_s(), duration_s, why)


def _share(value: float, of: float) -> str:
    return f"{(value - of) / of:+.1%}"


def markdown(rows: list[Compared]) -> str:
    """The rows as a Markdown table."""
    lines = ["| | who | AWS | Nightcall | difference | why |", "|---|---|--:|--:|--:|---|"]
    for row in rows:
        difference = "–" if row.difference is None else f"{row.difference:+.1%}"
        lines.append(
            f"| {row.measure} | {row.who} | {row.aws:.4g} | {row.ours:.4g} | {difference} "
            f"| {row.why} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Prints the comparison of the file named on the command line, or of the sample."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    if not path.is_file():
        sys.exit(f"{path}: not there. Name the output of a Call Analytics job.")
    sys.stdout.write(markdown(compare(AwsCall(path.name, path.read_bytes()))) + "\n")


if __name__ == "__main__":
    main()
