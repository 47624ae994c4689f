from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import spacy

from analyzers.playbook_files import language_vocab, load_playbook
from analyzers.rule_finder import COMPONENT, Finding, RuleFinder, register_components
from analyzers.rulebook import Rulebook
from calls.call import (
    AttributedCall,
    AudioFacts,
    ChannelLayout,
    Recording,
    RoleSource,
    Source,
    SourceKind,
    Speaker,
    StartedAtSource,
)
from calls.labels import Role
from calls.metadata import CallMetadata
from calls.playbook import Playbook
from calls.transcript import Engine, TranscriptOrigin, Turn, Word


@pytest.fixture(scope="session")
def playbook() -> Playbook:
    return load_playbook()


@pytest.fixture(scope="session")
def rulebook(playbook: Playbook) -> Rulebook:
    return Rulebook(playbook, language_vocab("en"))


@pytest.fixture(scope="session")
def finder() -> RuleFinder:
    register_components()
    nlp = spacy.blank("en")
    nlp.add_pipe(COMPONENT)
    component = nlp.get_pipe(COMPONENT)
    assert isinstance(component, RuleFinder)
    return component


@pytest.fixture(scope="session")
def find(finder: RuleFinder) -> Callable[[str], list[Finding]]:
    nlp = spacy.blank("en")
    return lambda text: finder.find(nlp.make_doc(text))


def spoken(turn: int, role: Role, text: str, *, start_s: float, speaker: str) -> Turn:
    """A turn in which every word takes 0.4 s and is followed by 0.1 s of silence."""
    words = tuple(
        Word(word, start_s + 0.5 * position, start_s + 0.5 * position + 0.4)
        for position, word in enumerate(text.split())
    )
    return Turn(turn, speaker, role, start_s, words[-1].end_s, text, words)


@pytest.fixture
def make_call() -> Callable[..., AttributedCall]:
    def make(
        *said: tuple[Role, str],
        language: str | None = "en",
        speakers: tuple[Speaker, ...] | None = None,
        engine: Engine = Engine.WHISPER,
        truncated: bool = False,
    ) -> AttributedCall:
        now = datetime(2026, 3, 2, 10, tzinfo=UTC)
        source = Source("a.wav", SourceKind.AUDIO, "a" * 64, 3, now)
        turns = tuple(
            spoken(number, role, text, start_s=20.0 * number, speaker=role.value)
            for number, (role, text) in enumerate(said)
        )
        voices = tuple(
            Speaker(role.value, role) for role in dict.fromkeys(role for role, _ in said)
        )
        return AttributedCall(
            recording=Recording(
                "a" * 64, "c-1", (source,), CallMetadata(), now, StartedAtSource.FILE_TIME
            ),
            audio=AudioFacts(20.0 * len(said), 2, ChannelLayout.SEPARATE, truncated=truncated),
            origin=TranscriptOrigin(engine, "base.en"),
            language=language,
            language_source="engine",
            speakers=voices if speakers is None else speakers,
            role_source=RoleSource.CHANNEL,
            turns=turns,
        )

    return make
