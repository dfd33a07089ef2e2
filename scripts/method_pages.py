"""Writes the method pages: hand-written prose with the registers put in where it asks for them.

``docs/methods/prose/<page>.md`` becomes ``docs/methods/<page>.md``. Two marks are replaced:

- ``<!-- indicators THEME -->``: every indicator of the theme, as the catalogue has it;
- ``<!-- table SEED: column, column -->``: the rows of a register, with those columns.
"""

import csv
import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SEEDS = PROJECT / "dbt_project" / "seeds"
PAGES = PROJECT / "docs" / "methods"
PROSE = PAGES / "prose"
NOTE = "<!-- Made by scripts/method_pages.py from prose/{name} and the registers. Edit those. -->"
INDICATORS = re.compile(r"<!-- indicators (\w+) -->")
TABLE = re.compile(r"<!-- table (\w+): ([\w, ]+) -->")
FACTS = {
    "unit": "unit",
    "direction": "better when",
    "boundary": "boundary",
    "time_basis": "time",
    "aggregation": "across municipalities",
    "origin_precedence": "origins, the one shown first",
    "requirement": "serves requirement",
    "min_denominator": "smallest denominator shown",
    "tolerance_rel": "tolerance submitted–public",
    "valid_min": "lowest valid",
    "valid_max": "highest valid",
    "first_year": "first year",
}


def seed(name: str) -> list[dict[str, str]]:
    """The rows of a register."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(name: str, columns: list[str]) -> str:
    """A register as a table of markdown."""
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    lines += [
        " | ".join(row[column].replace("|", "\\|") or "–" for column in columns)
        for row in seed(name)
    ]
    return "\n".join(f"| {line} |" for line in lines)


def _indicator(row: dict[str, str], inputs: list[dict[str, str]]) -> str:
    facts = [f"{told}: {row[name]}" for name, told in FACTS.items() if row[name]]
    parts = [
        f"### `{row['indicator_id']}`",
        f"**{row['name_da']}** · {row['name_en']}",
        row["definition_da"],
        f"*{row['definition_en']}*",
        " · ".join(facts),
    ]
    made_of = [f"`{i['dataset']}`: {i['provider_code']} ({i['role']})" for i in inputs]
    if made_of:
        parts.append("Made of " + "; ".join(made_of) + ".")
    version, since = row["definition_version"], row["valid_from_date"]
    parts.append(f"Definition version {version}, valid from {since}. {row['what_changed_da']}")
    return "\n\n".join(parts)


def indicators(theme: str) -> str:
    """Every indicator of a theme, as the catalogue has it."""
    inputs = seed("indicator_inputs")
    found = [row for row in seed("indicators") if row["theme"] == theme]
    if not found:
        raise LookupError(f"The catalogue has no theme {theme}.")
    return "\n\n".join(
        _indicator(row, [i for i in inputs if i["indicator_id"] == row["indicator_id"]])
        for row in found
    )


def page(path: Path) -> str:
    """One page: its prose with the registers in place."""
    text = path.read_text(encoding="utf-8")
    text = INDICATORS.sub(lambda found: indicators(found[1]), text)
    text = TABLE.sub(lambda found: table(found[1], found[2].replace(" ", "").split(",")), text)
    return NOTE.format(name=path.name) + "\n\n" + text


def pages() -> dict[Path, str]:
    """Every page with its text, the list of pages first."""
    made = {PAGES / path.name: page(path) for path in sorted(PROSE.glob("*.md"))}
    titles = [
        f"- [{text.split('# ', 1)[1].splitlines()[0]}]({path.name})"
        for path, text in made.items()
        if path.name != "README.md"
    ]
    front = PAGES / "README.md"
    return {**made, front: made[front].replace("<!-- pages -->", "\n".join(titles))}


def main() -> None:
    """Write every page; with ``--check``, only say which differ."""
    made = pages()
    old = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv and old:
        names = ", ".join(path.name for path in old)
        raise SystemExit(f"Out of date: {names}. Run: make methods")
    for path in old:
        path.write_text(made[path], encoding="utf-8")


if __name__ == "__main__":
    main()
