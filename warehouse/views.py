"""Views that save analysts the joins: each declared once, with what a row is and what columns mean.

`nightcall query` offers them beside the tables; `views_for_duckdb` writes them down for a DuckDB of
one's own. Their rules are the same everywhere:

- joins are on `call_id`, `revision` and `call_date`: a call that is being published is missing,
  never mixed, and a condition on `call_date` reads only the files of those dates;
- a rep is who spoke, not who led the call: of two reps on a call each has their own row;
- what was not measured is null, and a rate is over the coachable calls in which it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from warehouse.layout import PART
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec
from warehouse.view_columns import (
    CHAIN_STEPS_COLUMNS,
    CLAIMS_SAID_COLUMNS,
    FLAGGED_CALLS_COLUMNS,
    FLAGGED_MOMENTS_COLUMNS,
    HYPOTHESES_COLUMNS,
    REP_CALLS_COLUMNS,
    REP_WEEKS_COLUMNS,
    REPLIES_COLUMNS,
)
from warehouse.view_sql import (
    CHAIN_STEPS_SQL,
    CLAIMS_SAID_SQL,
    FLAGGED_CALLS_SQL,
    FLAGGED_MOMENTS_SQL,
    HYPOTHESES_SQL,
    REP_CALLS_SQL,
    REP_WEEKS_SQL,
    REPLIES_SQL,
)


@dataclass(frozen=True, slots=True)
class View:
    """One view.

    Args:
        name: what it is called in SQL.
        one_row_per: what a row is.
        meaning: what it is there for, in a sentence.
        columns: every column in order, with its meaning.
        sql: the question that it stands for, over tables and views declared before it.
    """

    name: str
    one_row_per: str
    meaning: str
    columns: Mapping[str, str]
    sql: str


_DECLARED = (
    View(
        "rep_calls",
        "call and rep who was heard on it",
        "What each rep did on each call: the base of every rate. Where `coachable` is false the "
        "call belongs in no rate.",
        REP_CALLS_COLUMNS,
        REP_CALLS_SQL,
    ),
    View(
        "rep_weeks",
        "rep and week in which the rep was heard",
        "Cliches and insight chains of a rep week by week, each rate beside what it is out of.",
        REP_WEEKS_COLUMNS,
        REP_WEEKS_SQL,
    ),
    View(
        "flagged_moments",
        "question that costs the seller trust",
        "Cliche and homework questions and what was known already, as `nightcall flagged` lists "
        "them. A homework question whose answer was known is one row, the one with the answer.",
        FLAGGED_MOMENTS_COLUMNS,
        FLAGGED_MOMENTS_SQL,
    ),
    View(
        "flagged_calls",
        "call and rep with a flagged moment",
        "The calls worth hearing, each with its gravest moment; of equally grave ones the first.",
        FLAGGED_CALLS_COLUMNS,
        FLAGGED_CALLS_SQL,
    ),
    View(
        "hypotheses",
        "hypothesis a rep stated (attempted insight chain)",
        "What was supposed about which customer, and whether it landed.",
        HYPOTHESES_COLUMNS,
        HYPOTHESES_SQL,
    ),
    View(
        "chain_steps",
        "attempted insight chain and step, four each",
        "How far insight chains come, and how long the next step takes.",
        CHAIN_STEPS_COLUMNS,
        CHAIN_STEPS_SQL,
    ),
    View(
        "claims_said",
        "claim a rep made",
        "What was claimed of the own product, and whether it may be.",
        CLAIMS_SAID_COLUMNS,
        CLAIMS_SAID_SQL,
    ),
    View(
        "replies",
        "turn in which a rep asked about the customer's business",
        "What the customer did next. All kinds of questions are measured in the same way, so that "
        "they can be compared. Courtesy, checking back and logistics are left out.",
        REPLIES_COLUMNS,
        REPLIES_SQL,
    ),
)

VIEWS: dict[str, View] = {view.name: view for view in _DECLARED}
"""Every view by name, in an order in which each stands on tables and earlier views only."""


def create_view(view: View, *, temporary: bool = False) -> str:
    """The SQL statement that makes the view, without a closing semicolon."""
    kind = "TEMP VIEW" if temporary else "VIEW"
    return f"CREATE OR REPLACE {kind} {view.name} AS\n{view.sql}"


def views_for_duckdb() -> str:
    """SQL that makes all tables and views in a DuckDB of one's own, started in the warehouse."""
    lines = [_FOR_DUCKDB]
    lines += [_table_statement(spec) for spec in ALL_TABLES.values()]
    for view in VIEWS.values():
        lines += [f"-- One row per {view.one_row_per}. {view.meaning}", f"{create_view(view)};", ""]
    return "\n".join(lines)


_FOR_DUCKDB = """\
-- Nightcall's tables and views for a DuckDB of your own. Start it in the warehouse folder, because
-- paths are relative to it. Nothing is copied: every question reads the files as they are then.
-- DuckDB holds no lock: a question asked just while a night publishes may miss the calls that are
-- being published. It never sees a call twice. `nightcall query` waits for the publication.
SET TimeZone = 'UTC';
"""


def _table_statement(spec: TableSpec) -> str:
    folder = PurePosixPath("tables") / spec.name
    if spec.partition is None:
        source = f"read_parquet('{folder / PART}')"
    else:
        source = (
            f"read_parquet('{folder / '*' / PART}', "
            f"hive_partitioning = true, hive_types = {{'{spec.partition}': DATE}})"
        )
    return f"CREATE OR REPLACE VIEW {spec.name} AS FROM {source};"
