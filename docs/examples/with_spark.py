"""On which share of their calls do reps ask a cliche? Answered with Spark.

A call counts for the rep who led it (`calls.rep`); the view `rep_calls` tells two reps apart.

Spark needs Java 17 or later (`apt install default-jre-headless`, `brew install openjdk`). Install
what else it needs with `pip install pyspark`, then run it with the folder of a warehouse:

    python docs/examples/with_spark.py warehouse/
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as sf


def main(warehouse: str) -> None:
    """Prints rep, calls in which cliches were looked for, calls with one, and their share."""
    spark = SparkSession.builder.appName("nightcall").getOrCreate()
    calls = spark.read.parquet(f"{warehouse}/tables/calls")
    scorecards = spark.read.parquet(f"{warehouse}/tables/scorecards")
    has_cliche = (sf.col("cliche_question_count") > 0).cast("int")
    # On call_id and revision: a call that is just being published is left out, never mixed.
    answer = (
        calls.where("coachable")
        .join(scorecards, on=["call_id", "revision"])
        .where("cliche_question_count IS NOT NULL")  # null: not measured, so not zero
        .groupBy("rep")
        .agg(
            sf.count("*").alias("calls"),
            sf.sum(has_cliche).alias("with_cliche"),
            sf.round(sf.avg(has_cliche), 3).alias("share"),
        )
        .orderBy("rep")
    )
    print(*answer.columns, sep="\t")
    for row in answer.collect():
        print(*row, sep="\t")
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1])
