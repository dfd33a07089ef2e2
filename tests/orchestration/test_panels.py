"""Panels: who is added up in which year, what is added up, and the gates that see a wrong sum."""

import csv
import math
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.orchestration.reported import Built, Report, Row, build, dbt, figures

Query = Callable[[str], list[tuple[Any, ...]]]
DBT = Path(__file__).resolve().parents[2] / "dbt_project"
ON_DATE, CONSTANT, PILOTS = (
    "alliance_members_on_date",
    "alliance_members_constant",
    "dk2020_pilots_listed",
)
REGISTERS = Report(
    "registers",
    None,
    None,
    [
        Row(
            "memberships",
            f"{code}|{status}",
            number,
            {"municipality_code": code, "status": status, "valid_from_date": since,
             "evidence_da": "Brev", "recorded_on": date(2026, 1, 5)},
        )
        for number, (code, status, since) in enumerate(
            [
                ("0147", "left", date(2024, 6, 1)),
                ("0101", "member", date(2025, 1, 1)),
                ("0165", "member", date(2022, 1, 1)),
            ],
            start=5,
        )
    ],
    form_id="registers",
)  # fmt: skip
OWN = Report(
    "own",
    "0165",
    2025,
    [
        *figures("emissions", ghg_territorial=1000, ghg_territorial_waste="NE"),
        *figures("key_figures", 40, buses_total=20, buses_electric=3, buses_hydrogen="NO",
                 buses_biogas=0, buses_hvo=0, buses_hybrid=0, buses_fossil=17),
    ],
)  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A register in which one municipality leaves and one joins, and one report."""
    return build(tmp_path_factory.mktemp("panels") / "data", [REGISTERS, OWN])


def members(built: Built, panel: str) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    sql = f"select year, municipality_code from fct_panel_member where panel_id = '{panel}'"
    for year, code in built.ask(sql):
        found[year].add(code)
    return found


def test_a_change_of_membership_moves_the_panel_of_the_date_alone(built: Built) -> None:
    (listed,) = {frozenset(codes) for codes in members(built, PILOTS).values()}
    on_date = members(built, ON_DATE)
    assert min(on_date) == 2021
    assert on_date[2023] == listed
    assert on_date[2024] == listed - {"0147"}
    assert on_date[2025] == (listed - {"0147"}) | {"0101"}
    constant = members(built, CONSTANT)
    assert {frozenset(codes) for codes in constant.values()} == {listed - {"0147"}}
    assert (min(constant), max(constant)) == (2007, 2026)


def test_the_figures_of_a_panel_follow_its_members(built: Built) -> None:
    population = {
        (panel, year): value
        for panel, year, value in built.ask(
            "select panel_id, year, population from mart_alliance_year where year > 2021"
        )
    }
    ((frederiksberg, copenhagen),) = built.ask(
        "select sum(population) filter (where municipality_code = '0147'), "
        "sum(population) filter (where municipality_code = '0101') "
        "from mart_municipality_year where year = 2025"
    )
    joined = population[PILOTS, 2025] - frederiksberg + copenhagen
    assert population[ON_DATE, 2023] == population[PILOTS, 2023]
    assert population[ON_DATE, 2025] == joined
    assert population[CONSTANT, 2025] == population[PILOTS, 2025] - frederiksberg


def test_listed_members_are_counted_apart(built: Built) -> None:
    rows = built.ask(
        "select municipalities_count, municipalities_unconfirmed_count from mart_alliance_year "
        f"where panel_id = '{ON_DATE}' and year in (2021, 2025) order by year"
    )
    assert rows == [(20, 20), (20, 18)]


def test_a_part_is_never_shown_as_the_whole(built: Built) -> None:
    rows = built.ask(
        "select indicator_id, value, known_sum, municipalities_with_value_count, is_complete, "
        f"reason_code, reason_da from fct_panel_indicator where panel_id = '{ON_DATE}' "
        "and year = 2025 and indicator_id in ('ghg_territorial', 'bus_zero_emission_share') "
        "order by indicator_id"
    )
    why = "Kun 1 af 20 kommuner har et tal, der kan lægges sammen; en delsum vises ikke som hele "
    assert rows == [
        ("bus_zero_emission_share", None, None, 1, False, "members_missing", why + "kredsens."),
        ("ghg_territorial", None, 1000, 1, False, "members_missing", why + "kredsens."),
    ]


def test_every_gate_holds_on_a_sound_build(built: Built) -> None:
    assert built.failed == set()


@contextmanager
def spoilt(built: Built, file: Path, sql: str) -> Iterator[None]:
    """One statement on the built files, which are put back afterwards."""
    kept = file.with_suffix(".kept")
    shutil.copy(file, kept)
    try:
        with duckdb.connect(str(file)) as connection:
            connection.execute(sql)
        yield
    finally:
        shutil.move(kept, file)


SPOILT = [
    ("panels_add_up_to_the_whole", "update fct_panel_indicator set value = value + 1 where "
     "panel_id = 'region_1081' and indicator_id = 'ghg_danish_account' and year = 2023"),
    ("panels_add_up_to_the_whole", "update fct_panel_indicator set municipalities_with_value_count "
     "= 3 where panel_id = 'structural_group_2' and indicator_id = 'label_coverage'"),
    ("panel_sectors_sum_to_total", "update fct_panel_indicator set value = value + 100 where "
     "panel_id = 'region_1081' and indicator_id = 'ghg_danish_account_waste' and year = 2023"),
    ("joins_neither_multiply_nor_drop", "insert into mart_municipality_year from "
     "mart_municipality_year where municipality_code = '0101' and year = 2023"),
    ("joins_neither_multiply_nor_drop", "update mart_alliance_year set car_plugin_share_pct = null "
     "where year = 2026 and panel_id = 'all_municipalities'"),
    ("accepted_rows_are_conserved", "update raw.source_state set rows_accepted = 97 "
     "where source_id = 'statbank_laby25'"),
    ("accepted_rows_are_conserved", "update raw.source_state set rows_read = rows_read + 1 "
     "where source_id = 'statbank_bol102'"),
    ("accepted_rows_are_conserved", "update raw.submission set facts_count = facts_count + 1"),
]  # fmt: skip


@pytest.mark.parametrize(("gate", "sql"), SPOILT)
def test_every_gate_can_fail(built: Built, gate: str, sql: str) -> None:
    draft = built.draft
    with spoilt(built, draft.work_file if " raw." in sql else draft.file, sql):
        tested = dbt(draft, "test", "--select", gate)
    assert tested == {gate: "fail"}


def test_totals_and_ratios_equal_direct_sums(query: Query) -> None:
    panels = defaultdict(list)
    for panel, year, code in query(
        "select panel_id, year, municipality_code from fct_panel_member"
    ):
        panels[panel, year].append(code)
    shown = {
        (indicator, year, code): parts
        for indicator, year, code, *parts in query(
            "select indicator_id, year, municipality_code, cell.value, aggregation, scale, "
            "fact.numerator, fact.denominator "
            "from fct_indicator as cell inner join dim_indicator using (indicator_id) "
            "inner join fct_indicator_value as fact "
            "using (municipality_code, indicator_id, year, origin)"
        )
    }
    rows = query(
        "select panel_id, year, indicator_id, value, known_sum, numerator, denominator "
        "from fct_panel_indicator where value is not null or known_sum is not null"
    )
    assert len(rows) > 1000
    for panel, year, indicator, value, known_sum, numerator, denominator in rows:
        parts = [shown[c] for m in panels[panel, year] if (c := (indicator, year, m)) in shown]
        aggregation, scale = parts[0][1:3]
        if aggregation == "sum":
            direct = math.fsum(part[0] for part in parts if part[0] is not None)
            assert (value if known_sum is None else known_sum) == pytest.approx(direct, rel=1e-9)
        else:
            above, below = (math.fsum(part[i] for part in parts) for i in (3, 4))
            assert (numerator, denominator) == pytest.approx((above, below), rel=1e-9)
            assert value == pytest.approx(scale * above / below, rel=1e-9)


def test_every_indicator_of_the_catalogue_is_in_the_wide_tables(query: Query) -> None:
    with (DBT / "seeds" / "indicators.csv").open(encoding="utf-8") as file:
        catalogue = list(csv.DictReader(file))
    suffix = {"%": "_pct", "t CO2e": "_tco2e", "t CO2e/capita": "_tco2e"}
    for table, wanted in {
        "mart_municipality_year": catalogue,
        "mart_alliance_year": [row for row in catalogue if row["aggregation"] != "none"],
    }.items():
        path = DBT / "models" / "publication" / f"{table}.yml"
        (model,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        columns = {column["name"] for column in model["columns"]}
        names = {row["indicator_id"] + suffix.get(row["unit"], "") for row in wanted}
        assert names - columns == set()


def test_a_figure_that_can_be_of_two_origins_says_whose_it_is(query: Query) -> None:
    with (DBT / "seeds" / "indicators.csv").open(encoding="utf-8") as file:
        both = [r["indicator_id"] for r in csv.DictReader(file) if "," in r["origin_precedence"]]
    for indicator in both:
        rows = query(
            f"select count(*) from mart_municipality_year where ({indicator}_tco2e is null) "
            f"<> ({indicator}_tco2e_origin is null)"
        )
        assert rows == [(0,)], indicator
    ((origin,),) = query(
        "select distinct ghg_danish_account_tco2e_origin from mart_municipality_year "
        "where year = 2023"
    )
    assert origin == "public"


def test_a_total_of_one_origin_has_no_rate_of_another(query: Query) -> None:
    rows = query(
        "select count(*), count(ghg_danish_account_per_capita_tco2e) from mart_municipality_year "
        "where ghg_danish_account_tco2e_origin = 'submitted'"
    )
    assert rows == [(1, 0)]
