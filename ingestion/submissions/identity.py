"""Which form a file was made from, for whom and for which year: kept in a hidden, checked place."""

import hashlib
from dataclasses import dataclass

FIRST_REPORT_YEAR = 2021


@dataclass(frozen=True)
class Identity:
    """What the hidden sheet says, one row per entry: name in column A, value in column B."""

    form_id: str
    form_version: int
    municipality_code: str
    year: int

    @property
    def checksum(self) -> str:
        """Ties the entries together; a hand that changes one of them is seen."""
        text = f"{self.form_id}|{self.form_version}|{self.municipality_code}|{self.year}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def entries(self) -> dict[str, str]:
        """Name → value, as they stand in the hidden sheet."""
        return {
            "form_id": self.form_id,
            "form_version": str(self.form_version),
            "municipality_code": self.municipality_code,
            "year": str(self.year),
            "checksum": self.checksum,
        }
