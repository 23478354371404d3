"""Makes one Airflow pool a hospital, with as many slots as connections the hospital allows: `python -m dags.pools`.

Run it after `touchstone site add`; running it again only corrects the slots.
"""
from __future__ import annotations

import sys

from dags.library import pool_of


def wanted() -> dict[str, tuple[int, str]]:
    """Pool name → (slots, description) for every hospital that is not retired."""
    from governance import registry
    from governance.store import open_store
    from pipelines.settings import settings

    store = open_store(settings().store_url)
    try:
        return {pool_of(row["site_id"]): (int(row["body"]["limits"]["max_connections"]), f"Touchstone site {row['site_id']}")
                for row in registry.sites(store) if row["state"] != "retired"}
    finally:
        store.close()


def main() -> int:
    from airflow.models.pool import Pool

    for name, (slots, description) in wanted().items():
        Pool.create_or_update_pool(name=name, slots=slots, description=description, include_deferred=False)
        print(f"{name}: {slots}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
