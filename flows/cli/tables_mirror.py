"""`nightcall tables mirror`: a copy of the tables where analysts can reach it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import config_option, warehouse_option

if TYPE_CHECKING:
    from calls.settings import Settings
    from warehouse.store import Warehouse


@click.command(
    epilog="Example: nightcall tables mirror s3://acme-sales/nightcall --warehouse warehouse/"
)
@click.argument("url", required=False)
@click.option("--end", "ends", is_flag=True, help="Remove the mirror's files, and forget it.")
@warehouse_option
@config_option
def mirror(url: str | None, ends: bool, warehouse: Path | None, config: Path | None) -> None:
    """Bring the mirror of the tables in line: s3://, gs:// or az:// URL, or a folder.

    Without URL, the one of the setting `tables_mirror`, else the one there is. Credentials come
    from the environment. Erasures reach the mirror too.
    """
    from calls.errors import UsageError
    from calls.settings import load_settings
    from warehouse import mirror as mirrors
    from warehouse.store import open_warehouse

    settings = load_settings(config, {"warehouse": warehouse, "tables_mirror": url})
    store = open_warehouse(settings.warehouse)
    if ends:
        if url is not None:
            raise UsageError("--end takes no URL: it ends the one mirror there is.")
        place = mirrors.place_of(store)
        click.echo(f"{mirrors.end(store)} files removed from {place}. There is no mirror now.")
        return
    done = mirrors.mirror(store, _place(settings, store), each=_say)
    click.echo(
        f"{done.place}: {done.put} files put, {done.removed} removed, {done.unchanged} unchanged."
    )
    if caution := mirrors.caution(store):
        click.echo(caution)


def _place(settings: Settings, store: Warehouse) -> str:
    from calls.errors import UsageError
    from warehouse.mirror import place_of

    place = settings.tables_mirror or place_of(store)
    if place is None:
        raise UsageError(
            "No place for a mirror is known. Name one: nightcall tables mirror s3://bucket/prefix; "
            "or set tables_mirror in nightcall.toml."
        )
    return place


def _say(done: int, total: int) -> None:
    """Writes a line to standard error after every twentieth part of much work."""
    part = max(20, total // 20)
    if done % part == 0 and done < total:
        click.echo(f"put: {done} of {total} files", err=True)
