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
from typing import Any

MEMORY_LIMIT = 512 * 1024 * 1024
STANDARD_STREAMS = 3
NOBODY = 65534

# prctl(2)
SET_DEATH_SIGNAL, SET_SECCOMP, SET_NO_NEW_PRIVILEGES = 1, 22, 38
FILTER_MODE = 2
# linux/bpf_common.h and linux/seccomp.h
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
CALL_NUMBER, ARCHITECTURE = 0, 4
ALLOW, REFUSE = 0x7FFF0000, 0x00050001
INSTRUCTION = struct.Struct("=HBBI")

# Audit number, then: read, write, writev, close, fstat, newfstatat, lseek, poll or ppoll, mmap,
# mprotect, munmap, brk, mremap, madvise, rt_sigaction, rt_sigprocmask, rt_sigreturn, sigaltstack,
# sched_yield, sched_getaffinity, getpid, gettid, tgkill, exit, exit_group, futex, clock_gettime,
# gettimeofday, getrusage, prlimit64, getrandom, restart_syscall, membarrier, rseq.
MACHINES = {
    "x86_64": (
        0xC000003E,
        "0 1 20 3 5 262 8 7 9 10 11 12 25 28 13 14 15 131 24 204 39 186 234 60 231 202 228 96 98 "
        "302 318 219 324 334",
    ),
    "aarch64": (
        0xC00000B7,
        "63 64 66 57 80 79 62 73 222 226 215 214 216 233 134 135 139 132 124 123 172 178 131 93 94 "
        "98 113 169 165 261 278 128 283 293",
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


def confine() -> None:
    """Limit this process: it dies with its parent, and can neither open anything nor grow.

    All it may need must have been imported.
    """
    _drop_privileges()
    limits = {
        resource.RLIMIT_AS: MEMORY_LIMIT,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: STANDARD_STREAMS,
        resource.RLIMIT_NPROC: 0,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
    if sys.platform == "linux":
        _ask_kernel(ctypes.CDLL(None).prctl)
    sys.addaudithook(refuse)


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


def _ask_kernel(control: Any) -> None:
    """A kernel that knows no filters says so, and the limits remain."""
    control(SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    control(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if platform.machine() in MACHINES:
        instructions = _filter(*MACHINES[platform.machine()])
        length = len(instructions) // INSTRUCTION.size
        program = _Program(length, instructions)
        control(SET_SECCOMP, FILTER_MODE, ctypes.byref(program), 0, 0)


def _filter(architecture: int, allowed: str) -> bytes:
    """Every system call that is not listed fails as if it were not permitted."""
    program = [
        (LOAD_WORD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, REFUSE),
        (LOAD_WORD, 0, 0, CALL_NUMBER),
    ]
    for number in allowed.split():
        program += [(JUMP_IF_EQUAL, 0, 1, int(number)), (RETURN, 0, 0, ALLOW)]
    program.append((RETURN, 0, 0, REFUSE))
    return b"".join(INSTRUCTION.pack(*step) for step in program)
