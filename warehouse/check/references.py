"""What the tables of one date say of each other: every reference leads somewhere, sums agree."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from calls.measures import State
from warehouse.check.finding import REBUILD, REBUILD_OR_READ, Findings
from warehouse.check.parts import Part
from warehouse.check.scan import Broken, add_broken
from warehouse.schemas import CALL_TABLES
from warehouse.schemas.chains import CHAINS

MOMENTS_OF_A_CHAIN = tuple(name for name in CHAINS.names if name.endswith("_moment_id"))

KEPT: Mapping[str, tuple[str, ...]] = {
    "participants": ("call_id", "source_key", "speaker"),
    "moments": (
        *("call_id", "source_key", "moment_id", "turn", "speaker"),
        *("start_char", "end_char", "quote"),
    ),
    "claims": (
        *("call_id", "source_key", "claim_said_id", "moment_id", "turn", "speaker"),
        *("start_char", "end_char", "quote"),
    ),
    "questions": ("call_id", "source_key", "turn", "speaker", "start_char", "end_char", "text"),
    "chains": (
        *("call_id", "source_key", "chain_id", "speaker", "recovered_from"),
        *MOMENTS_OF_A_CHAIN,
    ),
    "scorecards": ("call_id", "source_key"),
    "measure_states": ("call_id", "source_key", "speaker", "measure", "state"),
}
"""The columns of each table that are kept until the whole date has been seen."""

UNKNOWN_SPEAKER = "the speaker is not in participants"

_PERSON = ["call_id", "speaker"]


class References:
    """The tables of one date, and the findings about how they fit together.

    A table that can't be read is left out, and so is everything that would have to look into it.
    """

    def __init__(
        self, parts: Mapping[str, Part], kept: Mapping[str, pl.DataFrame], findings: Findings
    ) -> None:
        self._parts = parts
        self._kept = kept
        self._findings = findings

    def check(self, calls: pl.DataFrame, counts: pl.DataFrame | None) -> None:
        """Adds what does not fit.

        Args:
            calls: `call_id`, `turn_count` and `word_count` as `calls` has them.
            counts: the same as `turns` has them; None when it can't be read.
        """
        for name in ("moments", "claims", "questions", "chains", "measure_states"):
            self._speakers(name)
        self._moments("claims", "moment_id")
        for column in MOMENTS_OF_A_CHAIN:
            self._moments("chains", column)
        self._recovered()
        self._scorecards(calls)
        for name in ("scorecards", "participants"):
            self._states(name)
        if counts is not None:
            self._counts(calls, counts)

    def _speakers(self, name: str) -> None:
        """Whoever speaks in a row is a participant of the call."""
        if name in self._kept and "participants" in self._kept:
            named = self._kept[name].filter(pl.col("speaker").is_not_null())
            unknown = named.join(self._kept["participants"], on=_PERSON, how="anti")
            self._add("unknown_speaker", name, unknown, UNKNOWN_SPEAKER)

    def _moments(self, name: str, column: str) -> None:
        """The moments that a row rests on are there."""
        if name in self._kept and "moments" in self._kept:
            known = self._kept["moments"].select("call_id", pl.col("moment_id").alias("_known"))
            named = self._kept[name].filter(pl.col(column).is_not_null())
            lost = named.join(
                known, left_on=["call_id", column], right_on=["call_id", "_known"], how="anti"
            )
            self._add(f"{name}_without_moment", name, lost, f"{column} is not in moments")

    def _recovered(self) -> None:
        """The chain that a chain makes good is there."""
        if "chains" in self._kept:
            chains = self._kept["chains"]
            known = chains.select("call_id", pl.col("chain_id").alias("_known"))
            named = chains.filter(pl.col("recovered_from").is_not_null())
            lost = named.join(
                known,
                left_on=["call_id", "recovered_from"],
                right_on=["call_id", "_known"],
                how="anti",
            )
            self._add("chains_without_chain", "chains", lost, "recovered_from is not in chains")

    def _scorecards(self, calls: pl.DataFrame) -> None:
        if "scorecards" in self._kept:
            lost = calls.join(self._kept["scorecards"], on="call_id", how="anti")
            self._add("call_without_scorecard", "calls", lost, "they have no row in scorecards")

    def _states(self, name: str) -> None:
        """A measure is null exactly where its state is `not_measurable`.

        (A null without a state is a measure that nobody took.)
        """
        if name not in self._kept or "measure_states" not in self._kept:
            return
        states = self._kept["measure_states"].filter(
            pl.col("speaker").is_null() == (name == "scorecards")
        )
        on = [one for one in ("call_id", "speaker") if one in self._kept[name].columns]
        measures = CALL_TABLES[name].measures
        values = self._kept[name].select(*on, *(pl.col(one).is_null() for one in measures))
        taken = values.unpivot(measures, index=on, variable_name="measure", value_name="_is_null")
        beside = states.join(taken, on=[*on, "measure"], how="inner")
        wrong = beside.filter(pl.col("_is_null") != (pl.col("state") == State.NOT_MEASURABLE))
        self._add(
            "state_against_value",
            "measure_states",
            wrong,
            f"not_measurable beside a value in {name}, or another state beside none",
        )

    def _counts(self, calls: pl.DataFrame, counts: pl.DataFrame) -> None:
        beside = calls.join(counts, on="call_id", how="left").with_columns(
            pl.col("_turns", "_words").fill_null(0)
        )
        for column, found, what in (
            ("turn_count", "_turns", "turns"),
            ("word_count", "_words", "words"),
        ):
            wrong = beside.filter(pl.col(column) != pl.col(found))
            self._add("wrong_count", "calls", wrong, f"{column} is not the {what} in table turns")

    def _add(self, check: str, name: str, rows: pl.DataFrame, problem: str) -> None:
        part = self._parts[name]
        next_step = REBUILD if "without" in check else REBUILD_OR_READ
        broken = Broken.of(rows, part.spec.key)
        add_broken(check, part, broken, part.rows, problem, self._findings, next_step=next_step)
