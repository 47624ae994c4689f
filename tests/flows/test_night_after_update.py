"""Nights of a newer Nightcall, whose tables have changed, in a warehouse that is there already."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import warehouse
from analyzers.reading import Reader
from calls.measures import Measure
from calls.settings import Settings
from flows import versions
from flows.night import Worked, one_after_another, run_night
from flows.progress import Lines, showing
from flows.report import ExitCode
from tests.warehouse.newer import GROWN, newer_nightcall, older_states
from warehouse import rows
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec

pytestmark = pytest.mark.speech

VTT = """WEBVTT

00:00:00.000 --> 00:00:04.000
<v Ann Lee>Good morning. What keeps you up at night?

00:00:05.000 --> 00:00:08.000
<v Bo Ray>The harbour, mostly. {}
"""


@pytest.fixture
def landed(settings: Settings, recordings: Path) -> Settings:
    """The settings of a warehouse with two calls."""
    for name in ("a", "b"):
        (recordings / f"{name}.vtt").write_text(VTT.format(name))
    assert run_night(settings, one_after_another).exit_code is ExitCode.DONE
    return settings


@contextmanager
def updated(tables: dict[str, TableSpec]) -> Iterator[None]:
    """While this lasts, tables are those, and calls read before are to be read again."""
    with newer_nightcall(tables), pytest.MonkeyPatch.context() as patch:
        patch.setattr(versions, "SCHEMA_FINGERPRINT", "another")
        yield


def test_the_tables_are_brought_up_to_date_and_then_all_calls_are_read_again(
    landed: Settings, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (recordings / "c.vtt").write_text(VTT.format("c"))
    scorecards = GROWN["scorecards"]
    said = io.StringIO()
    found_at_first = []

    def looking_first(settings: Settings, batches: tuple[Path, ...]) -> Worked:
        store = warehouse.open(settings.warehouse)
        assert store.is_current()
        found_at_first.extend(older_states(store, "laugh_count"))
        return one_after_another(settings, batches)

    read = Reader.read

    def laughing(self, call):
        reading = read(self, call)
        return replace(reading, measures=(*reading.measures, Measure("laugh_count", 3)))

    with updated({"scorecards": scorecards}), showing(Lines(said)):
        monkeypatch.setattr(rows, "ScorecardRow", scorecards.row_type)
        monkeypatch.setitem(rows.MEASURE_COLUMNS, "scorecards", frozenset(scorecards.measures))
        monkeypatch.setattr(Reader, "read", laughing)
        report = run_night(landed, looking_first)
        assert report.exit_code is ExitCode.DONE
        assert report.night.landed_count == 3
        store = warehouse.open(landed.warehouse)
        assert store.scorecards.collect()["laugh_count"].to_list() == [3, 3, 3]
        assert older_states(store, "laugh_count") == []
        assert store.calls.collect()["revision"].sort().to_list() == [1, 2, 2]
        assert run_night(landed, one_after_another).night.unchanged_count == 3
    assert len(found_at_first) == 2
    assert said.getvalue().startswith("The tables were written by an earlier version of Nightcall")
    assert said.getvalue().count("earlier version") == 1


BROKEN = {
    "turns": replace(
        ALL_TABLES["turns"],
        version=ALL_TABLES["turns"].version + 1,
        readable_from=ALL_TABLES["turns"].version + 1,
    )
}


def test_what_no_longer_fits_is_read_again_and_what_can_not_be_leaves_the_tables(
    landed: Settings, recordings: Path
) -> None:
    store = warehouse.open(landed.warehouse)
    keys = {one.recording: key for key, one in store.landed().items()}
    (recordings / "b.vtt").unlink()
    (store.artifacts.folder(keys["b.vtt"]) / "listening.arrow").unlink()
    said = io.StringIO()
    with updated(BROKEN), showing(Lines(said)):
        run_night(landed, one_after_another)
        assert store.is_current()
        assert store.calls.collect()["recording"].to_list() == ["a.vtt"]
        assert store.turns.collect().height == 2
        (recordings / "b.vtt").write_text(VTT.format("b"))
        run_night(landed, one_after_another)
        assert store.calls.collect()["recording"].sort().to_list() == ["a.vtt", "b.vtt"]
    (line,) = [one for one in said.getvalue().splitlines() if "fit the tables no more" in one]
    assert line.startswith(f"1 call, e.g. {keys['b.vtt'][:12]}…, ")
