"""What the self-test tries inside a sandbox. Each attempt must fail; one that works prints ALLOWED.

Runs as the vendor's code would: same filters, same limits. Lines on standard output: `try NAME`, then `denied NAME HOW`
or `ALLOWED NAME`; an attempt that gets its process killed leaves `try NAME` as the last word, and counts as denied.
Every attempt is made so that its success does no harm: it asks the kernel for permission and stops there.
"""
from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

Attempt = Callable[[Mapping[str, Any]], object]
SYS_MOUNT, SYS_PTRACE, SYS_UNSHARE, SYS_KEYCTL, SYS_BPF = (
    (165, 101, 272, 250, 321) if os.uname().machine == "x86_64" else (40, 117, 97, 219, 280))
PTRACE_SEIZE, CLONE_NEWNET, MEMORY_STEP_BYTES = 0x4206, 0x40000000, 16 * 1024**2
HELD_S = 3.0


def main(order: Mapping[str, Any], close: Callable[[], Mapping[str, Any]]) -> None:
    """Close the sandbox as for the vendor's code, then try everything."""
    close()
    run(order["extra"])


def run(facts: Mapping[str, Any]) -> None:
    """facts: port of a listener here, pid of the supervisor, paths of a canary, of another case's file, memory and process limits."""
    for name, attempt in ATTEMPTS.items():
        print("try", name, flush=True)
        try:
            attempt(facts)
        except BaseException as refused:  # noqa: BLE001 - any refusal, whatever its kind, is what the test hopes for
            print("denied", name, type(refused).__name__, flush=True)
        else:
            print("ALLOWED", name, flush=True)


def _syscall(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    value = int(libc.syscall(number, *arguments))
    if value < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return value


def _connect(facts: Mapping[str, Any]) -> None:
    with socket.create_connection(("127.0.0.1", int(facts["port"])), 2) as line:
        line.sendall(b"out")


def _udp(facts: Mapping[str, Any]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"out", ("127.0.0.1", int(facts["port"])))


def _lookup(facts: Mapping[str, Any]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"\x00" * 12, ("192.0.2.53", 53))


def _raw(facts: Mapping[str, Any]) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()


def _unix(facts: Mapping[str, Any]) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(facts["unix"]))


def _write(path: str) -> None:
    existed = os.path.exists(path)
    with open(path, "ab"):
        pass
    if not existed:
        os.unlink(path)


def _read_other(facts: Mapping[str, Any]) -> None:
    with open(str(facts["other_case"]), "rb") as held:
        held.read(1)


def _proc_of_supervisor(facts: Mapping[str, Any]) -> None:
    with open(f"/proc/{facts['pid']}/environ", "rb") as held:
        if not held.read():
            raise PermissionError("nothing to read")


def _memory_of_supervisor(facts: Mapping[str, Any]) -> None:
    with open(f"/proc/{facts['pid']}/mem", "rb") as held:
        held.read(1)


def _signal(facts: Mapping[str, Any]) -> None:
    os.kill(int(facts["pid"]), 0)


def _ptrace(facts: Mapping[str, Any]) -> None:
    _syscall(SYS_PTRACE, PTRACE_SEIZE, int(facts["pid"]), 0, 0)


def _mount(facts: Mapping[str, Any]) -> None:
    """A file system that does not exist: whoever may mount gets ENODEV, everybody else EPERM."""
    try:
        _syscall(SYS_MOUNT, b"none", b"/", b"touchstone-no-such-fs", 0, None)
    except OSError as refused:
        if refused.errno != errno.ENODEV:
            raise


def _fork_bomb(facts: Mapping[str, Any]) -> None:
    """Start more waiting processes than the limit allows; all are ended again."""
    made: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(int(facts["processes"]) + 40):
            made.append(subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE))
    finally:
        for process in made:
            process.kill()
        for process in made:
            process.wait()


def _memory(facts: Mapping[str, Any]) -> None:
    """Take twice the memory and keep it: without cgroups a watcher looks every so often, and on a crowded machine seldom."""
    held = []
    for _ in range(int(facts["memory_bytes"]) * 2 // MEMORY_STEP_BYTES + 1):
        block = bytearray(MEMORY_STEP_BYTES)
        block[::4096] = b"\x01" * len(block[::4096])
        held.append(block)
    time.sleep(HELD_S)


def _large_file(facts: Mapping[str, Any]) -> None:
    try:
        with open("/tmp/touchstone-large", "wb") as out:
            out.truncate(int(facts["file_bytes"]) * 2)
    finally:
        with contextlib.suppress(OSError):   # it was never made
            os.unlink("/tmp/touchstone-large")


def _kernel_settings(facts: Mapping[str, Any]) -> None:
    """Open for writing, write nothing."""
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/panic", "/proc/sys/vm/overcommit_memory", "/proc/sysrq-trigger",
                 "/proc/irq/default_smp_affinity"):
        try:
            os.close(os.open(path, os.O_WRONLY))
        except OSError:
            continue
        return
    raise PermissionError("none can be written")


def _device(facts: Mapping[str, Any]) -> None:
    for path in ("/dev/mem", "/dev/kmsg", "/dev/vda", "/dev/sda", "/dev/nvme0n1"):
        try:
            with open(path, "rb"):
                return
        except OSError:
            continue
    os.mknod("/tmp/touchstone-device", 0o600 | 0o020000, os.makedev(1, 1))
    os.unlink("/tmp/touchstone-device")


ATTEMPTS: dict[str, Attempt] = {
    "tcp": _connect, "udp": _udp, "dns": _lookup, "raw_socket": _raw, "unix_socket": _unix,
    "write_canary": lambda facts: _write(str(facts["canary"])), "write_root": lambda facts: _write("/touchstone-probe"),
    "write_usr": lambda facts: _write("/usr/touchstone-probe"), "read_password_hashes": lambda facts: open("/etc/shadow", "rb").close(),
    "other_case": _read_other, "proc_of_others": _proc_of_supervisor, "memory_of_others": _memory_of_supervisor,
    "signal_parent": _signal, "ptrace": _ptrace, "mount": _mount,
    "new_namespace": lambda facts: _syscall(SYS_UNSHARE, CLONE_NEWNET), "keyring": lambda facts: _syscall(SYS_KEYCTL, 0, -3, 1),
    "bpf": lambda facts: _syscall(SYS_BPF, 0, None, 0), "set_clock": lambda facts: _clock(),
    "chroot": lambda facts: os.chroot("/tmp"), "kernel_settings": _kernel_settings, "device": _device, "large_file": _large_file,
    "fork_bomb": _fork_bomb, "memory": _memory,
}


def _clock() -> None:
    time.clock_settime(time.CLOCK_REALTIME, time.time())


if __name__ == "__main__":
    import json

    run(json.loads(sys.argv[1]))
