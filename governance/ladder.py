"""The Ladder of a validation set, kept for each legal entity on each set version. `ask` runs in the scorer's process only.

The state holds the best try's losses by person, so it lies in `sealed/`; what leaves is one value on a grid, without interval.
An evaluation that is asked again is told what it was told the first time.
"""
from __future__ import annotations

import fcntl
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from eval_harness.base import Estimate, canonical
from eval_harness.scoring.compare import estimator_of
from eval_harness.scoring.directory import ScoreDir
from eval_harness.scoring.estimates import Estimator
from eval_harness.scoring.ladder import Ladder, own_sd, paired_sd, person_losses, released, smooth
from eval_harness.testset.layout import CARD, SetManifest
from eval_harness.testset.seal import write_private
from governance.desk import Desk

Row = dict[str, Any]
EMPTY: Row = {"told": {}, "best": None, "losses": {}, "shown": None}


def bounded(desk: Desk, manifest: SetManifest) -> bool:
    """Whether the set's card has a Ladder bound: with fewer than ten persons of a class the values themselves would name labels."""
    card = json.loads((desk.home.frozen / manifest.set_id / manifest.version / CARD).read_bytes())
    return (card.get("ladder") or {}).get("bound") is not None


def ask(state: Path, evaluation_id: str, score_of: Callable[[str], ScoreDir]) -> Row:
    """The released estimate of one scored evaluation; moves the entity's ladder where the try was really better.

    state: the entity's file for this set version. score_of: the score folder of an evaluation. Everything is measured over all
    scored cases, whatever population the device claims, so that no claim of a population becomes a stratum.
    """
    state.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with state.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = json.loads(state.read_bytes()) if state.exists() else {**EMPTY, "told": {}}
        if evaluation_id not in held["told"]:
            held = _asked(held, evaluation_id, score_of)
            write_private(state, canonical(held))
    return dict(held["told"][evaluation_id])


def _asked(held: Row, evaluation_id: str, score_of: Callable[[str], ScoreDir]) -> Row:
    estimator = estimator_of(score_of(evaluation_id))
    spec = next(one for one in estimator.pack["estimates"] if one["id"] == estimator.pack["primary"])
    persons = sorted(estimator.persons)
    losses = person_losses(estimator, spec)
    if not np.isfinite(losses).all():
        told = Estimate.absent(spec["id"], "ladder_undefined", role="exploratory").to_dict()
        return {**held, "told": {**held["told"], evaluation_id: told}}
    best = None if held["best"] is None else np.array([held["losses"][person] for person in persons])
    ladder = Ladder(best, math.inf if held["shown"] is None else float(held["shown"]))
    release = ladder.ask(losses, None if smooth(spec) else _rough_step(estimator, spec, held["best"], score_of))
    told = released(spec["id"], release, len(persons)).to_dict()
    out = {**held, "told": {**held["told"], evaluation_id: told}}
    if release.better:
        out |= {"best": evaluation_id, "losses": dict(zip(persons, losses.tolist(), strict=True)), "shown": ladder.shown}
    return out


def _rough_step(estimator: Estimator, spec: Row, best: str | None, score_of: Callable[[str], ScoreDir]) -> float:
    """The step of a metric that is not smooth: the bootstrap's standard deviation of the difference to the best try."""
    if best is None:
        return own_sd(estimator, spec)
    return paired_sd(estimator, estimator_of(score_of(best), frozenset(estimator.persons)), spec)
