"""Promoting: an audited draft becomes the publication that readers see, or is held.

A version folder appears whole by one rename. There is no way to promote without a passed audit of
the very file.
"""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from warehouse.content import Content, content_of
from warehouse.damage import sealed
from warehouse.draft import Draft, tables_in
from warehouse.durable import (
    TEMPORARY,
    fsync_file,
    fsync_folder,
    rename,
    sha256_of_file,
    write_json,
)
from warehouse.failpoints import step
from warehouse.holds import HoldRelease
from warehouse.inputs import keep_inputs
from warehouse.layout import Layout
from warehouse.literals import literal
from warehouse.publications import (
    DATABASE,
    MANIFEST,
    SCHEMA_VERSION,
    Facts,
    HeldError,
    TableAudit,
    point_current_at,
)

REQUIRED_CHECKS = frozenset({"columns", "rows", "key"})


def require_audited(
    draft: Draft,
    audits: Mapping[str, TableAudit],
    tables: Iterable[str],
    release: HoldRelease | None = None,
) -> None:
    """Refuse a draft unless every published table has a passed audit of this very file.

    Args:
        draft: the sealed draft.
        audits: one audit per table.
        tables: every published table.
        release: what a person has accepted; it answers for holds, never for a failure.

    Raises:
        HeldError: naming every table that is missing, unaudited, audited in another file, without
            one of the checks every table must have, or failed, and every hold.
    """
    expected, found = set(tables), set(tables_in(draft.file))
    reasons = [f"{name}: the table is missing from the draft" for name in sorted(expected - found)]
    reasons += [f"{name}: not a published table" for name in sorted(found - expected)]
    digest = sha256_of_file(draft.file)
    for name in sorted(expected & found):
        reasons += _audit_faults(name, audits.get(name), digest)
    if not expected:
        reasons = ["there is no published table"]
    holds = [hold for name in sorted(expected & audits.keys()) for hold in audits[name].holds]
    if reasons or not all(release and release.accepts(hold) for hold in holds):
        told = [*reasons, *(hold.text for hold in holds)]
        raise HeldError(told, () if reasons else holds)


def _audit_faults(name: str, audit: TableAudit | None, digest: str) -> list[str]:
    if audit is None or audit.checks == 0:
        return [f"{name}: no audit"]
    if audit.draft_sha256 != digest:
        return [f"{name}: the audit judged another file"]
    missing = sorted(REQUIRED_CHECKS - audit.kinds)
    return [f"{name}: no check of {kind}" for kind in missing] + [
        f"{name}: {failure}" for failure in audit.failures
    ]


def promote(
    layout: Layout,
    draft: Draft,
    audits: Mapping[str, TableAudit],
    tables: Mapping[str, list[str]],
    facts: Facts,
    quality_pages: Mapping[str, str],
) -> Path:
    """Turn an audited draft into the current publication.

    Args:
        layout: the state root.
        draft: the sealed draft.
        audits: one passed audit per table, all of this draft.
        tables: every published table with its key columns.
        facts: what the manifest records.
        quality_pages: name and HTML of the audit report's pages.

    Returns:
        The folder of the new publication.

    Raises:
        HeldError: the draft is not fully and successfully audited.
    """
    require_audited(draft, audits, tables, facts.release)
    folder = _begun(layout, facts.version, draft)
    contents = _export(folder, tables)
    for name, page in quality_pages.items():
        with step("page"):
            (folder / "quality" / name).write_text(page, encoding="utf-8")
    inputs = keep_inputs(layout, draft.inputs, facts.version)
    write_json(folder / MANIFEST, sealed(folder, _manifest(facts, contents, audits, inputs)))
    _make_durable(folder)
    target = layout.publications / facts.version
    rename(folder, target)
    fsync_folder(layout.publications)
    point_current_at(layout, facts.version)
    return target


def _begun(layout: Layout, version: str, draft: Draft) -> Path:
    """An unfinished version folder with the database."""
    folder = layout.publications / f"{TEMPORARY}{version}"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("parquet", "quality"):
        (folder / name).mkdir(parents=True)
    with step("copy"):
        shutil.copyfile(draft.file, folder / DATABASE)
    return folder


def _export(folder: Path, tables: Mapping[str, list[str]]) -> dict[str, Content]:
    """Parquet beside the database, rows in the order of the key; count and hash each table."""
    contents = {}
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        for name, key in tables.items():
            order = ", ".join(f'"{column}"' for column in key)
            target = literal(folder / "parquet" / f"{name}.parquet")
            with step("export"):
                connection.execute(
                    f'copy (select * from "{name}" order by {order}) '  # noqa: S608
                    f"to {target} (format parquet, compression zstd)"
                )
            contents[name] = content_of(connection, name)
    return contents


def _manifest(
    facts: Facts,
    contents: Mapping[str, Content],
    audits: Mapping[str, TableAudit],
    inputs: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        **asdict(facts),
        "schema_version": SCHEMA_VERSION,
        "inputs": inputs,
        "tables": {name: asdict(content) for name, content in contents.items()},
        "audits": {
            name: {
                "checks": audit.checks,
                "kinds": sorted(audit.kinds),
                "warnings": audit.warnings,
                "holds": [hold.text for hold in audit.holds],
            }
            for name, audit in audits.items()
        },
    }


def _make_durable(folder: Path) -> None:
    """fsync every file, make it read-only, fsync every folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            fsync_file(path)
            path.chmod(0o444)
    for path in [*folder.rglob("*"), folder]:
        if path.is_dir():
            fsync_folder(path)
