"""vCon, the IETF's container for conversations, as `draft-ietf-vcon-vcon-core` defines it (0.4.0).

The parties, one dialog that stands for the recording, and the transcript as an analysis whose body
is Nightcall's own JSON (`models.exporters.native`).
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from calls.call import Speaker
from calls.labels import Role
from models.exporters.exportable import Exportable, label_of
from models.exporters.native import document, to_json
from models.importers.native import MARK, VERSION

_SYNTAX = "0.4.0"
# The extension for contact centres (draft-ietf-vcon-cc-extension) gives a party its role.
_ROLES = "CC"
_ROLE_NAMES = {Role.REP: "agent", Role.CUSTOMER: "customer", Role.MANAGER: "supervisor"}
# The same call is the same conversation, however often it is exported.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, MARK)


def write(call: Exportable) -> str:
    """The call as a vCon."""
    known_roles = any(one.role in _ROLE_NAMES for one in call.speakers)
    container = {
        "vcon": _SYNTAX,
        "uuid": str(uuid.uuid5(_NAMESPACE, f"{call.call_id} {_instant(call.started_at)}")),
        "created_at": _instant(call.exported_at),
        "subject": call.call_id,
        "extensions": [_ROLES] if known_roles else [],
        "parties": [_party(one) for one in call.speakers],
        "dialog": [
            {
                "type": "recording",
                "start": _instant(call.started_at),
                "duration": round(call.duration_s, 3),
                "parties": list(range(len(call.speakers))),
            }
        ],
        "analysis": [
            {
                "type": "transcript",
                "dialog": 0,
                "vendor": "nightcall",
                "schema": f"{MARK}/{VERSION}",
                "mediatype": "application/json",
                "encoding": "json",
                "body": to_json(document(call)),
            }
        ],
    }
    return to_json(container, indent=1) + "\n"


def _party(speaker: Speaker) -> dict[str, Any]:
    party = {"name": label_of(speaker)}
    if speaker.email:
        party["mailto"] = speaker.email
    if speaker.role in _ROLE_NAMES:
        party["role"] = _ROLE_NAMES[speaker.role]
    return party


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
