"""Damage of every kind is told by name, whole publications are whole, and going back refuses."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.warehouse.publishing import laid_out, publish, value_in, version
from warehouse import damage as module
from warehouse.damage import damage_of, damage_of_chosen
from warehouse.durable import write_json
from warehouse.explain import NothingToExplainError, publication_of
from warehouse.layout import Layout
from warehouse.publications import DATABASE, MANIFEST, DamagedError, read_manifest, rollback

PARQUET = "parquet/fct_value.parquet"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = laid_out(tmp_path / "data")
    publish(made, 1)
    publish(made, 2)
    return made


def flipped(path: Path) -> None:
    """One bit in the middle of a file; its size stays."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def shortened(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])


def halved(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def reworded(path: Path) -> None:
    manifest = json.loads(path.read_text())
    manifest["transport"] = "live"
    path.unlink()
    write_json(path, manifest)


def unnamed(path: Path) -> None:
    """As a manifest of this schema whose list of files was taken out."""
    manifest = json.loads(path.read_text())
    del manifest["files"], manifest["manifest_sha256"]
    path.unlink()
    write_json(path, manifest)


def spaced(path: Path) -> None:
    path.chmod(0o644)
    path.write_text(path.read_text() + " ")


def linked(path: Path) -> None:
    path.symlink_to("/nowhere")


def only(name: str) -> Callable[[Path], None]:
    """Half a folder: of all that was copied, one file arrived."""

    def keep(folder: Path) -> None:
        for path in [p for p in folder.rglob("*") if p.is_file() and p.name != name]:
            path.unlink()

    return keep


DAMAGE = [
    pytest.param(DATABASE, flipped, (f"{DATABASE} was changed",), id="bit in the database"),
    pytest.param(PARQUET, flipped, (f"{PARQUET} was changed",), id="bit in a Parquet file"),
    pytest.param(DATABASE, shortened, (f"{DATABASE} was changed",), id="cut"),
    pytest.param(PARQUET, Path.unlink, (f"{PARQUET} is missing",), id="missing"),
    pytest.param("quality", shutil.rmtree, ("quality/index.html is missing",), id="folder"),
    pytest.param("x.txt", Path.touch, ("x.txt is not in the manifest",), id="extra"),
    pytest.param("link", linked, ("link is not in the manifest",), id="extra link"),
    pytest.param(MANIFEST, reworded, (f"{MANIFEST} was changed",), id="another word"),
    pytest.param(MANIFEST, unnamed, (f"{MANIFEST} was changed",), id="no files named"),
    pytest.param(MANIFEST, spaced, (f"{MANIFEST} was changed",), id="a space more"),
    pytest.param(
        MANIFEST, halved, (f"{MANIFEST} is missing or cannot be read",), id="half a manifest"
    ),
    pytest.param(
        "", only(DATABASE), (f"{MANIFEST} is missing or cannot be read",), id="half a folder"
    ),
    pytest.param(
        "",
        only(MANIFEST),
        tuple(
            f"{name} is missing"
            for name in (DATABASE, "parquet/dim_year.parquet", PARQUET, "quality/index.html")
        ),
        id="manifest alone",
    ),
]


def test_a_publication_is_whole(layout: Layout) -> None:
    assert damage_of(layout.current) == ()
    assert damage_of(layout.publications / version(1)) == ()
    assert damage_of_chosen(layout, None) is None
    assert damage_of_chosen(layout, version(9)) is None
    assert damage_of_chosen(layout, "../builds") is None


@pytest.mark.parametrize(("name", "spoil", "told"), DAMAGE)
def test_damage_is_told_and_going_back_to_it_refused(
    layout: Layout, name: str, spoil: Callable[[Path], None], told: tuple[str, ...]
) -> None:
    folder = layout.publications / version(1)
    spoil(folder / name)
    assert damage_of(folder) == told
    assert damage_of(folder, every_byte=False) == told
    with pytest.raises(DamagedError, match="restore the folder from a backup") as caught:
        rollback(layout, version(1))
    assert all(words in str(caught.value) for words in told)
    assert value_in(layout.current / DATABASE) == 2
    with pytest.raises(NothingToExplainError, match="not what was published"):
        publication_of(layout, version(1))


def test_a_large_publication_is_read_only_where_it_was_written_to(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SMALL_BYTES", 0)
    file = layout.current / DATABASE
    before = file.stat()
    flipped(file)
    assert damage_of(layout.current, every_byte=False) == (f"{DATABASE} was changed",)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert damage_of(layout.current, every_byte=False) == ()
    assert damage_of(layout.current) == (f"{DATABASE} was changed",)


def test_a_copied_publication_is_whole(layout: Layout) -> None:
    folder = layout.publications / version(1)
    shutil.copytree(folder, layout.home / version(1))
    assert damage_of(layout.home / version(1)) == ()
    assert damage_of(layout.home / version(1), every_byte=False) == ()


def test_a_publication_under_another_name_is_no_publication(layout: Layout) -> None:
    shutil.copytree(layout.publications / version(1), layout.publications / version(3))
    assert damage_of(layout.publications / version(3)) == (f"{MANIFEST} is that of {version(1)}",)


def test_a_publication_from_before_files_were_named_must_have_its_tables(layout: Layout) -> None:
    folder = layout.publications / version(1)
    manifest = read_manifest(folder)
    assert manifest is not None
    del manifest["files"], manifest["manifest_sha256"]
    (folder / MANIFEST).unlink()
    write_json(folder / MANIFEST, {**manifest, "schema_version": "1.3.0"})
    assert damage_of(folder) == ()
    (folder / PARQUET).unlink()
    assert damage_of(folder) == (f"{PARQUET} is missing",)


def test_the_manifest_names_every_other_file(layout: Layout) -> None:
    manifest = read_manifest(layout.current)
    assert manifest is not None
    files = {
        path.relative_to(layout.current).as_posix()
        for path in layout.current.rglob("*")
        if path.is_file()
    }
    assert set(manifest["files"]) == files - {MANIFEST}
    assert len(manifest["manifest_sha256"]) == 64
