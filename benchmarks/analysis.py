"""How fast calls are read: rules against a bare pass of spaCy, and the whole reading.

Run it with `.venv/bin/python -m benchmarks.analysis`. The calls have 200 turns each, made of two
kinds of data that the learned layer was trained on: written sales calls, dense with labels and near
misses, and ordinary talk. It tells both a little faster than what it has never met. Everything is
measured in one process on one core; what two cores do is an extrapolation, marked as one.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from spacy.matcher import PhraseMatcher

from analyzers.playbook_files import load_playbook
from analyzers.reading import Reader
from calls.call import AttributedCall, AudioFacts, ChannelLayout, RoleSource, Speaker
from calls.labelling import Said
from calls.labels import Role
from calls.settings import Settings
from calls.transcript import Engine, TranscriptOrigin, Turn, Word
from flows.reader import build_reader
from models.language import blank_pipeline
from models.turn_labels.training.examples import TALK, all_examples
from tests.warehouse.builders import recording

TURNS = 200
# One turn of ten carries a label on an ordinary call: so many of its turns are from written calls.
ORDINARY = 0.4
WORDS_PER_S = 2.5
RULES = ("labels", "talk")
START = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)


def make_calls(count: int, *, of_calls: float = 1.0) -> Iterator[AttributedCall]:
    """So many calls of 200 turns, one at a time, as a night has them.

    Args:
        count: how many.
        of_calls: the share of turns from written sales calls, a quarter of which carry a label; the
            rest is ordinary talk without any.
    """
    examples = all_examples()
    sold = [one.turn.said for one in examples if one.file.endswith(".json")]
    sales = [one for one in sold if one.role is not Role.MANAGER]
    talk = [one.turn.said for one in examples if one.file.startswith(TALK)]
    from_sales = round(TURNS * of_calls)
    for number in range(count):
        said = [
            *_stretch(sales, number, from_sales),
            *_stretch(talk, number, TURNS - from_sales),
        ]
        yield _call(number, [(one.role, one.text) for one in said])


def _stretch(said: Sequence[Said], number: int, length: int) -> list[Said]:
    """Turns in a row, from another place for each call."""
    first = number * 131
    return [said[(first + place) % len(said)] for place in range(length)]


def _call(number: int, said: Sequence[tuple[Role, str]]) -> AttributedCall:
    turns = []
    clock_s = 0.0
    for place, (role, text) in enumerate(said):
        words = []
        for word in text.split():
            words.append(Word(word, clock_s, clock_s + 1 / WORDS_PER_S, 0.9))
            clock_s += 1 / WORDS_PER_S
        speaker = "ch0" if role is Role.REP else "ch1"
        begin_s = words[0].start_s if words else clock_s
        turns.append(Turn(place, speaker, role, begin_s, clock_s, text, tuple(words)))
        clock_s += 0.4
    speakers = (Speaker("ch0", Role.REP, 0), Speaker("ch1", Role.CUSTOMER, 1))
    return AttributedCall(
        recording=recording(f"call-{number}", started_at=START + timedelta(minutes=number)),
        audio=AudioFacts(clock_s, 2, ChannelLayout.SEPARATE),
        origin=TranscriptOrigin(Engine.WHISPER, "small"),
        language="en",
        language_source="given",
        speakers=speakers,
        role_source=RoleSource.CHANNEL,
        turns=tuple(turns),
    )


def bare_pass() -> Callable[[AttributedCall], None]:
    """spaCy's tokenizer and one PhraseMatcher with every phrase of the playbook, no more."""
    nlp = blank_pipeline("en")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    phrases = [
        phrase
        for family in load_playbook().families
        for rule in family.rules
        for phrase in (*rule.phrases, *rule.hits)
    ]
    matcher.add("phrases", [nlp.make_doc(phrase.strip("[]")) for phrase in phrases])

    def run(call: AttributedCall) -> None:
        for doc in nlp.pipe(turn.text for turn in call.turns):
            matcher(doc)

    return run


def measure(calls: int) -> None:
    """Prints a Markdown table, then how long the whole reading of so many calls takes."""
    settings = Settings()
    rules_only = settings.labels.model_copy(update={"use_model": False})
    ways: dict[str, Callable[[AttributedCall], object]] = {
        "tokenizer and PhraseMatcher": bare_pass(),
        "rules and talk measures": build_reader(
            settings.model_copy(update={"labels": rules_only, "analyzers": RULES})
        ).read,
        "all analyzers, rules alone": build_reader(
            settings.model_copy(update={"labels": rules_only})
        ).read,
        "all analyzers with the learned layer": build_reader(settings).read,
    }
    for name, of_calls in (("Ordinary calls", ORDINARY), ("Written calls alone", 1.0)):
        few = list(make_calls(20, of_calls=of_calls))
        print(f"{name}: {len(few) * TURNS} turns.\n")
        _side_by_side(ways, few)
    _whole(calls, build_reader(settings))


def _side_by_side(
    ways: Mapping[str, Callable[[AttributedCall], object]], few: Sequence[AttributedCall]
) -> None:
    for run in ways.values():
        run(few[0])  # nothing is cold afterwards
    spent = dict.fromkeys(ways, 0.0)
    for call in few:  # side by side, call by call, so that the machine's moods hit all alike
        for name, run in ways.items():
            began = time.process_time()
            run(call)
            spent[name] += time.process_time() - began
    bare, turns = next(iter(spent.values())), len(few) * TURNS
    print("| | turns per second | time against the bare pass |\n|---|---|---|")
    for name, seconds in spent.items():
        print(f"| {name} | {turns / seconds:,.0f} | {seconds / bare:.1f} |")
    print()


def _whole(calls: int, reader: Reader) -> None:
    before = _memory_mb()
    seconds, half = 0.0, before
    for number, call in enumerate(make_calls(calls, of_calls=ORDINARY)):
        began = time.perf_counter()
        reader.read(call)
        seconds += time.perf_counter() - began
        if number == calls // 2:
            half = _memory_mb()
    per_s = calls * TURNS / seconds
    print(
        f"Whole reading of {calls} ordinary calls of {TURNS} turns: {per_s:,.0f} turns/s on one of "
        f"{os.cpu_count()} cores. By extrapolation 10,000 such calls take "
        f"{10_000 * TURNS / per_s / 2 / 60:.0f} min on two cores. Peak memory {before:.0f} MB at "
        f"the start, {half:.0f} MB half way, {_memory_mb():.0f} MB at the end."
    )


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=500)
    measure(parser.parse_args().calls)


if __name__ == "__main__":
    main()
