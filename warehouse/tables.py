"""The tables as lazy frames, by name and as properties, wherever their files lie."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from calls.errors import UsageError
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec


def known_table(name: str) -> TableSpec:
    """The declaration of that table.

    Raises:
        UsageError: if there is no such table.
    """
    if name not in ALL_TABLES:
        raise UsageError(f"Unknown table {name!r}. Known tables: {', '.join(ALL_TABLES)}.")
    return ALL_TABLES[name]


def scan_table(
    spec: TableSpec,
    folder: str | Path,
    storage_options: Mapping[str, str] | None = None,
    *,
    is_current: bool = False,
) -> pl.LazyFrame:
    """A lazy frame over the folder of a table, with the declared columns and the date of the path.

    Args:
        spec: the table.
        folder: the table's own folder, or its URL.
        storage_options: what polars needs to read a URL.
        is_current: False reads files of earlier schema versions too: columns that they lack are
            null. True takes a file that lacks a column for damaged.
    """
    return pl.scan_parquet(
        folder,
        hive_partitioning=spec.partition is not None,
        hive_schema=spec.hive_schema or None,
        schema=spec.file_frame_schema,
        missing_columns="raise" if is_current else "insert",
        storage_options=dict(storage_options) if storage_options else None,
    )


class Tables:
    """Every table as a property; whoever derives from it says how a table is read."""

    __slots__ = ()

    @abstractmethod
    def table(self, name: str) -> pl.LazyFrame:
        """A new lazy frame over that table, with the declared columns and the partition date.

        Raises:
            UsageError: if there is no such table.
        """

    @property
    def calls(self) -> pl.LazyFrame:
        """One row per call."""
        return self.table("calls")

    @property
    def participants(self) -> pl.LazyFrame:
        """One row per call and participant."""
        return self.table("participants")

    @property
    def turns(self) -> pl.LazyFrame:
        """One row per turn."""
        return self.table("turns")

    @property
    def words(self) -> pl.LazyFrame:
        """One row per word with times; empty unless `publish_words` is on."""
        return self.table("words")

    @property
    def moments(self) -> pl.LazyFrame:
        """One row per labelled span."""
        return self.table("moments")

    @property
    def chains(self) -> pl.LazyFrame:
        """One row per attempted insight chain."""
        return self.table("chains")

    @property
    def claims(self) -> pl.LazyFrame:
        """One row per claim said."""
        return self.table("claims")

    @property
    def questions(self) -> pl.LazyFrame:
        """Every question or request that anybody asked, with its place among the others."""
        return self.table("questions")

    @property
    def scorecards(self) -> pl.LazyFrame:
        """One row of measures per call."""
        return self.table("scorecards")

    @property
    def measure_states(self) -> pl.LazyFrame:
        """One row per measure that is not ok."""
        return self.table("measure_states")

    @property
    def reviews(self) -> pl.LazyFrame:
        """One row per verdict of a manager on a moment."""
        return self.table("reviews")

    @property
    def coaching(self) -> pl.LazyFrame:
        """One row per thing agreed between manager and rep."""
        return self.table("coaching")

    @property
    def recordings(self) -> pl.LazyFrame:
        """One row per recording and night in which something happened to it."""
        return self.table("recordings")

    @property
    def nights(self) -> pl.LazyFrame:
        """One row per night."""
        return self.table("nights")

    @property
    def evaluations(self) -> pl.LazyFrame:
        """One row per evaluation, kind of data and label."""
        return self.table("evaluations")

    @property
    def erasures(self) -> pl.LazyFrame:
        """One row per erased call."""
        return self.table("erasures")
