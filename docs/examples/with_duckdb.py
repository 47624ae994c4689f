"""On which share of their calls do reps ask a cliche? Answered with DuckDB.

A call counts for the rep who led it (`calls.rep`); the view `rep_calls` tells two reps apart.

Install what it needs with `pip install duckdb`, then run it with the folder of a warehouse:

    python docs/examples/with_duckdb.py warehouse/

`nightcall query --views` prints SQL that makes every table and view of Nightcall in DuckDB.
"""

from __future__ import annotations

import sys

import duckdb

# On call_id and revision: a call that is just being published is left out, never mixed.
# Where cliche_question_count is null it was not measured, which is not zero.
QUESTION = """
SELECT rep,
    count(*) AS calls,
    count(*) FILTER (cliche_question_count > 0) AS with_cliche,
    round(with_cliche / calls, 3) AS share
FROM read_parquet($calls, hive_partitioning = true)
JOIN read_parquet($scorecards, hive_partitioning = true) USING (call_id, revision)
WHERE coachable AND cliche_question_count IS NOT NULL
GROUP BY rep
ORDER BY rep
"""


def main(warehouse: str) -> None:
    """Prints rep, calls in which cliches were looked for, calls with one, and their share."""
    files = {
        name: f"{warehouse}/tables/{name}/*/part-0.parquet" for name in ("calls", "scorecards")
    }
    answer = duckdb.execute(QUESTION, files)
    print(*(column[0] for column in answer.description or ()), sep="\t")
    for row in answer.fetchall():
        print(*row, sep="\t")


if __name__ == "__main__":
    main(sys.argv[1])
