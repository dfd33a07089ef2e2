"""Submissions in the warehouse: the figures they end in, and the tests that stop what is wrong."""

from datetime import date
from pathlib import Path

import pytest

from tests.orchestration.reported import Built, Report, Row, Value, build, figures

BUSES: dict[str, Value] = {
    "buses_total": 20,
    "buses_electric": 2,
    "buses_hydrogen": 1,
    "buses_biogas": "NO",
    "buses_hvo": 0,
    "buses_hybrid": 2,
    "buses_fossil": 15,
}


def events(project: str, first_row: int, *points: tuple[float, float, float]) -> list[Row]:
    """Damage of single events before and after a project."""
    names = ("return_period_years", "damage_before_dkk", "damage_after_dkk")
    return [
        Row(
            "damage_points",
            f"{project}|{point[0]}",
            first_row + number,
            {"project_id": project, **dict(zip(names, point, strict=True))},
        )
        for number, point in enumerate(points)
    ]


FIRST = Report(
    "first",
    "0147",
    2025,
    [
        *figures("emissions", ghg_territorial=200_000),
        Row("municipality", "remarks", 14, {"answer": "Tallene er foreløbige."}),
    ],
    is_in_force=False,
    is_example=True,
)
CORRECTED = Report(
    "corrected",
    "0147",
    2025,
    [
        *figures("emissions", 6, ghg_territorial=199_000, ghg_territorial_waste="NE"),
        Row("municipality", "remarks", 14, {"answer": "Spørg søren@køge.dk."}),
        Row(
            "targets",
            "M1",
            20,
            {"target_id": "M1", "boundary": "territorial", "kind": "net_zero",
             "target_year": 2045, "adopted_by": "council", "adopted_on": date(2021, 1, 1)},
        ),
        *figures("key_figures", **BUSES, vans_total=900, vans_electric=90),
        Row(
            "partnerships",
            "10103940|A",
            5,
            {"cvr": "10103940", "agreement_id": "A", "business_name": "En virksomhed",
             "from_on": date(2024, 1, 1), "saved_mwh": 12.5},
        ),
        Row(
            "partnerships",
            "10103940|B",
            6,
            {"cvr": "10103940", "agreement_id": "B", "business_name": "En virksomhed",
             "from_on": date(2024, 1, 1), "to_on": date(2025, 12, 30)},
        ),
        Row(
            "actions",
            "H1",
            5,
            {"action_id": "H1", "title": "Spørg ole@kommune.dk", "sector": "energy",
             "status": "ongoing"},
        ),
        Row(
            "adaptation_projects",
            "K1",
            5,
            {"project_id": "K1", "title": "Skybrudsvej", "hazard": "cloudburst",
             "completed_on": date(2025, 5, 1), "cost_dkk": 2_000_000,
             "damage_before_dkk": 500_000, "damage_after_dkk": 100_000,
             "damage_basis": "ex_ante"},
        ),
        Row(
            "adaptation_projects",
            "K2",
            6,
            {"project_id": "K2", "title": "Dige", "hazard": "coast",
             "completed_on": date(2025, 5, 1), "damage_basis": "ex_ante"},
        ),
        *events("K1", 70, (50, 9_000_000, 0), (100, 9_000_000, 0)),
        *events("K2", 80, (5, 0, 0), (20, 4e6, 0), (50, 12e6, 3e6), (100, 25e6, 20e6)),
        *events("K3", 90, (50, 9_000_000, 0), (100, 9_000_000, 0)),
    ],
    supersedes="first",
    is_example=True,
)  # fmt: skip
REAL = Report(
    "real",
    "0751",
    2023,
    figures(
        "emissions",
        ghg_danish_account=1_600_000,
        ghg_gpc_basic=1_500_000,
        ghg_gpc_basic_stationary_energy="C",
        ghg_gpc_basic_transport=600_000,
        ghg_gpc_basic_waste=100_000,
    ),
)
LATER = Report(
    "later",
    "0147",
    2026,
    [
        *figures("emissions", ghg_territorial_waste=0),
        *figures(
            "key_figures",
            40,
            vans_total=900,
            vans_electric="IE",
            vans_hydrogen="NO",
            trucks_total="IE",
            trucks_electric=4,
            trucks_hydrogen=1,
        ),
    ],
)
WITHDRAWN = Report(
    "withdrawn",
    "0101",
    2025,
    [Row("municipality", "remarks", 14, {"answer": "Taget tilbage."})],
    is_in_force=False,
    withdrawn_because="Fejl i tallene, skriv til ane@kommune.dk",
)
ELSEWHERE = Report(
    "elsewhere",
    "0751",
    2023,
    figures(
        "emissions",
        ghg_gpc_basic=1_400_000,
        ghg_gpc_basic_plus=1_700_000,
        ghg_gpc_basic_plus_waste=90_000,
    ),
    form_id="cdp",
)
REGISTERS = Report(
    "registers",
    None,
    2026,
    [
        Row(
            "memberships",
            "0101|2022-01-01",
            5,
            {"municipality_code": "0101", "status": "member",
             "valid_from_date": date(2022, 1, 1), "evidence_da": "Brev til sekretariatet",
             "recorded_on": date(2022, 2, 1)},
        )
    ],
    form_id="registers",
)  # fmt: skip
OLDER_REGISTERS = Report(
    "older_registers",
    None,
    2025,
    [
        Row(
            "memberships",
            "0151|2022-01-01",
            5,
            {"municipality_code": "0151", "status": "member",
             "valid_from_date": date(2022, 1, 1), "evidence_da": "Brev til sekretariatet",
             "recorded_on": date(2022, 2, 1)},
        )
    ],
    form_id="registers",
)  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    reports = [FIRST, CORRECTED, LATER, REAL, ELSEWHERE, WITHDRAWN, OLDER_REGISTERS, REGISTERS]
    return build(tmp_path_factory.mktemp("good") / "data", reports)


def value(
    built: Built, indicator: str, columns: str, code: str = "0147", year: int | None = None
) -> tuple[object, ...]:
    (row,) = built.ask(
        f"select {columns} from fct_indicator_value where indicator_id = '{indicator}' "
        f"and municipality_code = '{code}' and origin = 'submitted' "
        f"and year = {year or (2023 if code == '0751' else 2025)}"
    )
    return row


def test_good_reports_pass_every_test(built: Built) -> None:
    assert built.failed == set()


def test_a_share_is_made_of_the_buses_that_were_reported(built: Built) -> None:
    columns = "value, numerator, denominator, evidence_class, is_example"
    found = value(built, "bus_zero_emission_share", columns)
    assert found == (15, 3, 20, "municipal observation", True)
    assert value(built, "bus_fossil_free_share", "value") == (15,)
    assert value(built, "bus_green_share", "value") == (25,)


def test_a_blank_is_no_zero(built: Built) -> None:
    share, key, reason = value(
        built, "van_alternative_share", "value, notation_key, notation_explanation"
    )
    assert (share, key) == (None, "NE")
    assert "mangler" in str(reason)


def test_a_key_keeps_the_words_of_the_municipality(built: Built) -> None:
    columns = "value, notation_key, notation_explanation, is_complete"
    found = value(built, "ghg_territorial_waste", columns)
    assert found == (None, "NE", "Kommunen har ikke opgjort tallet: Forklaring på NE", False)


def test_a_correction_names_the_cell_it_corrects(built: Built) -> None:
    found = value(built, "ghg_territorial", "value, source_ref, supersedes")
    new, old = CORRECTED.ref("emissions", "A6"), FIRST.ref("emissions", "A5")
    assert found == (199_000, new, old)


def test_a_total_with_an_unestimated_sector_is_a_lower_bound(built: Built) -> None:
    assert value(built, "ghg_territorial", "value, is_complete") == (199_000, False)
    assert value(built, "ghg_gpc_basic", "is_complete", "0751") == (True,)


def test_a_share_of_what_is_included_elsewhere_is_no_zero(built: Built) -> None:
    columns = "value, notation_key, notation_explanation, numerator"
    told = (
        "Kommunen oplyser, at tallet indgår et andet sted: "
        "Forklaring på IE, se vans_total; Forklaring på NO"
    )
    assert value(built, "van_alternative_share", columns, year=2026) == (None, "IE", told, None)
    told = "Kommunen oplyser, at tallet indgår et andet sted: Forklaring på IE, se vans_total"
    found = value(built, "truck_alternative_share", f"{columns}, denominator", year=2026)
    assert found == (None, "IE", told, 5, None)


def test_a_zero_is_confirmed_only_by_its_basis(built: Built) -> None:
    found = value(built, "ghg_territorial_waste", "value, evidence_class", year=2026)
    assert found == (0, "municipal observation")


def test_a_confidential_sector_cannot_be_computed(built: Built) -> None:
    rows = built.ask(
        "select sector_id, emission_tco2e, notation_key from fct_emission "
        "where municipality_code = '0751' and boundary = 'gpc_basic' order by sector_id"
    )
    assert rows == [("I", None, "C"), ("II", 600_000, None), ("III", None, "C")]
    (reason,) = value(built, "ghg_gpc_basic_waste", "notation_explanation", "0751")
    assert "røbe et fortroligt tal" in str(reason)
    assert value(built, "ghg_gpc_basic", "value", "0751") == (1_500_000,)


def test_what_is_not_in_force_keeps_no_remarks_and_says_why_it_was_withdrawn(built: Built) -> None:
    rows = built.ask(
        "select submission_id, remarks_da, withdrawn_reason_da from fct_submission "
        "where submission_id in ('first', 'corrected', 'withdrawn') order by submission_id"
    )
    assert rows == [
        ("corrected", "Spørg …", None),
        ("first", None, None),
        ("withdrawn", None, "Fejl i tallene, skriv til …"),
    ]


def test_a_target_that_the_newest_report_leaves_out_is_not_newest(built: Built) -> None:
    assert built.ask("select target_id, year, is_newest_report from fct_target") == [
        ("M1", 2025, False)
    ]


def test_agreements_and_projects_become_indicators(built: Built) -> None:
    assert value(built, "business_partnerships_active", "value") == (1,)
    assert value(built, "business_partnerships_saved_mwh", "value") == (12.5,)
    avoided = value(built, "adaptation_cloudburst_avoided_damage_ex_ante_dkk", "value")
    assert avoided == (400_000,)
    assert value(built, "adaptation_investment_dkk", "value") == (2_000_000,)


def test_events_make_the_avoided_damage_that_the_report_does_not_state(built: Built) -> None:
    columns = "value, source_ref"
    found, ref = value(built, "adaptation_coast_avoided_damage_ex_ante_dkk", columns)
    assert found == pytest.approx(615_000, abs=1e-6)
    cells = [f"{letter}{row}" for row in range(80, 84) for letter in "CD"]
    assert sorted(str(ref).split(" + ")) == [
        CORRECTED.ref("damage_points", c) for c in sorted(cells)
    ]
    (made,) = built.ask(
        "select round(sum(annual_share * (damage_before_dkk - damage_after_dkk))) "
        "from fct_damage_point where project_id = 'K2'"
    )
    assert made == (615_000,)
    rows = built.ask(
        "select project_id, round(avoided_annual_damage_dkk), expected_damage_basis, "
        "damage_curve_points, round(curve_damage_before_dkk) "
        "from fct_adaptation_project order by project_id"
    )
    assert rows == [("K1", 400_000, "stated", 2, 180_000), ("K2", 615_000, "events", 4, 975_000)]


def test_a_boundary_is_of_the_report_or_else_of_cdp(built: Built) -> None:
    assert value(built, "ghg_gpc_basic", "value", "0751") == (1_500_000,)
    assert value(built, "ghg_gpc_basic_plus", "value", "0751") == (1_700_000,)
    assert value(built, "ghg_gpc_basic_plus_waste", "value", "0751") == (90_000,)


def test_public_and_submitted_stand_beside_one_another_and_the_public_is_shown(
    built: Built,
) -> None:
    rows = built.ask(
        "select origin from fct_indicator_value where indicator_id = 'ghg_danish_account' "
        "and municipality_code = '0751' and year = 2023 order by origin"
    )
    assert rows == [("public",), ("submitted",)]
    ((origin, example),) = built.ask(
        "select origin, is_example from fct_indicator "
        "where indicator_id = 'ghg_danish_account' and municipality_code = '0751' and year = 2023"
    )
    assert (origin, example) == ("public", False)


def test_nothing_reported_changes_another_municipality(built: Built, tmp_path: Path) -> None:
    alone = build(tmp_path / "data", [REAL, ELSEWHERE, REGISTERS])
    for table in ("fct_indicator_value", "fct_indicator", "fct_emission", "mart_municipality_year"):
        sql = f"select * from {table} where municipality_code <> '0147' order by all"
        assert built.ask(sql) == alone.ask(sql), table


def test_no_mail_address_is_published(built: Built) -> None:
    assert built.ask("select title from fct_action") == [("Spørg …",)]


def test_the_secretariat_adds_to_the_register_and_of_two_workbooks_the_last_counts(
    built: Built,
) -> None:
    rows = built.ask("select status, count(*) from fct_membership group by all order by all")
    assert rows == [("listed", 20), ("member", 1)]


SPOILT = [
    Report("a", "0101", 2025, figures("emissions", ghg_unheard_of=1, ghg_own_operations=1e9)),
    Report(
        "b",
        "0151",
        2025,
        [
            *figures(
                "emissions",
                ghg_gpc_basic=100,
                ghg_gpc_basic_stationary_energy=1,
                ghg_gpc_basic_transport=1,
                ghg_gpc_basic_waste="IE",
            ),
            *figures("key_figures", **{**BUSES, "buses_biogas": -9}),
        ],
    ),
    Report("c", "0151", 2025, []),
    Report(
        "d",
        "0411",
        2025,
        [
            Row("actions", "H1", 5, {"action_id": "H1", "status": "unheard_of"}),
            Row("actions", "H1", 6, {"action_id": "H1", "status": "ongoing"}),
        ],
    ),
    Report(
        "e",
        None,
        None,
        [
            Row(
                "memberships",
                "0101",
                5,
                {"municipality_code": "0101", "status": "member",
                 "valid_from_date": date(2022, 1, 1), "valid_to_date": date(2021, 1, 1)},
            ),
            Row("meetings", "M", 5, {"meeting_id": "M", "kind": "unheard_of"}),
        ],
        form_id="registers",
    ),
]  # fmt: skip
CAUGHT = {
    "bus_shares_are_nested",
    "codes_have_their_names",
    "only_submissions_in_force_are_published",
    "register_codes_are_known",
    "register_periods_end_after_they_begin",
    "register_rows_state_their_evidence",
    "reporters_are_municipalities",
    "sectors_sum_to_total",
    "submitted_figures_are_conserved",
    "submitted_rows_are_conserved",
    "unique_combination_fct_action_municipality_code__year__action_id",
    "values_lie_within_the_catalogue",
}


def test_every_test_of_submitted_rows_can_fail(tmp_path: Path) -> None:
    failed = build(tmp_path / "data", SPOILT).failed
    assert failed >= CAUGHT, CAUGHT - failed
