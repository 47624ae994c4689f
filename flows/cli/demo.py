"""`nightcall demo`: the whole pipeline on the sample calls."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.options import DEMO_WAREHOUSE
from flows.exit_codes import ExitCode

if TYPE_CHECKING:
    from flows.report import NightReport
    from warehouse.store import Warehouse

# Nightcall is run from its checkout; the samples lie beside the code.
SAMPLES = Path(__file__).resolve().parents[2] / "data_samples"


@click.command(epilog="Example: nightcall demo")
@click.option(
    "--warehouse",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEMO_WAREHOUSE,
    show_default=True,
    help="Where the tables land.",
)
@click.option("--no-prefect", is_flag=True, help="The same steps without Prefect.")
def demo(warehouse: Path, no_prefect: bool) -> None:
    """Run the whole pipeline on the sample calls and show what it found.

    Whisper listens if its weights are at hand, else the embedded engine, and the demo says so.
    Exits with 0 when exactly the samples meant to fail have failed.
    """
    from calls.settings import load_settings
    from flows.cli.flagged import for_people
    from flows.cli.night_runner import print_report, run_shown
    from flows.cli.output import show_frame
    from reports.flagged import flagged
    from warehouse.store import open_warehouse

    recordings = SAMPLES / "recordings"
    settings = load_settings(
        None,
        {
            "recordings": str(recordings),
            "warehouse": warehouse,
            "messaging": SAMPLES / "messaging.toml",
            "speech": {"engine": "auto"},
            "discovery": {"settle_s": 0},
        },
    )
    report = run_shown(settings, prefect=not no_prefect)
    store = open_warehouse(warehouse)
    print_report(report)
    click.echo(f"({', '.join(sorted(meant_to_fail()))} is damaged on purpose, to show quarantine.)")
    click.echo("\nFlagged moments, newest call first:")
    show_frame(for_people(flagged(store)), "table")
    click.echo(f"The tables lie in {warehouse / 'tables'}. Ask them anything, for example:")
    click.echo(
        f'  nightcall query --warehouse {warehouse} "SELECT call_id, talk_ratio FROM scorecards"'
    )
    problem = unexpected(report, store)
    if problem:
        click.echo(f"\nThe demo did not come out as it should: {problem}", err=True)
        sys.exit(ExitCode.FAILED)


def meant_to_fail() -> set[str]:
    """Names, without ending, of the samples that must end in quarantine."""
    return {one["name"] for one in _expected() if one["status"] == "quarantined"}


def unexpected(report: NightReport, store: Warehouse) -> str:
    """What differs from `expected.toml`; empty if exactly the samples meant to fail have failed."""
    landed = {one.call_id for one in store.landed().values()}
    failed = {Path(one.name).stem for one in (*report.quarantined, *report.standing)}
    missing = {one["call_id"] for one in _expected() if one["status"] == "landed"} - landed
    problems = []
    if missing:
        problems.append(f"not landed: {', '.join(sorted(missing))}")
    if failed != meant_to_fail():
        problems.append(
            f"in quarantine: {', '.join(sorted(failed)) or 'nothing'}; "
            f"meant to be there: {', '.join(sorted(meant_to_fail()))}"
        )
    return "; ".join(problems)


def _expected() -> list[dict[str, Any]]:
    with (SAMPLES / "expected.toml").open("rb") as file:
        samples: list[dict[str, Any]] = tomllib.load(file)["sample"]
    return samples
