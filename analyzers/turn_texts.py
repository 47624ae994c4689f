"""Turns in normal form, prepared once for all analyzers that look beside the playbook's rules."""

from __future__ import annotations

from functools import cache

from spacy.tokens import Doc
from spacy.vocab import Vocab

from analyzers.context import TurnText
from analyzers.playbook_files import language_vocab, load_playbook, playbook_languages
from analyzers.rulebook import Rulebook
from calls.playbook import Playbook


def prepared(doc: Doc) -> TurnText:
    """The turn of a Doc in normal form, with its sentences."""
    return text_reader(doc.lang_ or "en").prepare_doc(doc)


@cache
def text_reader(language: str) -> Rulebook:
    """Prepares turns of a language; it has neither rules nor cues."""
    if language not in playbook_languages():
        return Rulebook(Playbook(version="none", language=language, families=()), Vocab())
    shipped = load_playbook(None, language)
    bare = shipped.model_copy(update={"families": (), "cues": ()})
    return Rulebook(bare, language_vocab(language))
