# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""Chinese marks, places and names that one word beside them tells: numbers of any paper, corners and landings, one letter before or behind a rank, a name that is a word in a field of its own."""
from __future__ import annotations

from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.names_cn import RARE_ALONE, surname
from pipelines.phi_zone.text.rules import Rule, figures, rule

_C = r"\u4e00-\u9fff"
_PAPERS = ("票据|收据|发票|周期|机身|设备|低保证|残疾证|救助|证书|凭证|回执|快递|运单|订单|流水|受理|工单|批次|报告|报告编|报告单|出厂编|档案编|合同编|案件编|保单|理赔|序列|注册|备案|缴费|预交金|押金|借阅|借片|会诊编|样本编|入组编|试验编|手术编|耗材编|模体|冻存|胚胎|管|柜|箱|封条|腕带|床头卡|手环|机号|证号|建档|建档号|导管批|耗材批|支架批")
_FIELDS = "取材|复核|审核|报告|记录|诊断|操作|执行|制片|包埋|切片|阅片|核对|登记|录入|采集|采样|发放|签收|接收|送检|申请|受检|受试|检查申请单|超声申请单|放射申请单|病理申请单|内镜申请单"
_PARTIES = "受试者|受检者|发现人|出险人|登记人|洗消人|接出人|领药人|领取人|交接人|陪检人|处方医师|开单医师|申请医师|送检医师|居民|职工|社员|学员|旅客|乘客|住户|户主|当事人|报警人|目击者|捐献者|供者"
_RANKS = "治疗师|主治(?!医|[疗愈])|住院(?=答|说|汇报|查房|值|,|:)|护师|主管护师|规培|进修医|康复师|住院总|总住院|院总|助产士|护理员|技师|药师|教员|队长"
_NO_FIELD = frozenset("安全 安静 平安 成年 成人 高龄 单身 常规 全部 全体 全员 时间 方面 方案 方式 有无 包括 白天 明确 平均 平时 温度 万一 强烈 康复 于是 从未 双方 单位 家属 本人 同上 不详 未知 无 单次 连续 相关 应急 向导 高危 满意 正常 阳性 阴性 干部 党员 农民 工人 学生 安徽 江苏 广东 云南 宁夏 石家庄 高血压 干细胞".split())
"""What begins as a family name does and stands in such a field all the same."""
_WORDS_TOO = frozenset("于时应和都经常单高平全查管安能从由曾相连包计米支左成强项明方水白万解师那代")
"""Letters that are a family name behind a role alone."""


def _family(value: str) -> bool:
    return value not in _WORDS_TOO and (value in RARE_ALONE or value in words.surnames_cn() or value in words.rare_surnames_cn())


def _word_or_name(value: str) -> bool:
    """In a field of its own a name may be a word: 原野, 庄严."""
    return value not in _NO_FIELD and value[:2] not in _NO_FIELD and (value[0] in words.surname_letters_cn() or value[0] in words.rare_surnames_cn()) and not words.clinical_cn().at(value, 0)


REFERENCE_RULES_CN: tuple[Rule, ...] = (
    rule("refs.numbered_cn", "MRN", rf"(?:{_PAPERS})号?码?\s?:?\s?(?P<v>(?:[A-Z]{{1,6}}[\-/]){{0,3}}[A-Z]{{0,6}}\d[A-Z\d]*(?:[\-/][A-Z\d]+){{0,4}})(?![A-Za-z\d.%]|\s?(?:mg|ml|mm|cm|元|天|次|例|份|支|个))", lambda value: figures(value) >= 5, hint="digit cjk", flags=0),
    rule("refs.received_cn", "MRN", r"(?:登记|接收|签收|送检|收到|编号|入库|出库)\s?:?\s?(?P<v>[A-Z]{1,4}\d{2}-\d{4,7})(?![A-Za-z\d.%])", None, hint="digit cjk", flags=0),
    rule("refs.paid_into_cn", "BANK", r"(?:打入|转入|汇入|打到|存入|退至|退回)(?:账户|账号|卡号|卡)?:?\s?(?P<v>\d{12,19})(?!\d)", None, hint="digit long cjk", flags=0),
)


@cache
def reference_site_rules() -> tuple[Rule, ...]:
    return (
        rule("refs.house_cn", "ADDR", r"(?:小区|花园|家园|公寓|新村|大院|家属院|安置房)(?P<v>\d{1,3}-\d{1,3}(?:-\d{1,4})?)(?![\d/.%\-])", None, "cjk digit", 0),
        rule("refs.corner_cn", "ADDR", r"(?:路|街|道)(?P<v>(?:交叉|交汇)?路?口[东南西北]{1,2}[角侧边])", None, "cjk", 0),
        rule("refs.landing_cn", "ADDR", rf"[区县市镇](?P<v>(?!人民|中心)[{_C}]{{2,4}}?(?:码头|渔港|海滩|沙滩|金沙滩|浴场|景区|水库|渡口|客运站|汽车站))", None, "cjk", 0),
        rule("refs.estate_cn", "ADDR", rf"(?:街道|镇)(?P<v>[{_C}]{{2,6}}?(?:湾|府|城|苑|庭|园|轩|郡|墅|邸|小区|花园))(?=[,。;、\s\d]|$)", None, "cjk", 0),
    )


@cache
def reference_name_rules() -> tuple[Rule, ...]:
    rare = surname(rare=True)
    return (
        rule("refs.quoted_cn", "NAME", r"(?:外号|绰号|昵称|小名|网名|乳名|奶名|艺名|微信名|群名|家属称|家人称|家长称|人称|大家都叫|都喊)(?:为|作|叫|是)?[“\"「](?P<v>[^”\"」\n]{1,14})[”\"」]", None, "cjk quote_cn", 0),
        rule("refs.name_ranked", "NAME", rf"(?:(?<![{_C}])|(?<=[科室部区组院])|(?<=见证)|(?<=经治)|(?<=昨夜)|(?<=今晨)|(?<=请))(?P<v>{rare})(?={_RANKS})", _family, "cjk rank_cn", 0),
        rule("refs.name_in_charge", "NAME", rf"(?:院总|住院总|总住院|管床(?:医[师生])?|床位医[师生]|带组|跟台|责任护士|责护)(?P<v>{rare})(?=[,;。、:\s]|$|请|已|嘱|知|说)", _family, "cjk", 0),
        rule("refs.name_kin_asked", "NAME", rf"(?:麻烦|谢谢|感谢|找|请|问|联系|通知|告诉|转告|老人|独居老人|邻居|保洁员)(?P<v>{rare})(?=[姐哥叔姨婶伯嫂]|婆婆|奶奶|爷爷|大爷|大妈|大姐|大哥|阿婆|阿公)", lambda value: value not in "大小老师医护阿二三四五六七八" and (value == "代" or _family(value)), "cjk", 0),
        rule("refs.name_received", "NAME", rf"(?<=[,。;、\s:])(?P<v>{rare})(?=(?:女士|先生|小姐)(?:亲)?(?:收|启|签收))", None, "cjk", 0),
        rule("refs.name_counted", "NAME", rf"(?<![{_C}])(?P<v>{rare}(?:、{rare}){{1,4}})(?=[两二三四五]位|[两二三四五]人|等[两二三四五]|[两二三四五]名)", None, "cjk together", 0),
        rule("refs.name_field", "NAME", rf"(?<![{_C}])(?:{_FIELDS})[人者员]?:\s?(?P<v>[{_C}]{{2,3}})(?=[,;。/|]|\s{{1,3}}[{_C}]{{2,4}}:|\s?$)", _word_or_name, "cjk colon", 0),
        rule("refs.name_party", "NAME", rf"(?:{_PARTIES}):?(?P<v>[{_C}]{{2,3}})(?=[,;。/|]|$)", _word_or_name, "cjk", 0),
        rule("refs.name_true", "NAME", rf"(?:(?:真名|本名)(?:叫|为|是)?(?P<v>[{_C}]{{2,4}})(?=[,。;()\s]|$))", lambda value: value not in _NO_FIELD and value not in ("如此", "不明", "不符"), "cjk", 0),
        rule("refs.name_only_family", "NAME", rf"(?:自称|自述|只知|据称)姓(?P<v>[{_C}])(?=[,。;\s]|$)", None, "cjk", 0),
        rule("refs.name_of_nation", "NAME", rf"(?:^|(?<=[,;。:、(\s]))(?P<v>[{_C}]{{2,6}})(?=,(?:[日韩美英法德俄越泰缅]籍|外籍|(?:日本|韩国|朝鲜|美国|英国|法国|德国|俄罗斯|越南|泰国|缅甸|老挝|印度|蒙古)(?:籍|国籍|人,)))", lambda value: not words.clinical_cn().at(value, 0) and (len(value) > 3 or value[:2] not in words.pairs_cn()), "cjk", 0),
    )
