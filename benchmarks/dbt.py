"""How long the dbt part of a run takes: every model, seed and data test on the embedded snapshot.

    .venv/bin/python -m benchmarks.dbt --runs 3

Each build is a process of its own on a copy of the same draft, with dbt already imported, as a run
finds it. Processor seconds are comparable between machines that do other work as well, and figures
of two machines by the yardstick: the imports that every run has cost 4.8 s on two usual cores.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RESULTS = Path(__file__).parent / "dbt.md"
YARDSTICK, USUAL_SECONDS = "import dagster, dagster_dbt, great_expectations", 4.8


def prepared(home: Path) -> Path:
    """A draft of the snapshot that dbt has not touched yet."""
    from orchestration.run import opened
    from orchestration.settings import load_settings

    with opened(load_settings({"KLIMAMONITOR_HOME": str(home)}), force=True) as run:
        run.take_in_submissions()
        for source in run.sources:
            run.take_in(source)
        return run.draft.folder


def build(folder: str) -> None:
    """Print wall seconds, processor seconds and nodes of one build in this process."""
    import dbt.cli.main
    import dbt.parser.manifest  # noqa: F401

    from orchestration.transform import GOOD, build, ensure_parsed
    from warehouse.draft import Draft

    ensure_parsed()
    wall, processor = time.perf_counter(), time.process_time()
    results = build(Draft("benchmark", Path(folder)), lambda _name: None)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    assert all(result.status in GOOD for result in results)
    print(f"{wall} {processor} {len(results)}")


def timed(template: Path, number: int) -> tuple[float, float, int]:
    """One build of a copy, in a process of its own."""
    copy = shutil.copytree(template, template.with_name(f"copy{number}"))
    command = [sys.executable, "-m", "benchmarks.dbt", "--build", str(copy)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wall, processor, nodes = answer.splitlines()[-1].split()
    return float(wall), float(processor), int(nodes)


def yardstick() -> float:
    """How many times as long as on two usual cores the yardstick takes on this machine."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", YARDSTICK], check=True)
    return (time.perf_counter() - begun) / USUAL_SECONDS


def measure(runs: int) -> None:
    """Measure, print and write the table."""
    with tempfile.TemporaryDirectory() as home:
        template = prepared(Path(home))
        slowness = [yardstick()]
        times = []
        for number in range(runs):
            times.append(timed(template, number))
            slowness.append(yardstick())
    slow = statistics.median(slowness)
    walls, processors, nodes = zip(*times, strict=True)
    wall, processor = statistics.median(walls), statistics.median(processors)
    span = f"{min(slowness):.1f} to {max(slowness):.1f}"
    text = f"""\
# dbt

`python -m benchmarks.dbt --runs {runs}`, {os.cpu_count()} cores, {nodes[0]} nodes, median seconds;
{os.getloadavg()[0]:.1f} processes wanted a core meanwhile. The yardstick, `{YARDSTICK}`,
took {slow:.1f} times ({span}) its {USUAL_SECONDS} s on two usual cores.

| | wall | processor |
|---|---|---|
| measured | {wall:.1f} | {processor:.1f} |
| by the yardstick, on two usual cores | {wall / slow:.1f} | {processor / slow:.1f} |
"""
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def main() -> None:
    """Measure, or build one copy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--build", help="a draft's folder; used by the benchmark itself")
    asked = parser.parse_args()
    if asked.build:
        build(asked.build)
    else:
        measure(asked.runs)


if __name__ == "__main__":
    main()
