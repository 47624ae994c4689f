"""The warehouse as others use it: open it, read its tables, lock it, publish into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from calls.errors import SettingsError, UsageError, WarehouseDamaged
from calls.names import original_name
from warehouse import layout, publish, rebuild
from warehouse.about import is_current, read_settings, require_free, require_zone, write_settings
from warehouse.artifacts import ArtifactStore
from warehouse.entries import Entries
from warehouse.evaluations import EvaluationRecord
from warehouse.files import PRIVATE_FOLDER, locked, make_folder, sweep, write_whole
from warehouse.ledger import Ledger
from warehouse.night_lock import night_lock
from warehouse.publication import Publication, finish
from warehouse.publish import Published
from warehouse.quarantine import Quarantine
from warehouse.rebuild import Record, Records
from warehouse.schemas import (
    ALL_TABLES,
    CALL_TABLES,
    ENTRY_TABLES,
    EVALUATION_TABLES,
    NIGHT_TABLES,
)
from warehouse.schemas.calls import CALLS
from warehouse.seen import SeenFiles
from warehouse.tables import Tables, known_table, scan_table


@dataclass(frozen=True, slots=True)
class Landed:
    """What the tables hold of one call, as far as deciding what to do needs it."""

    call_id: str
    made_from: str
    engine: str
    status: str
    recording: str
    is_truncated: bool
    account: str | None = None
    opportunity_id: str | None = None
    started_at: datetime | None = None


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
        that is kept.

        Raises:
            UsageError: if there is no such table.
            WarehouseDamaged: if the tables were written under other schemas.
        """
        spec = known_table(name)
        if not self.is_current():
            raise WarehouseDamaged(
                "The tables were written by another version of Nightcall, with other columns. "
                "Run: nightcall tables rebuild"
            )
        return scan_table(spec, self.path / "tables" / name)

    @contextmanager
    def reading(self) -> Iterator[Warehouse]:
        """This warehouse while no publication can swap files: all tables are of one state."""
        with locked(layout.table_lock(self.path), shared=True):
            yield self

    @contextmanager
    def night_lock(self) -> Iterator[Warehouse]:
        """This warehouse while no other run can work in it; what a killed run left is put right.

        Raises:
            WarehouseBusy: naming the run that holds it.
        """
        with night_lock(layout.night_lock_file(self.path)):
            self.recover()
            sweep(layout.unfinished(self.path))
            self.ledger.close_cut_off()
            self.publish_nights()
            self.publish_evaluations()
            self.publish_entries()
            yield self

    def landed(self) -> dict[str, Landed]:
        """What the tables hold, by source key; also while their other columns are outdated."""
        schema = CALLS.file_frame_schema
        columns = ("source_key", *Landed.__slots__)
        with self.reading():
            frame = (
                pl.scan_parquet(
                    self.path / "tables" / CALLS.name,
                    hive_partitioning=True,
                    hive_schema=CALLS.hive_schema,
                    schema={name: schema[name] for name in columns if name in schema},
                    extra_columns="ignore",
                )
                .select(columns)
                .collect()
            )
        landed = {key: Landed(*facts) for key, *facts in frame.iter_rows()}
        return {
            key: replace(one, recording=original_name(one.recording)) for key, one in landed.items()
        }

    def publish(self, changed: Sequence[str], retired: Sequence[str] = ()) -> Published:
        """What was done to bring the tables in line with the readings of some calls.

        Tables written under other schemas are all made anew: one publication, one schema. A call
        that has no reading under the new ones is then left out, and named in `refused`: it must
        not keep all others from landing.
        """
        if not self.is_current():
            return self.rebuild(retired, strict=False)
        return publish.publish(self.artifacts, changed, retired)

    def publish_nights(self) -> int:
        """How many files changed to bring in every ended night that is not in the tables yet."""
        if not self.is_current():
            return self._renew_records()
        known = self._owners("nights")
        missing = [one for one in self.ledger.nights() if one not in known]
        return publish.publish_record(self.path, NIGHT_TABLES, self.ledger.tables(missing))

    def publish_evaluations(self) -> int:
        """How many files changed to bring in every evaluation that is not in the tables yet."""
        if not self.is_current():
            return self._renew_records()
        known = self._owners("evaluations")
        record = self.evaluation_record
        missing = record.tables([one for one in record.ids() if one not in known])
        return publish.publish_record(self.path, EVALUATION_TABLES, missing)

    def publish_entries(self) -> int:
        """How many files changed to bring in what people put on record since."""
        if not self.is_current():
            return self._renew_records()
        return rebuild.rebuild_records(self.path, (self._entry_record(),))

    def rebuild(self, retired: Sequence[str] = (), *, strict: bool = True) -> Published:
        """What was done to make every table anew from artifacts and records alone.

        Args:
            retired: source keys that leave the tables.
            strict: False leaves out calls that can't be published and names them in `refused`.

        Raises:
            WarehouseDamaged: if `strict` and a call would be lost; then no table is touched.
        """
        done = rebuild.rebuild(self.artifacts, self._records(), tuple(retired), strict=strict)
        write_settings(self.path, self.time_zone)
        return done

    def recover(self) -> bool:
        """True when a publication had been cut off; now it is finished."""
        with locked(layout.publish_lock(self.path)):
            return finish(self.path)

    def _owners(self, name: str) -> set[str]:
        """Whose rows a table of records holds: the ids of nights, or of evaluations."""
        owner = ALL_TABLES[name].owner
        with self.reading():
            return set(self.table(name).select(owner).unique().collect()[owner])

    def _records(self) -> Records:
        """What is on record besides calls, table by table."""
        evaluations = self.evaluation_record
        return (
            (NIGHT_TABLES, self.ledger.tables(self.ledger.nights())),
            (EVALUATION_TABLES, evaluations.tables(evaluations.ids())),
            self._entry_record(),
        )

    def _entry_record(self) -> Record:
        tables = {name: self.entries(name).table() for name in ENTRY_TABLES}
        return (ENTRY_TABLES, {None: tables})

    def _renew_records(self) -> int:
        """How many files changed to make the tables of records anew, if only they are outdated.

        Outdated tables about calls wait: their calls must be read again first, and the next
        publication makes all tables anew.
        """
        if not is_current(self.path, CALL_TABLES):
            return 0
        files = rebuild.rebuild_records(self.path, self._records())
        write_settings(self.path, self.time_zone)
        return files

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
        UsageError: if there is no warehouse.
        SettingsError: if it has another time zone.
    """
    root = Path(path)
    stored = str(read_settings(root)["time_zone"])
    if time_zone is not None and time_zone != stored:
        raise SettingsError(
            f"{root}: this warehouse dates its calls in time zone {stored!r}; time_zone is "
            f"{time_zone!r}. Set time_zone to {stored!r}, or use another warehouse folder."
        )
    return Warehouse(root, stored)
