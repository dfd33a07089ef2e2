"""The process that judges: same verdicts, and no trouble when it or its parent dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from expectations.judge import judge, judging_beside
from expectations.rules import Rule
from expectations.verdict import GateBrokenError
from expectations.worker import PROJECT, Worker

FRAME = pd.DataFrame({"code": ["0101", "0147"], "value": [1.0, 400.0]})
RANGE = Rule(
    "range", "range", "expect_column_values_to_be_between", {"column": "value", "max_value": 100}
)
UNKNOWN = Rule("unknown", "domain", "expect_the_impossible")


def test_a_process_beside_gives_the_same_judgements() -> None:
    here = judge(FRAME, [RANGE], ["code"])
    with judging_beside():
        assert judge(FRAME, [RANGE], ["code"]) == here
    assert here[0].places == ("code=0147 value=400.0",)


def test_what_breaks_beside_breaks_here_and_the_process_goes_on() -> None:
    with Worker() as worker:
        with pytest.raises(GateBrokenError, match="no expectation expect_the_impossible"):
            worker.evaluate(FRAME, [UNKNOWN], [])
        assert not worker.evaluate(FRAME, [RANGE], ["code"])[0].passed


def test_a_process_that_died_is_a_broken_gate() -> None:
    with Worker() as worker:
        worker.process.kill()
        worker.process.wait()
        with pytest.raises(GateBrokenError, match="died"):
            worker.evaluate(FRAME, [RANGE], [])


def test_a_killed_parent_leaves_no_process_behind() -> None:
    program = (
        "from expectations.worker import Worker; import time\n"
        "with Worker() as worker: print(worker.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    )
    assert parent.stdout is not None
    worker_pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(300):
        if not is_alive(worker_pid):
            return
        time.sleep(0.1)
    os.kill(worker_pid, signal.SIGKILL)
    pytest.fail("the judging process outlived its parent")


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie waits only for its new parent to notice."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
