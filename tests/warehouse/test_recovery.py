"""What a dead run leaves behind, and what recovering must not touch."""

from pathlib import Path

from tests.warehouse.publishing import laid_out, make_draft, publish, value_in
from warehouse.durable import temporary_beside
from warehouse.layout import Layout
from warehouse.publications import DATABASE
from warehouse.recovery import recover


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


def test_recovering_a_clean_root_removes_nothing(tmp_path: Path) -> None:
    assert recover(laid_out(tmp_path / "data")) == []


def test_a_link_in_the_builds_is_removed_and_what_it_points_at_stays(tmp_path: Path) -> None:
    layout = laid_out(tmp_path / "data")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_bytes(b"x")
    (layout.builds / "link").symlink_to(tmp_path / "precious")
    recover(layout)
    assert (tmp_path / "precious" / "file").exists()
