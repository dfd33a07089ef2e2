"""A draft that is not fit to be quoted is held, and not a byte of what readers see changes."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import judge as judging
from expectations.rules import RuleEntry, publication_rules
from orchestration import publishing
from orchestration.settings import Settings
from tests.orchestration.conftest import LATER, settings_for
from tests.orchestration.spoilt import held, spoil


@pytest.fixture
def tonight(home: Path) -> Settings:
    """Settings of the night after the first publication."""
    return settings_for(home, KLIMAMONITOR_AS_OF=LATER)


ROWS = {
    "delete from fct_emission": "fct_emission: rows",
    "delete from dim_municipality where municipality_code = '0825'": "ninety_eight",
    "drop table publication_log": "publication_log: the table is missing",
    "create table contacts (name text)": "contacts: not a published table",
    "alter table fct_indicator rename column unit to enhed": "fct_indicator: columns",
}
VALUES = {
    "insert into fct_emission select * from fct_emission limit 1": "fct_emission: key",
    "update fct_indicator_value set value = value * 1000 "
    "where indicator_id = 'ghg_danish_account'": "indicators_keep_their_magnitude",
    "update fct_emission set emission_tco2e = -emission_tco2e "
    "where sector_id = 'transport'": "sectors_sum_to_the_account",
    "update fct_indicator_value set notation_key = null, value = null "
    "where year = 2023": "never_both_never_neither",
    "update dim_source set state = 'ok'": "states_have_known_words",
}


@pytest.mark.parametrize("spoilt", [ROWS, VALUES])
def test_a_spoilt_draft_is_held_for_everything_that_is_wrong(
    tonight: Settings, monkeypatch: pytest.MonkeyPatch, spoilt: dict[str, str]
) -> None:
    spoil(monkeypatch, "; ".join(spoilt))
    reasons = "; ".join(held(tonight))
    assert [told for told in spoilt.values() if told not in reasons] == []


def test_one_fault_alone_holds(tonight: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch, "update dim_source set state = 'ok'")
    (reason,) = held(tonight)
    assert "states_have_known_words" in reason


def test_a_raising_expectation_holds(tonight: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    raising = RuleEntry(
        id="raises",
        expect="expect_column_median_to_be_between",
        kwargs={"column": "no_such_column", "min_value": 0},
        why="A broken rule must not pass for a kept one.",
    )
    rules = publication_rules()
    broken = rules.model_copy(update={"tables": {**rules.tables, "dim_year": [raising]}})
    monkeypatch.setattr(publishing, "publication_rules", lambda: broken)
    reasons = "; ".join(held(tonight))
    assert "dim_year: raises" in reasons
    assert "could not be judged" in reasons


def test_a_judging_process_that_dies_holds(
    tonight: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = publishing.audit_draft

    def kill_and_audit(*known: Any) -> Any:
        judging._beside[-1].process.kill()
        return audit(*known)

    monkeypatch.setattr(judging, "_beside", [])
    monkeypatch.setattr(publishing, "audit_draft", kill_and_audit)
    assert "the judging process died" in "; ".join(held(tonight))


def test_a_deleted_check_holds(tonight: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from expectations import publication_audit

    rules = publication_audit.contract_rules
    monkeypatch.setattr(
        publication_audit,
        "contract_rules",
        lambda table: [rule for rule in rules(table) if rule.kind != "key"],
    )
    assert "no check of key" in "; ".join(held(tonight))


def test_an_unaudited_table_holds(tonight: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    audit = publishing.audit_draft
    monkeypatch.setattr(
        publishing, "audit_draft", lambda *a: [x for x in audit(*a) if x.table != "dim_year"]
    )
    assert "dim_year: no audit" in "; ".join(held(tonight))


def test_a_draft_touched_after_its_audit_is_held(
    tonight: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = publishing.audit_draft

    def audit_then_touch(file: Path, *rest: Any) -> Any:
        audits = audit(file, *rest)
        with duckdb.connect(str(file)) as draft:
            draft.execute("update fct_emission set emission_tco2e = 0")
        return audits

    monkeypatch.setattr(publishing, "audit_draft", audit_then_touch)
    assert "the audit judged another file" in "; ".join(held(tonight))


def test_a_failing_dbt_test_holds(tonight: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestration import raw_tables

    rows = raw_tables.control_tables

    def unknown_state(*known: Any) -> Any:
        control = rows(*known)
        control["source_state"][0]["state"] = "splendid"  # type: ignore[index]
        return control

    monkeypatch.setattr(raw_tables, "control_tables", unknown_state)
    assert "gate 2" in "; ".join(held(tonight))
