"""Reading the tables of a mirror, from wherever it can be reached."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from calls.errors import MirrorUnreachable, UsageError, WarehouseDamaged
from calls.mirror_url import is_url, mirror_url
from warehouse import layout
from warehouse.mirror.remote import Remote
from warehouse.schemas import SCHEMA_VERSIONS
from warehouse.tables import Tables, known_table, scan_table


@dataclass(frozen=True, slots=True)
class MirroredTables(Tables):
    """The tables of one mirror, read-only. Make it with `open_tables`.

    `schemas` are the versions that the tables had when the mirror was opened.
    """

    place: str
    time_zone: str
    schemas: Mapping[str, int]

    def table(self, name: str) -> pl.LazyFrame:
        """A new lazy frame over that table, with the declared columns and the partition date.

        Raises:
            UsageError: if there is no such table.
            WarehouseDamaged: if the table was written by another version of Nightcall.
        """
        spec = known_table(name)
        if self.schemas.get(name) != SCHEMA_VERSIONS[name]:
            raise WarehouseDamaged(
                f"{self.place}: table {name} was written by another version of Nightcall, with "
                "other columns. Read it with that version, or read the files as they are."
            )
        folder = f"{self.place}/{name}/" if is_url(self.place) else Path(self.place) / name
        return scan_table(spec, folder, _storage_options(self.place))

    @property
    def in_line_at(self) -> datetime | None:
        """When the mirror was last brought in line; None while files are on their way.

        The same before and after a question: all tables it read are of one publication.
        """
        when = _marker(self.place)["in_line_at"]
        return datetime.fromisoformat(when) if when else None


def open_tables(place: str | Path) -> MirroredTables:
    """The tables of the mirror in that place.

    Args:
        place: the URL (`s3://bucket/prefix`) or folder that was given to `nightcall tables mirror`.

    Raises:
        UsageError: there is no mirror, or the place can't be reached.
    """
    try:
        checked = mirror_url(str(place))
    except ValueError as error:
        raise UsageError(f"The place of a mirror {error}.") from None
    facts = _marker(checked)
    return MirroredTables(checked, facts["time_zone"], facts["schemas"])


def _marker(place: str) -> Mapping[str, Any]:
    try:
        marker = Remote(place).marker()
    except MirrorUnreachable as error:
        raise UsageError(
            f"{place}: can't be read ({error.problem}). Check the address, the network and the "
            "credentials in the environment."
        ) from error
    if marker is not None:
        return marker
    if not is_url(place) and layout.settings_file(Path(place)).is_file():
        raise UsageError(f"{place}: is a warehouse; open it with warehouse.open.")
    raise UsageError(f"{place}: no mirror here. Make one with: nightcall tables mirror {place}")


def _storage_options(place: str) -> dict[str, str] | None:
    """What polars does not read from the environment by itself, but botocore does."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3")
    if place.startswith("s3://") and endpoint:
        return {"aws_endpoint_url": endpoint}
    return None
