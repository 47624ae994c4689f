"""Finding Whisper weights: a folder, the Hugging Face cache, or the hub."""

from __future__ import annotations

import hashlib
import os
import threading
import urllib.error
import urllib.request
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
    cached = _download(settings, local_files_only=True)
    if cached is None:
        return None
    return Weights(settings.model, cached, cached.name, "cache")


def get_weights(settings: SpeechSettings) -> Weights:
    """The weights, downloaded from the hub if this machine has none.

    Raises:
        SpeechUnavailable: they are nowhere to be had; the text says how to get them.
    """
    found = find_weights(settings)
    if found is not None:
        return found
    if offline := why_offline(timeout_s=settings.hub_timeout_s):
        raise SpeechUnavailable(
            f"Whisper weights for model {settings.model!r} are not on this machine and the hub "
            f"can't be reached ({offline}). {how_to_get(settings.model)}"
        )
    folder = _download(settings, local_files_only=False)
    if folder is None:
        raise SpeechUnavailable(
            f"Whisper weights for model {settings.model!r} could not be downloaded. "
            f"{how_to_get(settings.model)}"
        )
    return Weights(settings.model, folder, folder.name, "hub")


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


def _download(settings: SpeechSettings, *, local_files_only: bool) -> Path | None:
    # Heavy, and only needed when no folder has the weights.
    from faster_whisper import download_model
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(
            download_model(
                settings.model, local_files_only=local_files_only, revision=settings.revision
            )
        )
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError):
        return None
    except ValueError as error:
        raise SpeechUnavailable(
            f"speech.model is {settings.model!r}, which is neither a folder with a model.bin nor a "
            f"known Whisper model: {error}"
        ) from error


def _folder_revision(folder: Path) -> str:
    """Names a local model by its configuration and size; hashing gigabytes would cost minutes."""
    digest = hashlib.sha256()
    config = folder / "config.json"
    if config.is_file():
        digest.update(config.read_bytes())
    digest.update(str((folder / "model.bin").stat().st_size).encode())
    return digest.hexdigest()[:12]
