"""Reading a call: turns in, the rows of every chosen analyzer out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from analyzers.annotated import AnnotatedCall, TurnDoc
from analyzers.found import Found
from analyzers.playbook_files import playbook_languages
from analyzers.registry import add_components, chosen_analyzers
from analyzers.rule_finder import COMPONENT, ROLE, RuleFinder
from analyzers.rulebook import PAUSES
from analyzers.sentences import long_pauses
from calls.call import AttributedCall, Reading
from calls.labelling import TURNS_BEFORE, Said, TurnInContext, TurnLabeller
from calls.language import primary
from calls.settings import Settings
from calls.transcript import Turn

READ_VERSION = "5"
"""To be raised whenever an analyzer's code changes what it finds."""

RULES_ALONE = "labels were looked for by rules alone"
"""Why labels may be missing where the learned layer is not used or does not know the language."""

_DEFAULT_LANGUAGE = "en"
# Components that read the text of a turn and none of its tokens.
_READ_THE_TEXT = frozenset({COMPONENT})

# spaCy's vocabularies and matchers are not made for two threads at once, and Readers share some of
# them (the question cues of a language). Reading holds the interpreter anyway: no time is lost.
_ONE_AT_A_TIME = threading.Lock()


class Reader:
    """Reads calls with the analyzers that the settings name. Built once per process.

    It may be used from several threads; they read one call at a time. Calls whose language is not
    known are read as English.

    Args:
        settings: analyzers and playbook.
        blank_pipeline: makes an empty pipeline for a language code.
        model: the learned layer; without it only rules find labels.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        blank_pipeline: Callable[[str], Language] = spacy.blank,
        model: TurnLabeller | None = None,
    ) -> None:
        self._settings = settings
        self._model = model
        self._blank_pipeline = blank_pipeline
        self._analyzers = chosen_analyzers(settings.analyzers)
        self._analyze = tuple(one.build(settings) for one in self._analyzers)
        self._languages = playbook_languages(settings.playbook)
        self._pipelines: dict[str, Language] = {}
        for language in sorted(self._languages):
            self._pipeline(language)  # a wrong playbook must show now, not at the first call

    def read(self, call: AttributedCall) -> Reading:
        """What the analyzers find in `call`."""
        with _ONE_AT_A_TIME:
            return self._read(call)

    def _read(self, call: AttributedCall) -> Reading:
        annotated = self._annotate(call)
        found = Found()
        for analyze in self._analyze:
            found = found.plus(analyze(annotated, found))
        return Reading(
            moments=found.moments,
            measures=found.measures,
            chains=found.chains,
            claims=found.claims,
            questions=found.questions,
            analyzers=tuple(one.name for one in self._analyzers),
            version=READ_VERSION,
            playbook_version=self._playbook_version(_language_of(call)),
            model_version=annotated.model.version if annotated.model else "",
            language_covered=annotated.covered,
        )

    def _annotate(self, call: AttributedCall) -> AnnotatedCall:
        language = _language_of(call)
        nlp = self._pipeline(language)
        docs = tuple(nlp.pipe(_prepared(nlp, call.turns)))
        covered = language in self._languages
        if self._model is None or not covered or language not in self._model.languages:
            return AnnotatedCall(call, docs, covered, label_doubt=RULES_ALONE)
        scores = tuple(self._model.score(_in_context(call.turns)))
        return AnnotatedCall(call, docs, covered, self._model, scores)

    def _pipeline(self, language: str) -> Language:
        """The pipeline for a language: all components, or none where no playbook speaks it."""
        if language not in self._pipelines:
            if language in self._languages:
                nlp = self._blank_pipeline(language)
                add_components(nlp, self._analyzers, self._settings)
            else:
                nlp = self._blank_pipeline("xx")
            self._pipelines[language] = nlp
        return self._pipelines[language]

    def _playbook_version(self, language: str) -> str:
        nlp = self._pipeline(language)
        if not nlp.has_pipe(COMPONENT):
            return ""
        component = nlp.get_pipe(COMPONENT)
        return component.playbook.version if isinstance(component, RuleFinder) else ""


def _language_of(call: AttributedCall) -> str:
    return primary(call.language or _DEFAULT_LANGUAGE)


def _prepared(nlp: Language, turns: tuple[Turn, ...]) -> Iterator[Doc]:
    """A Doc for every turn that knows where the speaker paused and who spoke."""
    needs_tokens = not _READ_THE_TEXT.issuperset(nlp.pipe_names)
    for turn in turns:
        doc = nlp.make_doc(turn.text) if needs_tokens else TurnDoc(nlp.vocab, turn.text)
        doc.user_data.update({PAUSES: _pauses(turn), ROLE: turn.role})
        yield doc


def _in_context(turns: tuple[Turn, ...]) -> list[TurnInContext]:
    """Every turn with what was said right before it."""
    said = [Said(turn.role, turn.text) for turn in turns]
    return [
        TurnInContext(one, tuple(said[max(0, place - TURNS_BEFORE) : place]))
        for place, one in enumerate(said)
    ]


def _pauses(turn: Turn) -> frozenset[int]:
    """Character offsets of the words that come after a long silence."""
    late = long_pauses([one.start_s for one in turn.words], [one.end_s for one in turn.words])
    if not late:
        return frozenset()
    starts = turn.word_starts()
    return frozenset(starts[one] for one in late)
