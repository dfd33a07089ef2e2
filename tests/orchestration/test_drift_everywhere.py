"""Drift at every source of an interface: the documented outcome each, none silent."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingestion.declaration import Source, source_by_id
from ingestion.request import StatBankRequest
from ingestion.snapshot.storage import FILE_DROP
from orchestration.source_states import source_state
from tests.ingestion.reading import EMBEDDED
from tests.orchestration.conftest import settings_for
from tests.orchestration.test_drift import (
    CAPACITY,
    CASES,
    UPDATED,
    body_replaced,
    edited,
    new_variable,
    reverse_columns,
    settings_of,
    taken,
    variable,
)
from tests.providers import faults
from tests.providers.server import Providers
from warehouse import accepted
from warehouse.shapes import drift_records

STATBANK = [source for source in EMBEDDED if source.provider == "statbank"]
Drift = Callable[[Providers, Source], Any]


def request_of(source: Source) -> StatBankRequest:
    assert isinstance(source.request, StatBankRequest)
    return source.request


def renamed(providers: Providers, source: Source) -> None:
    """The variable of municipalities has a new name in description, request and answer."""
    old = str(request_of(source).geography)
    new = f"{old}NY"

    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [v | {"id": new} if v["id"] == old else v for v in found]

    providers.fail("statbank", "/tableinfo", variable(change))
    escaped = [json.dumps(name).strip('"') for name in (new, old)]
    providers.mishear("statbank", "/data", body_replaced(*escaped))
    providers.fail("statbank", "/data", faults.renamed_column(old, new))


def dropped(providers: Providers, source: Source) -> None:
    """A variable that is asked for is gone: that of municipalities when there is no other."""
    request = request_of(source)
    others = [name for name in request.selection if name not in (request.geography, "Tid")]
    gone = (others or [request.geography])[0]
    change = variable(lambda found: [v for v in found if v["id"] != gone])
    providers.fail("statbank", "/tableinfo", change)


# Drift, outcome, what is noted, whether the suggested edits meet it.
KINDS: Mapping[str, tuple[Drift, str, str, bool]] = {
    "renamed": (renamed, "failed", "column_renamed", True),
    "dropped": (dropped, "failed", "column_dropped", False),
    "added": (
        lambda p, _: p.fail("statbank", "/tableinfo", variable(new_variable)),
        "failed",
        "column_added",
        True,
    ),
    "reordered": (
        lambda p, _: p.fail("statbank", "/data", reverse_columns()),
        "accepted",
        "columns_reordered",
        True,
    ),
    "unit": (
        lambda p, _: p.fail("statbank", "/tableinfo", faults.with_fields({"unit": "dozens"})),
        "held",
        "unit_changed",
        True,
    ),
    "retyped": (
        lambda p, _: p.fail("statbank", "/data", faults.on_figures(lambda _value: "many")),
        "quarantined",
        "",
        False,
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("source", STATBANK, ids=lambda source: source.id)
@pytest.mark.parametrize("kind", KINDS)
def test_every_table_of_statbank_drifts_into_its_outcome(
    tmp_path: Path, providers: Providers, kind: str, source: Source
) -> None:
    drift, result, noted_kind, is_met = KINDS[kind]
    settings = settings_of(tmp_path, providers)
    assert taken(settings, source).result == "accepted"
    drift(providers, source)
    providers.fail("statbank", None, faults.new_release(UPDATED))
    outcome = taken(settings, source)
    assert outcome.result == result, outcome.reason
    noted = drift_records(settings.layout)
    assert {row.kind for row in noted} == ({noted_kind} if noted_kind else set())
    if result != "accepted":
        assert source_state(settings, source, outcome).state == result
        assert len(accepted.releases(settings.layout, source.id)) == 1, "the last good one stays"
    if is_met and result != "accepted":
        again = taken(settings, edited(source, noted))
        assert again.result in ("accepted", "unchanged"), again.reason


def test_every_source_of_an_interface_is_covered() -> None:
    covered = {source.id for source in STATBANK} | {case[0] for case in CASES.values()}
    interfaces = {s.id for s in EMBEDDED if s.request.protocol in ("statbank", "energidataservice")}
    assert interfaces <= covered
    assert CAPACITY in covered


KEY_FIGURES = source_by_id("klimaregnskabet_key_figures")
ACCOUNT = KEY_FIGURES.model_copy(
    update={"request": KEY_FIGURES.request.model_copy(update={"first_year": 2023})}
)


def on_fields(change: Callable[[dict[str, Any]], dict[str, Any]]) -> faults.Fault:
    return faults.on_rows(lambda found: [change(dict(row)) for row in found])


def with_sector(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*found, *({**row, "sektor": "Luftfart", "værdi": 0} for row in found[:1])]


def in_another_unit(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"enhed": "kg CO2e"} if row["enhed"] == "Ton CO2e" else row


def in_english(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"sektor": "Energy"} if row["sektor"] == "Energi" else row


# As above, for Klimaregnskabet, whose rows are found by words and units.
ACCOUNT_KINDS: Mapping[str, tuple[faults.Fault, str, set[str], bool]] = {
    "renamed": (
        on_fields(lambda row: {"value" if n == "værdi" else n: v for n, v in row.items()}),
        "quarantined",
        {"column_added"},
        False,
    ),
    "added": (on_fields(lambda row: row | {"note": "x"}), "accepted", {"column_added"}, True),
    "dropped": (
        on_fields(lambda row: {n: v for n, v in row.items() if n != "enhed"}),
        "quarantined",
        set(),
        False,
    ),
    "reordered": (on_fields(lambda row: dict(reversed(row.items()))), "accepted", set(), True),
    "unit": (on_fields(in_another_unit), "held", {"unit_changed"}, True),
    "codes grown": (faults.on_rows(with_sector), "quarantined", {"codes_grown"}, True),
    "codes gone": (
        faults.on_rows(lambda found: [row for row in found if row["sektor"] != "Transport"]),
        "quarantined",
        {"codes_gone"},
        False,
    ),
    "language": (on_fields(in_english), "quarantined", {"codes_grown", "codes_gone"}, False),
    "retyped": (
        on_fields(lambda row: row | {"værdi": f"{row['værdi']} t"}),
        "quarantined",
        set(),
        False,
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("kind", ACCOUNT_KINDS)
def test_klimaregnskabet_drifts_into_its_outcome(
    tmp_path: Path, providers: Providers, kind: str
) -> None:
    fault, result, noted_kinds, is_met = ACCOUNT_KINDS[kind]
    settings = settings_of(tmp_path, providers)
    assert taken(settings, ACCOUNT).result == "accepted"
    providers.fail("klimaregnskabet", None, fault, faults.on_rows(a_tonne_more))
    outcome = taken(settings, ACCOUNT)
    assert outcome.result == result, outcome.reason
    noted = drift_records(settings.layout)
    assert {row.kind for row in noted} == noted_kinds, noted
    releases = accepted.releases(settings.layout, ACCOUNT.id)
    assert len(releases) == (2 if result == "accepted" else 1), "the last good one stays"
    if is_met and result != "accepted":
        assert "Suggested in the declaration" in str(outcome.reason)
        again = taken(settings, edited(ACCOUNT, noted))
        assert again.result == "accepted", again.reason


def a_tonne_more(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of every municipality's transport and total: a new release that closes."""
    return [
        row | {"værdi": row["værdi"] + 1}
        if row.get("sektor") in ("Transport", "Samlet")
        and str(row.get("enhed")).endswith("CO2e")
        and isinstance(row.get("værdi"), float)
        else row
        for row in found
    ]


HEAT_MIX = source_by_id("energistyrelsen_district_heat_mix")


def heat_mix() -> str:
    (path,) = (FILE_DROP / HEAT_MIX.id).iterdir()
    return path.read_text(encoding="utf-8")


def by_cells(change: Callable[[list[str]], list[str]]) -> Callable[[str], str]:
    return lambda text: "".join(
        ";".join(change(line.split(";"))) + "\n" for line in text.splitlines()
    )


# As above, for the file that somebody leaves; cells are Kommunenr, År, four shares, own production,
# status and network.
FILE_KINDS: Mapping[str, tuple[Callable[[str], str], str, set[str], bool]] = {
    "renamed": (
        lambda t: t.replace("Affald (%)", "Affaldet (%)"),
        "quarantined",
        {"column_renamed"},
        True,
    ),
    "added": (
        by_cells(lambda c: [*c, "Note" if c[0] == "Kommunenr" else "x"]),
        "quarantined",
        {"column_added"},
        True,
    ),
    "dropped": (
        by_cells(lambda c: [*c[:3], *c[4:]]),
        "quarantined",
        {"column_dropped"},
        False,
    ),
    "reordered": (
        by_cells(lambda c: list(reversed(c))),
        "accepted",
        {"columns_reordered"},
        True,
    ),
    "split": (
        by_cells(
            lambda c: (
                [*c[:3], f"{c[3]} fossil", f"{c[3]} bio", *c[4:]]
                if c[0] == "Kommunenr"
                else [*c[:3], "1,0", "1,0", *c[4:]]
            )
        ),
        "quarantined",
        {"column_split"},
        False,
    ),
    "header moved": (lambda t: f"Brændsler\n\n{t}", "quarantined", {"header_moved"}, True),
    "delimiter": (lambda t: t.replace(";", "\t"), "quarantined", {"dialect_changed"}, True),
    "decimal mark": (lambda t: t.replace(",", "."), "quarantined", set(), False),
    "retyped": (lambda t: t.replace("65,8", "mange"), "quarantined", set(), False),
    "codes grown": (
        lambda t: t.replace(";ok;", ";fin;", 1),
        "quarantined",
        {"codes_grown"},
        True,
    ),
    "unit": (
        lambda t: t.replace("Egen produktion (TJ)", "Egen produktion (GWh)"),
        "quarantined",
        {"column_renamed"},
        True,
    ),
    "language": (
        lambda t: t.replace("Kommunenr", "Municipality").replace("År", "Year"),
        "quarantined",
        {"column_dropped", "column_added"},
        False,
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("kind", FILE_KINDS)
def test_the_heat_mix_drifts_into_its_outcome(tmp_path: Path, kind: str) -> None:
    change, result, noted_kinds, is_met = FILE_KINDS[kind]
    settings = settings_for(tmp_path, KLIMAMONITOR_TRANSPORT="live")
    inbox = settings.layout.inbox / HEAT_MIX.id
    inbox.mkdir(parents=True)
    (inbox / "2023.csv").write_text(heat_mix(), encoding="utf-8")
    assert taken(settings, HEAT_MIX).result == "accepted"
    (inbox / "2024.csv").write_text(change(heat_mix()), encoding="utf-8")
    outcome = taken(settings, HEAT_MIX)
    assert outcome.result == result, outcome.reason
    noted = drift_records(settings.layout)
    assert {row.kind for row in noted} == noted_kinds, (noted, outcome.reason)
    if is_met and result != "accepted":
        assert "Suggested in the declaration" in str(outcome.reason)
        again = taken(settings, edited(HEAT_MIX, noted))
        assert again.result in ("accepted", "unchanged"), again.reason
