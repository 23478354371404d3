"""Seccomp filters as BPF bytes: a list of refused calls, the rest allowed; another architecture's calls kill.

Two filters. `single`: one process for good (no fork, no exec, no socket at all): for our own ONNX runner. `shared`: a
vendor's Python inside bubblewrap, which may start processes but reach neither network nor kernel internals. A refused
call gives EPERM (ENOSYS where a library is known to fall back), so that the attempt is visible to the probe.
"""
from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Sequence

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}
X32_BIT = 0x40000000
LOAD, EQUAL, AT_LEAST, BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NR_AT, ARCH_AT, ARG0_AT, ARG1_AT = 0, 4, 16, 24
CLONE_THREAD, CLONE_NEW_ANY = 0x00010000, 0x7E020080
AF_UNIX = 1

# name: (x86_64, aarch64); -1 where the architecture has no such call
CALLS: dict[str, tuple[int, int]] = {
    "fork": (57, -1), "vfork": (58, -1), "execve": (59, 221), "execveat": (322, 281), "clone": (56, 220), "clone3": (435, 435),
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "move_mount": (429, 429), "open_tree": (428, 428), "fsopen": (430, 430), "fsmount": (432, 432),
    "mount_setattr": (442, 442), "mknod": (133, -1), "mknodat": (259, 33),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "sethostname": (170, 161), "setdomainname": (171, 162), "quotactl": (179, 60), "syslog": (103, 116), "personality": (135, 92),
    "prlimit64": (302, 261), "setrlimit": (160, 164), "setpriority": (141, 140), "sched_setaffinity": (203, 122),
    "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "fanotify_init": (300, 262), "lookup_dcookie": (212, 18), "vmsplice": (316, 75),
}
KERNEL = ("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "mount", "umount2", "pivot_root",
          "chroot", "unshare", "setns", "move_mount", "open_tree", "fsopen", "fsmount", "mount_setattr", "mknod", "mknodat", "bpf",
          "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "io_uring_setup", "io_uring_enter",
          "io_uring_register", "open_by_handle_at", "name_to_handle_at", "init_module", "finit_module", "delete_module",
          "kexec_load", "reboot", "swapon", "swapoff", "acct", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex",
          "sethostname", "setdomainname", "quotactl", "syslog", "memfd_secret", "fanotify_init", "lookup_dcookie", "vmsplice")
SINGLE = KERNEL + ("fork", "vfork", "execve", "execveat", "socket", "socketpair", "connect", "bind", "listen", "pidfd_open",
                   "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "prlimit64", "setrlimit", "setpriority",
                   "personality", "shmget", "msgget", "semget", "mq_open")

Instruction = tuple[int, int, int, int]


def single_process_filter(own_pid: int) -> bytes:
    """No other process, ever: threads of this one only, signals to itself only."""
    body: list[Instruction] = []
    for name in ("kill", "tgkill", "tkill"):
        body += _unless_first_argument(name, own_pid)
    body += _unless_flag("clone", CLONE_THREAD)
    body += _refuse("clone3", errno.ENOSYS)
    for name in SINGLE:
        body += _refuse(name, errno.EPERM)
    return _whole(body)


def shared_filter() -> bytes:
    """Processes may be started, namespaces may not; Unix sockets may be opened, others may not."""
    body: list[Instruction] = []
    body += _unless_first_argument("socket", AF_UNIX)
    body += _when_flag("clone", CLONE_NEW_ANY)
    body += _refuse("clone3", errno.ENOSYS)
    for name in KERNEL:
        body += _refuse(name, errno.EPERM)
    return _whole(body)


def _number(name: str) -> int:
    return CALLS[name][0 if platform.machine() == "x86_64" else 1]


def _refuse(name: str, error: int) -> list[Instruction]:
    return [] if _number(name) < 0 else [(EQUAL, 0, 1, _number(name)), (RETURN, 0, 0, ERRNO | error)]


def _unless_first_argument(name: str, value: int) -> list[Instruction]:
    """Allow call `name` when its first argument is `value`, refuse it otherwise."""
    return [(EQUAL, 0, 4, _number(name)), (LOAD, 0, 0, ARG0_AT), (EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW),
            (RETURN, 0, 0, ERRNO | errno.EPERM)]


def _unless_flag(name: str, flag: int) -> list[Instruction]:
    return [(EQUAL, 0, 4, _number(name)), (LOAD, 0, 0, ARG0_AT), (BITS, 0, 1, flag), (RETURN, 0, 0, ALLOW),
            (RETURN, 0, 0, ERRNO | errno.EPERM)]


def _when_flag(name: str, flag: int) -> list[Instruction]:
    return [(EQUAL, 0, 4, _number(name)), (LOAD, 0, 0, ARG0_AT), (BITS, 0, 1, flag), (RETURN, 0, 0, ERRNO | errno.EPERM),
            (RETURN, 0, 0, ALLOW)]


def _whole(body: Sequence[Instruction]) -> bytes:
    arch = AUDIT_ARCH[platform.machine()]
    head: list[Instruction] = [(LOAD, 0, 0, ARCH_AT), (EQUAL, 1, 0, arch), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NR_AT)]
    if platform.machine() == "x86_64":
        head += [(AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL)]
    tail: list[Instruction] = [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("<HBBI", *step) for step in (*head, *body, *tail))
