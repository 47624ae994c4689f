"""`nightcall export`: what was said on a call, for other tools."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import config_option, warehouse_option

if TYPE_CHECKING:
    from calls.settings import Settings
    from models.exporters.exportable import Exportable

FORMATS = ("vtt", "srt", "json", "vcon")
"""The names in `models.exporters.EXPORTERS`, which is slow to import."""


@click.command(epilog="Example: nightcall export A-1042 --format vtt --output A-1042.vtt")
@click.argument("call_id")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="WebVTT with voice tags, SRT, Nightcall's own JSON with words and roles, or vCon.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write there instead of to the terminal.",
)
@warehouse_option
@config_option
def export(
    call_id: str, format_: str, output: Path | None, warehouse: Path | None, config: Path | None
) -> None:
    """Write the transcript of the call CALL_ID, with speakers, in a format that others read.

    It holds what was said and people's names: give it only to those who may hear the call.
    """
    from calls.settings import load_settings
    from flows.cli.output import write_out
    from models.exporters import EXPORTERS

    settings = load_settings(config, {"warehouse": warehouse})
    text = EXPORTERS[format_](_exportable(call_id, settings))
    write_out(text.encode(), output)


def _exportable(call_id: str, settings: Settings) -> Exportable:
    """The call as its artifacts hold it.

    Raises:
        UsageError: if no call of that id has landed, naming those that look alike.
        WarehouseDamaged: if an artifact of it is missing.
    """
    from calls.errors import WarehouseDamaged
    from flows.one_call import find_call
    from models.attribution import attribute
    from models.exporters.exportable import Exportable
    from warehouse.corrections import load_corrections
    from warehouse.store import open_warehouse

    store = open_warehouse(settings.warehouse)
    key, _ = find_call(store, call_id)
    recording, listening = store.artifacts.load_source(key), store.artifacts.load_listening(key)
    if recording is None or listening is None:
        raise WarehouseDamaged(
            f"artifact {key[:12]}…: what was heard on the call is missing. The next night makes "
            "it again: nightcall run"
        )
    corrections = load_corrections(store.artifacts, key)
    call = attribute(recording, listening, settings.attribution, corrections)
    return Exportable.of(call, exported_at=datetime.now(UTC))
