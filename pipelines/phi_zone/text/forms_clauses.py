# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""Chinese names told by where they stand: at the head of a clause, behind a role or a verb, beside another name, with a child's name."""
from __future__ import annotations

from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import RARE_GIVEN, USUAL_GIVEN
from pipelines.phi_zone.text.gates import KIN, SUBJECTS, TITLES
from pipelines.phi_zone.text.names_cn import RARE_ALONE, RATHER_NAMES, plausible_name_cn, surname
from pipelines.phi_zone.text.plausible import headed_cn
from pipelines.phi_zone.text.rules import Rule, rule

_C = r"\u4e00-\u9fff"
_HEAD = rf"(?<![{_C}A-Za-z\d])"
_END = r"(?=[,;。:、/\s)(]|$)"
_PREDICATES = "术右左双全夜昨今晨午凌因诉自主否无有已未不血尿心肝肾肺胃肠胸腹头颈腰背口眼耳鼻咽喉皮痰体神意情睡饮进入出转来复行予在于被从对与说称要拒同服用查做脉舌手脚足膝肩髋踝腿臂月孕产乳甲骨肌发咳喘呕恶便的住家年吸戒拔拆换打吃喝摔跌撞昏晕抽疼痛声牙脚步走坐卧躺醒麻化透放输饭早晚下上前后近现既平偶间反一两三四五催剖顺宫胎羊痛发肿疝痔疮颌踝腕肘指趾骶臀会能让问"
"""Letters with which clinical writing goes on behind a name."""
_VERBS = "遇到|遇见|碰到|交代|叮嘱|嘱咐|提醒|通知|告知|联系|安排|看望|探望|转告|转达|致电|护送|陪同|搀扶|门诊的|病房的|床的|今收|新收|收治|接诊"
_STAFF = "护士长?|医师|医生|技师|药师|麻醉师|护师|护理员|营养师|康复师|治疗师|助产士|导诊员?|陪检员|检验师|验光师|社工|志工|义工|保安|保洁|护工|司机|民警|警官|保姆|月嫂|主诊|助理|主管|同学|学员|进修医|规培医|研究生|队长|班长|工友|组长|老板|房东"
GOES_ON = "入院|出院|住院|来院|就诊|门诊|急诊|转入|转出|转科|转院|(?<![卡啡])因(?!此|而|素|子)|诉|主诉|自诉|自述|术后|术前|术中|今[晨日早天晚]|昨[晨日早天晚夜]|于|突发|突然|表示|愿意|不愿|同意|拒绝|要求|签字|签名|陪同|到场|离院|死亡|去世|复查|随访|确诊|交班|接班|值班|查房|巡视|会诊|报告|通知|告知|代诉|代述|否认|拔管|醒来|清醒|已|说|称|问"
MEASURED = "神志|神清|哭闹|烦躁|精神|体温|血压|血糖|心率|血氧|呼吸|干体重|超滤|上机|下机|内瘘|引流|切口|伤口|情绪|食欲|睡眠|夜间|尿量|大便|小便|双下肢|双肺|腹部|四肢|意识|主动脉|头颅|行(?=[A-Za-z主头颅胸腹盆腰颈冠增超心胃肠支气骨])"
"""What a line goes on with that tells how somebody is."""
DOES = ("检查|指导|每[日次天晚\\d一两]|提醒|到场|到院|签收|签署|拒签|要求|表示|反映|投诉|陪护|陪伴|协助|照顾|照料|看护|喂[食饭药奶水]|搀扶|送[来入至到]|带[来入领]|抱[来入]|赶[到来]|来电|致电|来取|领[取走回]|缴费|垫付|代缴|哭[闹诉]|情绪|予以|遵医嘱|执行|巡回|清点|核对|交代|"
         "汇报|发现|解释|讲解|宣教|示范|评估|更换|拔除|换药|抽血|采血|穿刺|注射|输液|完成|认为|主张|建议|指出|补充|提出|提议|主刀|主持|记录|操作|录入|登记|接听|接诊|接待|翻译|转述|描述|回忆|补述|证实|确认|告知|通知|联系|不愿|不肯|不配合|不同意|尚未|称其|称患|在床旁|在旁|在外地|守护|报案|报警|目击|发生|打来|留言|预约|挂号|下夜班|上夜班|下班|上班|\\d\\d:\\d\\d")
"""What people in a hospital do, behind who does it."""
_ACTORS = rf"{KIN}|{_STAFF}|{SUBJECTS}|护士长|律师|调解员|班主任|老师|陪护|其[父母夫妻子女兄弟姐妹媳婿孙侄]|对象|目击者|带队|阿姨|校医|村医"
_TOGETHER = "[二两三四]人|[二两三]位|同车|同餐|同行|同时|均|轮流|先后|分别|共同|一起|一同|签字|签名|陪同|在场|参加|到场|夫妇|夫妻|姐妹|兄弟|父子|母女|母子|父女"
_CHILD = "患儿|宝宝|宝贝|婴儿|孩子|小孩|小朋友|小患者|男婴|女婴|男孩|女孩|幼儿|儿子|女儿|孙子|孙女|外孙|弟弟|妹妹"
_NO_HEAD = frozenset("但祝于时应常都曾和从经由向尚能明全单易关相成安方水步史盛管连强温国干支原封包花冷高解郎井官党符米戴居诸容")
"""Family names that more often begin another word: more is asked of what follows them."""
_NO_FAMILIAR = frozenset("小叶 小管 小梁 小时 小方 小毛 小石 小金 小白 小黄 小马 小高 小江 小龙 小车 小米 小花 小包 小关 小班 小全 小阳 小海 小水 小云 小门 小牛 小山 小池 小平 小宗 小连 小段 小强 小冷 小蓝 小干 小腿 小柴 小青 小红 小乔 小成 小易 小单 小双 小项 小计 小心 小于 小和 小苏 小曲 小脑 老年 老龄 老花 老人 老家 老白 老黄 老方 老牛 老马 老古 老高 老是 老旧 阿司 阿米 阿尔 阿莫 阿托 阿霉 阿奇 阿卡 阿昔 阿普 阿片 阿仑 阿达 阿替 阿法 阿贝 阿利 阿胶 阿维 阿糖 阿扎 阿那 阿洛 阿斯 阿弗 阿氏".split())


def likely_name_cn(value: str) -> bool:
    """More than plausible: no ordinary or clinical word at its head, and letters of given names behind the family name."""
    family = 2 if value[:2] in words.compound_surnames_cn() else 1
    given, rank = value[family:], words.given_rank_cn()
    if not given or not plausible_name_cn(value) or headed_cn(value) or (family == 1 and value[:2] in words.pairs_cn()):
        return False
    return all(rank.get(letter, RARE_GIVEN) < RARE_GIVEN for letter in given)


def _heads_clause(value: str) -> bool:
    """Three letters, a frequent family name and two usual letters of given names or one twice, that begin a clause."""
    rank = words.given_rank_cn()
    if value[0] not in words.FREQUENT_SURNAMES_CN or not likely_name_cn(value):
        return False
    if value[1] != value[2] and any(rank.get(letter, RARE_GIVEN) >= USUAL_GIVEN for letter in value[1:]):
        return False
    return value[0] not in _NO_HEAD or value[1:] not in words.pairs_cn()


def strange(value: str) -> bool:
    """A family name and letters that make no word with it or with each other: strange enough to be a name, however rare its letters."""
    if value[0] in _NO_HEAD or value[-1] in "的说某副姨姐哥叔婶伯" or not plausible_name_cn(value) or headed_cn(value):
        return False
    return not any(value[place : place + 2] in words.pairs_cn() for place in range(len(value) - 1))


def _acts(value: str) -> bool:
    """Behind who does something and before what is done: a likely name, and a usual one where its family name is a word, too."""
    if not likely_name_cn(value):
        return False
    family = 2 if value[:2] in words.compound_surnames_cn() else 1
    worst = max(words.given_rank_cn().get(letter, RARE_GIVEN) for letter in value[family:])
    if value[0] not in _NO_HEAD:
        return worst < USUAL_GIVEN or (len(value) == 3 and value[1:] not in words.pairs_cn())
    return value[1:] not in words.pairs_cn() and value[0] != "居" if len(value) == 3 else worst < 60 and value[0] not in "于应时都和从经由向能曾"


def _subject(value: str) -> bool:
    return strange(value) or _acts(value)


_RARE_WORDS = frozenset("过别回朵树枚木火宝黑青香刀")
"""Rare family names that are words before a title, too."""


def _heads_title(value: str) -> bool:
    return value in words.FREQUENT_SURNAMES_CN | RARE_ALONE | RATHER_NAMES | (words.rare_surnames_cn() - _RARE_WORDS) and value not in "全都和应于各"


def familiar_head(value: str) -> bool:
    return value[1] in words.FREQUENT_SURNAMES_CN and value not in _NO_FAMILIAR and value not in words.pairs_cn()


def _child(value: str) -> bool:
    return words.given_rank_cn().get(value[0], 9999) < 3 * USUAL_GIVEN and value[0] not in "宝健常人天时多家个日年月少大小中上下左右每刚久渐慢快早晚"


@cache
def clause_rules() -> tuple[Rule, ...]:
    s, rare = surname(), surname(rare=True)
    name = rf"{s}[{_C}]{{1,2}}"
    return (
        rule("clause.name_head", "NAME", rf"{_HEAD}(?P<v>[{_C}]{{3}})(?=[{_PREDICATES}])", _heads_clause, "cjk", 0),
        rule("clause.name_addressed", "NAME", rf"(?:^|(?<=[\n。;!?]))(?P<v>{name})(?=:\s?(?:请|您|你|复|本|因|兹|经|感谢|承蒙|贵|现|上|附|明|周|今|尽|关于|就))", lambda value: value[0] != "于" and likely_name_cn(value), "cjk colon", 0),
        rule("clause.name_staff", "NAME", rf"(?:{_STAFF})(?P<v>{name})(?=[,;。:、/\s)(嘱意查检指建认说到已汇审签书完操会阅示予给带陪值随代负接]|$)", likely_name_cn, "cjk staff", 0),
        rule("clause.name_subject", "NAME", rf"(?:{SUBJECTS}|对象)(?P<v>{rare}[{_C}]{{1,2}}(?={GOES_ON}|{MEASURED})|{rare}[{_C}]{{2}}(?=[,;。]))", _subject, "cjk", 0),
        rule("clause.name_begins", "NAME", rf"{_HEAD}(?P<v>{rare}[{_C}]{{2}})(?={GOES_ON}|{MEASURED})", strange, "cjk", 0),
        rule("clause.name_acts", "NAME", rf"(?:{_ACTORS})(?P<v>{rare}[{_C}]{{1,2}}?)(?=[未不也已均再并曾拟正先又还就仍]?(?:{DOES}))", _acts, "cjk", 0),
        rule("clause.name_worker", "NAME", rf"(?:{_STAFF})(?P<v>{name})(?={GOES_ON})", strange, "cjk staff", 0),
        rule("clause.name_object", "NAME", rf"(?:{_VERBS})(?P<v>{name}){_END}", likely_name_cn, "cjk object", 0),
        rule("clause.name_next", "NAME", rf"(?<=[师生士员者人刀助手]):\s?[{_C}]{{2,4}}\s?[/、]\s?(?P<v>{name})(?![{_C}])", likely_name_cn, "cjk colon", 0),
        rule("clause.name_listed", "NAME", rf"(?<=、)(?P<v>{name})(?=(?:、{name})?(?:{_TOGETHER}))", likely_name_cn, "cjk together", 0),
        rule("clause.name_lists", "NAME", rf"{_HEAD}(?P<v>{name})(?=(?:、{name}){{1,3}}(?:{_TOGETHER}))", likely_name_cn, "cjk together", 0),
        rule("clause.name_title", "NAME", rf"{_HEAD}(?P<v>[{_C}])(?=(?:{TITLES}))", _heads_title, "cjk title", 0),
        rule("clause.name_familiar", "NAME", rf"(?:{_HEAD}|(?<=[员工师友生的叫让请找跟给喊室房科]))(?P<v>[老小阿]{s})(?=[{_PREDICATES}夫值班代帮送陪推抬守护教刚忘找问报给把忙着])", familiar_head, "cjk familiar", 0),
        rule("clause.name_child", "NAME", rf"(?:{_CHILD})(?:叫|是|,)?(?P<v>(?P<twice>[{_C}])(?P=twice))(?![{_C}]*药)", _child, "cjk child", 0),
        rule("clause.name_child_kin", "NAME", rf"{_HEAD}(?P<v>(?P<twice>[{_C}])(?P=twice))(?=妈|爸|奶奶|爷爷|外婆|外公|姥姥|姥爷|家长|姐姐|哥哥)", _child, "cjk kinship", 0),
        rule("clause.name_compound", "NAME", rf"{_HEAD}(?P<v>(?:{'|'.join(sorted(words.compound_surnames_cn()))})[{_C}])(?=[{_PREDICATES}])", likely_name_cn, "cjk compound", 0),
    )

