"""A file as it was handed in, before anybody opened it."""

from dataclasses import dataclass
from pathlib import PurePath

from warehouse.landing import release_id_of


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
