"""The landing store: bytes as they came, addressed by their content, never changed.

Each file has a sidecar that tells where it came from and what was asked. A release that did not
change is not stored twice.
"""

import gzip
import hashlib
import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from warehouse.durable import write_bytes, write_json
from warehouse.failpoints import step
from warehouse.layout import Layout


@dataclass(frozen=True)
class Landed:
    """One landed release; ``release_id`` is the SHA-256 of its bytes, which ``is_packed`` packs."""

    source_id: str
    release_id: str
    extension: str
    url: str
    request: dict[str, Any]
    retrieved_at: str
    provider_updated_at: str | None
    transport: str
    licence: str
    size_bytes: int
    is_packed: bool = False

    @property
    def file_name(self) -> str:
        """Name of the bytes inside the source's landing folder; never that of the sidecar."""
        mark = ".answer" if self.extension == "json" else ""
        return f"{self.release_id}{mark}.{self.extension}" + ".gz" * self.is_packed


class LandingError(RuntimeError):
    """A landed file is gone or is no longer what it was."""


def release_id_of(content: bytes) -> str:
    """SHA-256 of a release's bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def land(layout: Layout, landed: Landed, content: bytes) -> None:
    """Keep the bytes and their sidecar; the first sidecar of the same bytes stands."""
    folder = layout.landing / landed.source_id
    sidecar = folder / f"{landed.release_id}.json"
    with step("landing"):
        is_known = sidecar.exists()
        if not (is_known and (folder / landed.file_name).exists()):
            packed = gzip.compress(content, mtime=0) if landed.is_packed else content
            write_bytes(folder / landed.file_name, packed)
        if not is_known:
            write_json(sidecar, asdict(landed))


def read_sidecar(layout: Layout, source_id: str, release_id: str) -> Landed:
    """What is known of a landed release."""
    path = layout.landing / source_id / f"{release_id}.json"
    return Landed(**json.loads(path.read_text(encoding="utf-8")))


def read_landed(layout: Layout, source_id: str, release_id: str) -> tuple[Landed, bytes]:
    """A landed release and its bytes, proven unchanged.

    Raises:
        LandingError: the file is missing, or its bytes are not those that landed.
    """
    landed = read_sidecar(layout, source_id, release_id)
    path: Path = layout.landing / source_id / landed.file_name
    if not path.exists():
        raise LandingError(f"{path} is missing. Restore it from a backup, or fetch again.")
    content = path.read_bytes()
    try:
        content = gzip.decompress(content) if landed.is_packed else content
    except (OSError, EOFError, zlib.error) as error:
        raise LandingError(f"{path} cannot be unpacked ({error}). Restore it.") from error
    if release_id_of(content) != release_id:
        raise LandingError(f"{path} was changed after it landed. Restore it from a backup.")
    return landed, content
