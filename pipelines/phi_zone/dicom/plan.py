"""A policy compiled to one rule per tag, so that the rewriter asks one dictionary once per element.

What the policy does not name is removed; where Table E.1-1 demands a dummy or an empty value instead of a removal (D, Z and the
conditionals with them), that is what it becomes, so that the object stays valid.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import Any

from eval_harness.base.canonical import digest
from pipelines.phi_zone.dicom.dictionary import ALLOWED_OF, KEYWORD_OF, TAG_OF, VR_OF, words
from schemas import ps3_15
from schemas.shapes.dicom_policy import DicomPolicy


class Do(IntEnum):
    NUMBER = 1      # DS, IS that is a number
    CODE = 2        # CS that is a code
    BINARY = 3      # length a multiple of the word
    TEXT = 4        # kept when it is technical; else cleaned
    CLEAN = 5
    DATE = 6
    DATETIME = 7
    TIME = 8
    UID = 9
    AGE = 10
    SEQUENCE = 11
    EMPTY = 12
    DUMMY = 13
    TOKEN = 14
    SUBJECT = 15
    CLASS_UID = 16  # a registered UID: SOP class, coding scheme, transfer syntax
    CONTENT = 17    # content items of structured reports and acquisition context
    MEANING = 18    # Code Meaning: by its code, else cleaned
    CODED = 19      # a code of a terminology
    LINK = 20       # a name that other elements point at
    PROFILE = 21    # an ICC profile: its numbers
    SIDE = 22       # a side, sex or position: a code of four letters or of clinical words
    SMALL = 23      # DS that is never eight digits long: a weight, a distance, a voltage


@dataclass(frozen=True)
class Rule:
    do: Do
    vr: str
    """As written; XS, OX, XO, XW: as the source says."""
    prefix: bytes
    """Group, element and, where fixed, VR: the first bytes of the element written."""
    fallback: bytes | None = None
    """What a text becomes that cannot be cleaned: a dummy where one is required, else empty; None: the element goes."""


@dataclass(frozen=True)
class Plan:
    policy: DicomPolicy
    digest: str
    rules: dict[int, Rule]
    in_datasets: dict[int, Rule]
    """Those of elements that may stand in a data set of an image or report."""
    private: dict[tuple[str, int], dict[int, str]]
    """(creator, group) → place in block → VR."""
    options: tuple[str, ...]
    shared: dict[tuple[int, str, bytes], Any] = field(default_factory=dict, compare=False, repr=False)
    """What values became under this plan that hold nobody's identity (treat.Shared)."""


DUMMY_TEXT = "REMOVED"
_GONE_RATHER_THAN_EMPTY = frozenset(("ReferencedStudySequence", "ReferencedPerformedProcedureStepSequence", "InstitutionCodeSequence"))
"""Sequences that no object needs and that may not be empty (PS3.3: one or more items)."""
_NEVER = frozenset((*range(0x5000, 0x5100), *range(0x6000, 0x6100), 0x0002, 0x0004, 0xFFFA, 0xFFFC))
"""Groups that no policy can keep: curves, overlays, directory records, signatures, padding."""
CLASS_UIDS = frozenset(TAG_OF[word] for word in words("""
SOPClassUID ReferencedSOPClassUID RelatedGeneralSOPClassUID OriginalSpecializedSOPClassUID SOPClassesInStudy CodingSchemeUID
ContextGroupExtensionCreatorUID ContextUID MappingResourceUID ReferencedSOPClassUIDInFile SOPClassesSupported
AvailableTransferSyntaxUID StoredInstanceTransferSyntaxUID FlowTransferSyntaxUID PertinentSOPClassesInStudy
PertinentSOPClassesInSeries"""))
LINKS = frozenset(("GraphicLayer", "DataPathID", "StackID", "OpticalPathIdentifier", "ReferencedOpticalPathIdentifier",
                   "CodingSchemeDesignator"))
_SIDES = frozenset(words("PatientSex PatientPosition PatientOrientation Laterality ImageLaterality FrameLaterality MeasurementLaterality"))
_QUANTITIES = re.compile("Dose|Time|Count|Duration|Activity|Current|Exposure|Meterset|Frequency|Value|Volume|Pulse|Window|Rescale"
                         "|SourceStrength|Kerma|Data|Scal|Vector|HalfLife")
"""Words in the names of decimals that can be large: becquerels, counts, microseconds."""
_BY_VR = {"DS": Do.NUMBER, "IS": Do.NUMBER, "CS": Do.CODE, "SQ": Do.SEQUENCE, "UI": Do.UID, "AS": Do.AGE, "DA": Do.DATE,
          "DT": Do.DATETIME, "TM": Do.TIME, "LO": Do.TEXT, "SH": Do.TEXT, "ST": Do.TEXT, "LT": Do.TEXT, "UT": Do.TEXT,
          "UC": Do.TEXT, "UR": Do.TEXT, "AE": Do.TEXT}
_LABELS = frozenset(("ManufacturerModelName", "SoftwareVersions", "SegmentLabel", "ContentLabel", "TrackingID", "BeamName",
                     "LUTLabel", "LUTExplanation", "RTImageLabel", "PatientSetupLabel", "Manufacturer"))
"""Required in their objects though in no table: they become a dummy rather than nothing."""
_LABELS_OF_SETUP = ("FixationDeviceLabel", "ShieldingDeviceLabel", "SetupDeviceLabel")
"""Type 2 in their sequences though in no table: people's words, so they leave empty."""
_CONTENT = ("ContentSequence", "AcquisitionContextSequence", "SpecimenPreparationSequence", "WaveformAnnotationSequence",
            "SpecimenPreparationStepContentItemSequence", "SpecimenLocalizationContentItemSequence", "ContentItemModifierSequence",
            "ProtocolContextSequence")
_BY_ENGINE = frozenset(("SpecificCharacterSet", "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence",
                        "LongitudinalTemporalInformationModified", "PixelData", "FloatPixelData", "DoubleFloatPixelData",
                        "ExtendedOffsetTable", "ExtendedOffsetTableLengths", "DataSetTrailingPadding"))


@lru_cache(maxsize=16384)
def rule(tag: int, do: Do, vr: str, fallback: bytes | None = None) -> Rule:
    group_element = (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little")
    return Rule(do, vr, group_element + (b"" if vr in ALLOWED_OF else vr.encode()), fallback)


def _fallback(keyword: str, vr: str) -> bytes | None:
    row = ps3_15.attributes().get(keyword)
    if keyword in _LABELS or (row is not None and "D" in row.action and vr not in ("CS", "UI")):
        return DUMMY_TEXT.encode()
    return b""


def do_for(vr: str) -> Do:
    """How a kept value of this VR is treated."""
    return _BY_VR.get(vr, Do.BINARY)


def kept_keywords(policy: DicomPolicy) -> frozenset[str]:
    """Every keyword that the policy keeps in some form (sets less `drop`, plus `keep`, `clean`, `token`)."""
    sets = ps3_15.keep_sets()
    named = [word for name in (*policy.keep_sets, *policy.clean_sets) for word in sets[name]]
    return (frozenset(named) - frozenset(policy.drop)) | frozenset((*policy.keep, *policy.clean, *policy.token))


_PLANS: dict[int, Plan] = {}


def compiled(policy: DicomPolicy) -> Plan:
    """The plan of a policy object, made once; it holds the policy, so that its id stays its own."""
    plan = _PLANS.get(id(policy))
    if plan is None:
        if len(_PLANS) >= 16:
            _PLANS.clear()
        plan = _PLANS[id(policy)] = _compile(policy)
    return plan


def policy_digest(policy: DicomPolicy) -> str:
    """SHA-256 of the canonical JSON of everything the policy says, comments apart."""
    return digest(policy.model_dump(mode="json"))


def _compile(policy: DicomPolicy) -> Plan:
    rules = _table_defaults()
    sets = ps3_15.keep_sets()
    cleaned = (frozenset(word for name in policy.clean_sets for word in sets[name]) | frozenset(policy.clean)) - frozenset(policy.drop)
    for keyword in kept_keywords(policy) - _BY_ENGINE:
        tag = TAG_OF[keyword]
        vr = VR_OF[tag]
        do = Do.CLASS_UID if tag in CLASS_UIDS else do_for(vr)
        if keyword in policy.token:
            do = Do.TOKEN
        elif keyword in ("CodeValue", "LongCodeValue", "URNCodeValue"):
            do = Do.CODED
        elif keyword in LINKS:
            do = Do.LINK
        elif keyword == "ICCProfile":
            do = Do.PROFILE
        elif keyword in _SIDES:
            do = Do.SIDE
        elif do is Do.NUMBER and vr == "DS" and not _QUANTITIES.search(keyword):
            do = Do.SMALL
        elif keyword in cleaned and vr != "SQ":
            do = Do.MEANING if keyword == "CodeMeaning" else Do.CLEAN
        rules[tag] = rule(tag, do, vr, _fallback(keyword, vr))
    for keyword in _CONTENT:
        tag = TAG_OF[keyword]
        if policy.structured_content == "clean" and (tag in rules or keyword in ps3_15.attributes()):
            rules[tag] = rule(tag, Do.CONTENT, "SQ")
    rules[TAG_OF["PatientName"]] = rule(TAG_OF["PatientName"], Do.SUBJECT, "PN")
    rules[TAG_OF["PatientID"]] = rule(TAG_OF["PatientID"], Do.SUBJECT, "LO")
    rules[TAG_OF["SOPClassUID"]] = rule(TAG_OF["SOPClassUID"], Do.CLASS_UID, "UI")
    for keyword in _BY_ENGINE:
        rules.pop(TAG_OF[keyword], None)
    if policy.graphics == "clean":
        rules[TAG_OF["GraphicAnnotationSequence"]] = rule(TAG_OF["GraphicAnnotationSequence"], Do.SEQUENCE, "SQ")
    in_datasets = {tag: one for tag, one in rules.items() if tag >> 16 not in _NEVER}
    return Plan(policy, policy_digest(policy), rules, in_datasets, _private(policy), tuple(policy.options))


def _table_defaults() -> dict[int, Rule]:
    rules = {TAG_OF[keyword]: rule(TAG_OF[keyword], Do.EMPTY, "SH") for keyword in _LABELS_OF_SETUP}
    for keyword, row in ps3_15.attributes().items():
        tag = TAG_OF.get(keyword)
        if tag is None or tag not in KEYWORD_OF or VR_OF[tag] in ("OB", "OW", "UN", "OX", "NN"):
            continue
        vr = VR_OF[tag]
        if row.action.startswith("U") or row.action.endswith("U*"):
            rules[tag] = rule(tag, Do.SEQUENCE if vr == "SQ" else Do.UID, vr)
        elif keyword == "VerifyingObserverSequence":      # its names and organisations become dummies one by one
            rules[tag] = rule(tag, Do.SEQUENCE, vr)
        elif "D" in row.action and vr != "SQ":
            rules[tag] = rule(tag, Do.UID if vr == "UI" else Do.DUMMY, vr)
        elif "Z" in row.action and keyword not in _GONE_RATHER_THAN_EMPTY:
            rules[tag] = rule(tag, Do.EMPTY, vr)
    return rules


def _private(policy: DicomPolicy) -> dict[tuple[str, int], dict[int, str]]:
    private: dict[tuple[str, int], dict[int, str]] = {}
    if policy.safe_private:
        for row in ps3_15.safe_private():
            vr = "OB" if "/" in row.vr else row.vr
            if vr:
                private.setdefault((row.creator, row.group), {})[row.element] = vr
    for own in policy.keep_private:
        private.setdefault((own.creator, int(own.group, 16)), {})[int(own.element, 16)] = own.vr
    return private
