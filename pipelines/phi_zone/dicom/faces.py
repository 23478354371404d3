"""Whether a volume may show a face: a head CT or MR (PS3.15 E.3.2). From the header alone, and rather too often than too seldom."""
from __future__ import annotations

import re

from pipelines.phi_zone.dicom.charset import charsets, decode
from pipelines.phi_zone.dicom.dictionary import SPECIFIC_CHARACTER_SET, TAG_OF
from pipelines.phi_zone.dicom.part10 import Part10

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_VOLUMES = frozenset(_STORAGE + tail for tail in ("2", "2.1", "4", "4.1"))
DESCRIBING = frozenset(TAG_OF[word] for word in ("BodyPartExamined", "StudyDescription", "SeriesDescription", "ProtocolName", "ImageType"))
_HEAD = re.compile(r"\b(?:HEAD|BRAIN|SKULL|FACE|FACIAL|CRANI\w*|SINUS(?:ES)?|ORBITS?|MAXILLA|MANDIBLE|JAW|NASAL|NOSE|EYE|TEMPORAL ?BONE|"
                   r"HEADNECK|NEURO|STROKE|CEREBR\w*|PITUITARY|IAC)\b|头|颅|脑|面部|鼻|眼眶|颌|副鼻窦|鼻窦", re.IGNORECASE)
_NOT_A_FACE = re.compile(r"FEMORAL HEAD|HUMERAL HEAD|RADIAL HEAD|股骨头|肱骨头", re.IGNORECASE)


def may_show_a_face(part: Part10, sop_class: str) -> bool:
    """CT and MR of which any descriptor speaks of the head. Near miss: the head of a femur."""
    if sop_class not in _VOLUMES:
        return False
    terms = charsets(part.raw(SPECIFIC_CHARACTER_SET) or b"")
    for tag in DESCRIBING:
        text = decode(part.raw(tag, 1025) or b"", terms).replace("_", " ")
        if _HEAD.search(_NOT_A_FACE.sub(" ", text)):
            return True
    return False
