"""On which share of their calls do reps ask a cliche? Answered with polars.

A call counts for the rep who led it (`calls.rep`); the view `rep_calls` tells two reps apart.

Install what it needs with `pip install polars`, then run it with the folder of a warehouse:

    python docs/examples/with_polars.py warehouse/
"""

from __future__ import annotations

import sys

import polars as pl


def main(warehouse: str) -> None:
    """Prints rep, calls in which cliches were looked for, calls with one, and their share."""
    calls = pl.scan_parquet(f"{warehouse}/tables/calls")
    scorecards = pl.scan_parquet(f"{warehouse}/tables/scorecards")
    # On call_id and revision: a call that is just being published is left out, never mixed.
    answer = (
        calls.filter("coachable")
        .join(scorecards, on=["call_id", "revision"])
        .filter(pl.col("cliche_question_count").is_not_null())  # null: not measured, so not zero
        .group_by("rep")
        .agg(
            calls=pl.len(),
            with_cliche=(pl.col("cliche_question_count") > 0).sum(),
            share=(pl.col("cliche_question_count") > 0).mean().round(3),
        )
        .sort("rep")
        .collect()  # at once: a frame that is kept may be overtaken by the next night
    )
    print(*answer.columns, sep="\t")
    for row in answer.iter_rows():
        print(*row, sep="\t")


if __name__ == "__main__":
    main(sys.argv[1])
