import pytest
import spacy

from analyzers.registry import ANALYZERS, add_components, chosen_analyzers
from analyzers.rule_finder import COMPONENT
from calls.errors import SettingsError
from calls.settings import Settings


def test_names_are_keys() -> None:
    assert all(name == spec.name for name, spec in ANALYZERS.items())


def test_analyzers_run_after_those_they_build_on() -> None:
    order = list(ANALYZERS)
    assert order.index("labels") < order.index("chains") < order.index("scorecard")


def test_every_analyzer_of_the_default_settings_exists() -> None:
    assert set(Settings().analyzers) <= set(ANALYZERS)


@pytest.mark.parametrize("name", ANALYZERS)
def test_components_of_every_analyzer_can_be_added(name: str) -> None:
    nlp = add_components(spacy.blank("en"), [ANALYZERS[name]], Settings())
    assert set(nlp.pipe_names) == set(ANALYZERS[name].components)


@pytest.mark.parametrize("name", ANALYZERS)
def test_every_analyzer_names_its_measures_once(name: str) -> None:
    measures = ANALYZERS[name].measures
    assert measures
    assert len(set(measures)) == len(measures)


def test_no_measure_belongs_to_two_analyzers() -> None:
    names = [name for spec in ANALYZERS.values() for name in spec.measures]
    assert len(set(names)) == len(names)


def test_component_shared_by_analyzers_is_added_once() -> None:
    spec = ANALYZERS["labels"]
    assert add_components(spacy.blank("en"), [spec, spec], Settings()).pipe_names == [COMPONENT]


def test_unknown_analyzer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        SettingsError, match=r"Unknown analyzer 'talkshare'. Known .*labels, .*talk"
    ):
        chosen_analyzers(("labels", "talkshare"))
