# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""Numbers and addresses on the net, by form and by label, in Chinese and English.

No `\\b`: in Python 3 a Chinese character is a word character, so a boundary never fires between it and a digit.
Labelled rules take the value even when its check digit is wrong; unlabelled ones need the form itself to be telling.
"""
from __future__ import annotations

import re

from pipelines.phi_zone.text.rules import Rule, dated, figures, has_digit, luhn, rule, taiwan_id_valid, vehicle_number_valid

_SEP = r"\s{0,3}(?:[::#=|]|\b(?:is|was)\b|是|为|No\.?|number|号码?|编号)?\s{0,3}[::#=]?\s{0,3}"
_S = r"[\s\-.]?"
_VALUE = r"(?P<v>[A-Z]{0,6}[\-_/]?\d[A-Z0-9]*(?:[\-_/][A-Z0-9]+){0,4})"
_PLATE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

_MRN_CN = ("住院号|住院流水号|住院登记号|门诊号|门急诊号|急诊号|病历号|病案号|病人号|患者编号|患者ID|病人ID|登记号|检查号|检查编号|检查流水号|影像号|影像编号|放射号|放射编号|"
           "病理号|病理编号|尸检号|会诊号|受理号|赔案号|结算号|预约号|委托号|鉴定号|切片号|蜡块号|标本号|标本编号|条码号?|条形码号?|医保卡号|医保号|医保编号|社保卡号|社保号|医疗证号|就诊卡号|就诊号|诊疗卡号|健康卡号|电子健康卡|个人编号|工号|医师编号|床号|床位号?|"
           "申请单号|申请单编号|申请号|流水号|CT号|MRI?号|MR编号|X线号|X光号|片号|超声号|内镜号|胃镜号|心电号|心电图号|手术编号|试验编号|入组号|受试者编号|随访编号|档案号|档案编号|建档号|体检号|体检编号|保健号|报告编号|报告单号|单号|编号|处方号|发票号|收据号|(?<![A-Za-z])P?ID号|学号|考号|准考证号|执业证号|执业证书编号|资格证号|资格证书编号|合同号|订单号|快递单号|运单号|保单编号|会员号|会员卡号|卡片号|腕带号|母亲住院号|胎盘号|血袋号|献血码|捐献码|设备编号|仪器编号|批件号|门诊卡号|诊疗号|登记编号|出生证号|出生证编号|出生医学证明编号|结婚证号|残疾证号|老年证号|学籍号|警号|军号|社会保障号|纳税号|营业执照号")
_MRN_EN = (r"MRN|M\.R\.N\.|MR\s?#|med(?:ical)?\.?\s+rec(?:ord)?\.?(?:\s+(?:no|num|number|id))?|hosp(?:ital)?\.?\s+(?:no|number|id)|patient\s+(?:id|identifier|number|no)|"
           r"chart(?:\s+(?:no|number|id))?|unit\s+(?:no|number)|accession(?:\s+(?:no|number))?|acc(?:ession)?\s?(?=[#:]|\d{5})|encounter(?:\s+(?:no|number|id))|visit\s+(?:no|number|id)|"
           r"specimen(?:\s+(?:no|number|id))|case\s+(?:no|number)|study\s+id|badge(?:\s+(?:no|number))?|employee\s+(?:id|no|number)|CSN|FIN|HAR|UHID|(?:IPD?|OPD?|CR|reg(?:istration)?)\.?\s?no|NHS(?:\s+(?:no|number))?|bed(?:\s+(?:no|number))")
_ACCT_EN = (r"acc(?:oun)?t\.?(?:\s+(?:no|number|id))?|member(?:ship)?\s+(?:id|no|number)|subscriber\s+(?:id|no|number)|policy(?:\s+(?:no|number|id))|group\s+(?:no|number)|"
            r"insurance\s+(?:id|no|number)|beneficiary\s+(?:id|no|number)|medicare(?:\s+(?:id|no|number))|medicaid(?:\s+(?:id|no|number))|health\s+plan(?:\s+(?:id|no|number))|"
            r"claim(?:\s+(?:no|number|id))|invoice(?:\s+(?:no|number))")


def _date_inside(value: str) -> bool:
    digits = re.sub(r"\D", "", value)[:17]
    return "01" <= digits[10:12] <= "12" and "01" <= digits[12:14] <= "31"


def _enough(value: str) -> bool:
    return sum(char.isdigit() for char in value) >= 2 or (len(value) < 3 and has_digit(value))


def _four(value: str) -> bool:
    return sum(char.isdigit() for char in value) >= 3 and len(value) >= 4


def _several(value: str) -> bool:
    return sum(char.isdigit() for char in value) >= 3


def _telephone(value: str) -> bool:
    """Four figures at least, and no range of two measures (pH 6.0-7.5)."""
    return 4 <= figures(value) <= 17 and re.fullmatch(r"\d\.\d{1,2}\s?-\s?\d\.\d{1,2}", value) is None


_MEASURES = frozenset("BP HR RR PR GCS ISS INR CT MRI ECG EKG MVC MVA RTA RTC CK CD IV IM PO PS HB WBC CRP AND THE WITH SPO FIO O PEEP EF GFR ETA ETOH KM KPH MPH AM PM HRS KG MG ML MM CM YRS YO NHS ICU ED ER AIS TBSA DRG LOC IL TNF HLA".split())
"""Letters before a figure that measure something: no plate begins with them."""


def measured(value: str) -> bool:
    letters = re.match("[A-Z]+", value)
    return letters is not None and letters[0] in _MEASURES


def _plate(value: str) -> bool:
    return has_digit(value) and any(char.isalpha() for char in value) and 5 <= sum(char.isalnum() for char in value) <= 8 and not measured(value)


def _reference(value: str) -> bool:
    """A number somebody calls one: five figures or more, and no date."""
    return figures(value) >= 5 and not dated(value)


NUMBER_RULES: tuple[Rule, ...] = (
    rule("form.email", "EMAIL", r"(?<![A-Z0-9._%+\-])[A-Z0-9][A-Z0-9._%+\-]{0,63}\s?@\s?[A-Z0-9][A-Z0-9\-]*(?:\.[A-Z0-9][A-Z0-9\-]*|\s?\.\s?(?:com|org|net|edu|gov|cn|hk|tw|uk|example|invalid|test|co|io)(?![A-Z0-9]))+", lambda v: not re.search(r"@\s?\d+(?:\.\d+)?[A-Z]{0,3}\Z", v, re.IGNORECASE), "at"),
    rule("form.email_spelled", "EMAIL", r"(?<![A-Z0-9._%+\-])(?P<v>[A-Z0-9][A-Z0-9._%+\-]{1,63}\s?[(\[{]\s?at\s?[)\]}]\s?[A-Z0-9\-]+(?:\s?(?:\.|[(\[{]\s?dot\s?[)\]}])\s?[A-Z0-9\-]+)+)", hint="spelled_at"),
    rule("form.url", "URL", r"(?:https?|ftp)://[^\s<>\"'，。；、\u4e00-\u9fff]+|(?<![A-Z0-9.@])www\.[A-Z0-9\-]+(?:\.[A-Z0-9\-]+)+(?:/[^\s<>\"'，。；、\u4e00-\u9fff]*)?|(?<![A-Z0-9.@/\-])(?:[A-Z0-9][A-Z0-9\-]*\.){1,3}(?:com|org|net|edu|gov|uk|ie|au|nz|in|hk|ca|io|info|example)/(?=[A-Z0-9@~])[^\s<>\"'，。；、\u4e00-\u9fff]+", hint="web"),
    rule("form.ip", "OTHER", r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])",
         lambda v: len(v) >= 9, "digit long ip", starts="run"),
    rule("label.resident_id", "IDCARD", r"(?:身份证(?:件)?(?:号码?)?|公民身份号码|证件号码?|ID\s?card(?:\s+(?:no|number))?|resident\s+id(?:\s+(?:no|number|card))?)" + _SEP
         + r"(?P<v>\d(?:[\s\-]?[\dX*×x]){13,20})(?![\dX*])", hint="digit card_word"),
    rule("form.resident_id", "IDCARD", rf"(?<![\dA-Z.])(?P<v>[1-9]\d{{5}}{_S}(?:18|19|20)\d{{2}}{_S}(?:0[1-9]|1[0-2]){_S}(?:0[1-9]|[12]\d|3[01]){_S}\d{{3}}{_S}[\dX])(?![\dA-Z])", hint="digit long long15", starts="run"),
    rule("form.resident_id_spaced", "IDCARD", r"(?<![\dA-Z.])(?P<v>[1-9](?:[\s\-]?\d){16}[\s\-]?[\dX])(?![\dA-Z]|[\s\-]\d)", _date_inside, "digit long long15", starts="run"),
    rule("form.resident_id_15", "IDCARD", r"(?<![\dA-Z.])(?P<v>[1-8]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})(?![\dA-Z.])", hint="digit long long15", starts="run"),
    rule("form.resident_id_masked", "IDCARD", r"(?<![\d*])(?P<v>[1-8]\d{2,9}[*×xX]{4,14}[\dX]{1,4})(?![\d*])", hint="digit long masked", starts="run"),
    rule("form.officer_id", "IDCARD", r"(?:[军武文士]|军官证?|军人证?|南字|北字|沈字|兰字|济字|空字|海字|广字|成字)字?第?\s?\d{5,10}号?", hint="digit long"),
    rule("label.officer_id", "IDCARD", r"(?:军官证|士兵证|警官证|军人保障卡)(?:号码?|编号)?" + _SEP + r"(?P<v>[\u4e00-\u9fffA-Z]{0,3}\s?第?\d{5,12}号?)", hint="digit cn_label"),
    rule("label.passport", "PASSPORT", r"(?:护照(?:号码?)?|passport(?:\s+(?:no|number))?|通行证(?:号码?)?|台胞证(?:号码?)?|回乡证(?:号码?)?|居留证(?:号码?)?|港澳证(?:号码?)?)\.?" + _SEP + r"(?P<v>[A-Z]{0,3}\d{6,10}[A-Z]?)(?!\d)", hint="digit passport_word"),
    rule("label.resident_id_end", "IDCARD", r"(?:身份证|证件|公民身份号码)(?:号码?)?(?:的)?(?:后|末|尾|前)(?:[四六八4-8]位|号)?(?:数字?)?" + _SEP + r"(?P<v>\d{3,7}[\dX])(?![\dX])", hint="digit card_word"),
    rule("label.phone_end", "PHONE", r"(?:电话|手机)(?:号码?)?(?:的)?(?:后|末|尾)(?:[四4]位|号)?" + _SEP + r"(?P<v>\d{4})(?!\d)", hint="digit cn_label"),
    rule("form.passport", "PASSPORT", r"(?<![A-Z0-9])(?<!准字)(?P<v>[EGDSP]\d{8}|E[A-Z]\d{7}|[DSP]E\d{7}|[HMC]\d{10}|H\d{8}|[A-Z]{0,2}\d{7,9}(?=\s?护照))(?![A-Z0-9])", hint="digit long", flags=0),
    rule("label.ssn", "SSN", r"(?:SSN|social\s+security(?:\s+(?:no|number))?)\.?" + _SEP + r"(?P<v>(?:\d|[X*](?=[X*\d\-])){3}[\s\-]?[\dX*]{2}[\s\-]?\d{4})(?!\d)", hint="digit ssn_word"),
    rule("label.ssn_end", "SSN", r"(?:ssn|social)(?:\s+security)?(?:\s+(?:no|number))?\s?(?:,|-)?\s?(?:ending(?:\s+in)?|ends\s+in|last\s+(?:4|four)(?:\s+digits)?)" + _SEP + r"(?P<v>\d{4})(?!\d)", hint="digit ssn_word"),
    rule("label.ssn_last", "SSN", r"last\s+(?:4|four)(?:\s+digits)?(?:\s+of)?(?:\s+(?:her|his|their|the|patient's|pt's))?\s+(?:ssn|social)(?:\s+security)?(?:\s+(?:no|number))?" + _SEP + r"(?P<v>\d{4})(?!\d)", hint="digit ssn_word"),
    rule("label.last_four", "SSN", r"(?<![A-Za-z])[Ll]ast\s(?:4|[Ff]our)(?:\s[Dd]igits)?\s?[:,]?\s?(?P<v>\d{4})(?![\d/.\-%]|\s?(?:m[lgm]|cm|cc|units?)\b)", hint="digit last", flags=0),
    rule("label.ssn_hash", "SSN", r"(?<![A-Z])SS\s?#\s?:?\s?(?P<v>\d{3}[\s\-]?\d{2}[\s\-]?\d{4})(?!\d)", hint="digit hash"),
    rule("form.ssn", "SSN", r"(?<![\d\-])(?P<v>\d{3}-\d{2}-\d{4})(?![\d\-])", hint="digit long ssn", starts="run"),
    rule("form.ssn_masked", "SSN", r"(?<![A-Z0-9*#])(?P<v>[X*#]{3}-[X*#]{2}-\d{4})(?!\d)", hint="digit masked_ssn"),
    rule("label.bank", "BANK", r"(?:银行卡号?|银行账号|卡号|储蓄卡|信用卡|借记卡|credit\s+card|debit\s+card|card\s+(?:no|number)|IBAN|bank\s+account(?:\s+(?:no|number))?)\.?[\u4e00-\u9fff]{0,4}" + _SEP
         + r"(?P<v>[A-Z]{0,2}\d(?:[\s\-]?[\d*]){9,22})(?!\d)", hint="digit bank_word"),
    rule("form.bank", "BANK", r"(?<![\dA-Z.\-])(?P<v>[3-6]\d{3}(?:[\s\-]?\d{4}){2}[\s\-]?\d{3,4}(?:[\s\-]?\d{3})?)(?![\dA-Z]|[.\-]\d)",
         lambda v: (luhn(v) or v.count(" ") + v.count("-") >= 3) and 15 <= sum(c.isdigit() for c in v) <= 19, "digit long long15", starts="run"),
    rule("label.bank_end", "BANK", r"(?:(?<![A-Z])(?:card|visa|mastercard|amex|debit|credit|checking|savings)(?:\s(?:card|account))?\s(?:ending(?:\s(?:in|with))?|ends\s(?:in|with)|last\s(?:four|4)(?:\sdigits)?)|(?:银行卡|信用卡|储蓄卡|卡)(?:号)?(?:的)?(?:后|末|尾)(?:[四4]位|号)?)" + _SEP + r"(?P<v>\d{4})(?!\d)", hint="digit bank_word"),
    rule("label.card", "MRN", r"(?:(?:社保卡|医保卡|市民卡|就诊卡|诊疗卡|健康卡|健保卡|医保电子凭证|健康码)(?:号码?)?|(?:社保|医保|参保)号)" + _SEP + r"(?P<v>[A-Z]{0,2}\d(?:[\s\-]?\d){7,22})(?!\d)", hint="digit cn_label"),
    rule("label.mrn", "MRN", rf"(?:{_MRN_CN})" + _SEP + r"(?:\([^()]{0,12}\))?" + _VALUE + r"(?:床)?", _enough, "digit cn_label"),
    rule("form.bed", "MRN", r"(?<![\d.每张共有余设近约\-/×x*])(?<!\d,)(?P<v>(?:[+加])?\d{1,3})\s?床(?!日|位|旁|单|头|边|垫|栏|次|以|均|规模|医院|综合|的规模)", lambda v: 0 < int(re.sub(r"\D", "", v)) < 200, "digit bed"),
    rule("label.bed", "MRN", r"(?:床号|床位)" + _SEP + r"(?P<v>[+加]?\d{1,4}(?:-\d{1,2})?床?)", hint="digit cn_label"),
    rule("label.mrn_en", "MRN", rf"(?<![A-Z])(?:{_MRN_EN})\.?" + _SEP + _VALUE + r"(?![A-Z0-9])", _four, "digit record_word"),
    rule("label.nhs", "MRN", r"(?<![A-Z])NHS(?:\s+(?:no|number))?\.?" + _SEP + r"(?P<v>\d{3}[\s\-]\d{3}[\s\-]\d{4})(?!\d)", hint="digit record_word"),
    rule("label.long_mrn_en", "MRN", r"(?<![A-Z])(?:encounter|visit|chart|specimen|requisition|order|case|job|dictation|incident|booking)\s?:?\s(?P<v>[A-Z]{0,3}\d{6,14}(?:-\d{2,6})?|\d{3,6}-\d{4,8}(?:-\d{2,6})?)(?![\dA-Z])", hint="digit record_word"),
    rule("label.account_en", "ACCT", rf"(?<![A-Z])(?:{_ACCT_EN})\.?" + _SEP + _VALUE + r"(?![A-Z0-9])", _four, "digit account_word"),
    rule("label.account", "ACCT", r"(?:账号|帐号|账户|保单号|保险单号|支付宝(?:账号|号)?)" + _SEP + r"(?P<v>[A-Z]{0,4}\d[\dA-Z\-]{4,24})", hint="digit cn_label"),
    rule("label.chat", "ACCT", r"(?:微信号?|威信|薇信|V信|(?<![A-Z])VX|wechat(?:\s+id)?|weixin|微博|抖音号?|小红书号?|快手号?|whatsapp|telegram)" + _SEP + r"(?P<v>@?(?=[A-Z_\-]{0,19}[\d_\-]|[A-Z]{6})[A-Z][A-Z0-9_\-]{5,19}|1[3-9]\d{9}|wxid_[a-z0-9]+)", hint="chat"),
    rule("label.qq", "ACCT", r"(?:QQ|扣扣|企鹅|Q号)(?:号码?)?" + _SEP + r"(?P<v>[1-9]\d{4,10})(?!\d)", hint="digit qq_word"),
    rule("label.handle", "ACCT", r"(?:instagram|insta|twitter|tiktok|facebook|snapchat|linkedin|handle|wechat|account)(?:\s+(?:as|handle|is|at|page|name|account))*\s?:?\s?(?P<v>@[A-Z0-9_.]{2,29}[A-Z0-9_])", hint="at"),
    rule("form.handle_on", "ACCT", r"(?<![A-Z0-9._%+\-])(?P<v>@[A-Z0-9_.]{2,29}[A-Z0-9_])(?=\s(?:on|at|via)\s(?:instagram|insta|twitter|x|tiktok|facebook|snapchat|threads|linkedin|telegram)\b)", hint="at"),
    rule("label.username", "ACCT", r"(?:user\s?name|user\s?id|(?:portal|web)\suser|log[\s\-]?in(?:\s+(?:id|name))?|screen\s+name)" + _SEP + r"(?P<v>(?=[A-Z._\-]{0,24}\d)[A-Z][A-Z0-9._\-]{3,29})(?![A-Z0-9@])", hint="digit user_word"),
    rule("label.licence", "ACCT", r"(?:驾驶证号?|驾照号?|driver'?s?\s+lic(?:en[cs]e)?|licen[cs]e\s+(?:no|number)|(?<![A-Z'’])(?:reg(?:istration|n)?|DL|DEA|NPI|GMC|NMC|HCPC|AHPRA|GDC|MCRN|IMC|MCI)(?:\s+(?:pin|reg))?)(?:\s+(?:no|number|#))?\.?" + _SEP + r"(?P<v>(?:[A-Z]{2,3}\s)?[A-Z]{0,6}\d[\dA-Z\-]{4,18})", hint="digit licence_word"),
    rule("form.mobile", "PHONE", rf"(?<![\d.])(?P<v>(?:(?:\+|00)?\(?86\)?[\s\-]?)?1[3-9]\d{_S}(?:\d{{4}}|[*×xX]{{4}}){_S}\d{{4}})(?!\d|[.]\d)", hint="digit long long9_or_masked", starts="run"),
    rule("form.mobile_spaced", "PHONE", r"(?<![\d.])(?P<v>1[\s\-]?[3-9](?:[\s\-]\d){9}|1[3-9]\d[\s\-]\d{3}[\s\-]\d{5}|1[3-9]\d{2}[\s\-]\d{3}[\s\-]\d{4}|1[3-9]\d{3}[\s\-]\d{3}[\s\-]\d{3}|1[3-9]\d[\s\-]\d{3}[\s\-]\d{3}[\s\-]\d{2})(?!\d)", hint="digit long long9", starts="run"),
    rule("form.mobile_numerals", "PHONE", r"(?<![〇零一二三四五六七八九幺])(?P<v>[一幺][三四五六七八九](?:[\s\-]?[〇零○一二三四五六七八九幺]){9})(?![〇零一二三四五六七八九幺])", hint="numerals"),
    rule("form.landline", "PHONE", r"(?<![\d.\-])(?P<v>(?:\+?86[\s\-]?)?(?:\(0\d{1,4}\)\s?|0\d{2,3}[\s\-]|0(?=[12]\d{9}(?!\d)|[3-9]\d{9,10}(?!\d))\d{2,3})(?:\d{3,4}[\s\-]?\d{4}|\d{4}\s\d{3})(?:\s?(?:转|ext\.?|x|-|分机)\s?\d{1,6})?)(?!\d)", hint="digit long long9", starts="run"),
    rule("form.service_number", "PHONE", r"(?<![\d.])(?P<v>[48]00[\s\-]\d{3,4}[\s\-]?\d{3,4}|400\d{7})(?!\d)", hint="digit long long9", starts="run"),
    rule("label.phone", "PHONE", r"(?:电话(?:号码)?|手机(?:号码?)?|座机|固话|联系方式|联系号码|热线|传真|分机|短号|小灵通|来电|拨打|致电)(?:\([^()]{0,8}\))?" + _SEP
         + r"(?P<v>\+?\d[\d\s\-()*]{4,18}\d(?:\s?(?:转|ext\.?|-|分机)\s?\d{1,6})?)(?!\d)", hint="digit cn_label"),
    rule("label.phone_en", "PHONE", r"(?<![A-Z])(?:tel(?:ephone)?|phone|cell(?:\s*phone)?|mob(?:ile)?|landline|ph(?=[.:\s])|(?:home|work)(?=[\s:]{1,2}[+(0])|fax(?:ed)?(?:\s+back)?(?:\s+to)?|pager|beeper|call(?:ed)?(?:\s+(?:back\s+)?(?:at|on))?|contact(?:\s+(?:no|number))?|reached?\s+(?:at|on)|ext(?:ension)?)\.?(?:\s+(?:no|number))?" + _SEP
         + r"(?P<v>\+?\(?\d[\d\s\-().]{3,18}\d(?:\s?(?:ext\.?|x)\s?\d{1,6})?)(?!\d)", _telephone, "digit phone_word"),
    rule("label.pager", "PHONE", r"(?<![A-Z])(?:pager|beeper|ext(?:ension)?)\.?" + _SEP + r"(?P<v>\d{4})(?![\d:])", hint="digit phone_word"),
    rule("label.inside_line", "PHONE", r"(?:分机|短号|小号|内线|电话)(?:号码?)?" + _SEP + r"(?P<v>(?!1(?:20|10|19|14|22)(?!\d))\d{3,6})(?![\d年月日次天.\-/:%])", hint="digit cn_label"),
    rule("label.bleep", "PHONE", r"(?<![A-Za-z])(?:[Bb]leep|BLEEP|[Dd]ect|DECT|[Vv]ocera)(?:\s(?:no|number))?\.?\s?[:#]?\s?(?P<v>\d{3,5})(?![\d:])", hint="digit bleep", flags=0),
    rule("form.phone_us", "PHONE", r"(?<![\d.\-/])(?P<v>(?:\+?1[\s.\-])?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[\s.\-])\d{3}[.\-]\d{4}(?:\s?(?:ext\.?|x)\s?\d{1,6})?)(?![\d/]|\.\d)", hint="digit long long9", starts="run"),
    rule("form.mobile_uk", "PHONE", r"(?<![\d.\-/])(?P<v>0[17]\d{3}[\s\-]?\d{3}[\s\-]?\d{3}|04\d{2}[\s\-]\d{3}[\s\-]\d{3}|01\s\d{3}\s\d{4}|02\d\s\d{4}\s\d{4}|[6-9]\d{4}[\s\-]\d{5})(?![\d/]|[.\-]\d)", hint="digit long long9", starts="run"),
    rule("form.phone_international", "PHONE", r"(?<![\d+])(?P<v>\+\d{1,3}(?:[\s\-]\(?\d{1,5}\)?){1,4}[\s\-]\d{2,8})(?!\d)", lambda v: sum(c.isdigit() for c in v) >= 9, "digit plus long", starts="run"),
    rule("form.plate", "PLATE", rf"(?P<v>[{_PLATE}][A-HJ-NP-Z]\s?[·•.\-]?\s?(?=[A-Z]{{0,4}}\d)[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳])(?![A-Z0-9])", hint="digit plate", flags=0),
    rule("label.plate", "PLATE", r"(?:车牌号?码?|牌照|licen[cs]e\s+plate|plate(?:\s+(?:no|number)))\.?" + _SEP + r"(?P<v>[\u4e00-\u9fff]?[A-Z0-9](?:[·•\- ]?[A-Z0-9]){3,9}(?![A-Z0-9]))", has_digit, "digit plate_label"),
    rule("label.vehicle", "PLATE", r"(?:(?<![A-Z])VIN(?:\s?(?:no|number|code))?|vehicle\s+id(?:entification)?(?:\s+(?:no|number))?|chassis(?:\s+(?:no|number))?|车架号码?|车辆识别(?:代号|代码|码|号)?|底盘号|大架号)\.?" + _SEP + r"(?P<v>(?=[A-Z\d\-\s]{0,20}\d)[A-HJ-NPR-Z\d](?:[\s\-]?[A-HJ-NPR-Z\d]){8,16})(?![A-Z\d])", _several, "digit vehicle_word"),
    rule("label.engine", "PLATE", r"(?:发动机号码?|engine\s+(?:no|number))\.?" + _SEP + r"(?P<v>[A-Z\d][A-Z\d\-]{5,14})(?![A-Z\d])", _several, "digit vehicle_word"),
    rule("form.vehicle", "PLATE", r"(?<![A-Z\d])(?P<v>[A-HJ-NPR-Z\d]{8}[\dX][A-HJ-NPR-Z\d]{4}\d{4})(?![A-Z\d])", vehicle_number_valid, "long_mixed", 0),
    rule("form.vehicle_near", "PLATE", r"(?:vehicle|car|truck|suv|van|motorcycle|sedan|trailer|bus|车)[^\n]{0,24}?(?<![A-Z\d])(?P<v>(?=[\d]{0,12}[A-Z])[A-HJ-NPR-Z\d]{12}\d{5})(?![A-Z\d])", _several, "long_mixed"),
    rule("label.plate_en", "PLATE", r"(?<![A-Za-z])(?:[Tt]ags?|TAG|[Cc]ar|[Vv]an|[Vv]ehicle|[Ll]orry|[Mm]otorbike|[Pp]lates?|PLATE|[Rr]ego?(?:istration)?)(?:\s+(?:no|number))?\.?\s?[:#]?\s?(?P<v>(?=[A-Z\-\s]{0,4}\d|\d[A-Z\d\-\s]{0,4}[A-Z])[A-Z\d]{1,4}[\-\s]?[A-Z\d]{2,5})(?![A-Za-z\d])", _plate, "digit plate_label_en", 0),
    rule("form.hong_kong_id", "IDCARD", r"(?<![A-Z\d])(?P<v>[A-Z]{1,2}\d{6}\s?\([\dA]\))", hint="digit capital long", flags=0),
    rule("form.macau_id", "IDCARD", r"(?<![\dA-Z/.\-])(?P<v>[157]/?\d{6}/?\(\d\)|784-?(?:19|20)\d\d-?\d{7}-?\d(?!\d)|\d{6}-\d\d-\d{4}(?![\d\-]))", hint="digit long", flags=0),
    rule("form.taiwan_id", "IDCARD", r"(?<![A-Z\d])(?P<v>[A-Z][1289A-D]\d{8})(?![A-Z\d])", taiwan_id_valid, hint="digit capital long", flags=0),
    rule("label.taiwan_id", "IDCARD", r"身[份分]证(?:统一编号|字号|号码?)?\s?:?\s?(?P<v>[A-Z][1289A-D]\d{8})(?!\d)", hint="digit capital long", flags=0),
    rule("form.singapore_id", "IDCARD", r"(?<![A-Za-z\d])(?P<v>[STFGM]\d{7}[A-Z]|[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?(?:\d\d\s?){3}[A-D])(?![A-Z\d])", hint="digit capital long", flags=0),
    rule("form.permanent_residence", "IDCARD", r"(?<![A-Za-z\d])(?P<v>[A-Z]{3}(?:\d{12}|\d{9}|\d{7})|[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z])(?![\dA-Z]|-\d)", hint="digit capital", flags=0),
    rule("label.insurance_number", "ACCT", r"(?:社保|医保|农合|公积金|参保)(?:个人|电脑|人员)?(?:号码|编号|账号|电脑号|识别号|号)" + _SEP + r"(?P<v>[A-Z]{0,3}\d[\dA-Z]{5,19})", hint="digit cn_label", flags=0),
    rule("form.bed_numerals", "MRN", r"(?<![一二三四五六七八九十几每共第有近约增设百零余床])(?P<v>[二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九](?=床(?:患|病人|家属|诉|夜间|昨|呼叫|今|说)))(?=床(?![日位旁单头边垫栏次以均]|规模))", flags=0),
    rule("label.handset", "OTHER", r"(?:IMEI|MEID|ICCID|IMSI)(?:\s?(?:码|号|no|number))?" + _SEP + r"(?P<v>\d(?:[\s\-/]?\d){13,19})(?!\d)", hint="digit handset", flags=0),
    rule("label.mrn_spaced", "MRN", r"(?<![A-Za-z])(?:MRN|CHI|(?:[Hh]ospital|[Hh]osp|[Pp]atient|[Uu]nit|[Rr]ecord|[Cc]hart)\.?\s(?:[Nn]umber|[Nn]o|ID)|CHI\s(?:[Nn]umber|[Nn]o)|[Hh]osp(?=:))\.?\s?[:#]?\s?(?P<v>[A-Z]{0,3}\s?\d{1,8}(?:[\s\-]\d{2,6}){0,4})(?![\dA-Za-z]|[./]\d)", _four, hint="digit record_word", flags=0),
    rule("label.mrn_bare", "MRN", r"(?:病案|病历|扫描号?|影像|门诊|住院)\s?[::]?\s?(?P<v>[A-Z]{1,3}\d{5,12})(?![A-Za-z\d])", hint="digit capital", flags=0),
    rule("label.band", "MRN", r"(?<![A-Za-z])(?:(?:ID\s?|[Ww]rist\s?|[Nn]ame\s)(?:[Bb]and|[Bb]racelet|BAND)|ID)\s?(?:[Nn]o|NO|[Nn]umber|#)?\.?\s?:?\s?(?P<v>[A-Z]{0,3}-?\d{5,12}(?:-\d{1,3})?)(?![A-Za-z\d])", hint="digit band_word", flags=0),
    rule("label.bank_branch", "BANK", r"(?<![A-Za-z])(?:BSB|[Ss]ort\s[Cc]ode)(?:\s?(?:[Nn]o|[Nn]umber|#))?\.?\s?:?\s?(?P<v>\d{2,3}[\s\-]?\d{2,3}(?:[\s\-]?\d{2})?(?:[,;]?\s(?:[Aa]cc(?:oun)?t|[Aa]/[Cc])\.?(?:\s(?:[Nn]o|[Nn]umber))?\.?:?\s\d[\d\s\-]{4,12}\d)?)(?![\d])", None, hint="digit account_word", flags=0),
    rule("label.policy_spaced", "ACCT", r"(?<![A-Za-z])(?:[Pp]olicy|[Mm]edicare|[Mm]edicaid|[Mm]ember|[Cc]ertificate|[Gg]roup|[Aa]ccount|[Aa]cct|IHI|[Aa]adhaar|AADHAAR|ABHA|CNIC)(?:\s?(?:[Nn]o|[Nn]umber|ID|[Cc]ard|#))?\.?\s?:?\s?(?P<v>(?:[A-Z]{1,4}\s?)?\d{2,6}(?:[\s\-]\d{1,7}){1,4})(?![\dA-Za-z]|[./]\d|%)", lambda v: sum(c.isdigit() for c in v) >= 6, hint="digit account_word", flags=0),
    rule("label.policy_bare", "ACCT", r"(?<![A-Za-z])(?:[Pp]olicy|[Cc]laim|[Mm]ember|[Gg]roup|[Gg]rp|DVA|[Mm]edica(?:re|id))\s?:?\s(?P<v>[A-Z]{1,4}-?\d{3,}(?:-[A-Z\d]+)*[A-Z]?|(?:(?<=roup\s)|(?<=rp\s))\d{5,}(?:-\d{1,3})?)(?![A-Za-z\d])", hint="digit account_word", flags=0),
    rule("label.hash", "ACCT", r"(?<![A-Za-z])(?:[Vv]isit|[Ee]ncounter|[Cc]laim|[Pp]olicy|[Mm]ember|[Gg]roup|[Ii]nvoice|[Aa]cct|[Aa]ccount|[Oo]rder|[Ff]ile|[Rr]ef(?:erence)?|[Rr]eferral|[Aa]uth(?:orization)?|[Cc]onfirmation|[Tt]icket|[Rr]eceipt|[Aa]rmy|[Ss]ervice|[Pp]rison(?:er)?|[Oo]ffender|[Ss]tudent|[Ss]taff|[Ii]ncident|[Cc]rime|[Bb]ooking|CAD|LanguageLine)\s?(?:#|[Nn]o\.?|[Nn]umber|[Rr]ef)\s?:?\s?" + _VALUE + r"(?![A-Z0-9])", _four, hint="digit hash_word", flags=0),
    rule("label.number", "MRN", r"(?<![A-Za-z])(?<![Pp]art\s)(?<!odel\s)(?<!alog\s)(?<!ogue\s)(?<!rsion\s)(?<!atch\s)(?<!tem\s)(?<!ot\s)(?:[Nn]o|NO|[Nn]r|[Nn]umber|NUMBER|[Rr]ef(?:erence)?|REF)\.?\s?[:#]?\s?(?P<v>[A-Z]{0,4}[\-/]?\d[A-Z\d]*(?:[\-/][A-Z\d]+){0,3})(?![A-Za-z\d%]|[.,]\d|\s?(?:m[lgm]|mcg|cm|kg|units?|copies|cells|IU)\b)", _reference, hint="digit number_word", flags=0),
    rule("form.surgical_number", "MRN", r"(?<![A-Z\d\-/])(?P<v>(?:SP?|NP|CY|BM|HP|GP?|FN|AU?|SU|PS)\d{2}-\d{4,7})(?![\d\-])", hint="digit capital", flags=0),
    rule("label.laboratory", "MRN", r"(?<![A-Za-z])(?:[Ll]ab(?:oratory)?|LAB|[Hh]isto(?:logy)?|[Cc]yto(?:logy)?|[Pp]ath(?:ology)?|[Ss]pec|[Ss]ample|[Ss]pecimen|SPECIMEN|[Bb]arcode|BARCODE|[Ss]lide|[Bb]lock|[Ee]xam|[Ff]ilm|[Rr]equest)\s?(?:ID|[Nn]o|NO|[Nn]umber|#|[Rr]ef)?\.?\s?:?\s?(?P<v>[A-Z]{0,3}\d{6,14}|[A-Z]{1,3}-?\d{2,6}-\d{3,7}|\d{2}[A-Z]{1,3}[/\-]?\d{3,7}|[A-Z],\d\d\.\d{5,7}\.[A-Z]|\d{2}:[A-Z]{1,3}\d{5,8}[A-Z]?)(?![\dA-Za-z]|[.\-/]\d)", hint="digit laboratory_word", flags=0),
    rule("label.phone_ring", "PHONE", r"(?<![A-Za-z])(?:[Rr]ing|[Tt]ext|[Cc]all|[Pp]hone|[Rr]each|[Cc]ontact|[Ww]hats[Aa]pp)(?:ed)?\s(?:(?:him|her|them|me|us|back|(?:the\s)?(?:ward|clinic|family|daughter|son|wife|husband))\s)?(?:on|at)\s(?P<v>\+?\d[\d\s\-()]{5,18}\d)(?![\d/:])", lambda v: 7 <= sum(c.isdigit() for c in v) <= 15, hint="digit ring_word long", flags=0),
    rule("form.postcode_uk", "ZIP", r"(?<![A-Za-z\d/\-])(?P<v>(?:[A-PR-UWYZ]\d[A-HJKPSTUW\d]?|[A-PR-UWYZ][A-HK-Y]\d[\dABEHMNPRV-Y]?)\s\d[ABD-HJLNP-UW-Z]{2}|[AC-FHKNPRTV-Y]\d[\dW]\s(?=\d{0,3}[A-Z])(?=[A-Z]{0,3}\d)[\dAC-FHKNPRTV-Y]{4}|(?:NSW|VIC|QLD|TAS|ACT)\s\d{4})(?![A-Za-z\d])", lambda v: v[-2:] not in ("ND", "RD", "TH", "ST", "MG", "PM", "AM", "YO", "HR"), hint="digit capital", flags=0),
    rule("label.zip", "ZIP", r"(?:邮编|邮政编码|zip(?:\s?code)?|postal\s?code)" + _SEP + r"(?P<v>\d{5,6}(?:-\d{4})?)(?!\d)", hint="digit zip_word"),
    rule("form.zip_us", "ZIP", r"(?<=[ ,](?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]))[ ,]{1,2}(?P<v>\d{5}(?:-\d{4})?)(?!\d)", hint="digit state_zip", flags=0),
    rule("form.number_after_capitals", "MRN", r"(?<![A-Za-z\d])(?<=[A-Z]{3}\s)(?P<v>(?!(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))\d{8,12})(?![\d./%\-]|\s?(?:copies|cop|IU|U\b|cells|cfu|CFU|ml|mL|mg|x))", hint="digit capital long", flags=0, starts="run"),
    rule("form.device_serial", "OTHER", r"(?:序列号|设备号|出厂编号|S/?N|host(?:name)?|workstation|AE\s?title|serial(?:\s+(?:no|number))?|lot(?:\s+(?:no|number))|MAC(?:\s?地址|\s?address)?)\.?" + _SEP + r"(?P<v>(?=[A-Z\-:]{0,12}\d)[A-Z0-9][A-Z0-9\-:]{5,24}(?:\s\d{3}(?![\d.%]|\s?(?:m[lgm]|cm|cc)))?)", hint="digit serial_word"),
)
