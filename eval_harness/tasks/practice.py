"""Practice sets out of a task pack's own generator."""
from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

from eval_harness.tasks.pack import Pack, SyntheticCase
from eval_harness.testset import SetManifest, write_set


def write_practice_set(pack: Pack, out: Path, *, n: int, seed: int) -> SetManifest:
    """`n` made-up cases with their reference standard inside. The same pack, seed and n give the same bytes."""
    made = (_fixed(case, pack.id, seed) for case in pack.synthetic(seed, n))
    card = {"title": {"zh": f"任务包 {pack.id} 的练习集", "en": f"Practice set of {pack.id}"}, "made_up": True, "seed": seed, "cases": n,
            "note": {"zh": "由程序生成，不说明模型的好坏。", "en": "Generated; says nothing about a model's quality."}}
    return write_set(out, out.parent, set_id=f"practice-{pack.id}", version=str(seed), task=pack.id, cases=made,
                     visibility="practice", card=card, provenance={"pack": pack.digest, "seed": seed})


def _fixed(case: SyntheticCase, task: str, seed: int) -> SyntheticCase:
    """Token and salt from case id and seed: practice sets hide nothing and should be the same everywhere."""
    inputs, key, truth = case
    token, salt = (hashlib.sha256(f"{what}\0{task}\0{seed}\0{key.case_id}".encode()).hexdigest() for what in ("token", "salt"))
    return inputs, dataclasses.replace(key, token=token[:32]), dataclasses.replace(truth, salt=salt)
