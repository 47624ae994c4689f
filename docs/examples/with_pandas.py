"""On which share of their calls do reps ask a cliche? Answered with pandas.

A call counts for the rep who led it (`calls.rep`); the view `rep_calls` tells two reps apart.

Install what it needs with `pip install pandas pyarrow`, then run it with the folder of a warehouse:

    python docs/examples/with_pandas.py warehouse/
"""

from __future__ import annotations

import sys

import pandas as pd


def main(warehouse: str) -> None:
    """Prints rep, calls in which cliches were looked for, calls with one, and their share."""
    call = ["call_id", "revision"]
    # Only the columns that are needed, and with types that have a null of their own.
    calls = pd.read_parquet(
        f"{warehouse}/tables/calls", columns=[*call, "rep", "coachable"], dtype_backend="pyarrow"
    )
    scorecards = pd.read_parquet(
        f"{warehouse}/tables/scorecards",
        columns=[*call, "cliche_question_count"],
        dtype_backend="pyarrow",
    )
    # On call_id and revision: a call that is just being published is left out, never mixed.
    both = calls[calls["coachable"]].merge(scorecards, on=call)
    measured = both[both["cliche_question_count"].notna()]  # null: not measured, so not zero
    answer = (
        measured.assign(has_cliche=measured["cliche_question_count"] > 0)
        .groupby("rep", dropna=False)["has_cliche"]
        .agg(calls="count", with_cliche="sum", share="mean")
        .sort_index()
        .reset_index()
    )
    print(*answer.columns, sep="\t")
    for rep, count, with_cliche, share in answer.itertuples(index=False):
        print(rep, count, with_cliche, round(share, 3), sep="\t")


if __name__ == "__main__":
    main(sys.argv[1])
