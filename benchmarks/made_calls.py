"""Nights of made calls with the shape of real ones: as many rows, as long, as varied.

What is said is put together from phrases of one to eight words, cut at random out of the turns
that the learned layer was trained on: hardly a turn is said twice, and a Parquet file of them is a
little larger than one of the true turns (`python -m benchmarks.made_calls` prints both sizes). Call
ids are random, as those of most phone systems are; reps and accounts come back night after night.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from calls.labels import Label
from models.turn_labels.training.examples import all_examples
from warehouse import CallRows
from warehouse.arrow import to_rows
from warehouse.schemas import CALL_TABLES
from warehouse.schemas.spec import Column, TableSpec

ROWS_PER_TURN = {
    "moments": 0.1,
    "chains": 0.0075,
    "claims": 0.02,
    "questions": 0.125,
    "measure_states": 0.05,
}
"""Rows per turn in the tables about parts of a call; a call of 200 turns has 20 moments."""

_SPOKEN = frozenset({"text", "quote", "better_move", "hypothesis_text", "approved_wording"})
_WORDS_PER_S = 2.5
_CALLS_PER_REP = 50
_ACCOUNTS_PER_REP = 40
_PHRASES = 400_000

_Values = npt.NDArray[Any]


@cache
def said() -> tuple[str, ...]:
    """Every turn of the training data, each once, in an order that does not change."""
    return tuple(dict.fromkeys(one.turn.said.text for one in all_examples()))


@cache
def _phrases() -> tuple[pa.Array, _Values]:
    """Phrases of one to eight words, and how many words each has."""
    words = " ".join(said()).split()
    draw = np.random.default_rng(7)
    starts = draw.integers(0, len(words) - 8, _PHRASES)
    lengths = draw.integers(1, 9, _PHRASES)
    made = [" ".join(words[at : at + n]) for at, n in zip(starts, lengths, strict=True)]
    return pa.array(made), lengths


@dataclass(frozen=True, slots=True)
class Site:
    """A company that has so many calls a night, with so many turns each."""

    calls: int
    turns: int
    seed: int = 1

    @property
    def reps(self) -> list[str]:
        """The reps' ids. Each leads about 50 calls a day."""
        return [f"rep-{n:04d}@seller.example" for n in range(max(2, self.calls // _CALLS_PER_REP))]

    def night(self, day: date) -> dict[str, pa.Table]:
        """Every row of that day's calls, by table, in the order of the files."""
        draw = np.random.default_rng([self.seed, day.toordinal()])
        return _Night(self, day, draw).tables()

    def call_rows(self, day: date) -> Iterator[CallRows]:
        """The same rows, typed, call by call."""
        for key, tables in calls_of(self.night(day)):
            call_id = tables["calls"]["call_id"][0].as_py()
            rows = {name: to_rows(CALL_TABLES[name], table) for name, table in tables.items()}
            yield CallRows(key, call_id, day, revision=1, made_from="made", tables=rows)


def calls_of(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, dict[str, pa.Table]]]:
    """A night's rows call by call, with the source key of each."""
    cuts = {name: _cuts(table) for name, table in tables.items()}
    for key in tables["calls"]["source_key"].to_pylist():
        yield key, {name: one.slice(*cuts[name].get(key, (0, 0))) for name, one in tables.items()}


def _cuts(table: pa.Table) -> dict[str, tuple[int, int]]:
    """Where each call's rows begin, and how many there are."""
    runs = pc.run_end_encode(table["source_key"].combine_chunks())
    ends = runs.run_ends.to_numpy()
    starts = np.concatenate([[0], ends[:-1]])
    return {
        key: (int(start), int(end - start))
        for key, start, end in zip(runs.values.to_pylist(), starts, ends, strict=True)
    }


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one table in the making: the call of each, and whether the rep is meant."""

    call: _Values
    by_rep: _Values

    def __len__(self) -> int:
        return len(self.call)

    def take(self, at: _Values) -> _Rows:
        """Some of the rows."""
        return _Rows(self.call[at], self.by_rep[at])


class _Night:
    """One night in the making."""

    def __init__(self, site: Site, day: date, draw: np.random.Generator) -> None:
        self._site, self._day, self._draw = site, day, draw
        seeds = [f"{site.seed}/{day}/{number}".encode() for number in range(site.calls)]
        keys = [hashlib.sha256(one).hexdigest() for one in seeds]
        self._keys = pa.array(keys)
        self._ids = pa.array([f"c-{key[-12:]}" for key in keys])
        self._rep = draw.integers(0, len(site.reps), site.calls)
        self._account = draw.integers(0, len(site.reps) * _ACCOUNTS_PER_REP, site.calls)

    def tables(self) -> dict[str, pa.Table]:
        turns, times = self._all_turns()
        made = {"turns": self._filled(CALL_TABLES["turns"], turns, times)}
        for name, share in ROWS_PER_TURN.items():
            count = max(1, round(share * len(turns)))
            at = np.sort(self._draw.choice(len(turns), count, replace=False))
            some = {one: times[one][at] for one in ("turn", "start_s", "end_s")}
            made[name] = self._filled(CALL_TABLES[name], turns.take(at), some)
        for name in CALL_TABLES:
            if name not in made:
                made[name] = self._filled(CALL_TABLES[name], self._per_call(name), {})
        return {name: _sorted(spec, made[name]) for name, spec in CALL_TABLES.items()}

    def _all_turns(self) -> tuple[_Rows, dict[str, Any]]:
        """Every turn of every call: rep and customer by turns, one in three a word or two."""
        calls, turns = self._site.calls, self._site.turns
        text, words = self._said(calls * turns, (0.35, 0.55, 0.75))
        lasts = words / _WORDS_PER_S
        gaps = self._draw.exponential(0.4, calls * turns)
        ends = np.cumsum((lasts + gaps).reshape(calls, turns), axis=1).ravel()
        number = np.tile(np.arange(turns), calls)
        rows = _Rows(np.repeat(np.arange(calls), turns), number % 2 == 0)
        return rows, {
            "turn": number,
            "start_s": np.round(ends - lasts, 2),
            "end_s": np.round(ends, 2),
            "text": text,
            "word_count": words,
            "confidence": np.round(self._draw.beta(9, 2, calls * turns), 4),
            "is_backchannel": words < 2,
        }

    def _per_call(self, name: str) -> _Rows:
        each = 2 if name == "participants" else 1
        number = np.arange(self._site.calls * each)
        return _Rows(number // each, number % each == 0)

    def _filled(self, spec: TableSpec, rows: _Rows, given: Mapping[str, Any]) -> pa.Table:
        """The table: what is given, what rows of every table have, the rest drawn by its type."""
        known = {**self._who(rows), **self._about(spec.name, rows), **given}
        arrays = []
        for column in spec.columns:
            values = known[column.name] if column.name in known else self._drawn(column, len(rows))
            array = values if isinstance(values, pa.Array) else pa.array(values)
            arrays.append(array.cast(column.type))
        return pa.Table.from_arrays(arrays, schema=spec.schema)

    def _who(self, rows: _Rows) -> dict[str, Any]:
        reps = pa.array(self._site.reps).take(pa.array(self._rep))
        names = [f"account {n}/contact" for n in self._account]
        return {
            "call_id": self._ids.take(pa.array(rows.call)),
            "source_key": self._keys.take(pa.array(rows.call)),
            "revision": np.ones(len(rows), np.int32),
            "speaker": np.where(rows.by_rep, "ch0", "ch1"),
            "role": np.where(rows.by_rep, "rep", "customer"),
            "channel": np.where(rows.by_rep, 0, 1),
            "participant_id": pc.if_else(
                pa.array(rows.by_rep),
                reps.take(pa.array(rows.call)),
                pa.array(names).take(pa.array(rows.call)),
            ),
        }

    def _about(self, table: str, rows: _Rows) -> dict[str, Any]:
        """What people ask about: labels and states; of calls also rep, team, account, start."""
        draw, count = self._draw, len(rows)
        labels = [str(one) for one in Label]
        made: dict[str, Any] = {
            "label": pa.array(labels).take(pa.array(draw.geometric(0.2, count) % len(labels))),
            "verdict": draw.choice(["approved", "drifted", "unknown", "expired"], count),
            "found_by": draw.choice(["rule", "model", "both"], count),
            "severity": draw.choice(["high", "medium", "low"], count),
            "state": draw.choice(["ok", "ok", "ok", "low_confidence"], count),
            "measure": [f"measure_{n % 60}_s" for n in range(count)],
        }
        if table == "calls":
            reps = self._rep.tolist()
            begins = np.sort(draw.integers(7 * 3600, 19 * 3600, count)) * 1_000_000
            midnight = datetime.combine(self._day, time(tzinfo=UTC)).timestamp()
            made |= {
                "rep": [f"Rep {n}" for n in reps],
                "rep_id": [self._site.reps[n] for n in reps],
                "team": [f"Team {n % 12}" for n in reps],
                "account": [f"Account {n}" for n in self._account],
                "opportunity_id": [f"O-{n}" for n in self._account],
                "coachable": draw.random(count) < 0.9,
                "started_at": pa.array(
                    begins + int(midnight) * 1_000_000, pa.timestamp("us", "UTC")
                ),
            }
        return made

    def _drawn(self, column: Column, count: int) -> Any:
        draw = self._draw
        if column.name in _SPOKEN:
            return self._said(count, (0.0, 0.5, 1.0))[0]
        if column.name.endswith("_id") and not column.nullable:  # what names a row
            digits = draw.bytes(8 * count).hex()
            return [digits[16 * n : 16 * n + 16] for n in range(count)]
        if pa.types.is_floating(column.type):
            return np.round(draw.gamma(2.0, 3.0, count), 3)
        if pa.types.is_integer(column.type):
            return draw.poisson(3, count)
        if pa.types.is_boolean(column.type):
            return draw.random(count) < 0.3
        return pa.nulls(count, column.type) if column.nullable else [column.name] * count

    def _said(self, count: int, shares: Sequence[float]) -> tuple[pa.Array, _Values]:
        """So many texts, and the words of each.

        Args:
            count: how many.
            shares: which part of them has one phrase, up to two, up to three; the rest has four.
        """
        phrases, lengths = _phrases()
        parts = np.searchsorted(np.array(shares), self._draw.random(count))
        chosen, words = [], np.zeros(count, np.int64)
        for number in range(len(shares) + 1):
            at = self._draw.integers(0, _PHRASES, count)
            words += np.where(number <= parts, lengths[at], 0)
            chosen.append(phrases.take(pa.array(at, mask=number > parts)))
        return pc.binary_join_element_wise(*chosen, " ", null_handling="skip"), words


def _sorted(spec: TableSpec, table: pa.Table) -> pa.Table:
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in spec.sort])
    return table.take(order).combine_chunks()


def _bytes_per_character(texts: pa.Array) -> float:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": texts}), sink, compression="zstd", use_dictionary=False)
    return len(sink.getvalue()) / pc.sum(pc.binary_length(texts)).as_py()


def main() -> None:
    """Prints how long made turns are and how well they compress, beside the true ones."""
    true = pa.array(said())
    made = Site(100, 200).night(date(2026, 9, 14))["turns"]["text"].combine_chunks()
    for name, texts in (("true", true), ("made", made.slice(0, len(true)))):
        words = pc.mean(pc.count_substring(texts, " ")).as_py() + 1
        print(f"{name}: {words:.1f} words a turn, {_bytes_per_character(texts):.3f} bytes a letter")


if __name__ == "__main__":
    main()
