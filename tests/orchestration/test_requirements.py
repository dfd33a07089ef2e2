"""Requirements 1 to 5 and the steering group: dated rules over dated evidence, on any date."""

import json
import random
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from tests.orchestration import required as example
from tests.orchestration.reported import Built, build
from tests.orchestration.required import PILOTS, REPORTS, varied
from warehouse.publications import NEEDED

Key = tuple[str, int, int]
IN_GRACE, AFTER_REPLY, TODAY = date(2026, 7, 15), date(2026, 9, 15), date(2026, 11, 24)
# The last days of deadline, grace and waiver and the days after them, and days drawn at random.
DAYS_DRAWN = random.Random(20210604)
DATES = [
    "2025-06-30", "2026-08-01", "2026-10-31", "2026-11-01",
    *(str(date(2021, 6, 4) + timedelta(DAYS_DRAWN.randrange(1990))) for _ in range(2)),
]  # fmt: skip
WHEN = "as_of_date", "valid_from_date", "valid_to_date"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("required") / "data", REPORTS)


def statuses(built: Built, day: date, year: int) -> dict[tuple[str, int], tuple[str, str]]:
    """Status and reason of every pilot and requirement in the period that holds a date."""
    rows = built.ask(
        "select municipality_code, requirement, status, reason_code from fct_requirement_period "
        f"where date '{day}' between valid_from_date and coalesce(valid_to_date, date '{day}') "
        f"and year = {year} and status <> 'not_applicable'"
    )
    return {(code, number): (status, reason) for code, number, status, reason in rows}


def table(built: Built, name: str) -> dict[Key, dict[str, Any]]:
    """Rows of a table by municipality, requirement and year, without what dates them."""
    columns = [row[0] for row in built.ask(f"describe select * from {name}")]
    found = (dict(zip(columns, row, strict=True)) for row in built.ask(f"from {name}"))
    return {
        (row["municipality_code"], row["requirement"], row["year"]): {
            column: value for column, value in row.items() if column not in WHEN
        }
        for row in found
    }


def test_good_registers_pass_every_test(built: Built) -> None:
    assert built.failed == set()


def test_twenty_pilots_are_judged_and_nobody_else(built: Built) -> None:
    found = statuses(built, TODAY, 2025)
    assert len(PILOTS) == 20
    assert set(found) == {(code, number) for code in PILOTS for number in range(1, 6)}
    others = built.ask(
        "select distinct status, reason_code from fct_requirement_status "
        f"where municipality_code not in {tuple(PILOTS)}"
    )
    assert others == [("not_applicable", "not_member")]
    assert built.ask(
        "select distinct membership_status, is_membership_confirmed, membership_status_name_da "
        f"from fct_requirement_status where municipality_code in {tuple(PILOTS)}"
    ) == [("listed", False, "Listet, medlemskab ikke bekræftet")]
    assert built.ask("select count(*) from fct_requirement_status") == [(98 * 5 * 6,)]


EXPECTED = {
    IN_GRACE: {
        (example.SILENT, 1): ("pending", "in_grace"),
        (example.SILENT, 2): ("waived", "waived"),
        (example.SILENT, 3): ("pending", "in_grace"),
        (example.SILENT, 5): ("pending", "in_grace"),
        (example.LATE, 2): ("pending", "in_grace"),
    },
    AFTER_REPLY: {
        (example.SILENT, 1): ("not_met", "evidence_missing"),
        (example.SILENT, 2): ("waived", "waived"),
        (example.SILENT, 3): ("not_met", "evidence_missing"),
        (example.SILENT, 5): ("not_met", "evidence_missing"),
        (example.LATE, 2): ("not_met", "evidence_late"),
    },
}
EXPECTED[TODAY] = {
    **EXPECTED[AFTER_REPLY],
    (example.SILENT, 2): ("not_met", "evidence_missing"),
}
NEVER = {
    (example.BY_COMMITTEE, 1): "evidence_insufficient",
    (example.PLAN_ENDS, 1): "evidence_missing",
    (example.ONLY_PLANNED, 1): "evidence_insufficient",
    (example.SENT_AN_OFFICIAL, 3): "evidence_insufficient",
    (example.ONLY_LISTENED, 3): "evidence_insufficient",
    (example.WITHDREW, 4): "evidence_missing",
    (example.NEVER_SIGNED, 4): "evidence_missing",
    (example.ONLY_LOCAL, 5): "evidence_missing",
}


@pytest.mark.parametrize("day", EXPECTED, ids=str)
def test_the_pilots_on_three_dates(built: Built, day: date) -> None:
    expected = dict(EXPECTED[day])
    for key, reason in NEVER.items():
        expected[key] = ("pending", "in_grace") if day == IN_GRACE else ("not_met", reason)
    every = {(code, number) for code in PILOTS for number in range(1, 6)}
    for key in every - expected.keys():
        expected[key] = ("met", "evidence_found")
    found = statuses(built, day, 2025)
    assert {key: found[key] for key in every if found[key] != expected[key]} == {}


def test_a_status_stands_beside_its_evidence_its_rule_and_the_reply(built: Built) -> None:
    ((count, parts, rule),) = built.ask(
        "select evidence_count, parts_da, rule_status_da from fct_requirement_status "
        f"where municipality_code = '{PILOTS[-1]}' and requirement = 3 and year = 2025"
    )
    assert (count, parts) == (2, "Topmøde: opfyldt; Workshop: opfyldt")
    assert rule == "Forslag, ikke vedtaget"
    evidence = built.ask(
        "select part, evidence_date, what_da, is_accepted, is_example from fct_requirement_evidence"
        f" where municipality_code = '{example.SENT_AN_OFFICIAL}' and requirement = 3 "
        "and year = 2025 order by part"
    )
    assert evidence == [
        ("summit", date(2025, 6, 4), "Topmøde (Anden)", False, True),
        ("workshop", date(2025, 10, 2), "Workshop (Anden): EKSEMPEL: oplæg", True, True),
    ]
    assert built.ask(
        "select reply_remark_da, reply_received_date from fct_requirement_status "
        f"where municipality_code = '{example.LATE}' and requirement = 2 and year = 2025"
    ) == [("EKSEMPEL: Vi fik nyt system.", date(2026, 8, 10))]


def test_a_correction_after_the_deadline_does_not_make_a_report_late(built: Built) -> None:
    assert built.ask(
        "select evidence_date, is_late, source_ref like '%@%' from fct_requirement_evidence "
        f"where municipality_code = '{example.CORRECTED}' and part = 'report' and year = 2025"
    ) == [(date(2026, 3, 1), False, True)]


def test_the_status_is_the_period_that_holds_the_date(built: Built, tmp_path: Path) -> None:
    for number, day in enumerate([str(TODAY), *DATES]):
        held = varied(built, tmp_path / str(number), as_of=f"{day} 01:30:00")
        judged = table(held, "fct_requirement_status")
        assert judged
        period = (
            "(select * from fct_requirement_period where "
            f"date '{day}' between valid_from_date and coalesce(valid_to_date, date '{day}'))"
        )
        assert judged == table(built, period), day


def test_an_expired_waiver_flips_its_requirement_and_nothing_else(
    built: Built, tmp_path: Path
) -> None:
    longer = (
        "update raw.submission_cell set value_date = date '2026-12-31' where field = 'expires_on'"
    )
    extended = varied(built, tmp_path / "longer", [longer])
    before, after = (table(b, "fct_requirement_status") for b in (built, extended))
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {(example.SILENT, 2, 2025), (example.SILENT, 2, 2026)}
    assert before[example.SILENT, 2, 2025]["status"] == "not_met"
    assert after[example.SILENT, 2, 2025]["status"] == "waived"
    assert after[example.SILENT, 2, 2025]["waiver_evidence"] == "Eksempel: sag 7"
    assert before.keys() == after.keys()
    ended = statuses(built, example.EXEMPT_TO, 2025)[example.SILENT, 2]
    assert ended == ("waived", "waived")


STRICTER = """
    insert into main.requirement_rules
    select * replace (
        2 as rule_version, date '2025-01-01' as valid_from_date,
        case when part = 'global' then 2 else min_count end as min_count
    )
    from main.requirement_rules where requirement = 5
"""
ENDED = """
    update main.requirement_rules set valid_to_date = date '2024-12-31'
    where requirement = 5 and rule_version = 1
"""


def test_a_changed_rule_flips_its_requirement_from_its_day_and_nothing_else(
    built: Built, tmp_path: Path
) -> None:
    changed = varied(built, tmp_path / "rule", [STRICTER, ENDED])
    before, after = (table(b, "fct_requirement_status") for b in (built, changed))
    differing = {key for key in before if before[key] != after[key]}
    assert {(number, year) for _code, number, year in differing} == {(5, 2025), (5, 2026)}
    flipped = {key for key in before if before[key]["status"] != after[key]["status"]}
    kept = {example.SHARED_TWICE, example.ONLY_LOCAL, example.SILENT}
    assert flipped == {(code, 5, 2025) for code in PILOTS if code not in kept}
    assert {after[key]["reason_code"] for key in flipped} == {"evidence_insufficient"}


def test_of_two_versions_at_once_the_higher_counts_and_it_is_said(
    built: Built, tmp_path: Path
) -> None:
    alone = table(varied(built, tmp_path / "a", [STRICTER, ENDED]), "fct_requirement_status")
    both = table(varied(built, tmp_path / "b", [STRICTER]), "fct_requirement_status")
    assert {k: v["status"] for k, v in alone.items()} == {k: v["status"] for k, v in both.items()}
    told = both[PILOTS[-1], 5, 2025]["reason_da"]
    assert told.endswith("Flere regelversioner gælder på datoen; den højeste (version 2) er brugt.")


def test_without_a_rule_nothing_is_decided(built: Built, tmp_path: Path) -> None:
    found = table(varied(built, tmp_path / "none", [ENDED]), "fct_requirement_status")
    row = found[PILOTS[-1], 5, 2025]
    assert (row["status"], row["reason_code"]) == ("pending", "rule_missing")
    assert (row["decided_by"], row["rule_version"]) == (None, None)
    assert found[PILOTS[-1], 5, 2024]["status"] == "met"


def test_a_seat_follows_its_region_and_breaches_have_their_dates(built: Built) -> None:
    assert built.ask(
        "select region_code, valid_from_date, valid_to_date from fct_steering_group "
        "where municipality_code = '0259' order by valid_from_date"
    ) == [("1085", date(2026, 1, 1), date(2026, 12, 31)), ("108X", date(2027, 1, 1), None)]
    rows = built.ask(
        "select rule_code, place_code, from_date, to_date, observed_number "
        "from fct_steering_group_breach"
    )
    assert ("members_only", "0101", date(2026, 1, 1), None, 0) in rows
    assert ("one_chair", "alliance", date(2023, 6, 1), date(2023, 6, 3), 2) in rows
    assert ("seats_per_region", "108X", date(2027, 1, 1), None, 2) in rows
    assert ("seats_per_region", "1085", date(2021, 6, 4), date(2025, 12, 31), 0) in rows
    years = {place for rule, place, *_ in rows if rule == "meetings_per_year"}
    assert years == {"2022", "2023", "2025"}
    assert "chair_term" not in {rule for rule, *_ in rows}
    assert {told for (told,) in built.ask(
        "select what_da like '%kan være ufuldstændigt%' from fct_steering_group_breach "
        "where is_register_maybe_incomplete"
    )} == {True}  # fmt: skip


def test_a_plan_with_an_action_under_way_is_met_at_the_end_of_the_year(built: Built) -> None:
    found = {
        day: statuses(built, day, 2024)[PILOTS[-1], 1]
        for day in (date(2024, 1, 1), date(2024, 12, 30), date(2024, 12, 31))
    }
    assert [status for status, _ in found.values()] == ["pending", "pending", "met"]


def test_from_2027_there_is_a_seat_for_each_region_in_force(built: Built) -> None:
    rules = built.ask(
        "select from_date, to_date, expected_number, rule_status_da "
        "from fct_steering_group_breach where rule_code = 'seats_total' order by from_date"
    )
    declared = [row for row in rules if row[0] < date(2027, 1, 1)]
    proposed = [row for row in rules if row[0] >= date(2027, 1, 1)]
    assert {row[2:] for row in declared} == {(5, "Erklæringens ordlyd")}
    assert all(row[1] <= date(2026, 12, 31) for row in declared)
    ((regions,),) = built.ask(
        "select count(*) from dim_region where valid_from_date <= date '2027-01-01' "
        "and coalesce(valid_to_date, date '2027-01-01') >= date '2027-01-01'"
    )
    awaited = "Forslag, ikke vedtaget: én plads pr. region. Nye vedtægter afventes."
    assert proposed == [(date(2027, 1, 1), None, regions, awaited)]


@pytest.fixture
def published(built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "current"
    folder.mkdir(parents=True)
    shutil.copy(built.draft.file, folder / "monitoring.duckdb")
    manifest = {**dict.fromkeys(NEEDED, ""), "version": "20261124T013000Z-00000000", "tables": {}}
    (folder / "manifest.json").write_text(json.dumps({**manifest, "schema_version": "1.3.0"}))
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(tmp_path / "data"))


@pytest.mark.usefixtures("published")
def test_the_command_tells_status_reason_and_evidence() -> None:
    asked = ["requirements", "--municipality", example.SENT_AN_OFFICIAL.lstrip("0")]
    asked += ["--year", "2025", "--as-of", "2026-09-15"]
    told = CliRunner().invoke(main, asked)
    assert told.exit_code == 0, told.output
    assert "Aktiv deltagelse" in told.output
    assert "Ikke opfyldt" in told.output
    assert "2025-06-04  Topmøde: Topmøde (Anden). Tæller ikke." in told.output
    assert "municipal_submissions@" in told.output
    assert "Reglerne er: Forslag, ikke vedtaget." in told.output
    answer = json.loads(CliRunner().invoke(main, [*asked, "--json"]).stdout)
    assert [row["requirement"] for row in answer["requirements"]] == [1, 2, 3, 4, 5]
    assert len(answer["requirements"][2]["evidence"]) == 2


CANNOT = {
    "9999 er ingen kommune i dim_municipality.": ["--municipality", "9999"],
    "0411 er ingen kommune i dim_municipality.": ["--municipality", "411", "--year", "2025"],
    "den rækker til og med 2026.": ["--year", "2028"],
    "har ingen krav for kommune (alle) og år (nyeste) pr. 2019-01-01": ["--as-of", "2019-01-01"],
    "Der er ingen udgivelse x.": ["--publication", "x"],
}


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("expected", CANNOT)
def test_the_command_says_what_it_cannot_answer(expected: str) -> None:
    told = CliRunner().invoke(main, ["requirements", *CANNOT[expected]])
    assert told.exit_code == 1
    assert expected in told.output
    assert "Traceback" not in told.output


@pytest.mark.usefixtures("published")
def test_a_day_after_the_newest_year_says_where_the_publication_ends() -> None:
    asked = ["requirements", "--municipality", PILOTS[-1], "--as-of"]
    told = CliRunner().invoke(main, [*asked, "2030-01-01"])
    assert "Udgivelsen rækker til og med 2026." in told.output
    assert "2026 (listet, medlemskab ikke bekræftet)" in told.output
    answer = json.loads(CliRunner().invoke(main, [*asked, "2030-01-01", "--json"]).stdout)
    assert (answer["newest_year"], answer["is_after_run"]) == (2026, True)
    now = CliRunner().invoke(main, [*asked, "2026-11-24"])
    assert "rækker til" not in now.output
