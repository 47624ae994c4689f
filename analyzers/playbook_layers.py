"""One playbook laid over another, with a memory of where everything stands.

A family or a cue of an id that the layer below has too replaces it; any other is added.
`disable = ["family", "family.rule"]` at the top of a file switches off what is below. In
`words.toml` lists are added to, and names in a table win over those below.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from analyzers.marked import read_marks
from analyzers.toml_lines import Location, TomlLines
from calls.described import objection
from calls.errors import PlaybookInvalid
from calls.playbook import Cue, Family, Identifier, Line, MeasuredFamily, Playbook, Wording

WORDS = "words.toml"
CUES = "cues.toml"
_FAMILY_FILE_KEYS = ("label", "family", "measured", "disable")
_Kind = TypeVar("_Kind", bound=BaseModel)


class _Classes(BaseModel):
    """The word classes of a `words.toml`."""

    classes: dict[Identifier, tuple[Line, ...]]


class _Disabled(BaseModel):
    """The names that a file switches off."""

    disable: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaybookFile:
    """A parsed file: `shown` is how messages name it, `name` its file name."""

    shown: str
    name: str
    data: dict[str, Any]
    lines: TomlLines

    def at(self, location: Sequence[int | str]) -> str:
        """File and line of a place in it, as messages name it."""
        return f"{self.shown}:{self.lines.line_of(location)}"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an entry stands."""

    file: PlaybookFile
    location: Location

    def __str__(self) -> str:
        return self.file.at(self.location)


@dataclass(frozen=True, slots=True)
class LoadedPlaybook:
    """A playbook and the spots of its families (by id), rules (`family.rule`) and
    cues (`cue id`).
    """

    playbook: Playbook
    spots: Mapping[str, Spot]

    def place(self, identifier: str, text: str = "", key: str = "") -> str:
        """File and line of a family, rule or cue, or of a text that stands under its `key`."""
        spot = self.spots[identifier]
        if not text:
            return str(spot)
        line = spot.file.lines.line_of_text((*spot.location, key), text)
        return f"{spot.file.shown}:{line}"


class Layers:
    """Playbook files put over one another, the later over the earlier.

    Args:
        language: the language of all of them.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._families: dict[str, Family] = {}
        self._measured: dict[str, MeasuredFamily] = {}
        self._cues: dict[str, Cue] = {}
        self._words: dict[str, Any] = {}
        self._spots: dict[str, Spot] = {}
        self._problems: list[str] = []

    def add(self, files: Sequence[PlaybookFile]) -> None:
        """Puts the files of one folder over what is there."""
        met: dict[str, Spot] = {}
        for file in files:
            if file.name == WORDS:
                self._add_words(file)
            elif file.name == CUES:
                self._refuse_unknown(file, ("cue",))
                for number, data in enumerate(_entries(file, "cue")):
                    spot = Spot(file, ("cue", number))
                    cue = self._valid(Cue, data, spot)
                    if cue and self._is_new(f"cue {cue.id}", spot, met):
                        self._cues[cue.id] = cue
                        self._spots[f"cue {cue.id}"] = spot
            else:
                self._add_families(file, met)
        for file in files:
            if file.name not in (WORDS, CUES):
                given = {"disable": file.data.get("disable", [])}
                disabled = self._valid(_Disabled, given, Spot(file, ()))
                for name in disabled.disable if disabled else ():
                    self._disable(name, file)

    def loaded(self) -> LoadedPlaybook:
        """All layers as one playbook.

        Raises:
            PlaybookInvalid: with a line per problem.
        """
        if self._problems:
            raise PlaybookInvalid("\n".join(self._problems))
        words = dict(self._words)
        playbook = Playbook(
            version="",
            language=self._language,
            families=tuple(self._families.values()),
            measured=tuple(self._measured.values()),
            word_classes=words.pop("classes", {}),
            wording=Wording.model_validate(words),
            cues=tuple(self._cues.values()),
        )
        digest = hashlib.sha256(playbook.model_dump_json().encode()).hexdigest()[:12]
        return LoadedPlaybook(playbook.model_copy(update={"version": digest}), self._spots)

    def _add_families(self, file: PlaybookFile, met: dict[str, Spot]) -> None:
        self._refuse_unknown(file, _FAMILY_FILE_KEYS)
        for number, data in enumerate(_entries(file, "family")):
            spot = Spot(file, ("family", number))
            label = {"label": file.data["label"]} if "label" in file.data else {}
            family = self._valid(Family, label | data, spot)
            if family and self._is_new(family.id, spot, met):
                self._measured.pop(family.id, None)
                self._drop(family.id)
                self._families[family.id] = family
                self._spots[family.id] = spot
                for place, rule in enumerate(family.rules):
                    self._add_rule(family, rule.id, Spot(file, (*spot.location, "rule", place)))
        for number, data in enumerate(_entries(file, "measured")):
            spot = Spot(file, ("measured", number))
            measured = self._valid(MeasuredFamily, data, spot)
            if measured and self._is_new(measured.id, spot, met):
                self._drop(measured.id)
                self._measured[measured.id] = measured
                self._spots[measured.id] = spot

    def _add_rule(self, family: Family, rule_id: str, spot: Spot) -> None:
        name = f"{family.id}.{rule_id}"
        if name in self._spots:
            self._problems.append(f"{spot}: id {name!r} is used twice; see {self._spots[name]}.")
            return
        self._spots[name] = spot
        rule = next(one for one in family.rules if one.id == rule_id)
        for key, example, problem in _wrong_examples(rule.hits, rule.misses):
            line = spot.file.lines.line_of_text((*spot.location, key), example)
            self._problems.append(f"{spot.file.shown}:{line}: {name}: {key}: {problem}.")

    def _add_words(self, file: PlaybookFile) -> None:
        words = {key: value for key, value in file.data.items() if key != "classes"}
        classes = {"classes": file.data.get("classes", {})}
        spot = Spot(file, ())
        if self._valid(Wording, words, spot) and self._valid(_Classes, classes, spot):
            self._words = _merged(self._words, file.data)

    def _disable(self, name: str, file: PlaybookFile) -> None:
        family_id, _, rule_id = name.partition(".")
        family = self._families.get(family_id)
        if family is not None and not rule_id:
            self._drop(family_id)
        elif family is not None and any(one.id == rule_id for one in family.rules):
            left = tuple(one for one in family.rules if one.id != rule_id)
            if left:
                self._families[family_id] = family.model_copy(update={"rules": left})
            else:
                self._drop(family_id)
        else:
            close = get_close_matches(name, self._spots, n=2, cutoff=0.5)
            hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
            line = file.lines.line_of_text(("disable",), name)
            self._problems.append(
                f"{file.shown}:{line}: disable: no family or rule {name!r}.{hint}"
            )

    def _drop(self, family_id: str) -> None:
        """Takes out a family with its rules, if there is one of that id."""
        family = self._families.pop(family_id, None)
        if family is not None:
            for name in (family_id, *(f"{family_id}.{rule.id}" for rule in family.rules)):
                self._spots.pop(name, None)

    def _is_new(self, identifier: str, spot: Spot, met: dict[str, Spot]) -> bool:
        """True unless the same layer has that id already, which is a problem."""
        if identifier in met:
            self._problems.append(
                f"{spot}: id {identifier!r} is used twice; see {met[identifier]}."
            )
            return False
        met[identifier] = spot
        return True

    def _refuse_unknown(self, file: PlaybookFile, allowed: Sequence[str]) -> None:
        for key in file.data:
            if key not in allowed:
                known = ", ".join(allowed)
                self._problems.append(f"{file.at((key,))}: {key}: is unknown. Known here: {known}.")

    def _valid(self, kind: type[_Kind], data: Any, spot: Spot) -> _Kind | None:
        """The entry as a model; None if it is none, and the problems are noted."""
        try:
            return kind.model_validate(data)
        except ValidationError as error:
            for problem in error.errors():
                where = spot.file.at(_place_of(problem["loc"], data, spot))
                name = _named(data, problem["loc"])
                said = objection(problem, kind).rstrip(".")
                self._problems.append(f"{where}: {name}: {said}.")
            return None


def _place_of(location: Location, data: Any, spot: Spot) -> Location:
    """Where a wrong value stands: a label may be given once, at the top of the file."""
    is_label = location == ("label",) and "label" in spot.file.data
    given_above = is_label and data.get("label") is spot.file.data["label"]
    return ("label",) if given_above else (*spot.location, *location)


def _entries(file: PlaybookFile, key: str) -> list[Any]:
    """The tables of that name in a file."""
    found = file.data.get(key, [])
    return found if isinstance(found, list) else [found]


def _named(data: Any, location: Sequence[int | str]) -> str:
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


def _wrong_examples(hits: Sequence[str], misses: Sequence[str]) -> list[tuple[str, str, str]]:
    """Hits without a marked part or with a bracket left open, and marks in misses."""
    wrong = []
    for hit in hits:
        try:
            marked = read_marks(hit)
        except ValueError as error:
            wrong.append(("hits", hit, str(error)))
            continue
        if not marked.spans:
            wrong.append(("hits", hit, f"no [brackets] around what must be found in {hit!r}"))
    wrong += [
        ("misses", one, f"a bracket in {one!r}, but nothing in a miss may be found")
        for one in misses
        if "[" in one or "]" in one
    ]
    return wrong


def _merged(below: Any, above: Any) -> Any:
    """Tables merged name by name, lists added to; of all else what lies above."""
    if isinstance(below, dict) and isinstance(above, dict):
        both = {key: _merged(below[key], above[key]) for key in below.keys() & above.keys()}
        return {**below, **above, **both}
    if isinstance(below, list) and isinstance(above, list):
        return [*below, *(one for one in above if one not in below)]
    return above
