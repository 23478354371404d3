"""Which hospitals still have released rows that other policies made than they name today: what `touchstone status` tells of them."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eval_harness.base import Issue, WrongUsage
from pipelines.engines.base import Engine
from pipelines.phi_zone import reclean
from pipelines.phi_zone.stamp import stamps_of
from schemas.home import Home
from schemas.shapes.site import Site


def outdated(engine: Engine, home: Home, sites: Iterable[Mapping[str, Any]]) -> dict[str, tuple[int | None, list[Issue]]]:
    """site_id of each registered hospital → (released rows that other rules made, what a steward is told of them). Where a policy
    that the hospital names cannot be read, nobody can say: None, and what is wrong with it."""
    made = reclean.made_by(engine, home)
    found: dict[str, tuple[int | None, list[Issue]]] = {}
    for row in sites:
        site_id = row["site_id"]
        try:
            others = reclean.of_other_rules(made, site_id, stamps_of(Site.model_validate(row["body"])))
        except WrongUsage as wrong:
            found[site_id] = (None, [wrong.issue])
            continue
        found[site_id] = (sum(others.values()), reclean.told(site_id, others))
    return found
