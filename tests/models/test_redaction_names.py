"""What a redaction is called, and which one makes another needless."""

from __future__ import annotations

import pytest

from calls.settings import RedactionSettings
from models.redaction import REDACTION_VERSION, covers, keeping, masks_more, redaction_name

EVERYTHING = RedactionSettings(emails=True, phones=True, dates_of_birth=True, region="GB")


def test_the_name_tells_version_switches_and_region() -> None:
    assert redaction_name(RedactionSettings()) == f"{REDACTION_VERSION}:numbers:US"
    assert (
        redaction_name(EVERYTHING) == f"{REDACTION_VERSION}:numbers,emails,phones,dates_of_birth:GB"
    )


def test_nothing_masked_has_no_name() -> None:
    assert redaction_name(RedactionSettings(numbers=False)) == ""


@pytest.mark.parametrize(
    ("done", "wanted", "enough"),
    [
        ("", "", True),
        ("1:numbers:US", "", True),
        ("", "1:numbers:US", False),
        ("1:numbers:US", "1:numbers:US", True),
        ("1:numbers,emails:US", "1:numbers:US", True),
        ("1:numbers:US", "1:numbers,emails:US", False),
        ("2:numbers:US", "1:numbers:US", True),
        ("1:numbers:US", "2:numbers:US", False),
        ("1:numbers:US", "1:numbers:GB", False),
        ("1:emails:US", "1:emails:GB", True),
        ("1:numbers,emails:US", "1:emails:GB", True),
        ("10:numbers:US", "9:numbers:US", True),
    ],
)
def test_a_redaction_covers_what_needs_no_more_masking(
    done: str, wanted: str, enough: bool
) -> None:
    assert covers(done, wanted) is enough


@pytest.mark.parametrize("damaged", ["x", "1", "1:", "1:voices:US", ":numbers:US", "1:numbers,:US"])
def test_a_name_that_cannot_be_read_covers_nothing(damaged: str) -> None:
    assert not covers(damaged, "1:numbers:US")
    assert masks_more(damaged, "1:numbers:US") == frozenset()


def test_what_was_switched_off_since_is_named() -> None:
    done = redaction_name(EVERYTHING)

    assert masks_more(done, "1:numbers:GB") == {"emails", "phones", "dates_of_birth"}
    assert masks_more(done, "") == {"numbers", "emails", "phones", "dates_of_birth"}
    assert masks_more("1:numbers:GB", done) == frozenset()


def test_masking_again_keeps_telling_of_what_was_masked_before() -> None:
    numbers = RedactionSettings()

    kept = keeping(numbers, "1:emails:US")

    assert redaction_name(kept) == f"{REDACTION_VERSION}:numbers,emails:US"
    assert keeping(numbers, "") == keeping(numbers, "damaged") == numbers
