"""`nightcall run`: one night on the user's own recordings."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flows.cli.options import config_option, messaging_option, playbook_option, warehouse_option


@click.command(
    epilog="Example: nightcall run --recordings calls/ --warehouse warehouse/ --model small"
)
@click.option(
    "--recordings",
    help="Folder or fsspec URL (s3://, gs://, az://, sftp://) with the recordings.",
)
@warehouse_option
@config_option
@playbook_option
@messaging_option
@click.option(
    "--engine",
    type=click.Choice(["auto", "faster-whisper", "pocketsphinx"]),
    help="What listens. Default faster-whisper; auto takes pocketsphinx where Whisper's weights "
    "can't be had.",
)
@click.option("--model", help="Whisper size, hub id, or a folder with a CTranslate2 model.")
@click.option(
    "--listen-again",
    is_flag=True,
    default=None,
    help="Hear every call again whose files are there: after a change of model, hotwords or "
    "redaction.",
)
@click.option("--settle", type=float, help="Seconds a file must have been left alone.")
@click.option("--no-prefect", is_flag=True, help="The same steps in this process, without Prefect.")
@click.option(
    "--prefect-api",
    is_flag=True,
    help="Report to the Prefect server configured in your environment.",
)
def run(
    recordings: str | None,
    warehouse: Path | None,
    config: Path | None,
    playbook: Path | None,
    messaging: Path | None,
    engine: str | None,
    model: str | None,
    listen_again: bool | None,
    settle: float | None,
    no_prefect: bool,
    prefect_api: bool,
) -> None:
    """Transcribe, read and land every call that is new or has changed.

    Running again does only what is due. A recording that can't be taken is set aside with its
    reason, and the rest goes on.
    """
    from calls.settings import load_settings
    from flows.cli.night_runner import print_report, run_shown

    settings = load_settings(
        config,
        {
            "recordings": recordings,
            "warehouse": warehouse,
            "playbook": playbook,
            "messaging": messaging,
            "speech": {"engine": engine, "model": model},
            "discovery": {"settle_s": settle},
            "night": {"listen_again": listen_again},
        },
    )
    report = run_shown(settings, prefect=not no_prefect, own_server=not prefect_api)
    print_report(report)
    sys.exit(report.exit_code)
