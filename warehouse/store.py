"""The warehouse as others use it: open it, read its tables, lock it, publish into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from calls.errors import SettingsError, UsageError
from warehouse import landed, layout, publish, rebuild, versions
from warehouse.about import (
    is_current,
    read_settings,
    require_free,
    require_not_newer,
    require_zone,
    write_settings,
)
from warehouse.artifacts import ArtifactStore
from warehouse.entries import Entries
from warehouse.evaluations import EvaluationRecord
from warehouse.files import PRIVATE_FOLDER, locked, make_folder, sweep, write_whole
from warehouse.landed import Landed
from warehouse.ledger import Ledger
from warehouse.night_lock import night_lock
from warehouse.publication import Publication, finish, one_state
from warehouse.publish import Published
from warehouse.quarantine import Quarantine
from warehouse.records import RecordTables
from warehouse.republish import Republished, remake_calls, republish
from warehouse.schemas import CALL_TABLES, ENTRY_TABLES
from warehouse.seen import SeenFiles
from warehouse.tables import Tables, known_table


@dataclass(frozen=True, slots=True)
class Warehouse(Tables):
    """One warehouse folder. Make it with `Warehouse.create` or `open_warehouse`."""

    path: Path
    time_zone: str

    @staticmethod
    def create(path: str | Path, *, time_zone: str = "UTC") -> Warehouse:
        """The warehouse in that folder, made when there is none.

        Raises:
            SettingsError: if there is one with another time zone.
            UsageError: if the folder holds something else.
        """
        root = Path(path)
        if layout.settings_file(root).is_file():
            return open_warehouse(root, time_zone=time_zone)
        require_zone(time_zone)
        require_free(root)
        try:
            make_folder(root)
            root.chmod(PRIVATE_FOLDER)
        except OSError as error:
            raise UsageError(
                f"{root}: no warehouse can be made here ({error.strerror}). Name a folder in a "
                "place where you may write."
            ) from error
        for name in layout.FOLDERS:
            make_folder(root / name)
        store = Warehouse(root, time_zone)
        with locked(layout.table_lock(root)):
            pass  # readers need the file to lock it
        store._make_missing_tables()
        write_settings(root, time_zone)
        return store

    def is_current(self) -> bool:
        """True when the tables have the columns that this version of Nightcall declares."""
        return is_current(self.path)

    def masked_as(self) -> str:
        """What is masked in every stored listening, as last put on record; "" if nothing."""
        path = layout.masked_file(self.path)
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def keep_masked_as(self, name: str) -> None:
        """Puts on record what is masked in every stored listening."""
        write_whole(
            layout.masked_file(self.path), name.encode(), staging=layout.unfinished(self.path)
        )

    @property
    def artifacts(self) -> ArtifactStore:
        """What is known of each call, step by step."""
        return ArtifactStore(self.path)

    @property
    def ledger(self) -> Ledger:
        """What happened in each night."""
        return Ledger(self.path, self.time_zone)

    @property
    def evaluation_record(self) -> EvaluationRecord:
        """How well readings have agreed with people, evaluation by evaluation."""
        return EvaluationRecord(self.path, self.time_zone)

    def entries(self, name: str) -> Entries:
        """What people put on record for one of the tables `ENTRY_TABLES`."""
        return Entries(self.path, ENTRY_TABLES[name])

    @property
    def quarantine(self) -> Quarantine:
        """The recordings set aside."""
        return Quarantine(self.path)

    @property
    def seen(self) -> SeenFiles:
        """The files discovery has seen before."""
        return SeenFiles(self.path)

    def table(self, name: str) -> pl.LazyFrame:
        """A new lazy frame over that table, with the declared columns and the partition date.

        Collect it at once (or inside `reading()`): a publication may swap the files under a frame
        that is kept. Columns that rows of an earlier version lack are null; dates whose calls must
        be read again first are left out, with a warning.

        Raises:
            UsageError: if there is no such table.
            WarehouseDamaged: if all of its calls must be read again first.
        """
        return versions.scan(self.path, known_table(name))

    @contextmanager
    def reading(self) -> Iterator[Warehouse]:
        """This warehouse while no publication can swap files: all tables are of one state."""
        with one_state(self.path):
            yield self

    @contextmanager
    def night_lock(self, *, as_is: bool = False) -> Iterator[Warehouse]:
        """This warehouse while no other run can work in it; what a killed run left is put right.

        Args:
            as_is: True leaves the tables as they are, for one who makes them anew.

        Raises:
            WarehouseBusy: naming the run that holds it.
        """
        with night_lock(layout.night_lock_file(self.path)):
            self.recover()
            sweep(layout.unfinished(self.path))
            self.ledger.close_cut_off()
            if not as_is:
                self.bring_up_to_date()
                self.publish_nights()
                self.publish_evaluations()
                self.publish_entries()
            yield self

    def landed(self) -> dict[str, Landed]:
        """What the tables hold, by source key; also while their other columns are outdated."""
        with self.reading():
            return landed.landed(self.path)

    def publish(self, changed: Sequence[str], retired: Sequence[str] = ()) -> Published:
        """What was done to bring the tables in line with the readings of some calls.

        Tables of an earlier version are brought up to date first.
        """
        self.bring_up_to_date()
        return publish.publish(self.artifacts, changed, retired)

    def publish_nights(self) -> int:
        """How many files changed to bring in every ended night that is not in the tables yet."""
        return self._records.publish_nights()

    def publish_evaluations(self) -> int:
        """How many files changed to bring in every evaluation that is not in the tables yet."""
        return self._records.publish_evaluations()

    def publish_entries(self) -> int:
        """How many files changed to bring in what people put on record since."""
        return self._records.publish_entries()

    def bring_up_to_date(self, *, lose_calls: bool = False) -> Republished:
        """What was done to bring tables of an earlier version to the schemas declared now.

        Nothing is read again; see `warehouse.republish`.

        Args:
            lose_calls: False leaves a date as it is rather than lose a call that must be read again
                first. True leaves such calls out of the tables and names them in `refused`.
        """
        if self.is_current():
            return Republished()
        self._records.bring_up_to_date()
        remake = remake_calls(self.artifacts)
        return republish(self.path, CALL_TABLES, remake, lose_calls=lose_calls)

    def rebuild(self) -> Published:
        """What was done to make every table anew from artifacts and records alone.

        Raises:
            WarehouseDamaged: if a call would be lost; then no table is touched.
        """
        return rebuild.rebuild(self.artifacts, self._records.records)

    def recover(self) -> bool:
        """True when a publication had been cut off; now it is finished."""
        with locked(layout.publish_lock(self.path)):
            return finish(self.path)

    @property
    def _records(self) -> RecordTables:
        return RecordTables(self.path, self.time_zone)

    def _make_missing_tables(self) -> None:
        with locked(layout.publish_lock(self.path)):
            finish(self.path)
            publication = Publication(self.path)
            for spec in layout.missing_tables(self.path):
                empty = spec.schema.empty_table()
                day = layout.NO_DATE if spec.partition else None
                publication.stage(spec, day, empty, loses_calls=False)
            publication.commit()


def open_warehouse(path: str | Path, *, time_zone: str | None = None) -> Warehouse:
    """The warehouse in that folder.

    Args:
        path: the warehouse folder.
        time_zone: the zone the caller expects; None takes the one stored.

    Raises:
        UsageError: if there is no warehouse, or a newer Nightcall has made it.
        SettingsError: if it has another time zone.
    """
    root = Path(path)
    stored = str(read_settings(root)["time_zone"])
    require_not_newer(root)
    if time_zone is not None and time_zone != stored:
        raise SettingsError(
            f"{root}: this warehouse dates its calls in time zone {stored!r}; time_zone is "
            f"{time_zone!r}. Set time_zone to {stored!r}, or use another warehouse folder."
        )
    return Warehouse(root, stored)
