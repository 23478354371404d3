"""What the sandbox self-test's lines say to a reader of command and report: each attempt, and how it was denied, in both languages."""
from __future__ import annotations

ATTEMPTS: dict[str, tuple[str, str]] = {
    "tcp": ("连接本机的 TCP 端口", "connect to a TCP port of this machine"),
    "udp": ("向本机发 UDP", "send UDP to this machine"),
    "dns": ("查询域名", "ask a name server"),
    "raw_socket": ("原始套接字", "open a raw socket"),
    "unix_socket": ("连接别人的 Unix 套接字", "connect to somebody else's Unix socket"),
    "write_canary": ("改写外面的文件", "change a file outside"),
    "write_root": ("在根目录写文件", "write into the root folder"),
    "write_usr": ("在 /usr 写文件", "write into /usr"),
    "read_password_hashes": ("读取密码文件", "read the password hashes"),
    "other_case": ("读取另一个病例", "read another case"),
    "proc_of_others": ("读取其他进程的环境变量", "read another process's environment"),
    "memory_of_others": ("读取其他进程的内存", "read another process's memory"),
    "signal_parent": ("向运行器发信号", "send a signal to the runner"),
    "ptrace": ("跟踪运行器（ptrace）", "trace the runner (ptrace)"),
    "mount": ("挂载文件系统", "mount a file system"),
    "new_namespace": ("建立新的命名空间", "make a new namespace"),
    "keyring": ("使用内核密钥环", "use the kernel's key ring"),
    "bpf": ("加载 BPF 程序", "load a BPF program"),
    "set_clock": ("调整时钟", "set the clock"),
    "chroot": ("更换根目录（chroot）", "change the root folder (chroot)"),
    "kernel_settings": ("改写内核设置", "write the kernel's settings"),
    "device": ("打开或建立设备文件", "open or make a device file"),
    "large_file": ("写超过上限的文件", "write a file beyond its limit"),
    "fork_bomb": ("无限制地开进程", "start processes without end"),
    "memory": ("占用超过上限的内存", "take memory beyond the limit"),
    "outside:canary_unchanged": ("外面的文件没有变", "the file outside is unchanged"),
    "outside:listener_silent": ("外面的端口没有收到东西", "the listener outside heard nothing"),
    "outside:no_process_left": ("没有留下进程", "no process is left"),
}
NOT_TRIED = "not tried"
"""Says of an attempt that the self-test ended before it: it was not denied, and it was not seen to work."""
WAYS: dict[str, tuple[str, str]] = {
    "PermissionError": ("不允许", "not permitted"), "FileNotFoundError": ("那里什么也没有", "nothing is there"),
    "ProcessLookupError": ("看不到那个进程", "that process is not seen"), "BlockingIOError": ("已到数量上限", "the number is used up"),
    "MemoryError": ("已到内存上限", "the memory is used up"), "OSError": ("系统拒绝", "refused by the system"),
    "killed (memory)": ("超过内存上限而被终止", "killed at the memory limit"),
    "killed (cpu)": ("超过时间上限而被终止", "killed at the time limit"),
    "killed (wall)": ("超过时间上限而被终止", "killed at the time limit"),
    "killed (processes)": ("超过进程上限而被终止", "killed at the process limit"),
    "killed (by the kernel)": ("被内核终止", "killed by the kernel"), "worked": ("成功了", "it worked"),
    "read back": ("从外面核对", "read back from outside"), "0 connections": ("连接 0 次", "0 connections"),
    "process table": ("查进程表", "by the process table"),
    NOT_TRIED: ("自检提前结束，没有试到", "the self-test ended before it"),
}


def attempt_words(attempt: str, lang: str) -> str:
    return ATTEMPTS.get(attempt, (attempt, attempt))[lang != "zh"]


def way_words(how: str, lang: str) -> str:
    other = WAYS["OSError"] if how.endswith("Error") else (how, how)
    return WAYS.get(how, other)[lang != "zh"]
