# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""User names and handles, payment names, hosts with a path or a port, plates of cars, accounts money goes to and numbers somebody was called on."""
from __future__ import annotations

import re

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.forms_numbers import measured
from pipelines.phi_zone.text.rules import Rule, dated, figures, rule

_LOGIN = r"(?:[a-z]{1,20}[._\-]?[a-z]{0,20}_[a-z\d_]{1,20}|[a-z]{2,20}(?:[.\-][a-z]{1,20})?\d{1,4}(?:_[a-z\d]{1,20})?|[a-z]{1,20}\.[a-z]{1,20}\d{0,4})"
_BODIES = ("[Aa]mbulance|[Bb]akkie|[Bb]ike|[Bb]oda|[Bb]us|[Cc]ab|[Cc]ar|[Cc]oach|[Hh]atchback|[Jj]eep|[Ll]orry|[Mm]atatu|[Mm]inibus|[Mm]inicab|[Mm]oped|[Mm]otorbike|[Mm]otorcycle|[Pp]ick-?up|[Rr]ickshaw|[Ss]aloon|[Ss]cooter|[Ss]edan|SUV|[Tt]axi|[Tt]ractor|[Tt]railer|[Tt]ruck|[Uu]te|[Vv]an|[Vv]ehicle|[Ww]agon")
_MAKES = ("Alphard|Alto|Amarok|Astra|Audi|Avanza|Aygo|BMW|BYD|Bajaj|Berlingo|Bolero|Buick|Cadillac|Camry|Cherokee|Chevrolet|Chevy|Chrysler|Citroen|Civic|Clio|Commodore|Corolla|Corsa|D-Max|Dacia|Daihatsu|Demio|Discovery|Dodge|Duster|Dzire|F-?150|Fabia|Fiat|Fiesta|Focus|Ford|Forester|Fortuner|GMC|Golf|HR-V|Harley|Haval|"
          "Hiace|Hilux|Holden|Honda|Hyundai|Impreza|Innova|Isuzu|Jaguar|Jazz|Jetta|Kangoo|Kawasaki|Kia|Kluger|Land\\s?[Cc]ruiser|Land\\sRover|Lexus|Mahindra|Maruti|Mazda|Megane|Merc(?:edes)?|Micra|Mitsubishi|Mondeo|Myvi|Navara|Nissan|Octavia|Opel|Outback|Pajero|Passat|Perodua|Peugeot|Picanto|Polo|Prado|Prius|Probox|Proton|Punto|"
          "Qashqai|RAV4|Range\\sRover|Ranger|Renault|Rio|Saga|Santro|Scorpio|Silverado|Skoda|Sportage|Sprinter|Subaru|Suzuki|Swift|Tahoe|Tata|Tesla|Tiguan|Toyota|Transit|Triton|Tucson|VW|Vauxhall|Vespa|Vios|Vito|Vitz|Vivaro|Volkswagen|Volvo|X-Trail|Yamaha|Yaris")
_IRISH = r"(?:\d\d[12]|[89]\d|0\d|1[0-2])[\-\s](?:CE|CN|CW|C|DL|D|G|KE|KK|KY|LD|LH|LK|LM|LS|L|MH|MN|MO|OY|RN|SO|TN|TS|T|WH|WW|WX|W)[\-\s]\d{1,6}"
_TELLING = (rf"{_IRISH}|[A-HJ-PR-Y]{{2}}(?:0[1-9]|[12]\d|5[1-9]|6\d|7[0-6])\s?[A-HJ-PR-Z]{{3}}|K(?:[A-E][A-Z]|M[A-Z]{{2}})\s?\d{{3}}[A-Z]|S[A-Z]{{2}}\s?\d{{1,4}}\s?[A-Z]|[A-Z]{{2}}[\s\-]?\d{{1,2}}[A-Z]?[\s\-]?[A-Z]{{1,3}}[\s\-]?\d{{4}}|[A-Z]{{2,3}}\s?\d{{2,3}}[\s\-]\d{{3,4}}|"
            r"[A-Z]{2}\s?\d{2}\s?[A-Z]{2}\s?(?:EC|FS|GP|L|MP|NC|NW|WP|ZN)|[A-Z]{3}[\s\-]?\d{2,3}[\s\-]?[A-Z]{2}|G[A-Z][\s\-]\d{3,4}[\s\-]\d{2}|\d[A-Z]{2}[\s\-]?\d[A-Z]{2}|\d[A-Z]{3}\d{3}|[A-Z]{4}[\s\-]\d{3}")
_SHAPE = rf"(?:{_TELLING}|[A-Z]{{2}}[\s\-]?\d{{2}}[\s\-]?[A-Z]{{2}}|[A-Z]{{1,3}}[\s\-]?\d{{3,4}}(?:\s?[A-Z]{{1,2}})?|[A-Z]{{1,2}}\s\d{{3,4}}\s[A-Z]{{1,3}}|\d{{3,4}}[\s\-]?[A-Z]{{2,3}})"
_UNITS = "|".join(("g", "kg", "mg", "ml", "mL", "mm", "cm", "km", "mph", "units", "hrs", "pm", "am"))
_SECOND = "ac|co|com|edu|gob|gov|govt|health|hosp|mil|moh|nhs|nic|org|sch"
_TOP = "ai|app|cloud|corp|dev|gle|internal|intranet|io|lan|link|local|ly|me|net|online|org|page|site|tech"
_BANKS = ("abfspay|allbank|apl|aubank|axis(?:b|bank)?|axl|barodampay|boi|cboi|citi|cnrb|dbs|federal|freecharge|hdfc(?:bank)?|hsbc|ibl|icici|idbi|idfc(?:bank|first)?|ikwik|indus|jio|kbl|kotak|mahb|ok[a-z]{3,12}|payzapp|paytm|pnb|postbank|pt(?:axis|hdfc|sbi|yes)|rbl|sbi|sib|superyes|timecosmos|uboi|uco|unionbank|upi|waaxis|wahdfcbank|waicici|wasbi|yapl|ybl|yesbank|yespay")
_IBAN_LANDS = "A[DETZ]|B[EGHRY]|C[HRYZ]|D[EKO]|E[EGS]|F[IOR]|G[BEILRT]|H[RU]|I[ELQST]|JO|K[WZ]|L[BCITUVY]|M[CDEKRTU]|N[LO]|P[KLST]|QA|R[OS]|S[AEIKMV]|T[LNR]|U[A]|V[AG]|XK"


def _login(value: str) -> bool:
    """Letters no dictionary has, with figures or a dash below: jlam07, not week12 or day_3."""
    heads = re.findall("[a-z]+", value)
    if "_" in value:
        return any(char.isdigit() for char in value) or not all(words.common_en(head) for head in heads)
    if "." in value:
        return not all(words.common_en(head) for head in heads)
    return not (words.common_en(heads[0]) or heads[0] in words.clinical_en() or heads[0] in _NO_LOGIN)


_NO_LOGIN = frozenset("covid day week wk hour hr month mth year yr room rm bed bay ward phase stage grade level type cyp ckd cd ck il hla ca pcr rs chapter ver version rev step visit line dose q lot ga".split())


def _plate(value: str) -> bool:
    return 4 <= sum(char.isalnum() for char in value) <= 10 and not measured(value)


def _signed(value: str) -> bool:
    """Behind "by" alone: more than the name of a gene."""
    return _login(value) and ("_" in value or figures(value) > 1 or (figures(value) == 1 and len(value) > 5))


def _plain_login(value: str) -> bool:
    return not words.common_en(value) and value not in words.clinical_en()


def _account(value: str) -> bool:
    return figures(value) >= 8 and not dated(value) and not re.match(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d\Z", value)


def _reached(value: str) -> bool:
    return 7 <= figures(value) <= 15 and not dated(value) and re.search(r"\d{3}", value) is not None


def _entry(value: str) -> bool:
    return figures(value) >= 5 and not dated(value)


HANDLE_RULES: tuple[Rule, ...] = (
    rule("handles.login", "ACCT", rf"(?<![A-Za-z])(?:[Ll]og(?:ged|ging|s)?\s?(?:in|off|on|out)|[Ss]ign(?:ed|ing|s)?\s?(?:in|off|on|out)|[Uu]ser(?:name|s)?|[Aa]ccount|[Cc]redentials?)\s(?:as|by|for|is|named|of|under|using|was|with)\s(?:user\s|the\s(?:login|user)\s)?(?P<v>@?{_LOGIN})(?![A-Za-z\d@])", _login, "login_word", 0),
    rule("handles.named", "ACCT", r"(?<![A-Za-z])(?:[Uu]ser(?:\s?(?:ID|id|[Nn]ame))?|[Ll]ogin|[Cc]o-?signed|[Cc]ountersigned|[Hh]andle|[Ii]nsta(?:gram)?|[Tt]ik\s?[Tt]ok|[Tt]witter|[Ss]nap(?:chat)?|[Dd]iscord|[Ss]kype|[Tt]elegram|[Gg]amertag|[Ss]creen\sname|[Aa]ccount|[Pp]rofile|[Ll]ine\sID|LINE|FB|[Ff]acebook|[Vv]enmo|[Rr]eddit|[Mm]essenger|PSN|[Rr]oblox|[Ss]team)(?:\s(?:handle|is|as|account|user|username|ID|id)){0,3}\s?:?\s[\"']?(?P<v>[a-z]{1,20}[._\-]?[a-z]{0,20}_[a-z\d_]{1,20}|[a-z]{2,20}(?:[.\-][a-z]{1,20})?\d{1,4}|[a-z]{2,20}(?:\.[a-z\d]{1,20}){1,3}|(?<=ame\s)[a-z]{2,}-[a-z]{2,}|(?<=ame:\s)[a-z]{2,}-[a-z]{2,})(?![A-Za-z\d@/])", _login, "named_word", 0),
    rule("handles.login_plain", "ACCT", r"(?<![A-Za-z])(?:(?:[Ll]ogged|[Ss]igned)\s?(?:in|off|on|out)\s(?:as|under)|[Uu]ser\s?name(?:\sis|:)?|[Uu]ser(?:\sis|:))\s(?P<v>[a-z]{5,14})(?=\s?[.,;)]|\s?$|\sat\s\d)", _plain_login, "login_word", 0),
    rule("handles.by", "ACCT", rf"(?<![A-Za-z])(?:by|under):?\s(?:user\s)?(?P<v>{_LOGIN})(?=\s(?:at|on)\s\d|\s?[,.;)](?:\s|$)|\s?$|\s\(|\s\d{{1,2}}[:/])", _signed, "under_word handle", 0),
    rule("handles.by_plain", "ACCT", r"(?<![A-Za-z])(?:[Aa]ccessed|[Aa]mended|[Aa]pproved|[Ee]dited|[Ee]ntered|[Oo]pened|[Pp]rinted|[Rr]eleased|[Rr]eported|[Ss]igned|[Vv]erified|[Vv]iewed)\sby:?\s(?P<v>[a-z]{5,12})(?=\s\(\d|\s\d{1,2}:\d\d|\sat\s\d|,\s\d)", _plain_login, "under_word signed_word", 0),
    rule("handles.meeting", "ACCT", r"(?<![A-Za-z])(?:[Mm]eeting|[Tt]eams|[Ww]ebex|[Zz]oom)(?:\s(?:ID|id|link|meeting|no\.?|room)){0,2}\s?:?\s?(?P<v>\d{3}[\s\-]\d{3,4}[\s\-]\d{3,4})(?![\dA-Za-z%]|[./\-]\d)", None, "digit long meeting_word", 0),
    rule("handles.passcode", "OTHER", r"(?<![A-Za-z])(?:[Pp]ass(?:code|word)|PASSWORD|[Pp]wd)(?:\s(?:is|reset\sto|was))?\s?:?\s(?P<v>(?=[A-Za-z!#$%&*?@]{0,14}\d)[A-Za-z\d!#$%&*?@]{4,16})(?![A-Za-z\d])", None, "digit pass_word", 0),
    rule("handles.door", "OTHER", r"(?<![A-Za-z])(?:(?:[Aa]larm|[Bb]uzzer|[Dd]oor|[Ee]ntry|[Gg]ate|[Ss]afe)\s(?:[Cc]ode|[Nn]o\.?|[Nn]umber|PIN|[Pp]in)|[Kk]ey\s?(?:box|safe)(?:\s(?:[Cc]ode|[Nn]o\.?|[Nn]umber|PIN|[Pp]in))?|[Ll]ock\s?box(?:\s(?:[Cc]ode|[Nn]o\.?|[Nn]umber|PIN|[Pp]in))?)\s?:?\s?(?:is\s)?(?P<v>[#*]?\d{4,6}[#*]?|[A-Z]\d{3,5}[A-Z]?|\d{3,5}[A-Z])(?![A-Za-z\d%]|[.:/\-]\d)", None, "digit door_word", 0),
    rule("handles.ip_and_port", "URL", r"(?<![\d.A-Za-z/])(?P<v>\d{1,3}(?:\.\d{1,3}){3}:\d{2,5}(?:/[^\s<>\"'，。；、\u4e00-\u9fff,;)]*)?)", None, "digit ported", 0),
    rule("handles.host_bare", "URL", r"(?<![A-Za-z\d.@/\-])(?P<v>(?:[A-Za-z\d\-]{3,}\.){1,3}(?:com|edu|gov|org))(?![A-Za-z\d@:/\-]|\.[A-Za-z])", None, "host_end", 0),
    rule("handles.at", "ACCT", r"(?<![A-Za-z\d._%+\-@])(?P<v>@(?=[A-Za-z.\-]{0,24}_|[A-Za-z.\-]{3,24}\d)[A-Za-z][A-Za-z\d_.\-]{2,28}[A-Za-z\d_])(?![A-Za-z\d@])", lambda v: _login(v[1:].lower()), "at", 0),
    rule("handles.at_user", "ACCT", r"(?<![A-Za-z])(?:[Uu]ser(?:name)?|[Hh]andle|[Cc]hat|[Pp]rofile|[Mm]essaged?|DM(?:e?d)?|[Tt]agged|[Ff]ollows?|[Pp]osted\s(?:as|by)|[Aa]ka|[Ii]nsta(?:gram)?|[Tt]elegram|[Tt]ik\s?[Tt]ok|[Ss]napchat|[Tt]witter|[Tt]hreads|[Dd]iscord|[Ss]kype)\s?:?\s(?:is\s|name\s|as\s)?(?P<v>@[A-Za-z][A-Za-z\d_.]{2,28})(?![A-Za-z\d@])", None, "at", 0),
    rule("handles.payee", "ACCT", rf"(?<![A-Za-z\d._%+\-])(?P<v>[A-Za-z\d][A-Za-z\d.\-_]{{2,40}}@(?:{_BANKS}))(?![A-Za-z\d@]|[.\-][A-Za-z\d])", None, "at", 0),
    rule("handles.payee_told", "ACCT", r"(?<![A-Za-z])(?:UPI|VPA|BHIM|[Gg][Pp]ay|[Gg]oogle\s?[Pp]ay|[Pp]hone[Pp]e|[Pp]aytm)(?:\s(?:ID|id|to|via|from|address)){0,2}\s?:?\s?(?P<v>[A-Za-z\d][A-Za-z\d.\-_]{2,40}@[A-Za-z]{2,20})(?![A-Za-z\d@]|\.[A-Za-z\d])", None, "at", 0),
    rule("handles.insurance_spaced", "ACCT", r"(?<![A-Za-z])(?:[Ii]nsur(?:ance|er)|[Pp]lan|[Cc]overage|[Pp]ayer|[Ss]ubscriber|[Mm]ember|BCBS|Aetna|Anthem|Cigna|Humana|Kaiser|Medibank|Bupa|VHI|Vhi|Laya)(?:\s(?:ID|[Nn]o|[Nn]umber|[Cc]ard|#))?\.?\s?[:#]?\s?(?P<v>[A-Z]{2,4}\s?\d{2,4}(?:\s\d{2,4}){2,4})(?![\dA-Za-z%]|[./]\d)", lambda v: figures(v) >= 7, "digit insurance_word", 0),
    rule("handles.medicare_australia", "ACCT", r"(?<![\d.,/\-])(?P<v>[2-6]\d{3}\s\d{5}\s\d(?:[\s/\-]\d)?)(?![\d%]|[.,/]\d)", None, "digit medicare_spaced", 0),
    rule("handles.paper", "ACCT", r"(?<![A-Za-z])(?:[Ii]nvoice|[Bb]ill|[Rr]eceipt|[Cc]laim|[Pp]olicy|[Cc]ase|[Tt]icket|[Cc]omplaint|[Ii]ncident|[Ff]ile|[Dd]ocket|[Aa]uth|[Vv]oucher)\s?(?:[Nn]o\.?\s|[Nn]umber\s)?(?:#\s?)?(?P<v>(?<=#)\d{4,8}-[A-Z\d]{1,4}|[A-Z]{2,5}-\d{4,8}|20[12]\d-\d{5,8})(?![A-Za-z\d%]|[./]\d)", None, "digit paper_word", 0),
    rule("handles.police_entry", "ACCT", r"(?<![A-Za-z])(?:[Pp]olice|FIR|OB|CAS|GD|[Cc]rime|[Ii]ncident)(?:\s(?:abstract|case|entry|[Nn]o|number|ref|report|rpt)\.?){0,2}\s?[:#]?\s?(?P<v>(?:[A-Z]{1,3}/)?\d{1,8}(?:/\d{1,8}){1,3})(?![\dA-Za-z%/])", _entry, "digit slash police_word", 0),
    rule("handles.host", "URL", rf"(?<![A-Za-z\d.@/\-])(?P<v>(?:[A-Za-z\d][A-Za-z\d\-]*\.){{1,4}}(?:{_SECOND})\.[a-z]{{2}}(?![A-Za-z\d@])(?:(?::\d{{2,5}})?/[^\s<>\"'，。；、\u4e00-\u9fff]*[^\s<>\"'，。；、\u4e00-\u9fff,.;)]|:\d{{2,5}})?)", None, "host", 0),
    rule("handles.host_path", "URL", rf"(?<![A-Za-z\d.@/\-])(?P<v>(?:[A-Za-z\d][A-Za-z\d\-]*\.){{1,4}}(?:{_TOP}|com|edu|gov|info)(?::\d{{2,5}}(?:/[^\s<>\"'，。；、\u4e00-\u9fff]*)?|/(?=[A-Za-z\d?#~@+])[^\s<>\"'，。；、\u4e00-\u9fff]*[^\s<>\"'，。；、\u4e00-\u9fff,.;)]))", None, "host_path path_mark", 0),
    rule("plates.car", "PLATE", rf"(?<![A-Za-z\-])(?:{_BODIES}|{_MAKES})(?:\s(?:bearing|no|number|plate|reg(?:istration)?|rego|tag)\.?)?(?:,|:|\s\(|\s[\-])?\s(?P<v>{_SHAPE})(?![A-Za-z\d%]|[./\-]\d|\s?(?:{_UNITS})(?![A-Za-z]))", _plate, "digit capital car_word", 0),
    rule("plates.near_car", "PLATE", rf"(?<![A-Za-z\-])(?:{_BODIES}|{_MAKES})[^.\n\d]{{1,60}}?[,:\s(](?P<v>{_TELLING})(?![A-Za-z\d%]|[./\-]\d|\s?(?:{_UNITS})(?![A-Za-z]))", _plate, "digit capital car_word", 0),
    rule("plates.told", "PLATE", rf"(?<![A-Za-z])(?:[Rr]eg(?:istration|o)?(?:\s(?:no|number|plates?))?|[Nn]umber\s?plates?|[Ll]icen[cs]e\splates?|[Pp]lates?)(?:\s[a-z]+|\s[A-Z]{{2,3}}(?=:)){{0,3}}[:,]?\s(?P<v>{_SHAPE})(?![A-Za-z\d%]|[./\-]\d|\s?(?:{_UNITS})(?![A-Za-z]))", lambda v: _plate(v) and not v.isdigit(), "digit capital reg_word", 0),
    rule("plates.kenya_or_singapore", "PLATE", r"(?<![A-Za-z\d\-/])(?P<v>K[A-E][A-HJ-NP-Z]\s\d{3}[A-HJ-NP-Z]|S[B-NP-Y][A-HJ-NP-Z]\s\d{3,4}\s[A-HJ-NP-Z])(?![A-Za-z\d%]|[./\-]\d)", lambda v: _plate(v) and v[:3] not in ("KCL", "SBP", "SVR", "SDH", "SAH", "SLE", "SCC"), "digit capital plate_spaced", 0),
    rule("plates.irish", "PLATE", r"(?<![A-Za-z\d\-/.])(?P<v>(?:1[3-9]|2\d)[12](?:-(?:CE|CN|CW|C|DL|D|G|KE|KK|KY|LD|LH|LK|LM|LS|L|MH|MN|MO|OY|RN|SO|TN|TS|T|WH|WW|WX|W)-\d{1,6}|\s(?:CE|CN|CW|DL|KE|KK|KY|LH|LK|LS|MH|MN|OY|RN|TN|WH|WW|WX)\s\d{3,6}))(?![A-Za-z\d%]|[./\-]\d)", None, "digit capital plate_irish", 0),
    rule("handles.iban", "BANK", rf"(?<![A-Za-z\d])(?P<v>(?:{_IBAN_LANDS})\d\d(?:(?:\s[A-Z\d]{{4}}){{3,7}}(?:\s[A-Z\d]{{1,3}})?|(?:[A-Z]{{4}}|\d{{4}})[A-Z\d]{{2}}\d{{6,20}}))(?![A-Za-z\d])", lambda v: figures(v) >= 10, "digit capital iban", 0),
    rule("handles.account", "BANK", r"(?<![A-Za-z])(?:ABA|ACH|[Aa]/[Cc]|[Aa]cc(?:oun)?t?|[Bb]ank(?:ed)?(?:\sin)?|[Cc]hecking|[Cc]redited|[Dd]ebited|[Dd]eposit(?:ed|s)?|[Dd]irect\s[Dd]ebit|EFT|GIRO|[Gg]iro|IMPS|NEFT|[Pp]ay[Nn]ow|[Rr]emit(?:ted)?|[Rr]outing|RTGS|[Ss]avings|[Ss]tanding\s[Oo]rder|[Tt]ransfer(?:red|s)?|[Ww]ire(?:d)?)(?:\s(?:#|a/c|acc(?:oun)?t|account|by|cash|from|in|into|it|[Nn]o\.?|number|ref|the\s(?:fee|money|balance|deposit)|to|via|[A-Z][A-Za-z]+)){0,4}\.?\s?[#:]{0,2}\s?(?P<v>\d{8,16}|\d{2,6}(?:[\s\-]\d{2,8}){1,4}(?:[\s\-]\d{1,3})?)(?![\dA-Za-z%]|[./\-]\d|\s(?:cells|cfu|copies|IU|spores|units)\b)", _account, "digit long transfer_word", 0),
    rule("handles.sort_and_account", "BANK", r"(?<![\dA-Za-z./\-])(?P<v>\d\d-\d\d-\d\d[\s,/]{1,2}\d{8})(?![\dA-Za-z%]|[./\-]\d)", None, "digit sorted", 0),
    rule("handles.till", "BANK", r"(?<![A-Za-z])(?:[Tt]ill|TILL|[Pp]ay\s?[Bb]ill)(?:\s(?:[Nn]o\.?|[Nn]umber))?\s?:?\s?(?P<v>\d{5,7})(?![\dA-Za-z%]|[.,/]\d)", None, "digit long till_word", 0),
    rule("handles.rang", "PHONE", r"(?<![A-Za-z])(?:[Bb]ee?ped|[Bb]leeped|[Cc]alled|[Pp]aged|[Pp]honed|[Rr]ang|[Rr]ung|[Bb]leep\sholder|[Cc]all-?back)\s(?P<v>(?!(?:(?:19|20)\d\d|2222)(?!\d))\d{4,5})(?=[.,;](?:\s|$)|\s?$|\s(?:again|and|aware|but|for|informed|no\s|once|took|out|twice|with)|\sx\s?\d)", None, "digit rang_word", 0),
    rule("handles.role_on", "PHONE", r"(?<![A-Za-z])(?:[Cc]lerk|[Cc]ons(?:ultant)?|[Cc]oordinator|[Dd]esk|F1|FY1|HO|[Mm]atron|[Nn]urse|[Pp]harmac(?:ist|y)|[Pp]hysio|[Pp]orters?|[Rr]eception|[Rr]eg(?:istrar)?|[Rr]esident|SHO|[Ss]ister|SpR|[Ss]witch(?:board)?)\son\s(?:ext\.?\s|x|bleep\s)?(?P<v>(?!(?:19|20)\d\d(?!\d))\d{4,5})(?![\d:/%A-Za-z]|[.,]\d|\s?(?:mg|mcg|units|mls?|mL)(?![A-Za-z]))", None, "digit role_word_en", 0),
    rule("handles.beeped", "PHONE", r"(?<![A-Za-z])(?:[Bb]ee?ped|[Bb]leeped|[Bb]uzzed|[Cc]alled|[Cc]ontacted|[Dd]iscussed\swith|[Dd]/w|[Pp]aged|[Pp]honed|[Rr]ang|[Rr]ung|[Ss]poke\s(?:to|with)|[Tt]exted|[Bb]ee?p|[Bb]leep|[Pp]age|[Rr]ing|[Cc]all|[Cc]ontact)\s(?:[A-Za-z/&'\-]+\s){1,5}on\s(?:ext\.?\s|x|dect\s|bleep\s|pager\s)?#?(?P<v>(?!(?:19|20)\d\d(?!\d))\d{3,5})(?![\d:/%A-Za-z]|[.,]\d|\s?(?:mg|mcg|units|L|litres|mls?|mL|am|pm|hrs?|hours|days?|of)(?![A-Za-z]))", None, "digit rang_word", 0),
    rule("handles.sent_to", "PHONE", r"(?<![A-Za-z])(?:[Ww]hats[Aa]pp(?:ed)?|[Tt]ext(?:ed)?|SMS|[Mm]essaged?|[Ss]end|[Ss]ent|[Ff]ax(?:ed)?|[Vv]iber|[Ff]orward(?:ed)?|GCash|[Mm]-?[Pp]esa|[Pp]ay[Nn]ow)\s(?:[A-Za-z'\-]+\s){0,5}(?:at|on|to|via)\s(?P<v>\+?\d[\d\s\-()]{5,17}\d)(?![\dA-Za-z%]|[.:/]\d|\s?(?:mg|ml|mL|units)(?![A-Za-z]))", _reached, "digit long sent_word", 0),
)
