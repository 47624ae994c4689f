"""Word error rates of a speech engine on the recordings at hand that have references.

    python -m benchmarks.accuracy                              # the embedded engine
    python -m benchmarks.accuracy --engine faster-whisper --model small

Prints a Markdown table per set; a set that is not on this machine is named and skipped.
"""

from __future__ import annotations

import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from calls.settings import Settings, load_settings
from flows.resources import Speech
from flows.speech_sources import find_recordings, heard_now
from models.evaluation.folder import find_references
from models.evaluation.references import Reference
from models.evaluation.score_row import SpeechScore
from models.evaluation.scores import score, totals
from models.evaluation.spoken import Line, Spoken

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "data_samples"
SHARED = ROOT.parent / "shared" / "data" / "recordings"


@dataclass(frozen=True, slots=True)
class Collection:
    """Recordings in one folder, and how to find what was really said on them."""

    title: str
    about: str
    folder: Path
    references: Callable[[Path], Mapping[str, Reference]]


def scripts(folder: Path) -> dict[str, Reference]:
    """The scripts of the sample calls; ` | ` marks where a caption is split."""
    found = {}
    for path in sorted((folder.parent / "scripts").glob("*.toml")):
        if not (folder / f"{path.stem}.ogg").is_file():
            continue  # a transcript without sound, or damaged on purpose
        script = tomllib.loads(path.read_text(encoding="utf-8"))
        lines = tuple(
            Line(one["speaker"], one["text"].replace(" | ", " ")) for one in script["turn"]
        )
        said = Spoken(lines, no_times="the script has no times")
        found[path.stem] = Reference((path.name,), said, language="en")
    return found


def references(folder: Path) -> Mapping[str, Reference]:
    """What lies beside the recordings."""
    return find_references(folder).by_stem


SETS = (
    Collection(
        "data_samples",
        "Synthetic voices (flite), wide-band: four calls with a channel per speaker, one mixed. "
        "The scripts were reworded until the embedded engine read them well.",
        SAMPLES / "recordings",
        scripts,
    ),
    Collection(
        "fake-vcons",
        "Five invented service calls, wide-band, both speakers on one channel. Generated end to "
        "end: the references are the scripts that a language model wrote and synthetic voices "
        "read. Nobody has checked them against the sound.",
        SHARED / "fake-vcons",
        references,
    ),
    Collection(
        "pyannote sample",
        "Thirty seconds of two people on the telephone, on one channel, with overlap. Real speech.",
        SHARED / "pyannote",
        references,
    ),
    Collection(
        "MFA sample",
        "One person with a cold, talking freely into a microphone. Real speech.",
        SHARED / "mfa",
        references,
    ),
)


def measured(one: Collection, speech: Speech, settings: Settings) -> Iterator[SpeechScore]:
    """A row for every recording of the set that has a reference, then the total."""
    found = one.references(one.folder)
    recordings = find_recordings(one.folder, settings.discovery.participant_suffixes)
    due = [stem for stem in found if stem in recordings]
    rows = []
    for stem, heard in heard_now(recordings, speech, settings).find(due):
        if isinstance(heard, Exception):
            rows.append(SpeechScore(stem, not_scored_reason=str(heard)))
        else:
            rows.append(score(stem, found[stem], heard))
    yield from sorted(rows, key=lambda row: row.name)
    if len(rows) > 1:
        yield from totals(rows)


def markdown(rows: list[SpeechScore]) -> str:
    """The rows as a Markdown table, and below it why some cells are empty."""
    lines = ["| recording | words | WER | S, D, I | cpWER | DER |", "|---|--:|--:|--:|--:|--:|"]
    for row in rows:
        edits = (
            "" if row.words is None else f"{row.substitutions}, {row.deletions}, {row.insertions}"
        )
        count = "" if row.reference_count is None else row.reference_count
        rates = " | ".join(_percent(rate) for rate in (row.cpwer, row.der))
        lines.append(f"| {row.name} | {count} | {_percent(row.wer)} | {edits} | {rates} |")
    whys = [("cpWER", row.cpwer_reason) for row in rows if not row.is_total]
    whys += [("DER", row.der_reason) for row in rows if not row.is_total]
    whys += [(f"{row.name} not scored", row.not_scored_reason) for row in rows]
    notes = [f"- {what}: {why}." for what, why in dict.fromkeys(whys) if why]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.1%}"


@click.command()
@click.option("--engine", default="pocketsphinx", show_default=True)
@click.option("--model", help="Whisper size, hub id, or a folder with a CTranslate2 model.")
def main(engine: str, model: str | None) -> None:
    """Word error rates of a speech engine on the recordings at hand that have references."""
    settings = load_settings(None, {"speech": {"engine": engine, "model": model}})
    speech = Speech(settings.speech)
    if speech.name is None:
        sys.exit(speech.why_not)
    click.echo(speech.sentence)
    click.echo("Totals are pooled, of the recordings for which a rate can be measured.")
    for one in SETS:
        click.echo(f"\n### {one.title}\n\n{one.about}\n")
        if not one.folder.is_dir():
            click.echo(f"Skipped: {one.folder.name} is not on this machine.")
            continue
        began_s = time.perf_counter()
        rows = list(measured(one, speech, settings))
        click.echo(markdown(rows))
        click.echo(f"\nListened and scored in {time.perf_counter() - began_s:.0f} s.")
    speech.close()


if __name__ == "__main__":
    main()
