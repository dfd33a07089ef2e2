"""A year of providers: figures come late, are revised, and providers are down, by a seeded plan."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ingestion.freshness import period_start
from ingestion.snapshot.protocol import Answer, Request
from ingestion.snapshot.providers import answer as snapshot_answer
from tests.providers import faults
from tests.providers.faults import Fault, Row, on_json, on_rows
from tests.providers.server import Providers

MONTHLY = ("BIL54", "FOLK1AM")
REVISED = ("BIL54", "FOLK1AM", "BOL102", "LABY25", "ARE207", "BIL707", "FOLK1A")
CAPACITY = "CapacityPerMunicipality"


@dataclass
class Table:
    """What happened to a table so far: when it was last changed, by how much, which new months."""

    changed: str = ""
    factor: float = 1.0
    months: list[str] = field(default_factory=list)


@dataclass
class Year:
    """The providers as they stand on a day."""

    tables: dict[str, Table] = field(default_factory=dict)

    def answer(self, provider: str, request: Request) -> Answer | None:
        """The snapshot's answer with all that happened to the table; None for what did not."""
        name = table_of(provider, request)
        table = self.tables.get(name or "")
        if table is None:
            return None
        answer = snapshot_answer(provider, request)
        return on_rows(_figures(table))(on_json(_description(table))(answer))

    def revise(self, name: str, day: date, chance: random.Random) -> None:
        """The provider corrects every figure of a table by a little."""
        table = self.tables.setdefault(name, Table())
        table.factor = round(1 + chance.uniform(0.005, 0.03), 4)
        table.changed = f"{day}T08:00:00"

    def add_month(self, name: str, newest: str, day: date) -> None:
        """A monthly table gets the month after its newest one."""
        table = self.tables.setdefault(name, Table())
        start = period_start((table.months or [newest])[-1])
        later = (start + timedelta(days=32)).replace(day=1)
        table.months.append(f"{later.year}M{later.month:02}")
        table.changed = f"{day}T08:00:00"


def table_of(provider: str, request: Request) -> str | None:
    """Which table a request is about."""
    if provider == "energidataservice":
        return request.path.rsplit("/", 1)[-1]
    try:
        return str(json.loads(request.body)["table"])
    except (ValueError, KeyError, TypeError):
        return None


def _figures(table: Table) -> Callable[[list[Row]], list[Row]]:
    def change(rows: list[Row]) -> list[Row]:
        if not rows or "INDHOLD" not in rows[0]:
            return rows
        changed = [{**row, "INDHOLD": times(row["INDHOLD"], table.factor)} for row in rows]
        newest = max(row["TID"] for row in rows)
        for number, month in enumerate(table.months, start=1):
            changed += [
                {**row, "TID": month, "INDHOLD": times(row["INDHOLD"], 1 + number / 200, 1)}
                for row in rows
                if row["TID"] == newest
            ]
        return changed

    return change


def times(cell: str, factor: float, more: int = 0) -> str:
    """A figure a little larger, with as many decimals as it had."""
    if not cell.replace(".", "").isdigit():
        return cell
    decimals = len(cell.partition(".")[2])
    return f"{float(cell) * factor + (more if float(cell) else 0):.{decimals}f}"


def _description(table: Table) -> Callable[[Any], Any]:
    def change(told: Any) -> Any:
        if not isinstance(told, dict):
            return told
        for stamp in ("updated", "lastDataUpdate"):
            if stamp in told and table.changed:
                told = {**told, stamp: table.changed}
        if table.months and "variables" in told:
            more = [{"id": month, "text": month} for month in table.months]
            told["variables"] = [
                {**v, "values": [*v["values"], *more]} if v.get("time") else v
                for v in told["variables"]
            ]
        return told

    return change


@dataclass(frozen=True)
class Night:
    """What is special about a night; most have nothing."""

    down: tuple[str, ...] = ()
    faults: tuple[tuple[str, Fault], ...] = ()
    revised: tuple[str, ...] = ()
    new_months: tuple[str, ...] = ()
    is_killed: bool = False
    is_skipped: bool = False


def plan(nights: int, seed: int) -> list[Night]:
    """Outages of a night and of days, revisions, late months, two crashes, a stopped scheduler."""
    found: dict[int, dict[str, Any]] = {number: {} for number in range(nights)}
    for number, more in _events(nights, random.Random(seed)):
        found.get(number, {}).update(more)
    for number in range(nights // 2, nights // 2 + 3):
        found[number] = {"is_skipped": True}
    return [Night(**more) for more in found.values()]


def _events(nights: int, chance: random.Random) -> Iterator[tuple[int, dict[str, Any]]]:
    """Night and what is special about it; later ones go before earlier ones."""
    for start in range(25, nights, 47):
        down = chance.choice(["statbank", "klimaregnskabet"])
        length = chance.choice([1, 1, 2, 4])
        yield from ((number, {"down": (down,)}) for number in range(start, start + length))
    for number in range(12, nights, 37):
        fault = chance.choice([faults.html(), faults.status(503), faults.short_body()])
        yield number, {"faults": (("energidataservice", fault), ("statbank", fault))}
    for number in range(5, nights, 16):
        yield number, {"revised": (chance.choice(REVISED),)}
    # A month comes when it should, but those of the summer are three weeks late.
    for number in range(14, nights, 30):
        late = 21 if number in range(150, 260) else 0
        yield number + late, {"new_months": MONTHLY}
    for number in (nights // 3, 2 * nights // 3):
        yield number, {"is_killed": True, "revised": ("BOL102", "LABY25")}


def apply(year: Year, providers: Providers, night: Night, day: date, chance: random.Random) -> None:
    """Bring the providers into the state of a night."""
    providers.heal()
    for name in night.revised:
        year.revise(name, day, chance)
    for name in night.new_months:
        year.add_month(name, "2026M01" if name == "BIL54" else "2026M02", day)
    for provider, fault in night.faults:
        providers.fail(provider, None, fault)
    for provider in night.down:
        providers.down(provider)


def moment(start: date, number: int, hour: int, minute: int = 30) -> datetime:
    """A clock time of the night with this number, in UTC."""
    day = start + timedelta(days=number)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
