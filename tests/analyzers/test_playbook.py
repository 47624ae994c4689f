import re
import shutil
from pathlib import Path

import pytest

from analyzers.marked import read_marks
from analyzers.playbook_check import check_hit, check_miss, check_playbook
from analyzers.playbook_files import (
    load_playbook,
    playbook_languages,
    playbook_version,
    read_playbook,
    shipped_folder,
)
from analyzers.rulebook import Rulebook
from calls.errors import PlaybookInvalid
from calls.labels import Hint, Label, Role
from calls.playbook import FAULTS, Playbook

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


# The families of questions and habits that were collected from published advice, one by one.
FORTY_SIX = (
    ["up_at_night"],
    ["what_you_do"],
    ["your_role"],
    ["website_facts"],
    ["competitors"],
    ["pain"],
    ["challenge"],
    ["goals", "success"],
    ["magic_wand"],
    ["decision_maker"],
    ["budget"],
    ["timeline"],
    ["earn_your_business"],
    ["if_i_could_show_you"],
    ["what_do_you_know_about_us"],
    ["about_us"],
    ["company_history"],
    ["small_talk"],
    ["good_or_bad_time"],
    ["touching_base"],
    ["pick_your_brain"],
    ["read_the_proposal"],
    ["incumbent"],
    ["happy_with_current"],
    ["current_tools"],
    ["walk_me_through"],
    ["tie_down"],
    ["does_that_make_sense"],
    ["leading_problem"],
    ["why_are_you_here"],
    ["stacked_questions"],
    ["multiple_choice"],
    ["question_survey"],
    ["feature_dump"],
    ["we_are_the_best", "only_us", "puff"],
    ["empty_value"],
    ["trust_me"],
    ["pressure"],
    ["brochure_exit"],
    ["some_time", "buyer_puts_it_off"],
    ["jargon"],
    ["name_drop"],
    ["filler_agreement"],
    ["too_soon"],
    ["judging"],
    ["already_known"],
)


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


def test_shipped_playbook_has_no_problems() -> None:
    assert check_playbook(read_playbook()) == []


def test_shipped_playbook_has_families_for_every_label(playbook: Playbook) -> None:
    # A claim is what any of its sub-labels finds.
    labels = {family.label for family in playbook.families}
    assert labels == {*Label, Hint.HABIT} - {Label.CLAIM}


def test_shipped_playbook_holds_all_collected_families(playbook: Playbook) -> None:
    known = {one.id for one in (*playbook.families, *playbook.measured)}
    missing = [ids for ids in FORTY_SIX if not known.issuperset(ids)]
    assert len(FORTY_SIX) == 46
    assert missing == []


def test_every_fault_says_how_grave_it_is_and_what_to_say_instead(playbook: Playbook) -> None:
    faults = [one for one in playbook.families if one.label in FAULTS]
    silent = [one.id for one in (*faults, *playbook.measured) if len(one.better_move.split()) < 8]
    assert silent == []
    assert all(one.severity is not None for one in faults)


def test_measured_family_is_found_by_its_id(playbook: Playbook) -> None:
    family = playbook.measured_family("stacked_questions")
    assert family is not None
    assert family.severity == "medium"
    assert playbook.measured_family("stacked") is None


def test_playbook_of_a_role_has_only_what_is_looked_for_in_its_turns(playbook: Playbook) -> None:
    ids = {role: {one.id for one in playbook.for_role(role).families} for role in Role}
    assert "some_time" in ids[Role.REP] - ids[Role.CUSTOMER]
    assert "buyer_puts_it_off" in ids[Role.CUSTOMER] - ids[Role.REP]
    assert "agreed_action" in ids[Role.REP] & ids[Role.CUSTOMER]
    assert ids[Role.UNKNOWN] == set()


def test_check_notices_a_hit_that_is_not_found(playbook: Playbook, rulebook: Rulebook) -> None:
    problem = check_hit(rulebook, "magic_wand.wand", "[Nothing of the kind] here?")
    assert problem == "hit '[Nothing of the kind] here?' is not found"


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


def test_own_playbook_lies_over_the_shipped_one(tmp_path: Path) -> None:
    own = load_playbook(write_playbook(tmp_path))
    assert [one.id for one in own.families] == [*(one.id for one in SHIPPED.families), "weather"]
    assert (own.wording, own.cues, own.measured) == (
        SHIPPED.wording,
        SHIPPED.cues,
        SHIPPED.measured,
    )
    assert check_playbook(read_playbook(tmp_path)) == []


def test_family_of_a_shipped_id_replaces_it(tmp_path: Path) -> None:
    own = load_playbook(write_playbook(tmp_path, FAMILY.replace('"weather"', '"magic_wand"')))
    assert len(own.families) == len(SHIPPED.families)
    [family] = [one for one in own.families if one.id == "magic_wand"]
    assert [one.id for one in family.rules] == ["nice_day"]


def test_family_may_replace_a_measured_one(tmp_path: Path) -> None:
    own = load_playbook(write_playbook(tmp_path, FAMILY.replace('"weather"', '"name_drop"')))
    assert "name_drop" not in {one.id for one in own.measured}
    assert "name_drop" in {one.id for one in own.families}


def test_families_and_rules_are_switched_off(tmp_path: Path) -> None:
    off = 'disable = ["magic_wand", "up_at_night.loses_sleep", "why_are_you_here.took_this_call"]\n'
    own = load_playbook(write_playbook(tmp_path, off + FAMILY))
    rules = {f"{family.id}.{rule.id}" for family in own.families for rule in family.rules}
    assert not any(one.startswith("magic_wand.") for one in rules)
    assert "up_at_night.loses_sleep" not in rules
    assert "up_at_night.keeps_you_up" in rules
    # With its only rule a family goes too.
    assert "why_are_you_here" not in {one.id for one in own.families}


def test_switching_off_what_is_not_there_names_what_may_be_meant(tmp_path: Path) -> None:
    folder = write_playbook(tmp_path, 'disable = [\n  "magik_wand",\n]\n' + FAMILY)
    with pytest.raises(PlaybookInvalid, match=r"weather.toml:2: disable: .*'magik_wand'.*'magic_"):
        load_playbook(folder)


def test_own_words_are_added_to_the_shipped_ones(tmp_path: Path) -> None:
    words = """
    fillers = ["right then"]
    [rewrites]
    "paint points" = "pane points"
    [classes]
    provider = ["landlord"]
    season = ["summer", "winter"]
    """
    own = load_playbook(write_playbook(tmp_path, words=words))
    assert own.wording.fillers == (*SHIPPED.wording.fillers, "right then")
    assert own.wording.rewrites["paint points"] == "pane points"
    assert own.wording.rewrites["paint point"] == "pain point"
    assert own.word_classes["provider"] == (*SHIPPED.word_classes["provider"], "landlord")
    assert own.word_classes["season"] == ("summer", "winter")


def test_own_cue_of_a_shipped_id_replaces_it(tmp_path: Path) -> None:
    cues = """
    [[cue]]
    id = "at_any_rate"
    kind = "other_sense"
    scope = "before"
    patterns = ["at any rate"]
    """
    own = load_playbook(write_playbook(tmp_path, cues=cues))
    assert len(own.cues) == len(SHIPPED.cues)
    [cue] = [one for one in own.cues if one.id == "at_any_rate"]
    assert cue.patterns == ("at any rate",)


def test_own_folder_may_bring_another_language(tmp_path: Path) -> None:
    write_playbook(tmp_path)
    (tmp_path / "en").rename(tmp_path / "de")
    assert playbook_languages(tmp_path) == {"en", "de"}
    assert load_playbook(tmp_path, "en") == SHIPPED
    assert [one.id for one in load_playbook(tmp_path, "de").families] == ["weather"]
    assert playbook_version(tmp_path) not in (SHIPPED.version, playbook_version())


def test_version_changes_with_what_is_said_not_with_comments(tmp_path: Path) -> None:
    folder = write_playbook(tmp_path)
    before = load_playbook(folder).version
    assert re.fullmatch(r"[0-9a-f]{12}", before)
    assert before != SHIPPED.version == playbook_version()
    write_playbook(tmp_path, f"# Ours.\n{FAMILY}")
    assert load_playbook(folder).version == before
    write_playbook(tmp_path, FAMILY.replace("fills time", "fills the time"))
    assert load_playbook(folder).version != before


def test_copy_of_the_shipped_playbook_has_its_version(tmp_path: Path) -> None:
    shutil.copytree(str(shipped_folder()), tmp_path / "copy")
    assert load_playbook(tmp_path / "copy").version == SHIPPED.version


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("severity", "severitee"),
            r"weather\.toml:6: weather\.severitee: is unknown\. Known here",
        ),
        (("cliche_question", "cliche"), r"weather\.toml:2: weather\.label: Unknown label 'cliche'"),
        (('severity = "low"\n', ""), r"toml:3: weather: label cliche_question needs a severity"),
        (
            ('severity = "low"', 'roles = ["manager"]\nseverity = "low"'),
            r"can't be carried by a man",
        ),
        (("nice_day", "Nice day"), r"weather\.toml:10: weather\.rule\.Nice day\.id: "),
        (
            ("[is it a nice day]", "[is it a nice day"),
            r"toml:12: weather\.nice_day: hits: unbalanc",
        ),
        (("[is it a nice day]", "is it a nice day"), r"weather\.nice_day: hits: no \[brackets\]"),
        (("The day was nice", "The [day] was nice"), r"toml:13: weather\.nice_day: misses: a brac"),
        (("[[family]]", "[[famly]]"), r"weather\.toml:3: famly: is unknown"),
        (("label = ", "label "), r"weather\.toml: not valid TOML"),
        (("label = ", "disable = 3\nlabel = "), r"weather\.toml:2: disable: must be a list"),
        (('id = "nice_day"', 'id = "nice_day"\nstated = true'), r"`stated`, so it needs `asked ="),
    ],
)
def test_invalid_file_is_refused_with_its_place(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    folder = write_playbook(tmp_path, FAMILY.replace(*change, 1))
    with pytest.raises(PlaybookInvalid, match=message):
        load_playbook(folder)


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    wrong = FAMILY.replace("severity", "severitee")
    folder = write_playbook(tmp_path, wrong, more=wrong.replace('"weather"', '"sky"'))
    with pytest.raises(PlaybookInvalid) as refused:
        load_playbook(folder)
    lines = str(refused.value).splitlines()
    assert sum("severitee: is unknown" in one for one in lines) == 2


def test_same_id_in_two_files_is_refused_with_both_places(tmp_path: Path) -> None:
    folder = write_playbook(tmp_path, more=FAMILY)
    with pytest.raises(
        PlaybookInvalid, match=r"weather.toml:3: id 'weather' is used twice; see .*more.toml:3"
    ):
        load_playbook(folder)


def test_same_rule_twice_in_a_family_is_refused(tmp_path: Path) -> None:
    rule = FAMILY[FAMILY.index("[[family.rule]]") :]
    with pytest.raises(PlaybookInvalid, match=r"id 'weather.nice_day' is used twice"):
        load_playbook(write_playbook(tmp_path, FAMILY + rule))


def test_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PlaybookInvalid, match=r"no playbook for language 'xy'. Languages: en"):
        load_playbook(None, "xy")


def test_missing_folder_is_refused_with_the_way_to_begin_one(tmp_path: Path) -> None:
    with pytest.raises(PlaybookInvalid, match=r"no such folder.*nightcall playbook new"):
        playbook_languages(tmp_path / "nowhere")


def test_files_outside_a_language_are_refused_with_where_to_put_them(tmp_path: Path) -> None:
    (tmp_path / "weather.toml").write_text(FAMILY)
    with pytest.raises(PlaybookInvalid, match=r"Move weather.toml into .*en"):
        playbook_languages(tmp_path)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("is it (nice", r"unbalanced '\('"),
        ("is it nice)", r"unbalanced '\)'"),
        ("is [weather] nice", "unknown word class"),
        ("* nice?", "may match no word at all"),
        ("is it * nice folks", "'folks' is never seen; normalising makes it 'people'"),
        ("um is it nice", "'um' is never seen; normalising leaves it out"),
        ("is it $ nice", r"'\$' has a meaning only at an end"),
        ("nice nice day", "can never match"),
    ],
)
def test_template_that_never_matches_is_a_problem_with_its_line(
    tmp_path: Path, template: str, message: str
) -> None:
    both = f'patterns = [\n  "is it * nice day",\n  "{template}",\n]'
    folder = write_playbook(tmp_path, FAMILY.replace('patterns = ["is it * nice day"]', both))
    [problem] = check_playbook(read_playbook(folder))
    assert problem.place.endswith("weather.toml:13")
    assert problem.rule == "weather.nice_day"
    assert not problem.is_warning
    assert re.search(message, problem.text)


def test_phrase_of_which_nothing_is_left_is_a_problem(tmp_path: Path) -> None:
    folder = write_playbook(tmp_path, FAMILY.replace("patterns", 'phrases = ["um"]\npatterns'))
    [problem] = check_playbook(read_playbook(folder))
    assert problem.text == "nothing is left of 'um'"


def test_example_that_fails_is_a_problem_with_its_line(tmp_path: Path) -> None:
    folder = write_playbook(tmp_path, FAMILY.replace("The day was nice.", "Is it a nice day?"))
    [problem] = check_playbook(read_playbook(folder))
    assert str(problem).endswith(
        "weather.toml:13: weather.nice_day: miss 'Is it a nice day?' is found at 'Is it a nice day'"
    )


def test_rule_that_another_makes_needless_is_a_warning(tmp_path: Path) -> None:
    wider = """
[[family.rule]]
id = "any_day"
patterns = ["is it * nice|bad day|week"]
hits = ["[Is it a bad week]?"]
misses = ["The week was bad."]
"""
    folder = write_playbook(tmp_path, FAMILY + wider)
    [problem] = check_playbook(read_playbook(folder))
    assert (problem.rule, problem.is_warning) == ("weather.nice_day", True)
    assert problem.text == "needless: weather.any_day finds all that it finds"


def test_cue_that_never_matches_is_a_problem(tmp_path: Path) -> None:
    cues = """
    [[cue]]
    id = "ours"
    kind = "negated"
    scope = "before"
    patterns = ["don't ask"]
    """
    [problem] = check_playbook(read_playbook(write_playbook(tmp_path, cues=cues)))
    assert problem.rule == "cue ours"
    assert "\"don't\" is never seen; normalising makes it 'do not'" in problem.text
