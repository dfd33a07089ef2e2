"""How long a night takes: the first publication, a forced one, a night without news.

    .venv/bin/python -m benchmarks.nights --runs 5

Every run is a process of its own on a state root of its own, so imports are paid each time, as the
schedule pays them. Medians of one call are comparable; the machine is not dedicated.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RESULTS = Path(__file__).parent / "nights.md"
REFRESH = [sys.executable, "-m", "orchestration.cli", "refresh", "--json"]
DEFINITIONS = [sys.executable, "-c", "import orchestration.definitions"]


def timed(command: list[str], home: str) -> float:
    """Wall seconds of one process; it must succeed."""
    environment = {**os.environ, "KLIMAMONITOR_HOME": home}
    started = time.monotonic()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.monotonic() - started


def night() -> dict[str, float]:
    """One state root from nothing to a night without news."""
    with tempfile.TemporaryDirectory() as home:
        return {
            "first publication from the snapshot": timed(REFRESH, home),
            "night without news": timed(REFRESH, home),
            "forced: fetch, build, audit, publish again": timed([*REFRESH, "--force"], home),
            "Dagster definitions": timed(DEFINITIONS, home),
        }


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = [night() for _ in range(parser.parse_args().runs)]
    lines = [
        "# Nights",
        "",
        f"`python -m benchmarks.nights --runs {len(runs)}`, {os.cpu_count()} cores, wall seconds.",
        "",
        "| what | min | median | max |",
        "|---|---|---|---|",
    ]
    for what in runs[0]:
        seconds = sorted(run[what] for run in runs)
        middle = statistics.median(seconds)
        lines.append(f"| {what} | {seconds[0]:.2f} | {middle:.2f} | {seconds[-1]:.2f} |")
    text = "\n".join(lines) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
