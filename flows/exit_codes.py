"""What a command tells the shell."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Where two would fit, quarantine goes before awaiting."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    QUARANTINED = 3
    AWAITING = 4
