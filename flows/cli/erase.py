"""`nightcall erase`: calls that must not be known any more."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calls.errors import UsageError
from flows.cli.erasing import ask, erasing_options, lines_about, run_erasure
from flows.cli.options import config_option, user, warehouse_option
from flows.exit_codes import ExitCode

if TYPE_CHECKING:
    from calls.settings import Settings


@click.command(
    epilog="Example: nightcall erase A-1 --reason 'asked by the customer' --delete-recording"
)
@click.argument("call_ids", nargs=-1, metavar="[CALL_ID]...")
@click.option("--participant", metavar="EMAIL", help="Every call on which this person is listed.")
@click.option("--account", metavar="NAME", help="Every call with this customer.")
@click.option(
    "--left",
    is_flag=True,
    help="Name the recordings of erased calls that still lie in the recordings location.",
)
@erasing_options
@warehouse_option
@config_option
def erase(
    call_ids: tuple[str, ...],
    participant: str | None,
    account: str | None,
    left: bool,
    reason: str | None,
    by: str | None,
    dry_run: bool,
    yes: bool,
    delete_recording: bool,
    despite_hold: bool,
    no_proof: bool,
    recordings: str | None,
    warehouse: Path | None,
    config: Path | None,
) -> None:
    """Erase calls from the whole warehouse, and refuse their recordings for ever.

    Nothing that was said or known of them stays: not in a table, an artifact, a record, nor in what
    other calls quote. That a call was erased stays on record as a hash. Exports and copies made
    elsewhere are out of reach.
    """
    from calls.settings import load_settings
    from flows.erasing.wanted import Request

    given = [bool(call_ids), participant is not None, account is not None, left]
    if sum(given) != 1:
        raise UsageError(
            "Say what to erase: one or more call ids, or --participant EMAIL, or --account NAME "
            "(or, of what was erased before, --left)."
        )
    settings = load_settings(config, {"warehouse": warehouse, "recordings": recordings})
    if left:
        delete = delete_recording and not dry_run
        if delete and not yes:
            if not _show_left(settings, delete=False, asks=True):
                return
            ask("Remove these recordings")
        _show_left(settings, delete=delete)
        return
    request = Request(
        call_ids=call_ids,
        participant=_email(participant) if participant is not None else None,
        account=_name(account) if account is not None else None,
        reason=reason,
        by=by or user(),
        delete_recordings=delete_recording,
        despite_hold=despite_hold,
        prove=not no_proof,
    )
    run_erasure(settings, request, dry_run=dry_run, yes=yes)


def _show_left(settings: Settings, *, delete: bool, asks: bool = False) -> bool:
    """True when recordings of erased calls lay there."""
    from calls.names import printable
    from flows.erasing.erase import left_behind

    lying, not_removed = left_behind(settings, delete=delete)
    if not (lying.files or lying.claims or lying.lists):
        click.echo("No recording of an erased call lies there.")
    failed = {problem.split(":")[0] for problem in not_removed}
    for name in lying.files:
        if name not in failed:
            click.echo(f"{printable(name)}{': removed' if delete else ''}")
    for line in (*not_removed, *lines_about(lying)):
        click.echo(printable(line))
    if lying.files and not delete and not asks:
        click.echo("Remove them with: nightcall erase --left --delete-recording")
    if not_removed:
        sys.exit(ExitCode.FAILED)
    return bool(lying.files)


def _email(given: str) -> str:
    """The address, without the blanks around it.

    Raises:
        UsageError: it is none.
    """
    email = given.strip()
    if email.count("@") != 1 or any(part.isspace() for part in email):
        raise UsageError(
            f"--participant {given!r} is no e-mail address; write it like jane@acme.example."
        )
    return email


def _name(given: str) -> str:
    """The account, without the blanks around it.

    Raises:
        UsageError: nothing is left of it.
    """
    if not given.strip():
        raise UsageError("--account is empty. Name the customer as `calls.account` does.")
    return given.strip()
