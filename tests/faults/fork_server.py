"""Imports everything once and forks a process for each run: ``python -m tests.faults.fork_server``.

A run of its own process would spend most of its time importing. Jobs come in and results go out as
lines of JSON; the process of a run may be killed, which is what it is for.
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration import settings

PROJECT = Path(__file__).resolve().parents[2]
HEAVY = (
    "dagster",
    "dagster_dbt",
    "dbt.adapters.duckdb",
    "dbt.cli.main",
    "dbt.parser.manifest",
    "dbt.task.build",
    "pandas",
    "pyarrow.parquet",
    "orchestration.definitions",
    "orchestration.handing_in",
    "orchestration.job",
    "orchestration.publishing",
    "expectations.release_gate",
)
Answer = Mapping[str, Any]


class ForkServer:
    """The test's end of the pipes; one job at a time."""

    def __init__(self, dbt_project: Path | None = None) -> None:
        command = [sys.executable, "-m", "tests.faults.fork_server", str(dbt_project or "")]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT, text=True
        )
        self.turn = threading.Lock()

    def run(self, home: Path, as_of: str, **job: Any) -> Answer:
        """One refresh.

        Args:
            home: the state root.
            as_of: the clock.
            job: ``failpoint``; ``kill_after`` so many seconds; ``force``; ``bytes_of_memory``
                beyond what the server has; ``bytes_of_file`` that a single file may have.

        Returns:
            ``signal`` that ended the process or None, ``exit``, and ``said``, its output.
        """
        with self.turn:
            print(json.dumps({"home": str(home), "as_of": as_of, **job}), file=self._in, flush=True)
            answer: Answer = json.loads(self._out.readline())
        return answer

    @property
    def _in(self) -> Any:
        return self.process.stdin

    @property
    def _out(self) -> Any:
        return self.process.stdout

    def close(self) -> None:
        """End the server."""
        self._in.close()
        self.process.wait(60)
        self._out.close()


def serve() -> None:
    """Fork for every line of the input until it ends."""
    if sys.argv[1]:
        settings.DBT_PROJECT = Path(sys.argv[1])
    for name in HEAVY:
        importlib.import_module(name)
    from expectations.engine import load
    from orchestration.fingerprint import code_fingerprint

    load()
    code_fingerprint()
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(_forked(json.loads(line)))}\n")
        sys.stdout.flush()
    os._exit(0)


def _forked(job: dict[str, Any]) -> dict[str, Any]:
    said = Path(job["home"]).with_suffix(".said")
    pid = os.fork()
    if pid == 0:
        _child(job, said)
    killer = None
    if job.get("kill_after") is not None:
        killer = threading.Timer(job["kill_after"], _kill, [pid])
        killer.start()
    _, status = os.waitpid(pid, 0)
    if killer:
        killer.cancel()
        killer.join()
    ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    code = None if ended else os.WEXITSTATUS(status)
    return {"signal": ended, "exit": code, "said": said.read_text(errors="replace")}


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _child(job: dict[str, Any], said: Path) -> None:
    """The ``refresh`` command, in a process that may be killed."""
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ["KLIMAMONITOR_HOME"] = job["home"]
    os.environ["KLIMAMONITOR_AS_OF"] = job["as_of"]
    os.environ["KLIMAMONITOR_FAILPOINT"] = job.get("failpoint") or ""
    code = 70
    try:
        _limit(job)
        if job.get("promotion") is not None:
            _promote(job)
        else:
            _refresh(force=bool(job.get("force")))
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _limit(job: dict[str, Any]) -> None:
    if job.get("bytes_of_memory") is not None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + job["bytes_of_memory"]
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    if job.get("bytes_of_file") is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["bytes_of_file"],) * 2)


def _promote(job: dict[str, Any]) -> None:
    """What a run does with the store, without building: recover, draft, promote, write rows."""
    from tests.warehouse import publishing
    from warehouse import failpoints, outcomes
    from warehouse.recovery import put_pointer_right, recover

    number, text = job["promotion"], job.get("failpoint")
    layout, facts = publishing.laid_out(Path(job["home"])), publishing.facts(number)
    with failpoints.armed(failpoints.plan(text) if text else None):
        recover(layout)
        put_pointer_right(layout, facts.run_id, facts.published_at)
        run = (facts.run_id, facts.published_at, facts.published_at)
        if facts.version not in {folder.name for folder in layout.publications.iterdir()}:
            look = outcomes.Outcome(
                facts.run_id, "statbank_laby25", facts.published_at, "unchanged"
            )
            outcomes.record(layout, look)
            publishing.publish(layout, number)
            told = ("published", facts.version, "", "snapshot", None)
            outcomes.record_run(layout, outcomes.RunRecord(*run, *told))
        shutil.rmtree(layout.builds / facts.run_id, ignore_errors=True)


def _refresh(*, force: bool) -> None:
    from expectations import judge
    from orchestration.cli import main

    # Great Expectations is imported already; a process beside would import it again.
    judge.judging_beside = contextlib.nullcontext
    main(["refresh", "--json", *(["--force"] if force else [])])


if __name__ == "__main__":
    serve()
