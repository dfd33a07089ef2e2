"""Opening files from outside in limited processes, several at once; nothing they do reaches us.

A file that kills its reader, or takes too long, is answered with a finding, and another reader
takes the place of the dead one. Answers are JSON of a bounded size, so a reader that a file has
taken over can tell us wrong cells of that file and nothing else.
"""

import contextlib
import gc
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ingestion.submissions.archive import RefusedError, check_size, check_type
from ingestion.submissions.cells import FileCells, Place
from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.sandbox_protocol import (
    ANNOTATE,
    ANNOTATED,
    ANSWER,
    ANSWER_LIMIT,
    FILE_SECONDS,
    READ,
    READY,
    REFUSED,
    REQUEST,
    as_json,
    cells_from,
    refusal_from,
)

START_SECONDS = 60.0
PIECE = 1 << 20
# openpyxl would take these along when they are there: hundreds of megabytes of address space, and
# parsers that nobody has judged here.
UNWANTED = ("PIL", "defusedxml", "lxml", "numpy")
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    f"sys.modules.update(dict.fromkeys({UNWANTED})); "
    "from ingestion.submissions.sandbox_worker import main; main()"
)
ROOT = Path(__file__).resolve().parents[2]

Result = FileCells | tuple[Finding, ...]
# Also a marked copy.
_Outcome = Result | bytes


@dataclass(frozen=True)
class _Job:
    kind: bytes
    description: bytes
    content: bytes

    def frame(self) -> bytes:
        head = REQUEST.pack(self.kind, len(self.description), len(self.content))
        return b"".join((head, self.description, self.content))


@dataclass(frozen=True)
class _Answer:
    kind: bytes
    body: bytes


class _Reader:
    """One limited process, and the job it is at."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-c", PROGRAM, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env={},
            start_new_session=True,
        )
        self.selector = selector
        self.is_ready = False
        self.job: int | None = None
        self.deadline = time.monotonic() + START_SECONDS
        self.outgoing = memoryview(b"")
        self.incoming = bytearray()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                os.set_blocking(stream.fileno(), False)
        selector.register(self._stdout, selectors.EVENT_READ, self)

    @property
    def _stdin(self) -> int:
        return self.process.stdin.fileno() if self.process.stdin else -1

    @property
    def _stdout(self) -> int:
        return self.process.stdout.fileno() if self.process.stdout else -1

    @property
    def is_idle(self) -> bool:
        return self.is_ready and self.job is None

    def give(self, number: int, job: _Job, seconds: float) -> None:
        """Begin a job; its clock starts now."""
        self.job = number
        self.deadline = time.monotonic() + seconds
        self.outgoing = memoryview(job.frame())
        self.selector.register(self._stdin, selectors.EVENT_WRITE, self)

    def write(self) -> None:
        """Send what the pipe takes. A dead process is noticed where its answer is missed."""
        try:
            sent = os.write(self._stdin, self.outgoing[:PIECE])
        except BlockingIOError:
            return
        except BrokenPipeError:
            sent = len(self.outgoing)
        self.outgoing = self.outgoing[sent:]
        if not self.outgoing:
            self.selector.unregister(self._stdin)

    def read(self) -> _Answer | None:
        """Take what has come; the answer once it is whole.

        Raises:
            EOFError: the process has ended, or says something that it should not.
        """
        piece = os.read(self._stdout, PIECE)
        self.incoming += piece
        if not piece:
            raise EOFError
        if len(self.incoming) < ANSWER.size:
            return None
        kind, length = ANSWER.unpack_from(self.incoming)
        whole = ANSWER.size + length
        if length > ANSWER_LIMIT or len(self.incoming) > whole:
            raise EOFError
        if len(self.incoming) < whole:
            return None
        answer = _Answer(kind, bytes(self.incoming[ANSWER.size :]))
        self.incoming.clear()
        return answer

    def end(self) -> int:
        """Kill the process and all it might have started; returns how it ended.

        One that has ended already is not reaped yet, so its number is still its own.
        """
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                with contextlib.suppress(KeyError):
                    self.selector.unregister(stream.fileno())
                stream.close()
        return self.process.wait()


class Sandbox:
    """A pool of limited processes, to be used in a ``with`` statement.

    A file that is refused, kills its reader or is too slow has findings instead of cells; the
    other files are read as if nothing had happened.
    """

    def __init__(self, workers: int = 2, seconds: float = FILE_SECONDS) -> None:
        """Set up a pool; processes are started on entering.

        Args:
            workers: how many files are read at once.
            seconds: wall clock that one file may take.
        """
        self._workers = workers
        self._seconds = seconds
        self._selector: selectors.BaseSelector = selectors.DefaultSelector()
        self._readers: list[_Reader] = []

    def __enter__(self) -> Self:
        self._fill()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end_all()
        self._selector.close()

    def read_all(self, files: Sequence[tuple[str, bytes]]) -> list[Result]:
        """Read files.

        Args:
            files: name as the sender called it, and content.

        Returns:
            In the same order: cells, or why there are none.

        Raises:
            RuntimeError: limited processes cannot be started on this machine.
        """
        results: dict[int, Result] = {}
        jobs: dict[int, _Job] = {}
        for number, (name, content) in enumerate(files):
            try:
                check_size(content)
                check_type(name, content)
            except RefusedError as refusal:
                results[number] = (refusal.finding(),)
            else:
                described = as_json({"file_name": name.encode(errors="replace").decode()})
                jobs[number] = _Job(READ, described, content)
        for number, outcome in self._run(jobs).items():
            results[number] = _died() if isinstance(outcome, bytes) else outcome
        return [results[number] for number in range(len(files))]

    def annotate(self, content: bytes, findings: Sequence[Finding]) -> bytes | None:
        """Mark findings in a copy of a workbook.

        Args:
            content: the workbook as handed in.
            findings: what to mark.

        Returns:
            The copy; None when the file does not allow one.

        Raises:
            RuntimeError: limited processes cannot be started on this machine.
        """
        described = as_json({"findings": [entry.row() for entry in findings]})
        outcome = self._run({0: _Job(ANNOTATE, described, content)})[0]
        return outcome if isinstance(outcome, bytes) else None

    def _run(self, jobs: dict[int, _Job]) -> dict[int, _Outcome]:
        waiting = deque(jobs)
        outcomes: dict[int, _Outcome] = {}
        try:
            self._attend(outcomes, time.monotonic())
            while len(outcomes) < len(jobs):
                self._fill()
                for reader in self._readers:
                    if waiting and reader.is_idle:
                        number = waiting.popleft()
                        reader.give(number, jobs[number], self._seconds)
                busy = [reader.deadline for reader in self._readers if not reader.is_idle]
                self._attend(outcomes, min(busy))
        except BaseException:
            self._end_all()
            raise
        return outcomes

    def _attend(self, outcomes: dict[int, _Outcome], until: float) -> None:
        """Wait for the next thing to happen, and note what it means."""
        for key, events in self._selector.select(max(0.0, until - time.monotonic())):
            reader: _Reader = key.data
            if reader in self._readers and events & selectors.EVENT_WRITE:
                reader.write()
            if reader in self._readers and events & selectors.EVENT_READ:
                self._take(reader, outcomes)
        now = time.monotonic()
        for reader in [reader for reader in self._readers if not reader.is_idle]:
            if now > reader.deadline:
                self._drop(reader, outcomes, "reader-timeout")

    def _take(self, reader: _Reader, outcomes: dict[int, _Outcome]) -> None:
        try:
            answer = reader.read()
        except EOFError:
            self._drop(reader, outcomes, "reader-died")
            return
        if answer is None:
            return
        if answer.kind == READY:
            reader.is_ready = True
        elif reader.job is not None:
            outcomes[reader.job] = _outcome(answer)
            reader.job = None

    def _drop(self, reader: _Reader, outcomes: dict[int, _Outcome], code: str) -> None:
        self._readers.remove(reader)
        ended = reader.end()
        if not reader.is_ready:
            raise RuntimeError(
                f"a limited reader could not be started (exit code {ended}): run "
                "`python -c 'import ingestion.submissions.sandbox_worker'` to see why"
            )
        if reader.job is not None:
            is_slow = ended == -signal.SIGXCPU
            outcomes[reader.job] = _died("reader-timeout" if is_slow else code)

    def _fill(self) -> None:
        while len(self._readers) < self._workers:
            self._readers.append(_Reader(self._selector))

    def _end_all(self) -> None:
        while self._readers:
            self._readers.pop().end()


def _outcome(answer: _Answer) -> _Outcome:
    try:
        if answer.kind == ANNOTATED:
            return answer.body
        if answer.kind == REFUSED:
            return (refusal_from(answer.body),)
        with _collector_paused():
            return cells_from(answer.body)
    except ValueError:
        return _died()


def _died(code: str = "reader-died") -> tuple[Finding, ...]:
    return (finding(code, Place(), seconds=FILE_SECONDS),)


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Cells hold no cycles, and looking for some in them takes longer than making them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
