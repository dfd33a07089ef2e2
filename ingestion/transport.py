"""Which wire a session uses: the providers' own, or the embedded snapshot under their addresses.

Files that are left rather than asked for come from the inbox, or from the snapshot's own folder.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import requests

from ingestion.declaration import Source
from ingestion.errors import NotConfiguredError
from ingestion.http import build_session


def open_session(
    transport: Literal["snapshot", "live"], base_urls: Mapping[str, str]
) -> requests.Session:
    """A session for all providers.

    Args:
        transport: ``snapshot`` mounts the embedded answers over each provider's address, so the
            very code that asks the providers reads them without a network.
        base_urls: provider id → address.
    """
    session = build_session()
    if transport == "snapshot":
        from ingestion.snapshot.adapter import SnapshotAdapter

        for provider, base_url in base_urls.items():
            session.mount(base_url, SnapshotAdapter(provider, base_url))
    return session


def require_offered(transport: Literal["snapshot", "live"], source: Source) -> None:
    """Leave a source alone whose figures are not among the embedded ones.

    Raises:
        NotConfiguredError: the snapshot does not hold them; the provider itself may.
    """
    if transport == "live" or source.request.protocol == "file_drop" or is_embedded(source):
        return
    raise NotConfiguredError(
        "not-embedded",
        f"{source.table} as {source.id} asks for it is not among the embedded figures.",
        "It is asked for with --live or KLIMAMONITOR_TRANSPORT=live.",
    )


def is_embedded(source: Source) -> bool:
    """Whether the snapshot stands in for the source."""
    from ingestion.snapshot.storage import FILE_DROP, holds

    if source.request.protocol == "file_drop":
        return (FILE_DROP / source.id).is_dir()
    return holds(source.id, source.provider, source.table)


def embedded_files(transport: Literal["snapshot", "live"]) -> Path | None:
    """Folder of the embedded files that stand in for dropped ones; None where the inbox counts."""
    if transport == "live":
        return None
    from ingestion.snapshot.storage import FILE_DROP

    return FILE_DROP
