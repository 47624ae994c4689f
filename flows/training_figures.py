"""What a training achieved, as a Markdown page beside the weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from calls.labelling import Fusion
from calls.labels import Label
from flows.evaluation.predicted import is_sequence_complete, steps_in_order, turns_with
from models.turn_labels.training.choose import Chosen, Flags, Ruled, Scores, scores, standing
from models.turn_labels.training.examples import Example, targets
from models.turn_labels.training.held_out import HeldOut

_CONFUSIONS = 10
_QUOTED = 110


def figures(
    gold: HeldOut, talk: HeldOut, ruled: Ruled, chosen: Chosen, examples: int, talk_name: str
) -> str:
    """The page: figures per label of rules, model and both, alarms on talk, worst confusions."""
    scored, spoken = _as_read(gold, chosen), _as_read(talk, chosen)
    truth = targets(gold.examples) > 0
    ways = {
        "rules": (ruled.gold, ruled.talk),
        "model": (
            _stands(scored, np.zeros_like(ruled.gold), chosen),
            _stands(spoken, np.zeros_like(ruled.talk), chosen),
        ),
        "both": (
            _stands(scored, ruled.gold, chosen),
            _stands(spoken, ruled.talk, chosen),
        ),
    }
    both = ways["both"][0]
    spoken_of = f"{len(talk.examples)} turns of {talk_name}" if talk_name else "nothing"
    return "\n".join(
        [
            "# Figures of the learned layer",
            "",
            f"Written by `make train`. Learned from {examples} labelled turns in `../data`. All "
            f"figures are of turns that the model in question had not seen: {len(gold.examples)} "
            "turns of the gold data, each file held out in turn with a third of the calls, and "
            f"false alarms in 1,000 turns of ordinary talk on {spoken_of}, every third held out "
            "in turn. Thresholds were chosen on the same held-out turns. The rules were written "
            "with the gold data at hand, so their figures and those of both flatter; the model's "
            "do not.",
            "",
            "P precision, R recall, F1 their harmonic mean, in percent; alarms in 1,000 turns.",
            "",
            *_table(truth, ways, chosen),
            "",
            f"The encoder counts {chosen.encoder_share:.0%}, the n-grams "
            f"{1 - chosen.encoder_share:.0%}. {_share_read(gold, chosen):.0%} of the gold turns "
            f"and {_share_read(talk, chosen):.0%} of the ordinary talk reach the encoder.",
            "",
            _whole_calls(gold.examples, truth, both),
            "",
            "## The ten most frequent confusions",
            "",
            *_confusions(gold.examples, truth, both),
            "",
        ]
    )


def _stands(scored: Scores, ruled: Flags, chosen: Chosen) -> Flags:
    return np.stack(
        [
            standing(scored[:, number], ruled[:, number], chosen.fusion[label])
            for number, label in enumerate(Label)
        ],
        axis=1,
    )


def _table(truth: Flags, ways: dict[str, tuple[Flags, Flags]], chosen: Chosen) -> Iterator[str]:
    names = " | ".join(f"{way} P | R | F1 | alarms" for way in ways)
    yield f"| label | turns | {names} | threshold | bonus |"
    yield "|---" * (4 + 4 * len(ways)) + "|"
    sums: dict[str, list[float]] = {way: [] for way in ways}
    for number, label in enumerate(Label):
        cells = []
        for way, (found, spoken) in ways.items():
            right = int((truth[:, number] & found[:, number]).sum())
            there, said = int(truth[:, number].sum()), int(found[:, number].sum())
            f1 = 200.0 * right / max(1, there + said)
            sums[way].append(f1)
            alarms = 1000.0 * spoken[:, number].mean() if len(spoken) else float("nan")
            precision = f"{100.0 * right / said:.0f}" if said else "–"
            cells.append(f"{precision} | {100.0 * right / there:.0f} | {f1:.0f} | {alarms:.2f}")
        one: Fusion = chosen.fusion[label]
        yield (
            f"| {label} | {int(truth[:, number].sum())} | {' | '.join(cells)} "
            f"| {one.threshold:.2f} | {one.bonus:.1f} |"
        )
    means = " | ".join(f" | | {np.mean(sums[way]):.1f} | " for way in ways)
    yield f"| mean F1 | | {means} | | |"


def _as_read(held_out: HeldOut, chosen: Chosen) -> Scores:
    """The scores as the product has them: none where the encoder does not look."""
    found = scores(held_out, chosen.encoder_share)
    return np.where(_passed(held_out, chosen)[:, None], found, np.float32(0.0))


def _share_read(held_out: HeldOut, chosen: Chosen) -> float:
    return float(_passed(held_out, chosen).mean()) if held_out.examples else float("nan")


def _passed(held_out: HeldOut, chosen: Chosen) -> Flags:
    """Which turns reach the encoder, of shape (turns,)."""
    return held_out.worth_reading() >= chosen.gate


def _whole_calls(examples: Sequence[Example], truth: Flags, found: Flags) -> str:
    """How the held-out gold calls came out, each read by a model that had not seen it."""
    rows: dict[str, list[int]] = {}
    for row, one in enumerate(examples):
        if "/calls/" in one.file:
            rows.setdefault(one.file, []).append(row)
    steps, complete, cliches = 0, 0, 0
    for own in rows.values():
        said, read = _by_turn(truth[own]), _by_turn(found[own])
        steps += steps_in_order(said) == steps_in_order(read)
        complete += is_sequence_complete(said) == is_sequence_complete(read)
        counts = [turns_with(Label.CLICHE_QUESTION, one) for one in (said, read)]
        cliches += abs(counts[0] - counts[1])
    return (
        f"Of {len(rows)} whole calls the steps of the chain are right in {steps}, its completeness "
        f"in {complete}; the number of cliches is off by {cliches / len(rows):.2f} a call."
    )


def _by_turn(flags: Flags) -> dict[int, frozenset[Label]]:
    return {
        turn: frozenset(label for number, label in enumerate(Label) if own[number])
        for turn, own in enumerate(flags)
    }


def _confusions(examples: Sequence[Example], truth: Flags, found: Flags) -> Iterator[str]:
    counts: Counter[tuple[str, str]] = Counter()
    quotes: dict[tuple[str, str], str] = {}
    for row in np.flatnonzero((truth != found).any(axis=1)).tolist():
        kind = _named(truth[row] & ~found[row]), _named(found[row] & ~truth[row])
        counts[kind] += 1
        quotes.setdefault(kind, examples[row].turn.said.text)
    yield "| missed | found instead | turns | for example |"
    yield "|---|---|---|---|"
    for kind, count in counts.most_common(_CONFUSIONS):
        quote = quotes[kind].replace("|", "/")
        short = quote if len(quote) <= _QUOTED else f"{quote[:_QUOTED]}…"
        yield f"| {kind[0]} | {kind[1]} | {count} | {short} |"


def _named(flags: Flags) -> str:
    return ", ".join(label for number, label in enumerate(Label) if flags[number]) or "nothing"
