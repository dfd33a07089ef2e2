"""Writing that survives a crash: a reader sees the old file or the new one, whole.

Temporary names begin with ``TEMPORARY``; what a killed run leaves of them is removed by
``warehouse.recovery``.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warehouse.failpoints import step

TEMPORARY = ".unfinished-"


def fsync_folder(folder: Path) -> None:
    """Make renames inside a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with step("fsync_folder"):
            os.fsync(handle)
    finally:
        os.close(handle)


def fsync_file(path: Path) -> None:
    """Make a file's content survive a power cut."""
    with path.open("rb+") as handle, step("fsync"):
        os.fsync(handle.fileno())


def temporary_beside(path: Path) -> Path:
    """A name in the same folder, so that the rename is atomic."""
    return path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")


def put_in_place(temporary: Path, path: Path) -> None:
    """fsync the finished file, rename it over the old one, fsync the folder."""
    fsync_file(temporary)
    rename(temporary, path)
    fsync_folder(path.parent)


def rename(old: Path, new: Path) -> None:
    """Give a file or folder its name, at once; a file of that name is replaced."""
    with step("rename"):
        old.replace(new)


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file's content at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(path)
    with step("write"):
        temporary.write_bytes(content)
    put_in_place(temporary, path)


def json_bytes(value: Any) -> bytes:
    """JSON with its keys in order, so that equal content is equal bytes."""
    return f"{json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)}\n".encode()


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file at once."""
    write_bytes(path, json_bytes(value))


def append_json_line(path: Path, value: Any) -> None:
    """Add one line; a line that a killed run left half-written is closed first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(value, sort_keys=True, ensure_ascii=False).encode() + b"\n"
    with path.open("ab+") as handle:
        size = handle.seek(0, os.SEEK_END)
        if size and not _ends_line(handle.fileno(), size):
            line = b"\n" + line
        with step("append"):
            handle.write(line)
            handle.flush()
            os.fsync(handle.fileno())


def _ends_line(handle: int, size: int) -> bool:
    return os.pread(handle, 1, size - 1) == b"\n"


def read_json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Whole lines only: a torn one was never reported as written."""
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def sha256_of_file(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
