"""What asking one set again and again is worth: best of k tries, and a voting attack on the Ladder."""
from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from eval_harness.stats.distributions import binom_cdf, norm_cdf

RULE = {"zh": "无参数 Ladder：只有平均损失的改进大于 η = s/√n 才公开新值，舍入到不小于 η 的格；只公开一个值，没有区间和分层",
        "en": "parameter-free Ladder: a new value is released only where the mean loss improves by more than η = s/√n, rounded to a "
              "grid of at least η; one value, no interval, no strata"}
BOUND_SAYS = {"zh": "经验界限：一个责任主体用这么多次查询作投票攻击之后，公开值高出真值不超过此数（99 % 的模拟），不是定理",
              "en": "empirical: after a voting attack of so many queries by one legal entity the released value lies no further above the "
                    "truth (in 99 % of simulations); no theorem"}


def best_of_k_binomial(p: float, n: int, k: int) -> float:
    """Expected largest of k independent proportions of n cases at true value p, minus p. Exact."""
    below = np.array([binom_cdf(i, n, p) for i in range(n + 1)])
    return float((n - (below[:-1] ** k).sum()) / n - p)


def best_of_k_normal(se: float, k: int) -> float:
    """The same for an estimate with standard error `se`: se times the expected largest of k standard normals."""
    grid = np.linspace(-8.5, 8.5, 3401)
    cdf = np.array([norm_cdf(float(z)) for z in grid])
    positive = grid >= 0
    step = grid[1] - grid[0]
    upper = (1 - cdf[positive] ** k).sum() - (1 - cdf[positive][0] ** k) / 2
    lower = (cdf[~positive] ** k).sum() + cdf[positive][0] ** k / 2
    return float(se * step * (upper - lower))


@cache
def voting_bound(positives: int, negatives: int, k: int, runs: int = 600, seed: int = 8, share: float = 0.99) -> float:
    """How far the value that the Ladder last released may lie above the truth, after a voting attack of k queries.

    The attacker sends random answers, keeps those that were released as better, and sends their majority; the truth of
    every such answer is 0.5 (AUC of two-valued answers). The bound is the upper 95 % confidence limit of the `share`
    quantile over simulated runs at this set's numbers: empirical, no theorem.
    """
    excess = np.sort([voting_attack(positives, negatives, k, np.random.default_rng([seed, run])) for run in range(runs)])
    place = next((r for r in range(int(share * runs), runs) if binom_cdf(r, runs, share) >= 0.95), runs - 1)
    return float(excess[place])


def ladder_card(kind: str, truths: Sequence[tuple[str, Any]], queries: int) -> dict[str, Any]:
    """The Ladder's block on the card of a validation set: rule, number of queries, empirical bound at this set's numbers.

    truths: person and reference standard of every scored case. Classes are counted where cases have one of two (for several
    labels: those of the weakest); elsewhere the attack gives two-valued answers over the persons. Numbers are rounded down to tens
    and the bound up to 0.01, so that it says no more of the classes. None where a class has fewer than ten.
    """
    if kind == "binary":
        counts = [_two_classes([value["label"] for _, value in truths])]
    elif kind == "multilabel":
        labels = sorted({label for _, value in truths for label in value["labels"]})
        counts = [_two_classes([value["labels"].get(label) for _, value in truths]) for label in labels]
    else:
        persons = len({person for person, _ in truths})
        counts = [(persons // 2, persons - persons // 2)]
    positives, negatives = (min((pair[side] for pair in counts), default=0) // 10 * 10 for side in (0, 1))
    bound = None
    if min(positives, negatives) >= 10 and queries > 1:
        bound = round(math.ceil(voting_bound(positives, negatives, queries) / 0.01 - 1e-9) * 0.01, 2)
    return {"rule": RULE, "queries": queries, "bound": bound, "share": 0.99, "bound_says": BOUND_SAYS}


def _two_classes(labels: Sequence[int | None]) -> tuple[int, int]:
    return sum(label == 1 for label in labels), sum(label == 0 for label in labels)


def voting_attack(positives: int, negatives: int, k: int, rng: np.random.Generator) -> float:
    """Last released value minus 0.5 of one attack, through the parameter-free Ladder with its grid."""
    from eval_harness.scoring.ladder import Ladder

    n = positives + negatives
    truth = np.arange(n) < positives
    ladder = Ladder()
    answers = rng.integers(0, 2, (k, n), dtype=np.int8)
    means = 1 - (answers[:, truth].mean(axis=1) + 1 - answers[:, ~truth].mean(axis=1)) / 2
    kept: list[int] = []
    for query in range(k - 1):
        if ladder.best is not None and means[query] >= ladder.best.mean():
            continue                                   # the Ladder would change nothing
        if ladder.ask(two_valued_losses(answers[query], truth)).better:
            kept.append(query)
    votes = answers[kept].sum(axis=0, dtype=np.int64) * 2 - len(kept) if kept else np.zeros(n, np.int64)
    final = np.where(votes == 0, answers[-1], votes > 0).astype(np.int8)
    ladder.ask(two_valued_losses(final, truth))
    return float(1 - ladder.shown - 0.5)


def two_valued_losses(answer: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Per-case losses whose mean is 1 - (sensitivity + specificity) / 2: the AUC of two-valued answers."""
    n, positives = len(truth), int(truth.sum())
    weight = np.where(truth, n / (2 * positives), n / (2 * (n - positives)))
    return np.asarray(weight * ((answer > 0) != truth), np.float64)
