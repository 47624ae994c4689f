"""A call with a spaCy Doc for every turn: what analyzers are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spacy.tokens import Doc
from spacy.vocab import Vocab

from calls.call import AttributedCall
from calls.labelling import Scored, TurnLabeller
from calls.labels import Label

_TEXT = "call_text"


class TurnDoc(Doc):
    """A Doc with the text of a turn and no tokens.

    Our rules read text. spaCy's tokenizer would take a third of the time that they take.
    """

    __slots__ = ()

    def __init__(self, vocab: Vocab, text: str) -> None:
        super().__init__(vocab, user_data={_TEXT: text})

    @property
    def text(self) -> str:
        """What was said."""
        text: str = self.user_data[_TEXT]
        return text


@dataclass(frozen=True, slots=True)
class AnnotatedCall:
    """An attributed call, and the Doc of each of its turns in the same order.

    `covered` is False if no playbook speaks the call's language: no component has read the Docs.
    They have tokens only where a component may need them (`TurnDoc`).
    `scores` are the learned layer's for each turn; none where `model` is None, because it does not
    read the call's language or is not used. `label_doubt` says why labels may be missing.
    The Docs live as long as this object: analyzers yield plain rows, never Docs or Spans.
    """

    call: AttributedCall
    docs: tuple[Doc, ...]
    covered: bool = True
    model: TurnLabeller | None = None
    scores: tuple[Mapping[Label, Scored], ...] = ()
    label_doubt: str = ""

    def __post_init__(self) -> None:
        if len(self.docs) != len(self.call.turns):
            raise ValueError(f"{len(self.docs)} docs for {len(self.call.turns)} turns")
        if self.model is not None and len(self.scores) != len(self.call.turns):
            raise ValueError(f"{len(self.scores)} scores for {len(self.call.turns)} turns")
