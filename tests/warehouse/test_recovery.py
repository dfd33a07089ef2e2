"""What a dead run leaves behind, and what recovering must not touch."""

import shutil
from pathlib import Path

import pytest

from tests.warehouse.publishing import facts, laid_out, make_draft, publish, value_in, version
from tests.warehouse.test_damage import flipped
from warehouse import outcomes
from warehouse.durable import temporary_beside
from warehouse.layout import Layout
from warehouse.outcomes import Outcome, RunRecord
from warehouse.publications import DATABASE, rollback
from warehouse.recovery import put_pointer_right, recover

AT = "2026-11-25T02:30:00+00:00"


def everything(layout: Layout) -> dict[str, bytes]:
    return {
        str(path.relative_to(layout.home)): path.read_bytes()
        for path in layout.home.rglob("*")
        if path.is_file()
    }


def test_litter_is_removed_and_nothing_else_is_touched(tmp_path: Path) -> None:
    layout = laid_out(tmp_path / "data")
    publish(layout, 1)
    recover(layout)
    before = everything(layout)
    make_draft(layout, 2)
    for folder in (layout.landing, layout.accepted, layout.quarantine):
        (folder / "statbank_are207").mkdir()
        temporary_beside(folder / "statbank_are207" / "x.csv").write_bytes(b"half")
    unfinished = layout.publications / ".unfinished-20261124T023005Z-0123abcd"
    (unfinished / "parquet").mkdir(parents=True)
    (unfinished / DATABASE).write_bytes(b"half")
    (unfinished / DATABASE).chmod(0o444)
    (layout.home / ".unfinished-current").symlink_to("publications/nowhere")
    removed = recover(layout)
    assert everything(layout) == before
    assert len(removed) == 6
    assert not unfinished.exists()
    assert not (layout.home / ".unfinished-current").is_symlink()
    assert list(layout.builds.iterdir()) == []
    assert value_in(layout.current / DATABASE) == 1


def test_a_project_that_no_publication_was_made_of_is_removed(tmp_path: Path) -> None:
    layout = laid_out(tmp_path / "data")
    publish(layout, 1)
    made_of, forgotten = (layout.projects / f"{digest}.zip" for digest in ("0123abcd", "9876"))
    made_of.touch()
    forgotten.touch()
    assert forgotten in recover(layout)
    assert (made_of.exists(), forgotten.exists()) == (True, False)
    shutil.rmtree(layout.publications / version(1))
    recover(layout)
    assert not made_of.exists()


def test_no_project_is_removed_while_a_list_of_inputs_cannot_be_read(tmp_path: Path) -> None:
    layout = laid_out(tmp_path / "data")
    publish(layout, 1)
    forgotten = layout.projects / "9876.zip"
    forgotten.touch()
    listed = layout.inputs / version(1) / "inputs.json"
    listed.chmod(0o644)
    listed.write_text("{")
    recover(layout)
    assert forgotten.exists()


def test_recovering_a_clean_root_removes_nothing(tmp_path: Path) -> None:
    assert recover(laid_out(tmp_path / "data")) == []


def test_a_link_in_the_builds_is_removed_and_what_it_points_at_stays(tmp_path: Path) -> None:
    layout = laid_out(tmp_path / "data")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_bytes(b"x")
    (layout.builds / "link").symlink_to(tmp_path / "precious")
    recover(layout)
    assert (tmp_path / "precious" / "file").exists()


@pytest.fixture
def published(tmp_path: Path) -> Layout:
    """Three publications of runs that looked at a source and wrote their rows."""
    layout = laid_out(tmp_path / "data")
    for number in (1, 2, 3):
        made(layout, number)
        known(layout, number)
    return layout


def made(layout: Layout, number: int) -> None:
    run_id = facts(number).run_id
    outcomes.record(layout, Outcome(run_id, "statbank_laby25", AT, "unchanged"))
    publish(layout, number)


def known(layout: Layout, number: int) -> None:
    row = RunRecord(
        facts(number).run_id, AT, AT, "published", version(number), "", "snapshot", None
    )
    outcomes.record_run(layout, row)


def put_right(layout: Layout) -> str | None:
    return put_pointer_right(layout, "run-9", AT)


def test_a_whole_publication_is_left_alone(published: Layout) -> None:
    assert put_right(published) is None
    rollback(published, version(1))
    assert put_right(published) is None
    assert value_in(published.current / DATABASE) == 1
    assert outcomes.recovered(published) is None


def test_readers_of_a_damaged_publication_are_pointed_at_the_newest_whole_one(
    published: Layout,
) -> None:
    flipped(published.publications / version(2) / DATABASE)
    flipped(published.publications / version(3) / "parquet" / "dim_year.parquet")
    told = str(put_right(published))
    assert f"{version(3)} is damaged: parquet/dim_year.parquet was changed" in told
    assert f"Readers see {version(1)}" in told
    assert value_in(published.current / DATABASE) == 1
    assert outcomes.recovered(published) == told
    assert put_right(published) is None
    assert outcomes.recovered(published) == told, "news until a new one has been made"
    made(published, 4)
    known(published, 4)
    assert outcomes.recovered(published) is None


def test_where_nothing_is_whole_readers_stay_and_it_is_news(published: Layout) -> None:
    for number in (1, 2, 3):
        flipped(published.publications / version(number) / DATABASE)
    assert "no other one" in str(put_right(published))
    assert published.current.resolve().name == version(3)
    assert outcomes.recovered(published)


@pytest.mark.parametrize("is_link", [True, False])
def test_a_pointer_that_leads_nowhere_is_put_back(published: Layout, is_link: bool) -> None:
    shutil.rmtree(published.publications / version(3)) if is_link else published.current.unlink()
    assert put_right(published)
    assert value_in(published.current / DATABASE) == (2 if is_link else 3)
    assert bool(outcomes.recovered(published)) is is_link


def test_a_run_that_died_before_its_row_is_finished(published: Layout) -> None:
    made(published, 4)
    rollback(published, version(3))
    assert put_right(published) is None
    assert value_in(published.current / DATABASE) == 4
    rollback(published, version(1))
    assert put_right(published) is None
    assert value_in(published.current / DATABASE) == 1, "pointing back is not undone"


def test_a_damaged_publication_of_a_dead_run_is_not_taken(published: Layout) -> None:
    made(published, 4)
    rollback(published, version(3))
    flipped(published.publications / version(4) / DATABASE)
    assert put_right(published) is None
    assert value_in(published.current / DATABASE) == 3


def test_a_publication_copied_from_another_root_is_not_taken(
    published: Layout, tmp_path: Path
) -> None:
    other = laid_out(tmp_path / "other")
    made(other, 7)
    folder = published.publications / version(7)
    shutil.copytree(other.publications / version(7), folder)
    assert put_right(published) is None
    assert value_in(published.current / DATABASE) == 3
    rollback(published, version(7))
    assert value_in(published.current / DATABASE) == 7, "who asks for it by name gets it"
