"""A parameter of a method with another value changes exactly the figures that it should."""

from collections.abc import Mapping
from typing import Any

import duckdb
import pytest

from tests.orchestration.reported import Built, Report, Row, Value, build, dbt, figures

Published = Mapping[str, list[dict[str, Any]]]
SOURCE: dict[str, Value] = {"boundary": "territorial", "source_name": "Kilde"}
GASES: dict[str, Value] = {"co2_t": 100_000, "ch4_t": 3_000, "n2o_t": 200}
SOURCES: dict[str, dict[str, Value]] = {
    "I.1": {"value": 237_000, "gwp_set": "AR5", **GASES},
    "I.2": {"value": 234_600, "gwp_set": "AR4", **GASES},
    "I.3": {"value": 500, "gwp_set": "AR6"},
    "I.4": {"value": "C", "explanation": "Én virksomhed.", **GASES},
}
REPORT = Report(
    "report",
    "0147",
    2025,
    [
        *figures("emissions", ghg_territorial=1000.0, ghg_territorial_waste=400.0),
        *(
            Row("emission_sources", f"territorial|{reference}", 50 + number,
                {**SOURCE, "gpc_reference": reference, **fields})
            for number, (reference, fields) in enumerate(SOURCES.items())
        ),
        Row("heat_plants", "V1", 5,
            {"plant_id": "V1", "name": "Værket", "fuel": "Naturgas", "fuel_mwh": 1000,
             "heat_mwh": 500, "power_mwh": 350, "factor": 0.20484}),
    ],
)  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("parameters") / "data", [REPORT])


def published(built: Built) -> Published:
    """Every row of every published table."""
    with duckdb.connect(str(built.draft.file), read_only=True) as connection:
        names = [name for (name,) in connection.execute("show tables").fetchall()]
        return {name: rows_of(connection, name) for name in names}


def rows_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"from {table} order by all")
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def set_parameter(built: Built, parameter: str, value: str) -> None:
    """Give a parameter another value and rebuild what follows from it; nothing else can change."""
    with duckdb.connect(str(built.draft.work_file)) as connection:
        sql = "update main.method_parameters set value = ? where parameter = ?"
        connection.execute(sql, [value, parameter])
    made = dbt(built.draft, "run", "--select", "int_method_parameters_selected+")
    assert set(made.values()) == {"success"}


def changed_columns(before: Published, after: Published, *key: str) -> dict[str, set[str]]:
    """Columns that differ, by table; rows are the same ones, found by the fields of their key."""
    changed: dict[str, set[str]] = {}
    for table, rows in after.items():
        if rows == before[table]:
            continue
        was = {tuple(row.get(name) for name in key): row for row in before[table]}
        now = {tuple(row.get(name) for name in key): row for row in rows}
        assert (len(was), was.keys()) == (len(rows), now.keys()), table
        changed[table] = {
            column
            for place, row in now.items()
            for column in row
            if row[column] != was[place][column]
        }
    return changed


def by_source(rows: list[dict[str, Any]], column: str) -> list[Any]:
    return [row[column] for row in sorted(rows, key=lambda row: str(row["gpc_reference"]))]


def test_another_gwp_set_changes_the_converted_emissions_alone(built: Built) -> None:
    before = published(built)
    sources = before["fct_emission_source"]
    assert by_source(sources, "emission_selected_gwp_tco2e") == [237_000, 237_000, None, None]
    assert by_source(sources, "reason_code") == [None, None, "gases_not_given", "no_number"]
    assert by_source(sources, "co2_t") == [100_000, 100_000, None, None]
    set_parameter(built, "gwp_set", "AR6")
    after = published(built)
    set_parameter(built, "gwp_set", "AR5")
    assert changed_columns(before, after, "gpc_reference", "gwp_set") == {
        "fct_emission_source": {
            "selected_gwp_set",
            "emission_selected_gwp_tco2e",
            "reason_code",
            "reason_da",
            "reason_en",
        },
        "fct_emission_source_gwp": {"is_selected"},
    }
    sources = after["fct_emission_source"]
    assert by_source(sources, "emission_selected_gwp_tco2e") == [238_300, 238_300, 500, None]
    assert by_source(sources, "emission_tco2e") == [237_000, 234_600, 500, None]
    assert published(built) == before


def test_another_method_of_heat_and_power_changes_what_is_selected_alone(built: Built) -> None:
    before = published(built)
    set_parameter(built, "heat_power_method", "200")
    after = published(built)
    set_parameter(built, "heat_power_method", "125")
    assert changed_columns(before, after, "plant_id", "method") == {
        "fct_heat_plant": {"is_selected"}
    }
    selected = [
        {row["method"]: round(row["heat_kgco2_per_mwh"], 1) for row in rows if row["is_selected"]}
        for rows in (before["fct_heat_plant"], after["fct_heat_plant"])
    ]
    assert selected == [{"125": 163.9}, {"200": 102.4}]


def move_boundary(built: Built, old: str, new: str) -> None:
    """The same report, with its figures under another boundary."""
    with duckdb.connect(str(built.draft.work_file)) as connection:
        sql = "update raw.submission_cell set row_key = replace(row_key, ?, ?)"
        connection.execute(f"{sql} where block = 'emissions'", [old, new])
    made = dbt(built.draft, "run", "--select", "stg_submissions__cells+")
    assert set(made.values()) == {"success"}


def test_another_boundary_moves_the_figures_of_that_report_alone(built: Built) -> None:
    before = published(built)
    move_boundary(built, "ghg_territorial", "ghg_gpc_basic")
    after = published(built)
    move_boundary(built, "ghg_gpc_basic", "ghg_territorial")
    assert published(built) == before
    boundaries = {"territorial", "gpc_basic"}
    for table, rows in after.items():
        gone, come = rows_only_in(before[table], rows), rows_only_in(rows, before[table])
        for row in [*gone, *come]:
            indicator = row.get("indicator_id") or "".join(
                name for name in row if name.startswith("ghg_") and row[name] is not None
            )
            told = {row.get("boundary"), *(b for b in boundaries if f"ghg_{b}" in indicator)}
            assert told & boundaries, (table, row)
            assert row.get("municipality_code") in {"0147", None}, (table, row)
    moved = [row for row in after["fct_emission"] if row["origin"] == "submitted"]
    assert {(row["boundary"], row["emission_tco2e"]) for row in moved} == {("gpc_basic", 400.0)}
    account = [
        [row for row in published_rows if row["indicator_id"].startswith("ghg_danish_account")]
        for published_rows in (before["fct_indicator"], after["fct_indicator"])
    ]
    assert account[0] == account[1]


def rows_only_in(rows: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {repr(row) for row in others}
    return [row for row in rows if repr(row) not in known]
