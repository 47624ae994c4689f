"""When a call began, best source first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from calls.call import Source, SourceKind, StartedAtSource
from calls.settings import DiscoverySettings
from flows.discovery.started_at import started_at

FILE_TIME = datetime(2026, 9, 20, 12, tzinfo=UTC)
TAG = datetime(2026, 9, 19, 12, tzinfo=UTC)
PATTERNS = DiscoverySettings().date_patterns


def found(
    name: str, given: datetime | None = None, tag: datetime | None = None
) -> tuple[datetime, StartedAtSource]:
    source = Source(name, SourceKind.AUDIO, "0" * 64, 1, FILE_TIME)
    return started_at([source], given, patterns=PATTERNS, container=lambda _: tag)


def test_the_sidecar_wins_and_is_kept_in_utc() -> None:
    given = datetime.fromisoformat("2026-09-14T23:30:00-02:00")
    assert found("2026-01-01.wav", given, TAG) == (
        datetime(2026, 9, 15, 1, 30, tzinfo=UTC),
        StartedAtSource.SIDECAR,
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2026-09-14.wav", (2026, 9, 14)),
        ("call-2026-09-14T08-15-30.wav", (2026, 9, 14, 8, 15, 30)),
        ("call_2026-09-14_0815.wav", (2026, 9, 14, 8, 15)),
        ("day/20260914-081530-agent.wav", (2026, 9, 14, 8, 15, 30)),
        ("rec20260914.wav", (2026, 9, 14)),
    ],
)
def test_a_date_in_the_file_name_comes_next(name: str, expected: tuple[int, ...]) -> None:
    assert found(name, None, TAG) == (
        datetime(*expected, tzinfo=UTC),
        StartedAtSource.FILE_NAME,
    )


@pytest.mark.parametrize("name", ["call.wav", "4420260914123.wav", "2026-13-45.wav"])
def test_digits_that_are_no_date_are_none(name: str) -> None:
    assert found(name, None, TAG) == (TAG, StartedAtSource.CONTAINER)


def test_the_time_of_the_file_comes_last() -> None:
    assert found("call.wav") == (FILE_TIME, StartedAtSource.FILE_TIME)
