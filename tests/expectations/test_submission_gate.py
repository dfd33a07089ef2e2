"""The gate of submissions: fails closed, stays silent about what is sound, and knows its peers."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest
import yaml

from expectations.submission_batch import References
from expectations.submission_gate import (
    Check,
    SubmissionRules,
    judge_submissions,
    submission_rules,
)
from expectations.verdict import GateBrokenError
from ingestion.snapshot.storage import FOLDER
from ingestion.submissions.cells import FileCells
from ingestion.submissions.facts import Reading
from ingestion.submissions.filling import filled_form
from ingestion.submissions.findings import codes
from ingestion.submissions.reading import read_submission
from ingestion.submissions.template import Prefill
from tests.expectations.faults import figures_of
from tests.expectations.reports import (
    FIRST,
    LAST_YEAR,
    OTHER,
    SECOND,
    SECTORS,
    TODAY,
    FullReport,
    Stand,
    cells_of,
    forms,
    references,
)
from tests.ingestion.submissions.handed_in import THIS_YEAR, catalogue, form

NOTHING = References(TODAY)
PLACED = "select case_number, null as sheet, null as cell, null as field, null as found"
ONE = f"{PLACED}, 1 as n from submission"
BETWEEN = "expect_column_values_to_be_between"
PEERS = {"across_municipalities"}


def rules(check: Check, **views: str) -> SubmissionRules:
    return SubmissionRules(views=views, checks=[check])


def check(sql: str, expect: str = BETWEEN, code: str = "plan-missing", **kwargs: Any) -> Check:
    return Check(code=code, sql=sql, expect=expect, kwargs=kwargs)


FAILING: dict[str, Any] = {"column": "n", "max_value": 0}


def test_a_check_of_ones_own_is_judged() -> None:
    found = judge_submissions([FullReport().read()], forms(), NOTHING, rules=rules(GOOD_CHECK))
    assert [entry.code for entry in found[0]] == ["plan-missing"]


GOOD_CHECK = check(ONE, **FAILING)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (rules(check("select nonsense from nowhere", **FAILING)), "plan-missing: .*nowhere"),
        (rules(check("select 1 / 'a'", **FAILING)), "plan-missing: "),
        (rules(GOOD_CHECK, amount="select nonsense"), "amount: .*nonsense"),
        (rules(check(ONE, "expect_the_impossible", **FAILING)), "expect_the_impossible"),
        (rules(check(ONE, column="another", max_value=0)), "plan-missing: .*another"),
        (rules(check(ONE, column="n", max_value="many")), "plan-missing: "),
        (rules(check(ONE, "expect_table_row_count_to_equal", value=7)), "plan-missing: 1"),
        (rules(check(ONE, code="no-such-code", **FAILING)), "no-such-code: KeyError"),
        (rules(check(ONE, code="row-incomplete", **FAILING)), "row-incomplete: KeyError 'label'"),
        (rules(check("select 1 as n", **FAILING)), "plan-missing: KeyError"),
    ],
    ids=range(10),
)
def test_a_check_that_cannot_be_judged_breaks_the_gate(broken: SubmissionRules, told: str) -> None:
    with pytest.raises(GateBrokenError, match=told):
        judge_submissions([FullReport().read()], forms(), NOTHING, rules=broken)


def test_a_check_without_rows_finds_nothing() -> None:
    empty = rules(check(f"{ONE} where false", **FAILING))
    assert judge_submissions([FullReport().read()], forms(), NOTHING, rules=empty) == [[]]


def test_nothing_to_judge_gives_nothing() -> None:
    assert judge_submissions([], forms(), references()) == []
    assert judge_submissions([Reading(None, (), (), (), {})], forms(), references()) == [[]]


def test_a_reading_without_identity_changes_nothing_for_the_others() -> None:
    nameless = Reading(None, (), (), (), {})
    spoilt = FullReport()
    figures_of(LAST_YEAR)(spoilt)
    found = judge_submissions([nameless, spoilt.read(), nameless], forms(), references())
    assert [[entry.code for entry in each] for each in found] == [[], ["copy-of-last-year"], []]


def test_a_report_of_another_year_or_municipality_is_held_against_its_own_past_only() -> None:
    later, stranger = Stand(scale=0.97), Stand("0167", scale=1.3)
    readings = []
    for stand in (later, stranger, LAST_YEAR):
        report = FullReport(stand)
        report.answer("targets", 1, "replaces", None)
        readings.append(report.read())
    found = judge_submissions(readings, forms(), references())
    # The target that was replaced last year has no successor in the later report.
    assert [[entry.code for entry in each] for each in found] == [["target-vanished"], [], []]


def test_every_check_has_texts_and_stands_once() -> None:
    told = [entry.code for entry in submission_rules().checks]
    assert sorted(set(told)) == sorted(told)
    assert set(told) <= set(codes())


def peer(stand: Stand, figures: Stand, case: int) -> tuple[Reading, list[dict[str, Any]]]:
    """A report with the figures of another one, and its cells beside the batch."""
    report = FullReport(stand)
    figures_of(figures)(report)
    reading = report.read()
    return reading, cells_of(reading, case)


def test_of_two_reports_in_a_batch_with_the_same_figures_both_are_told() -> None:
    third = Stand("0167", scale=0.75)
    cases = [peer(third, third, 0), peer(Stand(), third, 1), peer(OTHER, OTHER, 2)]
    peers = [row for _, rows in cases for row in rows]
    against = replace(references(), accepted=(), peers=peers)
    readings = [reading for reading, _ in cases]
    found = judge_submissions(readings, forms(), against, layers=PEERS)
    assert [[(entry.code, entry.severity) for entry in each] for each in found] == [
        [("numbers-handed-in-twice", "error")],
        [("numbers-handed-in-twice", "error")],
        [],
    ]
    assert f"kommune {FIRST}" in found[0][0].text_da
    assert "kommune 0167" in found[1][0].text_da


def test_who_reports_what_was_accepted_for_another_is_sent_to_the_secretariat() -> None:
    copied, _ = peer(Stand(), OTHER, 0)
    (found,) = judge_submissions([copied], forms(), references(), layers=PEERS)
    (told,) = [entry for entry in found if entry.severity == "error"]
    assert told.code == "numbers-of-another-municipality"
    assert f"tidligere er godkendt for kommune {SECOND}" in told.text_da
    assert "sekretariatet" in told.help_da


def test_two_corrections_of_one_report_in_a_batch_are_no_copies() -> None:
    cases = [peer(Stand(), Stand(), 0), peer(Stand(), Stand(), 1)]
    peers = [row for _, rows in cases for row in rows]
    against = replace(references(), accepted=(), peers=peers)
    readings = [reading for reading, _ in cases]
    assert judge_submissions(readings, forms(), against, layers=PEERS) == [[], []]


def test_an_agreement_that_two_of_a_batch_report_is_told_at_both() -> None:
    own, other = FullReport(), FullReport(OTHER)
    own.answer("partnerships", 0, "agreement_id", "FÆLLES")
    other.answer("partnerships", 0, "agreement_id", "FÆLLES")
    readings = [own.read(), other.read()]
    peers = [row for case, reading in enumerate(readings) for row in cells_of(reading, case)]
    against = replace(references(), accepted=(), peers=peers)
    found = judge_submissions(readings, forms(), against, layers=PEERS)
    places = [[(entry.code, entry.sheet, entry.cell) for entry in each] for each in found]
    assert places == [
        [("agreement-of-another-municipality", *report.place("partnerships", 0, "cvr"))]
        for report in (own, other)
    ]


def test_a_report_is_no_copy_of_its_own_earlier_version() -> None:
    """Handing in the same year again is a correction."""
    earlier = cells_of(FullReport().read())
    against = replace(references(), accepted=[*references().accepted, *earlier])
    assert judge_submissions([FullReport().read()], forms(), against) == [[]]


def test_a_moved_column_is_told_where_it_stands_now() -> None:
    report = FullReport()
    report.answer("actions", 1, "full_effect_year", 2030)
    report.shift_columns("Handlinger", 5, 1, range(4, 160))
    report.put("Handlinger", "K5", None)
    reading = report.read()
    (found,) = judge_submissions([reading], forms(), references())
    assert [(entry.code, entry.cell) for entry in found] == [("action-effect-without-year", "K5")]
    assert form().block("actions").column("full_effect_year") == 10


@cache
def examples() -> list[Reading]:
    """The example reports of the snapshot, in the order they would come in."""
    readings = []
    for path in sorted((FOLDER / "data" / "submissions").glob("*.yml")):
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        code = given["municipality_code"]
        cells = {
            (block, key, field): value
            for block, rows in given["cells"].items()
            for key, fields in rows.items()
            for field, value in fields.items()
        }
        name = catalogue().municipalities[code]
        prefill = Prefill(code, name, given["year"], cells, given["rows"])
        readings.append(read(filled_form(form(), prefill)))
    return readings


def read(file: FileCells) -> Reading:
    return read_submission(file, form(), catalogue().municipalities, THIS_YEAR)


def test_example_reports_are_sound_beside_one_another() -> None:
    accepted: list[dict[str, Any]] = []
    found = []
    for reading in examples():
        against = References(TODAY, catalogue().shares, accepted)
        found += [*reading.findings, *judge_submissions([reading], forms(), against)[0]]
        accepted += cells_of(reading)
    assert len(examples()) == 5
    assert found == []


def test_a_report_a_year_later_with_the_same_targets_and_plans_is_sound() -> None:
    later = Stand(year=2026, scale=0.97)
    accepted = cells_of(FullReport().read())
    against = References(date(2027, 11, 24), catalogue().shares, accepted)
    report = FullReport(later)
    report.answer("targets", 1, "replaces", None)
    reading = read_submission(report.file(), form(), catalogue().municipalities, THIS_YEAR + 1)
    (found,) = judge_submissions([reading], forms(), against)
    assert [(entry.code, entry.severity) for entry in found] == []


MEMBER = {"status": "member", "evidence_da": "Underskrevet.", "recorded_on": date(2026, 1, 5)}
LONG_AGO = date(2022, 1, 1)


def registers(**rows: list[dict[str, Any]]) -> Reading:
    """The secretariat's workbook."""
    prefill = Prefill("0000", "Sekretariatet", 2025, {}, rows)
    municipalities = catalogue().municipalities
    return read_submission(filled_form(forms()[1], prefill), forms()[1], municipalities, THIS_YEAR)


def told_of(reading: Reading) -> list[tuple[str, str | None, str | None]]:
    (found,) = judge_submissions([reading], forms(), references())
    return [(entry.code, entry.sheet, entry.cell) for entry in (*reading.findings, *found)]


def test_registers_may_name_many_municipalities_from_the_same_day() -> None:
    codes_named = (FIRST, SECOND, "0151")
    rows = [{**MEMBER, "municipality_code": c, "valid_from_date": LONG_AGO} for c in codes_named]
    assert told_of(registers(memberships=rows)) == []


def test_faults_in_registers_are_told_at_their_cells() -> None:
    first = {**MEMBER, "municipality_code": FIRST, "valid_from_date": LONG_AGO}
    ended = {**first, "municipality_code": SECOND, "valid_to_date": date(2021, 1, 1)}
    hasty = {**first, "municipality_code": "0151", "recorded_on": date(2027, 1, 5)}
    assert sorted(told_of(registers(memberships=[first, ended, hasty, first]))) == [
        ("date-in-future", "Medlemskab", "G7"),
        ("dates-reversed", "Medlemskab", "D6"),
        ("row-key-duplicate", "Medlemskab", "A8"),
    ]


@pytest.mark.parametrize(
    ("block", "row"),
    [
        ("waivers", {"valid_from": LONG_AGO, "expires_on": date(2021, 1, 1)}),
        ("steering_seats", {"valid_from_date": LONG_AGO, "valid_to_date": date(2021, 1, 1)}),
        ("sector_declarations", {"valid_from_date": LONG_AGO, "valid_to_date": date(2021, 1, 1)}),
        ("reporting_deadlines", {"deadline_date": LONG_AGO, "grace_until_date": date(2021, 1, 1)}),
    ],
)
def test_every_period_of_the_registers_must_end_after_its_beginning(
    block: str, row: dict[str, Any]
) -> None:
    reading = registers(**{block: [row]})
    (found,) = judge_submissions([reading], forms(), references())
    assert [entry.code for entry in found] == ["dates-reversed"]


def period(code: str, start: date, end: date | str | None = None) -> dict[str, Any]:
    """A row of the registers that counts from one day to another."""
    until = {} if end is None else {"valid_to_date": end}
    return {**MEMBER, "municipality_code": code, "valid_from_date": start, **until}


@pytest.mark.parametrize(
    ("rows", "cell"),
    [
        ([period(FIRST, LONG_AGO), period(FIRST, date(2024, 1, 1))], "C6"),
        ([period(FIRST, date(2024, 1, 1)), period(FIRST, LONG_AGO)], "C5"),
        ([period(FIRST, LONG_AGO, date(2024, 1, 1)), period(FIRST, date(2024, 1, 1))], "C6"),
        (
            [
                period(FIRST, LONG_AGO, date(2025, 12, 31)),
                period(FIRST, date(2023, 1, 1), date(2023, 6, 30)),
                period(FIRST, date(2026, 1, 1)),
            ],
            "C6",
        ),
    ],
)
def test_periods_of_one_municipality_may_not_overlap(rows: list[dict[str, Any]], cell: str) -> None:
    assert told_of(registers(memberships=rows)) == [("periods-overlap", "Medlemskab", cell)]


def test_seats_of_one_municipality_may_not_overlap() -> None:
    seat = {**MEMBER, "office_da": "Borgmester", "is_chair": "true"}
    rows = [{**seat, **period(FIRST, LONG_AGO)}, {**seat, **period(FIRST, date(2023, 1, 1))}]
    for row in rows:
        row.pop("status")
    assert told_of(registers(steering_seats=rows)) == [("periods-overlap", "Styregruppe", "D6")]


@pytest.mark.parametrize(
    "rows",
    [
        [period(FIRST, LONG_AGO, date(2023, 12, 31)), period(FIRST, date(2024, 1, 1))],
        [period(FIRST, LONG_AGO), period(SECOND, date(2024, 1, 1))],
    ],
)
def test_periods_that_follow_one_another_or_are_of_others_are_sound(
    rows: list[dict[str, Any]],
) -> None:
    assert told_of(registers(memberships=rows)) == []


def test_a_period_whose_end_is_wrong_is_held_against_no_other() -> None:
    after = period(FIRST, date(2024, 1, 1))
    reversed_ = period(FIRST, LONG_AGO, date(2021, 1, 1))
    assert told_of(registers(memberships=[reversed_, after])) == [
        ("dates-reversed", "Medlemskab", "D5")
    ]
    unreadable = period(FIRST, LONG_AGO, "snart")
    (told,) = told_of(registers(memberships=[unreadable, after]))
    assert told[1:] == ("Medlemskab", "D5")


@pytest.mark.parametrize(("beyond", "told"), [(0.0, []), (0.01, ["sectors-do-not-sum"])])
def test_sectors_may_miss_their_sum_by_half_a_ton_and_a_millionth_of_the_total(
    beyond: float, told: list[str]
) -> None:
    report = FullReport()
    sectors = sum(SECTORS["ghg_gpc_basic"].values())
    total = (sectors + 0.5) / (1 - 1e-6) + beyond
    report.answer("emissions", "ghg_gpc_basic", "value", round(total, 7))
    (found,) = judge_submissions([report.read()], forms(), NOTHING)
    assert [entry.code for entry in found] == told
