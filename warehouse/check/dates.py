"""One date of the tables about calls: each file by itself, then what they say of each other.

The files are read batch by batch, `calls` first, `turns` and `words` last, and only what other
tables refer to is kept: a night of two million turns takes some hundred megabytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import numpy as np
import polars as pl
import pyarrow as pa

from warehouse.check.across import UNIQUE
from warehouse.check.finding import REBUILD, Findings
from warehouse.check.parts import Part, open_part
from warehouse.check.references import KEPT, UNKNOWN_SPEAKER, References
from warehouse.check.rules import CALL_FACTS, rules_for, with_call
from warehouse.check.scan import Broken, Each, Hashes, Scan, add_broken, hashed, scan
from warehouse.check.spans import SPAN_COLUMNS, Spans
from warehouse.layout import part as part_path
from warehouse.schemas import CALL_TABLES

CALLS_SEEN = {"call_id": pl.String, "source_key": pl.String, "revision": pl.Int32}
"""What is remembered of each call in the tables."""

_TURN = ("call_id", "turn")
_OF_CALLS = ("call_id", *CALL_FACTS, "turn_count", "word_count")


@dataclass(slots=True)
class DateSeen:
    """What has to be known of a date when all others have been seen too.

    `calls` has `call_id`, `source_key` and `revision` of each; `ids` is all that may be on one
    date only.
    """

    day: date
    rows: int = 0
    ids: dict[tuple[str, str], Hashes] = field(default_factory=dict)
    calls: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CALLS_SEEN))


def check_date(
    day: date, files: Mapping[str, pa.NativeFile], findings: Findings, *, time_zone: str
) -> DateSeen:
    """What is to be remembered of a date; findings name what is wrong with it.

    Args:
        day: the date.
        files: its files by table, all of one publication.
        findings: where to add to.
        time_zone: the warehouse's.
    """
    return _Date(day, findings, time_zone).check(files)


class _Date:
    """One date under check."""

    def __init__(self, day: date, findings: Findings, time_zone: str) -> None:
        self._findings = findings
        self._time_zone = time_zone
        self._parts: dict[str, Part] = {}
        self._kept: dict[str, pl.DataFrame] = {}
        self._calls: pl.DataFrame | None = None
        self._turns: Hashes | None = None
        self._seen = DateSeen(day)

    def check(self, files: Mapping[str, pa.NativeFile]) -> DateSeen:
        for name, file in files.items():
            part = open_part(CALL_TABLES[name], self._seen.day, file, self._findings)
            if part is not None:
                self._parts[name] = part
        self._missing(files)
        self._scan_calls()
        for name, columns in KEPT.items():
            measures = CALL_TABLES[name].measures
            kept = self._scan_table(name, (*columns, *measures))
            if kept is not None:
                self._kept[name] = kept
        counts = self._scan_turns()
        self._scan_words()
        if self._calls is not None:
            References(self._parts, self._kept, self._findings).check(self._calls, counts)
        return self._seen

    def _missing(self, files: Mapping[str, pa.NativeFile]) -> None:
        """A date that has any row has a file in every table."""
        if not any(part.rows for part in self._parts.values()):
            return
        for name in CALL_TABLES.keys() - files.keys():
            self._findings.add(
                "missing_file",
                part_path(CALL_TABLES[name], self._seen.day).as_posix(),
                "there is no file of that date, though other tables have rows on it",
                REBUILD,
            )

    def _scan_calls(self) -> None:
        calls = self._scan_table("calls", _OF_CALLS)
        if calls is not None:
            self._seen.calls = calls.select(*CALLS_SEEN)
            self._seen.ids["calls", "source_key"] = hashed(calls, ("source_key",))
            # Of a call that is there twice, which is a finding of its own, others find the first.
            self._calls = calls.unique("call_id", keep="first", maintain_order=True)

    def _scan_table(self, name: str, columns: Sequence[str]) -> pl.DataFrame | None:
        """Those columns of a table; None when it can't be read."""
        part = self._parts.get(name)
        if part is None:
            return None
        kept = [_empty(part, columns)]
        done = self._scan(part, lambda frame: kept.append(frame.select(columns)))
        return pl.concat(kept) if done.is_whole else None

    def _scan_turns(self) -> pl.DataFrame | None:
        """How many turns and words each call has; None where the turns can't be read."""
        part = self._parts.get("turns")
        if part is None:
            return None
        spans = Spans({name: self._kept[name] for name in SPAN_COLUMNS if name in self._kept})
        counts = [_counted_by_call(_empty(part, ("call_id", "word_count")))]
        turns: list[Hashes] = []
        strangers = Broken()

        def each(frame: pl.DataFrame) -> None:
            spans.hear(frame)
            turns.append(hashed(frame, _TURN))
            counts.append(_counted_by_call(frame))
            self._hear_strangers(frame, strangers, part)

        done = self._scan(part, each)
        if not done.is_whole:
            return None
        self._turns = np.concatenate(turns) if turns else np.empty(0, np.uint64)
        add_broken("unknown_speaker", part, strangers, done.rows, UNKNOWN_SPEAKER, self._findings)
        spans.report(self._parts, self._findings)
        return pl.concat(counts).group_by("call_id").sum()

    def _scan_words(self) -> None:
        """Holds words against turns and speakers; keeps none, for there may be thirty million."""
        part = self._parts.get("words")
        if part is None:
            return
        strangers, lost = Broken(), Broken()

        def each(frame: pl.DataFrame) -> None:
            self._hear_strangers(frame, strangers, part)
            if self._turns is not None:
                is_known = np.isin(hashed(frame, _TURN), self._turns)
                lost.hear(frame.filter(~is_known), pl.lit(True), part.spec.key)

        done = self._scan(part, each)
        add_broken("unknown_speaker", part, strangers, done.rows, UNKNOWN_SPEAKER, self._findings)
        no_turn = "the turn they lie in is not in turns"
        add_broken("words_without_turn", part, lost, done.rows, no_turn, self._findings)

    def _hear_strangers(self, frame: pl.DataFrame, strangers: Broken, part: Part) -> None:
        """Counts the rows of those who are no participants of their call."""
        people = self._kept.get("participants")
        if people is not None:
            unknown = frame.join(people, on=["call_id", "speaker"], how="anti")
            strangers.hear(unknown, pl.lit(True), part.spec.key)

    def _scan(self, part: Part, each: Each) -> Scan:
        calls = self._calls
        rules = rules_for(part.spec, day=self._seen.day, time_zone=self._time_zone)
        if calls is None:
            done = scan(
                part, [one for one in rules if not one.needs_call], self._findings, each=each
            )
        else:
            beside = partial(with_call, calls=calls)
            done = scan(part, rules, self._findings, prepare=beside, each=each)
        self._seen.rows += done.rows
        for table, column in UNIQUE:
            is_its_key = part.spec.name == table and part.spec.key == (column,)
            if is_its_key and done.is_whole and done.keys:
                self._seen.ids[table, column] = np.concatenate(done.keys)
        return done


def _empty(part: Part, columns: Sequence[str]) -> pl.DataFrame:
    schema = part.spec.frame_schema
    return pl.DataFrame(schema={one: schema[one] for one in columns})


def _counted_by_call(turns: pl.DataFrame) -> pl.DataFrame:
    return turns.group_by("call_id").agg(
        pl.len().cast(pl.Int64).alias("_turns"),
        pl.col("word_count").cast(pl.Int64).sum().alias("_words"),
    )
