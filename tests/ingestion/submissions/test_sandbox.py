"""Limited processes: what they may not do, what they survive, and what is left of them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.submissions.cells import CELLS_LIMIT, Cell, FileCells, Place
from ingestion.submissions.confinement import MEMORY_LIMIT
from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.sandbox import ROOT, Result, Sandbox
from ingestion.submissions.sandbox_protocol import (
    ANNOTATED,
)
from ingestion.submissions.sandbox_worker import read_file
from tests.ingestion.submissions.hostile import HOSTILE, Hostile
from tests.ingestion.submissions.packing import (
    CSV,
    SHEET,
    XLSX,
    bomb,
    good_parts,
    good_workbook,
    string_amplifier,
    swollen,
    with_flag,
    with_member,
    with_part,
    with_rows,
    zipped,
)

GOOD = (XLSX, good_workbook())
KILLER = (XLSX, string_amplifier())
# A sheet of deep nonsense that takes a reader far longer than half a second.
SLOW = (XLSX, with_rows("".join(f"<row r='{n}'><c/></row>" for n in range(1, 150_000)) * 4))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=2) as pool:
        yield pool


def codes(result: Result) -> tuple[str, ...]:
    """The codes of a refused file; a file that was read has none."""
    return () if isinstance(result, FileCells) else tuple(entry.code for entry in result)


def processes(parent: int) -> list[int]:
    """Children of a process that have not ended."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            text = status.read_text()
            if f"\nPPid:\t{parent}\n" in text and "\nState:\tZ" not in text:
                found.append(int(status.parent.name))
    return found


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_file_ends_with_its_code_and_the_next_one_is_read(
    hostile: Hostile, sandbox: Sandbox
) -> None:
    content = hostile.build()
    started = time.monotonic()
    refused, good = sandbox.read_all([(hostile.file_name, content), GOOD])
    assert time.monotonic() - started < 2 * 10, "two files of at most 10 s each"
    assert codes(refused) == (hostile.code,)
    assert good == read_file(*GOOD)


def test_a_refused_file_says_why_in_danish(sandbox: Sandbox) -> None:
    far = with_rows('<row r="1"><c r="XFD1048576"><v>1</v></c></row>')
    (result,) = sandbox.read_all([(XLSX, far)])
    assert isinstance(result, tuple)
    # A sheet that is none of the form's may bear the name of a person.
    assert result[0].sheet is None
    assert "Arket nr. 1 bruger celler helt ud til XFD1048576" in result[0].text_da
    assert "200000 rækker og 500 kolonner" in result[0].text_da


def test_answers_come_in_the_order_of_the_files(sandbox: Sandbox) -> None:
    numbers = [with_rows(f'<row r="1"><c r="A1"><v>{n}</v></c></row>') for n in range(40)]
    results = sandbox.read_all([(XLSX, content) for content in numbers])
    read = [r.sheets[0].cells[1, 1] for r in results if isinstance(r, FileCells)]
    assert read == [Cell("number", float(n)) for n in range(40)]


def test_files_that_kill_their_reader_leave_the_others_as_they_are(sandbox: Sandbox) -> None:
    files = [GOOD, KILLER, GOOD, KILLER, GOOD, GOOD]
    results = sandbox.read_all(files)
    assert [codes(result) for result in results] == [
        (),
        ("reader-died",),
        (),
        ("reader-died",),
        (),
        (),
    ]
    assert results[0] == results[2] == results[5]


def test_a_file_that_takes_too_long_is_given_up() -> None:
    with Sandbox(workers=1, seconds=0.2) as quick:
        started = time.monotonic()
        results = quick.read_all([SLOW, GOOD])
        assert time.monotonic() - started < 10
    assert [codes(result) for result in results] == [("reader-timeout",), ()]


def test_no_files_give_no_results(sandbox: Sandbox) -> None:
    assert sandbox.read_all([]) == []


def test_macros_and_outside_links_reach_the_caller(sandbox: Sandbox) -> None:
    macros = with_part("xl/vbaProject.bin", b"\x00\x01")
    links = with_part("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    results = sandbox.read_all([("a.xlsm", macros), ("b.xlsx", links)])
    flags = [(r.has_macros, r.has_external_links) for r in results if isinstance(r, FileCells)]
    assert flags == [(True, False), (False, True)]


def test_cells_come_through_the_pipe_as_they_were_read(sandbox: Sandbox) -> None:
    rows = (
        '<row r="2" hidden="1"><c r="B2" t="inlineStr"><is><t>Æ\u00a0ø "å" \\ ;</t></is></c>'
        '<c r="C2" t="b"><v>1</v></c><c r="D2"><f>1+1</f></c><c r="E2" t="e"><v>#N/A</v></c>'
        '<c r="F2"><v>0.1</v></c><c r="G2"><v>1<!-- -->2</v></c></row>'
    )
    content = with_rows(rows)
    (result,) = sandbox.read_all([(XLSX, content)])
    assert result == read_file(XLSX, content)
    assert isinstance(result, FileCells)
    assert result.sheets[0].hidden_rows == {2}
    assert result.sheets[0].disagreements == ("G2",)


def test_a_name_that_is_no_text_is_no_obstacle(sandbox: Sandbox) -> None:
    (result,) = sandbox.read_all([("kommune\udcf8.xlsx", GOOD[1])])
    assert isinstance(result, FileCells)


def test_findings_are_marked_in_a_copy(sandbox: Sandbox) -> None:
    faults = [finding("formula-error", Place("Ark", 1, 1), found="#DIV/0!", field="Tal")]
    copy = sandbox.annotate(GOOD[1], faults)
    assert copy is not None
    (read,) = sandbox.read_all([(XLSX, copy)])
    assert isinstance(read, FileCells)
    assert read.sheet("Ark") is not None


# Stands in for a reader that a file has taken over: it answers with what it pleases.
TAKEN_OVER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from ingestion.submissions import sandbox_worker
said = {kind!r}, Path({path!r}).read_bytes()
sandbox_worker.answer = lambda *_: said
sandbox_worker.main()
"""


@pytest.mark.parametrize(
    "copy",
    [
        b"MZ a program",
        with_flag(0x1),
        bomb(210),
        with_part("xl/vbaProject.bin", b"\x00"),
        with_part(SHEET, "<!DOCTYPE a><a/>"),
        with_member("../../x"),
    ],
    ids=["program", "encrypted", "bomb", "macros", "doctype", "way out"],
)
def test_a_copy_that_would_not_be_let_in_is_not_handed_on(
    copy: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "copy").write_bytes(copy)
    program = TAKEN_OVER.format(kind=ANNOTATED, path=str(tmp_path / "copy"))
    monkeypatch.setattr("ingestion.submissions.sandbox.PROGRAM", program)
    with Sandbox(workers=1) as pool:
        assert pool.annotate(GOOD[1], []) is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", KILLER[1]], ids=["empty", "cut", "killer"])
def test_a_file_that_allows_no_copy_gives_none(sandbox: Sandbox, content: bytes) -> None:
    assert sandbox.annotate(content, []) is None
    assert sandbox.read_all([GOOD]) == [read_file(*GOOD)]


def test_each_file_has_a_process_of_its_own() -> None:
    with Sandbox(workers=1) as pool:
        process = pool._starters[0].process.pid
        seen: set[int] = set()
        done = threading.Event()

        def watch() -> None:
            while not done.is_set():
                seen.update(processes(process))

        watcher = threading.Thread(target=watch)
        watcher.start()
        # Slow enough to be seen.
        pool.read_all([(XLSX, bomb(150))] * 3)
        done.set()
        watcher.join()
    assert len(seen) == 3


@pytest.mark.parametrize("name", swollen())
def test_an_export_of_twenty_megabytes_is_read_or_refused_in_time(
    name: str, sandbox: Sandbox
) -> None:
    started = time.monotonic()
    (result,) = sandbox.read_all([(CSV, swollen()[name])])
    assert time.monotonic() - started < 10
    if isinstance(result, FileCells):
        assert sum(len(sheet.cells) for sheet in result.sheets) <= CELLS_LIMIT
    else:
        assert codes(result)[0] in (
            "csv-unreadable",
            "file-too-much-content",
            "sheet-range-too-large",
        )


def test_memory_stays_within_the_limit() -> None:
    program = f"""
import resource, sys
sys.path.insert(0, {str(ROOT)!r})
from ingestion.submissions.sandbox import Sandbox
from tests.ingestion.submissions.packing import CSV, XLSX, crowded, many_sheets_bomb, swollen
files = [(XLSX, build()) for build in (crowded, many_sheets_bomb)]
files += [(CSV, content) for content in swollen().values()]
with Sandbox() as sandbox:
    sandbox.read_all(files)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(done.stdout) <= MEMORY_LIMIT


def test_nothing_is_left_after_use() -> None:
    before = set(processes(os.getpid()))
    with Sandbox(workers=2) as pool:
        pool.read_all([GOOD, KILLER])
        assert len(set(processes(os.getpid())) - before) >= 1
    assert set(processes(os.getpid())) <= before


def test_nothing_is_left_after_an_error() -> None:
    before = set(processes(os.getpid()))
    with pytest.raises(LookupError), Sandbox(workers=2):
        raise LookupError
    assert set(processes(os.getpid())) <= before


def test_an_interrupt_leaves_nothing_and_the_pool_can_go_on() -> None:
    before = set(processes(os.getpid()))
    with Sandbox(workers=2) as pool:
        pool.read_all([GOOD])
        timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            pool.read_all([SLOW] * 20)
        assert set(processes(os.getpid())) <= before
        assert isinstance(pool.read_all([GOOD])[0], FileCells)
    assert set(processes(os.getpid())) <= before


KILLED_PARENT = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from ingestion.submissions.sandbox import Sandbox
with Sandbox(workers=2) as pool:
    print(*(starter.process.pid for starter in pool._starters), flush=True)
    time.sleep(60)
"""


def test_processes_die_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", KILLED_PARENT], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    children = [int(word) for word in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while any(is_running(child) for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(is_running(child) for child in children)


def is_running(process: int) -> bool:
    status = Path(f"/proc/{process}/status")
    with contextlib.suppress(OSError):
        return "\nState:\tZ" not in status.read_text()
    return False


def test_a_reader_that_dies_while_idle_is_replaced() -> None:
    with Sandbox(workers=1) as pool:
        pool.read_all([GOOD])
        pool._starters[0].process.kill()
        time.sleep(0.2)
        assert codes(pool.read_all([GOOD])[0]) == ()


def test_the_same_file_gives_the_same_cells_in_and_outside_the_sandbox(sandbox: Sandbox) -> None:
    content = zipped({**good_parts(), "docProps/app.xml": "<a/>"})
    assert sandbox.read_all([(XLSX, content)]) == [read_file(XLSX, content)]


def test_findings_of_a_refusal_are_whole(sandbox: Sandbox) -> None:
    results = sandbox.read_all([("a.pdf", b"%PDF"), (XLSX, b"")])
    for result in results:
        assert isinstance(result, tuple)
        assert all(isinstance(entry, Finding) and entry.severity == "error" for entry in result)
