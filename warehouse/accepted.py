"""Accepted releases: typed Parquet, one file per accepted release, nothing updated in place.

The newest accepted release of a source feeds the marts; all of them stay, so that a value can be
followed through its vintages. The release of a source that is fetched in windows is a list of
files, one per window, each of which names the landed bytes of its rows in ``landed_id``; the next
release shares the files of the windows that did not change.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.durable import put_in_place, temporary_beside, write_json
from warehouse.failpoints import step
from warehouse.layout import Layout

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class AcceptedWindow:
    """One window of a release: which bytes, in which file, how many rows, up to when."""

    release_id: str
    file: str
    latest_period: str
    rows_read: int
    rows_accepted: int
    rows_set_aside: int


@dataclass(frozen=True)
class Release:
    """One accepted release: which bytes, read by which declaration, accepted when.

    ``warned`` is what gate 1 noted without refusing it. With ``windows``, by their names, the
    bytes are theirs, and ``release_id`` is the SHA-256 of the list of them.
    """

    source_id: str
    release_id: str
    recorded_at: str
    declaration_hash: str
    provider_updated_at: str | None
    is_active: bool
    latest_period: str
    rows_read: int
    rows_accepted: int
    rows_set_aside: int
    transport: str
    warned: str | None = None
    windows: Mapping[str, AcceptedWindow] = field(default_factory=dict)

    @property
    def published_at(self) -> str:
        """When the provider says that it published the bytes; when we accepted them, if not."""
        try:
            datetime.fromisoformat(self.provider_updated_at or "")
        except ValueError:
            return self.recorded_at
        return str(self.provider_updated_at)

    @property
    def file_name(self) -> str:
        """Name of the Parquet file; sorts by the time of acceptance."""
        moment = datetime.fromisoformat(self.recorded_at).strftime("%Y%m%dT%H%M%S%fZ")
        return f"{moment}-{self.release_id[:12]}.parquet"


def accept(layout: Layout, release: Release, frame: "pd.DataFrame") -> Path:
    """Write the Parquet file, then its record: a release counts once the record stands."""
    path = layout.accepted / release.source_id / release.file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(path)
    with step("accepted"):
        frame.to_parquet(temporary, engine="pyarrow", compression="zstd", index=False)
        put_in_place(temporary, path)
        write_json(path.with_suffix(".json"), asdict(release))
    return path


def write_window(
    layout: Layout, source_id: str, window: AcceptedWindow, frame: "pd.DataFrame"
) -> None:
    """Write the rows of one window; they count once a release with this window stands."""
    path = window_path(layout, source_id, window)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = frame.assign(landed_id=window.release_id).astype({"landed_id": "category"})
    temporary = temporary_beside(path)
    with step("accepted"):
        rows.to_parquet(temporary, engine="pyarrow", compression="zstd", index=False)
        put_in_place(temporary, path)


def accept_windows(layout: Layout, release: Release) -> None:
    """Write the record of a release whose windows are written."""
    with step("accepted"):
        path = layout.accepted / release.source_id / release.file_name
        write_json(path.with_suffix(".json"), asdict(release))


def moment_of_acceptance(layout: Layout, source_id: str, now: datetime) -> datetime:
    """When a release that is accepted now counts as recorded: after all that were before it.

    A clock that was set back would else leave the new release behind an older one for ever.
    """
    last = newest(layout, source_id)
    if last is None:
        return now
    return max(now, datetime.fromisoformat(last.recorded_at) + timedelta(microseconds=1))


def releases(layout: Layout, source_id: str) -> list[Release]:
    """Every accepted release of a source, oldest first; a damaged record counts as none."""
    records = sorted((layout.accepted / source_id).glob("*.json"))
    return [release for path in records if (release := _read(path))]


def last_releases(layout: Layout, source_id: str, most: int) -> list[Release]:
    """The last accepted releases of a source, oldest first."""
    records = sorted((layout.accepted / source_id).glob("*.json"))[-most:]
    return [release for path in records if (release := _read(path))]


def newest(layout: Layout, source_id: str) -> Release | None:
    """The release in force, or None when nothing has been accepted yet."""
    records = sorted((layout.accepted / source_id).glob("*.json"), reverse=True)
    return next((release for path in records if (release := _read(path))), None)


def _read(path: Path) -> Release | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        windows = {n: AcceptedWindow(**w) for n, w in told.pop("windows", {}).items()}
        return Release(**told, windows=windows)
    except (ValueError, TypeError):
        return None


def parquet_path(layout: Layout, release: Release) -> Path:
    """Absolute path of the Parquet file of a release without windows."""
    return (layout.accepted / release.source_id / release.file_name).resolve()


def parquet_paths(layout: Layout, release: Release) -> list[Path]:
    """Absolute paths of all files of a release, windows in their order."""
    if not release.windows:
        return [parquet_path(layout, release)]
    windows = sorted(release.windows.items())
    return [window_path(layout, release.source_id, window) for _name, window in windows]


def window_path(layout: Layout, source_id: str, window: AcceptedWindow) -> Path:
    """Absolute path of the file of one window."""
    return (layout.accepted / source_id / window.file).resolve()


def of_landed(layout: Layout, source_id: str, release_id: str) -> tuple[Release, Path] | None:
    """The newest release with rows read from these landed bytes, and the file that holds them."""
    for release in reversed(releases(layout, source_id)):
        if release.release_id == release_id and not release.windows:
            return release, parquet_path(layout, release)
        for window in release.windows.values():
            if window.release_id == release_id:
                return release, window_path(layout, source_id, window)
    return None


def as_accepted(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Rows as they come back once they were accepted."""
    import pandas as pd

    file = io.BytesIO()
    frame.to_parquet(file, engine="pyarrow", index=False)
    return pd.read_parquet(file, dtype_backend="numpy_nullable")


def read_frame(layout: Layout, release: Release) -> "pd.DataFrame":
    """The typed rows of a release without windows."""
    import pandas as pd

    return pd.read_parquet(parquet_path(layout, release), dtype_backend="numpy_nullable")


def read_window(layout: Layout, source_id: str, window: AcceptedWindow) -> "pd.DataFrame":
    """The typed rows of one window."""
    import pandas as pd

    path = window_path(layout, source_id, window)
    rows = pd.read_parquet(path, dtype_backend="numpy_nullable")
    return rows.drop(columns="landed_id")
