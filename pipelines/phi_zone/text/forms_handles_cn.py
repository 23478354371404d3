# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""Telephones, user names, codes of access, post codes, hosts, cards and papers in Chinese text, told by a word or a place beside them."""
from __future__ import annotations

import re

from pipelines.phi_zone.text.rules import Rule, dated, figures, rule

_NO_AMOUNT = r"(?![\d.%:/年月日次天元床号科楼圈转人例片支针袋下只个份米层步]|\s?(?:ml|mL|mg|g|G|r|rpm|U|u|IU|cm|mm|kg|kcal|Gy|cGy|J|V|单位|毫|万|分|小时|千))"
_NO_SERVICE = r"(?!1(?:20|10|19|14|22)(?!\d))"
_EIGHT = r"(?!(?:19|20)\d\d[01]\d[0-3]\d)[2-9]\d{3}[\s\-]?\d{4}"
_HANDLE = r"(?!win\d|ios\d|v\d|usb|http|[A-Za-z]+\d+(?:mg|ml|ug|iu|mcg|g|u|cm|mm|kg)(?![a-z]))(?:[A-Za-z][a-z]{0,19}[._]?\d{2,8}[a-z]{0,3}|[a-z]{2,15}[_.][a-z\d]{2,15})(?![A-Za-z\d@_.])"
"""Letters with figures behind them, or parted by a stroke: a user's name."""
_TLD = "com|cn|net|org|edu|gov|hk|tw|mo|local|lan|info|io|cc|top|xyz|internal|intra"
_OFFICE = "台北|台中|台南|台东|新北|新竹|桃园|高雄|基隆|屏东|苗栗|彰化|南投|云林|嘉义|宜兰|花莲|澎湖|金门"
_LAST = r"(?:\d(?:号|室|栋|幢|座|单元|楼|弄|组|队|社|户)|村(?:委会)?|镇|乡|街道|大?路|小区|屯|庄|寨|巷|胡同|家属院|公寓)"


def _host(value: str) -> bool:
    """Not the end of a sentence and the next one's beginning, nor a number with decimals."""
    return re.search("[A-Za-z]{2}", value) is not None


def _paper(value: str) -> bool:
    return figures(value) >= 5 and not dated(value)


_ONE = r"[A-Z]{0,4}\d[A-Z\d\-]{3,13}"
HANDLE_RULES: tuple[Rule, ...] = (
    rule("handles.switched", "PHONE", rf"(?:(?:请|可|就|再|或|拨|打|按|总机|电话|没人接|无人接|不通|占线)转(?:接|拨|分机)?|[-,]转(?:分机)?)\s?:?(?P<v>{_NO_SERVICE}\d{{3,6}}){_NO_AMOUNT}", hint="digit", flags=0),
    rule("handles.called", "PHONE", rf"(?:请|可|速|急|就|再|直接|及时|立即|随时|夜间|有事|可以|需要|麻烦|需|时|或|护士台|护士站|夜班|白班|值班室|前台|总台|科里|药房|门卫)(?:呼叫?|拨打?|[Cc]all|CALL|寻呼)(?:机|台)?\s?:?(?P<v>{_NO_SERVICE}\d{{3,6}}|{_EIGHT}){_NO_AMOUNT}", hint="digit cjk", flags=0),
    rule("handles.pager", "PHONE", r"(?:(?<![A-Za-z])(?:[Cc]all|CALL|BP|Call)机|传呼机?|呼机|呼叫器|寻呼机?|对讲机?|小灵通|虚拟号|集群号|V网)(?:号码?)?\s?:?\s?(?P<v>\d{4}[\s\-]?\d{4}|\d{3,7})(?![\d.%]|\s?[台个部次])", hint="digit", flags=0),
    rule("handles.eight", "PHONE", rf"(?:备用|另一个?|亦可|紧急|夜间|日间|家中|家里|宅|宅电|办公|住宅|手提|(?<![心脑肌胃眼静])电|致电|电话|拨|打|找)(?:号码?|电话|手机|机)?\s?:?\s?(?P<v>{_EIGHT})(?![\d.%]|\s?元)", hint="digit long", flags=0),
    rule("handles.whose", "PHONE", r"(?:[父母夫妻子女儿媳婿兄弟姐妹孙]|太太|先生|女士|本人|家属|家佣|工人姐姐)\s?:?\s?(?P<v>[2-9]\d{3}\s\d{4})(?![\d.%]|\s\d)", hint="digit long", flags=0),
    rule("handles.user", "ACCT", rf"(?:用户名?|登[录陆]名|登[录陆]账?号?|账[号户]|帐[号户]|操作员|录入员|(?:离职|调走|退休|注销|进修|实习|新来|外包|在编|借调)(?:人员|员工|同事)?的?|[操录创修经审提][作入建改办核交][人员者]|ID(?:是|为)|网名(?:是|为|叫)?)\s?[:(]?\s?(?P<v>{_HANDLE})", hint="cjk user_shape", flags=0),
    rule("handles.user_told", "ACCT", rf"(?:登[录陆]名|用户名|账号|帐号|工号)[^,。;\n\dA-Za-z]{{0,16}}[(:为是]\s?(?P<v>{_HANDLE})", hint="cjk", flags=0),
    rule("handles.user_acts", "ACCT", r"(?<![A-Za-z\d_@./\-])(?<!变量|字段|文件|参数|因子|基因|表格|模型)(?P<v>[a-z]{2,12}_[a-z][a-z\d]{1,14})(?=当日|今日|昨日|录入|登[录陆入]|审核|修改|签[名发字]|导出|仍[能可]|无法|越权|值班|于\d|已[录登提审修签上])", hint="understroke", flags=0),
    rule("handles.user_still", "ACCT", r"(?<![A-Za-z\d_@./\-])(?P<v>[a-z]{3,15}\d{2,4})(?=仍能|仍可|无法登|越权|当日录|登[录陆])", hint="digit cjk", flags=0),
    rule("handles.user_opened", "ACCT", rf"(?:开通|重置|解锁|新建|注销|禁用|恢复|授权)(?:了|给)?\s?(?P<v>(?=[a-z]{{3}}|[a-z]\d{{4}}){_HANDLE})", hint="cjk", flags=0),
    rule("handles.zip_told", "ZIP", r"(?:邮码|邮递区号|邮区)[:\s]{0,2}(?P<v>\d{3}(?:\d{2,3})?)(?!\d)", hint="digit", flags=0),
    rule("handles.eight_whose", "PHONE", rf"(?<![\d.\-])(?P<v>{_EIGHT})(?=\s?\((?:家|宅|办|手提|手机|公司|单位|太太|先生|[父母夫妻子女儿媳]))", hint="digit long bracketed", flags=0),
    rule("handles.zip_behind", "ZIP", rf"{_LAST}[,\s、(]\s?(?P<v>[0-8]\d{{5}})(?=[,。;、\s)]|$)(?!\s?(?:I?U|例|次|个|元|/|万|copies|份))", hint="digit long", flags=0),
    rule("handles.zip_before", "ZIP", rf"(?:住|址:?|户籍|寄[到至往]?|居)\s?(?P<v>[1-9]\d{{2}}(?:\d{{2,3}})?)\s?(?={_OFFICE})", hint="digit", flags=0),
    rule("handles.host_cn", "URL", rf"(?<![A-Za-z\d@./_\-])(?P<v>(?:[A-Za-z\d][A-Za-z\d\-]{{0,40}}\.){{1,4}}(?:{_TLD})(?::\d{{2,5}}(?:/[^\s<>\"',。;、\u4e00-\u9fff]*)?)|(?:[A-Za-z\d][A-Za-z\d\-]{{0,40}}\.){{2,4}}(?:com|cn|net|org)(?![A-Za-z\d.\-]))", _host, hint="host_word", flags=0),
    rule("handles.address_port", "URL", r"(?<![\d.])(?P<v>(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d):\d{2,5}(?:/[A-Za-z\d_\-./]{0,60})?)(?!\d)", hint="digit ip colon", flags=0),
    rule("handles.card_told", "BANK", r"(?:持卡人|卡主|户主|本人|家属|对方|收款人|付款人|患者)(?:另|再|口头|重新|补|电话|又|改)?(?:报|提供|告知|念|给出|补报|发来|写下?)(?:的|了|为|是|卡号)?\s?:?(?P<v>\d{15,19})(?!\d)", hint="digit long15", flags=0),
    rule("handles.union_card", "BANK", r"(?<![\dA-Za-z.\-])(?P<v>62\d{14,17})(?![\dA-Za-z]|[.\-]\d)", hint="digit long long15", flags=0, starts="run"),
    rule("handles.social_security", "SSN", r"(?:社会安全|社安|工卡)(?:号码?|卡号?|码)?(?:为|是)?\s?[:(]?\s?(?P<v>\d{3}[\s\-]?\d{2}[\s\-]?\d{4})(?!\d)", hint="digit", flags=0),
    rule("handles.access_code", "OTHER", r"(?:[校验]验码|验证码|提取码|取[号件片药票物]码|核销码|兑换码|动态码|邀请码|授权码|防伪码|查询码|签到码|密码|口令)\s?(?:为|是|:|“)?\s?(?P<v>(?=[A-Za-z!@#$%&*_\-]{0,14}\d)[A-Za-z\d][A-Za-z\d!@#$%&*_\-]{3,19})(?![A-Za-z\d]|\s?[年月日次位天个遍分元])", hint="digit cjk", flags=0),
    rule("handles.next_number", "MRN", rf"(?:号(?<![型款货规批文].号)(?<![型款货规批文]号)|病案|病历)码?\s?:?\s?{_ONE}[、和及]\s?(?P<v>{_ONE}(?:[、和及]\s?{_ONE}){{0,5}})(?![A-Za-z\d.%]|\s?[元例次份支个年月])", _paper, hint="digit cjk", flags=0),
    rule("handles.record_bare", "MRN", r"(?:病案|病历|档案|案卷)(?P<v>\d{5,10})(?=[(,。;、共已由从]|的首页)", None, hint="digit cjk", flags=0),
    rule("handles.foreign_register", "IDCARD", r"(?:外国人登[录记]证?|外国人居留证?|在留卡|居留卡|居留许可|永居证?|绿卡|签证|工作签证?|国民身份证?)(?:号码?|编号)?\s?(?:为|是|:)?\s?(?P<v>[A-Z]{0,3}\d[A-Z\d\-]{5,17})(?![A-Za-z\d])", _paper, hint="digit cjk", flags=0),
    rule("handles.passport", "PASSPORT", r"护照(?:号码?|原件|复印件|一本|号)?[,:(\s]\s?(?P<v>\d{2}[A-Z]{2}\d{5}|[A-Z]{1,2}\d{6,8}|\d{8,9}|[A-Z]\d{2}[A-Z]\d{4}[A-Z\d])(?![A-Za-z\d.])", _paper, hint="digit cjk", flags=0),
    rule("handles.batch", "OTHER", r"(?<=[(,、;\s])[批序]:?(?P<v>[A-Z]{0,3}\d[A-Z\d]{4,11})(?=[,;。、)\s]|$)", _paper, hint="digit cjk", flags=0),
    rule("handles.policy_spaced", "ACCT", r"(?:保单|保险单|会员卡?|金卡|银卡|储值卡|一卡通|医疗证)号?\s?:?\s?(?P<v>[A-Z]{0,4}\s?\d{3,6}(?:\s\d{2,6}){1,5})(?![\dA-Za-z.%]|\s?[元年月天次])", _paper, hint="digit cjk", flags=0),
)
