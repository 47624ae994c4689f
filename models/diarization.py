"""Telling voices on one channel apart, by their sound.

`SpeakerAssigner` is what the listening step needs; pyannote.audio is the one there is. It is an
optional extra, because it brings PyTorch, and because its model can be had only by somebody who
accepts its conditions. Recordings never leave the machine: nothing is reported to pyannote's makers
and their paid service, which wants the sound sent to it, is refused.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from calls.errors import SpeechUnavailable
from calls.settings import SpeechSettings
from calls.transcript import Utterance
from models.sound import SAMPLE_RATE_HZ, Samples
from models.speakers import Segment, assign_words, lettered

_NOT_TOLD = "voices on one channel not told apart"
_CONFIG = "config.yaml"
_INSTALL = 'pip install -e ".[diarization]"'
_SERVICE = "pyannote.audio.pipelines.pyannoteai"


class SpeakerAssigner(Protocol):
    """Tells the voices of one channel apart and says which of them says each word."""

    @property
    def name(self) -> str:
        """What it is, as it is stored with every transcript it had a hand in; never a path."""
        ...

    def assign(
        self, samples: Samples, utterances: Sequence[Utterance], *, at_most: int | None = None
    ) -> tuple[Utterance, ...]:
        """The utterances cut where the voice changes, each with the voice's label as `speaker`.

        Args:
            samples: one whole channel, 16 kHz, shape (n,), on the utterances' clock.
            utterances: what was heard on it.
            at_most: how many voices there can be, where that is known.
        """
        ...

    def close(self) -> None:
        """Gives the model's memory back."""
        ...


@dataclass(frozen=True, slots=True)
class Lack:
    """Why nothing tells voices apart, in a few words, and what a person does about it."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ToldApart:
    """Utterances with their voices, what told them apart (None: nothing), and a note if it failed.

    `by` is stored as the option `diarization` of the transcript's origin.
    """

    utterances: tuple[Utterance, ...]
    by: str | None = None
    note: str = ""


def find_assigner(settings: SpeechSettings) -> SpeakerAssigner | None:
    """What tells voices apart, by the settings; None if nothing does (`lacking` says why).

    Nothing is loaded yet: whoever only has calls with one channel per party never pays for it.

    Raises:
        SpeechUnavailable: `speech.diarization` is "pyannote" and it can't be had. Recordings whose
            voices share a channel then wait, as they do without weights; with "auto" they land
            with one unknown voice.
    """
    lack = lacking(settings)
    if lack is None:
        return PyannoteAssigner(settings)
    if settings.diarization == "pyannote":
        raise SpeechUnavailable(f"{_NOT_TOLD.capitalize()}: {lack.reason}. {lack.remedy}")
    return None


def tell_apart(
    assigner: SpeakerAssigner | None,
    settings: SpeechSettings,
    samples: Samples,
    utterances: Sequence[Utterance],
    *,
    at_most: int | None = None,
) -> ToldApart:
    """The utterances of one channel by voice, as far as the settings ask for it.

    Raises:
        SpeechUnavailable: `speech.diarization` is "pyannote" and it failed. With "auto" a note
            says so, and the voices stay one.
    """
    reason = ""
    if assigner is not None:
        try:
            found = assigner.assign(samples, utterances, at_most=at_most)
        except SpeechUnavailable as error:
            if settings.diarization == "pyannote":
                raise
            reason = f"diarization failed: {type(error.__cause__ or error).__name__}"
        else:
            return ToldApart(found, assigner.name)
    elif lack := lacking(settings):
        reason = lack.reason
    return ToldApart(tuple(utterances), note=f"{_NOT_TOLD} ({reason})" if reason else "")


def lacking(settings: SpeechSettings) -> Lack | None:
    """What keeps voices from being told apart; None if nothing does. Asks no network."""
    if settings.diarization == "off":
        return Lack("diarization is turned off", 'Set speech.diarization to "auto".')
    if not is_installed():
        return Lack("pyannote.audio is not installed", f"Run: {_INSTALL}")
    model = settings.diarization_model
    # Asked for by name, a model on the hub is downloaded; "auto" downloads nothing.
    wanted = settings.diarization == "auto" or _is_path(model)
    if wanted and model_folder(settings) is None:
        return Lack("no diarization model", how_to_get(model))
    return None


def is_installed() -> bool:
    """True if pyannote.audio is there; imports nothing of it."""
    try:
        return importlib.util.find_spec("pyannote.audio") is not None
    except (ImportError, ValueError):
        return False


def model_folder(settings: SpeechSettings) -> Path | None:
    """The folder with the model's `config.yaml`: as named, else in the hub's cache; None if not."""
    named = Path(settings.diarization_model).expanduser()
    if named.name == _CONFIG:
        named = named.parent
    if (named / _CONFIG).is_file():
        return named
    # Heavy, and not needed where a folder is named.
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        cached = try_to_load_from_cache(settings.diarization_model, _CONFIG)
    except HFValidationError:  # a folder that is not there has no name of a model
        return None
    return Path(cached).parent if isinstance(cached, str) else None


def how_to_get(model: str) -> str:
    """What a person does to get the diarization model."""
    if _is_path(model):
        return (
            f"speech.diarization_model is {model!r}, and no {_CONFIG} lies there. Name a folder "
            "that holds it, or a model on the hub."
        )
    return (
        f"Accept its conditions at https://huggingface.co/{model}, then run: hf auth login && "
        f"hf download {model}. Or set NIGHTCALL_SPEECH__DIARIZATION_MODEL to a folder that "
        f"holds its {_CONFIG}."
    )


def _is_path(model: str) -> bool:
    return model.startswith(("/", ".", "~")) or model.count("/") != 1


class PyannoteAssigner:
    """pyannote.audio's speaker diarization, loaded when the first call needs it.

    Args:
        settings: which model, and on which device.
    """

    def __init__(self, settings: SpeechSettings) -> None:
        self._settings = settings
        self._folder = model_folder(settings)
        # One call at a time: the model fills the processor, or the GPU's memory, by itself.
        self._lock = threading.Lock()
        self._pipeline: Any = None
        self._unloadable: SpeechUnavailable | None = None

    @property
    def name(self) -> str:
        """The model's name on the hub, or the name of its folder."""
        model = self._settings.diarization_model
        if self._folder is None or not _is_path(model):
            return model
        return self._folder.resolve().name

    def assign(
        self, samples: Samples, utterances: Sequence[Utterance], *, at_most: int | None = None
    ) -> tuple[Utterance, ...]:
        """The utterances, cut where the voice changes; voices are "A", "B", … as they first speak.

        Raises:
            SpeechUnavailable: the model can't be loaded, or fails; the text says what to do.
        """
        if not utterances or not samples.size:
            return tuple(utterances)
        with self._lock:
            segments = self._segments(samples, at_most)
        return assign_words(utterances, lettered(segments))

    def close(self) -> None:
        """Forgets the model; the next call would load it again."""
        with self._lock:
            self._pipeline = None

    def _segments(self, samples: Samples, at_most: int | None) -> list[Segment]:
        if self._unloadable is not None:
            raise self._unloadable  # found out once, not at every call of the night
        if self._pipeline is None:
            try:
                self._pipeline = self._loaded()
            except SpeechUnavailable as error:
                self._unloadable = error
                raise
        torch = importlib.import_module("torch")
        # A copy: PyTorch warns about memory that may not be written to.
        waveform = torch.from_numpy(np.array(samples, dtype=np.float32)[np.newaxis])
        bound = {} if at_most is None else {"max_speakers": at_most}
        try:
            found = self._pipeline({"waveform": waveform, "sample_rate": SAMPLE_RATE_HZ}, **bound)
        except Exception as error:  # a GPU that is full, say: the words are there all the same
            raise SpeechUnavailable(
                f"The diarization model {self.name!r} failed on a recording "
                f"({type(error).__name__}). Check speech.device, or set speech.diarization to "
                '"auto" to do without where it fails.'
            ) from error
        # Since version 4: one voice at a time, made for giving words to voices. Pipelines of the
        # old kind give what is now `speaker_diarization`, by itself.
        for name in ("exclusive_speaker_diarization", "speaker_diarization"):
            found = getattr(found, name, found)
        return [
            Segment(max(0.0, float(span.start)), max(0.0, float(span.end)), str(label))
            for span, _, label in found.itertracks(yield_label=True)
        ]

    def _loaded(self) -> Any:
        # Read at every use; on by default, it reports the length of every recording.
        os.environ["PYANNOTE_METRICS_ENABLED"] = "false"
        model = self._settings.diarization_model
        try:
            with warnings.catch_warnings():
                # It warns of a missing decoder for files; it gets samples.
                warnings.simplefilter("ignore")
                audio = importlib.import_module("pyannote.audio")
            # The token is the hub's own business: HF_TOKEN, or what `hf auth login` has stored.
            pipeline = audio.Pipeline.from_pretrained(str(self._folder or model))
        except Exception as error:
            # Whatever the reason (the hub says no, a file is missing, PyTorch does not fit), there
            # is no model. The error's own words may hold paths.
            raise SpeechUnavailable(
                f"The diarization model {self.name!r} could not be loaded "
                f"({type(error).__name__}). {how_to_get(model)}"
            ) from error
        if pipeline is None:  # how it says that the hub refuses
            raise SpeechUnavailable(
                f"The diarization model {self.name!r} could not be had. {how_to_get(model)}"
            )
        if type(pipeline).__module__.startswith(_SERVICE):
            raise SpeechUnavailable(
                f"The diarization model {self.name!r} runs on its maker's servers and would send "
                "them the recordings. Set speech.diarization_model to one that runs here."
            )
        return self._placed(pipeline)

    def _placed(self, pipeline: Any) -> Any:
        """The pipeline on the device of the settings; "auto" takes a GPU where there is one."""
        if self._settings.device != "cpu":
            torch = importlib.import_module("torch")
            if self._settings.device == "cuda" or torch.cuda.is_available():
                pipeline.to(torch.device("cuda"))
        return pipeline
