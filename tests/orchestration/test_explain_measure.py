"""A derived number is followed through its formula to every input."""

from pathlib import Path
from typing import Any

import pytest

from orchestration.settings import Settings
from tests.orchestration.conftest import settings_for
from warehouse.explain import NothingToExplainError
from warehouse.explain_measure import follow

Query = Any
MUNICIPALITY, YEAR = "0147", 2024


@pytest.fixture
def settings(first_root: Path) -> Settings:
    return settings_for(first_root)


def test_every_calculation_gives_the_published_number(query: Query) -> None:
    measures = query(
        "select table_name, column_name, calculation from dim_measure where calculation is not null"
    )
    assert len(measures) >= 10
    for table, column, calculation in measures:
        found = query(
            f"select count(*), count(*) filter (where abs({column} - ({calculation})) "
            f"> 1e-9 * greatest(1, abs({column}))) from {table} where {column} is not null "
            f"and ({calculation}) is not null"
        )
        assert found[0][0] > 0, (table, column)
        assert found[0][1] == 0, (table, column, calculation)


def test_a_gap_to_path_leads_to_the_cells_it_was_made_of(settings: Settings) -> None:
    found = follow(settings.layout, MUNICIPALITY, "gap_to_path", YEAR)
    row, path = found["row"], found["path"]
    assert found["value"] == row["actual_value"] - row["path_value"]
    assert f"{row['actual_value']:.10g} - {row['path_value']:.10g}" == found["calculation"]
    assert path["is_own"]
    assert path["points"][0]["path_value"] == path["base_value"]
    assert path["points"][-1]["path_value"] == row["path_value"]
    observed = {number["number"]["year"]: number for number in found["numbers"]}
    (cell,) = observed[YEAR]["inputs"]
    assert cell["row"]["value_number"] == row["actual_value"]
    assert (cell["row"]["sheet"], cell["row"]["block"]) == ("Udledninger", "emissions")
    targets = {part["row"]["value_text"] for part in found["inputs"]}
    assert targets == {"EX-MAAL-1", "EX-MAAL-2"}


def test_another_path_is_chosen_by_its_name(settings: Settings) -> None:
    own = follow(settings.layout, MUNICIPALITY, "gap_to_path", 2023)
    others = {other["path_id"]: other["value"] for other in own["others"]}
    assert len(others) == 5
    mirror = follow(settings.layout, MUNICIPALITY, "gap_to_path", 2023, of="national_mirror")
    assert mirror["path"]["method_id"] == "national_mirror"
    assert mirror["value"] == others["national_mirror"]
    assert [number["number"]["year"] for number in mirror["numbers"]] == list(range(2018, 2024))
    assert {part["source_id"] for part in mirror["inputs"]} == {"klimaregnskabet_key_figures"}


def test_a_reference_path_is_recomputed_from_the_registers_it_names(settings: Settings) -> None:
    mirror = follow(settings.layout, MUNICIPALITY, "gap_to_path", 2023, of="national_mirror")
    told = {(row["input_id"], row["year"]): row for row in mirror["path"]["register"]}
    first, anchor = (told["national_emission", year]["value"] for year in (1990, 2018))
    share = 1 - (1 - told["reduction", 2025]["value"] / 100) * first / anchor
    of_the_way = (2023 - 2018) / (2025 - 2018)
    expected = mirror["path"]["base_value"] * (1 - share * of_the_way)
    assert mirror["row"]["path_value"] == pytest.approx(expected, rel=1e-12)
    assert told["reduction", 2025]["register_ref"].startswith("national_targets#2025|reduction")


def test_a_share_of_a_budget_is_recomputed_from_the_registers_it_names(settings: Settings) -> None:
    name = "equal_per_capita_budget_1_5c_67"
    path = follow(settings.layout, MUNICIPALITY, "gap_to_path", 2023, of=name)["path"]
    told = {row["input_id"]: row["value"] for row in path["register"]}
    denmark = told["global_budget"] * 1e9 * told["danish_population"] / told["world_population"]
    assert path["budget_tco2e"] == pytest.approx(denmark * path["population_share"], rel=1e-12)


def test_every_reference_path_names_its_registers(query: Query) -> None:
    silent = query(
        "select distinct path_id from dim_path where not is_own "
        "and path_id not in (select path_id from dim_path_input)"
    )
    assert silent == []


def test_a_trend_leads_to_every_year_of_its_window(settings: Settings) -> None:
    found = follow(settings.layout, MUNICIPALITY, "trend_slope", 2023)
    assert found["row"]["indicator_id"] == "ghg_danish_account"
    assert len(found["numbers"]) == found["row"]["observed_years"] == 6


def test_an_indicator_is_explained_as_before(settings: Settings) -> None:
    found = follow(settings.layout, MUNICIPALITY, "population", 2023)
    assert found["number"]["indicator_id"] == "population"


@pytest.mark.parametrize(
    ("name", "year", "of", "told"),
    [
        ("gap_to_moon", 2023, None, "dim_measure list what"),
        ("gap_to_path", 1890, None, "of path_id: none"),
        ("gap_to_path", 2023, "my_path", "national_mirror"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(
    settings: Settings, name: str, year: int, of: str | None, told: str
) -> None:
    with pytest.raises(NothingToExplainError, match=told):
        follow(settings.layout, MUNICIPALITY, name, year, of=of)


def test_where_no_path_could_be_drawn_the_reason_is_told(settings: Settings) -> None:
    with pytest.raises(NothingToExplainError, match=r"national_mirror: .*zero or negative"):
        follow(settings.layout, "0825", "gap_to_path", 2023)
    with pytest.raises(NothingToExplainError, match="0411 is no municipality"):
        follow(settings.layout, "0411", "gap_to_path", 2023)
