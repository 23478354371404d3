"""What the output says of itself: a fresh file meta, UTF-8, and what was done to it (PS3.10 7.1, PS3.15 E.1.1)."""
from __future__ import annotations

from functools import lru_cache

from pipelines.phi_zone.dicom.dictionary import TAG_OF
from pipelines.phi_zone.dicom.plan import Do as _Do
from pipelines.phi_zone.dicom.plan import Plan, rule
from schemas import ps3_15

IMPLEMENTATION_CLASS_UID = "2.25.301744902514687318012476508291140718395"
IMPLEMENTATION_VERSION = "TOUCHSTONE_1"
ENGINE_VERSION = "dicom-2"


def text_element(tag: int, vr: str, text: str) -> bytes:
    """One short-form element with an even value."""
    raw = text.encode()
    raw += (b"\0" if vr == "UI" else b" ") * (len(raw) & 1)
    return rule(tag, _Do.TEXT, vr).prefix + len(raw).to_bytes(2, "little") + raw


def meta_bytes(sop_class: str, sop_instance: str, transfer_syntax: str) -> bytes:
    """Zero preamble, DICM and group 0002: no AE titles, no private information."""
    before, after = _meta_around(sop_class, transfer_syntax)
    body = before + text_element(0x00020003, "UI", sop_instance) + after
    return b"\0" * 128 + b"DICM\x02\x00\x00\x00UL\x04\x00" + len(body).to_bytes(4, "little") + body


@lru_cache(maxsize=256)
def _meta_around(sop_class: str, transfer_syntax: str) -> tuple[bytes, bytes]:
    """Group 0002 before and after the instance's own UID."""
    return (b"\x02\x00\x01\x00OB\0\0\x02\0\0\0\x00\x01" + text_element(0x00020002, "UI", sop_class),
            text_element(0x00020010, "UI", transfer_syntax) + text_element(0x00020012, "UI", IMPLEMENTATION_CLASS_UID)
            + text_element(0x00020013, "SH", IMPLEMENTATION_VERSION))


def marks(plan: Plan, pixels_cleaned: bool, features: str | None) -> dict[int, bytes]:
    """(0008,0005), (0012,0062/0063/0064), (0028,0301/0302/0303). Pixel cleaning is claimed only where it was done."""
    return _marks(plan.digest, plan.policy.policy_id, plan.policy.version, plan.policy.edition, plan.options, plan.policy.dates,
                  pixels_cleaned, features)


@lru_cache(maxsize=64)
def _marks(digest: str, policy_id: str, version: int, edition: str, options: tuple[str, ...], dates: str, pixels_cleaned: bool,
           features: str | None) -> dict[int, bytes]:
    done = [code for code in options if (code != "113101" or pixels_cleaned) and (code != "113102" or features == "NO")]
    methods = [f"PS3.15 {edition}", f"{policy_id} v{version} {digest[:12]}", f"Touchstone {ENGINE_VERSION}"]
    codes = []
    for code in done:
        codes.append(text_element(TAG_OF["CodeValue"], "SH", code) + text_element(TAG_OF["CodingSchemeDesignator"], "SH", "DCM")
                     + text_element(TAG_OF["CodeMeaning"], "LO", ps3_15.OPTIONS[code]))
    items = b"".join(b"\xfe\xff\x00\xe0" + len(code).to_bytes(4, "little") + code for code in codes)
    sequence = TAG_OF["DeidentificationMethodCodeSequence"]
    out = {
        TAG_OF["SpecificCharacterSet"]: text_element(TAG_OF["SpecificCharacterSet"], "CS", "ISO_IR 192"),
        TAG_OF["PatientIdentityRemoved"]: text_element(TAG_OF["PatientIdentityRemoved"], "CS", "YES"),
        TAG_OF["DeidentificationMethod"]: text_element(TAG_OF["DeidentificationMethod"], "LO", "\\".join(methods)),
        sequence: rule(sequence, _Do.SEQUENCE, "SQ").prefix + b"\0\0" + len(items).to_bytes(4, "little") + items,
        TAG_OF["LongitudinalTemporalInformationModified"]: text_element(
            TAG_OF["LongitudinalTemporalInformationModified"], "CS", "MODIFIED" if dates == "shift" else "REMOVED"),
    }
    if pixels_cleaned:
        out[TAG_OF["BurnedInAnnotation"]] = text_element(TAG_OF["BurnedInAnnotation"], "CS", "NO")
    if features is not None:
        out[TAG_OF["RecognizableVisualFeatures"]] = text_element(TAG_OF["RecognizableVisualFeatures"], "CS", features)
    return out
