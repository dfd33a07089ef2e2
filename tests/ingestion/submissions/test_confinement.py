"""A confined process reaches nothing: attempts made from inside, with and without each layer."""

import subprocess
import sys

from ingestion.submissions.sandbox import ROOT

ATTEMPTS = """
import os, resource, signal, socket, subprocess, sys, time
from ingestion.submissions import confinement
# Another reader: it has the same user.
waiting, ready = os.pipe()
other = os.fork()
if not other:
    confinement._drop_privileges()
    os.write(ready, b"r")
    for stream in (0, 1, 2, waiting, ready):
        os.close(stream)
    time.sleep(5)
    os._exit(0)
os.read(waiting, 1)
os.close(waiting)
os.close(ready)
attempts = {
    "kill": lambda: os.kill(other, 0),
    "limit": lambda: resource.prlimit(other, resource.RLIMIT_CPU, (0, 0)),
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
REACHING_OUT = {
    *("open", "write", "os.open", "socket", "fork", "spawn", "subprocess", "remove"),
    *("kill", "limit"),
}


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
