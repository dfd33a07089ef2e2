"""Where the files of a source lie, and what a drafted one still leaves to a person."""

from collections.abc import Sequence
from pathlib import Path

DECIDE = "DECIDE"


def files_of(source_id: str, provider: str, staging_model: str) -> dict[str, str]:
    """Each file that a source needs, relative to the project."""
    staging = f"dbt_project/models/staging/{provider}/{staging_model}"
    return {
        "declaration": f"ingestion/sources/{source_id}.yml",
        "expectations": f"expectations/sources/{source_id}.yml",
        "staging model": f"{staging}.sql",
        "its yml": f"{staging}.yml",
    }


def undecided(project: Path, names: Sequence[str]) -> list[str]:
    """``file:line: what must be decided`` for every such line of these files."""
    return [
        f"{name}:{number}: {line.split(f'{DECIDE}: ', 1)[-1].strip()}"
        for name in names
        for number, line in enumerate((project / name).read_text("utf-8").splitlines(), start=1)
        if DECIDE in line
    ]
