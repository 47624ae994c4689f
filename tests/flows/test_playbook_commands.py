"""`nightcall playbook` check, new and diff, on real nights and folders."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from calls.errors import ModelDamaged
from calls.moment import FoundBy
from calls.settings import RedactionSettings, Settings
from flows.cli.playbook import playbook
from flows.night import one_after_another, run_night
from flows.playbook_diff import LOST, WON, Difference, RuleCount, compare, total
from flows.versions import current_versions
from models.turn_labels.labeller import FACTS, SHIPPED
from tests.warehouse.builders import attributed, moment
from warehouse.store import open_warehouse

VTT = """WEBVTT

00:00:00.000 --> 00:00:04.000
<v Agent>Good morning. What keeps you up at night? Mind the gap.

00:00:05.000 --> 00:00:08.000
<v Customer>The harbour, mostly.

00:00:09.000 --> 00:00:12.000
<v Agent>And how are you doing today?
"""
OURS = """
disable = ["small_talk"]
label = "habit"
[[family]]
id = "gap"
title = "Minds the gap"
severity = "low"
why = "It is a joke."
better_move = "Leave the joke out and name the gap: 'Two trains a day never meet.'"
[[family.rule]]
id = "mind_it"
asked = false
phrases = ["mind the gap"]
hits = ["[Mind the gap]."]
misses = ["We mind the shop."]
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(playbook, [str(one) for one in arguments])


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder: when it was last written, and what is in it."""
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


# Habits are found by rules alone, so a rule that goes takes its moments along.
@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A playbook of one's own: a new family, and a shipped one switched off."""
    folder = tmp_path / "ours"
    (folder / "en").mkdir(parents=True)
    (folder / "en" / "ours.toml").write_text(OURS, encoding="utf-8")
    return folder


@pytest.fixture
def blunt(tmp_path: Path) -> Path:
    """A learned layer like the shipped one, but for which nothing is ever a cliche."""
    folder = tmp_path / "blunt"
    folder.mkdir()
    for file in SHIPPED.iterdir():
        if file.name != FACTS:
            (folder / file.name).symlink_to(file)
    facts = json.loads((SHIPPED / FACTS).read_text(encoding="utf-8"))
    facts["fusion"]["cliche_question"] = {"threshold": 1.5, "bonus": 0.0}
    (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")
    return folder


@pytest.fixture
def landed(settings: Settings, recordings: Path) -> Settings:
    """A warehouse in which two calls have landed."""
    (recordings / "a.vtt").write_text(VTT)
    (recordings / "b.vtt").write_text(VTT.replace("harbour", "ferry"))
    for name in "ab":
        (recordings / f"{name}.call.json").write_text(json.dumps({"call_id": f"call-{name}"}))
    run_night(settings, one_after_another)
    return settings


def test_shipped_playbook_holds() -> None:
    done = run("check")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("en: ")
    assert done.output.endswith("Errors: 0. Warnings: 0.\n")


def test_new_playbook_holds_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    assert run("new", folder).exit_code == 0
    assert {path.name for path in folder.rglob("*.*")} == {"README.md", "ours.toml"}
    done = run("check", folder)
    assert done.exit_code == 0, done.output


def test_new_playbook_writes_over_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = run("new", tmp_path)
    assert "is there already and not empty" in str(done.exception)
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_failing_example_is_told_with_its_line(ours: Path) -> None:
    (ours / "en" / "ours.toml").write_text(OURS.replace("We mind the shop", "Do mind the gap"))
    done = run("check", ours, "--format", "json")
    assert done.exit_code == 2
    [problem] = json.loads(done.stdout)
    assert problem["place"].endswith("ours.toml:15")
    assert (problem["rule"], problem["level"]) == ("gap.mind_it", "error")
    assert "miss 'Do mind the gap.' is found at 'mind the gap'" in problem["text"]
    shown = run("check", ours).stdout
    assert "gap.mind_it" in shown
    assert "Errors: 1. Warnings: 0." in shown


def test_unreadable_playbook_is_told_with_its_line(ours: Path) -> None:
    (ours / "en" / "ours.toml").write_text(OURS.replace("severity", "severitee"))
    done = run("check", ours)
    assert done.exit_code == 2
    assert "ours.toml:7: gap.severitee: is unknown. Known here: id, title," in done.stdout
    [*_, last] = json.loads(run("check", ours, "--format", "json").stdout)
    assert last["level"] == "error"


def test_diff_shows_moments_won_and_lost_per_rule(landed: Settings, ours: Path) -> None:
    done = run("diff", "--with", ours, "--warehouse", landed.warehouse, "--format", "json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["calls"] == 2
    assert found["unread"] == []
    changes = {(one["change"], one["call_id"], one["rules"]) for one in found["changes"]}
    assert changes == {
        (change, call, rule)
        for call in ("call-a", "call-b")
        for change, rule in (
            ("won", "gap.mind_it"),
            ("lost", "small_talk.how_are_you_today"),
        )
    }
    rules = {one["rule"]: one for one in found["rules"]}
    assert rules["gap.mind_it"] == {"rule": "gap.mind_it", "now": 0, "then": 2, "won": 2, "lost": 0}
    assert rules["small_talk.how_are_you_today"]["lost"] == 2
    assert rules["up_at_night.keeps_you_up"] == {
        "rule": "up_at_night.keeps_you_up",
        "now": 2,
        "then": 2,
        "won": 0,
        "lost": 0,
    }
    [first, *_] = found["changes"]
    assert first["quote"] in VTT
    assert first["words"] in first["quote"]


def test_diff_for_people_names_rule_call_minute_and_quote(landed: Settings, ours: Path) -> None:
    shown = run("diff", "--with", ours, "--warehouse", landed.warehouse, "--limit", 1).stdout
    assert "Calls read: 2. Moments won: 2, lost: 2." in shown
    assert "Mind the gap." in shown
    assert "3 more: --limit" in shown


def test_diff_as_csv_has_a_row_per_change(landed: Settings, ours: Path, tmp_path: Path) -> None:
    arguments = ("diff", "--with", ours, "--warehouse", landed.warehouse, "--format", "csv")
    assert run(*arguments, "--output", tmp_path / "out.csv").exit_code == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert [one["change"] for one in rows].count("won") == 2
    assert len(rows) == 4


def test_diff_of_playbooks_that_agree_shows_nothing(landed: Settings, tmp_path: Path) -> None:
    same = tmp_path / "same" / "en"
    same.mkdir(parents=True)
    (same / "ours.toml").write_text("disable = []\n")
    shown = run("diff", "--with", same.parent, "--warehouse", landed.warehouse)
    assert "Calls read: 2. Moments won: 0, lost: 0." in shown.stdout
    empty = run("diff", "--with", same.parent, "--warehouse", landed.warehouse, "--format", "csv")
    assert empty.stdout.splitlines()[0].startswith("change,label,found_by,rules,call_id")


def test_diff_changes_nothing_in_the_warehouse(landed: Settings, ours: Path) -> None:
    before = tree(landed.warehouse)
    assert run("diff", "--with", ours, "--warehouse", landed.warehouse).exit_code == 0
    assert tree(landed.warehouse) == before


def test_diff_shows_words_masked_as_the_settings_want_them_now(
    settings: Settings, recordings: Path, ours: Path
) -> None:
    (recordings / "a.vtt").write_text(VTT.replace("the gap.", "the gap on 4111 1111 1111 1111."))
    bare = settings.model_copy(update={"redaction": RedactionSettings(numbers=False)})
    run_night(bare, one_after_another)
    store = open_warehouse(settings.warehouse)
    quotes = []
    for now in (bare, settings):
        found = compare(store, now, now.model_copy(update={"playbook": ours}))
        quotes += [one.quote for one in found.changes if one.change == WON]
    stored, masked = quotes
    assert "4111 1111" in stored
    assert masked.startswith("Mind the gap on")
    assert "4111" not in masked


def test_diff_with_nothing_is_refused(landed: Settings) -> None:
    done = run("diff", "--warehouse", landed.warehouse)
    assert "name a playbook (--with) or a model (--model)" in str(done.exception)


def test_diff_with_another_model_counts_per_label_and_finder(landed: Settings, blunt: Path) -> None:
    done = run("diff", "--model", blunt, "--warehouse", landed.warehouse, "--format", "json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert {(one["change"], one["label"], one["call_id"]) for one in found["changes"]} == {
        ("lost", "cliche_question", "call-a"),
        ("lost", "cliche_question", "call-b"),
    }
    finders = [one for one in found["finders"] if one["label"] == "cliche_question"]
    lost = sum(one["lost"] for one in finders)
    assert lost == sum(one["now"] for one in finders) == len(found["changes"])
    assert {one["found_by"] for one in found["changes"]} <= {one["found_by"] for one in finders}
    shown = run("diff", "--model", blunt, "--warehouse", landed.warehouse).stdout
    assert f"Moments won: 0, lost: {lost}." in shown
    assert "found_by" in shown


def test_diff_with_playbook_and_model_shows_what_both_change(
    landed: Settings, ours: Path, blunt: Path
) -> None:
    arguments = ("diff", "--with", ours, "--model", blunt, "--warehouse", landed.warehouse)
    found = json.loads(run(*arguments, "--format", "json").stdout)
    assert {(one["change"], one["label"]) for one in found["changes"]} == {
        ("lost", "cliche_question"),
        ("lost", "habit"),
        ("won", "habit"),
    }


def test_diff_uses_the_model_it_is_given_where_the_settings_use_none(
    landed: Settings, blunt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTCALL_LABELS__USE_MODEL", "false")
    done = run("diff", "--model", blunt, "--warehouse", landed.warehouse, "--format", "json")
    changes = json.loads(done.stdout)["changes"]
    # By rules alone the cliches stand; what the model does not take for one is then lost.
    assert ("lost", "cliche_question") in {(one["change"], one["label"]) for one in changes}


def test_diff_refuses_a_folder_without_a_model(landed: Settings, tmp_path: Path) -> None:
    done = run("diff", "--model", tmp_path / "none", "--warehouse", landed.warehouse)
    assert isinstance(done.exception, ModelDamaged)
    assert str(tmp_path / "none") in str(done.exception)


def test_other_words_of_the_same_turn_are_no_change_where_the_model_judges_it() -> None:
    call = attributed()
    found = moment(0, found_by=FoundBy.MODEL, rule_ids=())
    first, second = found, replace(found, quote="word2", start_char=12, end_char=17)
    difference = Difference()
    difference.add(call, [first], [second])
    assert difference.changes == []
    assert difference.finders == {("cliche_question", "model"): RuleCount(now=1, then=1)}
    by_rule = [replace(one, found_by=FoundBy.RULE, rule_ids=("a.b",)) for one in (first, second)]
    difference.add(call, by_rule[:1], by_rule[1:])
    assert total(difference) == {WON: 1, LOST: 1}


def test_call_that_cannot_be_read_costs_only_itself(landed: Settings, ours: Path) -> None:
    listenings = sorted(landed.warehouse.rglob("listening.arrow"))
    listenings[0].write_bytes(b"broken")
    done = run("diff", "--with", ours, "--warehouse", landed.warehouse, "--format", "json")
    assert done.exit_code == 3
    found = json.loads(done.stdout)
    assert found["calls"] == 1
    assert len(found["unread"]) == 1


def test_diff_compares_any_settings_that_reading_depends_on(landed: Settings) -> None:
    store = open_warehouse(landed.warehouse)
    found = compare(store, landed, landed.model_copy(update={"analyzers": ("talk",)}))
    assert {one.change for one in found.changes} == {LOST}
    back = compare(store, landed.model_copy(update={"analyzers": ("talk",)}), landed)
    assert {one.change for one in back.changes} == {WON}


def test_night_under_another_playbook_reads_again(landed: Settings, ours: Path) -> None:
    other = landed.model_copy(update={"playbook": ours})
    assert current_versions(other).playbook != current_versions(landed).playbook
    run_night(other, one_after_another)
    moments = open_warehouse(landed.warehouse).table("moments").collect()
    rules = {rule for found in moments["rule_ids"].drop_nulls() for rule in found.split()}
    assert "gap.mind_it" in rules
    assert not any(one.startswith("small_talk.") for one in rules)
