"""Age bands of every report: paediatric ages are never pooled with adults."""
from __future__ import annotations

import math

AGE_BANDS = ((1, "<1"), (6, "1-5"), (13, "6-12"), (18, "13-17"), (45, "18-44"), (60, "45-59"), (75, "60-74"), (math.inf, "75+"))
"""(below, name), years."""


def age_band(age_years: float) -> str:
    """The band of an age in years; `unknown` for NaN or a negative age."""
    if math.isnan(age_years) or age_years < 0:
        return "unknown"
    return next(name for below, name in AGE_BANDS if age_years < below)
