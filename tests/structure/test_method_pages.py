"""The method pages say what the registers say."""

import csv
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PAGES = PROJECT / "docs" / "methods"


def test_the_pages_are_what_the_registers_make_of_them() -> None:
    made = subprocess.run(
        [sys.executable, "scripts/method_pages.py", "--check"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr


def test_every_indicator_and_measure_has_its_place() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES.glob("*.md"))
    seeds = PROJECT / "dbt_project" / "seeds"
    with (seeds / "indicators.csv").open(encoding="utf-8") as file:
        indicators = {row["indicator_id"] for row in csv.DictReader(file)}
    with (seeds / "measures.csv").open(encoding="utf-8") as file:
        measures = {row["measure_id"] for row in csv.DictReader(file)}
    assert {name for name in indicators if text.count(f"### `{name}`\n") != 1} == set()
    assert {name for name in measures if f"| {name} |" not in text} == set()


def test_every_page_has_its_sections() -> None:
    for page in (PAGES / "prose").glob("*.md"):
        if page.name == "README.md":
            continue
        text = page.read_text(encoding="utf-8")
        wanted = ("## Definition", "## Formula", "## Worked example", "## Traps", "## Limits")
        assert [part for part in wanted if part not in text] == [], page.name
