"""Key tests without a dbt node: none is lost, and each kind of wrong key fails."""

from pathlib import Path

import duckdb
import pytest

from orchestration.key_tests import KEY_TEST, KeyTest, run_key_tests, take_key_tests
from orchestration.transform import read_parsed
from warehouse.draft import Draft

KEY = ("code", "year")


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    """A view of the work file over a table of the draft."""
    made = Draft("example", tmp_path)
    with duckdb.connect(str(made.work_file)) as connection:
        connection.execute(f"attach '{made.file}' as monitoring")
        connection.execute("create table monitoring.main.fct_value (code text, year integer)")
        connection.execute("insert into monitoring.main.fct_value values ('0101', 1), ('0101', 2)")
        connection.execute("create view int_value as select * from monitoring.main.fct_value")
    return made


def asked(draft: Draft, rows: str = "") -> list[tuple[int, str]]:
    """Failures and message of the key of the table and of the view, after more rows."""
    if rows:
        with duckdb.connect(str(draft.file)) as connection:
            connection.execute(f"insert into fct_value values {rows}")
    relations = ('"monitoring"."main"."fct_value"', '"work"."main"."int_value"')
    tests = [KeyTest(f"test.example.{name}", name, KEY) for name in relations]
    return [(answer.failures, answer.message) for answer in run_key_tests(draft, tests)]


def test_sound_keys_pass(draft: Draft) -> None:
    assert asked(draft) == [(0, ""), (0, "")]


@pytest.mark.parametrize(
    ("rows", "failures", "example"),
    [
        ("('0101', 2)", 1, "(0101, 2)"),
        ("('0147', null)", 1, "(0147, empty)"),
        ("('0101', 1), ('0101', 2), (null, 3)", 3, "(0101, 1)"),
    ],
    ids=["double", "empty in part", "several"],
)
def test_a_wrong_key_fails_and_is_named(
    draft: Draft, rows: str, failures: int, example: str
) -> None:
    for found, message in asked(draft, rows):
        assert found == failures
        assert example in message


def test_every_key_test_is_taken_and_every_model_and_register_has_one() -> None:
    project = read_parsed()
    declared = {
        unique_id
        for unique_id, node in project.nodes.items()
        if getattr(node, "test_metadata", None) and node.test_metadata.name == KEY_TEST
    }
    relations = {
        node.relation_name for node in project.nodes.values() if node.resource_type == "model"
    }
    tests = take_key_tests(project)
    assert {test.unique_id for test in tests} == declared
    assert relations <= {test.relation for test in tests}
    assert not declared & set(project.nodes)
