"""The words made-up people are made of. Streets, hospitals and names are invented or so common that they point at nobody."""

from __future__ import annotations

SURNAMES = [
    "陈",
    "林",
    "黄",
    "周",
    "吴",
    "徐",
    "孙",
    "朱",
    "高",
    "郭",
    "何",
    "罗",
    "郑",
    "梁",
    "谢",
    "宋",
    "唐",
    "许",
    "韩",
    "冯",
    "邓",
    "曹",
    "彭",
    "曾",
    "肖",
    "田",
    "董",
    "袁",
    "潘",
    "蒋",
    "蔡",
    "余",
    "杜",
    "叶",
    "程",
    "苏",
    "魏",
    "吕",
    "丁",
    "任",
]
COMPOUND_SURNAMES = ["欧阳", "司马", "上官", "诸葛", "慕容", "尉迟"]
GIVEN_MALE = ["志强", "建国", "思远", "浩然", "文博", "俊杰", "国栋", "明轩", "永康", "德华", "少平", "振宇", "立新", "海涛", "景行", "伟"]
GIVEN_FEMALE = [
    "雅婷",
    "秀英",
    "晓梅",
    "丽华",
    "淑珍",
    "梦洁",
    "佳慧",
    "玉兰",
    "思雨",
    "春燕",
    "慧敏",
    "静怡",
    "桂香",
    "若溪",
    "巧云",
    "娟",
]
UYGHUR = [
    ("艾力·买买提", "Eli Memet", "male"),
    ("古丽娜尔·吐尔逊", "Gulnar Tursun", "female"),
    ("阿卜杜热合曼·阿不力孜", "Abdurahman Abliz", "male"),
    ("热依汗古丽·阿布都拉", "Reyhangul Abdulla", "female"),
]
ENGLISH = [
    ("Margaret", "Whitfield", "female"),
    ("Oliver", "Pemberton", "male"),
    ("Harriet", "Lockwood", "female"),
    ("Desmond", "Ashworth", "male"),
]
STREETS = ["梧桐里路", "听雨巷", "青石桥街", "望江亭路", "白鹭洲大道", "紫藤巷", "云锦路", "半山亭路"]
ESTATES = ["锦绣苑", "听涛小区", "桂花新村", "云栖园", "翠湖家园"]
ENGLISH_STREETS = ["Larkspur Lane", "Old Quarry Road", "Heronsgate Avenue", "Thistledown Close"]
# 市辖区 codes: real prefixes of resident identity numbers that no person's number begins with
REGIONS = {"310100": "上海市", "510100": "四川省成都市", "650100": "新疆维吾尔自治区乌鲁木齐市", "330100": "浙江省杭州市"}

HOSPITALS = {
    "sh-east": {"zh": "申浦东岸医院", "en": "Shenpu East Bank Hospital", "department": "申浦东岸医院放射科", "phone": "021-55501200"},
    "cd-west": {"zh": "蓉江西岭医院", "en": "Rongjiang West Ridge Hospital", "department": "蓉江西岭医院影像中心", "phone": "028-55502300"},
    "xj-south": {"zh": "天南绿洲医院", "en": "Tiannan Oasis Hospital", "department": "天南绿洲医院医学影像科", "phone": "0991-5550340"},
}
SITE_NAMES = {
    "sh-east": {"zh": "一号模拟医院", "en": "Simulated hospital one"},
    "cd-west": {"zh": "二号模拟医院", "en": "Simulated hospital two"},
    "xj-south": {"zh": "三号模拟医院", "en": "Simulated hospital three"},
}
RELATIONS = [("配偶", "spouse"), ("女儿", "daughter"), ("儿子", "son"), ("母亲", "mother")]
