"""All settings in one place.

Options win over `NIGHTCALL_…` environment variables, those over `nightcall.toml`, that over the
defaults here. Nested settings are written `[speech]` in the file and `NIGHTCALL_SPEECH__MODEL` in
the environment. Secrets are no settings: libraries read them from the environment.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pydantic_settings
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from calls.described import describe
from calls.errors import SettingsError
from calls.habit_settings import HabitSettings
from calls.insight_settings import ChainSettings, ScoreSettings
from calls.labels import Role
from calls.mirror_url import mirror_url
from calls.question_settings import QuestionSettings

CONFIG_NAME = "nightcall.toml"
_DATE_GROUPS = ("year", "month", "day", "hour", "minute", "second")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SpeechSettings(_Strict):
    """How recordings are turned into words."""

    # "auto" takes Whisper where its weights can be had, else the embedded engine, and says so.
    engine: Literal["auto", "faster-whisper", "pocketsphinx"] = "faster-whisper"
    # A size ("small", "base.en", "large-v3-turbo"), a hub id, or a folder with a CTranslate2 model.
    model: str = "small"
    model_dir: Path | None = None
    revision: str | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    # "auto": int8 on a CPU (half the memory, fastest there), float16 on a GPU.
    compute_type: str = "auto"
    beam_size: Annotated[int, Field(ge=1, le=20)] = 5
    # Chunks of up to 30 s decoded together. More is faster until memory runs out.
    batch_size: Annotated[int, Field(ge=1, le=128)] = 8
    # None: as the sidecar says, else detected.
    language: str | None = None
    # What is detected as one: the call, or each channel (an interpreter's line, say). Detecting per
    # channel is less sure, because each has less speech.
    language_per: Literal["call", "channel"] = "call"
    # Names that the engine is told to expect: products, competitors. They help it to spell them and
    # may make it hear them where nobody said them; that is looked for and marked.
    hotwords: tuple[str, ...] = ()
    # Names that the sidecar knows are told as well. Chunks share a decoding batch only with chunks
    # that are told the same, so short calls then share none with calls of other people.
    hotwords_from: tuple[Literal["account", "participants"], ...] = ("account", "participants")
    # Decode a chunk again, alone and with fallbacks, when its words look wrong.
    decode_again: bool = True
    # Tell voices on one channel apart. Needs the extra `diarization` and a model that has to be
    # asked for (README); "auto" does it where both are at hand.
    diarization: Literal["off", "auto", "pyannote"] = "auto"
    # A hub id or a folder that holds the model's `config.yaml`.
    diarization_model: str = "pyannote/speaker-diarization-community-1"
    # Listen even where a ready transcript lies beside the recording.
    prefer_audio: bool = False
    # Being offline must be found out in seconds, not after a library's minutes of retries.
    hub_timeout_s: Annotated[float, Field(gt=0, le=60)] = 2.0

    @field_validator("language")
    @classmethod
    def _language_tag(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch("[a-z]{2,3}(-[A-Za-z0-9]+)*", value):
            raise ValueError("must be a language tag like 'en' or 'en-GB'")
        return value


class DiscoverySettings(_Strict):
    """Which files make a call."""

    # Files younger than this may still be written to. They get one more look in the same run when
    # that costs no more than `settle_wait_s`, else they are left for the next run.
    settle_s: Annotated[float, Field(ge=0)] = 10.0
    settle_wait_s: Annotated[float, Field(ge=0)] = 10.0
    # One file per participant: stem endings that say whose side a file is.
    participant_suffixes: Mapping[str, Role] = {
        "_agent": Role.REP,
        "_rep": Role.REP,
        "_caller": Role.CUSTOMER,
        "_customer": Role.CUSTOMER,
    }
    # Regular expressions with groups year, month, day and optionally hour, minute, second (UTC).
    date_patterns: tuple[str, ...] = (
        r"(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)"
        r"(?:[T_ ](?P<hour>\d\d)[-:]?(?P<minute>\d\d)(?:[-:]?(?P<second>\d\d))?)?",
        r"(?<!\d)(?P<year>20\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)"
        r"(?:[T_-]?(?P<hour>[0-2]\d)(?P<minute>[0-5]\d)(?P<second>[0-5]\d)?)?(?!\d)",
    )

    @field_validator("date_patterns")
    @classmethod
    def _patterns_that_name_a_date(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            try:
                groups = set(re.compile(pattern).groupindex)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
            if not {"year", "month", "day"} <= groups or groups - set(_DATE_GROUPS):
                raise ValueError(
                    f"{pattern!r} needs the groups year, month and day and may have hour, minute "
                    f"and second; it has {', '.join(sorted(groups)) or 'none'}"
                )
        return value


class AttributionSettings(_Strict):
    """Who is who where no sidecar says so, and how words become turns."""

    # The role on each channel, e.g. ["rep", "customer"]. Empty: unknown, never guessed.
    channel_roles: tuple[Role, ...] = ()
    # An acknowledgement is a backchannel only while the other's speech goes on; own gaps up to this
    # long don't interrupt it. No measure depends on it: `talk_s` has its own, fixed gap.
    backchannel_gap_s: Annotated[float, Field(ge=0)] = 1.5
    # A longer own silence ends the turn even if nobody else speaks.
    turn_gap_s: Annotated[float, Field(ge=0)] = 3.0
    # Of two voices nobody has named, propose from what they say who sells and who buys. Only where
    # it leaves little doubt; else the roles stay unknown.
    roles_from_wording: bool = True


class RedactionSettings(_Strict):
    """What is masked in the words before anything is written. Turning one on later masks what is
    stored; to get words back, turn it off and listen again.
    """

    # Payment cards, bank accounts, national ids; also spoken digit by digit.
    numbers: bool = True
    emails: bool = False
    phones: bool = False
    dates_of_birth: bool = False
    # Where phone numbers and ids without a country code are from (ISO 3166).
    region: str = "US"

    @field_validator("region")
    @classmethod
    def _two_capital_letters(cls, value: str) -> str:
        if not re.fullmatch("[A-Z]{2}", value):
            raise ValueError("must be two capital letters (ISO 3166), like 'US' or 'GB'")
        return value


class LabelSettings(_Strict):
    """What finds the labels of turns, besides the playbook's rules."""

    # False: rules alone, which miss about half of what is there and reach few labels.
    use_model: bool = True
    # A folder with weights as `make train` writes them; None: those that are shipped.
    model: Path | None = None


class NightSettings(_Strict):
    """How the work is cut and spread."""

    batch_calls: Annotated[int, Field(ge=1, le=1000)] = 50
    # Batches in flight. One model is shared by all; memory grows with the calls in flight.
    listen_workers: Annotated[int, Field(ge=1, le=64)] = 1
    # Hear every call again whose files are there, whatever was heard before.
    listen_again: bool = False
    # Processes that read; 0 means one per core. Small nights are read without starting any.
    read_workers: Annotated[int, Field(ge=0, le=256)] = 0


class Settings(_Strict):
    """Everything a run depends on. Frozen: a run can't change its own settings."""

    recordings: str = "recordings"
    warehouse: Path = Path("warehouse")
    time_zone: str = "UTC"
    # Where analysts find a copy of the tables: s3://bucket/prefix (gs://, az://), or a folder.
    tables_mirror: Annotated[str, AfterValidator(mirror_url)] | None = None
    # A folder laid over the shipped playbook: `nightcall playbook new` begins one.
    playbook: Path | None = None
    # The claims that marketing and sales agreed (a TOML file). None: claims are found, not judged.
    messaging: Path | None = None
    # After so many days a call is due to be erased. A night only says so: what can't be undone is
    # done by `nightcall expire`, which somebody starts or puts into a schedule. None: kept.
    retention_days: Annotated[int, Field(ge=1)] | None = None
    # Every word with its times as a table: some thirty million rows in a night of 10,000 calls.
    publish_words: bool = False
    analyzers: tuple[str, ...] = (
        "labels",
        "homework",
        "chains",
        "claims",
        "habits",
        "questions",
        "talk",
        "coaching",
        "scorecard",
    )
    speech: SpeechSettings = SpeechSettings()
    discovery: DiscoverySettings = DiscoverySettings()
    attribution: AttributionSettings = AttributionSettings()
    redaction: RedactionSettings = RedactionSettings()
    chains: ChainSettings = ChainSettings()
    score: ScoreSettings = ScoreSettings()
    questions: QuestionSettings = QuestionSettings()
    habits: HabitSettings = HabitSettings()
    labels: LabelSettings = LabelSettings()
    night: NightSettings = NightSettings()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"{value!r} is no IANA time zone; use one like 'Europe/Berlin' or 'UTC'"
            ) from None
        return value


def load_settings(config: Path | None = None, options: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this run: options, then environment, then file, then defaults.

    Args:
        config: a TOML file; None looks for `nightcall.toml` in the working folder.
        options: nested settings given on the command line; None values are left out.

    Raises:
        SettingsError: naming every setting that is wrong, its value and what is allowed.
    """
    path = config or Path(CONFIG_NAME)
    from_file: dict[str, Any] = {}
    where = str(path) if path.is_file() else "settings"
    if config is not None or path.is_file():
        try:
            from_file = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"{path}: can't be read ({error.strerror}).") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: not valid TOML: {error}.") from error
    try:
        return Settings.model_validate(_layered(dict(options or {}), from_file))
    except pydantic_settings.SettingsError as error:
        raise SettingsError(
            f"NIGHTCALL_… variables: {error}. Nested settings are written like "
            "NIGHTCALL_SPEECH__MODEL, lists as JSON."
        ) from error
    except ValidationError as error:
        raise SettingsError(describe(error, Settings, where=where)) from error


def _layered(options: dict[str, Any], from_file: dict[str, Any]) -> dict[str, Any]:
    """Options over environment over file, as plain nested values."""

    class Layers(BaseSettings, Settings):
        model_config = SettingsConfigDict(
            env_prefix="NIGHTCALL_", env_nested_delimiter="__", extra="forbid", frozen=True
        )

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, from_file)

    return Layers(**_without_none(options)).model_dump()


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Drops options that were not given, at every level."""
    kept: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            if inner := _without_none(value):
                kept[key] = inner
        elif value is not None:
            kept[key] = value
    return kept
