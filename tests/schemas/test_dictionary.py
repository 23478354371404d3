"""The data dictionary is made from the schemas and says what they say today."""
from __future__ import annotations

from schemas.dictionary import PAGE, page
from schemas.tables import TABLES


def test_the_page_on_disk_is_the_one_that_would_be_written():
    assert PAGE.read_text(encoding="utf-8") == page(), "type: make docs"


def test_every_table_and_column_is_in_it():
    text = page()
    for table in TABLES.values():
        assert f"### `{table.name}`" in text
        assert table.doc_zh in text
        for field in table.schema:
            assert f"| `{field.name}` |" in text


def test_no_identity_column_stands_in_a_phi_table():
    identifying = {"patient_name", "patient_id", "mrn", "name", "birth_date", "address", "telecom", "resident_id", "path"}
    for table in TABLES.values():
        assert identifying.isdisjoint(table.schema.names)
