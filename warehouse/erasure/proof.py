"""The proof of an erasure: every file of the warehouse searched for what must not be there."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, islice
from pathlib import Path

import polars as pl
import pyarrow as pa

from calls.errors import WarehouseDamaged
from warehouse.artifacts import ArtifactStore
from warehouse.erasure.journal import Erasing
from warehouse.erasure.needles import RAW, Needle, Needles, What, needles_of
from warehouse.erasure.quotes import QUOTING, quoted_ids
from warehouse.erasure.texts import DAMAGE, Texts, bytes_of, files_of, texts_of
from warehouse.landed import scan_calls
from warehouse.schemas.coaching import COACHING

ENOUGH_SENTENCES = 2
"""Another call that says so many of the longest sentences of an erased one may be the same."""

# Files read at once, and texts searched at once: a search costs the same for one text or many.
_FILES = 256
_TEXTS = 200_000
_BYTES = 64 << 20

Each = Callable[[int], None]
"""Hears how many files have been searched."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be there: in which file, and what it is."""

    path: str
    what: What


@dataclass(frozen=True, slots=True)
class Proof:
    """What a search came to.

    Args:
        file_count: files searched.
        looked_for: how many of each kind of thing.
        findings: what was found.
        unreadable: files that are damaged: only their bytes could be searched.
        alike: source keys of other calls that say several of the sentences of an erased one.
    """

    file_count: int
    looked_for: Mapping[What, int]
    findings: tuple[Finding, ...] = ()
    unreadable: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """True when everything could be searched and nothing was found."""
        return not self.findings and not self.unreadable


def prove(root: Path, erasing: Erasing, each: Each | None = None) -> Proof:
    """What is found in the warehouse of that folder of the calls that were erased.

    A call that stays may say a sentence that an erased one said as well: those are its own words,
    and no finding. Its reading may quote one only from another call that stays and says it.

    Args:
        root: the warehouse folder; hold its night lock.
        erasing: what was erased.
        each: hears how far it has come.
    """
    search = _Search(root, needles_of(erasing), erasing.targets.keys)
    count = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        paths = files_of(root)
        while window := list(islice(paths, _FILES)):
            read = [pool.submit(texts_of, root, path) for path in window]
            for path, texts in zip(window, read, strict=True):
                search.add(path, texts)
            count += len(window)
            if each is not None:
                each(count)
    search.end()
    return Proof(
        file_count=count,
        looked_for=search.needles.counts,
        findings=tuple(dict.fromkeys(search.findings)),
        unreadable=tuple(search.unreadable),
        alike=tuple(search.alike()),
    )


@dataclass
class _Search:
    """Collects texts until it is worth searching them, and judges what is found."""

    root: Path
    needles: Needles
    erased: frozenset[str]
    findings: list[Finding] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    _said: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _own: set[tuple[str, Needle]] = field(default_factory=set)
    _in_footers: list[tuple[str, Needle]] = field(default_factory=list)
    _waiting: list[Texts] = field(default_factory=list)
    _texts: int = 0
    _bytes: int = 0

    def __post_init__(self) -> None:
        self._own_words = lru_cache(maxsize=64)(self._words_of)
        self._quoted_by = lru_cache(maxsize=64)(self._quoted_calls)
        self._patterns = self.needles.patterns
        self._short_ids = pl.Series(self.needles.short_ids, dtype=pl.String)

    def add(self, path: Path, texts: Future[Iterable[Texts]]) -> None:
        """Takes the texts of one file; of a damaged one its bytes."""
        try:
            self._take(texts.result())
        except FileNotFoundError:
            return  # a lock file that its holder has removed, say
        except DAMAGE:
            self.unreadable.append(path.relative_to(self.root).as_posix())
            self._take(bytes_of(self.root, path))

    def _take(self, texts: Iterable[Texts]) -> None:
        for one in texts:
            if not len(one.values):
                continue
            self._waiting.append(one)
            self._texts += len(one.values)
            self._bytes += one.values.get_total_buffer_size()
            if self._texts > _TEXTS or self._bytes > _BYTES:
                self.flush()

    def flush(self) -> None:
        """Searches what is waiting."""
        waiting, self._waiting = self._waiting, []
        self._texts = self._bytes = 0
        if not waiting or not self.needles.all:
            return
        texts = _as_series([one.values for one in waiting])
        holds = texts.str.contains_any(self._patterns, ascii_case_insensitive=True)
        holds = holds | texts.is_in(self._short_ids.implode())
        places = holds.fill_null(value=False).arg_true()
        found = texts.gather(places)
        matched = found.str.extract_many(
            self._patterns, ascii_case_insensitive=True, overlapping=True
        )
        ends = list(accumulate(len(one.values) for one in waiting))
        for at, text, forms in zip(places, found, matched, strict=True):
            one = waiting[which := bisect_right(ends, at)]
            start = ends[which] - len(one.values)
            for needle in self.needles.found_in(text, one.column, forms):
                self._judge(needle, one, at - start)

    def end(self) -> None:
        """Searches the rest; a footer may repeat what rows of its file may say, and nothing else.

        Files that earlier versions wrote have the smallest and largest texts there.
        """
        self.flush()
        for path, needle in self._in_footers:
            if (path, needle) not in self._own:
                self.findings.append(Finding(path, needle.what))

    def alike(self) -> Iterator[str]:
        """The source keys of calls that may be the same conversation as an erased one."""
        keys = [key for (key, _), said in self._said.items() if len(said) >= ENOUGH_SENTENCES]
        yield from dict.fromkeys(keys)

    def _judge(self, needle: Needle, texts: Texts, at: int) -> None:
        if needle.what is What.EMAIL and _is_about_a_rep(texts.path):
            return
        if needle.what is What.SAID and _is_footer(texts):
            self._in_footers.append((texts.path, needle))
            return
        for owner in texts.owners(at):
            if owner is not None and owner not in self.erased and self._says(owner, needle):
                self._own.add((texts.path, needle))
                if needle.what is What.SAID:
                    self._said.setdefault((owner, needle.erasure_id), set()).add(needle.text)
            elif not self._quotes(owner, needle, texts.column):
                self.findings.append(Finding(texts.path, needle.what))

    def _says(self, key: str, needle: Needle) -> bool:
        """True if these are words that a call that stays has said itself."""
        return needle.text.casefold() in self._own_words(key)

    def _quotes(self, key: str | None, needle: Needle, column: str) -> bool:
        """True if a call that stays quotes these words from another that stays and says them."""
        if key is None or key in self.erased or needle.what is not What.SAID:
            return False
        return column in QUOTING and any(
            self._says(other, needle) for other in self._quoted_by(key) - self.erased
        )

    def _quoted_calls(self, key: str) -> frozenset[str]:
        """The source keys of the calls in the tables that a call quotes."""
        ids = sorted(quoted_ids(ArtifactStore(self.root), key))
        calls = scan_calls(self.root, "source_key", "call_id").filter(pl.col("call_id").is_in(ids))
        return frozenset(calls.collect()["source_key"])

    def _words_of(self, key: str) -> str:
        """All that was said in a call that stays, in lower case, as far as it can be read."""
        store = ArtifactStore(self.root)
        texts: list[str] = []
        try:
            listening = store.load_listening(key)
            if listening is not None:
                texts += [one.text for one in listening.transcript.utterances]
            if store.has_reading(key):
                texts += store.load_tables(key)["turns"]["text"].to_pylist()
        except WarehouseDamaged:
            pass
        return "\n".join(texts).casefold()


def _as_series(arrays: list[pa.Array]) -> pl.Series:
    series = pl.from_arrow(pa.concat_arrays(arrays))
    assert isinstance(series, pl.Series)
    return series


def _is_footer(texts: Texts) -> bool:
    """True for what a table file says of its rows; its rows are texts of columns."""
    return texts.column == RAW and texts.path.endswith(".parquet")


def _is_about_a_rep(path: str) -> bool:
    """True for coaching entries: they are about a rep, and stay when calls of that rep go."""
    record, table = f"work/{COACHING.name}.jsonl", f"tables/{COACHING.name}/"
    return path == record or path.startswith(table)
