"""Task `repeatability`: one row a subject, one numeric column a run."""
from __future__ import annotations

from typing import Any

import numpy as np

from eval_harness.conformance.casefiles import Case, as_numbers, column, read_table, refuse
from eval_harness.stats.icc import icc_families
from eval_harness.stats.repeatability import concordance, limits_of_agreement, repeatability


def compute(case: Case) -> dict[str, Any]:
    table = read_table(case.one(".csv"))
    words = ("case", "subject", "id", "patient", "nodule")
    runs = {name: values for name in table[0]
            if name.lower() not in words and (values := as_numbers(column(table, name))) is not None}
    if len(runs) < 2:
        raise refuse("CNF-008", case.name, missing="run1, run2")
    x, (first, second) = np.stack(list(runs.values()), axis=1), list(runs)[:2]
    found, limits = repeatability(x), limits_of_agreement(runs[first], runs[second])
    return {
        "wsd": found.wsd, "repeatability_coefficient": found.rc, "rc_ci95": [found.rc_lower, found.rc_upper],
        "wcv_rms": found.wcv_rms,
        f"bland_altman_{first}_{second}": {"bias": limits.bias, "sd": limits.sd, "loa": [limits.lower, limits.upper],
                                           "bias_ci95_t": [limits.bias_lower, limits.bias_upper]},
        f"ccc_lin_{first}_{second}": concordance(runs[first], runs[second]),
        "icc": {name: one.value for name, one in icc_families(x).items()},
    }
