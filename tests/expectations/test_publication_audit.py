"""Gate 3 on real files: each way in which a draft can be unfit, and that nothing breaks it open."""

from pathlib import Path

import duckdb
import pytest

from expectations import publication_audit
from expectations.publication_audit import Audit, audit_draft, contract_rules, records
from expectations.rules import Rule, publication_rules
from expectations.verdict import Judgement
from tests.expectations.drafts import (
    DIM,
    FCT,
    RULES,
    audit,
    draft,
    failed,
    judgement,
    with_query,
    with_rows,
)
from warehouse.promotion import REQUIRED_CHECKS

SPOILT = [
    pytest.param("delete from fct_value", "fct_value.rows", id="empty table"),
    pytest.param(
        "update fct_value set year = null where value = 1", "fct_value.complete", id="null key"
    ),
    pytest.param(
        "insert into fct_value values ('0001', 2026, 3)", "fct_value.key", id="duplicate key"
    ),
    pytest.param("alter table fct_value drop value", "fct_value.columns", id="missing column"),
    pytest.param(
        "alter table fct_value add column contact varchar", "fct_value.columns", id="extra column"
    ),
    pytest.param(
        "alter table fct_value rename value to amount", "fct_value.columns", id="renamed column"
    ),
    pytest.param("update fct_value set value = value * 1000", "fct_value.small", id="times 1000"),
    pytest.param("update fct_value set value = -value", "fct_value.small", id="sign"),
    pytest.param(
        "update fct_value set year = 2062 where value = 1", "fct_value.known_years", id="year"
    ),
    pytest.param(
        "update fct_value set value = year where value = 1", "fct_value.not_the_year", id="query"
    ),
    pytest.param("drop table fct_value", "fct_value.columns", id="missing table"),
    pytest.param("delete from dim_indicator", "dim_indicator.rows", id="empty dimension"),
    pytest.param("update dim_indicator set unit = null", "dim_indicator.complete", id="null"),
]


def test_a_sound_draft_passes_every_rule(tmp_path: Path) -> None:
    audits = audit(draft(tmp_path))
    assert failed(audits) == []
    assert [len(found.judgements) for found in audits.values()] == [4, 7]


@pytest.mark.parametrize(("spoil", "rule"), SPOILT)
def test_a_spoilt_draft_fails_the_rule_that_guards_it(
    tmp_path: Path, spoil: str, rule: str
) -> None:
    found = failed(audit(draft(tmp_path, spoil)))
    assert any(name.endswith(rule) for name in found), found


def test_the_other_tables_are_still_judged(tmp_path: Path) -> None:
    found = failed(audit(draft(tmp_path, "drop table fct_value")))
    assert found
    assert all(name.startswith("fct_value.") for name in found)


def test_the_places_of_a_duplicate_key_are_named(tmp_path: Path) -> None:
    audits = audit(draft(tmp_path, "insert into fct_value values ('0001', 2026, 3)"))
    assert "municipality_code=0001 year=2026" in judgement(audits, "key").text or (
        "municipality_code=0001" in audits["fct_value"].record("x").failures[0]
    )


def test_fewer_rows_than_the_contract_says_fail(tmp_path: Path) -> None:
    table = with_rows(FCT, 21)
    audits = audit_draft(draft(tmp_path), [table], RULES, ["statbank_are207"], None)
    rows = next(j for j in audits[0].judgements if j.rule.id == "rows")
    assert (rows.passed, rows.observed) == (False, "20")


def test_a_table_whose_sources_cannot_be_had_yet_may_be_empty(tmp_path: Path) -> None:
    audits = audit(draft(tmp_path, "delete from fct_value"), available=[])
    assert failed(audits) == []
    observed = {found.observed for found in audits["fct_value"].judgements}
    assert observed == {"no rows yet; fed by statbank_are207"}
    assert audits["fct_value"].record("x").kinds >= REQUIRED_CHECKS


def test_a_table_that_may_be_empty_still_has_its_columns(tmp_path: Path) -> None:
    spoil = "create or replace table fct_value (municipality_code varchar)"
    assert failed(audit(draft(tmp_path, spoil), available=[])) == ["fct_value.columns"]


def test_a_table_that_may_be_empty_may_not_be_missing(tmp_path: Path) -> None:
    found = failed(audit(draft(tmp_path, "drop table fct_value"), available=[]))
    assert "fct_value.columns" in found


def test_a_table_that_may_be_empty_and_is_not_is_judged_in_full(tmp_path: Path) -> None:
    spoil = "update fct_value set value = value * 1000"
    assert "fct_value.small" in failed(audit(draft(tmp_path, spoil), available=[]))


def test_a_table_without_a_source_may_never_be_empty(tmp_path: Path) -> None:
    spoil = "delete from dim_indicator"
    assert "dim_indicator.rows" in failed(audit(draft(tmp_path, spoil), available=[]))


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        pytest.param("select nonsense", "could not be judged", id="no SQL"),
        pytest.param("select 1 from nowhere", "could not be judged", id="no such table"),
        pytest.param("select 0 as violations", "must answer one row", id="other columns"),
        pytest.param(
            "select 1 as checked, 0 as violations from range(2)", "must answer one row", id="rows"
        ),
        pytest.param(
            "select 1 as checked, 0 as violations where false", "must answer one row", id="no row"
        ),
        pytest.param("select 0 as checked, 0 as violations", "nothing to check", id="nothing"),
        pytest.param("select 9 as checked, 1 as violations", "1 of 9 violate", id="violated"),
        pytest.param(
            "select 9 as checked, null::bigint as violations", "could not be judged", id="null"
        ),
    ],
)
def test_a_query_that_is_broken_empty_or_violated_fails(
    tmp_path: Path, sql: str, told: str
) -> None:
    audits = audit(draft(tmp_path), with_query(sql))
    assert failed(audits) == ["fct_value.not_the_year"]
    assert told in judgement(audits, "not_the_year").observed


def test_a_query_that_only_warns_becomes_a_warning(tmp_path: Path) -> None:
    rules = with_query("select 9 as checked, 1 as violations", severity="warn")
    record = audit(draft(tmp_path), rules)["fct_value"].record("digest")
    assert record.failures == ()
    assert record.warnings == ("not_the_year (column=violations, max_value=0): 1 of 9 violate",)


def test_the_last_publication_is_compared_with(tmp_path: Path) -> None:
    last = draft(tmp_path, name="last.duckdb")
    new = draft(tmp_path, "delete from fct_value where value > 15")
    assert failed(audit(new)) == []
    assert failed(audit(new, last=last)) == ["fct_value.does_not_vanish"]
    assert failed(audit(last, last=new)) == []


def test_a_last_publication_that_cannot_be_read_is_no_reason_to_pass(tmp_path: Path) -> None:
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(b"not a database" * 1000)
    with pytest.raises(duckdb.Error):
        audit(draft(tmp_path), last=broken)


def test_an_audit_leaves_the_draft_as_it_was(tmp_path: Path) -> None:
    file = draft(tmp_path)
    before = file.read_bytes()
    audit(file, last=draft(tmp_path, name="last.duckdb"))
    assert file.read_bytes() == before
    assert not file.with_name("monitoring.duckdb.wal").exists()


def test_a_judge_that_breaks_fails_every_rule_of_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[Judgement]:
        raise MemoryError("no memory left")

    monkeypatch.setattr(publication_audit, "judge", broken)
    audits = audit(draft(tmp_path))
    assert len(failed(audits)) == 11
    assert "no memory left" in judgement(audits, "key").observed


def test_a_record_names_the_file_and_the_kinds_of_checks(tmp_path: Path) -> None:
    audits = list(audit(draft(tmp_path)).values())
    found = records(audits, "digest")
    assert set(found) == {"dim_indicator", "fct_value"}
    assert found["fct_value"].draft_sha256 == "digest"
    assert found["fct_value"].checks == 7
    assert found["fct_value"].kinds == {"columns", "rows", "key", "complete", "domain"}


def test_an_audit_of_nothing_has_no_checks() -> None:
    assert Audit("fct_value", ()).record("digest").checks == 0


@pytest.mark.parametrize("table", [DIM, FCT], ids=lambda table: table.name)
def test_every_contract_gives_the_checks_that_promoting_requires(table: object) -> None:
    assert {rule.kind for rule in contract_rules(table)} >= REQUIRED_CHECKS  # type: ignore[arg-type]


def test_the_shipped_rules_of_publication_each_say_why() -> None:
    rules = publication_rules()
    assert all(query.why for query in rules.queries)
    assert all(entry.why for entries in rules.tables.values() for entry in entries)
    assert len({query.id for query in rules.queries}) == len(rules.queries)


def test_a_warning_and_a_failure_of_one_table_are_kept_apart() -> None:
    judged = (
        Judgement(Rule("a", "domain", "x", severity="warn"), False, "1"),
        Judgement(Rule("b", "domain", "x"), False, "2"),
        Judgement(Rule("c", "domain", "x"), True, "3"),
    )
    record = Audit("t", judged).record("digest")
    assert (record.failures, record.warnings, record.checks) == (("b (): 2",), ("a (): 1",), 3)
