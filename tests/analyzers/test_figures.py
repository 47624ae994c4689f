"""The figures that the README gives for the rules, measured again where the turns are at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzers.rule_finder import Finding
from calls.labels import Label

SHARED = Path(__file__).parents[3] / "shared"
Find = Callable[[str], list[Finding]]


def lines(path: Path) -> list[dict[str, object]]:
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def labels(find: Find, text: object) -> set[str]:
    return {str(one.label) for one in find(str(text))}


def test_cliches_on_labelled_turns(find: Find) -> None:
    turns = [one for one in lines(SHARED / "gold" / "moments-c.jsonl") if one["speaker"] == "rep"]
    is_cliche = [Label.CLICHE_QUESTION in one["labels"] for one in turns]  # type: ignore[operator]
    found = [Label.CLICHE_QUESTION in labels(find, one["text"]) for one in turns]
    right = sum(a and b for a, b in zip(is_cliche, found, strict=True))
    precision, recall = right / sum(found), right / sum(is_cliche)
    assert precision >= 0.95, f"precision {precision:.3f}"
    assert recall >= 0.85, f"recall {recall:.3f}"


def test_cliches_are_rare_in_ordinary_talk(find: Find) -> None:
    talk = lines(SHARED / "data" / "talk" / "qmsum-val.jsonl")
    hits = sum(Label.CLICHE_QUESTION in labels(find, one["text"]) for one in talk)
    assert 1000 * hits / len(talk) < 1.0
