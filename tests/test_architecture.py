"""The import rules: which room may use which, and which library lives where."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT: dict[str, set[str]] = {
    "calls": set(),
    "models": {"calls"},
    "analyzers": {"calls"},
    "warehouse": {"calls"},
    "reports": {"calls", "warehouse"},
    "flows": {"calls", "models", "analyzers", "warehouse", "reports"},
}

LIVES_IN: dict[str, set[str]] = {
    "prefect": {"flows"},
    "faster_whisper": {"models"},
    "ctranslate2": {"models"},
    "pocketsphinx": {"models"},
    "av": {"models"},
    "pyannote": {"models"},
    "torch": {"models"},
    "jiwer": {"models"},
    "whisper_normalizer": {"models"},
    "scipy": {"models"},
    "phonenumbers": {"models"},
    "stdnum": {"models"},
    "spacy": {"models", "analyzers"},
    "duckdb": {"warehouse"},
    "click": {"flows"},
    "rich": {"flows"},
}

VOCABULARY_LIBRARIES = {"pydantic", "pydantic_settings"}
BANNED_NAMES = {"utils.py", "helpers.py", "common.py"}
LONGEST_MODULE = 400


MODULES = [path for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]


def imports_of(path: Path) -> set[str]:
    """Top-level names imported anywhere in a module, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def show(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=show)
def test_a_room_imports_only_the_rooms_it_may(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    foreign = imports_of(path) & set(MAY_IMPORT) - {room}
    assert foreign <= MAY_IMPORT[room]


@pytest.mark.parametrize("path", MODULES, ids=show)
def test_a_library_is_used_only_where_it_lives(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    for library in imports_of(path) & LIVES_IN.keys():
        assert room in LIVES_IN[library], f"{library} belongs to {sorted(LIVES_IN[library])}"


@pytest.mark.parametrize("path", sorted((ROOT / "calls").rglob("*.py")), ids=show)
def test_the_vocabulary_needs_the_standard_library_and_pydantic_only(path: Path) -> None:
    allowed = VOCABULARY_LIBRARIES | {"calls"} | set(sys.stdlib_module_names)
    assert imports_of(path) <= allowed


@pytest.mark.parametrize("path", MODULES, ids=show)
def test_modules_stay_small_and_have_names_that_mean_something(path: Path) -> None:
    assert path.name not in BANNED_NAMES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


def test_every_room_exists_and_says_what_it_is() -> None:
    for room in MAY_IMPORT:
        docstring = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text()))
        assert docstring, f"{room}/__init__.py has no docstring"
        assert len(docstring) > 40, f"{room}/__init__.py says too little"
