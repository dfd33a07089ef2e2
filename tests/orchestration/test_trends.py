"""Published trends of all 98 municipalities against SciPy, and paths against their formulas."""

import math
from collections import defaultdict
from collections.abc import Callable

import pytest
from scipy.stats import theilslopes

Query = Callable[[str], list[tuple[object, ...]]]
Point = tuple[int, float]
FEWEST, PROJECTED_TO, LAST_ZERO = 5, 2030, 2100
# Energy, industry, agriculture, land use and waste of Denmark, Mt CO2e.
EMITTED_1990 = 53.73 + 2.14 + 14.58 + 6.71 + 2.03
EMITTED_2018 = 33.81 + 2.03 + 12.96 + 2.48 + 1.08


def series(query: Query) -> dict[tuple[str, str], list[Point]]:
    """Observed public values by municipality and indicator."""
    found: dict[tuple[str, str], list[Point]] = defaultdict(list)
    rows = query(
        "select municipality_code, indicator_id, year, value from fct_indicator "
        "where indicator_id like 'ghg\\_danish\\_account%' escape '\\' "
        "and origin in ('public', 'derived') and value is not null order by all"
    )
    for code, indicator, year, value in rows:
        found[str(code), str(indicator)].append((int(str(year)), float(str(value))))
    return found


def trends(query: Query) -> dict[tuple[str, str], tuple[object, ...]]:
    rows = query(
        "select municipality_code, indicator_id, trend_slope, slope_low, slope_high, intercept, "
        "projected_value, projected_net_zero_year, observed_years, first_year, last_year, "
        "reason_code, net_zero_reason_code from fct_trend"
    )
    return {(str(row[0]), str(row[1])): row[2:] for row in rows}


def test_every_municipality_and_emission_indicator_has_a_trend_or_a_reason(query: Query) -> None:
    (row,) = query(
        "select count(*), count(distinct municipality_code), count(distinct indicator_id), "
        "count(*) filter (where (trend_slope is null) = (reason_da is null)) from fct_trend"
    )
    ((indicators,),) = query("select count(*) from dim_indicator where indicator_id like 'ghg%'")
    assert row == (98 * int(str(indicators)), 98, indicators, 0)


def test_trends_of_all_98_equal_scipy(query: Query) -> None:
    published, compared = trends(query), 0
    for key, points in series(query).items():
        slope, low, high, intercept, projected, zero, count, first, last, *_ = published[key]
        years, values = [year for year, _ in points], [value for _, value in points]
        assert (count, first, last) == (len(points), years[0], years[-1]), key
        if len(points) < FEWEST:
            assert slope is None, key
            continue
        wanted = theilslopes(values, years, method="joint")
        line = (wanted.slope, wanted.low_slope, wanted.high_slope, wanted.intercept)
        assert (slope, low, high, intercept) == pytest.approx(line, rel=1e-9, abs=1e-9), key
        level = wanted.intercept + wanted.slope * PROJECTED_TO
        assert projected is None or projected == pytest.approx(level, rel=1e-9, abs=1e-6), key
        assert level < 0 or projected is not None, key
        falls = wanted.slope < 0 and wanted.intercept + wanted.slope * years[-1] > 0
        if falls and -wanted.intercept / wanted.slope <= LAST_ZERO:
            assert zero == pytest.approx(-wanted.intercept / wanted.slope, rel=1e-9), key
        else:
            assert zero is None, key
        compared += 1
    assert compared == 98 * 6


def test_without_enough_years_there_is_a_reason_and_no_number(query: Query) -> None:
    rows = query(
        "select distinct reason_code, slope_low, projected_value, projected_net_zero_year "
        "from fct_trend where indicator_id = 'ghg_danish_account_per_capita'"
    )
    assert rows == [("too_few_observed_years", None, None, None)]


def test_a_trend_that_does_not_fall_reaches_no_zero_and_says_so(query: Query) -> None:
    rows = query(
        "select count(*) filter (where projected_net_zero_year is null) = count(*), "
        "count(*) > 0 from fct_trend where trend_slope >= 0"
    )
    assert rows == [(True, True)]
    rows = query(
        "select count(*) from fct_trend where trend_slope is not null "
        "and (projected_net_zero_year is null) = (net_zero_reason_da is null)"
    )
    assert rows == [(0,)]


def test_reference_paths_stand_side_by_side_for_all_98(query: Query) -> None:
    rows = query(
        "select path_id, count(*), count(reason_code), bool_and(is_current) from dim_path "
        "where not is_own group by path_id order by path_id"
    )
    assert rows == [
        ("contraction_convergence", 98, 1, True),
        ("equal_per_capita_budget_1_5c_50", 98, 1, True),
        ("equal_per_capita_budget_1_5c_67", 98, 1, True),
        ("halving", 98, 1, True),
        ("national_mirror", 98, 1, True),
    ]
    assert query("select distinct municipality_code from dim_path where reason_code is not null "
                 "and not is_own") == [("0825",)]  # fmt: skip


def test_every_drawn_path_states_its_rate_and_every_budget_its_source(query: Query) -> None:
    rows = query(
        "select count(*) filter (where annual_rate_pct is null), "
        "count(*) filter (where budget_tco2e is not null and budget_source not like '%IPCC%'), "
        "count(*) filter (where source_ref is null) from dim_path where reason_code is null"
    )
    assert rows == [(0, 0, 0)]


def test_a_budget_is_used_up_by_its_path_and_shared_by_heads(query: Query) -> None:
    ((national,),) = query(
        "select sum(budget_tco2e) from dim_path where path_id = 'equal_per_capita_budget_1_5c_67'"
    )
    assert national == pytest.approx(400e9 * 5_822_763 / 7_840_953_000)
    ((start, budget, later),) = query(
        "select base_value, budget_tco2e, path_value from dim_path "
        "join fct_path using (municipality_code, path_id) where municipality_code = '0101' "
        "and path_id = 'equal_per_capita_budget_1_5c_67' and year = 2030"
    )
    first, whole = float(str(start)), float(str(budget))
    assert later == pytest.approx(first * math.exp(-first / whole * 10))


def test_the_national_mirror_turns_1990_into_2018_and_ends_where_the_law_does(query: Query) -> None:
    rows = query(
        "select year, path_value / base_value from fct_path "
        "join dim_path using (municipality_code, path_id) "
        "where path_id = 'national_mirror' and municipality_code = '0101' "
        "and year in (2018, 2030, 2050) order by year"
    )
    shares = [float(str(share)) for _year, share in rows]
    assert shares == pytest.approx([1, 0.3 * EMITTED_1990 / EMITTED_2018, 0], abs=1e-9)


def test_gaps_add_up_over_the_observed_years(query: Query) -> None:
    rows = query(
        "select count(*), count(*) filter (where (gap_abs is null or is_on_track is null) "
        "and gap_reason_code is null or abs(actual_value - path_value - gap_abs) > 1e-6), "
        "count(*) filter (where (gap_years is null or gap_rel_pct is null) "
        "= (gap_reason_code is null)) from fct_progress"
    )
    count, wrong, unexplained = rows[0]
    assert int(str(count)) > 98 * 15
    assert (wrong, unexplained) == (0, 0)


def test_an_example_takes_no_place_among_real_figures(query: Query) -> None:
    rows = query(
        "select year, gap_abs is null, trend_slope is null, comparability_code from fct_progress "
        "where municipality_code = '0665' and path_id = 'national_mirror' and year >= 2023 "
        "order by year"
    )
    assert rows == [(2023, False, False, "comparable"), (2024, True, True, "origin_changed")]
    assert query(
        "select last_year, is_example from fct_trend "
        "where municipality_code = '0665' and indicator_id = 'ghg_danish_account'"
    ) == [(2023, False)]


def test_no_projection_is_below_zero_without_a_word(query: Query) -> None:
    for table, column in [
        ("fct_trend", "projected_value"),
        ("fct_progress", "projected_value_at_target_year"),
    ]:
        assert query(
            f"select count(*) from {table} where {column} < 0 and projection_reason_da is null "
            "or projected_net_zero_year > 2100"
        ) == [(0,)]
