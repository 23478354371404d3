"""What a vendor types: help that loads nothing, a kit that works, a rehearsal that ends in a report marked UNOFFICIAL."""
from __future__ import annotations

import json
import subprocess
import sys

import pytest

from eval_harness.base import denials
from eval_harness.cli.main import COMMANDS, overview
from eval_harness.sandbox import attempts
from eval_harness.sandbox.bwrap import BWRAP
from eval_harness.sandbox.process import FLOOR
from eval_harness.tasks import load_pack
from eval_harness.tasks.practice import write_practice_set
from eval_harness.tasks.starter import write_submission

needs_bwrap = pytest.mark.skipif(BWRAP.available() is not None, reason=f"bwrap: {BWRAP.available()}")
needs_floor = pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}")


def typed(*words: str, code: int = 0) -> subprocess.CompletedProcess:
    done = subprocess.run([sys.executable, "-m", "eval_harness.cli.main", *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr[-2000:]
    return done


def test_help_lists_every_command_in_both_languages_and_loads_nothing_heavy():
    code = ("import sys; sys.argv = ['x', '--help', '--lang', 'zh']; from eval_harness.cli.main import run; run(); "
            "print(sorted({'numpy', 'onnx', 'onnxruntime', 'ray', 'typer', 'pydantic', 'scipy', 'typst'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for lang in ("zh", "en"):
        assert all(f"  {name} " in overview(lang) for name in COMMANDS)


def test_an_unknown_command_is_answered_with_the_nearest():
    assert "rehearse" in typed("reherse", code=2).stderr


def test_tasks_speaks_to_scripts():
    told = json.loads(typed("tasks", "--json").stdout.splitlines()[-1])
    assert told["tasks"]["chest-dr"]["primary"] == "auc"
    assert "肺结节" in typed("tasks", "--lang", "zh").stdout


@needs_bwrap
@pytest.mark.slow
def test_the_kits_served_program_is_rehearsed_as_it_stands(tmp_path):
    typed("kit", "--task", "fhir-risk", "--out", str(tmp_path / "kit"))
    words = ["rehearse", str(tmp_path / "kit" / "served"), "--task", "fhir-risk", "--out", str(tmp_path / "out"), "--cases", "20",
             "--no-pdf", "--json"]
    done = json.loads(typed(*words).stdout.splitlines()[-1])
    assert (done["runner"], done["sandbox"]["backend"], done["rerun"]["differing"]) == ("oip/1", "bwrap", 0)
    assert done["counts"]["ok"] == done["counts"]["cases"] >= 20
    assert "DIFFERS 0" in typed("verify", str(tmp_path / "out" / "V.zip"), code=1).stdout


def test_predictions_are_rehearsed_on_the_cases_they_can_know(tmp_path):
    words = ["--task", "chest-dr", "--out", str(tmp_path / "out"), "--cases", "20", "--no-pdf", "--json"]
    write_practice_set(load_pack("chest-dr"), tmp_path / "set", n=20, seed=20261126)
    tokens = [json.loads(line)["token"] for line in (tmp_path / "set" / "cases.jsonl").open()]
    data = "".join(json.dumps({"token": token, "output": {"score": int(token[:2], 16) / 255}}) + "\n" for token in tokens).encode()
    write_submission(tmp_path / "sub", "predictions", {"predictions.jsonl": data}, task="chest-dr")
    done = json.loads(typed("rehearse", str(tmp_path / "sub"), *words).stdout.splitlines()[-1])
    assert done["counts"] == {"cases": 20, "ok": 20}
    assert "DIFFERS 0" in typed("verify", str(tmp_path / "out" / "V.zip"), code=1).stdout


@needs_floor
@pytest.mark.slow
def test_kit_then_rehearse_ends_in_a_report_that_verifies(tmp_path):
    kit, out = tmp_path / "kit", tmp_path / "rehearsal"
    told = json.loads(typed("kit", "--task", "chest-dr", "--out", str(kit), "--json").stdout.splitlines()[-1])
    assert told["golden"]
    assert {path.name for path in kit.iterdir()} >= {"README.md", "README.zh.md", "cases", "submission", "expected", "task.yaml"}
    again = typed("kit", "--task", "chest-dr", "--out", str(kit), code=2)
    assert "CMD-002" in again.stderr
    words = ["rehearse", str(kit / "submission"), "--task", "chest-dr", "--out", str(out), "--cases", "20", "--sandbox", "floor",
             "--no-pdf", "--json"]
    done = json.loads(typed(*words).stdout.splitlines()[-1])
    assert done["official"] is False
    assert done["counts"] == {"cases": 100, "ok": 100}    # and four declared variants of each
    assert [path.name for path in out.glob(".*")] == []
    first = (out / "score" / "facts.full.json").read_bytes()
    typed(*words)
    assert (out / "score" / "facts.full.json").read_bytes() == first
    assert "DIFFERS 0" in typed("verify", str(out / "V.zip"), code=1).stdout   # 1: the signer was not checked


@needs_floor
@pytest.mark.slow
def test_without_isolation_a_rehearsal_says_so(tmp_path):
    typed("kit", "--task", "chest-dr", "--out", str(tmp_path / "kit"))
    words = ["rehearse", str(tmp_path / "kit" / "submission"), "--task", "chest-dr", "--out", str(tmp_path / "r"), "--cases", "4",
             "--sandbox", "none", "--no-pdf"]
    assert "UNISOLATED" in typed(*words).stderr
    assert json.loads(typed(*words, "--json").stdout.splitlines()[-1])["unisolated"] is True


def test_a_pickle_as_a_model_is_refused_with_place_and_hint(tmp_path):
    import pickle

    from eval_harness.base import sha256

    load_pack("chest-dr").reference_model(tmp_path / "sub")
    data = pickle.dumps({"w": [1]})
    (tmp_path / "sub" / "model.onnx").write_bytes(data)
    held = json.loads((tmp_path / "sub" / "manifest.json").read_text())
    held["files"] = [{"path": "model.onnx", "sha256": sha256(data), "bytes": len(data)}]
    (tmp_path / "sub" / "manifest.json").write_text(json.dumps(held))
    words = ["rehearse", str(tmp_path / "sub"), "--task", "chest-dr", "--out", str(tmp_path / "out")]
    assert "SUB-028  model.onnx" in typed(*words, code=2).stderr
    assert "pickle" in typed(*words, "--lang", "zh", code=2).stderr
    assert not (tmp_path / "out").exists()


@needs_floor
@pytest.mark.slow
def test_sandbox_shows_each_attempt_and_its_denial():
    told = json.loads(typed("sandbox", "floor", "--json").stdout.splitlines()[-1])
    lines = told["probes"][0]["lines"]
    assert told["sealed_kinds"] == ["onnx"]
    assert {line["attempt"] for line in lines} >= {"tcp", "dns", "raw_socket", "mount", "ptrace", "fork_bomb", "memory", "signal_parent",
                                                  "other_case", "proc_of_others", "device"}
    assert "denied   connect to a TCP port of this machine" in typed("sandbox", "floor").stdout
    shown = typed("sandbox", "floor", "--lang", "zh").stdout
    assert "拒绝  读取另一个病例" in shown
    assert "封存集的：onnx: floor" in shown


def test_every_attempt_of_the_self_test_has_words_in_both_languages():
    assert set(attempts.ATTEMPTS) <= set(denials.ATTEMPTS)
    for pair in (*denials.ATTEMPTS.values(), *denials.WAYS.values()):
        assert all(pair)
        assert pair[0] != pair[1]


def test_a_machine_without_walls_says_unisolated_and_opens_no_sealed_set():
    for lang, sentence in (("en", "None of these may open a sealed set."), ("zh", "以上都不能打开封存集。")):
        shown = typed("sandbox", "none", "--lang", lang, code=1).stdout
        assert "UNISOLATED" in shown
        assert sentence in shown


@pytest.mark.parametrize(("wrong", "code", "told"), [(20, 1, "SCO-012"), (3, 0, "SCO-013"), (0, 0, "")])
def test_a_score_without_one_valid_answer_needs_a_person_and_one_with_failures_says_so(tmp_path, wrong, code, told):
    write_practice_set(load_pack("chest-dr"), tmp_path / "set", n=20, seed=20261126)
    tokens = [json.loads(line)["token"] for line in (tmp_path / "set" / "cases.jsonl").open()]
    rows = [{"token": token, "output": {"score": "high" if place < wrong else place / 20}} for place, token in enumerate(tokens)]
    (tmp_path / "predictions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = ["score", "--predictions", str(tmp_path / "predictions.jsonl"), "--data", str(tmp_path / "set")]
    for lang, causes in (("zh", "不符合任务规定的格式"), ("en", "does not fit the task's schema")):
        said = typed(*words, "--out", str(tmp_path / lang), "--lang", lang, code=code).stderr
        assert [line[:7] for line in said.splitlines() if line.startswith("SCO-")] == [told] * bool(told)
        assert (causes in said, f"{causes} ({wrong})" in said) == (bool(told), bool(told))
    done = json.loads(typed(*words, "--out", str(tmp_path / "json"), "--json", code=code).stdout.splitlines()[-1])
    assert [issue["code"] for issue in done["issues"]] == [told] * bool(told)
    assert done["accounting"]["answered"] == 20 - wrong


def test_a_rehearsal_whose_cases_fail_says_why_and_what_the_first_of_them_said(tmp_path):
    write_practice_set(load_pack("chest-dr"), tmp_path / "set", n=4, seed=20261126)
    tokens = [json.loads(line)["token"] for line in (tmp_path / "set" / "cases.jsonl").open()]
    data = b"".join(json.dumps({"token": token, "output": {"score": "0.5"}}).encode() + b"\r\n" for token in tokens[:3])
    write_submission(tmp_path / "sub", "predictions", {"predictions.jsonl": data}, task="chest-dr")
    words = ["run", str(tmp_path / "sub"), "--data", str(tmp_path / "set"), "--out", str(tmp_path / "run")]
    said = typed(*words, "--lang", "en", code=1).stderr
    assert "CMD-014" in said
    assert "output does not fit the task's schema (3), no output (1)" in said
    assert "logs/" in said
    assert "score: properties/score/type" in said or "no line of predictions.jsonl has its token" in said
    done = json.loads(typed(*words, "--json", code=1).stdout.splitlines()[-1])
    assert [issue["code"] for issue in done["issues"]] == ["CMD-014"]


def test_what_a_log_says_is_quoted_short_with_its_end_and_without_escapes(tmp_path):
    from types import SimpleNamespace

    from eval_harness.cli.told import run_issues

    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "t.txt").write_text("attempt 2: crash\n\x1b[31mTraceback\n" + "x" * 5000 + "\nNo module named 'torch'\n")
    failed = SimpleNamespace(status="crash", cause="exit:1", token="t")
    run = SimpleNamespace(path=tmp_path, counts={"cases": 1, "crash": 1}, rerun={}, results=[failed])
    issue, = run_issues(run)
    assert issue.hint_en.endswith("No module named 'torch'")
    assert "\x1b" not in issue.text("en")
    assert len(issue.hint_en) < 600
    (tmp_path / "logs" / "t.txt").unlink()
    assert run_issues(run)[0].code == "CMD-015"      # a sealed set's
