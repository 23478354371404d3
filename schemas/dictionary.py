"""Writes `docs/dictionary.md`: every table, its columns, key and partitions, and every field of the files people write.

    python -m schemas.dictionary            writes the page
    python -m schemas.dictionary --check    exit 1 when the page on disk is not what would be written
"""
from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel

from schemas.tables import TABLES, Table, fhir_table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "dictionary.md"
FILES = (("schemas.shapes.site", "Site", "医院文件 site file"), ("schemas.shapes.dataset", "DatasetSpec", "数据集文件 dataset file"),
         ("schemas.shapes.dicom_policy", "DicomPolicy", "DICOM 策略 DICOM policy"),
         ("schemas.shapes.fhir_policy", "FhirPolicy", "FHIR 策略 FHIR policy"),
         ("schemas.shapes.text_policy", "TextPolicy", "文本策略 text policy"))


def page() -> str:
    """The whole page as Markdown."""
    parts = ["# 数据字典 Data dictionary", "",
             "Made from `schemas/` by `make docs`; do not edit. 由 `make docs` 从 `schemas/` 生成，请勿手改。", "",
             "`m` is the month a unit was first listed (partition); `row_sha256` is the engine's own. "
             "PHI tables hold keyed tokens and one encrypted column, never an identity.", "", "## 表 Tables", ""]
    for table in (*TABLES.values(), fhir_table("<type>")):
        parts += table_section(table)
    parts += ["## 文件 Files people write", ""]
    for module, name, title in FILES:
        parts += [f"### {title} (`{name}`)", "", "| field | type | default | meaning |", "|---|---|---|---|",
                  *model_rows(getattr(import_module(module), name), ""), ""]
    return "\n".join(parts).rstrip() + "\n"


def table_section(table: Table) -> list[str]:
    """Heading, sentence in both languages, key and a row a column."""
    kind = "append-only" if table.append_only else "upsert"
    return [f"### `{table.name}`", "", table.doc_zh, table.doc_en, "",
            f"key: {', '.join(table.key)} · partition: {', '.join(table.partition_by) or 'none'} · zone: {table.zone} · {kind}", "",
            "| column | type |", "|---|---|", *(f"| `{field.name}` | {shown(field.type)} |" for field in table.schema), ""]


def shown(kind: pa.DataType) -> str:
    return str(kind).replace("string", "utf8").replace("|", "\\|")


def model_rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """One row a field, nested records indented by their path."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        default = "required" if field.is_required() else f"`{field.get_default(call_default_factory=True)!r}`"[:60]
        inner = _record_in(field.annotation)
        kind = "record" if inner else str(field.annotation).replace("typing.", "").replace("|", "\\|")
        meaning = " ".join((field.description or "").split())
        yield f"| `{path}` | {kind if len(kind) < 70 else kind[:67] + '…'} | {'' if inner else default} | {meaning} |"
        if inner is not None and prefix.count(".") < 3:
            yield from model_rows(inner, path + ".")


def _record_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _record_in(part)
        if found is not None:
            return found
    return None


def main() -> int:
    written = page()
    if "--check" in sys.argv:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == written else 1
    PAGE.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
