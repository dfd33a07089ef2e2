"""Writes the published schema: tables, columns, types and keys of one version, for readers to diff.

``docs/clients/schema/<version>.json`` is made from the models' contracts. A version that went out
is not written again; the newest may only differ from it as its number says: nothing gone, renamed
or retyped without a new first number, nothing added without a new second one, and an entry in the
changelog for either. A table that stands beside the old one under a new name is an addition.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from expectations.contract import PublishedTable, published_tables
from orchestration.transform import ensure_parsed
from warehouse.publications import SCHEMA_VERSION

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "docs" / "clients" / "schema"
CHANGELOG = PROJECT / "CHANGELOG.md"
Schema = dict[str, dict[str, Any]]


def schema_of(tables: list[PublishedTable]) -> Schema:
    """Table → columns with types, primary key, foreign keys."""
    return {
        table.name: {
            "columns": table.columns,
            "key": table.key,
            "references": [
                f"({', '.join(key.columns)}) -> {key.to} ({', '.join(key.to_columns)})"
                for key in table.references
            ],
        }
        for table in tables
    }


def breaking(old: Schema, new: Schema) -> list[str]:
    """What a reader's query can trip over: gone, retyped, another grain."""
    found = [f"{name} is gone" for name in old if name not in new]
    for name in old.keys() & new.keys():
        before, after = old[name], new[name]
        if before["key"] != after["key"]:
            found.append(f"{name} has another key")
        for column, kind in before["columns"].items():
            now = after["columns"].get(column)
            if now != kind:
                found.append(f"{name}.{column} is {f'now {now}' if now else 'gone'}")
        lost = set(before["references"]) - set(after["references"])
        found += [f"{name} no longer promises {reference}" for reference in lost]
    return sorted(found)


def additions(old: Schema, new: Schema) -> list[str]:
    """What no reader's query knows yet."""
    found = [f"{name} is new" for name in new if name not in old]
    for name in old.keys() & new.keys():
        for part in ("columns", "references"):
            more = [entry for entry in new[name][part] if entry not in old[name][part]]
            found += [f"{name}: {entry} is new" for entry in more]
    return sorted(found)


def faults(
    released: tuple[str, Schema] | None, version: str, new: Schema, changelog: str
) -> list[str]:
    """Why a schema may not go out under this version; empty when it may."""
    entry = re.search(rf"^## Schema {re.escape(version)}\n(.*?)(?=^## |\Z)", changelog, re.M | re.S)
    told = [] if entry else [f"CHANGELOG.md has no entry for schema {version}"]
    if released is None:
        return told
    before, old = released
    (major, minor, _), (old_major, old_minor, _) = numbers(version), numbers(before)
    broken, added = breaking(old, new), additions(old, new)
    if broken and major <= old_major:
        told += [f"{change}: breaking, but {before} became {version}" for change in broken]
    if broken and entry and "[BREAKING]" not in entry[1]:
        told.append(f"the changelog's entry for {version} is not marked [BREAKING]")
    if added and (major, minor) <= (old_major, old_minor):
        told += [f"{change}: an addition, but {before} became {version}" for change in added]
    return told


def numbers(version: str) -> tuple[int, int, int]:
    """A version's three numbers, which compare as numbers."""
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


def released_before(folder: Path, version: str) -> tuple[str, Schema] | None:
    """The last version that went out before this one, with its schema."""
    known = [path.stem for path in folder.glob("*.json") if numbers(path.stem) < numbers(version)]
    if not known:
        return None
    newest = max(known, key=numbers)
    return newest, json.loads((folder / f"{newest}.json").read_text(encoding="utf-8"))


def spelt(schema: Schema) -> str:
    """One line per table and part, so that a diff is read with ease."""
    lines = []
    for name, parts in sorted(schema.items()):
        inner = ",\n".join(
            f"    {json.dumps(part)}: {json.dumps(value, ensure_ascii=False)}"
            for part, value in parts.items()
        )
        lines.append(f"  {json.dumps(name)}: {{\n{inner}\n  }}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Write the schema's file; with ``--check``, only say whether it would differ."""
    new = schema_of(published_tables(ensure_parsed()))
    released = released_before(FOLDER, SCHEMA_VERSION)
    found = faults(released, SCHEMA_VERSION, new, CHANGELOG.read_text(encoding="utf-8"))
    if found:
        raise SystemExit("\n".join(found))
    path = FOLDER / f"{SCHEMA_VERSION}.json"
    is_same = path.exists() and path.read_text(encoding="utf-8") == spelt(new)
    if "--check" in sys.argv and not is_same:
        raise SystemExit(f"Out of date: {path.name}. Run: python scripts/published_schema.py")
    if not is_same:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(spelt(new), encoding="utf-8")


if __name__ == "__main__":
    main()
