"""How long calls are kept: ages as people write them, and the day before which calls are due."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from calls.errors import UsageError
from warehouse.landed import scan_calls
from warehouse.store import Warehouse

_AGE = re.compile(r"([1-9][0-9]{0,4})([dwmy])")


def day_before(age: str, today: date) -> date:
    """The day that lies so long before today: calls held before it are older.

    Args:
        age: "400d" (days), "52w" (weeks), "13m" (calendar months) or "2y" (calendar years).
        today: the day to count from.

    Raises:
        UsageError: it is no age, or reaches back before the calendar begins.
    """
    found = _AGE.fullmatch(age.strip().lower())
    if found is None:
        raise UsageError(
            f"{age!r} is no age. Write a number and d, w, m or y: 400d (days), 52w (weeks), 13m "
            "(calendar months), 2y (calendar years)."
        )
    count, unit = int(found[1]), found[2]
    try:
        if unit in "dw":
            return today - timedelta(days=count * (7 if unit == "w" else 1))
        return _months_before(today, count * (12 if unit == "y" else 1))
    except (OverflowError, ValueError):
        raise UsageError(f"{age!r} reaches back too far. Name a shorter age.") from None


def today_in(warehouse: Warehouse) -> date:
    """The calendar date now, in the time zone in which the warehouse dates its calls."""
    return datetime.now(UTC).astimezone(ZoneInfo(warehouse.time_zone)).date()


def overdue(warehouse: Warehouse, days: int | None) -> int:
    """How many calls in the tables are older than so many days; none if they are kept for ever."""
    if days is None:
        return 0
    due = today_in(warehouse) - timedelta(days=days)
    with warehouse.reading():
        calls = scan_calls(warehouse.path, "call_date").filter(pl.col("call_date") < due)
        return calls.collect().height


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
