"""Prefect on this machine alone: a private temporary server, no telemetry, no accounts.

Everything is set before Prefect is imported, because Prefect reads its environment then.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Start-up takes 8–15 s; on a loaded machine far more. Prefect's own limit of 20 s is too short.
START_UP_LIMIT_S = 120

QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}
"""No telemetry from client or server."""


def use_private_server(home: Path) -> None:
    """Prepares the environment so that a flow starts its own server and keeps it to itself.

    Args:
        home: where Prefect may keep its database; made here, since a missing parent costs Prefect
            half a minute and an opaque time-out.
    """
    home.mkdir(parents=True, mode=0o700, exist_ok=True)
    os.environ.update(
        QUIET,
        PREFECT_HOME=str(home.resolve()),
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE="true",
        PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS=str(START_UP_LIMIT_S),
        # The night says what it does itself; Prefect is to speak up only when something is wrong.
        PREFECT_LOGGING_LEVEL=os.environ.get("PREFECT_LOGGING_LEVEL", "WARNING"),
    )
    # A server or account from the user's own environment is none of this run's business.
    for name in ("PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING"):
        os.environ.pop(name, None)


@contextmanager
def private_settings() -> Iterator[None]:
    """Keeps to the private server inside, whatever a `.env` or `prefect.toml` nearby says."""
    from prefect.settings import (
        PREFECT_API_KEY,
        PREFECT_API_URL,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        temporary_settings,
    )

    own = {
        PREFECT_API_URL: None,
        PREFECT_API_KEY: None,
        # The heartbeat matters to a server that outlives the run; here it costs a last second.
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
    }
    with temporary_settings(own):
        yield


def use_configured_server() -> None:
    """Leaves the server to the user's own Prefect settings; only telemetry is off."""
    os.environ.update(QUIET)
