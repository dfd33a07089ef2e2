"""Where the files of a source lie, and what a drafted one still leaves to a person."""

import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from ingestion.declaration import Source

DECIDE = "DECIDE"
# What dbt adds to the rows of every accepted table.
OF_EVERY_ROW = ("release_id", "recorded_at")
KEY_TEST = "unique_combination"
# Lines of a staging model: a column as it is or under another name, or its cast.
STAGED = re.compile(r"^        (?:(\w+)|cast\((\w+) as \w+\))(?: as \w+)?,?$", re.MULTILINE)
ALIAS = re.compile(r" as (\w+),?$", re.MULTILINE)


def files_of(source_id: str, provider: str, staging_model: str) -> dict[str, str]:
    """Each file that a source needs, relative to the project."""
    staging = f"dbt_project/models/staging/{provider}/{staging_model}"
    return {
        "declaration": f"ingestion/sources/{source_id}.yml",
        "expectations": f"expectations/sources/{source_id}.yml",
        "staging model": f"{staging}.sql",
        "its yml": f"{staging}.yml",
    }


def mismatches(project: Path, source: Source) -> list[str]:
    """Columns that a source's staging model reads, or its yml tests, and that are not there.

    The model may leave declared columns out, and its key may do without those of one value.
    """
    files = files_of(source.id, source.provider, source.staging_model)
    model, described = (project / files[name] for name in ("staging model", "its yml"))
    if not (model.exists() and described.exists()):
        return []
    selected = model.read_text(encoding="utf-8").partition("renamed as")[2]
    read = [plain or cast for plain, cast in STAGED.findall(selected)]
    known = {*source.frame_columns, *OF_EVERY_ROW}
    made = {*read, *ALIAS.findall(selected)}
    tested = _tested_key(described, source.staging_model)
    return [
        *(f"{model.name} reads {n}, which is not declared" for n in read if n not in known),
        *(f"{described.name} tests {n}, which it has not" for n in tested if n not in made),
    ]


def _tested_key(described: Path, model: str) -> list[str]:
    """The columns of the model's key test, as its yml has them."""
    models = yaml.safe_load(described.read_text(encoding="utf-8")).get("models", [])
    tests = [t for m in models if m["name"] == model for t in m.get("data_tests", [])]
    keys = (t["unique_combination"]["arguments"]["columns"] for t in tests if KEY_TEST in t)
    return next(iter(keys), [])


def undecided(project: Path, names: Sequence[str]) -> list[str]:
    """``file:line: what must be decided`` for every such line of these files."""
    return [
        f"{name}:{number}: {line.split(f'{DECIDE}: ', 1)[-1].strip()}"
        for name in names
        for number, line in enumerate((project / name).read_text("utf-8").splitlines(), start=1)
        if DECIDE in line
    ]
