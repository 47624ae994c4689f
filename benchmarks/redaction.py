"""How much of what must be masked is masked, and how much else: a table in Markdown.

    python benchmarks/redaction.py [SET]

SET is a file like `tests/models/redaction_set.toml`, which explains its form and is taken by
default. A marked span counts as found if a mask of its kind touches it; a mask is right if it
touches a marked span of its kind. "left visible" is the share of the sensitive words (digits,
number words and parts of addresses) that no mask of any kind covers; "masked for nothing" is the
share of all other words that a mask covers.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from calls.settings import RedactionSettings
from calls.transcript import Engine, Transcript, TranscriptOrigin, Utterance, Word
from models.redaction import redact
from models.redaction.kinds import MASKS, Kind

SET = Path(__file__).parents[1] / "tests" / "models" / "redaction_set.toml"
_LINE = re.compile(r"(?P<voice>[RC])(?:\+(?P<pause>\d+))?: (?P<said>.+)")
_MARKED = re.compile(r"\{(?P<kind>\w+)\|(?P<text>[^}]*)\}")
_WORD_S, _TURN_GAP_S = 0.35, 0.4
_KIND_OF_MASK = {mask: kind for kind, mask in MASKS.items()}


@dataclass(frozen=True, slots=True)
class Span:
    """Words `start` to `end` of an utterance, to be masked or masked as a kind."""

    utterance: int
    start: int
    end: int
    kind: Kind

    def touches(self, other: Span) -> bool:
        """True if the two share a word."""
        same = self.utterance == other.utterance
        return same and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a call and what has to be masked in it."""

    text: str
    transcript: Transcript
    marked: tuple[Span, ...]
    region: str

    @property
    def settings(self) -> RedactionSettings:
        """All kinds are switched on."""
        return RedactionSettings(emails=True, phones=True, dates_of_birth=True, region=self.region)


@dataclass(slots=True)
class Score:
    """What was found of one kind."""

    marked: int = 0
    found: int = 0
    masks: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        """Share of the masks that are right; 1 without any."""
        return self.right / self.masks if self.masks else 1.0

    @property
    def recall(self) -> float:
        """Share of the marked spans that were found; 1 without any."""
        return self.found / self.marked if self.marked else 1.0


@dataclass(slots=True)
class Report:
    """The scores of a list of snippets."""

    by_kind: dict[Kind, Score] = field(default_factory=lambda: {kind: Score() for kind in Kind})
    sensitive_words: int = 0
    visible_words: int = 0
    other_words: int = 0
    masked_for_nothing: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def visible_ratio(self) -> float:
        """Share of the sensitive words that no mask covers."""
        return self.visible_words / self.sensitive_words if self.sensitive_words else 0.0

    @property
    def overmasked_ratio(self) -> float:
        """Share of the other words that a mask covers."""
        return self.masked_for_nothing / self.other_words if self.other_words else 0.0

    @property
    def total(self) -> Score:
        """All kinds together."""
        scores = self.by_kind.values()
        return Score(
            sum(one.marked for one in scores),
            sum(one.found for one in scores),
            sum(one.masks for one in scores),
            sum(one.right for one in scores),
        )


def load(path: Path = SET) -> dict[str, list[Snippet]]:
    """The snippets of each half."""
    halves = tomllib.loads(path.read_text(encoding="utf-8"))
    return {half: [read_snippet(text) for text in texts] for half, texts in halves.items()}


def read_snippet(text: str) -> Snippet:
    """A snippet from its marked text.

    Raises:
        ValueError: naming the line that is not of the form.
    """
    lines = text.strip().splitlines()
    flags = [line[1:] for line in lines if line.startswith("#")]
    region = next((flag for flag in flags if len(flag) == 2), "US")
    utterances: list[Utterance] = []
    marked: list[Span] = []
    clock_s = 0.0
    for line in (line for line in lines if not line.startswith("#")):
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise ValueError(f"{line!r} is not like 'R: words' or 'C+20: words'")
        words, spans = _words_and_spans(parts["said"])
        marked += [Span(len(utterances), start, end, kind) for start, end, kind in spans]
        clock_s += _TURN_GAP_S + float(parts["pause"] or 0)
        voice = 0 if "one-voice" in flags or parts["voice"] == "R" else 1
        utterances.append(_utterance(words, clock_s, voice))
        clock_s = utterances[-1].end_s
    if "untimed" in flags:
        utterances = [
            Utterance(one.start_s, one.end_s, one.text, channel=one.channel) for one in utterances
        ]
    origin = TranscriptOrigin(Engine.IMPORTED, "set")
    transcript = Transcript(tuple(utterances), origin, "en", "given")
    return Snippet(text, transcript, tuple(marked), region)


def _words_and_spans(said: str) -> tuple[list[str], list[tuple[int, int, Kind]]]:
    words: list[str] = []
    spans: list[tuple[int, int, Kind]] = []
    after = 0
    for found in _MARKED.finditer(said):
        words += said[after : found.start()].split()
        start = len(words)
        words += found["text"].split()
        spans.append((start, len(words), Kind(found["kind"])))
        after = found.end()
    return words + said[after:].split(), spans


def _utterance(words: Sequence[str], start_s: float, voice: int) -> Utterance:
    timed = tuple(
        Word(word, start_s + at * _WORD_S, start_s + (at + 1) * _WORD_S)
        for at, word in enumerate(words)
    )
    return Utterance(
        start_s, start_s + len(words) * _WORD_S, " ".join(words), channel=voice, words=timed
    )


def masked_spans(before: Transcript, after: Transcript) -> Iterator[Span]:
    """The words that masks stand for, told by matching the words left over from both sides."""
    for number, (old, new) in enumerate(zip(before.utterances, after.utterances, strict=True)):
        words, left = old.text.split(), new.text.split()
        position = 0
        for at, word in enumerate(left):
            mask = next((one for one in MASKS.values() if one in word), None)
            if mask is None:
                position += 1
                continue
            end = _resumes(words, position, left[at + 1 :])
            yield Span(number, position, end, _KIND_OF_MASK[mask])
            position = end


def _resumes(words: Sequence[str], start: int, left: Sequence[str]) -> int:
    """Where the words go on after a mask that begins at `start`."""
    until = next((at for at, word in enumerate(left) if "[" in word), len(left))
    if until == len(left):
        return len(words) - until
    plain = list(left[:until])
    for end in range(start + 1, len(words)):
        if plain and list(words[end : end + until]) == plain:
            return end
    return start + 1  # two masks in a row: each of at least a word


def evaluate(snippets: Sequence[Snippet]) -> Report:
    """Masks every snippet and compares with its marks."""
    report = Report()
    for snippet in snippets:
        masks = list(masked_spans(snippet.transcript, redact(snippet.transcript, snippet.settings)))
        _count(report, snippet, masks)
    return report


def _count(report: Report, snippet: Snippet, masks: Sequence[Span]) -> None:
    missed: Counter[str] = Counter()
    for span in snippet.marked:
        score = report.by_kind[span.kind]
        found = any(mask.touches(span) and mask.kind is span.kind for mask in masks)
        score.marked += 1
        score.found += found
        missed[f"missed {span.kind}"] += not found
    for mask in masks:
        score = report.by_kind[mask.kind]
        right = any(mask.touches(span) and mask.kind is span.kind for span in snippet.marked)
        score.masks += 1
        score.right += right
        missed[f"wrong {mask.kind}"] += not right
    sensitive, covered = _words_of(snippet.marked), _words_of(masks)
    everything = sum(len(one.text.split()) for one in snippet.transcript.utterances)
    report.sensitive_words += len(sensitive)
    report.visible_words += len(sensitive - covered)
    report.other_words += everything - len(sensitive)
    report.masked_for_nothing += len(covered - sensitive)
    missed["visible words"] += len(sensitive - covered)
    if wrong := [f"{what}: {count}" for what, count in missed.items() if count]:
        report.failures.append(f"{'; '.join(wrong)}\n{snippet.text}")


def _words_of(spans: Sequence[Span]) -> set[tuple[int, int]]:
    return {(span.utterance, at) for span in spans for at in range(span.start, span.end)}


def table(report: Report) -> str:
    """The scores as a Markdown table."""
    lines = ["| kind | marked | found | recall | masks | right | precision |"]
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    rows = [(kind.value, score) for kind, score in report.by_kind.items() if score.marked]
    for name, score in [*rows, ("all", report.total)]:
        lines.append(
            f"| {name} | {score.marked} | {score.found} | {score.recall:.3f} "
            f"| {score.masks} | {score.right} | {score.precision:.3f} |"
        )
    return "\n".join(lines)


def main(path: Path = SET) -> None:
    """Prints a table for each half."""
    for half, snippets in load(path).items():
        report = evaluate(snippets)
        without = sum(not snippet.marked for snippet in snippets)
        sys.stdout.write(
            f"\n### {half}: {len(snippets)} snippets, {without} with nothing to mask\n\n"
            f"{table(report)}\n\n"
            f"left visible: {report.visible_words} of {report.sensitive_words} sensitive words "
            f"({report.visible_ratio:.1%}); masked for nothing: {report.masked_for_nothing} of "
            f"{report.other_words} other words ({report.overmasked_ratio:.2%})\n"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SET)
