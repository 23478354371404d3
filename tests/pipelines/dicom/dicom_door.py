"""What the DICOM tests share: one key, one site, the shipped policy, the shipped text cleaner, and a search that misses no encoding."""
from __future__ import annotations

import io
from functools import cache
from typing import Any

import pydicom

from pipelines.phi_zone.dicom import deidentify_instance, load_policy
from pipelines.phi_zone.keys import ProjectKey
from schemas.deid import DicomOutcome, KnownIdentity
from schemas.shapes.site import Site

KEY = ProjectKey(b"k" * 32, "test-key")
SITE = Site.bare("sh-east")


@cache
def text_cleaner() -> Any:
    from pipelines.phi_zone.text.cleaner import TextCleaner
    from pipelines.phi_zone.text.policy import load_text_policy

    return TextCleaner(load_text_policy("cn-gold"))


def deidentify(data: bytes, policy: str = "cn-gold", *, text: bool = True, known: KnownIdentity | None = None, key: ProjectKey = KEY,
               site: Site = SITE, pixels: Any = None) -> DicomOutcome:
    return deidentify_instance(data, load_policy(policy), key, site, known, pixels, text_cleaner() if text else None)


def released(data: bytes, **options: Any) -> DicomOutcome:
    outcome = deidentify(data, **options)
    assert outcome.status == "released", [(issue.code, issue.where) for issue in outcome.issues]
    return outcome


def read(outcome: DicomOutcome) -> pydicom.Dataset:
    assert outcome.content is not None
    return pydicom.dcmread(io.BytesIO(outcome.content))


def holds(content: bytes, needle: str | bytes) -> bool:
    """Whether bytes hold a text in any encoding it could hide in."""
    if isinstance(needle, bytes):
        return needle in content
    forms = set()
    for codec in ("utf-8", "gb18030", "latin-1", "utf-16-le", "utf-16-be", "shift_jis", "iso2022_jp", "euc_kr"):
        try:
            forms.add(needle.encode(codec))
        except UnicodeEncodeError:
            continue
    return any(form in content for form in forms)
