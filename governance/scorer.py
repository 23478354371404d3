"""Scoring happens in a process of its own: it is the only one that ever holds the reference standard of a sealed set."""
from __future__ import annotations

import concurrent.futures
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
    plan: Path
    out: Path
    heads: dict[str, Any]
    context: dict[str, Any]
    baseline: Path | None
    baseline_name: str
    ladder: Path | None
    """The entity's ladder on this set; only where the set is one of tier validation."""


def apart(desk: Desk, evaluation: dict[str, Any], heads: dict[str, Any], context: dict[str, Any], *,
          ladder: bool = False) -> dict[str, Any] | None:
    """Score one evaluation in a fresh process; its errors come back as they are.

    ladder: the set is one of tier validation; gives the one estimate that may be released, else None.
    """
    evaluation_id, place = evaluation["evaluation_id"], (evaluation["dataset_id"], evaluation["dataset_version"])
    other = evaluation["facts"].get("compare")
    order = Order(
        run=desk.run_folder(evaluation_id), dataset=desk.home.frozen.joinpath(*place), sealed=desk.home.sealed.joinpath(*place),
        plan=desk.plan_file(evaluation_id),
        out=desk.score_folder(evaluation_id), heads=heads, context=context,
        baseline=desk.score_folder(other) if other else None, baseline_name=_device(desk, other) if other else "",
        ladder=desk.ladder_file(evaluation) if ladder else None)
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as child:
        return child.submit(_score, order).result()


def _device(desk: Desk, evaluation_id: str) -> str:
    row = registry.submission(desk.store, registry.evaluation(desk.store, evaluation_id)["submission_id"])
    return f"{row['device_family']} {row['device_version']}"


def _score(order: Order) -> dict[str, Any] | None:
    """In the child: open truth, measure, write the score folder, ask the Ladder where there is one."""
    from eval_harness.scoring.directory import ScoreDir
    from eval_harness.scoring.gather import score_run

    order.out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    score_run(order.run, order.dataset, order.sealed if order.sealed.exists() else None, order.plan, order.out,
              heads=order.heads, context=order.context, baseline=(order.baseline, order.baseline_name) if order.baseline else None)
    if order.ladder is None:
        return None
    from governance import ladder

    return ladder.ask(order.ladder, order.out.name, lambda evaluation_id: ScoreDir(order.out.with_name(evaluation_id)))
