"""Which seeded faults of data gate 1 catches, and whether it stops what is no fault.

    .venv/bin/python -m benchmarks.faults --cases 25

Each case puts one fault into the embedded rows of a real source and judges the release against the
sound one before it. The seed of a case is its kind and number.
"""

import argparse
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import pandas as pd

from benchmarks.data_faults import HARD, SUBTLE, Fault, revised
from expectations.release_gate import judge_release
from ingestion.declaration import Source
from tests.ingestion.reading import EMBEDDED, snapshot_frame

SOURCES = EMBEDDED
RESULTS = Path(__file__).parent / "faults.md"
VINTAGES = 30
SHOWN = 3
TARGETS = {"hard": 0.99, "subtle": 0.9}


@dataclass(frozen=True)
class Case:
    """One release that was judged: of which source, and the rules that stopped it."""

    source_id: str
    stopped_by: tuple[str, ...]


@cache
def sound(source_id: str) -> pd.DataFrame:
    """The accepted rows of a source."""
    return snapshot_frame(source_id)


def judged(fault: Fault, source: Source, chance: Random) -> Case | None:
    """One case; None where the source cannot have the fault, or the fault changed nothing."""
    before = sound(source.id)
    spoilt = fault(before, source, chance)
    if spoilt is None or _same(spoilt, before, source):
        return None
    found = judge_release(spoilt, source, before)
    failed = [j.rule.id for j in found if not j.passed and j.rule.severity == "fail"]
    return Case(source.id, tuple(failed))


def _same(frame: pd.DataFrame, before: pd.DataFrame, source: Source) -> bool:
    """Whether a fault changed nothing but the order of rows."""
    one, other = (
        each.drop(columns="row_key").sort_values(source.key).reset_index(drop=True)
        for each in (frame, before)
    )
    return one.equals(other)


def cases(kind: str, fault: Fault, number: int) -> list[Case]:
    """So many cases of a kind, over all sources that can have it."""
    found: list[Case] = []
    for seed in range(number):
        chance = Random(zlib.crc32(f"{kind} {seed}".encode()))
        sources = chance.sample(SOURCES, len(SOURCES))
        tried = (judged(fault, source, chance) for source in sources)
        found.append(next(case for case in tried if case))
    return found


def false_stops(number: int) -> dict[str, list[Case]]:
    """Sound vintages that were stopped: unchanged ones, and revised ones."""
    stopped: dict[str, list[Case]] = {"unchanged": [], "revised by up to 5 %": []}
    for seed in range(number):
        source, chance = SOURCES[seed % len(SOURCES)], Random(seed)
        before = sound(source.id)
        frames = {"unchanged": before, "revised by up to 5 %": revised(before, source, chance)}
        for kind, frame in frames.items():
            failed = [j.rule.id for j in judge_release(frame, source, before) if not j.passed]
            stopped[kind] += [Case(source.id, tuple(failed))] if failed else []
    return stopped


def _row(kind: str, class_name: str, found: list[Case]) -> str:
    caught = [case for case in found if case.stopped_by]
    first = Counter(case.stopped_by[0] for case in caught).most_common(SHOWN)
    missed = Counter(case.source_id for case in found if not case.stopped_by)
    rules = ", ".join(f"`{rule}`" for rule, _ in first)
    told = ", ".join(f"{name} {count}" for name, count in missed.items()) or "none"
    share = len(caught) / len(found)
    counted = f"{len(caught)} of {len(found)} | {share:.0%}"
    return f"| {kind} | {class_name} | {counted} | {rules} | {told} |"


def _table(number: int) -> list[str]:
    lines = [
        "| fault | class | caught | share | first stopped by | missed |",
        "|---|---|---|---|---|---|",
    ]
    classes: Mapping[str, Mapping[str, Fault]] = {"hard": HARD, "subtle": SUBTLE}
    totals = []
    for name, kinds in classes.items():
        everything: list[Case] = []
        for kind, fault in kinds.items():
            found = cases(kind, fault, number)
            everything += found
            lines.append(_row(kind, name, found))
            print(lines[-1], flush=True)
        caught = sum(bool(case.stopped_by) for case in everything)
        share = caught / len(everything)
        totals.append(
            f"All {name} kinds: {caught} of {len(everything)} ({share:.1%}), "
            f"the target is {TARGETS[name]:.0%}."
        )
    return [*lines, "", *totals]


def main() -> None:
    """Judge, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=25)
    number = parser.parse_args().cases
    lines = [
        "# Seeded faults of data",
        "",
        f"`python -m benchmarks.faults --cases {number}`: each case is one fault in the embedded",
        "rows of a real source, judged by gate 1 against the sound release before it.",
        "",
        "The limits were set with these kinds of faults and these releases in sight: the shares",
        "say how well gate 1 knows them, not how well it meets others. An unchanged vintage is one",
        f"of the {len(SOURCES)} embedded releases again; a revised one is made at random, by no",
        "provider.",
        "",
        *_table(number),
        "",
    ]
    for kind, stopped in false_stops(VINTAGES).items():
        told = "; ".join(f"{c.source_id}: {', '.join(c.stopped_by)}" for c in stopped) or "none"
        lines.append(f"Stopped of {VINTAGES} vintages {kind}: {len(stopped)} ({told}).")
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines[-4:]))


if __name__ == "__main__":
    main()
