"""Opening files from outside in limited processes, several at once; nothing they do reaches us.

Each file has a process and a pair of pipes of its own, split off for it from a *starter* that sees
no file, and ended before the starter's next. A file that kills its reader, or takes too long, is
answered with a finding. Answers are JSON of a bounded size, checked value by value, so a reader
that a file has taken over can tell us wrong cells of that file and nothing else.
"""

import contextlib
import gc
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ingestion.submissions.archive import RefusedError, check_size, check_type, open_archive
from ingestion.submissions.cells import FileCells, Place
from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.sandbox_protocol import (
    ANNOTATE,
    ANNOTATED,
    ANSWER,
    ANSWER_LIMIT,
    COPY_NAME,
    FILE_SECONDS,
    READ,
    REFUSED,
    REQUEST,
    STATUS,
    answer_from,
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


class _Starter:
    """One starter, and the job that its present reader is at."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self.line, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", "-c", PROGRAM, str(ROOT)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
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
        self.pipes: dict[str, int] = {}
        selector.register(self.line, selectors.EVENT_READ, (self, self.hear))

    @property
    def is_idle(self) -> bool:
        return self.is_ready and self.job is None

    def give(self, number: int, job: _Job, seconds: float) -> None:
        """Begin a job in a reader of its own; its clock starts now."""
        requests, to_reader = os.pipe()
        from_reader, answers = os.pipe()
        self.job = number
        self.deadline = time.monotonic() + seconds
        self.outgoing, self.incoming = memoryview(job.frame()), bytearray()
        self.pipes = {"to": to_reader, "from": from_reader}
        # A starter that has died is noticed where its status is missed.
        with contextlib.suppress(OSError):
            socket.send_fds(self.line, [b"r"], [requests, answers])
        os.close(requests)
        os.close(answers)
        os.set_blocking(to_reader, False)
        os.set_blocking(from_reader, False)
        self.selector.register(to_reader, selectors.EVENT_WRITE, (self, self.write))
        self.selector.register(from_reader, selectors.EVENT_READ, (self, self.read))

    def write(self) -> None:
        """Send what the pipe takes; a reader need not want all of it."""
        try:
            sent = os.write(self.pipes["to"], self.outgoing[:PIECE])
        except BlockingIOError:
            return
        except BrokenPipeError:
            sent = len(self.outgoing)
        self.outgoing = self.outgoing[sent:]
        if not self.outgoing:
            self._close("to")

    def read(self) -> None:
        """Take what has come.

        Raises:
            EOFError: the reader says more than it should.
        """
        piece = os.read(self.pipes["from"], PIECE)
        self.incoming += piece
        if len(self.incoming) > ANSWER.size + ANSWER_LIMIT:
            raise EOFError
        if not piece:
            self._close("from")

    def hear(self) -> int | None:
        """How the reader ended; None when there was none, and the starter says that it is ready.

        Raises:
            EOFError: the starter has ended.
        """
        try:
            message = self.line.recv(STATUS.size)
        except ConnectionError:
            raise EOFError from None
        if len(message) < STATUS.size:
            raise EOFError
        ended: int = STATUS.unpack(message)[0]
        if self.is_ready:
            return ended
        self.is_ready = True
        return None

    def finish(self) -> tuple[int | None, bytes]:
        """Let go of a reader that has ended; returns its job and all that it said.

        Raises:
            EOFError: it says more than it should, or somebody else holds its pipe.
        """
        try:
            while "from" in self.pipes:
                self.read()
        except BlockingIOError:
            raise EOFError from None
        self._close("to")
        job, self.job = self.job, None
        return job, bytes(self.incoming)

    def end(self) -> int:
        """Kill the process and its reader; returns how it ended.

        One that has ended already is not reaped yet, so its number is still its own.
        """
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._close("to")
        self._close("from")
        self.selector.unregister(self.line)
        self.line.close()
        ended: int = self.process.wait()
        return ended

    def _close(self, name: str) -> None:
        pipe = self.pipes.pop(name, None)
        if pipe is not None:
            self.selector.unregister(pipe)
            os.close(pipe)


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
        self._starters: list[_Starter] = []

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
        return outcome if isinstance(outcome, bytes) and _is_safe(outcome) else None

    def _run(self, jobs: dict[int, _Job]) -> dict[int, _Outcome]:
        waiting = deque(jobs)
        outcomes: dict[int, _Outcome] = {}
        try:
            self._attend(outcomes, time.monotonic())
            while len(outcomes) < len(jobs):
                self._fill()
                for starter in self._starters:
                    if waiting and starter.is_idle:
                        number = waiting.popleft()
                        starter.give(number, jobs[number], self._seconds)
                busy = [starter.deadline for starter in self._starters if not starter.is_idle]
                self._attend(outcomes, min(busy))
        except BaseException:
            self._end_all()
            raise
        return outcomes

    def _attend(self, outcomes: dict[int, _Outcome], until: float) -> None:
        """Wait for the next thing to happen, and note what it means."""
        for key, _ in self._selector.select(max(0.0, until - time.monotonic())):
            starter, react = key.data
            # What happened before may have closed this one.
            if starter in self._starters and self._selector.get_map().get(key.fd) == key:
                self._react(starter, react, outcomes)
        now = time.monotonic()
        for starter in [starter for starter in self._starters if not starter.is_idle]:
            if now > starter.deadline:
                self._drop(starter, outcomes, "reader-timeout")

    def _react(
        self, starter: _Starter, react: Callable[[], int | None], outcomes: dict[int, _Outcome]
    ) -> None:
        try:
            ended = react()
            if ended is not None:
                job, said = starter.finish()
                if job is not None:
                    outcomes[job] = _outcome(ended, said)
        except EOFError:
            self._drop(starter, outcomes, "reader-died")

    def _drop(self, starter: _Starter, outcomes: dict[int, _Outcome], code: str) -> None:
        self._starters.remove(starter)
        ended = starter.end()
        if not starter.is_ready:
            raise RuntimeError(
                f"a limited reader could not be started (exit code {ended}): run "
                "`python -c 'import ingestion.submissions.sandbox_worker'` to see why"
            )
        if starter.job is not None:
            outcomes[starter.job] = _died(code)

    def _fill(self) -> None:
        while len(self._starters) < self._workers:
            self._starters.append(_Starter(self._selector))

    def _end_all(self) -> None:
        while self._starters:
            self._starters.pop().end()


def _outcome(ended: int, said: bytes) -> _Outcome:
    """What a reader that has ended makes of its file."""
    if ended:
        return _died("reader-timeout" if ended == -signal.SIGXCPU else "reader-died")
    try:
        kind, body = answer_from(said)
        if kind == ANNOTATED:
            return body
        if kind == REFUSED:
            return (refusal_from(body),)
        with _collector_paused():
            return cells_from(body)
    except ValueError:
        return _died()


def _is_safe(copy: bytes) -> bool:
    """Whether a marked copy may be handed on: its reader may have been taken over."""
    try:
        return not open_archive(COPY_NAME, copy).has_macros
    except RefusedError:
        return False


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
