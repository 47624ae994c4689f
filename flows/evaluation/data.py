"""Finding and checking the data of an evaluation, by content, before anything is read."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from calls.described import describe
from calls.errors import UsageError
from calls.labels import Role
from calls.names import printable
from flows.evaluation.cases import Case, single_turn_case, talk_cases, whole_call_case
from flows.evaluation.json_records import Record, read_records
from flows.evaluation.records import (
    SingleTurn,
    TalkLine,
    WholeCall,
    is_labelled_form,
    looks_like_a_call,
    looks_like_a_turn,
)

_Model = TypeVar("_Model", bound=BaseModel)

ENDINGS = (".json", ".jsonl", ".ndjson")

_NAMES = frozenset({"id", "call_id", "session_id"})
_FORMS = (
    "single turns (.jsonl lines with speaker, text, context, labels), calls or coaching sessions "
    "(.json with turns), or talk (.jsonl lines with speaker and text)"
)


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of the data. `is_talk` is True if its lines are talk, not single turns or calls."""

    path: Path
    name: str
    is_talk: bool
    turn_count: int


@dataclass(frozen=True, slots=True)
class EvaluationData:
    """All files of an evaluation, checked.

    `name` is that of the file or folder, `digest` changes with the content, `turn_count` counts the
    turns that will be judged, and `notes` say what was left out or named by Nightcall.
    """

    name: str
    digest: str
    files: tuple[DataFile, ...]
    notes: tuple[str, ...] = ()

    @property
    def turn_count(self) -> int:
        """Turns that will be judged."""
        return sum(one.turn_count for one in self.files)

    @property
    def has_talk(self) -> bool:
        """True if some of it is talk, whose speakers are given a role."""
        return any(one.is_talk for one in self.files)

    def cases(self, role: Role) -> Iterator[Case]:
        """Every case, file by file in the order of their names; nothing is kept in memory.

        Args:
            role: what every speaker of talk is taken for.
        """
        for file in self.files:
            if file.is_talk:
                yield from talk_cases(_talk_lines(file), file.name, role)
            else:
                yield from map(_case, read_records(file.path, file.name))


def find_data(path: Path) -> EvaluationData:
    """The data in a file or folder.

    Raises:
        UsageError: there is none, or a record is malformed; naming file and line.
    """
    is_folder = path.is_dir()
    found, left_out, ids = [], [], Counter[str]()
    unnamed = 0
    digest = hashlib.sha256()
    for file, name in _walk(path):
        checked = _checked(file, name)
        if checked is None:
            left_out.append(name)
            continue
        found.append(checked.file)
        ids.update(checked.ids)
        unnamed += checked.unnamed
        with file.open("rb") as content:
            digest.update(f"{name}\n".encode())
            digest.update(hashlib.file_digest(content, "sha256").digest())
    if not found:
        what = "nothing to evaluate here" if is_folder else "is nothing that can be evaluated"
        raise UsageError(f"{path}: {what}. Expected are {_FORMS}.")
    return EvaluationData(
        name=printable(path.resolve().name),
        digest=digest.hexdigest()[:16],
        files=tuple(found),
        notes=tuple(_notes(left_out, ids, unnamed)),
    )


def _notes(left_out: Sequence[str], ids: Counter[str], unnamed: int) -> Iterator[str]:
    """What people should know about the data besides the figures."""
    if left_out:
        count, example = len(left_out), left_out[0]
        yield f"Left out, because they hold something else: {count} files, e.g. {example}."
    if unnamed:
        yield f"Records without an id, named by file and line: {unnamed}."
    if repeated := [one for one, times in ids.items() if times > 1]:
        yield f"Ids used more than once: {len(repeated)}, e.g. {repeated[0]!r}."


@dataclass(frozen=True, slots=True)
class _Checked:
    file: DataFile
    ids: tuple[str, ...]
    unnamed: int


def _walk(path: Path) -> Iterator[tuple[Path, str]]:
    """Every file that may be data, with its name relative to `path`, in order."""
    if not path.is_dir():
        yield path, printable(path.name)
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(ENDINGS) and not name.startswith("."):
                file = Path(folder, name)
                yield file, printable(file.relative_to(path).as_posix())


def _checked(path: Path, name: str) -> _Checked | None:
    """What a file holds, every record validated; None if it holds something else.

    The first record decides whether it is meant as data; then all must be right.
    """
    turns, ids, unnamed = 0, [], 0
    has_labels, first_talk = False, None
    for number, record in enumerate(read_records(path, name)):
        is_call = looks_like_a_call(record.value)
        if not is_call and not looks_like_a_turn(record.value):
            if number == 0:
                return None
            raise UsageError(
                f"{record.where}: is neither a turn nor a call. Expected are {_FORMS}."
            )
        if is_call or is_labelled_form(record.value):
            case = _case(record)
            turns += len(case.judged)
            ids.append(case.id)
            unnamed += not _NAMES.intersection(record.value)
            has_labels = True
        else:
            _validated(TalkLine, record)
            turns += 1
            first_talk = first_talk or record
    if not turns and not ids:
        return None
    if has_labels and first_talk is not None:
        raise UsageError(
            f"{first_talk.where}: has neither labels nor context, as lines of talk; other lines of "
            "the file have. Put talk into a file of its own, or give the line an empty context."
        )
    return _Checked(DataFile(path, name, not has_labels, turns), tuple(ids), unnamed)


def _case(record: Record) -> Case:
    """The case that a call or single turn makes.

    Raises:
        UsageError: naming file, line and field.
    """
    if looks_like_a_call(record.value):
        whole = _validated(WholeCall, record)
        name = whole.call_id or whole.session_id or record.default_id
        return whole_call_case(whole, record.file, name, where=record.where)
    single = _validated(SingleTurn, record)
    return single_turn_case(single, record.file, single.id or record.default_id, record.line)


def _talk_lines(file: DataFile) -> Iterator[tuple[int, TalkLine]]:
    for record in read_records(file.path, file.name):
        yield record.line, _validated(TalkLine, record)


def _validated(model: type[_Model], record: Record) -> _Model:
    try:
        return model.model_validate(record.value)
    except ValidationError as error:
        raise UsageError(describe(error, model, where=record.where)) from error
