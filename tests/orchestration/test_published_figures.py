"""Published figures are the real ones, for every municipality, and ratios are ratios of sums."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

Query = Callable[[str], list[tuple[object, ...]]]
FIGURES = Path(__file__).resolve().parents[3] / "shared" / "data" / "figures"
needs_figures = pytest.mark.skipif(
    not FIGURES.exists(), reason="the published figures to compare with are not beside the project"
)
SECTORS = ("energy", "transport", "agriculture", "waste", "industry")


def figures(name: str) -> list[dict[str, str]]:
    with (FIGURES / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def values(query: Query, indicator: str) -> dict[tuple[object, object], object]:
    sql = (
        "select municipality_code, year, value from fct_indicator_value "
        f"where indicator_id = '{indicator}' and origin <> 'submitted'"
    )
    return {(code, year): value for code, year, value in query(sql)}


def test_denmark_in_2023_is_the_sum_of_98_accounts(query: Query) -> None:
    (row,) = query(
        "select count(*), round(sum(value)) from fct_indicator_value "
        "where indicator_id = 'ghg_danish_account' and year = 2023 and origin = 'public'"
    )
    assert row == (98, 34_039_454)


def test_laesoe_is_negative_and_stays_so(query: Query) -> None:
    rows = query(
        "select year, value from fct_indicator where municipality_code = '0825' "
        "and indicator_id = 'ghg_danish_account' and year between 2018 and 2023 order by year"
    )
    assert [round(float(str(value)), 1) for _year, value in rows] == [
        -8013.1, -9643.3, -8911.9, -7053.3, -8719.9, -9374.2,
    ]  # fmt: skip


def test_electric_share_of_household_cars_is_a_ratio_of_sums(query: Query) -> None:
    (row,) = query(
        "select sum(numerator), sum(denominator), count(*) from fct_indicator_value "
        "where indicator_id = 'car_zero_emission_share' and year = 2026"
    )
    assert row == (556_275, 2_916_524, 98)
    (alliance,) = query(
        "select car_zero_emission_share_pct from mart_alliance_year "
        "where panel_id = 'all_municipalities' and year = 2026"
    )
    assert float(str(alliance[0])) == pytest.approx(100 * 556_275 / 2_916_524, abs=1e-9)


def test_per_head_is_a_ratio_of_sums_not_a_mean(query: Query) -> None:
    ((emission, population),) = query(
        "select sum(numerator), sum(denominator) from fct_indicator_value "
        "where indicator_id = 'ghg_danish_account_per_capita' and year = 2023"
    )
    ((published,),) = query(
        "select ghg_danish_account_per_capita_tco2e from mart_alliance_year "
        "where panel_id = 'all_municipalities' and year = 2023"
    )
    assert float(str(published)) == pytest.approx(float(str(emission)) / float(str(population)))


@needs_figures
def test_every_emission_equals_the_account(query: Query) -> None:
    published = {
        (code, year, sector): value
        for code, year, sector, value in query(
            "select municipality_code, year, sector_id, emission_tco2e from fct_emission "
            "where boundary = 'danish_account' and origin = 'public'"
        )
    }
    real = figures("klimaregnskab_emissions.csv")
    assert len(published) == len(real) * len(SECTORS)
    for row in real:
        for sector in SECTORS:
            key = (row["municipality_code"], int(row["year"]), sector)
            assert published[key] == float(row[f"{sector}_tco2e"]), key


@needs_figures
@pytest.mark.parametrize(
    ("indicator", "file", "column", "scale"),
    [
        ("ghg_danish_account", "klimaregnskab_emissions.csv", "total_tco2e", 1),
        (
            "re_electricity_coverage",
            "klimaregnskab_emissions.csv",
            "re_electricity_self_sufficiency_ratio",
            100,
        ),
        ("area_km2", "are207_area_km2.csv", "area_km2", 1),
        ("passenger_cars", "bil707_passenger_cars.csv", "passenger_cars", 1),
    ],
)
def test_every_yearly_value_equals_the_real_one(
    query: Query, indicator: str, file: str, column: str, scale: int
) -> None:
    published = values(query, indicator)
    real = figures(file)
    assert len(published) == len(real)
    for row in real:
        key = (row["municipality_code"], int(row["year"]))
        assert published[key] == pytest.approx(scale * float(row[column]), rel=1e-12), key


@needs_figures
def test_population_on_1_january_equals_the_register(query: Query) -> None:
    published = values(query, "population")
    real = {
        (row["municipality_code"], int(row["period"][:4])): int(row["population"])
        for name in ("folk1a_population_quarterly.csv", "folk1am_population_monthly.csv")
        for row in figures(name)
        if row["period"].endswith(("Q1", "M01"))
    }
    assert published == real


@needs_figures
def test_one_year_indicators_equal_the_real_ones_for_all_98(query: Query) -> None:
    cars = {r["municipality_code"]: r for r in figures("bil54_household_cars_2026M01.csv")}
    homes = {r["municipality_code"]: r for r in figures("bol102_dwellings_by_heating_2026.csv")}
    waste = {r["municipality_code"]: r for r in figures("laby25_household_waste_2023.csv")}
    for code, car in cars.items():
        share = 100 * int(car["electric"]) / int(car["total"])
        plugin = 100 * int(car["plugin_hybrid"]) / int(car["total"])
        fossil = int(homes[code]["oil"]) + int(homes[code]["natural_gas"])
        expected = {
            ("car_zero_emission_share", 2026): share,
            ("car_plugin_share", 2026): plugin,
            ("fossil_heated_dwelling_share", 2026): 100 * fossil / int(homes[code]["total"]),
            ("household_waste_kg_per_capita", 2023): float(waste[code]["kg_per_inhabitant"]),
            ("household_waste_recycled_share", 2023): float(waste[code]["recycled_pct"]),
        }
        for (indicator, year), value in expected.items():
            found = values_of(query, indicator, code, year)
            assert found == pytest.approx(value, rel=1e-12), (code, indicator)


@needs_figures
@pytest.mark.parametrize("part", ["biomass", "waste", "fossil", "clean"])
def test_every_share_of_the_heat_mix_equals_the_census(query: Query, part: str) -> None:
    published = values(query, f"district_heat_{part}_share")
    assert len(published) == 98
    for row in figures("ept_district_heat_mix.csv"):
        share = row[f"{part}_pct"]
        expected = float(share) if share else None
        assert published[row["municipality_code"], 2023] == expected, row["municipality_code"]


@needs_figures
def test_a_shared_network_is_named_by_the_row_that_carries_its_mix(query: Query) -> None:
    told = dict(
        query(
            "select municipality_code, source_ref from fct_indicator "
            "where indicator_id = 'district_heat_biomass_share' and year = 2023"
        )
    )
    for row in figures("ept_district_heat_mix.csv"):
        assert str(told[row["municipality_code"]]).endswith(f";Net={row['network'] or '-'}")


def test_a_municipality_without_a_mix_is_unknown_and_not_zero(query: Query) -> None:
    rows = query(
        "select distinct value, status, reason_code from fct_indicator "
        "where indicator_id like 'district_heat_%' and municipality_code = '0336' and year = 2023"
    )
    assert rows == [(None, "not_estimated", "empty")]


def values_of(query: Query, indicator: str, code: str, year: int) -> object:
    ((value,),) = query(
        f"select value from fct_indicator where indicator_id = '{indicator}' "
        f"and municipality_code = '{code}' and year = {year}"
    )
    return value


def test_nothing_unknown_is_zero(query: Query) -> None:
    ((submitted_only,),) = query(
        "select count(*) from fct_indicator "
        "where indicator_id like 'bus_%' and value is not null and not is_example"
    )
    ((unexplained,),) = query(
        "select count(*) from fct_indicator where value is null and reason_da is null"
    )
    assert (submitted_only, unexplained) == (0, 0)


def test_no_published_column_is_called_total(query: Query) -> None:
    """The whole revision of a value is no sum of figures."""
    found = query("select table_name, column_name from information_schema.columns")
    totals = {row for row in found if str(row[1]).startswith("total")}
    assert totals == {("fct_revision", "total_revision")}


def test_every_table_and_column_has_a_comment(query: Query) -> None:
    bare = "where comment is null and not internal"
    assert query(f"select table_name from duckdb_tables() {bare}") == []
    assert query(f"select table_name, column_name from duckdb_columns() {bare}") == []


def test_two_part_names_work(query: Query) -> None:
    assert query("select count(*) from monitoring.fct_indicator") == query(
        "select count(*) from fct_indicator"
    )
