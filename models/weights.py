"""Finding Whisper weights: a folder, the Hugging Face cache, or the hub."""

from __future__ import annotations

import hashlib
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from calls.errors import SpeechUnavailable
from calls.settings import SpeechSettings

HUB = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class Weights:
    """A CTranslate2 Whisper model on disk. `found_in` is "folder", "cache" or "hub"."""

    name: str
    folder: Path
    revision: str
    found_in: str


def find_weights(settings: SpeechSettings) -> Weights | None:
    """The weights of the configured model if they are on this machine, without any network.

    Looked for in order: the model setting as a folder, `model_dir`/<model>, the Hugging Face cache.
    """
    for folder in _folders(settings):
        if (folder / "model.bin").is_file():
            # The folder's own name: paths of this machine never reach the tables.
            name = folder.resolve().name
            return Weights(name, folder, _folder_revision(folder), "folder")
    try:
        cached = _from_hub(settings, local_files_only=True)
    except _NotHad:
        return None
    if not (cached / "model.bin").is_file():  # a download that was broken off
        return None
    return Weights(settings.model, cached, cached.name, "cache")


def get_weights(
    settings: SpeechSettings, *, announce: Callable[[str], None] | None = None
) -> Weights:
    """The weights: those `find_weights` finds, else downloaded from the hub into its cache.

    A download may take minutes and gigabytes. Who must not start one calls `find_weights`.

    Args:
        settings: which model, where to look, and how long the hub may take to answer at all.
        announce: called with one sentence just before a download starts, and only then.

    Raises:
        SpeechUnavailable: there is no such model, the hub does not answer within
            `hub_timeout_s`, or the download fails; the text says why and how to get the weights.
    """
    found = find_weights(settings)
    if found is not None:
        return found
    if offline := why_offline(timeout_s=settings.hub_timeout_s):
        raise SpeechUnavailable(out_of_reach(settings.model, offline))
    if announce is not None:
        announce(f"Downloading Whisper model {settings.model!r} from the hub (once) ...")
    try:
        folder = _from_hub(settings, local_files_only=False)
    except _NotHad as error:
        raise SpeechUnavailable(
            f"Whisper weights for model {settings.model!r} could not be downloaded ({error}). "
            f"{how_to_get(settings.model)}"
        ) from error.__cause__
    return Weights(settings.model, folder, folder.name, "hub")


def out_of_reach(model: str, offline: str) -> str:
    """Why there are no weights where `why_offline` says why, and how to get them."""
    return (
        f"Whisper weights for model {model!r} are not on this machine and the hub can't be reached "
        f"({offline}). {how_to_get(model)}"
    )


def how_to_get(model: str) -> str:
    """What a person does to get the weights, with and without a connection."""
    return (
        f"Online: run again with a connection, and {model!r} is downloaded once. Offline: copy a "
        "CTranslate2 Whisper folder (model.bin, config.json, tokenizer.json, vocabulary.*) here "
        "and set NIGHTCALL_SPEECH__MODEL to that folder."
    )


def why_offline(*, timeout_s: float) -> str:
    """Why the hub can't be asked, in a few words; empty if it answers within `timeout_s`.

    A thread does the asking, because a name look-up knows no time-out of its own.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
        return "HF_HUB_OFFLINE is set"
    endpoint = os.environ.get("HF_ENDPOINT", HUB)
    answer: list[str] = []

    def ask() -> None:
        request = urllib.request.Request(endpoint, method="HEAD")
        try:
            # Only the configured hub is asked, and only over http(s).
            with urllib.request.urlopen(request, timeout=timeout_s):
                answer.append("")
        except urllib.error.HTTPError:
            answer.append("")  # an answer, whatever it says
        except (OSError, ValueError) as error:
            answer.append(str(getattr(error, "reason", error)))

    thread = threading.Thread(target=ask, daemon=True, name="hub-probe")
    thread.start()
    thread.join(timeout_s)
    return answer[0] if answer else f"no answer within {timeout_s:g} s"


def _folders(settings: SpeechSettings) -> list[Path]:
    folders = [Path(settings.model).expanduser()]
    if settings.model_dir is not None:
        base = settings.model_dir.expanduser()
        folders += [base / settings.model, base / f"faster-whisper-{settings.model}", base]
    return folders


class _NotHad(Exception):
    """The hub's library gave no folder; the text says why, without a path."""


def _from_hub(settings: SpeechSettings, *, local_files_only: bool) -> Path:
    # Heavy, and only needed when no folder has the weights.
    from faster_whisper import available_models, download_model

    if "/" not in settings.model and settings.model not in available_models():
        raise SpeechUnavailable(
            f"speech.model is {settings.model!r}, which is neither a folder with a model.bin nor a "
            f"known Whisper model: {', '.join(available_models())}."
        )
    try:
        return Path(
            download_model(
                settings.model, local_files_only=local_files_only, revision=settings.revision
            )
        )
    except Exception as error:
        # Whatever it is (the library and its HTTP client raise errors of several families, and
        # change them between versions), there are no weights and the reason is kept.
        raise _NotHad(_why(error)) from error


def _why(error: BaseException) -> str:
    """Type and words of an error in one short line, without paths and addresses."""
    while error.__cause__ is not None:  # the library wraps what happened in advice
        error = error.__cause__
    name = type(error).__name__
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"{name}: the hub answered {status}"
    words = getattr(error, "strerror", None) or next(iter(str(error).splitlines()), "")
    # Paths and addresses say nothing about the reason, and may name people.
    words = " ".join(word for word in words.split() if "/" not in word and "\\" not in word)
    return f"{name}: {words[:120]}".rstrip(": ")


def _folder_revision(folder: Path) -> str:
    """Names a local model by its configuration and size; hashing gigabytes would cost minutes."""
    digest = hashlib.sha256()
    config = folder / "config.json"
    if config.is_file():
        digest.update(config.read_bytes())
    digest.update(str((folder / "model.bin").stat().st_size).encode())
    return digest.hexdigest()[:12]
