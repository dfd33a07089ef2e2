"""Publications: no way in without an audit, whole or not at all, and readers undisturbed."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.publishing import (
    AT,
    PAGES,
    TABLES,
    asked,
    audited,
    facts,
    laid_out,
    make_draft,
    publish,
    value_in,
    version,
)
from warehouse import promotion
from warehouse.draft import Draft
from warehouse.layout import Layout
from warehouse.outcomes import RunRecord, record_run
from warehouse.promotion import promote, require_audited
from warehouse.publications import (
    DATABASE,
    HeldError,
    TableAudit,
    current_manifest,
    new_version,
    newest_manifest,
    read_manifest,
    rollback,
    versions,
)

Audits = dict[str, TableAudit]
READ_VALUE = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print(connection.execute("select max(value) from fct_value").fetchall()[0][0])
"""


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return laid_out(tmp_path / "data")


def held(layout: Layout, draft: Draft, audits: Audits, tables: dict[str, list[str]]) -> str:
    """The reasons of a refusal that leaves readers and publications as they were."""
    before = set(layout.publications.iterdir()), layout.current.resolve()
    with pytest.raises(HeldError) as caught:
        promote(layout, draft, audits, tables, facts(2), PAGES)
    assert (set(layout.publications.iterdir()), layout.current.resolve()) == before
    assert caught.value.reasons
    return str(caught.value)


def fct(change: Callable[[TableAudit], TableAudit]) -> Callable[[Audits], Audits]:
    return lambda audits: {**audits, "fct_value": change(audits["fct_value"])}


REFUSED = [
    pytest.param(lambda _: {}, "dim_year: no audit; fct_value: no audit", id="no audits"),
    pytest.param(
        lambda audits: {"dim_year": audits["dim_year"]}, "fct_value: no audit", id="one missing"
    ),
    pytest.param(fct(lambda a: replace(a, checks=0)), "fct_value: no audit", id="empty suite"),
    pytest.param(
        fct(lambda a: replace(a, draft_sha256="0" * 64)),
        "fct_value: the audit judged another file",
        id="another file",
    ),
    pytest.param(
        fct(lambda a: replace(a, kinds=a.kinds - {"key"})),
        "fct_value: no check of key",
        id="no key check",
    ),
    pytest.param(
        fct(lambda a: replace(a, kinds=a.kinds - {"rows", "columns"})),
        "fct_value: no check of columns; fct_value: no check of rows",
        id="no rows check",
    ),
    pytest.param(
        fct(lambda a: replace(a, failures=("value_range: 2 of 3 rows",))),
        "fct_value: value_range: 2 of 3 rows",
        id="failed",
    ),
]


@pytest.mark.parametrize(("change", "told"), REFUSED)
def test_a_draft_without_a_passed_audit_of_every_table_is_held(
    layout: Layout, change: Callable[[Audits], Audits], told: str
) -> None:
    publish(layout, 1)
    draft = make_draft(layout, 2)
    assert held(layout, draft, change(audited(draft)), TABLES) == told


def test_the_first_publication_is_held_as_well(layout: Layout) -> None:
    assert "no audit" in held(layout, make_draft(layout), {}, TABLES)
    assert not layout.current.exists()


def test_a_warning_does_not_hold_but_is_written_down(layout: Layout) -> None:
    draft = make_draft(layout)
    audits = fct(lambda a: replace(a, warnings=("step_size: 1 of 9",)))(audited(draft))
    folder = promote(layout, draft, audits, TABLES, facts(1), PAGES)
    manifest = read_manifest(folder)
    assert manifest is not None
    assert manifest["audits"]["fct_value"]["warnings"] == ["step_size: 1 of 9"]


def test_a_draft_touched_after_its_audit_is_held(layout: Layout) -> None:
    draft = make_draft(layout)
    audits = audited(draft)
    with duckdb.connect(str(draft.file)) as connection:
        connection.execute("update fct_value set value = 1000 * value")
    assert "the audit judged another file" in held(layout, draft, audits, TABLES)


def test_the_audit_of_the_last_draft_does_not_serve_for_the_next(layout: Layout) -> None:
    first = make_draft(layout, 1)
    second = make_draft(layout, 2)
    assert "another file" in held(layout, second, audited(first), TABLES)


def test_a_table_missing_from_the_draft_is_held(layout: Layout) -> None:
    draft = make_draft(layout)
    tables = {**TABLES, "fct_target": ["year"]}
    told = held(layout, draft, audited(draft), tables)
    assert told == "fct_target: the table is missing from the draft"


@pytest.mark.parametrize("kind", ["table", "view"])
def test_a_table_or_view_that_nobody_published_is_held(layout: Layout, kind: str) -> None:
    draft = make_draft(layout)
    with duckdb.connect(str(draft.file)) as connection:
        connection.execute(f"create {kind} contacts as select 'A Person' as name")
    told = held(layout, draft, audited(draft), TABLES)
    assert told == "contacts: not a published table"


def test_a_publication_of_nothing_is_held(layout: Layout) -> None:
    draft = make_draft(layout)
    with duckdb.connect(str(draft.file)) as connection:
        connection.execute("drop table dim_year")
        connection.execute("drop table fct_value")
    assert held(layout, draft, {}, {}) == "there is no published table"


def test_every_reason_is_told_at_once(layout: Layout) -> None:
    draft = make_draft(layout)
    with pytest.raises(HeldError) as caught:
        require_audited(draft, {}, {**TABLES, "fct_target": ["year"]})
    assert len(caught.value.reasons) == 3


def test_there_is_no_flag_to_skip_the_audit() -> None:
    import inspect

    names = set(inspect.signature(promote).parameters)
    assert names == {"layout", "draft", "audits", "tables", "facts", "quality_pages"}


def test_a_publication_holds_database_parquet_manifest_and_audit_report(layout: Layout) -> None:
    folder = publish(layout, 1)
    assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()) == [
        "manifest.json",
        "monitoring.duckdb",
        "parquet/dim_year.parquet",
        "parquet/fct_value.parquet",
        "quality/index.html",
    ]
    manifest = current_manifest(layout)
    assert manifest is not None
    assert manifest["version"] == folder.name == version(1)
    assert manifest["tables"]["fct_value"]["rows"] == 2
    assert asked(f"select count(*) from '{folder}/parquet/fct_value.parquet'") == [(2,)]


def test_files_are_read_only_and_current_is_a_relative_link(layout: Layout) -> None:
    folder = publish(layout, 1)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}
    assert layout.current.is_symlink()
    assert str(layout.current.readlink()) == f"publications/{version(1)}"


def test_equal_drafts_give_equal_hashes(layout: Layout) -> None:
    publish(layout, 1)
    other = laid_out(layout.home.parent / "other")
    publish(other, 1)
    ours, theirs = current_manifest(layout), current_manifest(other)
    assert ours is not None
    assert ours["tables"] == (theirs or {})["tables"]


def test_nothing_in_a_publication_names_the_state_root(layout: Layout) -> None:
    folder = publish(layout, 1)
    for path in folder.rglob("*"):
        if path.is_file():
            assert str(layout.home).encode() not in path.read_bytes(), path


def copied_with_links(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True)


def copied_without_links(source: Path, target: Path) -> None:
    """As ``cp -rL`` or a file manager does: ``current`` becomes a folder."""
    shutil.copytree(source, target, symlinks=False)


def moved(source: Path, target: Path) -> None:
    source.rename(target)


@pytest.mark.parametrize("taken", [moved, copied_with_links, copied_without_links])
def test_a_root_that_was_moved_or_copied_goes_on_working(
    layout: Layout, taken: Callable[[Path, Path], None]
) -> None:
    publish(layout, 1)
    taken(layout.home, layout.home.parent / "elsewhere")
    there = Layout(layout.home.parent / "elsewhere")
    assert value_in(there.current / DATABASE) == 1
    publish(there, 2)
    assert there.current.is_symlink()
    assert value_in(there.current / DATABASE) == 2
    rollback(there, version(1))
    assert value_in(there.current / DATABASE) == 1
    assert [manifest["version"] for manifest in versions(there)] == [version(1), version(2)]


def test_a_root_copied_without_links_twice_can_be_pointed_twice(layout: Layout) -> None:
    publish(layout, 1)
    home = layout.home
    for name in ("second", "third"):
        copied_without_links(home, home.parent / name)
        home = home.parent / name
        rollback(Layout(home), version(1))
    assert value_in(Layout(home).current / DATABASE) == 1


def test_pointing_back_deletes_nothing_and_the_newest_stays_known(layout: Layout) -> None:
    for number in (1, 2, 3):
        publish(layout, number)
        made = current_manifest(layout)
        assert made is not None
        at, name = made["published_at"], made["version"]
        row = RunRecord(made["run_id"], at, at, "published", name, "", "snapshot", None)
        record_run(layout, row)
    rollback(layout, version(1))
    assert value_in(layout.current / DATABASE) == 1
    assert len(versions(layout)) == 3
    newest = newest_manifest(layout)
    assert newest is not None
    assert newest["version"] == version(3)
    rollback(layout, version(3))
    assert value_in(layout.current / DATABASE) == 3


@pytest.mark.parametrize("name", ["20991231T000000Z-00000000", "../builds", "", ".", "current"])
def test_pointing_at_what_is_no_publication_is_refused_with_those_there_are(
    layout: Layout, name: str
) -> None:
    publish(layout, 1)
    with pytest.raises(LookupError, match=version(1)):
        rollback(layout, name)
    assert value_in(layout.current / DATABASE) == 1


def test_a_new_version_never_collides(layout: Layout) -> None:
    names: list[str] = []
    for _ in range(12):
        name = new_version(layout, AT, "0123abcd4567")
        (layout.publications / name).mkdir()
        names.append(name)
    assert len(set(names)) == 12
    assert names[:3] == [
        "20261124T023000Z-0123abcd",
        "20261124T023001Z-0123abcd",
        "20261124T023002Z-0123abcd",
    ]
    assert new_version(layout, AT.replace(minute=31), "ffff00") == "20261124T023100Z-ffff00"


@pytest.mark.parametrize(
    "there",
    [
        (
            "20261124T023000Z-ffffffff",
            "20261124T023000Z-ffffffff-2",
            "20261124T023000Z-ffffffff-10",
        ),
        ("20350601T003000Z-ffffffff",),
        ("20350631T996000Z-00000000", "20261124T023000Z-ffffffff"),
    ],
)
def test_a_new_version_sorts_after_all_there_are_whatever_the_clock_says(
    layout: Layout, there: tuple[str, ...]
) -> None:
    for name in there:
        (layout.publications / name).mkdir()
    moments = [name for name in there if "T99" not in name]
    assert new_version(layout, AT, "0123abcd4567") > max(moments)


def test_a_version_that_exists_is_never_overwritten(layout: Layout) -> None:
    publish(layout, 1)
    draft = make_draft(layout, 2)
    with pytest.raises(OSError, match="not empty"):
        promote(layout, draft, audited(draft), TABLES, facts(1), PAGES)
    assert value_in(layout.current / DATABASE) == 1


@pytest.mark.parametrize("step", ["_export", "write_json", "_make_durable", "fsync_folder"])
def test_a_promotion_that_fails_anywhere_leaves_readers_where_they_were(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    publish(layout, 1)
    draft = make_draft(layout, 2)
    monkeypatch.setattr(promotion, step, full)
    with pytest.raises(OSError, match="No space"):
        promote(layout, draft, audited(draft), TABLES, facts(2), PAGES)
    monkeypatch.undo()
    assert value_in(layout.current / DATABASE) == 1
    publish(layout, 3)
    assert value_in(layout.current / DATABASE) == 3


def test_a_reader_keeps_the_old_file_while_a_new_one_is_promoted(layout: Layout) -> None:
    publish(layout, 1)
    path = str(layout.current / DATABASE)
    with duckdb.connect(path, read_only=True) as reader:
        publish(layout, 2)
        rows = reader.execute("select max(value), count(*) from fct_value").fetchall()
        assert rows == [(1.0, 2)]
        other = [sys.executable, "-c", READ_VALUE, path]
        assert subprocess.run(other, capture_output=True, check=True).stdout == b"2.0\n"
        assert reader.execute("select max(value) from fct_value").fetchall() == [(1.0,)]


def test_a_reader_cannot_write(layout: Layout) -> None:
    publish(layout, 1)
    with (
        duckdb.connect(str(layout.current / DATABASE), read_only=True) as reader,
        pytest.raises(duckdb.InvalidInputException),
    ):
        reader.execute("delete from fct_value")


def test_no_publication_yet_is_none(layout: Layout) -> None:
    assert current_manifest(layout) is None
    assert newest_manifest(layout) is None
    assert versions(layout) == []
    assert versions(Layout(layout.home / "nowhere")) == []


def test_unfinished_folders_are_no_publications(layout: Layout) -> None:
    publish(layout, 1)
    shutil.copytree(layout.current, layout.publications / f".unfinished-{version(2)}")
    (layout.publications / version(3)).mkdir()
    assert [manifest["version"] for manifest in versions(layout)] == [version(1)]
