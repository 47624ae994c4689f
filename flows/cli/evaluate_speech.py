"""`nightcall evaluate-speech`: how well calls are heard, against references."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import click

from calls.errors import NightcallError, SpeechUnavailable, UsageError
from flows.cli.options import config_option, format_options
from flows.exit_codes import ExitCode

if TYPE_CHECKING:
    import polars as pl

    from calls.settings import Settings
    from flows.speech_sources import SpeechSource
    from models.evaluation.folder import References
    from models.evaluation.score_row import SpeechScore

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_LIBRARIES = ("jiwer", "pyannote.metrics", "whisper_normalizer")


@click.command(
    "evaluate-speech",
    epilog="Example: nightcall evaluate-speech references/ --engine pocketsphinx",
)
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option(
    "--hypotheses",
    type=_FOLDER,
    help="Score the ready transcripts in this folder instead of listening.",
)
@click.option(
    "--warehouse",
    type=_FOLDER,
    help="Score what this warehouse has heard of the recordings instead of listening.",
)
@config_option
@click.option(
    "--engine",
    type=click.Choice(["auto", "faster-whisper", "pocketsphinx"]),
    help="What listens. Default: as in nightcall.toml, else faster-whisper.",
)
@click.option("--model", help="Whisper size, hub id, or a folder with a CTranslate2 model.")
@click.option("--language", help="The language spoken. Default: as the transcripts say.")
@click.option(
    "--collar",
    type=click.FloatRange(min=0.0),
    default=0.25,
    show_default=True,
    help="Seconds around every start and end in the reference, on each side, that don't count as "
    "diarization error.",
)
@format_options
def evaluate_speech(
    folder: Path,
    hypotheses: Path | None,
    warehouse: Path | None,
    config: Path | None,
    engine: str | None,
    model: str | None,
    language: str | None,
    collar: float,
    format_: str,
    output: Path | None,
) -> None:
    """Compare transcripts with the references in DIR: words, speakers, times.

    A reference is a .stm, .txt, .lab, .vtt, .srt, .vcon.json or another transcript that Nightcall
    imports; a .rttm says who speaks when. What is scored is the recording of the same stem beside
    it, listened to now, unless --hypotheses or --warehouse is given.

    Prints the word error rate (WER), the word error rate by speaker (cpWER) and the diarization
    error rate (DER). Exits with 0 when everything was scored, 3 when something was not.
    """
    from calls.settings import load_settings
    from flows.cli.output import show_frame
    from models.evaluation.folder import find_references
    from models.evaluation.scores import totals

    _require_libraries()
    if hypotheses and warehouse:
        raise UsageError("--hypotheses and --warehouse exclude each other: name one of them.")
    speech = {"engine": engine, "model": model, "language": language}
    settings = load_settings(config, {"warehouse": warehouse, "speech": speech})
    references = find_references(folder)
    if not references.by_stem and not references.problems:
        raise UsageError(
            f"{folder}: no references. Put .stm, .txt, .lab, .vtt, .srt, .vcon.json or .rttm files "
            "there, named like the recordings they are about."
        )
    source = _source(folder, hypotheses, warehouse, settings)
    rows = sorted(
        _scored(references, source, language, collar),
        key=lambda row: (bool(row.not_scored_reason), row.name),
    )
    frame = _frame([*rows, *totals(rows)])
    if format_ == "table":
        show_frame(_for_people(frame), format_, output)
        click.echo(_footer(rows, collar), err=output is not None)
    else:
        show_frame(frame, format_, output)
    missed = any(one.not_scored_reason for one in rows)
    sys.exit(ExitCode.QUARANTINED if missed else ExitCode.DONE)


def _require_libraries() -> None:
    try:
        missing = [name for name in _LIBRARIES if find_spec(name) is None]
    except ModuleNotFoundError:
        missing = list(_LIBRARIES)
    if missing:
        raise UsageError(
            f"evaluate-speech needs {', '.join(_LIBRARIES)}, and {', '.join(missing)} can't be "
            "found. Install them: .venv/bin/pip install -e '.[evaluation]'"
        )


def _source(
    folder: Path, hypotheses: Path | None, warehouse: Path | None, settings: Settings
) -> SpeechSource:
    """Where the transcripts come from: one place, so that the total is about one thing."""
    from flows.speech_sources import (
        find_recordings,
        heard_now,
        ready_transcripts,
        stored_transcripts,
    )

    if hypotheses:
        return ready_transcripts(hypotheses)
    recordings = find_recordings(folder, settings.discovery.participant_suffixes)
    if warehouse:
        return stored_transcripts(warehouse, recordings)
    from flows.resources import Speech

    speech = Speech(settings.speech)
    if recordings:
        click.echo(speech.sentence or speech.why_not, err=True)
    return heard_now(recordings, speech, settings)


def _scored(
    references: References, source: SpeechSource, language: str | None, collar_s: float
) -> Iterator[SpeechScore]:
    """A row for every reference, then for everything that could not be scored."""
    from flows.speech_sources import NoTranscript
    from models.evaluation.score_row import SpeechScore
    from models.evaluation.scores import score

    found = references.by_stem
    lacking = {stem: why for stem in found if (why := source.lacks(stem))}
    due = [stem for stem in found if stem not in lacking]
    for stem, why in lacking.items():
        yield SpeechScore(stem, not_scored_reason=why)
    done = 0
    for stem, heard in source.find(due):
        if isinstance(heard, Exception):
            yield SpeechScore(stem, not_scored_reason=_reason(heard))
        else:
            yield score(stem, found[stem], heard, language=language, collar_s=collar_s)
        if not isinstance(heard, NoTranscript | SpeechUnavailable):
            done += 1
            click.echo(f"done: {done} of {len(due)}", err=True)
    lonely = {stem: why for stem, why in source.lonely.items() if stem not in found}
    for stem, reason in sorted({**lonely, **references.problems}.items()):
        yield SpeechScore(stem, not_scored_reason=reason)


def _reason(error: Exception) -> str:
    """Why there is no transcript; what an unforeseen error says may hold what was said."""
    known = isinstance(error, NightcallError)
    return str(error) if known else f"listening failed ({type(error).__name__})."


def _frame(rows: Sequence[SpeechScore]) -> pl.DataFrame:
    """The rows with typed columns, also where a column is empty."""
    import polars as pl

    from models.evaluation.score_row import SpeechScore

    types: dict[Any, Any] = {bool: pl.Boolean, int: pl.Int64, float: pl.Float64, str: pl.String}
    schema = {
        name: next(types[kind] for kind in (get_args(hint) or (hint,)) if kind in types)
        for name, hint in get_type_hints(SpeechScore).items()
    }
    return pl.DataFrame([asdict(row) for row in rows], schema=schema)


def _for_people(frame: pl.DataFrame) -> pl.DataFrame:
    """What one looks at first; everything else is in the other formats."""
    import polars as pl

    rows = [
        {
            "recording": row["name"],
            "WER": _percent(row["wer"]),
            "of": row["reference_count"],
            "S, D, I": _joined(row, "substitutions", "deletions", "insertions"),
            "cpWER": _percent(row["cpwer"]),
            "DER": _percent(row["der"]),
            "missed, false, confused s": _joined(row, "missed_s", "false_alarm_s", "confusion_s"),
            "not measurable, because": _why_not(row),
        }
        for row in frame.to_dicts()
    ]
    return pl.DataFrame(rows, schema_overrides={"of": pl.Int64})


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.1%}"


def _joined(row: dict[str, Any], *names: str) -> str:
    values = [row[name] for name in names]
    if None in values:
        return ""
    return ", ".join(f"{one:.1f}" if isinstance(one, float) else str(one) for one in values)


def _why_not(row: dict[str, Any]) -> str:
    if row["not_scored_reason"]:
        return f"Not scored: {row['not_scored_reason']}"
    reasons: dict[str, list[str]] = {}
    for measure in ("WER", "cpWER", "DER"):
        if reason := row[f"{measure.lower()}_reason"]:
            reasons.setdefault(reason, []).append(measure)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())


def _footer(rows: Sequence[SpeechScore], collar_s: float) -> str:
    """What the figures were made with and mean."""
    scored = [row for row in rows if not row.not_scored_reason]
    if not scored:
        return f"0 of {len(rows)} scored."
    made_by = sorted({f"{row.engine} {row.model or ''}".strip() for row in scored})
    normalised = sorted({f"{row.normaliser} ({row.language}, {row.unit}s)" for row in scored})
    return (
        f"{len(scored)} of {len(rows)} scored. Transcripts: {', '.join(made_by)}. "
        f"Normalised by {', '.join(normalised)}.\n"
        "S, D, I: words wrong, missed, invented. cpWER: the same by speaker. DER: with a collar of "
        f"{collar_s:g} s on each side,\noverlapped speech included. Totals are pooled errors by "
        "pooled reference, of the recordings that have the rate."
    )
