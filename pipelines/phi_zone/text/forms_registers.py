# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""Numbers under the labels of many countries' registers, cards and claims, in English text; telephones of a house told by a verb."""
from __future__ import annotations

from pipelines.phi_zone.text.rules import Rule, dated, figures, rule

_OF = r"(?:\s(?:[Cc]ard|[Vv]erified|[Ss]een|[Cc]hecked))?(?:\s?(?:[Nn]o|NO|[Nn]umber|NUMBER|ID|#))?\.?\s?[:#]?\s?"
_NATIONAL = ("SIN|UTR|TFN|NINO|NI(?=\\s(?:[A-Z]{2}\\s?\\d|[Nn]o\\b|[Nn]umber))|NIN|BVN|PPSN?|CHI|HCN|PHN|NHI|IRD|NRIC|MyKad|Aadhaar|AADHAAR|CNIC|CPF|CURP|RFC|NIE|NIF|CPR|BSN|PESEL|QID|Iqama|Emirates\\sID|Civil\\sID|Ghana\\sCard|SA\\sID|RAMQ|OHIP|MCP|"
             "IC(?=\\s(?:no|No|number)|:)|PAN(?=\\s(?:no|No|number|card)|:)|DNI(?=\\s(?:no|No|number)|:)|[Nn]ational\\s(?:ID|[Ii]dentity|[Ii]nsurance)(?:\\s[Cc]ard)?|[Tt]ax\\s(?:ID|[Ff]ile)|[Vv]oter\\sID|[Rr]ation\\s[Cc]ard|[Rr]efugee\\sID|UNHCR|[Aa]lien|[Vv]isa|[Gg]reen\\s[Cc]ard")
_CARDS = ("[Mm]edical|[Gg]old|[Ww]hite|[Oo]range|[Hh]ealth(?:\\s?[Cc]are)?|[Cc]oncession|[Pp]ension(?:er)?|[Ss]eniors|Medicare|[Ii]nsurance|DVA|GMS|LTI|HAA|EHIC|GHIC|[Tt]ravel|[Ll]oyalty|[Ll]ibrary|[Mm]embership|[Ss]tudent|[Dd]onor|[Hh]ospital|[Cc]linic|[Bb]us|[Ss]ecurity|[Aa]ccess|Ayushman|PM-?JAY|ECHS|CGHS|ESI|CHAS|Octopus|[Gg]roup|[Ii]dentity|ID|[Rr]egistration|[Vv]accination|[Aa]ppointment|[Ii]mmunisation")
_CLAIMS = "[Aa]/[Cc]|[Cc]laim|[Pp]olicy|WSIB|WCB|ICBC|WorkCover|WorkSafe|TAC|ACC|[Cc]over\\s?[Nn]ote|[Vv]oucher|[Pp]re-?auth|[Aa]uthori[sz]ation|[Gg]uarantee|[Rr]emittance|[Bb]ill|[Ii]nvoice|[Rr]eceipt|[Tt]racking|[Cc]onsignment|[Dd]ocket|[Ww]arrant|[Pp]ermit"


def _figures(least: int, value: str) -> bool:
    return figures(value) >= least and not dated(value)


REGISTER_RULES: tuple[Rule, ...] = (
    rule("registers.national", "IDCARD", rf"(?<![A-Za-z])(?:{_NATIONAL}){_OF}(?P<v>[A-Z]{{0,4}}[\s\-]?\d(?:[\s\-.]?\d){{5,14}}(?:[\s\-]?[A-Z]{{1,2}})?|[A-Z]{{5}}\d{{4}}[A-Z]|[A-Z]{{3,4}}\s?\d{{4,6}}\s?[A-Z\d]{{2,8}})(?![A-Za-z\d])", lambda v: _figures(4, v), hint="digit register_word", flags=0),
    rule("registers.card", "ACCT", rf"(?<![A-Za-z])(?:{_CARDS})\s(?:[Cc]ard|CARD|[Pp]ass){_OF}(?P<v>[A-Z]{{0,5}}-?\d{{4,16}}[A-Z]?(?:-\d{{1,6}}){{0,2}}(?:-[A-Z]{{1,2}})?|\d{{2,5}}(?:[\s\-]\d{{1,6}}){{1,4}})(?![A-Za-z\d])", lambda v: _figures(4, v), hint="digit card_en", flags=0),
    rule("registers.claim", "ACCT", rf"(?<![A-Za-z])(?:{_CLAIMS}){_OF}(?P<v>(?:[A-Z]{{1,5}}[\-/]?)?\d{{2,}}(?:[\-/][A-Z\d]{{2,8}}){{0,3}})(?![A-Za-z\d%]|[./]\d|\s?(?:mg|ml|mm|cm))", lambda v: _figures(6, v), hint="digit long claim_word", flags=0),
    rule("registers.beneficiary", "ACCT", r"(?<![A-Za-z\d])(?P<v>[1-9][AC-HJ-KM-NP-RT-Y][AC-HJ-KM-NP-RT-Y\d]\d-?[AC-HJ-KM-NP-RT-Y][AC-HJ-KM-NP-RT-Y\d]\d-?[AC-HJ-KM-NP-RT-Y]{2}\d\d)(?![A-Za-z\d])", hint="digit capital", flags=0),
    rule("registers.dotted", "MRN", r"(?<![A-Za-z])(?:UHID|MRN|MRD|UMR|HRN|URN?|CR|IPD?|OPD?|[Hh]osp(?:ital)?|[Pp]atient|[Rr]eg)\.?(?:\s(?:[Nn]o|[Nn]umber|ID))?\.?\s?[:#]?\s?(?P<v>[A-Z]{2,6}[.\-/](?:\d{2,4}[./\-])?\d{5,12}|\d{2,4}\.\d{2,4}\.\d{2,4})(?![\dA-Za-z]|[.\-/]\d)", hint="digit record_word_en", flags=0),
    rule("registers.paged", "PHONE", r"(?<![A-Za-z])(?:[Pp]aged?|[Bb]leep(?:ed)?|[Dd]ial(?:led)?|[Vv]oalte|[Ss]pectralink|[Aa]scom|[Cc]isco)\s(?:(?:him|her|them|me|us|again)\s)?(?:at\s(?=\d{5})|on\s|to\s(?=\d{5})|#)?(?P<v>\d{3,6})(?![\d:/.%]|\s?(?:times|mins?|hours|hrs|am|pm|h\b))", hint="digit paged_word", flags=0),
    rule("registers.extension", "PHONE", r"(?<![A-Za-z])(?:[Cc]all|[Dd]ial|[Cc]ontact|[Rr]each|[Rr]ing|[Pp]hone|[Dd]esk|[Pp]harmacy|[Ll]ab|[Ww]ard|[Oo]ffice|at|on|or)\s(?P<v>[xX]\s?\d{4,5})(?![\d.%/:])", hint="digit extension_x", flags=0),
)
