"""Publications: what a manifest says, the pointer that readers follow, the list, pointing back.

``current`` is a relative link to a version folder, replaced by one rename. How a version comes to
be is ``warehouse/promotion.py``.
"""

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import outcomes
from warehouse.durable import TEMPORARY, fsync_folder
from warehouse.layout import Layout

if TYPE_CHECKING:
    import duckdb

SCHEMA_VERSION = "1.4.0"
VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}(?:-\d+)?")
DATABASE, MANIFEST = "monitoring.duckdb", "manifest.json"


@dataclass(frozen=True)
class TableAudit:
    """The verdict on one table of one draft, with what was checked and what failed."""

    table: str
    draft_sha256: str
    kinds: frozenset[str]
    checks: int
    failures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class HeldError(RuntimeError):
    """A draft that may not be published; the old publication stands."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(self.reasons))


@dataclass(frozen=True)
class Facts:
    """What the manifest says about a publication beside its tables."""

    version: str
    published_at: str
    run_id: str
    transport: str
    input_fingerprint: str
    code_version: str
    code_fingerprint: str
    releases: Mapping[str, Mapping[str, Any]]
    source_states: Mapping[str, str]
    submissions: tuple[str, ...] = ()
    changes_on: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)


def new_version(layout: Layout, at: datetime, fingerprint: str) -> str:
    """A name that sorts by time and names its inputs; never one that exists."""
    base = f"{at.strftime('%Y%m%dT%H%M%SZ')}-{fingerprint[:8]}"
    taken = {path.name for path in layout.publications.iterdir()}
    if base not in taken:
        return base
    return next(name for n in range(2, 10_000) if (name := f"{base}-{n}") not in taken)


def point_current_at(layout: Layout, version: str) -> None:
    """Replace ``current`` by a relative link to a version, at once.

    A copied root may hold ``current`` as a folder; it is moved out of the way first.
    """
    if layout.current.is_dir() and not layout.current.is_symlink():
        aside = layout.home / f"{TEMPORARY}current-copy"
        shutil.rmtree(aside, ignore_errors=True)
        layout.current.rename(aside)
    link = layout.home / f"{TEMPORARY}current"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("publications") / version)
    link.replace(layout.current)
    fsync_folder(layout.home)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """A publication's manifest, or None when there is none that can be read."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return manifest


def chosen(layout: Layout, version: str | None) -> tuple[Path, dict[str, Any]] | None:
    """Folder and manifest of a version, of the current one when None; None when there is none."""
    is_name = version is None or VERSION.fullmatch(version)
    folder = layout.publications / version if version else layout.current
    manifest = read_manifest(folder) if is_name else None
    return (folder, manifest) if manifest else None


def rows(
    connection: "duckdb.DuckDBPyConnection", sql: str, parameters: Any = None
) -> list[dict[str, Any]]:
    """What a query of a publication gives, each row by the names of its columns."""
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def current_manifest(layout: Layout) -> dict[str, Any] | None:
    """The manifest of what readers see now."""
    return read_manifest(layout.current)


def versions(layout: Layout) -> list[dict[str, Any]]:
    """Manifests of all publications, oldest first."""
    if not layout.publications.exists():
        return []
    folders = sorted(p for p in layout.publications.iterdir() if VERSION.fullmatch(p.name))
    return [manifest for folder in folders if (manifest := read_manifest(folder))]


def newest_manifest(layout: Layout) -> dict[str, Any] | None:
    """The manifest of the last publication made, also after pointing back to an older one.

    The order is that of the runs' rows, not of the clock, which may have been set.
    """
    made = {manifest["run_id"]: manifest for manifest in versions(layout)}
    for run in reversed(outcomes.runs(layout)):
        if run["result"] == "published" and run["run_id"] in made:
            return made[run["run_id"]]
    return None


def rollback(layout: Layout, version: str) -> None:
    """Point readers back to an earlier publication; nothing is deleted.

    Raises:
        LookupError: there is no such publication; the message lists those there are.
    """
    known = [manifest["version"] for manifest in versions(layout)]
    if version not in known:
        raise LookupError(f"No publication {version}. There are: {', '.join(known) or 'none'}.")
    point_current_at(layout, version)
