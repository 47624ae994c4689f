"""The playbook's TOML files, read and checked.

A playbook folder holds one folder per language. Every TOML file in it holds families of one label,
except `words.toml` (the wording of the language and its word classes) and `cues.toml` (the cues of
context). A folder of one's own may leave these two out: the shipped ones are taken.
"""

from __future__ import annotations

import hashlib
import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from spacy.util import get_lang_class
from spacy.vocab import Vocab

from analyzers.marked import read_marks
from calls.errors import PlaybookInvalid
from calls.playbook import Cue, Family, Playbook, Wording

WORDS = "words.toml"
CUES = "cues.toml"
_FAMILY = TypeAdapter(Family)
_WORDING = TypeAdapter(Wording)
Kind = TypeVar("Kind")
_CUES = TypeAdapter(tuple[Cue, ...])


def shipped_folder() -> Traversable:
    """The playbook that comes with Nightcall."""
    return resources.files("analyzers") / "playbook"


def playbook_languages(folder: Path | None = None) -> frozenset[str]:
    """The language codes that a playbook folder covers."""
    root = folder or shipped_folder()
    if not root.is_dir():
        raise PlaybookInvalid(f"{root}: no such folder. It should hold a folder per language.")
    return frozenset(
        entry.name
        for entry in root.iterdir()
        if entry.is_dir() and any(one.name.endswith(".toml") for one in entry.iterdir())
    )


def load_playbook(folder: Path | None = None, language: str = "en") -> Playbook:
    """The playbook of a language, read from `folder` (None: the shipped one).

    Raises:
        PlaybookInvalid: naming the file and the family, rule or cue that is wrong.
    """
    covered = playbook_languages(folder)
    if language not in covered:
        raise PlaybookInvalid(
            f"{folder or 'shipped playbook'}: no playbook for language {language!r}. "
            f"Languages: {', '.join(sorted(covered)) or 'none'}."
        )
    files = _files((folder or shipped_folder()) / language, language)
    parsed = {name: _parsed(name, content) for name, content in files.items()}
    words = parsed.pop(WORDS, {})
    cues = parsed.pop(CUES, {})
    families = [family for name, data in parsed.items() for family in _families(name, data)]
    try:
        classes = words.pop("classes", {})
        wording = _valid(WORDS, _WORDING, words)
        return Playbook(
            version=_digest(files),
            language=language,
            families=tuple(families),
            word_classes=classes,
            wording=wording,
            cues=_valid(CUES, _CUES, cues.get("cue", [])),
        )
    except ValidationError as error:
        raise PlaybookInvalid(_described(str(folder or "shipped playbook"), error, {})) from error


def language_vocab(language: str) -> Vocab:
    """A vocabulary that knows which words of the language are common."""
    return get_lang_class(language)().vocab


def _files(root: Traversable, language: str) -> dict[str, bytes]:
    """The bytes of every TOML file by name, with the shipped wording and cues where missing."""
    files = {
        entry.name: entry.read_bytes() for entry in root.iterdir() if entry.name.endswith(".toml")
    }
    for name in (WORDS, CUES):
        shipped = shipped_folder() / language / name
        if name not in files and shipped.is_file():
            files[name] = shipped.read_bytes()
    return dict(sorted(files.items()))


def _digest(files: dict[str, bytes]) -> str:
    """12 hex digits that change when any file does."""
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def _parsed(name: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlaybookInvalid(f"{name}: not valid TOML: {error}.") from error


def _families(name: str, data: dict[str, Any]) -> tuple[Family, ...]:
    """The families of one file. `label` at its top holds for every family without its own."""
    unknown = set(data) - {"label", "family"}
    if unknown:
        raise PlaybookInvalid(
            f"{name}: unknown key {sorted(unknown)[0]!r}. Allowed: 'label', '[[family]]'."
        )
    families = []
    for raw in data.get("family", []):
        entry = {"label": data.get("label")} | raw
        if "rule" in entry:
            entry["rules"] = entry.pop("rule")
        family = _valid(name, _FAMILY, entry)
        _check_examples(name, family)
        families.append(family)
    return tuple(families)


def _check_examples(name: str, family: Family) -> None:
    """Refuses hits without a marked part or with a bracket left open, and marks in misses."""
    for rule in family.rules:
        place = f"{name}: {family.id}.{rule.id}"
        for hit in rule.hits:
            try:
                marked = read_marks(hit)
            except ValueError as error:
                raise PlaybookInvalid(f"{place}: hits: {error}.") from error
            if not marked.spans:
                raise PlaybookInvalid(f"{place}: hits: no [brackets] in {hit!r}.")
        for miss in rule.misses:
            if "[" in miss or "]" in miss:
                raise PlaybookInvalid(f"{place}: misses: a bracket in {miss!r}.")


def _valid(name: str, kind: TypeAdapter[Kind], data: Any) -> Kind:
    try:
        return kind.validate_python(data)
    except ValidationError as error:
        raise PlaybookInvalid(_described(name, error, data)) from error


def _described(name: str, error: ValidationError, data: Any) -> str:
    """One line per problem: file, family and rule by their ids, field, what is wrong."""
    lines = []
    for problem in error.errors():
        place = _place(problem["loc"], data)
        lines.append(f"{name}: {place}: {problem['msg']}.")
    return "\n".join(lines)


def _place(location: tuple[int | str, ...], data: Any) -> str:
    """A path into the data in which numbers are replaced by the ids of what stands there."""
    names: list[str] = []
    if isinstance(data, dict) and "id" in data:
        names.append(str(data["id"]))
    for step in location:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            data = None
        names.append(str(data["id"]) if isinstance(data, dict) and "id" in data else str(step))
    return ".".join(names) or "(file)"
