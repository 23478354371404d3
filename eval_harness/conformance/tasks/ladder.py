"""Task `adaptive_leaderboard`: y[n] and submissions[rounds, n] of 0/1 labels in an NPZ."""
from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from eval_harness.conformance.casefiles import Case, read_arrays
from eval_harness.conformance.defaults import defaults
from eval_harness.stats import ladder


def compute(case: Case) -> dict[str, Any]:
    arrays = read_arrays(case.one(".npz"))
    rounds = next(v for v in arrays.values() if v.ndim == 2)
    truth = next(v for v in arrays.values() if v.ndim == 1)
    losses = (rounds != truth).astype(np.float64)
    digits = round(math.log10(losses.shape[1]))
    told = [match[1] for name in case.wanted if (match := re.match(r"fixed_ladder_eta_(\d+_\d+)", name))]
    out: dict[str, Any] = {"raw_zero_one_loss": losses.mean(axis=1).tolist(),
                           "parameter_free_ladder": ladder.parameter_free(losses).tolist()}
    for key in dict.fromkeys(told + defaults(case.task)["eta"]):
        eta = float(key.replace("_", "."))
        released = ladder.fixed(losses, eta, digits).tolist()
        out[f"fixed_ladder_eta_{key}"] = released
        out[f"fixed_ladder_eta_{key}_rounded_to_int_log10_n"] = released
    return out
