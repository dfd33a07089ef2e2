"""How fast submissions pass the safe reader: workbooks per second through limited processes.

    .venv/bin/python -m benchmarks.intake --runs 5

98 workbooks are read at once, after one round to warm up. *Form* is the real template; *dense* has
10 sheets of 100 rows of 7 filled cells; *formulas* is dense with a formula in every sheet, so that
both readers read all of it. Processor seconds tell what it costs where the machine is shared.
"""

import argparse
import io
import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl

from ingestion.submissions.catalogue import read_catalogue
from ingestion.submissions.cells import FileCells
from ingestion.submissions.form import build_form
from ingestion.submissions.sandbox import Sandbox
from ingestion.submissions.template import Prefill, write_template

RESULTS = Path(__file__).parent / "intake.md"
SEEDS = Path(__file__).parents[1] / "dbt_project" / "seeds"
MUNICIPALITIES = 98
SHEETS, ROWS = 10, 100


def form() -> bytes:
    """The template as municipalities get it."""
    built = build_form("report", read_catalogue(SEEDS))
    return write_template(built, Prefill("0147", "Frederiksberg", 2025, {}, {}))


def dense(first: str = "kode") -> bytes:
    """A workbook filled to the last cell."""
    workbook = openpyxl.Workbook()
    for number in range(SHEETS):
        sheet = workbook.create_sheet(f"Ark {number}")
        sheet["A1"] = first
        for row in range(ROWS):
            words = (f"kode_{number}_{row}", "Emne", f"Et nøgletal, nr. {row % 7}", "t CO2e")
            sheet.append([*words, row * 1.5 + number, None, "Kommunens egen opgørelse", "Note"])
    packed = io.BytesIO()
    workbook.save(packed)
    return packed.getvalue()


def measured(content: bytes, workers: int, runs: int) -> tuple[float, float, int]:
    """Workbooks per second, processor seconds per workbook (all processes), cells per workbook."""
    files = [("indberetning.xlsx", content)] * MUNICIPALITIES
    seconds = []
    before = processor_seconds()
    with Sandbox(workers=workers) as sandbox:
        sandbox.read_all(files)
        for _ in range(runs):
            started = time.monotonic()
            results = sandbox.read_all(files)
            seconds.append(time.monotonic() - started)
    spent = (processor_seconds() - before) / (MUNICIPALITIES * (runs + 1))
    read = [result for result in results if isinstance(result, FileCells)]
    cells = sum(len(sheet.cells) for sheet in read[0].sheets)
    return MUNICIPALITIES / statistics.median(seconds), spent, cells


def processor_seconds() -> float:
    """Of this process and of the children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(entry.ru_utime + entry.ru_stime for entry in used)


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    kinds: dict[str, Callable[[], bytes]] = {
        "form": form,
        "dense": dense,
        "formulas": lambda: dense("=1+1"),
    }
    lines = [
        "# Intake",
        "",
        f"`python -m benchmarks.intake --runs {runs}`, {os.cpu_count()} cores, {MUNICIPALITIES} "
        "workbooks at once, median after one round to warm up.",
        "",
        "| workbook | cells | processes | workbooks per second | processor ms per workbook |",
        "|---|---|---|---|---|",
    ]
    for kind, build in kinds.items():
        content = build()
        for workers in (1, 2):
            speed, spent, cells = measured(content, workers, runs)
            lines.append(f"| {kind} | {cells} | {workers} | {speed:.0f} | {spent * 1000:.0f} |")
    text = "\n".join(lines) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
