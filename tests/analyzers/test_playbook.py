import re
import shutil
from pathlib import Path

import pytest

from analyzers.marked import read_marks
from analyzers.playbook_check import check_hit, check_miss, check_playbook
from analyzers.playbook_files import load_playbook, playbook_languages, shipped_folder
from analyzers.rulebook import Rulebook
from calls.errors import PlaybookInvalid
from calls.labels import Hint, Label
from calls.playbook import Playbook

SHIPPED = load_playbook()
RULES = [(f"{family.id}.{rule.id}", rule) for family in SHIPPED.families for rule in family.rules]
HITS = [(name, hit) for name, rule in RULES for hit in rule.hits]
MISSES = [(name, miss) for name, rule in RULES for miss in rule.misses]

FAMILY = """
label = "cliche_question"
[[family]]
id = "weather"
title = "Asks about the weather"
severity = "low"
why = "It fills time."
better_move = "Leave it out."
[[family.rule]]
id = "nice_day"
patterns = ["is it * nice day"]
hits = ["So [is it a nice day] over there?"]
misses = ["The day was nice."]
"""


def write_playbook(folder: Path, families: str = FAMILY, **others: str) -> Path:
    (folder / "en").mkdir(parents=True, exist_ok=True)
    (folder / "en" / "weather.toml").write_text(families, encoding="utf-8")
    for name, content in others.items():
        (folder / "en" / f"{name}.toml").write_text(content, encoding="utf-8")
    return folder


@pytest.mark.parametrize(("name", "hit"), HITS, ids=[f"{n}: {h}" for n, h in HITS])
def test_rule_finds_its_hit(rulebook: Rulebook, name: str, hit: str) -> None:
    assert check_hit(rulebook, name, hit) == ""


@pytest.mark.parametrize(("name", "miss"), MISSES, ids=[f"{n}: {m}" for n, m in MISSES])
def test_rule_lets_its_miss_go(rulebook: Rulebook, name: str, miss: str) -> None:
    assert check_miss(rulebook, name, miss) == ""


def test_shipped_playbook_has_no_problems(playbook: Playbook) -> None:
    assert check_playbook(playbook) == []


def test_shipped_playbook_covers_the_labels_of_the_cliche_analyzer(playbook: Playbook) -> None:
    assert {family.label for family in playbook.families} == {
        Label.CLICHE_QUESTION,
        Label.HOMEWORK_QUESTION,
        Label.VAGUE_NEXT_STEP,
        Label.CLAIM_SUPERLATIVE,
        Label.CLAIM_VAGUE,
        Hint.HABIT,
    }


def test_check_notices_a_hit_that_is_not_found(playbook: Playbook, rulebook: Rulebook) -> None:
    problem = check_hit(rulebook, "magic_wand.wand", "[Nothing of the kind] here?")
    assert problem == "magic_wand.wand: hit '[Nothing of the kind] here?' is not found"


def test_check_notices_a_hit_found_elsewhere(rulebook: Rulebook) -> None:
    problem = check_hit(rulebook, "magic_wand.wand", "[So], if I gave you a magic wand?")
    assert "is not found" in problem


def test_check_says_which_cue_threw_a_hit_out(rulebook: Rulebook) -> None:
    problem = check_hit(
        rulebook, "up_at_night.keeps_you_up", "I won't ask [what keeps you up at night]."
    )
    assert "negated by cue will_not_ask" in problem


def test_check_notices_a_miss_that_is_found(rulebook: Rulebook) -> None:
    problem = check_miss(rulebook, "magic_wand.wand", "If you had a magic wand, what then?")
    assert problem.endswith("is found at 'magic wand'")


@pytest.mark.parametrize("text", ["[open", "shut]", "[[twice]]", "[]"])
def test_unbalanced_brackets_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unbalanced bracket"):
        read_marks(text)


def test_marks_point_into_the_text_without_brackets() -> None:
    marked = read_marks("So [what] and [how]?")
    assert marked.text == "So what and how?"
    assert [marked.text[start:end] for start, end in marked.spans] == ["what", "how"]


def test_own_playbook_takes_the_shipped_wording_and_cues(tmp_path: Path) -> None:
    own = load_playbook(write_playbook(tmp_path))
    assert [family.id for family in own.families] == ["weather"]
    assert own.wording == SHIPPED.wording
    assert own.cues == SHIPPED.cues
    assert check_playbook(own) == []


def test_version_changes_with_any_file(tmp_path: Path) -> None:
    folder = write_playbook(tmp_path)
    before = load_playbook(folder).version
    assert re.fullmatch(r"[0-9a-f]{12}", before)
    assert load_playbook(folder).version == before
    write_playbook(tmp_path, FAMILY.replace("fills time", "fills the time"))
    assert load_playbook(folder).version != before


def test_copy_of_the_shipped_playbook_has_its_version(tmp_path: Path) -> None:
    shutil.copytree(str(shipped_folder()), tmp_path / "copy")
    assert load_playbook(tmp_path / "copy").version == SHIPPED.version


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("severity", "severitee"), r"weather\.toml: weather\.severitee: Extra inputs"),
        (("cliche_question", "cliche"), r"weather\.toml: weather\.label: .*Unknown label 'cliche'"),
        (("cliche_question", "aha"), r"weather\.label: .*label aha can't be carried by a rep"),
        (("nice_day", "Nice day"), r"weather\.toml: weather\.rules\.Nice day\.id: "),
        (("[is it a nice day]", "[is it a nice day"), r"weather\.nice_day: hits: unbalanced"),
        (("[is it a nice day]", "is it a nice day"), r"weather\.nice_day: hits: no \[brackets\]"),
        (("The day was nice", "The [day] was nice"), r"weather\.nice_day: misses: a bracket"),
        (("[[family]]", "[[famly]]"), r"weather\.toml: unknown key 'famly'"),
        (("label = ", "label "), r"weather\.toml: not valid TOML"),
    ],
)
def test_invalid_file_is_refused_with_its_place(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    folder = write_playbook(tmp_path, FAMILY.replace(*change, 1))
    with pytest.raises(PlaybookInvalid, match=message):
        load_playbook(folder)


def test_same_id_in_two_files_is_refused(tmp_path: Path) -> None:
    folder = write_playbook(tmp_path, more=FAMILY)
    with pytest.raises(PlaybookInvalid, match="id 'weather' is used twice"):
        load_playbook(folder)


def test_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PlaybookInvalid, match=r"no playbook for language 'xy'. Languages: en"):
        load_playbook(None, "xy")


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlaybookInvalid, match="no such folder"):
        playbook_languages(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("is it (nice", r"unbalanced '\('"),
        ("is it nice)", r"unbalanced '\)'"),
        ("is [weather] nice", "unknown word class"),
        ("* nice?", "may match no word at all"),
    ],
)
def test_bad_template_is_a_problem_with_its_rule(
    tmp_path: Path, template: str, message: str
) -> None:
    folder = write_playbook(tmp_path, FAMILY.replace("is it * nice day", template, 1))
    [problem] = check_playbook(load_playbook(folder))
    assert problem.startswith("weather.nice_day: ")
    assert re.search(message, problem)


def test_word_that_normalising_changes_is_a_problem(tmp_path: Path) -> None:
    folder = write_playbook(tmp_path, FAMILY.replace("is it * nice day", "is it * nice folks", 1))
    assert any("'folks' is never seen" in one for one in check_playbook(load_playbook(folder)))
