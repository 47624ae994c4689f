"""One call of the warehouse: found by its id; attributed, read and saved in a night or a swap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from analyzers.reading import Reader
from calls.call import AttributedCall, Listening, Recording
from calls.earlier import EarlierCall
from calls.errors import UsageError
from calls.settings import Settings
from flows.earlier_calls import with_earlier
from models.attribution import ATTRIBUTION_VERSION, attribute
from models.wanted import version_of
from warehouse.artifacts import ArtifactStore
from warehouse.corrections import load_corrections
from warehouse.landed import Landed
from warehouse.rows import call_rows
from warehouse.store import Warehouse


def find_call(store: Warehouse, call_id: str) -> tuple[str, Landed]:
    """The source key of a call in the tables, and what they hold of it.

    Raises:
        UsageError: there is none of that id; it names those that look alike.
    """
    landed = store.landed()
    (key,) = keys_of(store, landed, [call_id])
    return key, landed[key]


def keys_of(store: Warehouse, landed: Mapping[str, Landed], call_ids: Sequence[str]) -> list[str]:
    """The source keys of those calls, in the order given, each once.

    Raises:
        UsageError: there is none of one of the ids; it names those that look alike.
    """
    known = {one.call_id: key for key, one in landed.items()}
    for call_id in call_ids:
        if call_id not in known:
            raise UsageError(f"No call {call_id!r} in {store.path}. {alike(call_id, known)}")
    return [known[call_id] for call_id in dict.fromkeys(call_ids)]


def alike(call_id: str, known: Iterable[str]) -> str:
    """The ids that may have been meant, or how to list them all."""
    folded = {one.casefold(): one for one in known}
    close = [folded[one] for one in get_close_matches(call_id.casefold(), folded, n=3, cutoff=0.5)]
    if close:
        return f"Did you mean {' or '.join(map(repr, close))}?"
    return 'List the calls with: nightcall query "SELECT call_id, recording FROM calls"'


def read_and_save(
    settings: Settings,
    artifacts: ArtifactStore,
    reader: Reader,
    recording: Recording,
    listening: Listening,
    *,
    made_from: str,
    earlier: tuple[EarlierCall, ...] = (),
) -> AttributedCall:
    """The call as people have corrected it, with its rows saved as a new revision.

    Args:
        settings: the run's settings.
        artifacts: where corrections are found and rows are kept.
        reader: the analyzers.
        recording: what is known of the call.
        listening: what was heard of it.
        made_from: what the rows are marked with (`flows.made_from.made_from`).
        earlier: the calls before it with the same customer.
    """
    corrections = load_corrections(artifacts, recording.key)
    call = attribute(recording, listening, settings.attribution, corrections)
    call = with_earlier(call, earlier)
    header = artifacts.reading_header(recording.key)
    artifacts.save_reading(
        call_rows(
            call,
            reader.read(call),
            revision=header.revision + 1 if header else 1,
            made_from=made_from,
            time_zone=settings.time_zone,
            listen_version=version_of(listening),
            attribution_version=ATTRIBUTION_VERSION,
            publish_words=settings.publish_words,
        )
    )
    return call
