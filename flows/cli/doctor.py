"""`nightcall doctor`: what is installed, which models are at hand, and what to do."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calls.errors import NightcallError, UsageError
from flows.cli import doctor_warehouse
from flows.cli.doctor_finding import Finding
from flows.cli.options import config_option, warehouse_option
from flows.exit_codes import ExitCode

if TYPE_CHECKING:
    from calls.settings import Settings

PACKAGES = (
    "prefect",
    "faster-whisper",
    "ctranslate2",
    "av",
    "spacy",
    "pocketsphinx",
    "polars",
    "pyarrow",
    "duckdb",
)

RUNS_WITHOUT = frozenset({"whisper", "diarization", "tidy", "mirror"})
"""What a night can do without: recordings wait, voices on one channel stay one, room is taken."""


@click.command(epilog="Example: nightcall doctor --warehouse nightcall-demo/warehouse")
@warehouse_option
@config_option
def doctor(warehouse: Path | None, config: Path | None) -> None:
    """Say what is installed, which models are at hand, and what to do.

    Exits with 1 when something keeps `nightcall run` from working.
    """
    from calls.settings import load_settings

    findings = list(examine(load_settings(config, {"warehouse": warehouse})))
    for one in findings:
        click.echo(f"{'ok  ' if one.well else 'TODO'}  {one.topic:<12} {one.found}")
        if one.remedy:
            click.echo(f"                   → {one.remedy}")
    well = all(one.well for one in findings if one.topic not in RUNS_WITHOUT)
    sys.exit(ExitCode.DONE if well else ExitCode.FAILED)


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything worth knowing before the first night; no look at one thing hides the others."""
    looks: dict[str, Callable[[Settings], Finding | None]] = {
        "nightcall": _nightcall,
        "packages": _packages,
        "prefect pins": _prefect,
        "whisper": _whisper,
        "pocketsphinx": _embedded,
        "diarization": _diarization,
        "playbook": _playbook,
        "recordings": _recordings,
        "warehouse": doctor_warehouse.contents,
        "on disk": doctor_warehouse.on_disk,
        "tables": doctor_warehouse.tables,
        "tidy": doctor_warehouse.tidy,
        "mirror": doctor_warehouse.mirror,
        "erasures": doctor_warehouse.erasures,
    }
    for topic, look in looks.items():
        try:
            found = look(settings)
            if found is not None:
                yield found
        except NightcallError as error:
            yield Finding(topic, False, str(error))
        except (ImportError, PackageNotFoundError) as error:
            yield Finding(topic, False, f"missing: {error.name}", "Run `make setup`.")


def _nightcall(settings: Settings) -> Finding:
    return Finding("nightcall", True, f"{version('nightcall')}, Python {platform.python_version()}")


def _embedded(settings: Settings) -> Finding:
    return Finding(
        "pocketsphinx",
        True,
        f"{version('pocketsphinx')}, embedded engine: wide-band English only "
        "(--engine pocketsphinx)",
    )


def _recordings(settings: Settings) -> Finding:
    from flows.discovery.location import Location

    location = Location(settings.recordings)
    try:
        location.require()
    except UsageError:
        return Finding("recordings", True, f"no folder {settings.recordings!r} (--recordings)")
    return Finding("recordings", True, f"{len(location.files())} files in {settings.recordings}")


def _packages(settings: Settings) -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    return Finding(
        "packages",
        not missing,
        ", ".join(found),
        f"Missing: {', '.join(missing)}. Run `make setup`." if missing else "",
    )


def _prefect(settings: Settings) -> Finding:
    """Prefect starts but breaks later with newer FastAPI or SQLAlchemy."""
    fastapi, sqlalchemy = _release("fastapi"), _release("sqlalchemy")
    well = fastapi < (0, 151) and sqlalchemy < (2, 1)
    return Finding(
        "prefect pins",
        well,
        f"fastapi {version('fastapi')}, sqlalchemy {version('sqlalchemy')}",
        "" if well else "Flows or schedules fail with these. Run `make setup` again.",
    )


def _release(package: str) -> tuple[int, int]:
    major, minor = version(package).split(".")[:2]
    return int(major), int(minor)


def _whisper(settings: Settings) -> Finding:
    from models.weights import find_weights, how_to_get, why_offline

    model = settings.speech.model
    weights = find_weights(settings.speech)
    if weights is not None:
        return Finding(
            "whisper", True, f"model {weights.name!r} at hand (in the {weights.found_in})"
        )
    offline = why_offline(timeout_s=settings.speech.hub_timeout_s)
    if not offline:
        return Finding(
            "whisper", True, f"model {model!r} is downloaded from the hub by the next run"
        )
    return Finding(
        "whisper",
        False,
        f"no weights for model {model!r}, and the hub can't be reached ({offline})",
        how_to_get(model),
    )


def _diarization(settings: Settings) -> Finding:
    """Voices on one channel are told apart by an optional extra with a model to be asked for."""
    from models.diarization import lacking, model_folder

    topic, model = "diarization", settings.speech.diarization_model
    lack = lacking(settings.speech)
    if lack is not None:
        turned_off = settings.speech.diarization == "off"
        found = f"{lack.reason}: voices on one channel stay one"
        return Finding(topic, turned_off, found, "" if turned_off else lack.remedy)
    where = "at hand"
    if model_folder(settings.speech) is None:
        where = "downloaded from the hub by the next run, if its conditions are accepted"
    return Finding(topic, True, f"pyannote.audio, model {model!r} {where}")


def _playbook(settings: Settings) -> Finding:
    from analyzers.playbook_files import load_playbook
    from analyzers.registry import chosen_analyzers

    chosen_analyzers(settings.analyzers)
    playbook = load_playbook(settings.playbook)
    rules = sum(len(family.rules) for family in playbook.families)
    where = "shipped" if settings.playbook is None else str(settings.playbook)
    return Finding(
        "playbook",
        True,
        f"{where}: {len(playbook.families)} families, {rules} rules, version {playbook.version}",
    )
