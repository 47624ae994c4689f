"""What was said where: spans of moments, claims and questions against the text of their turns."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from warehouse.check.finding import REBUILD, REBUILD_OR_READ, Findings
from warehouse.check.parts import Part
from warehouse.check.scan import Broken, add_broken

SPAN_COLUMNS: Mapping[str, str] = {"moments": "quote", "claims": "quote", "questions": "text"}
"""The tables whose rows lie in a turn, and the column that holds what was said there."""

_PLACE = ["call_id", "turn"]


class Spans:
    """The spans of one date, held against the turns as these come by."""

    def __init__(self, kept: Mapping[str, pl.DataFrame]) -> None:
        """Remembers where the spans lie.

        Args:
            kept: by table, the key, `call_id`, `turn`, `start_char`, `end_char` and what was said.
        """
        self._kept = {
            name: frame.with_row_index("_row").rename({SPAN_COLUMNS[name]: "_said"})
            for name, frame in kept.items()
        }
        self._found: dict[str, list[pl.Series]] = {name: [] for name in kept}
        self._wrong: dict[str, list[pl.Series]] = {name: [] for name in kept}

    def hear(self, turns: pl.DataFrame) -> None:
        """Holds the spans in some turns against the text of these."""
        texts = turns.select(*_PLACE, pl.col("text").alias("_text"))
        for name, spans in self._kept.items():
            met = spans.join(texts, on=_PLACE, how="inner")
            if met.height:
                self._found[name].append(met["_row"])
                self._wrong[name].append(met.filter(_is_wrong(name))["_row"])

    def report(self, parts: Mapping[str, Part], findings: Findings) -> None:
        """Adds the spans that lie in no turn, and those that are not what their turn says."""
        for name, spans in self._kept.items():
            part = parts[name]
            lost = spans.filter(~pl.col("_row").is_in(_joined(self._found[name])))
            _add(
                f"{name}_without_turn", part, lost, "the turn they lie in is not in turns", findings
            )
            wrong = spans.filter(pl.col("_row").is_in(_joined(self._wrong[name])))
            problem = f"{SPAN_COLUMNS[name]} is not what the turn says between those characters"
            if name == "moments":
                problem = "the characters are not in the turn's text, or the quote is not"
            _add("wrong_text", part, wrong, problem, findings)


def _is_wrong(table: str) -> pl.Expr:
    """True where a span is not in its turn's text.

    The quote of a moment is the sentence around its span; a claim and a question are the very
    characters.
    """
    text, said = pl.col("_text"), pl.col("_said")
    first, after = pl.col("start_char"), pl.col("end_char")
    outside = (first < 0) | (after > text.str.len_chars())
    if table == "moments":
        return outside | ~text.str.contains(said, literal=True)
    # A slice from below 0 would count from the end: `outside` has it already.
    length = pl.max_horizontal(after - first, 0)
    return outside | (text.str.slice(pl.max_horizontal(first, 0), length) != said)


def _joined(rows: list[pl.Series]) -> pl.Series:
    """All of those row numbers, as `is_in` takes them."""
    return pl.concat(rows).implode() if rows else pl.Series([[]], dtype=pl.List(pl.UInt32))


def _add(check: str, part: Part, rows: pl.DataFrame, problem: str, findings: Findings) -> None:
    next_step = REBUILD if check.endswith("_without_turn") else REBUILD_OR_READ
    broken = Broken.of(rows, part.spec.key)
    add_broken(check, part, broken, part.rows, problem, findings, next_step=next_step)
