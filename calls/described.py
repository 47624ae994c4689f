"""What pydantic objects to, in words for people: where, which field, its value, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

_ALLOWED = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "list_type": 'must be a list, e.g. ["one", "two"]',
    "tuple_type": 'must be a list, e.g. ["one", "two"]',
    "string_type": "must be text",
    "missing": "is missing",
}


def describe(error: ValidationError, model: type[BaseModel], *, where: str) -> str:
    """One line per problem.

    Args:
        error: what pydantic found.
        model: what was validated; it knows the names that are allowed.
        where: the file or other place that the values come from.
    """
    lines = []
    for problem in error.errors():
        loc = problem["loc"]
        field = ".".join(str(part) for part in loc) or "(file)"
        value = problem.get("input")
        shown = "" if isinstance(value, dict | list | tuple) else f" (is {_without_key(value)})"
        lines.append(f"{where}: {field}: {objection(problem, model)}{shown}.")
    return "\n".join(lines)


def _without_key(value: object) -> str:
    """The value as it is shown: a password or signature in a URL must not reach a log."""
    return re.sub(r"(://[^/@:]*:)[^/@]*(?=@)|(://[^?#]*[?#]).*(?=['\"])", r"\1\2…", repr(value))


def objection(problem: Any, model: type[BaseModel]) -> str:
    """What is wrong with one field, in words.

    Args:
        problem: one entry of `ValidationError.errors()`.
        model: what was validated.
    """
    kind = problem["type"]
    if kind == "extra_forbidden":
        names = ", ".join(_names_beside(model, problem["loc"]))
        return f"is unknown. Known here: {names}" if names else "is unknown"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return "must be a table of names and values"
    return _ALLOWED.get(kind) or str(problem["msg"]).removeprefix("Value error, ")


def _names_beside(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    """The names that are allowed where an unknown one was found."""
    for part in loc[:-1]:
        if isinstance(part, str):
            inner = _field(model, part)
            found = _model_in(inner.annotation) if inner is not None else None
            if found is None:
                return []
            model = found
    return [field.alias or name for name, field in model.model_fields.items()]


def _field(model: type[BaseModel], name: str) -> FieldInfo | None:
    """A field by the name it is given under, which may be an alias."""
    for own, field in model.model_fields.items():
        if name in (own, field.alias):
            return field
    return None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, alone or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
