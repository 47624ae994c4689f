"""The facts beside the recordings: sidecar files and rows of a call list."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from calls.described import describe
from calls.errors import SidecarInvalid
from calls.metadata import CallMetadata

# Columns of a call list that hold JSON where the sidecar has a list.
_NESTED = ("participants", "exclude", "files", "account_brief")
# Shorthand columns of a call list: rep_name, customer_email, …
_SHORTHAND_ROLES = ("rep", "customer", "manager")
_SHORTHAND_FIELDS = ("id", "name", "email", "channel")
RECORDING_COLUMN = "recording"


def parse_sidecar(name: str, data: bytes) -> CallMetadata:
    """The validated facts of one sidecar.

    Raises:
        SidecarInvalid: naming every wrong field, its value and what is allowed.
    """
    try:
        content = json.loads(data)  # bytes: UTF-8, -16 and -32 are told apart
    except (ValueError, RecursionError) as error:
        raise SidecarInvalid(name, f"not valid JSON ({error}).", "Correct the file.") from error
    return validate(name, content)


def validate(name: str, content: object) -> CallMetadata:
    """`content` as call metadata.

    Raises:
        SidecarInvalid: as `parse_sidecar`.
    """
    try:
        return CallMetadata.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(
            line.removeprefix(f"{name}: ").rstrip(".")
            for line in describe(error, CallMetadata, where=name).splitlines()
        )
        raise SidecarInvalid(name, f"{problems}.", "Correct the sidecar.") from error


def is_sidecar(content: object) -> bool:
    """True when a JSON value has at least one key of a sidecar."""
    return isinstance(content, Mapping) and any(key in CallMetadata.model_fields for key in content)


def parse_call_list(name: str, data: bytes) -> Iterator[tuple[str, CallMetadata | SidecarInvalid]]:
    """(recording, facts) for each row of a `calls.csv` or `calls.parquet`.

    The column `recording` names the file, or its stem; without it `call_id` does. Lists
    (`participants` …) stand as JSON text; `rep_name`, `rep_email`, `rep_id`, `rep_channel`, and the
    same for `customer` and `manager`, are a shorthand for one participant each. A row that is wrong
    comes as the error it caused, so that only its own call suffers.

    Raises:
        SidecarInvalid: the file as a whole can't be read.
    """
    for number, row in enumerate(_rows(name, data), start=2):
        given = {key: value for key, value in row.items() if value not in (None, "")}
        recording = str(given.pop(RECORDING_COLUMN, None) or given.get("call_id") or "")
        where = f"{name} row {number}"
        if not recording:
            yield "", SidecarInvalid(where, "names no recording.", "Fill `recording` or `call_id`.")
            continue
        try:
            yield recording, validate(where, _unfold(given))
        except (SidecarInvalid, ValueError, RecursionError) as error:
            if isinstance(error, SidecarInvalid):
                yield recording, error
            else:
                yield recording, SidecarInvalid(where, f"a list is no valid JSON ({error}).")


def _rows(name: str, data: bytes) -> list[dict[str, Any]]:
    try:
        if name.endswith(".parquet"):
            return list(pq.read_table(io.BytesIO(data)).to_pylist())
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error, pa.ArrowInvalid) as error:
        raise SidecarInvalid(name, f"can't be read ({error}).", "Correct the file.") from error


def _unfold(row: Mapping[str, Any]) -> dict[str, Any]:
    """A flat row as the nested value a sidecar would hold."""
    content = dict(row)
    for field in _NESTED:
        if isinstance(content.get(field), str):
            content[field] = json.loads(content[field])
    people = content.pop("participants", None) or []
    if not isinstance(people, list):
        return {**content, "participants": people}  # validation says what is wrong with it
    people = list(people)
    for role in _SHORTHAND_ROLES:
        person = {
            field: content.pop(f"{role}_{field}")
            for field in _SHORTHAND_FIELDS
            if f"{role}_{field}" in content
        }
        if person:
            people.append({**person, "role": role})
    if people:
        content["participants"] = people
    return content
