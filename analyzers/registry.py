"""Every analyzer by name. Adding one is a module, a line here and tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from spacy.language import Language

from analyzers.annotated import AnnotatedCall
from analyzers.chains import CHAIN_MEASURES, chains
from analyzers.claims import CLAIM_VERDICT_MEASURES, build_claims
from analyzers.coaching import COACHING_MEASURES, coaching
from analyzers.found import Found, Row
from analyzers.habits import HABIT_MEASURES, Habits
from analyzers.homework import HOMEWORK_MEASURES, build_homework
from analyzers.label_counts import LABEL_COUNTS
from analyzers.labels import LabelReader
from analyzers.portfolio import PORTFOLIO_MEASURES, Portfolio
from analyzers.rule_finder import COMPONENT, register_components
from analyzers.scorecard import SCORE_MEASURES, scorecard
from analyzers.talk import TALK_MEASURES, talk
from calls.errors import SettingsError
from calls.settings import Settings

Analyze = Callable[[AnnotatedCall, Found], Iterator[Row]]
"""Reads one call, given what the analyzers before have found in it."""


@dataclass(frozen=True, slots=True)
class AnalyzerSpec:
    """An analyzer: how it is built, the spaCy components it reads from, the measures it yields.

    `build` is called once per Reader. What it needs from files (a messaging, say) it loads then, so
    that a wrong file shows before any call is read.
    """

    name: str
    build: Callable[[Settings], Analyze]
    components: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


ANALYZERS: dict[str, AnalyzerSpec] = {
    "labels": AnalyzerSpec("labels", LabelReader, (COMPONENT,), tuple(LABEL_COUNTS)),
    "homework": AnalyzerSpec("homework", build_homework, measures=HOMEWORK_MEASURES),
    "chains": AnalyzerSpec(
        "chains",
        lambda settings: partial(chains, settings=settings.chains),
        measures=CHAIN_MEASURES,
    ),
    "claims": AnalyzerSpec("claims", build_claims, measures=tuple(CLAIM_VERDICT_MEASURES)),
    "habits": AnalyzerSpec("habits", Habits, measures=HABIT_MEASURES),
    "questions": AnalyzerSpec("questions", Portfolio, measures=PORTFOLIO_MEASURES),
    "talk": AnalyzerSpec("talk", lambda _: talk, (), TALK_MEASURES),
    "coaching": AnalyzerSpec("coaching", lambda _: coaching, measures=COACHING_MEASURES),
    "scorecard": AnalyzerSpec(
        "scorecard",
        lambda settings: partial(scorecard, settings=settings.score),
        measures=SCORE_MEASURES,
    ),
}
"""In the order in which they run: each may build on what those before it have found."""


def chosen_analyzers(names: Sequence[str]) -> tuple[AnalyzerSpec, ...]:
    """The analyzers of those names, in the order of `ANALYZERS`.

    Raises:
        SettingsError: for a name that is not in `ANALYZERS`.
    """
    for name in names:
        if name not in ANALYZERS:
            known = ", ".join(ANALYZERS)
            raise SettingsError(f"Unknown analyzer {name!r}. Known analyzers: {known}.")
    return tuple(spec for name, spec in ANALYZERS.items() if name in names)


def add_components(
    nlp: Language, analyzers: Sequence[AnalyzerSpec], settings: Settings
) -> Language:
    """Adds to `nlp` what the analyzers read from, each component once."""
    register_components()
    configs = {COMPONENT: {"playbook": str(settings.playbook) if settings.playbook else None}}
    for name in dict.fromkeys(name for spec in analyzers for name in spec.components):
        nlp.add_pipe(name, config=configs.get(name, {}))
    return nlp
