# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""What the templates of the training sentences are filled with: made-up persons, places and institutions, and ordinary words."""
from __future__ import annotations

import random
import re
from itertools import accumulate
from math import exp

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.training import people

SLOT = re.compile(r"\{([A-Za-z])\}")
FREQUENT = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
LEVEL_ONE = "".join(bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF) if (high, low) < (0xD7, 0xFA))
"""The 3,755 characters of GB 2312 level one: any of them can stand in a given name."""
WORD_GIVEN = ("高峰", "江山", "黄河", "白云", "白雪", "马蹄", "安然", "万里", "方圆", "石林", "常青", "温暖", "康健", "平安", "向阳", "成功", "关心", "金山", "雷雨", "华夏", "田园", "明月", "秋实", "程序", "江南", "夏天", "雷达", "时光")
LATIN = "ABCDEFGHIKLMNPRSTVWX"
LITTLE = "在 上 下 个 上个月 拍 问 想 说 看 打 给 等 又 还 就 才 把 被 让 去 来 到 过 了 着 的 得 很 更 每 各 两 三 四 次 天 月 年 点 时 片 粒 支 张 只 条 吃 喝 睡 走 做 用 需 请 由 从 向 因 于 前 后 内 外 里 中 左 右 大 小 少 多 好 差 高 低 快 慢 已 未 无 有 不 没 也 都 仍 再 先 能 会 要 可 应 将 写 开 换 拔 拆 剪 送 收 转 查 测 量 取 抽 输 停 加 减".split()
"""Words of one character and the like, between the others."""
ROADS = "中山 人民 解放 建设 和平 长江 黄河 新华 胜利 文化 光明 北京 南京 青年 育才 迎宾 滨河 湖滨 东风 红旗 朝阳 幸福 团结 友谊 学府 工农 兴业 科技 环城 延安 淮海 四川 西藏 衡山 虹桥 天山 民生 花园 桂林 漕溪 龙华 宜山 春申 七宝 莲花 金沙江 大渡河 石龙 百色 梧桐 银杏 凤凰 枫林 桃源".split()
ROAD_ENDS = ("路", "街", "大道", "巷", "路", "路", "大街", "东路", "西路", "南路", "北路", "中路", "胡同")
ESTATES = "阳光 锦绣 翠湖 金色 绿城 世纪 康桥 怡景 丽水 东方 龙湖 碧桂 万科 保利 明珠 春天 御景 祥和 平安 瑞金".split()
VILLAGES = "王家 李庄 张店 大柳 小河 石桥 上坪 下湾 东坡 西沟 马营 杨树 红土 青石 白塔 双龙 三合 五里 七里 新民 永丰 太平".split()
VILLAGE_ENDS = ("镇", "乡", "村", "屯", "庄", "街道", "村委会", "社区", "新村", "小区", "花园", "公寓", "家园", "苑")
SHORT_HOSPITALS = "一院 二院 三院 四院 五院 一附院 二附院 三附院 中医院 妇幼 儿医 肿瘤 胸科 脑科 口腔 传染病院".split()
SHORT_HEADS = "省 市 县 区 北医 上医 浙大 川大 中南 湘雅 交大 医大 吉大 山大 郑大 南医大 重医 安医 苏大 哈医大 中国医大 军区 铁路 矿务局 油田 农垦".split()
ORG_KINDS = ("人民医院", "中心医院", "第一人民医院", "第二人民医院", "第三人民医院", "中医院", "中西医结合医院", "妇幼保健院", "儿童医院", "肿瘤医院", "胸科医院", "口腔医院", "眼科医院", "骨科医院", "传染病医院", "精神卫生中心", "疾控中心",
             "社区卫生服务中心", "卫生院", "职业病防治院", "康复医院", "急救中心", "体检中心")
ORG_OTHER = ("机械厂", "纺织厂", "小学", "第二中学", "实验中学", "幼儿园", "职业技术学院", "师范大学", "理工大学", "科技有限公司", "建筑工程公司", "化工集团", "派出所", "供电局", "水泥厂", "食品厂", "敬老院", "养老院", "医学检验所", "基因科技有限公司")
BRANDS = "华山 瑞金 仁济 中山 协和 湘雅 同济 华西 齐鲁 西京 南方 珠江 东方 康华 和睦家 明德 博爱 仁爱 慈济 长征 长海 龙华 曙光 岳阳 新华 瑞东 安贞 天坛 宣武 朝阳 友谊 同仁 积水潭 阜外".split()
SYLLABLES = "ka ri to na mi sha pra vi jin wei lu zha ngo chi bu ola yem ade kow czy ski nov ova escu ian mar go lo pez ram esh dee pak no gu tran yen kim pa ri bai xu qi hao ul ah med sal im fa ti ma zsa bor is dor va hel ga sven bjo ol sen".split()
STREETS_EN = "Main Oak Maple Cedar Elm Pine Washington Lincoln Park Walnut Spruce Sunset Highland Franklin Jefferson Madison Church Mill River Spring Ridge Meadow Forest Hillcrest Lakeview Cherry Dogwood Laurel Magnolia Willow".split()
STREET_ENDS = ("Street", "St", "Avenue", "Ave", "Road", "Rd", "Drive", "Dr", "Lane", "Ln", "Court", "Boulevard", "Blvd", "Way", "Place", "Circle", "Terrace")
ORG_EN = ("{P} General Hospital", "{P} Medical Center", "St. {F} Hospital", "University of {S}", "{P} Community Hospital", "{P} Regional Medical Center", "{L} Memorial Hospital", "{L} Clinic", "{P} Family Practice", "{P} Nursing Home", "{P} Health System",
          "{L} Rehabilitation Center", "{P} High School", "{P} State University", "{L} Elementary School", "{L} and Sons", "{L} Industries", "{P} Police Department", "{P} VA Medical Center", "{P} Children's Hospital", "Mount {L} Hospital", "{L} Cancer Institute", "{L} Logistics", "{P} Urgent Care",
          "{L} Elementary", "{P} Middle School", "{L} Orthopedic Associates", "{P} Surgical Associates", "{L} Skilled Nursing Facility", "{P} Assisted Living", "{P} Fire Department", "{L} Insurance", "{L} Pharmacy", "{P} Dialysis", "St. {F}'s", "{S} State", "{P} Oncology Group", "{L} Trucking", "{L} Foods", "{P} Hospice", "{L} Manufacturing", "Our Lady of {P}")


class Chinese:
    """Fills Chinese templates."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.places = rng, words.places_cn()
        self.rare = sorted(words.surnames_cn())
        self.compound = sorted(words.compound_surnames_cn())
        self.ordinary = sorted(words.pairs_cn())
        self.nameish = [word for word in self.ordinary if word[0] in words.surnames_cn()]
        self.firms = [name for names in words.firms_cn().values() for name in names]
        self.world = sorted(words.world_places_cn())
        self.latin = sorted(word.title() for word in (*words.drugs_en(), *words.eponyms_en()))
        self.medical = sorted(words.medical_cn())
        self.heads = [word for word in self.medical if word[0] in words.surname_letters_cn()]
        self.usual = list(words.given_rank_cn())
        self.often = list(accumulate(0.75 * exp(-place / 110) / 110 + 0.25 * exp(-place / 400) / 400 for place in range(len(self.usual))))

    def surname(self) -> str:
        return self.rng.choice(FREQUENT) if self.rng.random() < 0.8 else self.rng.choice(self.rare)

    def name(self) -> str:
        draw = self.rng.random()
        if draw < 0.06:
            return people.minority(self.rng)
        if draw < 0.1:
            return people.foreigner(self.rng)
        if draw < 0.11:
            return people.romanised(self.rng)
        if draw < 0.15:
            return self.surname() + self.rng.choice(WORD_GIVEN)
        if draw < 0.19:
            return self.rng.choice(self.compound) + self.given(1) + self.given(self.rng.randint(0, 1))
        name = self.surname() + self.given(1 if self.rng.random() < 0.25 else 2 if self.rng.random() < 0.99 else 3)
        return " ".join(name) if self.rng.random() < 0.02 else name

    def given_alone(self) -> str:
        """What family and friends say: two letters, or one twice."""
        return self.given(2) if self.rng.random() < 0.8 else self.given(1) * 2

    def given(self, count: int) -> str:
        return "".join(self._given_letter() for _ in range(count))

    def _given_letter(self) -> str:
        draw = self.rng.random()
        if draw < 0.72:
            return self.rng.choices(self.usual, cum_weights=self.often)[0]
        return self.rng.choice(self.usual[:800] if draw < 0.9 else self.usual if draw < 0.98 else LEVEL_ONE)

    def clause(self) -> str:
        """Ordinary and clinical words one after another, some of which begin as a family name does: no identity."""
        return "".join(self._word() for _ in range(self.rng.randint(2, 6)))

    def _word(self) -> str:
        draw = self.rng.random()
        return self.rng.choice(LITTLE if draw < 0.28 else self.medical if draw < 0.48 else self.heads if draw < 0.62 else self.nameish if draw < 0.84 else self.ordinary)

    def place(self) -> str:
        draw = self.rng.random()
        province, city, district = (self.rng.choice(self.places[level]) for level in "pcd")
        options = (province, city, district, province + city, city + district, province.removesuffix("省"), city.removesuffix("市"), district + self.rng.choice(VILLAGES) + self.rng.choice("镇乡村"),
                   district[:-1] if len(district) > 2 else district, city.removesuffix("市") + (district[:-1] if len(district) > 2 else district), self.rng.choice(self.world), self.rng.choice(VILLAGES) + self.rng.choice(VILLAGE_ENDS),
                   self.rng.choice(ESTATES) + self.rng.choice(VILLAGE_ENDS[5:]), province.removesuffix("省") + city.removesuffix("市"), self.rng.choice(ROADS) + self.rng.choice(ROAD_ENDS))
        return options[int(draw * len(options))]

    def address(self) -> str:
        head = self.rng.choice(("", self.place(), self.rng.choice(self.places["c"]) + self.rng.choice(self.places["d"]), self.rng.choice(self.places["d"])))
        if self.rng.random() < 0.25:
            return head + self.rng.choice(VILLAGES) + self.rng.choice(("镇", "乡")) + self.rng.choice(VILLAGES) + "村" + (f"{self.rng.randint(1, 12)}组" if self.rng.random() < 0.6 else "")
        road = self.rng.choice(ROADS) + self.rng.choice(ROAD_ENDS)
        tail = self.rng.choice(("号", "弄", "号院", "号")) if self.rng.random() < 0.9 else ""
        unit = self.rng.choice(("", f"{self.rng.randint(1, 40)}号{self.rng.randint(101, 2204)}室", f"{self.rng.randint(1, 30)}栋{self.rng.randint(1, 4)}单元{self.rng.randint(101, 1802)}室", f"{self.rng.choice(ESTATES)}花园{self.rng.randint(1, 20)}幢"))
        return head + road + (f"{self.rng.randint(1, 1999)}{tail}" if tail else "") + unit

    def organisation(self) -> str:
        draw = self.rng.random()
        place = self.rng.choice((self.rng.choice(self.places["c"]), self.rng.choice(self.places["d"]), self.rng.choice(self.places["p"]).removesuffix("省")))
        if draw < 0.55:
            return place + self.rng.choice(ORG_KINDS)
        if draw < 0.75:
            return self.rng.choice(("", place)) + self.rng.choice(BRANDS) + self.rng.choice(("医院", "医院", "医院东院", "门诊部", "体检中心"))
        if draw < 0.8:
            return self.rng.choice(SHORT_HEADS) + self.rng.choice(SHORT_HOSPITALS[:8]) if self.rng.random() < 0.6 else self.rng.choice(self.firms)
        if draw < 0.85:
            return self.rng.choice(BRANDS) + "大学附属" + self.rng.choice(("第一医院", "医院", "肿瘤医院", "儿童医院"))
        return self.rng.choice((place, self.rng.choice(BRANDS), self.rng.choice(ESTATES))) + self.rng.choice(ORG_OTHER)

    def plain(self, slot: str) -> str:
        rng = self.rng
        return {"d": f"20{rng.randint(10, 25)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日", "n": str(rng.randint(1, 20)), "a": str(rng.randint(1, 96)), "g": rng.choice("男女"), "m": rng.choice(self.medical), "h": rng.choice(self.heads),
                "w": rng.choice(self.ordinary), "x": "".join(rng.choice(LATIN) for _ in range(rng.randint(2, 6))) if rng.random() < 0.5 else rng.choice(self.latin)}[slot]

    def entity(self, slot: str) -> tuple[str, str]:
        made = {"N": ("NAME", self.name), "K": ("NAME", lambda: people.pet_name(self.rng)), "S": ("NAME", self.surname), "G": ("NAME", self.given_alone), "A": ("ADDR", self.address), "P": ("ADDR", self.place), "O": ("ORG", self.organisation)}
        kind, make = made[slot]
        return kind, make()


class English(Chinese):
    """Fills English templates."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        us = words.places_us()
        self.first_names = sorted(words.given_us())
        self.family = sorted(words.surnames_us())
        self.common_given, self.common_family = self._first("surnames_us_given.txt", 400), self._first("surnames_us.txt", 1200)
        self.cities = [*us["c"][:900], *us["w"][:150]]
        self.states = us["s"][1::2]
        self.ordinary = sorted(word for word in words.words_en() if word.title() not in words.given_us())
        self.eponyms, self.drugs = sorted(words.eponyms_en()), sorted(words.drugs_en())

    @staticmethod
    def _first(name: str, count: int) -> list[str]:
        return [w for line in (words.CODES / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#") for w in line.split()][:count]

    def name(self) -> str:
        rng = self.rng
        first, last = self.first_name(), self.last_name()
        draw = rng.random()
        middle = f" {rng.choice('ABCDEFGHJKLMNPRSTW')}." if draw < 0.12 else f" {self.first_name()}" if draw < 0.24 else ""
        if draw > 0.94:
            return people.romanised(rng)
        name = f"{first}{middle} {last}"
        return name.upper() if rng.random() < 0.04 else name

    def short_name(self) -> str:
        """Initials and a family name."""
        rng = self.rng
        dot = "." if rng.random() < 0.85 else ""
        initials = "".join(f"{rng.choice('ABCDEFGHIJKLMNOPRSTVWY')}{dot}" for _ in range(1 if rng.random() < 0.85 else 2))
        return f"{initials}{'' if rng.random() < 0.06 and dot else ' '}{self.last_name()}"

    def capitals(self) -> str:
        """A family name or a whole name in capitals."""
        return (self.last_name() if self.rng.random() < 0.5 else self.name()).upper()

    def small(self) -> str:
        """A name as hurried typists write it, in small letters."""
        draw = self.rng.random()
        return (self.first_name() if draw < 0.5 else self.last_name() if draw < 0.75 else f"{self.first_name()} {self.last_name()}").lower()

    def clause(self) -> str:
        return " ".join(self.rng.choice(self.ordinary) for _ in range(self.rng.randint(2, 5)))

    def first_name(self) -> str:
        draw = self.rng.random()
        if draw < 0.28:   # a name no list knows: syllables
            return "".join(self.rng.choice(SYLLABLES) for _ in range(self.rng.randint(2, 3))).title()
        return self.rng.choice(self.common_given if draw < 0.55 else self.first_names)

    def last_name(self) -> str:
        rng = self.rng
        last = rng.choice(self.common_family if rng.random() < 0.55 else self.family)
        if rng.random() < 0.28:
            last = "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4))).title()
        draw = rng.random()
        if draw < 0.06:
            return rng.choice(("O’", "Mc", "Mac", "Van ", "De ", "Al-", "St. ", "O'")) + last
        if draw > 0.92:
            return f"{rng.choice(people.PARTICLE)} {last}"
        return f"{last}-{rng.choice(self.common_family)}" if draw < 0.1 else last

    def place(self) -> str:
        city, state = self.rng.choice(self.cities), self.rng.choice(self.states)
        return self.rng.choice((city, city, state, f"{city}, {state}"))

    def address(self) -> str:
        rng = self.rng
        unit = f", Apt {rng.randint(1, 40)}" if rng.random() < 0.2 else ""
        return f"{rng.randint(1, 9999)} {rng.choice(STREETS_EN if rng.random() < 0.6 else self.common_family)} {rng.choice(STREET_ENDS)}{unit}"

    def organisation(self) -> str:
        text = self.rng.choice(ORG_EN)
        return SLOT.sub(lambda m: {"P": self.rng.choice(self.cities), "F": self.first_name(), "S": self.rng.choice(self.states), "L": self.last_name()}[m[1]], text)

    def plain(self, slot: str) -> str:
        rng = self.rng
        return {"d": f"{rng.randint(1, 12)}/{rng.randint(1, 28)}/20{rng.randint(10, 25)}", "n": str(rng.randint(1, 20)), "a": str(rng.randint(18, 96)), "g": rng.choice(("male", "female", "man", "woman")), "c": rng.choice(people.DEGREE),
                "w": rng.choice(self.ordinary).title() if rng.random() < 0.7 else rng.choice(self.ordinary), "e": rng.choice(self.eponyms), "t": rng.choice(self.drugs).title()}[slot]

    def entity(self, slot: str) -> tuple[str, str]:
        made = {"N": ("NAME", self.name), "F": ("NAME", self.first_name), "L": ("NAME", self.last_name), "I": ("NAME", self.short_name), "U": ("NAME", self.capitals), "Y": ("NAME", self.small), "A": ("ADDR", self.address), "P": ("ADDR", self.place), "O": ("ORG", self.organisation)}
        kind, make = made[slot]
        return kind, make()
