"""Guards on decoded chunks: do these words look like what was said?

Batched decoding ignores the checks that Whisper makes when it decodes one piece after the other.
These guards take their place: `suspicions` names what is odd about a chunk, the caller decodes it
again, and `settle` says which of both to keep and what is still odd about it. Nothing is dropped;
what stays odd is marked with `doubt_of`.
"""

from __future__ import annotations

from models.guards.hotwords import invented_hotwords
from models.guards.judgement import (
    Settled,
    cleaned,
    options_for_again,
    settle,
    suspicions,
)
from models.guards.suspicion import Suspicion, doubt_of

__all__ = [
    "Settled",
    "Suspicion",
    "cleaned",
    "doubt_of",
    "invented_hotwords",
    "options_for_again",
    "settle",
    "suspicions",
]
