# ruff: noqa: E501, SIM905 - word lists are data: a line is one of them, whole

"""Made-up names of the peoples a hospital meets, put together at random from name parts in common use. No record of anyone."""
from __future__ import annotations

from random import Random

from pipelines.phi_zone.text import words

UYGHUR = words.peoples_cn()["u"]
KAZAKH = words.peoples_cn()["k"]
TIBETAN = words.peoples_cn()["t"]
MONGOL = words.peoples_cn()["m"]
FOREIGN = "阿 艾 安 巴 贝 本 比 布 查 达 戴 丹 德 迪 杜 多 恩 尔 法 菲 弗 格 古 哈 海 汉 赫 亨 霍 基 吉 加 杰 卡 凯 科 克 库 拉 莱 兰 劳 勒 雷 里 利 林 卢 罗 洛 马 麦 曼 梅 米 莫 姆 纳 内 尼 诺 帕 佩 皮 普 奇 乔 让 瑞 萨 塞 森 沙 斯 苏 塔 泰 特 托 瓦 威 维 沃 西 希 夏 谢 休 雅 亚 伊 约 泽 扎 詹 兹".split()
TRANSLITERATED = words.peoples_cn()["f"]
PET = "豆 果 朵 萌 甜 糖 妞 毛 虎 壮 宝 贝 童 点 丁 泡 米 可 多 阳 晨 轩 涵 妮 依 恩 心 安 乐 欢 笑 墩 胖 团 圆 桃 杏 苗 芽 星 月 晴 霏 瑶 琪 洋 航 峰 帅 强 婷 娜 丽 芳 静 敏 佳 倩 思 念 希 欣 诺 奇".split()
"""Letters of which a child's name at home is made, said twice or after 小."""
JAPANESE = "铃木 高桥 田中 渡边 伊藤 山本 中村 小林 加藤 吉田 山田 佐佐木 山口 松本 井上 木村 清水 斋藤 桥本 石川 前田 藤田 冈田 后藤 长谷川 村上 近藤 坂本 远藤 青木".split()
JAPANESE_GIVEN = "太郎 次郎 和也 健太 大辅 直树 翔太 美咲 由美 惠子 裕子 阳子 真由美 智子 幸子 拓也 浩二 雅人 诚 薰 千夏 花子 正雄 义男".split()
KOREAN, KOREAN_GIVEN = "金朴崔郑姜尹张林韩申徐权黄安宋全洪", "贤俊敏浩英秀宰勋智恩惠静美善喜正宇成镇泰东民珠妍娜允瑞采河延"
VIETNAMESE, VIETNAMESE_MIDDLE, VIETNAMESE_GIVEN = "阮黎陈范黄武潘邓裴杜胡吴", "文氏德春玉金", "强勇海山兰芳香花秋草明俊清平龙凤莲梅孝忠"
HAN_ROMAN = "Chan Wong Cheung Leung Lam Lau Ng Cheng Kwok Chow Tsang Yeung Chiu Tang Tsai Hsu Hsieh Chang Lai Yip Fung Mak Poon Siu Tse Chau Kwan Lui Ip Szeto Au Mok Choi Yuen Tam Chu Lo Pang Yau Hui Kuo Liao Chuang Hsiao Tseng Teng Shih".split()
HAN_GIVEN = "Tai Man Siu Ming Ka Yan Wai Kwok Chi Hung Wing Sze Lok Yee Mei Ling Hoi Kit Chun Yin Pui Shan Kin Fai Lai Kuen Suk Fan Chih Hao Hua Ya Ting Yu Hsuan Chia Wen Cheng Han Shu Fen Chien Hung Jen Yi Hsin Po Wei Kuan Tzu Ching".split()
VIET_ROMAN, VIET_GIVEN = "Nguyen Tran Le Pham Hoang Phan Vu Vo Dang Bui Do Ngo Duong Ly".split(), "Thi Van Duc Minh Anh Hoa Lan Huong Thanh Tuan Hung Linh Trang Phuong Quang Mai Thuy Hieu Long Dung".split()
KOREA_ROMAN, KOREA_GIVEN = "Kim Park Lee Choi Jung Kang Cho Yoon Jang Lim Han Shin Kwon Hwang Ahn Song Yoo Hong Seo Bae".split(), "ji hoon min soo jin hyun woo young seo yeon eun hye sung jun tae mi kyung jae won dong hee su bin".split()
PARTICLE = ("van der", "van den", "van", "von", "de la", "de", "del", "de los", "di", "da", "dos", "bin", "al", "el", "du", "le", "von der", "della")
DEGREE = ("MD", "DO", "RN", "NP", "PA-C", "PA", "LPN", "LCSW", "PharmD", "CRNA", "PhD", "CNM", "SLP", "DPM", "RRT", "FNP", "OTR/L", "DPT", "FACS", "RD")


def minority(rng: Random) -> str:
    """A Uyghur, Kazakh, Tibetan or Mongolian name in Chinese characters."""
    draw = rng.random()
    if draw < 0.4:
        first, second = rng.choice(UYGHUR if draw < 0.28 else KAZAKH), rng.choice(UYGHUR if draw < 0.28 else KAZAKH)
        return f"{first}·{second}" if draw < 0.34 else first
    if draw < 0.75:
        return rng.choice(TIBETAN) + (rng.choice(TIBETAN) if rng.random() < 0.9 else "")
    return rng.choice(MONGOL) + (rng.choice(MONGOL) if rng.random() < 0.5 else "")


def pet_name(rng: Random) -> str:
    """What a child is called at home."""
    letter = rng.choice(PET)
    return letter * 2 if rng.random() < 0.6 else rng.choice("小大阿") + letter if rng.random() < 0.7 else letter + rng.choice("儿宝宝仔妹")


def foreigner(rng: Random) -> str:
    """A foreign name as Chinese writes it."""
    draw = rng.random()
    if draw < 0.2:
        return rng.choice(TRANSLITERATED)
    if draw < 0.55:
        parts = ["".join(rng.choice(FOREIGN) for _ in range(rng.randint(2, 4))) for _ in range(2)]
        return "·".join(parts) if draw < 0.45 else parts[0]
    if draw < 0.75:
        return rng.choice(JAPANESE) + rng.choice(JAPANESE_GIVEN)
    if draw < 0.88:
        return rng.choice(KOREAN) + rng.choice(KOREAN_GIVEN) + rng.choice(KOREAN_GIVEN)
    return rng.choice(VIETNAMESE) + rng.choice(VIETNAMESE_MIDDLE) + rng.choice(VIETNAMESE_GIVEN)


def romanised(rng: Random) -> str:
    """A Cantonese, Taiwanese, Vietnamese or Korean name in Latin letters, family name first or last."""
    draw = rng.random()
    if draw < 0.5:
        family, one, two = rng.choice(HAN_ROMAN), rng.choice(HAN_GIVEN), rng.choice(HAN_GIVEN)
        given = f"{one} {two}" if draw < 0.25 else f"{one}-{two.lower() if draw < 0.4 else two}"
    elif draw < 0.75:
        family, given = rng.choice(VIET_ROMAN), " ".join(rng.choice(VIET_GIVEN) for _ in range(2))
    else:
        family, given = rng.choice(KOREA_ROMAN), f"{rng.choice(KOREA_GIVEN).title()}-{rng.choice(KOREA_GIVEN)}"
    return f"{family} {given}" if rng.random() < 0.7 else f"{given} {family}"
