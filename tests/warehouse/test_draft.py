"""The private files of a run: views on accepted tables, the draft, its digest."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from tests.ingestion.reading import snapshot_frame
from tests.warehouse.publishing import inputs, laid_out, make_draft
from warehouse.draft import Draft, prepare, seal, tables_in
from warehouse.durable import sha256_of_file
from warehouse.inputs import CONTROL_TABLES, RawTable, keep_inputs, read_inputs
from warehouse.layout import Layout

COLUMNS = [("municipality_code", "varchar"), ("year", "integer"), ("value", "double")]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return laid_out(tmp_path / "it's data")


def raw_rows(draft: Draft, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(draft.work_file), read_only=True) as connection:
        rows: list[tuple[object, ...]] = connection.execute(sql).fetchall()
    return rows


def accepted_table(layout: Layout) -> RawTable:
    path = layout.accepted / "waste's.parquet"
    snapshot_frame("statbank_laby25").to_parquet(path)
    return RawTable("waste", COLUMNS, [path.resolve()], "a" * 64, "2026-11-24T02:30:00")


def test_an_accepted_table_is_a_view_with_its_release(layout: Layout) -> None:
    draft = prepare(layout, Draft.of_run(layout, "run"), inputs(accepted_table(layout)))
    found = raw_rows(
        draft,
        "select count(*), min(municipality_code), any_value(release_id), "
        "any_value(recorded_at) from raw.waste",
    )
    assert found == [(196, "0101", "a" * 64, datetime(2026, 11, 24, 2, 30))]  # noqa: DTZ001
    kinds = raw_rows(draft, "select column_name, column_type from (describe raw.waste)")
    assert kinds == [
        ("municipality_code", "VARCHAR"),
        ("year", "INTEGER"),
        ("value", "DOUBLE"),
        ("release_id", "VARCHAR"),
        ("recorded_at", "TIMESTAMP"),
    ]


def test_a_column_that_the_release_in_force_does_not_have_yet_is_unavailable(
    layout: Layout,
) -> None:
    old, more = accepted_table(layout), [("share", "double"), ("share_missing", "varchar")]
    table = RawTable("waste", [*COLUMNS, *more], old.files, "a" * 64, old.recorded_at)
    draft = prepare(layout, Draft.of_run(layout, "run"), inputs(table))
    found = raw_rows(draft, "select distinct share, share_missing from raw.waste")
    assert found == [(None, "unavailable")]
    assert raw_rows(draft, "select count(value) from raw.waste") == [(196,)]


def test_rows_in_windows_name_the_bytes_they_were_read_from(layout: Layout) -> None:
    paths = []
    for month in ("2026M09", "2026M10"):
        paths.append((layout.accepted / f"{month}.parquet").resolve())
        snapshot_frame("statbank_laby25").assign(landed_id=month).to_parquet(paths[-1])
    table = RawTable("waste", COLUMNS, paths, "a" * 64, "2026-11-24T02:30:00", is_windowed=True)
    draft = prepare(layout, Draft.of_run(layout, "run"), inputs(table))
    found = raw_rows(draft, "select release_id, count(*) from raw.waste group by 1 order by 1")
    assert found == [("2026M09", 196), ("2026M10", 196)]
    kept = read_inputs(layout, keep(layout, draft))
    assert kept.tables["waste"] == table


def keep(layout: Layout, draft: Draft) -> str:
    """As a publication keeps what it was made of."""
    keep_inputs(layout, draft.inputs, "version")
    return "version"


def test_a_source_without_a_release_is_there_and_empty_with_the_same_columns(
    layout: Layout,
) -> None:
    empty = RawTable("waste", COLUMNS)
    there = prepare(layout, Draft.of_run(layout, "run-1"), inputs(accepted_table(layout)))
    absent = prepare(layout, Draft.of_run(layout, "run-2"), inputs(empty))
    assert raw_rows(absent, "select * from raw.waste") == []
    describe = "select column_name, column_type from (describe raw.waste)"
    assert raw_rows(absent, describe) == raw_rows(there, describe)


def test_control_tables_are_typed_also_without_rows(layout: Layout) -> None:
    states = [{"source_id": "a", "state": "fresh", "age_days": 3}]
    draft = prepare(layout, Draft.of_run(layout, "run"), inputs(source_state=states))
    for name, schema in CONTROL_TABLES.items():
        columns = raw_rows(draft, f"select column_name from (describe raw.{name})")
        assert [column for (column,) in columns] == schema.names
    assert raw_rows(draft, "select state, age_days, reason from raw.source_state") == [
        ("fresh", 3, None)
    ]
    assert raw_rows(draft, "select count(*) from raw.run") == [(0,)]


def test_a_run_never_works_in_the_folder_of_another(layout: Layout) -> None:
    prepare(layout, Draft.of_run(layout, "run"), inputs())
    with pytest.raises(FileExistsError):
        prepare(layout, Draft.of_run(layout, "run"), inputs())


def test_sealing_tells_the_digest_and_leaves_one_whole_file(layout: Layout) -> None:
    draft = make_draft(layout)
    assert seal(draft) == sha256_of_file(draft.file) == seal(draft)
    assert not draft.file.with_name("monitoring.duckdb.wal").exists()


def test_a_draft_that_is_touched_has_another_digest(layout: Layout) -> None:
    draft = make_draft(layout)
    before = seal(draft)
    with duckdb.connect(str(draft.file)) as connection:
        connection.execute("update fct_value set value = 2 where municipality_code = '0101'")
    assert seal(draft) != before


def test_sealing_folds_a_left_over_log_into_the_file(layout: Layout) -> None:
    draft = make_draft(layout)
    with duckdb.connect(str(draft.file)) as connection:
        connection.execute("pragma disable_checkpoint_on_shutdown")
        connection.execute("create table later as select 1 as n")
    assert draft.file.with_name("monitoring.duckdb.wal").exists()
    seal(draft)
    assert not draft.file.with_name("monitoring.duckdb.wal").exists()
    assert "later" in tables_in(draft.file)


def test_tables_and_views_of_a_file_are_listed(layout: Layout) -> None:
    draft = make_draft(layout)
    with duckdb.connect(str(draft.file)) as connection:
        connection.execute("create view a_view as select 1 as n")
    assert tables_in(draft.file) == ["a_view", "dim_year", "fct_value"]
