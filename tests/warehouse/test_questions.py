"""Every ready question of docs/questions.md, asked of a quarter whose numbers are known."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.warehouse.a_quarter import (
    ROBIN,
    TODAY,
    WEEKS,
    land_quarter,
    made_call,
    monday,
    talk_of,
)
from tests.warehouse.builders import coaching_row, land
from warehouse import CallRows, Warehouse
from warehouse.schemas import ScorecardRow
from warehouse.sql import run_query
from warehouse.views import VIEWS

DOCUMENT = Path(__file__).parents[2] / "docs" / "questions.md"
SECTIONS: dict[str, str] = dict(
    re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", DOCUMENT.read_text(encoding="utf-8"), re.M | re.S)
)
QUESTIONS: dict[str, str] = {
    title: "\n".join(re.findall(r"```sql\n(.*?)```", text, re.S))
    for title, text in SECTIONS.items()
    if "```sql" in text
}

TUESDAYS = {week: monday(week) + timedelta(days=1) for week in WEEKS}
COACHED = monday(7)
# What a column called so holds needs no words.
PLAIN = {"rep", "week", "call_date", "account"}

Rows = list[tuple[object, ...]]

CLICHE_RATES: Rows = [
    # Ada asks none, on one call a week, of one deal.
    *(("Ada Voss", monday(week), 0, 1, 0.0, 0, 1, 0.0) for week in WEEKS),
    # Ben's calls are in German: nothing is measured.
    *(("Ben Hale", monday(week), None, 0, None, None, 0, None) for week in WEEKS),
    # One of Cleo's two calls has one: half of the deals, and from week 7 on the only deal.
    *(("Cleo Dunn", monday(week), 1, 2, 0.5, 1, 2, 0.5) for week in range(1, 7)),
    *(("Cleo Dunn", monday(week), 1, 2, 0.5, 1, 1, 1.0) for week in range(7, 13)),
    *(("Dev Roy", monday(week), 0, 1, 0.0, 0, 1, 0.0) for week in WEEKS),
    # Eve's first three calls are too short, and none belongs to a deal.
    *(("Eve Lund", monday(week), None, 0, None, None, 0, None) for week in range(1, 4)),
    *(("Eve Lund", monday(week), 0, 1, 0.0, None, 0, None) for week in range(4, 13)),
    *(("Robin Reed", monday(week), 1, 1, 1.0, 1, 1, 1.0) for week in range(1, 7)),
    *(("Robin Reed", monday(week), 0, 1, 0.0, 0, 1, 0.0) for week in range(7, 12)),
    ("Robin Reed", monday(12), 1, 1, 1.0, 1, 1, 1.0),
]

ADOPTION: Rows = [
    # Robin, Ada, Dev and twice Cleo; from week 4 on Eve too. Dev alone has a hypothesis, rejected.
    *((monday(week), 5, 1, 0.2, 0.0, 0.0, 0.0, 4, 1) for week in range(1, 4)),
    (monday(4), 6, 1, 0.167, 0.0, 0.0, 0.0, 5, 1),
    # Ada begins, and nobody answers.
    *((monday(week), 6, 2, 0.333, 0.0, 0.0, 0.0, 5, 2) for week in range(5, 9)),
    # Ada completes every chain.
    *((monday(week), 6, 2, 0.333, 0.167, 0.167, 0.167, 5, 2) for week in range(9, 13)),
]

UNMEASURED = "language 'de' has no playbook"
COUNTED = (
    "already_known_question_count",
    "chain_count",
    "claims_approved_count",
    "claims_drifted_count",
    "claims_expired_count",
    "claims_forbidden_count",
    "claims_unapproved_count",
    "claims_unknown_count",
    "cliche_question_count",
    "homework_question_count",
)

ANSWERS: dict[str, Rows] = {
    "Flagged calls of a team last week": [
        (
            *("Robin Reed", TUESDAYS[12], "Account of Robin Reed", "r-1-2026-09-15.wav", "00:29"),
            *("medium", "cliche_question", "cliche_question in turn 8", "say what you see", 1, 0),
        )
    ],
    "Cliche rate by rep by week": CLICHE_RATES,
    "Adoption of the insight chain over time": ADOPTION,
    "Hypotheses that land by industry": [
        ("Food", 8, 4, 0.5, 0, 4, 4, 1),
        ("Energy", 12, 0, 0.0, 12, 0, 0, 1),
    ],
    "Drifted claims by rep": [
        # Ten weeks with a messaging, two claims each; drifted in every second week.
        ("Dev Roy", 10, 20, 5, 0.25, 5, 0.5),
        ("Ada Voss", 12, 0, 0, None, 0, 0.0),
        ("Cleo Dunn", 24, 0, 0, None, 0, 0.0),
        ("Eve Lund", 9, 0, 0, None, 0, 0.0),
        ("Robin Reed", 12, 0, 0, None, 0, 0.0),
    ],
    "What was said instead of the agreed wording": [
        (
            *("faster-close", "closes the month 12 % faster", "Dev Roy", "drifted in turn 12"),
            *("20 %, agreed is 12 %", TUESDAYS[week], f"r-5-{TUESDAYS[week]}.wav", "00:44"),
        )
        for week in (2, 4, 6, 8, 10)
    ],
    "Coaching before and after": [
        ("Ben Hale", COACHED, "cliche_question", "less", 0, None, 0, None),
        ("Cleo Dunn", COACHED, "hypothesis", "more", 12, 0.0, 12, 0.0),
        # Two on each of six calls; then one on the last of six.
        ("Robin Reed", COACHED, "cliche_question", "less", 6, 2.0, 6, 0.17),
    ],
    "Coaching before and after, of a measure": [
        ("Robin Reed", COACHED, "talk_ratio", "less", 6, 0.7, 6, 0.5)
    ],
    "What a cliche costs": [
        # Nobody answers Cleo, who goes on talking.
        ("Cleo Dunn", 12, 0, None, None, None, None, 12, 0, 0, None, None),
        # 6 × 2 + 1 cliches; 5 × 2 + 1 other questions.
        ("Robin Reed", 13, 11, 4.0, 9.0, 2.0, 0.5, 0, 0, 13, 13, 1.0),
    ],
    "Calls that count towards no rate": [
        ("coachable", 69, 84, 0.821),
        ("language de not covered", 12, 84, 0.143),
        ("turns: 8, at least 10 needed", 3, 84, 0.036),
    ],
    "Measures that could not be taken": [
        row
        for name in COUNTED
        for row in (
            (name, "not_measurable", UNMEASURED, 12, 84, 0.143),
            # Dev's calls of weeks 11 and 12.
            (name, "not_measurable", "no messaging given", 2, 84, 0.024),
        )
        if row[3] == 12 or name.startswith("claims_")
    ],
}

each_question = pytest.mark.parametrize("title", QUESTIONS)


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = Warehouse.create(tmp_path_factory.mktemp("quarter") / "warehouse")
    land_quarter(store)
    return store.path


def parameters(title: str, today: date = TODAY) -> dict[str, str]:
    team = {"team": "North"} if "$team" in QUESTIONS[title] else {}
    return {"today": today.isoformat(), **team}


def asked(path: Path, title: str, today: date = TODAY) -> Rows:
    answer = run_query(path, QUESTIONS[title], parameters(title, today))
    return [tuple(row.values()) for row in answer.to_pylist()]


def with_a_cliche(day: date, *, rep_name: str = ROBIN.name) -> CallRows:
    """A coachable call of Robin's, whatever the name is written like."""
    talk = talk_of(ROBIN)
    talk.rep = replace(talk.rep, name=rep_name)
    talk.small_talk(12)
    talk.asks_cliche()
    return made_call(ROBIN, talk, day=day, deal=None)


def test_every_question_of_the_document_has_its_answer_here() -> None:
    assert set(QUESTIONS) == set(ANSWERS)
    for title in QUESTIONS:
        assert SECTIONS[title].count("```sql") == 1, f"{title}: one question, one block"


@each_question
def test_the_answer_is_the_known_one(quarter: Path, title: str) -> None:
    assert asked(quarter, title) == ANSWERS[title]


@each_question
def test_an_empty_warehouse_gives_no_answer_and_no_error(tmp_path: Path, title: str) -> None:
    store = Warehouse.create(tmp_path / "warehouse")
    assert asked(store.path, title) == []


@each_question
def test_every_column_of_the_answer_is_explained(quarter: Path, title: str) -> None:
    columns = run_query(quarter, QUESTIONS[title], parameters(title)).column_names
    *_, explained = SECTIONS[title].split("```")
    named = set(re.findall(r"`([^`]+)`", explained))
    endings = tuple(name.removeprefix("…") for name in named if name.startswith("…"))
    for column in columns:
        assert column in named | PLAIN or column.endswith(endings), column


def test_last_week_moves_with_today(quarter: Path) -> None:
    title = "Flagged calls of a team last week"
    assert [row[:2] for row in asked(quarter, title, monday(7))] == [("Robin Reed", TUESDAYS[6])]
    sunday = monday(7) + timedelta(days=6)
    assert asked(quarter, title, sunday) == asked(quarter, title, monday(7))
    assert asked(quarter, title, monday(9)) == []


def test_the_gravest_moment_stands_for_a_flagged_call(quarter: Path) -> None:
    (row,) = asked(quarter, "Flagged calls of a team last week", monday(7))
    assert row[5:8] == ("high", "cliche_question", "cliche_question in turn 10")
    assert row[-2:] == (2, 1)


@pytest.mark.parametrize(
    ("title", "behaviour"),
    [
        ("Coaching before and after", "cliche_question"),
        ("Coaching before and after, of a measure", "talk_ratio"),
    ],
)
def test_an_entry_without_an_id_is_about_the_rep_of_that_name(
    store: Warehouse, title: str, behaviour: str
) -> None:
    land(store, *(with_a_cliche(monday(week)) for week in (6, 8)))
    agreed = coaching_row(
        coached_on=COACHED, rep=ROBIN.name, rep_id=None, behaviour=behaviour, call_id=None
    )
    store.entries("coaching").add([agreed])
    store.publish_entries()
    ((*_, before, _, after, _),) = asked(store.path, title)
    assert (before, after) == (1, 1)


def test_calls_in_which_nobody_looked_are_neither_before_nor_after(store: Warehouse) -> None:
    call = with_a_cliche(monday(6))
    (card,) = call["scorecards"]
    assert isinstance(card, ScorecardRow)
    unmeasured = replace(card, already_known_question_count=None)
    land(store, replace(call, tables={**call.tables, "scorecards": (unmeasured,)}))
    for name, behaviour in (("c1", "cliche_question"), ("c2", "already_known")):
        agreed = coaching_row(
            name, coached_on=COACHED, rep=ROBIN.name, rep_id=ROBIN.id, behaviour=behaviour
        )
        store.entries("coaching").add([agreed])
    store.publish_entries()
    found = {row[2]: row[4:6] for row in asked(store.path, "Coaching before and after")}
    assert found == {"cliche_question": (1, 1.0), "already_known": (0, None)}


@pytest.mark.parametrize("title", ["Drifted claims by rep", "What a cliche costs"])
def test_a_rep_whose_name_is_written_otherwise_now_is_one_rep(store: Warehouse, title: str) -> None:
    land(store, with_a_cliche(monday(11)), with_a_cliche(monday(12), rep_name="R. Reed"))
    assert [row[:2] for row in asked(store.path, title)] == [("R. Reed", 2)]


def test_the_document_lists_the_views() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (.+) \|$", SECTIONS["Views"], re.M)
    assert listed == [(view.name, view.one_row_per) for view in VIEWS.values()]
