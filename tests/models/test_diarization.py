from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.errors import SpeechUnavailable
from calls.settings import SpeechSettings
from calls.transcript import Utterance, Word
from models.diarization import find_assigner, lacking, tell_apart
from models.people import is_anonymous
from models.sound import SAMPLE_RATE_HZ, Samples
from models.speakers import NEAR_S, Segment, assign_words, lettered

MONO = np.zeros(SAMPLE_RATE_HZ, np.float32)


def said(*words: tuple[str, float, float], doubt: str = "") -> Utterance:
    heard = tuple(Word(text, start_s, end_s) for text, start_s, end_s in words)
    text = " ".join(word.text for word in heard)
    return Utterance(heard[0].start_s, heard[-1].end_s, text, 0, words=heard, doubt=doubt)


def shown(utterances: Sequence[Utterance]) -> list[tuple[str | None, str]]:
    return [(one.speaker, one.text) for one in utterances]


A, B = Segment(0.0, 2.0, "A"), Segment(2.0, 4.0, "B")


def test_an_utterance_that_crosses_a_change_of_speaker_is_cut_there() -> None:
    one = said(("how", 0.2, 0.5), ("many?", 0.6, 1.9), ("Four", 2.1, 2.6), doubt="repeats itself")
    parts = assign_words([one], [A, B])
    assert shown(parts) == [("A", "how many?"), ("B", "Four")]
    assert [(part.start_s, part.end_s) for part in parts] == [(0.2, 1.9), (2.1, 2.6)]
    assert [(part.channel, part.doubt) for part in parts] == [(0, "repeats itself")] * 2


def test_an_utterance_of_one_voice_stays_as_it_is() -> None:
    one = Utterance(0.0, 2.0, " Well,  hello ", 0, words=(Word(" hello", 0.5, 0.9),))
    (same,) = assign_words([one], [A, B])
    assert (same.text, same.start_s, same.end_s, same.speaker) == (" Well,  hello ", 0.0, 2.0, "A")


def test_a_word_goes_to_the_voice_with_the_largest_overlap() -> None:
    assert shown(assign_words([said(("so", 1.7, 2.2))], [A, B])) == [("A", "so")]
    assert shown(assign_words([said(("so", 1.9, 2.2))], [A, B])) == [("B", "so")]


def test_a_word_inside_a_long_segment_does_not_win_over_the_voice_that_breaks_in() -> None:
    breaks_in = Segment(1.0, 1.5, "B")
    assert shown(assign_words([said(("no", 1.1, 1.4))], [A, breaks_in])) == [("B", "no")]


def test_a_word_between_segments_goes_to_the_nearest_and_far_from_all_to_nobody() -> None:
    gap = [Segment(0.0, 1.0, "A"), Segment(2.0, 3.0, "B")]
    assert shown(assign_words([said(("um", 1.2, 1.4))], gap)) == [("A", "um")]
    assert shown(assign_words([said(("um", 1.7, 1.9))], gap)) == [("B", "um")]
    late = 3.0 + NEAR_S + 0.1
    assert shown(assign_words([said(("bye", late, late + 0.2))], gap)) == [(None, "bye")]
    assert shown(assign_words([said(("bye", 1.0, 1.2))], [])) == [(None, "bye")]


def test_a_word_without_length_is_placed_too() -> None:
    assert shown(assign_words([said(("five", 2.5, 2.5))], [A, B])) == [("B", "five")]


def test_an_utterance_without_word_times_has_a_voice_only_if_it_is_nearly_all_theirs() -> None:
    whole = Utterance(0.1, 2.1, "four sites", 0)
    both = Utterance(1.0, 3.0, "four sites no five", 0)
    parts = assign_words([whole, both], [A, B])
    assert [part.speaker for part in parts] == ["A", None]


def test_voices_are_lettered_in_order_of_first_speech() -> None:
    found = lettered([Segment(3, 4, "SPEAKER_00"), Segment(0, 2, "SPEAKER_07"), Segment(5, 6, "x")])
    assert [one.speaker for one in found] == ["A", "B", "C"]
    crowd = lettered([Segment(at, at + 1, f"{at:03}") for at in range(30)])
    assert len({one.speaker for one in crowd}) == 30
    assert all(is_anonymous(one.speaker) for one in crowd)


times = st.integers(0, 400).map(lambda tenths: tenths / 10)
spans = st.tuples(times, st.integers(0, 30).map(lambda tenths: tenths / 10))
words = st.lists(spans, min_size=1, max_size=12).map(
    lambda ones: (
        said(*((f"w{at}", start, start + long) for at, (start, long) in enumerate(ones)))
        if all(one[0] <= ones[-1][0] for one in ones)
        else said(("w", ones[0][0], ones[0][0] + ones[0][1]))
    )
)
segments = st.lists(
    st.tuples(spans, st.sampled_from("XYZ")).map(
        lambda one: Segment(one[0][0], one[0][0] + one[0][1], one[1])
    ),
    max_size=8,
    unique=True,  # nobody reports one stretch twice
)


@given(st.lists(words, max_size=5), segments)
def test_every_word_comes_out_exactly_once_and_by_the_best_voice(
    utterances: list[Utterance], found: list[Segment]
) -> None:
    parts = assign_words(utterances, found)
    heard = Counter(word for one in utterances for word in one.words)
    assert Counter(word for part in parts for word in part.words) == heard
    assert [part.start_s for part in parts] == sorted(part.start_s for part in parts)
    for part in parts:
        for word in part.words:
            best_s = max((overlap_s(word, found, name) for name in "XYZ"), default=0.0)
            if best_s > 0:
                assert part.speaker is not None
                assert overlap_s(word, found, part.speaker) == pytest.approx(best_s)


def overlap_s(word: Word, found: Sequence[Segment], speaker: str) -> float:
    return sum(
        max(0.0, min(word.end_s, one.end_s) - max(word.start_s, one.start_s))
        for one in found
        if one.speaker == speaker
    )


def test_a_call_of_hours_is_one_pass() -> None:
    found = [Segment(at, at + 1.0, "AB"[at % 2]) for at in range(20_000)]
    found.append(Segment(0.0, 20_000.0, "C"))  # somebody's line was open all the time
    long = [said(*((f"w{at}", at + 0.1, at + 0.4) for at in range(20_000)))]
    parts = assign_words(long, found)
    assert {part.speaker for part in parts} == {"A", "B"}


class Oracle:
    """An assigner that knows who speaks when."""

    name = "oracle"

    def __init__(self, found: Sequence[Segment]) -> None:
        self.found = found

    def assign(
        self, samples: Samples, utterances: Sequence[Utterance], *, at_most: int | None = None
    ) -> tuple[Utterance, ...]:
        return assign_words(utterances, lettered(self.found))

    def close(self) -> None:
        pass


def test_real_voices_on_one_line_are_told_apart_word_by_word(shared_recordings: Path) -> None:
    folder = shared_recordings / "pyannote"
    true = [
        Segment(float(start), float(start) + float(length), speaker)
        for _, _, _, start, length, _, _, speaker, *_ in map(
            str.split, (folder / "sample.rttm").read_text().splitlines()
        )
    ]
    lines = [line.split(maxsplit=5) for line in (folder / "sample.stm").read_text().splitlines()]
    spoken = [
        (speaker, _spread(text, float(start), float(end)))
        for _, _, speaker, start, end, text in lines
    ]
    every = sorted((word for _, own in spoken for word in own), key=lambda one: one.start_s)
    # One utterance for all, as an engine without diarization may deliver it.
    one = said(*((word.text, word.start_s, word.end_s) for word in every))
    told = tell_apart(Oracle(true), SpeechSettings(), MONO, [one])
    assert told.by == "oracle"
    voice = {word: part.speaker for part in told.utterances for word in part.words}
    assert len(voice) == len(every) > 50
    first = min(spoken, key=lambda own: own[1][0].start_s)[0]
    right = sum(
        (voice[word] == "A") is (speaker == first) for speaker, own in spoken for word in own
    )
    assert right / len(every) > 0.9  # the two references disagree where people talk at once


def _spread(text: str, start_s: float, end_s: float) -> list[Word]:
    parts = text.split()
    step_s = (end_s - start_s) / len(parts)
    return [
        Word(part, start_s + at * step_s, start_s + (at + 1) * step_s)
        for at, part in enumerate(parts)
    ]


# ------------------------------------------------------------------------------ the adapter


@dataclass
class Fake:
    """What a stand-in for pyannote.audio was asked, and what it answers."""

    answer: Any
    loads: list[str]
    inputs: list[tuple[dict[str, Any], dict[str, Any]]]
    devices: list[str]
    has_gpu: bool = False


def annotation(*tracks: tuple[float, float, str]) -> Any:
    """Tracks with labels, in the very type that pyannote.audio gives back."""
    core = pytest.importorskip("pyannote.core")
    found = core.Annotation()
    for at, (start_s, end_s, label) in enumerate(tracks):
        found[core.Segment(start_s, end_s), at] = label
    return found


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "community"
    folder.mkdir()
    (folder / "config.yaml").write_text("pipeline: {}")
    return folder


@pytest.fixture
def pyannote(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Fake]:
    """Puts a stand-in for pyannote.audio and PyTorch in place; neither need be installed."""

    def install(answer: Any) -> Fake:
        fake = Fake(answer, [], [], [])

        class Pipeline:
            def __call__(self, file: dict[str, Any], **options: Any) -> Any:
                fake.inputs.append((file, options))
                if isinstance(fake.answer, Exception):
                    raise fake.answer
                return fake.answer

            def to(self, device: str) -> None:
                fake.devices.append(device)

            @staticmethod
            def from_pretrained(checkpoint: str) -> Any:
                fake.loads.append(checkpoint)
                if isinstance(fake.answer, type) or fake.answer is None:
                    if fake.answer is None:
                        return None
                    raise fake.answer("hf_secret /home/someone")
                return Pipeline()

        audio, torch = ModuleType("pyannote.audio"), ModuleType("torch")
        audio.__spec__ = ModuleSpec("pyannote.audio", None)
        vars(audio)["Pipeline"] = Pipeline
        vars(torch).update(
            from_numpy=lambda values: values,
            device=lambda name: name,
            cuda=SimpleNamespace(is_available=lambda: fake.has_gpu),
        )
        monkeypatch.setitem(sys.modules, "pyannote.audio", audio)
        monkeypatch.setitem(sys.modules, "torch", torch)
        return fake

    monkeypatch.setenv("PYANNOTE_METRICS_ENABLED", "true")
    return install


def output(*tracks: tuple[float, float, str]) -> Any:
    """What a pipeline of version 4 gives back; the overlapping diarization must not be used."""
    return SimpleNamespace(
        speaker_diarization=annotation((0.0, 9.0, "X")),
        exclusive_speaker_diarization=annotation(*tracks),
    )


def settings(model: object, **more: Any) -> SpeechSettings:
    return SpeechSettings.model_validate({"diarization_model": str(model), **more})


HELLO = said(("hello", 0.1, 0.4), ("hi", 2.1, 2.4))


def test_the_pipeline_gets_one_channel_as_samples_and_reports_nothing(
    pyannote: Callable[..., Fake], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    fake = pyannote(output((0.0, 1.0, "SPEAKER_01"), (2.0, 3.0, "SPEAKER_00")))
    assigner = find_assigner(settings(model))
    assert assigner is not None
    assert assigner.name == "community"  # no path of this machine
    assert fake.loads == []  # nothing is loaded before it is needed
    parts = assigner.assign(MONO, [HELLO], at_most=2)
    assert shown(parts) == [("A", "hello"), ("B", "hi")]
    ((file, options),) = fake.inputs
    assert file["sample_rate"] == 16_000
    assert file["waveform"].shape == (1, len(MONO))
    assert options == {"max_speakers": 2}
    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "false"
    assigner.assign(MONO, [HELLO])
    assert fake.loads == [str(model)]
    assigner.close()


def test_pipelines_of_the_old_kind_are_understood(
    pyannote: Callable[..., Fake], model: Path
) -> None:
    pyannote(annotation((-0.1, 1.0, "S"), (2.0, 3.0, "T")))
    assigner = find_assigner(settings(model / "config.yaml"))
    assert assigner is not None
    assert shown(assigner.assign(MONO, [HELLO])) == [("A", "hello"), ("B", "hi")]


def test_nothing_heard_is_nothing_to_tell_apart(pyannote: Callable[..., Fake], model: Path) -> None:
    fake = pyannote(output())
    assigner = find_assigner(settings(model))
    assert assigner is not None
    assert assigner.assign(MONO, []) == ()
    assert assigner.assign(MONO[:0], [HELLO]) == (HELLO,)
    assert fake.loads == []


@pytest.mark.parametrize(
    ("device", "gpu", "moved"),
    [("auto", True, ["cuda"]), ("auto", False, []), ("cpu", True, []), ("cuda", False, ["cuda"])],
)
def test_the_model_runs_where_the_settings_say(
    pyannote: Callable[..., Fake], model: Path, device: str, gpu: bool, moved: list[str]
) -> None:
    fake = pyannote(output())
    fake.has_gpu = gpu
    assigner = find_assigner(settings(model, device=device))
    assert assigner is not None
    assigner.assign(MONO, [HELLO])
    assert fake.devices == moved


def test_without_the_extra_calls_land_with_one_voice_and_the_reason() -> None:
    if lacking(SpeechSettings()) is None:
        pytest.skip("pyannote.audio and its model are here")
    assert find_assigner(SpeechSettings()) is None
    told = tell_apart(None, SpeechSettings(), MONO, [HELLO])
    assert told.utterances == (HELLO,)
    assert told.by is None
    assert told.note.startswith("voices on one channel not told apart (")


def test_without_the_model_the_remedy_says_where_to_ask_for_it(
    pyannote: Callable[..., Fake], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import huggingface_hub.constants

    pyannote(output())
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    lack = lacking(SpeechSettings())
    assert lack is not None
    assert lack.reason == "no diarization model"
    assert "https://huggingface.co/pyannote/speaker-diarization-community-1" in lack.remedy
    assert "hf auth login" in lack.remedy
    told = tell_apart(find_assigner(SpeechSettings()), SpeechSettings(), MONO, [HELLO])
    assert told.note == "voices on one channel not told apart (no diarization model)"
    # Asked for by name, it is downloaded from the hub.
    assert find_assigner(SpeechSettings(diarization="pyannote")) is not None


def test_a_model_in_the_hubs_cache_is_found_and_loaded_from_there(
    pyannote: Callable[..., Fake], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import huggingface_hub.constants

    fake = pyannote(output((0.0, 1.0, "S")))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--pyannote--speaker-diarization-community-1"
    snapshot = repository / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.yaml").write_text("pipeline: {}")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    assigner = find_assigner(SpeechSettings())
    assert assigner is not None
    assert assigner.name == "pyannote/speaker-diarization-community-1"
    assigner.assign(MONO, [HELLO])
    assert fake.loads == [str(snapshot)]


def test_a_folder_without_a_model_is_named_in_the_remedy(
    pyannote: Callable[..., Fake], tmp_path: Path
) -> None:
    pyannote(output())
    lack = lacking(settings(tmp_path / "nothing", diarization="pyannote"))
    assert lack is not None
    assert "config.yaml" in lack.remedy
    with pytest.raises(SpeechUnavailable, match=r"config\.yaml"):
        find_assigner(settings(tmp_path / "nothing", diarization="pyannote"))


def test_turned_off_it_stays_off(pyannote: Callable[..., Fake], model: Path) -> None:
    pyannote(output())
    off = settings(model, diarization="off")
    assert find_assigner(off) is None
    assert "turned off" in tell_apart(None, off, MONO, [HELLO]).note


@pytest.mark.parametrize("answer", [OSError, ImportError, None])
def test_a_model_that_can_not_be_loaded_is_tried_once_and_says_what_to_do(
    pyannote: Callable[..., Fake], model: Path, answer: Any
) -> None:
    fake = pyannote(answer)
    wanted = settings(model, diarization="pyannote")
    assigner = find_assigner(wanted)
    for _ in range(2):
        with pytest.raises(SpeechUnavailable) as failed:
            tell_apart(assigner, wanted, MONO, [HELLO])
    assert len(fake.loads) == 1
    assert "hf_secret" not in str(failed.value)
    assert str(model.parent) not in str(failed.value).partition("speech.diarization_model")[0]
    told = tell_apart(assigner, settings(model), MONO, [HELLO])
    assert told.note.startswith("voices on one channel not told apart (diarization failed")
    assert told.utterances == (HELLO,)


def test_a_model_that_fails_on_a_call_costs_only_its_voices(
    pyannote: Callable[..., Fake], model: Path
) -> None:
    pyannote(MemoryError("no room"))
    assigner = find_assigner(settings(model))
    told = tell_apart(assigner, settings(model), MONO, [HELLO])
    assert told.note == ("voices on one channel not told apart (diarization failed: MemoryError)")


def test_a_service_that_wants_the_recordings_is_refused(
    pyannote: Callable[..., Fake], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyannote(output())
    pipeline = sys.modules["pyannote.audio"].Pipeline
    monkeypatch.setattr(pipeline, "__module__", "pyannote.audio.pipelines.pyannoteai.sdk")
    assigner = find_assigner(settings(model))
    assert assigner is not None
    with pytest.raises(SpeechUnavailable, match="would send them the recordings"):
        assigner.assign(MONO, [HELLO])
