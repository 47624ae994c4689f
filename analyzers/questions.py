"""Questions in a turn, counted with or without question marks."""

from __future__ import annotations

from functools import cache

from spacy.tokens import Doc
from spacy.vocab import Vocab

from analyzers.playbook_files import language_vocab, load_playbook, playbook_languages
from analyzers.rulebook import Rulebook
from calls.playbook import Playbook


def count_questions(doc: Doc) -> int:
    """How many sentences of a turn are questions.

    Where the turn is punctuated, its question marks count. Many speech engines write none, so word
    order counts there: "what do you do about it", "have you got a minute", "that's four sites now
    isn't it". In a language without cues of its own only question marks count.
    """
    rulebook = _cues_of(doc.lang_ or "en")
    return rulebook.question_count(rulebook.prepare_doc(doc))


@cache
def _cues_of(language: str) -> Rulebook:
    """The cues of a language without any rules."""
    if language not in playbook_languages():
        return Rulebook(Playbook(version="none", language=language, families=()), Vocab())
    shipped = load_playbook(None, language)
    return Rulebook(shipped.model_copy(update={"families": ()}), language_vocab(language))
