# ruff: noqa: E501 - patterns and word lists are data: a line is one of them, whole

"""Chinese family names that are one letter behind a department or an institution, names behind the parties of a paper, in a list of who took part, before a bank; a foreign family name before an age."""
from __future__ import annotations

from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.forms_clauses import DOES, likely_name_cn, strange
from pipelines.phi_zone.text.gates import KIN, SUBJECTS, TITLES
from pipelines.phi_zone.text.names_cn import RARE_ALONE, RATHER_NAMES, kin_named, plausible_name_cn, surname
from pipelines.phi_zone.text.plausible import TRANSLITERATING_CN
from pipelines.phi_zone.text.rules import Rule, rule

_C = r"\u4e00-\u9fff"
_DEPARTMENTS = "[心胸神普泌肝脑胃]外|[心神肾呼消]内|血管外|骨外|儿[内外]|消化|呼吸|肾内|血液|内分泌|风湿|肿瘤|介入|影像|放疗|放射|超声|病理|检验|麻醉|急诊|重症|妇产|康复|眼科|皮肤|中医|针灸|营养|院感|肝胆|胃肠|乳腺|甲乳|胸科|骨科|药学|临床药学|核医学|输血|疼痛|心理|精神|感染|护理部|医务|ICU|PICU|NICU|CCU"
_HOUSES = "派出所|大队|中队|支队|分局|公安局|警务室|警务站|法院|检察院|街道办?|居委会|村委会|社区|民政局|残联|妇联|学校|公司|保险|殡仪馆|救助站|福利院|养老院|护理院|居委|村委|司法所|消防站|急救站"
_POSTS = "警官|民警|辅警|交警|干警|所长|法官|检察官|干事|书记|主任|老师|经理|专员|师傅|医生|律师|社工|护理员|网格员|调解员|协警|站长|校医"
_CARERS = "心理师|心理医生|心理治疗师|咨询师|康复师|治疗师|营养师|麻醉师|言语治疗师|作业治疗师|社工|个管师|呼吸师|体疗师|验光师|警官|民警|辅警|交警|干警|网格员|协理员|专干"
_WORKS = "信息科|信息中心|网络中心|设备科|总务科?|后勤|基建科?|维修|工程部?|器械科|水电|电工班|厂家|厂商|洗衣房|供应室|锅炉房|电梯|保障部|运维|机房"
_BOSS = "书记|主任|院长|教授|厅长|局长|处长|司令|政委|将军|校长|厂长|市长|县长|部长|院士|专家|首长|研究员|先辈|老干部|导师|会长"
_PARTIES = "填卡人|填表人|填报人|报卡人|开户人|开户名|户名|持卡人|账户名|账户|收款人|付款人|缴款人|领款人|签领人|代领人|受试者|入组者|责任人|当班人|领药人|代取人|代取者|保管人|借阅人|借片人|捐献者|供卵者|监护人"
_BANKS = "(?:的|名下的?)?(?:建行|工行|农行|中行|交行|招行|邮储|农商|农信|信用社|(?:工商|农业|建设|中国|交通|招商|邮政|邮政储蓄|浦发|民生|光大|中信|平安|兴业|华夏)银行|银行|储蓄|支付宝|微信|账[户号]|本人账|个人账)"
_FELLOWS = "战友|工友|网友|病友|室友|老乡|同学|发小|闺蜜|队友|牌友|棋友|难友|小伙伴|好友|男友|女友|前夫|前妻|养的狗|养的猫"
_WORDS_ALONE = frozenset("全各管高平时常应从由原于和都干公过回单方安能尚易相连经向曾史水终归汇员职民施技木总主副师医助责值正门那这哪每某别其另贵我你他")
"""Family names, and other letters before a title, that are words there."""
_MUST = frozenset("已均曾须需能可应未不也都又再仍")


def _family(value: str) -> bool:
    return value not in _WORDS_ALONE and (value in words.surnames_cn() or value in words.rare_surnames_cn())


def _telling(value: str) -> bool:
    """A family name frequent or hardly a word: before a short 总 or 老, where many words end, too."""
    return _family(value) and value + "老" not in words.pairs_cn() and value + "总" not in words.pairs_cn() and (value in words.FREQUENT_SURNAMES_CN or value in RARE_ALONE or value in RATHER_NAMES)


def _worker(value: str) -> bool:
    return value != "童" and _family(value) and value + "工" not in words.pairs_cn()


def _party(value: str) -> bool:
    return strange(value) or likely_name_cn(value)


def _subject(value: str) -> bool:
    """Behind 受试者 or 责任人 a name may be a word (柳絮飞, 盛夏), but no verb or adverb."""
    return plausible_name_cn(value) and not _MUST & set(value) and value[0] not in "于应时都和经从由经向能曾连任常" and not words.clinical_cn().at(value, 0)


def _payee(value: str) -> bool:
    """No bank, no place a bank is called after, no way money goes."""
    return likely_name_cn(value) and not words.divisions_cn().at(value, 0) and value[0] not in "原本对单普" and value[:2] not in ("华夏", "平安", "农信", "信用")


def _present(value: str) -> bool:
    return kin_named(value) and value[0] not in "高平全安方水常应相明"


def _attends(value: str) -> bool:
    return _family(value) and value not in "查平易安支成项强应常包计米左解温明白" and (value in words.FREQUENT_SURNAMES_CN or value in RARE_ALONE or value in RATHER_NAMES)


def _foreign(value: str) -> bool:
    low = value.lower()
    return not words.common_en(low) and not words.of_clinic_en(low) and low not in words.no_name_en() and value not in words.eponyms_en() - words.eponyms_like_names_en()


def _fellow(value: str) -> bool:
    return value[0] not in "不没要想被打骂说是有去来" and value[-1] not in "的了着吧吗啊" and value not in ("推荐", "介绍", "建议", "劝说", "鼓励", "照顾", "帮忙", "欺负", "嘲笑")


@cache
def single_rules() -> tuple[Rule, ...]:
    s, rare = surname(), surname(rare=True)
    written = "".join(sorted(TRANSLITERATING_CN | set("苏坦别提肯江拜热买合木力汗吐逊孜再努玉素甫山叶赛生卜")))
    tibetan = "|".join(sorted(part for part in words.peoples_cn()["t"] if len(part) == 2))
    return (
        rule("single.in_department", "NAME", rf"(?:{_DEPARTMENTS})(?P<v>{rare})(?={TITLES}|主治|主管)", _family, "cjk title", 0),
        rule("single.esteemed", "NAME", rf"(?:尊敬的|敬爱的|亲爱的|可敬的|美丽的|辛苦的|感谢|谢谢)(?P<v>{rare})(?={TITLES})", _family, "cjk title", 0),
        rule("single.carer", "NAME", rf"(?:(?<![{_C}])|(?<=[科室部所院站请由经与和找嘱让后]))(?P<v>{rare})(?={_CARERS})", _family, "cjk carer_cn", 0),
        rule("single.in_house", "NAME", rf"(?:{_HOUSES})(?P<v>{rare})(?={_POSTS})", _family, "cjk", 0),
        rule("single.chief", "NAME", rf"总(?<=(?P<v>[{_C}])总)(?:(?<![{_C}].总)|(?<=[请由经找嘱问让听].总))(?=[,。;、:]|$|已|在(?!量)|来|说|看|查[房看]|会诊|要求|让|交代|嘱|请|指示|建议|认为|同意|马上|正在|上台|值班|负责|强调|回电|电话|过目|审阅|签字|今|明|昨)", _telling, "cjk", 0),
        rule("single.elder", "NAME", rf"老(?<=(?P<v>[{_C}])老)(?:(?<![{_C}].老)|{'|'.join(f'(?<={boss}.老)' for boss in _BOSS.split('|'))})(?=[,。;、:)]|$|今|昨|已|来|在|因|诉|说|自|病情|入院|出院|家属)", _telling, "cjk", 0),
        rule("single.engineer", "NAME", rf"(?:{_WORKS})(?:的|找|联系)?(?P<v>{rare})工(?=[,。;、:\s)]|$|要|来|说|处理|看|修|回|负责|已|到场|在|帮|电话|查|换|解决|调试|下午|上午|明天|今天)", _worker, "cjk", 0),
        rule("single.recorder", "NAME", rf"(?:记录|录入|登记|填报|测温|巡查|值守|清点|盘点|交接|核对|复核|养护|消毒|配送|保洁|执行|采样)[人者员]:?\s{{0,2}}(?P<v>[{''.join(sorted(RATHER_NAMES | RARE_ALONE))}])(?=[,;。、\s)(/|]|$)", None, "cjk", 0),
        rule("single.took_part", "NAME", rf"(?:{_DEPARTMENTS})(?:科|科室)?(?P<v>{s}[{_C}]{{1,2}})(?=[、,](?=[^。\n]{{0,60}}(?:参加|出席|到场|参会|与会|列席|讨论|会诊意见|一致|在线))|(?:参加|出席|到场|参会|与会|列席))", _present, "cjk took_part", 0),
        rule("single.took_part_alone", "NAME", rf"(?:{_DEPARTMENTS})科?(?P<v>{rare})(?=(?:、[^。\n]{{1,60}})?(?:参加|出席|到场|参会|与会|列席))", _attends, "cjk", 0),
        rule("single.party", "NAME", rf"(?:{_PARTIES}):?\s?(?P<v>{rare}[{_C}]{{1,2}})(?=[,;。、:\s)(/|]|$|于\d|签|领|系)", _party, "cjk", 0),
        rule("single.participant", "NAME", rf"(?:受试者|入组者|责任人|当班人|参与者|志愿者)(?P<v>{rare}[{_C}]{{1,2}})(?=、|于\d|于[本今昨上当]|签署|自愿|完成第|退出|入组)", _subject, "cjk", 0),
        rule("single.account_holder", "NAME", rf"(?:户名|账户名?|开户人|收款人|领款人|持卡人|父亲|母亲|丈夫|妻子)(?P<v>[{written}]{{3,8}})(?=[,。;)]|$)", lambda value: not words.clinical_cn().at(value, 0), "cjk", 0),
        rule("single.paid_to", "NAME", rf"[至到给向入汇转付退](?P<v>{s}[{_C}]{{1,2}})(?={_BANKS})", _payee, "cjk", 0),
        rule("single.tibetan", "NAME", rf"(?:{KIN}|{SUBJECTS}|护士|医生|村医|牧民|阿妈|阿爸|僧人)(?P<v>(?:{tibetan})[{_C}]{{2}})(?=[,。;、:]|$|领取|{DOES})", None, "cjk peoples", 0),
        rule("single.fellow_quoted", "NAME", rf"(?:{_FELLOWS})(?:叫|是|:|名叫)?[“\"「](?P<v>[{_C}]{{1,4}})[”\"」](?=已|去世|来|的|说|家|在|一起|打|送|死|走|,|。|和|发|给|借|陪|牺牲)", _fellow, "cjk quote_cn", 0),
        rule("single.foreign_aged", "NAME", r"(?<![A-Za-z])(?:(?:Pt|PT|pt|Patient)\.?[:\s]\s?)(?P<v>[A-Z][a-z]{2,15}(?:-[A-Z][a-z]{2,15})?)(?=,\s?(?:[男女],\s?)?\d{1,3}\s?(?:岁|[MFmf](?![A-Za-z])|y/?o(?![a-z])))", _foreign, "digit capital comma_word pt_word", 0),
        rule("single.foreign_told", "NAME", r"(?:患者|病人|床|外籍|外宾|游客|船员|留学生|外教)\s?(?P<v>[A-Z][a-z]{2,15}(?:-[A-Z][a-z]{2,15})?)(?=,\s?(?:[男女]性?,|\d{1,3}\s?岁(?!以)))", _foreign, "capital comma_word cjk", 0),
        rule("single.foreign_first", "NAME", r"(?:^|(?<=[。;\n]))(?P<v>[A-Z][a-z]{2,15}(?:-[A-Z][a-z]{2,15})?)(?=,\s?(?:[男女]性?,\s?\d{1,3}\s?岁?|\d{1,3}\s?岁(?!以|前|后|时)))", _foreign, "digit capital comma_word cjk", 0),
    )
