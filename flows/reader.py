"""The Reader of the product, built in one place for nights, corrections and evaluations alike."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from analyzers.reading import Reader
from calls.labelling import TurnLabeller
from calls.settings import LabelSettings, Settings
from models.language import blank_pipeline
from models.turn_labels.labeller import SHIPPED, CascadeLabeller


def build_reader(settings: Settings) -> Reader:
    """A Reader with everything the settings ask for.

    Raises:
        SettingsError: an analyzer or a language is unknown.
        PlaybookInvalid: the playbook can't be read.
        ModelDamaged: the learned layer can't be read.
    """
    return Reader(settings, blank_pipeline=blank_pipeline, model=load_labeller(settings.labels))


def load_labeller(settings: LabelSettings) -> TurnLabeller | None:
    """The learned layer, loaded once per process; None where the settings leave it out.

    Raises:
        ModelDamaged: its files are missing or can't be read.
    """
    return _loaded(settings.model or SHIPPED) if settings.use_model else None


@cache
def _loaded(folder: Path) -> TurnLabeller:
    return CascadeLabeller(folder)
