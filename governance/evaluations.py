"""Flow B in order: submit → inspect → approve → predict → unseal → score → report → sign → publish.

Tiers: a practice set tells everything; one of tier validation releases the Ladder value and nothing else; a sealed one gives
the report, once a device version.

The one page that says what happens to a vendor's model. The truth of a sealed set is opened only after the root of all
predictions is in the audit log, and by another process than the one that ran the model. Every step looks at the state it
finds and does what is left, so a killed evaluation is finished by typing the same command again.
"""
from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from eval_harness.base import Terminal, TouchstoneError, WrongUsage, digest
from eval_harness.protocol.lock import read_plan
from eval_harness.runs import read_run, run_submission
from eval_harness.scoring.roots import results_root
from eval_harness.submission import read_submission
from eval_harness.tasks import load_pack
from eval_harness.tasks.variants import cases_to_run
from eval_harness.testset import TestSet
from governance import approvals, budget, registry, scorer, uses
from governance.access import require
from governance.audit import Actor
from governance.desk import Desk, entity_token, head_dict, open_desk
from governance.editions import editions, signed_release
from governance.intake import issues_of, taken_in
from governance.ladder import bounded
from governance.lifecycle import NEXT_STATE, next_state
from governance.lineage import link
from governance.protocols import dataset_named, lock_plan, set_of
from schemas.messages import messages

__all__ = ["NEXT_STATE", "evaluate", "issues_of", "open_desk", "predict", "publish", "report", "score", "start", "submit", "withdraw"]


def submit(desk: Desk, parcel: Path, task: str, vendor: str, name: str, version: str) -> dict[str, Any]:
    """Take a model in and inspect it; gives its row with every issue found. Nothing of it runs here.

    The same parcel of the same device version again gives the row it already has. Raises SubmissionRefused when the parcel
    cannot be read at all.
    """
    require(desk.audit, desk.actor, "model.submit", entity_token(vendor), owner=vendor)
    pack = load_pack(task)
    incoming = desk.home.runs / "incoming" / registry.new_id("i")
    try:
        return taken_in(desk, read_submission(parcel, incoming), pack, vendor, name, version)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def evaluate(desk: Desk, submission_id: str, dataset: str, *, plan: Path | None = None, compare: str | None = None,
             dispatch: str = "local", address: str | None = None, regulator_key: Path | None = None) -> dict[str, Any]:
    """All that is left to do for a submission on a set, up to the signed report; gives the evaluation's row."""
    evaluation_id = start(desk, submission_id, dataset, plan=plan, compare=compare)
    predict(desk, evaluation_id, dispatch=dispatch, address=address)
    score(desk, evaluation_id)
    report(desk, evaluation_id, regulator_key=regulator_key)
    return registry.evaluation(desk.store, evaluation_id)


def start(desk: Desk, submission_id: str, dataset: str, *, plan: Path | None = None, compare: str | None = None) -> str:
    """Approve, check the budget, lock the protocol with the platform's signature; gives the evaluation's id.

    plan: a plan the vendor has signed (`touchstone-eval plan lock`); without one the task's default protocol is locked.

    An unfinished evaluation of this submission on this set is continued; a finished one is given back as it is. Raises
    Terminal EVL-001 (sent back at inspection), EVL-002 (another task), BUD-001..004 (no try left, and when the next one is
    allowed), EVL-005 (a plan or a comparison on a validation set), EVL-006 (a validation set too small for the Ladder).
    """
    row, held = registry.submission(desk.store, submission_id), dataset_named(desk, dataset)
    for option, given in (("--plan", plan), ("--compare", compare)):
        if given is not None and held.manifest.tier == "validation":
            raise WrongUsage(messages().issue("EVL-005", held.manifest.scope, option=option))
    for earlier in registry.evaluations(desk.store, submission_id, held.manifest.set_id):
        if earlier["dataset_version"] == held.manifest.version and earlier["state"] not in ("failed", "withdrawn"):
            return str(earlier["evaluation_id"])
    if row["state"] == "draft":
        raise Terminal(messages().issue("EVL-001", submission_id, count=len(row["facts"]["issues"])))
    if row["task"] != held.manifest.task:
        raise WrongUsage(messages().issue("EVL-002", dataset, found=held.manifest.task, right=row["task"]))
    if held.manifest.tier == "validation" and not bounded(desk, held.manifest):
        raise Terminal(messages().issue("EVL-006", held.manifest.scope))
    _approve(desk, row)
    with registry.lease(desk.store, f"budget:{held.manifest.scope}"[:160]):
        budget.require(desk.store, row, held.manifest)
        return _begin(desk, row, held, plan, compare)


def _begin(desk: Desk, row: dict[str, Any], held: TestSet, plan: Path | None, compare: str | None) -> str:
    """Lock the protocol and enter the evaluation; its try is taken from here on."""
    submission_id, evaluation_id = row["submission_id"], registry.new_id("e")
    plan_digest = digest(lock_plan(desk, row, held, plan, evaluation_id))
    locked = desk.audit.record("lock", desk.actor, evaluation_id, submission=submission_id, set=held.manifest.scope, protocol=plan_digest)
    facts = {"protocol": plan_digest, "heads": {"locked": head_dict(locked, plan_digest)}, "compare": compare}
    registry.add_evaluation(desk.store, evaluation_id=evaluation_id, submission_id=submission_id, dataset_id=held.manifest.set_id,
                            dataset_version=held.manifest.version, state=next_state("approved", "start"), end_state=None, cause=None,
                            charged=False, facts=facts)
    link(desk.store, f"submission/{submission_id}", f"evaluation/{evaluation_id}", "evaluated-in")
    link(desk.store, f"set/{held.manifest.scope}", f"evaluation/{evaluation_id}", "evaluated-on")
    return evaluation_id


def predict(desk: Desk, evaluation_id: str, *, dispatch: str = "local", address: str | None = None) -> dict[str, Any]:
    """Run the model in the sandbox over every case, then put the root of all results into the audit log.

    A platform fault, or a submission sent back by its own smoke cases, leaves the evaluation where it is (type the same again),
    charges nothing and gives the try free.
    """
    row = registry.evaluation(desk.store, evaluation_id)
    if row["state"] != "predicting":
        return row
    require(desk.audit, desk.actor, "evaluation.run", evaluation_id)
    submission = read_submission(desk.submission_folder(row["submission_id"]))
    held, plan = set_of(desk, row), read_plan(desk.plan_file(evaluation_id)).protocol
    if row["end_state"] is not None:      # the last start was not charged, so its try may have gone to another version since
        budget.require(desk.store, registry.submission(desk.store, row["submission_id"]), held.manifest)
        registry.change_evaluation(desk.store, evaluation_id, end_state=None, cause=None)
    try:
        folder = desk.run_folder(evaluation_id)
        with cases_to_run(held, load_pack(held.manifest.task), plan, folder.with_name(f".{folder.name}.cases")) as cases:
            run = run_submission(submission, cases, plan, folder, dispatch=dispatch, address=address).record
    except TouchstoneError as error:
        registry.change_evaluation(desk.store, evaluation_id, end_state="not_run", cause=error.issue.code)
        raise
    predicted = desk.audit.record("predicted", desk.actor, evaluation_id, run["state"], root=run["results_root"], run=run["run_id"])
    facts = row["facts"] | {"run_id": run["run_id"], "results_root": run["results_root"]}
    facts["heads"] |= {"predicted": head_dict(predicted, run["results_root"])}
    registry.change_evaluation(desk.store, evaluation_id, state=next_state("predicting", "finish"), end_state=run["state"],
                               cause=run["cause"], charged=held.manifest.visibility == "sealed", facts=facts)
    return registry.evaluation(desk.store, evaluation_id)


def score(desk: Desk, evaluation_id: str) -> dict[str, Any]:
    """Open the reference standard in a process of its own and measure; the root of all measurements enters the audit log.

    Raises Terminal EVL-003 when the audit log holds no root of the predictions that lie here.
    """
    row = registry.evaluation(desk.store, evaluation_id)
    if row["state"] != "predicted":
        return row
    run, held = read_run(desk.run_folder(evaluation_id)), set_of(desk, row)
    heads = row["facts"]["heads"]
    if not _audited(desk, evaluation_id, results_root(run.results)):
        raise Terminal(messages().issue("EVL-003", evaluation_id))
    unsealed = desk.audit.record("unseal", desk.actor, evaluation_id, set=held.manifest.scope, root=held.manifest.reference_root)
    heads = heads | {"unsealed": head_dict(unsealed, held.manifest.reference_root)}
    entity = entity_token(registry.submission(desk.store, row["submission_id"])["legal_entity"])
    uses.record(desk.store, desk.audit, desk.actor, evaluation_id, held.manifest.scope, entity, (case.token for case in held.cases))
    context = {"official": True, "prior_runs": budget.prior_runs(desk, row), "budget": budget.statement(desk.store, row, held.manifest)}
    release = scorer.apart(desk, row, heads, context, ladder=held.manifest.tier == "validation")
    roots = json.loads((desk.score_folder(evaluation_id) / "commitments.json").read_bytes())
    scored = desk.audit.record("scored", desk.actor, evaluation_id, root=roots["measurements_root"])
    heads |= {"scored": head_dict(scored, roots["measurements_root"])}
    facts = row["facts"] | {"heads": heads} | ({"release": release} if release is not None else {})
    registry.change_evaluation(desk.store, evaluation_id, state=next_state("predicted", "score"), facts=facts)
    return registry.evaluation(desk.store, evaluation_id)


def report(desk: Desk, evaluation_id: str, *, regulator_key: Path | None = None) -> dict[str, Any]:
    """Write and sign both editions. Without a regulator's public key only the vendor's is written, and the row says so.

    On a validation set there are no editions: the released value alone is signed.
    """
    row = registry.evaluation(desk.store, evaluation_id)
    if row["state"] != "scored":
        return row
    out = desk.evidence_folder(evaluation_id)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    released = row["facts"].get("release")
    files = editions(desk, row, out, regulator_key) if released is None else {"release": signed_release(desk, row, out)}
    signed = desk.audit.record("sign", desk.actor, evaluation_id, key=desk.signing_key.key_id, editions="+".join(sorted(files)))
    facts = row["facts"] | {"files": {edition: str(path) for edition, path in files.items()}, "signed": head_dict(signed, "")}
    registry.change_evaluation(desk.store, evaluation_id, state=next_state("scored", "sign"), facts=facts)
    link(desk.store, f"evaluation/{evaluation_id}", f"evidence/{evaluation_id}", "reported-in")
    return registry.evaluation(desk.store, evaluation_id)


def publish(desk: Desk, evaluation_id: str) -> dict[str, Any]:
    """Make the verdict visible to others than vendor and regulator. Raises WrongUsage EVL-004 from another state."""
    return _move(desk, evaluation_id, "publish", "evaluation.publish")


def withdraw(desk: Desk, evaluation_id: str) -> dict[str, Any]:
    """Take a published verdict back; the evidence stays, marked as withdrawn in the registry and the log."""
    return _move(desk, evaluation_id, "withdraw", "evaluation.withdraw")


def _move(desk: Desk, evaluation_id: str, action: str, permission: str) -> dict[str, Any]:
    row = registry.evaluation(desk.store, evaluation_id)
    state = NEXT_STATE.get((row["state"], action))
    if state is None:
        raise WrongUsage(messages().issue("EVL-004", evaluation_id, state=row["state"], action=action))
    require(desk.audit, desk.actor, permission, evaluation_id)
    desk.audit.record(action, desk.actor, evaluation_id)
    registry.change_evaluation(desk.store, evaluation_id, state=state)
    return registry.evaluation(desk.store, evaluation_id)


def _approve(desk: Desk, row: dict[str, Any]) -> None:
    """Whoever starts an evaluation approves it, unless another person already has; the vendor's own account cannot."""
    if not approvals.holds(desk.store, row["submission_id"], "evaluate"):
        requester = entity_token(row["legal_entity"])
        approvals.ask(desk.store, desk.audit, Actor(requester, "vendor"), row["submission_id"], "evaluate")
        require(desk.audit, desk.actor, "evaluation.approve", row["submission_id"], requester=requester)
        approvals.decide(desk.store, desk.audit, desk.actor, row["submission_id"], "evaluate")
    if row["state"] == "inspected":
        registry.change_submission(desk.store, row["submission_id"], state=next_state("inspected", "approve"))


def _audited(desk: Desk, evaluation_id: str, root: str) -> bool:
    return any(record["action"] == "predicted" and record["object"] == evaluation_id and record["facts"]["root"] == root
               for record in desk.audit.records())
