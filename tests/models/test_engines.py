"""The engines on real audio, with real models."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest

from calls.call import ChannelLayout, Listening
from calls.errors import SpeechUnavailable
from calls.settings import SpeechSettings
from models.embedded import EmbeddedEngine
from models.heard import DecodeOptions
from models.hearing import AudioFile, hear
from models.listening import CallToHear, silent
from models.listening import listen as hear_all
from models.speech import SpeechEngine
from models.weights import find_weights, get_weights
from models.whisper import WhisperEngine, compute_type, whisper_language
from tests.sounds import sample_speech, silence, write_wav
from tests.tiny_whisper import LANGUAGES, build


def listen(path: Path, engine: SpeechEngine, *, language: str | None = "en") -> Listening:
    heard = hear([AudioFile(path.name, path)])
    if not heard.chunks:
        return silent(heard, "test")
    # Random weights write nonsense, which would be decoded again and again.
    settings = SpeechSettings(decode_again=False)
    ((_, result),) = hear_all(engine, [CallToHear("call", heard, "test", language)], settings)
    if isinstance(result, Exception):
        raise result
    return result


@pytest.fixture(scope="module")
def whisper(whisper_folder: Path) -> WhisperEngine:
    settings = SpeechSettings(model=str(whisper_folder), device="cpu")
    return WhisperEngine(get_weights(settings), settings)


@pytest.mark.speech
def test_whisper_hears_both_channels_with_word_times_inside_the_call(
    whisper: WhisperEngine, tmp_path: Path
) -> None:
    path = write_wav(tmp_path / "call.wav", sample_speech(seconds=45))
    listening = listen(path, whisper)
    utterances = listening.transcript.utterances
    assert {one.channel for one in utterances} == {0, 1}
    assert all(one.words for one in utterances)
    for word in (word for one in utterances for word in one.words):
        assert 0 <= word.start_s <= word.end_s <= 45
        assert word.probability is not None
    assert [one.start_s for one in utterances] == sorted(one.start_s for one in utterances)


@pytest.mark.speech
def test_whisper_words_stay_within_the_speech_of_their_own_channel(
    whisper: WhisperEngine, tmp_path: Path
) -> None:
    # The rep speaks in the first ten seconds only, the customer in the last ten only.
    samples = silence(seconds=40, channels=2)
    spoken = sample_speech(seconds=10)[0]
    samples[0, : spoken.size] = spoken
    samples[1, -spoken.size :] = spoken
    listening = listen(write_wav(tmp_path / "call.wav", samples), whisper)
    by_channel: dict[int | None, list[float]] = {}
    for one in listening.transcript.utterances:
        by_channel.setdefault(one.channel, []).extend(word.end_s for word in one.words)
    assert max(by_channel[0]) <= 11
    assert min(by_channel[1]) >= 29


@pytest.mark.speech
def test_whisper_says_what_it_was_made_with(whisper: WhisperEngine) -> None:
    origin = whisper.origin
    assert origin.engine == "faster-whisper"
    assert origin.model == "tiny"  # the folder's name, never its path
    assert origin.compute_type.startswith("int8")
    assert origin.options["beam_size"] == 5


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> WhisperEngine:
    folder = build(tmp_path_factory.mktemp("whisper") / "multilingual", multilingual=True)
    settings = SpeechSettings(model=str(folder), device="cpu")
    return WhisperEngine(get_weights(settings), settings)


@pytest.mark.speech
@pytest.mark.parametrize(
    ("known", "read", "source"),
    [("en-GB", "en", "given"), ("de", "de", "given"), ("DE_at", "de", "given")],
)
def test_a_multilingual_whisper_reads_the_language_that_is_known(
    multilingual: WhisperEngine, speech_wav: Path, known: str, read: str, source: str
) -> None:
    transcript = listen(speech_wav, multilingual, language=known).transcript
    assert (transcript.language, transcript.language_source) == (read, source)
    assert transcript.notes == ()
    assert transcript.utterances


@pytest.mark.speech
def test_a_multilingual_whisper_detects_an_unknown_language(
    multilingual: WhisperEngine, speech_wav: Path
) -> None:
    transcript = listen(speech_wav, multilingual, language=None).transcript
    assert transcript.language in LANGUAGES
    assert transcript.language_source == "detected"


@pytest.mark.speech
def test_a_language_whisper_does_not_know_is_said(
    multilingual: WhisperEngine, whisper: WhisperEngine, speech_wav: Path
) -> None:
    transcript = listen(speech_wav, multilingual, language="gsw-CH").transcript
    assert transcript.language_source == "detected"
    assert transcript.notes[0].startswith("the call is in 'gsw-CH', which this model can't read")
    transcript = listen(speech_wav, whisper, language="de").transcript
    assert (transcript.language, transcript.language_source) == ("en", "engine")
    assert "it was read as 'en'" in transcript.notes[0]


@pytest.mark.parametrize(
    ("asked", "code"),
    [(None, None), ("en-GB", "en"), ("DE", "de"), ("pt_BR", "pt"), ("nb-NO", "no"), ("", None)],
)
def test_a_language_tag_becomes_whispers_own_code(asked: str | None, code: str | None) -> None:
    assert whisper_language(asked) == code


@pytest.mark.parametrize(
    ("device", "asked", "cuda_devices", "chosen"),
    [
        ("auto", "auto", 0, "int8"),
        ("auto", "auto", 1, "float16"),
        ("cpu", "auto", 1, "int8"),
        ("cuda", "auto", 1, "float16"),
        ("auto", "int8_float16", 1, "int8_float16"),
        ("cpu", "float32", 0, "float32"),
    ],
)
def test_the_compute_type_follows_the_device_that_is_used(
    device: Literal["auto", "cpu", "cuda"], asked: str, cuda_devices: int, chosen: str
) -> None:
    settings = SpeechSettings(device=device, compute_type=asked)
    assert compute_type(settings, cuda_devices=cuda_devices) == chosen


@pytest.mark.speech
def test_a_killed_decoding_process_costs_one_retry_and_no_call(speech_wav: Path) -> None:
    engine = EmbeddedEngine(processes=2)
    try:
        assert listen(speech_wav, engine).transcript.utterances
        broken = engine._pool
        assert broken is not None
        process = next(iter(broken._processes.values()))
        process.kill()
        process.join()
        assert listen(speech_wav, engine).transcript.utterances
        assert engine._pool is not broken
        assert listen(speech_wav, engine).transcript.utterances
    finally:
        engine.close()


def test_a_pool_that_breaks_twice_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = EmbeddedEngine(processes=2)
    opened = []

    class Broken:
        def map(self, *_: object) -> list[object]:
            raise BrokenProcessPool("killed")

        def shutdown(self, **_: object) -> None:
            opened.append("shut")

    monkeypatch.setattr("models.embedded.ProcessPoolExecutor", lambda *_, **__: Broken())
    with pytest.raises(BrokenProcessPool):
        engine._decode_all([b"", b""])
    assert opened == ["shut", "shut"]
    assert engine._pool is None


@pytest.mark.speech
def test_the_embedded_engine_reads_a_sample_call(tmp_path: Path) -> None:
    engine = EmbeddedEngine(processes=1)
    path = write_wav(tmp_path / "call.wav", sample_speech(seconds=8)[:1])
    listening = listen(path, engine)
    words = [word for one in listening.transcript.utterances for word in one.words]
    assert len(words) > 8
    assert all(0 <= word.start_s <= word.end_s <= 8 for word in words)
    assert not any("<" in word.text or "(" in word.text for word in words)


@pytest.mark.speech
def test_the_embedded_engine_hears_the_same_whatever_it_heard_before(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "call.wav", sample_speech(seconds=8)[:1])
    other = write_wav(tmp_path / "other.wav", sample_speech(seconds=20, start_s=20)[1:] * 0.3)
    engine = EmbeddedEngine(processes=1)
    first = listen(path, engine)
    listen(other, engine)
    assert listen(path, engine) == first


def test_the_embedded_engine_refuses_other_languages_than_its_own(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "call.wav", sample_speech(seconds=4)[:1])
    with pytest.raises(SpeechUnavailable, match="English only and the call is in 'de'"):
        listen(path, EmbeddedEngine(processes=1), language="de")


def test_silence_is_never_given_to_an_engine(tmp_path: Path) -> None:
    heard = hear([AudioFile("a.wav", write_wav(tmp_path / "a.wav", silence(seconds=3)))])
    assert heard.chunks == ()
    assert silent(heard, "test").transcript.utterances == ()


def test_one_file_per_participant_becomes_one_channel_each(tmp_path: Path) -> None:
    samples = sample_speech(seconds=12)
    files = [
        AudioFile("a_agent.wav", write_wav(tmp_path / "a_agent.wav", samples[:1])),
        AudioFile("a_caller.wav", write_wav(tmp_path / "a_caller.wav", samples[1:, : 8 * 16_000])),
    ]
    heard = hear(files)
    assert heard.facts.layout is ChannelLayout.FILES
    assert heard.facts.channel_count == 2
    assert heard.facts.duration_s == pytest.approx(12)
    assert {chunk.channel for chunk in heard.chunks} == {0, 1}


def test_weights_are_found_in_a_folder_without_asking_anybody(whisper_folder: Path) -> None:
    by_path = find_weights(SpeechSettings(model=str(whisper_folder)))
    by_name = find_weights(
        SpeechSettings(model=whisper_folder.name, model_dir=whisper_folder.parent)
    )
    assert by_path is not None
    assert by_name is not None
    assert by_path.folder == by_name.folder
    assert by_path.found_in == "folder"


def test_being_offline_is_found_out_in_seconds_and_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Nothing listens there, so the connection is refused at once; test_weights.py has the firewall
    # that says nothing.
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    began = time.monotonic()
    with pytest.raises(SpeechUnavailable, match="NIGHTCALL_SPEECH__MODEL"):
        get_weights(SpeechSettings(model="small.en"))
    assert time.monotonic() - began < 3


def test_an_unknown_model_name_is_said(tmp_path: Path) -> None:
    with pytest.raises(SpeechUnavailable, match="'smol'"):
        find_weights(SpeechSettings(model="smol"))


@pytest.mark.speech
def test_the_embedded_engine_serves_several_threads(tmp_path: Path) -> None:
    engine = EmbeddedEngine(processes=1)
    path = write_wav(tmp_path / "call.wav", sample_speech(seconds=8))
    with closing(hear([AudioFile(path.name, path)])) as heard:
        options = DecodeOptions("en")
        alone = [engine.decode([chunk], options) for chunk in heard.chunks]
        with ThreadPoolExecutor(4) as pool:
            together = list(
                pool.map(lambda chunk: engine.decode([chunk], options), heard.chunks * 4)
            )
    assert together == alone * 4
