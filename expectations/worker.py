"""A process that does nothing but judge: ``python -m expectations.worker``.

Importing Great Expectations costs about 3 s of one core; beside the process that meanwhile imports
the orchestrator and dbt it costs nothing. Frames go in and judgements come out through its pipes;
when its parent dies, however, its input ends and so does it.
"""

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from expectations.engine import evaluate, load
from expectations.rules import Rule
from expectations.verdict import GateBrokenError, Judgement

if TYPE_CHECKING:
    import pandas as pd

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 5


class Worker:
    """The parent's end of the pipes."""

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "expectations.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PROJECT,
            # An interrupt from the terminal is for the parent alone.
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._pipes[0].close()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._pipes[1].close()

    @property
    def _pipes(self) -> tuple[Any, Any]:
        return self.process.stdin, self.process.stdout

    @property
    def is_alive(self) -> bool:
        """Whether the process can be asked."""
        return self.process.poll() is None

    def evaluate(
        self, frame: "pd.DataFrame", rules: Sequence[Rule], index: Sequence[str]
    ) -> list[Judgement]:
        """Have a frame judged.

        Raises:
            GateBrokenError: the judging broke, or the process died.
        """
        to_worker, from_worker = self._pipes
        try:
            pickle.dump((frame, list(rules), list(index)), to_worker, pickle.HIGHEST_PROTOCOL)
            to_worker.flush()
            answer = pickle.load(from_worker)  # noqa: S301 - our own process wrote it
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise GateBrokenError(f"the judging process died: {error}") from error
        if isinstance(answer, Exception):
            raise GateBrokenError(str(answer)) from answer
        judgements: list[Judgement] = answer
        return judgements


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Judge until the input ends."""
    load()
    while True:
        try:
            frame, rules, index = pickle.load(requests)  # noqa: S301 - our own parent wrote it
        except EOFError:
            return
        try:
            answer: object = evaluate(frame, rules, index)
        except Exception as error:
            answer = GateBrokenError(f"{type(error).__name__}: {error}")
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    # Whatever a library prints must not mix with the answers.
    own_output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, own_output)
