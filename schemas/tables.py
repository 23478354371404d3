"""Every Delta table: its columns, key, partitions and the sentence that says what a row is (design/ledger-and-tables).

`m` is the month (YYYY-MM) a unit was first listed, fixed for ever, so that every merge prunes. `row_sha256` is the
engine's: SHA-256 over the row without it, as sorted JSON; an unchanged row is not written again.
"""
from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from schemas.dicom_columns import HEADER_COLUMNS

TIME = pa.timestamp("us", tz="UTC")
ISSUE = pa.struct([(name, pa.utf8()) for name in
                   ("code", "severity", "where", "message_zh", "message_en", "hint_zh", "hint_en")])
ISSUES = pa.list_(ISSUE)
OBJECT = pa.struct([("zone", pa.utf8()), ("digest", pa.utf8()), ("offset", pa.int64()), ("length", pa.int64())])
"""A stretch of bytes somewhere: zone landing | staged | parts; digest names the object (for landing: site/receipt/segment)."""


@dataclass(frozen=True)
class Table:
    name: str
    zone: str
    """phi | ledger | deid: which part of the home it lives in (ledger and deid share the de-identified side)."""
    columns: pa.Schema
    key: tuple[str, ...]
    partition_by: tuple[str, ...]
    doc_zh: str
    doc_en: str
    newer: str = ""
    """Column whose larger value wins in an upsert; empty = the incoming row wins."""
    append_only: bool = False

    @property
    def schema(self) -> pa.Schema:
        return self.columns.append(pa.field("row_sha256", pa.utf8()))

    @property
    def folder(self) -> str:
        return self.name.replace(".", "/")


def _schema(*columns: tuple[str, pa.DataType]) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns])


UNIT = (("site_id", pa.utf8()), ("kind", pa.utf8()), ("unit_token", pa.utf8()), ("seq", pa.int32()))
UNIT_KEY = tuple(name for name, _ in UNIT)

SUBJECT_KEY = Table("phi.subject_key", "phi", _schema(
    ("site_id", pa.utf8()), ("token", pa.utf8()), ("subject", pa.utf8()), ("sealed", pa.binary()), ("updated_at", TIME)),
    ("site_id", "token"), ("site_id",),
    "来源系统患者引用的令牌与主体假名的对应；身份内容加密在 sealed 列。",
    "Token of a source's patient reference, and the subject it means; what identifies is encrypted in `sealed`.", "updated_at")
IDENTITY_TOKEN = Table("phi.identity_token", "phi", _schema(
    ("bucket", pa.int32()), ("token_kind", pa.utf8()), ("token", pa.utf8()), ("site_id", pa.utf8()), ("subject", pa.utf8())),
    ("bucket", "token_kind", "token", "subject"), ("bucket",),
    "证件号等的密钥令牌与主体；跨院同一人由此识别。",
    "Keyed token of a national identifier, and a subject that bears it; the same person across hospitals is found by it.")
LANDING_INDEX = Table("phi.landing_index", "phi", _schema(
    *UNIT, ("m", pa.utf8()), ("receipt_id", pa.utf8()), ("op", pa.utf8()), ("object", OBJECT), ("media_type", pa.utf8()),
    ("subject_token", pa.utf8()), ("series_token", pa.utf8()),
    ("content_token", pa.utf8()), ("version_token", pa.utf8()), ("sealed", pa.binary()),
    ("landed_at", TIME)),
    UNIT_KEY, ("site_id", "m"),
    "落地的原始单元在加密段中的位置；来源位置加密在 sealed 列。",
    "Where a landed unit lies in the sealed segments; its place at the source is encrypted in `sealed`.")
CLAIM = Table("ledger.claim", "ledger", _schema(
    *UNIT, ("op", pa.utf8()), ("group_token", pa.utf8()), ("source", pa.utf8()), ("basis", pa.utf8()), ("expected_on", pa.date32()),
    ("m", pa.utf8()), ("receipt_id", pa.utf8()), ("version_token", pa.utf8()), ("claimed_at", TIME)),
    UNIT_KEY, ("site_id", "m"),
    "来源承诺的一个单元：取回之前写下，永不修改。",
    "One unit a source promised: written before it is fetched and never changed.", append_only=True)
EVENT = Table("ledger.event", "ledger", _schema(
    ("event_id", pa.utf8()), *UNIT, ("m", pa.utf8()), ("state", pa.utf8()), ("reason", pa.utf8()), ("commit_id", pa.utf8()),
    ("receipt_id", pa.utf8()), ("filled_kind", pa.utf8()), ("filled_token", pa.utf8()), ("filled_seq", pa.int32()), ("at", TIME)),
    ("event_id",), ("site_id", "m"),
    "一个单元发生过的一件事：已落地、已发布、已隔离、已拒绝、重复送达、作废；bound 说明编号位由哪个单元填上（filled_*）。",
    "One thing that happened to a unit: landed, released, quarantined, rejected, duplicate, void; `bound` says which unit "
    "(filled_*) filled a numbered slot.", append_only=True)
STATE = Table("ledger.state", "ledger", _schema(
    *UNIT, ("op", pa.utf8()), ("group_token", pa.utf8()), ("basis", pa.utf8()), ("expected_on", pa.date32()), ("m", pa.utf8()),
    ("state", pa.utf8()), ("reason", pa.utf8()), ("current", pa.bool_()), ("changed_at", TIME)),
    UNIT_KEY, ("site_id", "m"),
    "每个单元的现状，由承诺与事件推出，可随时重建。",
    "How each unit stands now, derived from claims and events; can be rebuilt at any time.", "changed_at")
INSTANCE = Table("deid.instance", "deid", _schema(
    ("site_id", pa.utf8()), ("sop_instance_uid", pa.utf8()), ("series_instance_uid", pa.utf8()), ("study_instance_uid", pa.utf8()),
    ("subject", pa.utf8()), ("m", pa.utf8()), ("unit_token", pa.utf8()), ("seq", pa.int32()), ("part", OBJECT),
    ("policy", pa.utf8()), ("pixel_token", pa.utf8()), ("boxes_hidden", pa.int32()),
    *[(name, kind) for name, kind in HEADER_COLUMNS if name not in
      ("sop_instance_uid", "series_instance_uid", "study_instance_uid")]),
    ("site_id", "sop_instance_uid"), ("site_id", "m"),
    "一个去标识化后的 DICOM 实例：字节在 part 指向的位置。",
    "One de-identified DICOM instance; its bytes lie where `part` says.", "seq")
SERIES = Table("deid.series", "deid", _schema(
    ("site_id", pa.utf8()), ("series_instance_uid", pa.utf8()), ("study_instance_uid", pa.utf8()), ("subject", pa.utf8()),
    ("m", pa.utf8()), ("modality", pa.utf8()), ("instances", pa.int32()), ("bytes", pa.int64()), ("series_description", pa.utf8()),
    ("body_part_examined", pa.utf8()), ("manufacturer", pa.utf8()), ("manufacturer_model_name", pa.utf8()),
    ("slice_thickness", pa.float64()), ("rows", pa.int32()), ("columns", pa.int32())),
    ("site_id", "series_instance_uid"), ("site_id", "m"),
    "一个序列及其各实例共有的属性。", "One series and the attributes its instances share.")
STUDY = Table("deid.study", "deid", _schema(
    ("site_id", pa.utf8()), ("study_instance_uid", pa.utf8()), ("subject", pa.utf8()), ("study_date", pa.utf8()),
    ("modalities", pa.utf8()), ("series", pa.int32()), ("instances", pa.int32()), ("bytes", pa.int64()), ("study_description", pa.utf8()),
    ("patient_sex", pa.utf8()), ("patient_age", pa.utf8())),
    ("site_id", "study_instance_uid"), ("site_id",),
    "一个检查。", "One study.")
PART = Table("deid.part", "deid", _schema(
    ("site_id", pa.utf8()), ("digest", pa.utf8()), ("m", pa.utf8()), ("bytes", pa.int64()), ("members", pa.int32()),
    ("study_instance_uid", pa.utf8()), ("series_instance_uid", pa.utf8()), ("live", pa.bool_()), ("written_at", TIME)),
    ("site_id", "digest"), ("site_id", "m"),
    "一个打包对象（未压缩 tar），按摘要寻址。", "One packed object (uncompressed tar), addressed by its digest.")
FHIR_RESOURCE_COLUMNS = (("site_id", pa.utf8()), ("id", pa.utf8()), ("subject", pa.utf8()), ("m", pa.utf8()),
                         ("unit_token", pa.utf8()), ("seq", pa.int32()), ("policy", pa.utf8()), ("resource", pa.utf8()))
PERSON_LINK = Table("deid.person_link", "deid", _schema(
    ("subject", pa.utf8()), ("site_id", pa.utf8()), ("person", pa.utf8()), ("day_offset", pa.int32()), ("revision", pa.int32())),
    ("subject",), (),
    "主体属于哪个人，以及与此人时间轴的天数差。",
    "Which person a subject is, and its day difference to that person's time line.", "revision")
IMAGING_LINK = Table("deid.imaging_link", "deid", _schema(
    ("site_id", pa.utf8()), ("study_instance_uid", pa.utf8()), ("resource_type", pa.utf8()), ("resource_id", pa.utf8()),
    ("subject", pa.utf8()), ("basis", pa.utf8())),
    ("site_id", "study_instance_uid", "resource_type", "resource_id"), ("site_id",),
    "检查与记录（ImagingStudy、DiagnosticReport 等）的联系。", "A study and the records about it (ImagingStudy, DiagnosticReport, ...).")
QUARANTINE = Table("deid.quarantine", "ledger", _schema(
    *UNIT, ("m", pa.utf8()), ("number", pa.int64()), ("step", pa.utf8()), ("code", pa.utf8()), ("issues", ISSUES),
    ("receipt_id", pa.utf8()), ("run_id", pa.utf8()), ("state", pa.utf8()), ("reason", pa.utf8()), ("at", TIME)),
    UNIT_KEY, ("site_id", "m"),
    "等待处理的单元：地点、规则、双语说明、建议；没有身份信息。",
    "A unit that waits for a person: place, rule, words in two languages, advice; no identity.", "at")
ISSUE_ROW = Table("deid.issue", "deid", _schema(
    *UNIT, ("m", pa.utf8()), ("number", pa.int32()), ("code", pa.utf8()), ("severity", pa.utf8()), ("where", pa.utf8()),
    ("receipt_id", pa.utf8())),
    (*UNIT_KEY, "number"), ("site_id", "m"),
    "已发布单元上的提醒。", "A remark on a unit that was released.")
TOMBSTONE = Table("deid.tombstone", "deid", _schema(
    ("site_id", pa.utf8()), ("kind", pa.utf8()), ("unit_token", pa.utf8()), ("target", pa.utf8()), ("object_digest", pa.utf8()),
    ("reason", pa.utf8()), ("commit_id", pa.utf8()), ("at", TIME)),
    ("site_id", "kind", "unit_token", "target"), ("site_id",),
    "被来源或撤回删除的单元；字节已清除。", "A unit deleted by its source or withdrawn; its bytes are gone.")


def fhir_table(resource_type: str) -> Table:
    """The table of one FHIR resource type: deid.fhir_<type in lower case>."""
    return Table(f"deid.fhir_{resource_type.lower()}", "deid", _schema(*FHIR_RESOURCE_COLUMNS), ("site_id", "id"),
                 ("site_id", "m") if resource_type == "Observation" else ("site_id",),
                 f"去标识化后的 FHIR {resource_type}。", f"De-identified FHIR {resource_type}.", "seq")


TABLES: dict[str, Table] = {table.name: table for table in (
    SUBJECT_KEY, IDENTITY_TOKEN, LANDING_INDEX, CLAIM, EVENT, STATE, INSTANCE, SERIES, STUDY, PART, PERSON_LINK, IMAGING_LINK,
    QUARANTINE, ISSUE_ROW, TOMBSTONE)}
