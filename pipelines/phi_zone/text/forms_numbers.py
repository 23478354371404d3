# ruff: noqa: E501 - patterns and word lists are data: a line is one of them, whole

"""Numbers and addresses on the net, by form and by label, in Chinese and English.

No `\\b`: in Python 3 a Chinese character is a word character, so a boundary never fires between it and a digit.
Labelled rules take the value even when its check digit is wrong; unlabelled ones need the form itself to be telling.
"""
from __future__ import annotations

import re

from pipelines.phi_zone.text.rules import Rule, has_digit, luhn, rule, vehicle_number_valid

_SEP = r"\s{0,3}(?:[::#=]|\b(?:is|was)\b|是|为|No\.?|number|号码?|编号)?\s{0,3}[::#=]?\s{0,3}"
_S = r"[\s\-.]?"
_VALUE = r"(?P<v>[A-Z]{0,6}[\-_/]?\d[A-Z0-9]*(?:[\-_/][A-Z0-9]+){0,4})"
_PLATE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

_MRN_CN = ("住院号|住院流水号|住院登记号|门诊号|门急诊号|急诊号|病历号|病案号|病人号|患者编号|患者ID|病人ID|登记号|检查号|检查编号|检查流水号|影像号|影像编号|放射号|放射编号|"
           "病理号|病理编号|切片号|蜡块号|标本号|标本编号|条码号|条形码|医保卡号|医保号|医保编号|社保卡号|社保号|医疗证号|就诊卡号|就诊号|诊疗卡号|健康卡号|电子健康卡|个人编号|工号|医师编号|床号|床位号?|"
           "申请单号|申请单编号|申请号|流水号|CT号|MRI?号|MR编号|X线号|X光号|片号|超声号|内镜号|胃镜号|心电号|心电图号|手术编号|试验编号|入组号|受试者编号|随访编号|档案号|档案编号|建档号|体检号|体检编号|保健号|报告编号|报告单号|单号|编号|处方号|发票号|收据号")
_MRN_EN = (r"MRN|M\.R\.N\.|MR\s?#|med(?:ical)?\.?\s+rec(?:ord)?\.?(?:\s+(?:no|num|number|id))?|hospital\s+(?:no|number|id)|patient\s+(?:id|identifier|number|no)|"
           r"chart(?:\s+(?:no|number|id))?|unit\s+(?:no|number)|accession(?:\s+(?:no|number))?|acc(?:ession)?\s?#|encounter(?:\s+(?:no|number|id))|visit\s+(?:no|number|id)|"
           r"specimen(?:\s+(?:no|number|id))|case\s+(?:no|number)|study\s+id|badge(?:\s+(?:no|number))?|employee\s+(?:id|no|number)|CSN|FIN|HAR|UHID|NHS(?:\s+(?:no|number))?|bed(?:\s+(?:no|number))")
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


def _plate(value: str) -> bool:
    return has_digit(value) and any(char.isalpha() for char in value) and 5 <= sum(char.isalnum() for char in value) <= 8


NUMBER_RULES: tuple[Rule, ...] = (
    rule("form.email", "EMAIL", r"(?<![A-Z0-9._%+\-])[A-Z0-9][A-Z0-9._%+\-]{0,63}\s?@\s?[A-Z0-9][A-Z0-9\-]*(?:\.[A-Z0-9][A-Z0-9\-]*|\s?\.\s?(?:com|org|net|edu|gov|cn|hk|tw|uk|example|invalid|test|co|io)(?![A-Z0-9]))+", hint="at"),
    rule("form.url", "URL", r"(?:https?|ftp)://[^\s<>\"'，。；、\u4e00-\u9fff]+|(?<![A-Z0-9.@])www\.[A-Z0-9\-]+(?:\.[A-Z0-9\-]+)+(?:/[^\s<>\"'，。；、\u4e00-\u9fff]*)?", hint="web"),
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
    rule("form.passport", "PASSPORT", r"(?<![A-Z0-9])(?P<v>[EGDSP]\d{8}|E[A-Z]\d{7}|[DSP]E\d{7}|[HMC]\d{10}|H\d{8})(?![A-Z0-9])", hint="digit long", flags=0),
    rule("label.ssn", "SSN", r"(?:SSN|social\s+security(?:\s+(?:no|number))?)\.?" + _SEP + r"(?P<v>(?:\d|[X*](?=[X*\d\-])){3}[\s\-]?[\dX*]{2}[\s\-]?\d{4})(?!\d)", hint="digit ssn_word"),
    rule("label.ssn_end", "SSN", r"(?:ssn|social)(?:\s+security)?(?:\s+(?:no|number))?\s?(?:,|-)?\s?(?:ending(?:\s+in)?|ends\s+in|last\s+(?:4|four)(?:\s+digits)?)" + _SEP + r"(?P<v>\d{4})(?!\d)", hint="digit ssn_word"),
    rule("label.ssn_last", "SSN", r"last\s+(?:4|four)(?:\s+digits)?(?:\s+of)?(?:\s+(?:her|his|their|the|patient's|pt's))?\s+(?:ssn|social)(?:\s+security)?(?:\s+(?:no|number))?" + _SEP + r"(?P<v>\d{4})(?!\d)", hint="digit ssn_word"),
    rule("form.ssn", "SSN", r"(?<![\d\-])(?P<v>\d{3}-\d{2}-\d{4})(?![\d\-])", hint="digit long ssn", starts="run"),
    rule("label.bank", "BANK", r"(?:银行卡号?|银行账号|卡号|储蓄卡|信用卡|借记卡|credit\s+card|debit\s+card|card\s+(?:no|number)|IBAN|bank\s+account(?:\s+(?:no|number))?)\.?[\u4e00-\u9fff]{0,4}" + _SEP
         + r"(?P<v>[A-Z]{0,2}\d(?:[\s\-]?[\d*]){9,22})(?!\d)", hint="digit bank_word"),
    rule("form.bank", "BANK", r"(?<![\dA-Z.\-])(?P<v>[3-6]\d{3}(?:[\s\-]?\d{4}){2}[\s\-]?\d{3,4}(?:[\s\-]?\d{3})?)(?![\dA-Z]|[.\-]\d)",
         lambda v: (luhn(v) or v.count(" ") + v.count("-") >= 3) and 15 <= sum(c.isdigit() for c in v) <= 19, "digit long long15", starts="run"),
    rule("label.card", "MRN", r"(?:社保卡|医保卡|市民卡|就诊卡|诊疗卡|健康卡)(?:号码?)?" + _SEP + r"(?P<v>[A-Z]{0,2}\d(?:[\s\-]?\d){7,22})(?!\d)", hint="digit cn_label"),
    rule("label.mrn", "MRN", rf"(?:{_MRN_CN})" + _SEP + r"(?:\([^()]{0,12}\))?" + _VALUE + r"(?:床)?", _enough, "digit cn_label"),
    rule("form.bed", "MRN", r"(?<![\d.,每张共有余设近约\-/×x*])(?P<v>(?:[+加])?\d{1,3})\s?床(?!日|位|旁|单|头|边|垫|栏|次|以|均|规模|医院|综合|的规模)", lambda v: 0 < int(re.sub(r"\D", "", v)) < 200, "digit bed"),
    rule("label.bed", "MRN", r"(?:床号|床位)" + _SEP + r"(?P<v>[+加]?\d{1,4}(?:-\d{1,2})?床?)", hint="digit cn_label"),
    rule("label.mrn_en", "MRN", rf"(?<![A-Z])(?:{_MRN_EN})\.?" + _SEP + _VALUE + r"(?![A-Z0-9])", _four, "digit record_word"),
    rule("label.account_en", "ACCT", rf"(?<![A-Z])(?:{_ACCT_EN})\.?" + _SEP + _VALUE + r"(?![A-Z0-9])", _four, "digit account_word"),
    rule("label.account", "ACCT", r"(?:账号|帐号|账户|保单号|保险单号|支付宝(?:账号|号)?)" + _SEP + r"(?P<v>[A-Z]{0,4}\d[\dA-Z\-]{4,24})", hint="digit cn_label"),
    rule("label.chat", "ACCT", r"(?:微信号?|威信|薇信|V信|(?<![A-Z])VX|wechat(?:\s+id)?|weixin|微博|抖音号?|小红书号?|快手号?|whatsapp|telegram)" + _SEP + r"(?P<v>@?(?=[A-Z_\-]{0,19}[\d_\-]|[A-Z]{6})[A-Z][A-Z0-9_\-]{5,19}|1[3-9]\d{9}|wxid_[a-z0-9]+)", hint="chat"),
    rule("label.qq", "ACCT", r"(?:QQ|扣扣|企鹅|Q号)(?:号码?)?" + _SEP + r"(?P<v>[1-9]\d{4,10})(?!\d)", hint="digit qq_word"),
    rule("label.handle", "ACCT", r"(?:instagram|insta|twitter|tiktok|facebook|snapchat|linkedin|handle|wechat|account)(?:\s+(?:as|handle|is|at|page|name|account))*\s?:?\s?(?P<v>@[A-Z0-9_.]{2,29}[A-Z0-9_])", hint="at"),
    rule("label.username", "ACCT", r"(?:user\s?name|user\s?id|log[\s\-]?in(?:\s+(?:id|name))?|screen\s+name)" + _SEP + r"(?P<v>(?=[A-Z._\-]{0,24}\d)[A-Z][A-Z0-9._\-]{3,29})(?![A-Z0-9@])", hint="digit user_word"),
    rule("label.licence", "ACCT", r"(?:驾驶证号?|驾照号?|driver'?s?\s+licen[cs]e|licen[cs]e\s+(?:no|number)|DL|DEA|NPI)(?:\s+(?:no|number|#))?\.?" + _SEP + r"(?P<v>[A-Z]{0,2}\d[\dA-Z\-]{4,18})", hint="digit licence_word"),
    rule("form.mobile", "PHONE", rf"(?<![\d.])(?P<v>(?:(?:\+|00)?\(?86\)?[\s\-]?)?1[3-9]\d{_S}(?:\d{{4}}|[*×xX]{{4}}){_S}\d{{4}})(?!\d|[.]\d)", hint="digit long long9_or_masked", starts="run"),
    rule("form.mobile_spaced", "PHONE", r"(?<![\d.])(?P<v>1[\s\-]?[3-9](?:[\s\-]\d){9}|1[3-9]\d[\s\-]\d{3}[\s\-]\d{5}|1[3-9]\d{2}[\s\-]\d{3}[\s\-]\d{4}|1[3-9]\d{3}[\s\-]\d{3}[\s\-]\d{3}|1[3-9]\d[\s\-]\d{3}[\s\-]\d{3}[\s\-]\d{2})(?!\d)", hint="digit long long9", starts="run"),
    rule("form.landline", "PHONE", r"(?<![\d.\-])(?P<v>(?:\+?86[\s\-]?)?(?:\(0\d{2,3}\)\s?|0\d{2,3}[\s\-]|0(?=[12]\d{9}(?!\d)|[3-9]\d{9,10}(?!\d))\d{2,3})\d{3,4}[\s\-]?\d{4}(?:\s?(?:转|ext\.?|x|-|分机)\s?\d{1,6})?)(?!\d)", hint="digit long long9", starts="run"),
    rule("form.service_number", "PHONE", r"(?<![\d.])(?P<v>[48]00[\s\-]\d{3,4}[\s\-]?\d{3,4}|400\d{7})(?!\d)", hint="digit long long9", starts="run"),
    rule("label.phone", "PHONE", r"(?:电话(?:号码)?|手机(?:号码?)?|座机|固话|联系方式|联系号码|热线|传真|分机|短号|小灵通|来电|拨打|致电)(?:\([^()]{0,8}\))?" + _SEP
         + r"(?P<v>\+?\d[\d\s\-()*]{4,18}\d(?:\s?(?:转|ext\.?|-|分机)\s?\d{1,6})?)(?!\d)", hint="digit cn_label"),
    rule("label.phone_en", "PHONE", r"(?<![A-Z])(?:tel(?:ephone)?|phone|cell(?:\s*phone)?|mobile|fax|pager|beeper|call(?:ed)?(?:\s+(?:back\s+)?(?:at|on))?|contact(?:\s+(?:no|number))?|reached?\s+(?:at|on)|ext(?:ension)?)\.?(?:\s+(?:no|number))?" + _SEP
         + r"(?P<v>\+?\(?\d[\d\s\-().]{3,18}\d(?:\s?(?:ext\.?|x)\s?\d{1,6})?)(?!\d)", lambda v: 4 <= sum(c.isdigit() for c in v) <= 17, "digit phone_word"),
    rule("label.pager", "PHONE", r"(?<![A-Z])(?:pager|beeper|ext(?:ension)?)\.?" + _SEP + r"(?P<v>\d{4})(?![\d:])", hint="digit phone_word"),
    rule("form.phone_us", "PHONE", r"(?<![\d.\-/])(?P<v>(?:\+?1[\s.\-])?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[\s.\-])\d{3}[.\-]\d{4}(?:\s?(?:ext\.?|x)\s?\d{1,6})?)(?![\d/]|\.\d)", hint="digit long long9", starts="run"),
    rule("form.phone_international", "PHONE", r"(?<![\d+])(?P<v>\+\d{1,3}(?:[\s\-]\(?\d{1,4}\)?){1,4}[\s\-]\d{2,8})(?!\d)", lambda v: sum(c.isdigit() for c in v) >= 9, "digit plus long", starts="run"),
    rule("form.plate", "PLATE", rf"(?P<v>[{_PLATE}][A-HJ-NP-Z]\s?[·•.\-]?\s?(?=[A-Z]{{0,4}}\d)[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳])(?![A-Z0-9])", hint="digit plate", flags=0),
    rule("label.plate", "PLATE", r"(?:车牌号?码?|牌照|licen[cs]e\s+plate|plate(?:\s+(?:no|number)))\.?" + _SEP + r"(?P<v>[\u4e00-\u9fff]?[A-Z0-9][A-Z0-9·•\- ]{3,8}[A-Z0-9])", has_digit, "digit plate_label"),
    rule("label.vehicle", "PLATE", r"(?:(?<![A-Z])VIN(?:\s?(?:no|number|code))?|vehicle\s+id(?:entification)?(?:\s+(?:no|number))?|chassis(?:\s+(?:no|number))?|车架号码?|车辆识别(?:代号|代码|码|号)?|底盘号|大架号)\.?" + _SEP + r"(?P<v>(?=[A-Z\d\-\s]{0,20}\d)[A-HJ-NPR-Z\d](?:[\s\-]?[A-HJ-NPR-Z\d]){8,16})(?![A-Z\d])", _several, "digit vehicle_word"),
    rule("label.engine", "PLATE", r"(?:发动机号码?|engine\s+(?:no|number))\.?" + _SEP + r"(?P<v>[A-Z\d][A-Z\d\-]{5,14})(?![A-Z\d])", _several, "digit vehicle_word"),
    rule("form.vehicle", "PLATE", r"(?<![A-Z\d])(?P<v>[A-HJ-NPR-Z\d]{8}[\dX][A-HJ-NPR-Z\d]{4}\d{4})(?![A-Z\d])", vehicle_number_valid, "long_mixed", 0),
    rule("form.vehicle_near", "PLATE", r"(?:vehicle|car|truck|suv|van|motorcycle|sedan|trailer|bus|车)[^\n]{0,24}?(?<![A-Z\d])(?P<v>(?=[\d]{0,12}[A-Z])[A-HJ-NPR-Z\d]{12}\d{5})(?![A-Z\d])", _several, "long_mixed"),
    rule("label.plate_en", "PLATE", r"(?<![A-Za-z])(?:[Tt]ags?|TAG|[Pp]lates?|PLATE|[Rr]eg(?:istration)?)(?:\s+(?:no|number))?\.?\s?[:#]?\s?(?P<v>(?=[A-Z\-\s]{0,4}\d|\d[A-Z\d\-\s]{0,4}[A-Z])[A-Z\d]{1,4}[\-\s]?[A-Z\d]{2,5})(?![A-Za-z\d])", _plate, "digit plate_label_en", 0),
    rule("label.zip", "ZIP", r"(?:邮编|邮政编码|zip(?:\s?code)?|postal\s?code)" + _SEP + r"(?P<v>\d{5,6}(?:-\d{4})?)(?!\d)", hint="digit zip_word"),
    rule("form.zip_us", "ZIP", r"(?<=[ ,](?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]))[ ,]{1,2}(?P<v>\d{5}(?:-\d{4})?)(?!\d)", hint="digit", flags=0),
    rule("form.device_serial", "OTHER", r"(?:序列号|设备号|S/?N|serial(?:\s+(?:no|number))|MAC)\.?" + _SEP + r"(?P<v>(?=[A-Z\-:]{0,12}\d)[A-Z0-9][A-Z0-9\-:]{5,24})", hint="digit serial_word"),
)
