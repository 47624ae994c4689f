"""What a night came to, in words for the operator and in an exit code for the scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calls.errors import NightcallError
from flows.exit_codes import ExitCode
from warehouse.schemas import NightRow


@dataclass(frozen=True, slots=True)
class QuarantinedFile:
    """A recording set aside, and why."""

    name: str
    error_class: str
    message: str


@dataclass(frozen=True, slots=True)
class NightReport:
    """What came of one night. `standing` lies in quarantine from earlier nights.

    `mirror` says why the mirror of the tables is not in line; "" when nothing is amiss with it.
    Of the recordings that were refused, `refused_ids` only carry the id of an erased call;
    `overdue` calls are older than calls are to be kept.
    """

    night: NightRow
    quarantined: tuple[QuarantinedFile, ...]
    standing: tuple[QuarantinedFile, ...]
    unpublished: tuple[str, ...]
    unsettled: tuple[str, ...]
    why_awaiting: tuple[str, ...]
    mirror: str = ""
    refused_ids: int = 0
    overdue: int = 0

    @property
    def exit_code(self) -> ExitCode:
        """0 when everything due has landed; what still lies in quarantine counts."""
        if self.night.status == "failed":
            return ExitCode.FAILED
        if self.quarantined or self.standing:
            return ExitCode.QUARANTINED
        return ExitCode.AWAITING if self.night.awaiting_count else ExitCode.DONE

    def lines(self) -> Iterator[str]:
        """The closing lines of a run: what needs attention, then the sum."""
        for one in self.quarantined:
            yield f"quarantined ({one.error_class}): {one.message}"
        for one in self.standing:
            yield f"still in quarantine ({one.error_class}): {one.message}"
        yield from self.unpublished
        for name in self.unsettled:
            yield f"left for the next run, it may still be being written: {name}"
        if self.night.awaiting_count:
            yield from (f"awaiting transcription: {why}" for why in self.why_awaiting)
        if self.mirror:
            yield self.mirror
        yield from self._about_erased()
        yield self.sum_line()

    def _about_erased(self) -> Iterator[str]:
        """What lies there although it was erased, and what is to be; without naming any of it."""
        by_bytes = (self.night.refused_count or 0) - self.refused_ids
        if by_bytes:
            yield (
                f"refused: recordings of erased calls still lie in the recordings location "
                f"({by_bytes}). Remove them with: nightcall erase --left --delete-recording"
            )
        if self.refused_ids:
            yield (
                f"refused: sidecars of other recordings ({self.refused_ids}) carry the id of an "
                "erased call. If it is another call, give it another id. To see which: nightcall "
                "erase --left"
            )
        if self.overdue:
            yield (
                f"overdue: calls older than retention_days ({self.overdue}). A night erases "
                "nothing by itself; do it with: nightcall expire"
            )

    def sum_line(self) -> str:
        """N landed, N quarantined, N await transcription, and what to do."""
        night = self.night
        parts = [
            f"{night.landed_count + night.no_speech_count} landed"
            + (f" ({night.no_speech_count} without speech)" if night.no_speech_count else ""),
            f"{len(self.quarantined) + len(self.standing)} quarantined",
            f"{night.awaiting_count} await transcription",
        ]
        if night.duplicate_count:
            parts.append(f"{night.duplicate_count} duplicate")
        if night.unchanged_count:
            parts.append(f"{night.unchanged_count} had landed before")
        return f"{', '.join(parts)}. {self._what_to_do()}"

    def _what_to_do(self) -> str:
        if self.exit_code is ExitCode.FAILED:
            return "The night failed: see the messages above; run again, finished work is kept."
        if self.exit_code is ExitCode.QUARANTINED:
            return "Correct what is named above; it is tried again as soon as it changes."
        if self.exit_code is ExitCode.AWAITING:
            return "Get the weights (`nightcall doctor` says how) and run again."
        return "Next: `nightcall flagged`."


class NightFailed(NightcallError):
    """A night of which some part broke. Raised by the flow, so that Prefect counts it as failed."""

    retryable = True
