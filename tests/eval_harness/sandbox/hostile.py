"""Programs that misbehave on one case and answer properly on the other. Each: name → (code, status, cause).

The code runs where `attack()` stands; an exception inside it is swallowed, as an attacker would, and the proper answer follows.
An attack that works where it must not answers 1.0, which differs from the control's answer.
FACTS holds what an attacker could know at best: a listener's port, paths on the host, the supervisor's process id.
"""
from __future__ import annotations

from typing import Final

PROGRAM: Final = '''
import ctypes, json, os, signal, socket, struct, subprocess, sys, threading, time
FACTS = {facts}
case = json.load(open("/input/case.json"))
raw = open("/input/" + case["sockets"]["dr"]["path"], "rb").read()
def write(data, name="/output/output.json"):
    with open(name, "wb") as out:
        out.write(data)
def answer(score=None):
    write(json.dumps({{"score": (raw[-1] + 1) / 512 if score is None else score}}).encode())
libc = ctypes.CDLL(None, use_errno=True)
def attack():
{code}
if raw[-2] == 1:
    try:
        attack()
    except BaseException as refused:
        if isinstance(refused, SystemExit):
            raise
        print("refused", type(refused).__name__)
if not os.path.lexists("/output/output.json"):
    answer()
'''

OK = ("ok", None)
ATTACKS: dict[str, tuple[str, str, str | None]] = {
    # network
    "tcp": ("s = socket.create_connection(('127.0.0.1', FACTS['port']), 1); s.sendall(raw)", *OK),
    "udp": ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(raw[:100], ('127.0.0.1', FACTS['port']))", *OK),
    "dns": ("socket.getaddrinfo('leak.example', 80); answer(1.0)", *OK),
    "raw_socket": ("socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); answer(1.0)", *OK),
    "packet_socket": ("socket.socket(17, socket.SOCK_RAW, 3); answer(1.0)", *OK),
    "netlink": ("socket.socket(16, socket.SOCK_RAW, 0).bind((0, 0)); answer(1.0)", *OK),
    "ipv6": ("socket.create_connection(('::1', FACTS['port']), 1); answer(1.0)", *OK),
    "unix_socket": ("socket.socket(socket.AF_UNIX).connect(FACTS['unix'])", *OK),
    "abstract_socket": ("socket.socket(socket.AF_UNIX).connect('\\0touchstone-test-' + str(FACTS['port']))", *OK),
    "vsock": ("socket.socket(40, socket.SOCK_STREAM).connect((2, 22)); answer(1.0)", *OK),
    "abstract_server": ("s = socket.socket(socket.AF_UNIX); s.bind('\\0touchstone-meet'); s.listen(); s.settimeout(0.2); s.accept()", *OK),
    "passed_descriptors": ("[answer(1.0) for n in os.listdir('/proc/self/fd') if int(n) > 2 and os.path.lexists('/proc/self/fd/' + n)\n"
                           "     and not os.readlink('/proc/self/fd/' + n).startswith('/proc')]", *OK),
    "io_uring": ("assert libc.syscall(425, 8, ctypes.create_string_buffer(256)) >= 0; answer(1.0)", *OK),
    # processes and signals
    "fork_bomb": ("[subprocess.Popen(['/bin/sleep', '60']) for _ in range(500)]", *OK),
    "fork_tree": ("exec('while True:\\n  os.fork()')", *OK),
    "thread_bomb": ("[threading.Thread(target=time.sleep, args=(60,), daemon=True).start() for _ in range(5000)]", *OK),
    "daemon": ("subprocess.Popen(['/bin/sh', '-c', 'sleep 60'], start_new_session=True)", *OK),
    "output_after_exit": ("answer(); subprocess.Popen(['/bin/sh', '-c', 'sleep 0.5; echo late > /output/output.json'], "
                          "start_new_session=True)", *OK),
    "kill_parent": ("os.kill(os.getppid(), signal.SIGTERM)", *OK),
    "kill_supervisor": ("os.kill(FACTS['pid'], signal.SIGKILL)", *OK),
    "kill_all": ("os.kill(-1, signal.SIGKILL)", *OK),
    "kill_self": ("os.kill(os.getpid(), signal.SIGKILL)", "crash", "signal:9"),
    "stop_self": ("os.kill(os.getpid(), signal.SIGSTOP)", "timeout", "time_limit"),
    "ignore_signals": ("[signal.signal(s, signal.SIG_IGN) for s in (1, 2, 13, 15)]\n    while True: pass", "timeout", "time_limit"),
    "exit_code": ("os._exit(3)", "crash", "exit:3"),
    "segfault": ("ctypes.string_at(0)", "crash", "signal:11"),
    "abort": ("os.abort()", "crash", "signal:6"),
    "exec_other": ("os.execv('/bin/sleep', ['sleep', '60'])", "timeout", "time_limit"),
    # time and memory
    "endless": ("while True: pass", "timeout", "time_limit"),
    "sleep": ("time.sleep(600)", "timeout", "time_limit"),
    "many_threads_busy": ("t = [threading.Thread(target=lambda: sum(iter(int, 1))) for _ in range(3)]; [x.start() for x in t]; t[0].join()",
                          "timeout", "time_limit"),
    "memory_32_gib": ("x = bytearray(32 * 2**30); x[::4096] = b'1' * len(x[::4096])", *OK),
    "memory_slowly": ("h = []\n    while True: h.append(b'x' * 2**20)", "oom", None),
    "shared_memory": ("write(b'x' * 2**26, '/dev/shm/x')", *OK),
    "memfd": ("f = os.memfd_create('m'); [os.write(f, b'x' * 2**20) for _ in range(2000)]", *OK),
    "set_clock": ("time.clock_settime(time.CLOCK_REALTIME, 0); answer(1.0)", *OK),
    "raise_limits": ("import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (10**6, 10**6)); answer(1.0)", *OK),
    "real_time": ("os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)); answer(1.0)", *OK),
    # files
    "fill_output": ("write(b'x' * 2**27, '/output/a'); time.sleep(5)", "crash", "scratch"),
    "many_files": ("[write(b'', f'/output/{i}') for i in range(20000)]; time.sleep(5)", "crash", "files"),
    "fill_tmp": ("write(b'x' * 2**26, '/tmp/x')", *OK),
    "write_input": ("write(b'x', '/input/case.json'); answer(1.0)", *OK),
    "write_bundle": ("write(b'x', '/bundle/predict.py'); answer(1.0)", *OK),
    "write_harness": ("write(b'x', '/harness/eval_harness/x.py'); answer(1.0)", *OK),
    "write_usr": ("write(b'x', '/usr/x'); answer(1.0)", *OK),
    "write_canary": ("write(b'x', FACTS['canary'])", *OK),
    "read_other_case": ("answer(open(FACTS['other'], 'rb').read()[0] / 256)", *OK),
    "walk_for_cases": ("skip = ('/input', '/proc', '/sys', '/usr', sys.prefix, sys.base_prefix)\n    for d, s, f in os.walk('/'):\n"
                       "        s[:] = [n for n in s if os.path.join(d, n) not in skip]\n"
                       "        if {'cases.jsonl', 'reference.jsonl', 'set_manifest.json', 'dr.npy'} & set(f): answer(1.0)", *OK),
    "proc_root": ("answer(1.0 if os.listdir('/proc/1/root' + os.path.dirname(FACTS['canary'])) else 0)", *OK),
    "proc_supervisor": ("answer(len(open(f\"/proc/{FACTS['pid']}/environ\").read()) and 1.0)", *OK),
    "proc_sys": ("write(b'1', '/proc/sys/kernel/panic'); answer(1.0)", *OK),
    "core_pattern": ("write(b'|/bin/true', '/proc/sys/kernel/core_pattern'); answer(1.0)", *OK),
    "any_kernel_setting": ("[answer(1.0) for d, _, f in os.walk('/proc') if not (d + '/0').split('/')[2].isdigit() and 'self' not in d\n"
                           "     for n in f if os.path.isfile(d + '/' + n) and os.access(d + '/' + n, os.W_OK)]", *OK),
    "page_flags": ("open('/proc/kpageflags', 'rb').read(8); answer(1.0)", *OK),
    "kernel_addresses": ("answer(1.0) if open('/proc/kallsyms').read(100).strip('0 ') else None", *OK),
    "sysrq": ("write(b'b', '/proc/sysrq-trigger'); answer(1.0)", *OK),
    "secret_environment": ("answer(1.0) if 'TOUCHSTONE_TEST_SECRET' in os.environ else None", *OK),
    "password_hashes": ("answer(1.0 if open('/etc/shadow').read() else 0)", *OK),
    "device": ("os.mknod('/output/d', 0o20666, os.makedev(1, 1)); answer(1.0)", *OK),
    "dev_mem": ("open('/dev/mem', 'rb').read(1); answer(1.0)", *OK),
    "tty_push": ("import fcntl; fcntl.ioctl(0, 0x5412, b'x'); answer(1.0)", *OK),
    "mount": ("assert libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0; answer(1.0)", *OK),
    "unshare": ("assert libc.unshare(0x10000000) == 0; answer(1.0)", *OK),
    "ptrace": ("assert libc.ptrace(16, os.getppid(), 0, 0) == 0; answer(1.0)", *OK),
    "read_parent_memory": ("open(f'/proc/{os.getppid()}/mem', 'rb').read(1); answer(1.0)", *OK),
    "setuid_program": ("subprocess.run(['/bin/su', '-c', 'id'], timeout=1)", *OK),
    "become_root": ("os.setuid(0); answer(1.0)", *OK),
    "user_namespace_by_clone": ("assert libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0) > 0; answer(1.0)", *OK),
    "userfaultfd": ("assert libc.syscall(323, 1) >= 0; answer(1.0)", *OK),
    "keyring": ("assert libc.syscall(250, 1, b'touchstone') >= 0; answer(1.0)", *OK),
    "add_key": ("assert libc.syscall(248, b'user', b'held', raw[:32], 32, -3) >= 0; answer(1.0)", *OK),
    "perf_counters": ("assert libc.syscall(298, ctypes.create_string_buffer(128), 0, -1, -1, 0) >= 0; answer(1.0)", *OK),
    "message_queue": ("libc.mq_open(b'/touchstone', 0o102, 0o600, None)", *OK),
    "set_user_id_file": ("write(raw, '/output/root'); os.chmod('/output/root', 0o6777); subprocess.run(['/output/root'])", *OK),
    "lock_what_is_shared": ("import fcntl; fcntl.flock(open('/bundle/predict.py'), fcntl.LOCK_EX)\n"
                            "    subprocess.Popen(['/bin/sleep', '60'])", *OK),
    "move_the_output_folder": ("os.rename('/output', '/tmp/output'); answer(1.0)", *OK),
    "stop_everybody": ("os.kill(-1, signal.SIGSTOP)", *OK),
    "outlive_the_parent": ("libc.prctl(1, 0)\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(60)", *OK),
    "fuse": ("os.open('/dev/fuse', os.O_RDWR); answer(1.0)", *OK),
    "host_page_cache": ("import mmap; h = open(FACTS['other'], 'rb'); answer(mmap.mmap(h.fileno(), 0, access=1)[-1] / 256)", *OK),
    # outputs
    "symlink_output": ("os.symlink('/etc/passwd', '/output/output.json')", "invalid_output", "link"),
    "symlink_to_canary": ("os.symlink(FACTS['canary'], '/output/output.json')", "invalid_output", "link"),
    "hard_link_output": ("answer(); os.link('/output/output.json', '/output/second')", "invalid_output", "link"),
    "hard_link_input": ("os.link('/input/case.json', '/output/output.json')", *OK),
    "fifo_output": ("os.mkfifo('/output/output.json')", *OK),
    "folder_output": ("os.mkdir('/output/output.json')", "invalid_output", "not_a_file"),
    "socket_output": ("socket.socket(socket.AF_UNIX).bind('/output/output.json')", "invalid_output", "link"),
    "huge_sparse_output": ("open('/output/output.json', 'wb').truncate(2**23)", "invalid_output", "too_large"),
    "beyond_file_size": ("open('/output/output.json', 'wb').truncate(2**40)", "invalid_output", "not_json"),
    "empty_output": ("write(b'')", "invalid_output", "not_json"),
    "pickle_output": ("import pickle; write(pickle.dumps({'score': 0.5}))", "invalid_output", "not_json"),
    "nan_output": ("write(b'{\"score\": NaN}')", "invalid_output", "not_finite"),
    "many_dimensions": ("write(b'{\"score\": 0.5, \"x\": ' + b'[' * 300 + b']' * 300 + b'}')", "invalid_output", "not_json"),
    "half_a_character": ("write(b'{\"score\": 0.5, \"\\\\ud800\": 1}')", "invalid_output", "not_json"),
    "infinite_by_its_exponent": ("write(b'{\"score\": 1e999}')", "invalid_output", "schema"),
    "a_number_of_many_digits": ("write(b'{\"score\": ' + b'9' * 5000 + b'}')", "invalid_output", "not_json"),
    "a_key_twice": ("write(b'{\"score\": 0.1, \"score\": 0.9}')", "invalid_output", "repeated_key"),
    "an_answer_for_another_case": ("write(b'{\"token\": \"' + b'b' * 32 + b'\", \"score\": 1.0}')", "invalid_output", "schema"),
    "two_answers": ("write(b'{\"score\": 0.1}\\n{\"score\": 0.9}')", "invalid_output", "not_json"),
    "smuggled_image": ("write(json.dumps({'score': 0.5, 'note': raw.hex()}).encode())", "invalid_output", "schema"),
    "nested_output": ("write(b'[' * 20000 + b']' * 20000)", "invalid_output", "not_json"),
    "bad_utf8": ("write(b'{\"score\": 0.5, \"\\xff\": 1}')", "invalid_output", "not_json"),
    "no_output": ("os._exit(0)", "invalid_output", "no_output"),
    "unreadable_output": ("answer(); os.chmod('/output', 0)", "crash", "exit:1"),
    # channels
    "log_flood": ("[os.write(1, b'x' * 65536) for _ in range(400)]", *OK),
    "error_flood": ("[os.write(2, b'x' * 65536) for _ in range(400)]", *OK),
    "score_encodes_image": ("answer(0.5 + int.from_bytes(raw[-6:], 'big') * 1e-15)", *OK),
}
ROUNDED: Final = {"score_encodes_image": 0.5}
