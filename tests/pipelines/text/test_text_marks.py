# ruff: noqa: E501 - cases stand whole

"""Marks, days and names told by one word beside them, each with the near miss that must stay."""

from __future__ import annotations

import pytest

from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.policy import load_text_policy

CLEANER = TextCleaner(load_text_policy("cn-gold"))

GONE = {
    "a reference": [("Your ref: KM/ORT/55120 received", "KM/ORT/55120"), ("Inquest ref COR-2024-1187", "COR-2024-1187"), ("Trial ID AURORA-118-022 consented", "AURORA-118-022"), ("Incident no DTX/0442/24", "DTX/0442/24"), ("Slide nos S24/11802", "S24/11802")],
    "a mark behind a thing": [("Acc MR-7718204 MRI knee", "MR-7718204"), ("receipt HW 30551 issued", "HW 30551"), ("Wristband K7730125 checked", "K7730125"), ("pension 318-442-907B", "318-442-907B"), ("prior auth QZ4410782 granted", "QZ4410782")],
    "bags and implants": [("platelets G0987 24 118834 K hung", "G0987 24 118834 K"), ("device QRT 551207H interrogated", "QRT 551207H")],
    "officers": [("escorted by PC 2281", "2281"), ("Constable 77310 attended", "77310"), ("collar number 5520", "5520")],
    "accounts and telephones": [("transfer to acct 41 7702 33915", "41 7702 33915"), ("branch 632005", "632005"), ("HP 9123 4567 after six", "9123 4567"), ("ID 860912 5081 08 6", "860912 5081 08 6"), ("Owner of BX21 KTL rang", "BX21 KTL"), ("driver of 182-WX-4410 walked", "182-WX-4410")],
    "marks of banks, users and trials": [("IFSC KKBK0000958", "KKBK0000958"), ("ring 9155 0284 today", "9155 0284"), ("MyChart user mhale_1977 reset", "mhale_1977"), ("Approved: kwonghl / Dr Kwong", "kwonghl"), ("fund member 41 7702 338 K", "41 7702 338 K"), ("subject 118-0042, arm A", "118-0042"), ("Lot HX-55120-31, exp soon", "HX-55120-31"), ("Aadhaar verified: 5521 8830 1147", "5521 8830 1147")],
    "initials behind a name": [("Operator: Dr. Venkatesan R.; Scrub ready", "Venkatesan R."), ("HKID known Name CHEUNG, Ka Yan  Sex F", "CHEUNG, Ka Yan")],
    "days": [("recall wk of 7/20", "7/20"), ("scope moved to 14.3, fasting", "14.3"), ("home visit 22nd ult. with OT", "22nd"), ("compared with May 2, 2023: stable", "May 2, 2023"), ("Episodes on 3, 8 and 21 November", "3"), ("Episodes on 3, 8 and 21 November", "8"), ("Bloods again on the 17th.", "17th"), ("seen yesterday (6/9) at home", "6/9"), ("retest 10/28", "10/28"), ("on the fourth of May she fell", "fourth of May")],
    "ages": [("Widow, ninety-one, sharp as ever", "ninety-one"), ("He is now 103. Lives with a nephew", "103"), ("a lady of 94, who still drives", "94"), ("the late Mr Ode, 97, widower of this parish", "97")],
    "provinces, waters and councils": [("cousin in Corner Brook, Newfoundland", "Corner Brook, Newfoundland"), ("moved from Margao, Goa", "Margao, Goa"), ("swam in Lake Rotoiti", "Lake Rotoiti"), ("called to Lot 9, Old Kiln Track again", "Lot 9, Old Kiln Track"), ("funded by Calderbrook Borough Council", "Calderbrook Borough Council")],
    "a name behind a role": [("Gallbladder list, surgeon Oyelaran.", "Oyelaran"), ("Verified: Czarnecki.", "Czarnecki"), ("husband of Thistlewood in bay 2", "Thistlewood"), ("Dictated: W. Ferreyra", "Ferreyra")],
    "a name greeted or numbered": [("Thanks Zubin, will do.", "Zubin"), ("Cheers Aoibhe!", "Aoibhe"), ("List: (1) WETHERALL hip (2) OKONKWO-PRICE knee", "WETHERALL"), ("1. Karunaratne 2. Oduya 3. Szabo", "Karunaratne")],
    "Chinese numbers of any paper": [("周期号IVF-22-0417，获卵九枚", "IVF-22-0417"), ("票据号0071120936，已退", "0071120936"), ("机身号3308124，洗消合格", "3308124"), ("标本登记：B23-00918，左肾", "B23-00918"), ("账号ksyy_zhang无法登录", "ksyy_zhang"), ("网友昵称“爱吃橙子88”留言", "爱吃橙子88"), ("腕带7730125B核对无误", "7730125B"), ("支架批号22H0417-118", "22H0417-118"), ("已打入6222020011112223334", "6222020011112223334")],
    "Chinese places and their corners": [("住翠湖小区7-1-502，独居", "7-1-502"), ("在人民路与建设街路口西南角摔倒", "口西南角"), ("停靠澄江区白鹭码头后发热", "白鹭码头"), ("现住青禾街道月亮湾，随访", "月亮湾")],
    "one Chinese letter beside a rank": [("康复科郝治疗师反馈，患者配合", "郝"), ("明日出院，管床邵。", "邵"), ("麻烦岑姐送一下标本", "岑"), ("寄件地址如下，蒲女士收，邮编略", "蒲"), ("茅、祁两位主治意见不一", "茅"), ("茅、祁两位主治意见不一", "祁"), ("该男子自称姓麴，口音重", "麴")],
    "a Chinese name that is a word": [("制片：高峰；复核：原野；", "原野"), ("受试者安康，身高一米七", "安康"), ("发现人白洁，未造成伤害", "白洁"), ("真名丁大勇，登记时写错", "丁大勇"), ("值班护士注意：木村一郎，日籍", "木村一郎")],
    "Chinese days": [("05-11复查较前吸收", "05-11"), ("3/6拔管，3/9转出ICU", "3/6"), ("拟11/5下午做肠镜", "11/5"), ("患者自述8.19在海边受凉", "8.19"), ("家属表示18日上午来接", "18日"), ("2019年末在外地务工", "2019年末"), ("老人过完年就96了，耳背", "96")],
    "Chinese days without a year, feasts and years of the Republic": [
        ("3/4（周三）门诊复诊，9/12 星期六休息。", "3/4"), ("3/4（周三）门诊复诊，9/12 星期六休息。", "9/12"), ("改约周四（5/8）行胃镜，礼拜一10.12再来。", "5/8"), ("改约周四（5/8）行胃镜，礼拜一10.12再来。", "10.12"),
        ("送检时间 06/09 14:05，出报告 06-11 09:30。", "06/09"), ("送检时间 06/09 14:05，出报告 06-11 09:30。", "06-11"), ("交接：06-1208:00到岗，体温正常。", "06-12"), ("8/9 夜班平稳，8/10晨起发热38.5℃。", "8/9"),
        ("2.3值班张，2.4夜班李，请勿调换。", "2.3"), ("2.3值班张，2.4夜班李，请勿调换。", "2.4"), ("7/28至8/2在海南度假，回来后腹泻。", "7/28"), ("7/28至8/2在海南度假，回来后腹泻。", "8/2"), ("请假5.1-5.4，外出3.8~3.12放假。", "5.1-5.4"),
        ("请假5.1-5.4，外出3.8~3.12放假。", "3.8~3.12"), ("09-30至10-06门诊停诊。", "09-30"), ("09-30至10-06门诊停诊。", "10-06"), ("自6.1起开始服药，3.15起每日一片。", "6.1"), ("自6.1起开始服药，3.15起每日一片。", "3.15"),
        ("群通知（4/7科会），11.9消防演练勿迟到。", "4/7"), ("群通知（4/7科会），11.9消防演练勿迟到。", "11.9"), ("华法林9/8停用，9/11拔除引流管，引流6/7换药。", "9/8"), ("华法林9/8停用，9/11拔除引流管，引流6/7换药。", "9/11"),
        ("华法林9/8停用，9/11拔除引流管，引流6/7换药。", "6/7"), ("家属说是2/6摔的，记得是6.18那天。", "2/6"), ("家属说是2/6摔的，记得是6.18那天。", "6.18"), ("六月三、四日两次呕血，十一月十五至十八日住院。", "六月三、四日"),
        ("六月三、四日两次呕血，十一月十五至十八日住院。", "十一月十五至十八日"), ("19号夜班发现，20日下午转科，23号晚复查。", "19号"), ("19号夜班发现，20日下午转科，23号晚复查。", "20日"), ("19号夜班发现，20日下午转科，23号晚复查。", "23号"),
        ("说好11号来取药，最迟25号之前交材料，7号复查。", "11号"), ("说好11号来取药，最迟25号之前交材料，7号复查。", "25号"), ("说好11号来取药，最迟25号之前交材料，7号复查。", "7号"), ("12、13日两天未解便；3日、5日夜间各发作一次。", "12"),
        ("12、13日两天未解便；3日、5日夜间各发作一次。", "13日"), ("12、13日两天未解便；3日、5日夜间各发作一次。", "3日"), ("12、13日两天未解便；3日、5日夜间各发作一次。", "5日"), ("入组2025-11-0309:15，出组25.12.0116:40。", "2025-11-03"),
        ("入组2025-11-0309:15，出组25.12.0116:40。", "25.12.01"), ("初診114/6/9，回診114-07-02，手術113.12.2408:15。", "114/6/9"), ("初診114/6/9，回診114-07-02，手術113.12.2408:15。", "114-07-02"),
        ("初診114/6/9，回診114-07-02，手術113.12.2408:15。", "113.12.24"), ("民國前生，112年3月15日領藥。", "112年3月15日"), ("重阳当天摔倒，除夕夜发病，从立冬起就咳。", "重阳"), ("重阳当天摔倒，除夕夜发病，从立冬起就咳。", "除夕"),
        ("重阳当天摔倒，除夕夜发病，从立冬起就咳。", "立冬"), ("大年三十急诊，年初五早上出院，初八复查。", "大年三十"), ("大年三十急诊，年初五早上出院，初八复查。", "初五"), ("大年三十急诊，年初五早上出院，初八复查。", "初八"), ("初二晚上胸痛，正月初六上班。", "初二"),
        ("初二晚上胸痛，正月初六上班。", "正月初六"), ("9月2、3、5日三次透析，11月28～30日在外院。", "9月2、3、5日"), ("9月2、3、5日三次透析，11月28～30日在外院。", "11月28～30日")],
    "Chinese ages over 89": [
        ("奶奶今年九十六啦，外公明年一百了。", "九十六"), ("奶奶今年九十六啦，外公明年一百了。", "一百"), ("98多岁高龄，太公九十几岁还下地。", "98"), ("98多岁高龄，太公九十几岁还下地。", "九十"), ("太爷爷九十有五，耳聪目明。", "九十有五"), ("M/94，老人院转介；102/女，失能。", "94"),
        ("M/94，老人院转介；102/女，失能。", "102"), ("阿婆，93，独居；长者，男，96，跌倒。", "93"), ("阿婆，93，独居；长者，男，96，跌倒。", "96"), ("本组年纪最大者99，高龄95的阿公。", "99"), ("本组年纪最大者99，高龄95的阿公。", "95"),
        ("外婆她都94了，老先生已经101，仍清醒。", "94"), ("外婆她都94了，老先生已经101，仍清醒。", "101")],
    "telephones of a house and of Hong Kong": [
        ("拨总机转81127，或转分机6021。", "81127"), ("拨总机转81127，或转分机6021。", "6021"), ("有事直接呼6612，夜间呼叫3309，可拨5518。", "6612"), ("有事直接呼6612，夜间呼叫3309，可拨5518。", "3309"),
        ("有事直接呼6612，夜间呼叫3309，可拨5518。", "5518"), ("传呼机2207，BP机88013，Call机 9213 4410。", "2207"), ("传呼机2207，BP机88013，Call机 9213 4410。", "88013"),
        ("传呼机2207，BP机88013，Call机 9213 4410。", "9213 4410"), ("住宅电话6312 9981，宅28804417，手提9330 1127。", "6312 9981"), ("住宅电话6312 9981，宅28804417，手提9330 1127。", "28804417"),
        ("住宅电话6312 9981，宅28804417，手提9330 1127。", "9330 1127"), ("女儿 9123 4506，太太6677 1029。", "9123 4506"), ("女儿 9123 4506，太太6677 1029。", "6677 1029")],
    "user names": [
        ("用户hanmeimei_86取消预约，登录名wzh0312被锁。", "hanmeimei_86"), ("用户hanmeimei_86取消预约，登录名wzh0312被锁。", "wzh0312"), ("已注销liqiang07，请停用账号zyy_icu。", "zyy_icu"),
        ("工号就是邮箱前缀（k30571），请核对。", "k30571"), ("yao_xj当日审核3份，审计发现liubo12越权登录。", "yao_xj"), ("yao_xj当日审核3份，审计发现liubo12越权登录。", "liubo12")],
    "post codes behind an address or before a town": [
        ("住青山镇柳河村4组，415200，有事写信。", "415200"), ("寄：锦绣路88号 610041 陈先生收", "610041"), ("現住404臺中市北區，戶籍600嘉義市。", "404"), ("現住404臺中市北區，戶籍600嘉義市。", "600")],
    "hosts with a port": [
        ("报告见ris.hb-demo.com:9090/view，内网10.20.3.15:8080。", "ris.hb-demo.com:9090/view"), ("报告见ris.hb-demo.com:9090/view，内网10.20.3.15:8080。", "10.20.3.15:8080"),
        ("登录ehr.demo-hosp.cn修改密码。", "ehr.demo-hosp.cn")],
    "cards told by their holder": [
        ("家属口头提供62284804020000112，已转账；退款卡6217003810022334455。", "62284804020000112"), ("家属口头提供62284804020000112，已转账；退款卡6217003810022334455。", "6217003810022334455")],
    "social security told in Chinese": [
        ("社安卡号 512 33 9087，工卡号221-09-3345。", "512 33 9087"), ("社安卡号 512 33 9087，工卡号221-09-3345。", "221-09-3345")],
    "Chinese names beside a department, a party, a bank or a list": [
        ("神外涂主任会诊，ICU骆医生签字，胸外仇副主任主刀。", "涂"), ("神外涂主任会诊，ICU骆医生签字，胸外仇副主任主刀。", "骆"), ("神外涂主任会诊，ICU骆医生签字，胸外仇副主任主刀。", "仇"), ("亲爱的柏医生、感谢令护士长。", "柏"), ("亲爱的柏医生、感谢令护士长。", "令"),
        ("咨询师来过，心理科谌心理师评估，由班康复师训练。", "谌"), ("城关派出所冼警官做笔录，南苑社区滑书记陪同。", "冼"), ("城关派出所冼警官做笔录，南苑社区滑书记陪同。", "滑"), ("汤总已上台，请邬总会诊。", "汤"), ("汤总已上台，请邬总会诊。", "邬"), ("离休厅长邵老，患冠心病；臧老今晨低热。", "邵"),
        ("离休厅长邵老，患冠心病；臧老今晨低热。", "臧"), ("网络中心窦工说明天换交换机，设备科卞工已到场。", "窦"), ("网络中心窦工说明天换交换机，设备科卞工已到场。", "卞"), ("巡查人郜，核对者仉。", "郜"), ("巡查人郜，核对者仉。", "仉"), ("MDT：病理高婧、肿瘤谭志远、营养孟洁参加。", "高婧"),
        ("MDT：病理高婧、肿瘤谭志远、营养孟洁参加。", "谭志远"), ("MDT：病理高婧、肿瘤谭志远、营养孟洁参加。", "孟洁"), ("填报人暴兰，开户名冉春梅，领款人过宏。", "暴兰"), ("填报人暴兰，开户名冉春梅，领款人过宏。", "冉春梅"), ("填报人暴兰，开户名冉春梅，领款人过宏。", "过宏"),
        ("受试者花千里于2025年签署，当班人常乐、柏青。", "花千里"), ("受试者花千里于2025年签署，当班人常乐、柏青。", "常乐"), ("户名阿扎提别克，收款人娜孜古丽。", "阿扎提别克"), ("户名阿扎提别克，收款人娜孜古丽。", "娜孜古丽"), ("退至邱小红工行卡，汇给米国强账户。", "邱小红"),
        ("退至邱小红工行卡，汇给米国强账户。", "米国强"), ("母亲拉姆东知签字，护士多杰才旦。", "拉姆东知"), ("母亲拉姆东知签字，护士多杰才旦。", "多杰才旦"), ("工友“大炮”送来，发小“四眼”已去世。", "大炮"), ("工友“大炮”送来，发小“四眼”已去世。", "四眼"),
        ("Pt. Nowicki，45F，发热；床 Haugland，71岁。", "Nowicki"), ("Pt. Nowicki，45F，发热；床 Haugland，71岁。", "Haugland"), ("Brzezinski，男，58岁，胸痛2h。", "Brzezinski")],
    "names no list has": [("Seen on the ward round with Vanterpool today", "Vanterpool"), ("Sutures out by Kocsis yesterday.", "Kocsis")],
}
STAYS = [
    "No 10 blade, no 5 Ryle's tube, ref range 3.5-5.1", "Study ID to follow, number needed 12", "Order 500 mg, file 3 of 4, block 2 mL", "PS 120/80, PC 20, DC shock 200 J", "branch retinal vein, sort of 6 weeks", "HP 4 tablets, MP joints 2 and 3",
    "CD20 POS, CK20 NEG, driver mutation KRAS G12D", "on the 5th metatarsal, on the 3rd attempt, by the 50th centile", "today 5/10 pain, tonight 2/7 of abx", "Pain yesterday (7/10), less today", "Lot 7, expiry checked", "Reflexes 2, 3 and 4 plus", "user error, sign in as usual, log in failed", "lot of pain, subject to review", "dose moved to 2.5 mg", "at 1200 2400 and 0600", "Temp now 101.2, sats now 95.", "Lake-like lesion, mount slides in resin",
    "surgeon present, Verified: Normal, wife of patient", "Thanks again, Dear Colleague, Hi Team,", "1. Pneumonia 2. Gout 3. Metformin 500 mg", "(1) Klebsiella (2) Augmentin started", "Commenced Flaminal, GeneXpert pos, QTc 440", "Speaks Tagalog and some Ilocano at home",
    "四肢肌力5/5，晚间复查同前。", "右上肢肌力3/5～4/5，余5/5。", "管腔狭窄1/3～1/2，中段为著。", "VAS评分3/10 晚间降至1/10。", "阿普唑仑1/2片晚上口服，1/4片早上口服。", "肿块占宫腔2/3，已切除。", "空腹血糖5.6～7.8mmol/L，餐后8.1-10.3mmol/L。",
    "血钾3.5-5.1，血磷1.1～1.5。", "糖化6.5-7.5之间，控制尚可。", "肌酐从10.2降至8.4，尿素12.6。", "血红蛋白12.5早上抽血所得。", "左房前后径10.1白班复测。", "心率96，血氧97，呼吸20。", "患者90分钟后苏醒，评分90分。", "转速3000转，离心10分钟。",
    "离心后转3号离心机再转1500r/min。", "女，血压130/80mmHg，体重96kg。", "Barthel指数95，ADL 90分。", "老人血氧97，心率102，呼吸平稳。", "老太太脉搏98，血压平稳。", "3号手术间上午消毒，5号床下午换药。", "2-0号线缝合，10号刀片。", "胃管插入55cm，16号针头留置。",
    "4号还未分娩，先开5号产房。", "术后3日上午拔管，住院5日晚发热。", "每2日早上换药一次，共7日下午结束。", "第3日凌晨体温正常，隔日早上注射。", "请打120急救，或拨打110。", "先打500ml，再打250ml。", "可呼叫值班医师，请呼吸科会诊。", "呼吸机参数：潮气量450，频率12。", "请转1203床，再转2号楼检查。",
    "用户需空腹8小时，账户余额不足。", "口令和密码请勿外传，登录系统3次失败。", "操作员v2.1版本，权限win10系统。", "公式为a_b模型，参数lambda_max正常。", "ABCD2评分4分，eGFR 62ml/min/1.73m2。", "3号楼,123级台阶。", "白细胞计数, 12.5×10^9/L, 血小板 234000",
    "EDTA.K2管，pH 7.35，HCO3 22.1。", "比例1:8080，滴度1:320。", "Cochrane.library检索，GraphPad.Prism作图。", "初一学生，初二下学期开始近视，初三女生。", "今年初三，学习压力大，每年初四季度体检。", "中秋月饼吃多了腹泻，端午粽子不宜。", "小暑节气养生，立春后易过敏，冬至饺子。",
    "大寒战后高热，小满足感。", "清明上河图认知训练，清明亮度正常。", "科室汇总，全总人数，合计总数。", "养老机构，古老疗法，衰老表现，元老级。", "信息科员工培训，后勤人工核对，设备科职工体检。", "汇总,已完成；归总。", "心外副主任查房，神内主任医师会诊，影像科主任审核。", "尊敬的各位老师，亲爱的小朋友。",
    "受试者应于用药前空腹，受试者均于次日随访。", "责任人不明确、未落实，责任人应签署。", "影像检查、介入治疗参加医保报销。", "病理易漏诊、超声高度怀疑，多学科讨论。", "麻醉方式、麻醉平面满意，讨论后手术。", "转入账户失败，退至银行卡，转至医院账户。", "同学“嘲笑”他，家属“要求”出院。",
    "Foley，16F，留置。Holter，24h监测。", "Foley，3天，更换。", "Aspirin，100mg，qd。患者Aspirin，65岁起服。", "血压120/80/60，比值115/10。", "第112次随访，113年月刊。",
]


@pytest.mark.parametrize("text, identity", [pair for pairs in GONE.values() for pair in pairs])
def test_what_identifies_goes(text, identity):
    gone = {place for span in CLEANER.clean(text, None, None, None).spans for place in range(span.start, span.end)}
    start = text.index(identity)
    assert all(place in gone for place in range(start, start + len(identity)) if text[place].isalnum()), CLEANER.clean(text, None, None, None).text


@pytest.mark.parametrize("text", STAYS)
def test_the_near_miss_stays(text):
    assert CLEANER.clean(text, None, None, None).text == text
