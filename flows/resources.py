"""The composition root: what a run needs, built once per process and shared by its tasks."""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from analyzers.reading import Reader
from calls.errors import SpeechUnavailable
from calls.settings import Settings, SpeechSettings
from calls.transcript import Engine
from flows.discovery.location import Location
from flows.versions import Versions, current_versions
from models.language import blank_pipeline
from models.speech import SpeechEngine
from warehouse.store import Warehouse

# Below this many calls, starting processes costs more than they save (about 3 s each).
SPREAD_FROM_CALLS = 40

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Speech:
    """The speech engine of this run: chosen at once, loaded when first needed.

    `why_not` says why there is none; `sentence` says what listens, for people.
    """

    def __init__(self, settings: SpeechSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._engine: SpeechEngine | None = None
        self.name: Engine | None = None
        self.why_not = ""
        self.sentence = ""
        self._choose()

    @property
    def is_whisper(self) -> bool:
        """True when Whisper listens."""
        return self.name == Engine.WHISPER

    def engine(self) -> SpeechEngine | None:
        """The engine with its model loaded; None if there is none to be had."""
        with self._lock:
            if self._engine is None and self.name is not None:
                self._engine = self._build()
            return self._engine

    def close(self) -> None:
        """Gives the engine's memory back."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    def _choose(self) -> None:
        if self._settings.engine == "pocketsphinx":
            self.name = Engine.EMBEDDED
            self.sentence = (
                "The embedded engine (pocketsphinx) listens: it reads clean wide-band English "
                "only, so what rests on its words is marked low_confidence."
            )
            return
        # Here, not at the top: it brings in the hub's client.
        from models.weights import get_weights

        try:
            weights = get_weights(self._settings)
        except SpeechUnavailable as error:
            self.why_not = str(error)
        else:
            self.name = Engine.WHISPER
            self.sentence = f"Whisper ({weights.name}, from the {weights.found_in}) listens."
            return
        if self._settings.engine == "auto":
            self.name = Engine.EMBEDDED
            self.sentence = (
                "No Whisper weights are at hand, so the embedded engine (pocketsphinx) listens "
                "instead: enough for these samples, not for telephone calls."
            )

    def _build(self) -> SpeechEngine:
        if self.name == Engine.EMBEDDED:
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

    def map(self, work: Callable[[_In], _Out], items: Iterable[_In]) -> Iterator[_Out]:
        """The results of `work` in the order of `items`."""
        items = list(items)
        if self._processes == 1 or len(items) < SPREAD_FROM_CALLS:
            yield from map(work, items)
            return
        with self._lock:
            if self._pool is None:
                # Spawned, not forked: a fork would copy the locks of the night's threads.
                self._pool = ProcessPoolExecutor(
                    self._processes, mp_context=multiprocessing.get_context("spawn")
                )
            pool = self._pool
        yield from pool.map(work, items, chunksize=max(1, len(items) // (4 * self._processes)))

    def close(self) -> None:
        """Ends the processes."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
                self._pool = None


class Resources:
    """Everything the steps of one run share. Built from settings alone, so any process can."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.warehouse = Warehouse.create(settings.warehouse, time_zone=settings.time_zone)
        self.location = Location(settings.recordings)
        self.readers = Readers(settings)

    @functools.cached_property
    def versions(self) -> Versions:
        """Versions of code and playbook."""
        return current_versions(self.settings)

    @functools.cached_property
    def reader(self) -> Reader:
        """The analyzers with their pipelines."""
        return Reader(self.settings, blank_pipeline=blank_pipeline)

    @functools.cached_property
    def speech(self) -> Speech:
        """The speech engine, found out once per run (asking a hub may take seconds)."""
        return Speech(self.settings.speech)

    def close(self) -> None:
        """Gives models and processes back."""
        self.readers.close()
        if "speech" in self.__dict__:
            self.speech.close()


@functools.lru_cache(maxsize=2)
def _resources(settings_json: str) -> Resources:
    return Resources(Settings.model_validate_json(settings_json))


def resources_for(settings: Settings) -> Resources:
    """This process's resources for a run with these settings.

    Tasks receive settings, not models: a model can't travel to another machine, and Prefect would
    hash it.
    """
    return _resources(settings.model_dump_json())


def close_resources() -> None:
    """Ends what this process holds; the next run starts afresh."""
    # `lru_cache` can't list its values, so the night closes its own resources before this.
    _resources.cache_clear()
