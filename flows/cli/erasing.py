"""What `nightcall erase` and `nightcall expire` share: options, the question, what is shown."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import click

from calls.errors import NightcallError, UsageError
from calls.names import printable
from flows.exit_codes import ExitCode

if TYPE_CHECKING:
    import polars as pl

    from calls.settings import Settings
    from flows.erasing.erase import Look, Outcome
    from flows.erasing.lying import Lying
    from flows.erasing.wanted import Request
    from warehouse.erasure.proof import Proof

_Command = TypeVar("_Command", bound=Callable[..., Any])

# So many names are listed; of more the count says enough.
_SHOWN = 20


def erasing_options(command: _Command) -> _Command:
    """The options of whatever erases calls."""
    options = (
        click.option("--reason", help="Why; kept for ever, so name nobody and no call."),
        click.option("--by", help="Who erases; kept for ever. Default: your user name here."),
        click.option("--dry-run", is_flag=True, help="Show what would go; erase nothing."),
        click.option("--yes", is_flag=True, help="Don't ask."),
        click.option(
            "--delete-recording",
            is_flag=True,
            help="Remove recordings, transcripts and sidecars from the recordings location too.",
        ),
        click.option(
            "--despite-hold", is_flag=True, help="Erase calls that are held as well (hold)."
        ),
        click.option(
            "--no-proof",
            is_flag=True,
            help="Don't search the whole warehouse afterwards for what had been said.",
        ),
        click.option(
            "--recordings",
            help="Folder or fsspec URL with the recordings. Default: as in nightcall.toml.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def run_erasure(settings: Settings, request: Request, *, dry_run: bool, yes: bool) -> None:
    """Shows what would go, asks, erases, and says what came of it; ends the process if not all did.

    Raises:
        UsageError: there is nobody to ask.
    """
    from flows.erasing.erase import erase, look_at

    agreed = None
    if dry_run or not yes:
        look = look_at(settings, request)
        _show_look(look, request)
        if dry_run or not look.selection.targets:
            return
        ask(f"Erase {_calls(len(look.selection.targets))}")
        agreed = look.call_ids
    with _what_is_left_to_do_said(settings):
        outcome = erase(settings, request, expected=agreed, each=_searched)
    if agreed is None:
        for line in _found(outcome.look, request):
            click.echo(line)
    for line in _done(settings, outcome, request):
        click.echo(line)
    if not outcome.is_whole:
        sys.exit(ExitCode.FAILED)


@contextmanager
def _what_is_left_to_do_said(settings: Settings) -> Iterator[None]:
    """Says of an erasure that fails or is stopped whether it has begun: then it will happen."""
    from flows.erasing.erase import is_cut_off

    try:
        yield
    except BaseException:
        with suppress(NightcallError, OSError):  # the cause is said; the journal may be part of it
            if is_cut_off(settings):
                click.echo(
                    "The erasure has begun, and is not done. Once what is in its way has been put "
                    "right, the next `nightcall erase` or `nightcall run` finishes it.",
                    err=True,
                )
        raise


def lines_about(lying: Lying) -> Iterator[str]:
    """What lies in the recordings location that nothing removes by itself."""
    for name in lying.claims:
        yield (
            f"{_name(name)}: its sidecar carries the id, but it is another recording. It is "
            "refused too; another call needs another id."
        )
    for name in lying.lists:
        yield f"{_name(name)}: has a row about such a call. Remove it by hand."


def _lines_about_all(look: Look) -> Iterator[str]:
    """What nothing removes by itself of all the calls, each file once."""
    yield from dict.fromkeys(line for one in look.lying.values() for line in lines_about(one))


def _show_look(look: Look, request: Request) -> None:
    from flows.cli.output import show_frame

    for line in _found(look, request):
        click.echo(line)
    if look.selection.targets:
        show_frame(_what_there_is(look), "table")
        for line in _recordings(look, request):
            click.echo(line)


def _found(look: Look, request: Request) -> Iterator[str]:
    """Which calls are meant, and which are not."""
    yield from look.finished
    ids = sorted(look.call_ids)
    if ids:
        yield f"{_calls(len(ids))} to erase: {_some(ids)}"
    elif not look.selection.erased_before:
        yield "No call to erase."
    for call_id in look.selection.erased_before:
        left = "Whether its recordings still lie there: nightcall erase --left"
        if request.delete_recordings:
            left = "What lies there of erased calls goes with: nightcall erase --left"
            left = f"{left} --delete-recording"
        yield f"{call_id}: was erased before. {left}"
    for call_id, hold in sorted(look.selection.held.items()):
        from flows.erasing.wanted import described

        left_out = "" if call_id in look.call_ids else ", so it stays"
        yield f"{call_id}: {described(hold)}{left_out}"
    if look.survey.erasing.quoting:
        count = len(look.survey.erasing.quoting)
        yield (
            f"Quoted by later readings: {_calls(count)} with the same customer. Those stay; what "
            "they quote is cleared, and the next night reads them again."
        )


def _what_there_is(look: Look) -> pl.DataFrame:
    import polars as pl

    rows, files = Counter[str](), Counter[str]()
    for trace in look.survey.traces:
        rows[trace.what] += trace.rows
        files[trace.what] += trace.files
    names = list(dict.fromkeys(trace.what for trace in look.survey.traces))
    return pl.DataFrame(
        {
            "what": names,
            "rows": [rows[name] or None for name in names],
            "files": [files[name] or None for name in names],
        },
        schema={"what": pl.String, "rows": pl.Int64, "files": pl.Int64},
    )


def _recordings(look: Look, request: Request) -> Iterator[str]:
    """What lies in the recordings location, and what becomes of it."""
    yield from look.problems
    yield from look.selection.problems
    files = [_name(name) for name in look.files]
    if files and request.delete_recordings:
        yield f"From the recordings location go: {_some(files)}"
    elif files:
        yield (
            f"In the recordings location stay, refused by every night: {_some(files)}. To remove "
            "them too: --delete-recording"
        )
    yield from _lines_about_all(look)


def ask(what: str) -> None:
    """Returns when somebody at the terminal has said yes; else the command ends.

    Raises:
        UsageError: there is no terminal.
    """
    if not sys.stdin.isatty():
        raise UsageError(
            "Erasing can't be undone, and there is no terminal to ask on. Nothing was erased. Look "
            "with --dry-run, then say --yes."
        )
    if click.prompt(f"{what} for ever? Type yes") != "yes":
        click.echo("Nothing was erased.")
        sys.exit(ExitCode.DONE)


def _searched(count: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\rSearching the warehouse: {count} files", nl=False, err=True)


def _done(settings: Settings, outcome: Outcome, request: Request) -> Iterator[str]:
    """What was erased, whether it could be proved, and what is still to be done."""
    if outcome.erased is None:
        return
    if sys.stderr.isatty():
        click.echo("", err=True)
    calls = outcome.erased.erasing.calls
    rows, files = sum(one.rows for one in calls), sum(one.files for one in calls)
    yield f"Erased {_calls(len(calls))}: {rows} rows and {files} files of the warehouse."
    if outcome.erased.removed:
        yield f"Removed {outcome.erased.removed} files from the recordings location."
    if request.delete_recordings:
        yield from outcome.look.selection.problems
        yield from (printable(one) for one in outcome.not_removed)
        if outcome.look.problems:
            yield "Once it can be listed: nightcall erase --left --delete-recording"
        yield from _lines_about_all(outcome.look)
    else:
        yield from _recordings(outcome.look, request)
    yield from _proved(outcome.erased.proof)
    if outcome.erased.proof is not None:
        yield from _alike(settings, outcome.erased.proof.alike)
    if outcome.erased.mirror:
        yield f"The mirror still holds what was erased here. {outcome.erased.mirror}"
    else:
        yield from filter(None, [_caution(settings)])


def _proved(proof: Proof | None) -> Iterator[str]:
    """What the search came to."""
    if proof is None:
        yield "Not proved: the warehouse was not searched (--no-proof)."
        return
    sought = ", ".join(_counted(count, str(what)) for what, count in proof.looked_for.items())
    if proof.holds:
        yield f"Searched {proof.file_count} files of the warehouse for {sought}: nothing found."
    else:
        yield f"NOT PROVED. Searched {proof.file_count} files of the warehouse for {sought}."
    for one in proof.findings:
        yield f"Found in {one.path}: {one.what}. docs/erasure.md says what to do."
    for path in proof.unreadable:
        yield f"{path}: is damaged and can't be searched. Find out more: nightcall tables check"


def _alike(settings: Settings, keys: Sequence[str]) -> Iterator[str]:
    """The calls that may be the same conversation, by the ids they are erased by."""
    from warehouse.erasure.known import KnownCalls
    from warehouse.store import open_warehouse

    known = KnownCalls(open_warehouse(settings.warehouse))
    for call_id in map(known.id_of, keys[:_SHOWN]):
        yield (
            f"{call_id}: says some of the longest sentences word for word. If it is the same "
            f"conversation, erase it too: nightcall erase {call_id}"
        )
    if len(keys) > _SHOWN:
        yield f"So do {len(keys) - _SHOWN} more calls."


def _caution(settings: Settings) -> str:
    from warehouse import mirror
    from warehouse.store import open_warehouse

    return mirror.caution(open_warehouse(settings.warehouse))


def _calls(count: int) -> str:
    return _counted(count, "call")


def _counted(count: int, what: str) -> str:
    if count == 1:
        return f"1 {what}"
    first, _, rest = what.partition(" of ")
    plural = f"{first}es" if first.endswith("sh") else f"{first}s"
    return f"{count} {plural} of {rest}" if rest else f"{count} {plural}"


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _name(name: str) -> str:
    return printable(name).replace("\n", "\\n")
