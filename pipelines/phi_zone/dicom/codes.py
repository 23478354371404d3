"""What a coding scheme itself calls a code, from the dictionaries that ship with pydicom (PS3.16)."""
from __future__ import annotations

import re
from functools import cache, lru_cache

from pipelines.phi_zone.dicom.dictionary import words


@cache
def _meanings() -> dict[str, dict[str, str]]:
    from pydicom.sr._concepts_dict import concepts

    return {scheme: {code: entry[0] for by_code in words.values() for code, entry in by_code.items()}
            for scheme, words in concepts.items()}


@lru_cache(maxsize=4096)
def official_meaning(scheme: str, code: str) -> str | None:
    """The meaning of a DCM, SCT, UCUM … code, or None when the scheme or the code is not known here."""
    if scheme == "SRT":
        from pydicom.sr._snomed_dict import mapping

        modern = mapping["SRT"].get(code)
        scheme, code = ("SCT", modern) if modern else (scheme, code)
    return _meanings().get(scheme, {}).get(code)


@cache
def clinical_words() -> frozenset[str]:
    """Lower-case words of every coded meaning that ships with pydicom, of attribute names and of technique: not names by themselves."""
    from pydicom.datadict import DicomDictionary

    from pipelines.phi_zone.pixels.technique import WORDS

    texts = [meaning for meanings in _meanings().values() for meaning in meanings.values()]
    texts += [str(row[2]) for row in DicomDictionary.values()]
    found = {word.lower() for text in texts for word in re.findall(r"[A-Za-z]{2,}", text)}
    return frozenset(found | {word.lower() for word in WORDS if word.isalpha()} | _ROUTINE)


_ROUTINE = frozenset(words("""
routine recon reformat std thin thick plain native dual dynamic perfusion survey planning followup follow up low dose hr hrct hcc
cta ctv mra mrv mrcp pacs lung bone brain soft tissue window series study axial ax sag cor obl tra iso mpr vrt mip adc dwi flair
haste vibe tse fse gre spgr space mprage dixon fat sat post pre gd contrast phase arterial venous portal delayed excretory helical
spiral sequential topogram scout localizer localiser tracker bolus test report summary dose protocol screen save capture key
images"""))
