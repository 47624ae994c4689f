from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from calls.corrections import Corrections, Swap, exchanged
from calls.errors import UsageError, WarehouseDamaged
from calls.labels import Role
from warehouse.artifacts import ArtifactStore
from warehouse.corrections import CORRECTIONS, add_swap, load_corrections

KEY = "ab" * 32
AT = datetime(2026, 9, 14, 10, 30, tzinfo=UTC)
REP, CUSTOMER, UNKNOWN, MANAGER = Role.REP, Role.CUSTOMER, Role.UNKNOWN, Role.MANAGER


def swap(about: str = "x", by: str | None = "Zoë") -> Swap:
    return Swap(about, (("ch0", CUSTOMER), ("Anna Großmann", REP)), AT, by)


def test_corrections_come_back_in_order_and_exactly(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    assert load_corrections(store, KEY) == Corrections()
    first = add_swap(store, KEY, swap())
    second = add_swap(store, KEY, swap("y", by=None))
    assert first.swaps == (swap(),)
    assert load_corrections(store, KEY) == second == Corrections((swap(), swap("y", by=None)))
    assert not list((tmp_path / "work" / "unfinished").iterdir())


def test_a_file_that_can_not_be_read_is_named_and_not_overwritten(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    add_swap(store, KEY, swap())
    path = store.folder(KEY) / CORRECTIONS
    for damaged in (b"", b"{}", b'{"corrections": [{"what": "rename"}]}', path.read_bytes()[:-9]):
        path.write_bytes(damaged)
        with pytest.raises(WarehouseDamaged, match=r"corrections\.json.*nightcall swap"):
            load_corrections(store, KEY)
        with pytest.raises(WarehouseDamaged):
            add_swap(store, KEY, swap())
        assert path.read_bytes() == damaged


def test_corrections_go_with_the_call(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    add_swap(store, KEY, swap())
    assert store.remove(KEY)
    assert not load_corrections(store, KEY)


def test_a_second_swap_takes_the_first_back_and_a_third_holds_again() -> None:
    one = Corrections((swap(),))
    assert one.in_force("x") == swap()
    assert Corrections((swap(), swap())).in_force("x") is None
    assert Corrections((swap(),) * 3).in_force("x") == swap()


def test_a_swap_holds_only_for_the_state_it_was_said_about() -> None:
    one = Corrections((swap("x"),))
    assert one.in_force("y") is None
    assert one.lapsed("y") == swap("x")
    assert one.lapsed("x") is None
    assert Corrections((swap("x"), swap("x"))).lapsed("y") is None
    assert Corrections().lapsed("y") is None


@pytest.mark.parametrize(
    ("roles", "swapped"),
    [
        ({"a": REP, "b": CUSTOMER}, {"a": CUSTOMER, "b": REP}),
        ({"a": UNKNOWN, "b": CUSTOMER}, {"a": CUSTOMER, "b": REP}),
        ({"a": REP, "b": UNKNOWN}, {"a": CUSTOMER, "b": REP}),
        ({"a": REP, "m": MANAGER, "b": CUSTOMER}, {"a": CUSTOMER, "b": REP}),
    ],
)
def test_rep_and_customer_change_places(roles: dict[str, Role], swapped: dict[str, Role]) -> None:
    assert exchanged(roles) == swapped


@pytest.mark.parametrize(
    "roles",
    [
        {},
        {"a": REP},
        {"a": UNKNOWN, "b": UNKNOWN},
        {"a": REP, "b": MANAGER},
        {"a": REP, "b": REP},
        {"a": REP, "b": CUSTOMER, "c": CUSTOMER},
        {"a": REP, "b": UNKNOWN, "c": UNKNOWN},
    ],
)
def test_where_it_is_not_clear_who_changes_places_the_sidecar_is_asked_for(
    roles: dict[str, Role],
) -> None:
    with pytest.raises(UsageError, match=r"sidecar.*nightcall run"):
        exchanged(roles)
