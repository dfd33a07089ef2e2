"""How a process gives up, for good, what a reader of cells has no need of.

Three lines, each of which would do alone for most of it: limits of the kernel, a filter of system
calls (Linux on the two usual processors), and refusals inside Python that name the attempt.
"""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from typing import Any, NamedTuple

MEMORY_LIMIT = 512 * 1024 * 1024
STANDARD_STREAMS = 3
# With the two pipes of the file that comes next.
STARTER_DESCRIPTORS = 5
NOBODY = 65534

# prctl(2)
SET_DEATH_SIGNAL, SET_SECCOMP, SET_NO_NEW_PRIVILEGES = 1, 22, 38
FILTER_MODE = 2
# linux/bpf_common.h and linux/seccomp.h
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
CALL_NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
ALLOW, REFUSE = 0x7FFF0000, 0x00050001
INSTRUCTION = struct.Struct("=HBBI")


class Machine(NamedTuple):
    """What a processor calls the system calls of the filter."""

    audit: int
    reading: str
    """read, write, writev, close, fstat, newfstatat, lseek, poll or ppoll, mmap, mprotect, munmap,
    brk, mremap, madvise, rt_sigaction, rt_sigprocmask, rt_sigreturn, sigaltstack, sched_yield,
    sched_getaffinity, getpid, gettid, exit, exit_group, futex, clock_gettime, gettimeofday,
    getrusage, getrandom, restart_syscall, membarrier, rseq."""
    on_itself: str
    """tgkill, prlimit64: only of the process itself."""
    starting: str
    """clone, fork, wait4, prctl, recvmsg, sendto, dup2, dup3, set_robust_list: what it takes to
    start a reader for each file and to hand it its pipes."""


MACHINES = {
    "x86_64": Machine(
        0xC000003E,
        "0 1 20 3 5 262 8 7 9 10 11 12 25 28 13 14 15 131 24 204 39 186 60 231 202 228 96 98 "
        "318 219 324 334",
        "234 302",
        "56 57 61 157 47 44 33 292 273",
    ),
    "aarch64": Machine(
        0xC00000B7,
        "63 64 66 57 80 79 62 73 222 226 215 214 216 233 134 135 139 132 124 123 172 178 93 94 "
        "98 113 169 165 278 128 283 293",
        "131 261",
        "220 260 167 212 206 24 99",
    ),
}

FORBIDDEN = (
    "ctypes.dlopen",
    "open",
    "os.exec",
    "os.fork",
    "os.link",
    "os.mkdir",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "os.spawn",
    "os.symlink",
    "os.system",
    "os.truncate",
    "shutil.",
    "socket.",
    "subprocess.",
    "tempfile.",
)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine_starter() -> None:
    """Limit a process that starts readers and sees no file itself.

    It dies with its parent and can open nothing; other than a reader it may start processes and
    pass on pipes. Its readers begin with these limits and call ``confine`` themselves.
    """
    _limit(STARTER_DESCRIPTORS)
    _ask_kernel(may_start=True)


def confine() -> None:
    """Limit this process: it dies with its parent, and can neither open anything nor grow.

    All it may need must have been imported.
    """
    _limit(STANDARD_STREAMS)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    _ask_kernel(may_start=False)
    sys.addaudithook(refuse)


def _limit(descriptors: int) -> None:
    _drop_privileges()
    limits = {
        resource.RLIMIT_AS: MEMORY_LIMIT,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: descriptors,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def limit_cpu(seconds: int) -> None:
    """Allow this process so many further seconds of processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def refuse(event: str, _: tuple[Any, ...]) -> None:
    """Audit hook.

    Raises:
        PermissionError: something reaches out of the process.
    """
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"{event} is not allowed here")


def _drop_privileges() -> None:
    if os.geteuid() == 0:
        # Not possible in a container that knows one user only; the rest holds all the same.
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)


def _ask_kernel(*, may_start: bool) -> None:
    """A kernel that knows no filters says so, and the limits remain."""
    if sys.platform != "linux":
        return
    control = ctypes.CDLL(None).prctl
    control(SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    control(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if platform.machine() in MACHINES:
        instructions = _filter(MACHINES[platform.machine()], may_start=may_start)
        length = len(instructions) // INSTRUCTION.size
        program = _Program(length, instructions)
        control(SET_SECCOMP, FILTER_MODE, ctypes.byref(program), 0, 0)


def _filter(machine: Machine, *, may_start: bool) -> bytes:
    """Every system call that is not listed fails as if it were not permitted."""
    program = [
        (LOAD_WORD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 1, 0, machine.audit),
        (RETURN, 0, 0, REFUSE),
        (LOAD_WORD, 0, 0, CALL_NUMBER),
    ]
    allowed = machine.reading.split()
    if may_start:
        allowed += [*machine.on_itself.split(), *machine.starting.split()]
    for number in allowed:
        program += [(JUMP_IF_EQUAL, 0, 1, int(number)), (RETURN, 0, 0, ALLOW)]
    if not may_start:
        # Other readers have the same user, so they could be killed or starved from here.
        for number in machine.on_itself.split():
            program += [(JUMP_IF_EQUAL, 0, 5, int(number)), *_if_first_argument(0, os.getpid())]
    program.append((RETURN, 0, 0, REFUSE))
    return b"".join(INSTRUCTION.pack(*step) for step in program)


def _if_first_argument(*allowed: int) -> list[tuple[int, int, int, int]]:
    """Five steps: allow a call with one of two numbers as its first argument, refuse any other."""
    first, second = allowed
    return [
        (LOAD_WORD, 0, 0, FIRST_ARGUMENT),
        (JUMP_IF_EQUAL, 1, 0, first),
        (JUMP_IF_EQUAL, 0, 1, second),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
