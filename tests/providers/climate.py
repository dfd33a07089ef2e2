"""DMI's degree days as its interface would answer them; invented figures, in pages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from ingestion.geography import MUNICIPALITY_CODES
from ingestion.snapshot.protocol import Answer, Request, json_answer

PARAMETER = "acc_heating_degree_days_17"
PATH = "/collections/municipalityValue/items"


@dataclass
class Climate:
    """The collection as it stands.

    Attributes:
        months: first days of the months that have figures, as written in ``from``.
        codes: municipalities that have them.
        page_size: features in a page at most, whatever is asked for.
        corrected: (municipality, month) → the figure that replaces the first one.
        asked: queries, oldest first.
    """

    months: list[str]
    codes: tuple[str, ...] = MUNICIPALITY_CODES
    page_size: int = 10_000
    corrected: dict[tuple[str, str], float] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def figure(self, code: str, month: str) -> float:
        """Degree days of a municipality in a month: odd numbers with one decimal."""
        return int(code) % 90 + int(month[5:7]) * 20 + 0.3

    def answer(self, request: Request) -> Answer | None:
        """One page and, where there is more, the address of the next under the provider's name."""
        if request.path != PATH:
            return None
        self.asked.append(dict(request.query))
        found = list(self._features())
        if request.query.get("sortorder") == "from,DESC":
            found.sort(key=lambda feature: feature["properties"]["from"], reverse=True)
        size = min(int(request.query["limit"]), self.page_size)
        start = int(request.query.get("offset", "0"))
        page = found[start : start + size]
        links = [{"rel": "self", "href": "https://example.org/self"}]
        if start + size < len(found):
            query = urlencode({**request.query, "offset": str(start + size)})
            links.append({"rel": "next", "href": f"https://example.org{PATH}?{query}"})
        return json_answer(
            {
                "type": "FeatureCollection",
                "features": page,
                "timeStamp": datetime.now().isoformat(),  # noqa: DTZ005 - changes with every answer
                "numberReturned": len(page),
                "links": links,
            }
        )

    def _features(self) -> Iterator[dict[str, Any]]:
        for month in self.months:
            for code in self.codes:
                yield self._feature(code, month, self.figure(code, month), "2026-01-01")
        for (code, month), figure in self.corrected.items():
            yield self._feature(code, month, figure, "2026-02-01")

    def _feature(self, code: str, month: str, figure: float, created: str) -> dict[str, Any]:
        year, number = int(month[:4]), int(month[5:7])
        after = f"{year + number // 12}-{number % 12 + 1:02d}{month[7:]}"
        properties = {
            "municipalityId": code,
            "municipalityName": f"Eksempelø {code}",
            "parameterId": PARAMETER,
            "timeResolution": "month",
            "from": month,
            "to": after,
            "created": f"{created}T00:00:00+00:00",
            "value": figure,
        }
        geometry = {"type": "Point", "coordinates": [10.0, 56.0]}
        identity = f"{code}-{month}-{created}"
        return {"type": "Feature", "id": identity, "geometry": geometry, "properties": properties}
