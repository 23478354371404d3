"""Scoring happens in a process of its own: it is the only one that ever holds the reference standard of a sealed set."""
from __future__ import annotations

import concurrent.futures
import json
import multiprocessing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from governance import registry
from governance.desk import Desk


@dataclass(frozen=True)
class Order:
    """What the scorer is told: places and heads, never the truth itself."""

    run: Path
    dataset: Path
    sealed: Path
    protocol: Path
    submission: Path
    out: Path
    heads: dict[str, Any]
    context: dict[str, Any]
    baseline: Path | None
    baseline_name: str


def apart(desk: Desk, evaluation: dict[str, Any], heads: dict[str, Any], context: dict[str, Any]) -> None:
    """Score one evaluation in a fresh process; its errors come back as they are."""
    evaluation_id, place = evaluation["evaluation_id"], (evaluation["dataset_id"], evaluation["dataset_version"])
    other = evaluation["facts"].get("compare")
    order = Order(
        run=desk.run_folder(evaluation_id), dataset=desk.home.frozen.joinpath(*place), sealed=desk.home.sealed.joinpath(*place),
        protocol=desk.run_folder(evaluation_id).parent / "protocol.json", submission=desk.submission_folder(evaluation["submission_id"]),
        out=desk.score_folder(evaluation_id), heads=heads, context=context,
        baseline=desk.score_folder(other) if other else None, baseline_name=_device(desk, other) if other else "")
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as child:
        child.submit(_score, order).result()


def _device(desk: Desk, evaluation_id: str) -> str:
    row = registry.submission(desk.store, registry.evaluation(desk.store, evaluation_id)["submission_id"])
    return f"{row['device_family']} {row['device_version']}"


def _score(order: Order) -> None:
    """In the child: open truth, measure, write the score folder."""
    from eval_harness.runs import read_run
    from eval_harness.scoring import Evidence, ScoreDir, pack_json, score
    from eval_harness.tasks import load_pack
    from eval_harness.testset import read_set
    from eval_harness.testset.reference import open_reference

    held, run = read_set(order.dataset), read_run(order.run)
    pairs = open_reference(held, order.sealed if order.sealed.exists() else None)
    pack = load_pack(held.manifest.task)
    card = json.loads((order.dataset / "card.json").read_bytes())
    evidence = Evidence(
        run=run.record, results=run.results, keys=[key for key, _ in pairs], truths={key.token: truth for key, truth in pairs},
        protocol=json.loads(order.protocol.read_bytes()), pack=pack_json(pack), dataset=held.manifest.to_dict(),
        submission=json.loads((order.submission / "manifest.json").read_bytes()), heads=order.heads, context=order.context | {"card": card})
    order.out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    score(evidence, order.out, own_measure=pack.measure, telemetry=run.telemetry, environment=run.environment, sandbox=run.sandbox,
          baseline=(ScoreDir(order.baseline), order.baseline_name) if order.baseline else None)
