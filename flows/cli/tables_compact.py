"""`nightcall tables compact`: remove what is of no use any more, and write old files anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import config_option, warehouse_folder, warehouse_option
from flows.cli.shown_bytes import bytes_shown

if TYPE_CHECKING:
    from warehouse.compact import Step


@click.command(epilog="Example: nightcall tables compact --dry-run --warehouse warehouse/")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@warehouse_option
@config_option
def compact(dry_run: bool, warehouse: Path | None, config: Path | None) -> None:
    """Remove dates without calls and leftovers of killed runs; write outdated table files anew.

    The tables say the same afterwards. What was heard of a call is never removed: where it seems to
    be of no use any more it is named, with the command that removes it. No night can start
    meanwhile.
    """
    from warehouse.compact import compact as compact_warehouse
    from warehouse.store import open_warehouse

    store = open_warehouse(warehouse_folder(warehouse, config))
    done = compact_warehouse(store, dry_run=dry_run, each=lambda step: _show(step, dry_run=dry_run))
    if dry_run:
        click.echo(f"Files to be removed: {done.files:,} ({bytes_shown(done.freed_bytes)}).")
    else:
        click.echo(f"Files removed: {done.files:,}. Freed: {bytes_shown(done.freed_bytes)}.")


def _show(step: Step, *, dry_run: bool) -> None:
    deed = f"to be {step.deed}" if dry_run and step.deed != "kept" else step.deed
    click.echo(f"{deed:<15} {step.where}: {step.what}{_size(step)}")


def _size(step: Step) -> str:
    """How much it is, where that is known and something."""
    if not step.size_bytes:
        return ""
    size = bytes_shown(abs(step.size_bytes))
    if step.deed == "rewritten":
        return f" ({size} {'smaller' if step.size_bytes > 0 else 'larger'} now)"
    return f" ({step.files:,} files, {size})" if step.files != 1 else f" (1 file, {size})"
