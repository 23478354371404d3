# ruff: noqa: E501 - patterns and word lists are data: a line is one of them, whole

"""Names of persons by label, title and form, Chinese and English, without knowing the person."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.gate_words import SURNAME_PINYIN
from pipelines.phi_zone.text.gates import KIN, TITLES
from pipelines.phi_zone.text.name_rows import HEADINGS, gazetteer_en, known_given, pair_en, tokens_en
from pipelines.phi_zone.text.names_cn import (
    WORDLIKE,
    compound,
    described,
    duty,
    familiar,
    kin_has,
    kin_named,
    kinship,
    masked,
    plausible_label,
    plausible_name_cn,
    plausible_title,
    surname,
    today,
)
from pipelines.phi_zone.text.rules import Rule, rule

_C = r"\u4e00-\u9fff"
_LABEL = ("患者姓名|病人姓名|姓名|患者|病人|产妇|新生儿|患儿|家属|联系人|紧急联系人|监护人|陪护人?|委托人|代理人|受托人|签字人|签名|签字|签署|"
          "报告医[师生]|审核医[师生]|检查医[师生]|诊断医[师生]|申请医[师生]|主治医[师生]|主管医[师生]|经治医[师生]|管床医[师生]|责任医[师生]|住院医[师生]|手术医[师生]|麻醉医[师生]|书写医[师生]|记录医[师生]|值班医[师生]|会诊医[师生]|送检医[师生]|接诊医[师生]|首诊医[师生]|上级医[师生]|医[师生]签名|医[师生]|"
          "主刀|术者|助手|一助|二助|第一助手|第二助手|麻醉者|器械护士|巡回护士|责任护士|护士签名|护士|技师|操作者|操作技师|扫描技师|记录者|记录人|报告者|报告人|审核者|审核人|复核者|复核人|核对者|核对人|录入者|录入人|书写者|检查者|穿刺者|申请人|接收人|送检人|父亲|母亲|丈夫|妻子|配偶|儿子|女儿|父|母|夫|妻|子|女|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆|舅舅|叔叔|阿姨|朋友|同事|邻居|曾用名|主诊|主管|负责人|鉴定人|见证人|经办人|导师|作者|关系人|主任|取材|制片|包埋|复片|阅片人?|阅片|读片人?|摄片|投照|采样人?|采集人|汇报人|主持人?|参加人员?|转介医生|转诊医生|家庭医生|社区医生|带教老师|带教|规培生|实习生|配药|发药|调配|收件人|寄件人|报案人|收件|寄件|目击者|陪同人|列席(?:人员)?|出席(?:人员)?|缺席(?:人员)?|参会(?:人员)?|到会|与会(?:人员)?|参与人|在场人员?|讨论人员?|发言人?|腕带|床头卡|手环|胸牌|身份核对|核对姓名|签约(?:居民|对象|人)?|服务对象|随访对象|受访者|救助对象|求助者|来访者|咨询者|当事人|驾驶员|肇事者|肇事司机|车主|供血者|献血者|捐献者|法定代理人|投诉人|反映人|来电人|报修人|验收人|保管人|领取人|领用人|交班人?|接班人?|巡视者|责护|责任人|联络员|主检|总检|初检|复检|终检|主讲人?|学员|病史陈述者|陈述者|陈述人|供史者|病史提供者|代诉人|代述人|担保人|保证人|被告知人|谈话人|宣教人|宣教者|配血者|输血者|采血者|抽血者|注射者|接种者|预检|分诊|导诊员|出诊医生|出诊护士|随车医生|随车护士|担架员|调度员|接警人|呼救人|报警人|审方|调剂|核发|(?:审方|复核|调剂|值班)?药师|营养师|康复师|治疗师|咨询师|检验师|校医|村医|调解员|翻译员|接线员|登记员|录入员|质控员|陪同人|接诊人|送诊人|经手人|陪检人|护理员|社工|志愿者|收款人|户名|开户名|联系人及电话|联系人/电话|家属及电话|投保人|被保险人|受益人|被鉴定人|受检者|受检人|体检者|伤者|死者|逝者|翻译|抄送|" r"姓\s{1,4}名")
@cache
def name_rules() -> tuple[Rule, ...]:
    s = surname()
    ethnic = rf"[{_C}]{{2,6}}(?:[·•.][{_C}]{{1,8}}){{1,3}}"
    given = rf"(?:\s{{0,2}}[{_C}]){{1,2}}"
    return (
        rule("form.name_dotted", "NAME", rf"(?P<v>{ethnic.replace('.', '')})", None, "cjk dot"),
        rule("label.name", "NAME", rf"(?:{_LABEL})(?:\s?[((][^()()]{{0,6}}[))])?\s{{0,2}}[::】\]]\s{{0,3}}(?P<v>{ethnic}|{s}[{_C}]{{1,3}}(?=性别|年龄|科室|床号|住院号|病区|单位|电话|男|女)|(?<=[名人字偶亲][::】\]])[{_C}]{{5,6}}(?=[,\s;。、)(/]|$)|{s}{given}(?![{_C}])|{s}\s?[{_C}]{{1,2}}|[{_C}]{{2,4}}(?=[,\s;。、)(/]|$))", plausible_label, "cjk colon"),
        rule("label.name_latin", "NAME", rf"(?:{_LABEL})\s?[::]\s?(?P<v>[A-Z][A-Za-z'’\-]+(?:[\s,·^.]{{1,2}}[A-Z][A-Za-z'’\-]*){{0,3}})", None, "capital labelled_capital", 0),
        rule("label.name_plain", "NAME", rf"(?:姓名|名字叫|名叫|叫做|患者姓名|曾用名|化名|署名)\s{{0,2}}(?P<v>{s}[{_C}]{{1,2}})", plausible_name_cn, "cjk plain_label"),
        rule("form.name_kin", "NAME", rf"(?:{KIN})(?P<v>{s}[{_C}]{{1,2}}?)(?=[,,。;;、\s((]|$|陪|代|替|签|诉|来|及|在|电|的|说|表|同|要|拒|于|为|已|反|告|补|办|联|手机|患|体|身)(?<!来电)", kin_named, "cjk kin_cn"),
        rule("form.name_title", "NAME", rf"(?<![值主住外内儿妇麻放病检责门急实进见研随])(?P<v>{s}[{_C}]{{0,2}})(?=(?:{TITLES}))", plausible_title, "cjk title"),
        rule("form.name_kinship", "NAME", rf"(?:(?<![{_C}])|(?<=[隔壁床跟和与给找叫请问让是听帮陪被把对替嘱喊扶带送下了的位个室房科居事邻友戚电]))(?P<v>(?:[老小阿])?{s})(?=(?:{_KINSHIP}))", kinship, "cjk kinship"),
        rule("form.name_role", "NAME", rf"(?:{_ROLES})(?P<v>(?:{'|'.join(sorted(words.compound_surnames_cn()))})[{_C}]{{1,2}}|{s}[{_C}]{{2}}|{s}[{_C}])(?=[,;。、\s)(]|$|书写|签字|签名|审签|按手印|打来|留言|到场|代述|阅过)", plausible_name_cn, "cjk role"),
        rule("form.name_compound", "NAME", rf"(?<![{_C}])(?P<v>(?:{'|'.join(sorted(words.compound_surnames_cn() - WORDLIKE))})[{_C}]{{1,2}})", compound, "cjk compound"),
        rule("form.name_familiar", "NAME", rf"(?:(?<![{_C}])|(?<=护工)|(?<=保姆)|(?<=邻居)|(?<=同事)|(?<=患者)|(?<=家属)|(?<=病友))(?P<v>(?:老|小|阿){s})(?=[,,。;;\s]|$|的|陪|护|送|代|帮|说|诉|来|在|家|师傅|今|昨|于|因|与|和|患|自|又|还|就|没|不|也|已|把|被|跟|给|头|妈|爸|爷|奶|两|总|突|媳|问|老婆|老公|闺女|女儿|儿子)", familiar, "cjk familiar"),
        rule("form.name_masked", "NAME", rf"(?P<v>{s}(?:某某?|[*×○](?:[*×○]|[{_C}])?|[xX]{{1,2}}(?![A-Za-z\d]))(?:[{_C}](?=[,,。\s]|$))?)", masked, "cjk mask"),
        rule("form.name_pinyin", "NAME", r"(?<![A-Za-z])(?P<v>[A-Z][A-Za-z]{1,9}[\s,]{1,2}[A-Z][A-Za-z\-']{1,11})(?![A-Za-z])", pinyin_name, "pinyin two_capitals", 0, "pair"),
        rule("form.name_descent", "NAME", rf"(?P<v>{s}[{_C}]{{1,2}})之(?=[子女父母夫妻儿妹弟兄姐婴])", plausible_name_cn, "cjk descent"),
        rule("form.name_sex_age", "NAME", rf"(?:^|[,。;:、|\s])(?P<v>{s}[{_C}]{{1,2}})(?=[,、|\s]{{1,2}}(?:男|女)(?:性|童|婴)?[,、|\s]|[,|]\s?\d{{1,3}}岁|\s\d{{1,3}}岁|[((](?:男|女|\d{{1,3}}岁|住院号|ID|身份证|电话))", plausible_name_cn, "cjk sex_age"),
        rule("form.name_descended", "NAME", rf"(?:^|[,。;:\s])(?P<v>{s}[{_C}]{{1,2}})(?=[,、\s]{{1,2}}[{_C}]{{1,4}}[族籍](?:[,。;、\s]|$))", described, "cjk", 0),
        rule("form.name_kin_of", "NAME", rf"之(?:夫|妻|父|母|兄|弟|姐|妹|子|女|婿|媳|叔|侄)(?P<v>{s}[{_C}]{{1,2}})(?=称|诉|代|陪|签|述|来|反映|表示|要求|,|。|\()", lambda value: value[0] != "来" and plausible_name_cn(value), "cjk descent", 0),
        rule("form.name_kin_has", "NAME", rf"(?:{KIN})(?P<v>{s}[{_C}]{{2}})(?=有|称|曾|患|现|死|去世|生前|否|带|抱|送|回忆|已|确诊|健在|因)", kin_has, "cjk kin_cn", 0),
        rule("label.doctor_single_en", "NAME", r"(?<![A-Za-z])(?:(?:[Rr]ef(?:erring|er)?\.?|[Oo]rdering|[Rr]equesting|[Aa]dmitting|[Ff]amily)\s(?:[Dd]r|[Dd]octor)|[Ss]urgeon|[Aa]nesthetist|[Aa]naesthetist|[Rr]adiologist|[Ss]onographer|[Aa]ttn|[Rr]eported\s[Bb]y|[Ss]igned\s[Bb]y)\s?:\s{0,3}(?P<v>[A-Z][a-z'’\-]{2,24})(?=\s{0,3}(?:[\n,;.(/]|$))", _single_en, "capital labelled_capital colon", 0),
        rule("form.name_at", "NAME", rf"(?<=@)(?P<v>{s}[{_C}]{{1,2}})(?=[\s,;。、::!?？！]|$)", plausible_name_cn, "at cjk", 0),
        rule("label.doctor_single", "NAME", rf"(?:医[师生]|护士|[技药]师|报告者?|审核者?|签名|[记操检]录?[作验]?者|复核者?):\s?(?P<v>{s})(?=[\s,;。、)/]|$)", lambda v: v != "左" and kinship(v), "cjk colon", 0),
        rule("label.name_duty", "NAME", rf"(?<![{_C}])(?:麻醉|体外循环|灌注|洗手|器械|巡回|三助|指导|质控|审阅|初步|复审|初审|终审|台下|台上|主台|副台|内镜|超声|护理|跟台)\s?:\s?(?P<v>{surname(rare=True)}[{_C}]{{1,2}})(?=[\s,;。、)/(]|$)", duty, "cjk colon", 0),
        rule("form.name_assists", "NAME", rf"(?:^|[,、;:\s])(?P<v>{s}[{_C}]{{1,2}})(?=(?:任|为|做|担任)?[一二三四]助(?![手行步于]))", plausible_name_cn, "cjk", 0),
        rule("form.name_ward_role", "NAME", rf"(?:器械护士|巡回护士|洗手护士|责任护士|值班护士|带教护士)(?P<v>{s}[{_C}])(?=[,;。、/\s)]|$)", plausible_name_cn, "cjk", 0),
        rule("form.name_doctor_latin", "NAME", rf"(?<![A-Za-z])(?:Dr|DR|Prof|Mr|Mrs|Ms|Miss)\.?\s?(?P<v>{s}[{_C}]{{0,2}}?)(?=[,。;、\s说看查建会让请的已来在要回]|$|医[生师])", plausible_title, "cjk doctor_word", 0),
        rule("form.name_today", "NAME", rf"(?<![{_C}])(?:今晨|昨晨|今早|今日|昨日|昨夜|昨晚|凌晨|夜间|上午|下午)(?P<v>{s}[{_C}]{{2}})(?=突然|突发|自[诉觉述行]|主诉|诉|出现|拒绝|要求|坠床|跌倒|呕|咳|发热|哭|醒|拔)", today, "cjk", 0),
        rule("form.name_signed", "NAME", rf"(?:由|经|请|嘱|与|向|据|为|对|给|被|替|找|及|和|、|告知|通知|联系|询问|陪同者|术者|主刀|签字|签名|签署|记录|报告|审核|复核|手写)(?P<v>{s}[{_C}]{{1,2}})(?=(?:主刀|主诊|主持|执刀|完成|操作|执行|审核|复核|审签|签发|签名|签字|书写|记录|会诊|查房|接诊|陪同|护送|转交|代办|代签|代述|代诉|本人|家属|确认|核对|穿刺|麻醉|汇报|交班|接班|沟通|同意|诉|说|电话|联系)|[((])", kin_named, "cjk signed"),
        rule("title.name_en", "NAME", r"(?<![A-Za-z])(?<!\d\s)(?:Mr|Mrs|Ms|Miss|Mx|Drs|Dr|Prof|Professor|Doctor|Nurse|Sir|Madam|Rev|Sgt|Capt|Father|Sister|Pastor|Judge|Officer|Attorney|Coach|Detective|Deputy|Trooper|Rabbi|Imam|Fr|Lt|Cpl|Pvt)(?:\.\s{0,2}|\s{1,2})(?!Mary\sJoseph|Joseph\snod|Pepper\b)(?P<v>(?:(?:van|von|de|der|den|del|la|los|di|da|al|el|bin)\s){0,3}(?:[A-Z][a-z'’]*[A-Za-z\-]*\d{0,4}\.?|[A-Z]\.)(?:\s(?:(?:de|da|del|la|van|von|der|bin|al|el|O')\s)?[A-Z][A-Za-z'’\-]+\d{0,4}|\s[A-Z]\.?(?=\s[A-Z])){0,3})", _title_en, "capital title_en", 0),
        rule("suffix.name_en", "NAME", r"(?<![A-Za-z])(?P<v>[A-Z][a-z'’]++[A-Za-z\-]*+(?:\s[A-Z]\.?)?(?:\s[A-Z][A-Za-z'’\-]++){0,2}),?\s(?=(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-C)?|Ph\.?D|MBBS|FACR|DPM|DDS|LPN|CRNA|FRCR|FACS|PharmD|LCSW|CNM|RDMS|RT)\b)", _suffix_en, "capital two_capitals degree", 0, "pair"),
        rule("label.name_en", "NAME", r"(?:(?<![A-Za-z])(?:[Pp]atient(?:'s)?(?:\s[Nn]ame)?|PATIENT(?:\sNAME)?|[Nn]ame|NAME|[Pp]hysician|PHYSICIAN|[Rr]adiologist|[Pp]rovider|[Ss]urgeon|[Aa]ssistant|[Aa]nesthesiologist|[Aa]ttending|[Rr]esident|[Cc]c|CC|[Tt]o|[Ff]rom|[Rr]e|RE|[Aa]ttn|(?:[Rr]ef(?:erring|er)?\.?|[Oo]rdering|[Rr]equesting|[Aa]dmitting|[Cc]onsulting|[Ff]amily)\s(?:[Dd]r|[Dd]octor|[Cc]linician|MD)|[Dd]ictated\s[Bb]y|[Ss]igned(?:\s[Bb]y)?|[Ee]lectronically\s[Ss]igned\s[Bb]y|[Rr]eviewed\s[Bb]y|[Rr]ead\s[Bb]y|[Ii]nterpreted\s[Bb]y|[Aa]uthor|[Tt]ranscribed\s[Bb]y|[Ee]mergency\s[Cc]ontact|[Nn]ext\sof\s[Kk]in|[Gg]uardian|[Ww]itness|[Ee]scort|[Ss]cribe|[Ii]nterpreter|[Cc]aller|[Mm]other|[Ff]ather|[Ss]pouse|[Ww]ife|[Hh]usband|[Dd]aughter|[Ss]on|[Cc]aregiver|[Pp]CP|PCP|[Rr]eferring(?:\s[Pp]hysician)?|[Oo]rdering(?:\s[Pp]hysician)?|[Tt]echnologist|[Nn]urse|[Ss]onographer)\s?[::]\s{0,3})(?P<v>[A-Z][A-Za-z'’\-]*\d{0,4}(?:(?:,\s?|\s|\^)[A-Z][A-Za-z'’\-]*\d{0,4}\.?){1,3})", _label_en, "capital labelled_capital", 0, "colon"),
        rule("cue.name_en", "NAME", r"(?<![A-Za-z])(?:[Ss]igned by|[Dd]ictated by|[Rr]eviewed by|[Rr]ead by|[Ii]nterpreted by|[Pp]erformed by|[Ss]een by|[Rr]eferred by|[Aa]ssisted by|[Aa]ccompanied by|[Dd]iscussed with|[Ss]poke (?:with|to)|[Cc]alled|[Nn]otified|[Pp]aged|[Nn]amed|[Pp]atient|[Hh]usband|[Ww]ife|[Dd]aughter|[Ss]on|[Mm]other|[Ff]ather|[Bb]rother|[Ss]ister|[Ss]pouse|[Pp]artner|[Nn]eighbou?r|[Ff]riend|[Nn]urse|[Bb]rought in by|[Cc]onsented by|[Ww]itnessed by|[Rr]esident|[Aa]ttending|[Ss]urgeon|[Cc]onfirmed by|[Rr]eported to|[Cc]ommunicated to|by),?\s(?!Mary\sJoseph|(?:Dr|Mr|Mrs|Ms|Miss|Prof)\b)(?P<v>[A-Z][a-z'’]+[A-Za-z\-]*\d{0,4}(?:\s[A-Z]\.)?\s(?:(?:de|da|del|la|van|von|der|bin|al|el)\s)?[A-Z][a-z'’]+[A-Za-z\-]*\d{0,4})", _cue_en, "cue_en inner_capital two_capitals", 0),
        rule("kin.name_en", "NAME", r"(?<![A-Za-z])(?:[Hh]usband|[Ww]ife|[Dd]aughters?|[Ss]ons?|[Mm]other|[Ff]ather|[Bb]rothers?|[Ss]isters?|[Ss]pouse|[Pp]artner|[Nn]iece|[Nn]ephew|[Gg]rand(?:son|daughter|mother|father)|[Aa]unt|[Uu]ncle|[Cc]ousin|[Tt]wins?|[Ff]riend|[Nn]eighbou?r|[Rr]oommate|[Ff]ianc[ée]e?|[Mm]om|[Mm]um|[Dd]ad|[Bb]oyfriend|[Gg]irlfriend|[Ss]tep(?:dad|mom|father|mother|son|daughter)|[Ll]andlord|[Ll]andlady|[Cc]aregiver|[Ss]itter|[Cc]aseworker|[Ss]ocial\s[Ww]orker|[Ss]ponsor|[Nn]anny|[Gg]randma|[Gg]randpa|[Cc]o-?worker|[Bb]abysitter|CNA|HCP|POA|DPOA|[Pp]roxy|[Pp]arole\s[Oo]fficer|[Pp]robation\s[Oo]fficer|[Tt]eacher|[Cc]arer|[Aa]ide|[Ii]nterpreter|[Cc]haplain|[Cc]ounselor|[Tt]herapist|[Tt]echnician|[Pp]hlebotomist|[Ss]onographer|[Ii]ntern|[Ss]ibling|RN|LPN|LVN|HCA|SHO|[Mm]idwife|[Mm]atron|[Pp]hysio|[Pp]aramedic)(?:,|\sis|\snamed)?\s\(?(?!Mary\sJoseph|Joseph\snod)(?P<v>[A-Z][a-z'’]+[A-Za-z\-]*\d{0,4}(?:(?:,?\sand|\s&|\s)\s?[A-Z][a-z'’]+[A-Za-z\-]*\d{0,4}){0,2})", _kin_en, "kin_en inner_capital", 0),
        rule("kin.possessive_en", "NAME", r"(?<![A-Za-z])(?P<v>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)(?='s\s(?:wife|husband|son|daughter|mother|father|brother|sister|family|parents?|partner|caregiver|labs|chart|room|bed|nurse|condition|pain|mom|dad|mum|carer|gran|nan|neighbour|wishes|notes)\b)", _possessive_en, "capital possessive", 0),
        rule("line.name_comma_en", "NAME", r"(?m:^)(?P<v>[A-Z][A-Za-z'’\-]{2,},\s[A-Z][A-Za-z]{2,}(?:\s[A-Z]\.?)?)(?=\s[a-z|(]|\s?[|;:\-]|\s?$)", _line_comma_en, "capital comma_capital two_capitals", 0, "pair"),
        rule("form.name_numbered", "NAME", r"(?<![A-Za-z\d])(?P<v>[A-Z][a-zé'’]+\d{1,4}(?:\s[A-Z][A-Za-zé'’]+\d{1,4}){1,3})(?![A-Za-z\d])", None, "digit capital two_capitals", 0, "pair"),
        rule("form.name_caret", "NAME", r"(?<![A-Za-z])(?P<v>[A-Za-z][A-Za-z'’\-]+\^[A-Za-z][A-Za-z'’\-]*(?:\^[A-Za-z'’\-.]*){0,3}|[\u4e00-\u9fff]{1,2}\^[\u4e00-\u9fff]{1,3})", _no_message, "caret", 0),
        rule("form.name_gazetteer_en", "NAME", r"(?<![A-Za-z\-/])(?P<v>[A-Z][a-z]{2,}(?:\s[A-Z]\.)?\s(?:Mc|Mac|O'|De|Van|Von)?[A-Z][a-z]+(?:-[A-Z][a-z]+)?)(?![A-Za-z\-/]|\s[A-Z][a-z]|\s(?:nodules?|syndrome|disease|signs?|criteria|score|classification|procedure|fracture|tumou?r|cyst)\b)", gazetteer_en, "given two_capitals", 0, "pair"),
        rule("form.name_pair_en", "NAME", r"(?<![A-Za-z\-/.])(?P<v>[A-Z][a-z]{2,}+(?:-[A-Z][a-z]++)?(?:\s[A-Z]\.|\s[A-Z][a-z]{2,}+)?\s(?:Mc|Mac|O'|De|Van|Von)?[A-Z][a-z]{2,}+(?:-[A-Z][a-z]++)?)(?![A-Za-z\-/]|\s[A-Z][a-z])(?=\s[a-z]+\s|\s(?:tomorrow|today|yesterday)\b|,\s[a-z])", pair_en, "capital two_capitals", 0, "pair"),
        rule("form.name_comma_en", "NAME", r"(?<![A-Za-z\-/])(?P<v>[A-Z][A-Za-z'’\-]{2,},\s?[A-Z][A-Za-z]{2,}(?:\s[A-Z]\.?)?)(?![A-Za-z])", _comma_en, "given comma_capital two_capitals", 0, "pair"),
    )


_SYLLABLE = r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxzcsryw])?(?:iang|uang|iong|ang|eng|ing|ong|iao|ian|uai|uan|ai|ao|an|ei|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|ve|ou|a|e|i|o|u|v))"
_GIVEN_PINYIN = re.compile(rf"{_SYLLABLE}(?:[\-']?{_SYLLABLE})?\Z")

def pinyin_name(value: str) -> bool:
    """A surname in pinyin beside one or two syllables, in either order: Zhang Wei, Xiaoming Li; not He Is or Bai Test."""
    first, last = (part.lower() for part in re.split(r"[\s,]+", value))
    if {first, last} & {"he", "long", "an", "a", "can", "men", "test", "sign", "me", "see", "she", "hen", "ten", "man", "fan", "gene", "sun", "pan", "chan"} and not value.isupper():
        return first in ("he", "sun", "pan", "fan", "long") and len(last) > 4 and _GIVEN_PINYIN.match(last) is not None
    return (first in SURNAME_PINYIN and _GIVEN_PINYIN.match(last) is not None) or (last in SURNAME_PINYIN and _GIVEN_PINYIN.match(first) is not None)


_ROLES = "鉴定人|见证人|证明人|规培生|实习生|进修生|管床|上级|班主任|辅导员|家庭医生|社区医生|抄送|他叫|她叫|名叫|自称|写着|写的是|房东|工友|工头|老乡|室友|前夫|前妻|男友|女友|报案人|陪同人|翻译|领队|导游|阅片人|初诊|复诊|阅片|教练"
_KINSHIP = "大爷|大妈|大娘|大叔|大婶|大伯|大姐|大哥|大嫂|阿姨|阿婆|阿公|奶奶|爷爷|伯伯|伯父|伯母|叔叔|婶婶|婶子|婆婆|公公|老太太|老太|老爷子|老爷爷|老奶奶|老汉|老伯|老师傅|嫂子|姐姐|哥哥|妈妈|爸爸|姐|哥|叔|婶|姨|伯|嫂|太(?=通知|来电|说|表示|要求|陪|已|[,。])|老(?=[下说诉今昨,。;已因])"
"""What a person is called after the family name where everybody is kin."""


def _title_en(value: str) -> bool:
    return tokens_en(value)[0] not in HEADINGS


def _suffix_en(value: str) -> bool:
    tokens = tokens_en(value)
    return not any(token in HEADINGS for token in tokens) and len(tokens) > 1


_MESSAGES = frozenset(("ADT", "ORU", "ORM", "SIU", "MDM", "ACK", "OML", "OMG", "DFT", "BAR", "RDE", "MFN"))


def _no_message(value: str) -> bool:
    """No type of an HL7 message (ORU^R01) or of an identifier (RAH^MR)."""
    first, second = value.split("^")[:2]
    if not first.isascii():
        return first in words.surnames_cn()
    return first not in _MESSAGES and second not in ("MR", "PI", "SS", "AN", "VN", "NH", "PT")


def _label_en(value: str) -> bool:
    tokens = tokens_en(value)
    return not any(token in HEADINGS for token in tokens) and tokens[0] != "DEAR" and tokens[0].lower() not in words.drugs_en()


def _single_en(value: str) -> bool:
    return _label_en(value) and not _common(value) and value.lower() not in words.no_name_en()


def _cue_en(value: str) -> bool:
    tokens = tokens_en(value)
    return not any(token in HEADINGS or token.lower() in words.drugs_en() for token in tokens)


def _kin_en(value: str) -> bool:
    tokens = tokens_en(value)
    return not any(token in HEADINGS or words.of_clinic_en(token.lower()) or token in words.eponyms_en() for token in tokens[:1]) and not all(_common(token) for token in tokens)


def _common(token: str) -> bool:
    return words.common_en(token.lower()) and token not in words.given_us() and token not in words.surnames_us()


def _possessive_en(value: str) -> bool:
    tokens = tokens_en(value)
    return _kin_en(value) and all(t in words.given_us() or t in words.surnames_us() for t in tokens) and not any(t.lower() in words.no_name_en() for t in tokens)


def _line_comma_en(value: str) -> bool:
    tokens = tokens_en(value.replace("-", " "))
    return not any(token.title() in HEADINGS or token.title() in words.eponyms_en() or words.of_clinic_en(token.lower()) for token in tokens)


def _comma_en(value: str) -> bool:
    last, _, rest = value.partition(",")
    first = re.split(r"\s", rest.strip())[0]
    if {last.title(), first.title()} & HEADINGS or first.lower() in words.drugs_en() or last.lower() in words.drugs_en():
        return False
    return known_given(first) and (last.title() in words.surnames_us() or (last.isupper() and not words.common_en(last.lower())))
