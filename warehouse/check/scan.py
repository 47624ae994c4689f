"""One pass over the rows of a table file: every rule, the order, and every key only once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from warehouse.check.finding import REBUILD, Findings, Level
from warehouse.check.parts import Part, add_unreadable
from warehouse.check.rules import Rule

Hashes = npt.NDArray[np.uint64]
"""64 bits for each row's key: of 20 million keys, two share theirs once in 100,000 warehouses."""


@dataclass(slots=True)
class Broken:
    """The rows that break one rule: how many, and the key of the first."""

    count: int = 0
    example: str = ""

    @classmethod
    def of(cls, rows: pl.DataFrame, key: Sequence[str]) -> Broken:
        """Those rows, which are all broken."""
        return cls(rows.height, shown_key(rows, key) if rows.height else "")

    def hear(self, frame: pl.DataFrame, broken: pl.Expr, key: Sequence[str]) -> None:
        """Counts what is broken in some more rows."""
        rows = frame.filter(broken)
        if rows.height and not self.example:
            self.example = shown_key(rows, key)
        self.count += rows.height


@dataclass(slots=True)
class Scan:
    """What one pass over a file has found.

    `is_whole` is False when the file broke off; what is known of it is then not to be built on.
    """

    rows: int = 0
    is_whole: bool = True
    keys: list[Hashes] = field(default_factory=list)


Prepare = Callable[[pl.DataFrame], pl.DataFrame]
Each = Callable[[pl.DataFrame], None]


def scan(
    part: Part,
    rules: Sequence[Rule],
    findings: Findings,
    *,
    prepare: Prepare | None = None,
    each: Each | None = None,
) -> Scan:
    """What one pass over the file has found; findings name what is wrong.

    Args:
        part: the file.
        rules: what no row may be.
        findings: where to add to.
        prepare: puts beside a batch of rows what the rules need.
        each: hears every prepared batch.
    """
    done, broken = Scan(), [Broken() for _ in rules]
    order = _Order(part.spec.sort)
    misplaced = Broken()
    try:
        for frame in part.frames():
            done.keys.append(hashed(frame, part.spec.key))
            misplaced.hear(order.beside(frame), order.broken, part.spec.key)
            prepared = prepare(frame) if prepare else frame
            _apply(rules, broken, prepared, part.spec.key)
            if each:
                each(prepared)
            done.rows += frame.height
    except (pa.ArrowException, OSError) as error:
        add_unreadable(part.where, error, findings)
        done.is_whole = False
        return done
    for rule, one in zip(rules, broken, strict=True):
        add_broken(
            rule.check,
            part,
            one,
            done.rows,
            rule.problem,
            findings,
            next_step=rule.next_step,
            level=rule.level,
        )
    order_problem = f"not in the order of {', '.join(part.spec.sort)}"
    add_broken("not_sorted", part, misplaced, done.rows, order_problem, findings)
    _add_repeated(part, done, findings)
    return done


def add_broken(
    check: str,
    part: Part,
    broken: Broken,
    rows: int,
    problem: str,
    findings: Findings,
    *,
    next_step: str = REBUILD,
    level: Level = Level.ERROR,
) -> None:
    """Adds that some of the rows of a file are wrong; nothing if none is."""
    if broken.count:
        findings.add(
            check,
            part.where,
            f"{broken.count:,} of {rows:,} rows: {problem}",
            next_step,
            level=level,
            rows=broken.count,
            example=broken.example,
        )


def shown_key(rows: pl.DataFrame, key: Sequence[str]) -> str:
    """The key of the first of those rows, with the first digits of its source key."""
    row = rows.row(0, named=True)
    text = ", ".join(f"{name} {row[name]!r}" for name in key)
    source = row.get("source_key")
    if source and "source_key" not in key:
        text += f" (source key {source[:12]}…)"
    return text


def hashed(frame: pl.DataFrame, key: Sequence[str]) -> Hashes:
    """64 bits for the key of each row."""
    hashes: Hashes = frame.select(pl.struct(key).hash()).to_series().to_numpy()
    return hashes


def repeated(hashes: Sequence[Hashes]) -> Hashes:
    """The hashes that occur more than once; each as often as it does beyond the first."""
    together: Hashes = np.concatenate(hashes) if hashes else np.empty(0, np.uint64)
    together.sort()  # in place: there may be some hundred million
    again: Hashes = together[1:][together[1:] == together[:-1]]
    return again


def _apply(
    rules: Sequence[Rule], broken: Sequence[Broken], frame: pl.DataFrame, key: Sequence[str]
) -> None:
    """Counts the rows that break each rule; one look for all, since hardly a batch breaks any."""
    names = [str(number) for number in range(len(rules))]
    looks = [
        rule.broken.fill_null(False).any().alias(name)
        for name, rule in zip(names, rules, strict=True)
    ]
    found = frame.select(looks).row(0) if looks else ()
    for rule, one, is_broken in zip(rules, broken, found, strict=True):
        if is_broken:
            one.hear(frame, rule.broken.fill_null(False), key)


def _add_repeated(part: Part, done: Scan, findings: Findings) -> None:
    twice = repeated(done.keys)
    if not twice.size:
        return
    key = part.spec.key
    broken = Broken(int(twice.size))
    for frame in part.frames(list(dict.fromkeys((*key, *part.spec.names[:2])))):
        same = frame.filter(pl.Series(np.isin(hashed(frame, key), twice)))
        if same.height:
            broken.example = shown_key(same, key)
            break
    problem = f"repeat a key ({', '.join(key)})"
    add_broken("repeated_key", part, broken, done.rows, problem, findings)


class _Order:
    """Whether rows come in the declared order, across batches too; nulls come last."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)
        self._last: pl.DataFrame | None = None
        self.broken = self._rule()

    def beside(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows with the sort columns of the row before; null and `_first` before the first."""
        own = frame.select(self._names)
        before = own.shift(1) if self._last is None else pl.concat([self._last, own]).head(-1)
        is_first = pl.Series("_first", [False] * frame.height)
        if self._last is None and frame.height:
            is_first[0] = True
        if frame.height:
            self._last = own.tail(1)
        named = before.rename({name: f"_before.{name}" for name in self._names})
        return pl.concat([frame, named, is_first.to_frame()], how="horizontal")

    def _rule(self) -> pl.Expr:
        smaller, equal = pl.lit(False), pl.lit(True)
        for name in self._names:
            own, before = pl.col(name), pl.col(f"_before.{name}")
            less = (own < before).fill_null(own.is_not_null() & before.is_null())
            smaller = smaller | (equal & less)
            equal = equal & own.eq_missing(before)
        return smaller & ~pl.col("_first")
