"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

DEMO_WAREHOUSE = Path("nightcall-demo/warehouse")


def warehouse_option(command: _Command) -> _Command:
    """`--warehouse`: the warehouse folder."""
    return click.option(
        "--warehouse",
        type=click.Path(path_type=Path, file_okay=False),
        help="The warehouse folder. Default: as in nightcall.toml, else ./warehouse.",
    )(command)


def config_option(command: _Command) -> _Command:
    """`--config`: the settings file."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        help="A settings file instead of ./nightcall.toml.",
    )(command)


def playbook_option(command: _Command) -> _Command:
    """`--playbook`: a company's own playbook."""
    return click.option(
        "--playbook",
        type=click.Path(path_type=Path, file_okay=False),
        help="A playbook folder of your own, laid over the shipped one.",
    )(command)


def messaging_option(command: _Command) -> _Command:
    """`--messaging`: the claims that marketing and sales agreed."""
    return click.option(
        "--messaging",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The agreed messaging (TOML) that claims are held against.",
    )(command)


def format_options(command: _Command) -> _Command:
    """`--format` and `--output`: for people or for programs."""
    command = click.option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write there instead of to the terminal.",
    )(command)
    return click.option(
        "--format",
        "format_",
        type=click.Choice(["table", "json", "csv", "parquet"]),
        default="table",
        show_default=True,
        help="A table for people, or data for programs.",
    )(command)


def warehouse_folder(given: Path | None, config: Path | None) -> Path:
    """The warehouse a command reads: as given, else as in the settings."""
    from calls.settings import load_settings

    return load_settings(config, {"warehouse": given}).warehouse


def user() -> str | None:
    """The name of whoever is logged in; None where the system knows none (a container, say)."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return None
