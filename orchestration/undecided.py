"""What a drafted source still leaves to a person: the lines with one word."""

from collections.abc import Sequence
from pathlib import Path

DECIDE = "DECIDE"


def undecided(project: Path, names: Sequence[str]) -> list[str]:
    """``file:line: what must be decided`` for every such line of these files."""
    return [
        f"{name}:{number}: {line.split(f'{DECIDE}: ', 1)[-1].strip()}"
        for name in names
        for number, line in enumerate((project / name).read_text("utf-8").splitlines(), start=1)
        if DECIDE in line
    ]
