"""Words that were stored before: masking what is to be masked now, and saying what stays masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calls.call import Listening
from calls.errors import WarehouseDamaged
from calls.settings import RedactionSettings, Settings
from flows.discovery.plan import PlannedCall
from models.redaction import covers, keeping, masks_more, redact, redaction_name
from warehouse.artifacts import ArtifactStore
from warehouse.listenings import ListeningHeader
from warehouse.store import Warehouse


def masked(listening: Listening, settings: RedactionSettings) -> Listening:
    """The listening with what the settings name masked; what was masked before stays so."""
    settings = keeping(settings, listening.redaction)
    transcript = redact(listening.transcript, settings)
    return replace(listening, transcript=transcript, redaction=redaction_name(settings))


def mask_stored(warehouse: Warehouse, settings: RedactionSettings) -> int:
    """Masks every stored listening that is not masked as the settings want it; says how many.

    Also those that no night reads again: replaced calls, and calls whose files have left. That the
    warehouse is done is put on record, so the next night looks at none of them.
    """
    wanted = redaction_name(settings)
    before = warehouse.masked_as()
    if before == wanted:
        return 0
    count = 0
    if not covers(before, wanted):
        for key in warehouse.artifacts.known_keys():
            count += _mask_one(warehouse.artifacts, key, settings, wanted)
    # Also when less is masked from now on: the record holds for every call to come.
    warehouse.keep_masked_as(wanted)
    return count


def _mask_one(artifacts: ArtifactStore, key: str, settings: RedactionSettings, wanted: str) -> bool:
    header = _header(artifacts, key)
    if header is None or covers(header.redaction, wanted):
        return False
    try:
        listening = artifacts.load_listening(key)
    except WarehouseDamaged:
        return False
    if listening is None:
        return False
    artifacts.save_listening(key, masked(listening, settings))
    return True


def stays_masked(artifacts: ArtifactStore, calls: Sequence[PlannedCall], settings: Settings) -> str:
    """A sentence for people about stored calls that are masked more than is asked for now.

    What was masked was never written, so only hearing the recording again brings it back. Empty
    where there is no such call, or where the calls are heard again anyway.
    """
    wanted = redaction_name(settings.redaction)
    more = [found for one in calls if (found := _more(artifacts, one, wanted))]
    if not more:
        return ""
    kinds = " and ".join(sorted(frozenset[str]().union(*more))).replace("_", " ")
    count = "1 call stays" if len(more) == 1 else f"{len(more)} calls stay"
    return (
        f"{count} masked ({kinds}): turning redaction off brings no words back. To hear again the "
        "recordings that are still there: nightcall run --listen-again"
    )


def _more(artifacts: ArtifactStore, planned: PlannedCall, wanted: str) -> frozenset[str]:
    if planned.listen_again:
        return frozenset()
    header = _header(artifacts, planned.recording.key)
    return masks_more(header.redaction, wanted) if header is not None else frozenset()


def _header(artifacts: ArtifactStore, key: str) -> ListeningHeader | None:
    try:
        return artifacts.listening_header(key)
    except WarehouseDamaged:
        return None  # what can't be read is heard anew, or set aside when it is to be read
