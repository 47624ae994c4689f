"""Erasing calls: a look at what would go, and doing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from calls.errors import UsageError
from calls.settings import Settings
from flows.discovery.location import Location
from flows.erasing.lying import Lying, RecordingsThere
from flows.erasing.recordings import Remover, look
from flows.erasing.resume import finish_cut_off
from flows.erasing.wanted import Request, Selection, select
from warehouse.erasure import journal
from warehouse.erasure.erase import Erased, Survey, begin, carry_out, survey
from warehouse.erasure.journal import CallToErase, Order
from warehouse.erasure.known import KnownCalls
from warehouse.erasure.proof import Each
from warehouse.erasure.refusals import load_refusals
from warehouse.erasure.target import Target, Targets
from warehouse.store import Warehouse, open_warehouse


@dataclass(frozen=True, slots=True)
class Look:
    """What would be erased, and what of it lies in the recordings location.

    Args:
        selection: the calls that are asked for.
        survey: what the warehouse holds of them.
        lying: their files in the recordings location, by erasure id.
        finished: what was said of an earlier erasure that had been cut off.
        problems: what could not be found out, in words for people.
    """

    selection: Selection
    survey: Survey
    lying: dict[str, Lying]
    finished: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def call_ids(self) -> frozenset[str]:
        """The calls that would be erased."""
        return frozenset(one.call_id for one in self.selection.targets)

    @property
    def files(self) -> list[str]:
        """Every file in the recordings location that holds or describes one of them."""
        return sorted({name for one in self.lying.values() for name in one.files})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an erasure. `not_removed` says which recordings were to go and could not."""

    look: Look
    erased: Erased | None
    not_removed: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """True when all that was asked for has been done."""
        done = self.erased is None or self.erased.is_whole
        return done and not self.not_removed and not self.look.selection.problems


def look_at(settings: Settings, request: Request) -> Look:
    """What would be erased; nothing is changed, except that a cut-off erasure is finished first.

    Raises:
        UsageError: a call is unknown or held, or the reason names it.
        WarehouseBusy: a night or another erasure is at work.
    """
    store = open_warehouse(settings.warehouse)
    with store.night_lock():
        return _look(settings, request, store)


def erase(
    settings: Settings,
    request: Request,
    *,
    expected: frozenset[str] | None = None,
    each: Each | None = None,
) -> Outcome:
    """What came of an erasure.

    Args:
        settings: the warehouse, and where recordings lie.
        request: what is to be erased.
        expected: the ids of the calls somebody has agreed to; None for whatever is found now.
        each: hears how many files have been searched for the proof.

    Raises:
        UsageError: as `look_at`; or other calls are found now than were agreed to.
        WarehouseBusy: a night or another erasure is at work.
        WarehouseDamaged: something that must be changed can't be read; nothing has begun.
    """
    store = open_warehouse(settings.warehouse)
    with store.night_lock():
        found = _look(settings, request, store)
        if expected is not None and found.call_ids != expected:
            raise UsageError(
                f"There are {len(found.call_ids)} calls to erase now, and you were asked about "
                f"{len(expected)}: a night has run meanwhile. Nothing was erased; look again."
            )
        if not found.selection.targets:
            return Outcome(found, None)
        erasing = found.survey.erasing
        begin(store, erasing)
        remover = Remover(_location(settings, request))
        done = carry_out(store, erasing, remover, each)
        unseen = found.problems if request.delete_recordings else ()
        return Outcome(found, done, (*unseen, *remover.problems))


def _look(settings: Settings, request: Request, store: Warehouse) -> Look:
    there, problem = look(settings, store)
    location = there.location if there is not None else None
    finished = tuple(finish_cut_off(store, location))
    known = KnownCalls(store)
    selection = select(request, known, there, load_refusals(store.path))
    lying = _lying(selection.targets, known, there)
    order = Order(
        scope=request.scope,
        reason=request.reason,
        by=request.by,
        at=datetime.now(UTC),
        email=request.participant,
        prove=request.prove,
    )
    found = survey(store, known, order, selection.targets)
    calls = tuple(
        _with_recordings(one, lying.get(one.target.erasure_id, Lying()), request)
        for one in found.erasing.calls
    )
    return Look(
        selection=selection,
        survey=replace(found, erasing=replace(found.erasing, calls=calls)),
        lying=lying,
        finished=finished,
        problems=(problem,) if problem and selection.targets else (),
    )


def _lying(
    targets: Sequence[Target], known: KnownCalls, there: RecordingsThere | None
) -> dict[str, Lying]:
    if there is None:
        return {}
    sources = (known.source(key) for one in targets for key in one.keys)
    sizes = frozenset(file.size_bytes for one in sources if one for file in one.sources)
    return there.of(Targets(tuple(targets)), sizes)


def _with_recordings(call: CallToErase, lying: Lying, request: Request) -> CallToErase:
    if request.delete_recordings:
        return replace(call, recordings=lying.files)
    return replace(call, left=len(lying.files))


def _location(settings: Settings, request: Request) -> Location | None:
    """The recordings, if something is to be removed there and they can be opened."""
    if not request.delete_recordings:
        return None
    try:
        return Location(settings.recordings)
    except UsageError:
        return None


def left_behind(settings: Settings, *, delete: bool) -> tuple[Lying, tuple[str, ...]]:
    """What lies in the recordings location of calls that were erased, and what could not go.

    Args:
        settings: the warehouse, and where recordings lie.
        delete: True to remove what holds their bytes, and their sidecars.

    Raises:
        UsageError: the recordings location can't be listed.
        WarehouseBusy: a night or an erasure is at work.
    """
    store = open_warehouse(settings.warehouse)
    with store.night_lock():
        there, problem = look(settings, store)
        if there is None:
            raise UsageError(problem)
        refusals = load_refusals(store.path)
        if not refusals:
            return Lying(), ()
        lying = there.refused(refusals)
        remover = Remover(there.location)
        if delete:
            _remove_all(remover, lying.files)
    return lying, tuple(remover.problems)


def _remove_all(remover: Remover, names: Iterable[str]) -> None:
    for name in names:
        remover.remove(name)


def is_cut_off(settings: Settings) -> bool:
    """True while an erasure waits to be finished."""
    return journal.load(open_warehouse(settings.warehouse).path) is not None
