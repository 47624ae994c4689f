"""`nightcall analyze`: read landed calls again, without listening again."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from flows.cli.options import config_option, messaging_option, playbook_option, warehouse_option

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(epilog="Example: nightcall analyze --since 2026-09-01 --playbook our-playbook/")
@click.argument("call_ids", metavar="[CALL_ID]...", nargs=-1)
@click.option("--since", type=_DAY, help="Only calls of this date or later.")
@click.option("--until", type=_DAY, help="Only calls of this date or earlier.")
@click.option(
    "--all", "everything", is_flag=True, help="Also calls that read already as they would now."
)
@playbook_option
@messaging_option
@warehouse_option
@config_option
def analyze(
    call_ids: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    everything: bool,
    playbook: Path | None,
    messaging: Path | None,
    warehouse: Path | None,
    config: Path | None,
) -> None:
    """Read landed calls again with today's playbook, messaging, model and settings, and land them.

    Nothing is listened to, and the recordings are not looked at: they may be gone. Without CALL_ID,
    every call is read that would read otherwise now; the next `nightcall run` then finds nothing to
    do about them. The newest come first, and a run that is cut off is taken up again by the same
    command. While it works, no night can start.

    With a playbook or messaging of its own (--playbook, --messaging) it says so if the next night
    would read the calls again with another one: a night goes by its settings.

    Exits with 0, or with 3 if some calls could not be read; those keep their earlier rows.
    """
    from calls.errors import UsageError
    from calls.names import printable
    from calls.settings import load_settings
    from flows.analyze import analyze as analyze_calls
    from flows.cli.night_runner import shown_progress
    from flows.due import Asked
    from flows.progress import showing
    from flows.stopping import stops_at_once

    if since and until and since > until:
        raise UsageError(f"--since {since:%Y-%m-%d} is after --until {until:%Y-%m-%d}.")
    given = {"warehouse": warehouse}
    settings = load_settings(config, {**given, "playbook": playbook, "messaging": messaging})
    asked = Asked(
        call_ids,
        since.date() if since else None,
        until.date() if until else None,
        up_to_date_too=everything,
    )
    with stops_at_once(), shown_progress() as progress, showing(progress):
        done = analyze_calls(settings, asked, configured=load_settings(config, given))
    for line in done.lines():
        click.echo(printable(line).replace("\n", "\\n"))
    sys.exit(done.exit_code)
