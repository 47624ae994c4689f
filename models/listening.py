"""From chunks of speech to words by channel, for many calls at once: the expensive step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from calls.call import Listening
from calls.errors import SpeechUnavailable
from calls.settings import SpeechSettings
from calls.transcript import Engine, Transcript, TranscriptOrigin, Utterance
from models.decoding import CallToDecode, DecodedCall, decode_calls
from models.diarization import SpeakerAssigner, ToldApart, tell_apart
from models.heard import DecodeOptions
from models.hearing import HeardAudio
from models.placing import utterances_of
from models.quality import quality_of
from models.said_twice import repeated_words
from models.speech import SpeechEngine, SpokenLanguage

NO_ENGINE = TranscriptOrigin(Engine.NONE, "")
"""The origin of a transcript in which there was nothing to transcribe."""


@dataclass(frozen=True, slots=True)
class CallToHear:
    """One call to be transcribed. `name` is whatever the caller knows it by.

    `language` is what is known beforehand; None lets the engine find out. `voices` is how many
    people there can be, where that is known.
    """

    name: str
    audio: HeardAudio
    heard_from: str
    language: str | None = None
    hotwords: tuple[str, ...] = ()
    voices: int | None = None


Ready = tuple[str, Listening | Exception]
"""The name of a call that needs no more listening, and its words or what went wrong with it."""

FindAssigner = Callable[[], SpeakerAssigner | None]
"""Gives what tells voices on one channel apart, if there is anything (`find_assigner`)."""


def prepared(call: CallToHear, assigner: FindAssigner) -> CallToHear | Ready:
    """The call, or what becomes of it without any engine: it is silent, or has to wait.

    It waits where its voices are to be told apart by something that is not there. Unless it is to
    be heard, its sound is closed.
    """
    if not call.audio.chunks:
        return call.name, silent(call.audio, call.heard_from)
    if call.audio.facts.layout.is_one_signal:
        try:
            assigner()
        except SpeechUnavailable as error:
            call.audio.close()
            return call.name, error
    return call


def listen(
    engine: SpeechEngine,
    calls: Iterable[CallToHear | Ready],
    settings: SpeechSettings,
    *,
    assigner: FindAssigner = lambda: None,
) -> Iterator[Ready]:
    """The words of each call, or what went wrong with it, by the call's name.

    Calls share batches and may overtake each other; those that are ready pass through. A call's
    sound is closed once it is done.

    Args:
        engine: what transcribes.
        calls: what to transcribe; drawn from as batches need filling.
        settings: how languages are told, and whether suspicious chunks are decoded again.
        assigner: asked for what tells voices on one channel apart when such a call is done.
    """
    desk = _Desk(engine, settings, assigner)
    try:
        for decoded in decode_calls(engine, desk.opened(calls), again=settings.decode_again):
            yield from desk.ready()
            yield decoded.name, desk.result(decoded)
        yield from desk.ready()
    finally:
        desk.close()


def silent(heard: HeardAudio, heard_from: str) -> Listening:
    """What is left of a recording without speech; its sound is closed."""
    heard.close()
    return Listening(heard.facts, Transcript((), NO_ENGINE, None, "unknown"), heard_from)


@dataclass(frozen=True, slots=True)
class _Open:
    call: CallToHear
    languages: Mapping[int, SpokenLanguage]  # by channel


class _Desk:
    """The calls whose sound is open, and what is needed to finish each."""

    def __init__(
        self, engine: SpeechEngine, settings: SpeechSettings, assigner: FindAssigner
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._assigner = assigner
        self._open: dict[str, _Open] = {}
        self._ready: list[Ready] = []

    def opened(self, calls: Iterable[CallToHear | Ready]) -> Iterator[CallToDecode]:
        """Each call with the options of its chunks; those that have none are ready."""
        for call in calls:
            if not isinstance(call, CallToHear):
                self._ready.append(call)
                continue
            try:
                languages = self._languages(call)
            except Exception as error:  # one call's failure is its own
                call.audio.close()
                self._ready.append((call.name, error))
                continue
            self._open[call.name] = _Open(call, languages)
            options = [
                DecodeOptions(languages[chunk.channel].code, call.hotwords)
                for chunk in call.audio.chunks
            ]
            yield CallToDecode(call.name, call.audio.chunks, options)

    def ready(self) -> Iterator[Ready]:
        """The calls that nothing has to be decoded of, since this was last asked."""
        ready, self._ready = self._ready, []
        yield from ready

    def result(self, decoded: DecodedCall) -> Listening | Exception:
        """What became of a decoded call; its sound is closed."""
        done = self._open.pop(decoded.name)
        try:
            return decoded.error or self._listening(done, decoded)
        except Exception as error:  # one call's failure is its own
            return error
        finally:
            done.call.audio.close()

    def close(self) -> None:
        """Closes what is still open, as when the night is cut off."""
        for one in self._open.values():
            one.call.audio.close()
        self._open.clear()

    def _languages(self, call: CallToHear) -> dict[int, SpokenLanguage]:
        """The language to decode each channel in."""
        chunks = call.audio.chunks
        channels = sorted({chunk.channel for chunk in chunks})
        if call.language is None and self._settings.language_per == "channel":
            return {
                channel: self._engine.language_of(
                    [chunk for chunk in chunks if chunk.channel == channel], None
                )
                for channel in channels
            }
        return dict.fromkeys(channels, self._engine.language_of(chunks, call.language))

    def _listening(self, done: _Open, decoded: DecodedCall) -> Listening:
        call, audio = done.call, done.call.audio
        utterances, left_out = repeated_words(utterances_of(decoded.chunks), audio.sound)
        told = self._told_apart(utterances, call)
        main = _main_language(done)
        transcript = Transcript(
            told.utterances,
            self._origin(call, told.by),
            main.code,
            main.source,
            (*_language_notes(done, main), *left_out, *filter(None, [told.note])),
            quality=quality_of(decoded.chunks),
        )
        return Listening(audio.facts, transcript, call.heard_from)

    def _origin(self, call: CallToHear, diarization: str | None) -> TranscriptOrigin:
        """What the words were made with, options of this call included."""
        origin = self._engine.origin
        own = {"hotwords": ", ".join(call.hotwords), "diarization": diarization}
        return replace(
            origin, options={**origin.options, **{key: one for key, one in own.items() if one}}
        )

    def _told_apart(self, utterances: tuple[Utterance, ...], call: CallToHear) -> ToldApart:
        """The voices on one signal told apart, where something can do that."""
        audio = call.audio
        if not audio.facts.layout.is_one_signal:
            return ToldApart(utterances)
        assigner = self._assigner()
        # A model needs the whole channel at once: the one step whose memory grows with the call.
        end = audio.sound.length if assigner is not None else 0
        # The channel that was listened to; of two with one signal it may be either.
        samples = audio.sound.read_channel(audio.chunks[0].channel, 0, end)
        return tell_apart(assigner, self._settings, samples, utterances, at_most=call.voices)


def _main_language(done: _Open) -> SpokenLanguage:
    """The language of the channel with most speech."""
    seconds = dict.fromkeys(done.languages, 0.0)
    for chunk in done.call.audio.chunks:
        seconds[chunk.channel] += chunk.duration_s
    return done.languages[max(seconds, key=lambda channel: seconds[channel])]


def _language_notes(done: _Open, main: SpokenLanguage) -> Iterator[str]:
    yield from main.notes
    for channel, language in done.languages.items():
        if language.code != main.code:
            yield f"ch{channel}: read as {language.code!r}"
