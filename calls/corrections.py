"""What a person has said about a call that its recording and sidecar say otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from calls.errors import UsageError
from calls.labels import Role


@dataclass(frozen=True, slots=True)
class Swap:
    """Somebody said that rep and customer are the other way round.

    `about` names who was taken for whom before any correction: the swap holds as long as that
    stays. `roles` is what is true instead, as pairs of speaker and role, and may be about roles
    that only the wording had proposed.
    """

    about: str
    roles: tuple[tuple[str, Role], ...]
    at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Corrections:
    """All corrections of one call in the order in which they were said."""

    swaps: tuple[Swap, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.swaps)

    def in_force(self, about: str) -> Swap | None:
        """The swap that holds for a call where `about` is who is taken for whom.

        A second swap takes the first one back.
        """
        said = [one for one in self.swaps if one.about == about]
        return said[-1] if len(said) % 2 else None

    def lapsed(self, about: str) -> Swap | None:
        """The last swap, if it held for another state of things than `about`."""
        last = self.swaps[-1] if self.swaps else None
        if last is None or last.about == about or self.in_force(last.about) is None:
            return None
        return last


def exchanged(roles: Mapping[str, Role]) -> dict[str, Role]:
    """The roles of rep and customer the other way round, for the two speakers concerned.

    With two speakers of whom one is known, the other is taken for the other of the two.

    Raises:
        UsageError: there is no one rep and one customer; the text says what to do instead.
    """
    sides = (Role.REP, Role.CUSTOMER)
    held = {side: [name for name, role in roles.items() if role is side] for side in sides}
    if all(len(names) == 1 for names in held.values()):
        (rep,), (customer,) = held[Role.REP], held[Role.CUSTOMER]
        return {rep: Role.CUSTOMER, customer: Role.REP}
    if len(roles) == 2 and set(roles.values()) in ({side, Role.UNKNOWN} for side in sides):
        known = next(role for role in roles.values() if role is not Role.UNKNOWN)
        other = Role.CUSTOMER if known is Role.REP else Role.REP
        return {name: other if role is known else known for name, role in roles.items()}
    who = ", ".join(f"{name} {role}" for name, role in roles.items()) or "nobody"
    raise UsageError(
        f"There is no one rep and one customer to exchange; on the call are: {who}. Say who is who "
        "in the sidecar (participants with their role and channel, or with the names that the "
        "transcript gives them), then run: nightcall run"
    )
