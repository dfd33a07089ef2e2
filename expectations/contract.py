"""The published contract as dbt states it: tables, columns, keys, what may not be null.

Read from dbt's parsed project (``manifest.json``), so that gate 3 follows the models' own yml and
no rule is written twice.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PUBLISHED_FOLDER = "publication"


@dataclass(frozen=True)
class Reference:
    """A foreign key: these columns hold the key of a row of the other table, or a null."""

    columns: tuple[str, ...]
    to: str
    to_columns: tuple[str, ...]


@dataclass(frozen=True)
class PublishedTable:
    """One published table: column name → data type, keys, not-null columns, fewest rows."""

    name: str
    columns: dict[str, str]
    key: list[str]
    not_null: list[str]
    min_rows: int
    depends_on_clock: bool
    sources: frozenset[str]
    references: tuple[Reference, ...] = ()

    def may_be_empty(self, available: Collection[str]) -> bool:
        """Whether the contract asks for no rows, or every source that feeds this table is one that
        cannot be had yet.
        """
        return self.min_rows == 0 or (bool(self.sources) and self.sources.isdisjoint(available))


Node = dict[str, Any]
CONTROL = "control"


class ContractError(RuntimeError):
    """A published model without contract, key or columns."""


def published_tables(manifest_path: Path) -> list[PublishedTable]:
    """Every model of the publication folder, by name.

    Raises:
        ContractError: there is none, or one does not state its key or enforce its contract.
    """
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    models = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and PUBLISHED_FOLDER in node["fqn"]
    ]
    keys = {node["name"]: list(_meta(node).get("key", [])) for node in models}
    tables = sorted((_table(node, manifest, keys) for node in models), key=lambda table: table.name)
    if not tables:
        raise ContractError(f"{manifest_path} holds no published model")
    return tables


def _meta(node: Node) -> Node:
    return {**node.get("meta", {}), **node["config"].get("meta", {})}


def _table(node: Node, manifest: Node, keys: Mapping[str, list[str]]) -> PublishedTable:
    name, meta = node["name"], _meta(node)
    if not node["config"].get("contract", {}).get("enforced") or not meta.get("key"):
        raise ContractError(f"{name}: a published model enforces its contract and states meta.key")
    columns = {column["name"]: column["data_type"] for column in node["columns"].values()}
    not_null = [
        column["name"]
        for column in node["columns"].values()
        if any(constraint["type"] == "not_null" for constraint in column.get("constraints", []))
    ]
    return PublishedTable(
        name=name,
        columns=columns,
        key=list(meta["key"]),
        not_null=sorted({*not_null, *meta["key"]}),
        min_rows=int(meta.get("min_rows", 1)),
        depends_on_clock=bool(meta.get("clock", False)),
        sources=frozenset(meta.get("fed_by") or _sources(node["unique_id"], manifest)),
        references=tuple(_reference(name, entry, keys) for entry in meta.get("references", [])),
    )


def _reference(name: str, entry: str | Node, keys: Mapping[str, list[str]]) -> Reference:
    """A table's name stands for that table's key; other columns are named with ``to``."""
    to = entry if isinstance(entry, str) else entry["to"]
    if to not in keys:
        raise ContractError(f"{name}: meta.references names {to}, which is not published")
    columns = keys[to] if isinstance(entry, str) else entry["columns"]
    return Reference(tuple(columns), to, tuple(keys[to]))


def _sources(unique_id: str, manifest: Node) -> set[str]:
    """Accepted tables that feed a model, through any number of models.

    A model whose rows come from fewer says so in ``meta.fed_by``: a generic model above it reads
    all sources.
    """
    found: set[str] = set()
    todo, seen = [unique_id], set()
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        source = manifest["sources"].get(current)
        if source and source["source_name"] != CONTROL:
            found.add(source["identifier"])
        todo += manifest["parent_map"].get(current, [])
    return found
