"""Speech as engines write it: long turns without marks, and listening sounds before a question."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analyzers.rule_finder import Finding
from calls.labels import Label

Find = Callable[[str], list[Finding]]
QUESTIONS = {Label.CLICHE_QUESTION, Label.HOMEWORK_QUESTION}

ACKNOWLEDGED = [
    "i see",
    "I see,",
    "yeah i see",
    "i hear you",
    "I hear you,",
    "okay understood",
    "okay got it",
    "I understand,",
    "I hear what you're saying",
    "i see what you mean",
    "makes sense",
]
ASKED = [
    "what keeps you up at night",
    "what are your biggest challenges",
    "and what are your goals for the year",
    "where does it hurt most",
    "how many employees do you have",
    "on a scale of one to ten how happy are you with your current provider",
]
STATED = [
    "I know what keeps you up at night.",
    "i understand what keeps you up at night its the audit",
    "I can see what your pain points are.",
    "i see your biggest challenge is turnover",
    "i see what your biggest challenges are",
    "I hear that your biggest challenge is hiring.",
    "I hear you are struggling with your biggest challenges.",
    "i suspect what keeps you up at night is the rota",
    "i'm not going to do the usual what keeps you up at night",
    "our old vendors used to ask what keeps you up at night",
]
LONG_TURNS = [
    (
        "yeah no problem at all thanks for making the time i know mondays are busy so we "
        "work with a lot of logistics firms around the midlands and before i go into any of "
        "that i'd just like to understand what keeps you up at night at the moment and then "
        "we can see whether there's a fit"
    ),
    (
        "okay great so i've got about twenty minutes blocked out and i thought we'd spend "
        "the first half on you so maybe you could start by telling me what your biggest "
        "challenges are with onboarding and we'll take it from there if that's all right"
    ),
    (
        "right so we spoke to darren in procurement last week and he was very helpful he "
        "said you'd be the person to talk to so i guess my first question is what are your "
        "main pain points around fleet maintenance because that's usually where people start"
    ),
    (
        "that makes sense and i appreciate you sharing that um i'm just going to throw this "
        "one out there if you had a magic wand and could fix one thing in the warehouse what "
        "would it be and don't hold back"
    ),
    (
        "so the agenda for today is pretty light i'll tell you a bit about who we are and "
        "what we do but before that on a scale of one to ten how happy would you say you are "
        "with your current supplier and then we can go through the slides"
    ),
    (
        "we've been going since nineteen ninety eight we've got offices in leeds and bristol "
        "and about four hundred customers so tell me a little bit about your business what "
        "do you guys do and who do you do it for and then i'll show you the platform"
    ),
    (
        "i see okay yeah i hear you and that's exactly the sort of thing we hear a lot so "
        "what would you say is the number one thing that's frustrating you about the process "
        "right now because if we can fix that then everything else follows"
    ),
    (
        "no that's brilliant thank you and er just so i've got the full picture where do you "
        "see the company in five years time and what does success look like for you "
        "personally because i always like to ask that"
    ),
    (
        "perfect i'll send that over after the call and um one thing i always ask everybody "
        "is if money was no object what would you do differently in the contact centre and "
        "it's fine to dream a bit"
    ),
    (
        "mhm mhm yeah okay understood and what's stopping you from hitting those targets "
        "today would you say it's people or process or the tooling or all of the above"
    ),
    (
        "well thanks for the intro sarah so i'm based in manchester i look after the public "
        "sector accounts and really today is just a chance for me to listen so what "
        "challenges are you facing at the minute in terms of compliance and reporting"
    ),
    (
        "cool cool so i know you've only got fifteen minutes so let me get straight to it "
        "what are your top three priorities for this year and how does your boss measure you "
        "on those if you don't mind me asking"
    ),
    (
        "yeah absolutely and look i don't want to do a hard sell today i just want to find "
        "out where it hurts the most for you guys and then go away and think about it and "
        "come back with something sensible"
    ),
    (
        "and the demo takes about ten minutes it runs in the browser so nothing to install i "
        "was just wondering what do you like and dislike about your current provider because "
        "i don't want to bore you with stuff you've already got"
    ),
    (
        "so um yeah we talked about the contract end date that's in march i've made a note "
        "of that and uh what would need to happen for you to consider switching and how many "
        "people work in the depot if you don't mind me asking and who else is involved"
    ),
    (
        "okay so i had a quick look at the weather on my way in terrible isn't it anyway um "
        "what sort of problems are you running into with the payroll at the minute and how "
        "long has that been going on for"
    ),
]


def asked(find: Find, text: str) -> bool:
    return not QUESTIONS.isdisjoint(one.label for one in find(text))


@pytest.mark.parametrize("end", ["", "?"])
@pytest.mark.parametrize("question", ASKED)
@pytest.mark.parametrize("acknowledged", ACKNOWLEDGED)
def test_listening_first_does_not_cancel_a_question(
    find: Find, acknowledged: str, question: str, end: str
) -> None:
    assert asked(find, f"{acknowledged} {question}{end}")


@pytest.mark.parametrize("question", ASKED)
def test_understanding_first_does_not_cancel_a_question_in_its_word_order(
    find: Find, question: str
) -> None:
    # "i understand what keeps you up at night" may be meant either way; it is taken as said.
    expected = not question.startswith("what keeps")
    assert asked(find, f"okay i understand {question}") is expected


@pytest.mark.parametrize("text", STATED)
def test_what_is_stated_is_not_asked(find: Find, text: str) -> None:
    assert not asked(find, text)


@pytest.mark.parametrize("text", LONG_TURNS)
def test_a_question_in_the_middle_of_a_long_turn_without_marks_is_found(
    find: Find, text: str
) -> None:
    assert asked(find, text)
