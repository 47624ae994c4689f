"""Speak the scripts in `scripts/` with flite and write `recordings/`.

Each script is one call. Its turns are spoken one by one, laid on one clock and encoded: the
rep left and everybody else right, or with `channels = 1` all of them mixed. A script that
names a `transcript` gets a WebVTT or SubRip file with the same times; one that names no
`recording` gets only that. `keep_ratio` cuts a finished file off, as a failed upload does.

    python data_samples/make_samples.py                        # everything
    python data_samples/make_samples.py --only harbour-insight # one call
    python data_samples/make_samples.py --times                # when each turn is spoken

Needs the Debian package `flite` (voices awb, rms and slt) and PyAV.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
import tomllib
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SAMPLE_RATE = 16_000
LOUDNESS = 2_000.0  # root mean square of every turn, of 32,767
LEAD_IN_S = 0.5
LEAD_OUT_S = 0.5
CUE_SPLIT = " | "  # in a script's text: a caption ends here, mid-sentence

Samples = NDArray[np.float64]


class SampleError(Exception):
    """A script, or the machine, cannot make what was asked for."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """One person and how flite speaks for them.

    `stretch` lengthens sounds; `speed` replays the voice faster and higher (above 1) or
    slower and lower, so that people with one voice can sound different.
    """

    name: str
    voice: str
    stretch: float = 1.0
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class ScriptTurn:
    """What one person says; `pause_s` is the gap before it, negative to overlap."""

    speaker: str
    text: str
    pause_s: float = 0.4

    @property
    def spoken(self) -> str:
        """The words alone, without caption splits."""
        return self.text.replace(CUE_SPLIT, " ")


@dataclass(frozen=True, slots=True)
class Script:
    """One call as written: the reference for its words."""

    name: str
    title: str
    speakers: dict[str, Speaker]
    turns: tuple[ScriptTurn, ...]
    channels: int = 2
    recording: str | None = None
    transcript: str | None = None
    keep_ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A turn on the clock of its call."""

    turn: ScriptTurn
    start_s: float
    samples: Samples

    @property
    def end_s(self) -> float:
        """When the last sound of the turn ends."""
        return self.start_s + len(self.samples) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: a turn, or a piece of one."""

    start_s: float
    end_s: float
    name: str
    words: str


def read_script(path: Path) -> Script:
    """The script in one TOML file, checked."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        speakers = {key: Speaker(**fields) for key, fields in raw.pop("speakers").items()}
        turns = tuple(ScriptTurn(**fields) for fields in raw.pop("turn"))
        script = Script(name=path.stem, speakers=speakers, turns=turns, **raw)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise SampleError(f"{path.name} is no script: {error}") from error
    strangers = sorted({turn.speaker for turn in turns} - set(speakers))
    if strangers:
        raise SampleError(f"{path.name}: turns of {strangers}, speakers are {sorted(speakers)}")
    if script.channels not in (1, 2):
        raise SampleError(f"{path.name}: channels is {script.channels}, allowed are 1 and 2")
    return script


def read_scripts(folder: Path, *, only: str | None = None) -> list[Script]:
    """Every script of a folder by name, or the one that was asked for."""
    paths = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if only is not None and only not in paths:
        raise SampleError(f"No script {only!r} in {folder.name}/. Scripts: {', '.join(paths)}.")
    return [read_script(path) for name, path in paths.items() if only in (None, name)]


def speak(text: str, speaker: Speaker) -> Samples:
    """The text as 16 kHz samples in the speaker's voice, all turns equally loud."""
    flite = shutil.which("flite")
    if flite is None:
        raise SampleError("flite is not installed. On Debian or Ubuntu: apt install flite")
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "turn.wav"
        stretch = f"duration_stretch={speaker.stretch}"
        command = [flite, "-voice", speaker.voice, "--setf", stretch, "-t", text, "-o", str(spoken)]
        subprocess.run(command, check=True, capture_output=True)
        with wave.open(str(spoken)) as file:
            rate = file.getframerate()
            if rate != SAMPLE_RATE:
                raise SampleError(f"voice {speaker.voice!r} speaks at {rate} Hz, not {SAMPLE_RATE}")
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    voiced = _replay(samples, speed=speaker.speed).astype(np.float64)
    return voiced * (LOUDNESS / float(np.sqrt(np.mean(voiced**2))))


def _replay(samples: NDArray[np.int16], *, speed: float) -> NDArray[np.int16]:
    """The samples as if a tape ran at another speed."""
    if speed == 1.0:
        return samples
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16", layout="mono")
    frame.sample_rate = round(SAMPLE_RATE * speed)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    pieces = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([piece.to_ndarray()[0] for piece in pieces])


def lay_on_clock(script: Script) -> list[SpokenTurn]:
    """Every turn spoken, each `pause_s` after the latest end so far."""
    spoken: list[SpokenTurn] = []
    latest_end_s = LEAD_IN_S
    for turn in script.turns:
        samples = speak(turn.spoken, script.speakers[turn.speaker])
        start_s = latest_end_s + (turn.pause_s if spoken else 0.0)
        start_s = round(start_s * SAMPLE_RATE) / SAMPLE_RATE
        spoken.append(SpokenTurn(turn, start_s, samples))
        latest_end_s = max(latest_end_s, spoken[-1].end_s)
    return spoken


def mix(spoken: list[SpokenTurn], *, channels: int) -> NDArray[np.int16]:
    """Channels × samples: rep on 0 and everybody else on 1, or all of them on 0."""
    length_s = max(turn.end_s for turn in spoken) + LEAD_OUT_S
    signal = np.zeros((channels, round(length_s * SAMPLE_RATE)))
    for turn in spoken:
        channel = 0 if channels == 1 or turn.turn.speaker == "rep" else 1
        first = round(turn.start_s * SAMPLE_RATE)
        signal[channel, first : first + len(turn.samples)] += turn.samples
    return np.clip(np.round(signal), -32_768, 32_767).astype(np.int16)


def encode(signal: NDArray[np.int16], *, suffix: str) -> bytes:
    """The signal as a whole file, the same bytes at each run: .ogg (Opus), .flac or .m4a (AAC)."""
    container_format, codec, kbit_per_s = {
        ".ogg": ("ogg", "libopus", 30),
        ".flac": ("flac", "flac", None),
        ".m4a": ("ipod", "aac", 24),
    }[suffix]
    layout = "stereo" if len(signal) == 2 else "mono"
    buffer = io.BytesIO()
    exact = {"fflags": "+bitexact"}  # no random serial number, no library versions
    with av.open(buffer, "w", format=container_format, options=exact) as container:
        stream = cast(av.AudioStream, container.add_stream(codec, rate=SAMPLE_RATE, layout=layout))
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        if kbit_per_s is not None:
            stream.bit_rate = kbit_per_s * 1000 * len(signal)
        interleaved = signal.T.reshape(1, -1).copy()
        frame = av.AudioFrame.from_ndarray(interleaved, format="s16", layout=layout)
        frame.sample_rate = SAMPLE_RATE
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def caption_cues(script: Script, spoken: list[SpokenTurn]) -> list[Cue]:
    """The captions of a call; the pieces of a split turn share its time by their spoken length."""
    cues = []
    for turn in spoken:
        speaker = script.speakers[turn.turn.speaker]
        pieces = turn.turn.text.split(CUE_SPLIT)
        lengths = np.array([len(speak(piece, speaker)) for piece in pieces], dtype=np.float64)
        shares = np.concatenate([[0.0], np.cumsum(lengths) / lengths.sum()])
        edges = turn.start_s + shares * (turn.end_s - turn.start_s)
        for piece, start_s, end_s in zip(pieces, edges[:-1], edges[1:], strict=True):
            cues.append(Cue(float(start_s), float(end_s), speaker.name, piece))
    return cues


def captions(cues: list[Cue], *, suffix: str) -> str:
    """The cues as WebVTT with voice tags, or as SubRip with `Name: words`."""
    if suffix == ".vtt":
        blocks = [f"{_times(cue)}\n<v {cue.name}>{cue.words}</v>" for cue in cues]
        return "\n\n".join(["WEBVTT", *blocks]) + "\n"
    if suffix == ".srt":
        times = [_times(cue).replace(".", ",") for cue in cues]
        blocks = [f"{i + 1}\n{times[i]}\n{cue.name}: {cue.words}" for i, cue in enumerate(cues)]
        return "\n\n".join(blocks) + "\n"
    raise SampleError(f"transcript suffix {suffix!r} is not one of .srt, .vtt")


def _times(cue: Cue) -> str:
    return f"{_clock(cue.start_s)} --> {_clock(cue.end_s)}"


def _clock(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds / 1000:06.3f}"


def make(script: Script, folder: Path) -> list[Path]:
    """Write the files of one script and return their paths."""
    folder.mkdir(exist_ok=True)
    spoken = lay_on_clock(script)
    written = []
    if script.recording is not None:
        path = folder / script.recording
        signal = mix(spoken, channels=script.channels)
        encoded = encode(signal, suffix=path.suffix)
        path.write_bytes(encoded[: int(len(encoded) * script.keep_ratio)])
        written.append(path)
    if script.transcript is not None:
        path = folder / script.transcript
        text = captions(caption_cues(script, spoken), suffix=path.suffix)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def print_times(script: Script) -> None:
    """Print when each turn of a script is spoken."""
    print(f"{script.name}: {script.title}")
    for one in lay_on_clock(script):
        print(f"  {one.start_s:6.2f} {one.end_s:6.2f} {one.turn.speaker:9} {one.turn.spoken}")


def main() -> int:
    """Run the command line; 1 when something could not be made."""
    parser = argparse.ArgumentParser(description="Speak the sample calls with flite.")
    parser.add_argument("--only", metavar="NAME", help="one script, by its file name without .toml")
    parser.add_argument("--times", action="store_true", help="print when turns are spoken, no more")
    arguments = parser.parse_args()
    try:
        for script in read_scripts(HERE / "scripts", only=arguments.only):
            if arguments.times:
                print_times(script)
                continue
            for path in make(script, HERE / "recordings"):
                print(f"{path.name}: {path.stat().st_size:,} bytes")
    except SampleError as error:
        print(f"make_samples: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
