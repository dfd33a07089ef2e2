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

from ingestion.submissions.cells import Cell, FileCells, Place
from ingestion.submissions.confinement import MEMORY_LIMIT
from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.sandbox import PROGRAM, ROOT, Result, Sandbox
from ingestion.submissions.sandbox_protocol import (
    ANSWER,
    READY,
    REQUEST,
    as_json,
    cells_from,
    plain_cells,
    refusal_from,
)
from ingestion.submissions.sandbox_worker import read_file
from tests.ingestion.submissions.hostile import (
    HOSTILE,
    XLSX,
    Hostile,
    good_parts,
    good_workbook,
    string_amplifier,
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


def peak_memory(process: int) -> int:
    """The most that a process ever had in memory, in bytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_file_ends_with_its_code_and_the_next_one_is_read(
    hostile: Hostile, sandbox: Sandbox
) -> None:
    content = hostile.build()
    started = time.monotonic()
    refused, good = sandbox.read_all([(hostile.file_name, content), GOOD])
    assert time.monotonic() - started < 10
    assert codes(refused) == (hostile.code,)
    assert good == read_file(*GOOD)
    peaks = [peak_memory(reader.process.pid) for reader in sandbox._readers]
    assert max(peaks, default=0) <= MEMORY_LIMIT


def test_a_refused_file_says_why_in_danish(sandbox: Sandbox) -> None:
    far = with_rows('<row r="1"><c r="XFD1048576"><v>1</v></c></row>')
    (result,) = sandbox.read_all([(XLSX, far)])
    assert isinstance(result, tuple)
    assert result[0].sheet == "Ark"
    assert "XFD1048576" in result[0].text_da
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


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", KILLER[1]], ids=["empty", "cut", "killer"])
def test_a_file_that_allows_no_copy_gives_none(sandbox: Sandbox, content: bytes) -> None:
    assert sandbox.annotate(content, []) is None
    assert sandbox.read_all([GOOD]) == [read_file(*GOOD)]


ATTEMPTS = """
import os, resource, signal, socket, subprocess, sys
attempts = {
    "open": lambda: open("/etc/hostname"),
    "write": lambda: open("/tmp/x", "w"),
    "os.open": lambda: os.open("/dev/null", os.O_RDONLY),
    "socket": lambda: socket.socket(),
    "fork": lambda: os.fork(),
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "subprocess": lambda: subprocess.run(["/bin/true"]),
    "system": lambda: os.kill(0, 0) if os.system("true") == 0 else os.open("", 0),
    "memory": lambda: bytearray(600 * 1024 * 1024),
    "remove": lambda: os.remove("/tmp/x"),
}
LIMIT = MODE
for name, attempt in attempts.items():
    try:
        attempt()
        print(name, "DONE")
    except (OSError, MemoryError) as error:
        print(name, type(error).__name__)
print("core", resource.getrlimit(resource.RLIMIT_CORE)[1])
print("fsize", resource.getrlimit(resource.RLIMIT_FSIZE)[1])
sys.stdout.flush()
"""
CONFINED = "from ingestion.submissions.confinement import confine; confine()"
WITHOUT_HOOK = (
    "from ingestion.submissions import confinement as c; c.refuse = lambda *_: None; c.confine()"
)
# Without the filter a program can take the place of the process, and fails to load its libraries.
WITHOUT_FILTER = WITHOUT_HOOK.replace(
    "c.confine", "c.MACHINES = {}; del attempts['exec']; c.confine"
)
REACHING_OUT = {"open", "write", "os.open", "socket", "fork", "spawn", "subprocess", "remove"}


def attempted(limit: str) -> dict[str, str]:
    """What each attempt of a confined process comes to."""
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + ATTEMPTS.replace(
        "LIMIT = MODE", limit
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return dict(line.split(maxsplit=1) for line in done.stdout.splitlines())


def test_a_confined_process_reaches_nothing() -> None:
    outcome = attempted(CONFINED)
    assert "DONE" not in outcome.values()
    assert {name for name, error in outcome.items() if error == "PermissionError"} >= REACHING_OUT
    assert outcome["memory"] == "MemoryError"
    assert outcome["core"] == outcome["fsize"] == "0"


def test_the_kernel_holds_a_confined_process_even_without_the_refusals_in_python() -> None:
    outcome = attempted(WITHOUT_HOOK)
    assert "DONE" not in outcome.values()


def test_limits_alone_leave_no_file_no_socket_and_no_second_process() -> None:
    outcome = attempted(WITHOUT_FILTER)
    assert {name: outcome[name] for name in ("open", "write", "os.open", "socket")} == {
        "open": "OSError",
        "write": "OSError",
        "os.open": "OSError",
        "socket": "OSError",
    }
    assert {outcome[name] for name in ("fork", "spawn", "subprocess")} <= {
        "BlockingIOError",
        "OSError",
    }


def test_a_process_ends_when_its_input_ends() -> None:
    reader = subprocess.Popen(
        [sys.executable, "-I", "-c", PROGRAM, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    answer, _ = reader.communicate(timeout=30)
    assert answer == ANSWER.pack(READY, 0)
    assert reader.returncode == 0


def test_a_torn_request_ends_the_process() -> None:
    reader = subprocess.Popen(
        [sys.executable, "-I", "-c", PROGRAM, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    reader.communicate(REQUEST.pack(b"r", 10, 10) + b"{", timeout=30)
    assert reader.returncode != 0


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
    print(*(reader.process.pid for reader in pool._readers), flush=True)
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
        pool._readers[0].process.kill()
        time.sleep(0.2)
        assert codes(pool.read_all([GOOD])[0]) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"sheets": None},
        {"door": "cellar"},
        {"sheets": [{"name": "Ark"}]},
        {"sheets": "Ark"},
    ],
)
def test_an_answer_that_describes_no_file_is_not_believed(change: dict[str, object]) -> None:
    plain = plain_cells(read_file(*GOOD))
    with pytest.raises(ValueError, match="answer"):
        cells_from(as_json({**plain, **change}))


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": ["code"]},
        {"values": [{"a": 1}]},
        {"values": [1]},
        {"rows": [1, 2]},
        {"rows": ["1"]},
        {"columns": [None]},
        {"merged": [1]},
        {"name": 7},
        {"formats": {"9": "0%"}},
        {"formats": {"0": 7}},
    ],
)
def test_an_answer_with_cells_of_another_kind_is_not_believed(change: dict[str, object]) -> None:
    plain = plain_cells(read_file(*GOOD))
    plain["sheets"][0].update(change)
    with pytest.raises(ValueError, match="answer"):
        cells_from(as_json(plain))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"code": "no-such-code"}', b"[" * 9999]
)
def test_an_answer_that_is_no_answer_is_not_believed(body: bytes) -> None:
    for read in (cells_from, refusal_from):
        with pytest.raises(ValueError, match=r"answer|Expecting"):
            read(body)


def test_the_same_file_gives_the_same_cells_in_and_outside_the_sandbox(sandbox: Sandbox) -> None:
    content = zipped({**good_parts(), "docProps/app.xml": "<a/>"})
    assert sandbox.read_all([(XLSX, content)]) == [read_file(XLSX, content)]


def test_findings_of_a_refusal_are_whole(sandbox: Sandbox) -> None:
    results = sandbox.read_all([("a.pdf", b"%PDF"), (XLSX, b"")])
    for result in results:
        assert isinstance(result, tuple)
        assert all(isinstance(entry, Finding) and entry.severity == "error" for entry in result)
