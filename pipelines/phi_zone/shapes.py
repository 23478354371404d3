"""Rows between the steps of flow A: what deidentify takes and gives. Everything here stays in the PHI zone's staging."""
from __future__ import annotations

import pyarrow as pa

from pipelines.engines.base import STEP_COLUMNS
from schemas.dicom_columns import HEADER_COLUMNS
from schemas.tables import OBJECT, UNIT

UNIT_COLUMNS = (*UNIT, ("m", pa.utf8()), ("receipt_id", pa.utf8()))
LANDED = pa.schema([pa.field("row_id", pa.binary(16)), *[pa.field(*c) for c in UNIT_COLUMNS],
                    pa.field("object", OBJECT), pa.field("subject", pa.utf8()), pa.field("known", pa.binary()),
                    pa.field("series_token", pa.utf8())])
"""One landed unit: where its sealed bytes are, the subject its reference resolved to (or null), what is known of that
patient (sealed under the purpose "known")."""
DEID_INSTANCE = pa.schema([
    *[pa.field(*c) for c in STEP_COLUMNS], *[pa.field(*c) for c in UNIT_COLUMNS],
    pa.field("subject", pa.utf8()), pa.field("staged", OBJECT), pa.field("policy", pa.utf8()), pa.field("pixel_token", pa.utf8()),
    pa.field("boxes_hidden", pa.int32()), pa.field("actions", pa.utf8()),
    *[pa.field(name, pa.utf8()) for name in ("study_instance_uid", "series_instance_uid", "sop_instance_uid")],
    *[pa.field(name, kind) for name, kind in HEADER_COLUMNS
      if name not in ("sop_instance_uid", "series_instance_uid", "study_instance_uid")]])
DEID_RESOURCE = pa.schema([
    *[pa.field(*c) for c in STEP_COLUMNS], *[pa.field(*c) for c in UNIT_COLUMNS],
    pa.field("subject", pa.utf8()), pa.field("policy", pa.utf8()), pa.field("resource_type", pa.utf8()), pa.field("id", pa.utf8()),
    pa.field("actions", pa.utf8()), pa.field("resource", pa.utf8())])
"""actions: elements by what was done with them, as JSON; counted into the batch's report."""
