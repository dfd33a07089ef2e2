"""A state root in one file and back: the same bytes, links and permissions, or nothing at all."""

import io
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.warehouse.publishing import AT, laid_out, make_draft, publish, value_in, version
from warehouse.backup import LIST, BackupError, back_up, restore
from warehouse.damage import damage_of
from warehouse.layout import Layout
from warehouse.publications import DATABASE
from warehouse.run_lock import RunInProgressError, run_lock
from warehouse.submissions import deciding


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Two publications, something private, Dagster's files, and what is not to be copied."""
    layout = laid_out(tmp_path / "data")
    publish(layout, 1)
    publish(layout, 2)
    make_draft(layout, 3)
    layout.private.mkdir(mode=0o700)
    (layout.private / "contacts.jsonl").write_text("navn\n", encoding="utf-8")
    (layout.private / "contacts.jsonl").chmod(0o600)
    (layout.landing / "a").mkdir()
    (layout.landing / "a" / "ædelgran.csv").write_bytes(b"\x00\xff")
    (layout.inbox / ".unfinished-1-x").write_bytes(b"half")
    history = layout.dagster / "history"
    history.mkdir(parents=True)
    with sqlite3.connect(history / "runs.db") as connection:
        connection.execute("create table runs as select 1 as number")
    return layout


def everything(layout: Layout) -> dict[str, tuple[int, bytes | str]]:
    """Mode, and bytes or target, of all that is kept, but of SQLite's own files."""
    found: dict[str, tuple[int, bytes | str]] = {}
    for path in layout.home.rglob("*"):
        name = path.relative_to(layout.home).as_posix()
        is_kept = not name.startswith(("builds", "inbox/.unf")) and path.suffix not in (
            ".lock",
            ".db",
        )
        if is_kept and not path.is_dir():
            told = str(path.readlink()) if path.is_symlink() else path.read_bytes()
            found[name] = (stat.S_IMODE(path.lstat().st_mode), told)
    return found


def test_a_root_that_was_wiped_comes_back_as_it_was(layout: Layout, tmp_path: Path) -> None:
    before = everything(layout)
    copied = back_up(layout, tmp_path / "copy.tar", AT)
    assert copied.version == version(2)
    assert stat.S_IMODE((tmp_path / "copy.tar").stat().st_mode) == 0o600
    shutil.rmtree(layout.home)
    assert restore(tmp_path / "copy.tar", layout.home).files == copied.files
    assert everything(layout) == before
    assert stat.S_IMODE(layout.private.stat().st_mode) == 0o700
    assert value_in(layout.current / DATABASE) == 2.0
    assert damage_of(layout.publications / version(1)) == ()
    assert list(layout.builds.iterdir()) == []
    with sqlite3.connect(layout.dagster / "history" / "runs.db") as connection:
        assert connection.execute("select number from runs").fetchall() == [(1,)]
    assert [p for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_root_that_is_there_is_left_alone(layout: Layout, tmp_path: Path) -> None:
    back_up(layout, tmp_path / "copy.tar", AT)
    before = everything(layout)
    with pytest.raises(BackupError, match="is not empty"):
        restore(tmp_path / "copy.tar", layout.home)
    assert everything(layout) == before


def test_nothing_is_copied_while_a_run_or_a_submission_is_at_it(
    layout: Layout, tmp_path: Path
) -> None:
    with run_lock(layout.run_lock, "another"), pytest.raises(RunInProgressError):
        back_up(layout, tmp_path / "copy.tar", AT)
    with deciding(layout), pytest.raises(BackupError, match="handing in a report"):
        back_up(layout, tmp_path / "copy.tar", AT)
    with pytest.raises(BackupError, match="inside the state root"):
        back_up(layout, layout.home / "copy.tar", AT)
    assert not (tmp_path / "copy.tar").exists()


def changed(file: Path, change: Callable[[tarfile.TarInfo, bytes], bytes | None]) -> None:
    """The backup with members changed, or left out."""
    packed = io.BytesIO()
    with tarfile.open(file) as old, tarfile.open(fileobj=packed, mode="w") as new:
        for member in old:
            handle = old.extractfile(member) if member.isreg() else None
            content = change(member, handle.read() if handle else b"")
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    file.write_bytes(packed.getvalue())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda _m, c: c, None),
        (lambda m, c: b"x" if m.name.endswith("gran.csv") else c, "ædelgran.csv was changed"),
        (lambda m, c: None if m.name.endswith("gran.csv") else c, "ædelgran.csv is missing"),
        (lambda m, c: None if m.name == LIST else c, "no whole backup"),
        (
            lambda m, c: c.replace(b'"format": 1', b'"format": 9') if m.name == LIST else c,
            "another",
        ),
    ],
    ids=["nothing", "changed", "missing", "no list", "another format"],
)
def test_a_backup_that_is_not_what_was_copied_is_refused(
    layout: Layout,
    tmp_path: Path,
    change: Callable[[tarfile.TarInfo, bytes], bytes | None],
    told: str | None,
) -> None:
    back_up(layout, tmp_path / "copy.tar", AT)
    changed(tmp_path / "copy.tar", change)
    target = tmp_path / "again"
    if told is None:
        restore(tmp_path / "copy.tar", target)
        return
    with pytest.raises(BackupError, match=told):
        restore(tmp_path / "copy.tar", target)
    assert not target.exists()


def test_half_a_file_is_refused(layout: Layout, tmp_path: Path) -> None:
    file = tmp_path / "copy.tar"
    back_up(layout, file, AT)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(BackupError, match=r"whole backup|not what was copied"):
        restore(file, tmp_path / "again")


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("../outside", None),
        ("/outside", None),
        ("data/../../outside", None),
        ("inside", "../outside"),
        ("inside", "/outside"),
        ("a/inside", "../../outside"),
        ("pipe", ""),
    ],
)
def test_a_member_that_leads_elsewhere_is_refused(
    layout: Layout, tmp_path: Path, name: str, link: str | None
) -> None:
    file = tmp_path / "copy.tar"
    back_up(layout, file, AT)
    with tarfile.open(file, "a") as archive:
        member = tarfile.TarInfo(name)
        member.type = tarfile.REGTYPE if link is None else tarfile.SYMTYPE
        member.type = tarfile.FIFOTYPE if link == "" else member.type
        member.linkname = link or ""
        archive.addfile(member)
    with pytest.raises(BackupError, match="is nothing that a backup holds"):
        restore(file, tmp_path / "deep" / "again")
    assert list((tmp_path / "deep").iterdir()) == []
    assert not Path("/outside").exists()
