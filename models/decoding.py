"""Decoding the chunks of many calls in shared batches, and looking twice at what looks wrong.

A batch is filled with chunks of all channels of a call and, where calls are short, of several
calls; chunks share one only when their options agree. Batched decoding leaves out what Whisper
itself does about bad output, so guards look at every chunk (`models.guards`): a suspicious one is
decoded again on its own, the better result is kept, and what is still suspicious is marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from models.guards import Suspicion, options_for_again, settle, suspicions
from models.heard import DecodeOptions, HeardChunk
from models.speech import SpeechEngine
from models.vad import Chunk

# So many calls may wait for a batch to fill; their sound takes memory or disk.
MAX_WAITING = 8


@dataclass(frozen=True, slots=True)
class DecodedChunk:
    """One chunk with what was made of it, and what speaks against that."""

    chunk: Chunk
    heard: HeardChunk
    suspicions: tuple[Suspicion, ...] = ()
    retried: bool = False


@dataclass(slots=True)
class CallToDecode:
    """The chunks of one call, each with its options. `name` is whatever the caller knows it by."""

    name: str
    chunks: Sequence[Chunk]
    options: Sequence[DecodeOptions]


@dataclass(slots=True)
class DecodedCall:
    """A call all of whose chunks are decoded, in order; or what went wrong with it."""

    name: str
    chunks: tuple[DecodedChunk, ...] = ()
    error: Exception | None = None


@dataclass(slots=True)
class _Waiting:
    """A call on its way: what is decoded of it so far, by place."""

    call: CallToDecode
    done: dict[int, DecodedChunk] = field(default_factory=dict)
    error: Exception | None = None

    @property
    def is_complete(self) -> bool:
        return self.error is not None or len(self.done) == len(self.call.chunks)

    def result(self) -> DecodedCall:
        if self.error is not None:
            return DecodedCall(self.call.name, error=self.error)
        return DecodedCall(self.call.name, tuple(self.done[at] for at in sorted(self.done)))


_Place = tuple[_Waiting, int]


def decode_calls(
    engine: SpeechEngine, calls: Iterable[CallToDecode], *, again: bool = True
) -> Iterator[DecodedCall]:
    """Each call once it is decoded; calls may overtake each other.

    A call that breaks the engine fails alone: its batch is halved until it is found. `calls` is
    drawn from as batches need filling, so a caller may open sound as it is asked for.

    Args:
        engine: what decodes.
        calls: what to decode.
        again: False keeps what the first decoding gives, suspicious or not.
    """
    desk = _Desk(engine, again=again)
    for call in calls:
        desk.take(call)
        yield from desk.finished()
    desk.flush()
    yield from desk.finished()


class _Desk:
    """Calls that wait, and their chunks in one queue per set of options."""

    def __init__(self, engine: SpeechEngine, *, again: bool) -> None:
        self._engine = engine
        self._again = again
        self._batch = engine.batch_size
        self._waiting: list[_Waiting] = []
        self._queues: dict[DecodeOptions, list[_Place]] = {}

    def take(self, call: CallToDecode) -> None:
        """Queues a call and decodes every batch that is full."""
        waiting = _Waiting(call)
        self._waiting.append(waiting)
        for at, options in enumerate(call.options):
            self._queues.setdefault(options, []).append((waiting, at))
        for options, queue in self._queues.items():
            while len(queue) >= self._batch:
                batch, queue[:] = queue[: self._batch], queue[self._batch :]
                self._decode(batch, options)
        if len(self._waiting) >= MAX_WAITING:
            self.flush()

    def flush(self) -> None:
        """Decodes what waits, in batches that are not full."""
        for options, queue in self._queues.items():
            if queue:
                self._decode(queue, options)
        self._queues.clear()

    def finished(self) -> Iterator[DecodedCall]:
        """The calls that need no more; they wait no longer."""
        done = [one for one in self._waiting if one.is_complete]
        self._waiting = [one for one in self._waiting if not one.is_complete]
        yield from (one.result() for one in done)

    def _decode(self, batch: Sequence[_Place], options: DecodeOptions) -> None:
        batch = [place for place in batch if place[0].error is None]
        if not batch:
            return
        try:
            found = self._engine.decode([one.call.chunks[at] for one, at in batch], options)
        except Exception as error:
            if len(batch) == 1:
                batch[0][0].error = error
                return
            # One call may be to blame, or the batch is too big for the memory there is.
            half = len(batch) // 2
            if "out of memory" in str(error).lower():
                self._batch = min(self._batch, half)
            self._decode(batch[:half], options)
            self._decode(batch[half:], options)
            return
        for (waiting, at), heard in zip(batch, found, strict=True):
            try:
                waiting.done[at] = self._looked_at(waiting.call.chunks[at], heard, options)
            except Exception as error:  # its sound can't be read any more, say
                waiting.error = error

    def _looked_at(self, chunk: Chunk, heard: HeardChunk, options: DecodeOptions) -> DecodedChunk:
        found = suspicions(chunk, heard, options)
        if not (found and self._again):
            return DecodedChunk(chunk, heard, found)
        try:
            second = self._engine.decode_again(chunk, options_for_again(options, found))
        except Exception:  # the first words are there, and marked
            second = None
        if second is None:
            return DecodedChunk(chunk, heard, found)
        return DecodedChunk(chunk, *settle(chunk, options, heard, second), retried=True)
