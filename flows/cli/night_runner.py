"""Running a night from the command line, with or without Prefect, and showing how it goes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress

import click

from calls.names import printable
from calls.settings import Settings
from flows.progress import Lines, Progress, showing
from flows.report import NightReport
from flows.stopping import stops_at_once


def run_shown(settings: Settings, *, prefect: bool = True, own_server: bool = True) -> NightReport:
    """One night with its progress on standard error.

    Args:
        settings: the run's settings.
        prefect: run it as a Prefect flow.
        own_server: on a private temporary server; False takes the one Prefect is configured for.

    Raises:
        WarehouseBusy: at once, before any server is started.
    """
    with stops_at_once(), shown_progress() as progress, showing(progress):
        if prefect:
            _run_with_prefect(settings, progress, own_server=own_server)
        else:
            from flows.night import one_after_another, run_night

            run_night(settings, one_after_another)
    assert progress.report is not None, "a night that ends has a report"
    return progress.report


def _run_with_prefect(settings: Settings, progress: Progress, *, own_server: bool) -> None:
    from flows import prefect_env
    from flows.resources import close_resources, resources_for

    # The flow locks the night itself; asking beforehand spares a busy warehouse, or a mistyped
    # folder, the start-up of a server.
    resources = resources_for(settings)
    resources.require_location()
    with resources.warehouse.night_lock(as_is=True):
        pass
    close_resources(settings)
    if own_server:
        prefect_env.use_private_server(settings.warehouse / "state" / "prefect")
        progress.say("Starting a private Prefect server (about ten seconds) …")
    else:
        prefect_env.use_configured_server()
    # Imported here: Prefect reads its environment when it is imported.
    from flows.nightly import nightly
    from flows.report import NightFailed

    # A night that failed has a report all the same, and that says so.
    with prefect_env.private_settings() if own_server else nullcontext(), suppress(NightFailed):
        nightly(settings)


def print_report(report: NightReport) -> None:
    """The closing lines of a run."""
    for line in report.lines():
        click.echo(printable(line).replace("\n", "\\n"))


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """What shows a run on standard error: a bar on a terminal, plain lines in a log."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from flows.cli.bar import Bar

    with Bar() as bar:
        yield bar
