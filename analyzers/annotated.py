"""A call with a spaCy Doc for every turn: what analyzers are given."""

from __future__ import annotations

from dataclasses import dataclass

from spacy.tokens import Doc

from calls.call import AttributedCall


@dataclass(frozen=True, slots=True)
class AnnotatedCall:
    """An attributed call, and the Doc of each of its turns in the same order.

    `covered` is False if no playbook speaks the call's language; the Docs are then only tokens.
    The Docs live as long as this object: analyzers yield plain rows, never Docs or Spans.
    """

    call: AttributedCall
    docs: tuple[Doc, ...]
    covered: bool = True

    def __post_init__(self) -> None:
        if len(self.docs) != len(self.call.turns):
            raise ValueError(f"{len(self.docs)} docs for {len(self.call.turns)} turns")
