"""The flow `nightly`: one run of the night under Prefect.

A task is a batch of calls, never one call: Prefect says when, where and how often, and shows it;
the ledger and the artifacts say what happened to each call. Tasks receive frozen settings and the
path of a batch file and return counters, because Prefect keeps what passes through it in clear.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from flows.prefect_env import QUIET

# No telemetry, whoever imports this flow; Prefect reads the environment when it is imported.
os.environ.update(QUIET)

from prefect import allow_failure, flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, wait
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from calls.settings import Settings, load_settings
from flows.batches import Count, wordless
from flows.exit_codes import ExitCode
from flows.listen import listen_batch
from flows.night import Worked, run_night
from flows.read import read_batch
from flows.report import NightFailed
from flows.stopping import still_stops_at_once


@task(name="listen", task_run_name="listen-{batch.stem}", cache_policy=NO_CACHE)
def listen_task(settings: Settings, batch: Path) -> Count:
    """Hears the calls of one batch."""
    return wordless("listening to", listen_batch, settings, batch)


@task(name="read", task_run_name="read-{batch.stem}", cache_policy=NO_CACHE)
def read_task(settings: Settings, batch: Path) -> Count:
    """Reads the calls of one batch."""
    return wordless("reading", read_batch, settings, batch)


@flow(name="nightly", persist_result=False)
def nightly(settings: Settings | None = None) -> str:
    """One night: discover, listen, read, publish. Returns its closing line.

    Whoever shows the night hears the whole report through `flows.progress`; Prefect would keep it,
    file names and all.

    Args:
        settings: None reads `nightcall.toml` and the environment, as a deployment does.

    Raises:
        NightFailed: some part of the night broke; what could be published is.
    """
    with still_stops_at_once():
        report = run_night(settings or load_settings(), work_through_batches)
    get_run_logger().info("%s", report.sum_line())
    if report.exit_code is ExitCode.FAILED:
        raise NightFailed(report.sum_line())
    return report.sum_line()


def work_through_batches(settings: Settings, batches: tuple[Path, ...]) -> Worked:
    """Listens to and reads the batches as tasks: while one is read the next is heard."""
    heard: list[PrefectFuture[Count]] = []
    read: list[PrefectFuture[Count]] = []
    with task_runner(settings) as runner:
        for batch in batches:
            given = {"settings": settings, "batch": batch}
            heard.append(runner.submit(listen_task, given))
            # What could be heard is read, also when listening to the batch broke off. Prefect takes
            # the wrapped future; only its annotation does not know.
            first = cast(PrefectFuture[Any], allow_failure(heard[-1]))
            read.append(runner.submit(read_task, given, wait_for=[first]))
        wait([*heard, *read])
        counts = [one.result(raise_on_failure=False) for one in heard]
    return Worked(
        audio_s=sum(count.audio_s for count in counts if isinstance(count, Count)),
        failed=sum(
            not (listened.state.is_completed() and done.state.is_completed())
            for listened, done in zip(heard, read, strict=True)
        ),
    )


def task_runner(settings: Settings) -> TaskRunner[PrefectFuture[Any]]:
    """The runner of a night's batches.

    Reading waits in a thread of its own for its batch to be heard, hence two per worker.
    """
    # Prefect's runners don't agree with their own base class about the future they return.
    return cast(
        TaskRunner[PrefectFuture[Any]],
        ThreadPoolTaskRunner(max_workers=2 * settings.night.listen_workers),
    )
