# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""English names, places and institutions told by what is said of them: who denies and reports, whom a letter ends with, where a family lives."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.forms_called import family_name, ordinary_word
from pipelines.phi_zone.text.gate_words import STREET_ENDS
from pipelines.phi_zone.text.name_rows import HEADINGS
from pipelines.phi_zone.text.plausible_en import TERM_ENDINGS
from pipelines.phi_zone.text.rules import Rule, rule

_CAP = r"[A-Z][a-z'’]+(?:-[A-Za-z][a-z]+)?"
_WHOLE = r"[A-Z][a-z'’]++(?:-[A-Za-z][a-z]++)?"
"""The same where a space or a comma follows: no letter of it is ever given back."""
_START = r"(?<![A-Za-z])(?:^|(?<=[.!?;:]\s)|(?<=\n))"
_KIN = r"(?:sister|brother|mother|father|wife|husband|son|daughter|mom|dad|twin|partner|family|spouse|friend|roommate|aunt|uncle|cousin|grandmother|grandfather)"
_BETWEEN = re.compile(r"[\s,.'’()\"“”\-]+")
_NUMBER = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
ACTS = (rf"(?:denie[sd]|reports(?!\sof)|reported|state[sd]|complain(?:s|ed)|endorse[sd]|refuse[sd]|decline[sd]|tolerated|ambulated|verbalize[sd]|presents|presented|underwent|slept|wants|wanted|ask(?:s|ed)|says|said|feels|admits|agree[sd]|consented|called|pulled|vomited|coughed|voided|fell|swallowed|rang|phoned|telephoned|attended|mobili[sz]e[sd]|lives|works|drinks|smokes|quit|weighs|walks|woke|eloped|speaks|sleeps|slipped|"
        rf"sustained|delivered|wishes|hopes|prefers|requested|requests|thinks|believes|remembers|recalls|enjoys|attends|swears|cries|cried|screamed|choked|tripped|stumbled|collapsed|arrived|signed|demonstrated|"
        rf"was\s(?:seen|admitted|discharged|extubated|brought|counseled|counselled|accompanied|hospitalized|born|told|asked|referred|sent\shome|able|unable|found\s(?:on|down|in)|combative|confused|agitated|lethargic|cooperative|alert|awake|asleep|tearful|anxious|pleasant|unresponsive|ambulatory|irritable|sedated|restrained|updated|notified|informed|reassured|instructed|educated|encouraged|bathed|weaned|last\sseen|evaluated|examined|diagnosed|intubated|transferred)|"
        rf"is\s(?:here|an?\s(?:{_NUMBER}|eleven|twelve|teen|newborn|healthy|pleasant|retired|married|divorced|widowed|single)|{_NUMBER}\s(?:and|years?|months?|weeks?|days?)|pregnant|afebrile|intubated|ambulating|refusing|requesting|NPO|afraid|tearful|anxious|agitated|confused|combative|alert|awake|cooperative|ambulatory|lethargic|unresponsive|asking|crying|fasting|sleeping|resting|being\s(?:seen|treated|discharged)|doing|feeling|now\s(?:feeling|walking|able))|"
        rf"has\s(?:been\s(?:nil\sby|NPO|fasting|advised|told|struggling|living)|lost|gained|finished\s(?:his|her|their)|agreed|asked|had\s(?:a|an|two|three|no)|been\s(?:feeling|sick|taking|coughing|vomiting|having|unable|drinking|smoking|doing)|not\s(?:been|had|taken|opened|passed|eaten|slept|voided|drunk|returned|smoked|moved)|never)|remains\s(?:intubated|sedated|hospitalized|afebrile|NPO|in\s)|needs\s(?:a|an|her|his|to)|and\s(?:her|his)\s{_KIN})(?![A-Za-z])")
"""What only a person does or is."""
_WORD_NAMES = frozenset(("April", "May", "June", "August", "Dawn", "Joy", "Hope", "Faith", "Grace", "Will", "Mark", "Summer", "Rose", "Bill"))
"""Given names that begin sentences as words, too: with a family name behind them they are names."""
_ROLE_WORDS = frozenset("we you it i miles steps hours minutes patient pt mother father mom dad wife husband son daughter sister brother aunt uncle nurse doctor family staff parent parents child baby infant neonate client resident caregiver spouse partner guardian she he they who nobody everyone teacher driver bystander ems police officer daycare school team pharmacist pharmacy surgeon physician provider caller interpreter neighbor friend roommate grandmother grandfather grandma grandpa boyfriend girlfriend twin sibling siblings both neither all none one two three woman man boy girl gentleman lady male female best kind warm student worker veteran adolescent toddler teen teenager adult aide chaplain therapist".split())
_STATES = r"Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New\sHampshire|New\sJersey|New\sMexico|New\sYork|North\sCarolina|North\sDakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode\sIsland|South\sCarolina|South\sDakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West\sVirginia|Wisconsin|Wyoming"
_CODES = "AL|AK|AZ|AR|CA|CO|CT|DC|DE|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV|NY|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY"
_STREET_END = rf"{STREET_ENDS}|Box\s\d{{1,6}}"
_WHERE = (r"(?:family|parents|relatives|(?<!and\s)children|grandchildren|son|daughter|brother|sister|mother|father|wife|husband)\s(?:(?:is|are|lives?|still\slives?|back|remains?)\s)?(?:back\s)?in|(?:farm|ranch|house|home|cabin|apartment|trailer|shelter|village|town|city|community|suburb|island|camp)\s(?:in|outside|near|of)|[Cc]amp(?:ed|ing)\s(?:in|near|at)|[Hh]ik(?:ed|ing)\s(?:in|near)|[Ff]ish(?:ed|ing)\s(?:in|near|off)|[Bb]ased\sin|[Bb]ack\sin|[Hh]ails\sfrom|[Ww]inters\sin|[Ss]ummers\sin|"
          r"[Tt]ravelled\s(?:back\s)?(?:to|through|in|from)|[Tt]ravelling\s(?:to|through|in|from)|[Ww]orked\sin|[Ss]tay(?:s|ed|ing)\s(?:in|near)|[Vv]isiting\sfrom|[Ss]tudied\sin|[Ss]erved\sin|[Aa]irlifted\sfrom|[Dd]rove\s(?:up\s|down\s|over\s)?(?:from|to)|[Cc]ame\s(?:up\s|down\s|over\s)?from|(?:crash|accident|collision|fire|shooting|incident)\s(?:in|near|outside)")


_KINDS = ("Works|Home|Church|Radiology|Imaging|Cardiology|EMS|Ambulance|Rescue|Care|Systems|Services|Solutions|Partners|Company|Bank|Store|Market|Restaurant|Cafe|Diner|Hotel|Inn|Casino|Bakery|Salon|Gym|Studio|Foundation|Institute|Society|Ministries|Lodge|Villa|House|"
          "Gardens|Estates|Laboratory|Laboratories|Labs|Diagnostics|Dental|Vision|Neurology|Oncology|Dermatology|Urology|Wellness|Therapy|Recovery|Transit|Railroad|Energy|Plumbing|Transport|Transportation|Ranch|Dairy|Packing|Plant|Mill|Factory|Cleaners|Preschool|Hospice")
_CLINICAL_HEADS = frozenset("intermediate transitional respite virtual supported interventional nuclear diagnostic outpatient inpatient pediatric adult cardiac physical occupational speech respiratory radiation medical surgical general primary urgent skilled home long acute intensive palliative hospice wound pain sleep primary neonatal obstetric fetal breast bone joint heart lung kidney liver brain spine eye skin memory day same adult mental behavioral social nursing emergency ambulatory infusion gamma group family music art massage".split())


@cache
def told_name_rules() -> tuple[Rule, ...]:
    return (
        rule("told.name_acts", "NAME", rf"{_START}(?P<v>(?:{_WHOLE}\s)?{_WHOLE})\s(?={ACTS})", _person, "capital acts", 0),
        rule("told.name_will", "NAME", rf"{_START}(?P<v>(?:{_WHOLE}\s)?{_WHOLE})\s(?=(?:will\s(?:start|see|return|continue|attend|come|call|need)|has\sbeen\s(?:(?:un)?well(?=[.,;]|\s(?:since|until|apart))|referred|admitted|started))(?![A-Za-z]))", _listed_person, "capital acts", 0),
        rule("told.name_apposed", "NAME", rf"{_START}(?P<v>{_CAP}(?:\s{_CAP})?),\s(?=(?:age|aged|room|rm|bed|bay)\s\d|\d{{1,3}}\s?(?:,|y/?o|yo|years?|months?|weeks?|mos?\b|yrs?)|an?\s\d{{1,3}}[\s\-]?(?:y|mo|week|day))", _person, "digit capital comma_figure", 0),
        rule("told.name_possessive", "NAME", rf"{_START}(?P<v>(?:[OD]['’])?{_CAP})(?=['’]s\s(?:CT|MRI|films|images|incision|wound|drain|fever|cough|pain|pressure|blood|sugars?|mother|father|mom|dad|wife|husband|son|daughter|sister|brother|family|parents?|labs?|chart|room|bed|nurse|condition|appetite|speech|gait|weight|rash|knee|hip|shoulder|wrist|ankle|back|chest|surgery|biopsy|scan|results?|mum|nan|gran|carer|partner|neighbour|GP|notes|obs|observations|bloods|referral|transfer|admission|stoma|cannula|consent|wishes|belongings|glasses|sputum|urine|stools?|swabs?|bilirubin|potassium|glucose|INR|HbA1c|ECG|echo|EEG|ultrasound|histology|smear|cultures?|passport|address|phone|keys|bag|walker|wheelchair|dentures|teacher|boss|landlord|dog|appointment|slot|operation|seizures?|asthma|diabetes|cancer|chemo|inhaler|script|prescription|meds|hearing|baby|leg|legs|foot|hand|arm|eyes?|discharge|dressing|catheter|staples|sutures|stitches|medications?|insurance|discharge|mood|birthday|caregiver|aide)\b)", _unlisted_or_name, "possessive", 0),
        rule("told.name_family", "NAME", r"(?<![A-Za-z])[Tt]he\s(?P<v>[A-Z][a-z]+s)\s(?=(?:were|are|have|agree|want|wish|live|asked|declined|family)\b)", _families, "capital", 0),
        rule("told.name_farewell", "NAME", rf"(?:[Rr]egards|[Ss]incerely|[Yy]ours(?:\s(?:truly|faithfully|sincerely))?|[Bb]est\s[Ww]ishes|[Rr]espectfully(?:\s(?:submitted|yours))?|[Tt]hanks|THANKS|[Tt]hank\syou|[Cc]heers|[Cc]ordially|[Tt]ake\scare|[Bb]est|Ta|[Rr]gds|KR|BW|[Ww]armly)(?:,?\s{{0,2}}[,\n]|\s{{2,}})\s{{0,3}}(?P<v>{_CAP}(?:\s(?:[A-Z]\.\s)?{_CAP}){{0,2}})(?=\s*(?:$|[,.\n;(|]))", _signs, "capital farewell", 0),
        rule("told.name_cued", "NAME", rf"(?<![A-Za-z])(?:[Pp]aged?|[Nn]otif(?:y|ied)|[Aa]sk(?:ed)?|[Cc]all(?:ed)?|[Ss]poke\s(?:to|with)|[Tt]exted|[Ii]nformed|[Tt]old|[Rr]eminded|[Dd]iscussed\swith|[Dd]/[Ww]|[Rr]eport\s(?:to|from|given\sto)|[Ss]een\sby|[Cc]onfirmed\swith|[Cc]overing\sfor|[Rr]elieved\sby|[Hh]anded\soff\sto|[Vv]oicemail\sfor|[Mm]essage\s(?:for|from|to)|[Hh]andoff\s(?:to|from)|[Ss]igned\sout\sto|[Ii],)\s(?!(?:Dr|Mr|Mrs|Ms|Miss|Prof)\b)(?P<v>{_CAP}(?:\s{_CAP})?)(?=\s(?:when|to|about|with|re|regarding|and|at|for|by|who|that|if|after|before|twice|again|no|consent|agree|authorize|in|on)\b|[,.;:]|$)", _unlisted_or_name, "capital cued", 0),
        rule("told.name_honoured", "NAME", rf"(?<![A-Za-z])(?P<v>{_CAP}(?:\s{_CAP})?)\s(?=(?:sir|madam|ma'am|maam|mam|ji|garu|saab|sahib|bhai|didi|akka|anna|ben|uncle|aunty)(?![A-Za-z]))", _unlisted_or_name, "capital honour_word", 0),
        rule("told.name_honour", "NAME", rf"(?<![A-Za-z])(?:(?:Senior\s|Snr\s)?(?:Const(?:able)?|Cst|Insp(?:ector)?|Supt)|Superintendent|Chief|Elder|Datin|Dato['’]|Datuk|Tan\sSri|Puan|Encik|Cik|Smt|Shri|Kumari|Thiru|Selvi|Ato|Mzee|Alhaji|Hajia|Kaumatua|Whaea|Matua|Sra?|Se[ñn]ora?|Mme|Mlle|Herr|Frau|Bro|Deacon|Bishop|Sheikh|Ustaz|Pandit|Swami|Canon)\.?\s(?P<v>{_CAP}(?:\s{_CAP})?)(?![A-Za-z])", _unlisted_or_name, "capital honour_title", 0),
        rule("told.name_capitals", "NAME", r"(?<![A-Za-z\-])(?P<v>(?:(?:[A-Z]{3,}\s)?(?:DOS|DAS|DA|DE(?:\sLA|\sLOS)?|DEL|VAN(?:\sDER|\sDEN)?|VON|EL|AL|BIN|LA)\s)?[A-Z]{3,}(?:[\-'’][A-Z]{2,})?,\s?[A-Z][A-Za-z]+(?:\s[A-Z]\b\.?)?)(?![A-Za-z])", _capitals, "comma_capital", 0),
        rule("told.name_child_of", "NAME", rf"(?<![A-Za-z])(?P<v>(?:{_CAP}\s){{0,2}}{_CAP},?\s[SsDdWw]/[Oo]\.?\s(?:(?:Late|Sh|Shri|Mr|Smt)\.?\s)?{_CAP}(?:\s{_CAP}){{0,2}})(?![A-Za-z])", _child_of, "capital slash lone_o", 0),
        rule("told.name_headed", "NAME", r"(?:PATIENT(?:\sNAME)?|NAME|[Pp]atient\s[Nn]ame|Name|PROVIDER|Provider|PHYSICIAN|Physician|ATTENDING|Attending|Radiologist|RADIOLOGIST|Technologist)(?:\t|\s{2,}|\s?\|\s?)\s*(?P<v>[A-Z][A-Za-z'’\-]+(?:,\s?|\s)[A-Z][A-Za-z'’\-]*(?:\s[A-Z][A-Za-z'’\-]+)?)(?=\t|\s{2,}|\s?\||\n|$|,\s?M)", _signs, "headed", 0),
        rule("told.name_nickname", "NAME", rf"(?<![A-Za-z])(?P<v>(?:Ma?c)?{_CAP}\s[\"“][A-Z][a-z]+[\"”]\s{_CAP})", family_name, "capital quoted", 0),
        rule("told.name_nickname_bracket", "NAME", rf"(?<![A-Za-z])(?P<v>(?:Ma?c)?{_CAP}\s\([A-Z][a-z]+\)\s{_CAP})", family_name, "capital quoted", 0),
        rule("told.name_lower_kin", "NAME", rf"(?<![A-Za-z])(?:{_KIN}|patient|pt),?\s(?P<v>[a-z]{{3,}})(?![A-Za-z])", _lower_given, "kin_en given_lower", 0),
        rule("told.name_lower_title", "NAME", r"(?<![A-Za-z])(?:dr|mrs?|ms|miss|prof|sister)\.?\s(?!and\s|or\s)(?P<v>(?:[od]['’])?[a-z]{3,}(?:\s[a-z]{3,})?)(?![A-Za-z])", _lower_family, "title_lower", 0),
        rule("told.name_lower_pair", "NAME", r"(?<![A-Za-z\-'’])(?=(?P<v>[a-z]{3,}\s[a-z]{3,})(?![A-Za-z\-'’]))", _lower_pair, "given_lower", 0),
    )


@cache
def told_site_rules() -> tuple[Rule, ...]:
    return (
        rule("told.city_behind_street", "ADDR", rf"(?<![A-Za-z\d])\d[^\n,]{{1,40}}(?:{_STREET_END})\.?(?:,?\s(?:Apt|Apartment|Suite|Ste|Unit|Flat|#)\.?\s?#?[A-Z\d\-]{{1,6}})?(?P<v>,\s(?:{_CAP})(?:\s{_CAP}){{0,2}}(?:,?\s(?:{_CODES}|{_STATES}|NSW|VIC|QLD|TAS|ACT))?(?:\s\d{{4,5}}(?:-\d{{4}})?)?)(?![A-Za-z])", _city_behind, "digit capital street street_end", 0),
        rule("told.unit_behind_street", "ADDR", rf"(?<![A-Za-z\d])\d[^\n,]{{1,40}}(?:{_STREET_END})\.?(?P<v>,?\s(?:Apt|Apartment|Suite|Ste|Unit|Flat|#)\.?\s?#?[A-Z\d\-]{{1,6}})(?![A-Za-z])", None, "digit capital street street_end unit_end", 0),
        rule("told.city_state", "ADDR", rf"(?<![A-Za-z])(?P<v>{_WHOLE}(?:\s{_WHOLE}){{0,2}},\s(?:{_CODES}|{_STATES}))(?=[\s,.;:)]|$)", _city_state, "capital comma_capital state_en", 0),
        rule("told.corner", "ADDR", rf"(?:[Cc]orner|[Ii]ntersection)\sof\s(?P<v>(?:{_CAP}|\d{{1,3}}(?:st|nd|rd|th))(?:\s{_CAP}){{0,2}}\s(?:and|&)\s(?:{_CAP}|\d{{1,3}}(?:st|nd|rd|th))(?:\s{_CAP})?)", None, "corner", 0),
        rule("told.interstate", "ADDR", r"(?<=[\s(])(?P<v>(?:I|US|SR|CR)-\d{1,3}(?:\s(?:near|at)\s(?:mile\s?(?:marker|post)|exit)\s\d{1,3})?)(?![\d\-A-Za-z])(?!\s(?:MIBG|scan|therapy|uptake|ablation|seed|whole|labeled|labelled))", _interstate, "digit interstate", 0),
        rule("told.town", "ADDR", r"(?<![A-Za-z])(?:[Ii]n|[Ff]rom|[Nn]ear|[Oo]utside)\s(?P<v>[A-Z][a-z]{2,}(?:ville|ham|shire|borough|brough|burgh|bury|mouth|stead|stow|pur|puram|abad|nagar|stown|sex|wich|wick|cester|caster|minster|pool|haven|ton|ford|land|ley|worth|well|dale|field|bridge|port|gate|combe|mere)|(?:Bally|Kil[bcdfgklmnprt]|Llan|Inver|Aber)[a-z]{3,})(?![A-Za-z'’\-]|\s(?:score|criteria|scale|classification|disease|syndrome|stage|grade|index|trial|study|staging|regimen|rule)\b)", _town, "town_end", 0),
        rule("label.division_en", "ADDR", rf"(?<![A-Za-z])(?:[Vv]ill(?:age)?|[Tt]ehsil|[Tt]aluka?|[Mm]andal|[Dd]ist(?:rict)?|[Ss]uburb|[Tt]own|[Cc]ity|[Cc]ounty|[Pp]rovince|[Hh]ome\s?town|[Bb]irth\s?place|[Pp]lace\sof\s[Bb]irth)\.?\s?:\s?(?P<v>{_CAP}(?:\s{_CAP})?)(?![A-Za-z])", _somewhere, "division_word", 0),
        rule("told.place_where", "ADDR", rf"(?<![A-Za-z])(?:{_WHERE})\s(?:rural\s|downtown\s|northern\s|southern\s|eastern\s|western\s|the\s)?(?P<v>{_CAP}(?:\s{_CAP}){{0,2}}(?:,\s?(?:[A-Z]{{2}}(?![A-Za-z])|{_CAP}))?)(?![A-Za-z'’])", _somewhere, "capital where", 0),
    )


@cache
def told_firm_rules() -> tuple[Rule, ...]:
    firms = "|".join(re.escape(name) for name in sorted(words.firms_en(), key=lambda name: (-len(name), name)))
    return (
        rule("told.firm", "ORG", rf"(?<![A-Za-z])(?:(?<=[Aa]t\s)|(?<=[Ff]rom\s)|(?<=[Tt]o\s)|(?<=[Bb]y\s)|(?<=[Vv]ia\s)|(?<=[Ww]ith\s)|(?<=[Ff]or\s)|(?<=[Ii]s\s)|(?<=[Hh]as\s)|(?<=of\s)|(?<=[Uu]nder\s)|(?<=through\s)|(?<=[Oo]utside\s)|(?<=the\s)|(?<=near\s)|(?<=attends\s)|(?<=:\s)|(?<=\())(?P<v>(?!HCA\s[A-Z])(?:{firms}))(?![A-Za-z\-]|\s(?:class|score|criteria|clamp|stand|scissors|staging|classification|sign|test|trait|Trail|Street|Avenue|Road))", None, "known_firm", 0),
        rule("told.firm_cued", "ORG", rf"(?<![A-Za-z])(?:[Aa]t|[Ff]rom|[Bb]y|[Ff]or|[Tt]o|[Vv]ia|[Ww]ith|[Ii]n)\s(?:the\s)?(?P<v>{_WHOLE}(?:\s(?:and\s|&\s|of\s)?{_WHOLE}){{0,3}}\s(?:{_KINDS}))(?![A-Za-z])", _cued_firm, "capital firm_cued_en", 0),
        rule("told.firm_joined", "ORG", r"(?<![A-Za-z])(?:[Aa]t|[Ff]rom|[Bb]y|[Vv]ia)\s(?!Mc|Mac|De|Le|La|Van|Di|Fitz|My|Bi|Power|Care|Smart|Epic)(?P<v>[A-Z][a-z]{2,}[A-Z][a-z]{2,}(?:[A-Z][a-z]+)?)(?![A-Za-z])", None, "capital joined", 0),
        rule("told.firm_public", "ORG", rf"(?<![A-Za-z])(?P<v>(?:City|County|Town|Village|State|Port)\sof\s{_CAP}|{_CAP}\sCounty\s(?:EMS|Fire|Ambulance|Schools?|Jail|Health))(?![A-Za-z])", None, "capital public", 0),
        rule("told.firm_owner", "ORG", rf"(?<![A-Za-z])(?P<v>{firms})(?=\s(?:ED|ER|ICU|records|radiology|oncology|cardiology|clinic|lab|labs|pharmacy|insurance|employee|driver|warehouse|plant|store|worker|transfer|MRN|paperwork)\b|['’]s?\s(?:ED|records))", None, "known_firm", 0),
        rule("told.saint", "ORG", r"(?<![A-Za-z])(?:(?<=[Aa]t\s)|(?<=[Ff]rom\s)|(?<=[Tt]o\s)|(?<=[Bb]y\s)|(?<=[Oo]utside\s)|(?<=via\s)|(?<=with\s))(?P<v>(?:St|Saint|Mt|Mount|Queen|King|Princess|Prince|Royal|Our\sLady)\.?\s(?:of\s)?[A-Z][a-z]+(?:['’]s?)?(?:\s(?:Hospital|Medical\sCenter|Health|Clinic|ED|ER))?)(?![A-Za-z])(?!\s(?:Street|Avenue|Road|Ave|Rd|Lane))", None, "capital saint", 0),
        rule("told.school", "ORG", rf"(?<![A-Za-z])(?:(?<=[Aa]t\s)|(?<=[Aa]ttends\s)|(?<=[Ff]rom\s))(?P<v>{_CAP}(?:\s{_CAP})?\s(?:Elementary|Middle|Prep|Preschool|Kindergarten|Montessori|High|Academy|Day\sSchool|Head\sStart|Day\sNursery|Nursery|Playgroup))(?![A-Za-z])", _school, "capital school", 0),
        rule("told.state_school", "ORG", rf"(?<![A-Za-z])(?:(?<=[Aa]t\s)|(?<=[Aa]ttends\s)|(?<=[Ff]rom\s)|(?<=to\s)|(?<=of\s))(?P<v>(?:{_STATES}|{_CAP})\s(?:State|Tech|A&M|Poly)|University\sof\s{_CAP}(?:\s{_CAP})?)(?=[\s,.;]|$)", _school, "capital school", 0),
        rule("told.firm_kind", "ORG", rf"(?<![A-Za-z])(?P<v>{_WHOLE}(?:[\s\-](?:and\s|&\s)?{_WHOLE}){{0,3}}\s(?:Orthop(?:a)?edic\sAssociates|Orthop(?:a)?edics|Surgical\sAssociates|Associates|Physicians|Pediatrics|Dermatology\sGroup|Oncology\sGroup|Cardiology\sAssociates|Skilled\sNursing(?:\sFacility)?|SNF|Rehab|Manor|Care\sHome|Retirement\sVillage|Convalescent(?:\sHospital)?|Imaging\sCenter|Infirmary|Dispensary|Primary\sSchool|Daycare|Preschool|Construction|Roofing|Electric|Landscaping|Manufacturing|Trucking|Brewing|Brewery|Packhouse|Rehabilitation\s(?:and|&)\sNursing|Funeral\s(?:Services|Directors|Home|Parlou?r)|Tabernacle|Fabrications?|Shipbuilders|Meatworks|Abattoir|Sawmills?|Colliery|Winery|Orchards|Joinery|Textiles|Garments|Ceramics|Chemicals|Cement|Refinery|Smelters?|Tannery|Farms|Bakery|Mills|Foundry|Shipping|Freight|Police|Sheriff))(?![A-Za-z])", _firm_kind, "capital firm_kind_en", 0),
    )


def _parts(value: str) -> list[str]:
    return [part for part in _BETWEEN.split(value) if len(part) > 1]


def _no_person(part: str) -> bool:
    low = part.lower()
    return low in _ROLE_WORDS or part.title() in HEADINGS or low in words.no_name_en() or low in words.drugs_en() or low in words.clinical_en()


def _listed(part: str) -> bool:
    return part.title() in words.surnames_us() or part.title() in words.given_us()


def _person(value: str) -> bool:
    """Somebody of whom is said what only persons do: a listed name, or no English word at all."""
    parts = _parts(value)
    if parts and parts[0] in _WORD_NAMES:
        parts = parts[1:]
        if not parts:
            return True
    if not parts or any(_no_person(part) for part in parts):
        return False
    return all(_listed(part) or not (words.common_en(part.lower()) or part.lower().endswith(TERM_ENDINGS)) for part in parts)


def _listed_person(value: str) -> bool:
    """What is said may be said of a drug or a drain, too: only listed given names count, or a listed one beside another word."""
    parts = _parts(value)
    if not _person(value):
        return False
    return any(part in words.given_us() and (len(parts) > 1 or part in _WORD_NAMES or not words.common_en(part.lower())) for part in parts)


def _unlisted_or_name(value: str) -> bool:
    """No English word, drug, eponym or place: a name after a cue."""
    parts = _parts(value)
    if not parts or any(_no_person(part) or part in words.eponyms_en() for part in parts):
        return False
    return all((part in words.given_us() and part.lower() not in words.COMMON_NAME_WORDS) or not (words.common_en(part.lower()) or part.lower().endswith(TERM_ENDINGS)) for part in parts) and value not in _places()


def _signs(value: str) -> bool:
    return not any(_no_person(part) for part in _parts(value)) and not all(words.common_en(part.lower()) and not _listed(part) for part in _parts(value))


def _capitals(value: str) -> bool:
    last, _, rest = value.partition(",")
    first = re.split(r"\s", rest.strip())[0]
    if any(_no_person(part) or part.lower() in words.no_name_en() for part in _parts(last) + [first]) or (words.common_en(first.lower()) and first.title() not in words.given_us()):
        return False
    if first.isupper() and "-" in last and len(first) > 2:
        return not any(words.common_en(part.lower()) for part in _parts(last))
    if first.isupper() or last.title() in words.eponyms_en():
        return _listed(first) and _listed(last.split()[-1]) and len(first) > 2
    return (_listed(last) or not words.common_en(last.lower())) and (_listed(first) or len(last) > 4)


def _child_of(value: str) -> bool:
    """Names on both sides of s/o, d/o and w/o, which before a drug or a contrast medium is `without`."""
    return not any(_no_person(part) or (words.common_en(part.lower()) and not _listed(part)) or part in words.eponyms_en() for part in _parts(re.sub("[SsDdWw]/[Oo]", "", value)))


def _lower_given(value: str) -> bool:
    return value.title() in words.given_us() and not ordinary_word(value.title()) and not words.common_en(value)


def _lower_family(value: str) -> bool:
    return not _lower_word(value.split()[0])


def _lower_word(part: str) -> bool:
    if part.endswith((*TERM_ENDINGS, "graphy")) and part.title() not in words.surnames_us():
        return True
    return words.common_en(part) or part in words.no_name_en() or part in _ROLE_WORDS


def lower_family(value: str) -> int:
    """How many letters of the one or two words behind a title are the name: the second may be an ordinary word."""
    first, _, second = value.partition(" ")
    return len(first) if second and _lower_word(second) else len(value)


def _lower_pair(value: str) -> bool:
    first, last = value.split()
    return (_lower_given(first) or first in words.PLAIN_GIVEN_EN) and (last.title() in words.surnames_us() or last.title() in words.given_us()) and (not words.common_en(last) or last == "smith") and last not in words.no_name_en() and last not in words.drugs_en()


@cache
def _places() -> frozenset[str]:
    return frozenset(name for level in words.places_us().values() for name in level) | words.telling_towns_en()


def _city_behind(value: str) -> bool:
    city = re.sub(r"\s\d.*", "", value.strip(", ")).split(",")[0]
    head = city.split()[0]
    return any(char.isdigit() for char in value) or value.count(",") > 1 or city in _places() or not (words.common_en(head.lower()) or head in words.given_us() or head in ("Dr", "Mr", "Mrs", "Ms"))


def _city_state(value: str) -> bool:
    city, _, state = value.rpartition(",")
    if city in _places() or len(state.strip()) > 2:
        return not _no_person(city.split()[0])
    return state.strip() not in ("MD", "PA", "OR", "IN", "ME", "OK", "MA", "DE", "CO", "ID", "LA", "HI", "AL", "MS", "MT") and not any(words.common_en(part.lower()) or _no_person(part) or part in words.given_us() for part in city.split())


def _interstate(value: str) -> bool:
    return value not in ("I-123", "I-124", "I-125", "I-131", "US-1", "CR-1", "CR-0", "CR-2", "SR-1")


def _town(value: str) -> bool:
    low = value.lower()
    return not (words.common_en(low) or low in words.drugs_en() or low in words.no_name_en() or value in words.eponyms_en())


def _somewhere(value: str) -> bool:
    head = re.split(r"[\s,]+", value)[0]
    return value in _places() or not (_no_person(head) or head in words.eponyms_en() or words.common_en(head.lower()) or head in words.given_us())


def _school(value: str) -> bool:
    head = _parts(value)[0]
    return head.lower() not in ("the", "a", "her", "his", "their", "your", "local", "public", "private", "our", "risk", "too", "very", "level", "all", "time", "steady", "solid", "excited") and head.lower() not in words.no_name_en()


def _cued_firm(value: str) -> bool:
    """Some word before the kind of institution that no department is called after."""
    heads = _parts(value)[:-1]
    return value.endswith("Church") or any(not (_no_person(head) or head.lower() in _CLINICAL_HEADS) for head in heads)


def _families(value: str) -> bool:
    family = value[:-1]
    return family in words.surnames_us() and not words.common_en(family.lower()) and not words.common_en(value.lower()) and family not in words.eponyms_en()


def _firm_kind(value: str) -> bool:
    head = _parts(value)[0]
    return not _no_person(head) and (not words.common_en(head.lower()) or _listed(head) or len(_parts(value)) > 2)
