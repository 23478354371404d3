"""What a coding scheme itself calls a code, from the dictionaries that ship with pydicom (PS3.16)."""
from __future__ import annotations

import re
from functools import cache, lru_cache

from pipelines.phi_zone.dicom.dictionary import words
from pipelines.phi_zone.dicom.spellings import TECHNICAL


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
    return frozenset(found | {word.lower() for word in WORDS if word.isalpha()} | _ROUTINE | TECHNICAL)


def clinical(text: str) -> bool:
    """Whether a text is made of such words, letters and numbers alone."""
    return text.isascii() and all(len(word) < 2 or word.lower() in clinical_words() for word in _WORDS.findall(text))


def examination(text: str) -> bool:
    """Whether carets stand between a region and an examination, as Siemens scanners write them ("Abdomen^AbdRoutine (Adult)").

    Both sides are of clinical words; behind the caret they may stand without a space, or begin as the region does.
    """
    region, _, exam = ([part.lower() for word in _WORDS.findall(side) for part in _CAPITALISED.findall(word)]
                       for side in text.partition("^"))
    regions = [part for part in region if part in TECHNICAL or part in _REGIONS]
    return bool(text.isascii() and regions and exam) and all(
        len(part) < 2 or part in clinical_words() or part in _EXAMINATIONS or part in _REGIONS
        or any(len(part) > 2 and word.startswith(part) for word in regions) for part in (*region, *exam))


def in_a_terminology(code: str) -> bool:
    """Whether one of the schemes that ship with pydicom has this code."""
    return any(code in known for known in _meanings().values())


_WORDS, _CAPITALISED = re.compile(r"[^\W\d_]+"), re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_REGIONS = frozenset(words("""
vascular extremity extremities limb specials msk resp pet petct cta joint joints larynx orbit sinus sinuses angio"""))
_EXAMINATIONS = frozenset(words("""
seq ca score scoring bolus runoff pe cap coronary cor carotid circle willis stroke trauma polytrauma inner dental osteo biopsy
intervention drainage guided calcium breath hold inspiration expiration ecg gated flash"""))
"""Words of protocol names that are in no terminology; only about a caret are they taken for granted."""
_ROUTINE = frozenset(words("""
routine recon reformat std thin thick plain native dual dynamic perfusion survey planning followup follow up low dose hr hrct hcc
cta ctv mra mrv mrcp pacs lung bone brain soft tissue window series study axial ax sag cor obl tra iso mpr vrt mip adc dwi flair
haste vibe tse fse gre spgr space mprage dixon fat sat post pre gd contrast phase arterial venous portal delayed excretory helical
spiral sequential topogram scout localizer localiser tracker bolus test report summary dose protocol screen save capture key
images within first second third fourth quarter quartile wireless wired
tethered csi cesium iodide selenium scintillator flat panel detector jpeg lossless codec rle"""))
