"""The versions a result depends on, gathered in one place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from analyzers.messaging_files import messaging_version
from analyzers.playbook_files import playbook_version
from analyzers.reading import READ_VERSION
from calls.settings import LabelSettings, Settings
from models.attribution import ATTRIBUTION_VERSION
from models.importers import IMPORT_VERSION
from models.redaction import redaction_name
from models.turn_labels.labeller import SHIPPED, model_version
from models.wanted import LISTEN_VERSION
from warehouse.schemas import SCHEMA_FINGERPRINT


@dataclass(frozen=True, slots=True)
class Versions:
    """What is stored with every night and goes into every fingerprint."""

    nightcall: str
    listen: str
    importers: str
    attribution: str
    read: str
    playbook: str
    model: str
    messaging: str
    schemas: str


def current_versions(settings: Settings) -> Versions:
    """The versions of the code and playbook in use now.

    Raises:
        PlaybookInvalid: the playbook can't be read.
        MessagingInvalid: there is no such messaging file.
        ModelDamaged: a file of the learned layer is missing.
    """
    return Versions(
        nightcall=version("nightcall"),
        listen=LISTEN_VERSION,
        importers=IMPORT_VERSION,
        attribution=ATTRIBUTION_VERSION,
        read=READ_VERSION,
        playbook=playbook_version(settings.playbook),
        model=used_model_version(settings.labels),
        messaging=messaging_version(settings.messaging) if settings.messaging else "",
        schemas=SCHEMA_FINGERPRINT,
    )


def used_model_version(settings: LabelSettings) -> str:
    """The version of the learned layer; empty where rules alone find labels."""
    return model_version(settings.model or SHIPPED) if settings.use_model else ""


def settings_that_matter(settings: Settings) -> dict[str, Any]:
    """The settings that change what is read from the same words."""
    return {
        "time_zone": settings.time_zone,
        "analyzers": list(settings.analyzers),
        "attribution": settings.attribution.model_dump(mode="json"),
        "chains": settings.chains.model_dump(mode="json"),
        "score": settings.score.model_dump(mode="json"),
        "questions": settings.questions.model_dump(mode="json"),
        "habits": settings.habits.model_dump(mode="json"),
        "prefer_audio": settings.speech.prefer_audio,
        "redaction": redaction_name(settings.redaction),
        "publish_words": settings.publish_words,
    }


def fingerprint(content: Any) -> str:
    """16 hex digits that change when `content` does. `content` must be JSON."""
    # ASCII, because file names need not be valid text.
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def reading_base(versions: Versions, settings: Settings) -> str:
    """What all readings of one night share: code, playbook and settings, as one fingerprint.

    The version of Nightcall itself stays out: a release that changes no result redoes nothing.
    """
    parts = {key: value for key, value in asdict(versions).items() if key != "nightcall"}
    return fingerprint({"versions": parts, "settings": settings_that_matter(settings)})
