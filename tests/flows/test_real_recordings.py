"""Third-party recordings through the whole night with the embedded engine."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

import warehouse
from calls.settings import Settings
from flows.exit_codes import ExitCode
from flows.night import one_after_another, run_night
from models.audio import decode
from models.sound import SAMPLE_RATE_HZ
from tests.sounds import write_wav

pytestmark = pytest.mark.speech


@pytest.fixture
def fallback(settings: Settings) -> Settings:
    speech = settings.speech.model_copy(update={"engine": "pocketsphinx"})
    return settings.model_copy(update={"speech": speech})


def test_a_pair_of_files_is_one_call_with_words_on_both_sides(
    fallback: Settings, recordings: Path, shared_recordings: Path
) -> None:
    # The first half minute: telephone speech takes this engine longest.
    for side in ("agent", "caller"):
        name = f"Auto_Repairs_49_UTC_{side}.wav"
        whole = decode(shared_recordings / "aws-lca" / name, name=name).samples
        write_wav(recordings / name, whole[:, : 30 * SAMPLE_RATE_HZ])
    assert run_night(fallback, one_after_another).exit_code is ExitCode.DONE
    tables = warehouse.open(fallback.warehouse)
    assert tables.calls.collect().height == 1
    people = tables.participants.collect()
    assert sorted(people["role"]) == ["customer", "rep"]
    words = tables.turns.group_by("role").agg(pl.col("word_count").sum()).collect()
    assert (words["word_count"] > 0).all()
    assert words.height == 2


def test_two_talkers_on_two_channels_without_a_sidecar_keep_their_roles_unknown(
    fallback: Settings, recordings: Path, shared_recordings: Path
) -> None:
    shutil.copy(shared_recordings / "faster-whisper" / "stereo_diarization.wav", recordings)
    assert run_night(fallback, one_after_another).exit_code is ExitCode.DONE
    tables = warehouse.open(fallback.warehouse)
    assert tables.participants.collect()["role"].to_list() == ["unknown", "unknown"]
    assert set(tables.turns.collect()["channel"]) == {0, 1}
    (state,) = (
        tables.measure_states.filter(pl.col("measure") == "talk_ratio", pl.col("speaker").is_null())
        .collect()
        .to_dicts()
    )
    assert state["state"] == "not_measurable"
    assert "roles" in state["reason"]
