"""Container images by a real podman: every attempt of the self-test is denied, an image runs from kit to rehearsal, a hostile one ends."""
from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from eval_harness.base import Retryable
from eval_harness.runs import read_run, run_submission
from eval_harness.sandbox.choose import choose, proved
from eval_harness.sandbox.podman import PODMAN, pulled, seccomp_list
from eval_harness.tasks import load_pack
from eval_harness.tasks.practice import write_practice_set
from eval_harness.tasks.starter import write_submission
from tests.eval_harness.submission import archives

BUSYBOX = Path("/bin/busybox")
REASON = PODMAN.available() or ("" if BUSYBOX.is_file() else "a static busybox is not installed (Debian: busybox-static)")
needs_podman = pytest.mark.skipif(bool(REASON), reason=f"podman: {REASON}")
EVAL = str(Path(sys.executable).with_name("touchstone-eval"))
ANSWER = 'echo "{\\"score\\": 0.5}" > /output/output.json'


def image(folder: Path, script: str) -> Path:
    """A submission whose image is a busybox and a script."""
    root = folder / "root"
    (root / "bin").mkdir(parents=True)
    shutil.copy2(BUSYBOX, root / "bin" / "busybox")
    (root / "bin" / "sh").symlink_to("busybox")
    (root / "predict.sh").write_text(f"#!/bin/sh\nexport PATH=/bin\n{script}\n")
    return archived(folder, root, ["/bin/sh", "/predict.sh"])


def archived(folder: Path, root: Path, entry: list[str], **change: str) -> Path:
    """A submission of one image: that root, started by that entry."""
    name = f"localhost/touchstone-test-{folder.name.lower()}:1"
    subprocess.run(["tar", "-C", str(root), "-cf", str(folder / "root.tar"), "."], check=True)
    (folder / "sub").mkdir()
    archive = folder / "sub" / "image.oci.tar"
    for words in (["import", "--change", f"ENTRYPOINT {json.dumps(entry)}", str(folder / "root.tar"), name],
                  ["save", "--format", "oci-archive", "-o", str(archive), name], ["rmi", name]):
        subprocess.run(["podman", *words], check=True, capture_output=True)
    return write_submission(folder / "sub", "oci", {archive.name: archive.read_bytes()}, task="chest-dr", **change)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A set of two cases."""
    write_practice_set(load_pack("chest-dr"), tmp_path / "set", n=2, seed=4)
    return tmp_path / "set"


@needs_podman
@pytest.mark.slow
def test_every_attempt_in_a_container_is_denied_so_it_may_open_sealed_sets() -> None:
    report = proved("podman", "shared")
    assert [line for line in report.lines if not line.denied] == []
    assert len(report.lines) >= 24
    assert choose("oci", "sealed")[0] is PODMAN


@needs_podman
@pytest.mark.slow
def test_an_image_runs_from_the_kit_to_the_rehearsals_report(tmp_path: Path) -> None:
    subprocess.run([EVAL, "kit", "--task", "chest-dr", "--out", str(tmp_path / "kit")], check=True, capture_output=True)
    case = next((tmp_path / "kit" / "cases" / "inputs").glob("*/*.npy"))
    told = f"[ -f /input/case.json ] && [ -f /input/{case.name} ] && {ANSWER}"
    words = ["rehearse", str(image(tmp_path, told)), "--task", "chest-dr", "--out", str(tmp_path / "rehearsal"), "--cases", "4"]
    done = subprocess.run([EVAL, *words, "--no-pdf", "--json"], check=False, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, found["state"], found["unisolated"]) == (0, "complete", False)
    assert found["counts"]["ok"] == found["counts"]["cases"] > 0
    assert (found["sandbox"]["backend"], found["sandbox"]["tight"]) == ("podman", True)
    assert (tmp_path / "rehearsal" / "V.zip").is_file()


HOSTILE = {
    "an endless loop": ("while :; do :; done", "timeout"),
    "memory without end": ("dd if=/dev/zero of=/dev/null bs=900M count=1", "oom"),
    "a link for an answer": ("ln -s /etc/passwd /output/output.json", "invalid_output"),
    "no answer": ("exit 0", "invalid_output"),
    "an answer beside the network": (f"{ANSWER}; nc -w 1 127.0.0.1 1 && echo reached > /output/output.json; exit 0", "ok"),
    "a write where nothing may be written": (f"echo x > /predict.sh || {ANSWER}", "ok"),
}


@needs_podman
@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_image_ends_with_its_status_and_leaves_no_container(name: str, two: Path, tmp_path: Path) -> None:
    script, status = HOSTILE[name]
    plan = {"limits": {"timeout_s": 2.0, "wall_factor": 3.0, "attempts": 1, "memory_bytes": 200 * 2**20, "processes": 24}}
    run = run_submission(image(tmp_path, script), two, plan, tmp_path / "run", sandbox="podman", progress=False)
    assert {result.status for result in run.results} == {status}
    left = subprocess.run(["podman", "ps", "--all", "--quiet", "--filter", f"ancestor=localhost/touchstone-test-{tmp_path.name.lower()}:1"],
                          capture_output=True, text=True, check=True)
    assert left.stdout.strip() == ""


FORGETFUL = """
score=0.5
for place in /tmp /run /var/tmp /dev/shm /output; do
  [ -e "$place/seen" ] && score=0.9
  echo x > "$place/seen"
done 2> /dev/null
[ "$(ls /input | wc -l)" = 2 ] || score=0.8
rm -f /output/seen
echo "{\\"score\\": $score}" > /output/output.json
"""


@needs_podman
@pytest.mark.slow
def test_a_container_remembers_nothing_of_the_case_before_and_sees_no_other(two: Path, tmp_path: Path) -> None:
    run = run_submission(image(tmp_path, FORGETFUL), two, {}, tmp_path / "run", sandbox="podman", progress=False)
    assert [result.output for result in run.results] == [{"score": 0.5}] * 2


SELF_SERVICE = """#!/bin/busybox sh
score=0.5
busybox sh -c 'echo x > /data/x' && score=0.6
busybox sh -c 'echo x > /sys/fs/cgroup/x || mkdir /sys/fs/cgroup/x' && score=0.7
[ -n "$http_proxy$HTTP_PROXY" ] && score=0.8
[ -n "$NOTIFY_SOCKET" ] && score=0.9
[ -e /etc/hosts ] && score=0.65
echo "{\\"score\\": $score}" > /output/output.json
"""


@needs_podman
@pytest.mark.slow
def test_what_an_image_asks_for_by_itself_is_not_given(two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A volume on this machine's disk, the writable cgroups of a program named init, this machine's proxy and notify socket."""
    monkeypatch.setenv("http_proxy", "http://user:secret@proxy.example:3128")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    layer = archives.packed([("bin/busybox", BUSYBOX.read_bytes(), {"mode": 0o755}), ("sbin/init", SELF_SERVICE.encode(), {"mode": 0o755}),
                             ("data", b"", {"type": tarfile.DIRTYPE, "mode": 0o777})])
    asked = {"Entrypoint": ["/sbin/init"], "Volumes": {"/data": {}}, "Env": ["PATH=/bin:/sbin"], "User": "0:0"}
    model = write_submission(tmp_path / "sub", "oci", {"image.oci.tar": archives.image([layer], config={"config": asked})}, task="chest-dr")
    before = subprocess.run(["podman", "volume", "ls", "--quiet"], capture_output=True, check=True).stdout
    run = run_submission(model, two, {}, tmp_path / "run", sandbox="podman", progress=False)
    assert [result.output for result in run.results] == [{"score": 0.5}] * 2, (tmp_path / "run" / "logs").iterdir()
    assert subprocess.run(["podman", "volume", "ls", "--quiet"], capture_output=True, check=True).stdout == before


@needs_podman
@pytest.mark.slow
def test_an_engine_that_does_not_come_to_the_program_is_the_platforms_fault(two: Path, tmp_path: Path, monkeypatch) -> None:
    proved("podman", "shared")
    model = write_submission(tmp_path / "sub", "oci", {"image.oci.tar": archives.image()}, task="chest-dr")
    monkeypatch.setattr("eval_harness.sandbox.podman.runtime", lambda: ("--runtime=no-such-runtime",))
    with pytest.raises(Retryable, match="RUN-003"):
        run_submission(model, two, {}, tmp_path / "run", sandbox="podman", progress=False)
    told = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_bytes().splitlines()]
    assert {(event["fault"], event["cause"]) for event in told if event["kind"] == "requeued"} == {("platform", "platform:engine")}
    assert {row.fault for row in read_run(tmp_path / "run").telemetry} == {"undetermined"}


@needs_podman
@pytest.mark.slow
def test_an_image_goes_with_the_process_that_brought_it_and_is_fetched_again_where_another_took_it(two: Path, tmp_path: Path) -> None:
    model = image(tmp_path, ANSWER)
    name = pulled(model / "image.oci.tar", (model / "image.oci.tar").stat().st_mtime_ns)
    subprocess.run(["podman", "rmi", name], check=True, capture_output=True)   # as another process would at its end
    run = run_submission(model, two, {}, tmp_path / "run", sandbox="podman", progress=False)
    assert (run.record["state"], run.counts) == ("complete", {"cases": 2, "ok": 2})
    told = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_bytes().splitlines()]
    assert [event["cause"] for event in told if event["kind"] == "requeued"] == ["platform:engine"]
    subprocess.run(["podman", "rmi", name], check=True, capture_output=True)
    words = [EVAL, "run", str(model), "--data", str(two), "--out", str(tmp_path / "again"), "--sandbox", "podman"]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert subprocess.run(["podman", "image", "exists", name], check=False).returncode == 1


def test_the_list_of_calls_is_narrowed_whether_the_engine_brings_one_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engines = tmp_path / "seccomp.json"
    engines.write_text(json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
        {"names": ["read", "keyctl", "socket"], "action": "SCMP_ACT_ALLOW"}, {"names": ["bpf"], "action": "SCMP_ACT_ALLOW"}]}))
    for place, default in ((engines, "SCMP_ACT_ERRNO"), (tmp_path / "none", "SCMP_ACT_ALLOW")):
        monkeypatch.setattr("eval_harness.sandbox.podman.ENGINES_LIST", place)
        told = seccomp_list()
        freely = {name for rule in told["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" and "args" not in rule for name in rule["names"]}
        assert told["defaultAction"] == default
        assert not freely & {"keyctl", "bpf", "socket", "mount", "ptrace"}
        assert any("socket" in rule["names"] and rule["args"][0]["value"] == 1 for rule in told["syscalls"])
