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
    "English days by what is beside them": [("plaster clinic, pin removal 4/11, walking", "4/11"), ("POP split, out of splint 3/12.", "3/12"), ("Metformin refilled 9/27 by phone", "9/27"), ("Last depot 11/3, next due", "11/3"), ("could she come 5/12 instead", "5/12"), ("BPs 6/10 144/82, 8/10 138/80", "6/10"), ("home cuff 8/10 138/80 sitting", "8/10"), ("Diary 2/9 7.1, 3/9 missed, resumed", "3/9"), ("clinic closed 23-27/12", "23-27/12"), ("respite 29/12 to 4/1 agreed", "29/12"), ("respite 29/12 to 4/1 agreed", "4/1"), ("cover from Dec 20 to 3/1", "3/1")],
    "English days of courses and rows": [("Cough began 3/18 after travel", "3/18"), ("to ICU 10/27, extubated", "10/27"), ("last paracentesis 9/4, 6 L", "9/4"), ("s/p open chole 2/16 elsewhere", "2/16"), ("s/p L TKR 7/9, doing well", "7/9"), ("School visits 3/5, 10/5, 12/5", "10/5"), ("slots: 2/8, 9/8 or 11/8", "9/8"), ("Pools 1/6, 8/6 and 22/6 booked", "8/6"), ("INR 3.1. 6/11: held. 8/11: restarted", "8/11"), ("Ferritin 6/8 410, 13/8 388, 3/9 290", "3/9"), ("cannot come 6/3 or 7/3", "7/3"), ("back 14th; discharged on the 19th.", "14th")],
    "English days in words, rows and Roman figures": [("Dressings 3, 10 and 17 June, nurse aware", "3, 10 and 17 June"), ("back on the 21st of March", "the 21st of March"), ("booked Weds 14th, fasting", "14th"), ("admitted Sat 3rd, home Mon 5th", "3rd"), ("listed for Tue 6 and Thu 8 at noon", "6"), ("sutures due 18th.", "18th"), ("Consent signed 7.ix.25, copy filed", "7.ix.25"), ("admitted 19 III 2024, left next day", "19 III 2024")],
    "feasts": [("Fell on Anzac Day at the march", "Anzac Day"), ("no clinic Good Friday", "Good Friday"), ("ate late on the 27th night of Ramadan", "27th night of Ramadan"), ("worse since Deepavali 2025", "Deepavali 2025"), ("pain began the day after Thanksgiving", "the day after Thanksgiving"), ("seen past Passover", "Passover"), ("since St David's Day", "St David's Day")],
    "ages told": [("In his 97th year, gardens daily", "97th"), ("turning ninety-three, baked the cake", "ninety-three"), ("Her husband is 94, carer himself", "94"), ("I'm 92 and I cook", "92"), ("Frail; at 98 he wants no tubes", "98"), ("Father died at ninety-six.", "ninety-six"), ("A hundred and three, lives with a niece", "A hundred and three"), ("No falls. 99 and fiercely independent", "99"), ("Suresh, 91/M, brought in", "91"), ("seen 90y, on no tablets", "90"), ("before her ninetieth birthday", "ninetieth"), ("Will be 96 in October", "96"), ("at the grand age of 97", "97"), ('"Almost 95, nurse," he said', "95")],
    "plates": [("hit by a blue Corolla JWR 802 outside", "JWR 802"), ("bakkie plate CA 514-882 overturned", "CA 514-882"), ("red Micra parked across the bay, 12-LK-3390, move it", "12-LK-3390"), ("scooter MH 14 GT 8821 struck him", "MH 14 GT 8821"), ("Rego noted: 1KV 7XD, police told", "1KV 7XD"), ("left in KBZ 903F by neighbours", "KBZ 903F"), ("ambulance bay blocked by 182 CE 5510, tow", "182 CE 5510")],
    "user names and payees": [("signed in as tpatel_ot, screen left open", "tpatel_ot"), ("Amended by dnowak3 on 4 May", "dnowak3"), ("logged in as rkapoor, all scans moved", "rkapoor"), ("messages from @granny_jo99 saved", "@granny_jo99"), ("handle @windmillkate in the forum", "@windmillkate"), ("Paid by UPI to rsen.44@oksbi today", "rsen.44@oksbi"), ("UPI ID lata77@northpay", "lata77@northpay"), ("Member no HKX 220 418 903, dental", "HKX 220 418 903"), ("card reads 4211 70839 2, ref 1", "4211 70839 2"), ("bill HOS-41882 unpaid", "HOS-41882"), ("pre-approved, auth 2025-770341", "2025-770341"), ("police report B/4417/2025 taken", "B/4417/2025")],
    "hosts with a path or a port": [("upload at stluke.edu.ph/forms/consent today", "stluke.edu.ph/forms/consent"), ("PACS on viewer7.lan:8443 is slow", "viewer7.lan:8443"), ("survey tiny.ly/k3Rm1 please", "tiny.ly/k3Rm1"), ("see rota.wmh.nhs.uk for cover", "rota.wmh.nhs.uk"), ("discord gullwing_7 for updates", "gullwing_7"), ("User ID sr_almeida, locked", "sr_almeida")],
    "numbers money and calls go to": [("wired to DE12 5001 0517 0648 4898 90 in euro", "DE12 5001 0517 0648 4898 90"), ("IE29AIBK93115212345678 on file", "IE29AIBK93115212345678"), ("routing 061774405, savings 220418833", "061774405"), ("deposited to 118-204417-2", "118-204417-2"), ("Paged ortho SHO on 6620, coming", "6620"), ("Rang the med reg on 3315.", "3315"), ("whatsapp the photo to 8144 2093", "8144 2093"), ("Rang 5528, no answer", "5528"), ("pharmacist on 6104 will check", "6104"), ("30-92-18 40771193 in her name", "30-92-18 40771193"), ("pay till 708812 at the desk", "708812")],
    "names no list has": [("Seen on the ward round with Vanterpool today", "Vanterpool"), ("Sutures out by Kocsis yesterday.", "Kocsis")],
}
STAYS = [
    "wound check in 2/52, pin site 0/10, growth 3/4 cores", "missed 2/7 doses, refill 1/2 tab, last dose 1/2 tab", "Power 4/5 right, 5/5 left, sats 94-96%", "Grade 2-3/6 murmur, pain 7-9/10, C5-6/7 disc, abx for 7-10/7", "GCS 8/15 to 13/15, VA 6/5 to 6/6, BP 150/90 to 120/80, AV 2/1 to 3/1", "Fri 2nd dose, Mon 3rd cycle, from 3rd, 4th ribs", "Factor 8 VIII 12, nerves 3 iv 20, lead V.4", "Christmas disease, eve of surgery, day 2 of cycle",
    "sats: at 93 on air, HR was 104, he was 98% then", "At 110 bpm she settled, temp 101 and rising", "pressure is ninety over sixty, turned 90 degrees", "104 and regular, rate 98 and still climbing", "car vs bike GCS 15, van driver BP 120/80, bus IV 1000 ml", "KCL 20 mmol, IL17 high, SBP 110 X 2, K 4 after 141", "by week12, by covid19, seen @bed12, tabs@bedtime, 5mg@night, log in failed", "signed off by consultant, user is unknown, account with bank", "q.d/b.i.d, o.d/tds, 5 mg/kg.min/1.73",
    "Nodes 2/14, 0/18, 3/21 involved", "abx 4/7, 14/7 and 28/7, ages 18/12, 24/12", "Power. 4/5: deltoid, 3/5: biceps", "worse 4/5, improved 5/10", "last VA 6/9, last pain 8/10, next dose 1/2 tab", "MMSE 24/30, MoCA 22/30, GCS 14/15 and 13/15", "Creatinine 110. 98 last week. 120 in March.", "He was 92 in room air", "4 x 2010 units, stage 3, 5 x 2000 ml", "called 2222, called 999", "consultant on 2020 audit, nurse on 1200 ml", "driven by nf1, by brca1, transfer 20000000 cells",
    "transfer of 2 embryos, deposit 4 mm, checking 20 cells", "called family on 2 occasions, rang ward on 30 ml/h, call GP on day 3", "ring on 5th finger, texted mum on arrival",
    "No 10 blade, no 5 Ryle's tube, ref range 3.5-5.1", "Study ID to follow, number needed 12", "Order 500 mg, file 3 of 4, block 2 mL", "PS 120/80, PC 20, DC shock 200 J", "branch retinal vein, sort of 6 weeks", "HP 4 tablets, MP joints 2 and 3",
    "CD20 POS, CK20 NEG, driver mutation KRAS G12D", "on the 5th metatarsal, on the 3rd attempt, by the 50th centile", "today 5/10 pain, tonight 2/7 of abx", "Pain yesterday (7/10), less today", "Lot 7, expiry checked", "Reflexes 2, 3 and 4 plus", "user error, sign in as usual, log in failed", "lot of pain, subject to review", "dose moved to 2.5 mg", "at 1200 2400 and 0600", "Temp now 101.2, sats now 95.", "Lake-like lesion, mount slides in resin",
    "surgeon present, Verified: Normal, wife of patient", "Thanks again, Dear Colleague, Hi Team,", "1. Pneumonia 2. Gout 3. Metformin 500 mg", "(1) Klebsiella (2) Augmentin started", "Commenced Flaminal, GeneXpert pos, QTc 440", "Speaks Tagalog and some Ilocano at home",
]


@pytest.mark.parametrize("text, identity", [pair for pairs in GONE.values() for pair in pairs])
def test_what_identifies_goes(text, identity):
    gone = {place for span in CLEANER.clean(text, None, None, None).spans for place in range(span.start, span.end)}
    start = text.index(identity)
    assert all(place in gone for place in range(start, start + len(identity)) if text[place].isalnum()), CLEANER.clean(text, None, None, None).text


@pytest.mark.parametrize("text", STAYS)
def test_the_near_miss_stays(text):
    assert CLEANER.clean(text, None, None, None).text == text
