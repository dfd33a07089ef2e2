"""A draft out of a data set's description at Energi Data Service and its newest records."""

import re
from datetime import date, datetime
from typing import Any

from ingestion.declaration import Source
from ingestion.drafting import Draft, Wanted, column_name, retired
from ingestion.drafting.sampling import sampled, with_what_was_seen
from ingestion.errors import DeclarationError
from ingestion.protocols import Access, energidataservice

Described = dict[str, Any]
MUNICIPALITY = re.compile(r"Municipality(?:No|Code)")
NUMBERS = ("decimal", "float", "int", "bigint", "double", "real", "numeric")
MONTHLY = "P1M"
ADDRESS = "https://www.energidataservice.dk"


def draft(wanted: Wanted, access: Access) -> Draft:
    """Ask Energi Data Service what a data set is and draft its declaration.

    Args:
        wanted: the source's names and the provider's name of the table.
        access: how the provider is reached.

    Raises:
        ProviderError: there is no such data set.
        DeclarationError: it is not monthly, or has no municipalities or no figures.
    """
    info = energidataservice.describe(access, wanted.table_name)
    declaration, notes = _declared(wanted.source_id, wanted.entity, info)
    source = Source.model_validate(declaration)
    request = source.request.model_copy(update={"start": str(info["dataTo"])[:10]})
    sample = sampled(source.model_copy(update={"request": request}), access, info)
    return with_what_was_seen(declaration, notes, sample)


def _declared(
    source_id: str, entity: str, info: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """What the description alone says, with its notes."""
    place, month = _place(info), _month(info)
    notes = retired(info) | {
        "title_da": "say it in Danish; the provider does not",
        "publication_lag_days": f"as seen for {info['dataTo'][:7]}, from its first day; usual?",
        "owner": "who answers for this source",
        "unknown_municipalities": "numbers that are no municipality occur in these data sets",
    }
    url = f"{ADDRESS}/{info.get('organizationName', 'tso-electricity')}/{info['datasetName']}"
    declaration = {
        "id": source_id,
        "provider": "energidataservice",
        "table": info["datasetName"],
        "title": info["title"],
        "title_da": info["title"],
        "url": url,
        "documentation_url": url,
        "cadence": "monthly",
        "publication_lag_days": _lag(info),
        "owner": "secretariat",
        "staging_model": f"stg_energidataservice__{entity}",
        "unknown_municipalities": "set_aside",
        "request": {
            "protocol": "energidataservice",
            "sort": f"{month['dbColumn']} asc,{place['dbColumn']}",
        },
        "columns": [
            _column("municipality_code", place, "municipality", is_key=True),
            _column("month", month, "month", is_key=True),
            *_measures(info, notes),
        ],
    }
    return declaration, notes


def _place(info: dict[str, Any]) -> Described:
    found = [c for c in info["columns"] if MUNICIPALITY.fullmatch(c["dbColumn"])]
    if len(found) != 1:
        raise DeclarationError(
            f"{info['datasetName']} has {len(found)} columns of municipalities; it needs one."
        )
    return dict(found[0])


def _month(info: dict[str, Any]) -> Described:
    """The column of Danish months; in UTC a month begins on the evening before."""
    if MONTHLY not in str(info.get("resolution")):
        raise DeclarationError(
            f"{info['datasetName']} is {info.get('resolution')}; only monthly data sets are read."
        )
    times = [c for c in info["columns"] if c["dataType"].startswith("datetime")]
    found = [c for c in times if not c["dbColumn"].endswith("UTC")]
    if len(found) != 1:
        raise DeclarationError(f"{info['datasetName']} has {len(found)} columns of Danish time.")
    _require_no_other_key(info)
    return dict(found[0])


def _require_no_other_key(info: dict[str, Any]) -> None:
    """The description does not list the codes of other dimensions, so they cannot be drafted."""
    others = [
        c["dbColumn"]
        for c in info["columns"]
        if c.get("primaryKeyIndex") and not _is_place_or_time(c)
    ]
    if others:
        raise DeclarationError(
            f"{info['datasetName']} has further dimensions ({', '.join(others)}), whose codes its "
            "description does not list. Declare it by hand (CONTRIBUTING.md)."
        )


def _is_place_or_time(column: Described) -> bool:
    is_place = MUNICIPALITY.fullmatch(column["dbColumn"]) is not None
    return is_place or column["dataType"].startswith("datetime")


def _measures(info: dict[str, Any], notes: dict[str, str]) -> list[dict[str, Any]]:
    """A column for every figure, its unit last in its name."""
    columns = []
    for described in info["columns"]:
        if described["dataType"] not in NUMBERS:
            continue
        unit = described.get("unit")
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", described["dbColumn"])
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


def _lag(info: dict[str, Any]) -> int:
    """Days from the first day of the newest month to the day it was published on."""
    newest = date.fromisoformat(f"{info['dataTo'][:7]}-01")
    updated = info.get("lastDataUpdate") or info["dataTo"]
    return max(0, (datetime.fromisoformat(updated).date() - newest).days)
