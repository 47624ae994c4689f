"""What an export says about itself: `README.md` for people, `schema.json` for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from warehouse.dictionary import describe, json_schema
from warehouse.schemas import ALL_TABLES

README = "README.md"
SCHEMA = "schema.json"

_CAUTION = (
    "These files hold what was said on calls, and names of people. Keep them as you keep the "
    "recordings: a call that is erased from the warehouse later stays in this copy. Remove the "
    "copy, or export again."
)


@dataclass(frozen=True, slots=True)
class About:
    """What an export was made of, and when.

    `files` names the file of each table, `rows` counts its rows. `notes` say how to read the files
    and what could not go in as it is.
    """

    made_at: datetime
    time_zone: str
    since: date | None
    until: date | None
    files: Mapping[str, str]
    rows: Mapping[str, int]
    notes: Sequence[str]

    def lines(self) -> list[str]:
        """It all as plain lines."""
        return [
            f"Exported from a Nightcall warehouse on {self.made_at:%Y-%m-%d at %H:%M} UTC.",
            self._span(),
            _CAUTION,
            "Tables fit together: join them on call_id and revision.",
            "Null means not known or not measurable, never zero; table measure_states says why.",
            *self.notes,
        ]

    def readme(self) -> str:
        """It all as Markdown, with the columns of every table."""
        lines = ["# Nightcall export", ""]
        for line in self.lines():
            lines += [line, ""]
        lines += ["| table | one row per | file | rows |", "|---|---|---|---:|"]
        for name in self.files:
            one_row_per = ALL_TABLES[name].one_row_per
            lines.append(f"| {name} | {one_row_per} | `{self.files[name]}` | {self.rows[name]:,} |")
        for name in self.files:
            lines += ["", f"## {name}", "", "| column | type | unit | null | meaning |"]
            lines.append("|---|---|---|---|---|")
            for one in describe(name):
                null = "yes" if one.nullable else ""
                meaning = one.meaning.removesuffix(" In the path, not in the file.")
                lines.append(f"| `{one.column}` | {one.type} | {one.unit} | {null} | {meaning} |")
        return "\n".join(lines) + "\n"

    def schema(self) -> dict[str, Any]:
        """It all for programs; `tables` has a JSON Schema of a row of each table."""
        return {
            "made_by": "nightcall tables export",
            "made_at": self.made_at,
            "time_zone": self.time_zone,
            "since": self.since,
            "until": self.until,
            "join_on": ["call_id", "revision"],
            "tables": {
                name: {
                    "file": self.files[name],
                    "rows": self.rows[name],
                    "key": ALL_TABLES[name].key,
                    "schema_version": ALL_TABLES[name].version,
                    "row": json_schema(name),
                }
                for name in self.files
            },
        }

    def _span(self) -> str:
        if self.since is None and self.until is None:
            return f"All dates. Dates are those of the time zone {self.time_zone}."
        first = f"from {self.since}" if self.since else "from the first"
        last = f"to {self.until}" if self.until else "to the last"
        return (
            f"Dates {first} {last}, in the time zone {self.time_zone}. Tables without dates are "
            "there as a whole."
        )
