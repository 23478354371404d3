# ruff: noqa: E501 - patterns and word lists are data: a line is one of them, whole

"""English names by the part somebody plays: in a list behind a heading, before a bracket that says who it is, behind a role of a team, on a line of a handover."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.forms_called import family_name
from pipelines.phi_zone.text.name_rows import HEADINGS
from pipelines.phi_zone.text.plausible_en import TERM_ENDINGS
from pipelines.phi_zone.text.rules import Rule, rule

_NAME = r"(?:(?:[Dd]e|[Vv]an|[Vv]on|[Dd]er|[Ll]a|[Ll]e|[Dd]i|[Dd]a|St\.?)\s)?(?:Mc|Mac|Fitz|De|Du|La|Le|Van|O['’]|D['’])?[A-Z][a-z'’]+(?:-[A-Z][a-z]+)?"
_WORDS = r"[A-Za-z.'’\-]++(?:\s[A-Za-z.'’\-]++){0,3}"
"""As many words as a name may have: looked at before the names themselves."""
_START = r"(?<![A-Za-z])(?:^|(?<=[.!?;:]\s)|(?<=\n))"
_KIN = "wife|husband|spouse|partner|son|daughter|mother|father|mum|mom|dad|sister|brother|sibling|twin|niece|nephew|aunt|uncle|auntie|cousin|grandmother|grandfather|grandma|grandpa|gran|nan|granddaughter|grandson|stepmother|stepfather|stepson|stepdaughter|sister-in-law|brother-in-law|mother-in-law|father-in-law|daughter-in-law|son-in-law|fiancee?|boyfriend|girlfriend|friend|neighbou?r|carer|caregiver|guardian|flatmate|housemate|roommate|landlord|landlady|colleague|employer|godmother|godfather|ex-(?:wife|husband|partner)|next\\sof\\skin|foster\\s(?:mother|father|carer|mum|mom)"
_POST = "SN|RN|EN|LPN|HCA|HCSW|NUM|CNC|CNS|ANP|ACP|AIN|PCA|PCT|CNA|F1|F2|FY1|FY2|CT[1-3]|ST[1-8]|SHO|SpR|RMO|JMO|PGY-?\\d|MS[34]|HV|CPN|RMN|AMHP|SLT|SALT|OT|PT|RT|RRT|ODP|ODA|NOK|POA|reg(?:istrar)?|cons(?:ultant)?|nurse|sister|matron|midwife|student|intern|resident|pharm(?:acist)?|physio(?:therapist)?|dietiti?an|paramedic|scribe|interpreter|translator|porter|ward\\sclerk|clerk|social\\sworker|chaplain|solicitor|teacher|driver|EMT|medic|attending|fellow|coordinator|advocate"
_HEADED = "Present|Attendees|In\\sattendance|Apologies|Panel|Crew|CREW|Scrub(?:bed)?|Circulating|Runners?|Rounding|Participants|Escorts?|Rota|Siblings|Kids|Children|Readers|Scorers|Raters|Reviewers|Members|Witnesses|Staff|On\\sduty|Team|Surgeons|Assistants|Observers|Visitors|Passengers|Twins|Triplets|Babies|Parents|Sons|Daughters|Brothers|Sisters|Grandchildren|Carers|Interpreters|Chaperones|Family|Household|Consultants|Registrars|(?:[Dd]ay|[Nn]ight|[Ll]ate|[Ee]arly|[Ww]eekend|[Oo]n[\\-\\s]call|[Tt]heatre|[Cc]rash|[Rr]esus|[Tt]rauma|[Ww]ard|[Mm]edical|[Ss]urgical)\\s(?:team|shift|staff|crew)"
_BEHIND = ("[Ss]taffed\\swith|[Aa]dmitted\\sunder|[Rr]emains\\sunder|[Cc]are\\sunder|[Kk]nown\\sto|[Ll]isted\\sunder|[Bb]ooked\\sunder|[Tt]ransferred\\sunder|[Uu]nder\\sthe\\scare\\sof|[Cc]are\\sof|[Ss]een\\swith|[Ee]xamined\\swith|[Rr]eviewed\\swith|[Ss]crubbed\\swith|[Rr]ounded\\swith|[Ss]upervised\\sby|[Pp]recepted\\sby|[Cc]overed\\sby|[Aa]ccepted\\sby|[Hh]anded\\sover\\s(?:to|by)|[Hh]andover\\s(?:to|from)|[Cc]hecked\\s(?:with|by)|[Cc]onfirmed\\sby|"
           "[Cc]o-?signed\\sby|[Cc]ountersigned\\sby|[Pp]repared\\sby|[Rr]elayed\\s(?:to|by)|[Ee]scorted\\sby|[Cc]haperoned\\sby|[Ii]nterpreted\\sby|[Tt]ranslated\\sby|[Dd]riven\\sby|[Ff]ound\\sby|[Rr]escued\\sby|[Cc]ollected\\sby|[Bb]led\\sby|[Ss]ited\\sby|[Ii]nserted\\sby|[Ii]ntubated\\sby|[Dd]elivered\\sby|[Cc]annulated\\sby|[Aa]ttended\\sby|[Pp]resented\\sby|[Rr]un\\sby|[Dd]iscussed\\sw/|"
           "(?:[Pp]lan|[Uu]pdate|[Aa]dvice|[Ll]etter|[Rr]eferral|[Nn]otes?|[Cc]alls?|[Tt]ext|[Ee]mail|[Ff]ax|[Ii]nput|[Rr]equest|[Cc]ollateral|[Hh]x|[Oo]pinion|[Ss]ign-?out|[Hh]elp|[Ss]upport|[Vv]isit)\\sfrom")
_DEPARTMENTS = ("radiology|cardiology|neurology|neurosurgery|surgery|urology|haematology|hematology|oncology|nephrology|renal|gastro(?:enterology)?|respiratory|microbiology|micro|pathology|histopathology|dermatology|psychiatry|psych|ortho(?:paedics)?|paeds|paediatrics|pediatrics|obstetrics|gynae|anaesthetics|anesthesia|ICU|ITU|HDU|ED|A&E|ENT|palliative|geriatrics|medics|surgeons?|pharmacy|theatre|switch(?:board)?|lab|"
                "registrar|consultant|doctor|physician|nurse|midwife|anaesthetist|anesthesiologist|physio|dietiti?an|social\\sworker|interpreter|coroner|police|crew|paramedics?|matron|sister|bed\\smanager|site\\smanager|coordinator|key\\sworker|carer|caregiver|teacher|landlord|neighbou?r|employer|GP|PCP|NOK|POA")
_TEAM = ("Leader|Team\\s[Ll]ead(?:er)?|Recorder|Scribe|Airway|Compressions?|Timekeeper|Runner|Defib|Meds|ODP|ODA|HCSW|HCA|AIN|PSW|RPN|AMHP|RMO|JMO|RMN|CPN|HV|SLT|OTA|PTA|CST|MSW|PCT|PCA|CMA|ANP|ENP|ACP|SN|Porter|Orderly|Housekeeper|Ward\\s[Cc]lerk|Receptionist|Sitter|Transporter|Perfusionist|Dietiti?an|Optometrist|Podiatrist|Audiologist|Orthoptist|Embryologist|"
         "Hospitalist|Intensivist|Geriatrician|Locum|Bank\\s[Nn]urse|Doula|Solicitor|Key\\s?[Ww]orker|[Ff]latmate|[Hh]ousemate|Warden|[Ff]oster\\s(?:[Mm]um|[Mm]om|[Cc]arer|[Mm]other|[Ff]ather)|[Gg]odmother|[Gg]odfather|[Ss]tepson|[Ww]ard\\sclerk|[Pp]erfusionist|[Oo]ptometrist|[Dd]ietiti?an|[Pp]odiatrist|[Hh]ospitalist|[Hh]ousekeeper|[Pp]orter|[Ss]tudent\\s(?:[Nn]urse|[Mm]idwife|doctor)|[Hh]ealth\\s[Vv]isitor|[Kk]ey\\s?worker|[Ss]upport\\s[Ww]orker|[Bb]irth\\s[Pp]artner|[Gg]reat-(?:aunt|uncle|niece|nephew|grand\\w+)|[Nn]ext\\sof\\s[Kk]in|(?:[Ff]ather|[Mm]other|[Ss]ister|[Bb]rother|[Dd]aughter|[Ss]on)[\\s\\-]in[\\s\\-]law")
_ENDING = ("[Ss]urgeon|[Aa]naesthetist|[Aa]nesthesiologist|[Rr]egistrar|[Cc]onsultant|[Rr]adiologist|[Pp]athologist|[Pp]hysician|[Mm]idwife|[Oo]fficer|[Cc]oroner|[Ss]olicitor|[Uu]ndertaker|[Ii]nterpreter|[Pp]hlebotomist|[Ss]onographer|[Rr]adiographer|[Tt]echnician|[Tt]echnologist|[Tt]ech|[Pp]harmacist|[Dd]ietiti?an|"
           "[Pp]hysiotherapist|[Pp]hysio|[Nn]urse|[Ss]crub|[Aa]ssistant|[Ww]itness(?:ed)?|[Vv]erified|[Dd]ictated|[Rr]eported|[Cc]hecked|[Tt]yped|[Tt]ranscribed|[Pp]repared|[Aa]uthori[sz]ed|[Cc]ountersigned|[Aa]cknowledged|(?:[Ww]ife|[Hh]usband|[Ww]idow(?:er)?|[Pp]artner|[Mm]other|[Ff]ather|[Pp]arents|[Ss]on|[Dd]aughter|[Ss]ister|[Bb]rother|[Rr]elatives|[Ff]amily|[Cc]arer)\\sof")
"""Before a family name that ends the field: surgeon X; verified: X; wife of X."""
_JOINTS = "Per|From|By|Via|With|And|To|But|As|When|Both|Saw|Seen|Met|Spoke|Told|Called|Rang|Asked?|Her|His|My|Our|The|Their|Pt|Patient|Since|After|Before|Then|Also|Now|Only|Sees|Lives|Contact|Call|Ring|Phone|Updated?|Informed|Notified|For|Is|Not|If|Uncle|Aunt|Auntie|Father|Sister|Brother|Mother|Nurse|Thanks|Dear|Hi|Hello|Paged?|While|Because|So|Once|Where|Who|Having|Live|Has|Until|Unless|Although|Though|Next|Kin"
"""What begins a sentence before a name and is none of it."""
_ON = r"(?=\s(?:from|for|and|in|on|at|who|re|with|to|by|until|since|via|as)\b|\s?[,.;:)(/\n]|\s?$|\s-)"
_LINE = r"(?:c/o|slept|settled|asked|refused|remains|stable|for|nil|obs|pain|up|walked|leg|chest|needs|awaiting|had|no|not|was|is|home|ready|IV|to|new|day|post|still|on|in|has|seen|temp|BM|NBM|NPO)"


@cache
def role_rules() -> tuple[Rule, ...]:
    listed = rf"{_NAME}(?:\s{_NAME})?(?:(?:\s?[,/]\s?|\s(?:and|&)\s|,\sand\s){_NAME}(?:\s{_NAME})?){{1,9}}"
    whose = r"(?:(?:[Hh]is|[Hh]er|[Tt]heir|the|pt's|patient's|[Mm]y|your|night|day|charge|ward|staff|student|eldest|oldest|youngest|older|younger|middle|twin|step|half|ex|late|maternal|paternal|senior|junior|foster|adult|estranged)[\s\-]){0,2}"
    return (
        rule("roles.name_bracketed", "NAME", rf"(?<![A-Za-z\-])(?={_WORDS}\s\()(?!(?:{_JOINTS})\s)(?P<v>{_NAME}(?:\s{_NAME})?)\s\((?={whose}(?:{_KIN}|{_POST})(?![A-Za-z]))", _named, "capital bracketed", 0),
        rule("roles.name_apposed", "NAME", rf"(?<![A-Za-z\-])(?={_WORDS},\s)(?!(?:{_JOINTS})\s)(?P<v>{_NAME}(?:\s{_NAME})?),\s(?={whose}(?:{_KIN}|{_POST})(?:[,.;)]|\s?$|\s(?:who|from|at|on|for|said|says|reports|is|was|will)\b))", _named, "capital comma_word apposed_role", 0),
        rule("roles.name_by", "NAME", rf"(?<![A-Za-z])by\s(?:(?:{_POST})\s)?(?!(?:Drs?|Mr|Mrs|Ms|Miss|Prof)\b)(?P<v>{_NAME}){_ON}", _surely_named, "capital by_word", 0),
        rule("roles.name_home_of", "NAME", rf"(?<![A-Za-z])(?:at|to|from|in|near)\s(?P<v>{_NAME})(?=['’]s\s(?:flat|house|home|place|work|school|office|room|caravan|farm|shop)\b)", _surely_named, "possessive", 0),
        rule("roles.name_goes", "NAME", rf"{_START}(?P<v>{_NAME})\s(?=(?:(?:to|back\sfrom|off\sto|down\sto|up\sto|for)\s(?:theatre|OR|CT|MRI|scan|recovery|the\sward|x-?ray|XR|dialysis|endoscopy|cath\slab|PACU|ICU|ITU|HDU|resus|hospice|rehab|clinic|home)|c/o|went|returned|consented|repositioned|washed|settled|sleeping|awake|feeling|keen|unhappy|tearful|eager|refusing|asking)\b)", _has, "capital goes_word", 0),
        rule("roles.name_quoted", "NAME", rf"[\"“](?P<v>{_NAME})\s(?=(?:has|is|was|will|hit|kicked|fell|lost|says|said|told|wants|needs|can|cannot|never|always|does|did)\b)", _has, "capital quote", 0),
        rule("roles.name_in_brackets", "NAME", rf"(?<![A-Za-z])(?i:{_DEPARTMENTS}|{_KIN})s?\s\((?P<v>{_NAME}(?:\s{_NAME})?(?:(?:,\s|\sand\s|\s&\s){_NAME}){{0,3}})(?=\)|,\s)", _one_or_more, "capital bracketed", 0),
        rule("roles.name_listed", "NAME", rf"(?<![A-Za-z])(?:(?:{_HEADED})(?:\s\d{{1,5}})?\s?:|(?:[Dd]ay|[Nn]ight|[Ww]eekend|[Tt]heatre|[Oo]n[\-\s]call)\s(?:team|crew|staff|shift|cover:)|[Ww]ard\sround(?:\swith|:)?|WR(?:\swith|:)?|[Rr]ounds?\swith|Crew(?:\s\d{{1,5}})?)\s{{0,2}}(?P<v>{listed})(?![A-Za-z\-])", _all_named, "capital list_head", 0),
        rule("roles.name_behind", "NAME", rf"(?<![A-Za-z])(?:{_BEHIND})\s(?!(?:Drs?|Mr|Mrs|Ms|Miss|Prof|Professor|Profs|Sister)\b)(?P<v>{_NAME}(?:\s{_NAME})?){_ON}", _named_behind, "capital under_word", 0),
        rule("roles.name_joined", "NAME", rf"{_START}(?!(?:{_JOINTS})\s)(?P<v>{_NAME}(?:\s{_NAME})?\s(?:and|&)\s{_NAME}(?:\s{_NAME})?)\s(?=(?:from\s(?:transport|portering|security|theatre|the\s|physio|housekeeping|radiology|maternity|IT|night|day|social)|both|moved|transferred|were|arrived|attended|assisted|helped|brought|at\s(?:the\s)?bedside|present|agree|agreed|visited|live|repositioned|turned|checked|took|came|spoke|met|witnessed|counted|rolled|lifted|hoisted|updated|have\s(?:agreed|been|two|three|no)|are\s(?:aware|his|her|the|here|updated|both|married|separated))\b)", _all_named, "capital and_word", 0),
        rule("roles.name_team", "NAME", rf"(?<![A-Za-z\-])(?:{_TEAM})(?:\s?:|,)?\s(?!(?:Dr|Mr|Mrs|Ms|Miss|Prof)\b)(?P<v>{_NAME}(?:\s{_NAME})?)(?![A-Za-z\-])", _named, "capital team_word", 0),
        rule("roles.name_dashed", "NAME", rf"{_START}(?P<v>{_NAME}(?:\s{_NAME})?)\s?(?:\s-|:)\s(?={_LINE}\b)", _surely_named, "capital dash_or_colon", 0),
        rule("roles.name_has", "NAME", rf"{_START}(?P<v>{_NAME})\s(?=has\s(?:an?|no|had|mild|moderate|severe|known|chronic|multiple|bilateral|two|three|four|developed|grown|recovered|presented|refused|tolerated|made|passed|good|poor|capacity|dementia|been)\b)", _has, "capital has_word", 0),
        rule("roles.name_son_of", "NAME", rf"(?<![A-Za-z])(?P<v>(?:{_NAME}\s){{1,4}}(?:[Bb]inte|[Bb]inti|[Bb]int|[Bb]te|[Bb]t|[Bb]in|[Ii]bn|[Aa]nak|[Nn]i|[Nn]ic|[Uu]i)\.?\s{_NAME}(?:\s{_NAME}){{0,2}})(?![A-Za-z\-])", family_name, "capital son_word", 0),
        rule("roles.name_son_slash", "NAME", rf"(?<![A-Za-z])(?P<v>(?:{_NAME}\s){{1,4}}[Aa]/[LPlp]\.?\s{_NAME}(?:\s{_NAME}){{0,2}})(?![A-Za-z\-])", family_name, "capital slash", 0),
        rule("roles.name_hyphen_comma", "NAME", rf"(?<![A-Za-z\-])(?P<v>{_NAME},\s[A-Z][a-z]+-[A-Z][a-z]+(?:\s[A-Z]\.)?)(?=\s?(?:[;|\n(]|$)|\s(?:MD|DO|RN|NP|PA|MBBS)\b)", _comma_named, "capital comma_capital", 0),
        rule("roles.name_ends", "NAME", rf"(?<![A-Za-z])(?:{_ENDING})(?:,|:)?\s(?!(?:Drs?|Mr|Mrs|Ms|Miss|Prof)\b)(?P<v>(?:[A-Z]\.\s){{0,2}}{_NAME}(?:\s{_NAME})?)(?=\s?[,.;)(/]|\s?$|\sin\s(?:[Bb]ed|[Bb]ay|[Rr]oom)\b)", _named_behind, "capital ending_role", 0),
        rule("roles.name_greeted", "NAME", rf"{_START}(?:Thanks|Thank\syou|Cheers|Hi|Hello|Hey|Dear|Morning|Ta|Sorry|Ok|OK|Yes|Noted|Great|Welcome)\s(?P<v>{_NAME})(?=,|\s?[!\-–]|\.(?:\s|$))", _named, "capital greeting_word", 0),
        rule("roles.name_numbered", "NAME", rf"(?:\(\d{{1,2}}\)|(?<![\d.,/])\d{{1,2}}[.)])\s(?P<v>{_NAME}(?:,\s{_NAME})?|[A-Z]{{4,}}(?:[\-\s][A-Z]{{4,}})?)(?=\s\d{{1,2}}[.)]\s|\s\(\d|\s[a-z])", _numbered, "digit capital", 0),
        rule("roles.name_field", "NAME", r"(?<![A-Za-z])(?:Name|NAME|Pt\sName)\s{1,3}(?P<v>[A-Z]{2,},\s?[A-Z][a-z]+(?:\s[A-Z][a-z]+){0,2})(?![A-Za-z])", None, "capital name_word comma_capital", 0),
        rule("roles.initials", "NAME", r"(?<![A-Za-z])(?:[Ss]ubject|[Pp]articipant|[Vv]olunteer|[Ii]nitials|[Pp]atient|[Pp]t|[Pp]roband|[Dd]onor|[Rr]ecipient)\s?:?\s(?P<v>[A-Z]-[A-Z](?:-[A-Z])?|(?:[A-Z]\.){2,3})(?![A-Za-z\d\-])", None, "capital subject_word", 0),
    )


def _parts(value: str) -> list[str]:
    return [part for part in re.split(r"[\s,/&.]+", value) if len(part) > 2 and part.lower() not in ("and", "van", "von", "der", "the")]


def _may_name(part: str) -> bool:
    """A listed name that is no heading, or a word that neither English nor medicine has."""
    low = part.lower()
    if part in HEADINGS or low in words.no_name_en() or words.of_clinic_en(low):
        return False
    if part in words.given_us() and part not in words.eponyms_en():
        return True
    if part in words.surnames_us():
        return part not in words.eponyms_en() and not words.common_en(low)
    return part not in words.eponyms_en() and not any(words.common_en(one) for one in (low, *low.split("-"))) and not low.endswith(TERM_ENDINGS)


def _named(value: str) -> bool:
    """Every word may be a name; one word alone is no English one (Joy, Rose) unless a given name stands before another."""
    parts = _parts(value)
    if not parts or value in words.telling_towns_en():
        return False
    if len(parts) == 1:
        return _may_name(parts[0]) and parts[0].lower() not in words.COMMON_NAME_WORDS and (parts[0] in words.given_us() or not words.common_en(parts[0].lower()))
    return _may_name(parts[0]) and all(_may_name(part) or part in words.surnames_us() for part in parts[1:])


def _numbered(value: str) -> bool:
    """In a numbered list stand findings and medicines, too."""
    return _named(value.title() if value.isupper() else value)


def _one_or_more(value: str) -> bool:
    return _all_named(value) if re.search(",|&|\\band\\b", value) else _named(value)


def _all_named(value: str) -> bool:
    """In a list of names one that is a word, too, is borne out by the others."""
    parts = _parts(value)
    sure = [part for part in parts if _may_name(part) and part.lower() not in words.COMMON_NAME_WORDS]
    return len(sure) * 2 >= len(parts) and bool(sure) and all(part in sure or part in words.surnames_us() or part in words.given_us() for part in parts)


def _surely_named(value: str) -> bool:
    """Before a dash or a colon headings stand, too: only listed names and those that begin like MacPherson."""
    return all((part in words.given_us() or part in words.surnames_us() or re.match("(?:Mc|Mac|O['’])[A-Z]", part)) and _may_name(part) and not words.common_en(part.lower()) for part in _parts(value)) and _named(value)


def _has(value: str) -> bool:
    return _named(value) and value.lower() not in words.COMMON_NAME_WORDS and not words.common_en(value.lower())


def _named_behind(value: str) -> bool:
    """Behind what only persons do an eponym that is a family name is one, too: admitted under Rosenthal."""
    return _named(value) or (" " not in value and value in words.surnames_us() and value in words.eponyms_en() and not words.common_en(value.lower()))


def _comma_named(value: str) -> bool:
    """Family name, given name: the given one is listed, or both are no words."""
    last, _, first = value.partition(",")
    given = first.split()[0].split("-")[0]
    return given in words.given_us() and given not in words.eponyms_en() and _may_name(given) and last not in HEADINGS and last.lower() not in words.no_name_en() and last.lower() not in words.drugs_en() and (last in words.surnames_us() or not words.common_en(last.lower())) and last not in words.telling_towns_en()
