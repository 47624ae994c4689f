"""The places of a pattern, and how far a run of them reaches from somewhere in a text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

WILDCARD_WORDS = 4


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a pattern: any of `words`, or up to four words of any kind if None."""

    words: frozenset[str] | None
    optional: bool = False


Step = Callable[[Element, Sequence[str], set[int]], set[int]]
"""From where one may be before an element to where one may be after it."""


def ends(elements: Sequence[Element], words: Sequence[str], place: int) -> Collection[int]:
    """Where elements may end that begin at a place; none if they don't stand there."""
    for number, element in enumerate(elements):
        if element.words is None or element.optional:
            return _walk(_after, elements[number:], words, place)
        if place == len(words) or words[place] not in element.words:
            return ()
        place += 1
    return (place,)


def starts(elements: Sequence[Element], words: Sequence[str], place: int) -> Collection[int]:
    """Where elements may begin that end at a place. They are in order of distance from it."""
    for number, element in enumerate(elements):
        if element.words is None or element.optional:
            return _walk(_before, elements[number:], words, place)
        if place == 0 or words[place - 1] not in element.words:
            return ()
        place -= 1
    return (place,)


def _walk(
    step: Step, elements: Sequence[Element], words: Sequence[str], place: int
) -> Collection[int]:
    """Where one gets from a place if not every element takes exactly one word."""
    places = {place}
    for element in elements:
        places = step(element, words, places)
        if not places:
            break
    return places


def _after(element: Element, words: Sequence[str], places: set[int]) -> set[int]:
    """Where an element may end that begins at one of the places."""
    if element.words is None:
        most = len(words)
        return {
            end for place in places for end in range(place, min(most, place + WILDCARD_WORDS) + 1)
        }
    taken = {place + 1 for place in places if place < len(words) and words[place] in element.words}
    return taken | places if element.optional else taken


def _before(element: Element, words: Sequence[str], places: set[int]) -> set[int]:
    """Where an element may begin that ends at one of the places."""
    if element.words is None:
        return {
            begin for place in places for begin in range(max(0, place - WILDCARD_WORDS), place + 1)
        }
    taken = {place - 1 for place in places if place > 0 and words[place - 1] in element.words}
    return taken | places if element.optional else taken
