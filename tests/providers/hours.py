"""RECoverageMunicipality as Energi Data Service would answer it, for any years; invented figures.

Every figure follows from municipality and hour, so that a test can know the sum of ten years
without reading what the product has read.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ingestion.geography import MUNICIPALITY_CODES
from ingestion.snapshot.protocol import Answer, Request, json_answer, text_answer

NAME = "RECoverageMunicipality"
HOUR = timedelta(hours=1)
EPOCH = datetime(2010, 1, 1, tzinfo=UTC)
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
NUMBERS = [code.lstrip("0") for code in MUNICIPALITY_CODES]


class HourlyDataSet:
    """The data set as it stands.

    Attributes:
        until: the first hour that has no figures yet; raise it and figures come.
        changed: moved forward by whoever changes something, as the provider's stamp.
        corrections: (municipality number, hour in UTC) → what the consumption is multiplied by.
        skipped: hours in UTC that the provider does not have.
    """

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.changed = until
        self.corrections: dict[tuple[str, datetime], float] = {}
        self.skipped: set[datetime] = set()
        self.factor = 1.0

    def consumption(self, number: str, moment: datetime) -> float:
        """kWh of a municipality in an hour: an odd number with three decimals."""
        index = (moment - EPOCH) // HOUR
        base = 30_000 + int(number) * 7 + index % 24 * 311 + index % 17 * 0.125
        return self.factor * base * self.corrections.get((number, moment), 1.0)

    def kept(self, number: str, moment: datetime) -> float:
        """kWh of local renewable electricity: a share of the consumption that moves by the hour."""
        return self.consumption(number, moment) * (((moment - EPOCH) // HOUR) % 8) / 16

    def answer(self, request: Request) -> Answer | None:
        """The two requests that the product makes of the data set."""
        if request.path == f"/meta/dataset/{NAME}":
            return json_answer(self._described())
        if request.path != f"/dataset/{NAME}":
            return None
        assert request.query["timezone"] == "UTC", request.query
        start, end = (_moment(request.query[name]) for name in ("start", "end"))
        asked = request.query["columns"].split(",")
        records = list(self._records(start, min(end, self.until), asked))
        text = f'{{"total": {len(records)}, "dataset": "{NAME}", "records": [{",".join(records)}]}}'
        return text_answer(text, media_type="application/json")

    def hours(self, start: datetime, end: datetime) -> Iterable[datetime]:
        """The hours between two moments that the provider has."""
        count = max((end - start) // HOUR, 0)
        return (h for n in range(count) if (h := start + n * HOUR) not in self.skipped)

    def _records(self, start: datetime, end: datetime, asked: list[str]) -> Iterable[str]:
        """One record after another, as JSON: composed as text, for there are 73,000 in a month."""
        figures = {"REekWhKeep": self.kept, "ConsumptionkWh": self.consumption}
        wanted = {name: figure for name, figure in figures.items() if name in asked}
        for moment in self.hours(start, end):
            local = moment.astimezone(COPENHAGEN)
            clocks = f'"HourUTC":"{moment:%Y-%m-%dT%H:%M:%S}","HourDK":"{local:%Y-%m-%dT%H:%M:%S}"'
            for number in NUMBERS:
                cells = ",".join(f'"{n}":{of(number, moment)!r}' for n, of in wanted.items())
                yield f'{{"MunicipalityNo":"{number}",{clocks},{cells}}}'

    def _described(self) -> dict[str, object]:
        kinds = {"MunicipalityNo": "nvarchar", "HourUTC": "datetime2", "HourDK": "datetime2"}
        columns: list[dict[str, object]] = [
            {"dbColumn": name, "dataType": kind, "primaryKeyIndex": number if number < 3 else None}
            for number, (name, kind) in enumerate(kinds.items(), start=1)
        ]
        columns += [
            {"dbColumn": name, "dataType": "decimal", "unit": "kWh"}
            for name in ("REekWhKeep", "ConsumptionkWh")
        ]
        return {
            "datasetName": NAME,
            "title": "Example: local renewable electricity",
            "active": True,
            "resolution": "PT1H",
            "lastDataUpdate": f"{self.changed:%Y-%m-%dT%H:%M:%S}",
            "dataFrom": "2020-12-31T23:00:00",
            "dataTo": f"{self.until - HOUR:%Y-%m-%dT%H:%M:%S}",
            "columns": columns,
        }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
