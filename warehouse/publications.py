"""Publications: what a manifest says, the pointer that readers follow, the list, pointing back.

``current`` is a relative link to a version folder, replaced by one rename. How a version comes to
be is ``warehouse/promotion.py``.
"""

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import outcomes
from warehouse.durable import TEMPORARY, fsync_folder, read_json_lines, rename
from warehouse.failpoints import step
from warehouse.holds import Hold, HoldRelease
from warehouse.layout import Layout

if TYPE_CHECKING:
    import duckdb

SCHEMA_VERSION = "1.5.0"
MOMENT = "%Y%m%dT%H%M%SZ"
VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}(?:-\d+)?")
DATABASE, MANIFEST = "monitoring.duckdb", "manifest.json"
DELETIONS = "deleted.jsonl"
NEEDED = frozenset(
    {
        "version",
        "published_at",
        "run_id",
        "transport",
        "input_fingerprint",
        "schema_version",
        "tables",
    }
)


@dataclass(frozen=True)
class TableAudit:
    """The verdict on one table of one draft, with what was checked and what failed."""

    table: str
    draft_sha256: str
    kinds: frozenset[str]
    checks: int
    failures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()


class HeldError(RuntimeError):
    """A draft that may not be published; the old publication stands.

    ``holds`` is empty unless nothing else holds the draft than what a person may accept.
    """

    def __init__(self, reasons: Iterable[str], holds: Iterable[Hold] = ()) -> None:
        self.reasons = tuple(reasons)
        self.holds = tuple(holds)
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
    compared_with: str | None = None
    submissions: tuple[str, ...] = ()
    changes_on: tuple[str, ...] = ()
    release: HoldRelease | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)


def new_version(layout: Layout, at: datetime, fingerprint: str) -> str:
    """A name of this moment and of its inputs that sorts after every version there is.

    When the clock shows no later second than the last version's name, the second after that one.
    """
    last = last_moment(layout)
    moment = at if last is None else max(at, last + timedelta(seconds=1))
    return f"{moment.strftime(MOMENT)}-{fingerprint[:8]}"


def last_moment(layout: Layout) -> datetime | None:
    """The latest moment that a version is named by; a name that holds no moment does not count."""
    moments = (_moment(folder.name) for folder in folders(layout))
    return max((moment for moment in moments if moment), default=None)


def _moment(version: str) -> datetime | None:
    try:
        return datetime.strptime(version.split("-")[0], MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None


def folders(layout: Layout) -> list[Path]:
    """All version folders, in the order of their names."""
    if not layout.publications.exists():
        return []
    return sorted(p for p in layout.publications.iterdir() if VERSION.fullmatch(p.name))


def point_current_at(layout: Layout, version: str) -> None:
    """Replace ``current`` by a relative link to a version, at once.

    A copied root may hold ``current`` as a folder; it is moved out of the way first.
    """
    if layout.current.is_dir() and not layout.current.is_symlink():
        aside = layout.home / f"{TEMPORARY}current-copy"
        shutil.rmtree(aside, ignore_errors=True)
        layout.current.rename(aside)
    link = layout.home / f"{TEMPORARY}current"
    with step("pointer"):
        link.unlink(missing_ok=True)
        link.symlink_to(Path("publications") / version)
        rename(link, layout.current)
        fsync_folder(layout.home)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """A publication's manifest, or None when there is none that can be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and manifest.keys() >= NEEDED else None


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
    return [manifest for folder in folders(layout) if (manifest := read_manifest(folder))]


def newest_manifest(layout: Layout) -> dict[str, Any] | None:
    """The manifest of the last publication made, also after pointing back to an older one.

    The order is that of the runs' rows, not of the clock, which may have been set.
    """
    made = {manifest["run_id"]: manifest for manifest in versions(layout)}
    for run in reversed(outcomes.runs(layout)):
        if run["result"] == "published" and run["run_id"] in made:
            return made[run["run_id"]]
    return None


class DamagedError(LookupError):
    """A publication that is not what was published; the message says what is wrong with it."""


def rollback(layout: Layout, version: str) -> None:
    """Point readers back to an earlier publication; nothing is deleted.

    Raises:
        LookupError: there is no such publication; the message lists those there are.
        DamagedError: the publication is not what was published.
    """
    # That module reads manifests through this one.
    from warehouse.damage import damage_of

    require_version(layout, version)
    damage = damage_of(layout.publications / version)
    if damage:
        raise DamagedError(
            f"{version} is not what was published: {'; '.join(damage)}. Readers see what they saw "
            "before. Choose another version, or restore the folder from a backup."
        )
    point_current_at(layout, version)


def require_version(layout: Layout, version: str) -> None:
    """Refuse a name that is no publication's.

    Raises:
        LookupError: saying when it was deleted if it was, and which there are.
    """
    known = [folder.name for folder in folders(layout)]
    if version not in known:
        told = absence(layout, version)
        raise LookupError(f"{told} There are: {', '.join(known) or 'none'}.")


def deletions(layout: Layout) -> dict[str, dict[str, Any]]:
    """Version → when and by which rule retention deleted it."""
    return {row["version"]: row for row in read_json_lines(layout.history / DELETIONS)}


def absence(layout: Layout, version: str | None) -> str:
    """Why a version cannot be opened, as a sentence."""
    row = deletions(layout).get(version or "")
    if row is None:
        return f"There is no publication {version or '(none yet)'}."
    return (
        f"Publication {version} was deleted on {row['deleted_on']} by the retention rules "
        f"({row['rule']}); its figures are kept: klimamonitor as-of."
    )
