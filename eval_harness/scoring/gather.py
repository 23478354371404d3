"""From folders to Evidence: a finished run, the set it was made on, the opened reference standard, the plan.

The only module of this room that reads sets, runs and packs, and therefore the only one that needs more than numpy.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from eval_harness.base import Result, Terminal, WrongUsage, digest, eval_messages
from eval_harness.scoring.directory import ScoreDir, score
from eval_harness.scoring.evidence import HEAD_ORDER, Evidence, check_order, with_copies
from eval_harness.scoring.packs import pack_json
from eval_harness.scoring.roots import results_root

Heads = Mapping[str, Any] | Callable[[str], Mapping[str, Any]]


def score_run(run_dir: Path, set_dir: Path, reference: Path | None, plan: Mapping[str, Any] | Path | None, out_dir: Path, *,
              reference_key: bytes | None = None, heads: Heads | None = None, context: Mapping[str, Any] | None = None,
              baseline: tuple[Path, str] | None = None, pack_dir: Path | None = None) -> ScoreDir:
    """Score a finished run: a pure function of what is stored, so the same input gives the same bytes.

    reference: folder or file of the sealed reference standard; None for a practice set. plan: protocol, or a plan file
    (locked or not); None: the pack's default, practice sets only. heads: audit heads {"locked", "predicted",
    "unsealed"}, or a function of run_id that gives them; a sealed set is opened only when the order holds.
    context: prior_runs, budget, deviations, official. baseline: another score folder of the same set and its name.
    pack_dir: the task pack's folder where it is not a shipped one.
    Raises Terminal SCO-001..006 for an order, a run or a plan that cannot be scored.
    """
    from eval_harness.runs.store import read_run
    from eval_harness.tasks import load_pack
    from eval_harness.testset import read_set

    held, run = read_set(set_dir), read_run(run_dir)
    pack = load_pack(pack_dir or held.manifest.task)
    shape = pack_json(pack)
    record, submission = dict(run.record), _submission(run_dir, dict(run.record))
    protocol, signers = the_plan(plan, shape, held.manifest.to_dict(), submission)
    if record["protocol"] != digest(protocol):
        raise Terminal(eval_messages().issue("SCO-005", run_dir.name, what="protocol"))
    if record["inputs_root"] != held.manifest.inputs_root:
        raise Terminal(eval_messages().issue("SCO-005", run_dir.name, what="inputs_root"))
    if not run.ended:
        raise Terminal(eval_messages().issue("SCO-004", run_dir.name, cases=held.manifest.cases, done=len(run.results)))
    record["results_root"] = results_root(run.results)
    if not signers and held.manifest.visibility == "sealed" and not _audited_plan(heads, record):
        raise Terminal(eval_messages().issue("SCO-006", held.manifest.scope))
    given = dict(heads(record["run_id"]) if callable(heads) else heads or {})
    bare = Evidence(record, run.results, (), {}, protocol, shape, held.manifest.to_dict(), {}, given, {})
    check_order(bare)                                   # before the reference standard is opened, not after
    evidence, withdrawn = _opened(bare, held, reference, reference_key)
    card = _json(set_dir / "card.json")
    evidence = Evidence(record, run.results, evidence.keys, evidence.truths, protocol, shape,
                        {**held.manifest.to_dict(), "withdrawn_leaves": withdrawn}, submission,
                        {name: given[name] for name in HEAD_ORDER if given.get(name)},
                        {"signers": signers, "card": card, **(context or {})})
    other = (ScoreDir(baseline[0]), baseline[1]) if baseline else None
    return score(evidence, out_dir, own_measure=pack.hook("measure") if shape["own_measure"] else None, baseline=other,
                 telemetry=run.telemetry, environment=run.environment, sandbox=run.sandbox, open_blob=run.blob)


def score_predictions(file: Path, set_dir: Path, plan: Mapping[str, Any] | Path | None, out_dir: Path, *,
                      pack_dir: Path | None = None) -> ScoreDir:
    """Score a predictions file (JSON Lines: {"token", "output"}) on a practice set; a case without a line is a failed one.

    Raises WrongUsage RUN-005 for a line that cannot be read, SUB-063 and SUB-064 for what stands twice, SCO-007 for a case that the set
    does not have; Terminal SCO-008 for a sealed set.
    """
    from eval_harness.tasks import load_pack
    from eval_harness.testset import read_set

    held = read_set(set_dir)
    if held.manifest.visibility == "sealed":
        raise Terminal(eval_messages().issue("SCO-008", file.name))
    pack = load_pack(pack_dir or held.manifest.task)
    shape = pack_json(pack)
    protocol, signers = the_plan(plan, shape, held.manifest.to_dict())
    results = _predicted(file, pack, [case.token for case in held.cases])
    record: dict[str, Any] = {"protocol": digest(protocol), "set": held.manifest.scope, "inputs_root": held.manifest.inputs_root,
                              "pack": pack.digest, "state": "complete", "cause": None, "runner": "predictions/1",
                              "harness": {"name": "touchstone-eval", "version": _version()}, "results_root": results_root(results)}
    record["run_id"] = digest(record)
    results = [Result(**{**one.to_dict(), "run_id": record["run_id"]}) for one in results]
    bare = Evidence(record, results, (), {}, protocol, shape, held.manifest.to_dict(), {"kind": "predictions"}, {}, {})
    evidence, withdrawn = _opened(bare, held, None, None)
    evidence = Evidence(record, results, evidence.keys, evidence.truths, protocol, shape,
                        {**held.manifest.to_dict(), "withdrawn_leaves": withdrawn}, {"kind": "predictions"}, {},
                        {"signers": signers, "card": _json(set_dir / "card.json")})
    return score(evidence, out_dir, own_measure=pack.hook("measure") if shape["own_measure"] else None)


def _audited_plan(heads: Heads | None, record: Mapping[str, Any]) -> bool:
    given = heads(record["run_id"]) if callable(heads) else heads or {}
    return bool((given.get("locked") or {}).get("root") == record["protocol"])


def the_plan(plan: Mapping[str, Any] | Path | None, pack: Mapping[str, Any], dataset: Mapping[str, Any],
             submission: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], list[Any]]:
    """(protocol, signers). Raises Terminal SCO-009 where an operating point that the pack names has no threshold."""
    from eval_harness.protocol.lock import read_plan
    from eval_harness.protocol.plan import default_plan

    if plan is None:
        given = submission or {}
        protocol, signers = default_plan(pack, dataset, given, given.get("digest")), []
    elif isinstance(plan, Path):
        held = read_plan(plan)
        protocol, signers = held.protocol, [dict(one) for one in held.signers]
    else:
        protocol, signers = dict(plan.get("protocol", plan)), list(plan.get("signers", []))
    known = {point["name"] for point in protocol.get("operating_points", [])}
    for spec in pack["estimates"]:
        if spec.get("operating_point") and spec["operating_point"] not in known:
            raise Terminal(eval_messages().issue("SCO-009", "operating_points", name=spec["operating_point"]))
    return protocol, signers


def _opened(bare: Evidence, held: Any, reference: Path | None, key: bytes | None) -> tuple[Evidence, dict[str, str]]:
    """Evidence with keys and truth, in token order, and the leaves of withdrawn cases."""
    from eval_harness.testset.layout import LEAVES, read_lines
    from eval_harness.testset.reference import open_reference

    rows = open_reference(held, reference, key)
    present = {one.token for one, _ in rows}
    leaves = {row["token"]: row["reference"] for row in read_lines(held.path / LEAVES) if row["token"] not in present}
    keys, truths = with_copies([one for one, _ in rows], {one.token: truth for one, truth in rows}, leaves, bare)
    return Evidence(bare.run, bare.results, keys, truths, bare.protocol, bare.pack, bare.dataset), leaves


def _predicted(file: Path, pack: Any, tokens: list[str]) -> list[Result]:
    from eval_harness.base import canonical, sha256
    from eval_harness.tasks.handed_in import answers, said_twice
    from eval_harness.tasks.output import AnswerCheck, AnswerRefused

    check, known, out = AnswerCheck(pack), set(tokens), {}
    lines_of: dict[str, int] = {}
    with file.open("rb") as held:
        for line in answers(held, file.name):
            token = line.token
            if lines_of.setdefault(token, line.number) != line.number:
                raise said_twice(file.name, token, lines_of[token], line.number)
            if token not in known:
                raise WrongUsage(eval_messages().issue("SCO-007", file.name, line=line.number))
            try:
                answer = check.read(json.dumps(line.output).encode())
                out[token] = Result("", token, 1, "ok", None, sha256(canonical(answer)), answer)
            except AnswerRefused as refused:
                out[token] = Result("", token, 1, "invalid_output", refused.cause)
    return [out[token] for token in sorted(out)]


def _submission(run_dir: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """The submission's manifest as the run kept it, with its digest."""
    return {"digest": record.get("submission"), **_json(run_dir / "submission.json")}


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_bytes()) if path.is_file() else {}   # type: ignore[no-any-return]


def _version() -> str:
    from importlib import metadata

    return metadata.version("touchstone-eval")
