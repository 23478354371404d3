# ruff: noqa: E501 - sentences stand whole

"""What saves work finds the same: gates, starting places, literal words, pieces of a text and the memory of them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hardcases import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.phi_zone.text import (
    ascii_rules,
    forms_ages,
    forms_called,
    forms_capitals,
    forms_clauses,
    forms_codes,
    forms_dates,
    forms_dates_cn,
    forms_days,
    forms_days_cn,
    forms_days_en,
    forms_handles,
    forms_handles_cn,
    forms_machine,
    forms_names,
    forms_numbers,
    forms_peoples,
    forms_places,
    forms_refs,
    forms_refs_cn,
    forms_registers,
    forms_roles,
    forms_rows,
    forms_single_cn,
    forms_sites,
    forms_told,
    forms_towns,
)
from pipelines.phi_zone.text.ascii_rules import AsciiRules
from pipelines.phi_zone.text.beginnings import beginning
from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.fold import fold
from pipelines.phi_zone.text.gate_words import BITS, KEYS, of_word
from pipelines.phi_zone.text.gated_rules import GatedRules, needed_letters, read_letters
from pipelines.phi_zone.text.gates import GATES, Sight
from pipelines.phi_zone.text.policy import load_text_policy
from pipelines.phi_zone.text.rules import rule as made
from pipelines.phi_zone.text.rules_read import PLACE, beforehand
from pipelines.phi_zone.text.scan import Words
from pipelines.phi_zone.text.segments import CJK, Recent, segments
from pipelines.phi_zone.text.training.generate import corpus
from pipelines.phi_zone.text.training.read_rules import all_read

RULES = [*forms_numbers.NUMBER_RULES, *forms_codes.CODE_RULES, *forms_machine.MACHINE_RULES, *forms_registers.REGISTER_RULES, *forms_refs.REFERENCE_RULES, *forms_refs.province_rules(), *forms_refs_cn.REFERENCE_RULES_CN, *forms_refs_cn.reference_site_rules(), *forms_refs_cn.reference_name_rules(), *forms_ages.AGE_RULES, *forms_places.place_rules(), *forms_sites.site_rules(), *forms_places.org_rules(), *forms_sites.institution_rules(),
         *forms_names.name_rules(), *forms_capitals.capital_rules(), *forms_called.called_rules(), *forms_clauses.clause_rules(), *forms_peoples.people_rules(), *forms_told.told_name_rules(), *forms_told.told_site_rules(), *forms_towns.town_rules(),
         *forms_told.told_firm_rules(), *forms_roles.role_rules(), *forms_rows.ROW_NUMBER_RULES, *forms_rows.row_site_rules(), *forms_rows.row_firm_rules(), *forms_rows.row_name_rules(), *forms_dates.DATE_FORMS, *forms_dates_cn.DATE_FORMS_CN, *forms_days.DAY_FORMS, *forms_days_cn.DAY_FORMS_CN, *forms_handles_cn.HANDLE_RULES, *forms_single_cn.single_rules(), *forms_days_en.DAY_FORMS_EN, *forms_handles.HANDLE_RULES]
HARD = [fold(case.text).norm for name in ("hard_zh.txt", "hard_en.txt", "wards_zh.txt", "wards_en.txt", "unseen2_zh.txt", "unseen2_en.txt", "unseen3_zh.txt", "unseen3_en.txt", "unseen4_zh.txt", "unseen5_zh.txt", "unseen6_zh.txt", "unseen4_en.txt", "unseen5_en.txt", "unseen6_en.txt") for case in cases(name)]
TAUGHT = [fold(text).norm for language in ("zh", "en") for text, _ in corpus(language, 400, 31)]
SEEN = [fold(text).norm for text in (
    "drives between Moosomin and Flin Flon", "near Zorvanek, then", "Village Bhairavpur, farmer", "from Ekhlaspur tehsil", "at Sandpiper Cove", "Venkataraghavan sir asked", "Insp. Delacourte of", "Datin Rosmawati insists", "筛选号SCR-3107，已入组", "Sending 40918827 now", "Old unit 55018-0047", "reads 4471 9920 31877", "cf. R-25-07713", "Sent 25K00731M", "token 3c9e-71bd-a440", "周期号IVF-22-0417,", "登记:B23-00918,", "账号ksyy_zhang无法", "昵称“爱吃橙子88”", "翠湖小区7-1-502,", "路口西南角", "澄江区白鹭码头", "街道月亮湾,", "康复科荆治疗师", "管床储请", "麻烦桑姐", "邮编略,惠女士收,", "翟、敬两位", "复核:原野;", "受试者安心,", "真名丁大勇,", "自称姓麴,", ":木村一郎,日籍",
    "已打入6222020011112223334,", "2019年末", ",05-11复查", "3/6拔管", "自述8.19在", "表示18日上午", "留言,4/27", "过完年就96了",
    "Your ref: KM/ORT/55120", "Acc MR-7718204", "bag G0987 24 118834 K", "device QRT 551207H", "by PC 2281", "branch 632005", "acct 41 7702 33915", "HP 9123 4567", "ID 860912 5081 08 6", "Owner of BX21 KTL", "in Corner Brook, Newfoundland", "in Lake Rotoiti", "IFSC KKBK0000958", "ring 9155 0284 today", "user mhale_1977", "Approved: kwonghl / Kwong", "member 41 7702 338 K", "Name CHEUNG, Ka Yan", "wk of 7/20", "moved to 14.3", "seen 22nd ult. at",  "at Lot 9, Old Kiln Track now", "driver of 182-WX-4410",
    "pin removal 4/11, walking", "refilled 9/27 by", "BPs 6/10 144/82", "cuff 8/10 138/80", "x, 3/9 missed,", "no list 23-27/12", "leave 29/12 to 4/1", "from 3/9 to 14/9", "cover from Dec 20 to 3/1", "on 3, 10 and 17 June", "on the 21st of March", "booked Weds 14th, fasting", "Tue 6 and Thu 8", "due 18th.", "Signed 7.ix.25,", "on Anzac Day", "since Deepavali 2025", "the day after Passover",  "the 27th night of Ramadan", "in her 94th year", "login under tpatel_ot now", "logged in as rkapoor,", "amended by dnowak3 on 4", "from @granny_jo99 saved", "handle @windmillkate saved", "paid rsen.44@oksbi today", "UPI ID lata77@northpay", "Member no HKX 220 418 903,", "card 4211 70839 2,", "bill HOS-41882", "police report B/4417/2025", "at stluke.edu.ph/forms/a", "on viewer7.lan:8443 is", "blue Corolla JWR 802,", "red Micra parked by us, 12-LK-3390", "Rego noted: 1KV 7XD", "left in KBZ 903F by", "by 182 CE 5510,", "to DE12 5001 0517 0648 4898 90", "routing 061774405", "Paged ortho SHO on 6620,", "whatsapp the photo to 8144 2093",
    "Bloods 9/11: Na", "onset ~8/14,", "last PICC line 9/4,", "s/p lap appy 3/22", "clinic dates: 4/3, 11/3", "given 2/6, 23/6 and 14/7", ". 12/11: Na 135", "70.9, 15/10 70.1", "login rn_odell,", "12-34-56 88104427", "till 522114", "rang 3391,", "SHO on 3391",
    "CRP 6/8 212", "echo (4/11) EF", "Vax 2: 2/2,", "spoke with mum 4/3", "weekend of 8th/9th", "plan 5/9-9/9 ward", "her brother 93 alive",
    "signed by nsingh (08:12)", "zoom ID 884 2210 4471", "passcode 8Hq2", "key safe 4471", "10.2.3.4:8080", "on patientview.org today",
    "on 3, 8 and 21 November", "again on the 17th.", "yesterday (6/9)", "surgeon Oyelaran.", "Thanks Zubin, will", "1. Karunaratne 2. Oduya",
    "Robert (Bobby) Okafor came", "患者朴成姬入院", "患者朴顺姬，由女儿陪同", "凌队长带队", "护士娄禧交班", "卜仡珲诉头痛",
    "乌云格日勒行造影", "接班时吉克阿呷已到", "护士岩温罕巡视", "家属撒玉兰每日来", "阆中人，务农", "隆回那边来电", "3月2日—4日", "3月5、6日", "11-06 术后", "3/15 标本", ",7/18改打座机", "切片H23-11756共6张", "腕带：乔木、1024577，", "微信发至lxy_0718", "普外科 暴春生 2024-7-2", "请肾内科沃主任", "受托人相昀系", ",妻花蓉,", "找小郝", "黎民全家", ":简 ×× 男", "患者常乐,45岁", "中余敏主张植入", "/录入庹,", "单位:中南传媒 ", "在远航物流园上班", "工行溁湾镇支行", "护士沙丽法今晨", "于4.18前来取", "记录者矫晓峰,", "联系人仰小姐", "中荷人寿,", "9-14 晨交班",
    "3/4(周三)来", "周四(5/8)行", "改在5.8（周四），", "20日下午转", "留学生Okpara，22岁，", "报告时间06/09 14:05,", "2.4夜班李", "7/28至8/2在", "请假5.1-5.4，", "3.8~3.12放假", "09-30至10-06门诊", ",6.1起恢复", "自3.15起", "(4/7科会)", "引流6/7换药", "说是2/6摔", "六月三、四日呕血", "19号夜班", "说好11号来取", "12、13日两天未", "入组2025-11-0309:15", "出组25.12.0116:40", "初診114/6/9，", "112年3月15日領藥", "重阳当天", "从立冬起", "大年三十急", "年初五早上", "初二晚上", "2024年9月2、3日", "9月2、3日", "阿婆，93，独居", "M/94，", "或转分机6021,", "直接呼6612，", "传呼机2207，", "住宅电话6312 9981，", "女儿 9123 4506", "用户hanmei_86取消", "工号就是邮箱前缀（k30571）", "yao_xj当日审核", "发现liubo12越权登录", "柳河村4组，415200，", "現住404臺中市", "见ris.hb-demo.com:9090/view", "内网10.20.3.15:8080", "家属口头提供62284804020000112，", "款卡6217003810022334455", "社安卡号 512 33 9087", "神外涂主任", "亲爱的柏医生", "心理科谌心理师", "派出所冼警官", "汤总已上台", "厅长邵老，", "网络中心窦工说", "巡查人郜，", "病理高婧、肿瘤谭志远参加", "填报人暴兰，", "受试者花千里于2025年", "户名阿扎提别克，", "退至邱小红工行卡", "母亲拉姆东知签字", "工友“大炮”送来", "Pt. Nowicki，45F", "Brzezinski，男，58岁",
    "验证码K82m41，", "住院号320118、320254，", "病历88231由质控", "在留卡号 RD77120934LA", "了护照，21DV40912，", "（批K20911A，", "保单 H2207 1180 0934，",
    "上次吃药是9号，", "昨天（11/27）复", "1/2、1/5两次", "开通chenyq07，", "邮码 300041", "9087 3321（手提）", "影像科谭参加",
    "走失处 31.230416, 121.473701", "北纬31度14分，东经121度29分", "at 31°14'05\"N 121°29'E", "lat: 31.2304", "自 2001:0db8:85a3::8a2e:0370:7334 上传", "微博@小明爱吃糖", "住院号八零二一五五三",
    "三一零一零四一九七八零六一二三四一七", "Policy HX-99820-B verified", "mob 07700 900461 best", "Ref Dr: Weatherby", "ADEYEMI Folasade, 34 F", "UID 1.2.826.0.1.3680043.8.498.12345", "伊万诺夫，俄罗斯籍船员", "京沪高速K132+500处", "病案A0023918", "SS# 212 45 9981", "ID band 0099812-3 checked", "@黎明晖 片子看了吗",
    "Mercy Hospital in Springfield, IL 62704.", "Portland, OR  97201-1234 today", "账号: 123456789012", "电话1 3 9 0 5 7 1 2 3 4 5", "139 057 12345",
    "Abbott774 Jane12 came", "DOE^JANE^Q", "23年5月6日复查", "自2023-05 起", "in 05/2023 again", "2023-05-06至05-09", "seen 3/14 with", "生日:3-14",
    "微信尾号,手机尾号7788", "发动机号:1TR8830021", "Nightingale RN spoke", "infant Okonedo fed", "JDOE electronically signed", "last 4 of SSN 7788", "Truck 5YJSA1E26JF272233",
    "在和睦家住院", "中山会诊意见", "via Highway 61 south", "near Lake Placid last week", "Drs. Ito and Sato came",
    "jane.roe [at] mail [dot] example.org", "手机：一三九零零一二三四五六", "姐姐郑秀兰有高血压",  "@rosa.k on instagram", "NHS number 943 476 5919", "Encounter 123456789", "###-##-7788", "card ending in 4455", "尾号为4455的银行卡尾号4455",
    "Mar-05-2024", "农历八月十五", "甲辰年八月十五", "末次月经3/14", "入院日期：3/14", "二〇一九年秋", "习凤：请来院", "护士：黄丽华/郑文斌", "张一鸣夜间", "虞红、项海同车受伤", "日本籍松井秀树腰痛", "护士郑文斌。", "遇到郑文斌，", "豆豆妈妈", "患儿豆豆，", "管主任出诊", "小周下夜班",
    "送检医师莘；复核者 麦", "护士长柴解释两次", "主刀芮，游、冉协助", "对方自称姓冉，", "报告者 芮晓东 / ", "联系人  阿尔斯兰  关系", "手术意见(于建成)同意", "本人芮晓东已知情", "后核实为芮春来。", "巡回芮慧。", "一助芮良镛，", "患者芮美仪，身份证", "芳姐，在吗", "工友滕老四说",
    "请于主任来", "8床芮晓，", "扶宋老下床", "助手:芮,冉", "芮姓患者", "申报号: A20250611-88", "湘人社认字2025第0331号", "座机6688123(家)", "登录名ruix06", "执照91430100MA4L1234XY", "住湖橡小区6-2-301", "就读雅礼附中，", "就职于芮达光电，", "马王堆社区网格员", "4月底确诊", "生于1947.8，", "25年6月体检",
    "申 请 单 号 : 8 8 0 2 5", "88250017,芮晓,女", "电话15111O48820", "条码(01)06934567890128(21)A7K22", "住 址:湖 南 省 岳 阳 市", "|雨花区井湾子|", "上月初五", "5/12行造影", "5.21出报告", "收样6.18", "登记|06-21|芮", "去年冬至", "五月端午后", "贰零贰伍年陆月壹日", "张^伟",
    "欧阳静术后", "扎西平措头痛", "患者阿卜杜拉发热", "在五四路与长江路交叉口", "在长江路附近", "富士康工人", "在华为工作", "明德保险公司", "Sincerely, Imogen", "Baruti denies pain", "Baruti, age 7", "Baruti's incision is dry", "page Hirsch when done",
    "MUHAMMAD, Tariq A.", 'Rob "Buddy" Hollis fell', "NAME\tMARY SUE WHITFIELD\t", "sister lakeisha drives", "seen by dr patel", "eduardo santos was seen", "12 Harrow Lane, Leeds", "12 Harrow Lane, Apt 3", "Truckee, CA today", "corner of Fifth and Broadway",
    "on I-80 west", "family is in Kigali", "from St. Vincent's", "at Thornbury Elementary", "at Ohio State.", "Lakeside Orthopedic Associates", "last four 1120 checked", "(0010,0020) LO [X9911823]", "OBR|1||X2209117|CT", "PATEL H 44F came", "OYELARAN TEMITOPE came", "M o r a n t , E l s i e", "read. HJK/mlp", "out 06/15, dry", "1 2 / 0 4 / 1 9 3 8", "Lakshmi w/o Murugan came", "seen in Townsville", "AT ST. CUTHBERT MEDICAL CENTER", "PETER 4417720193 CT",
    "Donor no. D2300417 came", "MRS ETHEL WINTERBOTTOM CAME", "@Priti please see", "Village: Kheda", "at 45 church street now", "born twelve april nineteen forty two", "dob 14.9.52", "1945-Mar-07", "to DR DE SOUZA ON",
    "Overnight: MacPherson - settled at last.", "call x4471 after", "Kumaran Selvam a/l Muthu came", "sleeps at Oscar's flat now", '"Elspeth has lost a stone"', "found at 5th and Alder", "off March 3 to 9 now",
    "at CVS", "UCSF records", "at Summit Radiology", "Sent by MedExpress", "the City of Tacoma", "Lee County EMS", "The Hendersons were told")]
"""Texts for the rules that nothing else here matches."""
PIECES = ["身份证号", "公民身份号码", "住院号:", "MRN", "病案号", "tel:", "Phone:", "call", "手机", "护照号", "E12345678", "银行卡", "6222020200112230000", "310104197806123417", "138-1234-5678", "(021)", "51234567", "SSN", "123-45-6789", "+1", "555-806-9773", "2024-03-05", "3/5/2024", "二〇二四年三月五日", "Jan", "3,", "2020", "on", "3/4", "in", "2019", "姓名:", "王建国", "李某", "张**", "老王", "小李", "之子", "医师", "术者", "患者", "Dr.", "Smith", "John", "Q.", "Public,", "MD", "Patient:", "Mary", "Ann", "husband", "Tom's", "wife", "O'Neil", "DOE,", "JANE", "DOE^JANE", "新华路100号", "2栋301室", "家住", "上海市浦东新区", "人民医院", "12", "Main", "Street", "P.O.", "Box", "12", "微信", "abc_12345", "QQ", "123456", "沪A12345", "车牌", "邮编", "200000", "Springfield,", "VIN", "1HGCM82633A004352", "小名", "豆豆", "昵称", "goes", "by", "Goes by", "J.", "Rodriguez", "NP", "van", "der", "Berg", "Baby", "Room", "412", "Chan", "Tai", "Man", "12床", "协和", "二院", "在", "泰国", "旅游", "from", "Peru", "General", "Lake", "County", "College", "Route", "username", "@tookie", "pager", "8841", "腊月初八", "尾号", "欧阳", "见证人", "IL", "62704", "OR 97201-1234", "denies", "dr", "patel", "sister", "lakeisha", "age 7", "Sincerely,", "page", "at", "CVS", "Ohio State", "St. Vincent's", "corner of", "I-80", "护士", "患儿", "豆豆", "妈妈", "扎西平措", "富士康", "长江路", "附近", "a@b.cn", "https://x.cn/a?b=1;c=2", "九十岁", "91岁", "Zhang", "Wei", "，", "。", ";", ":", "\n", ".", "(", ")"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_finds_behind_its_gates_what_it_finds_without_them(rule):
    for text in (*HARD, *TAUGHT, *SEEN):
        assert gated(rule, text) == [m.span() for m in rule.pattern.finditer(text)], text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_is_put_to_the_proof(rule):
    assert any(rule.pattern.search(text) for text in (*HARD, *TAUGHT, *SEEN))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(["", " "]))
def test_so_it_is_in_any_mixture_of_labels_numbers_and_names(pieces, joint):
    text = fold(joint.join(pieces)).norm
    for rule in RULES:
        assert gated(rule, text) == [m.span() for m in rule.pattern.finditer(text)], (rule.name, text)


def gated(rule, text):
    """Places where `rule` matches behind its gates; a match its own second look refuses counts as none."""
    sight = Sight(text)
    reached = all(sight.has(gate) for gate in rule.hint.split())
    found = [m.span() for m in sight.matches(rule.pattern, rule.starts)] if reached else []
    return found if reached or any(accepted(rule, m) for m in rule.pattern.finditer(text)) else [m.span() for m in rule.pattern.finditer(text)]


ASCII = [text for text in (*HARD, *TAUGHT, *SEEN) if text.isascii()]
PLAIN = [replace(rule, hint="", starts="") for rule in RULES]
TOGETHER, UNHINTED = AsciiRules(RULES), AsciiRules(PLAIN)
ANYWHERE, UNHINTED_ANYWHERE = GatedRules(RULES), GatedRules(PLAIN)
LETTERS = st.text("AaBbdDrsMmnNoJe19 20/-.,:;@#^'+()*xX\n\t_", max_size=40)


def test_all_rules_in_one_pass_over_ascii_text_find_what_each_finds_alone():
    assert len(ASCII) > 500
    for text in ASCII:
        same_as_alone(TOGETHER, text, counted=False)


def test_from_its_pattern_alone_it_is_known_where_a_rule_can_begin():
    for text in ASCII:
        same_as_alone(UNHINTED, text, counted=True)


@pytest.mark.parametrize("texts", [HARD, TAUGHT, SEEN], ids=["hard", "taught", "seen"])
def test_so_it_is_in_chinese_and_mixed_text_where_letters_it_needs_stand(texts):
    for text in texts:
        same_as_alone(UNHINTED_ANYWHERE, text, counted=True)
        same_as_alone(ANYWHERE, text, counted=False)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text("王李张医院号床男女岁年月日路街住在于某之叔电话姓名1 23", max_size=12)), max_size=12), st.sampled_from(["", " ", "，"]))
def test_so_it_is_in_any_mixture_of_both_languages(pieces, joint):
    text = fold(joint.join(pieces)).norm
    same_as_alone(UNHINTED_ANYWHERE, text, counted=True)
    same_as_alone(ANYWHERE, text, counted=False)


def test_what_was_read_from_the_patterns_beforehand_is_what_they_say():
    behind = "python -m pipelines.phi_zone.text.training.read_rules"
    assert PLACE.read_text(encoding="utf-8") == all_read(), behind


def test_a_pattern_that_was_not_read_beforehand_is_read_when_it_is_used():
    for text in ("(?<![A-Za-z])foo-?\\d{3}", "某科[床号]"):
        assert beforehand(text, 0) is None
        read = beginning(text, 0)
        assert (read.possible, read.run) == ((True, 3) if text.isascii() else (False, 0))
        assert needed_letters(text, 0) == read_letters(text, 0)


def test_the_letters_a_rule_needs_are_few_and_read_from_its_pattern():
    assert needed_letters("(?:家庭住址|现住址|地址|籍贯)[::]?\\w+", 0) in ({"址", "籍"}, {"址", "贯"})
    assert needed_letters("[一-龥]{2,4}(?=医[师生])", 0) == {"医"}
    assert needed_letters("(?:医院|clinic)", 0) is None
    assert needed_letters("(?:床)?\\d+", 0) is None
    assert needed_letters("(?<=[去赴])(?:泰国|法国)(?!语)", 0) == {"国"}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from([piece for piece in PIECES if piece.isascii()]), LETTERS), max_size=12), st.sampled_from(["", " ", "\n", ", "]))
def test_so_it_is_in_any_mixture_and_in_any_letters(pieces, joint):
    same_as_alone(UNHINTED, joint.join(pieces), counted=True)
    same_as_alone(TOGETHER, joint.join(pieces), counted=False)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_so_it_is_in_any_ascii_text(text):
    same_as_alone(UNHINTED, text, counted=True)


PATTERNS = [r"(?<![A-Za-z])foo\s?\d{2,}", r"o+b", r"(?:b|\s)o(?!x)", r"(?P<a>[ab])(?P=a)1", r"(?<=x)\d|(?i:Ob)", r"(?m:^)b.", r"[^a-z]o*1?", r"(?=b)\w\w", r"\bx-?|\d{1,2}/\d", "(?:é|o)b", r"(?:^|(?<=[.!?]\s)|(?<=\n))o+(?=\sb|-)", r"(?:(?<=\.)|(?<=f\s))b\w*+", r"o++b?\s(?!x)(?=b|1x)(?!bb)", r"(?<!o)(?:^|(?<=x\s))[bo](?=\d?)", r"(?:\b|(?<=\.))ob", r"(?<![A-Za-z])[a-z]{2,9}-\d", r"f[ob]{6,8}x", r"(?<![A-Za-z])(?:foo|fob|o{2,3})(?:\s[fob]{1,7}){1,2}(?=\.|\s1)", r"(?:[fo]+b){2,}+-", r"(?<![A-Za-z])(?<=,\s)[ob]o?", r"(?:(?<=,\s)|(?<=[x1]\s)|^)f(?=o)"]


@settings(max_examples=500, deadline=None)
@given(st.text("fob axOB12-/.,\n", max_size=30))
def test_so_it_is_for_patterns_of_every_make(text):
    same_as_alone(MADE, text, counted=True, rules=MADE_RULES)


@pytest.fixture
def few(monkeypatch):
    """Rules that may remember little."""
    monkeypatch.setattr(ascii_rules, "_ENTRIES", 300)
    monkeypatch.setattr(ascii_rules, "_LOOKED", 400)
    return AsciiRules(RULES)


def remembered(rules):
    return len(rules._placed) + len(rules._within), len(rules._first) + len(rules._inside)


def test_what_is_remembered_of_texts_is_bounded_and_beginning_anew_changes_nothing(few):
    for text in ASCII[::7]:
        same_as_alone(few, text, counted=False)
        assert all(one < most for one, most in zip(remembered(few), (2000, 1000), strict=True))


def test_it_is_bounded_within_one_long_text_too(few):
    same_as_alone(few, " ".join(ASCII), counted=False)
    assert all(one < most for one, most in zip(remembered(few), (2000, 1000), strict=True))


def test_it_is_bounded_for_few_words_in_ever_new_pairs(few):
    words = [f"{one}{two}" for one in ("Ma", "De", "Seen", "Dr", "O", "by", "St", "call") for two in ("nn", "son", "er", "ville", "ly", "y")]
    for one in words:
        few(" ".join(f"{one} {two}" for two in words))
        assert remembered(few)[1] < 1000


def test_rules_that_wait_for_their_words_find_what_they_find_without_waiting():
    waiting = AsciiRules(RULES, waiting=True)
    assert waiting._awaited
    for text in (*ASCII[::5], *ASCII[::7]):
        same_as_alone(waiting, text, counted=False)


def test_every_relative_and_post_behind_a_name_opens_the_gate_of_those():
    heads = {match[0] for part in f"{forms_roles._KIN}|{forms_roles._POST}".split("|") if (match := re.match("[A-Za-z]+", part))}
    assert len(heads) > 90
    assert [head for head in sorted(heads) if not of_word(head) & BITS["apposed_role"]] == []


@pytest.mark.parametrize("word", ["Aa" * 100_000, "7" * 200_000, "x1" * 50_000], ids=["letters", "figures", "both"])
def test_a_word_without_end_is_looked_at_no_further_than_rules_need(word):
    rules = AsciiRules(RULES)
    rules(f"Seen by {word} today")
    assert max(remembered(rules)) < 10_000


MADE_RULES = [made(pattern, "OTHER", pattern, flags=flags) for pattern in PATTERNS for flags in (0, re.IGNORECASE)]
MADE = AsciiRules(MADE_RULES)


def same_as_alone(together, text, counted, rules=RULES):
    """counted: matches that a rule's second look refuses count, too."""
    found = {}
    for number, match in together(text):
        found.setdefault(number, []).append(match.span())
    assert list(found) == sorted(found)
    for number, one in enumerate(rules):
        alone = list(one.pattern.finditer(text))
        if counted or number in found or any(accepted(one, match) for match in alone):
            assert found.get(number, []) == [match.span() for match in alone], (one.name, text)


def accepted(rule, match):
    holds = getattr(rule, "holds", None)
    return holds is None or holds(match["v"] if "v" in rule.pattern.groupindex else match[0])


def test_every_gate_a_rule_names_exists_and_every_gate_is_named():
    named = {gate for rule in RULES for gate in rule.hint.split()}
    assert named <= set(GATES)
    assert set(GATES) - named == {"net"}
    assert set(KEYS) <= set(GATES)


@settings(max_examples=300, deadline=None)
@given(st.sets(st.text("上海市北京浦东新区", min_size=2, max_size=5), max_size=8), st.text("上海市北京浦东新区，", max_size=40))
def test_literal_words_are_found_as_an_alternation_of_them_finds_them(words, text):
    pattern = re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "(?!)")
    assert Words(words).spans(text) == [m.span() for m in pattern.finditer(text)]


@pytest.mark.parametrize("text", ["\n".join(HARD[start : start + 9]) for start in range(0, len(HARD), 9)])
def test_the_pieces_of_a_text_are_the_text(text):
    pieces = list(segments(text, CJK.search(text) is not None))
    assert "".join(piece for _, piece in pieces) == text
    assert all(text.startswith(piece, start) for start, piece in pieces)


@pytest.mark.parametrize(
    "text",
    ["姓名：\n王建国\n", "电话\n13817654321", "2024年\n3月5日", "https://x.cn/a?b=1;c=2", "Patient:\nMary Jane", "call at the number.\n555-806-9773", "Seen by Dr.\nSmith"],
)
def test_nothing_is_cut_where_a_label_reaches_over(text):
    assert len(list(segments(fold(text).norm, CJK.search(text) is not None))) == 1


def test_a_sentence_met_again_is_answered_from_memory_and_says_the_same():
    cleaner = TextCleaner(load_text_policy("cn-gold"))
    report = "双肺纹理清晰。报告医师：王建国。复查日期2024-03-05。双肺纹理清晰。"
    first, second = (cleaner.clean(report, None, None, -30) for _ in range(2))
    assert first == second
    assert cleaner.clean(report, None, None, -31).text == first.text.replace("2024-02-04", "2024-02-03")


def test_the_memory_is_bounded_and_forgets_the_oldest():
    recent = Recent(entries=2, longest=8)
    for text in ("a", "b", "c"):
        recent.put(text, text.upper())
    assert recent.get("a") == "A"
    for text in ("d", "e"):
        recent.put(text, text.upper())
    assert [recent.get(text) for text in ("a", "b", "e")] == ["A", None, "E"]
    recent.put("far too long", "X")
    assert recent.get("far too long") is None
