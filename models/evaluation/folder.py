"""References and ready transcripts in a folder, by the stem they share with a recording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from calls.errors import InputError
from calls.spans import Span
from calls.transcript import Transcript
from models.evaluation.references import (
    TRANSCRIPTS,
    Reference,
    is_reference,
    read_references,
    read_speech,
    read_transcript,
    speech_only,
    stem_of,
)

_APART = "Keep one here; transcripts to be scored go into a folder of their own (--hypotheses)."


@dataclass(slots=True)
class References:
    """What lies in a folder of references, by stem. `problems` say what can't be used, and why."""

    by_stem: dict[str, Reference] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Transcripts:
    """What lies in a folder of ready transcripts, by stem; `problems` as in `References`."""

    by_stem: dict[str, Transcript] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def find_references(folder: Path) -> References:
    """The references in a folder and the folders in it.

    An RTTM file adds its times to the reference of the same stem, or is one on its own. Two
    references of one stem are a problem: nobody can tell which of them is right.
    """
    found = References()
    words: dict[str, list[Reference]] = {}
    times: dict[str, list[tuple[str, Mapping[str, Sequence[Span]]]]] = {}
    for name, path in files_below(folder):
        if not is_reference(name):
            continue
        try:
            data = path.read_bytes()
            if name.lower().endswith(".rttm"):
                for stem, speech in read_speech(name, data).items():
                    times.setdefault(stem, []).append((name, speech))
            else:
                for stem, reference in read_references(name, data).items():
                    words.setdefault(stem, []).append(reference)
        except (InputError, OSError) as error:
            found.problems[stem_of(name)] = _said(name, error)
    for stem in sorted({*words, *times} - found.problems.keys()):
        own, spans = words.get(stem, []), times.get(stem, [])
        if len(own) > 1 or len(spans) > 1:
            names = [name for one in own for name in one.files] + [name for name, _ in spans]
            found.problems[stem] = f"several references: {', '.join(names)}. {_APART}"
        elif not own:
            found.by_stem[stem] = speech_only(*spans[0])
        else:
            found.by_stem[stem] = own[0].with_speech(*spans[0]) if spans else own[0]
    return found


def find_transcripts(folder: Path) -> Transcripts:
    """The ready transcripts in a folder and the folders in it."""
    found = Transcripts()
    names: dict[str, str] = {}
    for name, path in files_below(folder):
        if not name.lower().endswith(TRANSCRIPTS) or name.lower().endswith(".call.json"):
            continue
        stem = stem_of(name)
        try:
            transcript = read_transcript(name, path.read_bytes())
        except (InputError, OSError) as error:
            found.problems[stem] = _said(name, error)
            continue
        if transcript is None:
            continue
        if stem in names:
            found.problems[stem] = f"several transcripts: {names[stem]}, {name}. Keep one."
        names[stem] = name
        found.by_stem[stem] = transcript
    for stem in found.problems:
        found.by_stem.pop(stem, None)
    return found


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file that is not hidden: its name relative to the folder, and where it lies."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
            yield name, path


def _said(name: str, error: InputError | OSError) -> str:
    if isinstance(error, InputError):
        return str(error)
    return f"{name}: can't be read ({error.strerror or type(error).__name__})."
