"""Settings: options over environment over file over defaults, and errors that help."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from calls.errors import SettingsError
from calls.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_source_wins_over_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nightcall.toml").write_text(
        'recordings = "file"\n[speech]\nmodel = "file"\nrevision = "file"\nlanguage = "de"\n'
    )
    monkeypatch.setenv("NIGHTCALL_SPEECH__MODEL", "environment")
    monkeypatch.setenv("NIGHTCALL_SPEECH__REVISION", "environment")
    found = load_settings(options={"speech": {"model": "option", "language": None}})
    assert found.speech.model == "option"
    assert found.speech.revision == "environment"
    assert found.speech.language == "de"
    assert found.recordings == "file"
    assert found.time_zone == "UTC"


def test_without_anything_there_are_defaults() -> None:
    assert load_settings() == Settings()


def test_lists_come_from_the_environment_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTCALL_ATTRIBUTION__CHANNEL_ROLES", '["customer", "rep"]')
    assert [str(role) for role in load_settings().attribution.channel_roles] == ["customer", "rep"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"time_zone": "Mars/Olympus"}, "'Mars/Olympus' is no IANA time zone"),
        ({"speech": {"engine": "siri"}}, "speech.engine"),
        ({"speech": {"modle": "small"}}, "speech.modle"),
        ({"discovery": {"settle_s": -1}}, "discovery.settle_s"),
        ({"tables_mirror": "ftp://acme/x"}, "tables_mirror: must begin with s3://, gs://, az://"),
        ({"tables_mirror": "s3://"}, "write it like 's3://bucket/prefix' (is 's3://')"),
    ],
)
def test_a_wrong_setting_names_itself(options: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match="settings: ") as caught:
        load_settings(options=options)
    assert said in str(caught.value)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("recordings = ")
    with pytest.raises(SettingsError, match=r"mine\.toml: not valid TOML"):
        load_settings(path)


def test_settings_travel_between_processes() -> None:
    settings = load_settings(options={"speech": {"model": "x"}})
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_points_of_the_score_make_a_hundred() -> None:
    with pytest.raises(SettingsError, match=r"score.*must make 100 points together; they make 110"):
        load_settings(options={"score": {"aha": 20}})
    moved = load_settings(options={"score": {"aha": 20, "client_story": 5}})
    assert (moved.score.aha, moved.score.client_story) == (20, 5)


def test_a_time_limit_of_a_chain_is_positive() -> None:
    with pytest.raises(SettingsError, match="reframe_within_s"):
        load_settings(options={"chains": {"reframe_within_s": 0}})


@pytest.mark.parametrize(
    "url", ["s3://key:topsecret@acme/x", "s3://acme/x?sig=topsecret", "s3://acme/x#topsecret"]
)
def test_a_key_in_the_mirror_s_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError, match="tables_mirror: carries a password") as caught:
        load_settings(options={"tables_mirror": url})
    assert "topsecret" not in str(caught.value)


def test_a_mirror_is_a_url_or_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(options={"tables_mirror": "share/tables"}).tables_mirror == "share/tables"
    monkeypatch.setenv("NIGHTCALL_TABLES_MIRROR", "s3://acme/nightcall/")
    assert load_settings().tables_mirror == "s3://acme/nightcall"
