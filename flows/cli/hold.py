"""`nightcall hold`: calls that must not be erased for now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from calls.errors import UsageError
from flows.cli.options import config_option, user, warehouse_option

if TYPE_CHECKING:
    from calls.settings import Settings


@click.command(epilog="Example: nightcall hold A-1 A-2 --reason 'dispute over the March order'")
@click.argument("call_ids", nargs=-1, metavar="[CALL_ID]...")
@click.option("--reason", help="Why they must be kept.")
@click.option("--release", "is_release", is_flag=True, help="Let them go again.")
@click.option("--by", help="Who says so; kept with the call. Default: your user name here.")
@warehouse_option
@config_option
def hold(
    call_ids: tuple[str, ...],
    reason: str | None,
    is_release: bool,
    by: str | None,
    warehouse: Path | None,
    config: Path | None,
) -> None:
    """Keep calls from being erased or expired; without a CALL_ID list those that are held.

    A hold lies with the call and stays until it is released.
    """
    from calls.settings import load_settings

    settings = load_settings(config, {"warehouse": warehouse})
    if not call_ids:
        if is_release or reason:
            raise UsageError("Name the calls: nightcall hold CALL_ID… --reason TEXT")
        _list(settings)
    elif is_release:
        _release(settings, call_ids, by or user())
    elif not (reason or "").strip():
        raise UsageError("Say why the calls must be kept: --reason TEXT")
    else:
        _hold(settings, call_ids, str(reason), by or user())


def _list(settings: Settings) -> None:
    from flows.erasing.hold import list_holds
    from flows.erasing.wanted import described

    held = list_holds(settings)
    for call_id, one in held:
        click.echo(f"{call_id}: {described(one)}")
    if not held:
        click.echo("No call is held.")


def _hold(settings: Settings, call_ids: tuple[str, ...], reason: str, by: str | None) -> None:
    from flows.erasing.hold import hold_calls

    new = hold_calls(settings, call_ids, reason=reason, by=by)
    for call_id in dict.fromkeys(call_ids):
        click.echo(f"{call_id}: {'held' if call_id in new else 'was held before; nothing changed'}")


def _release(settings: Settings, call_ids: tuple[str, ...], by: str | None) -> None:
    from flows.erasing.hold import release_calls

    released = release_calls(settings, call_ids, by=by)
    for call_id in dict.fromkeys(call_ids):
        click.echo(f"{call_id}: {'released' if call_id in released else 'was not held'}")
