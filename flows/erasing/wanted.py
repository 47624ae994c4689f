"""What an erasure is asked to remove, and which calls that are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from calls.errors import UsageError
from calls.metadata import CallMetadata
from flows.discovery.candidates import Candidate
from flows.erasing.lying import RecordingsThere
from flows.one_call import alike
from warehouse.erasure.known import DERIVED_HEX_DIGITS, KnownCalls, is_of, lists, new_erasure_id
from warehouse.erasure.refusals import Refusals
from warehouse.erasure.target import Target
from warehouse.holds import Hold, hold_on

SHORTEST_NAME = 4
"""Characters of a name or id that is looked for in a reason."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: calls by id, a participant's, an account's, or those before a day.

    `reason` and `by` are kept for ever, so they must not name what is erased.
    """

    call_ids: tuple[str, ...] = ()
    participant: str | None = None
    account: str | None = None
    before: date | None = None
    reason: str | None = None
    by: str | None = None
    delete_recordings: bool = False
    despite_hold: bool = False
    prove: bool = True

    @property
    def scope(self) -> str:
        """What `erasures.scope` says of it."""
        if self.before is not None:
            return "expired"
        if self.participant is not None:
            return "participant"
        return "account" if self.account is not None else "call"


@dataclass(frozen=True, slots=True)
class Selection:
    """The calls that are asked for.

    Args:
        targets: what is to be erased.
        held: the calls that are left out because they are held.
        erased_before: ids that were erased already.
        problems: what could not be found out, in words for people.
    """

    targets: tuple[Target, ...]
    held: Mapping[str, Hold]
    erased_before: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def select(
    request: Request, known: KnownCalls, there: RecordingsThere | None, refusals: Refusals
) -> Selection:
    """The calls a request asks for.

    Args:
        request: what is asked for.
        known: the calls of the warehouse.
        there: what lies in the recordings location; None if that can't be listed.
        refusals: what was erased before.

    Raises:
        UsageError: a call id is unknown; a call is held; or the reason names what is erased.
    """
    ids, erased_before = _wanted_ids(request, known, there, refusals)
    targets = [_with_bytes(one, there) for one in known.targets(ids)]
    found, problems = _only_there(request, known, there, {one.call_id for one in targets})
    targets += [one for one in found if not _is_refused(one, refusals)]
    held = _held(known, targets)
    if held and request.before is None and not request.despite_hold:
        raise UsageError(_refusal(held))
    if request.before is not None and not request.despite_hold:
        targets = [one for one in targets if one.call_id not in held]
    _require_nameless(request, targets)
    return Selection(tuple(targets), held, tuple(erased_before), tuple(problems))


def _wanted_ids(
    request: Request, known: KnownCalls, there: RecordingsThere | None, refusals: Refusals
) -> tuple[list[str], list[str]]:
    """The ids of the calls asked for, and of those that were erased already."""
    erased: list[str] = []
    if request.before is not None:
        return list(known.before(request.before)), erased
    if request.participant is not None:
        ids = list(known.of_participant(request.participant))
    elif request.account is not None:
        ids = list(known.of_account(request.account))
    else:
        ids, erased = _named_ids(request.call_ids, known, there, refusals)
    if there is not None:
        # A sidecar may say something else by now than it did when the call landed.
        taken = filter(None, map(there.key_on_record, _candidates(request, there)))
        ids += [known.id_of(key) for key in taken if _knows(known, key)]
    return list(dict.fromkeys(ids)), erased


def _named_ids(
    call_ids: Iterable[str], known: KnownCalls, there: RecordingsThere | None, refusals: Refusals
) -> tuple[list[str], list[str]]:
    all_ids = known.ids()
    waiting = {one.metadata.call_id for one in there.candidates} if there is not None else set()
    wanted, erased = [], []
    for call_id in dict.fromkeys(call_ids):
        if call_id in all_ids or (call_id in waiting and not refusals.has_call_id(call_id)):
            wanted.append(call_id)
        elif refusals.has_call_id(call_id):
            erased.append(call_id)
        else:
            where = known.warehouse.path
            raise UsageError(f"No call {call_id!r} in {where}. {alike(call_id, all_ids)}")
    return wanted, erased


def _candidates(request: Request, there: RecordingsThere) -> list[Candidate]:
    """What lies in the recordings location of those who are asked for."""
    email, account, ids = request.participant, request.account, frozenset(request.call_ids)

    def is_meant(facts: CallMetadata) -> bool:
        if email is not None:
            return lists(facts, email)
        return is_of(facts, account) if account is not None else facts.call_id in ids

    if email is not None:
        return list(there.where(is_meant, email))
    return [one for one in there.candidates if is_meant(one.metadata)]


def _only_there(
    request: Request, known: KnownCalls, there: RecordingsThere | None, taken: set[str]
) -> tuple[list[Target], list[str]]:
    """Calls that the warehouse knows nothing of yet, and what could not be read."""
    if there is None or request.before is not None:
        return [], []
    targets: dict[str, Target] = {}
    problems = []
    for one in _candidates(request, there):
        on_record = there.key_on_record(one)
        if one.metadata.call_id in taken or (on_record and _knows(known, on_record)):
            continue
        key = there.natural_key(one)
        if key is None:
            problems.append(
                f"{one.name}: it is meant too, but can't be read, so it can't be refused for ever. "
                "Erase again once it can."
            )
            continue
        targets.setdefault(key, _target_there(one, key, there))
    return list(targets.values()), problems


def _target_there(candidate: Candidate, key: str, there: RecordingsThere) -> Target:
    call_id = candidate.metadata.call_id or f"rec-{key[:DERIVED_HEX_DIGITS]}"
    hashes = tuple(sorted(set(there.hashes(candidate)).difference((key,))))
    names = [part.file.name for part in (*candidate.parts, *candidate.mixed_down)]
    return Target(new_erasure_id(), (call_id,), (key,), hashes, tuple(names))


def _with_bytes(target: Target, there: RecordingsThere | None) -> Target:
    """The target with the hashes of a recording that was set aside before it was ever read."""
    if target.keys or there is None:
        return target
    for candidate in there.candidates:
        key = there.natural_key(candidate) if candidate.name in target.names else None
        if key is not None:
            hashes = tuple(sorted(set(there.hashes(candidate)).difference((key,))))
            return replace(target, keys=(key,), hashes=hashes)
    return target


def _is_refused(target: Target, refusals: Refusals) -> bool:
    """True for what was erased before: nothing of it is in the warehouse."""
    return bool(refusals) and any(map(refusals.has_bytes, target.bytes_known))


def _knows(known: KnownCalls, key: str) -> bool:
    return key in known.landed or key in known.outside


def _held(known: KnownCalls, targets: Iterable[Target]) -> dict[str, Hold]:
    artifacts = known.warehouse.artifacts
    return {
        one.call_id: hold
        for one in targets
        for key in one.keys
        if (hold := hold_on(artifacts, key)) is not None
    }


def _refusal(held: Mapping[str, Hold]) -> str:
    """Why nothing is erased: who holds which call, since when, and what can be done."""
    lines = [f"{call_id}: {described(hold)}" for call_id, hold in sorted(held.items())]
    example = min(held)
    return (
        f"{len(held)} of these calls must not be erased:\n"
        + "\n".join(lines)
        + f"\nNothing was erased. Release them with: nightcall hold --release {example}; or erase "
        "them all the same with --despite-hold."
    )


def described(hold: Hold) -> str:
    """A hold in words for people, on one line."""
    by = f" by {hold.by}" if hold.by else ""
    return f"held{by} since {hold.since:%Y-%m-%d}: {' '.join(hold.reason.split())}"


def _require_nameless(request: Request, targets: Iterable[Target]) -> None:
    """Returns when the reason, which is kept for ever, names nothing that is erased."""
    names = [name for name in (request.participant, request.account) if name]
    names += [name for one in targets for name in (*one.ids, *one.names)]
    said = (request.reason or "").casefold()
    named = [name for name in names if said and _is_named(name, said)]
    if named:
        raise UsageError(
            f"The reason names {named[0]!r}, and it is kept for ever. Say why without saying whose "
            "or which call."
        )


def _is_named(name: str, said: str) -> bool:
    """True if a name stands by itself in a text; a number or a few letters may mean anything."""
    if len(name) < SHORTEST_NAME:
        return False
    return re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", said) is not None
