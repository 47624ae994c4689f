from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analyzers.messaging_check import Finding, Level, check_messaging
from analyzers.messaging_files import load_messaging, messaging_version
from calls.errors import MessagingInvalid
from tests.conftest import ROOT

DAY = date(2026, 10, 1)
CLAIM = """[vendor]
name = "Dockline"
registry_version = "1"

[[claim]]
id = "A"
kind = ["claim_quantified"]
wording = "A truck is loaded within ten minutes."
paraphrases = ["Loading a truck takes ten minutes at most."]
unique = { answer = false, evidence = "Not examined." }
credible = { answer = true, evidence = "Can be watched." }
deliverable = { answer = true, evidence = "Gate records." }
defensible = { answer = true, evidence = "The client's own clock." }
owner_marketing = "M"
owner_sales = "S"
approved_by_marketing = true
approved_by_sales = true
approved_on = 2026-01-01
expires_on = 2026-12-31
"""
SECOND = CLAIM[CLAIM.index("[[claim]]") :].replace('id = "A"', 'id = "B"')
FORBIDDEN = """
[[forbidden]]
id = "F"
kind = ["claim_guarantee"]
wording = "No driver will ever wait again, guaranteed."
paraphrases = ["Nobody will ever have to wait."]
reason = "Accidents happen."
decided_by = "Counsel"
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "messaging.toml"
    path.write_text(text, encoding="utf-8")
    return path


def findings(tmp_path: Path, text: str, on: date = DAY) -> list[Finding]:
    return check_messaging(write(tmp_path, text), on=on)


def test_a_sound_file_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, CLAIM + FORBIDDEN) == []


@pytest.mark.parametrize(
    ("old", "new", "level", "problem", "line_of"),
    [
        (
            'evidence = "The client\'s own clock."',
            'evidence = ""',
            "error",
            "no evidence for defensible",
            "defensible =",
        ),
        (
            "defensible = {",
            "# {",
            "error",
            "no evidence for defensible: the question is not answered",
            "[[claim]]",
        ),
        ('owner_sales = "S"', "", "error", "no owner in sales (owner_sales)", "[[claim]]"),
        (
            "approved_by_marketing = true",
            "approved_by_marketing = false",
            "warning",
            "approved by sales but not marketing: whoever says it is told 'unapproved'",
            "approved_by_marketing",
        ),
        (
            "expires_on = 2026-12-31",
            "expires_on = 2025-12-31",
            "error",
            "expires (2025-12-31) before it was approved (2026-01-01)",
            "expires_on",
        ),
        (
            "expires_on = 2026-12-31",
            "expires_on = 2026-09-30",
            "warning",
            "expired on 2026-09-30",
            "expires_on",
        ),
        (
            "expires_on = 2026-12-31",
            "expires_on = 2026-10-20",
            "warning",
            "expires on 2026-10-20, within 30 days",
            "expires_on",
        ),
        ("expires_on = 2026-12-31", "", "error", "approved, but without expires_on", "[[claim]]"),
        (
            "approved_on = 2026-01-01",
            "approved_on = 2026-11-01",
            "warning",
            "not approved before 2026-11-01",
            "approved_on",
        ),
        (
            "credible = { answer = true",
            "credible = { answer = false",
            "warning",
            "approved, although it is not credible",
            "credible",
        ),
        (
            "takes ten minutes at most",
            "takes twelve minutes at most",
            "error",
            "paraphrase contradicts the wording: "
            "'twelve minutes at most' against 'within ten minutes'",
            "paraphrases",
        ),
        (
            "Loading a truck takes ten minutes at most.",
            "Our office is in Leeds.",
            "warning",
            "paraphrase has little in common with the wording: 'Our office is in Leeds.'",
            "paraphrases",
        ),
        ('kind = ["claim_quantified"]', "", "warning", "no kind of claim", "wording"),
        (
            'registry_version = "1"',
            "",
            "warning",
            "no registry_version: a digest of the file stands for it",
            "[vendor]",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, old: str, new: str, level: str, problem: str, line_of: str
) -> None:
    text = CLAIM.replace(old, new, 1)
    assert text != CLAIM
    lines = text.splitlines()
    line = next(number for number, one in enumerate(lines, 1) if line_of in one)
    (one,) = [found for found in findings(tmp_path, text) if found.problem == problem]
    assert (one.level, one.line) == (Level(level), line)


def test_two_entries_with_other_figures_contradict_each_other(tmp_path: Path) -> None:
    other = SECOND.replace("ten minutes", "eight minutes")
    (one,) = findings(tmp_path, CLAIM + other)
    assert (one.level, one.entry) == (Level.ERROR, "B")
    assert one.problem.startswith("contradicts A, which says nearly the same: 'within eight")


def test_two_entries_that_say_the_same_are_warned_of(tmp_path: Path) -> None:
    (one,) = findings(tmp_path, CLAIM + SECOND)
    assert (one.level, one.entry, one.problem) == (
        Level.WARNING,
        "B",
        "says nearly the same as A",
    )


def test_agreed_wording_must_not_say_what_is_forbidden(tmp_path: Path) -> None:
    text = CLAIM.replace(
        "Loading a truck takes ten minutes at most.", "No driver will ever wait again, guaranteed."
    )
    problems = [one.problem for one in findings(tmp_path, text + FORBIDDEN)]
    assert "'No driver will ever wait again, guaranteed.' says what F forbids" in problems


def test_a_file_without_entries_is_an_error(tmp_path: Path) -> None:
    found = {one.problem: one.level for one in findings(tmp_path, "")}
    assert found["no [[claim]] and no [[forbidden]]: nothing to check"] is Level.ERROR


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CLAIM.replace("owner_sales", "owner_sale"), ":15: claim.A.owner_sale: is unknown"),
        (CLAIM + SECOND.replace('id = "B"', 'id = "A"'), ":21: (file): id 'A' is used twice"),
        (CLAIM.replace("claim_quantified", "aha"), ":7: claim.A.kind: aha is no kind of claim"),
        (CLAIM.replace("2026-12-31", '"soon"'), ":19: claim.A.expires_on: "),
        (CLAIM + "\n[[claim", "not valid TOML"),
    ],
)
def test_a_file_that_can_not_be_read_names_line_entry_and_field(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(MessagingInvalid) as caught:
        load_messaging(write(tmp_path, text))
    assert said in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MessagingInvalid, match="--messaging"):
        load_messaging(tmp_path / "none.toml")


def test_the_version_changes_with_the_content(tmp_path: Path) -> None:
    path = write(tmp_path, CLAIM)
    before = messaging_version(path)
    assert load_messaging(path).version == before
    path.write_text(CLAIM + "# more\n", encoding="utf-8")
    assert messaging_version(path) != before


def test_the_samples_messaging_has_no_errors() -> None:
    found = check_messaging(ROOT / "data_samples" / "messaging.toml", on=date(2026, 9, 14))
    assert [one for one in found if one.level is Level.ERROR] == []
    assert {one.problem for one in found} == {
        "expired on 2026-07-31",
        "approved by marketing but not sales: whoever says it is told 'unapproved'",
    }


def test_the_gold_messaging_loads_and_has_only_its_known_weaknesses(shared_gold: Path) -> None:
    path = shared_gold / "messaging.toml"
    messaging = load_messaging(path)
    assert (len(messaging.claims), len(messaging.forbidden)) == (12, 4)
    assert messaging.registry_version == "2026-09"
    found = check_messaging(path, on=DAY)
    assert {one.level for one in found} == {Level.WARNING}
    assert {one.entry for one in found} == {"QM-05", "QM-07", "QM-09", "QM-10"}
