"""The composition root: what a run needs, built once per process and shared by its tasks."""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from analyzers.reading import Reader
from analyzers.registry import chosen_analyzers
from calls.call import Recording
from calls.errors import SpeechUnavailable
from calls.settings import Settings, SpeechSettings
from calls.transcript import Engine
from flows.discovery.location import Location
from flows.earlier_calls import EarlierCalls
from flows.reader import build_reader
from flows.versions import Versions, current_versions
from models.diarization import SpeakerAssigner, find_assigner
from models.speech import SpeechEngine
from warehouse.store import Warehouse

# Below this many calls, starting processes costs more than they save (about 3 s each).
SPREAD_FROM_CALLS = 40

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Speech:
    """The speech engine of this run: chosen without loading anything, loaded when first needed.

    `why_not` says why there is none; `sentence` says what listens, for people.
    """

    def __init__(self, settings: SpeechSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._engine: SpeechEngine | None = None
        self.name: Engine | None = None
        self.model: str | None = None
        self.why_not = ""
        self.sentence = ""
        self._choose()

    def engine(self) -> SpeechEngine | None:
        """The engine with its model loaded; None if there is none to be had.

        A model that can't be loaded is no call's fault: recordings then wait.
        """
        with self._lock:
            if self._engine is None and self.name is not None:
                try:
                    self._engine = self._build()
                except Exception as error:
                    self.name = None
                    self.why_not = (
                        str(error)
                        if isinstance(error, SpeechUnavailable)
                        else f"The speech model {self.model!r} could not be loaded "
                        f"({type(error).__name__}: {error}). Check speech.device and "
                        "speech.compute_type in the settings; `nightcall doctor` says more."
                    )
            return self._engine

    def close(self) -> None:
        """Gives the engine's memory back."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    def _choose(self) -> None:
        if self._settings.engine == "pocketsphinx":
            self._choose_embedded(
                "The embedded engine (pocketsphinx) listens: it reads clean wide-band English "
                "only, so what rests on its words is marked low_confidence."
            )
            return
        # Imported here: it brings in the hub's client.
        from models.weights import find_weights, out_of_reach, why_offline

        weights = find_weights(self._settings)
        if weights is not None:
            self.name, self.model = Engine.WHISPER, weights.name
            self.sentence = f"Whisper ({weights.name}, from the {weights.found_in}) listens."
        elif self._settings.engine == "auto":
            self._choose_embedded(
                "No Whisper weights are at hand, so the embedded engine (pocketsphinx) listens "
                "instead: it reads clean wide-band English, and telephone calls badly."
            )
        elif offline := why_offline(timeout_s=self._settings.hub_timeout_s):
            self.why_not = out_of_reach(self._settings.model, offline)
        else:
            self.name, self.model = Engine.WHISPER, self._settings.model
            self.sentence = f"Whisper ({self.model}, downloaded once from the hub) listens."

    def _choose_embedded(self, sentence: str) -> None:
        self.name, self.sentence = Engine.EMBEDDED, sentence

    def _build(self) -> SpeechEngine:
        if self.name is Engine.EMBEDDED:
            from models.embedded import EmbeddedEngine

            return EmbeddedEngine()
        from models.weights import get_weights
        from models.whisper import WhisperEngine

        return WhisperEngine(get_weights(self._settings), self._settings)


class Readers:
    """Runs reading work in this process, or in a pool of processes when there is much of it."""

    def __init__(self, settings: Settings) -> None:
        self._processes = settings.night.read_workers or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def map(
        self,
        work: Callable[[_In], _Out],
        items: Sequence[_In],
        *,
        broken: Callable[[_In], _Out],
    ) -> Iterator[_Out]:
        """The results of `work` in the order of `items`.

        `broken` gives the result of an item that took its process down (out of memory, a crash in
        native code): the others go on.
        """
        if self._processes == 1 or len(items) < SPREAD_FROM_CALLS:
            yield from map(work, items)
            return
        done = 0
        try:
            size = max(1, len(items) // (4 * self._processes))
            for result in self._started().map(work, items, chunksize=size):
                yield result
                done += 1
        except BrokenProcessPool:
            self.close()
            for item in items[done:]:
                yield self._alone(work, item, broken)

    def close(self) -> None:
        """Ends the processes."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
                self._pool = None

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = _processes(self._processes)
            return self._pool

    def _alone(self, work: Callable[[_In], _Out], item: _In, broken: Callable[[_In], _Out]) -> _Out:
        """Does one item in a process of its own, to find out which one breaks it."""
        with self._lock:
            if self._pool is None:
                self._pool = _processes(1)
            pool = self._pool
        try:
            return pool.submit(work, item).result()
        except BrokenProcessPool:
            self.close()
            return broken(item)


def _processes(count: int) -> ProcessPoolExecutor:
    # Spawned, not forked: a fork would copy the locks of the night's threads.
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))


class Resources:
    """Everything the steps of one run share. Built from settings alone, so any process can.

    Nothing is looked up before it is asked for: whoever only reads never meets the recordings.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        chosen_analyzers(settings.analyzers)  # a wrong name must show before any call is read
        self.readers = Readers(settings)

    @functools.cached_property
    def location(self) -> Location:
        """The recordings.

        Raises:
            UsageError: the recordings location can't be used.
        """
        location = Location(self.settings.recordings)
        location.require()
        return location

    @functools.cached_property
    def warehouse(self) -> Warehouse:
        """The warehouse; made if there is none.

        Raises:
            UsageError: it can't be used.
        """
        return Warehouse.create(self.settings.warehouse, time_zone=self.settings.time_zone)

    def require_location(self) -> None:
        """Returns when the recordings can be listed; asked before a warehouse is made for them.

        Raises:
            UsageError: the recordings location can't be used, a mistyped folder, say.
        """
        _ = self.location

    @functools.cached_property
    def versions(self) -> Versions:
        """Versions of code and playbook."""
        return current_versions(self.settings)

    @functools.cached_property
    def reader(self) -> Reader:
        """The analyzers with their pipelines."""
        return build_reader(self.settings)

    def require_reader(self) -> None:
        """Builds the reader, so that a file all calls are read with fails the night, not each call.

        Raises:
            PlaybookInvalid, MessagingInvalid, ModelDamaged: that file can't be used; nothing has
                been listened to or read yet.
        """
        _ = self.reader

    @functools.cached_property
    def earlier(self) -> EarlierCalls:
        """What was said in earlier calls with the same customer."""
        return EarlierCalls(self.warehouse.artifacts, self.settings.attribution)

    def recording(self, key: str) -> Recording:
        """What is on record of a planned call."""
        recording = self.warehouse.artifacts.load_source(key)
        if recording is None:
            raise RuntimeError(f"call {key[:12]} was planned without its source.json")
        return recording

    @functools.cached_property
    def speech(self) -> Speech:
        """The speech engine, found out once per run (asking a hub may take seconds)."""
        return Speech(self.settings.speech)

    @functools.cached_property
    def assigner(self) -> SpeakerAssigner | None:
        """What tells voices on one channel apart, if anything does.

        Raises:
            SpeechUnavailable: the settings ask for it and it can't be had.
        """
        return find_assigner(self.settings.speech)

    def close(self) -> None:
        """Gives models and processes back."""
        self.readers.close()
        if "speech" in self.__dict__:
            self.speech.close()
        if (assigner := self.__dict__.get("assigner")) is not None:
            assigner.close()


_open: dict[str, Resources] = {}
_open_lock = threading.Lock()


def resources_for(settings: Settings) -> Resources:
    """This process's resources for a run with these settings.

    Tasks receive settings, not models: a model can't travel to another machine, and Prefect would
    hash it.
    """
    name = settings.model_dump_json()
    with _open_lock:
        if name not in _open:
            _open[name] = Resources(settings)
        return _open[name]


def close_resources(settings: Settings) -> None:
    """Ends what this process holds for a run; the next one starts afresh."""
    with _open_lock:
        resources = _open.pop(settings.model_dump_json(), None)
    if resources is not None:
        resources.close()
