"""`nightcall playbook`: check the playbook, begin one's own, see what it would change."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.options import config_option, warehouse_option
from flows.exit_codes import ExitCode

if TYPE_CHECKING:
    import polars as pl

    from analyzers.playbook_check import Problem
    from flows.playbook_diff import Difference, RuleCount

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(epilog="Example: nightcall playbook check our-playbook/")
def playbook() -> None:
    """Look after the phrases that are flagged: check them, write your own, compare."""


@playbook.command(epilog="Example: nightcall playbook check our-playbook/")
@click.argument("folder", metavar="[DIR]", required=False, type=_FOLDER)
@config_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table for people, or data for programs.",
)
def check(folder: Path | None, config: Path | None, format_: str) -> None:
    """Check every rule of the playbook against its own examples.

    DIR is a playbook of your own, laid over the shipped one; left out, the one of the settings, if
    any. Exits with 2 if something is wrong; warnings alone exit with 0.
    """
    from analyzers.playbook_check import check_playbook
    from analyzers.playbook_files import playbook_languages, read_playbook
    from calls.errors import PlaybookInvalid
    from calls.settings import load_settings

    folder = folder or load_settings(config).playbook
    problems: list[Problem] = []
    counted: list[str] = []
    try:
        for language in sorted(playbook_languages(folder)):
            loaded = read_playbook(folder, language)
            problems.extend(check_playbook(loaded))
            rules = [rule for family in loaded.playbook.families for rule in family.rules]
            examples = sum(len(rule.hits) + len(rule.misses) for rule in rules)
            counted.append(f"{language}: {len(rules)} rules with {examples} examples")
    except PlaybookInvalid as error:
        _show_refusal(str(error), format_)
        sys.exit(ExitCode.USAGE)
    _show_problems(problems, counted, format_)
    if any(not one.is_warning for one in problems):
        sys.exit(ExitCode.USAGE)


@playbook.command(epilog="Example: nightcall playbook new our-playbook/")
@click.argument("folder", metavar="DIR", type=_FOLDER)
def new(folder: Path) -> None:
    """Begin a playbook of your own in the new folder DIR, with an example to write over."""
    from flows.playbook_scaffold import scaffold_playbook

    for path in scaffold_playbook(folder):
        click.echo(path)
    click.echo(f"Next: edit them, then run: nightcall playbook check {folder}")


@playbook.command(
    epilog="Example: nightcall playbook diff --with our-playbook/ --warehouse warehouse/"
)
@click.option(
    "--with",
    "other",
    type=_FOLDER,
    help="A playbook of your own, laid over the shipped one.",
)
@click.option("--model", type=_FOLDER, help="Another learned layer, as `make train` writes it.")
@warehouse_option
@config_option
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=40,
    show_default=True,
    help="How many moments to show in the table; data for programs holds all.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="Tables for people, or data for programs.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write there instead of to the terminal.",
)
def diff(
    other: Path | None,
    model: Path | None,
    warehouse: Path | None,
    config: Path | None,
    limit: int,
    format_: str,
    output: Path | None,
) -> None:
    """Show which moments another playbook or model would win and lose, with quotes.

    Every call of the warehouse is read again from its stored words, as the settings say and with
    the other one, or with both. Nothing is listened to, and nothing is written. The counts are per
    label, per label and finder, and per rule. A moment that the learned layer finds as well is not
    lost with its rule.

    Exits with 0, or with 3 if some calls could not be read.
    """
    from calls.errors import UsageError
    from calls.settings import load_settings
    from flows.playbook_diff import compare
    from warehouse.store import open_warehouse

    if other is None and model is None:
        raise UsageError("Nothing to compare with: name a playbook (--with) or a model (--model).")
    given = {"warehouse": warehouse}
    settings = load_settings(config, given)
    # Whoever names a model wants it used, whatever the settings say.
    labels = {"model": model, "use_model": True if model else None}
    then = load_settings(config, {**given, "playbook": other, "labels": labels})
    store = open_warehouse(settings.warehouse)
    count = len(store.landed())
    with click.progressbar(
        length=count, label=f"Reading {count} calls twice", file=sys.stderr
    ) as shown:
        found = compare(
            store,
            settings,
            then,
            each=lambda: shown.update(1),
        )
    _show_difference(found, format_, limit, output)
    for problem in found.unread:
        click.echo(f"Not read: {problem}", err=True)
    sys.exit(ExitCode.QUARANTINED if found.unread else ExitCode.DONE)


def _show_refusal(text: str, format_: str) -> None:
    """What keeps the playbook from being read at all."""
    if format_ == "json":
        lines = [
            {"place": "", "rule": "", "level": "error", "text": one} for one in text.split("\n")
        ]
        click.echo(json.dumps(lines, ensure_ascii=False))
    else:
        click.echo(text)


def _show_problems(problems: list[Problem], counted: list[str], format_: str) -> None:
    import polars as pl

    from flows.cli.output import show_frame

    rows = [
        {
            "place": one.place,
            "rule": one.rule,
            "level": "warning" if one.is_warning else "error",
            "text": one.text,
        }
        for one in problems
    ]
    if format_ == "json":
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if rows:
        show_frame(pl.DataFrame(rows), "table")
    warnings = sum(one.is_warning for one in problems)
    click.echo(f"{'; '.join(counted)}. Errors: {len(problems) - warnings}. Warnings: {warnings}.")


def _show_difference(found: Difference, format_: str, limit: int, output: Path | None) -> None:
    import polars as pl

    from flows.cli.output import show_frame, show_parts, write_out

    changes = [{**asdict(one), "rules": " ".join(one.rules)} for one in found.changes]
    if format_ == "csv":
        schema = ["change", "label", "found_by", "rules", "call_id", "call_date"]
        schema += ["speaker", "at_s", "quote", "words"]
        show_frame(pl.DataFrame(changes, schema=None if changes else schema), "csv", output)
    elif format_ == "json":
        data = {
            "calls": found.calls,
            "labels": _counts(found.labels, "label"),
            "finders": _finder_counts(found),
            "rules": _counts(found.rules, "rule"),
            "changes": changes,
            "unread": found.unread,
        }
        text = json.dumps(data, ensure_ascii=False, default=str)
        write_out(f"{text}\n".encode(), output)
    else:
        show_parts(_for_people(found, limit), output)


def _for_people(found: Difference, limit: int) -> Iterator[str | pl.DataFrame]:
    """The totals, then the labels, finders and rules that change anything, then the moments."""
    import polars as pl

    from flows.playbook_diff import LOST, WON, total

    totals = total(found)
    yield f"Calls read: {found.calls}. Moments won: {totals[WON]}, lost: {totals[LOST]}."
    if not found.changes:
        return
    yield pl.DataFrame(_changed(_counts(found.labels, "label")))
    yield pl.DataFrame(_changed(_finder_counts(found)))
    yield pl.DataFrame(_changed(_counts(found.rules, "rule")))
    if limit:
        yield pl.DataFrame(
            [
                {
                    "": one.change,
                    "label": one.label,
                    "rules": "\n".join(one.rules),
                    "call, minute": f"{one.call_id}\n{int(one.at_s // 60)}:{int(one.at_s % 60):02}",
                    "quote": one.quote,
                }
                for one in found.changes[:limit]
            ]
        )
    if len(found.changes) > limit:
        yield f"{len(found.changes) - limit} more: --limit, or --format csv for all of them."


def _counts(counts: dict[str, RuleCount], name: str) -> list[dict[str, Any]]:
    return [{name: key, **asdict(count)} for key, count in sorted(counts.items())]


def _finder_counts(found: Difference) -> list[dict[str, Any]]:
    return [
        {"label": label, "found_by": finder, **asdict(count)}
        for (label, finder), count in sorted(found.finders.items())
    ]


def _changed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Only the rows in which something was won or lost, or the count differs."""
    return [one for one in rows if one["won"] or one["lost"] or one["now"] != one["then"]]
