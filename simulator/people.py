"""Made-up persons, the charts they have at each hospital, and the staff who look after them. Seeded: same seed, same people."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from pypinyin import lazy_pinyin

from simulator import words

SITES = tuple(words.HOSPITALS)


@dataclass(frozen=True)
class Relative:
    name: str
    relation_zh: str
    relation_en: str
    phone: str


@dataclass(frozen=True)
class Person:
    """One human being. `key` is ours alone and appears in no record."""

    key: str
    name: str
    family: str
    given: str
    latin_family: str
    latin_given: str
    language: str
    sex: str
    birth_date: dt.date
    resident_id: str
    phone: str
    address: str
    relative: Relative

    @property
    def latin(self) -> str:
        return f"{self.latin_given} {self.latin_family}"


@dataclass(frozen=True)
class Chart:
    """A person as one hospital knows them: its own number and resource id."""

    site_id: str
    person: Person
    mrn: str
    patient_id: str


@dataclass(frozen=True)
class Doctor:
    site_id: str
    practitioner_id: str
    name: str
    latin: str


@dataclass
class Population:
    persons: list[Person] = field(default_factory=list)
    charts: dict[str, list[Chart]] = field(default_factory=dict)
    doctors: dict[str, list[Doctor]] = field(default_factory=dict)


def check_digit(first_17: str) -> str:
    """The last character of a resident identity number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first_17, weights, strict=True)) % 11]


def populate(seed: int, per_site: dict[str, int]) -> Population:
    """People for every site. The last chart of cd-west is the first person of sh-east (one person, two hospitals), the last
    of xj-south the first of cd-west; the second charts of sh-east and cd-west carry one MRN for two persons."""
    rng = random.Random(f"people/{seed}")
    maker, people = _Maker(rng), Population()
    for site_id, count in per_site.items():
        charts = []
        for position in range(count):
            person = maker.person()
            people.persons.append(person)
            charts.append(_chart(site_id, person, position, rng))
        people.charts[site_id] = charts
        people.doctors[site_id] = [maker.doctor(site_id, position) for position in range(4)]
    for visited, home in (("cd-west", "sh-east"), ("xj-south", "cd-west")):
        if visited in people.charts and people.charts.get(home):
            replaced, shared = people.charts[visited][-1], people.charts[home][0].person
            people.persons.remove(replaced.person)
            people.charts[visited][-1] = Chart(visited, shared, replaced.mrn, replaced.patient_id)
    if {"sh-east", "cd-west"} <= set(people.charts):
        east, west = people.charts["sh-east"][1], people.charts["cd-west"][1]
        people.charts["cd-west"][1] = Chart("cd-west", west.person, east.mrn, west.patient_id)
    return people


def _chart(site_id: str, person: Person, position: int, rng: random.Random) -> Chart:
    prefix = {"sh-east": "ZY2026", "cd-west": "7100", "xj-south": "MZ88"}[site_id]
    patient_id = {
        "sh-east": f"pat-{rng.getrandbits(40):010x}",
        "cd-west": f"{rng.randrange(10**8, 10**9)}",
        "xj-south": f"xj{rng.getrandbits(32):08x}",
    }[site_id]
    return Chart(site_id, person, f"{prefix}{rng.randrange(10, 99)}{position + 101:04d}", patient_id)


class _Maker:
    """Draws names so that no two persons share one: a search for a planted name must have one meaning."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.used, self.number = rng, set[str](), 0

    def person(self) -> Person:
        rng, self.number = self.rng, self.number + 1
        name, family, given, latin_family, latin_given, language, sex = self._name(self.number)
        if self.number % 31 == 5:
            birth = dt.date(1931, rng.randint(1, 12), rng.randint(1, 28))  # over 89: an age that must not stand
        elif self.number % 31 == 9:
            birth = dt.date(2017, rng.randint(1, 12), rng.randint(1, 28))
        else:
            birth = dt.date(rng.randint(1942, 1996), rng.randint(1, 12), rng.randint(1, 28))
        region = rng.choice(list(words.REGIONS))
        sequence = self.number * 2 + (1 if sex == "male" else 0)
        first = f"{region}{birth:%Y%m%d}{sequence % 1000:03d}"
        relation_zh, relation_en = rng.choice(words.RELATIONS)
        if language == "en":
            relative = Relative(
                f"{rng.choice(['Rosalind', 'Gilbert', 'Winifred'])} {latin_family}", relation_zh, relation_en, self._phone()
            )
            address = f"{rng.randint(2, 98)} {rng.choice(words.ENGLISH_STREETS)}, Shanghai 2000{rng.randint(10, 99)}"
        else:
            relative_sex = {"女儿": "female", "母亲": "female", "儿子": "male"}.get(relation_zh, "female" if sex == "male" else "male")
            relative = Relative(self._chinese(relative_sex, rng.choice(words.SURNAMES))[0], relation_zh, relation_en, self._phone())
            address = (
                f"{words.REGIONS[region]}{rng.choice(words.STREETS)}{rng.randint(11, 989)}号{rng.choice(words.ESTATES)}"
                f"{rng.randint(1, 28)}幢{rng.randint(101, 1806)}室"
            )
        return Person(
            f"person-{self.number:03d}",
            name,
            family,
            given,
            latin_family,
            latin_given,
            language,
            sex,
            birth,
            first + check_digit(first),
            self._phone(),
            address,
            relative,
        )

    def doctor(self, site_id: str, position: int) -> Doctor:
        name, family, given = self._chinese(self.rng.choice(["male", "female"]), self.rng.choice(words.SURNAMES))
        return Doctor(site_id, f"dr-{self.rng.getrandbits(28):07x}", name, f"{_pinyin(given)} {_pinyin(family)}")

    def _name(self, number: int) -> tuple[str, str, str, str, str, str, str]:
        sex = self.rng.choice(["male", "female"])
        if number % 12 == 4 and (left := [entry for entry in words.UYGHUR if entry[0] not in self.used]):
            name, latin, sex = left[0]
            self.used.add(name)
            given, family = latin.split(" ", 1)
            return name, name.split("·")[1], name.split("·")[0], family, given, "ug", sex
        if number % 12 == 7 and (english := [entry for entry in words.ENGLISH if entry[1] not in self.used]):
            given, family, sex = english[0]
            self.used.add(family)
            return f"{given} {family}", family, given, family, given, "en", sex
        surname = self.rng.choice(words.COMPOUND_SURNAMES if number % 12 == 2 else words.SURNAMES)
        name, family, given = self._chinese(sex, surname)
        return name, family, given, _pinyin(family), _pinyin(given), "zh", sex

    def _chinese(self, sex: str, surname: str) -> tuple[str, str, str]:
        givens = words.GIVEN_MALE if sex == "male" else words.GIVEN_FEMALE
        for _ in range(200):
            given = self.rng.choice(givens)
            if surname + given not in self.used:
                break
            surname = self.rng.choice(words.SURNAMES)
        self.used.add(surname + given)
        return surname + given, surname, given

    def _phone(self) -> str:
        for _ in range(1000):
            phone = f"1{self.rng.choice(['39', '38', '58', '86', '77'])}0000{self.rng.randrange(10**4):04d}"
            if phone not in self.used:
                break
        self.used.add(phone)
        return phone


def _pinyin(text: str) -> str:
    return "".join(lazy_pinyin(text)).capitalize()
