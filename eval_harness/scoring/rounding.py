"""Steps that a published number is rounded to, so that no case shows through it."""
from __future__ import annotations

import math

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)


def near(value: float, step: float) -> float:
    return round(round(value / step) * step, 10)


def down(value: float, step: float) -> float:
    return round(math.floor(value / step + 1e-9) * step, 10)


def up(value: float, step: float) -> float:
    return round(math.ceil(value / step - 1e-9) * step, 10)


def step_for(n_eff: int, cell: int) -> float | None:
    """The finest published step that holds `cell` units of the smaller class; None where even the coarsest does not."""
    return next((step for step in STEPS if step * n_eff >= cell), None)
