"""Labelled turns to learn from: single turns, whole calls and coaching sessions, ordinary talk."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from calls.labelling import TURNS_BEFORE, Said, TurnInContext
from calls.labels import LABEL_ROLES, Label, Role

DATA = Path(__file__).parents[1] / "data"
TALK = "talk/"
"""How the files of ordinary talk begin, which is nobody's sales call."""
_TALK_ROLES = (Role.REP, Role.REP, Role.CUSTOMER, Role.REP, Role.REP, Role.MANAGER, Role.REP)
_PUNCTUATION = re.compile(r"[^\w\s']|(?<!\w)'|'(?!\w)")


@dataclass(frozen=True, slots=True)
class Example:
    """A turn in its context with all labels that hold for it; `file` is where it comes from."""

    turn: TurnInContext
    labels: frozenset[Label]
    file: str
    ident: str


def all_examples(data: Path = DATA) -> list[Example]:
    """Every example below a folder, in a fixed order."""
    examples: list[Example] = []
    for path in sorted(data.rglob("*.json*")):
        name = path.relative_to(data).as_posix()
        if name.startswith(TALK):
            examples += ordinary_talk(lines_of(path), path.name)
        elif path.suffix == ".jsonl":
            examples += (_single(line, name) for line in lines_of(path))
        else:
            examples += _whole(json.loads(path.read_text(encoding="utf-8")), name)
    return examples


def ordinary_talk(
    lines: Sequence[dict[str, Any]], file: str, *, everybody: Role | None = None
) -> Iterator[Example]:
    """Talk without any label.

    Args:
        lines: the turns, with `speaker` and `text`.
        file: where they are from.
        everybody: a role that all speakers have. None: most turns are taken as a rep's, some as a
            customer's or a manager's, because reps carry most labels; who speaks before is now of
            the same side, now of the other.
    """
    for place, line in enumerate(lines):
        role = everybody or _TALK_ROLES[place % len(_TALK_ROLES)]
        other = Role.CUSTOMER if role is Role.REP else Role.REP
        if everybody or place % 2:
            other = role
        before = tuple(
            Said(role if one["speaker"] == line["speaker"] else other, one["text"])
            for one in lines[max(0, place - TURNS_BEFORE) : place]
        )
        turn = TurnInContext(Said(role, line["text"]), before)
        yield Example(turn, frozenset(), f"{TALK}{file}", f"{TALK}{file}:{place + 1}")


def otherwise(examples: Sequence[Example], *, seed: int) -> list[TurnInContext]:
    """Each example's turn as it might have come as well, so that looks decide nothing.

    Half lose punctuation and capitals, as after a speech engine that writes none. Independently of
    that, half of those whose label hangs on the turn alone are seen in another place: turns that
    stand alone after turns of somebody else's call, talk without what came before. A model that
    has met labels mostly in lone turns takes company for a sign that there is none.
    """
    chance = random.Random(seed)
    lent = [
        one.turn.before
        for one in examples
        if one.turn.before and not one.labels and one.turn.said.role is Role.REP
    ]
    changed = []
    for one in examples:
        turn = one.turn
        if lent and chance.random() < 0.5:
            if not turn.before and turn.said.role is not Role.CUSTOMER:
                turn = replace(turn, before=chance.choice(lent))
            elif one.file.startswith(TALK):
                turn = replace(turn, before=())
        if chance.random() < 0.5:
            turn = TurnInContext(_plain(turn.said), tuple(_plain(said) for said in turn.before))
        changed.append(turn)
    return changed


def twice_from_calls(examples: Sequence[Example]) -> list[Example]:
    """The examples, labelled turns of whole calls two times.

    They are what the product meets, and there are few: most turns of a call carry no label.
    """
    again = [one for one in examples if one.file.endswith(".json") and one.labels]
    return [*examples, *again]


def targets(examples: Sequence[Example]) -> npt.NDArray[np.float32]:
    """1 where a label holds, of shape (examples, labels)."""
    return np.array(
        [[label in one.labels for label in Label] for one in examples], np.float32
    ).reshape(len(examples), len(Label))


def allowed(turns: Iterable[TurnInContext]) -> npt.NDArray[np.bool_]:
    """True where a speaker may carry a label, of shape (turns, labels)."""
    may = {role: [role in LABEL_ROLES[label] for label in Label] for role in Role}
    rows = [may[turn.said.role] for turn in turns]
    return np.array(rows, np.bool_).reshape(len(rows), len(Label))


def _plain(said: Said) -> Said:
    words = _PUNCTUATION.sub(" ", said.text.lower().replace("’", "'"))
    return Said(said.role, " ".join(words.split()))


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _single(line: dict[str, Any], file: str) -> Example:
    before = tuple(_said(one) for one in line["context"][-TURNS_BEFORE:])
    labels = frozenset(Label(one) for one in line["labels"])
    return Example(TurnInContext(_said(line), before), labels, file, line["id"])


def _whole(call: dict[str, Any], file: str) -> Iterator[Example]:
    """The turns of a call or session; a rep's in a coaching session teach nothing."""
    turns = [_said(one) for one in call["turns"]]
    is_session = "session_id" in call
    for place, (said, line) in enumerate(zip(turns, call["turns"], strict=True)):
        if is_session and said.role is Role.REP:
            continue
        before = tuple(turns[max(0, place - TURNS_BEFORE) : place])
        labels = frozenset(Label(one) for one in line["labels"])
        yield Example(TurnInContext(said, before), labels, file, f"{file}:{place}")


def _said(line: dict[str, Any]) -> Said:
    return Said(Role(line["speaker"]), line["text"])
