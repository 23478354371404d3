# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""Places and institutions without a number or under a short name: hospitals as people call them, roads, landmarks, countries."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.forms_names import HEADINGS
from pipelines.phi_zone.text.gates import BRANDS_CN, COUNTRIES_CN
from pipelines.phi_zone.text.rules import Rule, rule

_C = r"\u4e00-\u9fff"
_SHORT = rf"(?:(?:{'|'.join(sorted((*BRANDS_CN, '医大', '交大', '北大', '清华', '复旦', '浙大', '中大', '川大', '郑大', '武大', '军医大', '苏大', '安医', '重医', '哈医大', '中南', '山大', '吉大', '兰大', '南医大', '广医', '遵医', '昆医', '省', '市', '县', '区', '州', '军区'), key=len, reverse=True))}|{{places}})(?:(?:附属?)?(?:[一二三四五六七八九十]|第[一二三四五六七八九十])院|[一二三四五六]?附院))"
COUNTRIES_EN = ("Afghanistan|Albania|Algeria|Angola|Argentina|Armenia|Australia|Austria|Azerbaijan|Bangladesh|Belarus|Belgium|Belize|Bolivia|Bosnia|Botswana|Brazil|Bulgaria|Burma|Burundi|Cambodia|Cameroon|Chile|China|Colombia|Congo|Costa Rica|Croatia|Cuba|Cyprus|Denmark|Dominican Republic|"
                "Ecuador|Egypt|El Salvador|Eritrea|Estonia|Ethiopia|Fiji|Finland|France|Gambia|Germany|Ghana|Greece|Guatemala|Guinea|Guyana|Haiti|Honduras|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Jamaica|Japan|Kazakhstan|Kenya|Kosovo|Kuwait|Laos|Latvia|Lebanon|Liberia|Libya|"
                "Lithuania|Madagascar|Malawi|Malaysia|Mali|Mexico|Moldova|Mongolia|Morocco|Mozambique|Myanmar|Namibia|Nepal|Netherlands|New Zealand|Nicaragua|Niger|Nigeria|Norway|Oman|Pakistan|Panama|Paraguay|Peru|Philippines|Poland|Portugal|Puerto Rico|Qatar|Romania|Russia|Rwanda|Saudi Arabia|Senegal|Serbia|"
                "Sierra Leone|Singapore|Slovakia|Slovenia|Somalia|South Africa|South Korea|South Sudan|Spain|Sri Lanka|Sudan|Suriname|Sweden|Switzerland|Syria|Taiwan|Tanzania|Thailand|Tibet|Togo|Trinidad|Tunisia|Turkey|Uganda|Ukraine|Uruguay|Uzbekistan|Venezuela|Vietnam|Yemen|Zambia|Zimbabwe|Kerala|Punjab|Hong Kong|Macau|Guam|Samoa")
_MOVED = (r"[Ff]rom|[Tt]ravel(?:ed|led|ing|s)?\s(?:back\s)?(?:to|through|in|from)|[Tt]rip(?:s)?\s(?:to|through)|[Mm]oved\s(?:here\s)?(?:to|from)|[Rr]elocated\s(?:to|from)|[Ff](?:lew|light|lying)\s(?:back\s|in\s)?(?:to|from)|[Gg]rew\sup\s(?:in|near|outside)|[Nn]ative\sof|[Bb]orn\s(?:and\sraised\s)?in|[Rr]aised\sin|"
          r"[Ll]iv(?:es|ed|ing)\s(?:in|near|outside)|[Rr]esid(?:es|ed|ing)\s(?:in|near)|[Rr]esident\sof|[Vv]acation(?:ed|ing)?\s(?:in|to)|[Vv]isit(?:s|ed|ing)?(?:\s(?:to|family\sin|relatives\sin))?|[Rr]eturned\sfrom|[Bb]ack\sfrom|[Ii]mmigrated\sfrom|[Ee]migrated\sfrom|[Dd]eployed\sto|[Ss]tationed\s(?:in|at)|[Rr]etired\sto|[Hh]ometown\s(?:is|of)|[Dd]rove\s(?:in\s)?from")
_CAP = r"[A-Z][a-z'’]+"
_ROAD_TAIL = r"Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Highway|Hwy|Parkway|Pkwy|Square|Bridge|Plaza|Pier|Turnpike|Expressway|Freeway|Tunnel|Terrace|Alley|Boardwalk"
_LAND_TAIL = r"County|Township|Parish|Borough|Island|Beach|Reservation|Valley|Canyon|Creek|Harbor|Heights"
_ORG_STRONG = (r"Assisted\sLiving|Senior\sLiving|Nursing\sHome|Nursing\s(?:Center|Facility)|Nursing\s(?:and|&)\sRehab(?:ilitation)?|Memory\sCare|Care\sCenter|Rehab(?:ilitation)?(?:\s(?:Center|Hospital|Institute))?|Treatment\sCenter|Surgery\sCenter|Surgical\sCenter|Fulfillment\sCenter|Detention\sCenter|Correctional\s(?:Facility|Institution|Center)|"
               r"Medical\s(?:Center|Centre|Group|Associates)|Health\s(?:Center|System|Network|Department|Partners)|Healthcare|Community\sHospital|General\sHospital|Memorial\sHospital|Regional\sHospital|Children's\sHospital|Hospital|Cancer\s(?:Center|Institute)|Dialysis(?:\sCenter)?|Kidney\sCenter|Urgent\sCare|Family\s(?:Practice|Medicine|Health\sCenter)|Hospice|"
               r"University|(?:High|Middle|Elementary|Primary|Secondary|Grammar|Charter|Prep)\sSchool|College|Academy|Sheriff's\s(?:Office|Department)|Police\sDepartment|Fire\sDepartment|Fire\s(?:and|&)\sRescue|Jail|Penitentiary|Prison|Shelter|Baptist\sChurch|Church|Temple|Mosque|Synagogue|Industries|Steel|Motors|Logistics|Foods|Trucking|Airlines|Shipyard|Inc|LLC|Corp(?:oration)?|Ltd|Savings\sBank|Credit\sUnion|Insurance|Pharmacy|Clinic|Local\s\d{1,4}")
_KNOWN_ORG = "Mass General|Massachusetts General|Mayo|Hopkins|Johns Hopkins|Kaiser|Cedars-Sinai|MD Anderson|Sloan Kettering|Brigham|Beth Israel|Mount Sinai|Montefiore|Bellevue|Stanford|Cleveland Clinic|Emory|Duke|Vanderbilt|Geisinger|Intermountain|Scripps|Sutter|Walgreens|Walmart|Costco|Medicare Rights"


@cache
def site_rules() -> tuple[Rule, ...]:
    """Addresses without a number."""
    countries = "|".join(sorted(COUNTRIES_CN, key=len, reverse=True))
    return (
        rule("form.address_near", "ADDR", rf"(?:现住|家住|住在|家在|租住在?|暂住在?|居住在?|居住于|(?<![入出不再收留])住)\s?[::]?(?P<v>(?!院|医院|病|我|本|过|进|同|同学|这|那)[{_C}]{{2,12}}?)(?=一带|附近|旁边|对面|周边|楼上|楼下|那边|路口|边上)", lambda v: not re.search("医院|病房|科室|单位|学校|朋友|亲戚|公司", v), "cjk near", 0),
        rule("form.country", "ADDR", rf"(?:(?<=[去赴从到自往飞返在])|(?<=来自)|(?<=前往))(?P<v>{countries})(?!语|式|际|籍)", None, "cjk country", 0),
        rule("form.country_visited", "ADDR", rf"(?P<v>{countries})(?=旅游|旅行|务工|打工|出差|留学|回国|归国|归来|回来|返回|探亲|旅居|做工|经商|劳务|入境)", None, "cjk country", 0),
        rule("cue.place_en", "ADDR", rf"(?<![A-Za-z])(?:{_MOVED})\s(?:the\s)?(?P<v>{_CAP}(?:\s{_CAP}){{0,2}}(?:,\s?(?:[A-Z]{{2}}(?![A-Za-z])|{_CAP}))?)(?![A-Za-z'])", _place, "capital moved", 0),
        rule("form.country_en", "ADDR", rf"(?<![A-Za-z])(?:[Ff]rom|[Tt]o|[Ii]n|[Vv]ia|[Tt]hrough|[Oo]f|[Nn]ear|[Vv]isited)\s(?:rural\s|northern\s|southern\s|eastern\s|western\s|the\s)?(?P<v>{COUNTRIES_EN})(?![A-Za-z])", None, "country_en", 0),
        rule("form.road_en", "ADDR", rf"(?<![A-Za-z])(?:[Oo]n|[Oo]ff|[Nn]ear|[Aa]t|[Aa]long|[Ff]rom|[Uu]nder|[Dd]own|[Aa]cross|[Bb]y|[Ii]n|[Oo]f|[Aa]nd|&|/)\s(?:the\s)?(?P<v>(?:(?:North|South|East|West|N|S|E|W|Old|New)\.?\s)?{_CAP}(?:\s{_CAP}){{0,2}}\s(?:{_ROAD_TAIL})(?![A-Za-z]))", _named_place, "road_en", 0),
        rule("form.highway_en", "ADDR", r"(?<![A-Za-z])(?P<v>(?:Interstate|Highway|Hwy|Route|Rte|US\sRoute|State\sRoute|County\sRoad)\s?-?\d{1,4}[A-Z]?)(?![A-Za-z\d])", None, "digit highway", 0),
        rule("form.land_en", "ADDR", rf"(?<![A-Za-z])(?P<v>(?:Lake|Mount|Mt\.?|Fort|Ft\.?|Cape|Port)\s(?!Mary){_CAP})(?=\s(?:before|last|in|for|with|area|trip|this|and|by|on|over|resident|during|since)|[,.;]|$)", _named_place, "land_en", 0),
        rule("form.county_en", "ADDR", rf"(?<![A-Za-z])(?P<v>{_CAP}(?:\s{_CAP})?\s(?:{_LAND_TAIL}))(?![A-Za-z'’]|\s(?:Hospital|Medical|Sheriff|Jail|Health|Clinic|General|Police|School))", _named_place, "land_en", 0),
    )


@cache
def institution_rules() -> tuple[Rule, ...]:
    """Institutions under a short or an English name."""
    brands = "|".join(sorted(BRANDS_CN, key=len, reverse=True))
    places = "|".join(sorted({name[:-1] for level in ("p", "c") for name in words.places_cn()[level] if name[-1] in "省市" and len(name) > 2}, key=len, reverse=True))
    return (
        rule("form.hospital_short", "ORG", rf"(?P<v>(?:(?:{places})?{_SHORT.format(places=places)}))(?![区校内])", None, "cjk short_hospital", 0),
        rule("form.hospital_known", "ORG", rf"(?:(?<=[在去到至从由经转回赴往于找托请])|(?<=来自))(?P<v>(?:{brands})(?:医院|总院|本部)?)(?=[看查做住治就会开请手术急门病化放移随复取拿抽挂排出建说,;。、\s]|专家|教授|医生|$)", None, "cjk known_hospital", 0),
        rule("form.hospital_asked", "ORG", rf"(?P<v>(?:{brands}))(?=会诊|门诊|急诊|病理|住院|专家|就诊|确诊|就医|体检)", None, "cjk known_hospital", 0),
        rule("form.organisation_en", "ORG", rf"(?<![A-Za-z])(?P<v>(?:(?:St|Mt|Ft)\.\s|Mount\s|Saint\s|The\s)?{_CAP}(?:[\-\s](?:of\s|and\s|&\s)?{_CAP}){{0,4}}?\s(?:{_ORG_STRONG}))(?![A-Za-z])", _institution, "org_en", 0),
        rule("form.organisation_regional", "ORG", rf"(?<![A-Za-z])(?P<v>{_CAP}(?:\s{_CAP}){{0,2}}\s(?:Regional|General|Memorial))(?=[),.;]|\s(?:ED|ER|ICU|and|for|yesterday|last|on|two|three|ten|this)\b|$)", _regional, "regional", 0),
        rule("form.organisation_known", "ORG", rf"(?:(?<=[Aa]t\s)|(?<=[Ff]rom\s)|(?<=[Tt]o\s)|(?<=[Bb]y\s)|(?<=[Vv]ia\s))(?P<v>{_KNOWN_ORG})(?![A-Za-z]|\s(?:class|score|criteria|clamp|stand|scissors|staging|classification))", None, "known_org", 0),
    )


def _generic(word: str) -> bool:
    low = word.lower()
    return word in HEADINGS or low in words.no_name_en() or low in words.drugs_en() or low in _NO_HEADS


_NO_HEADS = frozenset("outside local nearby pain wound sleep falls memory fracture headache coumadin warfarin anticoagulation travel eye skin heart foot hand voice dental teaching tertiary county city state rural private public referring nearest other another both our your his her their this that the for from with per see seen after before at in to by and or of on women's children's men's veterans student community general regional memorial family primary urgent day night walk asthma allergy diabetes lipid hypertension stroke transplant vascular infusion fertility refugee free mobile home".split())


def _institution(value: str) -> bool:
    """Something before the kind of institution that names one: a listed name or place, or a word that is no ordinary one."""
    head = re.sub(rf"\s(?:{_ORG_STRONG})\Z", "", value)
    heads = [word for word in re.split(r"[\s\-]", head.replace("The ", "").replace("’", "'")) if word not in ("of", "and", "&", "St.", "Saint", "Mount")]
    if not heads or heads[0] in ("Patient", "Pt", "Seen", "Per"):
        return False
    if value.endswith(("Clinic", "Church", "Pharmacy", "Shelter", "Jail", "Prison", "Inc", "Insurance", "Steel", "Foods", "Hospice", "Hospital", "Rehab", "Academy", "College", "University", "Dialysis", "Temple", "Healthcare", "Urgent Care", "Rehabilitation")):
        return any(not _generic(word) and (not words.common_en(word.lower()) or word in words.surnames_us() or len(heads) > 1) for word in heads)
    return any(not _generic(word) for word in heads)


def _regional(value: str) -> bool:
    heads = value.split()[:-1]
    return not any(_generic(word) for word in heads) and (len(heads) > 1 or not words.common_en(heads[0].lower()))


def _place(value: str) -> bool:
    heads = re.split(r"[\s,]+", value)
    return not any(_generic(word) or word in words.eponyms_en() for word in heads[:1]) and not words.common_en(heads[0].lower()) and heads[0] not in words.given_us()


def _named_place(value: str) -> bool:
    heads = value.split()
    return not all(_generic(word) for word in heads[:-1]) and heads[0] not in ("The", "This") and value.rstrip(".") not in ("Lake Louise",)
