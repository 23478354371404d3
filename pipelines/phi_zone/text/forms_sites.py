# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""Places and institutions without a number or under a short name: hospitals as people call them, roads, landmarks, countries."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.gate_words import BRANDS_CN
from pipelines.phi_zone.text.name_rows import HEADINGS
from pipelines.phi_zone.text.rules import Rule, rule

_C = r"\u4e00-\u9fff"
_SHORT = rf"(?:(?:{'|'.join(sorted((*BRANDS_CN, '医大', '交大', '北大', '清华', '复旦', '浙大', '中大', '川大', '郑大', '武大', '军医大', '苏大', '安医大', '重医大', '南医大', '广医大', '温医大', '徐医大', '山医大', '河医大', '新医大', '内医大', '宁医大', '赣医大', '福医大', '昆医大', '贵医大', '遵医大', '桂医大', '蚌医', '皖医', '安医', '重医', '哈医大', '中南', '山大', '吉大', '兰大', '南医大', '广医', '遵医', '昆医', '省', '市', '县', '区', '州', '军区'), key=lambda name: (-len(name), name)))}|{{places}})(?:(?:附属?)?(?:[一二三四五六七八九十]|第[一二三四五六七八九十])院|[一二三四五六]?附院))"
COUNTRIES_EN = ("Afghanistan|Albania|Algeria|Angola|Argentina|Armenia|Australia|Austria|Azerbaijan|Bangladesh|Belarus|Belgium|Belize|Bolivia|Bosnia|Botswana|Brazil|Bulgaria|Burma|Burundi|Cambodia|Cameroon|Chile|China|Colombia|Congo|Costa Rica|Croatia|Cuba|Cyprus|Denmark|Dominican Republic|"
                "Ecuador|Egypt|El Salvador|Eritrea|Estonia|Ethiopia|Fiji|Finland|France|Gambia|Germany|Ghana|Greece|Guatemala|Guinea|Guyana|Haiti|Honduras|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Jamaica|Japan|Kazakhstan|Kenya|Kosovo|Kuwait|Laos|Latvia|Lebanon|Liberia|Libya|"
                "Lithuania|Madagascar|Malawi|Malaysia|Mali|Mexico|Moldova|Mongolia|Morocco|Mozambique|Myanmar|Namibia|Nepal|Netherlands|New Zealand|Nicaragua|Niger|Nigeria|Norway|Oman|Pakistan|Panama|Paraguay|Peru|Philippines|Poland|Portugal|Puerto Rico|Qatar|Romania|Russia|Rwanda|Saudi Arabia|Senegal|Serbia|"
                "Sierra Leone|Singapore|Slovakia|Slovenia|Somalia|South Africa|South Korea|South Sudan|Spain|Sri Lanka|Sudan|Suriname|Sweden|Switzerland|Syria|Taiwan|Tanzania|Thailand|Tibet|Togo|Trinidad|Tunisia|Turkey|Uganda|Ukraine|Uruguay|Uzbekistan|Venezuela|Vietnam|Yemen|Zambia|Zimbabwe|Kerala|Punjab|Hong Kong|Macau|Guam|Samoa")
_MOVED = (r"[Ff]rom|[Tt]ravel(?:ed|led|ing|s)?\s(?:back\s)?(?:to|through|in|from)|[Tt]rip(?:s)?\s(?:to|through)|[Mm]oved\s(?:here\s)?(?:to|from)|[Rr]elocated\s(?:to|from)|[Ff](?:lew|light|lying)\s(?:back\s|in\s)?(?:to|from)|[Gg]rew\sup\s(?:in|near|outside)|[Nn]ative\sof|[Bb]orn\s(?:and\sraised\s)?in|[Rr]aised\sin|"
          r"[Ll]iv(?:es|ed|ing)\s(?:in|near|outside)|[Rr]esid(?:es|ed|ing)\s(?:in|near)|[Rr]esident\sof|[Vv]acation(?:ed|ing)?\s(?:in|to)|[Vv]isit(?:s|ed|ing)?(?:\s(?:to|family\sin|relatives\sin))?|[Rr]eturned\sfrom|[Bb]ack\sfrom|[Ii]mmigrated\sfrom|[Ee]migrated\sfrom|[Dd]eployed\sto|[Ss]tationed\s(?:in|at)|[Rr]etired\sto|[Hh]ometown\s(?:is|of)|[Dd]rove\s(?:in\s)?from")
_CAP = r"[A-Z][a-z'’]+"
_CAPS = r"[A-Z][a-z'’]++(?:[A-Z][a-z]++)?"
_ROAD_TAIL = r"Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Highway|Hwy|Parkway|Pkwy|Square|Bridge|Plaza|Pier|Turnpike|Expressway|Freeway|Tunnel|Terrace|Alley|Boardwalk|[Ss]tation|[Aa]irport|Mall|Stadium|Arena|Park|Museum|Library|Campground|Trailhead|Fairgrounds|Zoo|Wharf|Docks|Quay|Circus"
_LAND_TAIL = r"County|Township|Parish|Borough|Island|Beach|Reservation|Valley|Canyon|Creek|Harbor|Heights"
_ORG_STRONG = (r"Assisted\sLiving|Senior\sLiving|Nursing\sHome|Nursing\s(?:Center|Facility)|Nursing\s(?:and|&)\sRehab(?:ilitation)?|Memory\sCare|Care\sCenter|Rehab(?:ilitation)?(?:\s(?:Center|Hospital|Institute))?|Treatment\sCenter|Surgery\sCenter|Surgical\sCenter|Fulfillment\sCenter|Detention\sCenter|Correctional\s(?:Facility|Institution|Center)|"
               r"Medical\s(?:Center|Centre|Group|Associates)|Health\s(?:Center|System|Network|Department|Partners)|Healthcare|Community\sHospital|General\sHospital|Memorial\sHospital|Regional\sHospital|Children's\sHospital|Hospital|Cancer\s(?:Center|Institute)|Dialysis(?:\sCenter)?|Kidney\sCenter|Urgent\sCare|Family\s(?:Practice|Medicine|Health\sCenter)|Hospice|"
               r"University|(?:High|Middle|Elementary|Primary|Secondary|Grammar|Charter|Prep)\sSchool|College|Academy|Mutual(?:\sHealth)?|Assurance|Health\sPlan|Sheriff's\s(?:Office|Department)|Police\sDepartment|Fire\sDepartment|Fire\s(?:and|&)\sRescue|Jail|Penitentiary|Prison|Shelter|Baptist\sChurch|Church|Temple|Mosque|Synagogue|Industries|Steel|Motors|Logistics|Foods|Trucking|Airlines|Shipyard|Inc|LLC|Corp(?:oration)?|Ltd|Savings\sBank|Credit\sUnion|Insurance|Pharmacy|Clinic|Local\s\d{1,4}|"
               r"(?:Women's\s)?Refuge|Sanctuary|Hostel|Supported\sLiving|Aged\sCare|Residential\sHome|Care\sHome|Day\s(?:Centre|Center|Hospital)|Opticians?|Optical|Optometrists?|Eyecare|Eye\s(?:Centre|Center)|Dental\s(?:Practice|Care|Surgery)|Diagnostics|Diagnostic\s(?:Imaging|Centre|Center)|Genomics|Polyclinic|Primary\sCare(?:\sCentre)?|Garda\sStation|Fire\sStation|Police\sStation|Barracks|Castings|Millworks|Foundry|Brewery|Distillery|Creamery|Fisheries|Seafoods|Haulage|Couriers|(?:Borough|County|City|District|Parish|Town)\sCouncil|Mission|Solicitors|LLP")

_ORG_CAPITALS = r"(?:NURSING|CARE)\sHOME|MEDICAL\s(?:CENTER|CENTRE|GROUP)|HEALTH\s(?:SYSTEM|BOARD|CENTER|CENTRE)|NHS\s(?:FOUNDATION\s)?TRUST|HOSPITAL|INFIRMARY|CLINIC|HOSPICE|URGENT\sCARE|UNIVERSITY|ACADEMY|PRISON|JAIL|PHARMACY|INSURANCE|LLC|LTD|INC"
_JOINTS = r"(?:FROM|AT|TO|BY|VIA|IN|THE|OUR|THIS|WITH|FOR|OUTSIDE|ANOTHER|LOCAL|PRIOR|FOLLOW|FINAL|REPORT|PATIENT|TRANSFER|TRANSFERRED|ADMITTED|DEPARTMENT)\b"
_COUNTIES = "Antrim|Armagh|Carlow|Cavan|Clare|Cork|Derry|Donegal|Down|Dublin|Durham|Fermanagh|Galway|Kerry|Kildare|Kilkenny|Laois|Leitrim|Limerick|Longford|Louth|Mayo|Meath|Monaghan|Offaly|Roscommon|Sligo|Tipperary|Tyrone|Waterford|Westmeath|Wexford|Wicklow"


@cache
def site_rules() -> tuple[Rule, ...]:
    """Addresses without a number."""
    countries = "|".join(sorted(words.world_places_cn(), key=lambda name: (-len(name), name)))
    return (
        rule("form.address_near", "ADDR", rf"(?:现住|家住|住在|家在|租住在?|暂住在?|居住在?|居住于|(?<![入出不再收留])住)\s?[::]?(?P<v>(?!院|医院|病|我|本|过|进|同|同学|这|那)[{_C}]{{2,12}}?)(?=一带|附近|旁边|对面|周边|楼上|楼下|那边|路口|边上)", lambda v: not re.search("医院|病房|科室|单位|学校|朋友|亲戚|公司", v), "cjk near", 0),
        rule("form.crossing", "ADDR", rf"(?:^|(?<=[在于至到从沿由自,。;:]))(?P<v>[{_C}\d]{{2,6}}?(?:大道|大街|公路|国道|省道|县道|路|街|巷|线)(?:与|和|、|-)[{_C}\d]{{2,6}}?(?:大道|大街|公路|国道|省道|县道|路|街|巷|线)(?:交叉口|交叉路口|交汇处|交界处|交口|路口)?)(?=交|路?口|的?十字|之间|转角|被|附近|处|(?<=[口处]))", None, "cjk road", 0),
        rule("form.road_cn", "ADDR", rf"(?:(?<=[在于至到从沿由自倒])|(?<=途经)|(?<=位于)|(?<=走到)|(?<=行至)|(?<=骑到))(?P<v>[{_C}\d]{{2,6}}?(?:大道|大街|高架|高速|环路|国道|省道|立交桥|大桥|隧道|水库|路|街|巷|胡同|火车站|高铁站|汽车站|地铁站|公交站|客运站|长途站|加油站|收费站|服务区|停车场|体育场|体育馆|图书馆|电影院|文化宫|步行街|集贸市场|农贸市场|批发市场|工业园|产业园|公园|广场|菜市场|商城|码头|渡口|机场|景区|大厦))(?=[东南西北]?路?口|门口|门前|附近|上|旁|边|被|处|发生|摔|跌|晕|一带|段|等|路段|站|坐|执勤|摆摊|走|骑|开车|打车|[,。;]|$)", _named_road, "cjk", 0),
        rule("form.kilometre_cn", "ADDR", rf"(?P<v>(?:[{_C}]{{2,4}}?(?:高速公路|高速|公路|国道|省道|线))?\s?K\d{{1,4}}\+\d{{1,3}}(?:[米m](?![a-z]))?)(?![\d.])", None, "digit plus", 0),
        rule("form.highway_cn", "ADDR", rf"(?<![A-Za-z\d])(?P<v>[GS]\d{{1,4}}(?:[{_C}]{{2,4}}高速|高速|国道|省道)(?:公路)?|[GS]\d{{3}}线|\d{{3}}(?:国道|省道|县道))", None, "cjk", 0),
        rule("form.region_cn", "ADDR", r"(?P<v>(?<![\u4e00-\u9fff])[皖苏浙闽粤赣湘鄂川黔滇桂陕甘晋冀豫鲁辽吉琼蒙藏][东西南北中](?:山区|牧区|林区)|[皖苏浙闽粤赣湘鄂川黔滇桂陕甘晋冀豫鲁辽琼藏][东西南北中](?:山区|牧区|林区))", None, "cjk", 0),
        rule("form.country", "ADDR", rf"(?:(?<=[去赴从到自往飞返在至由经回居住抵过])|(?<=来自)|(?<=前往))(?P<v>{countries})(?!语|式|际|籍|标准|评分|分级|定义|分型|共识|分类)", None, "cjk country", 0),
        rule("form.country_visited", "ADDR", rf"(?P<v>{countries})(?=旅游|旅行|务工|打工|出差|留学|回国|归国|归来|回来|返回|探亲|旅居|做工|经商|劳务|入境|旅居|援建|维和|疫区|转机|度假|蜜月|生活|定居|务农|游玩|自驾|滑雪|徒步|工地|工作|输入)", None, "cjk country", 0),
        rule("cue.place_en", "ADDR", rf"(?<![A-Za-z])(?:{_MOVED})\s(?:the\s)?(?P<v>{_CAP}(?:\s{_CAP}){{0,2}}(?:,\s?(?:[A-Z]{{2}}(?![A-Za-z])|{_CAP}))?)(?![A-Za-z']|\s(?:criteria|class|staging|stage|score|definition|consensus|protocol|guideline|system|grad|position|presentation|housing))", _place, "capital moved", 0),
        rule("form.country_en", "ADDR", rf"(?<![A-Za-z])(?:[Ff]rom|[Tt]o|[Ii]n|[Vv]ia|[Tt]hrough|[Oo]f|[Nn]ear|[Vv]isited)\s(?:rural\s|northern\s|southern\s|eastern\s|western\s|the\s)?(?P<v>{COUNTRIES_EN})(?![A-Za-z])", None, "country_en", 0),
        rule("form.road_en", "ADDR", rf"(?:(?<![A-Za-z])(?:[Oo]n|[Oo]ff|[Nn]ear|[Aa]t|[Aa]long|[Ff]rom|[Uu]nder|[Dd]own|[Aa]cross|[Bb]y|[Ii]n|[Oo]f|[Aa]nd|[Oo]utside|[Bb]ehind|[Oo]pposite|&|/)|,)\s(?:the\s)?(?P<v>(?:(?:North|South|East|West|N|S|E|W|Old|New)\.?\s)?{_CAP}(?:\s{_CAP}){{0,2}}\s(?:{_ROAD_TAIL})(?![A-Za-z])(?:(?<=Street)|(?<=Road)|(?<=Lane)|(?<=Avenue)|(?<=Rd)|(?<=St))(?:,\s(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Dr\b|Mr)[A-Z][a-z]{{3,}}(?=[,.;)]|$))?|(?:(?:North|South|East|West|N|S|E|W|Old|New)\.?\s)?{_CAP}(?:\s{_CAP}){{0,2}}\s(?:{_ROAD_TAIL})(?![A-Za-z]))", _named_place, "road_en", 0),
        rule("form.highway_en", "ADDR", r"(?<![A-Za-z])(?P<v>(?:Interstate|Highway|Hwy|Route|Rte|US\sRoute|State\sRoute|County\sRoad)\s?-?\d{1,4}[A-Z]?)(?![A-Za-z\d])", None, "digit highway", 0),
        rule("form.land_en", "ADDR", rf"(?<![A-Za-z])(?P<v>(?:Lake|Mount|Mt\.?|Fort|Ft\.?|Cape|Port)\s(?!Mary){_CAP})(?=\s(?:before|last|in|for|with|area|trip|this|and|by|on|over|resident|during|since)|[,.;]|$)", _named_place, "land_en", 0),
        rule("form.county_en", "ADDR", rf"(?<![A-Za-z])(?P<v>(?:County|Co\.?)\s(?:{_COUNTIES})|{_CAP}(?:\s{_CAP})?\s(?:{_LAND_TAIL}))(?![A-Za-z'’]|\s(?:Hospital|Medical|Sheriff|Jail|Health|Clinic|General|Police|School))", _named_place, "land_en", 0),
    )


@cache
def institution_rules() -> tuple[Rule, ...]:
    """Institutions under a short or an English name."""
    firms, cued = ("|".join(sorted(words.firms_cn()[kind], key=lambda name: (-len(name), name))) for kind in "ac")
    brands = "|".join(sorted(BRANDS_CN, key=lambda name: (-len(name), name)))
    places = "|".join(sorted({name[:-1] for level in ("p", "c") for name in words.places_cn()[level] if name[-1] in "省市" and len(name) > 2}, key=lambda name: (-len(name), name)))
    return (
        rule("form.hospital_short", "ORG", rf"(?P<v>(?:(?:{places})?{_SHORT.format(places=places)}))(?![区校内])", None, "cjk short_hospital", 0),
        rule("form.hospital_known", "ORG", rf"(?:(?<=[在去到至从由经转回赴往于找托请住曾((])|(?<=来自)|(?<=外院))(?P<v>(?:{brands})(?:医院|总院|本部|附[一二三四五六])?)(?=[看查做住治就会开请手术急门病化放移随复取拿抽挂排出建说行予完接,;。、\s]|专家|教授|医生|$)", None, "cjk known_hospital", 0),
        rule("form.firm_known", "ORG", rf"(?P<v>(?:{firms})(?:公司|集团|股份|中心|总部|分公司|研究院)?)", None, "cjk firm", 0),
        rule("form.firm_cued", "ORG", rf"(?:(?<=在)|(?<=于)|(?<=系)|(?<=是)|(?<=为)|(?<=由)|(?<=给)|(?<=送)|(?<=单位:)|(?<![{_C}]))(?P<v>{cued})(?=员工|职工|工人|司机|骑手|快递|外卖|公司|理赔|报告|上班|工作|流水线|工程师|门店|检验|检测|送检|保安|客服|销售|质检|实习|程序员|仓库|的|做|当|任职|[,。;]|$)", None, "cjk firm_cued", 0),
        rule("form.firm_kind", "ORG", rf"(?:(?<![{_C}])|(?<=[在于系是为由给送有]))(?P<v>[{_C}]{{2,6}}?(?:人寿|财险|寿险|保险|诊断|医学检验|检验|基因|生物|物流|快递|速递|速运|科技|重工|钢铁|煤矿|矿业|纺织|电子|实业|控股|置业|地产|物业|建工|航空|证券|电力|石化|食品|服饰|家具|水泥|化工))(?=公司|员工|职工|工人|司机|快递员|骑手|理赔|任职|上班|流水线|做工|打工|退休|工牌|职员|同事)", _firm, "cjk firm_kind", 0),
        rule("form.saint_cn", "ORG", rf"(?P<v>圣[{_C}]{{1,4}}?(?:教堂|教会|修道院|医院|公会|书院|中学|小学|堂))", None, "cjk", 0),
        rule("form.trust_en", "ORG", rf"(?<![A-Za-z])(?P<v>(?!(?:Seen|Transferred|Admitted|Moved|Reviewed|Currently|Now|Patient|Handover|Nursed|Remains|Back)\s)(?:St\.?\s)?{_CAP}(?:[\-\s](?:and\s|&\s|of\s|on\s)?(?:St\.?\s)?{_CAP}){{0,5}}\s(?:NHS\s(?:Foundation\s)?Trust|Health\sBoard|Local\sHealth\sDistrict|Health\sAuthority|Medical\s(?:Practice|Centre)|Health\s(?:Centre|Hub)|Practice|Surgery|Ward|Infirmary))(?![A-Za-z])", _british, "british_org", 0),
        rule("form.hospital_asked", "ORG", rf"(?P<v>(?:{brands}))(?=会诊|门诊|急诊|病理|住院|专家|就诊|确诊|就医|体检)", None, "cjk known_hospital", 0),
        rule("form.organisation_en", "ORG", rf"(?<![A-Za-z])(?P<v>(?!(?:Resident|Patient|Graduate|Student|Employee|Member|Chaplain)\sof\s)(?:(?:St|Mt|Ft)\.\s|Mount\s|Saint\s|The\s)?{_CAPS}(?:[\-\s](?:of\s|and\s|&\s)?{_CAPS}){{0,4}}?\s(?:{_ORG_STRONG})(?:\s(?:Ltd|Limited|LLC|LLP|Inc|PLC|plc|Pty\sLtd|Pvt\sLtd))?)(?![A-Za-z])", _institution, "org_en", 0),
        rule("form.organisation_capitals", "ORG", rf"(?<![A-Za-z])(?:^|(?<=[\n])|(?<=[:,.;(\-]\s)|(?<=FROM\s)|(?<=AT\s)|(?<=TO\s)|(?<=BY\s)|(?<=VIA\s)|(?<=THE\s)|(?<=IN\s))(?P<v>(?:(?:ST|MT|FT)\.?\s|SAINT\s|MOUNT\s)?(?!{_JOINTS})[A-Z][A-Z'’]+(?:[\-\s](?:OF\s|AND\s|&\s)?(?!{_JOINTS})[A-Z][A-Z'’]+){{0,4}}?\s(?:{_ORG_CAPITALS}))(?![A-Za-z])", _capital_institution, "org_en", 0),
        rule("form.organisation_regional", "ORG", rf"(?<![A-Za-z])(?P<v>{_CAP}(?:\s{_CAP}){{0,2}}\s(?:Regional|General|Memorial))(?=[),.;]|\s(?:ED|ER|ICU|A&E|by|via|with|after|and|for|yesterday|last|on|two|three|ten|this)\b|$)", _regional, "regional", 0),
    )


_NO_ROAD_HEAD = re.compile(r"(?:.*(?:上班|下班|回家|放学|来院|一|半|走|过|马|道|公|铁|尿|气|通|旁|乡|山|村|小|两|水|电|同|沿|门口|附近|路过|家楼下|小区|社区|单位|学校|当地|附近的?|的|这条|那条|某))?(?:大道|大街|高架|高速|环路|国道|省道|立交桥|路|街|巷|胡同|火车站|高铁站|汽车站|地铁站|公交站|客运站|长途站|加油站|收费站|服务区|停车场|体育场|体育馆|图书馆|电影院|文化宫|步行街|集贸市场|农贸市场|批发市场|工业园|产业园|公园|广场|菜市场|商城|码头|渡口|机场|景区|大厦)\Z")


def _named_road(value: str) -> bool:
    return _NO_ROAD_HEAD.match(value) is None and not words.clinical_cn().at(value, 0)


_NO_FIRM = re.compile(r".*(?:医疗|养老|商业|社会|工伤|生育|失业|大病|农村|合作|居民|职工|意外|临床|病理|入院|出院|初步|影像|分子|产前|超声|术前|术后|快速|鉴别|定性|本|外|我|某|一家|各|公立|私营)")


def _firm(value: str) -> bool:
    return _NO_FIRM.match(value) is None and value[:2] not in words.pairs_cn()


def _generic(word: str) -> bool:
    low = word.lower()
    return word in HEADINGS or low in words.no_name_en() or low in words.drugs_en() or low in _NO_HEADS


_NO_HEADS = frozenset("outside local nearby pain wound sleep falls memory fracture headache coumadin warfarin anticoagulation travel eye skin heart foot hand voice dental teaching tertiary county city state rural private public referring nearest other another both our your his her their this that the for from with per see seen after before at in to by and or of on women's children's men's veterans student community general regional memorial family primary urgent day night walk asthma allergy diabetes lipid hypertension stroke transplant vascular infusion fertility refugee free mobile home".split())


_STRONG_TAIL, _CAPITAL_TAIL = (re.compile(rf"\s(?:{tails})\Z") for tails in (_ORG_STRONG, _ORG_CAPITALS))
_GAP, _GAPS = re.compile(r"[\s\-]"), re.compile(r"[\s\-]+")


def _institution(value: str) -> bool:
    """Something before the kind of institution that names one: a listed name or place, or a word that is no ordinary one."""
    head = _STRONG_TAIL.sub("", value)
    heads = [word for word in _GAP.split(head.replace("The ", "").replace("’", "'")) if word not in ("of", "and", "&", "St.", "Saint", "Mount")]
    if not heads or heads[0] in ("Patient", "Pt", "Seen", "Per"):
        return False
    if value.endswith(("Clinic", "Church", "Pharmacy", "Shelter", "Jail", "Prison", "Inc", "Insurance", "Steel", "Foods", "Hospice", "Hospital", "Rehab", "Academy", "College", "University", "Dialysis", "Refuge", "Hostel", "Sanctuary", "Optical", "Opticians", "Optometrists", "Diagnostics", "Genomics", "Station", "Barracks", "Foundry", "Brewery", "Haulage", "Centre", "Living", "Temple", "Healthcare", "Urgent Care", "Rehabilitation")):
        return any(not _generic(word) and (not words.common_en(word.lower()) or word in words.surnames_us() or len(heads) > 1) for word in heads)
    return any(not _generic(word) for word in heads)


_BRITISH_TAIL = re.compile(r"\s(?:NHS\s(?:Foundation\s)?Trust|Health\s\w+|Local\sHealth\sDistrict|Medical\s\w+|Practice|Surgery|Ward|Infirmary)\Z")


def _british(value: str) -> bool:
    """A name before the kind of institution: no branch of medicine, which begins with a capital before Ward and Surgery too."""
    heads = [word for word in _GAP.split(_BRITISH_TAIL.sub("", value)) if word not in ("of", "and", "on", "&", "St", "St.", "The", "NHS")]
    families, weak = words.surnames_us(), words.COMMON_NAME_WORDS
    if value.endswith(" Ward") and any(word.lower() in _WARD_NAMES for word in heads):
        return True
    if value.startswith("The ") and not value.endswith(" Ward"):
        families = frozenset(word for word in heads if not word.lower().endswith(("ing", "ed")) and word not in words.eponyms_en())
    unusual = [word for word in heads if not (_generic(word) or word.lower() in weak or word.lower().endswith(_BRANCH_ENDS)) and (word in families or not (words.common_en(word.lower()) or word in words.eponyms_en()))]
    if value.endswith("Surgery") and any(word in words.eponyms_en() for word in heads):
        return False
    return bool(unusual) or value.endswith(("Trust", "Infirmary", "District"))


_WARD_NAMES = frozenset("""nightingale seacole fleming lister jenner darwin byron ash aspen beech birch bramble cedar chestnut cypress elm fern hawthorn hazel heather holly ivy juniper larch laurel
lavender lilac lime linden magnolia maple mulberry oak olive orchid pine poplar poppy primrose rowan snowdrop spruce sycamore thistle tulip violet willow yew bluebell buttercup daffodil daisy foxglove iris jasmine marigold
avocet curlew dove eagle falcon finch heron kestrel kingfisher kite lark linnet osprey owl plover puffin robin sandpiper skylark starling swallow swan swift teal tern wren""".split())
"""Wards are called after nurses and physicians, trees, flowers and birds."""
_BRANCH_ENDS = ("ic", "nal", "cal", "tal", "ial", "lar", "ology", "tory", "ive", "ia", "ics", "iac", "ant", "ous", "eal", "scopic", "med", "obs", "paeds", "icu", "crine", "labour", "burns", "neuro", "lasik", "day", "hand")


def _capital_institution(value: str) -> bool:
    """An institution in capitals: something before its kind that is no ordinary word."""
    heads = [word.title() for word in _GAPS.split(_CAPITAL_TAIL.sub("", value)) if word not in ("OF", "AND", "&", "ST", "ST.", "MT", "MOUNT", "SAINT")]
    return any(not (_generic(word) or word.lower().endswith(_BRANCH_ENDS)) and (word in words.surnames_us() or word in words.given_us() or (len(word) > 3 and not words.common_en(word.lower()))) for word in heads)


def _regional(value: str) -> bool:
    heads = value.split()[:-1]
    return not any(_generic(word) for word in heads) and (len(heads) > 1 or not words.common_en(heads[0].lower()))


def _place(value: str) -> bool:
    heads = re.split(r"[\s,]+", re.sub("['’]s(?![a-z])", "", value))
    return heads[0] not in _NO_PLACE and not any(_generic(word) or word in words.eponyms_en() for word in heads[:1]) and not words.common_en(heads[0].lower()) and heads[0] not in words.given_us()


_NO_PLACE = frozenset("Dr Drs Mr Mrs Ms Prof Sr Fr Rev Rm Flr Lvl Wd Theatre".split())
"""What somebody or something is moved from that is no town: a person's title, a room."""


def _named_place(value: str) -> bool:
    heads = value.split()
    return (heads[0] in ("County", "Co", "Co.") or not all(_generic(word) for word in heads[:-1])) and heads[0] not in ("The", "This") and value.rstrip(".") not in ("Lake Louise",)
