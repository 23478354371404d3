# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""Chinese as records and messages hold it: one letter behind a role, columns apart by blanks or bars, letters apart by blanks, consent forms, chat."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.forms_clauses import DOES, GOES_ON, MEASURED, familiar_head, likely_name_cn, strange
from pipelines.phi_zone.text.gates import KIN, SUBJECTS
from pipelines.phi_zone.text.names_cn import RARE_ALONE, RATHER_NAMES, plausible_label, plausible_name_cn, surname
from pipelines.phi_zone.text.plausible import headed_cn
from pipelines.phi_zone.text.rules import Rule, rule

_C = r"\u4e00-\u9fff"
_END = r"(?=[,;。、:\s)(/|]|$)"
_DOERS = ("报告 审核 复核 记录 书写 录入 登记 检查 操作 投照 摄片 置管 穿刺 接诊 接收 接听 接班 交班 核对 执行 采集 采样 送检 送诊 陪检 汇报 主持 抄录 领取 经办 签收 发放 宣教 评估 转运 翻译 代写 拍摄 引导 "
          "报修 验收 保管 领用 交接 接种 注射 输血 抽血 采血 配血 巡视 代签 代诉 反映 投诉 调解 承办 审批 填表 填报 统计 校对 授课 主讲 护送 驾驶 受访 受检 维护 见证 监护 联系 通知 告知 发现 开单 申请 调配 配药 发药 取材 包埋 切片 诊断 主诊 监督 责任 负责 值班 调查 随访 访视").split()
_DOER = "|".join(f"{does}[者人员]" for does in _DOERS)
_ROLE = f"医师|医生|大夫|护士长|护士|技师|药师|护师|麻醉师|老师|康复师|治疗师|营养师|咨询师|检验师|药剂师|社工|校医|村医|司机|民警|律师|主刀|术者|一助|二助|三助|一线|二线|三线|听班|备班|巡回|器械|洗手|带教|助手|麻醉:|{_DOER}"
"""Each begins with a letter, never with a set: only then `re` looks for their first letters alone."""
_NEVER_ALONE = frozenset("时应于和都经常单高平全查管安能从由曾相连包计米支左成强项卫温明方水白万解")
"""Family names that as one letter are words, too."""
_BEHIND_ROLE = frozenset("解白万温方项成卫奉占禄宰昌权晋麦池景羊满海练涂盘暴撒妥令玄滑岩")
"""Of these what no sentence has between a role and a comma."""
_SAYS = "解释|看过|查房|告知|通知|在场|到场|代签|汇报|示教|主刀|嘱其|表示|交代|叮嘱|带教|协助|陪同|接班|值班|接诊|回电|来电|提醒|指导|建议|介绍|补充|检查|换药|拔管|穿刺|操作|签收|核对|记录|查对|复核"


def _alone(value: str) -> bool:
    return value in "麻沙" or value in _BEHIND_ROLE or value in RATHER_NAMES or _alone_says(value)


def _alone_says(value: str) -> bool:
    return value in RARE_ALONE or value == "宰" or (value in words.FREQUENT_SURNAMES_CN and value not in _NEVER_ALONE)


def _field(value: str) -> bool:
    bare = re.sub(r"\s", "", value)
    return plausible_label(bare) and (_alone(bare) if len(bare) == 1 else plausible_name_cn(bare) and bare[:2] not in words.pairs_cn())


def _many(value: str) -> bool:
    """Four to six letters between a label and the next one, as names of other peoples have them."""
    return plausible_label(value) and not words.clinical_cn().at(value, 0) and value[:2] not in words.pairs_cn() and value[-2:] not in words.pairs_cn()


def _signs(value: str) -> bool:
    return value[:2] in words.compound_surnames_cn() or likely_name_cn(value)


def _operates(value: str) -> bool:
    """Beside the table a rare letter is a name, too: no word at its head, no other role in it."""
    return plausible_name_cn(value) and value[:2] not in words.pairs_cn() and value[0] not in _NEVER_ALONE - {"查"} and not headed_cn(value) and "助" not in value


def _named(value: str) -> bool:
    return strange(value) or likely_name_cn(value)


def _kin(value: str) -> bool:
    return value[0] not in "母宫方子" and (likely_name_cn(value) or (len(value) == 3 and plausible_name_cn(value) and _letters_of_names(value[1:])))


def _letters_of_names(given: str) -> bool:
    return given not in words.pairs_cn() and all(words.given_rank_cn().get(letter, 9999) < 400 for letter in given)


_NEVER_AGED = frozenset("成人 高龄 成年 老年 单身 时年 常年 终年".split())


def _aged(value: str) -> bool:
    return value not in _NEVER_AGED and plausible_name_cn(value) and not headed_cn(value)


def _opines(value: str) -> bool:
    """Who holds an opinion may be called as a word is (方正), but not as an adverb."""
    return likely_name_cn(value) or value in ("方正", "高峰", "江山", "方圆", "康健", "常青", "向阳", "石磊", "金星", "文静", "白雪", "白洁", "高洁", "高原", "高翔", "高远", "安然", "安宁")


def _given(value: str) -> bool:
    return words.given_rank_cn().get(value, 9999) < 400 and value not in "大小老少二三四五六七八九十的阿学师新女男表堂好美帅警空干"


@cache
def row_name_rules() -> tuple[Rule, ...]:
    s, rare = surname(), surname(rare=True)
    name = rf"{s}[{_C}]{{1,2}}"
    return (
        rule("rows.name_signs_off", "NAME", rf"[科室组部院心区处]\s{{1,4}}(?P<v>{rare}[{_C}]{{1,2}})(?=\s{{1,4}}(?:(?:19|20)\d\d|\d{{1,2}}[:/.月]))", _named, "cjk", 0),
        rule("rows.name_heads", "NAME", rf"[科室部](?P<v>{rare})(?=主任|科长|医师|医生|教授|护士长|老师|院长|大夫|技师|医助)", lambda value: value not in "全各管高平时常应从由原于和都干公过回", "cjk", 0),
        rule("rows.name_doer", "NAME", rf"(?:{_DOER})(?P<v>{rare}[{_C}]{{1,2}}){_END}", _named, "cjk two_behind_doer", 0),
        rule("rows.name_kin_titled", "NAME", rf"(?:{KIN}|来电人|投诉人|来访者|{SUBJECTS})(?P<v>{rare})(?=先生|女士|小姐|师傅|老师|太太)", None, "cjk", 0),
        rule("rows.name_party", "NAME", rf"(?:受托人|委托人|代理人|监护人|申请人|投诉人|担保人|承诺人|见证人|当事人|收养人|捐献者|供血者|受益人|投保人|被保险人|户主|业主|责任人|受访者|供者)(?P<v>{rare}[{_C}]{{1,2}})(?=系|为|是|与|签|代|自愿|同意|承诺|委托|已|[,;。、:\s)(/|]|$)", _named, "cjk", 0),
        rule("rows.name_kin_short", "NAME", rf"(?:^|(?<=[,;。、:\s(]))[父母夫妻子女兄弟姐妹媳婿](?P<v>{s}[{_C}]{{1,2}}){_END}", _kin, "cjk", 0),
        rule("rows.name_found", "NAME", rf"(?:找|叫|问|请|联系|给|跟|喊|让|由|通知|告诉|转告)(?P<v>[老小阿]{s})(?=[,;。、\s!?]|$)", familiar_head, "cjk familiar", 0),
        rule("rows.name_regards", "NAME", rf"(?:(?<![{_C}])|(?<=落款)|(?<=署名)|(?<=致谢人))(?P<v>{s}[{_C}]{{1,2}}?)(?=敬上|谨上|谨启|敬启|敬赠|拜谢|全家|亲笔|夫妇)", likely_name_cn, "cjk", 0),
        rule("rows.name_masked_apart", "NAME", rf"(?<=[:\s|])(?P<v>{s})\s(?=[×*]{{2}}(?![×*\d]))", None, "cjk mask_sign", 0),
        rule("rows.name_aged", "NAME", rf"(?:{SUBJECTS})(?P<v>{s}[{_C}]{{1,2}})(?=,\s?(?:\d{{1,3}}岁|[男女](?:性|,)))", _aged, "cjk", 0),
        rule("rows.name_opines", "NAME", rf"(?:^|(?<=[,;。\s])|(?<=[中后时]))(?P<v>{s}[{_C}]{{1,2}})(?=认为|主张|提议|反对|不赞成|补充说|指出)", _opines, "cjk opines", 0),
        rule("rows.name_alone", "NAME", rf"(?:{_ROLE}):?\s{{0,3}}(?!(?<=老师)傅)(?P<v>{rare}){_END}", _alone, "cjk one_behind_role", 0),
        rule("rows.name_alone_verb", "NAME", rf"(?<![{_C}A-Za-z\d])(?:见证|录入|记录|复核|审核|报告|核对|操作|诊断|审签|签收|采集|执行|接收|主检|主诊|监督|登记|交班|接班|摄片|取材|切片|制片|阅片|配药|发药|调配|送检|经办)(?P<v>{s}){_END}", lambda value: _alone(value) or value in "权全", "cjk", 0),
        rule("rows.name_alone_next", "NAME", rf"(?:助手|一助|二助|术者|医师|医生|护士|巡回|洗手|器械|麻醉):?[{_C}]{{1,3}}[,、/](?P<v>{s}){_END}", _alone, "cjk", 0),
        rule("rows.name_of_family", "NAME", rf"姓(?<=(?P<v>[{_C}])姓)(?:患者|病人|男|女|家属|医生|护士|先生|司机|老人|产妇|夫妇)", lambda value: value in words.surnames_cn() and value not in "同复异百他外单", "cjk", 0),
        rule("rows.name_says", "NAME", rf"(?:医师|医生|护士长|护士|主任|教授|技师|律师|老师|康复师|治疗师|营养师|药师|社工|司机|民警|校医|一线|二线|三线)(?P<v>{s})(?={_SAYS})", _alone_says, "cjk", 0),
        rule("rows.name_addressed", "NAME", r"(?:昨夜|昨晚|今晨|今早|今日|昨日|昨天|今天|夜间|当晚|次日|麻烦|谢谢|感谢|联系|通知|告知|电话|请|@)(?P<v>[时应常史于单全管平高安方水])(?=主任|医生|医师|教授|护士|老师|院长|大夫)", None, "cjk title", 0),
        rule("rows.name_helps", "NAME", rf"[,、](?P<v>{s})(?=(?:、{s})?(?:协助|配合|跟台|上台|参加|值班))", _alone_says, "cjk", 0),
        rule("rows.name_called", "NAME", rf"姓(?P<v>{s})(?=[,;。、\s]|$|的)", lambda value: value not in "时应于和都经常从由", "cjk", 0),
        rule("rows.name_field", "NAME", rf"(?<![{_C}])(?:[{_C}]{{0,3}}姓\s{{0,2}}名|联系人|[{_C}]{{0,2}}医[师生]|[{_C}]{{0,2}}护士|[{_C}]{{0,2}}技师|责护|{_DOER})\s{{1,4}}(?P<v>{s}(?:\s{{0,2}}[{_C}]){{0,2}})(?=\s{{1,8}}|\s?[/|]|$)", _field, "cjk field_apart", 0),
        rule("rows.name_many", "NAME", rf"(?:姓名|联系人|监护人|家属)\s{{1,4}}(?P<v>[{_C}]{{4,6}})(?=\s{{1,8}}[{_C}]{{2,4}}[\s:]|$)", _many, "cjk field_apart", 0),
        rule("rows.name_bracketed", "NAME", rf"(?:意见|签名|签字|医师|医生|主任|护士|护士长|技师|教授|家属|父亲|母亲|丈夫|妻子|儿子|女儿|者|员|(?<=[A-Za-z]))\((?P<v>{name})\)", likely_name_cn, "cjk bracketed", 0),
        rule("rows.name_consents", "NAME", rf"(?:本人|兹委托|现委托|授权委托|委托人|我叫|我是)(?P<v>{name}?)(?=[,(]|已|系|同意|自愿|委托|承诺|声明|确认|要求|代|为|作为)", _signs, "cjk", 0),
        rule("rows.name_in_bed", "NAME", rf"床(?<=\d床)(?P<v>{rare}[{_C}]{{1,2}}?)(?=[,;。、:\s)(/|]|$|{GOES_ON}|{MEASURED}|{DOES})", _named, "cjk bed", 0),
        rule("rows.name_patient", "NAME", rf"(?:{SUBJECTS})(?P<v>{name})(?=[,(]\s?(?:身份证|住院号|门诊号|病历号|ID|男|女|住|现住|电话|\d|年龄))", likely_name_cn, "cjk subject", 0),
        rule("rows.name_turned_out", "NAME", rf"(?:核实为|确认为|证实为|拟名|取名|起名为?|改名为?|更名为?|其名为)(?P<v>{name}){_END}", plausible_name_cn, "cjk", 0),
        rule("rows.name_duty", "NAME", rf"(?:经办|巡回|器械|洗手|取材|投照|带队|维护|值守|听班|备班|一线|二线|三线|责护|主管)(?P<v>{name}?)(?=[,;。、:\s)(/|]|$|清点|核对|递|协助|传递|补充)", likely_name_cn, "cjk", 0),
        rule("rows.name_theatre", "NAME", rf"(?:主刀|术者|一助|二助|三助|洗手护士|巡回护士|器械护士)(?P<v>{s}[{_C}]{{2}}){_END}", _operates, "cjk", 0),
        rule("rows.name_given_kin", "NAME", rf"(?:^|(?<=[\n,。!?;:@\s]))(?P<v>[{_C}])(?=[姐哥](?:[,。!?~\s]|$|你|您|帮|麻烦|在吗|好))", _given, "cjk kinship", 0),
        rule("rows.name_eldest", "NAME", rf"(?:(?<![{_C}])|(?<=工友)|(?<=邻居)|(?<=老乡)|(?<=同事)|(?<=叫)|(?<=人))(?P<v>{s}老[大二三四五六七八九幺])(?=[,;。、\s]|$|陪|送|说|称|家|的|来)", None, "cjk", 0),
    )


ROW_NUMBER_RULES: tuple[Rule, ...] = (
    rule("rows.number_spaced", "MRN", r"(?:(?:号|码|证)(?:\s{0,2}:\s{0,2}(?=\d(?:\s\d){3})|\s{1,2}(?=\d(?:\s\d){4}))|(?:内线|分机|短号|联系我)\s?:?\s?)(?P<v>\d(?:\s\d){2,19})(?![\d.]|\s\d)", hint="cjk digit spaced_figures", flags=0),
    rule("rows.number_before_name", "MRN", rf"(?<![\d.A-Za-z\-/])(?P<v>\d{{6,12}})(?=[|,\t]\s?[{_C}]{{2,4}}[|,\t])", hint="cjk digit long", flags=0, starts="run"),
    rule("rows.number_misread", "PHONE", r"(?<![\dA-Za-z.])(?P<v>1[3-9](?=[\dOolI]{9}(?![\dA-Za-z]))(?=\d*[OolI]\d)[\dOolI]{9})", hint="cjk digit misread", flags=0),
    rule("rows.number_labelled", "MRN", r"号(?<![型楼栋幢室层准字]号)码?(?:\s?:\s?|(?=[A-Z]{1,4}\d[\d\-]{5}))(?P<v>(?!NM|NP|NG|RS|rs)[A-Z]{0,6}[\-_/]?\d[A-Z\d]*(?:[\-_/][A-Z\d]+){0,4})(?![A-Za-z\d])", lambda value: sum(char.isdigit() for char in value) > 3, "cjk digit", 0),
    rule("rows.document", "OTHER", rf"(?P<v>(?:[{_C}]{{1,8}}字|[{_C}]{{2,12}}(?=[(\[〔]\d{{4}}[)\]〕]\s?第?\s?\d{{1,8}}号)|[(\[〔]\d{{4}}[)\]〕][{_C}](?:\d{{2,4}}[{_C}]{{1,3}}|[{_C}]{{1,8}}))\s?[(\[〔]?(?:\d{{4}}[)\]〕]?年?)?\s?第?\s?\d{{1,8}}号)", None, "cjk digit", 0),
    rule("rows.phone_whose", "PHONE", r"(?<![\d.\-])(?P<v>[2-8]\d{6,7})(?=\s?\((?:家|宅|办|单位|其?[父母夫妻子女儿]))", None, "cjk digit bracketed", 0),
    rule("rows.number_specimen", "MRN", r"(?:标本|切片|蜡块|玻片|白片|病理|样本|试管|血样|条码|条形码|申请单|培养|骨髓|骨穿|活检|穿刺|尸检|心电|B超|超声|[胃肠支][镜]|内镜|检验|送检|采血管|胶片|光盘|图像|影像|免疫组化|冰冻|会诊片|借片|腕带|档案|底片)\s?[::(]?\s?(?P<v>(?!(?:19|20)\d\d[\-/.]?(?:0\d|1[0-2])[\-/.]?[0-3]\d(?!\d))(?:[A-Z]{1,4}[\-_]?\d{2,4}[\-_]\d{3,8}|\d{2,4}-\d{5,8}|[A-Z]{1,4}\d{5,12}|\d{8,14}))(?![\dA-Za-z.%/\-]|\s?(?:m[lgm]|cm|IU|U\b|copies|cfu))", hint="cjk digit long", flags=0),
    rule("rows.number_behind_name", "MRN", rf"(?:腕带|床头卡|手环|标签|姓名|核对|患者|病人|床)\s?:?\s?(?:\d{{1,2}}床)?[{_C}]{{2,4}}\s?[,、/|\s(]\s?(?P<v>[A-Z]{{0,3}}\d{{5,12}})(?![\dA-Za-z.%])", hint="cjk digit long", flags=0),
    rule("rows.chat_sent", "ACCT", r"微信\s?(?:号|群)?\s?(?:已|可|请|均)?(?:发[至到给]|传[至到给]|转[至到给]|加我?|推送[至给]|回复|联系|通知|添加|搜索?|好友)\s?:?\s?(?P<v>(?=[A-Za-z_\-]{0,19}[\d_\-]|[A-Za-z]{6})[A-Za-z][A-Za-z\d_\-]{5,19})(?![A-Za-z\d@])", None, "cjk", 0),
    rule("rows.login", "ACCT", r"(?:(?:登录名|用户名|登录账号|登录号|账号名|域账号)\s?:?\s?|(?:账号|帐号|账户|工号|登录)\s?:?\s?(?=[A-Za-z][A-Za-z\d]*[_.\d]))(?P<v>[A-Za-z][A-Za-z\d._\-]{3,29})(?![A-Za-z\d@])", None, "cjk", 0),
    rule("rows.credit_code", "ACCT", r"(?<![A-Za-z\d])(?P<v>9[1-3]\d{6}[\dA-HJ-NPQRTUWXY]{10})(?![A-Za-z\d])", None, "cjk digit long", 0),
    rule("rows.device", "OTHER", r"(?P<v>\(01\)\s?\d{14}(?:\s?\(\d{2,3}\)\s?[A-Z\d\-/.]{1,20}){0,4})", hint="digit udi", flags=0),
)


@cache
def row_site_rules() -> tuple[Rule, ...]:
    return (
        rule("rows.address_spaced", "ADDR", rf"(?:住\s?址|地\s?址|籍\s?贯|单\s?位|出\s?生\s?地)\s{{0,3}}[::]\s{{0,3}}(?P<v>[{_C}](?:\s[{_C}\d]){{4,40}})", None, "cjk spaced_letters", 0),
        rule("rows.address_flat", "ADDR", rf"(?:(?<=住)|(?<=址)|(?<=[在于,:;|])|^)(?P<v>(?!住|在|址)[{_C}]{{2,8}}(?:小区|花园|家园|公寓|新村|苑|府|城|庭|湾)\s?\d{{1,3}}-\d{{1,3}}(?:-\d{{1,4}})?)(?![\d/.%])", None, "cjk digit", 0),
        rule("rows.address_column", "ADDR", rf"(?<=[,|\t])\s?(?P<v>[{_C}]{{2,4}}[县区市][{_C}]{{2,8}})(?=\s?[,|\t])", _column, "cjk", 0),
    )


@cache
def row_firm_rules() -> tuple[Rule, ...]:
    return (
        rule("rows.school", "ORG", rf"(?:就读于|毕业于|就读|毕业|在读|在|系|是|为|读)(?P<v>(?!我|本|某|该|重点|普通)[{_C}]{{1,6}}?(?:附中|附小|外国语|实小|职中|职高|[一二三四五六七八九十]中|[一二三四五六七八九十]小))(?=[高初]|读书|上学|学生|老师|教师|学习|住校|走读|校|[,。;、]|$)", None, "cjk", 0),
        rule("rows.employer", "ORG", rf"(?:工作单位|单位名称|用人单位|所在单位|就读学校|就读单位|送检单位|接种单位|委托单位|转出单位|承保单位|参保单位|施工单位|雇主|(?<![{_C}])单位|(?<![{_C}])学校)\s?:\s?(?P<v>[{_C}A-Za-z()·]{{2,20}}?)(?=\(?已?退休|\(?下岗|\(?离岗|职工|员工|工人|[\s,;。/|]|$)", _employer, "cjk colon", 0),
        rule("rows.works_at", "ORG", rf"(?:(?<=在)|(?<=于))(?P<v>(?!家|外|本|当|我|某|该|单位|工地)[{_C}]{{2,8}}?(?:物流园|产业园|工业园|科技园|园区|商城|市场|中心|广场|矿区|电站|码头|景区|农庄|山庄|会所|工作室|食堂|驿站))(?=上班|务工|打工|做工|工作|干活|帮工|当|做|任职|值班|执勤|摆摊)", _workplace, "cjk", 0),
        rule("rows.insurer", "ORG", rf"(?:(?<![{_C}])|(?<=[在由向给为从]))(?P<v>[{_C}]{{2,4}}(?:人寿|财险|寿险|健康险))(?=[,。;、\s]|$|保单|保险|客服|理赔|赔付)", _insurer, "cjk", 0),
        rule("rows.branch", "ORG", rf"(?P<v>(?:工行|农行|中行|建行|交行|招行|邮储|浦发|中信|光大|民生|兴业|华夏|平安|广发|农商行|农信社|信用社|(?:工商|农业|建设|交通|招商|邮政|邮政储蓄|浦发|民生|兴业)银行)[{_C}]{{2,10}}?(?:支行|分行|分理处|营业部|营业厅|储蓄所|网点))", None, "cjk", 0),
        rule("rows.firm_employed", "ORG", rf"(?:就职于?|供职于?|任职于?|受雇于|入职)(?P<v>[{_C}A-Za-z]{{3,12}}?)(?=[,。;、]|任|做|当|从事|上班|工作|$)", _firm_named, "cjk", 0),
        rule("rows.community", "ORG", rf"(?:^|(?<=[,。;由经向到在]))(?P<v>(?!某|本|该|辖|所在|居住|当地|附近)[{_C}]{{2,4}}社区)(?=网格员|居委|卫生|医生|民警|工作人员|书记|主任|上报|干部|志愿者)", None, "cjk", 0),
    )


def _firm_named(value: str) -> bool:
    return not value.startswith(("我", "本", "某", "该", "一家", "外地", "当地", "私企", "国企", "民营")) and value[-2:] not in ("单位", "企业", "行业", "期间")


_NO_EMPLOYER = re.compile(r"(?:无|不详|未知|退休|离休|离岗|下岗|个体|自由|务农|农民|学生|同上|保密|待业|失业|自营|家庭|有效|国际|毫|微|克|升|略|见|详见|空|[A-Za-z/]+\Z)")
_TRADES = frozenset("建筑 农贸 蔬菜 水果 批发 菜 服装 电子 化工 家具 建材 装修 养殖 海鲜 水产 花卉 二手 人才 劳务 集贸 装配 机械 生产 铸造 喷漆 焊接 冲压 印刷 包装 购物 美食 配送 分拣 客服 呼叫 活动 服务 健身 数据 会展 城市 人民 时代 学校 单位 幼儿园 医院 公司 工厂 快递 附近 小区 社区 当地 外地 老家 建筑工 商业 工业 高新".split())
"""What markets, workshops and centres deal in: alone such a word names none."""


def _employer(value: str) -> bool:
    return _NO_EMPLOYER.match(value) is None and not words.clinical_cn().whole(value)


def _insurer(value: str) -> bool:
    return value[:2] not in words.pairs_cn() - {"太平", "平安", "阳光", "新华", "泰康"} and not value.startswith(("商业", "意外", "医疗", "团体", "个人"))


_SITE = re.compile("(?:物流园|产业园|工业园|科技园|园区|商城|市场|中心|广场|矿区|电站|码头|景区|农庄|山庄|会所|工作室|食堂|驿站)\\Z")


def _workplace(value: str) -> bool:
    head = _SITE.sub("", value)
    return len(head) > 1 and head not in _TRADES and head[-2:] not in _TRADES


def _column(value: str) -> bool:
    """A field of a row that begins with a division and goes on with a place below it."""
    end = words.divisions_cn().at(value, 0)
    return end > 0 and value[end - 1] in "县区市" and len(value) - end > 1 and not value.endswith(("科", "院", "癌", "炎", "病", "症", "局", "所", "中心"))
