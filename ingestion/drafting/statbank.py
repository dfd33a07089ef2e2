"""A draft out of StatBank's ``tableinfo`` and the table's two newest periods."""

import re
from datetime import datetime
from typing import Any

from ingestion.casting import NO_MUNICIPALITY, PERIOD_FORMS
from ingestion.declaration import ColumnType, Source
from ingestion.drafting import CADENCES, Draft, Wanted, column_name, retired
from ingestion.drafting.sampling import sampled, with_what_was_seen
from ingestion.errors import DeclarationError
from ingestion.freshness import period_start
from ingestion.geography import KNOWN_MUNICIPALITIES
from ingestion.protocols import Access, statbank

Variable = dict[str, Any]
UNIT_WORDS = re.compile(
    r"\b(?:number|area|m2|km2?|kg|tonnes?|per cent|pct|share|dkk|gj|mwh|index)\b"
)
SEVERAL, SAMPLE_PERIODS = 20, 2


def draft(wanted: Wanted, access: Access) -> Draft:
    """Ask StatBank what a table is and draft its declaration.

    Args:
        wanted: the source's names and the provider's name of the table.
        access: how StatBank is reached.

    Raises:
        ProviderError: StatBank does not know the table, in its own words.
        DeclarationError: the table has several geographies, or other periods than years, quarters
            and months.
    """
    info = statbank.describe(access, wanted.table_name)
    title_da = statbank.describe(access, wanted.table_name, "da")["text"]
    declaration, notes = _declared(wanted.source_id, wanted.entity, info, title_da)
    source = Source.model_validate(declaration)
    sample = sampled(_newest(source, info), access, info | {"contacts": []})
    return with_what_was_seen(declaration, notes, sample)


def _declared(
    source_id: str, entity: str, info: dict[str, Any], title_da: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """What the description alone says, with its notes."""
    geography, time, others = _kinds(info)
    kind, cadence = _period(time)
    newest = time["values"][-1]["id"]
    notes = retired(info)
    columns = [
        *_places(geography),
        *_dimensions(others, {"municipality_code", kind.value, entity}, notes),
        _column(kind.value, "TID", kind.value, f"The {kind.value} that is meant."),
    ]
    unit = str(info.get("unit") or "-").lower()
    notes[f"columns.{entity}.name"] = "name it by what is counted, its unit last (_pct, _km2)"
    if unit == "-":
        notes[f"columns.{entity}.unit"] = "the provider states no unit for the whole table"
    measure = _column(entity, "INDHOLD", "decimal", f"{info['text']}.")
    notes["publication_lag_days"] = f"from the first day of {newest}, as seen; is it usual?"
    notes["owner"] = "who answers for this source"
    declaration = {
        "id": source_id,
        "provider": "statbank",
        "table": info["id"],
        "title": info["text"],
        "title_da": title_da,
        "url": f"https://www.statbank.dk/{info['id']}",
        "documentation_url": _documentation(info),
        "cadence": cadence,
        "publication_lag_days": _lag(info, newest),
        "owner": "secretariat",
        "staging_model": f"stg_statbank__{entity}",
        "unknown_municipalities": _unknown(geography, notes),
        "request": _request(geography, time, others, notes),
        "columns": [*columns, measure | {"key": False, "unit": unit, "nullable": True}],
    }
    return declaration, notes


def _places(geography: Variable | None) -> list[dict[str, Any]]:
    if geography is None:
        return []
    return [_column("municipality_code", geography["id"], "municipality", "The municipality.")]


def _kinds(info: dict[str, Any]) -> tuple[Variable | None, Variable, list[Variable]]:
    """The variables of place, which a table of the country has not, and time, and the rest."""
    places = [v for v in info["variables"] if _municipalities(v) >= len(KNOWN_MUNICIPALITIES) // 2]
    times = [v for v in info["variables"] if v.get("time")]
    if len(places) > 1 or len(times) != 1:
        found = ", ".join(v["id"] for v in places) or "none"
        raise DeclarationError(
            f"{info['id']} needs one variable of time and at most one of municipalities; of "
            f"municipalities there is {found}."
        )
    rest = [v for v in info["variables"] if v not in (*places, times[0])]
    return next(iter(places), None), times[0], rest


def _municipalities(variable: Variable) -> int:
    return len({value["id"].zfill(4) for value in variable["values"]} & KNOWN_MUNICIPALITIES)


def _period(time: Variable) -> tuple[ColumnType, str]:
    newest = time["values"][-1]["id"]
    for kind, form in PERIOD_FORMS.items():
        if form.fullmatch(newest):
            return kind, CADENCES[kind].value
    raise DeclarationError(f"Periods such as {newest!r} are neither years, quarters nor months.")


def _column(name: str, provider_name: str, kind: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "provider_name": provider_name,
        "type": kind,
        "description": description,
        "key": True,
    }


def _asked(variable: Variable) -> list[str] | None:
    """The codes of a variable that are asked for; None when the provider sums over it."""
    if variable.get("elimination"):
        return None
    codes = [value["id"] for value in variable["values"]]
    return next(([code] for code in statbank.TOTAL_CODES if code in codes), ["*"])


def _dimensions(
    variables: list[Variable], taken: set[str], notes: dict[str, str]
) -> list[dict[str, Any]]:
    """A column with its codes, under a name of its own, for every variable that stays."""
    columns: list[dict[str, Any]] = []
    for variable in variables:
        asked = _asked(variable)
        if asked is None:
            continue
        texts = {value["id"]: value["text"] for value in variable["values"]}
        codes = texts if asked == ["*"] else {code: texts[code] for code in asked}
        name = column_name(variable["text"])
        if name in taken | {column["name"] for column in columns}:
            name = column_name(f"{variable['text']} {variable['id']}")
        column = _column(name, variable["id"].upper(), "code", f"{variable['text'].capitalize()}.")
        columns.append(column | {"codes": codes})
        notes[f"request.selection.{variable['id']}"] = _question(variable, codes)
    return columns


def _question(variable: Variable, codes: dict[str, str]) -> str:
    offered = len(variable["values"])
    text = f"{variable['text']}, {offered} code{'s' * (offered > 1)}: "
    if len([words for words in codes.values() if UNIT_WORDS.search(words.lower())]) > 1:
        return text + "these look like different units; keep one, and state its unit below"
    if len(codes) == 1:
        is_total = offered > 1
        return text + f"{'its total is asked for' if is_total else 'only this'}; is it meant?"
    several = "which of them are needed" if len(codes) > SEVERAL else "all of them"
    return text + f"{several}? Does one of them contain others?"


def _request(
    geography: Variable | None, time: Variable, others: list[Variable], notes: dict[str, str]
) -> dict[str, Any]:
    asked = {v["id"]: _asked(v) for v in others}
    summed = [v for v in others if asked[v["id"]] is None]
    if summed:
        told = ", ".join(f"{v['id']} ({v['text']})" for v in summed)
        notes["request.summed_over"] = f"the provider sums over {told}; is one of them needed?"
    kept = {name: codes for name, codes in asked.items() if codes is not None}
    place = {geography["id"]: ["*"]} if geography else {}
    selection = {**place, **kept, time["id"]: ["*"]}
    request = {"protocol": "statbank", "geography": next(iter(place), None), "selection": selection}
    request = {name: value for name, value in request.items() if value is not None}
    return request | ({"summed_over": [v["id"] for v in summed]} if summed else {})


def _unknown(geography: Variable | None, notes: dict[str, str]) -> str:
    """Codes that are neither municipalities nor one of the levels that are set aside anyway."""
    strange = [
        value["id"]
        for value in (geography or {"values": []})["values"]
        if value["id"].zfill(4) not in KNOWN_MUNICIPALITIES
        and not NO_MUNICIPALITY.fullmatch(value["id"])
    ]
    if not strange:
        return "refuse"
    notes["unknown_municipalities"] = f"{', '.join(strange[:5])} are no municipalities; why not?"
    return "set_aside"


def _documentation(info: dict[str, Any]) -> str:
    told = info.get("documentation")
    url = told.get("url") if isinstance(told, dict) else None
    return url or f"https://www.statbank.dk/{info['id']}"


def _lag(info: dict[str, Any], newest: str) -> int:
    """Days from the first day of the newest period to the day it was published on."""
    return max(0, (datetime.fromisoformat(info["updated"]).date() - period_start(newest)).days)


def _newest(source: Source, info: dict[str, Any]) -> Source:
    """The declaration, asking for the newest periods only."""
    time = next(v for v in info["variables"] if v.get("time"))
    periods = [value["id"] for value in time["values"][-SAMPLE_PERIODS:]]
    selection = source.request.selection | {time["id"]: periods}  # type: ignore[union-attr]
    request = source.request.model_copy(update={"selection": selection})
    return source.model_copy(update={"request": request})
