"""What a question asks for: a name, a number, an address. `6085557171` is an amount until one reads `Phone` beside it.

A question is what a code, an item of a form, a cell of a table or an element of a foreign XML says of the value beside it. It must be
such a question as a whole: `Name of the drug` and `Number of children` ask for no identity.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache, lru_cache

from pipelines.phi_zone.lists import lines_of

LONGEST = 80
"""Letters of a question; what is longer is a text of its own."""
_AROUND = re.compile(r"^[\s\d.、)*#\-:]+(?=\D)|\([^()]*\)|\[[^\[\]]*\]|[\s:?*_.。]+$")
_OPENING = re.compile(
    r"^(?:please (?:enter|state|give|write)|enter|what (?:is|are|was)|请?(?:填写|输入|提供)|请问)\s*|"
    r"^(?:your|the|his|her|their|my|您的?|你的?|本人的?|该)\s*"
)
_TELLS_NOTHING = re.compile(
    r"(?:yes|no|y|n|n/?a|none|nil|unknown|not (?:known|given|stated|applicable|available|recorded|provided|done)|refused|declined|same|"
    r"as above|self|mother|father|parents?|spouse|husband|wife|partner|son|daughter|brother|sister|friend|neighbou?r|guardian|retired|"
    r"unemployed|self[- ]employed|student|homemaker|home|是|否|有|无|未知|不详|不明|未提供|未填|未查|拒绝|拒答|同上|本人|自己|"
    r"父亲|母亲|父母|配偶|丈夫|妻子|儿子|女儿|子女|兄弟|姐妹|朋友|同事|退休|无业|自由职业|在家|在职|[-/—]+)[.。]?\Z",
    re.IGNORECASE,
)
_DIGITS = {"PHONE": 5, "MRN": 3, "IDCARD": 3, "PASSPORT": 3, "SSN": 3, "ZIP": 3, "DATE": 2}
"""How many digits an answer of these kinds has at least: a `mobile` patient has none."""
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|[_/]")
_WORD = re.compile(r"\{(\w+)\}")


def asks_for(question: object) -> str | None:
    """The kind of identity a question or its code asks for (`NAME`, `PHONE` ...); None when it asks for something else."""
    return _asked(question) if type(question) is str and 1 < len(question) <= LONGEST else None


def gives_away(answer: str, kind: str) -> bool:
    """Does an answer to a question of this kind say anything of a person? `None`, `不详` and `daughter` do not."""
    bare = answer.strip()
    if not bare or bare.startswith("[") or _TELLS_NOTHING.match(bare) is not None:
        return False
    return sum(char.isdigit() for char in bare) >= _DIGITS.get(kind, 0)


@lru_cache(maxsize=1 << 12)
def _asked(question: str) -> str | None:
    codes, patterns = _questions()
    if (coded := codes.get(question)) is not None:
        return coded
    bare = _AROUND.sub("", unicodedata.normalize("NFKC", question).strip()).strip()
    if bare.isascii() and " " not in bare:
        bare = _HUMP.sub(" ", bare)  # PatientName, patient_name: names of elements and linkIds
    bare = " ".join(bare.lower().replace("’", "'").split())
    for _ in range(3):
        bare = _OPENING.sub("", bare)
    return next((kind for kind, pattern in patterns if pattern.fullmatch(bare)), None)


@cache
def _questions() -> tuple[dict[str, str], tuple[tuple[str, re.Pattern[str]], ...]]:
    """Codes with what they ask for, and patterns with it."""
    stand_for: dict[str, list[str]] = defaultdict(list)
    codes: dict[str, str] = {}
    patterns = []
    for kind, pattern in (line.split(" ", 1) for line in lines_of("identity_questions.txt")):
        if kind.startswith("{"):
            stand_for[kind[1:-1]].append(pattern)
        elif pattern.translate({ord(char): None for char in "0123456789-|"}) == "":
            codes |= dict.fromkeys(pattern.split("|"), kind)
        else:
            whole = _WORD.sub(lambda word: f"({'|'.join(stand_for[word[1]])})", pattern)
            patterns.append((kind, re.compile(whole.replace("(", "(?:"))))
    return codes, tuple(patterns)
