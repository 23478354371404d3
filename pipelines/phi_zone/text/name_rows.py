# ruff: noqa: E501, SIM905 - word lists are data: a line is one of them, whole

"""Is a row of capitalised English words a name? What a word says of that is found out once and remembered."""
from __future__ import annotations

import re
from functools import cache, reduce
from operator import or_

from pipelines.phi_zone.text import words

HEADINGS = frozenset(["The", "This", "That", "Patient", "Date", "Time", "No", "Not", "And", "Or", "With", "Without", "Left", "Right", "Bilateral", "Chest", "Abdomen", "Pelvis", "Head", "Neck", "Spine", "Brain", "Heart", "Lung", "Lungs", "Liver", "Kidney", "History", "Physical", "Exam", "Examination", "Findings", "Impression", "Indication", "Technique", "Comparison", "Clinical", "Report", "Final", "Discharge", "Summary", "Emergency", "Department", "Room", "Hospital", "Clinic", "Center", "Medical", "Health", "Care", "General", "Surgery", "Medicine", "Internal", "Family", "Primary", "Nursing", "Home", "Service", "Services", "Unit", "Ward", "Contact", "Name", "Phone", "Fax", "Stedy", "Address", "Allergies", "Medications", "Assessment", "Plan", "Chief", "Complaint", "Present", "Illness", "Past", "Review", "Systems", "Social", "Normal", "Abnormal", "Negative", "Positive", "Mild", "Moderate", "Severe", "Acute", "Chronic", "New", "Old", "Stable", "Follow", "Up", "Next", "Please", "Thank", "You", "Dear", "Sincerely", "Male", "Female", "Year", "Years", "Month", "Day", "Dose", "Oral", "Tablet", "Injection", "Solution", "Disease", "Syndrome", "Sign", "Test", "Score", "Scale", "Grade", "Stage", "Type", "Class", "Procedure", "Disorder", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December", "Street", "Avenue", "Road", "County", "City", "State", "University", "College", "School", "Insurance", "Medicare", "Medicaid", "Blue", "Cross", "Shield", "Computed", "Tomography", "Magnetic", "Resonance", "Imaging", "Ultrasound", "White", "Hispanic", "American", "African", "Asian", "Black", "English", "Chinese", "Spanish", "Catholic", "Christian", "Practice", "Practitioner", "Specialist", "Manager"])
_LEADING = frozenset("""per his her our their your its this that these those with from into onto upon after before during since until while when where which what who why how all any both each few more most other some such only same than then
there here very also just now once again further both every several two three four five six seven eight nine ten overnight today yesterday tomorrow currently previously recently initially please kindly thanks thank dear copy outside bed delivered
sister brother mother father nurse relocated visited records cultures started continue continued discontinued transferred referred admitted discharged seen""".split())
_TERM_ENDS = ("itis", "osis", "emia", "oma", "ectomy", "scopy", "pathy", "algia", "ology", "plasty", "gram", "graphy", "tion", "ment", "ing", "ness", "ical", "ous", "able", "ally", "ed")
_GAPS, _FIGURES = re.compile(r"[\s,^]+"), re.compile(r"\d+$")


def tokens_en(value: str) -> list[str]:
    return [_FIGURES.sub("", token).strip("'’.-,") for token in _GAPS.split(value) if token.strip(".,")]


def known_given(token: str) -> bool:
    return token.title() in words.given_us() and token.lower() not in words.COMMON_NAME_WORDS


_NO_PAIR, _LEADS, _HEADED, _EPONYM, _FAMILY, _GIVEN = (1 << bit for bit in range(6))


class _Facts(dict[str, int]):
    """Word as it stands in a row -> what is known of it, in bits. Bounded."""

    def __missing__(self, word: str) -> int:
        token = (tokens_en(word) or [""])[0]
        low = token.lower()
        headed = token in HEADINGS or low in words.drugs_en()
        eponym = token in words.eponyms_en()
        told = {
            _NO_PAIR: headed or eponym or low in words.no_name_en() or low in words.COMMON_NAME_WORDS or low.endswith(_TERM_ENDS),
            _LEADS: low in _LEADING,
            _HEADED: headed,
            _EPONYM: eponym,
            _FAMILY: token in words.surnames_us(),
            _GIVEN: known_given(token),
        }
        facts = sum(bit for bit, holds in told.items() if holds)
        if len(self) < 60_000:
            self[word] = facts
        return facts


_facts = _Facts()


def gazetteer_en(value: str) -> bool:
    """A listed given name before anything but an eponym."""
    row = value.split()
    facts = [_facts[word] for word in row]
    if reduce(or_, facts) & _HEADED or _together(row):
        return False
    first, last = facts[0], facts[-1]
    if first & _EPONYM and (last & _EPONYM or not last & _FAMILY):
        return False
    return bool(first & _GIVEN and (last & _FAMILY or not last & _EPONYM))


def pair_en(value: str) -> bool:
    """Two or three capitalised words none of which is a word of clinical writing, a drug, an eponym or a place."""
    row = value.replace("-", " ").split()
    facts = [_facts[word] for word in row]
    return not (reduce(or_, facts) & _NO_PAIR or facts[0] & _LEADS or value in places_en() or _together(row))


def _together(row: list[str]) -> bool:
    """Are these two names of one score or sign? Roland Morris."""
    return len(row) == 2 and "-".join(row) in words.eponyms_like_names_en()


@cache
def places_en() -> frozenset[str]:
    return frozenset(name for level in words.places_us().values() for name in level)
