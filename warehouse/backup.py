"""A copy of a whole state root in one file, and back: each file proven by its SHA-256.

What a run can make anew is left out: drafts, locks, unfinished files. Dagster's SQLite files are
copied by SQLite itself, because its daemon may be writing them.
"""

import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from warehouse.damage import damage_of
from warehouse.durable import (
    TEMPORARY,
    fsync_folder,
    json_bytes,
    put_in_place,
    rename,
    sha256_of_file,
    temporary_beside,
)
from warehouse.layout import Layout
from warehouse.publications import current_manifest, versions
from warehouse.run_lock import run_lock
from warehouse.submissions import nobody_deciding

LIST = "klimamonitor-backup.json"
FORMAT = 1
SQLITE = ".db"
SQLITE_BESIDE = ("-wal", "-shm", "-journal")


class BackupError(RuntimeError):
    """A copy cannot be made or cannot be trusted; the message says what to do."""


@dataclass(frozen=True)
class Copied:
    """What a backup holds, and the version that readers saw."""

    file: Path
    files: int
    size_bytes: int
    version: str | None
    created_at: str


def back_up(layout: Layout, file: Path, at: datetime) -> Copied:
    """Copy the state root into a tar file; no run and no submission may come between.

    Raises:
        RunInProgressError: a run holds the state root.
        BackupError: somebody is handing in a report, or the file lies inside the state root.
    """
    file = file.absolute()
    if file.is_relative_to(layout.home):
        raise BackupError(f"{file} lies inside the state root. Choose another place.")
    with run_lock(layout.run_lock, "backup"), nobody_deciding(layout) as is_quiet:
        if not is_quiet:
            raise BackupError("Somebody is handing in a report. Try again in a moment.")
        manifest = current_manifest(layout)
        version = manifest["version"] if manifest else None
        temporary = temporary_beside(file)
        with tarfile.open(temporary, "w", format=tarfile.PAX_FORMAT) as archive:
            digests = dict(_pack(layout, archive))
            told = {"format": FORMAT, "created_at": at.isoformat(), "version": version}
            _add_bytes(archive, LIST, json_bytes({**told, "files": digests}))
        temporary.chmod(0o600)
        put_in_place(temporary, file)
    return Copied(file, len(digests), file.stat().st_size, version, at.isoformat())


def restore(file: Path, home: Path) -> Copied:
    """Unpack a backup into a state root that is not there yet, once every file is proven.

    Raises:
        BackupError: the root is there, or the file is no whole backup; nothing is left behind.
    """
    if home.exists() and any(home.iterdir()):
        raise BackupError(f"{home} is not empty. Move it away, or set KLIMAMONITOR_HOME.")
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=TEMPORARY) as folder:
        unpacked = Path(folder) / "data"
        told = _unpack(file, unpacked)
        _require_whole(Layout(unpacked), told)
        _put(unpacked, home)
    fsync_folder(home.parent)
    layout = Layout(home)
    layout.prepare()
    return Copied(
        file, len(told["files"]), file.stat().st_size, told["version"], told["created_at"]
    )


def _put(unpacked: Path, home: Path) -> None:
    try:
        if home.exists():
            home.rmdir()
        rename(unpacked, home)
    except OSError as error:
        raise BackupError(
            f"{home} cannot be put in place ({error}). Choose a folder that is no mount itself."
        ) from error


def _pack(layout: Layout, archive: tarfile.TarFile) -> Iterator[tuple[str, str]]:
    """Add everything that is kept; the digest of every file, and where every link leads."""
    for path in sorted(layout.home.rglob("*")):
        name = path.relative_to(layout.home).as_posix()
        if _is_left_out(path, name):
            continue
        if path.is_symlink():
            archive.add(path, name, recursive=False)
            yield name, f"link {path.readlink()}"
        elif path.is_dir():
            archive.add(path, name, recursive=False)
        elif path.suffix == SQLITE:
            yield name, _add_database(archive, path, name)
        else:
            yield name, _add_file(archive, path, name)


def _is_left_out(path: Path, name: str) -> bool:
    is_draft = name == "builds" or name.startswith("builds/")
    is_of_sqlite = path.name.endswith(tuple(SQLITE + end for end in SQLITE_BESIDE))
    is_litter = any(part.startswith(TEMPORARY) for part in path.parts)
    is_odd = not (path.is_symlink() or path.is_dir() or path.is_file())
    return is_draft or is_of_sqlite or is_litter or is_odd or path.suffix == ".lock"


class _Read:
    """A file whose bytes are digested as they are read."""

    def __init__(self, handle: BinaryIO) -> None:
        self.handle, self.digest = handle, sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.handle.read(size)
        self.digest.update(piece)
        return piece


def _add_file(archive: tarfile.TarFile, path: Path, name: str) -> str:
    with path.open("rb") as handle:
        read = _Read(handle)
        archive.addfile(archive.gettarinfo(arcname=name, fileobj=handle), cast("IO[bytes]", read))
        return read.digest.hexdigest()


def _add_database(archive: tarfile.TarFile, path: Path, name: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        source, target = sqlite3.connect(path), sqlite3.connect(copy)
        try:
            source.backup(target)
        finally:
            target.close()
            source.close()
        return _add_file(archive, copy, name)


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Every member into the folder; what the backup says of itself."""
    try:
        with tarfile.open(file, "r:") as archive:
            _extract(archive, folder)
        listed = folder / LIST
        told: dict[str, Any] = json.loads(listed.read_bytes())
        listed.unlink()
    except (tarfile.TarError, OSError, ValueError) as error:
        raise BackupError(f"{file} is no whole backup: {error}.") from error
    if told.get("format") != FORMAT:
        raise BackupError(f"{file} was made by another version of klimamonitor; use that one.")
    return told


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Every member with its own permissions, for some folders are private.

    By hand: the filters of ``tarfile`` are missing in Debian's Python 3.11.2.

    Raises:
        BackupError: a member leads elsewhere, or is neither file, folder nor link.
    """
    folders = []
    for member in archive:
        path = folder / member.name
        if not _leads_inside(member):
            raise BackupError(f"{member.name!r} is nothing that a backup holds.")
        if member.isdir():
            path.mkdir(parents=True, exist_ok=True)
            folders.append((path, member.mode))
        elif member.issym():
            path.symlink_to(member.linkname)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as handle:
                shutil.copyfileobj(cast("IO[bytes]", archive.extractfile(member)), handle)
            path.chmod(member.mode)
            os.utime(path, (member.mtime, member.mtime))
    for path, mode in reversed(folders):
        path.chmod(mode)


def _leads_inside(member: tarfile.TarInfo) -> bool:
    """Whether a file, folder or link stays below where it is unpacked."""
    name = member.name
    if member.issym():
        name = os.path.join(os.path.dirname(name), member.linkname)  # noqa: PTH118, PTH120
    elif not (member.isreg() or member.isdir()):
        return False
    outside = (".." + os.sep, os.sep)
    return not (os.path.normpath(name) + os.sep).startswith(outside)


def _require_whole(layout: Layout, told: dict[str, Any]) -> None:
    """Every file that was copied is there as it was, no other is, and publications are whole.

    Raises:
        BackupError: naming the first differences.
    """
    found = dict(_digests(layout.home))
    listed: dict[str, str] = told["files"]
    wrong = [f"{name} is missing" for name in listed if name not in found]
    wrong += [f"{name} is not in its list" for name in found if name not in listed]
    wrong += [f"{n} was changed" for n, d in listed.items() if found.get(n, d) != d]
    made = (layout.publications / manifest["version"] for manifest in versions(layout))
    wrong += [f"{folder.name}: {told}" for folder in made for told in damage_of(folder)]
    if wrong:
        shown = "; ".join(wrong[:5])
        raise BackupError(f"The backup is not what was copied: {shown}. Use an earlier one.")


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            yield name, f"link {path.readlink()}"
        elif path.is_file():
            yield name, sha256_of_file(path)
