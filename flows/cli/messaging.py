"""`nightcall messaging`: the claims that marketing and sales agreed."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import config_option
from flows.exit_codes import ExitCode

if TYPE_CHECKING:
    from analyzers.messaging_check import Finding


@click.group(epilog="Example: nightcall messaging check messaging.toml")
def messaging() -> None:
    """Look after the claims that marketing and sales agreed."""


@messaging.command(epilog="Example: nightcall messaging check messaging.toml --on 2026-10-14")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@config_option
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which claims are expired or not. Default: today.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A list for people, or JSON for programs.",
)
def check(
    file: Path | None,
    config: Path | None,
    day: datetime | None,
    format_: str,
) -> None:
    """Check the messaging FILE itself: approvals, evidence, owners, dates, contradictions.

    FILE is by default the one of the settings. Exits with 2 if there are errors; warnings alone
    exit with 0.
    """
    from analyzers.messaging_check import Level, check_messaging
    from calls.errors import UsageError
    from calls.settings import load_settings

    path = file or load_settings(config).messaging
    if path is None:
        raise UsageError(
            "No messaging to check: name the file, or set `messaging` in nightcall.toml."
        )
    on = (day or datetime.now().astimezone()).date()
    findings = check_messaging(path, on=on)
    if format_ == "json":
        _show_json(path, findings)
    else:
        _show_lines(path, findings)
    if any(one.level is Level.ERROR for one in findings):
        sys.exit(ExitCode.USAGE)


def _show_json(path: Path, findings: list[Finding]) -> None:
    import json
    from dataclasses import asdict

    click.echo(json.dumps([{"file": str(path), **asdict(one)} for one in findings], indent=1))


def _show_lines(path: Path, findings: list[Finding]) -> None:
    from analyzers.messaging_check import Level

    for one in findings:
        entry = f"{one.entry}: " if one.entry else ""
        click.echo(f"{path}:{one.line}: {one.level}: {entry}{one.problem}")
    errors = sum(one.level is Level.ERROR for one in findings)
    click.echo(f"{path}: {errors} errors, {len(findings) - errors} warnings.")
