# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""Marks of English text that a word before them tells, whatever register they belong to: references, bags, implants, officers, branches; provinces behind a town."""
from __future__ import annotations

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.rules import Rule, dated, figures, rule

_MARK = r"(?:[A-Z]{1,8}[\-/.]){0,3}(?:[A-Z]{1,8}\d?[\-/\s]?)?\d{2,}(?:[\-/.][A-Z\d]{1,10}){0,4}[A-Z]?"
"""NF/ENT/20418, HORIZON-0217-044, CAD 4471/081125."""
_WORD = r"[A-Z][a-z'’]++(?:-[A-Za-z][a-z]++)?"
_PROVINCES = (r"Newfoundland|Labrador|Ontario|Qu[ée]bec|Alberta|Manitoba|Saskatchewan|Nova\sScotia|New\sBrunswick|British\sColumbia|Yukon|Nunavut|Queensland|New\sSouth\sWales|Tasmania|South\sAustralia|Goa|Kerala|Karnataka|Tamil\sNadu|Andhra\sPradesh|Telangana|Maharashtra|Gujarat|Rajasthan|Punjab|Haryana|Bihar|Jharkhand|Odisha|Assam|"
              r"Uttar\sPradesh|Madhya\sPradesh|West\sBengal|Himachal\sPradesh|Uttarakhand|Sindh|Balochistan|Gauteng|Limpopo|Mpumalanga|KwaZulu-Natal|Eastern\sCape|Western\sCape|Free\sState|Otago|Waikato|Northland|Taranaki|Southland|Kent|Essex|Surrey|Sussex|Devon|Cornwall|Dorset|Somerset|Norfolk|Suffolk|Cumbria|Lancashire|Yorkshire|Cheshire|"
              r"Shropshire|Staffordshire|Derbyshire|Nottinghamshire|Lincolnshire|Leicestershire|Northamptonshire|Warwickshire|Worcestershire|Herefordshire|Gloucestershire|Oxfordshire|Buckinghamshire|Hertfordshire|Bedfordshire|Cambridgeshire|Berkshire|Hampshire|Wiltshire|Northumberland|Gwynedd|Powys|Dyfed|Gwent|Fife|Moray|Angus|"
              r"Co\.?\s[A-Z][a-z]+|NSW|QLD|VIC|TAS|BC|AB|QC|MB|SK|NL|PEI")


def _marked(value: str) -> bool:
    """Letters and three figures, or five figures and more; no date, no year."""
    least = 3 if any(char.isalpha() for char in value) else 5
    return figures(value) >= least and not dated(value)


REFERENCE_RULES: tuple[Rule, ...] = (
    rule("refs.number", "MRN", rf"(?<![A-Za-z])(?:[Rr]ef(?:erence)?|REF|[Nn]os|[Nn]o|NOS|NO|[Nn]umbers?|[Ss]tudy\sID|[Tt]rial\sID|[Rr]eport\sID|[Cc]ase\sID|[Ss]ample\sID)\.?\s?[:#]?\s?(?P<v>{_MARK})(?![A-Za-z\d%]|[./]\d|\s?(?:mg|ml|mm|cm|mcg|kg|g|L|/))", _marked, hint="digit capital number_word", flags=0),
    rule("refs.accession", "MRN", r"(?<![A-Za-z])(?:[Aa]cc(?:ession|n)?|ACC|[Ss]lides?|[Bb]locks?|[Ss]pecimens?|[Ss]amples?|[Ww]ristband|[Ee]-?card|[Aa]uth(?:ori[sz]ation)?|[Pp]re-?auth|[Rr]eceipt|[Pp]ension|[Cc]ard|[Ff]ile|[Oo]rder|[Jj]ob|[Tt]icket|[Ll]ot|[Ss]erial|[Ss]ubject|[Pp]articipant|[Rr]egister|[Dd]ocket|PRF|[Ss]ent\sas)\s(?P<v>[A-Z]{1,5}\d{0,2}[\-/\s]?\d{3,9}(?:[\-/]\d{1,6}){0,3}(?:-[A-Z](?![A-Za-z\d]))?|[A-Z]{1,3}\s?\d{3,5}/\d{4}|\d{3}-\d{3}-\d{3}[A-Z]?|\d{3,4}-\d{4}(?:-\d{2})?|\d{2}[A-Z]\d{6,8}|\d{6,9}\.\d{2,4})(?![A-Za-z\d%]|[./]\d|\s?(?:mg|ml|mm|cm))", _marked, hint="digit mark_word", flags=0),
    rule("refs.donation", "OTHER", r"(?<![A-Za-z\d])(?P<v>[A-Z]\d{4}\s?\d{2}\s?\d{3}\s?\d{3}(?:\s?[A-Z\d])?)(?![A-Za-z\d])", hint="digit capital", flags=0),
    rule("refs.implant", "OTHER", r"(?<![A-Za-z\d])(?P<v>[A-Z]{3}\s?\d{6}[A-Z])(?![A-Za-z\d])", hint="digit capital", flags=0),
    rule("refs.officer", "OTHER", r"(?<![A-Za-z])(?:PC|WPC|PS|DC|PCSO|Constable|Garda|[Cc]ollar|[Bb]adge|[Ss]houlder|[Ww]arrant)(?:\s(?:[Nn]o\.?|[Nn]umber|#))?\s#?(?P<v>\d{3,6}[A-Z]{0,2})(?![\dA-Za-z%]|[./]\d|\s?(?:mg|ml|mm|cm))", hint="digit officer_word", flags=0),
    rule("refs.branch", "BANK", r"(?<![A-Za-z])(?:[Bb]ranch|[Ss]ort)(?:\s[Cc]ode)?\.?\s?:?\s?(?P<v>\d{6}|\d{2}[\s\-]\d{2}[\s\-]\d{2})(?![\d%]|[./]\d)", hint="digit long branch_word", flags=0),
    rule("refs.account", "BANK", r"(?<![A-Za-z])(?:[Aa]cc(?:t|ount)?|[Aa]/[Cc])(?:\s(?:[Nn]o\.?|[Nn]umber))?\s?:?\s?(?P<v>\d{2,4}(?:\s\d{3,6}){2,3})(?![\d%]|[./]\d)", hint="digit long branch_word", flags=0),
    rule("refs.handphone", "PHONE", r"(?<![A-Za-z])(?:HP|H/P|Hp|[Hh]andphone|MP|[Mm]obile)\.?:?\s(?P<v>[689]\d{3}[\s\-]?\d{4})(?![\d%]|[./]\d)", hint="digit long handphone_word", flags=0),
    rule("refs.bank_code", "BANK", r"(?<![A-Za-z])(?:IFSC|SWIFT|BIC|MICR)(?:\s[Cc]ode)?\s?:?\s?(?P<v>[A-Z]{4}[A-Z\d]{4,9})(?![A-Za-z\d])", hint="capital bank_code_word", flags=0),
    rule("refs.eight", "PHONE", r"(?<![A-Za-z])(?:at|on|[Cc]all|[Rr]ing|[Tt]ext|[Ww]hats[Aa]pp(?:ed)?|[Rr]each|[Cc]ontact|[Nn]umber|[Tt]el|[Pp]h)\s:?(?P<v>[235689]\d{3}\s\d{4})(?![\d%]|[./]\d|\s?(?:units|ml|mL|mg))", hint="digit long", flags=0),
    rule("refs.user", "ACCT", r"(?<![A-Za-z])(?:[Uu]ser(?:name|\sname)?|[Ss]ign(?:ed)?[\s\-]in\sas|[Ll]og(?:ged)?[\s\-]?in(?:\sas)?|[Pp]ortal\s[Ii][Dd])\s?:?\s?(?P<v>[a-z][a-z\d]*[._\d][a-z\d._]{2,29})(?![A-Za-z\d@])", hint="account_user", flags=0),
    rule("refs.user_approved", "ACCT", r"(?<![A-Za-z])(?:[Aa]pproved|[Ss]igned|[Vv]erified|[Aa]uthori[sz]ed|[Rr]eported|[Tt]yped|[Rr]eleased)(?:\sby)?\s?:\s?(?P<v>[a-z]{5,14}\d{0,3})(?=\s/\s)", hint="ending_role slash", flags=0),
    rule("refs.member", "ACCT", r"(?<![A-Za-z])(?:[Mm]ember(?:ship)?|[Pp]olicy|[Ff]und|[Pp]ension)(?:\s(?:[Nn]o\.?|[Nn]umber))?\s:?(?P<v>\d{2,4}(?:\s\d{3,4}){1,3}\s[A-Z])(?![A-Za-z\d])", hint="digit long account_word", flags=0),
    rule("refs.resident_africa", "IDCARD", r"(?<![\dA-Za-z])(?P<v>\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\s\d{4}\s[01]\d{1,2}(?:\s\d)?)(?![\d%]|[./]\d)", hint="digit long9", flags=0),
    rule("refs.driver", "PLATE", r"(?<![A-Za-z])(?:[Dd]river|[Oo]wner|[Kk]eeper|[Pp]assenger|[Rr]ider|[Oo]ccupant)\s(?:of|in|on)\s(?:an?\s|the\s)?(?:(?:lorry|car|van|truck|bakkie|taxi|bike|motorbike|motorcycle|bus)\s)?(?P<v>[A-Z]{2}\s?\d{2}\s?[A-Z]{3}(?:\s[A-Z]{2})?|\d[A-Z]{3}\s?\d{3}|[A-Z]{3}[\s\-]?\d{3,4}|\d{2,3}-[A-Z]{1,2}-\d{1,6})(?![A-Za-z\d])", hint="digit capital driver_word", flags=0),
)
_NO_TOWN = frozenset(["dr", "mr", "mrs", "ms", "miss", "prof", "sister", "nurse", "and", "or", "with", "the", "plan", "seen"])


def _town(value: str) -> bool:
    """A province in two or three letters counts behind an unlisted word alone: Swakop, NL; not Smith, SA."""
    town, _, province = value.rpartition(", ")
    head = town.split()[0]
    if head.lower() in _NO_TOWN or head.lower() in words.no_name_en():
        return False
    return not province.isupper() or not (words.common_en(head.lower()) or head in words.given_us() or head in words.surnames_us())


def province_rules() -> list[Rule]:
    return [
        rule("refs.province", "ADDR", rf"(?<![A-Za-z])(?P<v>(?:St\.?\s)?{_WORD}(?:\s{_WORD})?,\s(?:{_PROVINCES}))(?![A-Za-z])", _town, hint="capital comma_capital province_word", flags=0),
        rule("refs.lot", "ADDR", r"(?<![A-Za-z])(?P<v>Lot\s\d{1,4}[A-Z]?,\s(?:[A-Z][a-z'’]+\s){1,3}(?:Road|Rd|Street|St|Track|Lane|Drive|Dr|Avenue|Ave|Way|Highway|Hwy|Close|Court|Parade|Crescent|Terrace))(?![A-Za-z])", None, "digit capital flat_word", 0),
        rule("refs.lake", "ADDR", rf"(?<![A-Za-z])(?:[Aa]t|[Ii]n|[Nn]ear|[Ff]rom|[Oo]n|[Tt]o|[Aa]cross)\s(?P<v>(?:Lake|Loch|Lough|Mount|Cape|Glen|Isle\sof)\s{_WORD})(?![A-Za-z'’])", hint="capital water_word", flags=0),
    ]
