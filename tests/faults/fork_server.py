"""Runs once itself, then forks a process for each run: ``python -m tests.faults.fork_server``.

A run of its own process would spend most of its time importing and composing schemas. Jobs come in
and results go out as lines of JSON; the process of a run may be killed, which is what it is for.
"""

import contextlib
import gc
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
READY, FIRST = "ready\n", "2026-11-24T02:30:00+01:00"
Answer = Mapping[str, Any]


class ForkServer:
    """The test's end of the pipes; one job at a time."""

    def __init__(self, first_root: Path, dbt_project: Path | None = None) -> None:
        """Make a state root with one publication, of another dbt project if one is given."""
        words = [str(first_root), str(dbt_project or "")]
        command = [sys.executable, "-m", "tests.faults.fork_server", *words]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT, text=True
        )
        assert self._out.readline() == READY
        self.first_root, self.turn = first_root, threading.Lock()

    def run(self, home: Path, as_of: str, **job: Any) -> Answer:
        """One refresh.

        Args:
            home: the state root.
            as_of: the clock.
            job: ``failpoint``; ``kill_after`` so many seconds; ``bytes_of_memory`` beyond what the
                server has; ``bytes_of_file`` that a single file may have; ``promotion``, a number,
                for a promotion of a small draft instead; ``variables`` of the environment, with
                which the run asks providers over loopback and without pauses.

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
    if sys.argv[2]:
        settings.DBT_PROJECT = Path(sys.argv[2])
    from tqdm import tqdm

    tqdm.monitor_interval = 0
    with contextlib.redirect_stdout(sys.stderr), contextlib.suppress(SystemExit):
        _refresh(sys.argv[1], FIRST)
    assert (Path(sys.argv[1]) / "current").exists()
    # A fork would lose what another thread holds.
    assert threading.active_count() == 1, threading.enumerate()
    gc.freeze()
    sys.stdout.write(READY)
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(_forked(json.loads(line)))}\n")
        sys.stdout.flush()
    os._exit(0)


def _forked(job: dict[str, Any]) -> dict[str, Any]:
    said = Path(sys.argv[1]).with_suffix(".said")
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
    code = 70
    try:
        _limit(job)
        if job.get("promotion") is not None:
            _promote(job)
        else:
            os.environ.update(job.get("variables", {}))
            _without_pauses()
            _refresh(job["home"], job["as_of"], job.get("failpoint"))
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _without_pauses() -> None:
    """Pauses between requests and before repeated ones are tested on the client."""
    from urllib3 import Retry

    from ingestion.http import Pace

    Pace.wait = lambda _self, _key: None  # type: ignore[method-assign]
    Retry.sleep = lambda _self, response=None: None  # type: ignore[method-assign]


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


def _refresh(home: str, as_of: str, failpoint: str | None = None) -> None:
    from expectations import judge
    from orchestration.cli import main

    # Great Expectations is imported already; a process beside would import it again.
    judge.judging_beside = contextlib.nullcontext
    os.environ["KLIMAMONITOR_HOME"] = home
    os.environ["KLIMAMONITOR_AS_OF"] = as_of
    os.environ["KLIMAMONITOR_FAILPOINT"] = failpoint or ""
    main(["refresh", "--json"])


if __name__ == "__main__":
    serve()
