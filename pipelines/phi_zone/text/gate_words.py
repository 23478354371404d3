# ruff: noqa: E501, SIM905 - patterns are data: a line is one of them, whole

"""Which gates (gates.py) a word of a text can open: each word is looked at once and remembered, a text's gates are those of its words.

A word is a run of letters or any other single character; so a Chinese character is a word.
"""
from __future__ import annotations

import re

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import DEGREES, PARTICLES

SURNAME_PINYIN = frozenset("""li wang zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang feng dong xiao cheng cao yuan deng fu shen zeng peng lv lyu su lu jiang cai jia ding wei xue ye yan
yu pan du dai xia zhong tian ren fan fang shi yao tan liao zou xiong jin hao kong bai cui kang mao qiu qin gu hou shao meng long wan duan lei qian yin yi chang qiao he lai gong wen pang tao hong zhai ni niu ji zhuang mo geng zhan guan miao
fei jin sheng tong ou qu cheng pei xi wei bao tan huo weng gan jing ouyang sima zhuge shangguan murong""".split())
ROMANISED = frozenset("chan wong cheung leung lam lau ng cheng kwok chow tsang yeung chiu tang tsai hsu hsieh chang lai yip fung mak poon siu tse chau kwan lui ip szeto choi yuen tam chu pang yau hui kuo liao chuang hsiao tseng teng shih nguyen tran pham hoang phan vo dang bui ngo duong kim park jung kang yoon jang hwang ahn yoo seo bae lee kwon goh ong teo koh chua toh seah yeo quek phua chia chong chew soh loh khoo teoh ooi yap lim tan tay tng sng kwek neo peh seow tham thng heng".split())
"""Family names of Canton, Taiwan, Vietnam, Korea and the Chinese of Singapore and Malaysia in Latin letters."""
COUNTRY_HEADS = frozenset("afghanistan albania algeria angola argentina armenia australia austria azerbaijan bangladesh belarus belgium belize bolivia bosnia botswana brazil bulgaria burma burundi cambodia cameroon chile china colombia congo costa croatia cuba cyprus denmark dominican ecuador egypt el eritrea estonia ethiopia fiji finland france gambia germany ghana greece guatemala guinea guyana haiti honduras hungary iceland india indonesia iran iraq ireland israel italy jamaica japan kazakhstan kenya kosovo kuwait laos latvia lebanon liberia libya lithuania madagascar malawi malaysia mali mexico moldova mongolia morocco mozambique myanmar namibia nepal netherlands new nicaragua niger nigeria norway oman pakistan panama paraguay peru philippines poland portugal puerto qatar romania russia rwanda saudi senegal serbia sierra singapore slovakia slovenia somalia south spain sri sudan suriname sweden switzerland syria taiwan tanzania thailand tibet togo trinidad tunisia turkey uganda ukraine uruguay uzbekistan venezuela vietnam yemen zambia zimbabwe kerala punjab hong macau guam samoa".split())


BRANDS_CN = ("协和 华西 湘雅 瑞金 仁济 齐鲁 同济 积水潭 阜外 安贞 天坛 宣武 西京 唐都 盛京 华山 中山 长海 长征 新华 和睦家 美年大健康 爱康国宾 慈铭 省人民 市人民 县人民 区人民 省立 省肿瘤 市中心 市妇幼 省妇幼 "
             "301 三零一 302 306 307 309 空总 海总 武总 北医 上医 邵逸夫 儿研所 首儿所 中肿 医科院肿瘤 浙一 浙二 川大 武大 郑大").split()
"""What people call well-known hospitals and their like; alone they need a cue."""
STREET_ENDS = "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Circle|Cir|Way|Place|Pl|Terrace|Ter|Trail|Parkway|Pkwy|Highway|Hwy|Square|Close|Crescent|Mews|Grove|Gardens|Row|Parade|Pde|Crescent|Cres|Rise|Park|Walk|View|Estate"
"""What ends a street's name where what follows it tells that it is an address."""
STREETS_US = "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Circle|Cir|Way|Place|Pl|Terrace|Ter|Trail|Trl|Parkway|Pkwy|Highway|Hwy|Square|Sq|Crossroad|Crossing|Alley|Aly|Row|Run|Path|Loop|Plaza|Pike|Mews|Close|Bypass|Esplanade|Heights|Hollow|Landing|Manor|Meadow|Mill|Orchard|Park|Ramp|Ridge|Route|Spur|Station|Track|Tunnel|Union|Vale|View|Viaduct|Village|Ville|Vista|Walk|Well|Wells|Gate|Gardens|Grove|Bay|Brook|Camp|Common|Dam|Ferry|Fork|Forge|Frontage road|Extension|Dale|Estate|Knoll|Key|Byway|Annex|Arcade|Approach|Quay|Rapid|Skyway|Stravenue|Burg|Center|Course|Divide|Flat|Glen|Green|Grove|Harbor|Haven|Isle|Junction|Lake|Light|Lock|Lodge|Mall|Mount|Neck|Oval|Pass|Pine|Plain|Port|Prairie|Ranch|Rest|Rue|Shoal|Shore|Spring|Summit|Crescent|Cres|Rise|Parade|Pde|Croft|Drove|Garth|Wharf|Embankment|Broadway|Copse"
"""Last words of the names of streets in the United States."""
_FIRST_WORD = re.compile(r"[a-z]+|[^\sa-z]")
_COMPOUND = "".join(sorted({name[0] for name in words.compound_surnames_cn()}))


def _begins(labels: str) -> str:
    return rf"^(?:{labels})"


def _is(labels: str) -> str:
    return rf"^(?:{labels})$"


KEYS: dict[str, str] = {
    "digit": r"^\d",
    "cjk": "[\u3400-\u9fff]",
    "at": "@",
    "plus": r"\+",
    "card_word": "证|身|card|resident",
    "passport_word": "照|证|passport",
    "colons": ":",
    "degrees": r"\.",
    "degree_sign": "°",
    "latitude_cn": "[纬经]",
    "some_numerals": "号",
    "ssn_word": "ssn|social",
    "last": "^last$",
    "piped": r"\|",
    "bracketed": r"\(",
    "bank_word": "银|卡|iban|bank|credit|debit|card$",
    "record_word": _begins("mrn|m$|mr|med|chi|record|hosp|patient|chart|unit|acc|encounter|visit|specimen|case|requisition|order|study|badge|employee|csn|fin|har|uhid|nhs|bed|job|dictation|ip$|ipd|op$|opd|cr$|reg|incident|booking"),
    "number_word": _is("no|nos|nr|numbers?|ref|reference|id"),
    "province_word": _is("ab|alberta|andhra|angus|assam|balochistan|bc|bedfordshire|berkshire|bihar|british|buckinghamshire|cambridgeshire|cheshire|co|cornwall|cumbria|derbyshire|devon|dorset|dyfed|eastern|essex|fife|free|gauteng|gloucestershire|goa|gujarat|gwent|gwynedd|hampshire|haryana|herefordshire|hertfordshire|himachal|jharkhand|karnataka|kent|kerala|kwazulu|labrador|lancashire|leicestershire|limpopo|lincolnshire|madhya|maharashtra|manitoba|mb|moray|mpumalanga|new|newfoundland|nl|norfolk|northamptonshire|northland|northumberland|nottinghamshire|nova|nsw|nunavut|odisha|ontario|otago|oxfordshire|pei|powys|punjab|qc|qld|qu|quebec|queensland|rajasthan|saskatchewan|shropshire|sindh|sk|somerset|south|southland|staffordshire|suffolk|surrey|sussex|tamil|taranaki|tas|tasmania|telangana|uttar|uttarakhand|vic|waikato|warwickshire|west|western|wiltshire|worcestershire|yorkshire|yukon"),
    "quote_cn": "[“\"「]",
    "ending_role": _begins("surgeon|anaesthetist|anesthesiologist|registrar|consultant|radiologist|pathologist|physician|midwife|officer|coroner|solicitor|undertaker|interpreter|phlebotomist|sonographer|radiographer|tech|pharmacist|diet|physio|nurse|scrub|assistant|witness|verified|dictated|reported|approved|signed|released|checked|typed|transcribed|prepared|authori|countersigned|acknowledged|wife|widow|husband|partner|mother|father|parents|son|daughter|sister|brother|relatives|family|carer"),
    "greeting_word": _is("thanks|thank|cheers|hi|hello|hey|dear|morning|ta|sorry|ok|yes|noted|great|welcome"),
    "ordinal": _is("st|nd|rd|th"),
    "mark_word": _begins("acc|slide|block|specimen|sample|wristband|card$|ecard|auth|preauth|receipt|pension|file|order|job|ticket|lot$|serial|subject|participant|register|docket|prf$|sent$"),
    "bank_code_word": _is("ifsc|swift|bic|micr"), "account_user": _begins("user|sign|log|portal"), "name_word": _is("name"),
    "officer_word": _is("pc|wpc|ps|dc|pcso|constable|garda|collar|badge|shoulder|warrant"),
    "branch_word": _begins("branch$|sort$|acc$|acct$|account$|a$"),
    "handphone_word": _is("hp|h|handphone|mp|mobile"),
    "driver_word": _is("driver|owner|keeper|passenger|rider|occupant"),
    "water_word": _is("lake|loch|lough|mount|cape|glen|isle"),
    "account_word": _begins("acc|member|subscriber|policy|group|insurance|beneficiary|medica|health|claim|invoice|certificate|bsb|sort|ihi|aadhaar|abha|cnic|grp|dva"),
    "register_word": _begins("sin$|utr$|tfn|ni|bvn|pps|chi$|hcn|phn|nhi|ird|nric|mykad|aadh|cnic|cpf|curp|rfc|cpr|bsn|pesel|qid|iqama|emirates|civil|ghana|sa$|ramq|ohip|mcp|ic$|pan$|dni|national|tax|voter|ration|refugee|unhcr|alien|visa|green"),
    "card_en": _is("card|pass"),
    "claim_word": _begins("c$|claim|policy|wsib|wcb|icbc|work|tac$|acc$|cover|voucher|pre|auth|guarantee|remittance|bill|invoice|receipt|tracking|consignment|docket|warrant|permit"),
    "record_word_en": _is("uhid|mrn|mrd|umr|hrn|ur|urn|cr|ip|ipd|op|opd|hosp|hospital|patient|reg"),
    "paged_word": _begins("page|bleep|dial|voalte|spectralink|ascom|cisco"),
    "extension_x": "^x$",
    "recall_word": _is("bp|cast|device|dressing|growth|line|pacemaker|pacing|pin|plaster|splint|suture|weight|wound|out|doa|dod|dov|w|wef|thru|valid|pencilled|slotted|on|next|home|can|could|may|shall|booked|rtc|rto|return|returns|returning|f|cannot|unable|won|rtw|edd|moved|postponed|pushed|rescheduled|departed|departs|flew|flying|landed|returned|travell?ed|certificate|email|fax|form|letter|message|note|prescription|referral|report|request|result|script"),
    "lab_word": _is("ac?|bili|creat|creatinine|crp|d|ddimer|egfr|esr|ferritin|hba|hcg|hb|inr|lactate|lfts?|plts?|psa|troponin|trop|tsh|wbc|wcc"), "test_word": _is("angio|biopsy|bloods|colonoscopy|ctpa|ct|cxr|dexa|ecg|echo|eeg|ekg|labs|mammogram|mri|mrcp|ogd|op|oct|pet|scan|smear|spirometry|swab|tte|toe|uss|us|x|xray|xr"),
    "counted_word": _is("booster|cycle|dose|jab|session|shot|vax|visit"), "spoken_word": _is("called|d|discussed|met|phoned|rang|reviewed|seen|spoke"), "weekend_word": _is("weekend"),
    "signed_word": _is("accessed|amended|approved|edited|entered|opened|printed|released|reported|signed|verified|viewed"), "meeting_word": _is("meeting|teams|webex|zoom"), "pass_word": _begins("pass|pwd"), "door_word": _is("alarm|buzzer|door|entry|gate|key|keybox|keysafe|lock|lockbox|safe"), "host_end": _is("com|edu|gov|org"),
    "course_word": _is("began|begun|completed|developed|diagnosed|dxd?|ed|er|finished|hospitali[sz]ed|icu|improved|noticed|onset|presented|resolved|snf|tested|treated|worse|worsened"), "last_word": _is("last|next"), "row_word": _is("appointments|appts|clinics|dates|sessions|slots|visits"), "till_word": _is("till|pay|paybill"),
    "named_word": _begins("user|login|co|countersigned|account|profile|line$|fb$|facebook|venmo|reddit|messenger|psn$|roblox|steam$|handle|insta|tik|twitter|snap|discord|skype|telegram|gamertag|screen"), "role_word_en": _is("clerk|cons|consultant|coordinator|desk|f|fy|ho|matron|nurse|pharmacist|pharmacy|physio|porters?|reception|reg|registrar|resident|sho|sister|spr|switch|switchboard"),
    "given_word": _is("last|next|prev|previous|prior|fill|filled|refill|refilled|dispensed|picked|pick|pickup|supplied|dna|missed|cancelled|no|noshow|starting|effective|eff|as|adm|d|dc|presented|arrived|transferred|beginning|ending|resumed|held|offered|slot|swapped|brought"),
    "reading_word": _is("attacks|bloods|bms?|bps?|chart|clinics|dates|diary|episodes|fits|log|peak|readings?|recordings?|seizures|sugars|temps?|trend|weights"),
    "missed_word": _is("declined|forgot|forgotten|missed|not|omitted|refused|skipped"),
    "roman_word": _is("i|ii|iii|iv|v|vi|vii|viii|ix|x|xi|xii"),
    "feast_word": _is("chuseok|qingming|jayanti|padwa|chauth|birthday|qadr|sankranti|torah|lohri|vijayadashami|day|eve|night|wednesday|monday|holiday|year|mayo|deepavali|diwali|friday|saturday|sunday|weekend|eid|fawkes|raya|hogmanay|thursday|juneteenth|gras|tuesday|hashanah?|kippur|ashura|bakrid|baisakhi|chanukah|christmas|puja|dussehra|easter|chaturthi|halloween|hanukkah|holi|janmashtami|kwanzaa|matariki|muharram|navratri|nowruz|onam|passover|pentecost|pesach|pongal|purim|bandhan|ramadan|ramazan|shavuot|songkran|sukkot|thaipusam|thanksgiving|ugadi|vaisakhi|vesak|wesak|whitsun|xmas"),
    "host": _is("ac|co|com|edu|gob|gov|govt|health|hosp|mil|moh|nhs|nic|org|sch"), "host_path": _is("ai|app|cloud|com|corp|dev|edu|gle|gov|info|internal|intranet|io|lan|link|local|ly|me|net|online|org|page|site|tech"), "path_mark": "^[/:]$", "handle": r"^[\d_]$",
    "login_word": _begins("log|sign|user|account$|credential"),
    "insurance_word": _begins("insur|plan$|coverage|payer|subscriber|member|bcbs|aetna|anthem|cigna|humana|kaiser|medibank|bupa|vhi|laya"),
    "paper_word": _begins("invoice|bill|receipt|claim|policy|case|ticket|complaint|incident|file|docket|auth|voucher"),
    "police_word": _is("police|fir|ob|cas|gd|crime|incident"),
    "car_word": _is("alphard|alto|amarok|ambulance|astra|audi|avanza|aygo|bajaj|bakkie|berlingo|bike|bmw|boda|bolero|buick|bus|byd|cab|cadillac|camry|car|cherokee|chevrolet|chevy|chrysler|citroen|civic|clio|coach|commodore|corolla|corsa|d|dacia|daihatsu|demio|discovery|dodge|duster|dzire|f|fabia|fiat|fiesta|focus|ford|forester|fortuner|gmc|golf|harley|hatchback|haval|hiace|hilux|holden|honda|hr|hyundai|impreza|innova|isuzu|jaguar|jazz|jeep|jetta|kangoo|kawasaki|kia|kluger|land|landcruiser|lexus|lorry|mahindra|maruti|matatu|mazda|megane|merc|mercedes|micra|minibus|minicab|mitsubishi|mondeo|moped|motorbike|motorcycle|myvi|navara|nissan|octavia|opel|outback|pajero|passat|perodua|peugeot|picanto|pick|polo|prado|prius|probox|proton|punto|qashqai|range|ranger|rav|renault|rickshaw|rio|saga|saloon|santro|scooter|scorpio|sedan|silverado|skoda|sportage|sprinter|subaru|suv|suzuki|swift|tahoe|tata|taxi|tesla|tiguan|toyota|tractor|trailer|transit|triton|truck|tucson|ute|van|vauxhall|vehicle|vespa|vios|vito|vitz|vivaro|volkswagen|volvo|vw|wagon|x|yamaha|yaris"),
    "reg_word": _begins("reg|number|licen|plates?$"),
    "transfer_word": _begins("aba$|ach$|a$|acct?$|account|bank|checking|credited|debited|deposit|direct|eft|giro|imps|neft|paynow|remit|routing|rtgs|savings|standing|transfer|wire"),
    "rang_word": _begins("be?ep|bleep|buzz|call|contact|discuss|d$|page|phoned|rang|ring|rung|spoke|text"),
    "sent_word": _begins("whats|text|sms|message|send|sent|fax|viber|forward|gcash|m$|mpesa|paynow"),
    "weekday": _begins("mon|tue|wed|thu|fri|sat|sun"),
    "licence_word": "驾|licen|driver|dl|dea|npi|reg|gmc|nmc|hcpc|ahpra|gdc|mcrn|imc|mci",
    "phone_word": _begins("tel|phone|cell|mob|landline|ph$|home$|work$|fax|pager|beeper|call|contact|reach|ext"),
    "zip_word": "邮|zip|postal",
    "serial_word": "号|s$|sn|serial|mac|host|workstation|ae$",
    "qq_word": "q|扣|鹅",
    "user_word": "user|log|screen",
    "vehicle_word": "vin|vehicle|chassis|engine|车|盘|架|动",
    "plate_label_en": _begins("tag|plate|reg|car$|van$|vehicle|lorry|motorbike"),
    "chat": "微|威|薇|v$|vx|wechat|weixin|抖|书|快|whatsapp|telegram",
    "plate_label": "牌|plate",
    "bed": "床",
    "年": "年", "月": "月", "生日": "生", "slash": "/", "caret": r"\^", "dot": "[·•]",
    "month_name": "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec",
    "box": "box",
    "road": "[路街道巷同弄里园区村庄苑镇乡屯寓厦场队旗查木]",
    "near": "[带近边面上下口]",
    "short_hospital": "院",
    "called": "名|号|昵|称",
    "title": "[师生夫任长士授士生姐太姨爷妈叔傅志家奶记官管理员学嫂板]|^sir$",
    "kinship": "[爷妈娘叔婶伯姐哥嫂姨婆公奶太子汉傅爸老]",
    "familiar": "[老小阿]",
    "mask": "某|[*×○x]",
    "mask_sign": "[*×]",
    "descent": "之",
    "role": "[人生床级任员医送叫称着是东友头乡夫妻译队游诊片练]",
    "compound": f"[{_COMPOUND}]",
    "plain_label": "姓|叫|名|署",
    "kin_cn": "[父母夫妻偶人子女哥弟姐妹爷奶公婆舅叔姑妈婿媳甥孙属工姆事居友伴侄姨婶兄]",
    "colon": r"[::】\]]",
    "moved": _begins("from|travel|trip|moved|relocated|fl|grew|native|born|raised|liv|resid|vacation|visit|immigrated|emigrated|deployed|stationed|retired|hometown|drove"),
    "country_en": _is("|".join(sorted(COUNTRY_HEADS))),
    "road_en": _is("street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|highway|hwy|parkway|pkwy|square|bridge|plaza|pier|turnpike|expressway|freeway|tunnel|terrace|alley|boardwalk|station|airport|mall|stadium|arena|park|museum|library|campground|trailhead|fairgrounds|zoo|wharf|docks|quay|circus"),
    "street_us": _is(STREETS_US.lower().replace(" road", "")),
    "street_end": _is(STREET_ENDS.lower() + "|box"),
    "unit_end": _is("apt|apartment|suite|ste|unit|flat") + "|#",
    "highway": _is("interstate|highway|hwy|route|rte|road"),
    "land_en": _is("lake|mount|mt|fort|ft|cape|port|county|township|parish|borough|island|beach|reservation|valley|canyon|creek|harbor|heights|co"),
    "org_en": "council|^mission$|solicitor|^llp$|refuge|optic|optom|eyecare|aged|diagnos|genomics|polyclinic|castings|millworks|foundry|brewery|distillery|creamery|fisheries|seafoods|haulage|couriers|barracks|station|hostel|day|dental|sanctuary|supported|residential|living|nursing|memory|care|rehab|treatment|surg|fulfillment|detention|correctional|medical|health|hosp|cancer|dialysis|kidney|urgent|family|univ|school|college|academy|sheriff|police|fire|jail|penitentiary|prison|shelter|church|temple|mosque|synagogue|industries|steel|motors|logistics|foods|trucking|airlines|shipyard|inc|llc|corp|ltd|bank|union|insurance|pharmacy|clinic|local|mutual|assurance|infirmary|nhs",
    "town_end": "(?:ville|ham|shire|borough|brough|burgh|bury|mouth|stead|stow|pur|puram|abad|nagar|stown|sex|wich|wick|cester|caster|minster|pool|haven|ton|ford|land|ley|worth|well|dale|field|bridge|port|gate|combe|mere)$|^(?:bally|kil[bcdfgklmnprt]|llan|inver|aber)[a-z]{3}",
    "handset": "imei|meid|iccid|imsi",
    "hash": "#",
    "hash_word": _begins("visit|encounter|claim|policy|member|group|invoice|acct|account|order|file|ref|auth|confirm|ticket|receipt|army|service|prison|offender|student|staff|incident|crime|booking|cad|language"),
    "bleep": "bleep|dect|vocera",
    "laboratory_word": _begins("histo|cyto|path|spec|lab|sample|specimen|barcode|slide|block|exam|film|request"),
    "ring_word": _begins("ring|text|call|phone|reach|contact|whats"),
    "address_word": _begins("r$|address|home|lives|resid|mail|ship|deliver"),
    "flat_word": _is("flat|unit|blk|block|apt|apartment|plot|villa|no|shop|rr|route|level|suite|ste|lot|site|floor"),
    "doctor_word": _is("dr|prof|mr|mrs|ms|miss"),
    "holiday": "thanksgiv|christmas|^year|easter|^day$|halloween|diwali|ramadan|^eid$|hanukkah",
    "british_org": _is("trust|board|district|authority|practice|centre|surgery|ward|infirmary"),
    "regional": _is("regional|general|memorial"),
    "title_en": _begins("mr|mrs|ms|miss|mx|madam|drs?|prof|professor|doctor|nurse|sir|sgt|sister|rev|capt|father|pastor|judge|officer|attorney|coach|detective|deputy|trooper|rabbi|imam|fr|lt|cpl|pvt"),
    "degree": _is("|".join(sorted({"m", "d", "r", "n", "p", "ph", "psy", "mbchb", "frcp", "ccc", "dnp", "acnp", "lmsw", *(degree.lower() for degree in DEGREES)}))),
    "called_en": "name|goes|known|^a$|aka|alias|nee|é|former|^f$|call|answers",
    "small_word": _is("|".join(sorted({*PARTICLES, "los", "las", "y", "bint", "ben", "abu", "zu", "af"}))),
    "baby": "baby|infant|^bb$|^bg$|^b$",
    "lone_o": "^o$",
    "title_capitals": _is("mr|mrs|ms|miss|dr|drs|prof|professor|doctor|nurse|sister|sr"),
    "division_word": _begins("vill|tehsil|taluk|mandal|dist|suburb|town|city|county|province|home|birth|place"),
    "slash_or_colon": "[/:]",
    "aged": _is("f|m|y|yo|yr|yrs|year|years"),
    "place_in_ward": _is("room|rm|bed|bay"),
    "signed_en": "collected|entered|verified|received|transcribed|typed|dictated|signed|tech|radiologist|initials|sonographer|reader",
    "electronically": "electronically",
    "plural_title": _is("drs|mmes|messrs|profs"),
    "kin_en": _begins("husband|wife|daughter|son|mother|father|brother|sister|spouse|partner|niece|nephew|grand|aunt|uncle|cousin|twin|friend|neighbo|roommate|fianc|mom|dad|mum|nan$|boyfriend|girlfriend|step|land|caregiver|sitter|caseworker|worker|sponsor|nanny|co|babysitter|cna|hcp|poa|dpoa|proxy|officer|teacher|carer|aide|interpreter|chaplain|counselor|therapist|technician|phlebotomist|sonographer|intern|rn|lpn|lvn|hca|sho|midwife|matron|physio|paramedic|sibling|patient|pt"),
    "cue_en": _begins("by|with|to|called|notified|paged|named|patient|husband|wife|daughter|son|mother|father|brother|sister|spouse|partner|neighbo|friend|nurse|resident|attending|surgeon"),
    "spelled_at": r"[(\[{]",
    "cued": _begins("page|notif|ask|call|spoke|texted|informed|told|reminded|with$|w$|report|by$|for$|from$|handed|handoff|message|signed|i$|to$"),
    "list_head": _is("present|attendees|attendance|apologies|panel|crew|scrub|scrubbed|circulating|runner|runners|rounding|participants|escort|escorts|rota|siblings|kids|children|readers|scorers|raters|reviewers|members|witnesses|staff|duty|team|surgeons|assistants|observers|visitors|passengers|twins|triplets|babies|parents|sons|daughters|brothers|sisters|grandchildren|carers|interpreters|chaperones|family|household|consultants|registrars|round|rounds|wr|shift|cover"),
    "under_word": _is("with|under|by|to|of|from|w"),
    "team_word": _begins("leader|team|recorder|scribe|airway|compression|timekeeper|runner|defib|meds$|odp|oda|hcsw|hca|ain$|psw|rpn|amhp|rmo|jmo|rmn|cpn|hv$|slt|ota|pta|cst|msw|pct|pca|cma|anp|enp|acp|sn$|porter|orderly|housekeeper|ward|receptionist|sitter|transporter|perfusionist|dieti|optometrist|podiatrist|audiologist|orthoptist|embryologist|hospitalist|intensivist|geriatrician|locum|bank|doula|solicitor|key|flatmate|housemate|foster|god|stepson|father|mother|sister|brother|daughter|son|student|health|support|birth|great|next"),
    "dash_or_colon": "^[:-]$",
    "by_word": _is("by"), "comma_word": "^,$", "quote": "^[\"“]$", "goes_word": _is("c|theatre|or|ct|mri|scan|recovery|ward|x|xray|xr|dialysis|endoscopy|lab|pacu|icu|itu|hdu|resus|hospice|rehab|clinic|home|went|returned|consented|repositioned|washed|settled|sleeping|awake|feeling|keen|unhappy|tearful|eager|refusing|asking"),
    "apposed_role": _begins("wife|husband|spouse|partner|son|daughter|mother|father|mum$|mom$|dad$|sister|brother|sibling|twin|niece|nephew|aunt|uncle|cousin|grand|gran$|nan$|step|fianc|boyfriend|girlfriend|friend|neighbo|carer|caregiver|guardian|flatmate|housemate|roommate|landl|colleague|employer|godmother|godfather|ex$|next$|foster$|sn$|rn$|en$|lpn$|hca$|hcsw$|num$|cnc$|cns$|anp$|acp$|ain$|pca$|pct$|cna$|f$|fy$|ct$|st$|sho$|spr$|rmo$|jmo$|pgy$|ms$|hv$|cpn$|rmn$|amhp$|slt$|salt$|ot$|pt$|rt$|rrt$|odp$|oda$|nok$|poa$|reg|cons|nurse|matron|midwife|student|intern$|resident|pharm|physio|dieti|paramedic|scribe|interpreter|translator|porter|ward$|clerk|social$|chaplain|solicitor|teacher|driver|emt$|medic$|attending|fellow|coordinator|advocate"),
    "state_en": _is("al|ak|az|ar|ca|co|ct|dc|de|fl|ga|hi|ia|id|il|in|ks|ky|la|ma|md|me|mi|mn|mo|ms|mt|nc|nd|ne|nh|nj|nm|nv|ny|oh|ok|or|pa|ri|sc|sd|tn|tx|ut|va|vt|wa|wi|wv|wy|alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new|north|ohio|oklahoma|oregon|pennsylvania|rhode|south|tennessee|texas|utah|vermont|virginia|washington|west|wisconsin|wyoming"),
    "between_word": _is("between"), "moved_word": _is("moved|postponed|rescheduled|forward|rebooked"), "band_word": "band|bracelet|^id",
    "division_en": _begins("village|tehsil|taluk|mandal|dist|post$|thana|barangay|brgy|purok|sitio|kampung|kampong|taman|jalan|jln|lorong|township"),
    "waters_word": _is("cove|lagoon|jetty|inlet|gorge|falls|billabong|estuary|headland|quarry|marina|foreshore"),
    "honour_word": _is("sir|madam|ma|maam|mam|ji|garu|saab|sahib|bhai|didi|akka|anna|ben|uncle|aunty"),
    "honour_title": _is("const|constable|cst|insp|inspector|supt|superintendent|chief|elder|datin|dato|datuk|sri|puan|encik|cik|smt|shri|kumari|thiru|selvi|ato|mzee|alhaji|hajia|kaumatua|whaea|matua|sra|sr|se|ora|or|mme|mlle|herr|frau|bro|deacon|bishop|sheikh|ustaz|pandit|swami|canon"),
    "has_word": _is("has"), "and_word": "^and$|&", "son_word": _is("binte|binti|bint|bte|bt|bin|ibn|anak|ni|nic|ui"),
    "subject_word": _begins("subject|participant|volunteer|initials|patient|pt$|proband|donor|recipient"),
    "saint": _is("st|saint|mt|mount|queen|king|princess|prince|royal|our"),
    "corner": "corner|intersection",
    "title_lower": _is("dr|mr|mrs|ms|miss|prof|sister"),
    "farewell": "regards|sincerely|yours|wishes|respectfully|thank|cheers|cordially|^care$|^best$|^ta$|rgds|^kr$|^bw$|warmly",
    "headed": "name|patient|provider|physician|attending|radiologist|technologist",
    "where": _is("born|between|in|outside|near|at|off|from|to|through|of|via|around"),
    "school": "nursery|playgroup|elementary|middle|prep|kindergarten|montessori|high|academy|school|start|state|tech|poly|university|^m$",
    "firm_kind_en": "orthop|associates|physicians|pediatrics|group|skilled|snf|rehab|manor|home|village|convalescent|center|infirmary|dispensary|school|daycare|preschool|construction|roofing|electric|landscaping|manufacturing|trucking|brewing|brewery|packhouse|funeral|tabernacle|fabrication|shipbuild|meatworks|abattoir|sawmill|colliery|winery|orchards|joinery|textiles|garments|ceramics|chemicals|cement|refinery|smelter|tannery|farms|bakery|mills|foundry|shipping|freight|police|sheriff",
    "firm_cued_en": "works$|home$|church|radiology|imaging|cardiology|ems$|ambulance|rescue|care$|systems|services|solutions|partners|company|bank|store|market|restaurant|cafe|diner|hotel|inn$|casino|bakery|salon|gym$|studio|foundation|institute|society|ministries|lodge|villa|house|gardens|estates|laborator|labs$|diagnostics|dental|vision|neurology|oncology|dermatology|urology|wellness|therapy|recovery|transit|railroad|energy|plumbing|transport|ranch|dairy|packing|plant|mill|factory|cleaners|preschool|hospice",
    "public": _is("city|county|town|village|state|port"),
    "acts": _begins("denie|report|state|complain|endorse|refuse|decline|tolerated|ambulated|verbalize|present|underwent|slept|want|ask|say|said|feel|admit|agree|consented|called|pulled|vomited|coughed|voided|fell|swallowed|live|work|drink|smoke|quit|weigh|walk|woke|eloped|speak|sleep|slip|sustain|deliver|wish|hope|prefer|request|think|believe|remember|recall|enjoy|attend|swear|cries|cried|scream|choke|rang|phone|telephone|mobili|trip|stumble|collapse|arrive|sign|demonstrate|was$|is$|has$|will$|remain|need|and$"),
    "ninety": r"^\d|九|百|ninet|hundred",
    "web": "www|/",
    "slash_range": r"[~\-至到]", "day_then_time": ":", "understroke": "_", "until": "[至到~]", "pt_word": _is("pt|patient"),
    "season": "[旦宵清端秋阳庆夕腊诞春蛰谷夏芒暑冬寒霜节]",
    "host_word": _is("com|cn|net|org|edu|gov|hk|tw|mo|local|lan|info|io|cc|top|xyz|internal|intra"),
    "tag": r"\(",
    "long_mixed": r"^\d",
    "comma_capital": ",",
    "possessive": "^s$",
    "sex_age": "[男女岁号证话]|id",
    "known_firm": _is("|".join(sorted({_FIRST_WORD.findall(name.lower())[0] for name in words.firms_en()}))),
    "known_hospital": r"[\d" + "".join(sorted({name[-1] for name in BRANDS_CN})) + "]",
    "pinyin": _is("|".join(sorted(SURNAME_PINYIN))),
    "romanised": _is("|".join(sorted(ROMANISED))),
}
"""Gate -> what a word, in lower case, holds that can open it."""
BITS = {gate: 1 << number for number, gate in enumerate((*KEYS, "capital", "given", "given_lower", "family_capitals"))}
_CAPITAL, _GIVEN, _GIVEN_LOWER, _FAMILY_CAPITALS = BITS["capital"], BITS["given"], BITS["given_lower"], BITS["family_capitals"]
_CAPITALISED = BITS["degree"] | BITS["state_en"]
"""Opened by words with a capital only."""
_PLAIN = re.compile(r"\^\(\?:([a-z|]+)\)\$")
_WHOLE: dict[str, int] = {}
"""Word -> bits of the gates whose keys are nothing but lists of whole words: they need no pattern."""
for _gate, _key in KEYS.items():
    if _list := _PLAIN.fullmatch(_key):
        for _one in _list[1].split("|"):
            _WHOLE[_one] = _WHOLE.get(_one, 0) | BITS[_gate]
_SEARCHED = {gate: key for gate, key in KEYS.items() if not _PLAIN.fullmatch(key)}
_KEYS = [(BITS[gate], re.compile(key).search) for gate, key in _SEARCHED.items()]
_ANY = re.compile("|".join(f"(?:{key})" for key in _SEARCHED.values())).search
_WORD = re.compile(r"[A-Za-z]+|\d|[^\sA-Za-z\d]")
_ENTRIES = 60_000


class _Opened(dict[str, int]):
    """Word -> bits of the gates it can open. Bounded."""

    def __missing__(self, word: str) -> int:
        low = word.lower()
        bits = _WHOLE.get(low, 0)
        if _ANY(low) is not None:
            for bit, key in _KEYS:
                if key(low) is not None:
                    bits |= bit
        if low == word:
            bits &= ~_CAPITALISED
        if word[0].isascii() and low != word:
            bits |= _CAPITAL
            if word.title() in words.given_us():
                bits |= _GIVEN
            if len(word) > 2 and word.isupper() and (word.title() in words.surnames_us() or word.title() in words.given_us()) and not words.common_en(low):
                bits |= _FAMILY_CAPITALS
        elif len(word) > 2 and word.isascii() and word.title() in words.given_us() and (not words.common_en(word) or word in words.PLAIN_GIVEN_EN):
            bits |= _GIVEN_LOWER
        if len(self) < _ENTRIES:
            self[word] = bits
        return bits


_opened = _Opened()


def of_word(word: str) -> int:
    """Bits of the gates that a word can open."""
    return _opened[word]


def words_of(text: str) -> set[str]:
    return set(_WORD.findall(text))


def opened(text: str) -> int:
    """Bits of all gates that some word of the text can open."""
    bits = 0
    for word in words_of(text):
        bits |= _opened[word]
    return bits

