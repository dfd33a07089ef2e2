"""Targets, paths, gaps and trends of hand-made reports; bad ones give reasons, no numbers."""

from datetime import date

import pytest

from tests.orchestration.reported import Built, Report, Row, Value, build, figures

SERIES = (100, 97, 95, 92, 90, 70, 88, 85, 83)
BASE: dict[str, Value] = {"base_year": 2018, "base_value": 400, "kind": "percent_vs_base"}
DAY = date(2021, 1, 1)


def target(name: str, year: int = 2030, adopted: date | None = DAY, **fields: Value) -> Row:
    """A target of the territorial boundary unless told otherwise."""
    given: dict[str, Value] = {"target_id": name, "boundary": "territorial", "target_year": year}
    if adopted is not None:
        given["adopted_on"] = adopted
    number = 20 + int(name[1:])
    return Row("targets", name, number, {**given, "adopted_by": "council", **fields})


def action(name: str, **fields: Value) -> Row:
    given: dict[str, Value] = {"action_id": name, "title": name, "sector": "energy"}
    return Row("actions", name, 5 + int(name[1:]), {**given, **fields})


def report(code: str, *rows: Row, year: int = 2023) -> Report:
    return Report(f"of_{code}_{year}", code, year, list(rows))


LEVEL: dict[str, Value] = {"kind": "level", "base_year": 2018, "base_value": 400}
BAD = {
    "base_year_missing": report("0147", target("M1", kind="percent_vs_base", value=70)),
    "base_value_missing": report(
        "0153", target("M1", kind="percent_vs_base", value=70, base_year=2018)
    ),
    "base_not_positive": report("0155", target("M1", **{**BASE, "base_value": 0}, value=70)),
    "interim_targets_rise": report(
        "0159", target("M1", **BASE, value=70), target("M2", 2040, **LEVEL, value=200)
    ),
    "target_year_not_after_base": report("0161", target("M1", 2018, **BASE, value=70)),
    "targets_differ_in_year": report(
        "0163", target("M1", **BASE, value=70), target("M2", **LEVEL, value=100)
    ),
    "target_value_missing": report("0165", target("M1", **BASE)),
    "targets_all_replaced": report(
        "0167",
        target("M1", **BASE, value=70, replaces="M2"),
        target("M2", **BASE, value=70, replaces="M1"),
    ),
    "base_values_differ": report(
        "0169",
        target("M1", **BASE, value=70),
        target("M2", 2040, **{**LEVEL, "base_value": 500}, value=50),
    ),
    "population_missing": report(
        "0173",
        target("M1", **{**LEVEL, "kind": "per_capita"}, value=2, boundary="danish_account"),
    ),
}
NEGATIVE = report("0157", target("M1", **{**BASE, "base_value": -9000}, value=70))
UNDATED = report("0175", target("M1", adopted=None, **BASE, value=70))
NEUTRAL_ALONE = report("0183", target("M1", 2045, kind="net_zero"))
FALLING_SERIES = [
    Report(f"of_0151_{2015 + n}", "0151", 2015 + n, figures("emissions", ghg_territorial=value))
    for n, value in enumerate(SERIES)
]
FALLING_SERIES[-1] = Report(
    "of_0151_2023",
    "0151",
    2023,
    [
        *figures("emissions", ghg_territorial=SERIES[-1]),
        target("M1", kind="level", value=30, base_year=2015, base_value=100),
    ],
)
RESTATED = [
    report(
        "0101",
        target("M1", **BASE, value=70),
        target("M2", 2045, kind="net_zero"),
        action("H1", status="ongoing", full_effect_year=2030, expected_effect_tco2e=100),
        action("H2", status="paused", full_effect_year=2028, expected_effect_tco2e=50),
        action("H3", status="planned", full_effect_year=2031, expected_effect_tco2e=50),
        action("H4", status="planned", full_effect_year=2028),
    ),
    report("0101", target("M1", **{**BASE, "base_value": 432}, value=70), year=2024),
]
READOPTED = [
    report("0185", target("M1", **BASE, value=70)),
    report(
        "0185",
        target("M1", **BASE, value=70),
        target("M2", adopted=date(2024, 6, 1), **BASE, value=80, replaces="M1"),
        year=2024,
    ),
]
CARRIED = [
    Report(
        f"of_0187_{year}",
        "0187",
        year,
        [
            Row(
                "emissions",
                "ghg_territorial",
                5,
                {"value": 100 - year % 10, "evidence_class": kind},
            )
        ],
    )
    for year, kind in [
        (2018, "municipal_observation"),
        (2019, "municipal_observation"),
        (2020, "municipal_observation"),
        (2021, "municipal_observation"),
        (2022, "carried_forward"),
        (2023, "modelled"),
    ]
]
PER_HEAD = report(
    "0190",
    target(
        "M1",
        boundary="danish_account",
        kind="per_capita",
        base_year=2019,
        base_value=400_000,
        value=2,
    ),
    target("M2", 2045, boundary="danish_account", kind="net_zero"),
)
OUTDATED = report(
    "0201",
    target("M1", **{**BASE, "base_value": 100_000}, boundary="danish_account", value=50),
)
REPORTS = [
    *BAD.values(), NEGATIVE, UNDATED, NEUTRAL_ALONE, PER_HEAD, OUTDATED,
    *FALLING_SERIES, *RESTATED, *READOPTED, *CARRIED,
]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("targets") / "data", REPORTS)


def test_every_data_test_passes(built: Built) -> None:
    assert built.failed == set()


@pytest.mark.parametrize("code", BAD)
def test_a_bad_target_has_a_path_with_a_reason_and_no_numbers(built: Built, code: str) -> None:
    municipality = BAD[code].municipality
    (row,) = built.ask(
        "select reason_code, annual_rate_pct, length(reason_da) > 20, length(reason_en) > 20 "
        f"from dim_path where is_own and municipality_code = '{municipality}'"
    )
    assert row == (code, None, True, True)
    for table in ("fct_path", "fct_progress"):
        sql = f"select count(*) from {table} where municipality_code = '{municipality}' "
        assert built.ask(sql + "and path_id like 'own_%'") == [(0,)]


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (BAD["base_year_missing"], "base_year_missing"),
        (BAD["base_value_missing"], "base_value_missing"),
        (BAD["base_not_positive"], "base_not_positive"),
        (NEGATIVE, "base_not_positive"),
        (BAD["target_year_not_after_base"], "target_year_not_after_base"),
        (BAD["target_value_missing"], "target_value_missing"),
        (BAD["population_missing"], "population_missing"),
        (UNDATED, "adopted_date_missing"),
        (NEUTRAL_ALONE, "base_year_missing"),
    ],
    ids=lambda made: made.id if isinstance(made, Report) else made,
)
def test_a_bad_target_promises_nothing_and_says_why(built: Built, made: Report, code: str) -> None:
    (row,) = built.ask(
        "select reason_code, reduction_pct, reduction_promised_tco2e, manko_tco2e, "
        "reduction_if_tonnes_kept_pct, target_if_percentage_kept_tco2e, length(reason_da) > 20 "
        f"from fct_target where submission_id = '{made.id}'"
    )
    assert row == (code, None, None, None, None, None, True)


def test_neutrality_alone_and_an_undated_target_give_no_path(built: Built) -> None:
    paths = (
        "select reason_code from dim_path where is_own and municipality_code in ('0183', '0175')"
    )
    assert built.ask(paths) == [("base_year_missing",)]


def test_a_restated_base_gives_both_readings_and_moves_no_path(built: Built) -> None:
    rows = built.ask(
        "select year, base_value_tco2e, base_value_frozen_tco2e, base_frozen_report_year, "
        "base_value_now_tco2e, round(target_level, 9), round(target_if_percentage_kept_tco2e, 9), "
        "round(reduction_if_tonnes_kept_pct, 2) from fct_target "
        "where municipality_code = '0101' and target_id = 'M1' order by year"
    )
    assert rows == [
        (2023, 400, 400, 2023, 432, 120, 129.6, 72.22),
        (2024, 432, 400, 2023, 432, 120, 129.6, 72.22),
    ]
    path = built.ask(
        "select year, round(path_value, 9) from fct_path where municipality_code = '0101' "
        "and path_id = 'own_territorial_2021-01-01' and year in (2018, 2024, 2030, 2045, 2050)"
    )
    assert path == [(2018, 400), (2024, 260), (2030, 120), (2045, 0), (2050, 0)]


def test_the_manko_counts_only_actions_that_are_alive_in_time_and_quantified(built: Built) -> None:
    (row,) = built.ask(
        "select round(reduction_promised_tco2e, 9), reduction_backed_tco2e, "
        "quantified_actions_count, round(manko_tco2e, 9) from fct_target "
        "where municipality_code = '0101' and target_id = 'M1' and year = 2023"
    )
    assert row == (280, 100, 1, 180)


def test_a_new_target_makes_a_new_path_and_the_old_one_stays(built: Built) -> None:
    rows = built.ask(
        "select dim_path.path_id, dim_path.is_current, replaced_date, round(path_value, 9) "
        "from dim_path join fct_path using (municipality_code, path_id) "
        "where dim_path.municipality_code = '0185' and dim_path.is_own and year = 2030 order by all"
    )
    assert rows == [
        ("own_territorial_2021-01-01", False, date(2024, 6, 1), 120),
        ("own_territorial_2024-06-01", True, None, 80),
    ]


def test_the_gap_reproduces_its_vector(built: Built) -> None:
    (row,) = built.ask(
        "select round(path_value, 3), round(gap_abs, 3), round(gap_rel_pct, 2), "
        "round(gap_years, 3), round(overshoot, 9), missing_years, "
        "round(required_annual_change, 3), round(effort_ratio, 3), "
        "round(required_annual_rate_pct, 2), trend_slope, projected_value_at_target_year, "
        "projected_net_zero_year, next_target_year, next_target_level, is_on_track, "
        "gap_reason_code, required_reason_code, trend_reason_code "
        "from fct_progress where municipality_code = '0151' and path_id like 'own_%' "
        "and year = 2023"
    )
    numbers = (62.667, 20.333, 32.45, 4.357, 68.0, 0, -7.571, 3.786, 13.53, -2.0, 69.0, 2064.5)
    assert row == (*numbers, 2030, 30, False, None, None, None)


def test_earlier_years_have_a_gap_and_no_trend(built: Built) -> None:
    rows = built.ask(
        "select distinct trend_slope, effort_ratio, trend_reason_code from fct_progress "
        "where municipality_code = '0151' and path_id like 'own_%' and year < 2023"
    )
    assert rows == [(None, None, "not_newest_year")]


def test_a_trend_reproduces_its_vector(built: Built) -> None:
    (row,) = built.ask(
        "select year, first_year, observed_years, trend_slope, projected_value, "
        "projected_net_zero_year, reason_code from fct_trend "
        "where municipality_code = '0151' and indicator_id = 'ghg_territorial'"
    )
    assert row == (2023, 2015, 9, -2.0, 69.0, 2064.5, None)


def test_carried_forward_and_modelled_years_make_no_trend(built: Built) -> None:
    (row,) = built.ask(
        "select first_year, last_year, observed_years, trend_slope, projected_value, reason_code "
        "from fct_trend where municipality_code = '0187' and indicator_id = 'ghg_territorial'"
    )
    assert row == (2018, 2021, 4, None, None, "too_few_observed_years")


def test_a_target_per_head_has_its_own_path(built: Built) -> None:
    rows = built.ask(
        "select dim_path.path_id, dim_path.indicator_id, dim_path.unit, round(path_value, 9) "
        "from dim_path join fct_path using (municipality_code, path_id) "
        "where dim_path.municipality_code = '0190' and dim_path.is_own "
        "and year in (2030, 2045) and reason_code is null order by year"
    )
    path = "own_danish_account_per_capita_2021-01-01"
    head = (path, "ghg_danish_account_per_capita", "t CO2e/capita")
    assert rows == [(*head, 2), (*head, 0)]
    (promise,) = built.ask(
        "select reason_code, reduction_promised_tco2e, reduction_pct between 0 and 100 "
        "from fct_target where municipality_code = '0190' and target_id = 'M1'"
    )
    assert promise == ("per_capita_in_tonnes", None, True)


def test_a_municipality_that_takes_up_more_than_it_emits_has_no_reference_path(
    built: Built,
) -> None:
    rows = built.ask(
        "select distinct reason_code from dim_path where municipality_code = '0825' and not is_own"
    )
    assert rows == [("base_not_positive",)]
    assert built.ask("select count(*) from fct_path where municipality_code = '0825'") == [(0,)]


def test_a_base_that_the_account_has_restated_gives_both_readings(built: Built) -> None:
    (row,) = built.ask(
        "select base_value_frozen_tco2e, target_level, base_value_now_tco2e = value, "
        "abs(target_if_percentage_kept_tco2e - value / 2) < 1e-6, "
        "abs(reduction_if_tonnes_kept_pct - 100 + 100 * 50000 / value) < 1e-9 "
        "from fct_target join fct_indicator using (municipality_code) "
        "where municipality_code = '0201' and indicator_id = 'ghg_danish_account' "
        "and fct_indicator.year = 2018"
    )
    assert row == (100_000, 50_000, True, True, True)
