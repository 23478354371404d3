"""The USB disk of the third hospital: nested folders, odd file names, no extensions, things that are no records at all.

The disk comes back every night with its current holdings in place, as from a synchronising copy; records that were deleted at the
hospital are told by a FHIR transaction Bundle of DELETE entries.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from simulator.dicom_files import Instance
from simulator.resources import Resource
from simulator.story import Shelf

STRAY = {"AUTORUN.INF": b"[autorun]\r\nlabel=PACS EXPORT\r\n", "说明.txt": "影像资料，请勿外传。\r\n".encode("gb18030")}
IN_BUNDLE = ("Organization", "Practitioner")


def write_drop(folder: Path, shelf: Shelf) -> None:
    """Make `folder` hold what the shelf holds. Files are written beside and renamed, so that a reader never sees half of one."""
    files = dict(STRAY.items())
    for position, instance in enumerate(shelf.instances.values()):
        files[_dicom_name(position, instance)] = instance.data
    by_type: dict[str, list[Resource]] = {}
    for resource in shelf.resources.values():
        by_type.setdefault(resource["resourceType"], []).append(resource)
    for kind, members in by_type.items():
        if kind not in IN_BUNDLE:
            files[f"导出 数据/{kind}_全部.ndjson"] = b"\n".join(_json(resource) for resource in members) + b"\n"
    entries: list[dict[str, Any]] = [{"resource": resource} for kind in IN_BUNDLE for resource in by_type.get(kind, [])]
    files["导出 数据/机构人员"] = _json({"resourceType": "Bundle", "type": "collection", "entry": entries})
    if shelf.deleted:
        gone = [{"request": {"method": "DELETE", "url": key}} for key in shelf.deleted]
        files["导出 数据/删除.json"] = _json({"resourceType": "Bundle", "type": "transaction", "entry": gone})
    for name, data in files.items():
        target = folder / name
        if target.is_file() and target.read_bytes() == data:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name("~" + target.name)
        beside.write_bytes(data)
        beside.replace(target)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).as_posix() not in files:
            path.unlink()


def _dicom_name(position: int, instance: Instance) -> str:
    """Names as exporting stations choose them; some hold the patient's name or number, some have no extension."""
    study, number = instance.study_instance_uid.split(".")[-1], int(instance.query["InstanceNumber"])
    patient = instance.query["PatientName"].partition("=")[2].replace("^", "") or instance.query["PatientName"].replace("^", "_")
    return {
        "CT": f"DICOM/{patient} CT {study}/ser.1/{number:08d}",
        "DX": f"DR/{instance.query['PatientID']}-{study}{'.dcm' if int(study) % 3 else '.DCM'}",
        "US": f"US {instance.query['StudyDate']}/IM_{number:04d}.{study}.v2",
    }.get(instance.modality, f"其他/{instance.modality}{study}")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
