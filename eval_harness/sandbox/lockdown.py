"""Close a process from within: resource limits, no new privileges, Landlock, seccomp. Linux x86-64 and arm64, ctypes only.

One way doors: what is closed stays closed, for every thread and child. The caller opens and imports what it needs first.
"""
from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Mapping, Sequence

from eval_harness.sandbox import bpf

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 1, 4, 38, 22
SECCOMP_MODE_FILTER = 2
SYS_LANDLOCK_CREATE, SYS_LANDLOCK_ADD, SYS_LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_VERSION_FLAG, LANDLOCK_PATH_BENEATH = 1, 1
ACCESS_EXECUTE, ACCESS_READ_FILE, ACCESS_READ_DIR = 1 << 0, 1 << 2, 1 << 3
FILE_ACCESS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
SCOPE_ABSTRACT_SOCKET, SCOPE_SIGNAL = 1, 2
SIGKILL = 9


class LockdownFailed(OSError):
    """The kernel refused a lock; the process must not go on to run vendor bytes."""


def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def landlock_abi() -> int:
    """Version of Landlock that the kernel offers, 0 for none."""
    if platform.system() != "Linux":
        return 0
    found = libc().syscall(SYS_LANDLOCK_CREATE, None, 0, LANDLOCK_VERSION_FLAG)
    return max(0, int(found))


def seccomp_offered() -> bool:
    return platform.system() == "Linux" and platform.machine() in bpf.AUDIT_ARCH and os.path.exists("/proc/sys/kernel/seccomp")


def die_with_parent(parent: int | None = None) -> None:
    """Ask the kernel to kill this process when its parent ends; leave at once when it already has."""
    _checked(libc().prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "die with parent")
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def limit_resources(limits: Mapping[str, float]) -> None:
    """rlimits by their POSIX names (as, nofile, nproc, fsize, core, cpu, stack, memlock); lowered, never raised."""
    if not limits:
        return
    import resource  # absent on Windows, where no limit is given

    for name, wanted in limits.items():
        which = getattr(resource, f"RLIMIT_{name.upper()}")
        hard = resource.getrlimit(which)[1]
        value = int(wanted) if hard == resource.RLIM_INFINITY else min(int(wanted), hard)
        resource.setrlimit(which, (value, value))


def no_new_privileges() -> None:
    _checked(libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")


def landlock(readable: Sequence[str]) -> int:
    """Deny every file access but reading and executing below `readable`; on ABI 6, signals and abstract sockets too.

    Returns the ABI. Raises LockdownFailed where the kernel has none.
    """
    abi = landlock_abi()
    if not abi:
        raise LockdownFailed(0, "no Landlock in this kernel")
    handled = FILE_ACCESS_BY_ABI.get(min(abi, 5), FILE_ACCESS_BY_ABI[1])
    network, scoped = (3 if abi >= 4 else 0), (SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL if abi >= 6 else 0)
    attribute = struct.pack("<QQQ", handled, network, scoped)[:8 if abi < 4 else 16 if abi < 6 else 24]
    ruleset = _checked(libc().syscall(SYS_LANDLOCK_CREATE, attribute, len(attribute), 0), "Landlock ruleset")
    try:
        for path in readable:
            _allow_reading(ruleset, path)
        _checked(libc().syscall(SYS_LANDLOCK_RESTRICT, ruleset, 0), "Landlock")
    finally:
        os.close(ruleset)
    return abi


def _allow_reading(ruleset: int, path: str) -> None:
    place = os.open(path, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
    try:
        allowed = ACCESS_READ_FILE | (ACCESS_READ_DIR if os.path.isdir(path) else 0)
        rule = struct.pack("<Qi", allowed, place)
        _checked(libc().syscall(SYS_LANDLOCK_ADD, ruleset, LANDLOCK_PATH_BENEATH, rule, 0), "Landlock rule")
    finally:
        os.close(place)


def seccomp(program: bytes) -> None:
    """Install a BPF program (see `bpf`) on all threads of this process."""
    class Filter(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]

    held = ctypes.create_string_buffer(program, len(program))
    packed = Filter(len(program) // 8, ctypes.cast(held, ctypes.c_void_p))
    number, everywhere = bpf.SECCOMP_CALL[platform.machine()], 1
    _checked(libc().syscall(number, 1, everywhere, ctypes.byref(packed)), "seccomp")


def _checked(value: int, what: str) -> int:
    if value < 0:
        number = ctypes.get_errno()
        raise LockdownFailed(number, f"{what}: {os.strerror(number)}")
    return int(value)
