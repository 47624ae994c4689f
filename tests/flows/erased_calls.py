"""Calls to erase, and a search for what is left that knows nothing of how they are erased."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from click.testing import CliRunner, Result

from calls.settings import Settings
from flows.cli import cli
from flows.night import one_after_another, run_night
from flows.report import NightReport

BEGAN = datetime(2026, 9, 1, 9, tzinfo=UTC)
ANN = {"name": "Ann Lee", "role": "rep", "email": "ann@seller.example"}
BO = {"name": "Bo Ray", "role": "customer", "email": "Bo.Ray@Acme.example"}
CY = {"name": "Cy Fox", "role": "customer", "email": "cy@other.example"}

FIRST = [
    ("Ann Lee", "How many sites do you have?"),
    ("Bo Ray", "Nine sites, all in Kent, most of them near the old harbour."),
    ("Ann Lee", "What keeps you up at night?"),
    ("Bo Ray", "That the lock gates were last painted in the year of the flood."),
]
SECOND = [
    ("Ann Lee", "Remind me, how many sites do you have?"),
    ("Bo Ray", "I told you that a week ago, and it has not changed."),
]
OTHER = [
    ("Ann Lee", "Good morning. What is new at the brewery?"),
    ("Cy Fox", "We have bottled the winter ale, and the labels came out green."),
]
FIRST_ID, SECOND_ID, OTHER_ID = "A-1042", "B-2001", "C-3001"


def settings_at(folder: Path) -> Settings:
    """Settings of a night on the recordings in that folder."""
    return Settings.model_validate(
        {
            "recordings": str(folder / "recordings"),
            "warehouse": folder / "warehouse",
            "discovery": {"settle_s": 0},
            "speech": {"engine": "pocketsphinx"},
        }
    )


def transcript(said: Iterable[tuple[str, str]]) -> str:
    cues = [
        f"00:00:{5 * at:02d}.000 --> 00:00:{5 * at + 4:02d}.000\n<v {who}>{text}\n"
        for at, (who, text) in enumerate(said)
    ]
    return "WEBVTT\n\n" + "\n".join(cues)


def add_call(
    folder: Path, name: str, said: Iterable[tuple[str, str]], *, days: int = 0, **facts: Any
) -> Path:
    """A ready transcript with a sidecar, so many days after the first; its file."""
    path = folder / f"{name}.vtt"
    path.write_text(transcript(said))
    began = (BEGAN + timedelta(days=days)).isoformat()
    known = {"started_at": began, "account": "Acme Quays", "participants": [ANN, BO]}
    write_sidecar(folder, name, **known | facts)
    return path


def write_sidecar(folder: Path, name: str, **facts: Any) -> None:
    (folder / f"{name}.call.json").write_text(json.dumps(facts))


def three_calls(folder: Path) -> None:
    """One call, a later one that knows it, and one with another customer on the first one's day."""
    add_call(folder, "harbour", FIRST, call_id=FIRST_ID)
    add_call(folder, "later", SECOND, days=7, call_id=SECOND_ID)
    others = {"account": "Other Brewery", "participants": [ANN, CY]}
    add_call(folder, "brewery", OTHER, call_id=OTHER_ID, **others)


def night(settings: Settings) -> NightReport:
    return run_night(settings, one_after_another)


def nightcall(settings: Settings, *arguments: str) -> Result:
    """A command on the warehouse and recordings of these settings."""
    command, *rest = arguments
    where = ["--warehouse", str(settings.warehouse)]
    if command in ("erase", "expire"):
        where += ["--recordings", settings.recordings, "--by", "op"]
    return CliRunner().invoke(cli, [command, *rest, *where])


def erased(settings: Settings, *arguments: str) -> Result:
    """An erasure that must succeed."""
    done = nightcall(settings, "erase", *arguments, "--yes")
    assert done.exit_code == 0, done.output
    return done


def key_of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def what_is_known(path: Path, call_id: str, said: Iterable[tuple[str, str]]) -> list[str]:
    """Everything by which a call could be known again: id, key, file, every sentence, odd words."""
    texts = [text for _, text in said]
    odd = [word for text in texts for word in text.strip("?.").split() if len(word) > 6]
    return [call_id, key_of(path), path.name, *texts, *odd]


def where_is(folder: Path, texts: Iterable[str]) -> list[tuple[str, str]]:
    """The files of a folder that hold one of those texts, raw or once decoded."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        shown = path.relative_to(folder).as_posix()
        data = path.read_bytes()
        whole = "\n".join([shown, data.decode("utf-8", "replace"), *_decoded(path.suffix, data)])
        found += [(shown, text) for text in texts if text.lower() in whole.lower()]
    return found


def _decoded(suffix: str, data: bytes) -> Iterator[str]:
    if suffix == ".parquet":
        yield str(pq.read_table(io.BytesIO(data)).to_pylist())
    elif suffix == ".arrow":
        source = pa.BufferReader(data)
        while source.tell() < len(data):
            with pa.ipc.open_stream(source) as reader:
                table = reader.read_all()
                yield str(table.to_pylist()) + str(table.schema.metadata)
    elif suffix in (".json", ".jsonl"):
        yield from (str(json.loads(line)) for line in data.splitlines() if suffix == ".jsonl")


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file with what changes when it is written again."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }
