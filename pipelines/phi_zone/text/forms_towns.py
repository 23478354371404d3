# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""Towns of which a list knows, and addresses as Britain, Australia and Hong Kong write them: a house with a name, a unit before the number, two streets."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.name_rows import HEADINGS
from pipelines.phi_zone.text.plausible_en import TERM_ENDINGS, unknown_word
from pipelines.phi_zone.text.rules import Rule, rule

_CAP = r"[A-Z][a-z'’]++(?:-[A-Za-z][a-z]++)*"
_ROW = rf"(?:St\.?\s)?{_CAP}(?:[\s\-](?:upon|on|in|le|la|de|es|al|under|super|and|{_CAP})){{0,3}}"
_LIVED = (r"[Ll]iv(?:es?|ed|ing)(?:\salone)?\sin|[Bb]orn\s(?:and\sraised\s)?in|[Gg]rew\sup\sin|[Rr]aised\sin|[Nn]ative\sof|[Rr]esid(?:es|ed|ing|ent)\s(?:in|of)|[Hh]ouse\sin|[Hh]ome\sin|[Ff]lat\sin|[Aa]partment\sin|[Ff]arm\s(?:in|near)|[Cc]ottage\sin|"
          r"[Ww]ork(?:s|ed|ing)\sin|[Hh]ails\sfrom|[Rr]etired\sto|(?:[Mm]oved|[Rr]elocated|[Cc]ame|[Tt]ransferred)\s(?:(?:up|down|here|over|back|across|home)\s)?(?:to|from)|[Ff]lew\s(?:in\s)?(?:from|to)|[Tt]ravel(?:led|ed|s)\s(?:from|to)|[Ff]amily\sin|[Pp]arents\sin|[Rr]elatives\sin|[Ss]tation\sin|[Hh]ostel\sin|[Hh]otel\sin")
_PREPOSITION = "[Ii]n|[Ff]rom|[Oo]f|[Nn]ear|[Tt]o|[Aa]t|[Vv]ia|[Oo]utside|[Aa]round|[Bb]orn|[Bb]etween"
_CLASSED = "zones?|score|scale|criteria|class|classification|grad|stag|system|consensus|definition|guideline|index|protocol|regimen|method|technique|trial|study|sign|test|virus|type|rule|knee|hip|brace|collar|sump|tube|pouch|procedure|manual|sleepiness|coma|bowel|prep|shoulder"
_NO_TOWN_BEFORE = frozenset("score scale criteria classification class grade grading staging stage system consensus definition guidelines guideline index protocol regimen method technique trial study group disease syndrome virus fever brace collar sump tube pouch procedure sign test medium agar ii iii iv v".split())
_HOUSES = "House|Cottage|Farm|Farmhouse|Lodge|Vicarage|Rectory|Manse|Manor|Hall|Barn|Barns|Croft|Grange|Mill|Villa|Villas|Bungalow|Court|Mansions?|Mansion|Building|Buildings|Heights|Tower|Towers|Estate|Apartments|Residences?|Chambers|Gardens|Cottages|Schoolhouse|Forge|Chapel|Stables|Orchard|View|Point|Place|Plaza|Terrace"
_ROADS = "Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Close|Drive|Crescent|Terrace|Hill|Way|Row|Mews|Square|Gardens|Grove|Place|Green|Parade|Walk|Court"


@cache
def town_rules() -> tuple[Rule, ...]:
    return (
        rule("towns.lived", "ADDR", rf"(?<![A-Za-z])(?:{_LIVED})\s(?P<v>{_ROW})(?![A-Za-z'’])", _lived, "capital where", 0),
        rule("towns.known", "ADDR", rf"(?<![A-Za-z])(?:{_PREPOSITION})\s(?P<v>{_ROW})(?![A-Za-z'’]|\s(?:{_CLASSED}))", _known, "capital where", 0),
        rule("towns.apposed", "ADDR", rf"(?<![A-Za-z])(?<=,\s)(?P<v>{_ROW})(?=[,.;)]|\s\d|$)", _apposed, "capital comma_capital", 0),
        rule("towns.between", "ADDR", rf"(?<![A-Za-z])[Bb]etween\s{_ROW}\sand\s(?P<v>{_ROW})(?![A-Za-z'’])", _known, "capital between_word", 0),
        rule("towns.unknown", "ADDR", rf"(?<![A-Za-z])(?:[Ii]n|[Aa]t|[Nn]ear)\s(?P<v>{_CAP})(?![A-Za-z'’\-/]|\s(?:{_CLASSED})|\s[A-Z]|\s?\d)", _unknown, "capital where", 0),
        rule("towns.division", "ADDR", rf"(?<![A-Za-z])(?:[Vv]illage|[Tt]ehsil|[Tt]aluka?|[Mm]andal|[Dd]ist(?:rict|t)?|[Aa]t\s[Pp]ost|[Tt]hana|[Bb]arangay|[Bb]rgy|[Pp]urok|[Ss]itio|[Kk]ampu?o?ng|[Tt]aman|[Jj]alan|[Jj]ln|[Ll]orong)\.?\s(?P<v>{_CAP}(?:\s{_CAP})?)(?![A-Za-z'’])", _divided, "capital division_en", 0),
        rule("towns.division_behind", "ADDR", rf"(?<![A-Za-z])(?P<v>{_CAP})\s(?:[Tt]ehsil|[Tt]aluka?|[Mm]andal|[Tt]hana|[Bb]arangay|[Tt]ownship)(?![A-Za-z])", _divided, "capital division_en", 0),
        rule("towns.waters", "ADDR", rf"(?<![A-Za-z])(?:[Aa]t|[Ii]n|[Nn]ear|[Ff]rom|[Oo]ff|[Oo]n)\s(?P<v>{_CAP}\s(?:Cove|Lagoon|Jetty|Inlet|Gorge|Falls|Billabong|Estuary|Headland|Quarry|Marina|Foreshore))(?![A-Za-z'’]|\s?\d)", None, "capital waters_word", 0),
        rule("towns.behind_box", "ADDR", rf"O\.?\s?Box\s\d{{1,6}}(?P<v>,\s{_CAP}(?:\s{_CAP})?(?:,?\s[A-Z]{{2,3}})?\s\d{{4,6}})(?!\d)", None, "digit box", 0),
        rule("towns.unit_before", "ADDR", r"(?<![A-Za-z])(?P<v>(?:Suite|Ste|Level|Unit|Flat|Apt|Apartment|Shop|Lot|Site|Villa|Block|Blk|Floor)\.?\s#?[A-Z]?\d{1,4}[A-Z]?,\s)(?=\d{1,5}[A-Za-z]?(?:-\d{1,5})?\s[A-Z][a-z])", None, "digit capital flat_word", 0),
        rule("towns.unit_number", "ADDR", rf"(?<![A-Za-z\d/.\-])(?P<v>\d{{1,4}}[A-Za-z]?/)(?=\d{{1,5}}[A-Za-z]?(?:-\d{{1,5}})?\s(?:{_CAP}\s){{1,2}}(?:{_ROADS}|Cres|Pde|Blvd|Highway|Hwy|Esplanade)(?![A-Za-z]))", None, "digit capital slash street street_end", 0),
        rule("towns.house", "ADDR", rf"(?<![A-Za-z])(?P<v>(?:The\s(?:{_CAP}\s)?)?{_CAP}(?:\s{_CAP})?,\s{_CAP}(?:\s{_CAP}){{0,2}}\s(?:{_ROADS})(?:,\s{_CAP}(?:\s{_CAP})?)?)(?=[,.;)]|\s(?:[A-Z]{{1,2}}\d|\d)|$)", _house, "capital comma_capital street_end", 0),
        rule("towns.crossing", "ADDR", rf"(?<![A-Za-z])(?:[Aa]t|[Oo]n|[Nn]ear|[Bb]y|[Oo]utside)\s(?P<v>\d{{1,3}}(?:st|nd|rd|th)\s(?:and|&)\s{_CAP}|{_CAP}(?:\s{_CAP})?\s(?:and|&)\s\d{{1,3}}(?:st|nd|rd|th))(?![A-Za-z])(?!\s(?:ribs?|digits?|toes?|fingers?|metatarsals?|nerves?|rays?|grade|week|day|floor))", _crossing, "digit capital", 0),
    )


_PARTS = re.compile("[A-Za-z'’.]+")


def town_end(value: str, every: bool) -> int:
    """How many letters at the head of a row of capitalised words are a town; 0: none. every: also towns called as persons and things are."""
    towns, villages = words.towns_en() if every else words.telling_towns_en(), words.villages_en()
    ends = [match.end() for match in _PARTS.finditer(value)]
    for end in reversed(ends):
        if (value[:end] in towns or value[:end] in villages) and value[end:].strip(" -").split(" ")[0].lower() not in _NO_TOWN_BEFORE:
            return end
    return 0


def _unknown(value: str) -> bool:
    """A word that nothing else is: of no dictionary, and nobody's name."""
    low = value.lower()
    if len(value) < 5 or low.endswith(TERM_ENDINGS) or low in words.no_name_en() or low in words.drugs_en():
        return False
    return unknown_word(value) and not (value in words.given_us() or value in words.surnames_us() or value in words.rare_eponyms_en())


def _divided(value: str) -> bool:
    return not any(part in HEADINGS or part.lower() in words.no_name_en() or (words.common_en(part.lower()) and part not in words.surnames_us()) for part in value.split()[:1])


def _lived(value: str) -> bool:
    return town_end(value, True) > 0


def _known(value: str) -> bool:
    return town_end(value, False) > 0


def _apposed(value: str) -> bool:
    """Between commas a family name stands, too: towns that are none."""
    return (value in words.telling_towns_en() or value in words.villages_en()) and value not in words.surnames_us()


def _house(value: str) -> bool:
    """A house with a name before its street: it is called House, Cottage or The Old something."""
    house = value.split(",")[0]
    heads = house.split()
    if house.startswith("The Old "):
        return True
    return len(heads) > 1 and heads[-1] in _HOUSES.split("|") and not all(head in HEADINGS for head in heads[:-1])


def _crossing(value: str) -> bool:
    return not any(part in HEADINGS or part.lower() in words.no_name_en() for part in re.findall("[A-Z][a-z]+", value))
