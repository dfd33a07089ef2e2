"""Writing that survives a crash."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse import durable
from warehouse.durable import append_json_line, read_json_lines, write_bytes, write_json

ENDLESS_WRITER = """
import sys, itertools
from pathlib import Path
from warehouse.durable import write_bytes
print("ready", flush=True)
for n in itertools.count():
    write_bytes(Path(sys.argv[1]), bytes([n % 256]) * 200_000)
"""


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    write_bytes(path, b"old")
    with path.open("rb") as reader:
        write_bytes(path, b"new")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "file"
    write_bytes(path, b"old")
    monkeypatch.setattr(durable, "fsync_file", full)
    with pytest.raises(OSError, match="No space"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    litter = [found for found in tmp_path.iterdir() if found != path]
    assert all(found.name.startswith(durable.TEMPORARY) for found in litter)


def test_readers_of_a_writer_that_is_killed_see_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", ENDLESS_WRITER, str(path)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        for _ in range(20):
            content = path.read_bytes() if path.exists() else b"\0" * 200_000
            assert (len(content), len(set(content))) == (200_000, 1)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        content = path.read_bytes()
        assert (len(content), len(set(content))) == (200_000, 1)


def test_equal_json_is_equal_bytes(tmp_path: Path) -> None:
    write_json(tmp_path / "a", {"b": 1, "a": "å"})
    write_json(tmp_path / "b", {"a": "å", "b": 1})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert "å" in (tmp_path / "a").read_text("utf-8")


def test_lines_are_read_in_the_order_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lines.jsonl"
    assert list(read_json_lines(path)) == []
    for n in range(3):
        append_json_line(path, {"n": n})
    assert list(read_json_lines(path)) == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_a_torn_line_is_ignored_and_the_next_one_stands_whole(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    append_json_line(path, {"n": 1})
    with path.open("ab") as handle:
        handle.write(b'{"n": 2, "reason": "tor')
    assert list(read_json_lines(path)) == [{"n": 1}]
    append_json_line(path, {"n": 3})
    append_json_line(path, {"n": 4})
    assert list(read_json_lines(path)) == [{"n": 1}, {"n": 3}, {"n": 4}]


VALUES = st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=3)


@given(st.lists(VALUES, min_size=1, max_size=4), st.data())
@settings(deadline=None, max_examples=50)
def test_a_line_torn_at_any_byte_costs_no_other_line(
    tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, Any]], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("torn") / "lines.jsonl"
    for value in values:
        append_json_line(path, value)
    whole = path.read_bytes()
    start = len(b"".join(whole.splitlines(keepends=True)[:-1]))
    path.write_bytes(whole[: data.draw(st.integers(start, len(whole) - 2))])
    append_json_line(path, {"next": 1})
    assert list(read_json_lines(path)) == [*values[:-1], {"next": 1}]


def test_temporary_files_lie_in_the_same_folder_under_a_name_of_litter(tmp_path: Path) -> None:
    temporary = durable.temporary_beside(tmp_path / "file.json")
    assert temporary.parent == tmp_path
    assert temporary.name.startswith(durable.TEMPORARY)
    assert str(os.getpid()) in temporary.name


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(json.dumps({}).encode())
    assert durable.sha256_of_file(tmp_path / "a").startswith("44136fa3")
