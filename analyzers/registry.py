"""Every analyzer by name. Adding one is a module, a line here and tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from spacy.language import Language

from analyzers.annotated import AnnotatedCall
from analyzers.cliches import CLICHE_MEASURES, COMPONENT, cliches, register_components
from analyzers.talk import TALK_MEASURES, talk
from calls.errors import SettingsError
from calls.measures import Measure
from calls.moment import Moment
from calls.settings import Settings


@dataclass(frozen=True, slots=True)
class AnalyzerSpec:
    """An analyzer: its function, the spaCy components it reads from, the measures it yields."""

    name: str
    run: Callable[[AnnotatedCall], Iterator[Moment | Measure]]
    components: tuple[str, ...]
    measures: tuple[str, ...]


ANALYZERS: dict[str, AnalyzerSpec] = {
    "cliches": AnalyzerSpec("cliches", cliches, (COMPONENT,), tuple(CLICHE_MEASURES)),
    "talk": AnalyzerSpec("talk", talk, (), TALK_MEASURES),
}


def chosen_analyzers(names: Sequence[str]) -> tuple[AnalyzerSpec, ...]:
    """The analyzers of those names, in that order.

    Raises:
        SettingsError: for a name that is not in `ANALYZERS`.
    """
    for name in names:
        if name not in ANALYZERS:
            known = ", ".join(ANALYZERS)
            raise SettingsError(f"Unknown analyzer {name!r}. Known analyzers: {known}.")
    return tuple(ANALYZERS[name] for name in dict.fromkeys(names))


def add_components(
    nlp: Language, analyzers: Sequence[AnalyzerSpec], settings: Settings
) -> Language:
    """Adds to `nlp` what the analyzers read from, each component once."""
    register_components()
    configs = {COMPONENT: {"playbook": str(settings.playbook) if settings.playbook else None}}
    for name in dict.fromkeys(name for spec in analyzers for name in spec.components):
        nlp.add_pipe(name, config=configs.get(name, {}))
    return nlp
