"""The tables whose source is on record under `work/`: nights, evaluations, entries of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

from warehouse import layout, publish, rebuild, versions
from warehouse.entries import Entries
from warehouse.evaluations import EvaluationRecord
from warehouse.files import locked
from warehouse.ledger import Ledger
from warehouse.merge import merge
from warehouse.publication import Publication
from warehouse.rebuild import Records
from warehouse.republish import Remake, republish
from warehouse.schemas import ALL_TABLES, ENTRY_TABLES, EVALUATION_TABLES, NIGHT_TABLES
from warehouse.schemas.spec import TableSpec

Source = Callable[[], Mapping[layout.Day, Mapping[str, pa.Table]]]
"""Gives all that is on record for some tables, by date and table."""


@dataclass(frozen=True, slots=True)
class RecordTables:
    """The tables of records of one warehouse.

    Args:
        root: the warehouse folder.
        time_zone: the zone in which a start gives its date.
    """

    root: Path
    time_zone: str

    def publish_nights(self) -> int:
        """How many files changed to bring in every ended night that is not in the tables yet."""
        self._bring_up_to_date(NIGHT_TABLES, self._nights)
        known = self._owners("nights")
        ledger = Ledger(self.root, self.time_zone)
        missing = [one for one in ledger.nights() if one not in known]
        return publish.publish_record(self.root, NIGHT_TABLES, ledger.tables(missing))

    def publish_evaluations(self) -> int:
        """How many files changed to bring in every evaluation that is not in the tables yet."""
        self._bring_up_to_date(EVALUATION_TABLES, self._evaluations)
        known = self._owners("evaluations")
        record = EvaluationRecord(self.root, self.time_zone)
        missing = record.tables([one for one in record.ids() if one not in known])
        return publish.publish_record(self.root, EVALUATION_TABLES, missing)

    def publish_entries(self) -> int:
        """How many files changed to bring in what people put on record since."""
        self._bring_up_to_date(ENTRY_TABLES, self._entries)
        return rebuild.rebuild_records(self.root, self._entry_records)

    def bring_up_to_date(self) -> None:
        """Returns when all tables of records are of the schema versions declared now."""
        for specs, source in self._sources():
            self._bring_up_to_date(specs, source)

    def records(self) -> Records:
        """All that is on record."""
        return tuple((specs, source()) for specs, source in self._sources())

    def _sources(self) -> tuple[tuple[Mapping[str, TableSpec], Source], ...]:
        return (
            (NIGHT_TABLES, self._nights),
            (EVALUATION_TABLES, self._evaluations),
            (ENTRY_TABLES, self._entries),
        )

    def _nights(self) -> Mapping[layout.Day, Mapping[str, pa.Table]]:
        ledger = Ledger(self.root, self.time_zone)
        return ledger.tables(ledger.nights())

    def _evaluations(self) -> Mapping[layout.Day, Mapping[str, pa.Table]]:
        record = EvaluationRecord(self.root, self.time_zone)
        return record.tables(record.ids())

    def _entries(self) -> Mapping[layout.Day, Mapping[str, pa.Table]]:
        return {
            None: {name: Entries(self.root, spec).table() for name, spec in ENTRY_TABLES.items()}
        }

    def _entry_records(self) -> Records:
        return ((ENTRY_TABLES, self._entries()),)

    def _bring_up_to_date(self, specs: Mapping[str, TableSpec], source: Source) -> None:
        republish(self.root, specs, _remake(specs, source))

    def _owners(self, name: str) -> set[str]:
        """Whose rows a table holds: the ids of nights, or of evaluations."""
        spec = ALL_TABLES[name]
        with locked(layout.table_lock(self.root), shared=True):
            return set(versions.scan(self.root, spec).select(spec.owner).collect()[spec.owner])


def _remake(specs: Mapping[str, TableSpec], source: Source) -> Remake:
    """Makes a date of those tables anew from what is on record."""
    on_record = cache(source)

    def remake(publication: Publication, day: layout.Day, *, lose_calls: bool) -> Mapping[str, str]:
        fresh = {name: [table] for name, table in on_record().get(day, {}).items()}
        merge(publication, specs, day, fresh, None)
        return {}

    return remake
