"""A file as it was handed in, before anybody opened it."""

from dataclasses import dataclass
from pathlib import Path, PurePath

from warehouse.landing import release_id_of

# More than any reader takes; the rest of a larger file is not read at all.
MOST_BYTES = 21_000_000
TAKEN = frozenset({"csv", "xlsm", "xlsx", "zip"})


@dataclass(frozen=True)
class Arrival:
    """A file that was handed in."""

    file_name: str
    content: bytes
    is_example: bool = False
    is_from_inbox: bool = False
    received_at: str | None = None
    """When it came in; the moment it is taken in when None."""

    @property
    def sha256(self) -> str:
        """Names the file by its content."""
        return release_id_of(self.content)

    @property
    def landed_extension(self) -> str:
        """What its bytes are kept as: never a name of the store's own."""
        return self.extension if self.extension in TAKEN else "bin"

    @property
    def door(self) -> str:
        """What it looks like from outside."""
        return "cdp" if self.extension == "csv" else "workbook"

    @property
    def extension(self) -> str:
        """Without its dot, in lower case."""
        return PurePath(self.file_name).suffix.lstrip(".").lower()


def read_arrival(path: Path, *, is_from_inbox: bool = False) -> Arrival:
    """A file as it lies on the disk, no more of it than is needed to refuse it as too large.

    Args:
        path: the file; letters of its name that are no text are replaced.
        is_from_inbox: anybody may have left it.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as handle:
        content = handle.read(MOST_BYTES)
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    return Arrival(name, content, is_from_inbox=is_from_inbox)
