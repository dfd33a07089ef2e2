"""Drift at every source of an interface: the documented outcome each, none silent."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingestion.declaration import Source, StatBankRequest
from orchestration.source_states import source_state
from tests.ingestion.reading import EMBEDDED
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
