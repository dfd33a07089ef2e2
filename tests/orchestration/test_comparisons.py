"""Changes, peers and coverage of the snapshot equal what is computed apart from the models."""

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pytest

Query = Callable[[str], list[tuple[object, ...]]]


def shown(query: Query, indicator: str) -> dict[tuple[str, int], float]:
    rows = query(
        "select municipality_code, year, value from fct_indicator "
        f"where indicator_id = '{indicator}' and value is not null"
    )
    return {(str(code), int(str(year))): float(str(value)) for code, year, value in rows}


def newest(query: Query, indicator: str, divided_by: str | None = None) -> dict[str, float]:
    """Figures of the newest year that has all 98 municipalities."""
    above = shown(query, indicator)
    if divided_by:
        below = shown(query, divided_by)
        above = {key: value / below[key] for key, value in above.items() if key in below}
    years: dict[int, dict[str, float]] = defaultdict(dict)
    for (code, year), value in above.items():
        years[year][code] = value
    return max((y, found) for y, found in years.items() if len(found) == 98)[1]


def test_the_nearest_are_those_of_an_independent_computation(query: Query) -> None:
    variables = [
        (newest(query, "population"), np.log),
        (newest(query, "population", "area_km2"), np.log),
        (newest(query, "passenger_cars_per_1000_inhabitants"), np.asarray),
        (newest(query, "ghg_danish_account_agriculture", "population"), np.asarray),
        (newest(query, "fossil_heated_dwelling_share"), np.asarray),
    ]
    codes = sorted(variables[0][0])
    scores = []
    for figures, transformed in variables:
        values = transformed(np.array([figures[code] for code in codes]))
        scores.append((values - values.mean()) / values.std())
    points = np.array(scores).T
    apart = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    expected = {
        (codes[one], codes[other], rank): apart[one, other]
        for one in range(98)
        for rank, other in enumerate(np.argsort(apart[one], kind="stable")[:5], 1)
    }
    rows = query(
        "select municipality_code, peer_code, peer_rank, distance from fct_peer "
        "where method = 'nearest'"
    )
    assert {row[:3] for row in rows} == expected.keys()
    for code, peer, rank, distance in rows:
        found = expected[str(code), str(peer), int(str(rank))]
        assert float(str(distance)) == pytest.approx(found, abs=1e-6)


def test_a_structural_group_is_everybody_else_in_it(query: Query) -> None:
    rows = query(
        "select m.structural_group_no, count(distinct m.municipality_code), count(p.peer_code) "
        "from dim_municipality m left join fct_peer p on m.municipality_code = p.municipality_code "
        "and p.method = 'structural_group' group by all order by all"
    )
    assert len(rows) == 5
    for _group, members, pairs in rows:
        assert pairs == int(str(members)) * (int(str(members)) - 1)


def test_every_change_of_the_account_is_the_difference_of_two_years(query: Query) -> None:
    figures = shown(query, "ghg_danish_account")
    rows = query(
        "select municipality_code, year, change_abs, change_pct, change_from_base_pct "
        "from fct_indicator "
        "where indicator_id = 'ghg_danish_account' and year between 2019 and 2023"
    )
    assert len(rows) == 5 * 98
    for code, year, absolute, relative, since_base in rows:
        now = figures[str(code), int(str(year))]
        before, base = figures[str(code), int(str(year)) - 1], figures[str(code), 2018]
        assert absolute == now - before
        assert relative == (100 * (now - before) / before if before > 0 else None)
        assert since_base == (100 * (now - base) / base if base > 0 else None)


def test_what_may_not_be_compared_has_no_change_and_says_why(query: Query) -> None:
    rows = query(
        "select distinct comparability_code, change_abs is null, comparability_da is null "
        "from fct_indicator where value is not null"
    )
    without = {row[0] for row in rows if row[1]}
    assert {row[2] for row in rows} == {False}
    assert "no_earlier_value" in without
    assert without.isdisjoint({row[0] for row in rows if not row[1]})


def test_coverage_counts_every_cell_once(query: Query) -> None:
    ((cells, known),) = query("select count(*), count(*) filter (where is_known) from fct_coverage")
    shown_sql = "count(*) filter (where value is not null or status = 'not_occurring')"
    assert query(f"select count(*), {shown_sql} from fct_indicator") == [(cells, known)]
    ((asked, told, by_status),) = query(
        "select sum(municipalities), sum(municipalities_known), sum(municipalities_reported "
        "+ municipalities_not_occurring + municipalities_included_elsewhere "
        "+ municipalities_not_estimated + municipalities_confidential + municipalities_suppressed "
        "+ municipalities_missing) from mart_coverage_indicator_year"
    )
    assert (asked, told, by_status) == (cells, known, cells)


def test_the_newest_comparison_is_with_the_median_of_peers(query: Query) -> None:
    cars = {c: v for (c, y), v in shown(query, "car_zero_emission_share").items() if y == 2026}
    peers: dict[object, list[float]] = defaultdict(list)
    for code, peer in query(
        "select municipality_code, peer_code from fct_peer where method = 'nearest'"
    ):
        peers[code].append(cars[str(peer)])
    rows = query(
        "select municipality_code, peer_median, peers_compared from fct_peer_comparison "
        "where indicator_id = 'car_zero_emission_share' and method = 'nearest'"
    )
    assert len(rows) == 98
    for code, median, compared in rows:
        assert compared == 5
        assert float(str(median)) == pytest.approx(float(np.median(peers[code])))
