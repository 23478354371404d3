"""What a commit will do, worked out before anything is written: new, changed, unchanged and older rows by key.

Both engines ask the same SQL, so that an unchanged night writes nothing and makes no version.
"""
from __future__ import annotations

from schemas.tables import Table


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def same_key(table: Table, left: str, right: str) -> str:
    names = dict.fromkeys((*table.key, *table.partition_by))
    return " AND ".join(f"{left}.{quoted(name)} = {right}.{quoted(name)}" for name in names)


def verdict_sql(table: Table, columns: list[str]) -> str:
    """Rows of `source` with `verdict`: new | changed | same | older, against the `stored` rows of the same partitions.

    `columns` are given back beside it. A row is older when the table has a `newer` column and the stored value is larger.
    """
    older = (f"WHEN s.{quoted(table.newer)} IS NOT NULL AND t.{quoted(table.newer)} IS NOT NULL"
             f" AND s.{quoted(table.newer)} < t.{quoted(table.newer)} THEN 'older'") if table.newer else ""
    listed = ", ".join(f"s.{quoted(name)} AS {quoted(name)}" for name in columns)
    return (f"SELECT {listed}, CASE WHEN t.{quoted(table.key[0])} IS NULL THEN 'new' "
            f"WHEN s.row_sha256 = t.row_sha256 THEN 'same' {older} ELSE 'changed' END AS verdict "
            f"FROM source s LEFT JOIN stored t ON {same_key(table, 's', 't')}")


def stored_columns(table: Table) -> list[str]:
    """What must be read of the stored rows to decide."""
    return list(dict.fromkeys((*table.key, *table.partition_by, *([table.newer] if table.newer else []), "row_sha256")))
