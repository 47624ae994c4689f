"""The command `nightcall`.

Each command lives in a module of its own and is imported only when it is called or listed; heavy
libraries are imported inside the commands, so that `nightcall --help` answers at once.
"""

from __future__ import annotations

import sys
import warnings
from errno import ENOSPC

import click

from calls.errors import NightcallError, UsageError
from flows.cli.lazy_group import LazyGroup
from flows.exit_codes import ExitCode

COMMANDS = {
    "demo": "flows.cli.demo:demo",
    "run": "flows.cli.run:run",
    "analyze": "flows.cli.analyze:analyze",
    "flagged": "flows.cli.flagged:flagged",
    "swap": "flows.cli.swap:swap",
    "export": "flows.cli.export:export",
    "query": "flows.cli.query:query",
    "tables": "flows.cli.tables:tables",
    "evaluate": "flows.cli.evaluate:evaluate",
    "evaluate-speech": "flows.cli.evaluate_speech:evaluate_speech",
    "playbook": "flows.cli.playbook:playbook",
    "messaging": "flows.cli.messaging:messaging",
    "erase": "flows.cli.erase:erase",
    "expire": "flows.cli.expire:expire",
    "hold": "flows.cli.hold:hold",
    "doctor": "flows.cli.doctor:doctor",
}
"""Every command and where it lives, in the order of `--help`."""


@click.group(
    cls=LazyGroup,
    places=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 all due has landed, 1 the night failed, 2 wrong usage, "
    "3 some calls in quarantine, 4 some await transcription.",
)
@click.version_option(package_name="nightcall")
def cli() -> None:
    """Reads a sales team's recorded calls every night and lands what was said as Parquet tables.

    Example: nightcall run --recordings calls/ --warehouse warehouse/
    """


def _one_line(message: Warning | str, *_: object, **__: object) -> None:
    """Shows a warning as people read it, without the line of code that gave it."""
    click.echo(f"Warning: {message}", err=True)


def main() -> None:
    """Runs the command line; errors raised on purpose become one clear line and an exit code."""
    warnings.showwarning = _one_line
    try:
        cli()
    except NightcallError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(ExitCode.USAGE if isinstance(error, UsageError) else ExitCode.FAILED)
    except OSError as error:
        # The disk of the warehouse, say: full, gone, or read-only.
        place = error.filename or "the disk of the warehouse"
        advice = " Free some space, or name another folder." if error.errno == ENOSPC else ""
        click.echo(f"Error: {place}: {error.strerror or error}.{advice}", err=True)
        sys.exit(ExitCode.FAILED)
