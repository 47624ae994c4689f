"""How fast calls are transcribed: plain faster-whisper, its batched pipeline, and Nightcall.

Run it with `.venv/bin/python -m benchmarks.speech --size small`. All ways hear the same two-channel
call on the same model in the same run, so their ratios can be trusted where seconds can't.

Whisper's weights are not needed: the model has a published model's dimensions and random weights.
Its computing is real and its words are not, so every way is told how many words to write: as many
tokens as the speech it is given would have. The guards are off, because they would rightly object
to such words.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.audio import decode_audio

from calls.call import Listening
from calls.settings import AttributionSettings, SpeechSettings
from models.attribution import attribute
from models.audio import decode
from models.heard import DecodeOptions, HeardChunk
from models.hearing import AudioFile, HeardAudio, hear
from models.listening import CallToHear, listen
from models.sound import SAMPLE_RATE_HZ
from models.vad import Chunk
from models.weights import get_weights
from models.whisper import WhisperEngine
from tests.sounds import write_wav
from tests.tiny_whisper import Size, build
from tests.warehouse.builders import recording

SAMPLES = Path(__file__).parents[1] / "data_samples" / "recordings"
CALLS = ("harbour-insight", "millbrook-cliches", "orchard-customer-asks", "quarry-rejects")
SIZES = {
    "tiny": Size(4, 6, 384),
    "base": Size(6, 8, 512),
    "small": Size(12, 12, 768),
    "large-v3-turbo": Size(32, 20, 1280, 128, decoder_layers=4),
}
# 150 words a minute, 1.3 tokens a word: conversational English.
TOKENS_PER_SPEECH_S = 150 / 60 * 1.3


def make_call(folder: Path, *, minutes: float) -> Path:
    """A two-channel call of at least that length: the sample calls one after the other."""
    parts = [decode(SAMPLES / f"{name}.ogg", name=name).samples for name in CALLS]
    wanted = int(minutes * 60 * SAMPLE_RATE_HZ)
    while sum(part.shape[1] for part in parts) < wanted:
        parts += parts[: len(CALLS)]
    return write_wav(folder / "call.wav", np.concatenate(parts, axis=1)[:, :wanted])


class TimedEngine(WhisperEngine):
    """Nightcall's engine, told how much to write, that notes how long it computes."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.busy_s = 0.0
        self.tokens = 0
        self.budget = 1

    def decode(self, chunks: Sequence[Chunk], options: DecodeOptions) -> list[HeardChunk]:
        """As the engine does, with a clock beside it."""
        speech_s = sum(chunk.duration_s for chunk in chunks) / len(chunks)
        self.budget = max(1, round(TOKENS_PER_SPEECH_S * speech_s))
        self.tokens += self.budget * len(chunks)
        began = time.perf_counter()
        heard = super().decode(chunks, options)
        self.busy_s += time.perf_counter() - began
        return heard

    def _options(self, options: DecodeOptions) -> dict[str, Any]:
        return {**super()._options(options), "max_new_tokens": self.budget, "temperature": 0.0}


def plain(model: WhisperModel, path: Path, settings: SpeechSettings, tokens: int) -> None:
    """(a) Each whole channel in turn, silence and all."""
    channels = decode_audio(str(path), split_stereo=True)
    windows = sum(-(-len(one) // (30 * SAMPLE_RATE_HZ)) for one in channels)
    for channel in channels:
        segments, _ = model.transcribe(
            np.ascontiguousarray(channel),
            language="en",
            beam_size=settings.beam_size,
            word_timestamps=True,
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=True,
            no_speech_threshold=None,
            max_new_tokens=max(1, round(tokens / windows)),
        )
        list(segments)


def batched(model: WhisperModel, path: Path, settings: SpeechSettings, tokens: int) -> None:
    """(b) The library's batched pipeline with its own search for speech, channel by channel."""
    from faster_whisper.vad import VadOptions, collect_chunks, get_speech_timestamps

    for channel in decode_audio(str(path), split_stereo=True):
        audio = np.ascontiguousarray(channel)
        # Its default search, here only to know how many chunks will share the tokens.
        options = VadOptions(max_speech_duration_s=30, min_silence_duration_ms=160)
        chunks, _ = collect_chunks(audio, get_speech_timestamps(audio, options), max_duration=30.0)
        segments, _ = BatchedInferencePipeline(model).transcribe(
            audio,
            language="en",
            beam_size=settings.beam_size,
            batch_size=settings.batch_size,
            word_timestamps=True,
            max_new_tokens=max(1, round(tokens / 2 / len(chunks))),
        )
        list(segments)


def nightcall(engine: TimedEngine, path: Path, settings: SpeechSettings) -> tuple[HeardAudio, Any]:
    """(c) From the file to turns, as a night does it."""
    audio = hear([AudioFile(path.name, path)])
    call = CallToHear("call", audio, "benchmark", "en")
    ((_, listening),) = listen(engine, [call], settings)
    if not isinstance(listening, Listening):
        raise listening
    return audio, attribute(recording(), listening, AttributionSettings())


def measure(size: str, *, minutes: float, batch_size: int, beam_size: int) -> None:
    """Prints a Markdown table of the three ways."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = make_call(folder, minutes=minutes)
        weights = build(folder / size, size=SIZES[size])
        settings = SpeechSettings(
            model=str(weights), batch_size=batch_size, beam_size=beam_size, decode_again=False
        )
        engine = TimedEngine(get_weights(settings), settings)
        model = engine._open()  # the same model for all: only one fits where models are large
        nightcall(engine, make_call(folder, minutes=0.5), settings)  # nothing is cold afterwards
        path = make_call(folder, minutes=minutes)
        engine.busy_s, engine.tokens = 0.0, 0
        (audio, _), ours_s = _timed(lambda: nightcall(engine, path, settings))
        tokens = engine.tokens
        _, batched_s = _timed(lambda: batched(model, path, settings, tokens))
        _, plain_s = _timed(lambda: plain(model, path, settings, tokens))
    speech_s = sum(audio.facts.speech_s)
    print(
        f"{minutes:g} min, two channels, {speech_s:.0f} s of speech, {tokens} tokens, model size "
        f"{size}, beam {beam_size}, batch {batch_size}, {model.model.device}, "
        f"{model.model.compute_type}\n"
    )
    print("| way | time against (c) | real time factor |\n|---|---|---|")
    for label, seconds in (
        ("(a) faster-whisper, each whole channel in turn", plain_s),
        ("(b) BatchedInferencePipeline per channel", batched_s),
        ("(c) Nightcall, file to turns", ours_s),
    ):
        print(f"| {label} | {seconds / ours_s:.2f} | {seconds / (minutes * 60):.3f} |")
    print(f"\nOutside the engine: {(ours_s - engine.busy_s) / ours_s:.1%} of the time of (c).")


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--beam-size", type=int, default=5)
    given = parser.parse_args()
    measure(
        given.size,
        minutes=given.minutes,
        batch_size=given.batch_size,
        beam_size=given.beam_size,
    )


if __name__ == "__main__":
    main()
