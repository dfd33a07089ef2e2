"""A file as it was handed in, before anybody opened it."""

from dataclasses import dataclass
from pathlib import Path, PurePath

from warehouse.landing import release_id_of

# More than any reader takes; the rest of a larger file is not read at all.
MOST_BYTES = 21_000_000


@dataclass(frozen=True)
class Arrival:
    """A file that was handed in."""

    file_name: str
    content: bytes
    is_example: bool = False

    @property
    def sha256(self) -> str:
        """Names the file by its content."""
        return release_id_of(self.content)

    @property
    def extension(self) -> str:
        """Without its dot, in lower case."""
        return PurePath(self.file_name).suffix.lstrip(".").lower()


def read_arrival(path: Path) -> Arrival:
    """A file as it lies on the disk, no more of it than is needed to refuse it as too large.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as handle:
        return Arrival(path.name, handle.read(MOST_BYTES))
