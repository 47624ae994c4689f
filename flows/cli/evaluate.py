"""`nightcall evaluate`: how well calls are read, against what people say of them."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import config_option, format_options, playbook_option, warehouse_option
from flows.exit_codes import ExitCode

if TYPE_CHECKING:
    from calls.call import AttributedCall, Reading
    from calls.settings import Settings
    from flows.evaluation.cases import Case
    from flows.evaluation.evaluate import Evaluation, Read
    from flows.evaluation.summary import Heading
    from warehouse.schemas import EvaluationRow
    from warehouse.store import Warehouse


@click.command(epilog="Example: nightcall evaluate gold/ --predictions found.jsonl")
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--predictions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what is found there, one JSON line per single turn, call, or turn of talk.",
)
@click.option(
    "--as-role",
    type=click.Choice(["rep", "customer", "manager"]),
    default="rep",
    show_default=True,
    help="What every speaker of unlabelled talk is taken for.",
)
@click.option(
    "--quotes",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="How many quotes to show per confusion, and per label found in talk.",
)
@playbook_option
@warehouse_option
@config_option
@format_options
def evaluate(
    path: Path,
    predictions: Path | None,
    as_role: str,
    quotes: int,
    playbook: Path | None,
    warehouse: Path | None,
    config: Path | None,
    format_: str,
    output: Path | None,
) -> None:
    """Compare what is found with the labels in PATH, a file or a folder.

    Reads labelled single turns (.jsonl), labelled calls and coaching sessions (.json), and
    unlabelled talk (.jsonl lines with speaker and text), told apart by content; docs/labels.md
    describes labels and forms. Single turns are read with their context, calls with all that is
    known beside them, as in a night.

    Prints precision, recall and F1 per label with 95 % bootstrap intervals, what is mistaken for
    what, how calls and sessions came out, and for talk the hits per 1,000 turns. The figures land
    in the table `evaluations` of the warehouse, where there is one.

    Says how many of the turns the shipped learned layer was trained on: figures on those tell
    nothing of other calls.

    Exits with 0 when everything was read, 3 when something could not be.
    """
    from calls.labels import Role
    from calls.settings import load_settings
    from flows.evaluation.data import find_data
    from flows.evaluation.evaluate import evaluate as run
    from flows.evaluation.learned_from import LearnedFrom
    from flows.evaluation.predictions import PredictionFile
    from flows.evaluation.summary import Heading, rows
    from flows.reader import build_reader
    from flows.versions import used_model_version

    settings = load_settings(config, {"warehouse": warehouse, "playbook": playbook})
    data = find_data(path)
    role = Role(as_role)
    now = datetime.now(UTC)
    heading = Heading(
        evaluation_id=f"{now:%Y-%m-%dT%H%M%SZ}-{secrets.token_hex(2)}",
        started_at=now,
        data=data,
        role=role if data.has_talk else None,
        model_version=used_model_version(settings.labels) or None,
    )
    store = _warehouse(settings, given=warehouse is not None)
    unread: list[str] = []
    read = _surviving(build_reader(settings).read, unread)
    with ExitStack() as stack:
        written = stack.enter_context(PredictionFile(predictions)) if predictions else None
        learned = LearnedFrom(settings.labels)
        cases = _with_progress(learned.watched(data.cases(role)), data.turn_count)
        found = run(cases, read, quotes=quotes, each=written.write if written else None)
    landing = rows(heading, found)
    _show(heading, found, unread, landing, format_, output)
    click.echo(_land(landing, store), err=True)
    if said := learned.sentence():
        click.echo(said, err=True)
    for problem in unread:
        click.echo(f"Not read: {problem}", err=True)
    sys.exit(ExitCode.QUARANTINED if unread else ExitCode.DONE)


def _surviving(read: Read, unread: list[str]) -> Read:
    """Reads calls like `read`; in one that can't be read nothing is found, and `unread` says so."""
    from calls.call import Reading

    def read_or_nothing(call: AttributedCall) -> Reading:
        try:
            return read(call)
        except Exception as error:  # one call's failure must not cost the figures of all others
            unread.append(f"{call.recording.call_id}: {type(error).__name__}: {error}")
            return Reading((), (), (), version="", playbook_version="", language_covered=True)

    return read_or_nothing


def _with_progress(cases: Iterable[Case], turns: int) -> Iterator[Case]:
    """The cases, while a bar on standard error (a line, where it is no terminal) shows how far."""
    with click.progressbar(
        length=turns, label=f"Reading {turns} turns", file=sys.stderr, update_min_steps=50
    ) as shown:
        for case in cases:
            yield case
            shown.update(len(case.judged))


def _show(
    heading: Heading,
    found: Evaluation,
    unread: list[str],
    landing: list[EvaluationRow],
    format_: str,
    output: Path | None,
) -> None:
    from flows.cli.evaluation_report import report
    from flows.cli.output import show, show_parts, write_out
    from flows.evaluation.summary import document
    from warehouse.arrow import to_arrow
    from warehouse.schemas.evaluations import EVALUATIONS

    if format_ == "table":
        show_parts(report(heading, found), output)
    elif format_ == "json":
        text = json.dumps(document(heading, found, unread), ensure_ascii=False, indent=1)
        write_out(f"{text}\n".encode(), output)
    else:
        show(to_arrow(EVALUATIONS, landing), format_, output)


def _warehouse(settings: Settings, *, given: bool) -> Warehouse | None:
    """Where the figures land: made if asked for by name, else where there is one already."""
    from warehouse.layout import settings_file
    from warehouse.store import Warehouse, open_warehouse

    if given:
        return Warehouse.create(settings.warehouse, time_zone=settings.time_zone)
    is_there = settings_file(settings.warehouse).is_file()
    return open_warehouse(settings.warehouse) if is_there else None


def _land(landing: list[EvaluationRow], store: Warehouse | None) -> str:
    """What became of the figures, for people."""
    if not landing:
        return "Nothing landed: nothing is labelled, and there is no talk."
    if store is None:
        return "Nothing landed: there is no warehouse here. Name one with --warehouse."
    store.evaluation_record.add(landing)
    store.publish_evaluations()
    name = landing[0].evaluation_id
    return f"Landed as evaluation {name} in {store.path}, table evaluations."
