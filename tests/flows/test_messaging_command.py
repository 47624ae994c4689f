from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import warehouse
from calls.errors import MessagingInvalid, UsageError
from calls.settings import Settings
from flows.cli import cli
from flows.night import one_after_another, run_night
from flows.versions import current_versions, reading_base
from tests.conftest import ROOT

SAMPLE = ROOT / "data_samples" / "messaging.toml"


def check(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["messaging", "check", *arguments])


def test_warnings_alone_pass() -> None:
    done = check(str(SAMPLE), "--on", "2026-09-14")
    assert done.exit_code == 0
    assert f"{SAMPLE}:67: warning: DP-03: expired on 2026-07-31" in done.output
    assert done.output.endswith("0 errors, 2 warnings.\n")


def test_errors_exit_with_2_and_json_holds_them_all(tmp_path: Path) -> None:
    path = tmp_path / "messaging.toml"
    path.write_text(SAMPLE.read_text().replace('owner_sales = "Head of sales, South"', "", 1))
    done = check(str(path), "--on", "2026-09-14", "--format", "json")
    assert done.exit_code == 2
    found = json.loads(done.output)
    assert [one["problem"] for one in found if one["level"] == "error"] == [
        "no owner in sales (owner_sales)"
    ]
    assert set(found[0]) == {"file", "line", "entry", "level", "problem"}


def test_a_file_that_can_not_be_read_is_a_usage_error(tmp_path: Path) -> None:
    done = check(str(tmp_path / "none.toml"))
    assert isinstance(done.exception, MessagingInvalid)


def test_without_a_file_the_one_of_the_settings_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(check().exception, UsageError)
    (tmp_path / "nightcall.toml").write_text(f"messaging = {str(SAMPLE)!r}\n")
    assert check("--on", "2026-09-14").exit_code == 0


def test_claims_land_and_a_changed_messaging_has_calls_read_again(
    settings: Settings, recordings: Path, tmp_path: Path
) -> None:
    (recordings / "a.vtt").write_text(
        "WEBVTT\n\n00:00:00.000 --> 00:00:04.000\n<v Ann Lee>Everybody loves our system.\n"
    )
    people = [{"name": "Ann Lee", "role": "rep"}]
    facts = {"participants": people, "started_at": "2026-09-14T10:00:00Z", "call_id": "A"}
    (recordings / "a.call.json").write_text(json.dumps(facts))
    run_night(settings, one_after_another)
    store = warehouse.open(settings.warehouse)
    assert store.claims.collect().is_empty()
    states = store.measure_states.collect().select("measure", "reason").rows()
    assert ("claims_forbidden_count", "no messaging given") in states

    path = tmp_path / "messaging.toml"
    path.write_text(SAMPLE.read_text())
    given = settings.model_copy(update={"messaging": path})
    run_night(given, one_after_another)
    row = store.claims.collect().row(0, named=True)
    assert (row["claim_id"], row["verdict"], row["registry_version"]) == (
        *("DF-01", "forbidden", "2026-09"),
    )
    assert store.scorecards.collect()["claims_forbidden_count"].to_list() == [1]

    before = reading_base(current_versions(given), given)
    path.write_text(SAMPLE.read_text().replace("Everybody loves our", "Every planner loves our"))
    assert reading_base(current_versions(given), given) != before
