"""Foreign keys of published tables: stated once, judged in the draft, never with a hole."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from expectations.contract import ContractError, PublishedTable, Reference, published_tables
from expectations.publication_audit import audit_draft
from orchestration.transform import ensure_parsed
from tests.expectations.drafts import DIM, FCT, RULES, draft, failed, judgement

YEARS = replace(DIM, name="dim_time", columns={"year": "integer"}, key=["year"], not_null=["year"])
LINKED = replace(FCT, references=(Reference(("year",), "dim_time", ("year",)),))
TIME = "create table dim_time as select 2026 as year;"


def judged(folder: Path, spoil: str, *tables: PublishedTable) -> dict[str, Any]:
    file = draft(folder, TIME + spoil)
    audits = audit_draft(file, [DIM, *tables], RULES, ["statbank_are207"], None)
    return {found.table: found for found in audits}


def test_a_row_whose_key_leads_nowhere_fails_its_table(tmp_path: Path) -> None:
    audits = judged(tmp_path, "update fct_value set year = 2025 where value < 3", YEARS, LINKED)
    assert failed(audits) == ["fct_value.references"]
    assert "year in dim_time" in judgement(audits, "references").text


@pytest.mark.parametrize("spoil", ["", "update fct_value set value = null where value < 3"])
def test_sound_references_pass_and_a_null_may_lead_nowhere(tmp_path: Path, spoil: str) -> None:
    worth = Reference(("value",), "dim_worth", ("worth",))
    linked = replace(LINKED, references=(*LINKED.references, worth))
    more = "create table dim_worth as select distinct value as worth from fct_value; "
    audits = judged(tmp_path, f"{more} {spoil}", YEARS, linked)
    assert failed(audits) == []


def test_a_missing_target_fails_closed(tmp_path: Path) -> None:
    audits = judged(tmp_path, "drop table dim_time", LINKED)
    assert failed(audits) == ["fct_value.references"]


def test_the_project_states_references_to_published_tables_with_their_types() -> None:
    tables = {table.name: table for table in published_tables(ensure_parsed())}
    stated = [(table, key) for table in tables.values() for key in table.references]
    assert len(stated) > 100
    for table, key in stated:
        types = [table.columns[name] for name in key.columns]
        assert types == [tables[key.to].columns[name] for name in key.to_columns], table.name
        assert list(key.to_columns) == tables[key.to].key


def test_a_reference_to_an_unknown_table_is_refused(tmp_path: Path) -> None:
    project = json.loads(ensure_parsed().read_text(encoding="utf-8"))
    node = project["nodes"]["model.klimamonitor.fct_peer"]
    node["config"]["meta"]["references"] = ["dim_nowhere"]
    (tmp_path / "manifest.json").write_text(json.dumps(project), encoding="utf-8")
    with pytest.raises(ContractError, match=r"fct_peer: meta\.references names dim_nowhere"):
        published_tables(tmp_path / "manifest.json")
