"""What a coding scheme itself calls a code, from the dictionaries that ship with pydicom (PS3.16)."""
from __future__ import annotations

from functools import cache, lru_cache


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
