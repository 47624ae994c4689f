"""The plan of a training: `config.toml`, read."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from calls.errors import UsageError

CONFIG = Path(__file__).with_name("config.toml")


@dataclass(frozen=True, slots=True)
class EncoderPlan:
    """How the encoder is trained. All of it was chosen on held-out files of the gold data.

    `changed` is the share of examples that are shown otherwise than they were written
    (`examples.otherwise`). The new parts learn `head_factor` times as fast.
    """

    layers_as_published: int
    layers_together: int
    layers_alone: int
    inner_width: int
    epochs: int
    learning_rate: float
    head_factor: float
    warm_up: float
    weight_decay: float
    batch_size: int
    changed: float


@dataclass(frozen=True, slots=True)
class Choice:
    """How thresholds are chosen: see `config.toml`."""

    cliche_hits_per_1000: float
    other_hits_per_1000: float
    most_hidden: float


@dataclass(frozen=True, slots=True)
class Base:
    """The published encoder that training starts from."""

    weights: Path
    tokenizer: Path


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a training depends on, besides the examples."""

    seed: int
    base: Base
    encoder: EncoderPlan
    most_talk: int
    choice: Choice


def load_plan(base: Path | None = None, config: Path = CONFIG) -> Plan:
    """The plan of a training.

    Args:
        base: a folder with the published encoder; None looks for the installed package.
        config: the plan's file.

    Raises:
        UsageError: the published encoder is missing or is another one.
    """
    stored = tomllib.loads(config.read_text(encoding="utf-8"))
    return Plan(
        seed=stored["seed"],
        base=_base(base or _package(stored["base"]["package"]), stored["base"]),
        encoder=EncoderPlan(**stored["encoder"]),
        most_talk=stored["talk"]["most"],
        choice=Choice(**stored["choice"]),
    )


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise UsageError(
            f"The package {name!r} with the published encoder is not installed. Run: make train, "
            "or name a folder with its files: --base DIR"
        )
    return Path(spec.origin).parent / "model"


def _base(folder: Path, stored: dict[str, str]) -> Base:
    found = Base(folder / stored["weights"], folder / "tokenizer.json")
    for path in (found.weights, found.tokenizer):
        if not path.is_file():
            raise UsageError(f"{path}: there is no such file; the published encoder needs it.")
    digest = hashlib.sha256(found.weights.read_bytes()).hexdigest()
    if digest != stored["sha256"]:
        raise UsageError(
            f"{found.weights}: its SHA-256 is {digest[:12]}…, not {stored['sha256'][:12]}…: this "
            "is another model than the one the plan names."
        )
    return found
