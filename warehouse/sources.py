"""What is known of a call before it is heard, as a small JSON file."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from calls.call import Recording, Source, SourceKind, StartedAtSource
from calls.labels import Role
from calls.metadata import CallMetadata
from warehouse.files import to_json


def recording_to_bytes(recording: Recording) -> bytes:
    """The recording as JSON text."""
    facts = {
        "key": recording.key,
        "call_id": recording.call_id,
        "started_at": recording.started_at.isoformat(),
        "started_at_source": str(recording.started_at_source),
        "sources": [
            {
                "name": one.name,
                "kind": str(one.kind),
                "sha256": one.sha256,
                "size_bytes": one.size_bytes,
                "modified_at": one.modified_at.isoformat(),
                "role": str(one.role) if one.role else None,
                "participant": one.participant,
            }
            for one in recording.sources
        ],
        "metadata": recording.metadata.model_dump(mode="json", exclude_defaults=True),
    }
    return to_json(facts, indent=1)


def recording_from_bytes(data: bytes) -> Recording:
    """The recording in such a file, equal to the one written."""
    facts = json.loads(data)
    return Recording(
        key=facts["key"],
        call_id=facts["call_id"],
        sources=tuple(_source(one) for one in facts["sources"]),
        metadata=CallMetadata.model_validate(facts["metadata"]),
        started_at=datetime.fromisoformat(facts["started_at"]),
        started_at_source=StartedAtSource(facts["started_at_source"]),
    )


def _source(facts: dict[str, Any]) -> Source:
    return Source(
        **{
            **facts,
            "kind": SourceKind(facts["kind"]),
            "modified_at": datetime.fromisoformat(facts["modified_at"]),
            "role": Role(facts["role"]) if facts["role"] else None,
        }
    )
