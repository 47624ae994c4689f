"""The playbook's TOML files, read, layered and checked.

A playbook folder holds one folder per language. Every TOML file in it holds families, except
`words.toml` (the wording of the language and its word classes) and `cues.toml` (the cues of
context). A company's own folder lies over the shipped one (`analyzers.playbook_layers`).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from spacy.util import get_lang_class
from spacy.vocab import Vocab

from analyzers.playbook_layers import Layers, LoadedPlaybook, PlaybookFile
from analyzers.toml_lines import TomlLines
from calls.errors import PlaybookInvalid
from calls.playbook import Playbook


def shipped_folder() -> Traversable:
    """The playbook that comes with Nightcall."""
    return resources.files("analyzers") / "playbook"


def playbook_languages(folder: Path | None = None) -> frozenset[str]:
    """The language codes that are covered: by the shipped playbook, and by `folder` over it.

    Raises:
        PlaybookInvalid: there is no such folder, or none of a language in it.
    """
    shipped = _languages_in(shipped_folder())
    if folder is None:
        return shipped
    if not folder.is_dir():
        raise PlaybookInvalid(
            f"{folder}: no such folder. It should hold a folder per language, like "
            f"{folder / 'en'}. Make one with: nightcall playbook new {folder}"
        )
    own = _languages_in(folder)
    if not own:
        stray = next((one.name for one in folder.iterdir() if one.name.endswith(".toml")), None)
        hint = f" Move {stray} into {folder / 'en'}." if stray else ""
        raise PlaybookInvalid(f"{folder}: no folder of a language with .toml files in it.{hint}")
    return shipped | own


def load_playbooks(folder: Path | None = None) -> dict[str, Playbook]:
    """The playbook of every language that is covered, by language code.

    Raises:
        PlaybookInvalid: a line per problem, each with file and line.
    """
    languages = sorted(playbook_languages(folder))
    return {language: load_playbook(folder, language) for language in languages}


def load_playbook(folder: Path | None = None, language: str = "en") -> Playbook:
    """The playbook of a language: the shipped one, with `folder` laid over it.

    Raises:
        PlaybookInvalid: a line per problem, each with file and line.
    """
    return (read_playbook(folder, language) if folder else _shipped(language)).playbook


def read_playbook(folder: Path | None = None, language: str = "en") -> LoadedPlaybook:
    """As `load_playbook`, and it knows where everything stands in the files."""
    covered = playbook_languages(folder)
    if language not in covered:
        raise PlaybookInvalid(
            f"{folder or 'shipped playbook'}: no playbook for language {language!r}. "
            f"Languages: {', '.join(sorted(covered))}."
        )
    layers = Layers(language)
    shipped = _files(shipped_folder() / language, "shipped playbook")
    own = _files(folder / language, str(folder)) if folder else []
    for layer in (shipped, own):
        layers.add(layer)
    return layers.loaded()


def playbook_version(folder: Path | None = None) -> str:
    """12 hex digits that change when the playbook says anything else in any language.

    With one language that is the version of its playbook.
    """
    versions = {one: load_playbook(folder, one).version for one in playbook_languages(folder)}
    if len(versions) == 1:
        return next(iter(versions.values()))
    return hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()[:12]


def language_vocab(language: str) -> Vocab:
    """A vocabulary that knows which words of the language are common."""
    return get_lang_class(language)().vocab


@cache
def _shipped(language: str) -> LoadedPlaybook:
    """The shipped playbook, which can't change while a process runs: a dozen modules ask for it."""
    return read_playbook(None, language)


def _languages_in(root: Traversable) -> frozenset[str]:
    return frozenset(
        entry.name
        for entry in root.iterdir()
        if entry.is_dir() and any(one.name.endswith(".toml") for one in entry.iterdir())
    )


def _files(root: Traversable, shown: str) -> list[PlaybookFile]:
    """Every TOML file of a language, by name; none where the folder has no such language."""
    if not root.is_dir():
        return []
    names = sorted(entry.name for entry in root.iterdir() if entry.name.endswith(".toml"))
    return [_parsed(f"{shown}/{root.name}/{name}", name, root / name) for name in names]


def _parsed(shown: str, name: str, file: Traversable) -> PlaybookFile:
    try:
        text = file.read_bytes().decode("utf-8").replace("\r\n", "\n")
        return PlaybookFile(shown, name, tomllib.loads(text), TomlLines(text))
    except OSError as error:
        raise PlaybookInvalid(f"{shown}: can't be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlaybookInvalid(f"{shown}: not valid TOML: {error}.") from error
