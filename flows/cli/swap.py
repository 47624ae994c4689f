"""`nightcall swap`: rep and customer of one call are the other way round."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import config_option, user, warehouse_option

if TYPE_CHECKING:
    from flows.corrections import Who


@click.command(epilog="Example: nightcall swap A-1 --warehouse warehouse/")
@click.argument("call_id")
@click.option("--by", help="Who says so; kept with the call. Default: your user name here.")
@warehouse_option
@config_option
def swap(call_id: str, by: str | None, warehouse: Path | None, config: Path | None) -> None:
    """Exchange rep and customer of the call CALL_ID, and read it again.

    Nothing is listened to again. The correction is kept through later nights until the sidecar, or
    whatever else says who is who, says something else. The same command takes it back.
    """
    from calls.settings import load_settings
    from flows.corrections import swap_call

    settings = load_settings(config, {"warehouse": warehouse})
    done = swap_call(settings, call_id, by=by or user())
    if done.resumed:
        click.echo("This swap had been recorded before, but not published. Now it is.")
    for speaker, after in done.after.items():
        before = done.before.get(speaker)
        was = f"{_shown(before)} → " if before not in (None, after) else ""
        click.echo(f"{speaker}: {was}{_shown(after)}")


def _shown(who: Who | None) -> str:
    if who is None:
        return ""
    return f"{who.role} {who.name}" if who.name else str(who.role)
