"""A draft out of a data set's description at Energi Data Service and its newest records."""

import re
from datetime import UTC, date, datetime
from typing import Any

from ingestion.declaration import Source
from ingestion.drafting import Draft, Sample, Wanted, column_name, retired
from ingestion.drafting.sampling import sampled, with_what_was_seen
from ingestion.errors import DeclarationError
from ingestion.protocols import Access, energidataservice
from ingestion.windows import HOUR, window_of

Described = dict[str, Any]
MUNICIPALITY = re.compile(r"Municipality(?:No|Code)")
NUMBERS = ("decimal", "float", "int", "bigint", "double", "real", "numeric")
TIMES = ("datetime", "date")
MONTHLY, HOURLY = "P1M", "PT1H"
LOOK_BACK_DAYS, SAMPLE_HOURS = 60, 2
ADDRESS = "https://www.energidataservice.dk"


def draft(wanted: Wanted, access: Access) -> Draft:
    """Ask Energi Data Service what a data set is and draft its declaration.

    Args:
        wanted: the source's names and the provider's name of the table.
        access: how the provider is reached.

    Raises:
        ProviderError: there is no such data set.
        DeclarationError: it is neither monthly nor hourly, or has several places, or no figures.
    """
    info = energidataservice.describe(access, wanted.table_name)
    declaration, notes = _declared(wanted.source_id, wanted.entity, info)
    source = Source.model_validate(declaration)
    sample = _sampled(source, access, info)
    columns = [_with_codes(column, sample, notes) for column in declaration["columns"]]
    return with_what_was_seen(declaration | {"columns": columns}, notes, sample)


def _sampled(source: Source, access: Access, info: dict[str, Any]) -> Sample:
    """The newest month, or the newest hours."""
    if source.windows is None:
        request = source.request.model_copy(update={"start": str(info["dataTo"])[:10]})
        return sampled(source.model_copy(update={"request": request}), access, info)
    end = datetime.fromisoformat(info["dataTo"]) + HOUR
    start = end - SAMPLE_HOURS * HOUR
    answer = energidataservice.fetch_between(source, access, start, end)
    return sampled(source, access, info, answer=answer)


def _with_codes(column: dict[str, Any], sample: Sample, notes: dict[str, str]) -> dict[str, Any]:
    """A dimension with the codes that were seen, for the description lists none."""
    if column["type"] != "code":
        return column
    seen = sorted(sample.frame[column["name"]].unique())
    notes[f"columns.{column['name']}.codes"] = "only these were seen; which others are there?"
    return column | {"codes": {code: code for code in seen}}


def _declared(
    source_id: str, entity: str, info: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """What the description alone says, with its notes."""
    place, is_hourly = _place(info), _is_hourly(info)
    times = _hours(info) if is_hourly else [_month(info)]
    notes = retired(info) | {
        "title_da": "say it in Danish; the provider does not",
        "publication_lag_days": _lag_asked(info, is_hourly=is_hourly),
        "owner": "who answers for this source",
    }
    url = f"{ADDRESS}/{info.get('organizationName', 'tso-electricity')}/{info['datasetName']}"
    columns = [*times, *_dimensions(info), *_measures(info, notes)]
    if place:
        notes["unknown_municipalities"] = "numbers that are no municipality occur there"
        columns.insert(0, _column("municipality_code", place, "municipality", is_key=True))
    declaration = {
        "id": source_id,
        "provider": "energidataservice",
        "table": info["datasetName"],
        "title": info["title"],
        "title_da": info["title"],
        "url": url,
        "documentation_url": url,
        "cadence": "daily" if is_hourly else "monthly",
        "publication_lag_days": _lag(info, is_hourly=is_hourly),
        "owner": "secretariat",
        "staging_model": f"stg_energidataservice__{entity}",
        **({"unknown_municipalities": "set_aside"} if place else {}),
        "request": _request(info, columns, notes, is_hourly=is_hourly),
        "columns": columns,
    }
    return declaration, notes


def _request(
    info: dict[str, Any], columns: list[dict[str, Any]], notes: dict[str, str], *, is_hourly: bool
) -> dict[str, Any]:
    """Sorted by time, then by the rest of the key; hours in windows."""
    keys = [column for column in columns if column["key"]]
    keys.sort(key=lambda column: column["type"] not in ("hour", "month"))
    first, *rest = [column["provider_name"] for column in keys]
    request = {"protocol": "energidataservice", "sort": ",".join([f"{first} asc", *rest])}
    if not is_hourly:
        return request
    notes["request.windows.first"] = f"the data set begins {info['dataFrom'][:10]}"
    notes["request.windows.look_back_days"] = "how long does the provider correct an hour?"
    windows = {"first": _first(info), "look_back_days": LOOK_BACK_DAYS}
    return request | {"windows": windows}


def _place(info: dict[str, Any]) -> Described | None:
    found = [c for c in info["columns"] if MUNICIPALITY.fullmatch(c["dbColumn"])]
    if len(found) > 1:
        raise DeclarationError(f"{info['datasetName']} has {len(found)} columns of municipalities.")
    return dict(found[0]) if found else None


def _is_hourly(info: dict[str, Any]) -> bool:
    resolution = str(info.get("resolution"))
    if MONTHLY not in resolution and HOURLY not in resolution:
        raise DeclarationError(
            f"{info['datasetName']} is {info.get('resolution')}; only monthly and hourly data sets "
            "are read."
        )
    return HOURLY in resolution


def _time(info: dict[str, Any], *, is_utc: bool) -> Described:
    times = [c for c in info["columns"] if c["dataType"].startswith(TIMES)]
    found = [c for c in times if c["dbColumn"].endswith("UTC") == is_utc]
    if len(found) != 1:
        clock = "UTC" if is_utc else "Danish time"
        raise DeclarationError(f"{info['datasetName']} has {len(found)} columns of {clock}.")
    return dict(found[0])


def _month(info: dict[str, Any]) -> dict[str, Any]:
    """The column of Danish months; in UTC a month begins on the evening before."""
    return _column("month", _time(info, is_utc=False), "month", is_key=True)


def _hours(info: dict[str, Any]) -> list[dict[str, Any]]:
    """The hour in UTC, which tells rows apart, and in Danish time, where one comes twice."""
    return [
        _column("hour_utc", _time(info, is_utc=True), "hour", is_key=True),
        _column("hour_dk", _time(info, is_utc=False), "local_hour", is_key=False)
        | {"nullable": False},
    ]


def _dimensions(info: dict[str, Any]) -> list[dict[str, Any]]:
    """A column for every further part of the provider's key."""
    others = [c for c in info["columns"] if c.get("primaryKeyIndex") and not _is_place_or_time(c)]
    return [_column(column_name(_words(c)), c, "code", is_key=True) for c in others]


def _is_place_or_time(column: Described) -> bool:
    is_place = MUNICIPALITY.fullmatch(column["dbColumn"]) is not None
    return is_place or column["dataType"].startswith(TIMES)


def _words(column: Described) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column["dbColumn"])


def _measures(info: dict[str, Any], notes: dict[str, str]) -> list[dict[str, Any]]:
    """A column for every figure, its unit last in its name."""
    columns = []
    for described in info["columns"]:
        if described["dataType"] not in NUMBERS or described.get("primaryKeyIndex"):
            continue
        unit = described.get("unit")
        words = _words(described)
        name = column_name(words if words.endswith(str(unit)) else f"{words} {unit or ''}")
        notes[f"columns.{name}.name"] = "is it needed, and is this its name?"
        if not unit:
            notes[f"columns.{name}.unit"] = "the provider states none"
        columns.append(_column(name, described, "decimal", is_key=False) | {"unit": unit or "-"})
    return columns


def _column(name: str, described: Described, kind: str, *, is_key: bool) -> dict[str, Any]:
    return {
        "name": name,
        "provider_name": described["dbColumn"],
        "type": kind,
        "description": described.get("description") or described["dbColumn"],
        "key": is_key,
        "nullable": not is_key,
    }


def _lag(info: dict[str, Any], *, is_hourly: bool) -> int:
    """Days from the newest hour, or the first day of the newest month, to its publication."""
    to = str(info["dataTo"])
    newest = date.fromisoformat(to[:10] if is_hourly else f"{to[:7]}-01")
    updated = info.get("lastDataUpdate") or to
    return max(0, (datetime.fromisoformat(updated).date() - newest).days)


def _lag_asked(info: dict[str, Any], *, is_hourly: bool) -> str:
    if is_hourly:
        return f"as seen for {info['dataTo'][:13]}; usual?"
    return f"as seen for {info['dataTo'][:7]}, from its first day; usual?"


def _first(info: dict[str, Any]) -> str:
    """The first Danish month of which the data set has every hour."""
    begins = datetime.fromisoformat(info["dataFrom"]).replace(tzinfo=UTC)
    window = window_of(begins)
    return window.name if window.start == begins else window.after.name
