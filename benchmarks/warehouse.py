"""How fast the warehouse lands, forgets and answers, and whether it outlives being killed.

Run it with `.venv/bin/python -m benchmarks.warehouse`; `--only landing` and so on runs one part,
and `--kill 200` kills so many writers instead. The calls are made (`benchmarks.made_calls`) and lie
in a temporary folder. Beside Nightcall runs delta-rs, if it is installed (`pip install deltalake`),
and one file per call. Every way runs in a process of its own, round after round, so that the
machine's moods hit all alike; given is the median of the rounds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.made_calls import Site
from benchmarks.warehouse_asking import ask
from benchmarks.warehouse_erasing import ERASING, stand
from benchmarks.warehouse_landing import FROM_ARTIFACTS, IN_MEMORY, Landed, read_calls

PARTS = ("landing", "erasing", "asking")


def fresh(way: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What it gave in a process of its own, and the peak memory of that process in MB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (way, *arguments))


def _measured(way: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    return way(*arguments), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def landing(site: Site, rounds: int, folder: Path) -> None:
    """Prints what landing a night costs, from memory and from artifacts."""
    _table(
        f"Landing {site.calls:,} calls of {site.turns} turns, rows in memory",
        _rounds(IN_MEMORY, site, rounds, folder),
    )
    artifacts = folder / "artifacts"
    seconds, _ = fresh(read_calls, artifacts, site)
    print(f"\nThe artifacts of these calls were written in {seconds:.0f} s, one by one.")
    _table(
        "Landing them from artifacts",
        _rounds(FROM_ARTIFACTS, artifacts, rounds, folder),
    )


def _rounds(
    ways: Mapping[str, Callable[[Path, Any], Landed]], source: Any, rounds: int, folder: Path
) -> dict[str, list[tuple[Landed, float]]]:
    """What each way gave in each round, with its peak memory."""
    done: dict[str, list[tuple[Landed, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for title, way in ways.items():
            with tempfile.TemporaryDirectory(dir=folder) as name:
                done[title].append(fresh(way, Path(name), source))
    return done


def _table(title: str, ways: dict[str, list[tuple[Landed, float]]]) -> None:
    print(f"\n{title}\n")
    print("| | s | processor s | files | MB | rows a plain reader sees | peak memory, MB |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, rounds in ways.items():
        one = rounds[0][0]
        seconds = median(landed.seconds for landed, _ in rounds)
        cpu = median(landed.cpu_s for landed, _ in rounds)
        print(
            f"| {name} | {seconds:.1f} | {cpu:.1f} | {one.files:,} | {one.megabytes:.0f} | "
            f"{one.rows:,} | {median(peak for _, peak in rounds):,.0f} |"
        )


def erasing(site: Site, days: int, rounds: int, folder: Path) -> None:
    """Prints what erasing one call costs, and which files it touches."""
    print(
        f"\nErasing one call of {days * site.calls:,}: {days} dates, {site.calls:,} calls on each. "
        f"On the date of the erased call they have {site.turns} turns, on the others 2.\n"
    )
    fresh(stand, folder / "standing", site, days)
    print("| | s | files written | on other dates | peak memory, MB |\n|---|--:|--:|--:|--:|")
    for name, way in ERASING.items():
        done = [fresh(way, folder / "standing", number) for number in range(rounds)]
        seconds = median(one.seconds for one, _ in done)
        one, peak = done[0]
        print(f"| {name} | {seconds:.2f} | {one.written} | {one.elsewhere} | {peak:,.0f} |")


def kill(count: int) -> None:
    """Prints what came of killing so many writers."""
    from tests.warehouse.changing_calls import TABLES
    from tests.warehouse.kills import kill_writers, prepared

    with tempfile.TemporaryDirectory() as name:
        came = kill_writers(prepared(Path(name) / "warehouse"), count, seed=1, quick_disk=False)
    print(
        f"{came.count} writers killed, after {came.publications} whole publications. "
        f"{came.unfinished} left an unfinished artifact, {came.half_written} table files that were "
        f"not swapped in, {came.half_swapped} a publication under way.\n"
        f"Lost, doubled or torn: {len(came.wrong)} {came.wrong[:3]}"
    )
    for kind, saw in came.readers.items():
        silent = [one for one in saw["odd"] if one.partition(":")[0] in TABLES]
        print(
            f"{kind}: {saw['reads']} reads, {len(saw['wrong'])} wrong {saw['wrong'][:3]}; "
            f"{saw['straddled']} straddled a swap: {len(saw['odd']) - len(silent)} errors, "
            f"{len(silent)} odd without an error {silent[:3]}"
        )


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=10_000, help="calls a night")
    parser.add_argument("--turns", type=int, default=200, help="turns a call")
    parser.add_argument("--nights", type=int, default=300, help="nights that are asked about")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--kill", type=int, default=0, metavar="N", help="kill N writers instead")
    given = parser.parse_args()
    if given.kill:
        return kill(given.kill)
    site = Site(given.calls, given.turns)
    for part in given.only or PARTS:
        with tempfile.TemporaryDirectory() as name:
            if part == "landing":
                landing(site, given.rounds, Path(name))
            elif part == "erasing":
                erasing(site, max(1, 1_000_000 // given.calls), given.rounds, Path(name))
            else:
                ask(site, given.nights, Path(name), fresh)
    return None


if __name__ == "__main__":
    main()
